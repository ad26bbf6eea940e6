//! What is promised of webhooks: how soon a sale is on the dashboard, how many a second are on disk,
//! what a repeated one costs and what a false one. One worker process, real HTTP, and a database
//! server whose commits are on disk, unlike that of `heartbeat dev`.

mod delay;
mod flush;
mod pgbench;
mod rate;
mod refused;
mod replays;
mod verdict;

use std::{path::Path, sync::Arc};

use app::Ctx;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::{NewCreator, Simulator};
use uuid::Uuid;

use self::{pgbench::Pgbench, verdict::Measured};
use super::{
    stage::{self, SECRET, number},
    worker::Worker,
};
use crate::{Failure, cli::DeliveriesArgs, database, loopback, wall};

const DATABASE: &str = "heartbeat_bench_webhooks";
const PATH: &str = "/api/webhooks/fanvue";
const WEBHOOK_SECRET: &str = "bench-webhook-secret";
const CREATORS: usize = 4;
const ROWS_OF_CREATOR: u64 = 200;
/// Ticks until histories of that size must be read.
const TICKS_MAX: usize = 5;
/// How long to wait before looking again.
const MOMENT_MS: i64 = 100;
/// How long making sense of a round's events may take.
const UNDERSTOOD_SECONDS_MAX: i64 = 600;

/// Measures everything in an empty database on a durable server of its own.
pub(super) async fn measure(data_dir: &Path, args: &DeliveriesArgs) -> Result<Measured, Failure> {
    let base = data_dir.join("postgres-durable");
    let server = database::open_durable(&base, None).await?;
    let measured = async {
        let pgbench = Pgbench::find(&server, data_dir.join("pgbench"))?;
        let disk = server.folder().ok_or_else(|| Failure::new("the server is not local"))?;
        stage::in_database_of(&server, DATABASE, async |url| {
            Bench::start(args, url, disk).await?.measure(&pgbench).await
        })
        .await
    };
    let measured = measured.await;
    database::erase(server, base).await?;
    measured
}

/// What every part works with.
struct Bench<'a> {
    args: &'a DeliveriesArgs,
    url: &'a str,
    /// A folder on the database's disk.
    disk: &'a Path,
    ctx: Arc<Ctx>,
    simulator: Simulator,
    creators: Vec<Uuid>,
    worker: Worker,
}

impl<'a> Bench<'a> {
    /// A worker, and an agency whose creators' histories are read.
    async fn start(
        args: &'a DeliveriesArgs,
        url: &'a str,
        disk: &'a Path,
    ) -> Result<Self, Failure> {
        let (simulator, creators) = world()?;
        let mut environment = stage::environment(url, &stage::serve(&simulator).await?);
        environment.push(("FANVUE_WEBHOOK_SECRETS", WEBHOOK_SECRET.to_owned()));
        let ctx = Arc::new(stage::surroundings(&environment)?);
        stage::connect(&ctx, &simulator).await?;
        let worker = Worker::start(&environment).await?;
        let bench = Self { args, url, disk, ctx, simulator, creators, worker };
        for _ in 0..TICKS_MAX {
            if bench.tick().await?["unfinished"] == 0 {
                return Ok(bench);
            }
        }
        Err(Failure::new("the creators' histories were not read"))
    }

    async fn measure(&self, pgbench: &Pgbench) -> Result<Measured, Failure> {
        // In this order: the replays need an empty table, and the sales one that is not large yet.
        let refusals = refused::measure(self).await?;
        let replays = replays::measure(self).await?;
        let delays = delay::measure(self).await?;
        self.understood().await?;
        let rates = rate::measure(self, pgbench).await?;
        Ok(Measured { delays, rates, replays, refusals, connections: self.args.connections })
    }

    /// A heartbeat; its report.
    async fn tick(&self) -> Result<Value, Failure> {
        let bearer = format!("Bearer {SECRET}");
        let headers = [("authorization", bearer.as_str())];
        let path = "/api/cron/revenue-heartbeat";
        let answer = loopback::get(self.worker.address, path, &headers).await;
        let (_, body) = answer.map_err(Failure::while_doing("a tick was not answered"))?;
        serde_json::from_slice(&body).map_err(Failure::while_doing("a tick's report can't be read"))
    }

    /// Events that nobody has made sense of.
    async fn not_understood(&self) -> Result<u64, Failure> {
        number(self.url, "select count(*) from webhook_events where state = 'new'").await
    }

    /// Waits until every event is understood. Ticks help where nobody is at it any more.
    async fn understood(&self) -> Result<(), Failure> {
        let give_up_at = wall::now() + SignedDuration::from_secs(UNDERSTOOD_SECONDS_MAX);
        while self.not_understood().await? != 0 {
            if give_up_at < wall::now() {
                return Err(Failure::new("nobody made sense of all events"));
            }
            self.moment().await;
            self.tick().await?;
        }
        Ok(())
    }

    async fn moment(&self) {
        wall::pause_until(wall::now() + SignedDuration::from_millis(MOMENT_MS)).await;
    }

    fn signature(&self, at: Timestamp, body: &Bytes) -> String {
        signature(&self.ctx, at, body)
    }
}

/// As the platform signs. The worker knows the same secrets.
fn signature(ctx: &Ctx, at: Timestamp, body: &Bytes) -> String {
    let secret = ctx.config.webhook_secrets.first();
    secret.map(|secret| fanvue::signature::sign(secret, at, body)).unwrap_or_default()
}

fn world() -> Result<(Simulator, Vec<Uuid>), Failure> {
    let now = wall::now();
    let simulator = stage::empty_world(now);
    let failed = "the simulated world can't be made";
    let plenty = json!({"rateLimit": 1_000_000});
    simulator.change_settings(&plenty, now).map_err(Failure::while_doing(failed))?;
    let creator = |number| {
        let new = NewCreator {
            name: Some(format!("Creator {number}")),
            rows: Some(ROWS_OF_CREATOR),
            ..NewCreator::default()
        };
        simulator.add_creator(&new, now).map_err(Failure::while_doing(failed))
    };
    let creators = (0..CREATORS).map(creator).collect::<Result<_, _>>()?;
    Ok((simulator, creators))
}
