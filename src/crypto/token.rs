//! Random secrets that stand for a session, an invitation or a grant, and how they are stored and
//! compared: only their hash is kept.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

use super::CryptoError;
use super::digest::sha256;

/// A random secret of 256 bits, as 43 characters of base64url.
#[derive(Clone)]
pub struct SecretToken(String);

impl SecretToken {
    /// A new secret.
    #[must_use]
    pub fn generate() -> Self {
        Self(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    /// The text to hand out, once.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What to store in its place; see [`hash`].
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(..)")
    }
}

/// SHA-256 of a token's text, for storage and look-up. Enough for 256 random bits; a password,
/// which can be guessed, needs [`password::hash`](super::password::hash).
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    sha256(token.as_bytes())
}

/// Whether two secrets are equal, in a time that tells only their lengths.
#[must_use]
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && openssl::memcmp::eq(one, other)
}

/// The token that a form brings back to prove that it came from our page (CSRF): bound to the browser's own
/// secret, and of no use for finding that secret.
#[must_use]
pub fn form_token(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(format!("form|{secret}").as_bytes()))
}

/// HMAC with SHA-256 (RFC 2104). Compare the result with [`equal`].
///
/// # Errors
/// When openssl refuses, as it does for an empty key.
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> Result<[u8; 32], CryptoError> {
    let key = PKey::hmac(key)?;
    let mut mac = [0; 32];
    Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot(&mut mac, data)?;
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::vectors::hex;

    #[test]
    fn tokens_are_long_different_and_safe_in_a_url() {
        let (one, other) = (SecretToken::generate(), SecretToken::generate());
        assert_ne!(one.as_str(), other.as_str());
        assert_eq!(one.as_str().len(), 43);
        let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(one.as_str().chars().all(safe));
        assert_eq!(format!("{one:?}"), "SecretToken(..)");
    }

    #[test]
    fn a_token_is_found_again_by_its_hash() {
        let token = SecretToken::generate();
        assert_eq!(hash(token.as_str()), token.hash());
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash("abc").as_slice(), hex(abc));
    }

    #[test]
    fn secrets_are_compared_whole() {
        assert!(equal(b"", b""));
        assert!(equal(b"secret", b"secret"));
        assert!(!equal(b"secret", b"Secret"));
        assert!(!equal(b"secret", b"secret "));
    }

    #[test]
    fn the_hmac_vectors_of_rfc_4231_hold() {
        let mac = hmac_sha256(b"Jefe", b"what do ya want for nothing?").unwrap();
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(mac.as_slice(), hex(expected));
        let mac = hmac_sha256(&[0x0b; 20], b"Hi There").unwrap();
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(mac.as_slice(), hex(expected));
    }

    #[test]
    fn an_empty_key_is_refused() {
        assert!(hmac_sha256(b"", b"text").is_err());
    }
}
