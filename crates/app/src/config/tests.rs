//! What is read, and that no problem and no config repeats a secret.

use super::*;

fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_lookup(|name| {
        vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
    })
}

const DB: (&str, &str) = ("DATABASE_URL", "postgres://u:hunter2@127.0.0.1/db");
const BOT: (&str, &str) = ("TELEGRAM_BOT_TOKEN", "1:hunter2-_");
const COLLECTOR: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example");
const CHAT: (&str, &str) = ("TELEGRAM_CHAT_ID", "-1001");

#[test]
fn defaults_point_at_the_platform_and_secrets_stay_unset() {
    let config = read(&[DB, ("CRON_SECRET", "  ")]).unwrap();
    assert_eq!(config.fanvue_api_url.as_str(), "https://api.fanvue.com/");
    assert!(config.cron_secret.is_none(), "an empty secret is no secret");
    assert!(config.webhook_secrets.is_empty());
    assert!(config.telegram.is_none());
    assert!(config.traces.is_none());
}

#[test]
fn alerts_go_to_a_chat_that_is_named_whole() {
    for chat in ["1", "-1001", "@agency_alerts"] {
        let config = read(&[DB, BOT, ("TELEGRAM_CHAT_ID", chat)]).unwrap();
        let telegram = config.telegram.unwrap();
        assert_eq!(telegram.chat_id, chat);
        assert_eq!(telegram.api_url.as_str(), "https://api.telegram.org/");
    }
}

#[test]
fn every_problem_names_its_variable_and_no_value() {
    for (vars, variable) in [
        (vec![], "DATABASE_URL"),
        (vec![DB, ("FANVUE_CLIENT_ID", "x")], "FANVUE_CLIENT_SECRET"),
        (vec![DB, ("FANVUE_CLIENT_SECRET", "hunter2")], "FANVUE_CLIENT_ID"),
        (vec![DB, ("FANVUE_API_URL", "http://evil.example")], "FANVUE_API_URL"),
        (vec![DB, ("FANVUE_AUTH_URL", "hunter2")], "FANVUE_AUTH_URL"),
        (vec![DB, ("DATABASE_STATEMENTS", "hunter2")], "DATABASE_STATEMENTS"),
        (vec![DB, ("DATABASE_CA", "hunter2")], "DATABASE_CA"),
        (vec![DB, ("DATABASE_CA", "-----BEGIN CERTIFICATE-----hunter2")], "DATABASE_CA"),
        (vec![DB, ("TOKEN_KEYS", "k1:hunter2")], "TOKEN_KEYS"),
        (vec![DB, ("SUPABASE_JWT_SECRET", "hunter2")], "SUPABASE_JWT_SECRET"),
        (vec![DB, ("SUPABASE_JWKS_URL", "http://hunter2.example")], "SUPABASE_JWKS_URL"),
        (vec![DB, ("TELEGRAM_BOT_TOKEN", "1:hunter2")], "TELEGRAM_CHAT_ID"),
        (vec![DB, ("TELEGRAM_CHAT_ID", "1")], "TELEGRAM_BOT_TOKEN"),
        (vec![DB, CHAT, ("TELEGRAM_BOT_TOKEN", "hunter2")], "TELEGRAM_BOT_TOKEN"),
        (vec![DB, CHAT, ("TELEGRAM_BOT_TOKEN", "1:hunter2/../x")], "TELEGRAM_BOT_TOKEN"),
        (vec![DB, BOT, ("TELEGRAM_CHAT_ID", "hunter2")], "TELEGRAM_CHAT_ID"),
        (vec![DB, BOT, ("TELEGRAM_CHAT_ID", "-")], "TELEGRAM_CHAT_ID"),
        (vec![DB, ("TELEGRAM_API_URL", "http://hunter2.example")], "TELEGRAM_API_URL"),
        (vec![DB, ("OTEL_EXPORTER_OTLP_ENDPOINT", "hunter2")], "OTEL_EXPORTER_OTLP_ENDPOINT"),
        (
            vec![DB, COLLECTOR, ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2")],
            "OTEL_EXPORTER_OTLP_HEADERS",
        ),
    ] {
        let error = read(&vars).unwrap_err();
        assert_eq!(error.variable, variable);
        assert!(!error.to_string().contains("hunter2"));
    }
}

#[test]
fn an_authority_is_given_as_text_as_one_line_or_as_a_file() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/it/tls/authority.pem");
    let text = std::fs::read_to_string(path).unwrap();
    let one_line = text.replace('\n', "\\n");
    let named =
        |given: &str| format!("{:?}", read(&[DB, ("DATABASE_CA", given)]).unwrap().database_ca);
    assert_eq!(named(&text), named(path));
    assert_eq!(named(&one_line), named(path));
    assert_ne!(named(path), named(""), "an empty one names none");
}

#[test]
fn statements_are_kept_only_where_no_pooler_is_named() {
    let kept = ("DATABASE_STATEMENTS", "prepared");
    assert_eq!(read(&[DB, kept]).unwrap().database_statements, store::Statements::Prepared);
    for url in ["postgres://u@127.0.0.1:6543/db", "postgres://u@127.0.0.1/db?pgbouncer=true"] {
        let error = read(&[("DATABASE_URL", url), kept]).unwrap_err();
        assert_eq!(error.variable, "DATABASE_STATEMENTS");
    }
}

#[test]
fn the_issuer_is_the_one_whose_keys_are_taken_unless_it_is_named() {
    let issuer = |vars: &[_]| read(&[&[DB], vars].concat()).unwrap().users.jwt_issuer;
    assert_eq!(issuer(&[]), None);
    let keys = ("SUPABASE_JWKS_URL", "https://a.example/auth/v1/.well-known/jwks.json");
    assert_eq!(issuer(&[keys]).as_deref(), Some("https://a.example/auth/v1"));
    let named = ("SUPABASE_JWT_ISSUER", "https://b.example/auth/v1");
    assert_eq!(issuer(&[keys, named]).as_deref(), Some("https://b.example/auth/v1"));
}

#[test]
fn nobody_listens_through_a_pooler() {
    let listens = |vars: &[(&str, &str)]| {
        read(vars).unwrap().listen_url().map(|url| url.expose_secret().to_owned())
    };
    assert_eq!(listens(&[DB]).as_deref(), Some(DB.1));
    let direct = ("DATABASE_DIRECT_URL", "postgres://u@db.example.com/db");
    for pooled in [
        "postgres://u@pooler.example.com:6543/db",
        "postgres://u@pooler.example.com:6432/db",
        "postgres://u@pooler.example.com/db?pgbouncer=true",
    ] {
        let pooled = ("DATABASE_URL", pooled);
        assert_eq!(listens(&[pooled]), None);
        assert_eq!(listens(&[pooled, direct]).as_deref(), Some(direct.1));
    }
}

#[test]
fn a_config_prints_no_secret() {
    let config = read(&[
        DB,
        ("CRON_SECRET", "hunter2"),
        ("DATABASE_DIRECT_URL", "postgres://u:hunter2@127.0.0.1/db"),
        ("FANVUE_WEBHOOK_SECRETS", "hunter2, hunter2"),
        ("SUPABASE_JWT_SECRET", "hunter2hunter2hunter2hunter2hunter2"),
        BOT,
        CHAT,
        COLLECTOR,
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=hunter2"),
        ("TOKEN_KEYS", "k1:aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMmh1bnQ="),
    ])
    .unwrap();
    assert_eq!(config.webhook_secrets.len(), 2);
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("aHVudGVy"), "{shown}");
}

#[test]
fn a_variable_of_ours_that_nobody_reads_is_an_error() {
    let check = |names: &[&str]| check_names(names.iter().map(|name| (*name).to_owned()));
    let fine = ["PATH", "HEARTBEATS", "heartbeat_seed", "FANVUE_OTHER"];
    assert_eq!(check(&fine), Ok(()));
    assert_eq!(check(&TEST_VARIABLES), Ok(()));
    let error = check(&["PATH", "HEARTBEAT_CRON_SECRET"]).unwrap_err();
    assert_eq!(error.variable, "HEARTBEAT_CRON_SECRET");
    let long = format!("HEARTBEAT_{}", "x".repeat(10_000));
    let error = check(&[long.as_str()]).unwrap_err();
    assert!(error.to_string().len() < 200, "{error}");
}
