//! Where a page ended. A cursor names its question, so that it can't be taken for the place in
//! another one, and the days that were meant: paging goes on over them when midnight has passed.
//!
//! It is no secret and proves nothing: whose rows are shown is decided by the request alone. So anybody can make one:
//! days and instants that no row has are refused before they reach the database.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ledger::Days;
use sha2::{Digest, Sha256};
use store::{Agency, RowPlace};
use uuid::Uuid;

use crate::{
    analytics::params::{Asked, Range},
    http::Problem,
    query,
};

use super::Filter;

/// The end of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The days that are paged over.
    pub days: Days,
    /// The last row that was shown.
    pub after: RowPlace,
}

impl Cursor {
    /// The name of a question: what has to stay the same from page to page.
    pub(in crate::analytics) fn question(agency: &Agency, asked: &Asked, filter: Filter) -> String {
        let creator = asked.creator.map_or_else(|| "all".to_owned(), |id| id.to_string());
        let range = match asked.range {
            Range::Named(range) => range.as_str().to_owned(),
            Range::Own(days) => format!("{} to {}", days.first(), days.last()),
        };
        format!("agency {} creator {creator} {range} {}", agency.id, filter.words())
    }

    /// The text that a caller sends back with the same question.
    #[must_use]
    pub fn to_text(self, question: &str) -> String {
        let Self { days, after } = self;
        let at = after.at.as_microsecond();
        let id = after.id.simple();
        let text = format!("{},{},{at},{id},{}", days.first(), days.last(), digest(question));
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    /// Reads what [`Cursor::to_text`] wrote.
    ///
    /// # Errors
    /// 400 for anything else, and for a cursor of another question.
    pub fn of_text(text: &str, question: &str) -> Result<Self, Problem> {
        let refuse = |detail| Problem::bad_parameter("cursor", detail);
        let (cursor, asked) = read(text)
            .ok_or_else(|| refuse("cursor must be the nextCursor of an earlier page, unchanged"))?;
        if asked != digest(question) {
            let detail = "cursor belongs to another question: \
                          send it with the parameters that gave it, or leave it out";
            return Err(refuse(detail));
        }
        Ok(cursor)
    }
}

fn read(text: &str) -> Option<(Cursor, String)> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let mut parts = text.split(',');
    let days = Days::new(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)?;
    let at = query::instant(parts.next()?)?;
    let id = Uuid::parse_str(parts.next()?).ok()?;
    let question = parts.next()?.to_owned();
    let is_plausible = parts.next().is_none() && 0 < days.first().year();
    is_plausible.then_some((Cursor { days, after: RowPlace { at, id } }, question))
}

fn digest(question: &str) -> String {
    hex::encode(&Sha256::digest(question)[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> Cursor {
        let days = Days::new("2026-11-15".parse().unwrap(), "2026-11-21".parse().unwrap()).unwrap();
        let at = "2026-11-20T10:00:00.123456Z".parse().unwrap();
        Cursor { days, after: RowPlace { at, id: Uuid::from_u128(7) } }
    }

    #[test]
    fn a_cursor_comes_back_with_its_question_only() {
        let text = cursor().to_text("q");
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{text}");
        assert_eq!(Cursor::of_text(&text, "q"), Ok(cursor()));
        let problem = Cursor::of_text(&text, "p").unwrap_err();
        assert!(problem.detail.contains("another question"), "{}", problem.detail);
        assert_eq!(problem.field.as_deref(), Some("cursor"));
    }

    #[test]
    fn anything_else_is_no_cursor() {
        let text = cursor().to_text("q");
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let whole = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(&text).unwrap()).unwrap();
        let at = cursor().after.at.as_microsecond().to_string();
        for bad in [
            "x",
            "é",
            &text[1..],
            &text[..text.len() - 12],
            &format!("{text}="),
            &encode("\u{0},"),
            &encode(&format!("{whole},")),
            &encode(&whole.replace("2026-11-15", "2026-11-22")),
            &encode(&whole.replace("2026-11-15", "15")),
            &encode(&whole.replace("2026-11-15", "-009999-01-01")),
            &encode(&whole.replace(&at, "-300000000000000000")),
        ] {
            let problem = Cursor::of_text(bad, "q").unwrap_err();
            assert_eq!((problem.status.as_u16(), problem.field.as_deref()), (400, Some("cursor")));
        }
    }
}
