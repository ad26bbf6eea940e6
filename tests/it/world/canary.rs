//! Secrets that must not be seen: everything that is logged or answered in the whole test run is
//! searched for them, at every level.

use std::{io::Write, sync::Once};

use tracing_subscriber::{Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

/// How the simulated platform's tokens and codes begin, its client's secret alone and as it is sent,
/// the operator's secret, those of users' tokens and of the bot's, and the key of all tokens at rest.
const SECRETS: [&str; 9] = [
    "sim_at_",
    "sim_rt_",
    "sim_ac_",
    "sim-secret",
    "c2ltLWNsaWVudDpzaW0tc2VjcmV0",
    super::SECRET,
    super::JWT_SECRET,
    super::TELEGRAM_SECRET,
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
];

/// Fails the test in which a secret stands in `text`.
pub fn check(place: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    for secret in SECRETS {
        assert!(!text.contains(secret), "{place} holds a secret: {text}");
    }
}

/// Fails the test in which a secret stands in an answer: its status line, headers or body.
pub fn check_answer(answer: &http::Response<bytes::Bytes>) {
    check("an answer's headers", format!("{:?}", answer.headers()).as_bytes());
    check("an answer", answer.body());
}

/// Where an older system's plain tokens may wait for their sealing.
const HOLD_PLAIN_TOKENS: [&str; 1] = ["models"];

/// The database's pages that are searched as one text: it takes no text of a gigabyte.
const PAGES: u32 = 256;

/// The tables of the database of which this is a column hold no secret, neither as text nor as bytes;
/// but for an older system's plain tokens. Rows are searched many at a time, as one text.
pub fn search_sql(tables: &[String]) -> String {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let forms: Vec<_> = SECRETS.iter().flat_map(|s| [(*s).to_owned(), hex(s)]).collect();
    let pattern = forms.join("|");
    let search = |table: &String| {
        let row = if HOLD_PLAIN_TOKENS.contains(&table.as_str()) {
            "(to_jsonb(t) - 'fanvue_access_token' - 'fanvue_refresh_token')::text"
        } else {
            "t::text"
        };
        format!(
            "select '{table}' where exists (
                 select from \"{table}\" t group by (t.ctid::text::point)[0]::int8 / {PAGES}
                 having string_agg({row}, ' ') ~ '{pattern}')"
        )
    };
    tables.iter().map(search).collect::<Vec<_>>().join(" union all ")
}

/// The tables that [`search_sql`] can search.
pub const TABLES: &str = "select table_name::text from information_schema.tables
                           where table_schema = 'public' and table_type = 'BASE TABLE'";

/// Searches what our crates log from now on. A hit ends the run: a log may be written anywhere.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Spans for collectors are of the target `heartbeat::traces`.
        let ours = ["app", "fanvue", "store", "platform", "ledger", "heartbeat"];
        let is_ours = filter_fn(move |line| {
            ours.contains(&line.target().split("::").next().unwrap_or_default())
        });
        let lines = tracing_subscriber::fmt::layer().json().with_writer(|| Searched);
        tracing_subscriber::registry().with(lines.with_filter(is_ours)).init();
    });
}

struct Searched;

impl Write for Searched {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if std::panic::catch_unwind(|| check("the log", line)).is_err() {
            std::process::abort();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Also on the last of more pages than are searched as one text, as text and as bytes.
#[tokio::test]
async fn a_secret_is_found_wherever_in_a_table_it_stands() {
    let db = super::database::Database::create().await;
    db.sql("create table wide as select repeat('x', 1000) as text from generate_series(1, 4000)")
        .await;
    let search = search_sql(&["wide".to_owned()]);
    for secret in ["'sim_at_1'", "'sim_at_1'::bytea::text"] {
        assert!(db.sql(&search).await.is_empty());
        db.sql(&format!("insert into wide values ({secret})")).await;
        assert_eq!(db.sql(&search).await, [["wide"]]);
        db.sql("delete from wide where text not like 'x%'").await;
    }
}
