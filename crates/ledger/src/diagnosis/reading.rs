//! Why something that the platform has was not read yet: the first thing that stands in the way.

use jiff::Timestamp;

use super::{Cause, Figure, Reading, Refusal, Unheard, Value};

/// A creator is due every so often: what was read less long ago is on time.
const DUE_SECONDS: i64 = 15 * 60;

/// A token that ended so long ago should have been renewed.
const OVERDUE_SECONDS: i64 = 600;

impl Reading {
    /// How long ago the platform last told, by rows or by totals, that all is in the ledger.
    fn age_seconds(&self, now: Timestamp) -> Option<i64> {
        let watermark = self.watermark?;
        let told_at = self.confirmed_at.map_or(watermark, |at| at.max(watermark));
        Some(now.duration_since(told_at).as_secs())
    }

    /// Whether nothing keeps it from being read, and it was a moment ago.
    pub(super) fn is_on_time(&self, now: Timestamp) -> bool {
        let is_young = self.age_seconds(now).is_some_and(|age| age < DUE_SECONDS);
        let causes = [Cause::StaleCheckpoint, Cause::MissedWebhook];
        is_young && causes.contains(&why_unread(self, now).0)
    }
}

/// Why what lies behind the watermark is not in the ledger, with the figures that prove it.
pub(super) fn why_unread(reading: &Reading, now: Timestamp) -> (Cause, Vec<Figure>) {
    let mut figures = vec![];
    let cause = broken(reading, now, &mut figures)
        .or_else(|| halted(reading, now, &mut figures))
        .unwrap_or_else(|| not_yet(reading, now, &mut figures));
    if let Some(at) = reading.watermark {
        figures.push(Figure::new("asOf", Value::At(at)));
    }
    if let Some(at) = reading.tried_at {
        figures.push(Figure::new("triedAt", Value::At(at)));
    }
    (cause, figures)
}

/// What only a person, or a new token, mends.
fn broken(reading: &Reading, now: Timestamp, figures: &mut Vec<Figure>) -> Option<Cause> {
    let mut prove = |name, text: &str| figures.push(Figure::new(name, Value::Text(text.into())));
    let said = reading.last_error.as_deref().unwrap_or_default();
    let Some(connection) = &reading.connection else {
        prove("connection", "none");
        let is_new = reading.watermark.is_none() && reading.rows == 0;
        return Some(if is_new { Cause::NeverSynced } else { Cause::TokenRevoked });
    };
    if !connection.is_active {
        prove("connection", "ended");
        prove("lastError", connection.last_error.as_deref().unwrap_or("disconnected"));
        return Some(Cause::TokenRevoked);
    }
    if !connection.missing_scopes.is_empty() {
        prove("missingScopes", &connection.missing_scopes.join(" "));
        return Some(Cause::ScopeMissing);
    }
    match reading.refusal {
        Some(Refusal::Forbidden) => {
            prove("lastError", said);
            return Some(Cause::ScopeMissing);
        }
        Some(Refusal::NotManaged) => {
            prove("lastError", said);
            return Some(Cause::WrongEndpoint);
        }
        None => {}
    }
    let overdue = now.duration_since(connection.expires_at).as_secs();
    if OVERDUE_SECONDS <= overdue || (0 <= overdue && connection.last_error.is_some()) {
        prove("lastError", connection.last_error.as_deref().unwrap_or("not renewed"));
        figures.push(Figure::new("expiresAt", Value::At(connection.expires_at)));
        return Some(Cause::TokenExpired);
    }
    None
}

/// What stopped a reading that goes on by itself.
fn halted(reading: &Reading, now: Timestamp, figures: &mut Vec<Figure>) -> Option<Cause> {
    if reading.tried_at.is_none() && reading.watermark.is_none() {
        figures.push(Figure::new("ledgerRows", Value::Count(reading.rows)));
        return Some(Cause::NeverSynced);
    }
    if let Some(until) = reading.paused_until.filter(|until| now < *until) {
        figures.push(Figure::new("pausedUntil", Value::At(until)));
        return Some(Cause::RateLimited);
    }
    if let Some(at) = reading.lease_expires_at.filter(|at| *at <= now) {
        figures.push(Figure::new("leaseExpiredAt", Value::At(at)));
        return Some(Cause::InterruptedRun);
    }
    if let Some(error) = reading.last_error.as_ref().filter(|_| 0 < reading.attempts) {
        figures.push(Figure::new("attempts", Value::Count(reading.attempts)));
        figures.push(Figure::new("lastError", Value::Text(error.clone())));
        return Some(Cause::InterruptedRun);
    }
    None
}

/// Nothing stands in the way but time.
fn not_yet(reading: &Reading, now: Timestamp, figures: &mut Vec<Figure>) -> Cause {
    let Some(age) = reading.age_seconds(now) else {
        figures.push(Figure::new("ledgerRows", Value::Count(reading.rows)));
        return Cause::BackfillUnfinished;
    };
    figures.push(Figure::new("ageSeconds", Value::Count(age)));
    match reading.last_told_at {
        Some(at) if age < DUE_SECONDS => {
            figures.push(Figure::new("lastWebhookAt", Value::At(at)));
            Cause::MissedWebhook
        }
        _ => Cause::StaleCheckpoint,
    }
}

/// Why the platform could not be heard, with the figures that prove it.
pub(super) fn why_unheard(unheard: &Unheard) -> (Cause, Vec<Figure>) {
    let said = |cause, reason: &str| (cause, vec![text("reason", reason)]);
    match unheard {
        Unheard::Throttled { until } => {
            (Cause::RateLimited, vec![Figure::new("pausedUntil", Value::At(*until))])
        }
        Unheard::Ended { reason } => said(Cause::TokenRevoked, reason),
        Unheard::Expired { reason } => said(Cause::TokenExpired, reason),
        Unheard::Forbidden { reason } => said(Cause::ScopeMissing, reason),
        Unheard::NotManaged { reason } => said(Cause::WrongEndpoint, reason),
        Unheard::OnlyRows => said(Cause::Unknown, "Fanvue has no totals of this creator"),
        Unheard::LeftOut => {
            said(Cause::Unknown, "Fanvue's totals leave this creator out, of whom there are sales")
        }
        Unheard::TooMany => {
            said(Cause::Unknown, "it takes more requests than one diagnosis may send")
        }
        Unheard::Failed { reason } => said(Cause::Unknown, reason),
    }
}

fn text(name: &'static str, value: &str) -> Figure {
    Figure::new(name, Value::Text(value.to_owned()))
}
