//! `GET /api/analytics/dashboard`: the agency's revenue, from sums that are kept; and the rows behind it
//! ([`transactions()`], [`export()`]).
//!
//! One read finds the agency and its revision. Where the caller holds the answer already, or this
//! instance has kept it, that is all (`validator`, `kept`). Else two more round trips, each bounded and by
//! index: how the creators stand; then the sums, the fans and the audiences, all of one moment. The standing
//! is read before the figures, so that none is ever claimed to be fresher than it is, and the revision before
//! both, so that an answer may be newer than its validator says and never older. Nothing is written here.

mod answer;
mod audience;
mod export;
mod figure;
mod freshness;
mod kept;
mod kpis;
mod live;
mod moment;
mod params;
mod period;
mod rows;
mod sums;
mod transactions;
mod validator;

use bytes::Bytes;
use http::{
    StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, VARY},
};
use jiff::{Timestamp, tz::TimeZone};
use store::{Agency, AudienceAsked, CreatorFreshness, FiguresAsked, SumsAsked};

use crate::{
    Ctx,
    auth::{Asker, Caller, Right, authenticate},
    http::{Problem, Request, Response, written},
};

use self::{
    answer::Dashboard,
    freshness::Standing,
    moment::Moment,
    params::Asked,
    period::Period,
    sums::Sums,
    validator::{Question, Validator},
};

#[cfg(feature = "openapi")]
pub(crate) use self::{
    answer::Dashboard as DashboardAnswer,
    params::YEARS_MAX,
    transactions::{Answer as TransactionPage, LIMIT, LIMIT_MAX},
};
pub(crate) use self::{
    export::Files,
    freshness::count_states,
    kept::Kept,
    live::Hub,
    params::{Asked as DaysAsked, NAMES, Range},
};
pub use self::{
    export::export,
    live::live,
    rows::Cursor,
    transactions::{PageAsked, transactions},
};

/// The most creators in one answer: an agency with more has to name one.
const CREATORS_MAX: i64 = 5_000;

/// Answers the dashboard's question: with 304 where the caller holds the answer.
///
/// # Errors
/// 401 for strangers, 403 for a role without figures, 400 for parameters that make no sense, 404 for an
/// agency or creator that isn't there or isn't theirs, 503 when the database is away. Never zeros
/// instead of an error.
pub async fn dashboard(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let asked = Asked::parse(request)?;
    let asker = caller.asker(ctx, Right::Figures).await?;
    let agency = asker.agency(asked.agency).await?;
    let now = ctx.clock.now();
    let question = Question::new(caller, &agency, &asked);
    if wants_it_anew(request) {
        let (validator, body) = build(ctx, &asker, question, &agency, &asked).await?;
        still_may(ctx, caller, &asker).await?;
        return Ok(whole(validator, body));
    }
    let mut held = Validator::held(request);
    if let Some(held) = held.find(|held| held.is_current(question, agency.revision, now)) {
        return Ok(not_modified(held));
    }
    if let Some((validator, body)) = ctx.kept.find(question, agency.revision, now) {
        return Ok(whole(validator, body));
    }
    // Of many who ask the same at once, one makes the answer.
    let _turn = ctx.kept.turn(question).await;
    if let Some((validator, body)) = ctx.kept.find(question, agency.revision, now) {
        return Ok(whole(validator, body));
    }
    let (validator, body) = build(ctx, &asker, question, &agency, &asked).await?;
    still_may(ctx, caller, &asker).await?;
    ctx.kept.keep(validator, body.clone());
    Ok(whole(validator, body))
}

/// Row-level security shows nothing to a user whose right ended while the answer was made: that is no
/// answer, and least of all one to keep for others.
async fn still_may(ctx: &Ctx, caller: Caller, asker: &Asker) -> Result<(), Problem> {
    let now = caller.asker(ctx, Right::Figures).await?;
    if now.own_agency() == asker.own_agency() {
        return Ok(());
    }
    Err(Problem::unavailable("your profile has just been given another agency: ask again"))
}

/// Makes the answer from the books.
async fn build(
    ctx: &Ctx,
    asker: &Asker,
    question: Question,
    agency: &Agency,
    asked: &Asked,
) -> Result<(Validator, Bytes), Problem> {
    let now = ctx.clock.now();
    let zone = zone(agency)?;
    asked.check_end(ledger::today(now, &zone))?;
    let creators = list_creators(asker, agency, asked, now).await?;
    let now = no_earlier(ctx, now, &creators);
    let moment = Moment::of(now, &zone, creators.iter().flat_map(freshness::turns));
    let now = moment.at;
    let first_day = creators.iter().filter_map(|creator| creator.first_day).min();
    let days = asked.range.days(ledger::today(now, &zone), first_day);
    let period = Period::new(days, asked.range.has_before(), now, &zone);
    let ids: Vec<_> = creators.iter().map(|creator| creator.id).collect();
    let figures = asker
        .reader
        .read_figures(&FiguresAsked {
            revenue: SumsAsked {
                agency: agency.id,
                creators: &ids,
                are_all: asked.creator.is_none(),
                starts: &period.starts(),
                own: &period.own_runs(),
                earlier: &period.earlier_runs(),
                days: period.days_read(),
                left_out: period.days_left_out(),
                part: period.part(),
                timezone: &agency.timezone,
                now,
            },
            fans: period.fans_asked(agency.id, asked.creator),
            audiences: AudienceAsked {
                agency: agency.id,
                creators: &ids,
                starts: &period.own_starts(),
                last: period.days.last(),
            },
        })
        .await?;
    let sums = Sums::of(&period, figures);
    let standings = Standing::all(&creators, now);
    let answer = Dashboard::new(agency, (&creators, standings), &period, &sums, now);
    let body = written(&answer)?;
    Ok((Validator { question, revision: agency.revision, moment }, body))
}

/// Whether the caller wants the books to be read, whatever anybody holds: a page that is reloaded.
fn wants_it_anew(request: &Request) -> bool {
    let values = request.headers().get_all(CACHE_CONTROL).iter();
    let mut words = values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    words.any(|word| word.trim().eq_ignore_ascii_case("no-cache"))
}

fn whole(validator: Validator, body: Bytes) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    validated(response, validator)
}

fn not_modified(validator: Validator) -> Response {
    let mut response = Response::new(Bytes::new().into());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    validated(response, validator)
}

fn validated(mut response: Response, validator: Validator) -> Response {
    let headers = response.headers_mut();
    headers.extend(validator.to_header().map(|tag| (ETAG, tag)));
    headers.insert(VARY, HeaderValue::from_static("authorization, cookie"));
    response
}

/// `now`, unless the database's clock shows a later instant: of two clocks of which one is wrong, that
/// one is believed by which the figures are older.
fn no_earlier(ctx: &Ctx, now: Timestamp, creators: &[CreatorFreshness]) -> Timestamp {
    let told_at = creators.iter().map(|creator| creator.told_at).max();
    told_at.filter(|_| ctx.clock.is_real()).map_or(now, |told_at| told_at.max(now))
}

fn zone(agency: &Agency) -> Result<TimeZone, Problem> {
    TimeZone::get(&agency.timezone)
        .map_err(|_| store::Error::Inconsistent { table: "agencies", column: "timezone" }.into())
}

async fn list_creators(
    asker: &Asker,
    agency: &Agency,
    asked: &Asked,
    now: Timestamp,
) -> Result<Vec<CreatorFreshness>, Problem> {
    let with_first_day = asked.range.needs_first_day();
    let creators = asker
        .reader
        .list_creator_freshness(agency.id, asked.creator, with_first_day, now, CREATORS_MAX + 1)
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
