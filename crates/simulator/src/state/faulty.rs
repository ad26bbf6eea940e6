//! What a fault makes of a request: how far it is handled, and what its answer becomes.
//!
//! Which fault hits is decided in `faults.rs`.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::State;
use crate::{
    Reply,
    answer::{self, Refusal},
    bucket::Allowance,
    faults::Fault,
    params::Params,
    row::Millis,
};

impl State {
    /// Handles the request as far as the fault lets it.
    pub(super) fn behind_fault(
        &mut self,
        fault: Option<Fault>,
        now: Millis,
        params: &Params,
        handle: impl FnOnce(&mut State) -> Response<Bytes>,
    ) -> Reply {
        match fault {
            None => Reply::Answer(handle(self)),
            Some(Fault::Status(status)) => {
                Reply::Answer(Refusal::of_status(error_status(status)).into_response())
            }
            Some(Fault::Throttle { retry_after }) => {
                let wait = retry_after.map(i64::from);
                let window = i64::from(self.world.settings.rate_window_seconds);
                let allowance = Allowance {
                    limit: self.world.settings.rate_limit,
                    remaining: 0,
                    reset: now.div_euclid(1000) + wait.unwrap_or(window),
                    refused_for: wait,
                };
                let mut response = Refusal::throttled().into_response();
                answer::rate_headers(&mut response, allowance, wait);
                Reply::Answer(response)
            }
            Some(Fault::Hang) => Reply::Hang,
            Some(Fault::DropBefore) => Reply::Dropped { handled: false },
            Some(Fault::DropAfter) => {
                handle(self);
                Reply::Dropped { handled: true }
            }
            Some(Fault::SlowMs(millis)) => {
                Reply::Slow { response: handle(self), delay: Duration::from_millis(millis) }
            }
            Some(Fault::Html) => Reply::Answer(web_page(StatusCode::OK)),
            Some(Fault::Page(status)) => Reply::Answer(web_page(error_status(status))),
            Some(Fault::EmptyObject) => Reply::Answer(answer::json(StatusCode::OK, &json!({}))),
            Some(Fault::TruncatedJson) => {
                let mut response = handle(self);
                let half = response.body().len() / 2;
                response.body_mut().truncate(half);
                Reply::Answer(response)
            }
            Some(Fault::EmptyList) => Reply::Answer(emptied(handle(self), false)),
            Some(Fault::HollowPage) => Reply::Answer(emptied(handle(self), true)),
            Some(Fault::RepeatCursor) => Reply::Answer(repeat_cursor(handle(self), params)),
        }
    }
}

fn error_status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn web_page(status: StatusCode) -> Response<Bytes> {
    let page = "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>";
    answer::typed(status, "text/html; charset=utf-8", Bytes::from_static(page.as_bytes()))
}

/// Takes everything off a page of a list, and unless it is to say more also that more follows.
fn emptied(mut response: Response<Bytes>, says_more: bool) -> Response<Bytes> {
    let Ok(mut body) = serde_json::from_slice::<Value>(response.body()) else { return response };
    if !body["data"].is_array() {
        return response;
    }
    body["data"] = json!([]);
    if !says_more && let Some(cursor) = body.get_mut("nextCursor") {
        *cursor = Value::Null;
    }
    if !says_more && let Some(more) = body.pointer_mut("/pagination/hasMore") {
        *more = json!(false);
    }
    *response.body_mut() = Bytes::from(body.to_string());
    response
}

/// Puts the request's own cursor into the answer's place for the next one.
fn repeat_cursor(mut response: Response<Bytes>, params: &Params) -> Response<Bytes> {
    if let Ok(mut body) = serde_json::from_slice::<Value>(response.body()) {
        body["nextCursor"] = json!(params.filled("cursor"));
        *response.body_mut() = Bytes::from(body.to_string());
    }
    response
}
