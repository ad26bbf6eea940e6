//! A creator's booked earnings over a span, and what a page of the feed changes in them.
//!
//! The feed is a multiset: two equal tips in one millisecond are two rows, and older generations of
//! the feed give no id to tell them apart. So a page is matched against the books as a multiset: by
//! id first, then by content, one to one. A page only proves that *at least* its rows exist, so
//! reading it can add and amend but never remove; and what one page repeats of another (rows drift
//! across page edges while new sales arrive) is matched to the same booked row. That two pages each
//! show one of two true twins can't be told from drift here: [`crate::Stream`] sees the shared
//! instant and asks for a narrow read of it, whose rows then arrive as one page.

mod alike;
mod changes;
mod passed;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use self::alike::nearest_alike;
pub use self::{
    changes::{Changes, Update},
    passed::Passed,
};
use crate::{Content, Earning, Key, Window, adopted::nearest};

/// An earning as the ledger holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Its identity.
    pub key: Key,
    /// What it says.
    pub earning: Earning,
    /// When a complete read of its time first did not contain it; `None` while it is seen.
    pub absent_since: Option<Timestamp>,
    /// Whether only an older system says that it was earned: no read has shown it yet.
    pub is_adopted: bool,
}

struct Slot {
    before: Option<Booked>,
    now: Booked,
    content: Content,
    seen: bool,
}

impl Slot {
    /// Whether a read that does not show it says something: it is a booked sale. What an older system left has a
    /// rule of its own: see `unproven`.
    fn may_be_missed(&self) -> bool {
        let is_sale = !self.now.earning.source.is_reversal();
        self.before.is_some() && !self.now.is_adopted && is_sale
    }
}

/// A second complete read without a row voids it only so long after the first.
pub(crate) const VOID_AFTER_SECONDS: i64 = 3600;

/// A read that lacks more than one in so many rows of its span tells of an outage of the platform, not
/// of rows that never were: it is no evidence at all.
pub(crate) const MISSING_ONE_IN: usize = 10;

/// The books of one creator over the span of the pages being read.
#[derive(Default)]
pub struct Books {
    slots: Vec<Slot>,
    by_key: HashMap<Key, usize>,
    by_content: HashMap<Content, Vec<usize>>,
    by_instant: HashMap<Timestamp, Vec<usize>>,
    /// Edges of pages with rows that carry no id: what else a page beside has of them is unknown.
    unclear: HashSet<Timestamp>,
}

impl Books {
    /// Opens the books on what is already booked. It must hold every booked row whose instant lies
    /// within the pages to come, and every one that shares an id with them.
    #[must_use]
    pub fn open(mut booked: Vec<Booked>) -> Self {
        // Which of two equal rows is taken first must not depend on how the database keeps them.
        booked.sort_by(|a, b| a.key.cmp(&b.key));
        let mut books = Self::default();
        for row in booked {
            books.add(Some(row.clone()), row);
        }
        books
    }

    /// Reads one page, or one complete narrow read. What is told as it is booked comes first, so that
    /// nothing that is only alike takes its place.
    pub fn read(&mut self, page: &[Earning]) {
        let mut taken = HashSet::with_capacity(page.len());
        let (known, anonymous): (Vec<_>, Vec<_>) = page.iter().partition(|e| e.order_id.is_some());
        if !anonymous.is_empty() {
            self.unclear.extend(page.iter().map(|e| e.at).min());
            self.unclear.extend(page.iter().map(|e| e.at).max());
        }
        let mut others = vec![];
        for earning in known.into_iter().chain(anonymous) {
            match self.find_same(earning, &taken) {
                Some(slot) => {
                    taken.insert(slot);
                    self.amend(slot, earning);
                }
                None => others.push(earning),
            }
        }
        for earning in others {
            let slot = self.read_other(earning, &taken);
            taken.insert(slot);
        }
    }

    /// What all pages read so far change. With `complete`, the span of which they are one unbroken,
    /// complete read at `now`, booked rows that they lack are noted as absent, and void the second
    /// time. Reversals never are: older generations of rows leave them out.
    #[must_use]
    pub fn changes(self, complete: Option<Window>, now: Timestamp) -> Changes {
        let mut changes = Changes::default();
        let back = self.slots.iter().filter(|slot| slot.seen && slot.now.absent_since.is_some());
        let noted_as = |slot: &Slot| slot.before.as_ref().map(|before| before.key.clone());
        changes.returned = back.filter_map(noted_as).collect();
        if let Some(window) = complete {
            self.note_absence(window, now, &mut changes);
        }
        for slot in self.slots {
            if changes.voids.iter().any(|void| void.key == slot.now.key) {
                continue;
            }
            match slot.before {
                None => changes.inserts.push(slot.now),
                Some(before) if before != slot.now => {
                    changes.updates.push(Update { before, after: slot.now });
                }
                Some(_) => {}
            }
        }
        changes
    }

    fn note_absence(&self, window: Window, now: Timestamp, changes: &mut Changes) {
        let inside = |slot: &&Slot| slot.may_be_missed() && window.contains(slot.now.earning.at);
        let rows = self.slots.iter().filter(inside).count();
        let missing: Vec<_> = self.slots.iter().filter(inside).filter(|slot| !slot.seen).collect();
        // An empty answer proves nothing, and an outage may look like many rows gone.
        let something_seen = self.slots.iter().any(|slot| slot.seen || slot.before.is_none());
        if !something_seen || missing.len() > rows.div_ceil(MISSING_ONE_IN) {
            return;
        }
        for slot in missing {
            match slot.now.absent_since {
                None => changes.absent.push(slot.now.key.clone()),
                Some(since) if now.duration_since(since).as_secs() < VOID_AFTER_SECONDS => {
                    changes.early.push(slot.now.key.clone());
                }
                Some(_) => changes.voids.push(slot.now.clone()),
            }
        }
    }

    /// The row of that id, else one of the same content that has no id or is told none: an id may appear for
    /// a row that was stored by its content, and be left out again.
    fn find_same(&self, told: &Earning, taken: &HashSet<usize>) -> Option<usize> {
        let content = Content::of(told);
        let by_content = |key: &Key| matches!(key, Key::Content { .. });
        match &told.order_id {
            Some(id) => {
                let of_id = self.by_key.get(&Key::Order(id.clone())).copied();
                of_id.or_else(|| self.find_free(content, taken, by_content))
            }
            None => self
                .find_free(content, taken, by_content)
                .or_else(|| self.find_free(content, taken, |key| !by_content(key))),
        }
    }

    /// Reads what is booked nowhere as it is told now: as an older system had it, or another list of the
    /// platform, or not at all.
    fn read_other(&mut self, told: &Earning, taken: &HashSet<usize>) -> usize {
        let at_once = self.by_instant.get(&told.at).map_or(&[][..], Vec::as_slice);
        let free = at_once.iter().filter(|slot| !taken.contains(slot));
        let near = free.map(|slot| (*slot, &self.slots[*slot].now));
        if let Some(slot) = nearest(near.clone(), told) {
            self.amend(slot, told);
            return slot;
        }
        if let Some(slot) = nearest_alike(near, told) {
            // Of two lists that differ, the one with ids is believed.
            let kept = &self.slots[slot].now.earning;
            let is_known = kept.order_id.is_some();
            let net = if is_known { kept.net } else { told.net };
            self.amend(slot, &Earning { net, ..told.clone() });
            return slot;
        }
        let key = match &told.order_id {
            Some(id) => Key::Order(id.clone()),
            None => self.next_key(Content::of(told)),
        };
        self.add(None, fresh(key, told))
    }

    fn find_free(
        &self,
        content: Content,
        taken: &HashSet<usize>,
        wanted: impl Fn(&Key) -> bool,
    ) -> Option<usize> {
        let same = self.by_content.get(&content)?;
        same.iter().copied().find(|i| !taken.contains(i) && wanted(&self.slots[*i].now.key))
    }

    /// The first that is free: a row that was amended since keeps the key of what it was.
    fn next_key(&self, content: Content) -> Key {
        let mut keys = (1..).map(|occurrence| Key::Content { content, occurrence });
        let free = keys.find(|key| !self.by_key.contains_key(key));
        free.unwrap_or(Key::Content { content, occurrence: u32::MAX })
    }

    /// Takes over what the feed says now. Status never goes back, and an attribute that this
    /// generation of rows leaves out is kept.
    fn amend(&mut self, slot: usize, told: &Earning) {
        self.slots[slot].seen = true;
        let now = &mut self.slots[slot].now;
        now.is_adopted = false;
        let key = told.order_id.clone().map(Key::Order);
        if let Some(key) = key.filter(|key| *key != now.key) {
            self.by_key.remove(&now.key);
            self.by_key.insert(key.clone(), slot);
            now.key = key;
        }
        let kept = &now.earning;
        let was_at = kept.at;
        now.earning = Earning {
            at: told.at,
            source: told.source,
            gross: told.gross,
            net: told.net,
            total: told.total.or(kept.total),
            currency: told.currency.clone().or_else(|| kept.currency.clone()),
            order_id: told.order_id.clone().or_else(|| kept.order_id.clone()),
            status: told.status.max(kept.status),
            message_id: told.message_id.clone().or_else(|| kept.message_id.clone()),
            post_id: told.post_id.clone().or_else(|| kept.post_id.clone()),
            reverses: told.reverses.clone().or_else(|| kept.reverses.clone()),
            // A changed handle is no reason to write a row of money again.
            fan: match (&told.fan, &kept.fan) {
                (Some(told), Some(kept)) if told.id == kept.id => Some(kept.clone()),
                (Some(told), _) => Some(told.clone()),
                (None, kept) => kept.clone(),
            },
        };
        let content = Content::of(&now.earning);
        let was = self.slots[slot].content;
        if content != was {
            if let Some(same) = self.by_content.get_mut(&was) {
                same.retain(|i| *i != slot);
            }
            self.by_content.entry(content).or_default().push(slot);
            self.slots[slot].content = content;
        }
        if told.at != was_at {
            if let Some(same) = self.by_instant.get_mut(&was_at) {
                same.retain(|i| *i != slot);
            }
            self.by_instant.entry(told.at).or_default().push(slot);
        }
    }

    fn add(&mut self, before: Option<Booked>, now: Booked) -> usize {
        let slot = self.slots.len();
        let content = Content::of(&now.earning);
        self.by_key.insert(now.key.clone(), slot);
        self.by_content.entry(content).or_default().push(slot);
        self.by_instant.entry(now.earning.at).or_default().push(slot);
        self.slots.push(Slot { before, now, content, seen: false });
        slot
    }
}

fn fresh(key: Key, earning: &Earning) -> Booked {
    Booked { key, earning: earning.clone(), absent_since: None, is_adopted: false }
}

/// How many of each content a set of earnings holds: the multiset that two sides are compared by.
#[must_use]
pub fn multiset<'a>(
    earnings: impl IntoIterator<Item = &'a Earning>,
) -> BTreeMap<(Timestamp, Content), u32> {
    let mut counts = BTreeMap::new();
    for earning in earnings {
        *counts.entry((earning.at, Content::of(earning))).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests;
