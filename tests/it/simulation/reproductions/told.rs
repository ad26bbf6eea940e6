//! What the platform tells by itself: events, its time, and that it wants to be left alone.

use super::*;

/// All there is began a week before the first word of a sale at the earliest, so what an even later word
/// told of was counted nowhere.
#[test]
fn what_a_late_word_tells_of_is_part_of_all_there_is() {
    let ops = vec![sells(0, 4, 700), passes(172 * HOUR), Op::Delivers];
    let (url, secret) = ("http://127.0.0.1:1/api/webhooks/fanvue", crate::world::WEBHOOK_SECRET);
    let webhooks = json!({"url": url, "secret": secret});
    let (owns_an_account, asks_totals, settings, pasts) = (true, true, json!({}), vec![]);
    play_plan(&Plan { seed: 949, owns_an_account, asks_totals, pasts, settings, webhooks, ops });
}

/// Totals that a clock ten minutes ahead asked for held a sale of the very second in which the platform told its
/// time. The read that they led to ended before that second, and from then on the totals stood still.
#[test]
fn totals_of_a_clock_that_is_ahead_know_no_more_than_the_read_they_lead_to() {
    let sale = Sale { count: 8, apart_ms: 60_000, twins: 1, ..Sale::default() };
    let ops = vec![
        Op::Tick,
        passes(1),
        Op::Tick,
        Op::ClockIsOff { seconds: 600 },
        Op::Sells { who: 1, sale },
        Op::Tick,
        passes(777),
        Op::Tick,
    ];
    play(15, json!({"rows": "v1", "agencyPaging": "page"}), ops);
}

/// The account's own reversals, which an older platform lists apart, were refused. That counts as a refusal of
/// its rows, which nobody watched.
#[test]
fn a_refusal_of_reversals_that_are_listed_apart_is_one() {
    let meanwhile = |op| Turn::Meanwhile { op: Box::new(op) };
    let sells = |twins| {
        let sale = Sale { count: 1, twins, no_fan: true, ..Sale::default() };
        meanwhile(Op::Sells { who: 2, sale })
    };
    let goes = || Turn::Goes { process: 0 };
    let withholds = meanwhile(Op::Withholds { scope: Some("read:insights") });
    let second = meanwhile(passes(1));
    let turns = vec![sells(1), goes(), second, sells(3), goes(), goes(), withholds];
    let ops = vec![Op::Tick, passes(230), Op::Ticks { turns }, Op::Tick];
    let past = |rows, days| Past { rows, days, twins_percent: 30 };
    let pasts = vec![past(0, 4000), past(9, 30)];
    let (owns_an_account, asks_totals, webhooks) = (true, true, json!({}));
    let settings = json!({"rows": "g2", "v1": false, "agencyPaging": "page", "order": "oldest"});
    play_plan(&Plan { seed: 17_749, owns_an_account, asks_totals, pasts, settings, webhooks, ops });
}

/// A cursor had expired, and each answer that said so was cut short: its request was taken for one that is refused
/// whatever it carries. Five of them would have parked the creator, for the cursor was kept.
#[test]
fn a_refusal_that_is_cut_short_is_the_cursors_and_not_the_creators() {
    let sale = Sale { count: 71, apart_ms: 5_000, twins: 1, ..Sale::default() };
    let (at, how) = (Place::Page { who: 1, page: 2 }, Fault::TruncatedJson);
    let ops = vec![
        Op::Tick,
        Op::CursorsLive { seconds: Some(30) },
        Op::Sells { who: 1, sale },
        Op::Fails { at, how, times: 4 },
        passes(60),
        Op::Tick,
        passes(822),
        Op::Tick,
    ];
    let pasts = vec![Past { rows: 188, days: 2, twins_percent: 2 }];
    let settings = json!({"rows": "v1", "order": "oldest", "floatAmounts": true});
    let (owns_an_account, asks_totals, webhooks) = (true, false, json!({}));
    play_plan(&Plan { seed: 7_971, owns_an_account, asks_totals, pasts, settings, webhooks, ops });
}
