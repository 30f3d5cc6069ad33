//! Records encrypted at rest: each under a data key of its own, and that under the instance key,
//! which lives outside of the database.
//!
//! Layout: version (1 byte), id of the instance key (4), nonce, wrapped data key and tag
//! (12 + 32 + 16), nonce (12), ciphertext, tag (16). Both layers are AES-256-GCM (NIST SP 800-38D).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};

use super::CryptoError;
use super::digest::sha256;

const VERSION: u8 = 1;
const KEY: usize = 32;
const ID: usize = 4;
const NONCE: usize = 12;
const TAG: usize = 16;
/// Bytes of a record that [`rewrap`] changes, from its first on; it needs no others.
pub const HEAD: usize = 1 + ID + NONCE + KEY + TAG;

/// The key of this instance, which wraps the data keys of all records.
#[derive(Clone)]
pub struct InstanceKey {
    key: [u8; KEY],
    id: [u8; ID],
}

impl InstanceKey {
    /// A key from its 32 bytes.
    #[must_use]
    pub fn from_bytes(key: [u8; KEY]) -> Self {
        let [a, b, c, d, ..] = sha256(&key);
        let id = [a, b, c, d];
        Self { key, id }
    }

    /// Reads a key of 32 bytes from hexadecimal or from base64 of either alphabet; blanks around it
    /// are dropped. A [`SecretToken`](super::SecretToken) is such a text.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn from_text(text: &str) -> Result<Self, CryptoError> {
        let text = text.trim();
        let bytes = from_hex(text).or_else(|| {
            let forms = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
            forms.iter().find_map(|form| form.decode(text).ok())
        });
        let key = bytes.and_then(|bytes| <[u8; KEY]>::try_from(bytes).ok());
        let key = key.ok_or(CryptoError::UnreadableKey("not 32 bytes in hexadecimal or base64"))?;
        Ok(Self::from_bytes(key))
    }

    /// HMAC-SHA-256 of a text under a key derived for this purpose alone, in base64url.
    ///
    /// # Errors
    /// When openssl refuses.
    pub fn mac(&self, purpose: &str, text: &str) -> Result<String, CryptoError> {
        let key = super::token::hmac_sha256(&self.key, format!("mac|{purpose}").as_bytes())?;
        Ok(URL_SAFE_NO_PAD.encode(super::token::hmac_sha256(&key, text.as_bytes())?))
    }

    /// What sealed records and logs call it: the first 8 hexadecimal digits of its SHA-256.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id))
    }
}

impl fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstanceKey({}, ..)", self.id())
    }
}

/// Seals a record under a fresh data key.
///
/// `context` says what the record is and whose; it is not stored, and has to be the same at
/// opening, so that a sealed record cannot be passed off as another.
///
/// # Errors
/// When openssl refuses.
pub fn seal(key: &InstanceKey, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let data_key: [u8; KEY] = rand::random();
    let mut sealed = header(key).to_vec();
    sealed.extend(encrypt(&key.key, &header(key), &data_key)?);
    sealed.extend(encrypt(&data_key, context, plaintext)?);
    Ok(sealed)
}

/// Opens a record with whichever of the keys it was sealed under.
///
/// # Errors
/// [`CryptoError::UnknownInstanceKey`] where that key is not among them, [`CryptoError::Sealed`]
/// where the bytes are damaged or belong to another context.
pub fn open(keys: &[InstanceKey], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let record = read(sealed)?;
    let key = keys.iter().find(|key| key.id == *record.key_id);
    let key = key.ok_or(CryptoError::UnknownInstanceKey)?;
    decrypt(&data_key(key, &record)?, context, record.body)
}

/// What the instance key is called that a record, or its first [`HEAD`] bytes, is sealed under; none
/// where that is no record.
#[must_use]
pub fn key_id(sealed: &[u8]) -> Option<String> {
    read(sealed).ok().map(|record| format!("{:08x}", u32::from_be_bytes(*record.key_id)))
}

/// Wraps the data key of a record in a new instance key; the record itself is neither read nor
/// changed, so its context is not needed, and its first [`HEAD`] bytes are enough.
///
/// # Errors
/// As [`open`].
pub fn rewrap(old: &InstanceKey, new: &InstanceKey, sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let record = read(sealed)?;
    if old.id != *record.key_id {
        return Err(CryptoError::UnknownInstanceKey);
    }
    let mut again = header(new).to_vec();
    again.extend(encrypt(&new.key, &header(new), &data_key(old, &record)?)?);
    again.extend(record.body);
    Ok(again)
}

struct Record<'a> {
    key_id: &'a [u8; ID],
    wrapped: &'a [u8; NONCE + KEY + TAG],
    body: &'a [u8],
}

fn read(sealed: &[u8]) -> Result<Record<'_>, CryptoError> {
    let parts = || {
        let rest = sealed.strip_prefix(&[VERSION])?;
        let (key_id, rest) = rest.split_first_chunk()?;
        let (wrapped, body) = rest.split_first_chunk()?;
        Some(Record { key_id, wrapped, body })
    };
    parts().ok_or(CryptoError::Sealed)
}

fn header(key: &InstanceKey) -> [u8; 1 + ID] {
    let [a, b, c, d] = key.id;
    [VERSION, a, b, c, d]
}

fn data_key(key: &InstanceKey, record: &Record<'_>) -> Result<[u8; KEY], CryptoError> {
    let data_key = decrypt(&key.key, &header(key), record.wrapped)?;
    data_key.try_into().ok().ok_or(CryptoError::Sealed)
}

/// Nonce, ciphertext, tag. The nonce is random, which is safe for 2^32 records an instance key.
fn encrypt(key: &[u8; KEY], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let nonce: [u8; NONCE] = rand::random();
    let mut tag = [0; TAG];
    let cipher = Cipher::aes_256_gcm();
    let ciphertext = encrypt_aead(cipher, key, Some(&nonce), aad, plaintext, &mut tag)?;
    Ok([nonce.as_slice(), &ciphertext, &tag].concat())
}

fn decrypt(key: &[u8; KEY], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let parts = || {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>()?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG>()?;
        let cipher = Cipher::aes_256_gcm();
        decrypt_aead(cipher, key, Some(nonce), aad, ciphertext, tag).ok()
    };
    parts().ok_or(CryptoError::Sealed)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let pair = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits?.chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SecretToken;

    fn key(byte: u8) -> InstanceKey {
        InstanceKey::from_bytes([byte; 32])
    }

    #[test]
    fn a_record_opens_with_its_key_and_context_only() {
        for plaintext in [b"".as_slice(), b"licence", &[0; 10_000]] {
            let sealed = seal(&key(1), b"evidence/1", plaintext).unwrap();
            assert_eq!(sealed.len(), 1 + 4 + 60 + 12 + plaintext.len() + 16);
            assert_eq!(open(&[key(2), key(1)], b"evidence/1", &sealed).unwrap(), plaintext);

            let refused = open(&[key(1)], b"evidence/2", &sealed);
            assert!(matches!(refused, Err(CryptoError::Sealed)));
            let refused = open(&[key(2)], b"evidence/1", &sealed);
            assert!(matches!(refused, Err(CryptoError::UnknownInstanceKey)));
            assert!(open(&[], b"evidence/1", &sealed).is_err());
        }
    }

    #[test]
    fn a_record_is_sealed_differently_each_time() {
        let one = seal(&key(1), b"", b"text").unwrap();
        let other = seal(&key(1), b"", b"text").unwrap();
        assert_ne!(one, other);
        assert_eq!(one[..5], other[..5]);
    }

    #[test]
    fn no_byte_can_be_changed_and_none_cut_off() {
        let sealed = seal(&key(1), b"context", b"text").unwrap();
        for index in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[index] ^= 1;
            assert!(open(&[key(1)], b"context", &touched).is_err(), "byte {index}");
            assert!(open(&[key(1)], b"context", &sealed[..index]).is_err());
        }
        let longer = [sealed.as_slice(), &[0]].concat();
        assert!(open(&[key(1)], b"context", &longer).is_err());
    }

    #[test]
    fn a_rewrapped_record_opens_with_the_new_key_and_no_longer_with_the_old() {
        let sealed = seal(&key(1), b"context", b"text").unwrap();
        let again = rewrap(&key(1), &key(2), &sealed).unwrap();
        assert_eq!(open(&[key(2)], b"context", &again).unwrap(), b"text");
        assert!(open(&[key(1)], b"context", &again).is_err());
        assert!(open(&[key(2)], b"another", &again).is_err());
        let refused = rewrap(&key(1), &key(2), &again);
        assert!(matches!(refused, Err(CryptoError::UnknownInstanceKey)));
    }

    #[test]
    fn the_head_of_a_record_is_rewrapped_by_itself() {
        let sealed = seal(&key(1), b"context", b"text").unwrap();
        let (head, body) = sealed.split_at(HEAD);
        assert_eq!(key_id(head), Some(key(1).id()));
        let again = rewrap(&key(1), &key(2), head).unwrap();
        assert_eq!((again.len(), key_id(&again)), (HEAD, Some(key(2).id())));
        assert_eq!(open(&[key(2)], b"context", &[&again, body].concat()).unwrap(), b"text");
        assert_eq!(key_id(&head[1..]), None);
    }

    #[test]
    fn a_key_is_read_from_any_usual_text() {
        let bytes: [u8; 32] = std::array::from_fn(|i| 255 - u8::try_from(i).unwrap());
        let hex = bytes.map(|byte| format!("{byte:02x}")).concat();
        let id = InstanceKey::from_bytes(bytes).id();
        assert_eq!(id.len(), 8);
        for text in [
            hex.clone(),
            hex.to_uppercase(),
            STANDARD.encode(bytes),
            STANDARD_NO_PAD.encode(bytes),
            URL_SAFE.encode(bytes),
            format!(" {}\n", URL_SAFE_NO_PAD.encode(bytes)),
        ] {
            assert_eq!(InstanceKey::from_text(&text).unwrap().id(), id, "{text}");
        }
        assert!(InstanceKey::from_text(SecretToken::generate().as_str()).is_ok());
        let short = STANDARD.encode([1; 31]);
        for text in ["", "00", &hex.repeat(2), &short, "é"] {
            assert!(InstanceKey::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_is_silent() {
        let key = key(1);
        assert_eq!(format!("{key:?}"), format!("InstanceKey({}, ..)", key.id()));
    }
}
