//! `GET /api/analytics/live`: tells an open dashboard that it has something new to ask for, as
//! server-sent events. The events say nothing but the agency's revision: what is new is asked for at
//! the dashboard's own endpoint, which decides who may see it.
//!
//! A stream ends by itself before the platform would end it, and the browser comes back with the
//! revision that it heard of last. What happened in between is told at once.

mod hub;
mod places;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, VARY};
use jiff::Timestamp;
use ledger::AgencyId;

use crate::{
    Clock, Ctx,
    auth::{Right, authenticate},
    http::{Body, Problem, Request, Response},
    query::Query,
};

use super::moment::after;

pub(crate) use self::hub::Hub;
use self::{hub::Watch, places::Place};

/// How long a stream lasts. The function has 300 seconds.
const STREAM_SECONDS: i64 = 270;
/// How often a silent stream says that it is there, so that nobody between takes it for dead.
const BEAT_SECONDS: i64 = 15;
/// The shortest time from one change that is told to the next: a tick over many creators raises the
/// revision many times.
const GAP_MILLISECONDS: i64 = 500;

/// How long a browser waits before it comes back: after a stream that broke, and after one that
/// ended as it should.
const RETRY_BROKEN: &str = "retry: 3000\n\n";
const RETRY_ENDED: &str = "retry: 250\n\n";
const BEAT: &str = ": still here\n\n";

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Answers with a stream of the agency's revisions.
///
/// # Errors
/// As [`super::dashboard`]; 503 also where no direct connection is configured, when it can't be made,
/// and when too many streams are open; 429 when too many are open for this user.
pub async fn live(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let query = Query::parse(request, &["agencyId"])?;
    let asker = caller.asker(ctx, Right::Figures).await?;
    let agency = asker.agency(query.uuid("agencyId")?.map(AgencyId)).await?;
    let place = ctx.live.place(caller)?;
    let watch = ctx.live.watch(agency.id).await?;
    // What was committed before somebody listened is read now.
    let asker = caller.asker(ctx, Right::Figures).await?;
    let agency = asker.agency(Some(agency.id)).await?;
    ctx.live.tell(agency.id, agency.revision);
    let now = ctx.clock.now();
    let stream = Stream {
        watch,
        clock: Arc::clone(&ctx.clock),
        heard: last_event_id(request),
        has_begun: false,
        has_ended: false,
        silent_since: now,
        told_at: None,
        ends_at: after(now, STREAM_SECONDS).unwrap_or(now),
        _place: place,
    };
    let pieces = stream::unfold(stream, |mut stream| async {
        let piece = stream.next().await?;
        Some((Ok(Bytes::from(piece)), stream))
    });
    let mut response = Response::new(Body::Pieces(pieces.boxed()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(VARY, HeaderValue::from_static("authorization, cookie"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// The revision that the caller heard of last. Nonsense is as good as nothing.
fn last_event_id(request: &Request) -> Option<i64> {
    request.headers().get(LAST_EVENT_ID)?.to_str().ok()?.parse().ok()
}

fn event(revision: i64) -> String {
    format!("id: {revision}\nevent: revision\ndata: {{\"revision\":{revision}}}\n\n")
}

/// One open stream.
struct Stream {
    watch: Watch,
    clock: Arc<dyn Clock>,
    /// The revision that the caller knows.
    heard: Option<i64>,
    has_begun: bool,
    has_ended: bool,
    silent_since: Timestamp,
    /// When a change was told last.
    told_at: Option<Timestamp>,
    ends_at: Timestamp,
    _place: Place,
}

impl Stream {
    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        if self.has_ended {
            return None;
        }
        if !self.has_begun {
            self.has_begun = true;
            let missed = self.missed();
            return Some(missed.map_or_else(
                || RETRY_BROKEN.to_owned(),
                |revision| RETRY_BROKEN.to_owned() + &event(revision),
            ));
        }
        // Each turn waits for a change or for an instant, of which the last one ends the stream.
        loop {
            let now = self.clock.now();
            if self.ends_at <= now {
                self.has_ended = true;
                return Some(RETRY_ENDED.to_owned());
            }
            let gap_ends_at = self.told_at.and_then(|at| at.checked_add(GAP).ok());
            let gap_ends_at = gap_ends_at.filter(|at| now < *at);
            if gap_ends_at.is_none()
                && let Some(revision) = self.missed()
            {
                (self.told_at, self.silent_since) = (Some(now), now);
                return Some(event(revision));
            }
            let beat_at = after(self.silent_since, BEAT_SECONDS).unwrap_or(now);
            if beat_at <= now {
                self.silent_since = now;
                return Some(BEAT.to_owned());
            }
            let wake_at = beat_at.min(self.ends_at);
            let wake_at = gap_ends_at.map_or(wake_at, |at| at.min(wake_at));
            tokio::select! {
                // A change in the gap waits for its end.
                is_open = self.watch.changed(), if gap_ends_at.is_none() => self.has_ended = !is_open,
                () = self.clock.sleep_until(wake_at) => {}
            }
            if self.has_ended {
                return Some(RETRY_BROKEN.to_owned());
            }
        }
    }

    /// The agency's revision, unless the caller knows it.
    fn missed(&mut self) -> Option<i64> {
        let revision = self.watch.newest();
        (self.heard.replace(revision) != Some(revision)).then_some(revision)
    }
}

const GAP: jiff::SignedDuration = jiff::SignedDuration::from_millis(GAP_MILLISECONDS);
