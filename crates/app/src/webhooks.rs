//! `POST /api/webhooks/fanvue`: what Fanvue tells by itself.
//!
//! Checked, kept, answered, in this order and with nothing in between that could fail. What an event
//! means for its creator is found out afterwards, in `understanding`; most mean nothing, and are done.

mod applying;
mod standing;
pub mod subscribing;
mod understanding;

use ::http::StatusCode;
use fanvue::{
    signature::{self, Rejection},
    webhook,
};
use serde::Serialize;
use store::NewEvent;

use crate::{
    Ctx,
    http::{AfterAnswer, Problem, Request, Response, json},
};

use self::understanding::follows;
pub use self::understanding::{Replayed, replay};
pub(crate) use self::{
    standing::place_beside,
    understanding::{Understanding, catch_up, understand_in_time},
};

/// The largest delivery. Fanvue's are a few kilobytes.
pub(crate) const BODY_BYTES_MAX: usize = 256 * 1024;
/// The longest topic that is kept.
const TOPIC_BYTES_MAX: usize = webhook::TOPIC_CHARS_MAX;

/// The event is on disk.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookReceipt"))]
pub(crate) struct Received {
    /// Always true.
    received: bool,
    /// Whether it is the first delivery of this event.
    new: bool,
}

/// Answers `POST /api/webhooks/fanvue`. Two hundred means that the event is on disk.
///
/// # Errors
/// 413 for a body that is too large, 401 for one whose signature proves nothing, 503 without a
/// secret or a database: Fanvue then sends it again.
pub async fn receive(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    if request.body().len() > BODY_BYTES_MAX {
        return Err(Problem::payload_too_large(BODY_BYTES_MAX));
    }
    let now = ctx.clock.now();
    let secrets = &ctx.config.webhook_secrets;
    let verified = signature::header_of(request.headers())
        .and_then(|header| signature::verify(header, secrets, request.body(), now))
        .map_err(refusal)?;
    let topic = request.headers().get(webhook::TOPIC_HEADER).and_then(|text| text.to_str().ok());
    let topic = topic.filter(|topic| topic.len() <= TOPIC_BYTES_MAX);
    // Far more events than sales come of what fans like, read and look at: none of them is written twice.
    let read = webhook::read_event(verified.body(), topic, now);
    let is_idle = read.is_ok_and(|event| !follows(&event));
    let event = NewEvent {
        key: webhook::event_key(verified.body()).to_string(),
        topic: topic.map(str::to_owned),
        signed_at: verified.signed_at(),
        received_at: now,
        body: verified.body().to_vec(),
        is_idle,
    };
    let Ok(new) = ctx.inbox.keep(&ctx.store, event).await else {
        return Err(Problem::unavailable("the event was not stored; send it again"));
    };
    let mut response = json(StatusCode::OK, &Received { received: true, new })?;
    if new && !is_idle {
        response.extensions_mut().insert(AfterAnswer::Webhooks);
    }
    Ok(response)
}

fn refusal(why: Rejection) -> Problem {
    // Anybody may send anything: only what names a second and a signature is worth a line.
    if why != Rejection::Malformed {
        tracing::warn!(%why, "a webhook was refused");
    }
    match why {
        Rejection::NoSecret => Problem::not_configured(
            "FANVUE_WEBHOOK_SECRETS is not set: give it the signing secret of the app at Fanvue",
        ),
        Rejection::Malformed | Rejection::Mismatch | Rejection::Stale => {
            let title = "The signature proves nothing";
            Problem::new(StatusCode::UNAUTHORIZED, "bad_signature", title, why.to_string())
                .about("X-Fanvue-Signature")
        }
    }
}
