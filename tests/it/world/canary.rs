//! Secrets that must not be seen: everything that is logged or answered in the whole test run is
//! searched for them, at every level.

use std::{io::Write, sync::Once};

use tracing_subscriber::{Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

/// How the simulated platform's tokens and codes begin, and its client's secret.
const SECRETS: [&str; 4] = ["sim_at_", "sim_rt_", "sim_ac_", "sim-secret"];

/// Fails the test in which a secret stands in `text`.
pub fn check(place: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    for secret in SECRETS {
        assert!(!text.contains(secret), "{place} holds a secret: {text}");
    }
}

/// Searches what our crates log from now on. A hit ends the run: a log may be written anywhere.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
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
