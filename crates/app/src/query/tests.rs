use bytes::Bytes;

use super::*;

const ALLOWED: &[&str] = &["agencyId", "startDate", "name"];

fn parse(query: &str) -> Result<Query, Problem> {
    let uri = format!("/api/x?{query}");
    Query::parse(&::http::Request::builder().uri(uri).body(Bytes::new()).unwrap(), ALLOWED)
}

fn refused(query: &str) -> (u16, Option<String>, String) {
    let problem = parse(query).unwrap_err();
    (problem.status.as_u16(), problem.field, problem.detail)
}

#[test]
fn values_are_decoded_and_absent_ones_absent() {
    let query = parse("name=L%C3%ADna+H%61rt%26&&").unwrap();
    assert_eq!(query.get("name"), Some("Lína Hart&"));
    assert_eq!(query.get("agencyId"), None);
    assert_eq!(query.uuid("agencyId"), Ok(None));
    assert_eq!(parse("").unwrap(), Query::default());
    let bare = ::http::Request::builder().uri("/api/x").body(Bytes::new()).unwrap();
    assert_eq!(Query::parse(&bare, ALLOWED), Ok(Query::default()));
}

#[test]
fn what_we_do_not_know_is_named_together_with_what_we_do() {
    let (status, field, detail) = refused("agencyid=1");
    assert_eq!((status, field.as_deref()), (400, Some("agencyid")));
    assert!(detail.contains("it knows agencyId, startDate, name"), "{detail}");
    let (_, field, _) = refused(&format!("%00{}=1", "x".repeat(100)));
    assert_eq!(field.map(|name| name.len()), Some(40));
}

#[test]
fn repeated_empty_broken_and_overlong_are_refused() {
    for (query, field) in [
        ("name=a&name=b", Some("name")),
        ("name=a&n%61me=b", Some("name")),
        ("name=", Some("name")),
        ("name", Some("name")),
        ("name=%", Some("name")),
        ("name=%4", Some("name")),
        ("name=%zz", Some("name")),
        ("name=%+1", Some("name")),
        ("name=%ff", Some("name")),
        ("name=a%0ab", Some("name")),
        ("name=%C2%85", Some("name")),
        ("%ff=1", None),
    ] {
        let (status, named, _) = refused(query);
        assert_eq!((status, named.as_deref()), (400, field), "{query}");
    }
    assert_eq!(refused(&format!("name={}", "x".repeat(2044))).0, 414);
    assert!(parse(&format!("name={}", "x".repeat(2043))).is_ok());
}

#[test]
fn the_instant_of_a_cursor_is_one_that_a_row_can_have() {
    let first = "0001-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(instant("-62135596800000000"), Some(first));
    assert_eq!(instant("0"), Some(Timestamp::UNIX_EPOCH));
    for bad in ["", "x", "1.5", "-62135596800000001", "-9223372036854775808", "9223372036854775807"]
    {
        assert_eq!(instant(bad), None, "{bad}");
    }
}

#[test]
fn ids_have_one_form() {
    let id = "3F2c8a1e-5b7d-4c60-9e1f-0a2b4c6d8e90";
    let query = parse(&format!("agencyId={id}")).unwrap();
    assert_eq!(query.uuid("agencyId"), Ok(Some(Uuid::parse_str(id).unwrap())));
    for bad in
        ["1", "3f2c8a1e5b7d4c609e1f0a2b4c6d8e90", "%7B3f2c8a1e-5b7d-4c60-9e1f-0a2b4c6d8e90%7D"]
    {
        let problem = parse(&format!("agencyId={bad}")).unwrap().uuid("agencyId").unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("agencyId"), "{bad}");
        assert!(problem.detail.contains("must be a uuid"), "{}", problem.detail);
    }
}

#[test]
fn days_have_one_form() {
    let read = |text: &str| parse(&format!("startDate={text}")).unwrap().date("startDate");
    assert_eq!(read("2026-02-28"), Ok(Some(jiff::civil::date(2026, 2, 28))));
    for bad in [
        "2026-02-29",
        "2026-13-01",
        "20260228",
        "2026-2-28",
        "28.02.2026",
        "2026-02-28T00:00:00Z",
        "2026-02-28T",
        "+02026-02-28",
        "2026-02-28+01:00",
        "２０26-02-28",
        "-026-02-28",
        "today",
    ] {
        let problem = read(&bad.replace('+', "%2B")).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("startDate"), "{bad}");
        assert!(problem.detail.contains("YYYY-MM-DD"), "{}", problem.detail);
    }
}
