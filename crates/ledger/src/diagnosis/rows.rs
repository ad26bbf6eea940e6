//! The platform's rows beside those of the ledger: which are missing, which are too many, which differ,
//! and what each of them shows about why.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::{Booked, Cents, Content, Earning, Key, OrderId};

/// What a row that differs shows about its cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clue {
    /// Nothing.
    None,
    /// It takes money back.
    Reversal,
    /// The ledger holds an equal one, and neither has an id.
    Twin,
    /// The ledger holds the platform's one row more than once.
    Repeated,
    /// Its content is no longer what its own key says.
    Edited,
    /// The ledger holds what the fan paid, in the fan's currency.
    Paid {
        /// Which.
        currency: String,
    },
    /// Another creator of the agency has the same row.
    Foreign,
    /// It could not be read as money.
    Rejected {
        /// Why.
        reason: String,
        /// When it was paid, where that can be read: it may lie outside the span that it stood in.
        dated: Option<Timestamp>,
        /// Whether it lay in the future by our clock.
        is_future: bool,
    },
}

/// A row on which the platform and the ledger differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowDifference {
    /// The platform's id of it, or the ledger's key.
    pub key: String,
    /// When it was paid.
    pub at: Timestamp,
    /// What the platform says; `None` where it lists no such row.
    pub theirs: Option<Cents>,
    /// What the ledger says; `None` where it holds no such row.
    pub ours: Option<Cents>,
    /// What it shows.
    pub clue: Clue,
}

impl RowDifference {
    /// What the ledger has too much.
    #[must_use]
    pub fn cents(&self) -> Cents {
        self.ours.unwrap_or_default() - self.theirs.unwrap_or_default()
    }

    /// How many rows the ledger has too many.
    #[must_use]
    pub fn rows(&self) -> i64 {
        i64::from(self.ours.is_some()) - i64::from(self.theirs.is_some())
    }
}

/// A row of the platform that is no earning, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    /// Its id, or what else names it.
    pub key: String,
    /// When it was paid, where that can be read.
    pub at: Option<Timestamp>,
    /// Its gross, where that is whole cents.
    pub gross: Option<Cents>,
    /// Why it is no earning.
    pub reason: String,
    /// Whether it lay in the future by our clock.
    pub is_future: bool,
}

impl RejectedRow {
    /// As a row that the ledger lacks, at an instant of the span that it stood in.
    #[must_use]
    pub fn difference(&self, at: Timestamp) -> RowDifference {
        let (reason, dated, is_future) = (self.reason.clone(), self.at, self.is_future);
        RowDifference {
            key: self.key.clone(),
            at,
            theirs: Some(self.gross.unwrap_or_default()),
            ours: None,
            clue: Clue::Rejected { reason, dated, is_future },
        }
    }
}

/// Rows of one id once: pages may repeat a row that moved over their edge.
#[must_use]
pub fn once(mut rows: Vec<Earning>) -> Vec<Earning> {
    let mut ids = HashSet::new();
    rows.retain(|row| row.order_id.as_ref().is_none_or(|id| ids.insert(id.clone())));
    rows
}

/// Every row on which they differ. `theirs` and `ours` are all rows of the same span; `foreign` holds the
/// ids among ours that another creator of the agency has too.
#[must_use]
pub fn compare_rows(
    theirs: &[Earning],
    ours: &[Booked],
    foreign: &HashSet<String>,
) -> Vec<RowDifference> {
    let mut pairs = Pairs::of(theirs, ours);
    pairs.by_id();
    pairs.by_content();
    pairs.by_former_content();
    let mut differences = pairs.differences;
    let is_anonymous = |row: &Booked| matches!(row.key, Key::Content { .. });
    let booked: HashSet<Content> =
        ours.iter().filter(|row| is_anonymous(row)).map(|row| Content::of(&row.earning)).collect();
    let listed: HashSet<Content> = theirs.iter().map(Content::of).collect();
    for earning in pairs.missing {
        let is_twin = earning.order_id.is_none() && booked.contains(&Content::of(earning));
        let clue = match earning.source.is_reversal() {
            true => Clue::Reversal,
            false if is_twin => Clue::Twin,
            false => Clue::None,
        };
        differences.push(RowDifference {
            key: earning.order_id.as_ref().map_or_else(String::new, ToString::to_string),
            at: earning.at,
            theirs: Some(earning.gross),
            ours: None,
            clue,
        });
    }
    for row in pairs.extra {
        let key = row.key.to_string();
        let clue = match listed.contains(&Content::of(&row.earning)) {
            true => Clue::Repeated,
            false if foreign.contains(&key) => Clue::Foreign,
            false => Clue::None,
        };
        let (at, ours) = (row.earning.at, Some(row.earning.gross));
        differences.push(RowDifference { key, at, theirs: None, ours, clue });
    }
    differences.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
    differences
}

/// Rows that have no partner yet.
struct Pairs<'a> {
    missing: Vec<&'a Earning>,
    extra: Vec<&'a Booked>,
    differences: Vec<RowDifference>,
}

impl<'a> Pairs<'a> {
    fn of(theirs: &'a [Earning], ours: &'a [Booked]) -> Self {
        Self { missing: theirs.iter().collect(), extra: ours.iter().collect(), differences: vec![] }
    }

    /// Rows of one id are one row.
    fn by_id(&mut self) {
        let mut ours: HashMap<&OrderId, &'a Booked> = HashMap::new();
        for row in self.extra.iter().copied() {
            if let Key::Order(id) = &row.key {
                ours.insert(id, row);
            }
        }
        let mut paired: HashSet<&Key> = HashSet::new();
        let (mut missing, mut differences) = (vec![], vec![]);
        for earning in std::mem::take(&mut self.missing) {
            let Some(row) = earning.order_id.as_ref().and_then(|id| ours.remove(id)) else {
                missing.push(earning);
                continue;
            };
            paired.insert(&row.key);
            if row.earning.gross != earning.gross {
                differences.push(changed(earning, row, paid(earning, row)));
            }
        }
        self.missing = missing;
        self.differences.extend(differences);
        self.extra.retain(|row| !paired.contains(&row.key));
    }

    /// Of equal rows as many are paired as both sides have.
    fn by_content(&mut self) {
        let mut ours: HashMap<Content, Vec<&'a Booked>> = HashMap::new();
        for row in self.extra.iter().copied() {
            ours.entry(Content::of(&row.earning)).or_default().push(row);
        }
        let mut paired: HashSet<&Key> = HashSet::new();
        self.missing.retain(|earning| {
            let row = ours.get_mut(&Content::of(earning)).and_then(Vec::pop);
            row.map(|row| paired.insert(&row.key)).is_none()
        });
        self.extra.retain(|row| !paired.contains(&row.key));
    }

    /// A row whose key was made of another content was that content once.
    fn by_former_content(&mut self) {
        let mut paired: HashSet<&Key> = HashSet::new();
        for row in self.extra.iter().copied() {
            let Key::Content { content, .. } = &row.key else { continue };
            if *content == Content::of(&row.earning) {
                continue;
            }
            let was = |earning: &&'a Earning| Content::of(earning) == *content;
            let Some(at) = self.missing.iter().position(was) else { continue };
            let earning = self.missing.swap_remove(at);
            paired.insert(&row.key);
            self.differences.push(changed(earning, row, Clue::Edited));
        }
        self.extra.retain(|row| !paired.contains(&row.key));
    }
}

fn changed(earning: &Earning, row: &Booked, clue: Clue) -> RowDifference {
    RowDifference {
        key: row.key.to_string(),
        at: earning.at,
        theirs: Some(earning.gross),
        ours: Some(row.earning.gross),
        clue,
    }
}

/// Whether the ledger holds what the fan paid instead of the price in US cents.
fn paid(earning: &Earning, row: &Booked) -> Clue {
    let currency = earning.currency.as_deref().filter(|name| !name.eq_ignore_ascii_case("USD"));
    match (currency, earning.total) {
        (Some(currency), Some(total)) if total == row.earning.gross => {
            Clue::Paid { currency: currency.to_owned() }
        }
        _ => Clue::None,
    }
}
