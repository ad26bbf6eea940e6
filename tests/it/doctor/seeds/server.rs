//! The way to the database, and its server. Its settings belong to all tests: there only the fact is changed.

use heartbeat::doctor::Facts;
use jiff::SignedDuration;
use store::{NotReached, Server};

use super::{How, Seed, fault, warning};

fn server(facts: &mut Facts) -> &mut Server {
    facts.database.server.as_mut().unwrap()
}

pub fn seeds() -> Vec<Seed> {
    let unlike = |check, change| fault(check, How::Fact(change));
    let at = |check, changes| Seed { is_direct: true, ..fault(check, How::Variables(changes)) };
    vec![
        at("database-unreachable", &[("DATABASE_URL", Some("postgres://u@127.0.0.1:1/x"))]),
        at("database-refused", &[("DATABASE_URL", Some("postgres://hb_nobody@{host}/postgres"))]),
        at("database-refused", &[("DATABASE_URL", Some("{server}/hb_there_is_no_such_database"))]),
        at("database-tls", &[("DATABASE_URL", Some("{db}?sslmode=require"))]),
        unlike("database-busy", |facts| {
            facts.database.reached = Some(Err(NotReached::Busy("53300".to_owned())));
        }),
        warning("database-busy", How::Fact(|facts| server(facts).connections = 95)),
        unlike("postgres-version", |facts| server(facts).version = 140_013),
        unlike("postgres-version", |facts| {
            server(facts).version = 160_004;
            facts.environment.config.database_statements = store::Statements::Prepared;
        }),
        unlike("database-read-only", |facts| server(facts).is_standby = true),
        unlike("database-read-only", |facts| server(facts).is_read_only = true),
        unlike("database-durability", |facts| server(facts).is_flushed = false),
        unlike("database-durability", |facts| server(facts).is_whole = false),
        warning(
            "database-durability",
            How::Fact(|facts| "off".clone_into(&mut server(facts).synchronous_commit)),
        ),
        unlike("database-timeouts", |facts| server(facts).statement_timeout_ms = 8_000),
        unlike("database-timeouts", |facts| server(facts).transaction_timeout_ms = Some(5_000)),
        warning("database-jit", How::Fact(|facts| server(facts).is_compiling = true)),
        unlike("database-encoding", |facts| "SQL_ASCII".clone_into(&mut server(facts).encoding)),
        unlike("database-wraparound", |facts| server(facts).transactions_unfrozen = 1_900_000_000),
        unlike("database-clock", |facts| facts.database.ahead = Ok(SignedDuration::from_mins(5))),
        unlike("database-clock", |facts| facts.database.ahead = Ok(SignedDuration::from_mins(-5))),
        warning(
            "database-clock",
            How::Fact(|facts| facts.database.ahead = Ok(SignedDuration::from_secs(90))),
        ),
        warning(
            "pooler-mode",
            How::Fact(|facts| {
                server(facts).port = Some(1);
                facts.environment.config.database_statements = store::Statements::Prepared;
            }),
        ),
    ]
}
