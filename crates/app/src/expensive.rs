//! What costs much and anybody with the right may ask for at any time is given to each caller so many
//! times: a history read again, a diagnosis, a file. Together, because they draw from the same
//! requests and the same database.

use jiff::SignedDuration;
use ledger::AgencyId;
use store::Allowance;

use crate::{
    Ctx,
    auth::{Caller, check_site},
    http::{Problem, Request},
};

/// Calls of one caller about one agency: 30 in any 10 minutes. Twice what a person does who works with the page
/// all that time (`ten_minutes_of_a_persons_work_are_half_of_what_is_given`).
const ALLOWANCE: Allowance = Allowance { calls_max: 30, seconds: 600 };

/// Counts a call that is about to be answered: after everything that refuses it for less.
///
/// # Errors
/// 403 for a call that another site's page makes with a user's cookie, 429 for one too many, 503 without a
/// database.
pub(crate) async fn count(
    ctx: &Ctx,
    request: &Request,
    caller: Caller,
    agency: AgencyId,
) -> Result<(), Problem> {
    check_site(ctx, request)?;
    let user = match caller {
        Caller::Operator => None,
        Caller::User(user) => Some(user),
    };
    let now = ctx.clock.now();
    match ctx.store.count_expensive_call(agency, user, ALLOWANCE, now).await? {
        None => Ok(()),
        Some(until) => Err(refusal(until.duration_since(now))),
    }
}

/// Whole seconds, up: who comes back then is granted.
fn refusal(wait: SignedDuration) -> Problem {
    let Allowance { calls_max, seconds } = ALLOWANCE;
    let whole = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
    let wait = u32::try_from(whole.clamp(1, seconds.into())).unwrap_or(1);
    let detail = format!(
        "{calls_max} syncs, diagnoses and files in {} minutes are given to one caller: ask again \
         in {wait} seconds, and for more at once (all creators, more days) instead of piece by piece",
        seconds / 60
    );
    Problem::used_up(detail, wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_whole_seconds_and_never_none_or_longer_than_the_span() {
        for (wait, told) in [(0, "in 1 s"), (1, "in 1 s"), (1_000, "in 1 s"), (1_001, "in 2 s")] {
            let problem = refusal(SignedDuration::from_millis(wait));
            assert!(problem.detail.contains(told), "{wait}: {}", problem.detail);
        }
        let problem = refusal(SignedDuration::from_hours(1));
        assert!(problem.detail.contains("in 600 seconds"), "{}", problem.detail);
    }
}
