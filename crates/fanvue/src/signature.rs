//! Webhook signatures: `X-Fanvue-Signature: t=<unix seconds>,v0=<hex>`, where v0 is the HMAC-SHA256 of
//! `t`, a dot and the raw body. A body is parsed only after it is [`Verified`]. Not here: what a
//! delivery says, and whether it has been seen before.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The header's name.
pub const HEADER: &str = "x-fanvue-signature";

/// How far the time of signing may lie from our clock, either way.
pub const TOLERANCE_SECONDS: i64 = 300;

/// The longest header that is looked at.
pub const HEADER_BYTES_MAX: usize = 1024;

/// The most signatures that one header may hold. A change of keys needs two; each costs a comparison
/// with every secret of ours.
pub const SIGNATURES_MAX: usize = 8;

const SIGNATURE_BYTES: usize = 32;
const SECOND_DIGITS_MAX: usize = 12;

/// A body whose signature was checked. There is no other way to one.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    body: &'a [u8],
    signed_at: Timestamp,
}

impl<'a> Verified<'a> {
    /// The bytes that were signed.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// When they were signed.
    #[must_use]
    pub fn signed_at(&self) -> Timestamp {
        self.signed_at
    }
}

/// Why a delivery is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No secret is configured, so nothing can be believed. Ours to mend.
    #[error("no webhook secret is configured")]
    NoSecret,
    /// The header is not of the known form.
    #[error("the signature header is malformed")]
    Malformed,
    /// No secret of ours made this signature for this body.
    #[error("the signature does not match")]
    Mismatch,
    /// Signed by one of our secrets, but too long ago or ahead: perhaps a replay.
    #[error("the signature is not of this time")]
    Stale,
}

/// The header for a body signed at that second. For the fake platform, and for tests.
#[must_use]
pub fn sign(secret: &SecretString, signed_at: Timestamp, body: &[u8]) -> String {
    let second = signed_at.as_second().to_string();
    let code = mac(secret, &second, body).map(|mac| mac.finalize().into_bytes());
    format!("t={second},v0={}", hex::encode(code.unwrap_or_default()))
}

/// The signature header of a request. Two of them are none: whoever joined them, or put the second
/// there, is not the platform.
///
/// # Errors
/// [`Rejection::Malformed`] when there is not exactly one, or it is no visible ASCII.
pub fn header_of(headers: &HeaderMap) -> Result<&str, Rejection> {
    let mut values = headers.get_all(HEADER).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| Rejection::Malformed),
        _ => Err(Rejection::Malformed),
    }
}

/// Checks that one of our secrets signed this body just now. Several secrets may be live, and several
/// signatures may be sent, while either side changes its key.
///
/// # Errors
/// [`Rejection`] says why the delivery is not believed.
pub fn verify<'a>(
    header: &str,
    secrets: &[SecretString],
    body: &'a [u8],
    now: Timestamp,
) -> Result<Verified<'a>, Rejection> {
    let claim = Claim::parse(header)?;
    // An empty secret is one that anybody knows.
    let live: Vec<_> = secrets.iter().filter(|s| !s.expose_secret().is_empty()).collect();
    if live.is_empty() {
        return Err(Rejection::NoSecret);
    }
    // Cheaper than a digest, and it tells a stranger nothing but the time.
    if now.duration_since(claim.signed_at).abs() > SignedDuration::from_secs(TOLERANCE_SECONDS) {
        return Err(Rejection::Stale);
    }
    let mut matches = false;
    for secret in live {
        let Some(mac) = mac(secret, claim.second, body) else { continue };
        for signature in &claim.signatures {
            // Constant time each, and all of them: nothing tells which was nearest.
            matches |= mac.clone().verify_slice(signature).is_ok();
        }
    }
    if !matches {
        return Err(Rejection::Mismatch);
    }
    Ok(Verified { body, signed_at: claim.signed_at })
}

fn mac(secret: &SecretString, second: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    mac.update(second.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// What the header claims.
struct Claim<'a> {
    /// The text that was signed, not our printing of it.
    second: &'a str,
    signed_at: Timestamp,
    signatures: Vec<[u8; SIGNATURE_BYTES]>,
}

impl<'a> Claim<'a> {
    fn parse(header: &'a str) -> Result<Self, Rejection> {
        if header.len() > HEADER_BYTES_MAX {
            return Err(Rejection::Malformed);
        }
        let (mut second, mut signatures) = (None, Vec::new());
        for part in header.split(|c: char| c == ',' || c.is_ascii_whitespace()) {
            match part.split_once('=') {
                Some(("t", _)) if second.is_some() => return Err(Rejection::Malformed),
                Some(("t", value)) => second = Some(value),
                Some(("v0", value)) => signatures.extend(signature(value)),
                _ => {} // other schemes, and the gaps between separators
            }
        }
        let second = second.ok_or(Rejection::Malformed)?;
        let signed_at = instant(second).ok_or(Rejection::Malformed)?;
        if !(1..=SIGNATURES_MAX).contains(&signatures.len()) {
            return Err(Rejection::Malformed);
        }
        Ok(Self { second, signed_at, signatures })
    }
}

fn signature(text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let mut bytes = [0; SIGNATURE_BYTES];
    hex::decode_to_slice(text, &mut bytes).ok().map(|()| bytes)
}

/// Digits and nothing else.
fn instant(text: &str) -> Option<Timestamp> {
    let plausible =
        (1..=SECOND_DIGITS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if plausible { Timestamp::from_second(text.parse().ok()?).ok() } else { None }
}

#[cfg(test)]
mod tests;
