//! Public keys of users' tokens: read from a JWKS, each bound to the one algorithm that it is for.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

/// The most keys of a set that are looked at. Supabase has the one in use and those beside it.
const KEYS_MAX: usize = 16;
/// The longest name of a key, in bytes.
const KID_BYTES_MAX: usize = 256;

/// How a token may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Hs256,
    Es256,
    Rs256,
}

impl Algorithm {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "ES256" => Some(Self::Es256),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }
}

/// A key that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicKey {
    pub(super) kid: String,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    /// A point of P-256, uncompressed.
    Ec(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// The one algorithm that it is for.
    pub(super) fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Ec(_) => Algorithm::Es256,
            Material::Rsa { .. } => Algorithm::Rs256,
        }
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Ec(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
            Material::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

/// The usable keys of a set. Others are passed over: above all a symmetric key is never taken from there.
/// `None` if it is no set.
pub(super) fn read(json: &[u8]) -> Option<Vec<PublicKey>> {
    let set: Set = serde_json::from_slice(json).ok()?;
    let jwks = set.keys.into_iter().take(KEYS_MAX);
    Some(jwks.filter_map(|jwk| public_key(&serde_json::from_value(jwk).ok()?)).collect())
}

fn public_key(jwk: &Jwk) -> Option<PublicKey> {
    let bytes = |part: &Option<String>| URL_SAFE_NO_PAD.decode(part.as_deref()?).ok();
    let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes(&jwk.x)?, bytes(&jwk.y)?);
            if x.len() != 32 || y.len() != 32 {
                return None;
            }
            Material::Ec([&[4], &x[..], &y[..]].concat())
        }
        ("RSA", None) => Material::Rsa { n: bytes(&jwk.n)?, e: bytes(&jwk.e)? },
        _ => return None,
    };
    let key = PublicKey { kid: jwk.kid.clone(), material };
    let is_ours = jwk.alg.as_deref().is_none_or(|alg| Algorithm::of(alg) == Some(key.algorithm()))
        && jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
        && key.kid.len() <= KID_BYTES_MAX;
    is_ours.then_some(key)
}
