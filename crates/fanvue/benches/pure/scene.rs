//! What is measured with: pages of a history, and the same rows as they are booked.

use bytes::Bytes;
use jiff::tz::TimeZone;
use ledger::{Booked, Books, Changes, Earning, day_deltas, fan_deltas};

use crate::{
    Failure,
    history::{NOW, ROWS_PER_PAGE, body},
    platform::Platform,
};

/// Pages that one commit books.
pub(crate) const PAGES_PER_COMMIT: usize = 20;
/// The zone in which the agency counts its days.
const ZONE: &str = "Europe/Rome";

/// A history of one commit.
pub(crate) struct Scene {
    /// The body of the first page, and the platform that tells it.
    pub(crate) first: Bytes,
    pub(crate) platform: Platform,
    pub(crate) pages: Vec<Vec<Earning>>,
    /// The rows of the first page as they are booked, and those of all pages.
    pub(crate) first_booked: Vec<Booked>,
    pub(crate) booked: Vec<Booked>,
    pub(crate) zone: TimeZone,
}

impl Scene {
    /// Sets it, and makes sure that it is what it is taken for.
    pub(crate) fn set() -> Result<Self, Failure> {
        let mut pages = vec![];
        for number in 0..PAGES_PER_COMMIT {
            let page = Platform::of(body(number))?.page().ok_or("a page makes no sense")?;
            pages.push(page.earnings);
        }
        let scene = Self {
            first: body(0),
            platform: Platform::of(body(0))?,
            first_booked: merge(vec![], &pages[..1]).inserts,
            booked: merge(vec![], &pages).inserts,
            pages,
            zone: TimeZone::get(ZONE)?,
        };
        let new = scene.news(vec![], &scene.pages[..1]);
        let again = scene.news(scene.first_booked.clone(), &scene.pages[..1]);
        let all = scene.news(vec![], &scene.pages);
        if (new.0, again, all.0) != (ROWS_PER_PAGE, (0, 0, 0), PAGES_PER_COMMIT * ROWS_PER_PAGE) {
            return Err(format!("new rows {new:?}, known ones {again:?}, all {all:?}").into());
        }
        Ok(scene)
    }

    /// What a commit has to write of these pages: rows, sums of days, days of fans.
    pub(crate) fn news(
        &self,
        booked: Vec<Booked>,
        pages: &[Vec<Earning>],
    ) -> (usize, usize, usize) {
        let changes = merge(booked, pages);
        let (days, fans) = (day_deltas(&changes, &self.zone), fan_deltas(&changes, &self.zone));
        (changes.inserts.len() + changes.updates.len(), days.len(), fans.len())
    }
}

/// What pages change in these books.
pub(crate) fn merge(booked: Vec<Booked>, pages: &[Vec<Earning>]) -> Changes {
    let mut books = Books::open(booked);
    pages.iter().for_each(|page| books.read(page));
    books.changes(None, NOW)
}
