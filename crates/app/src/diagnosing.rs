//! `GET /api/fanvue/diagnose-revenue`: why what is shown is not what Fanvue says, creator by creator.
//!
//! The books of fifty creators at most are read in one snapshot, then Fanvue is asked what it has up to that
//! moment, with a bounded number of requests from the same budget as everybody's; then those of the next.
//! `ledger::diagnosis` explains the difference. Nothing is written but what asking costs. It adds up ledgers and
//! asks Fanvue, so every one is counted (`expensive`), and reading has an end.

mod asking;
mod days;
mod gathering;
mod hearing;
mod lately;
mod shown;

use ::http::StatusCode;
use jiff::{ToSpan, civil::date, tz::TimeZone};
use ledger::{
    AgencyId, CreatorId, Days, NamedRange,
    diagnosis::{Diagnosis, DriftedSum, diagnose as explain},
};
use store::{Agency, AskedAbout, BooksAsked, Reader};

pub use self::shown::{Depth, Diagnosed};
use self::{
    asking::Platform,
    gathering::{gather, gather_of_all},
    hearing::hear,
    shown::{About, Asking},
};
use crate::{
    Ctx, Error,
    analytics::{DaysAsked, NAMES, Range},
    auth::{Asker, Right, authenticate},
    expensive,
    http::{Problem, Request, Response, chain, json},
    query::Query,
};

/// The most creators of one diagnosis.
const CREATORS_MAX: usize = 1_000;

/// Creators whose books are held in memory at once, each with all its days.
const CREATORS_AT_ONCE: usize = 50;

/// What is asked beside days.
const MORE_NAMES: [&str; 2] = ["modelName", "depth"];

/// The longest part of a name that is looked for, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 100;

/// What somebody wants explained.
#[derive(Clone, Debug)]
pub struct Question {
    agency: Option<AgencyId>,
    creator: Option<CreatorId>,
    /// Part of the creators' names.
    part: Option<String>,
    range: Range,
    depth: Depth,
}

impl Question {
    /// What these parameters ask, by their names in the endpoint's query.
    ///
    /// # Errors
    /// As the endpoint: 400.
    pub fn of_words(words: &[(&str, &str)]) -> Result<Self, Problem> {
        Self::of(&Query::of_words(words, &[NAMES, &MORE_NAMES[..]].concat())?)
    }

    fn of(query: &Query) -> Result<Self, Problem> {
        let asked = DaysAsked::of(query)?;
        let names_days = NAMES[2..].iter().any(|name| query.get(name).is_some());
        let range = if names_days { asked.range } else { Range::Named(NamedRange::All) };
        let part = query.get("modelName").map(str::to_owned);
        if part.as_ref().is_some_and(|part| NAME_CHARS_MAX < part.chars().count()) {
            let detail = format!("modelName may have {NAME_CHARS_MAX} characters");
            return Err(Problem::bad_parameter("modelName", detail));
        }
        if part.is_some() && asked.creator.is_some() {
            let detail = "send either modelId or modelName, not both";
            return Err(Problem::bad_parameter("modelName", detail));
        }
        let depth = match query.get("depth") {
            None => Depth::Totals,
            Some(name) => Depth::from_name(name)
                .ok_or_else(|| Problem::bad_parameter("depth", "depth must be totals or rows"))?,
        };
        Ok(Self { agency: asked.agency, creator: asked.creator, part, range, depth })
    }

    /// Refuses days further ahead than tomorrow.
    fn check_end(&self, ctx: &Ctx, agency: &Agency) -> Result<(), Problem> {
        let zone = zone(agency)?;
        let asked = DaysAsked { agency: None, creator: None, range: self.range };
        asked.check_end(ledger::today(ctx.clock.now(), &zone))
    }

    fn is_about_all(&self) -> bool {
        self.creator.is_none() && self.part.is_none()
    }

    fn is_whole(&self) -> bool {
        matches!(self.range, Range::Named(NamedRange::All))
    }
}

/// Answers `GET /api/fanvue/diagnose-revenue`.
///
/// # Errors
/// 401, 403, 400, 404; 429 for one too many; 503 without a database, or where it takes too long. What Fanvue
/// does is told in the answer.
pub async fn diagnose_revenue(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let query = Query::parse(request, &[NAMES, &MORE_NAMES[..]].concat())?;
    let question = Question::of(&query)?;
    let asker = caller.asker(ctx, Right::Sync).await?;
    let (agency, about) = whom(ctx, &asker, &question).await?;
    question.check_end(ctx, &agency)?;
    expensive::count(ctx, request, caller, agency.id).await?;
    match diagnose(ctx, &agency, &about, &question).await {
        Ok(answer) => json(StatusCode::OK, &answer),
        Err(Error::Store(error)) if error.is_out_of_time() => {
            tracing::warn!(agency.id = %agency.id, error = chain(&error), "not diagnosed in time");
            let detail = "these books take too long to add up: ask for one creator (modelId), or for fewer days";
            Err(Problem::unavailable(detail))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whom it concerns, among those whom the caller may see.
async fn whom(
    ctx: &Ctx,
    asker: &Asker,
    question: &Question,
) -> Result<(Agency, Vec<AskedAbout>), Problem> {
    let named = match (question.agency, question.creator) {
        (None, Some(_)) => asker.own_agency(),
        (named, _) => Some(asker.agency(named).await?.id),
    };
    let about = list(&asker.reader, named, question).await?;
    let (creator, part) = (question.creator, question.part.as_deref());
    let field = if part.is_some() { "modelName" } else { "modelId" };
    let missing = || Problem::not_found("there is no such creator").about(field);
    let agency = match (about.first(), named) {
        (Some(first), _) => first.agency,
        (None, Some(agency)) if creator.is_none() && part.is_none() => agency,
        (None, _) => return Err(missing()),
    };
    let agency = ctx.store.reader().find_agency(agency).await?.ok_or_else(missing)?;
    Ok((agency, about))
}

/// The creators that somebody asks about, if they are not too many.
async fn list(
    reader: &Reader,
    agency: Option<AgencyId>,
    question: &Question,
) -> Result<Vec<AskedAbout>, Problem> {
    let (creator, part) = (question.creator, question.part.as_deref());
    let limit = i64::try_from(CREATORS_MAX + 1).unwrap_or(i64::MAX);
    let about = reader.list_asked_about(agency, creator, part, limit).await?;
    if CREATORS_MAX < about.len() {
        let detail = format!("these are more than {CREATORS_MAX} creators: ask for one of them");
        return Err(Problem::bad_parameter("modelId", detail));
    }
    Ok(about)
}

/// The same for whoever holds the configuration: whom an id, a part of a name or nothing means.
///
/// # Errors
/// 400 for more creators than one diagnosis takes, and for days further ahead than tomorrow; 404 for none.
pub async fn find(
    ctx: &Ctx,
    agency: &Agency,
    question: &Question,
) -> Result<Vec<AskedAbout>, Problem> {
    question.check_end(ctx, agency)?;
    let about = list(&ctx.store.reader(), Some(agency.id), question).await?;
    if about.is_empty() && !question.is_about_all() {
        return Err(Problem::not_found("there is no such creator").about("modelId"));
    }
    Ok(about)
}

/// Explains what is shown of these creators of one agency.
///
/// # Errors
/// As for any statement; [`Error::Zone`] where the agency's zone is none.
pub async fn diagnose<'a>(
    ctx: &Ctx,
    agency: &Agency,
    about: &'a [AskedAbout],
    question: &Question,
) -> Result<Diagnosed<'a>, Error> {
    let now = ctx.clock.now();
    let zone = zone(agency)?;
    let today = ledger::today(now, &zone);
    let days = match question.range {
        // A row of tomorrow may be booked already where the zone is far from here.
        Range::Named(NamedRange::All) => {
            NamedRange::All.days(today.saturating_add(1.day()), Some(date(1970, 1, 1)))
        }
        range => range.days(today, None),
    };
    let wants_rows = question.depth == Depth::Rows;
    let mut platform = Platform::new(ctx, now);
    let (mut shown, mut of_all) = (vec![], vec![]);
    let groups = about.chunks(CREATORS_AT_ONCE);
    let count = groups.len();
    for (n, about) in groups.enumerate() {
        let creators: Vec<_> = about.iter().map(|one| one.creator).collect();
        let asked = BooksAsked {
            agency: agency.id,
            creators: &creators,
            days: (days.first(), days.last()),
            instants: days.instants(&zone),
            utc: days.instants(&TimeZone::UTC),
            now: ctx.clock.now(),
        };
        let left = || platform.left_to_read();
        if n == 0 && question.is_about_all() {
            of_all = gather_of_all(ctx, &asked, question.is_whole(), &left).await?;
        }
        let mut subjects = gather(ctx, &asked, question.is_whole(), &left).await?;
        let rest = (wants_rows, count - n - 1);
        hear(ctx, &mut platform, &asked, &mut subjects, rest).await?;
        shown.extend(subjects.iter().filter_map(|subject| {
            let one = about.iter().find(|one| one.creator == subject.creator)?;
            Some((About::of(one, subject), explain(&subject.facts)))
        }));
    }
    note_sums_of_all(&mut shown, &of_all);
    let asking =
        Asking { at: now, requests: platform.requests, requests_max: asking::REQUESTS_MAX };
    let span = (!question.is_whole()).then_some(days);
    Ok(Diagnosed::of(agency.id, (question.depth, span), asking, shown))
}

/// Sums of all creators together are mended by whoever reads one of them: so they are told of one, whose own
/// sums are off as well, or else who can be read.
fn note_sums_of_all(shown: &mut [(About<'_>, Diagnosis)], of_all: &[DriftedSum]) {
    let is_first = |about: &About<'_>| (!about.has_drifted_sums, !about.is_readable);
    let told = shown.iter_mut().min_by_key(|(about, _)| is_first(about));
    if let Some((_, diagnosis)) = told {
        diagnosis.note_sums_of_all(of_all);
    }
}

fn zone(agency: &Agency) -> Result<TimeZone, Error> {
    TimeZone::get(&agency.timezone).map_err(|_| Error::Zone { name: agency.timezone.clone() })
}

/// The days asked for, where not all are.
type Span = Option<Days>;
