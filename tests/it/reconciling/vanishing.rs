//! Rows that vanish where no total tells of their day: the history that is read again proves it, piece by
//! piece, however long it is, and what is there stays.

use serde_json::{Value, json};
use simulator::{Amendment, Fault, FaultMatch, NewFault, TrueRow};

use super::DAY;
use crate::world::World;

const IN_LEDGER: &str = "select count(*) from fanvue_transactions where amount_cents = 77777";
const ABSENT: &str = "select count(*) from absent_transactions";
const VOIDED: &str = "select count(*) from voided_transactions";
const SUMS: &str = "select count(*), sum(amount_cents), sum(net_cents) from fanvue_transactions";

/// An hour, and a little.
const LATER: i64 = 3_700;

impl World {
    /// [`World::proved`] in the night in which the whole history is due to be read again, when no total tells
    /// of [`DAY`] any more.
    async fn due(rows: u64) -> (Self, TrueRow) {
        let (world, row) = Self::proved(rows).await;
        world.a_month_passes().await;
        (world, row)
    }

    async fn a_month_passes(&self) {
        self.advance(31 * 24 * 3600);
        self.tick().await;
        self.advance(61);
    }

    /// Fanvue shows the row to nobody any more.
    fn withdraw(&self, row: &TrueRow) {
        let gone = Amendment {
            order_id: row.transaction_order_id.clone(),
            hidden_seconds: Some(400 * 24 * 3600),
            ..Amendment::default()
        };
        self.sim.amend(&gone, self.now()).unwrap();
    }

    /// The history is read again in this call; its report.
    async fn read_history(&self) -> Value {
        let report = self.prove().await;
        assert_eq!(report["historiesBegun"], 1, "{report}");
        report
    }
}

#[tokio::test]
async fn a_row_that_vanished_where_no_total_tells_leaves_an_hour_after_the_history_was_read() {
    // Less than a commit's worth, and more than two.
    for rows in [200, 2_400] {
        let (world, row) = World::due(rows).await;
        world.withdraw(&row);
        let report = world.read_history().await;
        assert_eq!((&report["daysDiffering"], &report["repaired"]), (&json!(0), &json!(0)));
        let asked = report["requests"].as_u64().unwrap();
        assert!(asked <= rows / 50 + 4, "{asked} requests: {report}");
        assert_eq!(world.number(IN_LEDGER).await, 1, "one read is no evidence");
        assert_eq!(world.number(ABSENT).await, 1, "of {rows} rows");
        world.advance(600);
        world.tick().await;
        assert_eq!(world.number(IN_LEDGER).await, 1, "nor are two within the hour");
        world.advance(LATER);
        world.tick().await;
        assert_eq!(world.number(IN_LEDGER).await, 0, "of {rows} rows");
        world.assert_complete().await;
        let receipt = world.receipts().await.remove(0);
        assert_eq!((&receipt["cause"], &receipt["day"]), (&json!("vanished_row"), &json!(DAY)));
        assert_eq!(receipt["evidence"]["vanished"], json!([row.transaction_order_id]));
        // Nothing is left to look at.
        world.advance(LATER);
        world.tick().await;
        world.sim.reset_requests();
        world.advance(120);
        world.tick().await;
        let log = world.sim.requests().by_route;
        assert_eq!(log["GET /creators/{uuid}/insights/earnings"], 1, "a page for news");
    }
}

#[tokio::test]
async fn rows_that_vanished_anywhere_in_a_history_leave() {
    let (world, _) = World::due(2_400).await;
    let ada = world.sim.creators().pop().unwrap();
    let old = |row: &TrueRow| 0 < row.gross && row.date.as_str() < "2026-10-01";
    let mut rows: Vec<_> = world.sim.rows(ada, world.now()).into_iter().filter(old).collect();
    rows.sort_by(|a, b| a.date.cmp(&b.date));
    let last = rows.len() - 1;
    let gone = [0, 1, last / 4, last / 2, last * 3 / 4, last].map(|place| &rows[place]);
    for row in gone {
        world.withdraw(row);
    }
    world.read_history().await;
    assert_eq!(world.number(ABSENT).await, 6);
    world.advance(LATER);
    world.tick().await;
    assert_eq!((world.number(VOIDED).await, world.number(ABSENT).await), (6, 0));
    world.assert_complete().await;
}

/// The pages before the failure and those behind it are of two commits, so neither proves anything; that
/// there were fewer rows than booked ones is reason to look again.
#[tokio::test]
async fn a_piece_that_was_broken_off_is_looked_at_again_only_where_it_lacks_rows() {
    for is_gone in [true, false] {
        let (world, row) = World::due(2_400).await;
        if is_gone {
            world.withdraw(&row);
        }
        let path = Some("/insights/earnings".into());
        let matches = FaultMatch { path, page: Some(5), ..FaultMatch::default() };
        world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
        world.read_history().await;
        world.sim.clear_faults();
        world.advance(1_200);
        world.tick().await;
        let done = "select count(*) from sync_job_creators j join sync_jobs o on o.id = j.job_id
                     where o.is_proof and j.outcome = 'done' and j.rows_read > 0";
        assert_eq!((world.number(done).await, world.number(ABSENT).await), (1, 0));
        world.advance(LATER);
        world.sim.reset_requests();
        world.tick().await;
        let asked = world.sim.requests().total;
        let looked = i64::from(is_gone);
        assert_eq!(world.number(ABSENT).await, looked, "missed by its first complete read");
        assert_eq!(5 < asked, is_gone, "{asked} requests");
        assert_eq!(world.number(IN_LEDGER).await, 1);
        world.advance(LATER);
        world.tick().await;
        assert_eq!(world.number(IN_LEDGER).await, 1 - looked);
        assert_eq!(world.number(VOIDED).await, looked);
        world.assert_complete().await;
    }
}

#[tokio::test]
async fn a_row_that_comes_back_before_the_second_look_stays() {
    let (world, row) = World::due(2_400).await;
    let order_id = row.transaction_order_id;
    let hidden = Amendment { order_id, hidden_seconds: Some(1_800), ..Amendment::default() };
    world.sim.amend(&hidden, world.now()).unwrap();
    world.read_history().await;
    assert_eq!(world.number(ABSENT).await, 1);
    world.advance(LATER);
    world.tick().await;
    assert_eq!((world.number(VOIDED).await, world.number(ABSENT).await), (0, 0));
    world.assert_complete().await;
}

/// An outage may hide rows from both reads; nothing else reads their time for a month.
#[tokio::test]
async fn a_row_that_comes_back_after_it_left_is_booked_again_an_hour_later() {
    let (world, row) = World::due(2_400).await;
    let order_id = row.transaction_order_id;
    let hidden = Amendment { order_id, hidden_seconds: Some(5_000), ..Amendment::default() };
    world.sim.amend(&hidden, world.now()).unwrap();
    world.read_history().await;
    world.advance(LATER);
    world.tick().await;
    assert_eq!((world.number(VOIDED).await, world.number(IN_LEDGER).await), (1, 0));
    world.advance(LATER);
    world.tick().await;
    assert_eq!(world.number(IN_LEDGER).await, 1);
    world.assert_complete().await;
}

/// The clock of whoever opened the second look was ahead, or another read had noted the row meanwhile.
#[tokio::test]
async fn a_second_look_that_comes_too_early_is_no_last_one() {
    let (world, row) = World::due(2_400).await;
    world.withdraw(&row);
    world.read_history().await;
    let later =
        "update absent_transactions set absent_since = absent_since + interval '10 minutes'";
    world.db.sql(later).await;
    world.advance(LATER);
    world.tick().await;
    assert_eq!((world.number(ABSENT).await, world.number(IN_LEDGER).await), (1, 1));
    world.advance(LATER);
    world.tick().await;
    assert_eq!((world.number(ABSENT).await, world.number(IN_LEDGER).await), (0, 0));
    world.assert_complete().await;
}

/// However the platform lists rows, and though many are equal or have no id: no row that is there is missed
/// at the edge of a piece or of a page.
#[tokio::test]
async fn nothing_that_is_there_is_missed_whatever_the_order_of_the_feed_and_its_cursors() {
    for settings in [
        json!({"order": "newest", "cursorStyle": "offset"}),
        json!({"order": "oldest", "cursorStyle": "keyset"}),
        json!({"order": "newest", "cursorStyle": "keyset", "rows": "g1", "v1": false}),
        json!({"order": "oldest", "cursorStyle": "offset", "rows": "g1", "v1": false}),
    ] {
        let world = World::empty().await;
        world.settings(settings.clone());
        world.creator("Ada", 1_500, 30);
        world.connect().await;
        world.db.sql("delete from models where name <> 'Ada'").await;
        world.tick().await;
        world.rested().await;
        let before = world.db.sql(SUMS).await;
        for _ in 0..2 {
            world.a_month_passes().await;
            let report = world.read_history().await;
            assert_eq!(report["newRows"], 0, "{settings}: {report}");
            for minutes in [20, 40, 60] {
                world.advance(60 * minutes);
                world.tick().await;
            }
            assert_eq!(world.number(ABSENT).await + world.number(VOIDED).await, 0, "{settings}");
            assert_eq!(world.db.sql(SUMS).await, before, "{settings}");
        }
    }
}
