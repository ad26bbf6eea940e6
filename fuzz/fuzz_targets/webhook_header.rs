//! Any signature header over any body: nothing panics, and what is believed was signed by us.

#![no_main]

use fanvue::signature::{TOLERANCE_SECONDS, sign, verify};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;

const SECOND: i64 = 1_788_516_060;

// The header is everything before the first line break, the body everything after it.
fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |&byte| byte == b'\n');
    let header = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let body = parts.next().unwrap_or_default();
    let now = Timestamp::from_second(SECOND).unwrap();
    let secrets = ["whsec_one", "", "whsec_two"].map(SecretString::from);

    if let Ok(verified) = verify(&header, &secrets, body, now) {
        let signed_at = verified.signed_at();
        assert_eq!(verified.body(), body);
        assert!((signed_at.as_second() - SECOND).abs() <= TOLERANCE_SECONDS);
        let lower = header.to_ascii_lowercase();
        let is_in_header = |secret: &SecretString| {
            let ours = sign(secret, signed_at, body);
            ours.split(',').all(|part| lower.contains(part))
        };
        // A second with zeros before it is signed as it was written.
        assert!(header.contains("t=0") || secrets.iter().any(is_in_header));
    }
    for secret in secrets.iter().step_by(2) {
        assert!(verify(&sign(secret, now, data), &secrets, data, now).is_ok());
    }
});
