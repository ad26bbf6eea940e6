//! Alerts: what is told of shifts and tasks, each once. Noted first, then sent under a lease by whoever
//! claims them. How they are found stands in `shifts` and `content_tasks`.

use jiff::Timestamp;
use ledger::AgencyId;
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, Store};

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertKind {
    /// A shift began and nobody clocked in.
    LateShift,
    /// The time of a content task passed and it was not posted.
    MissedPost,
}

impl AlertKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::LateShift => "late_shift",
            Self::MissedPost => "missed_post",
        }
    }
}

/// A claimed alert, with what its message names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The agency.
    pub agency: AgencyId,
    /// The agency's name.
    pub agency_name: String,
    /// IANA name of the agency's zone.
    pub timezone: String,
    /// The shift or the content task.
    pub subject: Uuid,
    /// When it should have begun or been posted.
    pub due_at: Timestamp,
    /// When it was noted.
    pub noted_at: Timestamp,
    /// The title of the shift or of the task.
    pub title: Option<String>,
    /// Who was expected.
    pub person: Option<String>,
    /// The creator's name.
    pub creator: Option<String>,
    /// Where it should have been posted.
    pub platform: Option<String>,
    /// Attempts to send it, this one included.
    pub attempts: i32,
    /// It may have been sent already.
    pub is_doubtful: bool,
}

/// The claimed alerts of one agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldAlerts {
    /// Whose.
    pub agency: AgencyId,
    /// What they are about.
    pub kind: AlertKind,
    /// The token they were claimed with.
    pub lease_token: Uuid,
}

/// How an alert ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertEnd {
    /// Telegram took it.
    Sent,
    /// There is no chat that it could be sent to.
    NotConfigured,
}

impl AlertEnd {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::NotConfigured => "not_configured",
        }
    }
}

/// Why claimed alerts wait again, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutBack<'a> {
    /// Nobody sends them before this instant.
    pub retry_at: Option<Timestamp>,
    /// Why they were not sent; `None` when nobody tried.
    pub reason: Option<&'a str>,
    /// Whether the attempt may have succeeded all the same.
    pub is_doubtful: bool,
}

/// Alerts that are still to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitingAlerts {
    /// How many.
    pub count: u64,
    /// When the first of them may be sent; `None` when there is none.
    pub next_at: Option<Timestamp>,
}

fn alert(row: &Row) -> Alert {
    Alert {
        agency: AgencyId(row.get("agency_id")),
        agency_name: row.get("agency_name"),
        timezone: row.get("timezone"),
        subject: row.get("subject_id"),
        due_at: row.get("due_at"),
        noted_at: row.get("noted_at"),
        title: row.get("title"),
        person: row.get("person"),
        creator: row.get("creator"),
        platform: row.get("platform"),
        attempts: row.get("attempts"),
        is_doubtful: row.get("is_doubtful"),
    }
}

impl Store {
    /// Takes alerts that wait and that nobody holds: the oldest first, at most `limit`. One whose holder
    /// neither ended it nor put it back may have been sent. In the order of agencies, then of `due_at`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn claim_alerts(
        &self,
        kind: AlertKind,
        now: Timestamp,
        lease_until: Timestamp,
        token: Uuid,
        limit: i64,
    ) -> Result<Vec<Alert>, Error> {
        let rows = self
            .rows(
                "claim_alerts",
                "-- claim_alerts
                 with due as (
                     select agency_id, kind, subject_id, due_at
                       from alerts
                      where kind = $1 and state = 'waiting'
                        and (retry_at is null or retry_at <= $2)
                        and (lease_expires_at is null or lease_expires_at <= $2)
                      order by noted_at, agency_id, subject_id, due_at limit $5
                        for update skip locked
                 )
                 update alerts a
                    set lease_token = $4, lease_expires_at = $3, attempts = a.attempts + 1,
                        is_doubtful = a.is_doubtful or a.lease_token is not null
                   from due
                   join agencies g on g.id = due.agency_id
                   left join shifts s
                     on due.kind = 'late_shift' and s.agency_id = due.agency_id
                    and s.id = due.subject_id
                   left join content_tasks t
                     on due.kind = 'missed_post' and t.agency_id = due.agency_id
                    and t.id = due.subject_id
                   left join profiles p on p.id = s.employee_id and p.agency_id = due.agency_id
                   left join models m
                     on m.agency_id = due.agency_id and m.id = coalesce(s.model_id, t.model_id)
                  where a.agency_id = due.agency_id and a.kind = due.kind
                    and a.subject_id = due.subject_id and a.due_at = due.due_at
                 returning a.agency_id, a.subject_id, a.due_at, a.noted_at, a.attempts,
                           a.is_doubtful, g.name as agency_name, g.timezone, coalesce(s.title, t.title) as title,
                           p.username as person, m.name as creator,
                           t.platform::text as platform",
                &[
                    (&kind.as_str(), Type::TEXT),
                    (&now, Type::TIMESTAMPTZ),
                    (&lease_until, Type::TIMESTAMPTZ),
                    (&token, Type::UUID),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        let mut alerts: Vec<_> = rows.iter().map(alert).collect();
        // `returning` keeps no order.
        alerts.sort_by_key(|alert| (alert.agency, alert.due_at, alert.subject));
        Ok(alerts)
    }

    /// Ends the alerts that are held.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn settle_alerts(
        &self,
        held: HeldAlerts,
        end: AlertEnd,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "settle_alerts",
            "-- settle_alerts
             update alerts
                set state = $4, settled_at = $5, reason = null, retry_at = null,
                    lease_token = null, lease_expires_at = null
              where agency_id = $1 and kind = $2 and lease_token = $3 and state = 'waiting'",
            &[
                (&held.agency.0, Type::UUID),
                (&held.kind.as_str(), Type::TEXT),
                (&held.lease_token, Type::UUID),
                (&end.as_str(), Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Gives up those of the alerts held that were tried `attempts_max` times. They stay, with the reason.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn give_up_alerts(
        &self,
        held: HeldAlerts,
        attempts_max: i32,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "give_up_alerts",
            "-- give_up_alerts
             update alerts
                set state = 'failed', settled_at = $6, reason = $5, retry_at = null,
                    lease_token = null, lease_expires_at = null
              where agency_id = $1 and kind = $2 and lease_token = $3 and state = 'waiting'
                and attempts >= $4",
            &[
                (&held.agency.0, Type::UUID),
                (&held.kind.as_str(), Type::TEXT),
                (&held.lease_token, Type::UUID),
                (&attempts_max, Type::INT4),
                (&reason, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Lets the alerts held wait again. Where nobody tried to send them, the attempt does not count.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn put_back_alerts(&self, held: HeldAlerts, back: PutBack<'_>) -> Result<(), Error> {
        self.change(
            "put_back_alerts",
            "-- put_back_alerts
             update alerts
                set retry_at = $4, reason = coalesce($5, reason),
                    is_doubtful = is_doubtful or $6,
                    attempts = attempts - case when $5 is null then 1 else 0 end,
                    lease_token = null, lease_expires_at = null
              where agency_id = $1 and kind = $2 and lease_token = $3 and state = 'waiting'",
            &[
                (&held.agency.0, Type::UUID),
                (&held.kind.as_str(), Type::TEXT),
                (&held.lease_token, Type::UUID),
                (&back.retry_at, Type::TIMESTAMPTZ),
                (&back.reason, Type::TEXT),
                (&back.is_doubtful, Type::BOOL),
            ],
        )
        .await
        .map(|_| ())
    }

    /// What is still to be sent.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn read_waiting_alerts(
        &self,
        kind: AlertKind,
        now: Timestamp,
    ) -> Result<WaitingAlerts, Error> {
        let rows = self
            .rows(
                "read_waiting_alerts",
                "-- read_waiting_alerts
                 select count(*) as alert_count,
                        min(coalesce(greatest(retry_at, lease_expires_at), $2)) as next_at
                   from alerts where kind = $1 and state = 'waiting'",
                &[(&kind.as_str(), Type::TEXT), (&now, Type::TIMESTAMPTZ)],
            )
            .await?;
        Ok(rows.first().map_or_else(WaitingAlerts::default, |row| WaitingAlerts {
            count: row.get::<_, i64>("alert_count").unsigned_abs(),
            next_at: row.get("next_at"),
        }))
    }
}
