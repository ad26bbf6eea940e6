//! What is asked, to the letter. Not the answers.

use ledger::Cursor;

use super::*;
use crate::testkit::{at, endpoints, token, window};

const UUID: &str = "0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1001";

fn ask(reader: &Reader) -> EarningsAsk<'_> {
    EarningsAsk {
        feed: ledger::Feed::Earnings,
        reader,
        routes: Routes::V1,
        window: window("2026-09-01T00:00:00Z", "2026-09-04T12:00:00.123Z"),
        cursor: None,
        size: PAGE_SIZE,
    }
}

#[test]
fn each_reader_has_its_own_path_and_every_page_names_its_size() {
    let creator = Reader::Creator(CreatorUuid::new(UUID).unwrap());
    let query =
        "?startDate=2026-09-01T00%3A00%3A00.000Z&endDate=2026-09-04T12%3A00%3A00.123Z&size=50";
    for (reader, routes, path) in [
        (&Reader::Own, Routes::V1, "/v1/insights/earnings".to_owned()),
        (&Reader::Own, Routes::Unprefixed, "/insights/earnings".to_owned()),
        (&creator, Routes::V1, format!("/v1/creators/{UUID}/insights/earnings")),
        (&creator, Routes::Unprefixed, format!("/creators/{UUID}/insights/earnings")),
    ] {
        let url = endpoints().earnings(&EarningsAsk { routes, ..ask(reader) });
        assert_eq!(url.as_str(), format!("https://api.example{path}{query}"));
        let url = endpoints().earnings_summary(routes, reader, ask(reader).window);
        let query = query.trim_end_matches("&size=50");
        assert_eq!(url.as_str(), format!("https://api.example{path}/summary{query}"));
    }
}

#[test]
fn a_cursor_travels_unchanged_whatever_it_holds() {
    let cursor = Cursor::new("a+b/c=&size=1 #ü%20").unwrap();
    let ask = EarningsAsk { cursor: Some(&cursor), ..ask(&Reader::Own) };
    let url = endpoints().earnings(&ask);
    assert!(url.as_str().ends_with("&cursor=a%2Bb%2Fc%3D%26size%3D1+%23%C3%BC%2520"), "{url}");
    let back = url.query_pairs().find(|(name, _)| name == "cursor").unwrap().1.into_owned();
    assert_eq!(back, cursor.as_str());
    assert_eq!(url.query_pairs().filter(|(name, _)| name == "size").count(), 1);
}

#[test]
fn a_window_that_ends_inside_a_millisecond_includes_that_millisecond() {
    let window = window("2026-09-01T00:00:00.0009Z", "2026-09-01T00:00:00.0011Z");
    let url = endpoints().earnings(&EarningsAsk { window, ..ask(&Reader::Own) });
    let query: Vec<_> = url.query_pairs().take(2).map(|(_, value)| value.into_owned()).collect();
    assert_eq!(query, ["2026-09-01T00:00:00.000Z", "2026-09-01T00:00:00.002Z"]);
}

#[test]
fn a_base_with_a_path_and_slashes_is_kept_and_its_query_dropped() {
    let endpoints = Endpoints {
        api_url: "http://127.0.0.1:3001/fanvue//?x=1#y".parse().unwrap(),
        ..endpoints()
    };
    assert_eq!(endpoints.me(Routes::V1).as_str(), "http://127.0.0.1:3001/fanvue/v1/users/me");
    assert_eq!(endpoints.token().as_str(), "https://auth.example/oauth2/token");
    assert_eq!(
        endpoints.creators(Routes::Unprefixed, 3).as_str(),
        "http://127.0.0.1:3001/fanvue/creators?page=3&size=50"
    );
}

#[test]
fn agency_totals_are_asked_by_page_or_by_cursor_never_both() {
    let creators = [CreatorUuid::new(UUID).unwrap(), CreatorUuid::new(UUID).unwrap()];
    let cursor = AgencyMark::Cursor(Cursor::new("c+1").unwrap());
    let window = window("2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z");
    for (mark, want) in
        [(None, "page=1"), (Some(&AgencyMark::Page(7)), "page=7"), (Some(&cursor), "cursor=c%2B1")]
    {
        let ask = AgencyAsk { window, creators: &creators, mark };
        let url = endpoints().agency_earnings(Routes::V1, &ask);
        assert_eq!(
            url.as_str(),
            format!(
                "https://api.example/v1/agencies/earnings?startDate=2026-09-01T00%3A00%3A00.000Z\
                 &endDate=2026-09-02T00%3A00%3A00.000Z&size=50&creatorUuids={UUID}%2C{UUID}&{want}"
            )
        );
    }
    let ask = AgencyAsk { window, creators: &[], mark: None };
    assert!(!endpoints().agency_earnings(Routes::V1, &ask).as_str().contains("creatorUuids"));
}

#[test]
fn every_request_carries_the_three_headers_and_hides_the_token() {
    let request = get(&endpoints().me(Routes::V1), &token()).unwrap();
    let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap();
    assert_eq!(request.method(), "GET");
    assert_eq!(header("authorization"), "Bearer at_1");
    assert_eq!(header("x-fanvue-api-version"), "2025-06-26");
    assert_eq!(header("accept"), "application/json");
    assert!(!format!("{request:?}").contains("at_1"));
}

#[test]
fn a_token_that_no_header_can_carry_asks_for_a_refresh() {
    let broken = AccessToken::new("two\r\nlines");
    let error = get(&endpoints().me(Routes::V1), &broken).unwrap_err();
    assert!(matches!(error, Error::Unauthorized));
}

#[test]
fn instants_are_written_in_full_even_at_the_edges_of_time() {
    for text in ["2015-01-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z"] {
        assert_eq!(instant(at(text).as_millisecond(), at(text)), text);
    }
    let max = Timestamp::MAX;
    assert!(instant(max.as_millisecond() + 1, max).ends_with(".999Z"));
}

#[test]
fn webhooks_are_registered_listed_and_deleted_under_one_path() {
    let endpoints = endpoints();
    let listed = "https://api.example/v1/webhooks/subscriptions";
    assert_eq!(endpoints.webhooks(Routes::V1).as_str(), listed);
    for (id, segment) in
        [("wh_1-2", "wh_1-2"), ("a/../b?c#d", "a%2F..%2Fb%3Fc%23d"), ("%2e", "%252e")]
    {
        let url = endpoints.webhook(Routes::Unprefixed, &WebhookId::new(id).unwrap());
        let want = format!("https://api.example/webhooks/subscriptions/{segment}");
        assert_eq!(url.as_str(), want);
    }
    let url = "https://ours.example/api/webhooks/fanvue".parse().unwrap();
    let ask = WebhookAsk { routes: Routes::V1, url: &url, events: &["tip.new", "payout.paid"] };
    let request = post(&endpoints.webhooks(Routes::V1), &token(), ask.body()).unwrap();
    assert_eq!((request.method().as_str(), request.uri().to_string()), ("POST", listed.into()));
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(request.headers()["authorization"], "Bearer at_1");
    assert_eq!(
        request.body().as_ref(),
        br#"{"events":["tip.new","payout.paid"],"url":"https://ours.example/api/webhooks/fanvue"}"#
    );
    let request = delete(&endpoints.webhooks(Routes::V1), &token()).unwrap();
    assert_eq!((request.method().as_str(), request.body().len()), ("DELETE", 0));
    assert!(!request.headers().contains_key("content-type"));
}
