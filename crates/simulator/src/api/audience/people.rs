//! Lists of people, and the platform's own counts of them.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{List, fan, resume, scope, skipped};
use crate::{
    answer::{self, Refusal},
    api::{Call, numbered},
    cursor::{Cursor, Filters},
    params::format_instant,
    row::{DAY, Millis},
    settings::CursorStyle,
    world::{
        Creator, World,
        audience::{Audience, Person, Plan},
        books::Position,
    },
};

/// A page of a list.
pub(super) fn people(
    world: &World,
    list: List,
    call: Call<'_>,
    creator: &Creator,
    audience: &Audience,
) -> Result<Response<Bytes>, Refusal> {
    let now = call.now;
    let people = audience.list(|one| match list {
        List::Subscribers => one.subscribes(now) || one.is_pending(now),
        List::Followers => one.follows(now),
        List::Chats => one.chats(now),
    });
    let render = |one: &Person| match list {
        List::Subscribers => subscriber(world, call, creator, one),
        List::Followers => fan(world, creator, one.fan),
        List::Chats => chat(world, creator, one),
    };
    let mut errors = Vec::new();
    let size = call.params.number("size", 15, (1, 50), &mut errors);
    let page = call.params.number("page", 1, (1, 1_000_000), &mut errors);
    if !errors.is_empty() {
        return Err(Refusal::errors(errors));
    }
    if !call.v1 {
        return Ok(numbered(people.into_iter().map(render), page, size));
    }
    let scope = scope(world, creator, 10 + list as u64);
    let cursor = resume(world, call, scope, Filters::NONE)?;
    let rest: Vec<&Person> = match cursor.position {
        Position::Top => people,
        Position::After(at, id) => people.into_iter().filter(|p| p.key() < (at, id)).collect(),
        Position::Offset(count) => people.into_iter().skip(count as usize).collect(),
    };
    let data: Vec<&Person> = rest.iter().take(size as usize).copied().collect();
    let next = data.last().filter(|_| data.len() < rest.len()).map(|last| {
        let position = match world.settings.cursor_style {
            CursorStyle::Keyset => Position::After(last.came_at, u64::from(last.fan)),
            CursorStyle::Offset => Position::Offset(skipped(cursor) + data.len() as u64),
        };
        Cursor { position, page: cursor.page + 1, issued_at: now, ..cursor }.encode(scope)
    });
    let data: Vec<Value> = data.into_iter().map(render).collect();
    let body = json!({"data": data, "nextCursor": next, "total": null});
    Ok(answer::json(StatusCode::OK, &body))
}

fn subscriber(world: &World, call: Call<'_>, creator: &Creator, one: &Person) -> Value {
    let mut row = fan(world, creator, one.fan);
    if call.v1 {
        let months = (call.now - one.came_at).max(0) / (30 * DAY);
        let begun = one.came_at + months * 30 * DAY;
        let status = if one.plan == Plan::Pending { "pending_confirmation" } else { "active" };
        row["subscription"] = json!({
            "status": status,
            "price": creator.profile.subscription_cents,
            "amountPaid": creator.profile.subscription_cents,
            "currentPeriodStart": format_instant(begun),
            "currentPeriodEnd": format_instant(begun + 30 * DAY),
            "autoRenewalEnabled": true,
        });
        row["firstSubscribedAt"] = json!(format_instant(one.came_at));
    }
    row
}

fn chat(world: &World, creator: &Creator, one: &Person) -> Value {
    json!({
        "createdAt": format_instant(one.came_at),
        "lastMessageAt": null,
        "isRead": one.unread == 0,
        "isMuted": false,
        "unreadMessagesCount": one.unread,
        "user": fan(world, creator, one.fan),
        "lastMessage": null,
    })
}

pub(super) fn unread(audience: &Audience, now: Millis) -> Response<Bytes> {
    let body = json!({
        "unreadChatsCount": audience.unread_chats(now),
        "unreadMessagesCount": audience.unread(now),
        "unreadNotifications": {
            "newFollower": 0, "newPostComment": 0, "newPostLike": 0, "newPurchase": 0,
            "newSubscriber": 0, "newTip": 0, "newPromotion": 0,
        },
    });
    answer::json(StatusCode::OK, &body)
}

/// The counts of the smart lists, which are no counts of who is there.
pub(super) fn smart_lists(audience: &Audience, now: Millis) -> Response<Bytes> {
    let ever = audience.count(|one| one.plan != Plan::Follows && one.came_at <= now);
    let active = audience.count(|one| one.subscribes(now));
    let followers = audience.count(|one| one.follows(now));
    let lists = [
        ("Subscribers", "subscribers", ever),
        ("Auto-renewing", "auto_renewing", ever - ever / 3),
        ("Non-renewing", "non_renewing", ever / 3),
        ("Followers", "followers", followers + ever),
        ("Free trial", "free_trial_subscribers", 0),
        ("Expired", "expired_subscribers", ever - active),
        ("Spent more than 50", "spent_more_than_50", ever / 5),
    ];
    let body: Vec<Value> = lists
        .iter()
        .map(|(name, uuid, count)| json!({"name": name, "uuid": uuid, "count": count}))
        .collect();
    answer::json(StatusCode::OK, &body)
}
