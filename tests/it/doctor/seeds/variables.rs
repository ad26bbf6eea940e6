//! Variables, and the list of schedules.

use super::{How, Seed, fault, warning};

const WITHOUT: &str =
    r#"{"crons": [{"path": "/api/cron/revenue-heartbeat", "schedule": "*/10 * * * *"}]}"#;
const OTHER_TIMES: &str = r#"{"crons": [
    {"path": "/api/cron/revenue-heartbeat", "schedule": "0 * * * *"},
    {"path": "/api/cron/sync-transactions", "schedule": "0 * * * *"},
    {"path": "/api/cron/check-late-shifts", "schedule": "0 * * * *"},
    {"path": "/api/cron/check-missed-posts", "schedule": "0 * * * *"},
    {"path": "/api/cron/daily-refresh", "schedule": "0 * * * *"},
    {"path": "/api/cron/reconcile", "schedule": "0 * * * *"}]}"#;

pub fn seeds() -> Vec<Seed> {
    let is = |check, changes| fault(check, How::Variables(changes));
    vec![
        is("invalid-value", &[("FANVUE_SCOPES", Some("READ!"))]),
        is("invalid-value", &[("FANVUE_AUTH_URL", Some("http://elsewhere.example"))]),
        is("unknown-variable", &[("HEARTBEAT_SED", Some("1"))]),
        warning("unknown-variable", How::Variables(&[("FANVUE_WEBHOOK_SECRET", Some("x"))])),
        is("database-url", &[("DATABASE_URL", None)]),
        is("database-url", &[("DATABASE_URL", Some(""))]),
        is(
            "pooler-mode",
            &[
                ("DATABASE_URL", Some("{db}?pgbouncer=true")),
                ("DATABASE_STATEMENTS", Some("prepared")),
            ],
        ),
        is("pooler-mode", &[("DATABASE_STATEMENTS", Some("kept"))]),
        is("cron-secret", &[("CRON_SECRET", None)]),
        is("cron-secret", &[("CRON_SECRET", Some("short"))]),
        is("token-keys", &[("TOKEN_KEYS", None)]),
        is("token-keys", &[("TOKEN_KEYS", Some("t1:c2hvcnQ="))]),
        is("fanvue-app", &[("FANVUE_CLIENT_SECRET", None)]),
        is("fanvue-app", &[("FANVUE_CLIENT_ID", None), ("FANVUE_CLIENT_SECRET", None)]),
        warning("webhook-secrets", How::Variables(&[("FANVUE_WEBHOOK_SECRETS", None)])),
        warning("public-url", How::Variables(&[("PUBLIC_URL", None)])),
        is("public-url", &[("PUBLIC_URL", Some("https://heartbeat.example/money"))]),
        is("public-url", &[("PUBLIC_URL", Some("https://heartbeat.example/?a=1"))]),
        is("public-url", &[("PUBLIC_URL", Some("http://heartbeat.example"))]),
        is("public-url", &[("PUBLIC_URL", Some("http://127.0.0.1:3000"))]),
        is("user-tokens", &[("SUPABASE_JWT_SECRET", None)]),
        is("user-tokens", &[("SUPABASE_JWT_SECRET", Some("short"))]),
        is("user-tokens", &[("SUPABASE_JWKS_URL", Some("http://keys.example"))]),
        is("telegram", &[("TELEGRAM_CHAT_ID", Some("-1001"))]),
        is("telegram", &[("TELEGRAM_BOT_TOKEN", Some("x")), ("TELEGRAM_CHAT_ID", Some("-1001"))]),
        is("direct-url", &[("DATABASE_DIRECT_URL", Some("postgres://u@127.0.0.1:6543/x"))]),
        is("direct-url", &[("DATABASE_DIRECT_URL", Some("postgres://u@127.0.0.1:1/x"))]),
        is("direct-url", &[("DATABASE_DIRECT_URL", Some("{server}/postgres"))]),
        warning("direct-url", How::Variables(&[("DATABASE_URL", Some("{db}?pgbouncer=true"))])),
        fault("schedules-listed", How::Schedules(WITHOUT)),
        fault("schedules-listed", How::Schedules("no JSON")),
        warning("schedules-listed", How::Schedules(OTHER_TIMES)),
    ]
}
