//! What every measurement stands on: a database of its own, a simulated Fanvue, a connected agency.

use std::path::Path;

use app::{
    Config, Ctx,
    connections::{NewConnection, connect_agency},
};
use fanvue::{AccessToken, RefreshToken};
use jiff::Timestamp;
use simulator::{NewGrant, Options, Simulator};

use crate::{Failure, database, devdb::DevDb, wall};

/// The secret that opens the endpoints of what is measured.
pub(super) const SECRET: &str = "bench-secret";
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
    let server = server.url("postgres");
    let unusable = "the database for measuring can't be made";
    store::admin::drop_database(&server, name).await.map_err(Failure::while_doing(unusable))?;
    let url = store::admin::create_database(&server, name, None)
        .await
        .map_err(Failure::while_doing(unusable))?;
    database::apply(&url).await?;
    let measured = measure(&url).await;
    store::admin::drop_database(&server, name).await.map_err(Failure::while_doing(unusable))?;
    measured
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

/// The surroundings of a use case in this process, as such a process has them.
pub(super) fn surroundings(environment: &[(&'static str, String)]) -> Result<Ctx, Failure> {
    let failed = "the application can't be set up";
    let config = Config::from_lookup(|name| {
        environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    });
    Ctx::new(config.map_err(Failure::while_doing(failed))?).map_err(Failure::while_doing(failed))
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
    let failed = "the database can't be looked at";
    let rows = store::admin::run_sql(url, sql).await.map_err(Failure::while_doing(failed))?;
    let text = rows.first().and_then(|row| row.first().cloned().flatten()).unwrap_or_default();
    text.parse().map_err(Failure::while_doing(failed))
}
