//! Subscribers, followers, chats, smart lists, top spenders, what became of subscribers, and tracking
//! links: of the caller, or of a creator that the caller manages.
//!
//! As on the real platform the counts that are told are too high, because whoever ever subscribed is in
//! them. Only the lists tell who does.

mod figures;
mod people;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use self::figures::spent;
use super::{Call, Route, Whose};
use crate::{
    answer::{self, Refusal},
    cursor::{Cursor, Filters},
    dice::{mix, mix_bytes},
    oauth::Caller,
    params::format_instant,
    settings::Order,
    world::{Creator, World, books::Position},
};

/// A list of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Subscribers,
    Followers,
    Chats,
}

/// What is asked of an audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    People(List),
    Unread,
    SmartLists,
    TopSpenders,
    Changes,
    Links,
}

impl Part {
    /// The scopes that it needs; of a creator also `read:creator`.
    pub(crate) fn scopes(self, of_creator: bool) -> &'static [&'static str] {
        match (self, of_creator) {
            (Part::People(List::Chats) | Part::Unread, false) => &["read:chat"],
            (Part::People(List::Chats) | Part::Unread, true) => &["read:creator", "read:chat"],
            (Part::People(_), false) => &["read:fan"],
            (Part::People(_), true) => &["read:creator", "read:fan"],
            (Part::SmartLists, false) => &["read:chat", "read:fan"],
            (Part::SmartLists, true) => &["read:creator", "read:chat", "read:fan"],
            (Part::TopSpenders, false) => &["read:insights", "read:fan"],
            (Part::TopSpenders, true) => &["read:creator", "read:insights", "read:fan"],
            (Part::Changes, false) => &["read:insights"],
            (Part::Changes, true) => &["read:creator", "read:insights"],
            (Part::Links, false) => &["read:tracking_links"],
            (Part::Links, true) => &["read:creator", "read:tracking_links"],
        }
    }
}

/// The route of a path, and the path's template.
pub(crate) fn find<'a>(parts: &[&'a str]) -> Option<(Route<'a>, &'static str)> {
    let (whose, rest) = match *parts {
        ["creators", uuid, ref rest @ ..] => (Whose::Creator(uuid), rest),
        ref rest => (Whose::Caller, rest),
    };
    let (part, own, hers) = match *rest {
        ["subscribers"] => {
            (Part::People(List::Subscribers), "/subscribers", "/creators/{uuid}/subscribers")
        }
        ["followers"] => {
            (Part::People(List::Followers), "/followers", "/creators/{uuid}/followers")
        }
        ["chats"] => (Part::People(List::Chats), "/chats", "/creators/{uuid}/chats"),
        // There is none of a creator.
        ["chats", "unread"] if whose == Whose::Caller => (Part::Unread, "/chats/unread", ""),
        ["chats", "lists", "smart"] => {
            (Part::SmartLists, "/chats/lists/smart", "/creators/{uuid}/chats/lists/smart")
        }
        ["insights", "top-spenders"] => {
            (Part::TopSpenders, "/insights/top-spenders", "/creators/{uuid}/insights/top-spenders")
        }
        ["insights", "subscribers"] => {
            (Part::Changes, "/insights/subscribers", "/creators/{uuid}/insights/subscribers")
        }
        ["tracking-links"] => (Part::Links, "/tracking-links", "/creators/{uuid}/tracking-links"),
        _ => return None,
    };
    let template = if whose == Whose::Caller { own } else { hers };
    Some((Route::Audience(part, whose), template))
}

/// Answers what is asked. Whoever is no creator has nobody around them.
pub(crate) fn respond(
    world: &mut World,
    part: Part,
    call: Call<'_>,
    caller: &Caller,
    creator: Option<Uuid>,
) -> Result<Response<Bytes>, Refusal> {
    let whose = match creator {
        None => caller.account,
        Some(uuid) if world.managed_by(caller.account, uuid).is_some() => uuid,
        Some(_) => return Err(Refusal::missing("Creator not found")),
    };
    world.meet(whose);
    let world = &*world;
    let Some((creator, audience)) =
        world.creator(whose).and_then(|creator| Some((creator, creator.audience.as_ref()?)))
    else {
        return Err(Refusal::forbidden("Insufficient permissions"));
    };
    match part {
        Part::People(list) => people::people(world, list, call, creator, audience),
        Part::Unread => Ok(people::unread(audience, call.now)),
        Part::SmartLists => Ok(people::smart_lists(audience, call.now)),
        Part::TopSpenders => figures::top_spenders(world, call, creator),
        Part::Changes => figures::changes(world, call, creator, audience),
        Part::Links => figures::links(world, call, creator, audience),
    }
}

fn scope(world: &World, creator: &Creator, list: u64) -> u64 {
    mix(mix_bytes(mix(world.seed, list), creator.profile.uuid.as_bytes()), list)
}

fn skipped(cursor: Cursor) -> u64 {
    if let Position::Offset(count) = cursor.position { count } else { 0 }
}

/// Where the request stands.
fn resume(world: &World, call: Call<'_>, scope: u64, filters: Filters) -> Result<Cursor, Refusal> {
    let first = Cursor {
        position: Position::Top,
        order: Order::Newest,
        page: 1,
        issued_at: call.now,
        filters,
    };
    let Some(text) = call.params.filled("cursor") else { return Ok(first) };
    let life = world.settings.cursor_ttl_seconds.map(|seconds| i64::from(seconds) * 1000);
    let good = Cursor::decode(text, scope)
        .filter(|cursor| cursor.filters == filters)
        .filter(|cursor| life.is_none_or(|life| call.now < cursor.issued_at + life));
    good.ok_or_else(|| Refusal::message("Invalid cursor"))
}

fn fan(world: &World, creator: &Creator, number: u32) -> Value {
    let Some(fan) = world.fan(creator.profile.number, number) else { return Value::Null };
    json!({
        "uuid": fan.uuid,
        "handle": fan.handle,
        "displayName": fan.display_name,
        "nickname": fan.nickname,
        "isTopSpender": fan.is_top_spender,
        "avatarUrl": null,
        "registeredAt": format_instant(creator.profile.registered_at),
    })
}

/// A page of a list whose cursors count its rows.
fn by_offset(
    world: &World,
    call: Call<'_>,
    rows: &[Value],
    size: usize,
    (scope, filters): (u64, Filters),
) -> Result<Response<Bytes>, Refusal> {
    let cursor = resume(world, call, scope, filters)?;
    let skip = skipped(cursor) as usize;
    let data: Vec<&Value> = rows.iter().skip(skip).take(size).collect();
    let shown = skip + data.len();
    let next = (shown < rows.len()).then(|| {
        let position = Position::Offset(shown as u64);
        Cursor { position, page: cursor.page + 1, issued_at: call.now, ..cursor }.encode(scope)
    });
    Ok(answer::json(StatusCode::OK, &json!({"data": data, "nextCursor": next})))
}
