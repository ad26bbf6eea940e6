//! The query of a request, taken strictly: only the parameters an endpoint knows, each once, each
//! in its form. What a parameter means is the endpoint's business.

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use crate::http::{Problem, Request};

/// The longest query that is read, in bytes.
pub const QUERY_BYTES_MAX: usize = 2048;

/// How much of a name that we don't know is repeated in a problem, in characters.
const NAME_SHOWN_MAX: usize = 40;

/// The first instant that a cursor may name, in microseconds: the beginning of our era. No row is older, and not
/// much further back a database knows no instants.
const FIRST_MICROSECOND: i64 = -62_135_596_800_000_000;

/// The parameters of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    values: Vec<(&'static str, String)>,
}

impl Query {
    /// Reads the query of `request`, which may hold the parameters `allowed` and no others.
    ///
    /// # Errors
    /// 400 for an unknown or repeated parameter, for an empty value, for bad percent-encoding and
    /// for control characters; 414 past [`QUERY_BYTES_MAX`].
    pub fn parse(request: &Request, allowed: &[&'static str]) -> Result<Self, Problem> {
        let text = request.uri().query().unwrap_or_default();
        if text.len() > QUERY_BYTES_MAX {
            return Err(Problem::query_too_long(QUERY_BYTES_MAX));
        }
        let mut query = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            query.add(name, value, allowed)?;
        }
        Ok(query)
    }

    /// The same of names and values that are no text of a query, as a command line has them.
    ///
    /// # Errors
    /// As [`Query::parse`].
    pub fn of_words(words: &[(&str, &str)], allowed: &[&'static str]) -> Result<Self, Problem> {
        let mut query = Self::default();
        for (name, value) in words {
            let known = allowed.iter().copied().find(|known| known == name);
            let known = known.ok_or_else(|| unknown(name, allowed))?;
            query.keep(known, (*value).to_owned())?;
        }
        Ok(query)
    }

    fn add(&mut self, name: &str, value: &str, allowed: &[&'static str]) -> Result<(), Problem> {
        let name = decode(name).ok_or_else(|| {
            Problem::bad_request("the name of a parameter is not percent-encoded UTF-8")
        })?;
        let Some(known) = allowed.iter().copied().find(|known| *known == name) else {
            return Err(unknown(&name, allowed));
        };
        let value = decode(value).ok_or_else(|| {
            Problem::bad_parameter(known, format!("{known} is not percent-encoded UTF-8"))
        })?;
        self.keep(known, value)
    }

    fn keep(&mut self, known: &'static str, value: String) -> Result<(), Problem> {
        if self.get(known).is_some() {
            return Err(Problem::bad_parameter(known, format!("send {known} once")));
        }
        if value.is_empty() {
            let detail = format!("{known} is empty: give it a value or leave it out");
            return Err(Problem::bad_parameter(known, detail));
        }
        if value.chars().any(char::is_control) {
            let detail = format!("{known} holds a control character");
            return Err(Problem::bad_parameter(known, detail));
        }
        self.values.push((known, value));
        Ok(())
    }

    /// The value of `name`, if it was sent. Never empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The value of `name` as an id.
    ///
    /// # Errors
    /// 400 when it is no uuid in its usual form.
    pub fn uuid(&self, name: &str) -> Result<Option<Uuid>, Problem> {
        self.get(name).map(|text| uuid(name, text)).transpose()
    }

    /// The value of `name` as an id; `None` also where it says `all`.
    ///
    /// # Errors
    /// 400 when it is neither.
    pub fn uuid_or_all(&self, name: &'static str) -> Result<Option<Uuid>, Problem> {
        match self.get(name) {
            None | Some("all") => Ok(None),
            Some(text) => uuid(name, text).map(Some).map_err(|problem| {
                Problem::bad_parameter(name, format!("{}, or all", problem.detail))
            }),
        }
    }

    /// The value of `name` as a civil date, `YYYY-MM-DD`.
    ///
    /// # Errors
    /// 400 for any other form, a time of day included, and for a day that no calendar has.
    pub fn date(&self, name: &str) -> Result<Option<Date>, Problem> {
        self.get(name).map(|text| date(name, text)).transpose()
    }
}

/// Reads a value of parameter `name` as a uuid: 36 characters with hyphens, in either case.
///
/// # Errors
/// 400 for any other form.
pub fn uuid(name: &str, text: &str) -> Result<Uuid, Problem> {
    let parsed = (text.len() == 36).then(|| Uuid::parse_str(text).ok()).flatten();
    parsed.ok_or_else(|| {
        let example = "3f2c8a1e-5b7d-4c60-9e1f-0a2b4c6d8e90";
        Problem::bad_parameter(name, format!("{name} must be a uuid such as {example}"))
    })
}

/// Reads a value of parameter `name` as a civil date.
///
/// # Errors
/// 400 for any other form than `YYYY-MM-DD`, and for a day that no calendar has.
pub fn date(name: &str, text: &str) -> Result<Date, Problem> {
    let refuse = |detail: String| Err(Problem::bad_parameter(name, detail));
    if text.len() > 10 && text.as_bytes()[10] == b'T' {
        return refuse(format!("{name} must be a day without a time: use YYYY-MM-DD"));
    }
    let shape = |(i, b): (usize, u8)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() };
    if text.len() != 10 || !text.bytes().enumerate().all(shape) {
        return refuse(format!("{name} must be a day in the form YYYY-MM-DD, such as 2026-11-21"));
    }
    match text.parse() {
        Ok(date) => Ok(date),
        Err(_) => refuse(format!("{name} is not a day of the calendar: use YYYY-MM-DD")),
    }
}

/// Reads the instant of a cursor, in microseconds; `None` for anything else, and for one that no row has.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let microsecond = text.parse().ok().filter(|at| FIRST_MICROSECOND <= *at)?;
    Timestamp::from_microsecond(microsecond).ok()
}

fn unknown(name: &str, allowed: &[&str]) -> Problem {
    let clean = name.chars().filter(|c| !c.is_control());
    let shown: String = clean.take(NAME_SHOWN_MAX).collect();
    let detail = if allowed.is_empty() {
        format!("'{shown}' is not a parameter of this endpoint, which has none")
    } else {
        let known = allowed.join(", ");
        format!("'{shown}' is not a parameter of this endpoint; it knows {known}")
    };
    Problem::bad_parameter(&shown, detail)
}

/// Percent-decodes as forms do (`+` is a space); `None` for a broken escape or for no UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
