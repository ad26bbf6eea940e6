//! One-off misbehaviour, set by a test or a person and used up by the requests it matches.
//!
//! Faults hold for the API and the OAuth server, never for `/sim`. They are not kept in the journal:
//! a restarted world is a healthy one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// An error status, without handling the request.
    Status(u16),
    /// 429, without touching the bucket.
    #[serde(rename_all = "camelCase")]
    Throttle {
        /// Seconds for `Retry-After`; `null` leaves the header out.
        retry_after: Option<u32>,
    },
    /// A web page with status 200.
    Html,
    /// A web page with an error status, without handling the request: a firewall or a proxy answers.
    Page(u16),
    /// `{}` with status 200.
    EmptyObject,
    /// The first half of the true body.
    TruncatedJson,
    /// A list with nothing in it and nothing that follows, whatever is there.
    EmptyList,
    /// The true page without what is on it: it still says whether more follows.
    HollowPage,
    /// The true page, but `nextCursor` is the cursor of the request. Only requests with a cursor match.
    RepeatCursor,
    /// No answer, ever.
    Hang,
    /// The connection is dropped and the request has no effect.
    DropBefore,
    /// The connection is dropped after the request took effect.
    DropAfter,
    /// The true answer, that much later.
    SlowMs(u64),
}

/// Which requests a fault hits. Everything left out matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultMatch {
    /// Part of the path and query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The creator the request is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<Uuid>,
    /// The n-th page of a pass; a request without a cursor asks for page 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The n-th request that matches all the rest is the first one hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
}

/// A fault to set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewFault {
    /// Which requests it hits.
    #[serde(default, rename = "match")]
    pub matches: FaultMatch,
    /// What goes wrong.
    pub fault: Fault,
    /// How many requests it hits; `null` is all of them.
    #[serde(default = "once")]
    pub times: Option<u64>,
}

fn once() -> Option<u64> {
    Some(1)
}

impl NewFault {
    /// A fault that hits the next request of any kind, once.
    pub fn once(fault: Fault) -> NewFault {
        NewFault { matches: FaultMatch::default(), fault, times: once() }
    }

    /// The same, only where path and query contain that text.
    pub fn on_path(mut self, part: &str) -> NewFault {
        self.matches.path = Some(part.to_owned());
        self
    }
}

/// The faults that are set, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    set: Vec<SetFault>,
    next_id: u64,
}

/// A fault that is set, and what it did so far.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetFault {
    id: u64,
    #[serde(flatten)]
    wanted: NewFault,
    matched: u64,
    fired: u64,
}

/// What faults need to know about a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) path_and_query: &'a str,
    pub(crate) creator: Option<Uuid>,
    pub(crate) page: u32,
    pub(crate) has_cursor: bool,
}

impl Faults {
    /// Sets a fault and names it.
    pub(crate) fn add(&mut self, wanted: NewFault) -> u64 {
        self.next_id += 1;
        self.set.push(SetFault { id: self.next_id, wanted, matched: 0, fired: 0 });
        self.next_id
    }

    /// Forgets all faults and says how many there were.
    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.set).len()
    }

    /// The faults that are set, used-up ones included.
    pub(crate) fn list(&self) -> &[SetFault] {
        &self.set
    }

    /// The fault that hits this request, if any: the oldest that matches and is not used up.
    pub(crate) fn hit(&mut self, target: Target<'_>) -> Option<Fault> {
        self.set.iter_mut().find_map(|fault| fault.hit(target))
    }
}

impl SetFault {
    fn hit(&mut self, target: Target<'_>) -> Option<Fault> {
        let NewFault { matches, fault, times } = &self.wanted;
        let here = matches.path.as_deref().is_none_or(|p| target.path_and_query.contains(p))
            && matches.creator.is_none_or(|creator| target.creator == Some(creator))
            && matches.page.is_none_or(|page| target.page == page)
            && (*fault != Fault::RepeatCursor || target.has_cursor);
        if !here || times.is_some_and(|times| self.fired >= times) {
            return None;
        }
        self.matched += 1;
        if matches.nth.is_some_and(|nth| self.matched < nth) {
            return None;
        }
        self.fired += 1;
        Some(fault.clone())
    }
}
