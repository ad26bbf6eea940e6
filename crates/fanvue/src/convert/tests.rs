//! Pages of every generation, and everything that can be wrong with one. Not how they are fetched.

use ledger::{Category, Cents, Fan, Feed};
use proptest::prelude::*;

use super::*;
use crate::testkit::at;

mod hostile;

const NOW: &str = "2026-09-10T00:00:00Z";
const FAN: &str = "11111111-1111-4111-8111-111111111111";
const MESSAGE: &str = "0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1001";

/// A page of one row.
fn page_of(row: &str) -> EarningsPage {
    earnings_page(&format!(r#"{{"data":[{row}],"nextCursor":null}}"#), Feed::Earnings, at(NOW))
        .unwrap()
}

/// A v1 row without the fields named in `with`, and with those in their place.
fn row_with(with: &str) -> String {
    let fields = [
        ("date", r#""2026-09-04T10:00:00.123Z""#),
        ("gross", "1000"),
        ("net", "800"),
        ("source", r#""message""#),
    ];
    let kept = fields.iter().filter(|(name, _)| !with.contains(&format!("\"{name}\"")));
    let mut parts: Vec<_> = kept.map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
    parts.extend((!with.is_empty()).then(|| with.to_owned()));
    format!("{{{}}}", parts.join(","))
}

fn earning_with(with: &str) -> Earning {
    let page = page_of(&row_with(with));
    assert!(page.rejects.is_empty(), "{with}: {:?}", page.rejects);
    page.earnings.into_iter().next().unwrap()
}

fn reason_with(with: &str) -> String {
    let page = page_of(&row_with(with));
    assert!(page.earnings.is_empty(), "{with}: {:?}", page.earnings);
    page.rejects[0].reason.to_string()
}

#[test]
fn the_canonical_page_of_v1_is_read_whole() {
    let page = earnings_page(include_str!("tests/v1.json"), Feed::Earnings, at(NOW)).unwrap();
    assert!(page.rejects.is_empty() && page.next.is_none());
    let [sale, reward, refund] = page.earnings.as_slice() else { panic!("{page:?}") };

    let fan = Fan {
        id: FAN.into(),
        handle: Some("fan-one".into()),
        display_name: Some("Fan One".into()),
    };
    let order = |id| OrderId::new(id);
    assert_eq!(
        sale,
        &Earning {
            at: at("2026-09-04T10:00:00.123Z"),
            source: Source::Message,
            gross: Cents(1000),
            net: Cents(800),
            total: Some(Cents(1120)),
            currency: Some("BRL".into()),
            order_id: order("to_1001"),
            status: Some(PayoutStatus::PendingBalance),
            message_id: Some(MESSAGE.into()),
            post_id: None,
            reverses: None,
            fan: Some(fan.clone()),
        }
    );
    assert_eq!(
        reward,
        &Earning {
            at: at("2026-09-05T10:00:00Z"),
            source: Source::Referral,
            gross: Cents(500),
            net: Cents(500),
            total: None,
            currency: None,
            order_id: order("to_1002"),
            status: Some(PayoutStatus::AvailableForPayout),
            message_id: None,
            post_id: None,
            reverses: None,
            fan: None,
        }
    );
    assert_eq!(
        refund,
        &Earning {
            at: at("2026-09-06T10:00:00Z"),
            source: Source::Refund,
            gross: Cents(-1000),
            net: Cents(-800),
            total: Some(Cents(-1120)),
            order_id: order("to_1003"),
            reverses: order("to_1001"),
            message_id: None,
            ..sale.clone()
        }
    );
}

#[test]
fn rows_of_every_generation_are_earnings() {
    // The oldest: no id, no status.
    let old = earning_with(r#""currency":null,"user":null"#);
    assert_eq!((old.order_id, old.status, old.fan), (None, None, None));
    // Then message and post ids, one absent or both there with one null; still no id.
    let linked = earning_with(&format!(r#""messageUuid":"{MESSAGE}","postUuid":null"#));
    assert_eq!((linked.message_id.as_deref(), linked.post_id), (Some(MESSAGE), None));
    let post = earning_with(&format!(r#""source":"post","postUuid":"{}""#, MESSAGE.to_uppercase()));
    assert_eq!(post.post_id.as_deref(), Some(MESSAGE));
    // Then order ids and status.
    let with_id = r#""transactionOrderId":"FV-12","transactionOrderStatus":"availableForPayout""#;
    let known = earning_with(with_id);
    assert_eq!(known.order_id, OrderId::new("FV-12"));
    assert_eq!(known.status, Some(PayoutStatus::AvailableForPayout));
    // Then reversals, with -net or -gross as their net, with or without ids; and totals.
    for net in ["-800", "-1000", "0"] {
        let reversal = format!(r#""source":"chargeback","gross":-1000,"net":{net}"#);
        assert_eq!(earning_with(&reversal).source.category(), Category::Refunds);
    }
}

#[test]
fn every_source_is_read_and_fields_we_have_never_seen_are_ignored() {
    for source in Source::ALL {
        let amount = if source.is_reversal() { "-5" } else { "5" };
        let row = format!(
            r#""source":"{}","gross":{amount},"net":{amount},"zodiac":{{"deep":[1,2]}}"#,
            source.as_str()
        );
        assert_eq!(earning_with(&row).source, source);
    }
}

#[test]
fn amounts_are_exact_in_any_spelling() {
    for (text, want) in [
        ("1000.0", 1000),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("100000e-2", 1000),
        ("0", 0),
        ("-0.0", 0),
        ("999999999999.00", 999_999_999_999),
    ] {
        let earning = earning_with(&format!(r#""gross":{text},"net":0"#));
        assert_eq!(earning.gross, Cents(want), "{text}");
    }
    // The creator may keep everything.
    assert_eq!(earning_with(r#""net":1000"#).net, Cents(1000));
}

#[test]
fn instants_are_kept_to_the_millisecond_and_rounded_down() {
    for (text, want) in [
        ("2026-09-04T10:00:00Z", "2026-09-04T10:00:00Z"),
        ("2026-09-04T10:00:00.070Z", "2026-09-04T10:00:00.070Z"),
        ("2026-09-04T10:00:00.1239999Z", "2026-09-04T10:00:00.123Z"),
        ("2026-09-04T12:00:00.5+02:00", "2026-09-04T10:00:00.500Z"),
        ("2015-01-01T00:00:00Z", "2015-01-01T00:00:00Z"),
        // Five minutes of disagreement between clocks.
        ("2026-09-10T00:05:00.000Z", "2026-09-10T00:05:00Z"),
    ] {
        assert_eq!(earning_with(&format!(r#""date":"{text}""#)).at, at(want), "{text}");
    }
}

#[test]
fn what_is_not_money_never_costs_a_row() {
    let plain = earning_with("");
    for with in [
        r#""messageUuid":17,"postUuid":"not a uuid""#,
        r#""messageUuid":{},"messageUuid":[]"#,
        r#""currency":"dollars""#,
        r#""currency":12"#,
        r#""currency":"ÄÖ""#,
        r#""total":"1120""#,
        r#""total":1120.5"#,
        r#""transactionOrderId":null"#,
        r#""transactionOrderStatus":"frozen""#,
        r#""transactionOrderStatus":3"#,
        r#""reversedTransactionOrderId":"~1""#,
        r#""reversedTransactionOrderId":9"#,
        r#""user":"fan""#,
        r#""user":[]"#,
        r#""user":{}"#,
        r#""user":{"uuid":"fan-one","handle":"fan-one"}"#,
        r#""user":{"uuid":null,"displayName":"Fan One"}"#,
    ] {
        assert_eq!(earning_with(with), plain, "{with}");
    }
    assert_eq!(earning_with(r#""currency":"brl""#).currency.as_deref(), Some("BRL"));
}

#[test]
fn a_fan_is_known_by_uuid_and_their_names_are_cleaned() {
    let long = "x".repeat(500);
    let user = format!(
        r#""user":{{"uuid":"ABCDEF00-1111-4111-8111-111111111111","handle":" a\u0000b\n ",
            "displayName":"{long}","nickname":5,"isTopSpender":"maybe"}}"#
    );
    let fan = earning_with(&user).fan.unwrap();
    assert_eq!(fan.id, "abcdef00-1111-4111-8111-111111111111");
    assert_eq!(fan.handle.as_deref(), Some("ab"));
    assert_eq!(fan.display_name.map(|name| name.len()), Some(200));
    let unnamed = format!(r#""user":{{"uuid":"{FAN}","handle":7,"displayName":""}}"#);
    let fan = earning_with(&unnamed).fan.unwrap();
    assert_eq!((fan.handle, fan.display_name), (None, None));
}

#[test]
fn reversals_listed_apart_are_magnitudes_of_what_they_take() {
    let row = |source: &str, gross: i64, net: i64| {
        let row = format!(
            r#"{{"date":"2026-09-06T10:00:00.000Z","gross":{gross},"net":{net},"currency":null,
                "source":"{source}","user":null}}"#
        );
        let page = format!(r#"{{"data":[{row}],"nextCursor":null}}"#);
        earnings_page(&page, Feed::Reversals, at(NOW)).unwrap()
    };
    for (gross, net) in [(1000, 800), (-1000, -800)] {
        let earning = row("refund", gross, net).earnings.remove(0);
        assert_eq!((earning.gross.0, earning.net.0), (-1000, -800));
    }
    assert_eq!(row("tip", 1000, 800).rejects.len(), 1);
}
