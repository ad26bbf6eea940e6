//! `heartbeat serve` as its operator ends it: a signal while tokens are being exchanged.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
#![expect(clippy::disallowed_methods, reason = "a real program takes real time")]

use std::process::Stdio;
use std::time::Duration;

use app::{Clock, Config, Ctx, SystemClock, connections};
use bytes::Bytes;
use fanvue::{AccessToken, RefreshToken};
use heartbeat::devdb;
use simulator::{Fault, FaultMatch, NewFault, NewGrant, Options, Simulator};
use store::admin;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

const SECRET: &str = "test-secret";

fn environment(url: &str, platform: &str) -> Vec<(&'static str, String)> {
    let keys = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    [
        ("DATABASE_URL", url),
        ("FANVUE_API_URL", platform),
        ("FANVUE_AUTH_URL", platform),
        ("FANVUE_CLIENT_ID", "sim-client"),
        ("FANVUE_CLIENT_SECRET", "sim-secret"),
        ("CRON_SECRET", SECRET),
        ("TOKEN_KEYS", keys),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

/// An agency whose token's time has come; the connection.
async fn connect(sim: &Simulator, variables: &[(&'static str, String)], url: &str) -> String {
    let config = Config::from_lookup(|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    });
    let ask = NewGrant { account: "agency".into(), ..NewGrant::default() };
    let grant = sim.grant(&ask, SystemClock.now()).unwrap();
    let new = connections::NewConnection {
        agency_name: "Agency".into(),
        timezone: "Europe/Rome".into(),
        access_token: AccessToken::new(grant.access_token),
        refresh_token: grant.refresh_token.map(RefreshToken::new),
        expires_in_seconds: grant.expires_in.into(),
        scope: grant.scope,
    };
    connections::connect_agency(&Ctx::new(config.unwrap()).unwrap(), new).await.unwrap();
    let age = "update fanvue_connections set obtained_at = obtained_at - interval '50 minutes'
               returning id::text";
    admin::run_sql(url, age).await.unwrap()[0][0].clone().unwrap()
}

async fn said(url: &str, sql: &str) -> String {
    admin::run_sql(url, sql).await.unwrap()[0][0].clone().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_of_tokens_is_finished_before_the_end() {
    let server = tokio::task::spawn_blocking(devdb::test_database_url).await.unwrap().unwrap();
    let name = format!("hb_test_serve_{}", std::process::id());
    admin::drop_database(&server, &name).await.unwrap();
    let url = admin::create_database(&server, &name, None).await.unwrap();
    store::migrate(&url).await.unwrap();
    let sim = Simulator::new(Options {
        seed: 1,
        creators: 1,
        days: 1,
        origin: SystemClock.now(),
        live_sales_per_hour: 0,
        base_url: None,
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let platform = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(simulator::serve(sim.clone(), listener, std::future::pending()));
    let variables = environment(&url, &platform);
    let connection = connect(&sim, &variables, &url).await;

    // Longer than answers are waited for.
    let matches = FaultMatch { path: Some("/oauth2/token".into()), ..FaultMatch::default() };
    sim.fault(NewFault { matches, fault: Fault::SlowMs(3_000), times: Some(1) });
    let mut child = Command::new(env!("CARGO_BIN_EXE_heartbeat"))
        .args(["serve", "--port", "0"])
        .env_clear()
        .envs(variables)
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some(address) = line.strip_prefix("serving ") {
            break address.to_owned();
        }
    };
    let drained = tokio::spawn(async move { while lines.next_line().await.unwrap().is_some() {} });
    let asked = tokio::spawn(async move {
        let uri = format!("{address}/api/auth/fanvue/refresh?connectionId={connection}");
        let request = http::Request::post(uri).header("authorization", format!("Bearer {SECRET}"));
        let transport = fanvue::https_transport(fanvue::Timeouts::default()).unwrap();
        transport.send(request.body(Bytes::new()).unwrap()).await
    });
    while !sim.requests().by_route.contains_key("POST /oauth2/token") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let pid = child.id().unwrap().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status().await.unwrap();
    assert!(told.success());
    assert!(child.wait().await.unwrap().success());
    let stored =
        "select (refresh_intended_at is null and obtained_at > now() - interval '1 minute')::text
                    from fanvue_connections";
    assert_eq!(said(&url, stored).await, "true", "the pair that Fanvue gave is stored");
    drained.await.unwrap();
    // Whether the caller still heard it is another matter.
    let _ = asked.await.unwrap();
    admin::drop_database(&server, &name).await.unwrap();
}
