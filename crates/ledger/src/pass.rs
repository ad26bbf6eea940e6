//! One pass over a window: what it has seen, and whether the platform sends it in circles.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Cursor, Window};

/// What a page means for its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageVerdict {
    /// There is more.
    More,
    /// That was the last page of an unbroken pass: the window is closed.
    Closed,
    /// The platform repeated a cursor: this pass proves nothing about what it did not show.
    Loop,
}

/// One pass over a window: unbroken from its first page, or begun again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pass {
    /// Where the platform told us to go on; `None` before the first page.
    pub cursor: Option<Cursor>,
    /// Pages read in this pass.
    pub pages: u32,
    /// Rows read in this pass, rejects included.
    pub rows: u64,
    /// Earliest and latest instant of the rows read in this pass.
    pub(crate) seen: Option<(Timestamp, Timestamp)>,
    /// Whether any of them came without an id.
    pub(crate) saw_anonymous: bool,
    /// An earlier cursor of this pass, moved at every power of two (Brent): meeting it again means
    /// that the platform sends us in circles.
    pub(crate) tortoise: Option<Cursor>,
}

/// What the reading model has to know of a page.
#[derive(Clone, Debug)]
pub struct PageFacts<'a> {
    /// Earliest and latest instant of its earnings; `None` when it had none.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Rows on the page, rejects included.
    pub rows: usize,
    /// Whether any earning came without an id.
    pub has_anonymous: bool,
    /// Where the platform says the next page is.
    pub next: Option<&'a Cursor>,
}

impl Pass {
    /// The window that covers the instants which this pass has already seen and `span` shows again.
    pub(crate) fn shares(&self, span: (Timestamp, Timestamp)) -> Option<Window> {
        let (first, last) = self.seen?;
        let end = last.min(span.1).checked_add(SignedDuration::from_millis(1)).ok()?;
        Window::new(first.max(span.0), end).ok()
    }

    pub(crate) fn note(&mut self, facts: &PageFacts<'_>) {
        self.pages += 1;
        self.rows += facts.rows as u64;
        self.saw_anonymous |= facts.has_anonymous;
        if let Some((first, last)) = facts.span {
            let seen = self.seen.unwrap_or((first, last));
            self.seen = Some((seen.0.min(first), seen.1.max(last)));
        }
    }

    pub(crate) fn repeats(&self, next: &Cursor) -> bool {
        self.cursor.as_ref() == Some(next) || self.tortoise.as_ref() == Some(next)
    }

    pub(crate) fn go_on(&mut self, next: &Cursor) {
        if self.pages.is_power_of_two() {
            self.tortoise = Some(next.clone());
        }
        self.cursor = Some(next.clone());
    }
}
