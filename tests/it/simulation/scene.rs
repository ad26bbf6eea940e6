//! A world on its stage: the platform, two clocks, some processes, and the truth about all of it.

use std::{collections::BTreeMap, sync::Arc};

use app::connections;
use bytes::Bytes;
use fanvue::{AccessToken, RefreshToken};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use simulator::{NewCreator, NewGrant, NewSale, Options, Reply, Rows, Simulator, TrueRow};
use store::Statements;
use uuid::Uuid;

use super::{
    clock::TwoClocks,
    conduct::{Conduct, OWN, REFUSALS_MAX},
    draw::Plan,
    eye::Eye,
    op::{Op, Sale},
    oracle::{Happened, Oracle},
    polls::Dashboards,
    process::{PROCESSES_MAX, Process, RECEIVER, Start},
    trace::Trace,
    truth::Fact,
    view::View,
};
use crate::world;

/// The agency's zone: an hour or two from UTC, so that its days are not the platform's.
const ZONE: &str = "Europe/Rome";

/// One seed of so many sends its statements typed also where they could be prepared.
const TYPED_EVERY: u64 = 8;

/// Everything that one seed is played on.
pub struct Scene<'a> {
    pub sim: Simulator,
    pub clock: Arc<TwoClocks>,
    pub trace: Trace,
    pub eye: &'a Eye,
    pub dashboards: Dashboards,
    pub accounts: Vec<Uuid>,
    pub facts: BTreeMap<Uuid, Vec<Fact>>,
    pub oracle: Oracle,
    pub happened: Happened,
    /// Whether an answer of the token endpoint may have been lost on its way to the database.
    pub answers_were_lost: bool,
    /// Whether the consent was taken back since it was last given.
    pub was_revoked: bool,
    pub asks_totals: bool,
    database_url: &'a str,
    statements: Statements,
    pub seed: u64,
    origin: Timestamp,
    conduct: Arc<Conduct>,
    processes: [Option<Process>; PROCESSES_MAX],
    started: u64,
}

impl<'a> Scene<'a> {
    /// Sets the stage: an empty database, creators with a past, the account connected.
    pub async fn set(plan: &Plan, database_url: &'a str, eye: &'a Eye, trace: Trace) -> Self {
        eye.forget_everything().await;
        let origin: Timestamp = "2026-10-24T10:00:00Z".parse().unwrap();
        let clock = Arc::new(TwoClocks::at(origin));
        let creators = if plan.owns_an_account { 2 } else { 1 };
        let sim = Simulator::new(Options {
            seed: plan.seed,
            creators,
            days: 0,
            origin,
            live_sales_per_hour: 0,
            base_url: None,
        });
        let zone = TimeZone::get(ZONE).unwrap();
        let dashboards = Dashboards::open(eye.store.clone(), &sim, &clock);
        let mut scene = Self {
            sim,
            clock,
            trace,
            eye,
            dashboards,
            accounts: vec![],
            facts: BTreeMap::new(),
            oracle: Oracle::new(zone, plan.asks_totals, origin),
            happened: Happened::default(),
            answers_were_lost: false,
            was_revoked: false,
            conduct: Arc::default(),
            asks_totals: plan.asks_totals,
            database_url,
            statements: match plan.seed % TYPED_EVERY {
                0 => Statements::Typed,
                _ => world::kept_statements(),
            },
            seed: plan.seed,
            origin,
            processes: [const { None }; PROCESSES_MAX],
            started: 0,
        };
        scene.settings(&json!({"rateLimit": 100_000}));
        scene.settings(&plan.settings);
        scene.settings(&json!({"webhooks": plan.webhooks}));
        for past in &plan.pasts {
            let new = NewCreator {
                name: None,
                rows: Some(past.rows),
                days: Some(past.days),
                twins_percent: Some(past.twins_percent),
            };
            scene.sim.add_creator(&new, origin).unwrap();
        }
        scene.accounts = scene.sim.creators();
        scene.oracle.own = plan.owns_an_account.then(|| scene.sim.agency());
        for account in scene.accounts.clone() {
            let rows = scene.sim.rows(account, origin);
            scene.facts.insert(account, rows.iter().map(|row| Fact::of(row, 0)).collect());
        }
        scene.reconnect().await.expect("nothing fails yet");
        scene
    }

    pub fn now(&self) -> Timestamp {
        self.clock.truth()
    }

    pub fn pass(&mut self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
        self.notice();
    }

    /// Whole days that passed, times creators.
    pub fn creator_days(&self) -> f64 {
        let days = self.now().duration_since(self.origin).as_secs_f64() / 86_400.0;
        days * self.accounts.len() as f64
    }

    pub fn account(&self, who: usize) -> Uuid {
        self.accounts[who % self.accounts.len()]
    }

    pub fn settings(&mut self, change: &Value) {
        self.sim.change_settings(change, self.now()).unwrap();
        self.notice();
    }

    /// Tells the oracle what can only be seen while it lasts.
    pub fn notice(&mut self) {
        let settings = self.sim.settings();
        let hides = settings.rows != Rows::V1;
        // Before v1 the platform lists them apart, for the account itself.
        let hides_own = hides && settings.v1;
        self.oracle.notice(self.now(), self.clock.ours(), hides, hides_own);
    }

    /// The process of that number, started if it isn't alive.
    pub fn process(&mut self, number: usize) -> &Process {
        let slot = &mut self.processes[number];
        slot.get_or_insert_with(|| {
            self.started += 1;
            let draw = self.seed.wrapping_mul(1000) + self.started;
            let (url, sim, statements) = (self.database_url, &self.sim, self.statements);
            let (conduct, asks_totals) = (&self.conduct, self.asks_totals);
            let start = Start { url, sim, conduct, draw, statements, asks_totals };
            Process::start(number, start, &self.clock, &self.trace)
        })
    }

    /// Ends a process: its memory is gone, and so are its connections.
    pub async fn kill(&mut self, number: usize) {
        if let Some(process) = self.processes[number].take() {
            let name = process.name;
            self.answers_were_lost |= number != RECEIVER;
            drop(process);
            self.conduct.forget(name);
            self.eye.bury(name).await;
            self.trace.note(|| format!("{name} is dead"));
        }
    }

    /// A person connects the agency's account. It may fail like anything else.
    pub async fn reconnect(&mut self) -> Result<(), String> {
        let ask = NewGrant { account: "agency".into(), ..NewGrant::default() };
        let grant = self.sim.grant(&ask, self.now()).map_err(|error| error.to_string())?;
        let new = connections::NewConnection {
            agency_name: "Agency".into(),
            timezone: ZONE.into(),
            access_token: AccessToken::new(grant.access_token),
            refresh_token: grant.refresh_token.map(RefreshToken::new),
            expires_in_seconds: i64::from(grant.expires_in),
            scope: grant.scope,
        };
        let process = self.process(0);
        process.probe.begin(false, None);
        let ctx = Arc::clone(&process.ctx);
        let outcome = connections::connect_agency(&ctx, new).await;
        self.was_revoked &= outcome.is_err();
        outcome.map(drop).map_err(|error| error.to_string())
    }

    /// Makes sales, and knows them.
    pub fn sell(&mut self, who: usize, sale: &Sale) {
        let creator = self.account(who);
        let (calls, together) = if sale.apart_ms == 0 { (1, sale.count) } else { (sale.count, 1) };
        for call in 0..i64::from(calls) {
            let ago = SignedDuration::from_millis(sale.ago_ms + call * sale.apart_ms);
            let new = NewSale {
                count: Some(together.max(1)),
                twins: Some(sale.twins.max(1)),
                fan: sale.no_fan.then(|| "none".to_owned()),
                at: Some(format!("{:.3}", self.now() - ago)),
                visible_after_seconds: Some(sale.shows_after_seconds),
                ..NewSale::of(creator)
            };
            let rows = self.sim.sell(&new, self.now()).unwrap();
            self.know(creator, &rows);
        }
    }

    pub fn know(&mut self, creator: Uuid, rows: &[TrueRow]) {
        let step = self.happened.step;
        let facts = rows.iter().map(|row| Fact::of(row, step));
        self.facts.entry(creator).or_default().extend(facts);
    }

    /// Does one op and asks the oracle, if the books may have changed.
    pub async fn play(&mut self, op: &Op) -> Result<(), String> {
        self.trace.note(|| format!("op {op:?}"));
        let step = self.happened.step + 1;
        self.happened = Happened { step, began_at: self.now(), ..Happened::default() };
        self.perform(op).await?;
        if op.is_ours() || op.moves_a_clock() {
            self.poll().await?;
        }
        if op.is_ours() { self.ask_oracle().await } else { Ok(()) }
    }

    pub async fn ask_oracle(&mut self) -> Result<(), String> {
        self.notice();
        let view = self.eye.look().await;
        self.trace.note(|| {
            let sums = view.creators.values().map(|c| format!("{:?} {:?}", c.shown, c.stream));
            format!("books {}", sums.collect::<Vec<_>>().join("; "))
        });
        self.conduct.verdict()?;
        self.who_is_set_aside_was_refused(&view)?;
        self.what_is_shown_is_booked(&view)?;
        self.oracle.check(view, &self.facts, self.now(), &self.happened)?;
        let reuses = self.late_reuses();
        if !self.answers_were_lost && 0 < reuses {
            return Err("a spent refresh token was spent again, though no answer was lost".into());
        }
        Ok(())
    }

    /// How often a refresh token was used again so late that it ended the whole connection.
    fn late_reuses(&self) -> u64 {
        let request = http::Request::get("/sim/oauth").body(Bytes::new()).unwrap();
        let Reply::Answer(response) = self.sim.respond(request, self.now()) else { return 0 };
        let counts: Value = serde_json::from_slice(response.body()).unwrap();
        counts["lateReuses"].as_u64().unwrap()
    }

    /// A creator is set aside when she was refused so often, and as often the platform did refuse her; a
    /// connection ends when its consent did, or when what the platform answered was lost.
    fn who_is_set_aside_was_refused(&self, view: &View) -> Result<(), String> {
        for (account, creator) in &view.creators {
            let stream = &creator.stream;
            let feed = match self.oracle.own == Some(*account) {
                true => OWN.to_owned(),
                false => account.to_string(),
            };
            let (counted, seen) = (stream.refusals, self.conduct.refusals(&feed));
            if seen < counted || stream.is_parked != (REFUSALS_MAX <= counted) {
                return Err(format!("{account}: refused {seen} times, and is {stream:?}"));
            }
            if creator.has_ended && !self.was_revoked && !self.answers_were_lost {
                return Err(format!("{account}: nothing ended its connection: {stream:?}"));
            }
        }
        Ok(())
    }
}
