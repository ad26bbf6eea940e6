//! Any answer in place of the public keys of users' tokens: at most sixteen are usable, and of those that are written
//! down none that is a shared secret.

#![no_main]

use app::auth::usable_keys;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const KEYS_MAX: usize = 16;
const KID_BYTES_MAX: usize = 256;

fuzz_target!(|body: &[u8]| {
    let usable = usable_keys(body);
    assert!(usable <= KEYS_MAX);
    // A number past all bounds in what nobody asks for is no reason to refuse a set.
    let Ok(set) = serde_json::from_slice::<Value>(body) else { return };
    // As a list it is told apart by place, which is nobody's way to write it.
    if set.is_array() {
        return;
    }
    let keys = set["keys"].as_array().map_or(&[][..], Vec::as_slice);
    let plausible = keys.iter().take(KEYS_MAX).filter(|key| is_plausible(key)).count();
    // A set that names its list twice is none.
    assert!(usable <= plausible);
});

fn is_plausible(key: &Value) -> bool {
    let text = |name: &str| key[name].as_str().unwrap_or_default();
    let is_public = match text("kty") {
        "EC" => text("crv") == "P-256" && text("x").len() == 43 && text("y").len() == 43,
        "RSA" => key["n"].is_string() && key["e"].is_string(),
        _ => false,
    };
    let may_sign = key["use"].is_null() || text("use") == "sig";
    let is_named = key["kid"].is_string() && text("kid").len() <= KID_BYTES_MAX;
    key.is_array() || is_public && may_sign && is_named
}
