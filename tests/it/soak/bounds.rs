//! How many rows each table may have, and for how long.

use jiff::Timestamp;

use super::{
    Plan,
    sample::{LEFT_ALONE, Table, Week},
};

/// How a table may grow.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// What would be noted here does not happen, or is over when all is at rest.
    Empty,
    /// A row is a thing that there is: none is added after the second week.
    State,
    /// So many rows for each creator at most.
    OfCreator(i64),
    /// A ledger: so many rows are added for each sale at most, however old the books are.
    OfSale(i64),
    /// So many rows are added on each day at most.
    OfDay(i64),
    /// So many rows are added on each day for each creator at most.
    OfCreatorDay(i64),
    /// So many rows for each sale at most, and only of sales of the last days.
    Kept { of_sale: i64, days: i64 },
}

use Bound::{Empty, Kept, OfCreator, OfCreatorDay, OfDay, OfSale, State};

/// Every table. A sale is a row of Fanvue's, of which up to three webhooks tell, and one more of a fan.
pub const BOUNDS: [(&str, Bound); 37] = [
    ("absent_transactions", Empty),
    ("agencies", State),
    // Every second one of twelve shifts and of twelve posts.
    ("alerts", OfDay(12)),
    ("audience_streams", State),
    ("content_tasks", State),
    ("earning_rejects", Empty),
    ("expensive_calls", State),
    // For her and for all, and as many where it came late and another day comes to stand after it.
    ("fan_counts", OfSale(4)),
    ("fan_days", OfSale(1)),
    ("fan_events", Kept { of_sale: 2, days: 400 }),
    ("fanvue_connections", State),
    ("fanvue_logins", Empty),
    ("fanvue_transactions", OfSale(1)),
    ("fanvue_used_codes", Empty),
    ("models", State),
    // The total, three states of two webhooks, a receipt.
    ("money_changes", OfSale(6)),
    ("profiles", State),
    // Those of the days that are compared.
    ("proof_days", OfCreator(35)),
    ("proof_sums", State),
    ("proofs", State),
    ("provisional_transactions", Kept { of_sale: 2, days: 90 }),
    ("rate_budgets", State),
    ("repairs", OfSale(1)),
    ("revenue_daily", OfSale(1)),
    // Three of the day and three of the month.
    ("revenue_sums", OfSale(6)),
    ("shifts", State),
    ("subscriber_history", OfCreatorDay(1)),
    // One that the proof begins, and what somebody asks for.
    ("sync_job_creators", OfDay(2)),
    ("sync_jobs", OfDay(2)),
    ("sync_state", State),
    ("timesheets", State),
    ("top_spenders", OfCreator(50)),
    ("tracking_links", OfCreator(50)),
    // One fan writes.
    ("unread_messages", OfCreator(1)),
    ("upgrade_receipts", Empty),
    ("voided_transactions", Empty),
    ("webhook_events", OfSale(4)),
];

/// Tables of which every tick writes rows that are there, in columns that no index holds.
const HOT: [&str; 3] = ["agencies", "models", "rate_budgets"];
/// Updates from which a share says anything.
const UPDATES_MIN: i64 = 1_000;
/// Rows from which a table's bytes are those of its rows.
const ROWS_MIN: i64 = 1_000;
/// What a table of few rows may take besides.
const SLACK_BYTES: i64 = 256 * 1024;

/// What is kept longer than it may: kind, and SQL that counts it. A night may pass before it is erased.
pub fn overdue(now: Timestamp) -> [(&'static str, String); 4] {
    let before = |days: i64| format!("'{now}'::timestamptz - interval '{} days'", days + 1);
    let count = |of: &str, days: i64| format!("select count(*) from {of} < {}", before(days));
    let body = |state: &str, at: &str| {
        format!("webhook_events where state = '{state}' and body is not null and {at}")
    };
    [
        ("bodies of webhooks that were understood", count(&body("done", "settled_at"), 30)),
        ("bodies of webhooks that were not", count(&body("quarantined", "received_at"), 90)),
        (
            "webhooks' sales that rows settled",
            count("provisional_transactions where state = 'settled' and settled_at", 90),
        ),
        ("what fans did", count("fan_events where at", 400)),
    ]
}

/// What is not as it should be. The first two weeks are those in which tables fill.
pub fn judge(weeks: &[Week], plan: Plan) -> Vec<String> {
    let mut problems: Vec<_> = weeks.iter().flat_map(|week| week.kept_too_long.clone()).collect();
    for (table, bound) in BOUNDS {
        for n in 1..weeks.len() {
            let problem = too_many(weeks, n, (table, bound), plan);
            let dead = too_many_dead(&weeks[n].tables[table]);
            let found = [problem, dead].into_iter().flatten();
            problems.extend(found.map(|what| format!("{table} in week {}: {what}", n + 1)));
        }
        if let [_, second, .., last] = weeks {
            let (second, last) = (&second.tables[table], &last.tables[table]);
            let found = [too_large(bound, second, last), not_hot(table, second, last)];
            problems.extend(found.into_iter().flatten().map(|what| format!("{table}: {what}")));
        }
    }
    problems
}

/// Rows that week `n` has, or has added, beyond the bound.
fn too_many(weeks: &[Week], n: usize, (table, bound): (&str, Bound), plan: Plan) -> Option<String> {
    let rows = |n: usize| weeks[n].tables[table].rows;
    let sold = |from: usize, to: usize| weeks[to].sales - weeks[from].sales;
    let creators = i64::try_from(plan.creators).unwrap();
    // A week touches one civil day more than it has.
    let days = (plan.week.as_hours() + 23) / 24 + 1;
    let added = rows(n) - rows(n - 1);
    let (is, most) = match bound {
        Empty => (rows(n), 0),
        State if n == 1 => return None,
        State => (rows(n), rows(1)),
        OfCreator(each) => (rows(n), each * creators),
        OfSale(each) => (added, each * sold(n - 1, n)),
        OfDay(each) => (added, each * days),
        OfCreatorDay(each) => (added, each * days * creators),
        Kept { of_sale, days } => {
            let weeks_kept = (days * 24 + 24) / plan.week.as_hours() + 1;
            let since = i64::try_from(n).unwrap() - weeks_kept;
            let before = usize::try_from(since).map_or(0, |first| weeks[first].sales);
            (rows(n), of_sale * (weeks[n].sales - before))
        }
    };
    (most < is).then(|| format!("{is} rows instead of {most} at most ({bound:?})"))
}

/// More dead rows than live ones, and more than autovacuum leaves alone: something keeps it from them.
fn too_many_dead(table: &Table) -> Option<String> {
    // By its settings, which nobody has changed: 50, and a fifth of the rows.
    let most = table.rows.max(LEFT_ALONE + table.rows / 5 + 1);
    (most < table.dead).then(|| format!("{} dead rows beside {}", table.dead, table.rows))
}

/// Bytes that neither rows nor things account for.
fn too_large(bound: Bound, second: &Table, last: &Table) -> Option<String> {
    let (was, is) = (second.all_bytes(), last.all_bytes());
    if matches!(bound, Empty | State | OfCreator(_)) {
        let most = 2 * was + SLACK_BYTES;
        return (most < is).then(|| format!("{is} bytes after {was} in the second week"));
    }
    if second.rows < ROWS_MIN || last.rows < ROWS_MIN {
        return None;
    }
    let (was, is) = (was / second.rows, is / last.rows);
    (3 * was < 2 * is).then(|| format!("{is} bytes a row after {was} in the second week"))
}

/// An index that holds what every tick writes makes each of its updates write all indexes.
fn not_hot(table: &str, second: &Table, last: &Table) -> Option<String> {
    let (updates, hot) = (last.updates - second.updates, last.hot - second.hot);
    let is_hot = updates < UPDATES_MIN || 4 * updates <= 5 * hot;
    let is_meant = HOT.contains(&table);
    (is_meant && !is_hot).then(|| format!("only {hot} of {updates} updates touch no index"))
}
