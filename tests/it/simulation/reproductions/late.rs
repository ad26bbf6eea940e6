//! What is heard after a process has been overtaken, or after its time was over.

use serde_json::json;
use simulator::Fault;

use super::{passes, play_plan};
use crate::simulation::{
    draw::{Past, Plan},
    op::{Op, Place, Sale, Turn},
};

/// A process that had been overtaken heard that consent had ended, and noted it. That is no stream's to
/// lose: the check took it for a write of the old holder.
#[test]
fn an_old_holder_may_hear_that_consent_has_ended() {
    let fails = |at, how, times| Op::Fails { at, how, times };
    let ops = vec![
        fails(Place::Page { who: 2, page: 1 }, Fault::Status(403), 40),
        Op::Tick,
        fails(Place::Anywhere, Fault::Throttle { retry_after: Some(20) }, 2),
        fails(Place::Anywhere, Fault::DropAfter, 3),
        Op::Revokes,
        passes(15),
        Op::TickOversleeps { after_requests: 1, seconds: 61 },
    ];
    let settings = json!({"rows": "g1"});
    let (owns_an_account, asks_totals, webhooks) = (true, false, json!({}));
    let pasts = vec![Past { rows: 54, days: 2, twins_percent: 30 }];
    play_plan(&Plan { seed: 1139, owns_an_account, asks_totals, pasts, settings, webhooks, ops });
}

/// A page had come back as not found after the tick's time was over. Whether only `/v1` was gone was
/// then asked for, and the page again: three requests after the end.
#[test]
fn what_is_not_found_after_the_end_is_left_to_the_next_tick() {
    let goes = || Turn::Goes { process: 0 };
    let meanwhile = |op| Turn::Meanwhile { op: Box::new(op) };
    let sale = Sale { count: 3, twins: 1, no_fan: true, ago_ms: 60_000, ..Sale::default() };
    let turns = vec![
        goes(),
        meanwhile(Op::Sells { who: 0, sale }),
        meanwhile(passes(300)),
        goes(),
        meanwhile(passes(20)),
    ];
    let ops = vec![Op::ServesV1Paths { there: false }, Op::Ticks { turns }];
    let settings = json!({"rows": "v1", "agencyPaging": "page"});
    let (owns_an_account, asks_totals, webhooks) = (true, false, json!({}));
    let pasts = vec![Past { rows: 39, days: 2, twins_percent: 0 }];
    play_plan(&Plan { seed: 2003, owns_an_account, asks_totals, pasts, settings, webhooks, ops });
}
