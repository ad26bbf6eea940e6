//! Spans of time to read, and the platform's opaque place marks in them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A half-open span, `start <= t && t < end`, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bounds", into = "Bounds")]
pub struct Window {
    start: Timestamp,
    end: Timestamp,
}

/// The end is not after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the window ends before it starts")]
pub struct WindowError;

impl Window {
    /// The span from `start` (included) to `end` (excluded).
    ///
    /// # Errors
    /// When the span would be empty.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, WindowError> {
        if start < end { Ok(Self { start, end }) } else { Err(WindowError) }
    }

    /// The first instant inside.
    #[must_use]
    pub fn start(self) -> Timestamp {
        self.start
    }

    /// The first instant after it.
    #[must_use]
    pub fn end(self) -> Timestamp {
        self.end
    }

    /// Whether `t` lies inside.
    #[must_use]
    pub fn contains(self, t: Timestamp) -> bool {
        self.start <= t && t < self.end
    }

    /// The smallest window that covers both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether the two share an instant.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

#[derive(Serialize, Deserialize)]
struct Bounds {
    start: Timestamp,
    end: Timestamp,
}

impl TryFrom<Bounds> for Window {
    type Error = WindowError;
    fn try_from(b: Bounds) -> Result<Self, WindowError> {
        Self::new(b.start, b.end)
    }
}

impl From<Window> for Bounds {
    fn from(w: Window) -> Self {
        Self { start: w.start, end: w.end }
    }
}

/// A token minted by the platform for one query: stored and sent back, never parsed or ordered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// The longest cursor that is kept; a longer one is nonsense.
    pub const BYTES_MAX: usize = 4096;

    /// Accepts 1 to [`Cursor::BYTES_MAX`] bytes.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (1..=Self::BYTES_MAX).contains(&text.len()).then(|| Self(text.to_owned()))
    }

    /// The token as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
