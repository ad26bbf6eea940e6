//! The validator of an answer, its `ETag`: which revision of the agency's figures it shows, of which
//! moment it is, and to which question of whom. See docs/adr/0013.
//!
//! It is no secret and proves nothing: who asks is found out before it is looked at, and a caller who
//! makes one up only gets no answer.

use http::header::{HeaderValue, IF_NONE_MATCH};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use store::Agency;

use crate::{auth::Caller, http::Request};

use super::{
    moment::Moment,
    params::{Asked, Range},
};

/// Raised when the same books give another answer: the form of an answer or the meaning of a figure
/// has changed.
const FORM: &str = "1";

/// How many bytes of the question's digest stand in a validator.
const DIGEST_BYTES: usize = 16;

/// Which question it is, and whose: what an answer must never be given to another of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question([u8; DIGEST_BYTES]);

impl Question {
    /// The question `asked` of that agency by that caller, in whatever words it came.
    pub(super) fn new(caller: Caller, agency: &Agency, asked: &Asked) -> Self {
        let creator = asked.creator.map_or_else(|| "all".to_owned(), |id| id.to_string());
        let range = match asked.range {
            Range::Named(range) => range.as_str().to_owned(),
            Range::Own(days) => format!("{} to {}", days.first(), days.last()),
        };
        let parts = [FORM, &audience(caller), &agency.id.to_string(), &creator, &range];
        let digest = Sha256::digest(parts.join("\n"));
        let mut short = [0; DIGEST_BYTES];
        short.copy_from_slice(&digest[..DIGEST_BYTES]);
        Self(short)
    }

    /// A number from 0 to 255, as likely as any other.
    pub(super) fn number(self) -> usize {
        self.0[0].into()
    }
}

/// Who may be given the same answer: everybody of whom this is the same.
fn audience(caller: Caller) -> String {
    match caller {
        Caller::Operator => "operator".to_owned(),
        // All who may see an agency's figures see the same of it.
        Caller::User(_) => "users".to_owned(),
    }
}

/// What tells one answer from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validator {
    pub(super) question: Question,
    /// The revision that was read before anything else of the answer.
    pub(super) revision: i64,
    pub(super) moment: Moment,
}

impl Validator {
    /// Whether the answer is still the one that would be given at `now`, at that revision.
    pub(super) fn is_current(&self, question: Question, revision: i64, now: Timestamp) -> bool {
        self.question == question && self.revision == revision && self.moment.holds(now)
    }

    /// The value of the header `ETag`.
    pub(super) fn to_header(self) -> Option<HeaderValue> {
        let Self { question, revision, moment } = self;
        let (at, until) = (moment.at.as_nanosecond(), moment.until.as_nanosecond());
        let text = format!("\"{revision}.{at}.{until}.{}\"", hex::encode(question.0));
        HeaderValue::from_str(&text).ok()
    }

    /// Reads one entity tag. `None` for one that is not ours, `*` included: whoever sends it may hold
    /// no answer.
    fn parse(tag: &str) -> Option<Self> {
        // A proxy that compresses an answer makes its tag a weak one.
        let tag = tag.trim();
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let mut parts = tag.strip_prefix('"')?.strip_suffix('"')?.split('.');
        let revision = parts.next()?.parse().ok()?;
        let mut instant = || Timestamp::from_nanosecond(parts.next()?.parse().ok()?).ok();
        let moment = Moment { at: instant()?, until: instant()? };
        let mut digest = [0; DIGEST_BYTES];
        hex::decode_to_slice(parts.next()?, &mut digest).ok()?;
        let question = Question(digest);
        parts.next().is_none().then_some(Self { question, revision, moment })
    }

    /// The answers that the caller holds.
    pub(super) fn held(request: &Request) -> impl Iterator<Item = Self> {
        let headers = request.headers().get_all(IF_NONE_MATCH).iter();
        let texts = headers.filter_map(|value| value.to_str().ok());
        // None of our tags holds a comma.
        texts.flat_map(|text| text.split(',')).filter_map(Self::parse)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use bytes::Bytes;
    use ledger::AgencyId;
    use uuid::Uuid;

    use super::*;

    pub(in crate::analytics) fn asked_of(agency: u128, query: &str) -> Question {
        let agency = Agency {
            id: AgencyId(Uuid::from_u128(agency)),
            name: "North".into(),
            timezone: "UTC".into(),
            currency: "USD".into(),
            revision: 7,
        };
        let uri = format!("/api/analytics/dashboard?{query}");
        let request = ::http::Request::get(uri).body(Bytes::new()).unwrap();
        Question::new(Caller::Operator, &agency, &Asked::parse(&request).unwrap())
    }

    fn validator() -> Validator {
        let instant = |second| Timestamp::from_second(second).unwrap();
        let moment = Moment { at: instant(1_000), until: instant(1_300) };
        Validator { question: asked_of(1, ""), revision: 7, moment }
    }

    fn held(values: &[&str]) -> Vec<Validator> {
        let mut request = ::http::Request::get("/");
        for value in values {
            request = request.header(IF_NONE_MATCH, *value);
        }
        Validator::held(&request.body(Bytes::new()).unwrap()).collect()
    }

    #[test]
    fn a_tag_comes_back_in_every_form_that_proxies_give_it() {
        let tag = validator().to_header().unwrap().to_str().unwrap().to_owned();
        for value in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), format!("{tag},")] {
            assert_eq!(held(&[&value]), [validator()], "{value}");
        }
        assert_eq!(held(&["\"other\"", &tag]), [validator()]);
        let bare = tag.trim_matches('"');
        for value in ["*", "", "\"\"", bare, "\"7.1.2.3\"", &format!("\"{bare}.1\"")] {
            assert_eq!(held(&[value]), [], "{value}");
        }
    }

    #[test]
    fn only_the_same_question_revision_and_moment_are_current() {
        let (validator, asked) = (validator(), asked_of(1, "timeRange=30d&modelId=all"));
        let instant = |second| Timestamp::from_second(second).unwrap();
        assert!(validator.is_current(asked, 7, instant(1_000)), "30 days of all are the default");
        for (question, revision, second) in [
            (asked, 8, 1_000),
            (asked, 6, 1_000),
            (asked, 7, 999),
            (asked, 7, 1_300),
            (asked_of(2, ""), 7, 1_000),
            (asked_of(1, "timeRange=7d"), 7, 1_000),
            (asked_of(1, "modelId=00000000-0000-4000-8000-000000000000"), 7, 1_000),
        ] {
            assert!(!validator.is_current(question, revision, instant(second)));
        }
    }
}
