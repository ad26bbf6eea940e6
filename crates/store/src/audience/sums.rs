//! Audiences of a period, bucket by bucket, from the days that were written down.

use jiff::civil::Date;
use ledger::{AgencyId, CreatorId};
use tokio_postgres::types::Type;

use crate::{Error, Reader};

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

impl Reader {
    /// What is known of the creators' audiences, with the index of the bucket in
    /// [`AudienceAsked::starts`] and the creator. Where nothing is known there is no sum. Before the first
    /// bucket, which is `None`, these are the last counts alone, and no changes.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn sum_audiences(
        &self,
        asked: &AudienceAsked<'_>,
    ) -> Result<Vec<((Option<usize>, CreatorId), AudienceSum)>, Error> {
        let creators: Vec<_> = asked.creators.iter().map(|creator| creator.0).collect();
        let rows = self
            .rows(
                "sum_audiences",
                "-- sum_audiences
                 select width_bucket(h.date, $3::date[]) as bucket, h.model_id,
                        (array_agg(h.subscribers_count order by h.date desc)
                            filter (where h.subscribers_count is not null))[1] as subscribers,
                        (array_agg(h.followers_count order by h.date desc)
                            filter (where h.followers_count is not null))[1] as followers,
                        coalesce(sum(h.new_subscribers), 0)::bigint as new_subscribers,
                        coalesce(sum(h.cancelled_subscribers), 0)::bigint
                            as cancelled_subscribers,
                        count(h.new_subscribers) as days_of_changes
                   from subscriber_history h
                  where h.agency_id = $1 and h.model_id = any($2)
                    and h.date between $4 and $5
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
                   from unnest($2::uuid[]) as c (id)",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&creators, Type::UUID_ARRAY),
                    (&asked.starts, Type::DATE_ARRAY),
                    (&asked.starts.first(), Type::DATE),
                    (&asked.last, Type::DATE),
                ],
            )
            .await?;
        let mut sums = Vec::with_capacity(rows.len());
        for row in &rows {
            let unknown = |_| Error::Inconsistent { table: "subscriber_history", column: "date" };
            let number = usize::try_from(row.get::<_, i32>("bucket")).map_err(unknown)?;
            let sum = AudienceSum {
                subscribers: row.get("subscribers"),
                followers: row.get("followers"),
                new_subscribers: row.get("new_subscribers"),
                cancelled_subscribers: row.get("cancelled_subscribers"),
                days_of_changes: row.get("days_of_changes"),
            };
            sums.push(((number.checked_sub(1), CreatorId(row.get("model_id"))), sum));
        }
        Ok(sums)
    }
}
