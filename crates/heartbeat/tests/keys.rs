//! `heartbeat rotate-keys` as its operator meets it: a program, its last line and its exit code.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::{Command, Output};

use app::{Binding, Config, Ctx, TokenKind};
use heartbeat::devdb;
use ledger::{AgencyId, ConnectionId};
use store::admin;

const OLD: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const NEW: &str = "k2:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const AGENCY: u128 = 1;

fn uuid<T: serde::de::DeserializeOwned>(number: u128) -> T {
    let hex = format!("{number:032x}");
    serde_json::from_str(&format!("\"{hex}\"")).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn instance(url: &str, keys: &str) -> Ctx {
    let config = Config::from_lookup(|name| match name {
        "DATABASE_URL" => Some(url.to_owned()),
        "TOKEN_KEYS" => Some(keys.to_owned()),
        _ => None,
    });
    Ctx::new(config.unwrap()).unwrap()
}

/// An SQL row of a connection whose tokens the old key sealed.
fn connection(ctx: &Ctx, number: u128) -> String {
    let (agency, connection) = (uuid::<AgencyId>(AGENCY), uuid::<ConnectionId>(number));
    let seal = |kind| {
        let binding = Binding { agency, connection, kind };
        hex(&ctx.config.token_keys.seal("hush", binding, &*ctx.entropy).unwrap())
    };
    format!(
        "insert into fanvue_connections (id, agency_id, kind, account_uuid, access_sealed,
             refresh_sealed, obtained_at, expires_at, created_at, updated_at)
         values ('{connection}', '{agency}', 'creator', '{connection}', '\\x{}', '\\x{}',
                 now(), now(), now(), now());",
        seal(TokenKind::Access),
        seal(TokenKind::Refresh)
    )
}

fn rotate(environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat"));
    command.arg("rotate-keys").env_clear().envs(environment.iter().copied()).output().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_whether_the_old_key_may_go_and_fails_while_it_may_not() {
    let server = tokio::task::spawn_blocking(devdb::test_database_url).await.unwrap().unwrap();
    let name = format!("hb_test_rotate_{}", std::process::id());
    admin::drop_database(&server, &name).await.unwrap();
    let url = admin::create_database(&server, &name, None).await.unwrap();
    store::migrate(&url).await.unwrap();
    let old = instance(&url, OLD);
    let agency = uuid::<AgencyId>(AGENCY);
    let rows: String = (2..1_202).map(|number| connection(&old, number)).collect();
    let broken = uuid::<ConnectionId>(700);
    let sql = format!(
        "insert into agencies (id, name) values ('{agency}', 'Agency'); {rows}
         update fanvue_connections set access_sealed = refresh_sealed where id = '{broken}'"
    );
    admin::run_sql(&url, &sql).await.unwrap();

    let keys = format!("{NEW},{OLD}");
    let environment = [("DATABASE_URL", url.as_str()), ("TOKEN_KEYS", keys.as_str())];
    let first = rotate(&environment);
    assert!(!first.status.success());
    let line =
        "resealed 2399 tokens of 1200 connections with key k2; 1 are left under another key\n";
    assert_eq!(out(&first), line, "{}", err(&first));
    assert!(
        err(&first).contains(&format!("connection {broken}, access token: ")),
        "{}",
        err(&first)
    );
    assert!(err(&first).contains("connected again"), "{}", err(&first));
    assert!(!err(&first).contains("hush"));

    admin::run_sql(&url, &format!("delete from fanvue_connections where id = '{broken}'"))
        .await
        .unwrap();
    let second = rotate(&environment);
    assert!(second.status.success(), "{}", err(&second));
    let line = "resealed 0 tokens of 0 connections with key k2; none is left under another key\n";
    assert_eq!(out(&second), line);

    let alone = rotate(&[("DATABASE_URL", url.as_str()), ("TOKEN_KEYS", NEW)]);
    assert!(alone.status.success(), "the old key is not needed any more: {}", err(&alone));
    let none = rotate(&[("DATABASE_URL", url.as_str())]);
    assert!(!none.status.success() && err(&none).contains("TOKEN_KEYS"), "{}", err(&none));
    admin::drop_database(&server, &name).await.unwrap();
}
