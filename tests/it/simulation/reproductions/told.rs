//! What the platform tells by itself: events, and that it wants to be left alone.

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

/// Another process learnt that creators draw from one bucket while one of them was paused in a bucket of
/// her own: the pause stayed behind there, and she was asked before its end.
#[test]
fn a_pause_outlasts_what_is_learnt_of_how_requests_are_counted() {
    let goes = |process| Turn::Goes { process };
    let meanwhile = |op| Turn::Meanwhile { op: Box::new(op) };
    let crowd = |count| Sale { count, twins: 4, no_fan: true, ago_ms: 60_000, ..Sale::default() };
    let many = |count, ago_ms| {
        let sale = Sale { count, twins: 1, no_fan: true, ago_ms, ..Sale::default() };
        Op::Sells { who: 1, sale }
    };
    let mut arrives = vec![goes(0); 5];
    arrives.push(meanwhile(Op::Sells { who: 2, sale: crowd(1) }));
    arrives.extend(vec![goes(0); 20]);
    let mut turns = vec![goes(1), goes(2)];
    turns.extend([many(59, 1), many(11, 0), passes(61)].map(meanwhile));
    turns.extend([goes(1), goes(0)]);
    let g1b = Op::Serves { rows: Rows::G1b };
    turns.extend([passes(20), Op::AsksForHistory { who: 0 }, g1b].map(meanwhile));
    let how = Fault::Throttle { retry_after: Some(20) };
    let ops = vec![
        Op::Sells { who: 2, sale: crowd(30) },
        Op::Ticks { turns: arrives },
        Op::Fails { at: Place::Page { who: 0, page: 2 }, how, times: 2 },
        Op::Sells { who: 1, sale: Sale { count: 63, apart_ms: 1, twins: 1, ..Sale::default() } },
        passes(15),
        Op::TickDue,
        Op::Ticks { turns },
        Op::TickOversleeps { after_requests: 2, seconds: 90 },
    ];
    let pasts = vec![Past { rows: 0, days: 2, twins_percent: 30 }];
    let settings =
        json!({"rows": "g1", "cursorStyle": CursorStyle::Offset, "agencyPaging": "page"});
    let (owns_an_account, asks_totals, webhooks) = (false, true, json!({}));
    play_plan(&Plan { seed: 16853, owns_an_account, asks_totals, pasts, settings, webhooks, ops });
}
