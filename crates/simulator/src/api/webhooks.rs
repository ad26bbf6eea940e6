//! `/webhooks/subscriptions`: endpoints registered through the API.
//!
//! There is no update, and the signing secret is shown once. All callers are one OAuth client, so
//! each sees what any of them made.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Call, has_scope};
use crate::{
    answer::{self, Refusal},
    oauth::Caller,
    row::Millis,
    webhooks::{
        settings::{Subscribing, check_url},
        topics,
    },
    world::World,
};

/// The most topics of one subscription.
const EVENTS_MAX: usize = 100;

/// A subscription to make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    url: String,
    events: Vec<String>,
}

/// Lists the subscriptions.
pub(crate) fn list(world: &World) -> Result<Response<Bytes>, Refusal> {
    let all: Vec<Value> = world.webhooks.subscriptions().iter().map(|one| one.listed()).collect();
    Ok(answer::json(StatusCode::OK, &json!({"data": all})))
}

/// Makes one. Without the scope of each event it fails as a whole.
pub(crate) fn create(
    world: &mut World,
    call: Call<'_>,
    caller: &Caller,
) -> Result<Response<Bytes>, Refusal> {
    match world.settings.webhooks.subscriptions {
        Subscribing::Works => {}
        Subscribing::BadRequest => {
            return Err(Refusal { status: StatusCode::BAD_REQUEST, body: json!({"error": ""}) });
        }
        Subscribing::PlainBadRequest => {
            let text = Bytes::from_static(b"Bad Request");
            return Ok(answer::typed(StatusCode::BAD_REQUEST, "text/plain", text));
        }
    }
    let wanted: Wanted = serde_json::from_slice(call.body)
        .map_err(|error| Refusal::errors(vec![error.to_string()]))?;
    check_url(&wanted.url).map_err(Refusal::message)?;
    if !(1..=EVENTS_MAX).contains(&wanted.events.len()) {
        return Err(Refusal::errors(vec![format!("events must be 1 to {EVENTS_MAX} topics")]));
    }
    for event in &wanted.events {
        let Some(scope) = topics::scope(event) else {
            return Err(Refusal::errors(vec![format!("events: `{event}` is not known")]));
        };
        if !has_scope(world, caller, scope) {
            return Err(Refusal::forbidden("Insufficient scopes"));
        }
    }
    Ok(answer::json(StatusCode::CREATED, &add(world, wanted, call.now)))
}

/// Makes one that nothing is wrong with; answers it with its secret.
pub(crate) fn add(world: &mut World, wanted: Wanted, now: Millis) -> Value {
    let dice = world.dice("webhook subscription");
    world.webhooks.subscribe(wanted.url, wanted.events, dice, now).created()
}

/// Ends one.
pub(crate) fn delete(world: &mut World, id: &str) -> Result<Response<Bytes>, Refusal> {
    let id: Uuid = id.parse().map_err(|_| Refusal::message("Invalid subscription UUID"))?;
    if !world.webhooks.unsubscribe(id) {
        return Err(Refusal::missing("Subscription not found"));
    }
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}
