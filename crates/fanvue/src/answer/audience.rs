//! What the platform tells of a creator's audience, in our words.

use jiff::Timestamp;
use ledger::{Cents, Cursor, Fan, Reject};
use uuid::Uuid;

use crate::AgencyMark;

/// One page of a list of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeoplePage {
    /// The entries that made sense.
    pub people: Vec<Person>,
    /// The entries that made none.
    pub rejects: Vec<Reject>,
    /// Where to go on; `None` at the end of the list. The answer decides the style of paging.
    pub next: Option<AgencyMark>,
}

/// Somebody in a list, as far as counting needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Half of the person's uuid: enough to tell one from another.
    pub key: u64,
    /// What the entry counts for: 1 or 0 of a person, of a chat its unread messages.
    pub counts: i64,
}

/// What the platform says of its own account. What it leaves out is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Posts.
    pub posts: Option<i32>,
    /// Likes.
    pub likes: Option<i32>,
}

/// One page of what became of subscribers, by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangesPage {
    /// The days that made sense.
    pub days: Vec<Changes>,
    /// The days that made none.
    pub rejects: Vec<Reject>,
    /// Where to go on; `None` at the end of the window.
    pub next: Option<Cursor>,
}

/// What became of subscribers in one bucket of 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changes {
    /// Where the bucket begins.
    pub at: Timestamp,
    /// Who subscribed.
    pub new: i32,
    /// Whose subscription ended.
    pub cancelled: i32,
}

/// Those who spent most, the first first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopSpenders {
    /// The entries that made sense.
    pub spenders: Vec<TopSpender>,
    /// The entries that made none.
    pub rejects: Vec<Reject>,
}

/// A fan, and what they spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopSpender {
    /// Who.
    pub fan: Fan,
    /// Before the platform's cut.
    pub gross: Cents,
    /// After it.
    pub net: Cents,
    /// Messages they bought.
    pub messages: i32,
}

/// One page of tracking links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinksPage {
    /// The links that made sense.
    pub links: Vec<TrackingLink>,
    /// The links that made none.
    pub rejects: Vec<Reject>,
    /// Where to go on; `None` at the end of the list.
    pub next: Option<Cursor>,
}

/// A link that visitors came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingLink {
    /// Its id.
    pub id: Uuid,
    /// What the creator calls it.
    pub name: String,
    /// Its address, or the part of it that tells it apart.
    pub url: String,
    /// Where it was put, if told.
    pub platform: Option<String>,
    /// When it was made, if told.
    pub created_at: Option<Timestamp>,
    /// Clicks.
    pub clicks: i64,
    /// Who followed through it, if told.
    pub followers: Option<i64>,
    /// Who subscribed through it, if told.
    pub subscribers: Option<i64>,
    /// What it brought before the platform's cut; `None` for a link without earnings.
    pub gross: Option<Cents>,
    /// The same after it.
    pub net: Option<Cents>,
}
