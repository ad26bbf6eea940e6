//! A world and its journal behind one request: who answers, what faults do to it, what is counted.
//!
//! Decides nothing about content; that is for `api`, `oauth` and `control`.

mod faulty;

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Reply,
    answer::{self, Refusal},
    api::{self, Call, Route},
    control::{self, Control, ControlError},
    cursor::Cursor,
    faults::Target,
    journal::{Cause, Entry, Journal},
    oauth::{authorize, token},
    params::Params,
    row::Millis,
    world::World,
};

/// What a simulator holds.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) journal: Option<Journal>,
}

impl State {
    /// Answers one request at an instant before the world's offset.
    pub(crate) fn respond(&mut self, request: Request<Bytes>, now: Millis) -> Reply {
        let (parts, body) = request.into_parts();
        let params = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let path = parts.uri.path();
        if path == "/sim" || path.starts_with("/sim/") {
            let path = path["/sim".len()..].trim_matches('/');
            return Reply::Answer(match self.control(&parts.method, path, &params, &body, now) {
                Ok(value) => answer::json(StatusCode::OK, &value),
                Err(error) => answer::json(error.status, &json!({"message": error.message})),
            });
        }
        self.platform(&parts, &params, &body, now)
    }

    /// Does what a control call says and writes it down.
    pub(crate) fn control(
        &mut self,
        method: &Method,
        path: &str,
        params: &Params,
        body: &[u8],
        now: Millis,
    ) -> Result<Value, ControlError> {
        self.world.catch_up(now + self.world.offset);
        let call = Control { method, path, params, body, now: now + self.world.offset };
        let minute = self.world.next_minute;
        let answer = control::handle(&mut self.world, &call)?;
        if call.is_kept() {
            let body = call.read()?;
            self.write(Entry { now, minute, cause: Cause::Control(path.to_owned(), body) })?;
        }
        Ok(answer)
    }

    /// Does again what a journal says was done.
    pub(crate) fn replay(&mut self, entry: Entry) {
        self.world.draw_until(entry.minute);
        let now = entry.now + self.world.offset;
        match entry.cause {
            Cause::Control(path, body) => {
                let body = body.to_string();
                let call = Control {
                    method: &Method::POST,
                    path: &path,
                    params: &Params::default(),
                    body: body.as_bytes(),
                    now,
                };
                // What succeeded then succeeds now; there is nobody to tell otherwise.
                let _ = control::handle(&mut self.world, &call);
            }
            Cause::Authorize(pairs) => {
                authorize::authorize(&mut self.world, &Params::from_pairs(pairs), now);
            }
            Cause::Token(pairs) => {
                let _ = token::exchange(&mut self.world, &Params::from_pairs(pairs), now);
            }
            Cause::Subscribe(wanted) => {
                api::webhooks::add(&mut self.world, wanted, now);
            }
            Cause::Unsubscribe(id) => {
                let _ = api::webhooks::delete(&mut self.world, &id);
            }
        }
    }

    fn write(&mut self, entry: Entry) -> Result<(), ControlError> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        journal.append(&entry).map_err(|error| ControlError {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: format!("journal: {error}"),
        })
    }

    /// A request of the API or the OAuth server: counted, perhaps hit by a fault, answered.
    fn platform(&mut self, parts: &Parts, params: &Params, body: &[u8], now: Millis) -> Reply {
        let at = now + self.world.offset;
        self.world.catch_up(at);
        let path = parts.uri.path();
        let (v1, path) = match path.strip_prefix("/v1/") {
            Some(_) if self.world.settings.v1 => (true, &path["/v1".len()..]),
            _ => (false, path),
        };
        let route = Route::find(&parts.method, path);
        let template = match (route, path) {
            (Some((_, template)), _) => template,
            (None, "/oauth2/auth" | "/oauth2/token" | "/.well-known/openid-configuration") => path,
            _ => "other",
        };
        let creator = self.concerns(route.map(|(route, _)| route), parts, at);
        self.world.log.asked(format!("{} {template}", parts.method), creator);
        let fault = self.world.faults.hit(target(parts, params, creator));
        let reply = self.behind_fault(fault, at, params, |state| match route {
            Some((route, _)) => {
                let call = Call { v1, params, headers: &parts.headers, body, now: at };
                state.api(route, call, now)
            }
            None => state.oauth(parts, params, body, now),
        });
        let number = self.world.log.total;
        let status = match &reply {
            Reply::Answer(response) | Reply::Slow { response, .. } => Some(response.status()),
            Reply::Dropped { .. } | Reply::Hang => None,
        };
        self.world.log.answered(status.map(|status| status.as_u16()));
        self.finish(reply, number)
    }

    /// The creator a request is about, by path or by token.
    fn concerns(&self, route: Option<Route<'_>>, parts: &Parts, now: Millis) -> Option<Uuid> {
        let route = route?;
        match (route.creator(), route) {
            (Some(text), _) => text.parse().ok(),
            (None, Route::Earnings(_) | Route::Summary(_) | Route::Spending) => {
                let caller = api::caller(&self.world, &parts.headers, now)?;
                self.world.creator(caller.account).map(|creator| creator.profile.uuid)
            }
            _ => None,
        }
    }

    /// Answers a call of the API; writes it down if it changed what a restart must bring back.
    fn api(&mut self, route: Route<'_>, call: Call<'_>, now: Millis) -> Response<Bytes> {
        let minute = self.world.next_minute;
        let response = api::respond(&mut self.world, route, call);
        let cause = match route {
            Route::Subscribe => serde_json::from_slice(call.body).ok().map(Cause::Subscribe),
            Route::Unsubscribe(id) => Some(Cause::Unsubscribe(id.to_owned())),
            _ => None,
        };
        let cause = cause.filter(|_| response.status().is_success());
        match cause.map_or(Ok(()), |cause| self.write(Entry { now, minute, cause })) {
            Ok(()) => response,
            Err(_) => Refusal::failed().into_response(),
        }
    }

    fn oauth(
        &mut self,
        parts: &Parts,
        params: &Params,
        body: &[u8],
        now: Millis,
    ) -> Response<Bytes> {
        let minute = self.world.next_minute;
        let at = now + self.world.offset;
        let (response, cause) = match (parts.method.as_str(), parts.uri.path()) {
            ("GET", "/oauth2/auth") => {
                let (response, agreed) = authorize::authorize(&mut self.world, params, at);
                (response, agreed.then(|| Cause::Authorize(params.pairs().to_vec())))
            }
            ("POST", "/oauth2/token") => {
                let form = Params::parse(body);
                match token::authenticate(&self.world.settings, &parts.headers, &form) {
                    Err(refusal) => (refusal.into_response(), None),
                    Ok(()) => {
                        let outcome = token::exchange(&mut self.world, &form, at);
                        let kept = form.pairs().iter().filter(|(key, _)| key != "client_secret");
                        let cause = Cause::Token(kept.cloned().collect());
                        let response = match outcome {
                            Ok(body) => answer::json(StatusCode::OK, &body),
                            Err(refusal) => refusal.into_response(),
                        };
                        (response, Some(cause))
                    }
                }
            }
            ("GET", "/.well-known/openid-configuration") => {
                (authorize::discovery(&self.base_url(parts)), None)
            }
            _ => (Refusal::missing("Not found").into_response(), None),
        };
        match cause.map_or(Ok(()), |cause| self.write(Entry { now, minute, cause })) {
            Ok(()) => response,
            Err(_) => Refusal::failed().into_response(),
        }
    }

    fn base_url(&self, parts: &Parts) -> String {
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let own = || format!("http://{}", host.unwrap_or("127.0.0.1"));
        self.world.base_url.clone().unwrap_or_else(own)
    }

    /// Numbers the answer and makes it as late as everything is.
    fn finish(&self, reply: Reply, number: u64) -> Reply {
        let latency = Duration::from_millis(self.world.settings.latency_ms);
        let (mut response, delay) = match reply {
            Reply::Answer(response) => (response, latency),
            Reply::Slow { response, delay } => (response, delay + latency),
            unanswered => return unanswered,
        };
        if let Ok(id) = HeaderValue::from_str(&format!("sim-{number}")) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
        }
        match delay.is_zero() {
            true => Reply::Answer(response),
            false => Reply::Slow { response, delay },
        }
    }
}

fn target<'a>(parts: &'a Parts, params: &Params, creator: Option<Uuid>) -> Target<'a> {
    let cursor = params.filled("cursor");
    let page = match cursor {
        Some(cursor) => Cursor::page_of(cursor).unwrap_or(0),
        None => params.get("page").and_then(|page| page.parse().ok()).unwrap_or(1),
    };
    let path_and_query = parts.uri.path_and_query().map_or("/", |text| text.as_str());
    Target { path_and_query, creator, page, has_cursor: cursor.is_some() }
}
