//! `heartbeat rotate-keys`: every stored token under the first key, while the service runs.

use std::io::Write;

use app::{
    Config, Ctx, TokenKind,
    resealing::{CONNECTIONS_PER_COMMIT, Outcome, Progress, reseal_tokens},
};

use crate::progress::Count;
use crate::{Failure, wall};

pub(crate) async fn rotate() -> Result<(), Failure> {
    // Nothing else of the service's configuration is needed here, nor may it be missed.
    let config = Config::from_lookup(|name| match name {
        "DATABASE_URL" => wall::variable("DATABASE_URL"),
        "DATABASE_CA" => wall::variable("DATABASE_CA"),
        "TOKEN_KEYS" => wall::variable("TOKEN_KEYS"),
        _ => None,
    });
    let config = config.map_err(Failure::while_doing("the configuration is unusable"))?;
    let ctx = Ctx::new(config).map_err(Failure::while_doing("the configuration is unusable"))?;
    let mut count = Count::begin("reseal", "tokens");
    let mut tell = |progress: Progress| count.reached(progress.tokens, progress.of);
    let outcome = reseal_tokens(&ctx, CONNECTIONS_PER_COMMIT, &mut tell).await;
    let outcome = outcome.map_err(Failure::while_doing("not all tokens are resealed"))?;
    for stuck in &outcome.stuck {
        let which = match stuck.kind {
            TokenKind::Access => "access",
            TokenKind::Refresh => "refresh",
        };
        eprintln!("connection {}, {which} token: {}", stuck.connection, stuck.cause);
    }
    writeln!(std::io::stdout(), "{}", summary(&outcome))
        .map_err(Failure::while_doing("can't write to standard output"))?;
    verdict(&outcome)
}

/// The last line, for whoever wants to take the old key out.
fn summary(outcome: &Outcome) -> String {
    let Outcome { key, tokens, connections, left, .. } = outcome;
    let left = if *left == 0 { "none is".to_owned() } else { format!("{left} are") };
    format!(
        "resealed {tokens} tokens of {connections} connections with key {key}; \
         {left} left under another key"
    )
}

fn verdict(outcome: &Outcome) -> Result<(), Failure> {
    if outcome.left == 0 {
        return Ok(());
    }
    Err(Failure::new(if outcome.stuck.is_empty() {
        "another key still seals: put the new one in front on every instance, then run this again"
    } else {
        "keep the old keys until those accounts are connected again, then run this again"
    }))
}

#[cfg(test)]
mod tests {
    use app::SealError;
    use app::resealing::Stuck;

    use super::*;

    fn outcome(left: u64) -> Outcome {
        Outcome { key: "k2".into(), tokens: 100_000, connections: 50_000, left, stuck: vec![] }
    }

    #[test]
    fn the_last_line_says_whether_the_old_key_may_go() {
        assert_eq!(
            summary(&outcome(0)),
            "resealed 100000 tokens of 50000 connections with key k2; none is left under another key"
        );
        assert!(summary(&outcome(3)).ends_with("; 3 are left under another key"));
    }

    #[test]
    fn what_is_left_is_a_failure_that_says_what_to_do() {
        assert!(verdict(&outcome(0)).is_ok());
        assert!(verdict(&outcome(3)).unwrap_err().chain().contains("on every instance"));
        let connection = serde_json::from_str("\"00000000-0000-0000-0000-000000000001\"").unwrap();
        let stuck = Stuck { connection, kind: TokenKind::Access, cause: SealError::Broken };
        let outcome = Outcome { stuck: vec![stuck], ..outcome(1) };
        assert!(verdict(&outcome).unwrap_err().chain().contains("connected again"));
    }
}
