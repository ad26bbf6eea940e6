//! Cursors: where a pass stands and which query it belongs to, as text a client can't read.
//!
//! A tag over everything in it makes a cursor of another query, creator or world invalid.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    dice::{mix, mix_bytes},
    row::Millis,
    settings::Order,
    world::books::Position,
};

/// What a cursor remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) position: Position,
    pub(crate) order: Order,
    /// The page this cursor asks for; the one without a cursor is 1.
    pub(crate) page: u32,
    pub(crate) issued_at: Millis,
    pub(crate) filters: Filters,
}

/// The filters a cursor is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Filters {
    pub(crate) start: Option<Millis>,
    pub(crate) end: Option<Millis>,
    /// Sources asked for, as a mask; 0 when none were named.
    pub(crate) sources: u32,
}

impl Filters {
    /// No filter at all: a request may repeat its filters or send the cursor alone.
    pub(crate) const NONE: Filters = Filters { start: None, end: None, sources: 0 };
}

const LENGTH: usize = 1 + 1 + 4 + 8 + 8 + 8 + 8 + 8 + 4 + 8;

impl Cursor {
    /// The cursor as text. `scope` stands for all that the query is besides its filters.
    pub(crate) fn encode(&self, scope: u64) -> String {
        let (kind, first, second) = match self.position {
            Position::Top => (0, 0, 0),
            Position::After(at, id) => (1, at, id),
            Position::Offset(count) => (2, 0, count),
        };
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend([kind, u8::from(self.order == Order::Oldest)]);
        bytes.extend(self.page.to_be_bytes());
        bytes.extend(first.to_be_bytes());
        bytes.extend(second.to_be_bytes());
        bytes.extend(self.issued_at.to_be_bytes());
        bytes.extend(self.filters.start.unwrap_or(Millis::MIN).to_be_bytes());
        bytes.extend(self.filters.end.unwrap_or(Millis::MAX).to_be_bytes());
        bytes.extend(self.filters.sources.to_be_bytes());
        bytes.extend(tag(scope, &bytes).to_be_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor of that scope; any other text is nothing.
    pub(crate) fn decode(text: &str, scope: u64) -> Option<Cursor> {
        let (cursor, given, body) = Self::read(text)?;
        (given == tag(scope, &body)).then_some(cursor)
    }

    /// The page a cursor asks for, whatever its scope. For faults, which see no query.
    pub(crate) fn page_of(text: &str) -> Option<u32> {
        Self::read(text).map(|(cursor, ..)| cursor.page)
    }

    fn read(text: &str) -> Option<(Cursor, u64, Vec<u8>)> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, given) = bytes.split_at_checked(LENGTH - 8)?;
        let mut rest = body;
        let [kind, order] = take::<2>(&mut rest)?;
        let page = u32::from_be_bytes(take(&mut rest)?);
        let first = i64::from_be_bytes(take(&mut rest)?);
        let second = u64::from_be_bytes(take(&mut rest)?);
        let position = match kind {
            0 => Position::Top,
            1 => Position::After(first, second),
            2 => Position::Offset(second),
            _ => return None,
        };
        let issued_at = i64::from_be_bytes(take(&mut rest)?);
        let start = Some(i64::from_be_bytes(take(&mut rest)?)).filter(|at| *at != Millis::MIN);
        let end = Some(i64::from_be_bytes(take(&mut rest)?)).filter(|at| *at != Millis::MAX);
        let sources = u32::from_be_bytes(take(&mut rest)?);
        let cursor = Cursor {
            position,
            order: if order == 1 { Order::Oldest } else { Order::Newest },
            page,
            issued_at,
            filters: Filters { start, end, sources },
        };
        Some((cursor, u64::from_be_bytes(given.try_into().ok()?), body.to_vec()))
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = bytes.split_first_chunk::<N>()?;
    *bytes = tail;
    Some(*head)
}

fn tag(scope: u64, body: &[u8]) -> u64 {
    mix(mix_bytes(scope, body), scope)
}
