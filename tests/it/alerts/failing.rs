//! Telegram fails, refuses, asks to wait, hangs, or its answer is lost.

use std::time::Duration;

use app::http::Deadline;
use bytes::Bytes;
use serde_json::json;

use super::{
    AGENCY, OTHER, POSTS, SHIFTS, Stage, counts,
    telegram::{Reply, Telegram},
    tick,
};
use crate::world::{SECRET, TELEGRAM_SECRET, route};

const START: &str = "2026-11-21T09:00:00Z";

fn refused(status: u16, body: &serde_json::Value) -> Reply {
    Reply::Refused(status, body.to_string())
}

/// Telegram itself says that it failed.
fn outage() -> Reply {
    refused(502, &json!({"ok": false, "error_code": 502, "description": "Bad Gateway"}))
}

fn wait(seconds: i64) -> Reply {
    let parameters = json!({"retry_after": seconds});
    refused(429, &json!({"ok": false, "error_code": 429, "parameters": parameters}))
}

async fn one_late() -> Stage {
    let stage = Stage::set().await;
    stage.shift(AGENCY, "Mia", START).await;
    stage
}

fn starts(telegram: &Telegram, beginnings: &[&str]) {
    let taken = telegram.taken();
    assert_eq!(taken.len(), beginnings.len(), "{taken:?}");
    for (text, beginning) in taken.iter().zip(beginnings) {
        assert!(text.starts_with(beginning), "{text}");
    }
}

#[tokio::test]
async fn an_outage_of_seconds_is_waited_for() {
    let stage = one_late().await;
    stage.telegram.reply([outage(), outage()]);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent", "unfinished"]), [1, 0]);
    let heard = stage.telegram.heard();
    assert_eq!(heard.len(), 3);
    assert!(heard[0].at < heard[1].at && heard[1].at < heard[2].at, "{heard:?}");
    starts(&stage.telegram, &["Roma: "]);
    assert_eq!(stage.states().await, [["sent", "1"]]);
}

#[tokio::test]
async fn a_longer_outage_is_tried_again_by_later_ticks_with_pauses_that_grow() {
    let stage = one_late().await;
    stage.telegram.reply(vec![outage(); 6]);
    let report = stage.tick(SHIFTS).await;
    assert_eq!(
        counts(&report, ["sent", "failed", "unfinished", "retryAfterSeconds"]),
        [0, 0, 1, 60]
    );
    assert_eq!(report["alerts"][0]["state"], "waiting");
    assert_eq!(report["error"], "Telegram failed (502)");
    stage.advance(59);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["unfinished", "retryAfterSeconds"]), [1, 1]);
    assert_eq!(stage.telegram.heard().len(), 3, "it was not yet time");
    stage.advance(1);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["unfinished", "retryAfterSeconds"]), [1, 120]);
    stage.advance(120);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent", "unfinished"]), [1, 0]);
    // None of them can have arrived, so nobody is told that one might.
    starts(&stage.telegram, &["Roma: "]);
    assert_eq!(stage.states().await, [["sent", "3"]]);
}

#[tokio::test]
async fn where_nobody_listens_nothing_is_lost() {
    let stage = one_late().await;
    let nowhere = stage.chat_at("http://127.0.0.1:1");
    let nowhere = stage.configured(nowhere, fanvue::Timeouts::default().total);
    let report = tick(&nowhere, SHIFTS).await;
    assert_eq!(counts(&report, ["sent", "unfinished"]), [0, 1]);
    assert_eq!(report["error"], "Telegram was not reached");
    stage.advance(60);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent"]), [1]);
    starts(&stage.telegram, &["Roma: "]);
}

#[tokio::test]
async fn a_wait_that_telegram_asks_for_is_kept() {
    let stage = one_late().await;
    stage.telegram.reply([wait(30)]);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent"]), [1]);
    let heard = stage.telegram.heard();
    assert_eq!(heard.len(), 2);
    assert!(30 <= heard[1].at.duration_since(heard[0].at).as_secs(), "{heard:?}");
}

#[tokio::test]
async fn a_wait_that_outlasts_the_tick_stops_all_messages_until_then() {
    let stage = one_late().await;
    stage.add_other_agency().await;
    stage.shift(OTHER, "Noa", START).await;
    stage.telegram.reply([wait(600)]);
    let report = stage.tick(SHIFTS).await;
    assert_eq!(counts(&report, ["sent", "unfinished", "retryAfterSeconds"]), [0, 2, 600]);
    assert_eq!(report["error"], "Telegram asks to wait for 600 s");
    assert_eq!(stage.telegram.heard().len(), 1, "the chat is the same for both agencies");
    let mut attempts = stage.states().await;
    attempts.sort();
    assert_eq!(attempts, [["waiting", "0"], ["waiting", "1"]], "what nobody tried does not count");
    stage.advance(599);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent"]), [0]);
    assert_eq!(stage.telegram.heard().len(), 1);
    stage.advance(1);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent", "unfinished"]), [2, 0]);
    starts(&stage.telegram, &["Roma: ", "Lima: "]);
}

/// Telegram took it and nobody heard so. It comes twice, because it might not have come at all.
#[tokio::test]
async fn a_message_whose_answer_was_lost_comes_again_later_and_says_so() {
    for lost in [Reply::Lost, Reply::Hang] {
        let stage = one_late().await;
        stage.telegram.reply([lost]);
        let hasty = stage.patient(Duration::from_millis(300));
        let report = tick(&hasty, SHIFTS).await;
        assert_eq!(counts(&report, ["sent", "unfinished", "retryAfterSeconds"]), [0, 1, 60]);
        let error = report["error"].as_str().unwrap();
        assert!(error.contains("may have arrived"), "{error}");
        assert_eq!(stage.telegram.heard().len(), 1, "it is not sent again in the same breath");
        stage.advance(59);
        stage.tick(SHIFTS).await;
        starts(&stage.telegram, &["Roma: "]);
        stage.advance(1);
        assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent", "unfinished"]), [1, 0]);
        starts(&stage.telegram, &["Roma: ", "You may have this already"]);
        stage.advance(3_600);
        stage.tick(SHIFTS).await;
        assert_eq!(stage.telegram.heard().len(), 2);
    }
}

/// A proxy says so, of a Telegram that may have taken it.
#[tokio::test]
async fn a_message_that_a_gateway_gave_up_is_one_whose_answer_was_lost() {
    for status in [502, 504] {
        let stage = one_late().await;
        stage.telegram.reply([Reply::Refused(status, "<html>Bad Gateway</html>".to_owned())]);
        let report = stage.tick(SHIFTS).await;
        assert_eq!(counts(&report, ["sent", "unfinished", "retryAfterSeconds"]), [0, 1, 60]);
        let error = report["error"].as_str().unwrap();
        assert!(error.contains("may have arrived"), "{error}");
        assert_eq!(stage.telegram.heard().len(), 1, "it is not sent again in the same breath");
        stage.advance(60);
        assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent", "unfinished"]), [1, 0]);
        starts(&stage.telegram, &["You may have this already"]);
    }
}

#[tokio::test]
async fn a_refusal_is_told_without_the_token_and_given_up_after_twelve_ticks() {
    let stage = one_late().await;
    let echo = format!("/bot123456:{TELEGRAM_SECRET}/sendMessage is not here");
    let echo = refused(404, &json!({"ok": false, "description": echo}));
    let chat =
        json!({"ok": false, "error_code": 400, "description": "Bad Request: chat not found"});
    let replies = std::iter::once(echo).chain(vec![refused(400, &chat); 11]);
    stage.telegram.reply(replies);
    for attempt in 1..=12 {
        let report = stage.tick(SHIFTS).await;
        let error = report["error"].as_str().unwrap();
        let wanted = match attempt {
            1 => "Telegram refuses it (404): it does not say why",
            _ => "Telegram refuses it (400): Bad Request: chat not found",
        };
        assert_eq!(error, wanted);
        let given_up = i64::from(attempt == 12);
        assert_eq!(counts(&report, ["sent", "failed", "unfinished"]), [0, given_up, 1 - given_up]);
        assert_eq!(stage.telegram.heard().len(), attempt, "a refusal is not asked again at once");
        stage.advance(6 * 3_600);
    }
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["found", "sent", "unfinished"]), [0, 0, 0]);
    assert_eq!(stage.telegram.heard().len(), 12);
    let kept = stage.db.sql("select state, reason from alerts").await;
    assert_eq!(kept, [["failed", "Telegram refuses it (400): Bad Request: chat not found"]]);
    // A person who has mended it may ask for it again.
    stage.db.sql("update alerts set state = 'waiting', attempts = 0, settled_at = null").await;
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent"]), [1]);
}

#[tokio::test]
async fn what_is_no_longer_true_is_dropped_instead_of_sent() {
    let stage = Stage::set().await;
    let came = stage.shift(AGENCY, "Came", START).await;
    let cancelled = stage.shift(AGENCY, "Cancelled", START).await;
    let moved = stage.shift(AGENCY, "Moved", START).await;
    let gone = stage.shift(AGENCY, "Gone", START).await;
    stage.shift(AGENCY, "Dismissed", START).await;
    stage.shift(AGENCY, "Late", START).await;
    stage.telegram.reply(vec![outage(); 3]);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["found", "unfinished"]), [6, 6]);
    stage.clock_in(&came, true, "2026-11-21T10:00:30Z", None).await;
    let changes = format!(
        "update shifts set status = 'cancelled' where id = '{cancelled}';
         update shifts set start_time = '2026-11-21T18:00:00Z' where id = '{moved}';
         delete from shifts where id = '{gone}';
         delete from profiles where username = 'Dismissed'"
    );
    stage.db.sql(&changes).await;
    stage.advance(60);
    let report = stage.tick(SHIFTS).await;
    assert_eq!(counts(&report, ["found", "dropped", "sent", "unfinished"]), [0, 5, 1, 0]);
    let taken = stage.telegram.taken();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].starts_with("Roma: a shift") && taken[0].contains("• Late, "), "{taken:?}");
}

#[tokio::test]
async fn what_is_true_again_after_it_was_dropped_is_told() {
    let stage = one_late().await;
    stage.post(AGENCY, "reel", "2026-11-21T07:00:00Z").await;
    let both = async |status: &str| {
        let sql = format!(
            "update shifts set status = '{status}'; update content_tasks set status = '{status}'"
        );
        stage.db.sql(&sql).await;
    };
    stage.telegram.reply(vec![outage(); 6]);
    for path in [SHIFTS, POSTS] {
        assert_eq!(counts(&stage.tick(path).await, ["found", "sent"]), [1, 0]);
    }
    both("cancelled").await;
    for path in [SHIFTS, POSTS] {
        assert_eq!(counts(&stage.tick(path).await, ["found", "dropped", "sent"]), [0, 1, 0]);
    }
    both("scheduled").await;
    for path in [SHIFTS, POSTS] {
        assert_eq!(counts(&stage.tick(path).await, ["found", "dropped", "sent"]), [1, 0, 1]);
        assert_eq!(counts(&stage.tick(path).await, ["found", "dropped", "sent"]), [0, 0, 0]);
    }
    starts(&stage.telegram, &["Roma: a shift", "Roma: a post"]);
    assert_eq!(stage.states().await, [["sent", "1"]; 2]);
}

#[tokio::test]
async fn a_tick_stops_in_time_for_the_function_that_runs_it() {
    let stage = one_late().await;
    stage.telegram.reply([wait(8)]);
    let over_at = stage.clock.read().as_millisecond() + 10_000;
    let request = http::Request::get(SHIFTS)
        .header("authorization", format!("Bearer {SECRET}"))
        .extension(Deadline::from_millisecond(over_at.unsigned_abs()).unwrap());
    let response = route(&stage.ctx(), request.body(Bytes::new()).unwrap()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(stage.telegram.heard().len(), 1, "of ten seconds seven are used");
    assert_eq!(stage.states().await, [["waiting", "1"]]);
    stage.advance(60);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent"]), [1]);
}
