//! One force-sync takes away what Fanvue does not have, however long the history is: what its pages passed over is
//! looked for again by the ticks that come anyway. Also where a proof's read was under way.

use serde_json::{Value, json};
use simulator::{Amendment, Fault, FaultMatch, NewFault};

use crate::{jobs::FORCE_SYNC, world::World};

const GHOSTS: &str =
    "select count(*) from fanvue_transactions where fanvue_transaction_id like 'to_ghost%'";
const ABSENT: &str = "select count(*) from absent_transactions";
const VOIDED: &str = "select count(*) from voided_transactions";
const OPEN_JOBS: &str = "select count(*) from sync_job_creators where ended_at is null";

/// An hour, and a little.
const LATER: i64 = 3_700;

impl World {
    /// Ada with so many rows, read to the end, and with rows that somebody put into the ledger by hand.
    async fn haunted(rows: u64, ghosts: u32) -> Self {
        let world = Self::empty().await;
        world.settings(json!({"rateLimit": 100_000}));
        world.creator("Ada", rows, 0);
        world.connect().await;
        world.db.sql("delete from models where name <> 'Ada'").await;
        world.tick().await;
        world.rested().await;
        world.assert_complete().await;
        world.advance(361);
        world.add_ghosts(ghosts, "2026-08-03").await;
        world
    }

    /// Asks for all histories, or for that one; where the job is shown.
    async fn ask_for(&self, whom: &str) -> String {
        let (status, answer) = self.post(&format!("{FORCE_SYNC}{whom}")).await;
        assert_eq!(status, 202, "{answer}");
        format!("/api/sync/jobs/{}", answer["job"]["id"].as_str().unwrap())
    }

    async fn looked_up(&self, place: &str) -> Value {
        let (status, job) = self.get(place, Some(crate::world::SECRET)).await;
        assert_eq!(status, 200, "{job}");
        job
    }
}

#[tokio::test]
async fn a_surplus_row_of_a_long_history_leaves_after_one_force_sync_and_no_other_call() {
    let world = World::haunted(5_000, 1).await;
    let place = world.ask_for("").await;
    world.tick().await;
    let job = world.looked_up(&place).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(
        job["message"],
        "Sync finished · nothing new · 1 transaction that Fanvue does not show is looked for again each hour, \
         and leaves when two looks lack it"
    );
    assert!(job["requests"].as_i64().unwrap() <= 5_001 / 50 + 3, "{job}");
    world.advance(LATER);
    world.tick().await;
    assert_eq!((world.number(GHOSTS).await, world.number(ABSENT).await), (1, 1), "no evidence yet");
    world.advance(LATER);
    world.tick().await;
    assert_eq!((world.number(GHOSTS).await, world.number(VOIDED).await), (0, 1));
    assert_eq!(world.looked_up(&place).await["message"], "Sync finished · nothing new");
    world.assert_complete().await;
}

/// Of a short one the force-sync itself is the first complete read.
#[tokio::test]
async fn a_surplus_row_of_a_short_history_leaves_an_hour_after_one_force_sync() {
    let world = World::haunted(300, 1).await;
    world.ask_for("").await;
    world.tick().await;
    assert_eq!((world.number(GHOSTS).await, world.number(ABSENT).await), (1, 1));
    world.advance(LATER);
    world.tick().await;
    assert_eq!((world.number(GHOSTS).await, world.number(VOIDED).await), (0, 1));
    world.assert_complete().await;
}

/// Twenty pages are one commit.
#[tokio::test]
async fn a_surplus_row_between_two_commits_leaves_too() {
    let world = World::haunted(5_000, 0).await;
    let between = "select to_char(at, 'YYYY-MM-DD'), at
                     from (select min(transaction_date) + (max(transaction_date) - min(transaction_date)) / 2 as at
                             from (select transaction_date from fanvue_transactions
                                    order by transaction_date desc offset 999 limit 2) as two) as middle";
    let between = world.db.sql(between).await;
    let [day, at] = &between[0][..] else { panic!("{between:?}") };
    world.add_ghosts(1, day).await;
    let moved = format!(
        "update fanvue_transactions set transaction_date = '{at}'
          where fanvue_transaction_id = 'to_ghost_1'"
    );
    world.db.sql(&moved).await;
    world.check().await;
    world.ask_for("").await;
    for _ in 0..3 {
        world.tick().await;
        world.advance(LATER);
    }
    assert_eq!((world.number(GHOSTS).await, world.number(VOIDED).await), (0, 1));
    world.assert_complete().await;
}

/// Pauses break the pass off, and what was lost beside is booked by the pages that show what is not there.
#[tokio::test]
async fn surplus_rows_leave_though_requests_are_few_and_others_were_lost_beside() {
    let world = World::haunted(3_000, 2).await;
    let lost = "id in (select id from fanvue_transactions
                        where transaction_date > '2026-07-25Z' and transaction_date < '2026-08-10Z'
                          and amount_cents > 0 and fanvue_transaction_id not like 'to_ghost%'
                        order by transaction_date limit 4)";
    world.lose_rows(lost).await;
    world.settings(json!({"rateLimit": 25}));
    let place = world.ask_for("").await;
    for _ in 0..40 {
        world.advance(61);
        world.tick().await;
    }
    let job = world.looked_up(&place).await;
    assert_eq!((&job["state"], &job["newRows"]), (&json!("done"), &json!(4)), "{job}");
    for _ in 0..36 {
        world.advance(600);
        world.tick().await;
    }
    assert_eq!((world.number(GHOSTS).await, world.number(VOIDED).await), (0, 2));
    world.assert_complete().await;
}

/// More of them than a stream has windows of the proof for.
#[tokio::test]
async fn surplus_rows_all_over_a_history_leave_two_hours_later() {
    let world = World::haunted(6_000, 1).await;
    let days = "select to_char(transaction_date, 'YYYY-MM-DD')
                  from (select transaction_date, row_number() over (order by transaction_date) as nth
                          from fanvue_transactions) as t
                 where nth % 500 = 0 order by 1";
    for day in world.db.sql(days).await {
        let renamed = "update fanvue_transactions
                          set fanvue_transaction_id = 'to_ghost_of_' || transaction_date::date
                        where fanvue_transaction_id = 'to_ghost_1'";
        world.db.sql(renamed).await;
        world.add_ghosts(1, &day[0]).await;
    }
    let ghosts = world.number(GHOSTS).await;
    world.ask_for("").await;
    world.tick().await;
    let doubts = "select jsonb_array_length(stream -> 'doubts') from sync_state";
    assert!(8 < world.number(doubts).await);
    for _ in 0..2 {
        world.advance(LATER);
        world.tick().await;
    }
    assert_eq!((world.number(GHOSTS).await, world.number(VOIDED).await), (0, ghosts));
    world.assert_complete().await;
}

/// What somebody asks for is read from now on, and what it does not show is looked for again: so it is the proof's
/// read, too. Also where that is all the same ground.
#[tokio::test]
async fn a_history_that_is_asked_for_while_the_proof_reads_it_proves_what_the_proof_would_have() {
    for is_one in [false, true] {
        asked_for_while_the_proof_reads(is_one).await;
    }
}

async fn asked_for_while_the_proof_reads(is_one: bool) {
    let (world, row) = World::proved(2_400).await;
    world.advance(31 * 24 * 3600);
    world.tick().await;
    world.advance(61);
    let order_id = row.transaction_order_id;
    let gone =
        Amendment { order_id, hidden_seconds: Some(400 * 24 * 3600), ..Amendment::default() };
    world.sim.amend(&gone, world.now()).unwrap();
    let path = Some("/insights/earnings".into());
    let matches = FaultMatch { path, page: Some(5), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
    let report = world.prove().await;
    assert_eq!((&report["historiesBegun"], world.number(OPEN_JOBS).await), (&json!(1), 1));
    world.sim.clear_faults();
    let place = if is_one {
        let open = "select model_id from sync_job_creators where ended_at is null";
        let creator = &world.db.sql(open).await[0][0];
        world.ask_for(&format!("?modelId={creator}")).await
    } else {
        world.ask_for("").await
    };
    assert_eq!(world.number(OPEN_JOBS).await, 2);
    world.advance(1_200);
    world.tick().await;
    assert_eq!(world.looked_up(&place).await["state"], "done");
    assert_eq!(world.number(OPEN_JOBS).await, 0, "both are done");
    for _ in 0..2 {
        world.advance(LATER);
        world.tick().await;
    }
    assert_eq!((world.number(VOIDED).await, world.number(ABSENT).await), (1, 0));
    world.assert_complete().await;
}
