//! Rows of the feed that are no earning: kept whole, counted nowhere.

use jiff::Timestamp;
use ledger::Reject;
use tokio_postgres::types::Type;

use crate::{Error, Lease, Tx};

impl Tx {
    /// Keeps rows that are no earning. `digests` identify them, so that reading one again adds
    /// nothing. Returns how many were new.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn keep_rejects(
        &self,
        lease: &Lease,
        rejects: &[(String, &Reject)],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let digests: Vec<_> = rejects.iter().map(|(digest, _)| digest.as_str()).collect();
        let reasons: Vec<_> = rejects.iter().map(|(_, r)| r.reason.to_string()).collect();
        let raws: Vec<_> = rejects.iter().map(|(_, r)| r.raw.as_str()).collect();
        self.change(
            "keep_rejects",
            "-- keep_rejects
             insert into earning_rejects
                 (agency_id, model_id, digest, reason, raw, first_seen_at)
             select $1, $2, t.*, $6 from unnest($3::text[], $4::text[], $5::text[]) as t
             on conflict (agency_id, model_id, digest) do nothing",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&digests, Type::TEXT_ARRAY),
                (&reasons, Type::TEXT_ARRAY),
                (&raws, Type::TEXT_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
    }
}
