//! Lists that are counted over several ticks: how far the count has come.

use jiff::Timestamp;
use tokio_postgres::{Row, types::Type};

use super::AudienceLease;
use crate::{Error, Store};

/// A list as far as it has been counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// When the count began: what it comes to is as of then.
    pub begun_at: Timestamp,
    /// Where the next page is; `None` at the start of the list.
    pub mark: Option<String>,
    /// Pages so far.
    pub pages: i32,
    /// The sum so far.
    pub total: i64,
    /// Who is in it, eight bytes each.
    pub seen: Vec<u8>,
}

/// The walk of a stream's row, if one is under way.
pub(super) fn walk(row: &Row) -> Option<Walk> {
    let begun_at: Option<Timestamp> = row.get("walk_begun_at");
    Some(Walk {
        begun_at: begun_at?,
        mark: row.get("walk_mark"),
        pages: row.get("walk_pages"),
        total: row.get("walk_total"),
        seen: row.get("walk_seen"),
    })
}

impl Store {
    /// Writes down how far a list has been counted: the place, the sum and who is in it, or nothing.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn save_walk(&self, lease: &AudienceLease, walk: &Walk) -> Result<(), Error> {
        let statement = "save_walk";
        let changed = self
            .change(
                statement,
                "-- save_walk
                 update audience_streams
                    set walk_begun_at = $5, walk_mark = $6, walk_pages = $7, walk_total = $8,
                        walk_seen = $9
                  where agency_id = $1 and model_id = $2 and kind = $3 and lease_token = $4",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.kind.as_str(), Type::TEXT),
                    (&lease.token, Type::UUID),
                    (&walk.begun_at, Type::TIMESTAMPTZ),
                    (&walk.mark, Type::TEXT),
                    (&walk.pages, Type::INT4),
                    (&walk.total, Type::INT8),
                    (&walk.seen, Type::BYTEA),
                ],
            )
            .await?;
        if changed == 1 { Ok(()) } else { Err(Error::Lost { statement }) }
    }
}
