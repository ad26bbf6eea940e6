//! `/sim/audience`: who really follows, subscribes and writes, and letting people come and go.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Control, ControlError, sales::unknown_creator};
use crate::{
    api::audience::spent,
    params::parse_instant,
    row::Millis,
    world::{
        World,
        audience::{Link, Plan},
    },
};

/// The most people that one call may move.
const PEOPLE_MAX: u32 = 100_000;

/// Everybody around a creator, as it really is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudienceTruth {
    /// Who subscribes.
    pub subscribers: u64,
    /// Whoever did until now: what the platform's own counts tell.
    pub ever_subscribed: u64,
    /// Who follows without subscribing.
    pub followers: u64,
    /// Messages that the creator has not read.
    pub unread_messages: u64,
    /// Posts.
    pub posts: u32,
    /// Likes.
    pub likes: u32,
    /// Who paid how much, the most first.
    pub spenders: Vec<TrueSpender>,
    /// The links that there are.
    pub links: Vec<TrueLink>,
    /// The days on which subscriptions began or ended, oldest first, if a zone was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<Vec<AudienceDay>>,
}

/// A fan who paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueSpender {
    /// Who.
    pub fan: Uuid,
    /// US cents before fees, reversals left out.
    pub gross_cents: i64,
    /// US cents after fees.
    pub net_cents: i64,
    /// Messages bought.
    pub messages: u32,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueLink {
    /// Its id.
    pub uuid: Uuid,
    /// Its name.
    pub name: String,
    /// Clicks.
    pub clicks: u32,
    /// What it brought in US cents before fees; none of a new link.
    pub gross_cents: Option<i64>,
}

/// What became of subscribers on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudienceDay {
    /// The day in the zone asked for.
    pub date: Date,
    /// Who subscribed.
    pub new_subscribers: u32,
    /// Whose subscription ended.
    pub cancelled_subscribers: u32,
}

/// People who come and go. Everything left out is nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AudienceChange {
    /// Around whom.
    pub creator: Uuid,
    /// Strangers who subscribe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<u32>,
    /// Strangers who are in the list and never confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<u32>,
    /// Subscribers whose subscription ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel: Option<u32>,
    /// Strangers who follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow: Option<u32>,
    /// Followers who leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfollow: Option<u32>,
    /// Messages that the newest one writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<u32>,
    /// Whether the creator reads everything, before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_all: Option<bool>,
    /// How many posts there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posts: Option<u32>,
    /// How many likes there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likes: Option<u32>,
    /// The name of a new link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// When all of that happens; now if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

impl AudienceChange {
    /// Nothing yet, around that creator.
    pub fn of(creator: Uuid) -> AudienceChange {
        AudienceChange { creator, ..AudienceChange::default() }
    }
}

pub(crate) fn truth(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let creator = call.params.get("creator").and_then(|text| text.parse().ok());
    let creator = creator.ok_or_else(unknown_creator)?;
    let zone = match call.params.get("timezone") {
        None => None,
        Some(name) => Some(
            TimeZone::get(name)
                .map_err(|_| ControlError::bad(format!("timezone `{name}` is not known")))?,
        ),
    };
    Ok(json!(sum(world, creator, zone, call.now)?))
}

/// What is true of a creator's audience at an instant.
pub(crate) fn sum(
    world: &mut World,
    creator: Uuid,
    zone: Option<TimeZone>,
    now: Millis,
) -> Result<AudienceTruth, ControlError> {
    world.meet(creator);
    let world = &*world;
    let creator = world.creator(creator).ok_or_else(unknown_creator)?;
    let audience = creator.audience.as_ref().ok_or_else(unknown_creator)?;
    let spender = |(number, gross_cents, net_cents, messages): (u32, i64, i64, u32)| {
        let fan = world.fan(creator.profile.number, number)?.uuid;
        Some(TrueSpender { fan, gross_cents, net_cents, messages })
    };
    let link = |link: &Link| TrueLink {
        uuid: link.uuid,
        name: link.name.clone(),
        clicks: link.clicks,
        gross_cents: link.brought.map(|(_, _, gross, _)| gross),
    };
    let ever = |plan: Plan, at: Millis| plan == Plan::Subscribes && at <= now;
    Ok(AudienceTruth {
        subscribers: audience.count(|one| one.subscribes(now)),
        ever_subscribed: audience.count(|one| ever(one.plan, one.came_at)),
        followers: audience.count(|one| one.follows(now)),
        unread_messages: audience.unread(now),
        posts: audience.posts,
        likes: audience.likes,
        spenders: spent(creator, now).into_iter().filter_map(spender).collect(),
        links: audience.links.iter().filter(|link| link.made_at <= now).map(link).collect(),
        days: zone.map(|zone| days(audience, &zone, now)),
    })
}

fn days(
    audience: &crate::world::audience::Audience,
    zone: &TimeZone,
    now: Millis,
) -> Vec<AudienceDay> {
    let mut days = BTreeMap::new();
    for at in audience.instants().filter(|at| *at <= now) {
        let instant = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        let date = zone.to_datetime(instant).date();
        days.entry(date).or_insert_with(|| {
            let start = |date: Date| {
                let at = date.to_zoned(zone.clone()).map(|at| at.timestamp().as_millisecond());
                at.unwrap_or(Millis::MAX)
            };
            let end = date.tomorrow().map_or(Millis::MAX, start).min(now + 1);
            let (new_subscribers, cancelled_subscribers) = audience.changes(start(date), end);
            AudienceDay { date, new_subscribers, cancelled_subscribers }
        });
    }
    days.into_values().collect()
}

pub(crate) fn change(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let wanted: AudienceChange = call.read()?;
    let counts = [wanted.subscribe, wanted.pending, wanted.cancel, wanted.follow, wanted.unfollow];
    if counts.into_iter().chain([wanted.unread]).flatten().any(|count| PEOPLE_MAX < count) {
        return Err(ControlError::bad(format!("at most {PEOPLE_MAX} at once")));
    }
    let bad = || ControlError::bad("at must be an ISO 8601 date-time with an offset");
    let at = match wanted.at.as_deref() {
        None => call.now,
        Some(text) => parse_instant(text).ok_or_else(bad)?,
    };
    let uuid = world.dice("links by hand").uuid();
    world.meet(wanted.creator);
    let creator = world.creator_mut(wanted.creator).ok_or_else(unknown_creator)?;
    let audience = creator.audience.as_mut().ok_or_else(unknown_creator)?;
    audience.come(Plan::Subscribes, wanted.subscribe.unwrap_or(0), at);
    audience.come(Plan::Pending, wanted.pending.unwrap_or(0), at);
    audience.come(Plan::Follows, wanted.follow.unwrap_or(0), at);
    audience.leave(Plan::Subscribes, wanted.cancel.unwrap_or(0), at);
    audience.leave(Plan::Follows, wanted.unfollow.unwrap_or(0), at);
    if wanted.read_all == Some(true) {
        audience.read_all();
    }
    audience.write(wanted.unread.unwrap_or(0), at.max(call.now));
    audience.posts = wanted.posts.unwrap_or(audience.posts);
    audience.likes = wanted.likes.unwrap_or(audience.likes);
    if let Some(name) = wanted.link {
        audience.links.push(Link { uuid, name, made_at: at, clicks: 0, brought: None });
    }
    Ok(json!(sum(world, wanted.creator, None, call.now)?))
}
