use flate2::write::GzDecoder;

use super::*;

const TAG: &str = "\"7.1.2.ab\"";

fn asked(values: &[&str]) -> HeaderMap {
    let value = |value: &&str| (ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap());
    let mut headers = HeaderMap::new();
    for (name, value) in values.iter().map(value) {
        headers.append(name, value);
    }
    headers
}

fn answer(status: u16, kind: &str, body: Body) -> Response {
    let mut response = http::Response::builder().status(status).header(ETAG, TAG);
    if !kind.is_empty() {
        response = response.header(CONTENT_TYPE, kind);
    }
    response.header(VARY, "authorization, cookie").body(body).unwrap()
}

fn pieces(pieces: Vec<Result<&'static str, BrokenOff>>) -> Body {
    let bytes = |piece: Result<&'static str, _>| piece.map(Bytes::from);
    Body::Pieces(stream::iter(pieces).map(bytes).boxed())
}

/// How it is packed, by what it varies, and its tag.
fn told(response: &Response) -> (bool, Vec<&str>, &str) {
    let headers = response.headers();
    let varies = headers.get_all(VARY).iter().map(|value| value.to_str().unwrap());
    (headers.contains_key(CONTENT_ENCODING), varies.collect(), headers[ETAG].to_str().unwrap())
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut unpacker = GzDecoder::new(Vec::new());
    unpacker.write_all(bytes).unwrap();
    unpacker.finish().unwrap()
}

#[test]
fn gzip_is_taken_where_it_is_named_with_a_weight() {
    for values in [&["gzip, deflate, br"][..], &["br", "GZIP;q=0.5"], &["br;q=1, gzip ; q=1"]] {
        assert!(takes_gzip(&asked(values)), "{values:?}");
    }
    for values in [&["gzip;q=0, br"][..], &["gzip;q=0.000"], &["xgzip"], &["br"], &[""], &[]] {
        assert!(!takes_gzip(&asked(values)), "{values:?}");
    }
}

#[tokio::test]
async fn an_answer_is_packed_where_that_is_worth_it_and_taken() {
    let whole = |bytes: usize| Body::from(Bytes::from(vec![b'7'; bytes]));
    let own = vec!["authorization, cookie"];
    let both = [&own[..], &["accept-encoding"]].concat();
    let weak = format!("W/{TAG}");
    for (kind, bytes, takes_gzip, packs) in [
        ("application/json", BYTES_LET_BE + 1, true, true),
        ("text/csv; charset=utf-8; header=present", 50_000, true, true),
        ("application/json", BYTES_LET_BE, true, false),
        ("application/json", 50_000, false, false),
    ] {
        let response = pack(answer(200, kind, whole(bytes)), takes_gzip);
        let tag = if packs { weak.as_str() } else { TAG };
        assert_eq!(told(&response), (packs, both.clone(), tag), "{kind}, {bytes}");
        let sent = response.into_body().gather(usize::MAX).await.unwrap();
        let read = if packs { unpacked(&sent) } else { sent.to_vec() };
        assert_eq!(read, vec![b'7'; bytes]);
        assert!(!packs || sent.len() < bytes / 4, "{} of {bytes}", sent.len());
    }
    for kind in ["application/problem+json", "text/plain; version=0.0.4", ""] {
        let response = pack(answer(200, kind, whole(50_000)), true);
        assert_eq!(told(&response), (false, own.clone(), TAG), "{kind}");
    }
}

#[test]
fn that_nothing_changed_is_said_of_what_would_be_sent() {
    let nothing = || Body::from(Bytes::new());
    let both = vec!["authorization, cookie", "accept-encoding"];
    let weak = format!("W/{TAG}");
    assert_eq!(told(&pack(answer(304, "", nothing()), true)), (false, both.clone(), &*weak));
    assert_eq!(told(&pack(answer(304, "", nothing()), false)), (false, both, TAG));
}

#[tokio::test]
async fn events_are_let_be() {
    let events = answer(200, "text/event-stream", pieces(vec![Ok("id: 7\n\n")]));
    let response = pack(events, true);
    assert_eq!(told(&response), (false, vec!["authorization, cookie"], TAG));
    assert_eq!(response.into_body().gather(usize::MAX).await.unwrap(), "id: 7\n\n");
}

#[tokio::test]
async fn a_file_is_packed_piece_by_piece_and_has_no_end_where_it_broke_off() {
    let file = answer(200, "text/csv", pieces(vec![Ok("a,b\r\n"), Ok("1,2\r\n")]));
    let sent = pack(file, true).into_body().gather(usize::MAX).await.unwrap();
    assert_eq!(unpacked(&sent), b"a,b\r\n1,2\r\n");

    let broken = answer(200, "text/csv", pieces(vec![Ok("a,b\r\n"), Err(BrokenOff)]));
    let Body::Pieces(mut sent) = pack(broken, true).into_body() else { panic!("all at once") };
    let first = sent.next().await.unwrap().unwrap();
    let mut unpacker = GzDecoder::new(Vec::new());
    unpacker.write_all(&first).unwrap();
    unpacker.flush().unwrap();
    assert_eq!(unpacker.get_ref(), b"a,b\r\n", "it need not wait for the next piece");
    assert_eq!(sent.next().await, Some(Err(BrokenOff)));
    assert_eq!(sent.next().await, None);
}
