//! Lists of ops that once failed, shortened and named. They must not fail again.

mod late;
mod told;

use serde_json::{Value, json};
use simulator::{CursorStyle, Fault, Rows};

use super::{
    draw::{Past, Plan},
    op::{Op, Place, Sale, Turn},
    stage::Stage,
    trace::Trace,
};

const HOUR: i64 = 3600;

/// A world whose connected account earns itself, with one more creator and that past.
fn play(past: u64, settings: Value, ops: Vec<Op>) {
    let past = Past { rows: past, days: 30, twins_percent: 0 };
    for asks_totals in [false, true] {
        let (settings, ops) = (settings.clone(), ops.clone());
        let pasts = vec![past.clone()];
        let webhooks = json!({});
        let owns_an_account = true;
        play_plan(&Plan { seed: 1, owns_an_account, asks_totals, pasts, settings, webhooks, ops });
    }
}

fn play_plan(plan: &Plan) {
    let outcome = Stage::build().play(plan, &Trace::default());
    assert_eq!(outcome.problem, None, "with totals: {}", plan.asks_totals);
}

fn sells(who: usize, count: u32, apart_ms: i64) -> Op {
    Op::Sells { who, sale: Sale { count, apart_ms, ..Sale::default() } }
}

fn passes(seconds: i64) -> Op {
    Op::TimePasses { seconds }
}

/// The attempt that failed wrote its empty progress first, which counted as a success.
#[test]
fn failed_attempts_add_up() {
    let fails = Op::Fails { at: Place::Anywhere, how: Fault::Status(500), times: 1000 };
    play(10, json!({}), vec![fails, Op::Tick, passes(60), Op::Tick, passes(60), Op::Tick]);
}

/// Totals of whole days knew of a sale that the read, which ended at the moment of the question,
/// did not cover; from then on they were unchanged and confirmed the creator without it.
#[test]
fn totals_know_no_sale_that_the_read_after_them_does_not_cover() {
    let ops = vec![Op::Tick, passes(715), sells(1, 3, 700), Op::Tick, passes(600), Op::Tick];
    play(32, json!({}), ops);
}

/// A page edge within the look back opened a narrow read, whose start became the as-of time when the
/// requests were spent before it was done.
#[test]
fn a_narrow_read_of_old_ground_leaves_as_of_where_it_was() {
    let twins = Sale { count: 1, twins: 120, ago_ms: HOUR * 1000, ..Sale::default() };
    let ops = vec![
        Op::Sells { who: 1, sale: twins },
        Op::Tick,
        passes(2 * HOUR),
        Op::Limits { requests: 4, tells: true, by_creator: true },
        Op::Tick,
    ];
    play(0, json!({"rows": "g1"}), ops);
}

/// A bucket that was learnt to hold one request never learnt that it holds more again.
#[test]
fn a_request_limit_that_grows_is_learnt() {
    let limits = |requests| Op::Limits { requests, tells: true, by_creator: true };
    play(300, json!({}), vec![limits(1), Op::Tick, passes(61), Op::Tick, passes(61), Op::Tick]);
}

/// Rows may show 72 hours late and the deep look back is daily, so it has to reach four days back.
#[test]
fn a_row_that_shows_after_three_days_is_found() {
    let late = Sale { count: 1, shows_after_seconds: 71 * 3600, ..Sale::default() };
    let mut ops = vec![Op::Tick, passes(HOUR), Op::Sells { who: 1, sale: late }];
    for hours in [23, 24, 23] {
        ops.extend([passes(hours * HOUR), Op::Tick]);
    }
    // So many sales that a free page reaches no further back than some minutes.
    ops.extend([passes(HOUR / 2), sells(1, 60, 1000), passes(1), Op::Tick]);
    ops.extend([passes(20 * HOUR), sells(1, 60, 1000), passes(1), Op::Tick]);
    play(0, json!({}), ops);
}

/// Reversals that an older generation hid show up once v1 is served, and are owed at rest.
#[test]
fn reversals_hidden_by_an_older_generation_are_found_when_the_history_is_read_again() {
    let ops = vec![
        Op::Tick,
        Op::Serves { rows: Rows::G1 },
        sells(1, 2, 1),
        Op::TakesBack { who: 1, chargeback: false },
        passes(HOUR),
        Op::Tick,
        passes(80 * HOUR),
        Op::Tick,
    ];
    play(5, json!({"rows": "v1"}), ops);
}

/// Our clock went back, and totals confirmed creators as of a moment before their as-of time.
#[test]
fn a_clock_that_goes_back_takes_no_as_of_with_it() {
    let back = Op::ClockIsOff { seconds: -600 };
    play(5, json!({}), vec![Op::Tick, passes(60), Op::Tick, back, passes(61), Op::Tick]);
}

/// A pulse that had been open for days was read to its end, which lay days back. That counted as
/// read just now, so totals, which show no reversal, vouched for the days in between.
#[test]
fn totals_vouch_for_nothing_that_the_last_read_did_not_reach() {
    let old = Sale { count: 60, apart_ms: 1, ago_ms: 20 * HOUR * 1000, ..Sale::default() };
    let ops = vec![
        Op::Sells { who: 2, sale: old },
        Op::Tick,
        passes(30 * HOUR),
        Op::Fails { at: Place::Page { who: 2, page: 2 }, how: Fault::Hang, times: 1000 },
        Op::Tick,
        passes(HOUR),
        Op::TakesBack { who: 2, chargeback: false },
        passes(5 * 24 * HOUR),
    ];
    play(20, json!({"rows": "v1"}), ops);
}

/// Equal rows on both sides of a page edge were taken for the same ones, so the last of them looked
/// absent; when the narrow read that counts them was put off twice, they left the ledger.
#[test]
fn equal_rows_beyond_a_page_edge_are_not_void() {
    let twins = Sale { count: 1, twins: 54, ago_ms: 1000, ..Sale::default() };
    let ops = vec![
        Op::Sells { who: 1, sale: twins },
        Op::Tick,
        passes(HOUR + 1),
        Op::Limits { requests: 2, tells: true, by_creator: true },
        Op::Tick,
        passes(HOUR + 1),
        Op::Tick,
    ];
    play(0, json!({"rows": "g1"}), ops);
}

/// An account that was complete is served without `/v1` from now on. Its reversals, listed apart
/// there, began as a history of their own, which took its as-of time away and with it, by the
/// trigger that serves operators, all that was known of the stream.
#[test]
fn reversals_listed_apart_take_no_as_of_away() {
    let gone = Op::ServesV1Paths { there: false };
    let few = Op::Limits { requests: 1, tells: true, by_creator: true };
    let mut ops = vec![Op::Tick, gone, passes(600), Op::Tick, passes(600)];
    ops.extend([sells(0, 1, 0), passes(1), few, Op::Tick]);
    play(5, json!({"rows": "g2"}), ops);
}

/// A creator that totals confirm is complete, so the failure before is over.
#[test]
fn totals_that_confirm_a_creator_end_its_failure() {
    let fails = Op::Fails { at: Place::Anywhere, how: Fault::Hang, times: 10 };
    let ops = vec![Op::Tick, passes(60), fails, Op::Tick, Op::Mends, passes(60), Op::Tick];
    play(5, json!({}), ops);
}

/// Twins that arrived while a crowded instant was read pushed other rows over a page edge, where
/// they were seen, and counted, twice.
#[test]
fn rows_that_arrive_in_an_instant_while_it_is_read_count_once() {
    let crowd = |count| Sale { count, twins: 4, no_fan: true, ago_ms: 60_000, ..Sale::default() };
    for before in 1..14 {
        let goes = Turn::Goes { process: 0 };
        let arrive = Op::Sells { who: 0, sale: crowd(1) };
        let mut turns = vec![goes.clone(); before];
        turns.push(Turn::Meanwhile { op: Box::new(arrive) });
        turns.extend(vec![goes; 20]);
        let ops = vec![Op::Sells { who: 0, sale: crowd(30) }, Op::Ticks { turns }];
        play(0, json!({"rows": "g1b", "cursorStyle": CursorStyle::Offset}), ops);
    }
}

/// A history that was asked for and failed was reported complete by a tick at the same instant,
/// since the creator had been confirmed at that instant before.
#[test]
fn a_failed_history_is_not_reported_complete_by_the_next_tick() {
    let goes = |process| Turn::Goes { process };
    let meanwhile = |op| Turn::Meanwhile { op: Box::new(op) };
    let sale = Sale { count: 3, apart_ms: 700, ago_ms: 80_000_000, ..Sale::default() };
    let turns = vec![
        goes(1),
        goes(0),
        goes(0),
        meanwhile(Op::Sells { who: 1, sale }),
        meanwhile(passes(1)),
        goes(0),
        goes(0),
    ];
    let refuses =
        Op::Fails { at: Place::Page { who: 1, page: 3 }, how: Fault::Status(401), times: 2 };
    let ops = vec![Op::Ticks { turns }, Op::AsksForHistory { who: 1 }, refuses, Op::Tick, Op::Tick];
    let pasts = vec![Past { rows: 122, days: 2, twins_percent: 2 }];
    let (settings, webhooks) = (json!({"rows": "g1"}), json!({}));
    let (owns_an_account, asks_totals) = (false, true);
    let plan = Plan { seed: 11284, owns_an_account, asks_totals, pasts, settings, webhooks, ops };
    play_plan(&plan);
}

/// Pages of an older pass went on in a tick that had read one page of another window just before. They
/// looked like one unbroken read, so the pages of the tick before were missed, and later void.
#[test]
fn a_pass_that_goes_on_in_another_tick_proves_no_absence() {
    let page_fails =
        Op::Fails { at: Place::Page { who: 0, page: 2 }, how: Fault::Status(500), times: 3 };
    let old = Sale { count: 540, apart_ms: 60_000, ago_ms: 200 * HOUR * 1000, ..Sale::default() };
    let ops = vec![
        Op::Sells { who: 0, sale: old },
        page_fails.clone(),
        Op::Tick,
        passes(HOUR),
        Op::Tick,
        passes(2 * HOUR),
        Op::AsksForHistory { who: 0 },
        page_fails,
        Op::Tick,
        passes(HOUR),
        Op::Tick,
    ];
    play(0, json!({"rows": "g2", "v1": false}), ops);
}

/// The row came back with the id that its generation had left out. It was noted as absent under its old
/// key and looked for under the new one, so the first read that lacked it later would have voided it.
#[test]
fn a_row_that_comes_back_with_an_id_is_missed_no_more() {
    let sale = Sale { count: 30, apart_ms: 60_000, ago_ms: 47 * HOUR * 1000, ..Sale::default() };
    let ops = vec![
        Op::Sells { who: 1, sale },
        Op::Tick,
        passes(64 * HOUR),
        Op::Vanishes { who: 1, nth: 16, seconds: 3000 },
        Op::Tick,
    ];
    play(0, json!({"rows": "g1b"}), ops);
}

/// A tick finished older windows before it asked for news, and then for sales alone: as-of passed over
/// reversals that nobody had asked for, and went back when they were.
#[test]
fn news_that_had_to_wait_are_sales_and_reversals() {
    let goes = |process| Turn::Goes { process };
    let meanwhile = |op| Turn::Meanwhile { op: Box::new(op) };
    let sale = Sale { count: 9, twins: 1, ago_ms: 60_000, ..Sale::default() };
    let mut turns = vec![meanwhile(Op::AsksForHistory { who: 1 })];
    turns.extend([0, 1, 0, 1, 0, 0, 1, 0].map(goes));
    turns.extend([Turn::Dies { process: 0 }, meanwhile(Op::Sells { who: 0, sale })]);
    turns.extend([goes(0), goes(0)]);
    let few = Op::Limits { requests: 4, tells: true, by_creator: false };
    let mut ops = vec![few, passes(136), Op::Tick, passes(309), Op::Tick, passes(4468), Op::Tick];
    ops.extend([passes(15), Op::TickDue, passes(458_488), Op::Ticks { turns }]);
    let past = |rows, twins_percent| Past { rows, days: 400, twins_percent };
    let pasts = vec![past(526, 30), past(188, 0)];
    let (owns_an_account, asks_totals, webhooks) = (true, true, json!({}));
    let settings = json!({"rows": "v1", "v1": false, "agencyPaging": "page"});
    let plan = Plan { seed: 83, owns_an_account, asks_totals, pasts, settings, webhooks, ops };
    play_plan(&plan);
}

/// A cursor that had expired set the read back. That was written down as if something had been read, so
/// the failures before it were forgotten and the pause after the next one did not grow.
#[test]
fn a_read_that_is_only_set_back_is_no_success() {
    let fails = |page, how, times| Op::Fails { at: Place::Page { who: 2, page }, how, times };
    let ops = vec![
        Op::Tick,
        Op::CursorsLive { seconds: Some(1) },
        sells(2, 95, 1),
        passes(600),
        fails(2, Fault::Hang, 4),
        Op::Tick,
        fails(1, Fault::DropAfter, 3),
        passes(801),
        Op::Tick,
    ];
    play(0, json!({"rows": "g1"}), ops);
}
