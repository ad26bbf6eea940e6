//! The public keys of users' tokens, as this instance last had them. They are asked for again when they
//! are old or when a key is not among them, but never twice within half a minute, whatever tokens come.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use fanvue::Transport;
use http::{StatusCode, header::ACCEPT};
use jiff::Timestamp;
use url::Url;

use super::keys::{self, PublicKey};
use crate::http::{Problem, chain};

/// Keys younger than this are not asked for again, in seconds. Supabase says so too.
const FRESH_SECONDS: i64 = 600;
/// Keys older than this prove nothing any more, in seconds: one that was taken back has to end.
const USABLE_SECONDS: i64 = 3_600;
/// Between two questions at least, in seconds.
const PAUSE_SECONDS: i64 = 30;
/// The largest set that is read.
const SET_BYTES_MAX: usize = 64 * 1024;

/// The keys, and the way to them.
pub(crate) struct Jwks {
    transport: Arc<dyn Transport>,
    known: Mutex<Known>,
    /// Held by the one who asks.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Arc<[PublicKey]>,
    fetched_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

impl Known {
    fn is_within(&self, seconds: i64, now: Timestamp) -> bool {
        self.fetched_at.is_some_and(|at| now.duration_since(at).as_secs().abs() < seconds)
    }

    /// The key of that name, while it is usable.
    fn key(&self, kid: &str, now: Timestamp) -> Option<PublicKey> {
        let found = self.keys.iter().find(|key| key.kid == kid);
        found.filter(|_| self.is_within(USABLE_SECONDS, now)).cloned()
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        let pause = |at: Timestamp| now.duration_since(at).as_secs().abs() < PAUSE_SECONDS;
        !self.tried_at.is_some_and(pause)
    }
}

impl Jwks {
    pub(crate) fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport, known: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    /// The key of that name, if there is one.
    ///
    /// # Errors
    /// 503 when no usable keys can be had.
    pub(super) async fn find(
        &self,
        url: &Url,
        kid: &str,
        now: Timestamp,
    ) -> Result<Option<PublicKey>, Problem> {
        let known = self.known();
        let key = known.key(kid, now);
        if key.is_some() && known.is_within(FRESH_SECONDS, now) {
            return Ok(key);
        }
        // With an old key in hand nobody waits for the one who asks.
        let turn = match (&key, self.asking.try_lock()) {
            (_, Ok(turn)) => turn,
            (Some(_), Err(_)) => return Ok(key),
            (None, Err(_)) => self.asking.lock().await,
        };
        if self.known().may_ask(now) {
            self.ask(url, now).await;
        }
        drop(turn);
        let known = self.known();
        if known.is_within(USABLE_SECONDS, now) {
            return Ok(known.key(kid, now));
        }
        Err(Problem::unavailable("the keys of users' tokens can't be had: try again soon"))
    }

    /// Asks once. What fails leaves the keys as they were.
    async fn ask(&self, url: &Url, now: Timestamp) {
        self.change(|known| known.tried_at = Some(now));
        let request =
            http::Request::get(url.as_str()).header(ACCEPT, "application/json").body(Bytes::new());
        let Ok(request) = request else { return };
        let answer = match self.transport.send(request).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(error = chain(&error), "the keys of users' tokens did not come");
                return;
            }
        };
        let is_set = answer.status() == StatusCode::OK && answer.body().len() <= SET_BYTES_MAX;
        let keys = if is_set { keys::read(answer.body()) } else { None };
        match keys.filter(|keys| !keys.is_empty()) {
            Some(keys) => self.change(|known| {
                known.keys = keys.into();
                known.fetched_at = Some(now);
            }),
            None => {
                let status = answer.status().as_u16();
                tracing::warn!(status, "SUPABASE_JWKS_URL answers with no usable keys");
            }
        }
    }

    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
