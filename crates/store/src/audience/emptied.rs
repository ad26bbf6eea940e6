//! Answers that would take something away and say so by holding nothing. An outage may look like that, so one
//! alone is no evidence.

use jiff::{Timestamp, civil::Date};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::AudienceLease;
use crate::{Error, Store};

/// What is left by a complete answer that ended in an empty page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emptied<'a> {
    /// A list that comes to so many.
    Count(i32),
    /// No fan who spent anything.
    Spenders,
    /// Only these links.
    Links(&'a [Uuid]),
    /// No word of these days.
    Days(&'a [Date]),
}

impl Store {
    /// Whether an answer of `at` that ended in an empty page is not to be believed: it would take away what is
    /// stored, and no complete answer has said so for an hour yet. Then this one is noted, and a list will be
    /// read from its beginning. The lease is kept.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn doubt_emptied(
        &self,
        lease: &AudienceLease,
        emptied: Emptied<'_>,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let mut count = None;
        let (mut links, mut days) = (<&[Uuid]>::default(), <&[Date]>::default());
        match emptied {
            Emptied::Count(left) => count = Some(left),
            Emptied::Spenders => {}
            Emptied::Links(left) => links = left,
            Emptied::Days(untold) => days = untold,
        }
        let doubted = self
            .change(
                "doubt_emptied",
                "-- doubt_emptied
                 update audience_streams s
                    -- One that a clock ahead wrote is of now.
                    set emptied_at = least(s.emptied_at, $5), walk_begun_at = null,
                        walk_mark = null, walk_pages = 0, walk_total = 0, walk_seen = ''
                  where s.agency_id = $1 and s.model_id = $2 and s.kind = $3 and s.lease_token = $4
                    and (s.emptied_at is null or s.emptied_at > $5 - interval '1 hour')
                    and case s.kind
                        when 'top_spenders' then exists (
                            select 1 from top_spenders t
                             where t.agency_id = $1 and t.model_id = $2)
                        when 'tracking_links' then exists (
                            select 1 from tracking_links t
                             where t.agency_id = $1 and t.model_id = $2
                               and t.fanvue_uuid <> all($7))
                        when 'changes' then exists (
                            select 1 from subscriber_history h
                             where h.agency_id = $1 and h.model_id = $2 and h.date = any($8)
                               and (h.new_subscribers <> 0 or h.cancelled_subscribers <> 0))
                        else exists (
                            select 1 from models m
                             where m.agency_id = $1 and m.id = $2
                               and $6 < case s.kind when 'subscribers' then m.subscribers_count
                                                    when 'followers' then m.followers_count
                                                    when 'unread' then m.unread_messages end)
                        end",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.kind.as_str(), Type::TEXT),
                    (&lease.token, Type::UUID),
                    (&at, Type::TIMESTAMPTZ),
                    (&count, Type::INT4),
                    (&links, Type::UUID_ARRAY),
                    (&days, Type::DATE_ARRAY),
                ],
            )
            .await?;
        Ok(doubted == 1)
    }
}
