//! What is sent to the token endpoint, and every answer it has. Not when to ask it.

use super::*;
use crate::testkit::{Scripted, says, with_headers};

fn app() -> AppCredentials {
    AppCredentials { client_id: "app".into(), client_secret: "s:e c+r~t".into() }
}

fn granted(status: u16, body: &str) -> Result<Grant, TokenError> {
    grant(&says(status, body).unwrap())
}

#[tokio::test]
async fn a_refresh_is_a_form_with_the_credentials_in_the_header_only() {
    let scripted = Scripted::new([says(
        200,
        r#"{"access_token":"at_2","refresh_token":"rt_2","expires_in":3600,"scope":"a\u0000b"}"#,
    )]);
    let grant = scripted.client().refresh(&app(), &RefreshToken::new("rt+1")).await.unwrap();
    assert_eq!(grant.access.expose(), "at_2");
    assert_eq!(grant.refresh.unwrap().expose(), "rt_2");
    assert_eq!((grant.expires_in_seconds, grant.scope.as_deref()), (3600, Some("a b")));

    let request = scripted.take_asked().remove(0);
    let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://auth.example/oauth2/token");
    assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(
        header("authorization"),
        format!("Basic {}", STANDARD.encode("app:s%3Ae+c%2Br%7Et"))
    );
    assert_eq!(request.body(), "grant_type=refresh_token&refresh_token=rt%2B1");
}

#[tokio::test]
async fn a_code_is_exchanged_with_its_verifier() {
    let scripted = Scripted::new([says(200, r#"{"access_token":"at_1"}"#)]);
    let back = "https://ours.example/back";
    let grant = scripted.client().exchange_code(&app(), "c&1", "v", back).await.unwrap();
    assert!(grant.refresh.is_none());
    assert_eq!(
        scripted.take_asked().remove(0).body(),
        "grant_type=authorization_code&code=c%261\
         &redirect_uri=https%3A%2F%2Fours.example%2Fback&code_verifier=v"
    );
}

#[test]
fn refusals_are_told_apart_by_their_error_field_alone() {
    for (status, body, want) in [
        (400, r#"{"error":"invalid_grant","error_description":"invalid_client"}"#, "InvalidGrant"),
        (401, r#"{"error":"invalid_client"}"#, "InvalidClient"),
        (400, r#"{"error":"invalid_scope"}"#, "InvalidScope"),
        (
            400,
            r#"{"error":"invalid_request","error_description":"invalid_grant"}"#,
            r#"Refused { status: 400, error: "invalid_request" }"#,
        ),
        (401, "invalid_grant", r#"Refused { status: 401, error: "" }"#),
        (403, "", r#"Refused { status: 403, error: "" }"#),
        (403, "<html>", "Server { status: 403 }"),
        (500, r#"{"error":"invalid_grant"}"#, "Server { status: 500 }"),
        (503, "", "Server { status: 503 }"),
        (429, r#"{"error":"invalid_grant"}"#, "Throttled { retry_after: None }"),
    ] {
        assert_eq!(format!("{:?}", granted(status, body).unwrap_err()), want, "{status} {body}");
    }
}

#[test]
fn a_throttled_refresh_says_how_long() {
    let response = with_headers(429, "", &[("retry-after", "5")]).unwrap();
    let error = grant(&response).unwrap_err();
    let TokenError::Throttled { retry_after: Some(wait) } = error else { panic!("{error}") };
    assert_eq!(wait.as_secs(), 5);
}

#[test]
fn an_odd_lifetime_loses_no_token() {
    for (lifetime, want) in [
        ("3600", 3600),
        ("3599.0", 3599),
        ("\"120\"", 120),
        ("0", EXPIRES_IN_SECONDS_DEFAULT),
        ("-1", EXPIRES_IN_SECONDS_DEFAULT),
        ("1e99", EXPIRES_IN_SECONDS_DEFAULT),
        ("99999999999", EXPIRES_IN_SECONDS_DEFAULT),
        ("null", EXPIRES_IN_SECONDS_DEFAULT),
        ("{}", EXPIRES_IN_SECONDS_DEFAULT),
    ] {
        let body = format!(
            r#"{{"access_token":"at","refresh_token":"rt","expires_in":{lifetime},"scope":7}}"#
        );
        let grant = granted(200, &body).unwrap();
        assert_eq!(grant.expires_in_seconds, want, "{lifetime}");
        assert_eq!((grant.refresh.unwrap().expose(), grant.scope), ("rt", None));
    }
}

#[test]
fn an_answer_without_a_usable_access_token_is_described_and_not_quoted() {
    for body in [
        r#"{"refresh_token":"hush"}"#,
        r#"{"access_token":"hush","access_token":"hush2"}"#,
        r#"{"access_token":"hush hush"}"#,
        r#"{"access_token":""}"#,
        r#"{"access_token":"hush"#,
        "<html>hush</html>",
    ] {
        let error = granted(200, body).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(matches!(error, TokenError::Decode { .. }), "{shown}");
        assert!(!shown.contains("hush") && shown.contains("application/json"), "{shown}");
    }
}
