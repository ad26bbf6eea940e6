use super::*;

fn request(headers: &[(&str, &str)]) -> Request {
    let mut request = http::Request::builder();
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::new()).unwrap()
}

fn whole(response: &Response) -> &Bytes {
    let Body::Whole(bytes) = response.body() else { panic!("{response:?}") };
    bytes
}

fn document(response: &Response) -> serde_json::Value {
    serde_json::from_slice(whole(response)).unwrap()
}

#[test]
fn a_problem_names_the_field_and_the_request_and_every_answer_has_the_headers() {
    let id = RequestId::of(&request(&[("x-request-id", "req-1")]), Uuid::nil());
    let response = finish(Err(Problem::bad_parameter("startDate", "use \"YYYY-MM-DD\"")), &id);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let shown = |name: &str| response.headers()[name].to_str().unwrap();
    assert_eq!(shown("content-type"), "application/problem+json");
    assert_eq!(shown("cache-control"), "no-store");
    assert_eq!(shown("x-content-type-options"), "nosniff");
    assert_eq!(shown("x-request-id"), "req-1");
    assert_eq!(
        document(&response),
        serde_json::json!({
            "type": "urn:heartbeat:problem:bad_parameter",
            "title": "A parameter can't be used",
            "status": 400,
            "detail": "use \"YYYY-MM-DD\"",
            "code": "bad_parameter",
            "field": "startDate",
            "requestId": "req-1",
        })
    );
}

#[test]
fn a_good_answer_keeps_its_type_and_gets_the_headers_too() {
    let id = RequestId::of(&request(&[]), Uuid::nil());
    let response = finish(json(StatusCode::ACCEPTED, &[1, 2]), &id);
    assert_eq!((response.status(), &whole(&response)[..]), (StatusCode::ACCEPTED, &b"[1,2]"[..]));
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["cache-control"], "private, no-cache");
    assert_eq!(response.headers()["x-request-id"], Uuid::nil().to_string());
}

#[test]
fn an_implausible_request_id_is_replaced() {
    let long = "x".repeat(129);
    for (headers, want) in [
        (vec![("x-request-id", "a b"), ("x-vercel-id", "fra1::iad1::x-1-2")], "fra1::iad1::x-1-2"),
        (vec![("x-request-id", "\"quoted\"")], "00000000-0000-0000-0000-000000000000"),
        (
            vec![("x-request-id", ""), ("x-vercel-id", &long)],
            "00000000-0000-0000-0000-000000000000",
        ),
        (vec![("x-vercel-id", "v"), ("x-request-id", "r")], "r"),
    ] {
        assert_eq!(RequestId::of(&request(&headers), Uuid::nil()).as_str(), want);
    }
}

#[test]
fn some_problems_come_with_a_header_that_says_what_to_do() {
    let id = RequestId("r".into());
    let header = |problem, name: &str| {
        finish(Err(problem), &id).headers()[name].to_str().unwrap().to_owned()
    };
    assert_eq!(header(Problem::unauthorized("no"), "www-authenticate"), "Bearer");
    assert_eq!(header(Problem::method_not_allowed("GET, POST"), "allow"), "GET, POST");
    assert_eq!(header(Problem::unavailable("later"), "retry-after"), "5");
    assert_eq!(check_method(&Method::POST, "GET, POST"), Ok(()));
    let refused = check_method(&Method::HEAD, "GET").unwrap_err();
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn the_databases_words_stay_in_the_log() {
    let away = store::Error::Unreachable { source: "host db.internal refused".into() };
    let problem = Problem::from(away);
    assert_eq!(
        (problem.status.as_u16(), problem.detail.as_str()),
        (503, "the database did not answer")
    );
    let broken = store::Error::Inconsistent { table: "agencies", column: "timezone" };
    let problem = Problem::from(broken);
    assert_eq!(problem.status.as_u16(), 500);
    assert!(!problem.detail.contains("agencies"));
    assert_eq!(Problem::from(store::Error::Lost { statement: "x" }).status.as_u16(), 503);
}

#[test]
fn causes_are_told_in_one_line() {
    let error = store::Error::Unreachable { source: "timed out".into() };
    assert_eq!(chain(&error), "no database connection could be had: timed out");
}
