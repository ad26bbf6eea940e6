//! The nightly proof: whose days are to be compared with the platform's totals, which of them differ, and
//! how far that has come. What reads them again is the queue of streams: see `claims`.

mod days;
mod deep;
mod noting;
mod pieces;
mod skipped;
mod sums;
mod windows;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use ledger::{AgencyId, ConnectionId, CreatorId};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Reader, Store};

pub use days::{DayVerdict, FoundDay, KnownDay, ProofSums};
pub use deep::{DueHistory, HeldStream};
pub use skipped::NotCompared;
pub use windows::ToRead;
pub(crate) use windows::{OF_PROOF, UNTRIED};

/// Creators whose days totals can tell of: managed by an agency's account that works and is not refused the
/// totals, and read to the end of all the days.
pub(crate) const COMPARABLE: &str = "c.state = 'active' and c.kind = 'agency'
       and m.fanvue_user_uuid is not null and m.fanvue_user_uuid <> c.account_uuid
       and s.parked_at is null and s.watermark >= $2::date::timestamp at time zone 'UTC'
       and coalesce(c.detector_refused_at <= $1::timestamptz - interval '1 day', true)";

/// The night that `COMPARABLE` is asked about by whoever looks whether all were compared: the one that was to begin
/// last. It begins at one, when ticks have read who is compared beyond midnight.
pub(crate) fn last_night(now: Timestamp) -> Date {
    (now - SignedDuration::from_hours(1)).to_zoned(TimeZone::UTC).date()
}

/// Since when such a creator is not compared.
pub(crate) const UNCOMPARED_SINCE: &str =
    "coalesce(p.compared_at, greatest(c.created_at, m.created_at))";

/// Not compared in this night yet, and nobody is at it.
const DUE: &str = "p.compared_to is distinct from $2 and coalesce(p.claimed_until <= $1, true)";

/// A creator whose days are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToCompare {
    /// The creator.
    pub creator: CreatorId,
    /// The platform's uuid.
    pub account_uuid: String,
}

/// How the proof of an agency stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProofStanding {
    /// Creators that were compared at least once.
    pub compared: i64,
    /// When the one was compared whose comparison is the oldest.
    pub oldest_compared_at: Option<Timestamp>,
}

/// A day that differs, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The creator.
    pub creator: CreatorId,
    /// The creator's name.
    pub name: String,
    /// The UTC day.
    pub on: Date,
    /// `open`, `reading` or `settled`.
    pub state: String,
    /// The platform's gross and net, in cents.
    pub platform: (i64, i64),
    /// Those of the rows.
    pub ledger: (i64, i64),
    /// When it was found.
    pub found_at: Timestamp,
    /// Since when a re-read has not changed it.
    pub settled_at: Option<Timestamp>,
}

impl Store {
    /// Gives every connected creator a row of the proof, in the order in which all hold creators.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn ensure_proofs(&self) -> Result<u64, Error> {
        self.change(
            "ensure_proofs",
            "-- ensure_proofs
             insert into proofs (agency_id, model_id)
             select m.agency_id, m.id
               from models m
              where m.connection_id is not null
                and not exists (select 1 from proofs p
                                 where p.agency_id = m.agency_id and p.model_id = m.id)
              order by m.agency_id, m.id
             on conflict do nothing",
            &[],
        )
        .await
    }

    /// The connections with creators that are to be compared in the night that ends before `night`; the one
    /// that was tried longest ago first, so that whoever fails goes last.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_proved_connections(
        &self,
        now: Timestamp,
        night: Date,
    ) -> Result<Vec<(AgencyId, ConnectionId)>, Error> {
        let sql = format!(
            "-- list_proved_connections
             select c.agency_id, c.id
               from proofs p
               join models m on m.agency_id = p.agency_id and m.id = p.model_id
               join fanvue_connections c on c.agency_id = m.agency_id and c.id = m.connection_id
               join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                                and s.sync_type = 'earnings'
              where {COMPARABLE} and {DUE}
              group by 1, 2
              order by max(p.tried_at) nulls first, min(p.compared_at) nulls first, 1, 2"
        );
        let rows = self
            .rows(
                "list_proved_connections",
                &sql,
                &[(&now, Type::TIMESTAMPTZ), (&night, Type::DATE)],
            )
            .await?;
        let pair = |row: &Row| (AgencyId(row.get("agency_id")), ConnectionId(row.get("id")));
        Ok(rows.iter().map(pair).collect())
    }

    /// The connections of which somebody holds creators who are not compared in this night, and when the
    /// first of these claims ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_held_proofs(
        &self,
        now: Timestamp,
        night: Date,
    ) -> Result<Vec<((AgencyId, ConnectionId), Timestamp)>, Error> {
        let sql = format!(
            "-- list_held_proofs
             select c.agency_id, c.id, min(p.claimed_until) as claimed_until
               from proofs p
               join models m on m.agency_id = p.agency_id and m.id = p.model_id
               join fanvue_connections c on c.agency_id = m.agency_id and c.id = m.connection_id
               join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                                and s.sync_type = 'earnings'
              where {COMPARABLE} and p.compared_to is distinct from $2 and p.claimed_until > $1
              group by 1, 2 order by 1, 2"
        );
        let rows = self
            .rows("list_held_proofs", &sql, &[(&now, Type::TIMESTAMPTZ), (&night, Type::DATE)])
            .await?;
        let held = |row: &Row| {
            let whose = (AgencyId(row.get("agency_id")), ConnectionId(row.get("id")));
            (whose, row.get("claimed_until"))
        };
        Ok(rows.iter().map(held).collect())
    }

    /// Takes creators of a connection that nobody else compares, at most `limit`, until an instant; those who
    /// were tried longest ago first, whatever came of it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn claim_proofs(
        &self,
        (agency, connection): (AgencyId, ConnectionId),
        (now, until, night): (Timestamp, Timestamp, Date),
        limit: i64,
    ) -> Result<Vec<ToCompare>, Error> {
        let sql = format!(
            "-- claim_proofs
             with due as (
                 select p.agency_id, p.model_id, m.fanvue_user_uuid
                   from proofs p
                   join models m on m.agency_id = p.agency_id and m.id = p.model_id
                   join fanvue_connections c on c.agency_id = m.agency_id and c.id = m.connection_id
                   join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                                    and s.sync_type = 'earnings'
                  where p.agency_id = $3 and c.id = $4 and {COMPARABLE} and {DUE}
                  order by p.tried_at nulls first, p.model_id limit $6
                    for update of p skip locked
             )
             update proofs p set claimed_until = $5, tried_at = $1
               from due where p.agency_id = due.agency_id and p.model_id = due.model_id
             returning p.model_id, due.fanvue_user_uuid"
        );
        let rows = self
            .rows(
                "claim_proofs",
                &sql,
                &[
                    (&now, Type::TIMESTAMPTZ),
                    (&night, Type::DATE),
                    (&agency.0, Type::UUID),
                    (&connection.0, Type::UUID),
                    (&until, Type::TIMESTAMPTZ),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        let one = |row: &Row| ToCompare {
            creator: CreatorId(row.get("model_id")),
            account_uuid: row.get("fanvue_user_uuid"),
        };
        let mut found: Vec<_> = rows.iter().map(one).collect();
        // `returning` keeps no order.
        found.sort_by_key(|one| one.creator);
        Ok(found)
    }

    /// Gives back creators whose totals were not told: they were tried until `now`, and go last.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn release_proofs(
        &self,
        agency: AgencyId,
        creators: &[CreatorId],
        now: Timestamp,
    ) -> Result<(), Error> {
        let ids: Vec<_> = creators.iter().map(|creator| creator.0).collect();
        self.change(
            "release_proofs",
            "-- release_proofs
             update proofs set claimed_until = null, tried_at = $3
              where agency_id = $1 and model_id = any($2)",
            &[(&agency.0, Type::UUID), (&ids, Type::UUID_ARRAY), (&now, Type::TIMESTAMPTZ)],
        )
        .await
        .map(|_| ())
    }
}

impl Reader {
    /// How far the proof of an agency has come.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn read_proof(&self, agency: AgencyId) -> Result<ProofStanding, Error> {
        let sql = "-- read_proof
             select count(p.compared_at) as compared, min(p.compared_at) as oldest_compared_at
               from proofs p
               join models m on m.agency_id = p.agency_id and m.id = p.model_id
               join fanvue_connections c on c.agency_id = m.agency_id and c.id = m.connection_id
              where p.agency_id = $1 and c.state = 'active'";
        let rows = self.rows("read_proof", sql, &[(&agency.0, Type::UUID)]).await?;
        let standing = |row: &Row| ProofStanding {
            compared: row.get("compared"),
            oldest_compared_at: row.get("oldest_compared_at"),
        };
        Ok(rows.first().map(standing).unwrap_or_default())
    }

    /// Days of an agency's creators that differ, settled ones first, the newest first; at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_differences(
        &self,
        agency: AgencyId,
        limit: i64,
    ) -> Result<Vec<Difference>, Error> {
        let sql = "-- list_differences
             select d.*, m.name
               from proof_days d join models m on m.agency_id = d.agency_id and m.id = d.model_id
              where d.agency_id = $1
              order by d.settled_at is null, d.day desc, m.name, m.id limit $2";
        let rows = self
            .rows("list_differences", sql, &[(&agency.0, Type::UUID), (&limit, Type::INT8)])
            .await?;
        let difference = |row: &Row| Difference {
            creator: CreatorId(row.get("model_id")),
            name: row.get("name"),
            on: row.get("day"),
            state: row.get("state"),
            platform: (row.get("platform_cents"), row.get("platform_net_cents")),
            ledger: (row.get("ledger_cents"), row.get("ledger_net_cents")),
            found_at: row.get("found_at"),
            settled_at: row.get("settled_at"),
        };
        Ok(rows.iter().map(difference).collect())
    }
}
