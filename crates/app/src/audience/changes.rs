//! What became of subscribers on each of the agency's days.
//!
//! The platform counts in stretches of 24 hours from midnight of the offset that it is asked with. So
//! days of one offset are asked for together, and one that is shorter or longer, because the clocks
//! change on it, by itself.

use std::collections::BTreeMap;

use fanvue::{Changes, ChangesAsk, ChangesPage};
use jiff::{
    Timestamp, ToSpan,
    civil::Date,
    tz::{Offset, TimeZone},
};
use ledger::{Cursor, today};
use store::DayOfChanges;

use super::asking::Asker;
use crate::reading::Stop;

/// How far back is asked for at first: as far as the platform answers.
const FIRST_DAYS: i32 = 364;
/// How many days before the last one are asked for again: some changes are told late.
const LATE_DAYS: i32 = 3;
/// Days that are asked for together, which is what a page holds.
const DAYS_PER_ASK: i32 = 50;
/// The most pages of one answer.
const PAGES_MAX: u32 = 4;
const DAY_SECONDS: i64 = 24 * 3600;

/// What a complete answer told.
pub(super) struct ToldDays {
    pub(super) days: Vec<DayOfChanges>,
    /// Those of them that it says nothing of.
    pub(super) untold: Vec<Date>,
}

/// Of each day that was asked for what was told, if anything was.
type ByDay = BTreeMap<Date, Option<(i32, i32)>>;

/// Reads the days up to `now` that may have changed since they were read last.
pub(super) async fn read(
    asker: &mut Asker<'_>,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<ToldDays, Stop> {
    let failed = |reason: &str| Stop::Failed(reason.to_owned());
    let mut changes = ByDay::new();
    for span in spans(days_to_read(asker.claim.as_of, now, zone), now, zone) {
        changes.extend(days((span.first, span.last)).map(|day| (day, None)));
        let mut cursor = None;
        let mut pages = 0;
        loop {
            let page = next_page(asker, &span, cursor.as_ref()).await?;
            if let Some(first) = page.rejects.first() {
                let reason = format!("a day of changes makes no sense: {}", first.reason);
                return Err(Stop::Failed(reason));
            }
            for told in &page.days {
                add(&mut changes, &span, told, zone).map_err(failed)?;
            }
            cursor = page.next;
            pages += 1;
            match cursor {
                None => break,
                Some(_) if PAGES_MAX <= pages => {
                    return Err(failed("the days of changes never end"));
                }
                Some(_) => {}
            }
        }
    }
    Ok(ToldDays::of(&changes))
}

impl ToldDays {
    /// A day of which a complete answer tells nothing is a day on which nothing changed.
    fn of(changes: &ByDay) -> Self {
        let day = |(on, told): (&Date, &Option<(i32, i32)>)| {
            let (new, cancelled) = told.unwrap_or_default();
            DayOfChanges { on: *on, new, cancelled }
        };
        let untold = changes.iter().filter(|(_, told)| told.is_none()).map(|(on, _)| *on);
        Self { days: changes.iter().map(day).collect(), untold: untold.collect() }
    }

    /// Leaves out days after that one: a clock that is ahead asked for a day that has not begun.
    pub(super) fn until(&mut self, last: Date) {
        self.days.retain(|day| day.on <= last);
        self.untold.retain(|on| *on <= last);
    }
}

async fn next_page(
    asker: &mut Asker<'_>,
    span: &Span,
    cursor: Option<&Cursor>,
) -> Result<ChangesPage, Stop> {
    let ctx = asker.ctx;
    loop {
        let access = asker.leave().await?;
        let ask = ChangesAsk {
            reader: &asker.reader,
            routes: access.routes,
            start: span.start,
            end: span.end,
            offset: span.offset,
            cursor,
        };
        let answer = ctx.platform.changes_page(&access.token, &ask).await;
        if let Some(page) = asker.hear(&access, answer).await? {
            return Ok(page);
        }
    }
}

/// The first and the last day to ask for: from some days before the last one that was read, or from as
/// far back as there is anything, to today.
fn days_to_read(as_of: Option<Timestamp>, now: Timestamp, zone: &TimeZone) -> (Date, Date) {
    let last = today(now, zone);
    let oldest = last.saturating_sub(FIRST_DAYS.days());
    let first = match as_of {
        None => oldest,
        Some(at) => today(at, zone).saturating_sub(LATE_DAYS.days()).clamp(oldest, last),
    };
    (first, last)
}

fn days((first, last): (Date, Date)) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take_while(move |day| *day <= last)
}

/// Days that are asked for together.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    first: Date,
    last: Date,
    start: Timestamp,
    end: Timestamp,
    offset: Offset,
}

impl Span {
    /// Whether a day may be asked for together with these.
    fn goes_on_with(&self, day: &Self) -> bool {
        let is_whole = self.end.duration_since(self.start).as_secs() % DAY_SECONDS == 0;
        let has_room = self.last < self.first.saturating_add((DAYS_PER_ASK - 1).days());
        is_whole && has_room && self.offset == day.offset && self.end == day.start
    }
}

/// The days, cut such that each piece is a number of whole stretches of 24 hours, or one day. Nothing
/// after `now` is asked for.
fn spans(asked: (Date, Date), now: Timestamp, zone: &TimeZone) -> Vec<Span> {
    let mut spans: Vec<Span> = vec![];
    for day in days(asked) {
        let begin = day.to_zoned(zone.clone());
        let next = day.tomorrow().and_then(|next| next.to_zoned(zone.clone()));
        let (Ok(begin), Ok(next)) = (begin, next) else { continue };
        let (start, next) = (begin.timestamp(), next.timestamp());
        let span =
            Span { first: day, last: day, start, end: next.min(now), offset: begin.offset() };
        if span.end <= start {
            continue;
        }
        let is_whole = next.duration_since(start).as_secs() == DAY_SECONDS;
        match spans.last_mut().filter(|before| is_whole && before.goes_on_with(&span)) {
            Some(before) => (before.last, before.end) = (span.last, span.end),
            None => spans.push(span),
        }
    }
    spans
}

/// Adds a stretch of the answer to its day. One that does not begin at a midnight of the offset that was
/// asked with says that the platform counts otherwise than we know.
fn add(
    changes: &mut ByDay,
    span: &Span,
    told: &Changes,
    zone: &TimeZone,
) -> Result<(), &'static str> {
    let local = told.at.as_second() + i64::from(span.offset.seconds());
    let is_midnight = local % DAY_SECONDS == 0 && told.at.subsec_nanosecond() == 0;
    let is_asked = told.at < span.end && span.start.duration_since(told.at).as_secs() < DAY_SECONDS;
    // Where the clocks skip midnight, the stretch begins before the day does; and a day of 25 hours has
    // two of them.
    let day = today(told.at.max(span.start), zone);
    match changes.get_mut(&day).filter(|_| is_midnight && is_asked) {
        None => Err("Fanvue told changes of a day that was not asked for"),
        Some(day) => {
            let (new, cancelled) = day.get_or_insert_default();
            *new = new.saturating_add(told.new);
            *cancelled = cancelled.saturating_add(told.cancelled);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
