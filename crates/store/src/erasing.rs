//! Rows that were kept long enough, and are erased creator by creator: each has an index by time that finds
//! her oldest ones, so a call costs a look at each creator and what it erases.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::{Error, Store};

impl Store {
    /// Erases webhooks' sales that a row settled before that instant: the row says all of it. At most
    /// `limit`; returns how many. Revisions rise by it, so agencies are held in one order.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn erase_settled_hints(&self, before: Timestamp, limit: i64) -> Result<u64, Error> {
        let gone = self
            .rows(
                "erase_settled_hints",
                "-- erase_settled_hints
                 with old as (
                     select o.agency_id, o.model_id, o.event_key
                       from models m
                      cross join lateral (
                            select p.agency_id, p.model_id, p.event_key
                              from provisional_transactions p
                             where p.agency_id = m.agency_id and p.model_id = m.id and p.at < $1
                               and p.state = 'settled' and p.settled_at < $1
                             order by p.at limit $2
                               for update skip locked) as o
                      limit $2
                 ), gone as (
                     delete from provisional_transactions p using old o
                      where p.agency_id = o.agency_id and p.model_id = o.model_id
                        and p.event_key = o.event_key
                     returning p.agency_id
                 ), held as (
                     select id from agencies where id in (select agency_id from gone)
                      order by id for no key update
                 )
                 -- Triggers run when the statement ends.
                 select 1 from gone where (select count(*) from held) > 0",
                &[(&before, Type::TIMESTAMPTZ), (&limit, Type::INT8)],
            )
            .await?;
        Ok(gone.len() as u64)
    }

    /// Erases what fans did before that instant, at most `limit` things. Returns how many.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn erase_fan_events(&self, before: Timestamp, limit: i64) -> Result<u64, Error> {
        self.change(
            "erase_fan_events",
            "-- erase_fan_events
             with old as (
                 select o.agency_id, o.model_id, o.event_key
                   from models m
                  cross join lateral (
                        select e.agency_id, e.model_id, e.event_key
                          from fan_events e
                         where e.agency_id = m.agency_id and e.model_id = m.id and e.at < $1
                         order by e.at limit $2
                           for update skip locked) as o
                  limit $2
             )
             delete from fan_events e using old o
              where e.agency_id = o.agency_id and e.model_id = o.model_id
                and e.event_key = o.event_key",
            &[(&before, Type::TIMESTAMPTZ), (&limit, Type::INT8)],
        )
        .await
    }
}
