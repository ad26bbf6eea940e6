//! Tokens at rest: AES-256-GCM, bound to the row they belong to, several keys live at once.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use ledger::{AgencyId, ConnectionId};

use crate::Entropy;

/// Names the layout of a sealed token: this byte, key id length, key id, nonce, ciphertext.
const LAYOUT: u8 = 1;
const NONCE_BYTES: usize = 12;

/// The keys that open tokens; the first one seals.
pub struct TokenKeys {
    keys: Vec<(String, Aes256Gcm)>,
}

/// What a sealed token is bound to: moved to another row or column, it doesn't open.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The agency of the row.
    pub agency: AgencyId,
    /// The row.
    pub connection: ConnectionId,
    /// Which of its tokens.
    pub kind: TokenKind,
}

/// Which token of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
}

/// Why a token can't be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No key at all.
    #[error("TOKEN_KEYS is not set; give it id:base64 of 32 random bytes")]
    NoKey,
    /// The token was sealed with a key that is no longer given.
    #[error("TOKEN_KEYS holds no key '{id}', with which this token was sealed; add it again")]
    UnknownKey {
        /// The missing key's id.
        id: String,
    },
    /// The bytes were changed, moved from another row, or are no sealed token.
    #[error("a stored token does not open: it was changed or moved; reconnect the account")]
    Broken,
}

impl TokenKeys {
    /// Reads `id:base64,…`.
    ///
    /// # Errors
    /// A text that says what is wrong and repeats no key.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut keys: Vec<(String, Aes256Gcm)> = vec![];
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (id, key) = entry.split_once(':').ok_or("needs the form id:base64,…")?;
            let plain = (1..=32).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            if !plain {
                return Err("has a key id other than 1 to 32 letters, digits, - and _".into());
            }
            if keys.iter().any(|(known, _)| known == id) {
                return Err(format!("names key '{id}' twice"));
            }
            let bytes =
                BASE64_STANDARD.decode(key).map_err(|_| format!("key '{id}' is no base64"))?;
            let cipher = Aes256Gcm::new_from_slice(&bytes).map_err(|_| {
                format!("key '{id}' must be 32 bytes, such as `openssl rand -base64 32` gives")
            })?;
            keys.push((id.to_owned(), cipher));
        }
        Ok(Self { keys })
    }

    /// Seals a token with the first key.
    ///
    /// # Errors
    /// [`SealError::NoKey`] without one.
    pub fn seal(
        &self,
        token: &str,
        binding: Binding,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let (id, cipher) = self.keys.first().ok_or(SealError::NoKey)?;
        let mut nonce = [0; NONCE_BYTES];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: token.as_bytes(), aad: &binding.associated(id) };
        let ciphertext =
            cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::Broken)?;
        Ok([prefix(id)?.as_slice(), &nonce, &ciphertext].concat())
    }

    /// The id of the key that seals.
    ///
    /// # Errors
    /// [`SealError::NoKey`] without one.
    pub fn sealing_key(&self) -> Result<&str, SealError> {
        self.keys.first().map(|(id, _)| id.as_str()).ok_or(SealError::NoKey)
    }

    /// How every token begins that the first key sealed, and no other token does.
    ///
    /// # Errors
    /// [`SealError::NoKey`] without a key.
    pub(crate) fn sealing_prefix(&self) -> Result<Vec<u8>, SealError> {
        prefix(self.sealing_key()?)
    }

    /// Seals again, with the first key and for the same place, what any of the keys sealed.
    ///
    /// # Errors
    /// [`SealError`] says why the token does not open.
    pub(crate) fn reseal(
        &self,
        sealed: &[u8],
        binding: Binding,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        self.seal(&self.open(sealed, binding)?, binding, entropy)
    }

    /// Opens a sealed token.
    ///
    /// # Errors
    /// [`SealError`] says why it stays shut.
    pub fn open(&self, sealed: &[u8], binding: Binding) -> Result<String, SealError> {
        let [LAYOUT, id_length, rest @ ..] = sealed else { return Err(SealError::Broken) };
        let (id, rest) = rest.split_at_checked(usize::from(*id_length)).ok_or(SealError::Broken)?;
        let id = std::str::from_utf8(id).map_err(|_| SealError::Broken)?;
        let (nonce, ciphertext) =
            rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Broken)?;
        let (_, cipher) = self
            .keys
            .iter()
            .find(|(known, _)| known == id)
            .ok_or_else(|| SealError::UnknownKey { id: id.chars().take(32).collect() })?;
        let payload = Payload { msg: ciphertext, aad: &binding.associated(id) };
        let token = cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| SealError::Broken)?;
        String::from_utf8(token).map_err(|_| SealError::Broken)
    }
}

fn prefix(key_id: &str) -> Result<Vec<u8>, SealError> {
    // A key id has at most 32 bytes, see `parse`.
    let length = u8::try_from(key_id.len()).map_err(|_| SealError::Broken)?;
    Ok([&[LAYOUT, length], key_id.as_bytes()].concat())
}

impl Binding {
    fn associated(&self, key_id: &str) -> Vec<u8> {
        let kind: u8 = match self.kind {
            TokenKind::Access => b'a',
            TokenKind::Refresh => b'r',
        };
        [
            self.agency.0.as_bytes().as_slice(),
            self.connection.0.as_bytes(),
            &[kind],
            key_id.as_bytes(),
        ]
        .concat()
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|(id, _)| id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::SystemEntropy;

    const ONE: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    const TWO: &str = "k2:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

    fn binding(n: u128, kind: TokenKind) -> Binding {
        let agency = AgencyId(Uuid::from_u128(1));
        Binding { agency, connection: ConnectionId(Uuid::from_u128(n)), kind }
    }

    #[test]
    fn a_token_opens_only_in_the_row_and_column_it_was_sealed_for() {
        let keys = TokenKeys::parse(ONE).unwrap();
        let here = binding(2, TokenKind::Access);
        let sealed = keys.seal("token", here, &SystemEntropy).unwrap();
        assert_eq!(keys.open(&sealed, here).unwrap(), "token");
        for elsewhere in [binding(3, TokenKind::Access), binding(2, TokenKind::Refresh)] {
            assert_eq!(keys.open(&sealed, elsewhere), Err(SealError::Broken));
        }
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert!(keys.open(&changed, here).is_err(), "byte {i}");
            assert!(keys.open(&sealed[..i], here).is_err(), "cut at {i}");
        }
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let old = TokenKeys::parse(ONE).unwrap();
        let both = TokenKeys::parse(&format!("{TWO},{ONE}")).unwrap();
        let new = TokenKeys::parse(TWO).unwrap();
        let here = binding(2, TokenKind::Refresh);
        let sealed = old.seal("token", here, &SystemEntropy).unwrap();
        assert_eq!(both.open(&sealed, here).unwrap(), "token");
        assert_eq!(new.open(&sealed, here), Err(SealError::UnknownKey { id: "k1".into() }));
        for sealed in
            [both.seal("token", here, &SystemEntropy), both.reseal(&sealed, here, &SystemEntropy)]
        {
            let sealed = sealed.unwrap();
            assert_eq!(new.open(&sealed, here).unwrap(), "token");
            assert!(sealed.starts_with(&both.sealing_prefix().unwrap()));
        }
        assert!(!sealed.starts_with(&both.sealing_prefix().unwrap()));
    }

    #[test]
    fn malformed_keys_are_refused_without_being_repeated() {
        for text in ["hunter2", "k1:hunter2", "k 1:aGk=", &format!("{ONE},{ONE}"), "k1:aGk="] {
            let problem = TokenKeys::parse(text).unwrap_err();
            assert!(!problem.contains("hunter2") && !problem.contains("aGk"), "{problem}");
        }
        let none = TokenKeys::parse("").unwrap();
        assert_eq!(
            none.seal("t", binding(1, TokenKind::Access), &SystemEntropy),
            Err(SealError::NoKey)
        );
    }
}
