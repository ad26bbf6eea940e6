//! What every measurement stands on: a database of its own, a simulated Fanvue, a connected agency.

use std::{path::Path, sync::Arc};

use app::{
    Clock, Config, Ctx, SystemEntropy, auth,
    connections::{NewConnection, connect_agency},
};
use fanvue::{AccessToken, RefreshToken};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use simulator::{Bulk, NewGrant, Options, Simulator};
use store::{Gate, UserId};
use uuid::Uuid;

use crate::{Failure, database, devdb::DevDb, wall};

/// The secret that opens the endpoints of what is measured.
pub(super) const SECRET: &str = "bench-secret";
/// What users' tokens are signed with, and for how long.
const JWT_SECRET: &str = "bench-jwt-secret-of-32-bytes-or-more";
const TOKEN_SECONDS: i64 = 12 * 3_600;
/// Where nobody listens: for whoever asks the platform nothing.
const NOWHERE: &str = "http://127.0.0.1:1";
/// How long the server may take to notice that connections have ended.
const SETTLED_SECONDS_MAX: i64 = 60;
const MOMENT_MS: i64 = 100;
/// A key for a database that is dropped afterwards.
const TOKEN_KEYS: &str = "bench:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Measures in an empty database on the local server, which is dropped afterwards.
pub(super) async fn in_database<T>(
    data_dir: &Path,
    name: &str,
    measure: impl AsyncFnOnce(&str) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let server = database::open(&data_dir.join("postgres"), None, true).await?;
    in_database_of(&server, name, measure).await
}

/// The same on that server.
pub(super) async fn in_database_of<T>(
    server: &DevDb,
    name: &str,
    measure: impl AsyncFnOnce(&str) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let url = make(server, name).await?;
    let measured = measure(&url).await;
    discard(server, name).await?;
    measured
}

/// An empty database on that server, in place of any other of that name.
pub(super) async fn make(server: &DevDb, name: &str) -> Result<String, Failure> {
    discard(server, name).await?;
    let url = store::admin::create_database(&server.url("postgres"), name, None).await;
    let url = url.map_err(Failure::while_doing("the database for measuring can't be made"))?;
    database::apply(&url, &store::Authorities::default()).await?;
    Ok(url)
}

/// Drops a database, if there is one of that name.
pub(super) async fn discard(server: &DevDb, name: &str) -> Result<(), Failure> {
    let dropped = store::admin::drop_database(&server.url("postgres"), name).await;
    dropped.map_err(Failure::while_doing("the database for measuring can't be dropped"))
}

/// A world without sales and without creators, but for the agency's account.
pub(super) fn empty_world(now: Timestamp) -> Simulator {
    Simulator::new(Options {
        seed: 1,
        creators: 1,
        days: 0,
        origin: now,
        live_sales_per_hour: 0,
        base_url: None,
    })
}

/// So many creators with equal shares of so many rows, spread over so many days, and one without a row; on
/// a platform that makes nobody wait.
pub(super) fn world_of(creators: u64, rows: u64, days: u32) -> Result<Simulator, Failure> {
    let now = wall::now();
    let simulator = empty_world(now);
    let failed = "the simulated world can't be made";
    let plenty = serde_json::json!({"rateLimit": 1_000_000});
    simulator.change_settings(&plenty, now).map_err(Failure::while_doing(failed))?;
    let bulk = Bulk { creators, rows, days: Some(days), ..Bulk::default() };
    simulator.bulk(&bulk, now).map_err(Failure::while_doing(failed))?;
    Ok(simulator)
}

/// Serves the simulator until this process ends; answers its URL.
pub(super) async fn serve(simulator: &Simulator) -> Result<String, Failure> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.map_err(Failure::while_doing("can't listen"))?;
    let address = listener.local_addr().map_err(Failure::while_doing("can't listen"))?;
    tokio::spawn(simulator::serve(simulator.clone(), listener, std::future::pending()));
    Ok(format!("http://{address}"))
}

/// The variables of a process that reads the simulator into the database.
pub(super) fn environment(database_url: &str, platform_url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("DATABASE_URL", database_url.to_owned()),
        ("FANVUE_API_URL", platform_url.to_owned()),
        ("FANVUE_AUTH_URL", platform_url.to_owned()),
        ("FANVUE_CLIENT_ID", "sim-client".to_owned()),
        ("FANVUE_CLIENT_SECRET", "sim-secret".to_owned()),
        ("CRON_SECRET", SECRET.to_owned()),
        ("TOKEN_KEYS", TOKEN_KEYS.to_owned()),
    ]
}

/// The variables of a process that answers users and asks no platform.
pub(super) fn users_environment(database_url: &str) -> Vec<(&'static str, String)> {
    let mut environment = environment(database_url, NOWHERE);
    environment.push(("SUPABASE_JWT_SECRET", JWT_SECRET.to_owned()));
    environment
}

/// A token of that user, as Supabase would sign it, good for some hours from `now` on.
pub(super) fn token(user: Uuid, now: Timestamp) -> String {
    auth::sign(&SecretString::from(JWT_SECRET), UserId(user), now, TOKEN_SECONDS)
}

/// The surroundings of a use case in this process, as such a process has them.
pub(super) fn surroundings(environment: &[(&'static str, String)]) -> Result<Ctx, Failure> {
    Ctx::new(config(environment)?).map_err(Failure::while_doing(UNUSABLE))
}

/// The same with another clock and somebody at the database.
pub(super) fn watched(
    environment: &[(&'static str, String)],
    clock: Arc<dyn Clock>,
    gate: Arc<dyn Gate>,
) -> Result<Ctx, Failure> {
    let config = config(environment)?;
    let options = store::Options {
        gate: Some(gate),
        statements: config.database_statements,
        ..store::Options::default()
    };
    let store = store::Store::open(&config.database_url, options)
        .map_err(Failure::while_doing(UNUSABLE))?;
    let transport = fanvue::https_transport(fanvue::Timeouts::default())
        .map_err(Failure::while_doing(UNUSABLE))?;
    let mut ctx = Ctx::with(config, transport, clock, Arc::new(SystemEntropy))
        .map_err(Failure::while_doing(UNUSABLE))?;
    ctx.store = store;
    Ok(ctx)
}

const UNUSABLE: &str = "the application can't be set up";

fn config(environment: &[(&'static str, String)]) -> Result<Config, Failure> {
    let config = Config::from_lookup(|name| {
        environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    });
    config.map_err(Failure::while_doing(UNUSABLE))
}

/// Connects the agency's account and imports its creators; again after creators were added.
/// Answers the token, for questions of our own.
pub(super) async fn connect(ctx: &Ctx, simulator: &Simulator) -> Result<AccessToken, Failure> {
    let failed = "the agency can't be connected";
    let ask = NewGrant { account: "agency".to_owned(), ..NewGrant::default() };
    let grant = simulator.grant(&ask, wall::now()).map_err(Failure::while_doing(failed))?;
    let new = NewConnection {
        agency_name: "Bench".to_owned(),
        timezone: "Europe/Rome".to_owned(),
        access_token: AccessToken::new(grant.access_token.clone()),
        refresh_token: grant.refresh_token.map(RefreshToken::new),
        expires_in_seconds: i64::from(grant.expires_in),
        scope: grant.scope,
    };
    connect_agency(ctx, new).await.map_err(Failure::while_doing(failed))?;
    Ok(AccessToken::new(grant.access_token))
}

/// The one number that this statement answers.
pub(super) async fn number(url: &str, sql: &str) -> Result<u64, Failure> {
    let [number] = numbers(url, sql).await?;
    Ok(number)
}

/// The numbers in the one row that this statement answers.
pub(super) async fn numbers<const COUNT: usize>(
    url: &str,
    sql: &str,
) -> Result<[u64; COUNT], Failure> {
    let failed = "the database can't be looked at";
    let rows = store::admin::run_sql(url, sql).await.map_err(Failure::while_doing(failed))?;
    let row = rows.first().map(Vec::as_slice).unwrap_or_default();
    let mut numbers = [0; COUNT];
    for (place, number) in numbers.iter_mut().enumerate() {
        let text = row.get(place).cloned().flatten().unwrap_or_default();
        *number = text.parse().map_err(Failure::while_doing(failed))?;
    }
    Ok(numbers)
}

/// Waits until nobody else is connected: what a connection did is counted when it ends, at the latest.
pub(super) async fn settled(url: &str) -> Result<(), Failure> {
    let others = "select count(*) from pg_stat_activity
                   where datname = current_database() and pid <> pg_backend_pid()
                     and backend_type = 'client backend'";
    let give_up_at = wall::now() + SignedDuration::from_secs(SETTLED_SECONDS_MAX);
    while number(url, others).await? != 0 {
        if give_up_at < wall::now() {
            return Err(Failure::new("somebody else uses the database for measuring"));
        }
        wall::pause_until(wall::now() + SignedDuration::from_millis(MOMENT_MS)).await;
    }
    Ok(())
}
