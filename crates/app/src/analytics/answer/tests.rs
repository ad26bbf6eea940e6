use jiff::tz::TimeZone;
use ledger::{AgencyId, Cents, CreatorId, Days};
use serde_json::{Value, json};
use store::{Figures, RevenueSum, SumBy};
use uuid::Uuid;

use super::*;

fn agency() -> Agency {
    Agency {
        id: AgencyId(Uuid::nil()),
        name: "North".into(),
        timezone: "Europe/Rome".into(),
        currency: "EUR".into(),
        revision: 7,
    }
}

fn creator(id: u128, name: &str, is_complete: bool) -> CreatorFreshness {
    let confirmed = is_complete.then(|| "2026-11-21T11:59:00Z".parse().unwrap());
    CreatorFreshness {
        told_at: "2026-11-21T12:00:00Z".parse().unwrap(),
        confirmed_at: None,
        account_uuid: None,
        id: CreatorId(Uuid::from_u128(id)),
        name: name.into(),
        handle: None,
        as_of: confirmed,
        watermark: confirmed,
        row_count: 4,
        reject_count: 0,
        adopted_count: 0,
        difference_count: 0,
        lacks_reversals: false,
        subscribers_count: None,
        followers_count: None,
        stats_at: None,
        subscribers_as_of: None,
        followers_as_of: None,
        unread: (None, None),
        posts: (None, None),
        likes: (None, None),
        is_connected: Some(true),
        lease_expires_at: None,
        tried_at: Some("2026-11-21T11:59:00Z".parse().unwrap()),
        next_sync_at: None,
        paused_until: None,
        parked_at: None,
        last_error: None,
        hints_ended_at: None,
        hints_end_at: None,
        first_day: None,
    }
}

/// Two days of two creators: buckets 0 and 1 are the days before, 2 and 3 yesterday and today.
fn rows() -> Vec<RevenueSum> {
    let row = |bucket, by, gross: i64, count| RevenueSum {
        bucket,
        by,
        gross: Cents(gross),
        net: Cents(gross * 4 / 5),
        count,
        provisional_gross: Cents::ZERO,
        provisional_count: 0,
    };
    let source = |name: &str| SumBy::Source(name.to_owned());
    let of = |id| SumBy::Creator(CreatorId(Uuid::from_u128(id)));
    vec![
        row(Some(0), source("tip"), 8000, 2),
        row(Some(0), of(1), 8000, 2),
        row(Some(2), source("tip"), 1005, 2),
        row(Some(2), source("mediaLink"), 3015, 1),
        row(Some(2), source("refund"), -1000, 1),
        row(Some(2), of(1), 20, 3),
        row(Some(2), of(2), 3000, 1),
    ]
}

fn answer(creators: &[CreatorFreshness]) -> (String, Value) {
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let days = Days::new("2026-11-20".parse().unwrap(), "2026-11-21".parse().unwrap()).unwrap();
    let period = Period::new(days, true, now, &TimeZone::get("Europe/Rome").unwrap());
    let sums = Sums::of(&period, Figures { revenue: rows(), ..Figures::default() });
    let agency = agency();
    let standings = Standing::all(creators, now);
    let answer = Dashboard::new(&agency, (creators, standings), &period, &sums, now);
    let text = serde_json::to_string(&answer).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

#[test]
fn amounts_are_exact_in_the_text_and_equal_in_cents() {
    let (text, value) = answer(&[creator(1, "Ada", true), creator(2, "Bea", true)]);
    assert!(text.contains(r#""totalRevenue":30.20,"totalRevenueCents":3020"#), "{text}");
    assert!(text.contains(r#""tipAverage":5.03,"tipAverageCents":503"#), "{text}");
    assert!(text.contains(r#""refunds":-10.00,"refundsCents":-1000"#), "{text}");
    assert_eq!(value["kpiMetrics"]["transactionCount"], 4);
    assert_eq!(value["kpiMetrics"]["averageTransactionCents"], 1340);
    assert_eq!(value["kpiMetrics"]["previous"]["totalRevenueCents"], 8000);
    assert!(text.contains(r#""revenueGrowth":-62.3"#), "(3020 - 8000) / 8000: {text}");
    assert_eq!(value["currency"], "USD", "whatever the agency would like to see");
    assert_eq!(value["revision"], 7);
}

#[test]
fn the_stack_is_the_total_and_a_gap_is_a_zero() {
    let (_, value) = answer(&[creator(1, "Ada", true)]);
    let [first, last] = value["chartData"].as_array().unwrap().as_slice() else { panic!() };
    let cents = |name: &str| first[format!("{name}Cents")].as_i64().unwrap();
    let stack: i64 = ledger::Category::ALL.iter().map(|c| cents(c.as_str())).sum();
    assert_eq!((stack, cents("total")), (3020, 3020));
    assert_eq!((cents("other"), cents("refunds")), (3015, -1000));
    assert_eq!((&first["date"], &first["partial"]), (&json!("2026-11-20"), &json!(false)));
    assert_eq!(first["previousTotalCents"], 8000);
    assert_eq!((&last["totalCents"], &last["partial"]), (&json!(0), &json!(true)));
    assert_eq!(last["previousTotalCents"], 0, "compared, and there was nothing");
    assert_eq!(last["subscribers"], json!(null));
    assert_eq!(
        value["period"],
        json!({
            "from": "2026-11-20",
            "to": "2026-11-21",
            "bucket": "day",
            "partialLast": true,
            "timezone": "Europe/Rome",
            "previous": {"from": "2026-11-18", "to": "2026-11-19", "until": "2026-11-19T12:00:00Z"},
        })
    );
}

#[test]
fn categories_are_shares_of_what_came_in() {
    let (_, value) = answer(&[creator(1, "Ada", true)]);
    let shown: Vec<_> = value["categoryBreakdown"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["category"].as_str().unwrap(), c["percentage"].as_f64().unwrap()))
        .collect();
    assert_eq!(shown, [("other", 75.0), ("tips", 25.0), ("refunds", -24.9)]);
    let other = &value["categoryBreakdown"][0];
    assert_eq!(other["sources"][0]["source"], "mediaLink");
    assert_eq!(other["previousAmountCents"], 0);
}

#[test]
fn cards_are_the_creators_own_and_add_up() {
    let (_, value) =
        answer(&[creator(1, "Ada", true), creator(2, "Bea", true), creator(3, "C", true)]);
    let cards = value["models"].as_array().unwrap();
    let names: Vec<_> = cards.iter().map(|card| card["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Bea", "Ada", "C"], "the largest first");
    let total: i64 = cards.iter().map(|card| card["totalCents"].as_i64().unwrap()).sum();
    assert_eq!(json!(total), value["kpiMetrics"]["totalRevenueCents"]);
    assert_eq!(cards[1]["sparkline"], json!([20, 0]));
    assert_eq!(cards[1]["previousTotalCents"], 8000);
    assert_eq!(cards[2]["sparkline"], json!([0, 0]));
    assert_eq!((&cards[0]["state"], &cards[0]["ageSeconds"]), (&json!("live"), &json!(60)));
    assert!(cards[0].get("reason").is_none());
}

#[test]
fn an_unfinished_history_taints_the_total_and_gives_no_growth() {
    let (_, value) = answer(&[creator(1, "Ada", true), creator(2, "Bea", false)]);
    assert_eq!(value["kpiMetrics"]["exact"], false);
    assert_eq!(value["freshness"]["exact"], false);
    assert_eq!(value["kpiMetrics"]["revenueGrowth"], json!(null));
    assert_eq!(value["freshness"]["oldestAsOf"], json!(null));
    let bea = value["models"].as_array().unwrap().iter().find(|m| m["name"] == "Bea").unwrap();
    assert_eq!((&bea["state"], &bea["exact"]), (&json!("syncing"), &json!(false)));
    assert_eq!(bea["reason"], "its history is being read");
}
