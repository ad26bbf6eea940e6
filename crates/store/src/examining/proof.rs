//! What the rows say of the nightly proof: whether it runs, whom it leaves out, and what it found.

use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use tokio_postgres::types::Type;

use super::Examiner;
use crate::{Error, proving::COMPARABLE};

/// The nightly proof, as far as accounts are concerned that were connected for fifty hours.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ProofFacts {
    /// Whether there are such accounts.
    pub is_due: bool,
    /// When an agency's sums were last taken up: that is what a night begins with.
    pub ran_at: Option<Timestamp>,
    /// Agencies whose sums were compared with their ledger no later than fifty hours ago, if ever.
    pub agencies_late: i64,
    /// Creators whose days could have been compared with totals, and were not for fifty hours, if ever.
    pub creators_late: i64,
    /// Days that were read again, and differ from Fanvue's total all the same.
    pub settled: i64,
}

impl Examiner {
    /// The nightly proof.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn proof(&self, now: Timestamp) -> Result<ProofFacts, Error> {
        let sql = format!(
            "-- examine_proof
             with due as (
                 select c.agency_id, c.id from fanvue_connections c
                  where c.state = 'active' and c.created_at < $1::timestamptz - interval '50 hours'
             )
             select json_build_object(
                'is_due', exists (select from due),
                'ran_at', (select max(tried_at) from proof_sums),
                'agencies_late', (
                    select count(*) from agencies a
                      left join proof_sums s on s.agency_id = a.id
                     where a.id in (select agency_id from due)
                       and coalesce(s.checked_at < $1::timestamptz - interval '50 hours', true)),
                'creators_late', (
                    select count(*) from models m
                      join due d on d.agency_id = m.agency_id and d.id = m.connection_id
                      join fanvue_connections c on c.agency_id = m.agency_id and c.id = d.id
                      join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                                       and s.sync_type = 'earnings'
                      left join proofs p on p.agency_id = m.agency_id and p.model_id = m.id
                     where {COMPARABLE}
                       and greatest(p.compared_at, m.created_at)
                           < $1::timestamptz - interval '50 hours'),
                'settled', (select count(*) from proof_days where state = 'settled'))"
        );
        let night = now.to_zoned(TimeZone::UTC).date();
        self.told("examine_proof", &sql, &[(&now, Type::TIMESTAMPTZ), (&night, Type::DATE)]).await
    }
}
