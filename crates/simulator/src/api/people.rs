//! `GET /creators`, `/users/me` and `/users/account`: who the caller is and whom it manages.
//!
//! The connected account is never among the creators it manages. Of subscribers everybody is counted who
//! ever was one, as on the real platform.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{Call, numbered};
use crate::{
    answer::{self, Refusal},
    oauth::Caller,
    params::format_instant,
    row::Millis,
    world::{Creator, World, audience::Plan},
};

/// The creators an agency's account manages; nobody else manages any.
pub(crate) fn creators(
    world: &World,
    call: Call<'_>,
    caller: &Caller,
) -> Result<Response<Bytes>, Refusal> {
    let mut errors = Vec::new();
    let page = call.params.number("page", 1, (1, 1_000_000), &mut errors);
    let size = call.params.number("size", 15, (1, 50), &mut errors);
    if !errors.is_empty() {
        return Err(Refusal::errors(errors));
    }
    let agency = caller.account == world.agency;
    let all = world.managed().filter(|_| agency).map(|creator| listed(&creator.profile));
    Ok(numbered(all, page, size))
}

fn listed(profile: &crate::world::profile::Profile) -> Value {
    json!({
        "uuid": profile.uuid,
        "handle": profile.handle,
        "displayName": profile.name,
        "nickname": null,
        "isTopSpender": false,
        "avatarUrl": null,
        "registeredAt": format_instant(profile.registered_at),
        "role": "creator",
    })
}

/// The caller itself. Counts are only there for creators.
pub(crate) fn me(
    world: &mut World,
    call: Call<'_>,
    caller: &Caller,
) -> Result<Response<Bytes>, Refusal> {
    world.meet(caller.account);
    let creator = world.creator(caller.account);
    Ok(answer::json(StatusCode::OK, &profile(world, call, caller, creator)))
}

/// The caller with its money, where it earns any. Both shapes seen in the wild are there.
pub(crate) fn account(
    world: &mut World,
    call: Call<'_>,
    caller: &Caller,
) -> Result<Response<Bytes>, Refusal> {
    world.meet(caller.account);
    let creator = world.creator(caller.account);
    let mut body = profile(world, call, caller, creator);
    if let Some(creator) = creator {
        let mut sums = (0, 0, 0);
        for row in creator.books.visible(None, None, call.now) {
            let settled = row.status(call.now) == "availableForPayout";
            sums = (sums.0 + row.gross, sums.1 + row.net, sums.2 + row.net * i64::from(settled));
        }
        body["status"] = json!("active");
        body["price"] = json!(creator.profile.subscription_cents);
        body["earnings"] = json!({"total": sums.0, "net": sums.1});
        body["availableBalance"] = json!(sums.2);
        body["lastPayout"] = Value::Null;
        let (followers, subscribers) = fans(creator, call.now);
        body["fans"] = json!({"followers": followers, "subscribers": subscribers});
    }
    Ok(answer::json(StatusCode::OK, &body))
}

/// Who follows, and whoever subscribed until now.
fn fans(creator: &Creator, now: Millis) -> (u64, u64) {
    let Some(audience) = &creator.audience else { return (0, 0) };
    let ever = audience.count(|one| one.plan == Plan::Subscribes && one.came_at <= now);
    (audience.count(|one| one.follows(now)), ever)
}

fn profile(world: &World, call: Call<'_>, caller: &Caller, creator: Option<&Creator>) -> Value {
    let (handle, name) = match creator {
        Some(creator) => (creator.profile.handle.as_str(), creator.profile.name.as_str()),
        None => ("northlight", "Northlight Agency"),
    };
    let registered_at = creator.map_or(world.origin, |creator| creator.profile.registered_at);
    let mut body = json!({
        "uuid": caller.account,
        "email": format!("{handle}@example.com"),
        "handle": handle,
        "bio": "",
        "displayName": name,
        "isCreator": creator.is_some(),
        "createdAt": format_instant(registered_at),
        "updatedAt": null,
        "avatarUrl": null,
        "bannerUrl": null,
    });
    if let Some(creator) = creator {
        let (followers, subscribers) = fans(creator, call.now);
        let told = creator.audience.as_ref();
        body["likesCount"] = json!(told.map_or(0, |audience| audience.likes));
        body["fanCounts"] = json!({"followersCount": followers, "subscribersCount": subscribers});
        body["contentCounts"] = json!({
            "imageCount": 120, "videoCount": 30, "audioCount": 2,
            "postCount": told.map_or(0, |audience| audience.posts),
            "payToViewPostCount": 25,
        });
    }
    body
}
