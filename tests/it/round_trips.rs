//! How many statements a tick and a page take: counts, which are the same on every machine. Statements that
//! are sent together are counted each, so there are never more round trips than these.

use std::{collections::BTreeMap, sync::Arc};

use app::tick::{Limits, Scope, tick};
use simulator::Bulk;

use crate::world::{TEN_MINUTES, World, statements::Counter};

/// What every tick asks, whoever is there: the eight workers that find the queue empty among it.
const TICK: u32 = 20;
/// What a question for the totals of fifty creators costs: leave to ask it, and what came of it.
const TOTALS: u32 = 2;
/// What reading a creator with news costs: leave to ask, a transaction, and what was told of the budget.
const READ: u32 = 14;
/// What a commit costs, however many pages it books.
const COMMIT: u32 = 12;
/// Pages that one commit books while there are more.
const PAGES_PER_COMMIT: u32 = 20;

type Counts = BTreeMap<&'static str, u32>;

/// A tick over everybody that reads all; what it asked. More than what it books is checked by others.
async fn ticked(world: &World, counter: &Counter) -> Counts {
    counter.take();
    let report = tick(&world.ctx, Scope::Everyone, Limits::default()).await.unwrap();
    assert_eq!(report.unfinished, 0);
    let counts = counter.take();
    world.assert_complete().await;
    counter.take();
    counts
}

fn of(counts: &Counts, statement: &str) -> u32 {
    counts.get(statement).copied().unwrap_or_default()
}

fn sum(counts: &Counts) -> u32 {
    counts.values().sum()
}

/// So many creators whose histories are read and whose totals are known.
async fn quiet(creators: u64) -> (World, Arc<Counter>) {
    let mut world = World::empty().await;
    let rows = (creators - 1) * 10;
    let bulk = Bulk { creators: creators - 1, rows, days: Some(90), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    for _ in 0..3 {
        world.tick().await;
        world.advance(TEN_MINUTES);
    }
    let counter = world.count_statements();
    (world, counter)
}

#[tokio::test]
async fn a_quiet_tick_takes_two_statements_for_fifty_creators_and_a_few_for_all() {
    let mut sums = vec![];
    for (creators, questions) in [(100, 2), (300, 6)] {
        let (world, counter) = quiet(creators).await;
        let counts = ticked(&world, &counter).await;
        for statement in ["take_request", "confirm_quiet"] {
            assert_eq!(of(&counts, statement), questions, "{statement}: {counts:?}");
        }
        for statement in ["begin", "commit", "advance_quiet"] {
            assert_eq!(of(&counts, statement), 0, "{statement}: {counts:?}");
        }
        assert!(sum(&counts) <= TICK + questions * TOTALS, "{creators}: {counts:?}");
        sums.push(sum(&counts));
    }
    assert_eq!(sums[1] - sums[0], 4 * TOTALS, "whoever else is there costs nothing more: {sums:?}");
}

#[tokio::test]
async fn a_tick_takes_so_many_statements_more_for_each_creator_who_sold_however_much() {
    let (world, counter) = quiet(100).await;
    let nobody = sum(&ticked(&world, &counter).await);
    let everybody = world.sim.creators();
    for (sellers, sales) in [(1, 1), (1, 40), (20, 1), (20, 3)] {
        // Within the hour: nobody's turn comes to be read all the same.
        world.advance(61);
        for creator in &everybody[..sellers] {
            world.sell(*creator, sales);
        }
        world.advance(1);
        let counts = ticked(&world, &counter).await;
        let sellers = u32::try_from(sellers).unwrap();
        for statement in ["begin", "append_transactions", "add_to_totals", "commit"] {
            assert_eq!(of(&counts, statement), sellers, "{statement}: {counts:?}");
        }
        let claims = sellers.div_ceil(u32::try_from(Limits::default().claims).unwrap());
        let bound = nobody + claims + sellers * READ;
        assert!(sum(&counts) <= bound, "{sellers} sold {sales}, {bound} at most: {counts:?}");
    }
}

/// Everything that a row of money can be written to, with who wrote each row.
async fn written(world: &World) -> Vec<Vec<String>> {
    let tables = ["fanvue_transactions", "revenue_daily", "revenue_sums", "fan_days", "fan_counts"];
    let digest = tables.map(|table| {
        format!(
            "select '{table}', count(*),
                    md5(string_agg(t.xmin::text || t::text, ' ' order by t::text))
               from {table} t"
        )
    });
    world.db.sql(&digest.join(" union all ")).await
}

#[tokio::test]
async fn a_page_of_a_history_takes_one_statement_and_its_share_of_a_commit() {
    const PAGES: u32 = 40;
    let mut world = World::empty().await;
    world.creator("Ada", u64::from(PAGES) * 50, 0);
    world.connect().await;
    let counter = world.count_statements();
    let commits = PAGES / PAGES_PER_COMMIT;
    // The other creator has no row: one page, and a commit that is one statement.
    let requests = PAGES + 1;
    let bound = TICK + requests + (commits + 1) * COMMIT;

    let new = ticked(&world, &counter).await;
    assert_eq!(of(&new, "take_request"), requests, "{new:?}");
    for statement in ["begin", "append_transactions", "commit"] {
        assert_eq!(of(&new, statement), commits, "{statement}: {new:?}");
    }
    assert!(sum(&new) <= bound, "{bound} at most: {new:?}");

    let before = written(&world).await;
    world.db.sql("update models set last_transaction_sync = null").await;
    world.advance(61);
    let known = ticked(&world, &counter).await;
    assert_eq!(
        (of(&known, "take_request"), of(&known, "commit")),
        (requests, commits),
        "{known:?}"
    );
    for statement in
        ["append_transactions", "amend_transactions", "add_to_totals", "explain_totals"]
    {
        assert_eq!(of(&known, statement), 0, "{statement}: {known:?}");
    }
    assert!(sum(&known) < sum(&new), "what is known costs less: {known:?}");
    assert_eq!(written(&world).await, before, "and no row of money is written, not even as it was");
}
