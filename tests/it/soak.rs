//! Months of a busy agency in accelerated time: sales that two families of webhooks tell of, refunds, late
//! rows, failures of Fanvue, tokens that end, schedules that are doubled and missed. After each week, when
//! all is at rest, the ledger is the truth, and it is written down what every table and the process take.
//!
//! `HEARTBEAT_MONTHS=4 cargo test --release --test it soak` runs four months and prints all of it. Memory is
//! judged only there: in a run of all tests the process is everybody's. Without the variable three "weeks" of
//! eight hours each run, of a small agency. Either ends by outliving everything that is erased some day.

mod agency;
mod bounds;
mod sample;
mod shown;

use std::time::Instant;

use jiff::SignedDuration;

use self::{
    agency::Busy,
    bounds::{BOUNDS, judge, overdue},
    sample::Week,
    shown::say,
};
use crate::world::database::Database;

/// By how much the process may be larger after the last week than after the second. The simulated Fanvue is
/// part of it, and holds every sale (64 bytes) for ever.
const GROWTH_MIB_MAX: f64 = 24.0;
/// Longer than anything is kept that is erased at all.
const OUTLIVED_DAYS: i64 = 402;

/// How much is run.
#[derive(Clone, Copy)]
pub struct Plan {
    pub creators: usize,
    /// How often something is sold: nothing, one thing or two.
    pub sales_every_seconds: i64,
    pub weeks: i64,
    /// How long a week is. Its first part is rough.
    pub week: SignedDuration,
    /// How long before its end Fanvue fails no more, and what was sold shows at once: so long that every look
    /// back that has to find what came late is over by then.
    pub calm: SignedDuration,
    /// How late a row shows at most.
    pub late: SignedDuration,
    /// The months that were asked for.
    pub months: Option<i64>,
}

impl Plan {
    fn of(months: Option<i64>) -> Self {
        let hours = SignedDuration::from_hours;
        match months {
            // What shows within six hours is looked for every hour, anything else every day.
            None => Self {
                creators: 2,
                sales_every_seconds: 900,
                weeks: 3,
                week: hours(8),
                calm: hours(3),
                late: hours(2),
                months,
            },
            Some(number) => Self {
                creators: 12,
                sales_every_seconds: 300,
                weeks: (number.max(1) * 30 + 6) / 7,
                week: hours(7 * 24),
                calm: hours(30),
                late: hours(48),
                months,
            },
        }
    }

    /// As the last line says it.
    fn length(&self) -> String {
        match self.months {
            Some(number) => format!("{number} months"),
            None => format!("{} hours", self.week.as_hours() * self.weeks),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long whoever runs it wants to wait")]
fn months() -> Option<i64> {
    let text = std::env::var("HEARTBEAT_MONTHS").ok()?;
    Some(text.parse().expect("HEARTBEAT_MONTHS is a number"))
}

#[expect(clippy::disallowed_methods, reason = "for whoever waits, not for the test")]
fn began() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn months_of_a_busy_agency_leave_memory_flat_and_every_table_bounded() {
    let (plan, began_at) = (Plan::of(months()), began());
    let is_asked = plan.months.is_some();
    let mut busy = Busy::begin(plan).await;
    let mut weeks: Vec<Week> = vec![];
    for number in 1..=plan.weeks {
        busy.week().await;
        weeks.push(busy.look().await);
        if is_asked && number < plan.weeks {
            let left = began_at.elapsed().as_secs().cast_signed() * (plan.weeks - number) / number;
            say(&format!("soak: week {number} of {}, {left} s to go", plan.weeks));
        }
    }
    if is_asked {
        say(&shown::by_week(&weeks));
        say(&shown::by_table(&weeks));
        say(&shown::rows_by_week(&weeks));
        say(&shown::by_index(&weeks));
    }
    let mut problems = judge(&weeks, plan);
    if is_asked {
        problems.extend(memory(&weeks));
    }
    let differing = busy.outlive(OUTLIVED_DAYS).await;
    let mismatches = weeks.iter().map(|week| week.mismatches).sum::<usize>() + differing;
    let length = plan.length();
    say(&format!("soak: {length}, {} sales, {mismatches} mismatches", busy.sales));
    assert_eq!(mismatches, 0, "the ledger is not the truth");
    assert_eq!(problems, Vec::<String>::new());
    assert!(0 < busy.failures, "nothing ever failed");
}

/// What the process has grown too much, where the system tells how large it is.
fn memory(weeks: &[Week]) -> Option<String> {
    let [_, second, .., last] = weeks else { return None };
    let grown = last.memory_mib? - second.memory_mib?;
    let is_flat = grown <= GROWTH_MIB_MAX;
    (!is_flat).then(|| format!("the process grew by {grown:.1} MiB after the second week"))
}

#[tokio::test]
async fn every_table_has_a_bound_and_every_bound_a_table() {
    let db = Database::create().await;
    let tables = "select tablename from pg_tables where schemaname = 'public' order by 1";
    let mut known: Vec<_> = BOUNDS.iter().map(|(table, _)| (*table).to_owned()).collect();
    known.sort();
    assert_eq!(db.sql(tables).await.concat(), known, "how many rows may it have?");
    // They are read, at least.
    for (what, sql) in overdue("2026-11-21T10:00:00Z".parse().unwrap()) {
        assert_eq!(db.sql(&sql).await, [["0"]], "{what}");
    }
}
