//! Accounts, creators, webhooks and agency totals, in both paging styles. Not earnings rows.

use ledger::{Cents, Cursor};
use secrecy::ExposeSecret;

use super::*;

const ADA: &str = "0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1001";

fn page(number: u32) -> AgencyMark {
    AgencyMark::Page(number)
}

fn cursor(text: &str) -> AgencyMark {
    AgencyMark::Cursor(Cursor::new(text).unwrap())
}

#[test]
fn an_account_must_say_who_it_is_and_whether_it_earns() {
    let text = format!(
        r#"{{"uuid":"{ADA}","handle":"ada","displayName":" ","isCreator":true,"email":"x","new":[]}}"#
    );
    let account = account(&text).unwrap();
    assert_eq!((account.uuid.as_str(), account.is_creator), (ADA, true));
    assert_eq!((account.handle.as_deref(), account.display_name), (Some("ada"), None));
    for text in [
        r#"{"isCreator":true}"#.to_owned(),
        r#"{"uuid":"ada","isCreator":true}"#.to_owned(),
        format!(r#"{{"uuid":"{ADA}"}}"#),
        format!(r#"{{"uuid":"{ADA}","isCreator":"yes"}}"#),
        "[]".to_owned(),
    ] {
        assert!(super::account(&text).is_err(), "{text}");
    }
}

#[test]
fn a_creator_without_a_uuid_is_a_reject_and_hides_no_other() {
    let text = format!(
        r#"{{"data":[{{"uuid":"{ADA}","handle":"ada","role":"manager"}},{{"handle":"bo"}},null],
            "pagination":{{"page":1,"size":3,"hasMore":true}}}}"#
    );
    let page = creators_page(&text).unwrap();
    assert_eq!(page.creators.len(), 1);
    assert_eq!(page.creators[0].role.as_deref(), Some("manager"));
    let reasons: Vec<_> = page.rejects.iter().map(|reject| reject.reason.to_string()).collect();
    assert_eq!(reasons, ["uuid is missing", "the row is not an object"]);
    assert!(page.has_more);
}

#[test]
fn an_empty_page_of_creators_is_the_last_and_one_without_an_end_is_an_error() {
    let end = creators_page(r#"{"data":[],"pagination":{"hasMore":true}}"#).unwrap();
    assert!(!end.has_more);
    for text in [
        r#"{"data":[]}"#,
        r#"{"data":[],"nextCursor":"c2"}"#,
        r#"{"data":[],"pagination":{}}"#,
        r#"{"data":[],"pagination":{"hasMore":"no"}}"#,
        r#"{"data":[],"pagination":7}"#,
    ] {
        assert!(creators_page(text).is_err(), "{text}");
    }
}

#[test]
fn the_answer_decides_how_agency_totals_go_on() {
    let row = format!(r#"{{"creatorUuid":"{ADA}","date":"2026-09-04","gross":1,"net":1}}"#);
    for (asked, data, rest, want) in [
        (None, row.as_str(), r#""pagination":{"hasMore":true}"#, Ok(Some(page(2)))),
        (Some(page(7)), &row, r#""pagination":{"hasMore":true}"#, Ok(Some(page(8)))),
        (Some(page(7)), &row, r#""pagination":{"hasMore":false}"#, Ok(None)),
        (Some(page(7)), "", r#""pagination":{"hasMore":true}"#, Ok(None)),
        (None, &row, r#""nextCursor":"c2""#, Ok(Some(cursor("c2")))),
        (Some(cursor("c2")), &row, r#""nextCursor":"c3""#, Ok(Some(cursor("c3")))),
        (Some(cursor("c3")), &row, r#""nextCursor":null"#, Ok(None)),
        (None, &row, r#""nextCursor":null"#, Ok(None)),
        (None, &row, r#""nextCursor":null,"pagination":{"hasMore":true}"#, Ok(Some(page(2)))),
        (Some(cursor("c3")), &row, r#""other":1"#, Err("nextCursor is missing")),
        (None, &row, r#""other":1"#, Err("neither pagination nor nextCursor")),
        (None, &row, r#""nextCursor":7"#, Err("nextCursor is not text")),
    ] {
        let text = format!(r#"{{"data":[{data}],{rest}}}"#);
        let got = agency_earnings_page(&text, asked.as_ref()).map(|page| page.next);
        assert_eq!(got, want, "{asked:?} {rest}");
    }
}

#[test]
fn agency_totals_are_exact_or_rejects() {
    let good = format!(
        r#"{{"creatorUuid":"{}","date":"2026-09-04","gross":1000.0,"net":-5,"currency":"eur"}}"#,
        ADA.to_uppercase()
    );
    let bad = |from: &str, to: &str| good.replace(from, to);
    let rows = [
        bad("2026-09-04", "2026-09-04T10:00:00Z"),
        bad("2026-09-04", "2026-13-04"),
        bad("1000.0", "1000.5"),
        bad("creatorUuid", "creator"),
        good.clone(),
    ];
    let text = format!(r#"{{"data":[{}],"nextCursor":null}}"#, rows.join(","));
    let page = agency_earnings_page(&text, None).unwrap();
    let reasons: Vec<_> = page.rejects.iter().map(|reject| reject.reason.to_string()).collect();
    assert_eq!(
        reasons,
        [
            "date is not a day",
            "date is not a day",
            "gross has a fraction of a cent",
            "creatorUuid is missing",
        ]
    );
    let day = &page.days[0];
    assert_eq!((day.creator.as_str(), day.on), (ADA, jiff::civil::date(2026, 9, 4)));
    assert_eq!((day.gross, day.net), (Cents(1000), Cents(-5)));
    assert_eq!(day.currency.as_deref(), Some("EUR"));
}

#[test]
fn a_new_webhook_has_an_id_and_a_secret_that_does_not_print() {
    for text in [
        r#"{"id":"wh_1","signingSecret":"whsec_hush","url":"x"}"#,
        r#"{"id":"wh_1","signing_secret":"whsec_hush"}"#,
    ] {
        let webhook = new_webhook(text).unwrap();
        assert_eq!(webhook.id.as_str(), "wh_1");
        assert_eq!(webhook.signing_secret.expose_secret(), "whsec_hush");
        assert!(!format!("{webhook:?}").contains("hush"));
    }
    for (text, want) in [
        (r#"{"id":"wh_1"}"#, "no usable signing secret"),
        (r#"{"id":"wh_1","signingSecret":""}"#, "no usable signing secret"),
        (r#"{"id":"..","signingSecret":"s"}"#, "id is missing or no plausible id"),
        (r#"{"signingSecret":"s"}"#, "id is missing or no plausible id"),
        ("", "an empty body"),
    ] {
        assert_eq!(new_webhook(text).err(), Some(want), "{text}");
    }
}

#[test]
fn a_webhook_that_makes_no_sense_hides_no_other() {
    let good = r#"{"id":"wh_1","url":"https://ours.example/w","events":["tip.new"],
        "createdAt":"2026-09-01T00:00:00.000Z"}"#;
    let bare = r#"{"id":"wh_2","url":"u","events":[],"createdAt":7}"#;
    let bad = [
        "7",
        r#"{"url":"u","events":[]}"#,
        r#"{"id":"wh_3","events":[]}"#,
        r#"{"id":"wh_3","url":"u","events":"all"}"#,
    ];
    let page = webhooks(&format!(r#"{{"data":[{good},{bare},{}]}}"#, bad.join(","))).unwrap();
    let [first, second] = page.webhooks.as_slice() else { panic!("{page:?}") };
    assert_eq!((first.id.as_str(), first.url.as_str()), ("wh_1", "https://ours.example/w"));
    assert_eq!(first.events, ["tip.new"]);
    assert_eq!(first.created_at, "2026-09-01T00:00:00Z".parse().ok());
    assert_eq!((second.events.len(), second.created_at), (0, None));
    let reasons: Vec<_> = page.rejects.iter().map(|reject| reject.reason.to_string()).collect();
    assert_eq!(
        reasons,
        [
            "the row is not an object",
            "id is missing",
            "url is missing",
            "events is no list of texts"
        ]
    );
    assert!(webhooks("{}").is_err());
}
