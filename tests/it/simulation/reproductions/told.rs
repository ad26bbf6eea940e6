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
