//! Signatures made elsewhere are believed here, and nothing else is. Not the deliveries' meaning.

use proptest::prelude::*;

use super::*;
use crate::testkit::at;

const BODY: &[u8] = br#"{"id":"ev-1","type":"creator.payment.succeeded"}"#;
const SECOND: i64 = 1_788_516_060;
// From Python: hmac.new(secret, str(t).encode() + b"." + body, hashlib.sha256).hexdigest()
const BY_ONE: &str = "9704ada69db9ce1b1545cafabf9376c3ddbb49b0b3fea9b8d4703e41de508b0d";
const BY_TWO: &str = "c3a20050105819664022e88438c4c45ff585068d65ca926c47b2c184b717a51d";
const BY_ONE_ZERO: &str = "5cf98d6602fde149ba9efaa9522a18164144b144be4cfa28ab59f7e27d02a978";

fn secrets(texts: &[&str]) -> Vec<SecretString> {
    texts.iter().map(|&text| text.into()).collect()
}

fn now() -> Timestamp {
    Timestamp::from_second(SECOND).unwrap()
}

fn judge(header: &str) -> Result<(), Rejection> {
    verify(header, &secrets(&["whsec_one"]), BODY, now()).map(drop)
}

#[test]
fn an_independent_implementation_made_the_same_signatures() {
    for (secret, hex) in [("whsec_one", BY_ONE), ("whsec_two", BY_TWO)] {
        assert_eq!(sign(&secret.into(), now(), BODY), format!("t={SECOND},v0={hex}"));
    }
    let verified =
        verify(&format!("t={SECOND},v0={BY_ONE}"), &secrets(&["whsec_one"]), BODY, now());
    let verified = verified.ok().unwrap();
    assert_eq!((verified.body(), verified.signed_at()), (BODY, now()));
}

#[test]
fn any_of_our_secrets_and_any_of_their_signatures_will_do() {
    let nonsense = "00".repeat(32);
    for header in [
        format!("t={SECOND},v0={nonsense},v0={BY_ONE}"),
        format!("t={SECOND},v0={BY_TWO},v0={nonsense}"),
        format!("  t={SECOND} ,  v0={BY_ONE}\t"),
        format!("v0={BY_ONE} t={SECOND}"),
        format!("t={SECOND},v1=future,v0={}", BY_ONE.to_ascii_uppercase()),
        format!("t={SECOND},v0=cut,v0={BY_ONE}"),
    ] {
        let secrets = secrets(&["", "other", "whsec_two", "whsec_one"]);
        assert!(verify(&header, &secrets, BODY, now()).is_ok(), "{header}");
    }
}

#[test]
fn the_second_is_signed_as_it_was_written() {
    assert_eq!(judge(&format!("t=0{SECOND},v0={BY_ONE_ZERO}")), Ok(()));
    assert_eq!(judge(&format!("t=0{SECOND},v0={BY_ONE}")), Err(Rejection::Mismatch));
}

#[test]
fn another_body_secret_or_second_does_not_match() {
    let header = format!("t={SECOND},v0={BY_ONE}");
    let one = secrets(&["whsec_one"]);
    for (header, secrets, body) in [
        (header.as_str(), &secrets(&["whsec_two"]), BODY),
        (header.as_str(), &one, b"{}".as_slice()),
        (header.as_str(), &one, b"".as_slice()),
        (&format!("t={},v0={BY_ONE}", SECOND + 1), &one, BODY),
    ] {
        let judged = verify(header, secrets, body, now()).map(drop);
        assert_eq!(judged, Err(Rejection::Mismatch), "{header}");
    }
}

#[test]
fn a_header_of_another_form_is_malformed() {
    for header in [
        String::new(),
        "t=,v0=".into(),
        format!("v0={BY_ONE}"),
        format!("t={SECOND}"),
        format!("t={SECOND},v0={}", &BY_ONE[..62]),
        format!("t={SECOND},v0={BY_ONE}00"),
        format!("t={SECOND},v0=zz{}", &BY_ONE[2..]),
        format!("t={SECOND}.0,v0={BY_ONE}"),
        format!("t=+{SECOND},v0={BY_ONE}"),
        format!("t=-{SECOND},v0={BY_ONE}"),
        format!("t=9999999999999,v0={BY_ONE}"),
        format!("t={SECOND},t={SECOND},v0={BY_ONE}"),
        format!("t={SECOND},v0={BY_ONE}{}", " ".repeat(HEADER_BYTES_MAX)),
    ] {
        assert_eq!(judge(&header), Err(Rejection::Malformed), "{header}");
    }
}

#[test]
fn five_minutes_either_way_are_believed_and_no_more() {
    let one = secrets(&["whsec_one"]);
    let header = sign(&one[0], now(), BODY);
    for (clock, want) in [
        ("2026-09-04T10:01:00Z", Ok(())),
        ("2026-09-04T10:06:00Z", Ok(())),
        ("2026-09-04T10:06:00.001Z", Err(Rejection::Stale)),
        ("2026-09-04T09:56:00Z", Ok(())),
        ("2026-09-04T09:55:59.999Z", Err(Rejection::Stale)),
    ] {
        assert_eq!(verify(&header, &one, BODY, at(clock)).map(drop), want, "{clock}");
    }
}

#[test]
fn the_time_is_looked_at_before_anything_is_computed() {
    let header = sign(&"stranger".into(), at("2020-01-01T00:00:00Z"), BODY);
    assert_eq!(judge(&header), Err(Rejection::Stale));
}

#[test]
fn without_a_secret_nothing_is_believed() {
    let by_nobody = sign(&"".into(), now(), BODY);
    for none in [secrets(&[]), secrets(&["", ""])] {
        let judged = verify(&by_nobody, &none, BODY, now()).map(drop);
        assert_eq!(judged, Err(Rejection::NoSecret));
    }
}

#[test]
fn the_header_is_taken_from_a_request_that_has_exactly_one() {
    let of = |values: &[&[u8]]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, http::HeaderValue::from_bytes(value).unwrap());
        }
        header_of(&headers).map(str::to_owned)
    };
    assert_eq!(of(&[b"t=1,v0=ab"]).as_deref(), Ok("t=1,v0=ab"));
    let refused: [&[&[u8]]; 3] = [&[], &[b"t=1,v0=ab", b"t=1,v0=ab"], &[b"t=1,v0=\xff"]];
    for values in refused {
        assert_eq!(of(values), Err(Rejection::Malformed), "{}", values.len());
    }
    // Where a proxy has joined two headers into one, the second `t` tells.
    let joined = format!("t={SECOND},v0={BY_ONE}, t={SECOND},v0={BY_ONE}");
    assert_eq!(judge(&joined), Err(Rejection::Malformed));
}

#[test]
fn eight_signatures_are_looked_at_and_nine_refused() {
    let with = |nonsense: usize| {
        let others = format!("v0={},", "00".repeat(32)).repeat(nonsense);
        judge(&format!("t={SECOND},{others}v0={BY_ONE}"))
    };
    assert_eq!(with(SIGNATURES_MAX - 1), Ok(()));
    assert_eq!(with(SIGNATURES_MAX), Err(Rejection::Malformed));
}

#[test]
fn the_edges_of_time_are_stale_or_malformed_whoever_signed() {
    let by_us = |second: &str| {
        let code = mac(&"whsec_one".into(), second, BODY).unwrap().finalize().into_bytes();
        judge(&format!("t={second},v0={}", hex::encode(code)))
    };
    for second in ["0", "000000000000", "1", "253402207199"] {
        assert_eq!(by_us(second), Err(Rejection::Stale), "{second}");
    }
    for second in ["-1", "-0", "999999999999", "18446744073709551616", "0x6a9a0f3c", "1e9", "٣"] {
        assert_eq!(by_us(second), Err(Rejection::Malformed), "{second}");
    }
}

#[test]
fn any_white_space_or_comma_separates_and_nothing_else_does() {
    for separator in [",", " ", "\t", "\r\n", " ,\t, "] {
        assert_eq!(judge(&format!("t={SECOND}{separator}v0={BY_ONE}")), Ok(()), "{separator:?}");
    }
    for separator in [";", "&", "|", "\u{a0}", "\u{2003}", "\0"] {
        let judged = judge(&format!("t={SECOND}{separator}v0={BY_ONE}"));
        assert_eq!(judged, Err(Rejection::Malformed), "{separator:?}");
    }
    for header in [
        format!("t= {SECOND},v0={BY_ONE}"),
        format!("t ={SECOND},v0={BY_ONE}"),
        format!("t={SECOND},v0= {BY_ONE}"),
        format!("T={SECOND},v0={BY_ONE}"),
        format!("t={SECOND},V0={BY_ONE}"),
        format!("t={SECOND},v0=\"{BY_ONE}\""),
    ] {
        assert_eq!(judge(&header), Err(Rejection::Malformed), "{header}");
    }
}

#[test]
fn upper_and_mixed_case_hex_is_the_same_signature() {
    let mixed: String = BY_ONE
        .char_indices()
        .map(|(i, c)| if i % 2 == 0 { c.to_ascii_uppercase() } else { c })
        .collect();
    assert_eq!(judge(&format!("t={SECOND},v0={mixed}")), Ok(()));
}

proptest! {
    #[test]
    fn no_header_panics_and_none_is_believed(header in ".{0,200}", body in any::<Vec<u8>>()) {
        prop_assert!(verify(&header, &secrets(&["whsec_one"]), &body, now()).is_err());
    }

    #[test]
    fn no_header_that_looks_like_one_is_believed(
        parts in proptest::collection::vec(
            prop_oneof![
                "t=-?[0-9]{0,14}".boxed(),
                Just(format!("t={SECOND}")).boxed(),
                "v[01]=[0-9a-fA-F]{0,70}".boxed(),
                "v0=[0-9a-f]{64}".boxed(),
                "[a-z=, ]{0,6}".boxed(),
            ],
            0..20,
        ),
    ) {
        prop_assert!(judge(&parts.join(",")).is_err());
    }

    #[test]
    fn what_is_signed_is_believed_and_not_with_one_bit_changed(
        body in proptest::collection::vec(any::<u8>(), 1..200),
        bit in any::<proptest::sample::Index>(),
    ) {
        let one = secrets(&["whsec_one"]);
        let header = sign(&one[0], now(), &body);
        prop_assert!(verify(&header, &one, &body, now()).is_ok());
        let mut changed = body.clone();
        let bit = bit.index(changed.len() * 8);
        changed[bit / 8] ^= 1 << (bit % 8);
        let judged = verify(&header, &one, &changed, now()).map(drop);
        prop_assert_eq!(judged, Err(Rejection::Mismatch));
    }
}
