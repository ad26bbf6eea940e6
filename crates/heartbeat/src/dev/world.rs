//! The simulated Fanvue of a data folder: opened or begun, served, and connected to the demo agency
//! the way an agency's consent would.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use app::connections::{NewConnection, connect_agency};
use app::{Clock, Ctx, SystemClock};
use fanvue::{AccessToken, RefreshToken};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use simulator::{NewGrant, Options, Simulator};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::home::Home;
use crate::cli::DevArgs;
use crate::progress::grouped;
use crate::{Failure, stop, wall};

/// The one OAuth client the simulator knows.
pub(super) const CLIENT_ID: &str = "sim-client";
/// Its secret, which protects nothing.
pub(super) const CLIENT_SECRET: &str = "sim-secret";
/// What the simulator signs webhooks with.
pub(super) const WEBHOOK_SECRET: &str = "sim-webhook-secret";

/// The demo agency.
pub(super) const AGENCY: &str = "Demo Agency";
const ZONE: &str = "Europe/Rome";
/// Enough to see something happen every minute or two.
const LIVE_SALES_PER_HOUR: u32 = 60;
/// Agencies to look through for the demo's own.
pub(super) const AGENCIES_MAX: i64 = 1_000;

/// The simulator, serving.
#[derive(Debug)]
pub(super) struct World {
    address: SocketAddr,
    simulator: Simulator,
    /// Begun by this start: tokens of an earlier world are worth nothing here.
    is_new: bool,
    serving: JoinHandle<()>,
}

impl fmt::Display for World {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let truth = self.simulator.truth(wall::now());
        let rows = truth.creators.iter().map(|creator| creator.rows).sum();
        write!(out, "{} creators, {} rows", truth.creators.len(), grouped(rows))
    }
}

impl World {
    /// Opens the folder's world, or begins one whose history ends now.
    pub(super) async fn open(
        args: &DevArgs,
        home: &Home,
        listener: TcpListener,
        address: SocketAddr,
        mut stop: watch::Receiver<bool>,
    ) -> Result<World, Failure> {
        let options = Options {
            seed: args.seed,
            creators: args.creators as usize,
            days: args.days,
            origin: wall::now(),
            live_sales_per_hour: LIVE_SALES_PER_HOUR,
            base_url: Some(format!("http://{address}")),
        };
        let journal = home.journal();
        let is_new = !journal.exists();
        let opened = tokio::task::spawn_blocking(move || Simulator::open(&journal, options)).await;
        let simulator = opened
            .map_err(Failure::while_doing("the simulator did not start"))?
            .map_err(Failure::while_doing("the simulated world can't be opened"))?;
        let served = simulator.clone();
        let serving = tokio::spawn(async move {
            let until = async move { stop::signalled(&mut stop).await };
            if let Err(error) = simulator::serve(served, listener, until).await {
                tracing::error!(%error, "the simulator ended");
            }
        });
        Ok(World { address, simulator, is_new, serving })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Connects the demo agency, unless an earlier start of this folder has.
    pub(super) async fn connect(&self, ctx: &Ctx) -> Result<String, Failure> {
        let failure = "the demo agency can't be connected";
        let accounts = ctx.store.list_connected_accounts(1_000).await;
        let accounts = accounts.map_err(Failure::while_doing(failure))?;
        let own = self.simulator.agency().to_string();
        if accounts.iter().any(|account| *account != own) {
            return Err(Failure::new(
                "this database holds connections of another Fanvue, which the simulated one would \
                 end; unset DATABASE_URL, or name a database that only `dev` uses",
            ));
        }
        let agencies = ctx.store.reader().list_agencies(AGENCIES_MAX).await;
        let agencies = agencies.map_err(Failure::while_doing(failure))?;
        if !self.is_new && agencies.iter().any(|agency| agency.name == AGENCY) {
            return Ok(format!("{AGENCY}, connected before"));
        }
        let consent = NewGrant { account: "agency".to_owned(), scopes: None };
        let grant = self.simulator.grant(&consent, wall::now());
        let grant = grant.map_err(Failure::while_doing(failure))?;
        let connection = NewConnection {
            agency_name: AGENCY.to_owned(),
            timezone: ZONE.to_owned(),
            access_token: AccessToken::new(grant.access_token),
            refresh_token: grant.refresh_token.map(RefreshToken::new),
            expires_in_seconds: i64::from(grant.expires_in),
            scope: grant.scope,
        };
        let connected = connect_agency(ctx, connection).await;
        let connected = connected.map_err(Failure::while_doing(failure))?;
        Ok(format!("{AGENCY} connected, {} creators", connected.creators))
    }

    /// Sends webhooks to our endpoint, from now on.
    pub(super) fn tell(&self, own_url: &str) -> Result<(), Failure> {
        let url = format!("{own_url}{}", app::Endpoint::Webhooks.path());
        let change = serde_json::json!({"webhooks": {"url": url, "secret": WEBHOOK_SECRET}});
        let told = self.simulator.change_settings(&change, wall::now());
        told.map(drop)
            .map_err(Failure::while_doing("the simulator can't be told where to send webhooks"))
    }

    /// The time in the simulated world, which `POST /sim/time` moves ahead: the product lives in it.
    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(WorldClock(self.simulator.clone()))
    }

    /// Waits for the simulator to end, which it does at the signal.
    pub(super) async fn close(self) {
        let _ = tokio::time::timeout(std::time::Duration::from_millis(500), self.serving).await;
    }
}

struct WorldClock(Simulator);

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        self.0.time(SystemClock.now())
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let ahead = self.now().duration_since(SystemClock.now());
        static WALL: SystemClock = SystemClock;
        WALL.sleep_until(at.checked_sub(ahead).unwrap_or(at))
    }
}
