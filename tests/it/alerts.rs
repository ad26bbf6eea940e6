//! Late shifts and missed posts, from the tables of the agency's front end to the chat: each is told once,
//! whatever happens on the way.

mod due;
mod failing;
mod once;
mod paces;
mod refused;
pub mod telegram;

use std::{sync::Arc, time::Duration};

use app::{Config, Ctx, SystemEntropy};
use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::Value;
use store::{Gate, Options, Store};

use self::telegram::Telegram;
use crate::world::{
    SECRET, TELEGRAM_SECRET, canary, clock::ManualClock, config, database::Database, route,
};

const SHIFTS: &str = "/api/cron/check-late-shifts";
const POSTS: &str = "/api/cron/check-missed-posts";
const AGENCY: &str = "a0000001-0000-4000-8000-000000000000";
const OTHER: &str = "a0000002-0000-4000-8000-000000000000";
/// As long as a tick's claim lasts.
const LEASE_SECONDS: i64 = 240;

/// An agency in Rome, a chat, and a clock that is moved by hand.
struct Stage {
    db: Database,
    clock: Arc<ManualClock>,
    telegram: Telegram,
}

impl Stage {
    async fn at(now: &str) -> Self {
        canary::watch();
        let db = Database::create().await;
        let agency = format!(
            "insert into agencies (id, name, timezone) values ('{AGENCY}', 'Roma', 'Europe/Rome');
             insert into models (agency_id, id, name) values ('{AGENCY}', '{AGENCY}', 'Ada')"
        );
        db.sql(&agency).await;
        let clock = Arc::new(ManualClock::at(now.parse().unwrap()));
        let telegram = Telegram::start(Arc::clone(&clock));
        Self { db, clock, telegram }
    }

    /// The hour of most tests.
    async fn set() -> Self {
        Self::at("2026-11-21T10:00:00Z").await
    }

    async fn add_other_agency(&self) {
        let agency = format!(
            "insert into agencies (id, name, timezone) values ('{OTHER}', 'Lima', 'America/Lima');
             insert into models (agency_id, id, name) values ('{OTHER}', '{OTHER}', 'Bea')"
        );
        self.db.sql(&agency).await;
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// Another instance.
    fn ctx(&self) -> Ctx {
        self.patient(fanvue::Timeouts::default().total)
    }

    /// The same, held up at its statements.
    fn gated(&self, gate: Arc<dyn Gate>) -> Ctx {
        let mut ctx = self.ctx();
        let options = Options { gate: Some(gate), ..Options::default() };
        ctx.store = Store::open(&ctx.config.database_url, options).unwrap();
        ctx
    }

    /// The same with so much patience for Telegram.
    fn patient(&self, total: Duration) -> Ctx {
        self.configured(self.chat_at(&self.telegram.url), total)
    }

    fn configured(&self, config: Config, total: Duration) -> Ctx {
        let timeouts = fanvue::Timeouts { total, ..fanvue::Timeouts::default() };
        let transport = fanvue::https_transport(timeouts).unwrap();
        let clock = Arc::clone(&self.clock);
        Ctx::with(config, transport, clock, Arc::new(SystemEntropy)).unwrap()
    }

    /// A configuration whose Telegram is there.
    fn chat_at(&self, url: &str) -> Config {
        let mut config = self.without_chat();
        config.telegram = Some(app::Telegram {
            bot_token: format!("123456:{TELEGRAM_SECRET}").into(),
            chat_id: telegram::CHAT.to_owned(),
            api_url: url.parse().unwrap(),
        });
        config
    }

    fn without_chat(&self) -> Config {
        config(&self.db.url, "http://127.0.0.1:1")
    }

    /// A tick of an instance of its own; its report.
    async fn tick(&self, path: &str) -> Value {
        tick(&self.ctx(), path).await
    }

    /// A shift of somebody of that name, who does nothing else; its id.
    async fn shift(&self, agency: &str, person: &str, start: &str) -> String {
        let sql = format!(
            "with person as (
                 insert into profiles (id, agency_id, username, role)
                 values (gen_random_uuid(), '{agency}', '{person}', 'chatter') returning id
             )
             insert into shifts (agency_id, employee_id, start_time, end_time, title)
             select '{agency}', id, '{start}', '{start}'::timestamptz + interval '8 hours', 'Chat'
               from person
             returning id"
        );
        self.db.sql(&sql).await.remove(0).remove(0)
    }

    /// The person of that shift clocks in, for it or without naming one, and out again.
    async fn clock_in(&self, shift: &str, names_it: bool, at: &str, out: Option<&str>) {
        let out = out.map_or("null".to_owned(), |out| format!("'{out}'"));
        let named = if names_it { "id" } else { "null" };
        let sql = format!(
            "insert into timesheets (agency_id, employee_id, shift_id, clock_in, clock_out)
             select agency_id, employee_id, {named}, '{at}', {out} from shifts where id = '{shift}'"
        );
        self.db.sql(&sql).await;
    }

    /// A planned post.
    async fn post(&self, agency: &str, title: &str, at: &str) {
        let sql = format!(
            "insert into content_tasks
                 (agency_id, model_id, title, platform, content_type, status, scheduled_at)
             values ('{agency}', '{agency}', '{title}', 'instagram', 'reel', 'scheduled', '{at}')"
        );
        self.db.sql(&sql).await;
    }

    /// What became of the alerts: state and attempts, in the order of their instants.
    async fn states(&self) -> Vec<Vec<String>> {
        self.db.sql("select state, attempts from alerts order by due_at, subject_id").await
    }
}

/// A call of the schedule; its report.
async fn tick(ctx: &Ctx, path: &str) -> Value {
    let (status, report) = ask(ctx, "GET", path, Some(SECRET)).await;
    assert_eq!(status, 200, "{report}");
    report
}

async fn ask(ctx: &Ctx, method: &str, uri: &str, secret: Option<&str>) -> (u16, Value) {
    let mut request = http::Request::builder().method(method).uri(uri);
    if let Some(secret) = secret {
        request = request.header("authorization", format!("Bearer {secret}"));
    }
    let response = route(ctx, request.body(Bytes::new()).unwrap()).await;
    canary::check_answer(&response);
    let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
    (response.status().as_u16(), body)
}

/// The numbers of a report under those names.
fn counts<const N: usize>(report: &Value, names: [&str; N]) -> [i64; N] {
    names.map(|name| report[name].as_i64().unwrap_or_else(|| panic!("{name}: {report}")))
}
