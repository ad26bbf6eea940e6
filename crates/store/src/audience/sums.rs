//! Audiences of a period, bucket by bucket, from the days that were written down.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{AgencyId, CreatorId};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, statements::Param};

/// Which audiences are wanted.
#[derive(Clone, Copy, Debug)]
pub struct AudienceAsked<'a> {
    /// The agency.
    pub agency: AgencyId,
    /// The creators.
    pub creators: &'a [CreatorId],
    /// The first day of each bucket, ascending. A bucket ends where the next one begins.
    pub starts: &'a [Date],
    /// The last day of the last bucket.
    pub last: Date,
}

/// A creator's audience in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudienceSum {
    /// Subscribers at the bucket's last snapshot of them.
    pub subscribers: Option<i32>,
    /// Followers at the bucket's last snapshot of them.
    pub followers: Option<i32>,
    /// Who subscribed on the days that are known.
    pub new_subscribers: i64,
    /// Whose subscription ended on them.
    pub cancelled_subscribers: i64,
    /// How many days of the bucket that is.
    pub days_of_changes: i64,
}

/// Before the first bucket, which is 0, these are the last counts alone, and no changes.
pub(crate) const SUMS: &str = "-- sum_audiences
select width_bucket(h.date, $3::date[]) as bucket, h.model_id,
       (array_agg(h.subscribers_count order by h.date desc)
           filter (where h.subscribers_count is not null))[1] as subscribers,
       (array_agg(h.followers_count order by h.date desc)
           filter (where h.followers_count is not null))[1] as followers,
       coalesce(sum(h.new_subscribers), 0)::bigint as new_subscribers,
       coalesce(sum(h.cancelled_subscribers), 0)::bigint as cancelled_subscribers,
       count(h.new_subscribers) as days_of_changes
  from subscriber_history h
 where h.agency_id = $1 and h.model_id = any($2) and h.date between $4 and $5
 group by 1, 2
 union all
select 0, c.id,
       (select h.subscribers_count from subscriber_history h
         where h.agency_id = $1 and h.model_id = c.id and h.date < $4
           and h.subscribers_count is not null
         order by h.date desc limit 1),
       (select h.followers_count from subscriber_history h
         where h.agency_id = $1 and h.model_id = c.id and h.date < $4
           and h.followers_count is not null
         order by h.date desc limit 1), 0, 0, 0
  from unnest($2::uuid[]) as c (id)";

/// What the statement is given, as long as it is asked.
pub(crate) struct Whose {
    creators: Vec<Uuid>,
    first: Option<Date>,
}

impl Whose {
    /// The statement's parameters.
    pub(crate) fn params<'p>(&'p self, asked: &'p AudienceAsked<'_>) -> [Param<'p>; 5] {
        [
            (&asked.agency.0, Type::UUID),
            (&self.creators, Type::UUID_ARRAY),
            (&asked.starts, Type::DATE_ARRAY),
            (&self.first, Type::DATE),
            (&asked.last, Type::DATE),
        ]
    }
}

impl AudienceAsked<'_> {
    pub(crate) fn whose(&self) -> Whose {
        let creators = self.creators.iter().map(|creator| creator.0).collect();
        Whose { creators, first: self.starts.first().copied() }
    }
}

/// What is known, with the index of the bucket in [`AudienceAsked::starts`], `None` for the time before the
/// first, and the creator. Where nothing is known there is no sum.
pub(crate) fn sums(
    rows: &[Row],
) -> Result<BTreeMap<(Option<usize>, CreatorId), AudienceSum>, Error> {
    let sum = |row: &Row| {
        let unknown = |_| Error::Inconsistent { table: "subscriber_history", column: "date" };
        let number = usize::try_from(row.get::<_, i32>("bucket")).map_err(unknown)?;
        let sum = AudienceSum {
            subscribers: row.get("subscribers"),
            followers: row.get("followers"),
            new_subscribers: row.get("new_subscribers"),
            cancelled_subscribers: row.get("cancelled_subscribers"),
            days_of_changes: row.get("days_of_changes"),
        };
        Ok(((number.checked_sub(1), CreatorId(row.get("model_id"))), sum))
    };
    rows.iter().map(sum).collect()
}
