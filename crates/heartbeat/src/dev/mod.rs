//! `heartbeat dev`: the whole product on this machine, with a simulated Fanvue.
//!
//! One process holds the endpoints, the simulator and the schedules; they talk to each other over
//! HTTP as they would in production. The database is the only thing that may outlive it.

mod demo;
mod home;
mod world;

use std::sync::Arc;

use app::{Config, Ctx, SystemEntropy};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) use self::demo::Demo;
use crate::cli::DevArgs;
use crate::devdb::{DevDb, Origin};
use crate::page::Page;
use crate::progress::{Step, seconds};
use crate::ready::Ready;
use crate::schedules::{self, Driver};
use crate::serve::bind;
use crate::web::{self, Site};
use crate::{Failure, database, stop, wall};
use home::Home;
use world::World;

pub(crate) async fn run(args: DevArgs) -> Result<(), Failure> {
    let mut stop = stop::on_signal().map_err(Failure::while_doing("can't watch for signals"))?;
    let home = Home::open(&args.data_dir)?;
    // The ports first: nothing is worth starting if one of them is taken.
    let (listener, address) = bind(args.port, "--port").await?;
    let (sim_listener, sim_address) = bind(args.sim_port, "--sim-port").await?;

    let step = Step::begin("database");
    let db = database::open(&home.database(), wall::variable("DATABASE_URL"), false).await?;
    step.done(describe(db.origin()));

    let place = Place { args: &args, home: &home, listener, address, sim_listener, sim_address };
    let outcome = tokio::select! {
        up = bring_up(place, &db, stop.clone()) => up,
        () = stop::signalled(&mut stop) => Err(Failure::new("stopped before it was ready")),
    };
    let outcome = match outcome {
        Ok(up) => {
            up.run(&mut stop).await;
            Ok(())
        }
        Err(failure) => Err(failure),
    };
    let left = database::leave(db).await;
    outcome.and(left.map(|_| ()))
}

/// What is settled before the database is there.
struct Place<'a> {
    args: &'a DevArgs,
    home: &'a Home,
    listener: TcpListener,
    address: std::net::SocketAddr,
    sim_listener: TcpListener,
    sim_address: std::net::SocketAddr,
}

/// Everything, running.
struct Up {
    server: JoinHandle<()>,
    world: World,
    driver: Driver,
    list: Vec<schedules::Schedule>,
}

async fn bring_up(
    place: Place<'_>,
    db: &DevDb,
    stop: watch::Receiver<bool>,
) -> Result<Up, Failure> {
    let began_at = wall::instant();
    let step = Step::begin("migrate");
    let database_url = database::url(db).await?;
    let applied = database::apply(&database_url, &database::authorities()?).await?;
    step.done(format!("version {}, {} new", store::latest_version(), applied.versions.len()));

    let Place { args, home, listener, address, sim_listener, sim_address } = place;
    let step = Step::begin("simulator");
    let world = World::open(args, home, sim_listener, sim_address, stop.clone()).await?;
    step.done(&world);

    let ctx = Arc::new(context(args, home, &format!("http://{address}"), &world, database_url)?);
    let step = Step::begin("agency");
    let connected = world.connect(&ctx).await?;
    demo::settle(&ctx).await?;
    step.done(connected);
    if db.is_local() {
        // Whoever held a lease in this folder's database is gone: we hold the folder.
        let released = app::maintenance::release_leases(&ctx).await;
        released.map_err(Failure::while_doing("can't release the leases of an earlier run"))?;
    }

    let list = schedules::list().map_err(Failure::while_doing("no schedules"))?;
    let page = Arc::new(Page::of_repository());
    let demo = Some(Demo::new(&ctx));
    let site = Site { ctx, page: Arc::clone(&page), demo };
    let server = tokio::spawn(web::serve(listener, site, stop));
    let (api, simulator) = (format!("http://{address}"), world.url());
    world.tell(&api)?;
    let ready = Ready { api: &api, simulator: &simulator, secret: &args.secret };
    ready.announce().map_err(Failure::while_doing("can't write to standard output"))?;
    eprintln!("{}", ready.hints());
    if !args.no_page {
        tokio::spawn(async move { page.build().await });
    }
    tracing::debug!(took = seconds(wall::instant() - began_at), "ready");
    Ok(Up { server, world, driver: Driver { server: address, secret: args.secret.clone() }, list })
}

impl Up {
    /// Until the signal; then everything ends within two seconds.
    async fn run(self, stop: &mut watch::Receiver<bool>) {
        tokio::select! {
            () = schedules::drive(self.driver, self.list) => {}
            () = stop::signalled(stop) => {}
        }
        stop::signalled(stop).await;
        eprintln!("\n  stopping; the data stay");
        let _ = self.server.await;
        self.world.close().await;
    }
}

/// The application's context, configured for the simulator whatever the environment says of Fanvue.
fn context(
    args: &DevArgs,
    home: &Home,
    own_url: &str,
    world: &World,
    database_url: String,
) -> Result<Ctx, Failure> {
    let (token_keys, jwt_secret) = (home.token_keys()?, home.jwt_secret()?);
    let lookup = |name: &str| match name {
        "DATABASE_URL" => Some(database_url.clone()),
        "FANVUE_API_URL" | "FANVUE_AUTH_URL" => Some(world.url()),
        "PUBLIC_URL" => Some(own_url.to_owned()),
        "FANVUE_CLIENT_ID" => Some(world::CLIENT_ID.to_owned()),
        "FANVUE_CLIENT_SECRET" => Some(world::CLIENT_SECRET.to_owned()),
        "FANVUE_WEBHOOK_SECRETS" => Some(world::WEBHOOK_SECRET.to_owned()),
        "CRON_SECRET" => Some(args.secret.clone()),
        "TOKEN_KEYS" => Some(token_keys.clone()),
        // Users here are the demo's own, not those of a project that the environment names.
        "SUPABASE_JWT_SECRET" => Some(jwt_secret.clone()),
        "SUPABASE_JWKS_URL" | "SUPABASE_JWT_ISSUER" => None,
        other => wall::variable(other),
    };
    let config = Config::from_lookup(lookup)
        .map_err(Failure::while_doing("the configuration is unusable"))?;
    let transport = fanvue::https_transport(fanvue::Timeouts::default())
        .map_err(Failure::while_doing("no way to the simulator"))?;
    Ctx::with(config, transport, world.clock(), Arc::new(SystemEntropy))
        .map_err(Failure::while_doing("the configuration is unusable"))
}

fn describe(origin: &Origin) -> String {
    match origin {
        Origin::Given => "as DATABASE_URL says".to_owned(),
        Origin::Running => "was running".to_owned(),
        Origin::Started { version } => format!("{version} started"),
    }
}
