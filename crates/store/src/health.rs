//! What a monitor asks the database: does it answer, is its schema ours, how old are the streams.

use jiff::Timestamp;
use tokio_postgres::{Row, error::SqlState, types::Type};

use crate::{
    Error, Store, latest_version,
    proving::{COMPARABLE, UNCOMPARED_SINCE, last_night},
    statements::Params,
};

/// How the database stands. The default is that of an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The newest of our migrations that is applied. Newer ones of other people don't count.
    pub applied_version: Option<String>,
    /// Streams of earnings whose connection works.
    pub stream_count: i64,
    /// How many of them have no complete history yet.
    pub unfinished_count: i64,
    /// How many of them are set aside until a person looks at them.
    pub parked_count: i64,
    /// The oldest watermark among the others.
    pub oldest_watermark: Option<Timestamp>,
    /// Connections that ended by themselves and wait for a person.
    pub revoked_count: i64,
    /// Connections whose token ended before the instant that was asked about.
    pub overdue_count: i64,
}

/// What waits for somebody. It is counted row by row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Webhooks that nobody has made sense of yet.
    pub new_event_count: i64,
    /// When the oldest of them came.
    pub oldest_new_event: Option<Timestamp>,
    /// Webhooks that could not be understood and wait for a person.
    pub quarantined_count: i64,
    /// Rows of the feed that could not be read and are counted nowhere.
    pub reject_count: i64,
    /// Days on which Fanvue's total is not that of the rows.
    pub difference_count: i64,
    /// Of them, those that a re-read did not change.
    pub settled_count: i64,
    /// When the creator was compared with totals whose comparison is the oldest, of those who can be; before the
    /// first comparison, since when she can.
    pub oldest_compared_at: Option<Timestamp>,
    /// Sales and reversals that only webhooks told of and that are shown.
    pub open_hint_count: i64,
    /// Their gross, in US cents.
    pub open_hint_cents: i64,
    /// Those whose row did not come in time. They count no more.
    pub unmatched_hint_count: i64,
}

impl Health {
    /// What [`Store::find_version`] asks, for whoever measures how long it takes elsewhere: `$1` is the newest
    /// version of our migrations.
    pub const STATEMENT: &str = "-- find_version
       select max(version) as applied_version from supabase_migrations.schema_migrations
        where version <= $1";

    /// Whether every migration that this build of the code expects is applied.
    #[must_use]
    pub fn is_migrated(&self) -> bool {
        self.applied_version.as_deref() == Some(latest_version())
    }
}

fn health(row: &Row) -> Health {
    Health {
        applied_version: row.get("applied_version"),
        stream_count: row.get("stream_count"),
        unfinished_count: row.get("unfinished_count"),
        parked_count: row.get("parked_count"),
        oldest_watermark: row.get("oldest_watermark"),
        revoked_count: row.get("revoked_count"),
        overdue_count: row.get("overdue_count"),
    }
}

/// Whether the database has no table of that name.
fn is_foreign(error: &Error) -> bool {
    matches!(error, Error::Query { source, .. }
        if source.code() == Some(&SqlState::UNDEFINED_TABLE)
            || source.code() == Some(&SqlState::INVALID_SCHEMA_NAME))
}

impl Store {
    /// Asks the database how it stands; one without our tables answers [`Health::default`]. A
    /// connection that works is overdue when its token ended before `overdue_before`. It counts all creators,
    /// so it is for the operator alone.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn read_health(&self, overdue_before: Timestamp) -> Result<Health, Error> {
        let answer = self
            .read(
                "read_health",
                "-- read_health
                 select (select max(version) from supabase_migrations.schema_migrations
                          where version <= $1) as applied_version,
                        count(*) as stream_count,
                        count(*) filter (where s.watermark is null) as unfinished_count,
                        count(*) filter (where s.parked_at is not null) as parked_count,
                        min(s.watermark) as oldest_watermark,
                        (select count(*) from fanvue_connections
                          where state = 'revoked') as revoked_count,
                        (select count(*) from fanvue_connections
                          where state = 'active' and expires_at < $2) as overdue_count
                   from sync_state s
                   join models m on m.agency_id = s.agency_id and m.id = s.model_id
                   join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                  where s.sync_type = 'earnings' and c.state = 'active'",
                &[(&latest_version(), Type::TEXT), (&overdue_before, Type::TIMESTAMPTZ)],
            )
            .await;
        match answer {
            Ok(rows) => Ok(rows.first().map(health).unwrap_or_default()),
            Err(error) if is_foreign(&error) => Ok(Health::default()),
            Err(error) => Err(error),
        }
    }

    /// The newest of our migrations that is applied, for whoever may not know more: no table of ours is read.
    /// `None` for a database without them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_version(&self) -> Result<Option<String>, Error> {
        let params: Params<'_> = &[(&latest_version(), Type::TEXT)];
        let answer = self.read("find_version", Health::STATEMENT, params).await;
        match answer {
            Ok(rows) => Ok(rows.first().and_then(|row| row.get("applied_version"))),
            Err(error) if is_foreign(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What waits for somebody at `now`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn read_backlog(&self, now: Timestamp) -> Result<Backlog, Error> {
        let sql = format!(
            "-- read_backlog
             select (select count(*) from webhook_events where state = 'new') as new_event_count,
                    (select min(received_at) from webhook_events
                      where state = 'new') as oldest_new_event,
                    (select count(*) from webhook_events
                      where state = 'quarantined') as quarantined_count,
                    (select count(*) from earning_rejects) as reject_count,
                    (select count(*) from proof_days) as difference_count,
                    (select count(*) from proof_days
                      where state = 'settled') as settled_count,
                    (select min({UNCOMPARED_SINCE})
                       from models m
                       join fanvue_connections c
                         on c.agency_id = m.agency_id and c.id = m.connection_id
                       join sync_state s
                         on s.agency_id = m.agency_id and s.model_id = m.id
                        and s.sync_type = 'earnings'
                       left join proofs p
                         on p.agency_id = m.agency_id and p.model_id = m.id
                      where {COMPARABLE}) as oldest_compared_at,
                    p.open_count, p.open_cents, p.unmatched_count
               from (select count(*) filter (where is_open) as open_count,
                            coalesce(sum(gross_cents) filter (where is_open), 0)::int8
                                as open_cents,
                            count(*) filter (where state = 'unmatched') as unmatched_count
                       from (select state, gross_cents,
                                    state = 'open' and expires_at > $1 as is_open
                               from provisional_transactions
                              where state in ('open', 'unmatched')) as told) as p"
        );
        let rows = self
            .read(
                "read_backlog",
                &sql,
                &[(&now, Type::TIMESTAMPTZ), (&last_night(now), Type::DATE)],
            )
            .await?;
        let backlog = |row: &Row| Backlog {
            new_event_count: row.get("new_event_count"),
            oldest_new_event: row.get("oldest_new_event"),
            quarantined_count: row.get("quarantined_count"),
            reject_count: row.get("reject_count"),
            difference_count: row.get("difference_count"),
            settled_count: row.get("settled_count"),
            oldest_compared_at: row.get("oldest_compared_at"),
            open_hint_count: row.get("open_count"),
            open_hint_cents: row.get("open_cents"),
            unmatched_hint_count: row.get("unmatched_count"),
        };
        Ok(rows.first().map(backlog).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_version_this_build_expects_is_migrated() {
        let of = |version: Option<&str>| Health {
            applied_version: version.map(str::to_owned),
            ..Health::default()
        };
        assert!(of(Some(latest_version())).is_migrated());
        assert!(!of(Some("20200101000000")).is_migrated());
        assert!(!of(None).is_migrated());
    }
}
