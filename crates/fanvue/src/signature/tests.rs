//! Signatures made elsewhere are believed here, and nothing else is. Not the deliveries' meaning.

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
fn a_stale_signature_that_is_not_ours_is_a_mismatch() {
    let header = sign(&"stranger".into(), at("2020-01-01T00:00:00Z"), BODY);
    assert_eq!(judge(&header), Err(Rejection::Mismatch));
}

#[test]
fn without_a_secret_nothing_is_believed() {
    let by_nobody = sign(&"".into(), now(), BODY);
    for none in [secrets(&[]), secrets(&["", ""])] {
        let judged = verify(&by_nobody, &none, BODY, now()).map(drop);
        assert_eq!(judged, Err(Rejection::NoSecret));
    }
}
