//! The way to the database, and its server.

use store::{NotReached, Statements};

use crate::doctor::{
    Facts,
    check::{Check, Group, Outcome, fault_if, from, warning_if},
};

/// The oldest PostgreSQL that the schema works on.
const VERSION_MIN: i32 = 150_000;
/// The longest statement that a tick needs, in milliseconds.
const STATEMENT_MS_MIN: i64 = 60_000;
/// Of two thousand million transactions, after which the server stops.
const UNFROZEN_MAX: i64 = 1_500_000_000;
/// Clocks that differ by so many seconds are odd; webhooks are refused at 300.
const AHEAD_SECONDS: [i64; 2] = [60, 240];

const fn check(
    name: &'static str,
    means: &'static str,
    remedy: &'static str,
    decide: fn(&Facts) -> Outcome,
) -> Check {
    Check { name, group: Group::Database, means, remedy, decide }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "database-unreachable",
        "nothing is read, counted or shown while it lasts; nothing is lost either",
        "start the database, mend host and port in DATABASE_URL, or let this network in",
        unreachable,
    ),
    check(
        "database-refused",
        "nothing is read, counted or shown",
        "mend user, password and name of the database in DATABASE_URL, and deploy",
        refused,
    ),
    check(
        "database-tls",
        "nothing is read, counted or shown: without verified TLS no password is sent",
        "give DATABASE_CA the certificate of the authority that signed the server's, name the host as it does, or renew it",
        tls,
    ),
    check(
        "database-busy",
        "ticks and answers that get no connection fail and are tried again",
        "end idle sessions, raise max_connections, or connect through a pooler",
        busy,
    ),
    check(
        "postgres-version",
        "migrations or kept statements fail on it",
        "upgrade to PostgreSQL 15 or newer; to keep statements, to 15.9, 16.5, 17.1 or newer",
        version,
    ),
    check(
        "database-read-only",
        "no row can be booked: figures stay as they were and grow old",
        "point DATABASE_URL at the primary server; take default_transaction_read_only away",
        read_only,
    ),
    check(
        "database-durability",
        "a crash of the server loses or breaks money that was booked already",
        "set fsync and full_page_writes on, and synchronous_commit to on",
        durability,
    ),
    check(
        "database-timeouts",
        "long commits and recounts are cut off each time: histories never get to their end",
        "set statement_timeout (and transaction_timeout) of the service's role to 0, or to a minute or more",
        timeouts,
    ),
    check(
        "database-jit",
        "ticks and answers take up to a second longer where PostgreSQL compiles a statement; no figure is wrong",
        "as the service's role: alter role current_user in database <its name> set jit = off",
        jit,
    ),
    check(
        "database-encoding",
        "names and rows with other letters can't be stored, so their money is not counted",
        "make a database with the encoding UTF8, and migrate it",
        encoding,
    ),
    check(
        "database-wraparound",
        "the server stops taking writes before long: no row can be booked then",
        "vacuum (freeze) the database, and find what keeps autovacuum from it",
        wraparound,
    ),
    check(
        "database-clock",
        "leases, ages and days are wrong by as much, and two ticks may hold the same creator",
        "mend the clock of the database, or of this machine, with NTP",
        clock,
    ),
];

fn unreachable(facts: &Facts) -> Outcome {
    match &facts.database.reached {
        None => Outcome::Unseen("DATABASE_URL is not usable".to_owned()),
        Some(Err(why @ (NotReached::Away(_) | NotReached::Url(_)))) => {
            Outcome::Fault(why.to_string())
        }
        Some(_) => Outcome::Well,
    }
}

fn refused(facts: &Facts) -> Outcome {
    match &facts.database.reached {
        Some(Err(why @ NotReached::Refused(_))) => Outcome::Fault(why.to_string()),
        _ => Outcome::Well,
    }
}

fn tls(facts: &Facts) -> Outcome {
    match &facts.database.reached {
        Some(Err(why @ NotReached::Tls(_))) => Outcome::Fault(why.to_string()),
        _ => Outcome::Well,
    }
}

fn busy(facts: &Facts) -> Outcome {
    if let Some(Err(why @ NotReached::Busy(_))) = &facts.database.reached {
        return Outcome::Fault(why.to_string());
    }
    from(&facts.database.server, |server| {
        warning_if(server.connections * 10 >= server.connections_max * 9, || {
            format!("{} of {} connections are taken", server.connections, server.connections_max)
        })
    })
}

fn version(facts: &Facts) -> Outcome {
    from(&facts.database.server, |server| {
        let (major, minor) = (server.version / 10_000, server.version % 10_000);
        if server.version < VERSION_MIN {
            return Outcome::Fault(format!("PostgreSQL {major}.{minor}"));
        }
        let keeps = facts.environment.config.database_statements == Statements::Prepared;
        let minor_min = match major {
            15 => 9,
            16 => 5,
            17 => 1,
            _ => 0,
        };
        fault_if(keeps && minor < minor_min, || {
            format!("statements are kept, and PostgreSQL {major}.{minor} has a fault with them")
        })
    })
}

fn read_only(facts: &Facts) -> Outcome {
    from(&facts.database.server, |server| {
        if server.is_standby {
            return Outcome::Fault("it is a standby of another server".to_owned());
        }
        fault_if(server.is_read_only, || "default_transaction_read_only is on".to_owned())
    })
}

fn durability(facts: &Facts) -> Outcome {
    from(&facts.database.server, |server| {
        if !(server.is_flushed && server.is_whole) {
            return Outcome::Fault("fsync or full_page_writes is off".to_owned());
        }
        warning_if(server.synchronous_commit == "off", || "synchronous_commit is off".to_owned())
    })
}

fn timeouts(facts: &Facts) -> Outcome {
    from(&facts.database.server, |server| {
        let transaction = server.transaction_timeout_ms.unwrap_or_default();
        let limits = [
            ("statement_timeout", server.statement_timeout_ms),
            ("transaction_timeout", transaction),
        ];
        let short = limits.into_iter().find(|(_, ms)| (1..STATEMENT_MS_MIN).contains(ms));
        short.map_or(Outcome::Well, |(name, ms)| Outcome::Fault(format!("{name} is {ms} ms")))
    })
}

fn jit(facts: &Facts) -> Outcome {
    from(&facts.database.server, |server| {
        warning_if(server.is_compiling, || "jit is on for new sessions".to_owned())
    })
}

fn encoding(facts: &Facts) -> Outcome {
    from(&facts.database.server, |server| {
        fault_if(server.encoding != "UTF8", || format!("its encoding is {}", server.encoding))
    })
}

fn wraparound(facts: &Facts) -> Outcome {
    from(&facts.database.server, |server| {
        let unfrozen = server.transactions_unfrozen;
        fault_if(unfrozen > UNFROZEN_MAX, || format!("{unfrozen} transactions are not frozen"))
    })
}

fn clock(facts: &Facts) -> Outcome {
    from(&facts.database.ahead, |ahead| skew(ahead.as_secs()))
}

/// What it means that a clock is ahead of ours by so many seconds.
pub(super) fn skew(ahead: i64) -> Outcome {
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let found = format!("its clock is {} s {side} ours", ahead.abs());
    let [odd, wrong] = AHEAD_SECONDS;
    match ahead.abs() {
        seconds if seconds > wrong => Outcome::Fault(found),
        seconds if seconds > odd => Outcome::Warning(found),
        _ => Outcome::Well,
    }
}
