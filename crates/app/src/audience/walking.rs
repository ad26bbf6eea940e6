//! Counting a list by walking it, page by page and over several ticks where it is long. Whoever is met
//! twice counts once: lists shift while they are read.

use std::collections::HashSet;

use fanvue::{AgencyMark, PeopleAsk, PeopleList, PeoplePage};
use jiff::Timestamp;
use ledger::Cursor;
use store::Walk;

use super::{after, asking::Asker};
use crate::{Error, reading::Stop};

/// Pages after which it is written down how far the count has come.
const SAVED_PAGES: u32 = 20;
/// The longest list that is counted: two hundred thousand people.
const WALK_PAGES_MAX: u32 = 4_000;
/// A count that was begun longer ago begins again: it would be of no moment.
const WALK_SECONDS_MAX: i64 = 6 * 3600;
/// Times that a count begins again in one tick before the tick gives up on it.
const RESTARTS_MAX: u32 = 2;

/// What a whole list comes to.
pub(super) struct Listed {
    pub(super) count: i32,
    /// As of when, by the platform's clock.
    pub(super) as_of: Timestamp,
    /// Its last page was empty, as that of a list of nobody is.
    pub(super) ends_empty: bool,
}

/// Counts a list to its end.
pub(super) async fn count(
    asker: &mut Asker<'_>,
    list: PeopleList,
    pages_max: u32,
) -> Result<Listed, Stop> {
    let ctx = asker.ctx;
    let mut begun_at = ctx.clock.now();
    let mut count = Count::resumed(asker.claim.walk.as_ref(), ctx.platform_now());
    let (mut pages, mut restarts, mut ends_empty) = (0_u32, 0, false);
    let stop = loop {
        if pages_max <= pages {
            break Stop::Deadline;
        }
        pages += 1;
        let taken = match next_page(asker, list, count.mark.as_ref()).await {
            Ok(page) => {
                if count.pages == 0 {
                    // How wrong our clock is was perhaps told only now.
                    count.begun_at = ctx.platform_at(begun_at);
                }
                ends_empty = page.people.is_empty();
                count.take(&page)
            }
            Err(_) if asker.is_cursor_refused => {
                Taken::Again("Fanvue refused a cursor that it gave".to_owned())
            }
            Err(stop) => break stop,
        };
        match taken {
            Taken::More => {}
            Taken::All => {
                return Ok(Listed { count: count.total()?, as_of: count.begun_at, ends_empty });
            }
            Taken::Nonsense(reason) => break Stop::Failed(reason),
            Taken::Again(reason) => {
                asker.is_cursor_refused = false;
                begun_at = ctx.clock.now();
                count = Count::begun(ctx.platform_now());
                restarts += 1;
                if RESTARTS_MAX < restarts {
                    break Stop::Failed(reason);
                }
            }
        }
        if pages.is_multiple_of(SAVED_PAGES) {
            save(asker, &count).await?;
        }
    };
    if !matches!(stop, Stop::Lost) {
        save(asker, &count).await?;
    }
    Err(stop)
}

async fn save(asker: &Asker<'_>, count: &Count) -> Result<(), Stop> {
    let saved = asker.ctx.store.save_walk(&asker.claim.lease, &count.saved()).await;
    Ok(saved.map_err(Error::from)?)
}

async fn next_page(
    asker: &mut Asker<'_>,
    list: PeopleList,
    mark: Option<&AgencyMark>,
) -> Result<PeoplePage, Stop> {
    let ctx = asker.ctx;
    loop {
        let access = asker.leave().await?;
        let now = ctx.platform_now();
        let ask = PeopleAsk { reader: &asker.reader, list, routes: access.routes, mark };
        let answer = ctx.platform.people_page(&access.token, &ask, now).await;
        if let Some(page) = asker.hear(&access, answer).await? {
            return Ok(page);
        }
    }
}

/// A list as far as it has been counted.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    begun_at: Timestamp,
    mark: Option<AgencyMark>,
    pages: u32,
    total: i64,
    seen: HashSet<u64>,
}

/// What came of a page.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    /// There is another one.
    More,
    /// It was the last.
    All,
    /// The count has to begin again.
    Again(String),
    /// It can't be counted.
    Nonsense(String),
}

impl Count {
    fn begun(now: Timestamp) -> Self {
        Self { begun_at: now, mark: None, pages: 0, total: 0, seen: HashSet::new() }
    }

    /// Goes on where an earlier tick stopped, unless that is too long ago or can't be read. Of a count without
    /// a page nothing is known as of when it was begun.
    fn resumed(walk: Option<&Walk>, now: Timestamp) -> Self {
        let fresh = |walk: &&Walk| {
            let is_young = walk.begun_at <= now && now < after(walk.begun_at, WALK_SECONDS_MAX);
            0 < walk.pages && is_young
        };
        walk.filter(fresh).and_then(Self::read).unwrap_or_else(|| Self::begun(now))
    }

    fn read(walk: &Walk) -> Option<Self> {
        let mark = match walk.mark.as_deref() {
            None => None,
            Some(text) => Some(read_mark(text)?),
        };
        let (people, rest) = walk.seen.as_chunks::<8>();
        if !rest.is_empty() {
            return None;
        }
        Some(Self {
            begun_at: walk.begun_at,
            mark,
            pages: u32::try_from(walk.pages).ok()?,
            total: walk.total,
            seen: people.iter().map(|key| u64::from_be_bytes(*key)).collect(),
        })
    }

    fn saved(&self) -> Walk {
        Walk {
            begun_at: self.begun_at,
            mark: self.mark.as_ref().map(written_mark),
            pages: i32::try_from(self.pages).unwrap_or(i32::MAX),
            total: self.total,
            seen: self.seen.iter().flat_map(|key| key.to_be_bytes()).collect(),
        }
    }

    /// An entry that makes no sense may be somebody, so nothing is counted with one. A page of nobody
    /// new is one that was there before: the list goes in a circle.
    fn take(&mut self, page: &PeoplePage) -> Taken {
        if let Some(first) = page.rejects.first() {
            let count = page.rejects.len();
            let reason = format!("{count} entries of the list make no sense: {}", first.reason);
            return Taken::Nonsense(reason);
        }
        if WALK_PAGES_MAX <= self.pages {
            return Taken::Nonsense("the list never ends".to_owned());
        }
        let known = self.seen.len();
        for person in &page.people {
            if self.seen.insert(person.key) {
                self.total = self.total.saturating_add(person.counts);
            }
        }
        let is_known = !page.people.is_empty() && self.seen.len() == known;
        if is_known || (page.next.is_some() && page.next == self.mark) {
            return Taken::Again("Fanvue repeated a page of the list".to_owned());
        }
        self.pages += 1;
        self.mark.clone_from(&page.next);
        if self.mark.is_some() { Taken::More } else { Taken::All }
    }

    fn total(&self) -> Result<i32, Stop> {
        i32::try_from(self.total)
            .map_err(|_| Stop::Failed("the list comes to more than can be".to_owned()))
    }
}

fn written_mark(mark: &AgencyMark) -> String {
    match mark {
        AgencyMark::Page(page) => format!("page {page}"),
        AgencyMark::Cursor(cursor) => format!("cursor {}", cursor.as_str()),
    }
}

fn read_mark(text: &str) -> Option<AgencyMark> {
    match text.split_once(' ')? {
        ("page", page) => page.parse().ok().map(AgencyMark::Page),
        ("cursor", cursor) => Cursor::new(cursor).map(AgencyMark::Cursor),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
