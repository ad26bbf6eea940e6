//! Sending what waits: one message an agency, under a lease, until the time is over or Telegram takes no
//! more.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use ledger::AgencyId;
use store::{Alert, AlertEnd, AlertKind, HeldAlerts, PutBack};
use uuid::Uuid;

use super::{
    judging::Judge,
    message,
    report::{AlertReport, Outcome},
};
use crate::{
    Ctx, Error,
    telegram::{Bot, NotSent},
};

/// When a tick stops sending, in seconds; sooner where the platform ends the invocation sooner.
const TICK_SECONDS: i64 = 120;
/// How long nobody else sends what a tick has claimed, in seconds: its own time, the longest exchange
/// with Telegram, and time to write down what came of it.
const LEASE_SECONDS: i64 = 240;
/// The most alerts that one tick sends.
const CLAIMED_MAX: i64 = 500;
/// Attempts of one tick to send a message that did not arrive.
const TRIES_MAX: u32 = 3;
/// Attempts in all, a tick each: with ticks every six hours it is given up after three days.
const ATTEMPTS_MAX: i32 = 12;
/// The pause after the first attempt, in seconds. It doubles.
const PAUSE_SECONDS: i64 = 60;
/// The longest pause, in seconds: it begins when a tick has sent, some minutes after it began, and is over when
/// the next one begins, six hours after that.
const PAUSE_SECONDS_MAX: i64 = 6 * 3_600 - 5 * 60;

/// What became of the alerts that a tick took up.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) alerts: Vec<AlertReport>,
    /// Why something was not sent.
    pub(super) error: Option<String>,
}

/// Sends the alerts that wait, in so many seconds from the tick's beginning, by our own clock, at most.
///
/// # Errors
/// [`Error::Store`]. What was sent by then and could not be written down is sent again, as doubtful.
pub(super) async fn send_waiting(
    ctx: &Ctx,
    kind: AlertKind,
    judge: Judge,
    (begun_at, seconds): (Timestamp, i64),
) -> Result<Told, Error> {
    let deadline = after(begun_at, seconds.min(TICK_SECONDS));
    if deadline <= ctx.clock.now() {
        // It would send nothing, and hold up a tick that has begun since.
        return Ok(Told::default());
    }
    let (now, lease_token) = (judge.now(ctx), ctx.entropy.uuid());
    let lease_until = after(now, LEASE_SECONDS);
    let claimed = ctx.store.claim_alerts(kind, now, lease_until, lease_token, CLAIMED_MAX).await?;
    let mut by_agency: BTreeMap<AgencyId, Vec<Alert>> = BTreeMap::new();
    for alert in claimed {
        by_agency.entry(alert.agency).or_default().push(alert);
    }
    let (stopped_until, told) = (None, Told::default());
    let mut round = Round { ctx, kind, judge, lease_token, deadline, stopped_until, told };
    for (agency, alerts) in by_agency {
        round.tell(agency, &alerts).await?;
    }
    Ok(round.told)
}

/// One tick's sending.
struct Round<'a> {
    ctx: &'a Ctx,
    kind: AlertKind,
    judge: Judge,
    lease_token: Uuid,
    /// By our own clock.
    deadline: Timestamp,
    /// Once Telegram did not take a message: until when nothing is sent. All go to the same chat.
    stopped_until: Option<Timestamp>,
    told: Told,
}

impl Round<'_> {
    /// Tells an agency's alerts, or lets them wait.
    async fn tell(&mut self, agency: AgencyId, alerts: &[Alert]) -> Result<(), Error> {
        let ctx = self.ctx;
        let held = HeldAlerts { agency, kind: self.kind, lease_token: self.lease_token };
        let Some(bot) = &ctx.bot else {
            let now = self.judge.now(ctx);
            ctx.store.settle_alerts(held, AlertEnd::NotConfigured, now).await?;
            self.note(alerts, |_| Outcome::NotConfigured);
            return Ok(());
        };
        if self.stopped_until.is_some() || self.deadline <= ctx.clock.now() {
            let back = PutBack { retry_at: self.stopped_until, reason: None, is_doubtful: false };
            ctx.store.put_back_alerts(held, back).await?;
            self.note(alerts, |_| Outcome::Waiting);
            return Ok(());
        }
        let text = message::write(self.kind, alerts);
        let sent = self.send(bot, &text).await;
        match sent {
            Ok(()) => {
                ctx.store.settle_alerts(held, AlertEnd::Sent, self.judge.now(ctx)).await?;
                self.note(alerts, |_| Outcome::Sent);
                Ok(())
            }
            Err(error) => self.put_off(held, alerts, &error).await,
        }
    }

    /// Sends a message, and again where it surely did not arrive and there is time.
    async fn send(&self, bot: &Bot, text: &str) -> Result<(), NotSent> {
        let clock = &self.ctx.clock;
        let mut tries = 1;
        loop {
            let Err(error) = bot.send(text).await else { return Ok(()) };
            let Some(at) = again_at(&error, tries, clock.now(), self.deadline) else {
                return Err(error);
            };
            clock.sleep_until(at).await;
            tries += 1;
        }
    }

    /// Lets alerts wait that Telegram did not take, or gives them up, and ends this tick's sending.
    async fn put_off(
        &mut self,
        held: HeldAlerts,
        alerts: &[Alert],
        error: &NotSent,
    ) -> Result<(), Error> {
        let (store, now) = (&self.ctx.store, self.judge.now(self.ctx));
        let reason = error.to_string();
        let attempts = alerts.iter().map(|alert| alert.attempts).max().unwrap_or(1);
        let retry_at = retry_at(error, attempts, now);
        store.give_up_alerts(held, ATTEMPTS_MAX, &reason, now).await?;
        let back = PutBack {
            retry_at: Some(retry_at),
            reason: Some(&reason),
            is_doubtful: *error == NotSent::Unknown,
        };
        store.put_back_alerts(held, back).await?;
        let given_up = alerts.iter().filter(|alert| is_last(alert)).count();
        if 0 < given_up {
            let agency = held.agency;
            tracing::error!(agency.id = %agency, given_up, error = reason, "alerts are given up");
        } else {
            tracing::warn!(agency.id = %held.agency, error = reason, "alerts are not sent yet");
        }
        self.note(alerts, |alert| if is_last(alert) { Outcome::Failed } else { Outcome::Waiting });
        self.stopped_until = Some(retry_at);
        self.told.error = Some(reason);
        Ok(())
    }

    fn note(&mut self, alerts: &[Alert], outcome: impl Fn(&Alert) -> Outcome) {
        let reports = alerts.iter().map(|alert| AlertReport::of(alert, outcome(alert)));
        self.told.alerts.extend(reports);
    }
}

/// Whether this was the last attempt.
fn is_last(alert: &Alert) -> bool {
    ATTEMPTS_MAX <= alert.attempts
}

/// When to send a message once more in this tick, if at all. One that may have arrived is left to a later
/// tick, which says so.
fn again_at(error: &NotSent, tries: u32, now: Timestamp, deadline: Timestamp) -> Option<Timestamp> {
    let seconds = match error {
        NotSent::Failed { .. } => i64::from(tries),
        NotSent::Throttled { seconds } => *seconds,
        NotSent::Refused { .. } | NotSent::Unknown => return None,
    };
    let at = after(now, seconds);
    (tries < TRIES_MAX && at < deadline).then_some(at)
}

/// When a later tick may try, after that many attempts.
fn retry_at(error: &NotSent, attempts: i32, now: Timestamp) -> Timestamp {
    let doubled = PAUSE_SECONDS << (attempts.clamp(1, ATTEMPTS_MAX) - 1);
    let told = match error {
        NotSent::Throttled { seconds } => *seconds,
        _ => 0,
    };
    after(now, doubled.min(PAUSE_SECONDS_MAX).max(told))
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> NotSent {
        NotSent::Failed { what: "failed (502)".to_owned() }
    }

    fn refused() -> NotSent {
        NotSent::Refused { status: 401, said: "Unauthorized".to_owned() }
    }

    #[test]
    fn only_what_surely_did_not_arrive_is_sent_again_at_once() {
        let now = Timestamp::UNIX_EPOCH;
        let again = |error: &NotSent, tries| {
            again_at(error, tries, now, after(now, 60)).map(|at| at.as_second())
        };
        assert_eq!([1, 2, 3].map(|tries| again(&failed(), tries)), [Some(1), Some(2), None]);
        assert_eq!(again(&NotSent::Throttled { seconds: 59 }, 1), Some(59));
        assert_eq!(again(&NotSent::Throttled { seconds: 60 }, 1), None, "the tick is over then");
        assert_eq!(again(&NotSent::Unknown, 1), None);
        assert_eq!(again(&refused(), 1), None);
    }

    #[test]
    fn pauses_double_up_to_a_little_less_than_six_hours_and_are_as_long_as_telegram_asks() {
        let pause = |error: &NotSent, attempts| {
            retry_at(error, attempts, Timestamp::UNIX_EPOCH).as_second()
        };
        assert_eq!([1, 2, 3].map(|attempts| pause(&failed(), attempts)), [60, 120, 240]);
        assert_eq!([0, 9, 10, 99].map(|n| pause(&refused(), n)), [60, 15_360, 21_300, 21_300]);
        assert_eq!(pause(&NotSent::Throttled { seconds: 600 }, 1), 600);
        assert_eq!(pause(&NotSent::Throttled { seconds: 5 }, 2), 120);
        assert_eq!(pause(&NotSent::Unknown, 1), 60);
    }
}
