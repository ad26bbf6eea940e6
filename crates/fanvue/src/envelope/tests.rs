//! Every known error envelope, and what must never come through one. Not successful answers.

use http::HeaderValue;

use super::*;

const TOKEN: &str = "at_1";

fn refused(status: u16, body: &str, with_cursor: bool) -> Error {
    let headers =
        HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from_static("17"))]);
    let token = AccessToken::new(TOKEN);
    let asked = Asked { with_cursor, ..Asked::with(&token) };
    error(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes(), &asked)
}

fn shown(status: u16, body: &str) -> String {
    format!("{:?}", refused(status, body, true))
}

#[test]
fn every_known_envelope_is_understood() {
    let version =
        r#"{"error":"Unsupported API version","message":"API version '1' is not supported"}"#;
    let gone = r#"{"error":"API version no longer supported","message":"m","nextVersion":"2027"}"#;
    for (status, body, want) in [
        (400, version, r#"VersionRefused { detail: "API version '1' is not supported" }"#),
        (410, gone, r#"VersionRefused { detail: "m" }"#),
        (410, r#"{"message":"gone"}"#, r#"Refused { status: 410, detail: "gone" }"#),
        (400, r#"{"errors":["size", "b"]}"#, r#"Refused { status: 400, detail: "size" }"#),
        (400, r#"{"errors":[{"message":"m"}]}"#, r#"Refused { status: 400, detail: "m" }"#),
        (400, r#"{"error":{"message":"m"}}"#, r#"Refused { status: 400, detail: "m" }"#),
        (400, r#"{"error":""}"#, "CursorRefused"),
        (400, r#"{"error":{"reason":[" "]}}"#, "CursorRefused"),
        (400, r#"{"reason":"too deep"}"#, r#"Refused { status: 400, detail: "" }"#),
        (400, r#"{"error":{"code":17}}"#, r#"Refused { status: 400, detail: "" }"#),
        (400, "Bad Request", r#"Refused { status: 400, detail: "Bad Request" }"#),
        (400, r#""said so""#, r#"Refused { status: 400, detail: "said so" }"#),
        (400, r#"{"errors":["Invalid cursor"]}"#, "CursorRefused"),
        (400, r#"{"message":"The Cursor has expired"}"#, "CursorRefused"),
        (401, r#"{"error":"Unauthorized"}"#, "Unauthorized"),
        (
            403,
            r#"{"error":"Insufficient scopes"}"#,
            r#"Forbidden { detail: "Insufficient scopes" }"#,
        ),
        (404, r#"{"message":"Creator not found"}"#, r#"NotFound { detail: "Creator not found" }"#),
        (422, r#"{"message": 17}"#, r#"Refused { status: 422, detail: "" }"#),
        (429, r#"{"error":"Too many requests"}"#, "Throttled { retry_after: Some(17s) }"),
        (500, "oops", "Server { status: 500 }"),
        (503, "<html>", "Server { status: 503 }"),
        (400, "{\"message\": \"cut", "CursorRefused"),
        (400, "", "CursorRefused"),
    ] {
        assert_eq!(shown(status, body), want, "{status} {body}");
    }
}

#[test]
fn what_is_in_no_envelope_is_nobodys_refusal() {
    for (status, body) in [
        (403, "<html>Access denied</html>"),
        (403, "error code: 1020"),
        (403, "{}"),
        (403, r#"["no"]"#),
        (403, ""),
        (403, r#"{"message":"cut"#),
        (404, " \n<!DOCTYPE html>"),
        (404, "404 page not found"),
        (408, r#"{"message":"Request Timeout"}"#),
        (408, "<html>"),
        (451, "<html>"),
        (422, "<html>"),
        (410, "<html>"),
        (400, "\n<html>Bad Request</html>"),
        (302, ""),
    ] {
        assert_eq!(shown(status, body), format!("Foreign {{ status: {status} }}"), "{body}");
    }
}

#[test]
fn a_refusal_without_a_word_is_the_platforms_where_it_tells_of_the_budget() {
    let mut headers = HeaderMap::new();
    let asked = AccessToken::new(TOKEN);
    let refused = |status, headers: &HeaderMap| error(status, headers, b"", &Asked::with(&asked));
    let forbidden = StatusCode::FORBIDDEN;
    assert!(matches!(refused(forbidden, &headers), Error::Foreign { status: 403 }));
    for name in ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] {
        headers.insert(name, HeaderValue::from_static("200"));
    }
    assert!(matches!(refused(forbidden, &headers), Error::Forbidden { .. }));
    assert!(matches!(refused(StatusCode::NOT_FOUND, &headers), Error::NotFound { .. }));
}

#[test]
fn a_cursor_is_refused_only_where_one_was_sent() {
    let error = refused(400, r#"{"message":"cursor is invalid"}"#, false);
    assert!(matches!(error, Error::Refused { status: 400, .. }));
}

#[test]
fn a_detail_is_short_and_on_one_line() {
    let body = format!(r#"{{"message":"one\n\u0000two\u001b[31m {}"}}"#, "word ".repeat(500));
    let Error::Refused { detail, .. } = refused(400, &body, false) else { panic!() };
    assert!(detail.starts_with("one two [31m word"), "{detail}");
    assert_eq!(detail.chars().count(), DETAIL_CHARS_MAX);
}

#[test]
fn nothing_that_looks_like_a_secret_or_a_person_is_echoed() {
    for (said, want) in [
        ("token at_1 is expired", "token … is expired"),
        ("Bearer abc refused", "Bearer … refused"),
        ("bad (eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIx.sig)", "bad (…)"),
        ("cursor 'MjAyNi0wOS0wNFQxMDow+/==' expired", "cursor '…' expired"),
        ("fan 0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1001 unknown", "fan … unknown"),
        ("mail ada@fans.example now", "mail … now"),
        ("startDate 2026-09-04T10:00:00.123Z is bad", "startDate 2026-09-04T10:00:00.123Z is bad"),
        ("Insufficient scopes: read:tracking_links", "Insufficient scopes: read:tracking_links"),
        ("transactionOrderStatus is unknown", "transactionOrderStatus is unknown"),
    ] {
        assert_eq!(clean(said, TOKEN), want);
    }
}
