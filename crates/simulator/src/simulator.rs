//! The simulator as a value: one function for requests, and typed twins of the control calls.
//!
//! No clock and no socket: instants are arguments, and what HTTP can't say (a dropped connection,
//! silence) is a `Reply`.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    Amendment, AudienceChange, AudienceTruth, Bulk, ControlError, Grant, NewCreator, NewFault,
    NewGrant, NewRefund, NewSale, RawRow, RequestLog, Settings, TrueRow, Truth, answer,
    control::{self, truth},
    journal::Journal,
    params::Params,
    state::State,
    world::World,
};

/// What a world is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Everything is drawn from this number.
    pub seed: u64,
    /// How many creators earn. With two or more, the first is the account the agency connects.
    pub creators: usize,
    /// How long the history before `origin` is.
    pub days: u32,
    /// When history ends and live time begins.
    pub origin: Timestamp,
    /// Sales of the whole agency per hour after `origin`; with 0 nothing happens by itself.
    pub live_sales_per_hour: u32,
    /// Where the OAuth discovery document says the server is; the request's host if not given.
    pub base_url: Option<String>,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Reply {
    /// An answer.
    Answer(Response<Bytes>),
    /// An answer that comes late.
    Slow {
        /// The answer.
        response: Response<Bytes>,
        /// How late.
        delay: Duration,
    },
    /// The connection ends without an answer.
    Dropped {
        /// Whether the request took effect: its answer was lost, not the request.
        handled: bool,
    },
    /// Nothing, for ever.
    Hang,
}

/// A small Fanvue. Clones are the same world.
#[derive(Clone, Debug)]
pub struct Simulator {
    state: Arc<Mutex<State>>,
    stirred: Arc<Notify>,
}

impl Simulator {
    /// A world in memory.
    pub fn new(options: Options) -> Simulator {
        Self::with(State { world: World::new(&options), journal: None })
    }

    /// A world kept in a journal file. One that exists already continues with the options it was
    /// begun with, as if it had never stopped; only its base address may be a new one.
    pub fn open(journal: &Path, options: Options) -> io::Result<Simulator> {
        let (journal, options, entries) = Journal::open(journal, options)?;
        let mut state = State { world: World::new(&options), journal: None };
        state.world.webhooks.begin_replay();
        for entry in entries {
            state.replay(entry);
        }
        state.world.webhooks.end_replay();
        state.journal = Some(journal);
        Ok(Self::with(state))
    }

    fn with(state: State) -> Simulator {
        Simulator { state: Arc::new(Mutex::new(state)), stirred: Arc::new(Notify::new()) }
    }

    /// Answers one request at an instant: of the API, the OAuth server or the control API.
    pub fn respond(&self, request: Request<Bytes>, now: Timestamp) -> Reply {
        let reads = request.method() == Method::GET;
        let mut reply = self.lock().respond(request, now.as_millisecond());
        if let Reply::Answer(response) | Reply::Slow { response, .. } = &mut reply {
            answer::date_header(response, self.time(now));
        }
        if !reads {
            self.stir();
        }
        reply
    }

    /// The account the agency connects, and whose personal endpoints its token reads.
    pub fn agency(&self) -> Uuid {
        self.lock().world.agency
    }

    /// The creators, by number; the agency's own account first if it is one.
    pub fn creators(&self) -> Vec<Uuid> {
        self.lock().world.creators.iter().map(|creator| creator.profile.uuid).collect()
    }

    /// What everybody has earned, as far as it shows.
    pub fn truth(&self, now: Timestamp) -> Truth {
        let (state, now) = self.at(now);
        truth::sum(&state.world, now, None, true)
    }

    /// The same, by day of a time zone.
    pub fn truth_by_day(&self, zone: TimeZone, now: Timestamp) -> Truth {
        let (state, now) = self.at(now);
        truth::sum(&state.world, now, Some(zone), true)
    }

    /// A creator's rows that show, oldest first; none for a stranger.
    pub fn rows(&self, creator: Uuid, now: Timestamp) -> Vec<TrueRow> {
        let (state, now) = self.at(now);
        let Some(creator) = state.world.creator(creator) else { return Vec::new() };
        let shown = creator.books.visible(None, None, now);
        shown.map(|row| control::rows::describe(&state.world, creator, row, now)).collect()
    }

    /// Everybody around a creator; with a zone also what became of subscribers on its days.
    pub fn audience(
        &self,
        creator: Uuid,
        zone: Option<TimeZone>,
        now: Timestamp,
    ) -> Result<AudienceTruth, ControlError> {
        let (mut state, now) = self.at(now);
        control::audience::sum(&mut state.world, creator, zone, now)
    }

    /// Lets people come and go; answers who is there then.
    pub fn change_audience(
        &self,
        change: &AudienceChange,
        now: Timestamp,
    ) -> Result<AudienceTruth, ControlError> {
        read(self.post("audience", change, now)?)
    }

    /// Makes sales; answers the rows, also those that don't show yet.
    pub fn sell(&self, sale: &NewSale, now: Timestamp) -> Result<Vec<TrueRow>, ControlError> {
        self.made("sales", sale, now)
    }

    /// Takes a sale back; answers the reversal's row.
    pub fn refund(&self, refund: &NewRefund, now: Timestamp) -> Result<Vec<TrueRow>, ControlError> {
        self.made("refunds", refund, now)
    }

    /// Changes a row; answers it.
    pub fn amend(&self, change: &Amendment, now: Timestamp) -> Result<Vec<TrueRow>, ControlError> {
        self.made("amend", change, now)
    }

    /// Injects a value into a feed; answers its order id.
    pub fn raw_row(&self, row: &RawRow, now: Timestamp) -> Result<String, ControlError> {
        read(self.post("raw-rows", row, now)?["id"].take())
    }

    /// Adds a creator; answers her UUID.
    pub fn add_creator(&self, creator: &NewCreator, now: Timestamp) -> Result<Uuid, ControlError> {
        read(self.post("creators", creator, now)?["uuid"].take())
    }

    /// Adds many creators; answers their UUIDs.
    pub fn bulk(&self, bulk: &Bulk, now: Timestamp) -> Result<Vec<Uuid>, ControlError> {
        read(self.post("bulk", bulk, now)?["creators"].take())
    }

    /// Lets the world's time run ahead of the time handed in by so many seconds more.
    pub fn advance(&self, seconds: u64, now: Timestamp) -> Result<(), ControlError> {
        self.post("time", &json!({"advanceSeconds": seconds}), now).map(drop)
    }

    /// The world's time at an instant.
    pub fn time(&self, now: Timestamp) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.lock().world.offset);
        now.checked_add(ahead).unwrap_or(now)
    }

    /// The switches as they are.
    pub fn settings(&self) -> Settings {
        self.lock().world.settings.clone()
    }

    /// Turns switches; the change is partial, as JSON with names in camel case.
    pub fn change_settings(
        &self,
        change: &Value,
        now: Timestamp,
    ) -> Result<Settings, ControlError> {
        read(self.post("settings", change, now)?)
    }

    /// Sets a fault; answers its id.
    pub fn fault(&self, fault: NewFault) -> u64 {
        self.lock().world.faults.add(fault)
    }

    /// Mends everything; answers how many faults were set.
    pub fn clear_faults(&self) -> usize {
        self.lock().world.faults.clear()
    }

    /// Makes a consent without a browser.
    pub fn grant(&self, grant: &NewGrant, now: Timestamp) -> Result<Grant, ControlError> {
        read(self.post("grants", grant, now)?)
    }

    /// Ends the consents of `agency` or of a creator; answers how many there were.
    pub fn revoke(&self, account: &str, now: Timestamp) -> Result<u64, ControlError> {
        read(self.post("revoke", &json!({"account": account}), now)?["revoked"].take())
    }

    /// How often what was asked.
    pub fn requests(&self) -> RequestLog {
        self.lock().world.log.clone()
    }

    /// The same, and counts from zero.
    pub fn reset_requests(&self) -> RequestLog {
        std::mem::take(&mut self.lock().world.log)
    }

    /// Any `POST` of the control API, by its path after `/sim/`.
    pub fn post(
        &self,
        path: &str,
        body: &impl Serialize,
        now: Timestamp,
    ) -> Result<Value, ControlError> {
        let body =
            serde_json::to_vec(body).map_err(|error| ControlError::bad(error.to_string()))?;
        let now = now.as_millisecond();
        let answer = self.lock().control(&Method::POST, path, &Params::default(), &body, now);
        self.stir();
        answer
    }

    /// Tells whoever waits in `stirring` that webhooks may be due sooner than it thinks.
    pub(crate) fn stir(&self) {
        self.stirred.notify_one();
    }

    /// Waits until something happened that may make webhooks due. One waiter at a time.
    pub(crate) async fn stirring(&self) {
        self.stirred.notified().await;
    }

    fn made(
        &self,
        path: &str,
        body: &impl Serialize,
        now: Timestamp,
    ) -> Result<Vec<TrueRow>, ControlError> {
        read(self.post(path, body, now)?["rows"].take())
    }

    /// The state caught up with an instant, and that instant in the world's time.
    pub(crate) fn at(&self, now: Timestamp) -> (MutexGuard<'_, State>, i64) {
        let mut state = self.lock();
        let now = now.as_millisecond() + state.world.offset;
        state.world.catch_up(now);
        (state, now)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a control call answered, typed.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, ControlError> {
    serde_json::from_value(value).map_err(|error| ControlError::bad(error.to_string()))
}
