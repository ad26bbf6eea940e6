//! Whole exchanges over a scripted transport. Not the details of rows, envelopes or requests, which
//! are tested where they live.

use ledger::{Cents, Cursor};

use super::*;
use crate::{
    CreatorUuid, PAGE_SIZE, Reader, TransportErrorKind,
    testkit::{Scripted, at, says, token, window, with_headers},
};

const UUID: &str = "0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1001";
const NOW: &str = "2026-09-07T00:00:00Z";

fn ask(cursor: Option<&Cursor>) -> EarningsAsk<'_> {
    EarningsAsk {
        feed: ledger::Feed::Earnings,
        reader: &Reader::Own,
        routes: Routes::V1,
        window: window("2026-09-01T00:00:00Z", NOW),
        cursor,
        size: PAGE_SIZE,
    }
}

fn budget() -> Limits {
    Limits { limit: 200, remaining: 17, resets_at: at("2026-09-04T10:01:00Z") }
}

fn webhook_url() -> Url {
    "https://ours.example/api/webhooks/fanvue".parse().unwrap()
}

fn webhook_ask(url: &Url) -> WebhookAsk<'_> {
    WebhookAsk { routes: Routes::V1, url, events: &["tip.new"] }
}

#[tokio::test]
async fn a_page_comes_with_its_rejects_its_cursor_and_the_budget() {
    let page = r#"{"data":[
        {"date":"2026-09-04T10:00:00Z","gross":1000,"net":800,"source":"tip"}, 17
    ],"nextCursor":"c2"}"#;
    let scripted = Scripted::new([says(200, page)]);
    let answer = scripted.client().earnings_page(&token(), &ask(None), at(NOW)).await;
    assert_eq!(answer.limits, Some(budget()));
    let page = answer.result.unwrap();
    assert_eq!((page.earnings.len(), page.rejects.len()), (1, 1));
    assert_eq!(page.earnings[0].gross, Cents(1000));
    assert_eq!(page.next, Cursor::new("c2"));
    assert_eq!(scripted.take_asked().len(), 1);
}

#[tokio::test]
async fn a_failure_tells_the_budget_too() {
    let cursor = Cursor::new("c1").unwrap();
    let scripted = Scripted::new([
        says(500, ""),
        says(400, r#"{"message":"bad cursor"}"#),
        says(200, "<html>"),
    ]);
    let client = scripted.client();
    for want in ["Server", "CursorRefused", "Decode"] {
        let answer = client.earnings_page(&token(), &ask(Some(&cursor)), at(NOW)).await;
        assert_eq!(answer.limits, Some(budget()));
        let error = format!("{:?}", answer.result.unwrap_err());
        assert!(error.starts_with(want), "{error}");
    }
}

#[tokio::test]
async fn no_answer_is_a_transport_error_and_asked_once() {
    let scripted = Scripted::new([Err(TransportErrorKind::Timeout.into())]);
    let answer = scripted.client().me(&token(), Routes::V1).await;
    assert!(answer.limits.is_none());
    let error = answer.result.unwrap_err();
    let Error::Transport { source } = &error else { panic!("{error}") };
    assert_eq!(source.kind, TransportErrorKind::Timeout);
    assert_eq!(scripted.take_asked().len(), 1);
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_costs_no_request() {
    let scripted = Scripted::new([]);
    let answer = scripted.client().me(&AccessToken::new("a\nb"), Routes::V1).await;
    assert!(matches!(answer.result, Err(Error::Unauthorized)));
    assert!(scripted.take_asked().is_empty());
}

#[tokio::test]
async fn a_senseless_answer_is_described_and_not_quoted() {
    let html = with_headers(200, "<html>hush</html>", &[("content-type", "text/html")]);
    let scripted = Scripted::new([html, with_headers(204, "", &[])]);
    let client = scripted.client();
    let problem = |answer: Answer<_>| match answer.result {
        Err(Error::Decode { problem }) => problem,
        other => panic!("{other:?}"),
    };
    let first = client.earnings_page(&token(), &ask(None), at(NOW)).await;
    assert_eq!(problem(first), "HTML instead of JSON (content type text/html, 17 bytes)");
    let second = client.earnings_page(&token(), &ask(None), at(NOW)).await;
    assert_eq!(problem(second), "an empty body (content type none, 0 bytes)");
}

#[tokio::test]
async fn bytes_that_are_no_text_cost_no_money() {
    let row = br#"{"data":[{"date":"2026-09-04T10:00:00Z","gross":5,"net":4,"source":"tip",
        "user":{"uuid":"0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1001","handle":"a?b"}}]}"#;
    let body: Vec<u8> = row.iter().map(|&b| if b == b'?' { 0xff } else { b }).collect();
    let scripted = Scripted::new([Ok(http::Response::new(Bytes::from(body)))]);
    let answer = scripted.client().earnings_page(&token(), &ask(None), at(NOW)).await;
    let page = answer.result.unwrap();
    assert_eq!(page.earnings[0].gross, Cents(5));
    let handle = page.earnings[0].fan.as_ref().unwrap().handle.clone();
    assert_eq!(handle.as_deref(), Some("a\u{fffd}b"));
}

#[tokio::test]
async fn the_other_endpoints_answer_too() {
    let scripted = Scripted::new([
        says(200, &format!(r#"{{"uuid":"{UUID}","isCreator":false}}"#)),
        says(200, r#"{"data":[],"pagination":{"page":1,"size":0,"hasMore":false}}"#),
        says(200, r#"{"data":[],"nextCursor":"c2"}"#),
        says(200, r#"{"totals":{"allTime":{"gross":1300000,"net":1}}}"#),
        says(200, r#"{"totals":{"allTime":{"gross":"13"}}}"#),
    ]);
    let client = scripted.client();
    let account = client.me(&token(), Routes::V1).await.result.unwrap();
    assert_eq!((Some(account.uuid), account.is_creator), (CreatorUuid::new(UUID), false));
    let creators = client.creators_page(&token(), Routes::V1, 1).await.result.unwrap();
    assert!(!creators.has_more);
    let window = window("2026-09-01T00:00:00Z", NOW);
    let ask = AgencyAsk { window, creators: &[], mark: None };
    let totals = client.agency_earnings_page(&token(), Routes::V1, &ask).await.result.unwrap();
    assert_eq!(totals.next, Cursor::new("c2").map(AgencyMark::Cursor));
    let token = token();
    let sold = || client.sold_in_all(&token, Routes::V1, &Reader::Own, window);
    assert_eq!(sold().await.result.unwrap(), Cents(1_300_000));
    assert!(matches!(sold().await.result, Err(Error::Decode { .. })));
}

#[tokio::test]
async fn a_webhook_is_registered_listed_and_deleted_with_one_request_each() {
    let id = WebhookId::new("wh_1").unwrap();
    let scripted = Scripted::new([
        says(201, r#"{"id":"wh_1","signingSecret":"whsec_hush"}"#),
        says(200, r#"{"data":[{"id":"wh_1","url":"u","events":["tip.new"]}]}"#),
        with_headers(204, "", &[]),
        says(404, r#"{"message":"Subscription not found"}"#),
    ]);
    let client = scripted.client();
    let new = client.register_webhook(&token(), &webhook_ask(&webhook_url())).await;
    assert_eq!(new.limits, Some(budget()));
    assert_eq!(new.result.unwrap().id, id);
    let listed = client.webhooks(&token(), Routes::V1).await.result.unwrap();
    assert_eq!((listed.webhooks[0].id.clone(), listed.rejects.len()), (id.clone(), 0));
    client.delete_webhook(&token(), Routes::V1, &id).await.result.unwrap();
    let gone = client.delete_webhook(&token(), Routes::V1, &id).await.result;
    assert!(matches!(gone, Err(Error::NotFound { .. })));
    let methods: Vec<_> =
        scripted.take_asked().iter().map(|request| request.method().to_string()).collect();
    assert_eq!(methods, ["POST", "GET", "DELETE", "DELETE"]);
}

#[tokio::test]
async fn a_refused_registration_sends_a_person_to_the_portal() {
    let scripted = Scripted::new([
        says(400, r#"{"message":"Bad Request"}"#),
        says(400, ""),
        says(400, r#"{"message":"API version '1' is not supported"}"#),
        says(403, r#"{"error":"Insufficient scopes: read:creator"}"#),
        says(201, r#"{"id":"wh_1","secret":"whsec_hush"}"#),
        says(400, r#"{"message":"Bad Request"}"#),
    ]);
    let client = scripted.client();
    let url = webhook_url();
    for want in [
        "the platform refuses to register the webhook: Bad Request",
        "the platform refuses to register the webhook: it does not say why",
        "the platform refuses the API version: API version '1' is not supported",
        "the platform forbids this: Insufficient scopes: read:creator",
        "the answer makes no sense: no usable signing secret (content type application/json, 35 bytes)",
    ] {
        let answer = client.register_webhook(&token(), &webhook_ask(&url)).await;
        assert_eq!(answer.result.unwrap_err().to_string(), want);
    }
    // Only the registration itself is told apart.
    let listed = client.webhooks(&token(), Routes::V1).await.result;
    assert!(matches!(listed, Err(Error::Refused { status: 400, .. })));
}

#[test]
fn an_exchange_can_move_between_threads() {
    fn sendable(_: impl Send) {}
    let scripted = Scripted::new([]);
    let client = scripted.client();
    sendable(client.earnings_page(&token(), &ask(None), at(NOW)));
    sendable(client.refresh(
        &AppCredentials { client_id: String::new(), client_secret: "".into() },
        &RefreshToken::new(""),
    ));
}
