//! Agencies: whose dashboard it is, in which time zone, and the revision of what it shows.

use jiff::Timestamp;
use ledger::AgencyId;
use tokio_postgres::{Row, types::Type};

use crate::{Error, Reader, Tx};

/// An agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its name.
    pub name: String,
    /// IANA name of the zone its days are counted in.
    pub timezone: String,
    /// The currency of its figures.
    pub currency: String,
    /// Raised by every commit that changes what its dashboard shows.
    pub revision: i64,
}

pub(crate) fn agency(row: &Row) -> Agency {
    Agency {
        id: AgencyId(row.get("id")),
        name: row.get("name"),
        timezone: row.get("timezone"),
        currency: row.get("currency"),
        revision: row.get("revision"),
    }
}

impl Reader {
    /// The agency of that id.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_agency(&self, id: AgencyId) -> Result<Option<Agency>, Error> {
        let rows = self
            .rows(
                "find_agency",
                "-- find_agency
                 select id, name, timezone, currency, revision from agencies where id = $1",
                &[(&id.0, Type::UUID)],
            )
            .await?;
        Ok(rows.first().map(agency))
    }

    /// The oldest agencies, at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_agencies(&self, limit: i64) -> Result<Vec<Agency>, Error> {
        let rows = self
            .rows(
                "list_agencies",
                "-- list_agencies
                 select id, name, timezone, currency, revision
                   from agencies order by created_at, id limit $1",
                &[(&limit, Type::INT8)],
            )
            .await?;
        Ok(rows.iter().map(agency).collect())
    }
}

impl Tx {
    /// The agency of that name, made with `id` and `timezone` unless there is one. Whoever asks for
    /// the same name meanwhile waits for this transaction.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn agency_named(
        &self,
        id: AgencyId,
        (name, timezone): (&str, &str),
        now: Timestamp,
    ) -> Result<AgencyId, Error> {
        self.rows(
            "lock_agency_name",
            "-- lock_agency_name
             select pg_advisory_xact_lock(hashtextextended('agency ' || $1, 0))",
            &[(&name, Type::TEXT)],
        )
        .await?;
        let rows = self
            .rows(
                "agency_named",
                "-- agency_named
                 with known as (
                     select id from agencies where name = $2 order by created_at, id limit 1
                 ), made as (
                     insert into agencies (id, name, timezone, created_at, updated_at)
                     select $1, $2, $3, $4, $4 where not exists (select 1 from known)
                     returning id
                 )
                 select id from known union all select id from made",
                &[
                    (&id.0, Type::UUID),
                    (&name, Type::TEXT),
                    (&timezone, Type::TEXT),
                    (&now, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        let row = rows.first().ok_or(Error::Lost { statement: "agency_named" })?;
        Ok(AgencyId(row.get("id")))
    }
}
