//! Who follows and subscribes to a creator, and what else of her is counted besides money. Drawn from
//! the seed when somebody first asks, and changed by hand.
//!
//! Holds what is true; that the platform's own counts are too high is decided in `api/audience.rs`.

use uuid::Uuid;

use super::profile::Profile;
use crate::{
    dice::Dice,
    row::{DAY, HOUR, Millis},
};

/// Of a hundred who ever subscribed, so many no longer do.
const GONE_PERCENT: u64 = 35;
/// How long ago the first of those came who are there from the start.
const PAST: Millis = 300 * DAY;

/// Everybody around one creator.
#[derive(Debug)]
pub(crate) struct Audience {
    people: Vec<Person>,
    pub(crate) links: Vec<Link>,
    pub(crate) posts: u32,
    pub(crate) likes: u32,
    next_fan: u32,
}

/// Somebody who follows, subscribes, or once did.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Their number among the creator's fans.
    pub(crate) fan: u32,
    pub(crate) came_at: Millis,
    /// Of a subscription.
    pub(crate) plan: Plan,
    /// When they were there last, if they are gone.
    pub(crate) left_at: Option<Millis>,
    /// Messages of theirs that the creator has not read.
    pub(crate) unread: u32,
}

/// What somebody came for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// To follow.
    Follows,
    /// To subscribe.
    Subscribes,
    /// To subscribe, and never confirmed it.
    Pending,
}

impl Person {
    fn is_there(&self, now: Millis) -> bool {
        self.came_at <= now && self.left_at.is_none_or(|left| now < left)
    }

    pub(crate) fn subscribes(&self, now: Millis) -> bool {
        self.plan == Plan::Subscribes && self.is_there(now)
    }

    pub(crate) fn follows(&self, now: Millis) -> bool {
        self.plan == Plan::Follows && self.is_there(now)
    }

    pub(crate) fn is_pending(&self, now: Millis) -> bool {
        self.plan == Plan::Pending && self.is_there(now)
    }

    /// Whether they ever wrote: who subscribed is greeted.
    pub(crate) fn chats(&self, now: Millis) -> bool {
        self.came_at <= now && (self.plan == Plan::Subscribes || self.unread > 0)
    }

    /// What lists are sorted by, the newest first.
    pub(crate) fn key(&self) -> (Millis, u64) {
        (self.came_at, u64::from(self.fan))
    }
}

/// A link that visitors come by.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) uuid: Uuid,
    pub(crate) name: String,
    pub(crate) made_at: Millis,
    pub(crate) clicks: u32,
    /// Followers, subscribers, gross and net cents; a new one has none.
    pub(crate) brought: Option<(u32, u32, i64, i64)>,
}

impl Audience {
    /// The audience of a creator in a world of that seed and origin.
    pub(crate) fn new(seed: u64, profile: &Profile, origin: Millis) -> Audience {
        let mut dice = Dice::new(seed, "audience", &[profile.number]);
        let anchor = profile.registered_at.max(origin);
        let gone = profile.fans * GONE_PERCENT / 100;
        let mut audience = Audience {
            people: Vec::new(),
            links: Vec::new(),
            posts: 40 + dice.below(100) as u32,
            likes: (profile.fans * 11) as u32,
            next_fan: 0,
        };
        for number in 0..profile.fans {
            let is_gone = number < gone;
            let past = if is_gone { 60 * DAY } else { HOUR };
            let came_at = anchor - dice.between(past, PAST);
            let unread = if dice.chance(200) { dice.below(5) as u32 } else { 0 };
            let left_at = is_gone.then_some(came_at + 30 * DAY);
            audience.add(Plan::Subscribes, came_at, left_at, unread);
        }
        for _ in 0..profile.fans * 7 + profile.number {
            let came_at = anchor - dice.between(HOUR, PAST);
            audience.add(Plan::Follows, came_at, None, 0);
        }
        for name in ["Bio", "Teaser", "New"] {
            let brought = (name != "New").then(|| {
                let gross = dice.between(500, 90_000);
                (dice.below(200) as u32, dice.below(40) as u32, gross, gross * 4 / 5)
            });
            let (uuid, made_at) = (dice.uuid(), anchor - dice.between(DAY, PAST));
            let clicks = dice.below(5_000) as u32;
            audience.links.push(Link { uuid, name: name.to_owned(), made_at, clicks, brought });
        }
        audience
    }

    fn add(&mut self, plan: Plan, came_at: Millis, left_at: Option<Millis>, unread: u32) {
        let fan = self.next_fan;
        self.next_fan += 1;
        self.people.push(Person { fan, came_at, plan, left_at, unread });
    }

    /// So many strangers come, all in one millisecond.
    pub(crate) fn come(&mut self, plan: Plan, count: u32, at: Millis) {
        for _ in 0..count {
            self.add(plan, at, None, 0);
        }
    }

    /// So many of those who are there for it leave, those who came first first; fewer if there are none.
    pub(crate) fn leave(&mut self, plan: Plan, count: u32, at: Millis) {
        self.people.sort_by_key(Person::key);
        let there = self.people.iter_mut().filter(|one| one.plan == plan && one.is_there(at));
        for one in there.take(count as usize) {
            one.left_at = Some(at);
        }
    }

    /// The newest who chats writes so many messages.
    pub(crate) fn write(&mut self, count: u32, now: Millis) {
        let chatting = self.people.iter_mut().filter(|one| one.chats(now));
        if let Some(one) = chatting.max_by_key(|one| one.key()) {
            one.unread += count;
        }
    }

    /// Nobody's message is unread any more.
    pub(crate) fn read_all(&mut self) {
        self.people.iter_mut().for_each(|one| one.unread = 0);
    }

    /// Those whom `of` picks, the newest first.
    pub(crate) fn list(&self, of: impl Fn(&Person) -> bool) -> Vec<&Person> {
        let mut list: Vec<&Person> = self.people.iter().filter(|one| of(one)).collect();
        list.sort_by_key(|one| std::cmp::Reverse(one.key()));
        list
    }

    /// How many those are.
    pub(crate) fn count(&self, of: impl Fn(&Person) -> bool) -> u64 {
        self.people.iter().filter(|one| of(one)).count() as u64
    }

    /// How many subscriptions began, and how many ended, from `start` to before `end`.
    pub(crate) fn changes(&self, start: Millis, end: Millis) -> (u32, u32) {
        let subscribers = || self.people.iter().filter(|one| one.plan == Plan::Subscribes);
        let within = |at: &Millis| (start..end).contains(at);
        let new = subscribers().filter(|one| within(&one.came_at)).count();
        let ended = subscribers().filter(|one| one.left_at.as_ref().is_some_and(within)).count();
        (new as u32, ended as u32)
    }

    /// The instants at which subscriptions began or ended.
    pub(crate) fn instants(&self) -> impl Iterator<Item = Millis> {
        let subscribers = self.people.iter().filter(|one| one.plan == Plan::Subscribes);
        subscribers.flat_map(|one| [Some(one.came_at), one.left_at]).flatten()
    }

    /// Messages that nobody read yet.
    pub(crate) fn unread(&self, now: Millis) -> u64 {
        let chats = self.people.iter().filter(|one| one.chats(now));
        chats.map(|one| u64::from(one.unread)).sum()
    }

    /// In how many chats they are.
    pub(crate) fn unread_chats(&self, now: Millis) -> u64 {
        self.count(|one| one.chats(now) && one.unread > 0)
    }
}
