//! `GET /api/analytics/dashboard`: the agency's revenue, from the rollup; and the rows behind it
//! ([`transactions()`], [`export()`]).
//!
//! Four reads, each bounded and by index: the agency, how its creators stand (two), the sums. The
//! standing is read before the sums, so that no figure is ever claimed to be fresher than it is.
//! Nothing is written here, and nothing is remembered between requests.

mod answer;
mod export;
mod figure;
mod freshness;
mod kpis;
mod params;
mod period;
mod rows;
mod sums;
mod transactions;

use std::collections::HashSet;

use http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};
use ledger::CreatorId;
use store::{Agency, CreatorFreshness, SumsAsked};

use crate::{
    Ctx,
    auth::{Asker, Right, authenticate},
    http::{Problem, Request, Response, json},
};

use self::{answer::Dashboard, freshness::Standing, params::Asked, period::Period, sums::Sums};

pub(crate) use self::export::EXPORTS_MAX;
pub use self::{export::export, transactions::transactions};

/// The most creators in one answer: an agency with more has to name one.
const CREATORS_MAX: i64 = 5_000;

/// Answers the dashboard's question.
///
/// # Errors
/// 401 for strangers, 403 for a role without figures, 400 for parameters that make no sense, 404 for an
/// agency or creator that isn't there or isn't theirs, 503 when the database is away. Never zeros
/// instead of an error.
pub async fn dashboard(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let asked = Asked::parse(request)?;
    let now = ctx.clock.now();
    let asker = caller.asker(ctx, Right::Figures).await?;
    let agency = asker.agency(asked.agency).await?;
    let zone = zone(&agency)?;
    asked.check_end(ledger::today(now, &zone))?;
    // Before the standings: a return of the lists in between must not make them exact too soon.
    let unread = asker.reader.list_without_reversals(agency.id).await?.into_iter().collect();
    let creators = list_creators(&asker, &agency, &asked).await?;
    let first_day = creators.iter().filter_map(|creator| creator.first_day).min();
    let days = asked.range.days(ledger::today(now, &zone), first_day);
    let period = Period::new(days, asked.range.has_before(), now, &zone);
    let ids: Vec<_> = creators.iter().map(|creator| creator.id).collect();
    let rows = asker
        .reader
        .sum_revenue(&SumsAsked {
            agency: agency.id,
            creators: &ids,
            starts: &period.starts(),
            days: period.days_read(),
            left_out: period.days_left_out(),
            part: period.part(),
            timezone: &agency.timezone,
            now,
        })
        .await?;
    let sums = Sums::of(&period, &rows);
    let standings = standings(&creators, &unread, now);
    Ok(json(StatusCode::OK, &Dashboard::new(&agency, (&creators, standings), &period, &sums, now)))
}

/// How the creators stand; those whose reversals are not all read are never exact.
fn standings(
    creators: &[CreatorFreshness],
    unread: &HashSet<CreatorId>,
    now: Timestamp,
) -> Vec<Standing> {
    let standing = |creator: &CreatorFreshness| match Standing::of(creator, now) {
        standing if unread.contains(&creator.id) => standing.without_reversals(),
        standing => standing,
    };
    creators.iter().map(standing).collect()
}

fn zone(agency: &Agency) -> Result<TimeZone, Problem> {
    TimeZone::get(&agency.timezone)
        .map_err(|_| store::Error::Inconsistent { table: "agencies", column: "timezone" }.into())
}

async fn list_creators(
    asker: &Asker,
    agency: &Agency,
    asked: &Asked,
) -> Result<Vec<CreatorFreshness>, Problem> {
    let with_first_day = asked.range.needs_first_day();
    let creators = asker
        .reader
        .list_creator_freshness(agency.id, asked.creator, with_first_day, CREATORS_MAX + 1)
        .await?;
    if asked.creator.is_some() && creators.is_empty() {
        let detail = "the agency has no such creator";
        return Err(Problem::not_found(detail).about("modelId"));
    }
    if i64::try_from(creators.len()).is_ok_and(|count| count > CREATORS_MAX) {
        let detail = format!("the agency has more than {CREATORS_MAX} creators: name one");
        return Err(Problem::bad_parameter("modelId", detail));
    }
    Ok(creators)
}
