//! The state of the fake platform: accounts, rows, switches, tokens, buckets and counters.
//!
//! No HTTP here and no clock: instants are handed in. Answers are made in `api`, `oauth` and
//! `control`.

pub(crate) mod audience;
pub(crate) mod books;
pub(crate) mod draw;
pub(crate) mod history;
mod live;
pub(crate) mod profile;

use std::collections::HashMap;

use uuid::Uuid;

use self::{audience::Audience, books::Books, profile::Profile};
use crate::{
    Options,
    api::summary::Summaries,
    bucket::Buckets,
    dice::Dice,
    faults::Faults,
    names::{self, Fan},
    oauth::Oauth,
    requests::RequestLog,
    row::{DAY, Millis, NO_FAN},
    settings::Settings,
    webhooks::Outbox,
};

/// Fans made by hand are numbered from here on.
const FANS_BY_HAND: u32 = 1 << 31;

/// Everything there is.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) origin: Millis,
    pub(crate) base_url: Option<String>,
    pub(crate) settings: Settings,
    /// The account the agency connects; it may be a creator itself.
    pub(crate) agency: Uuid,
    pub(crate) creators: Vec<Creator>,
    by_uuid: HashMap<Uuid, usize>,
    fans_by_hand: Vec<Fan>,
    /// The first minute of live time not drawn yet.
    pub(crate) next_minute: i64,
    /// How far the world's time is ahead of the time handed in.
    pub(crate) offset: Millis,
    /// Counts what was made by hand, so that each thing has dice of its own.
    sequence: u64,
    pub(crate) oauth: Oauth,
    pub(crate) buckets: Buckets,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) summaries: Summaries,
    pub(crate) webhooks: Outbox,
}

/// A creator and her rows.
#[derive(Debug)]
pub(crate) struct Creator {
    pub(crate) profile: Profile,
    pub(crate) books: Books,
    /// Who is around her, once somebody asked.
    pub(crate) audience: Option<Audience>,
}

impl World {
    /// The world of those options at its origin.
    pub(crate) fn new(options: &Options) -> World {
        let seed = options.seed;
        let origin = options.origin.as_millisecond();
        let start = origin - i64::from(options.days) * DAY;
        let count = options.creators as u64;
        // A lone creator is managed by an agency that is no creator; otherwise number 0 is both.
        let numbers = if count == 1 { 1..2 } else { 0..count };
        let still = options.live_sales_per_hour == 0;
        let settings =
            Settings { live_sales_per_hour: options.live_sales_per_hour, ..Settings::default() };
        let mut world = World {
            seed,
            origin,
            base_url: options.base_url.clone(),
            settings,
            agency: Dice::new(seed, "agency", &[]).uuid(),
            creators: Vec::new(),
            by_uuid: HashMap::new(),
            fans_by_hand: Vec::new(),
            next_minute: 0,
            offset: 0,
            sequence: 0,
            oauth: Oauth::default(),
            buckets: Buckets::default(),
            faults: Faults::default(),
            log: RequestLog::default(),
            summaries: Summaries::default(),
            webhooks: Outbox::default(),
        };
        for number in numbers {
            let profile = Profile::new(seed, number, count, start, origin);
            let mut books = Books::default();
            if options.days > 0 {
                books.extend(history::rows(seed, &profile, start, origin, still));
            }
            world.add(profile, books);
        }
        if let Some(own) = world.creators.first().filter(|creator| creator.profile.number == 0) {
            world.agency = own.profile.uuid;
        }
        world
    }

    /// Adds a creator and says where she is.
    pub(crate) fn add(&mut self, profile: Profile, books: Books) -> usize {
        let index = self.creators.len();
        self.by_uuid.insert(profile.uuid, index);
        self.creators.push(Creator { profile, books, audience: None });
        index
    }

    /// The creator of that UUID.
    pub(crate) fn creator(&self, uuid: Uuid) -> Option<&Creator> {
        self.by_uuid.get(&uuid).map(|index| &self.creators[*index])
    }

    /// The same, to change her.
    pub(crate) fn creator_mut(&mut self, uuid: Uuid) -> Option<&mut Creator> {
        self.by_uuid.get(&uuid).map(|index| &mut self.creators[*index])
    }

    /// Draws who is around a creator, unless that was done before.
    pub(crate) fn meet(&mut self, uuid: Uuid) {
        let (seed, origin) = (self.seed, self.origin);
        if let Some(creator) = self.creator_mut(uuid)
            && creator.audience.is_none()
        {
            creator.audience = Some(Audience::new(seed, &creator.profile, origin));
        }
    }

    /// The creators the agency manages: everyone but its own account.
    pub(crate) fn managed(&self) -> impl Iterator<Item = &Creator> {
        self.creators.iter().filter(|creator| self.manages(creator.profile.uuid))
    }

    /// A managed creator, as an account may see one: only the agency's account sees any.
    pub(crate) fn managed_by(&self, account: Uuid, creator: Uuid) -> Option<&Creator> {
        let allowed = account == self.agency && self.manages(creator);
        self.creator(creator).filter(|_| allowed)
    }

    fn manages(&self, creator: Uuid) -> bool {
        creator != self.agency && !self.settings.former_creators.contains(&creator)
    }

    /// Dice for one thing made by hand.
    pub(crate) fn dice(&mut self, purpose: &str) -> Dice {
        self.sequence += 1;
        Dice::new(self.seed, purpose, &[self.sequence])
    }

    /// The fan of a creator's row.
    pub(crate) fn fan(&self, creator: u64, fan: u32) -> Option<Fan> {
        match fan {
            NO_FAN => None,
            fan if fan >= FANS_BY_HAND => {
                self.fans_by_hand.get((fan - FANS_BY_HAND) as usize).cloned()
            }
            fan => Some(names::fan(self.seed, creator, fan)),
        }
    }

    /// The number of a fan named by hand; `none` is nobody.
    pub(crate) fn named_fan(&mut self, label: &str) -> u32 {
        if label == "none" {
            return NO_FAN;
        }
        let fan = names::named_fan(self.seed, label);
        let known = self.fans_by_hand.iter().position(|other| other.uuid == fan.uuid);
        let index = known.unwrap_or_else(|| {
            self.fans_by_hand.push(fan);
            self.fans_by_hand.len() - 1
        });
        FANS_BY_HAND + index as u32
    }
}
