//! Key pairs that sign and public keys that verify: RSA for HTTP signatures, Ed25519 for integrity
//! proofs.
//!
//! Keys are parsed once and cheap to clone after that; parsing costs more than verifying, so
//! callers cache them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{HasPublic, Id, PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};

use super::CryptoError;

const RSA_BITS: u32 = 2048;
const RSA_BITS_MIN: i32 = 2048;
/// Above this a verification costs more than an unknown sender may ask of us.
const RSA_BITS_MAX: i32 = 8192;
const RSA_EXPONENT_BITS_MAX: i32 = 64;
/// Longer than any key within the limits above; base58 takes quadratic time, so length is checked
/// first.
const KEY_TEXT_MAX: usize = 2048;
/// Multicodec `ed25519-pub` and `rsa-pub` as varints (FEP-521a).
const ED25519_PREFIX: [u8; 2] = [0xed, 0x01];
const RSA_PREFIX: [u8; 2] = [0x85, 0x24];

/// The two kinds of key that we use, each with its one algorithm: RSASSA-PKCS1-v1_5 with SHA-256,
/// and Ed25519.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// `rsa-sha256`, `rsa-v1_5-sha256` (RFC 8017, section 8.2).
    Rsa,
    /// `ed25519` (RFC 8032).
    Ed25519,
}

/// An RSA key pair: the key of an actor for HTTP signatures.
#[derive(Clone)]
pub struct RsaKeyPair {
    key: PKey<Private>,
}

impl RsaKeyPair {
    /// A new key of 2048 bits.
    ///
    /// # Errors
    /// When openssl cannot generate one.
    pub fn generate() -> Result<Self, CryptoError> {
        let key = PKey::from_rsa(Rsa::generate(RSA_BITS)?)?;
        Ok(Self { key })
    }

    /// Reads a private key in PKCS#8 or PKCS#1 PEM, without a passphrase.
    ///
    /// # Errors
    /// When the text is no such key, or the key is not RSA of 2048 to 8192 bits.
    pub fn from_private_pem(pem: &str) -> Result<Self, CryptoError> {
        // The callback gives no passphrase; without one openssl would ask for it on the terminal.
        let key = PKey::private_key_from_pem_callback(pem.as_bytes(), |_| Ok(0))?;
        check_rsa(&key, RSA_BITS_MIN)?;
        Ok(Self { key })
    }

    /// The private key in PKCS#8 PEM (`BEGIN PRIVATE KEY`), unencrypted: seal it before it is
    /// stored.
    ///
    /// # Errors
    /// When openssl cannot write it.
    pub fn private_pem(&self) -> Result<String, CryptoError> {
        Ok(ascii(&self.key.private_key_to_pem_pkcs8()?))
    }

    /// The public key in SPKI PEM (`BEGIN PUBLIC KEY`), as `publicKeyPem` of an actor carries it.
    ///
    /// # Errors
    /// When openssl cannot write it.
    pub fn public_pem(&self) -> Result<String, CryptoError> {
        Ok(ascii(&self.key.public_key_to_pem()?))
    }

    /// The key to sign with.
    #[must_use]
    pub fn signing_key(&self) -> SigningKey {
        SigningKey { key: self.key.clone(), kind: KeyKind::Rsa }
    }

    /// The key to verify with.
    ///
    /// # Errors
    /// When openssl cannot split it off.
    pub fn verifying_key(&self) -> Result<VerifyingKey, CryptoError> {
        let key = PKey::public_key_from_der(&self.key.public_key_to_der()?)?;
        let kind = KeyKind::Rsa;
        Ok(VerifyingKey { key, kind })
    }
}

impl fmt::Debug for RsaKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaKeyPair(..)")
    }
}

/// An Ed25519 key pair: the key of an actor or of an issuing institution for integrity proofs.
#[derive(Clone)]
pub struct Ed25519KeyPair {
    seed: [u8; 32],
    public: [u8; 32],
    key: PKey<Private>,
}

impl Ed25519KeyPair {
    /// A new key.
    ///
    /// # Errors
    /// When openssl cannot make one.
    pub fn generate() -> Result<Self, CryptoError> {
        Self::from_seed(&rand::random())
    }

    /// The key that belongs to a seed of 32 bytes (RFC 8032, section 5.1.5).
    ///
    /// # Errors
    /// When openssl cannot derive it.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, CryptoError> {
        let key = PKey::private_key_from_raw_bytes(seed, Id::ED25519)?;
        let public = key.raw_public_key()?;
        let public = <[u8; 32]>::try_from(public).ok();
        let public = public.ok_or(CryptoError::UnreadableKey("the public half has a wrong length"))?;
        let seed = *seed;
        Ok(Self { seed, public, key })
    }

    /// The private seed, 32 bytes: seal it before it is stored.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The public key as `publicKeyMultibase`: `z` and base58btc of `0xed01` and the 32 bytes
    /// (FEP-521a).
    #[must_use]
    pub fn public_multibase(&self) -> String {
        let bytes = [ED25519_PREFIX.as_slice(), &self.public].concat();
        format!("z{}", bs58::encode(bytes).into_string())
    }

    /// The key to sign with.
    #[must_use]
    pub fn signing_key(&self) -> SigningKey {
        SigningKey { key: self.key.clone(), kind: KeyKind::Ed25519 }
    }

    /// The key to verify with.
    ///
    /// # Errors
    /// When openssl cannot make one.
    pub fn verifying_key(&self) -> Result<VerifyingKey, CryptoError> {
        VerifyingKey::from_ed25519(&self.public)
    }
}

impl fmt::Debug for Ed25519KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519KeyPair(..)")
    }
}

/// A parsed private key of either kind; cheap to clone, and shared between threads.
#[derive(Clone)]
pub struct SigningKey {
    key: PKey<Private>,
    kind: KeyKind,
}

impl SigningKey {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over the data (RFC 8017, section 8.2.1).
    ///
    /// # Errors
    /// When the key is not RSA, or openssl refuses.
    pub fn sign_rsa_sha256(&self, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match self.kind {
            KeyKind::Rsa => self.sign(data),
            KeyKind::Ed25519 => Err(CryptoError::WrongKind),
        }
    }

    /// Signs the data with the one algorithm of the key's kind.
    ///
    /// # Errors
    /// When openssl refuses.
    pub fn sign(&self, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut signer = match self.kind {
            KeyKind::Rsa => Signer::new(MessageDigest::sha256(), &self.key)?,
            KeyKind::Ed25519 => Signer::new_without_digest(&self.key)?,
        };
        Ok(signer.sign_oneshot_to_vec(data)?)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?}, ..)", self.kind)
    }
}

/// A parsed public key of either kind; cheap to clone, and shared between threads.
#[derive(Clone)]
pub struct VerifyingKey {
    key: PKey<Public>,
    kind: KeyKind,
}

impl VerifyingKey {
    /// Reads a public key in PEM: SPKI (`BEGIN PUBLIC KEY`) or PKCS#1 (`BEGIN RSA PUBLIC KEY`).
    ///
    /// # Errors
    /// When the text is no such key, of another kind, or RSA outside of 2048 to 8192 bits.
    pub fn from_pem(pem: &str) -> Result<Self, CryptoError> {
        Self::from_pem_of_at_least(pem, RSA_BITS_MIN)
    }

    /// Reads a public key of any size: for the vectors of old drafts only.
    #[cfg(test)]
    pub(crate) fn from_pem_of_any_size(pem: &str) -> Result<Self, CryptoError> {
        Self::from_pem_of_at_least(pem, 0)
    }

    /// The armour is taken off here: given a strange PEM, openssl would ask for a passphrase on the
    /// terminal.
    fn from_pem_of_at_least(pem: &str, rsa_bits: i32) -> Result<Self, CryptoError> {
        if pem.len() > KEY_TEXT_MAX {
            return Err(CryptoError::UnreadableKey("too long"));
        }
        let armoured = |label: &str| {
            pem.trim()
                .strip_prefix("-----BEGIN ")?
                .strip_prefix(label)?
                .strip_prefix("-----")?
                .strip_suffix("-----")?
                .strip_suffix(label)?
                .strip_suffix("-----END ")
        };
        let key = if let Some(text) = armoured("PUBLIC KEY") {
            PKey::public_key_from_der(&unbase64(text)?)?
        } else if let Some(text) = armoured("RSA PUBLIC KEY") {
            PKey::from_rsa(Rsa::public_key_from_der_pkcs1(&unbase64(text)?)?)?
        } else {
            return Err(CryptoError::UnreadableKey("not the PEM of a public key"));
        };
        if key.id() == Id::ED25519 {
            let kind = KeyKind::Ed25519;
            return Ok(Self { key, kind });
        }
        check_rsa(&key, rsa_bits)?;
        let kind = KeyKind::Rsa;
        Ok(Self { key, kind })
    }

    /// Reads a `publicKeyMultibase` in base58btc: Ed25519, or RSA in PKCS#1 (FEP-521a).
    ///
    /// # Errors
    /// When the text is in another base, of another kind, of a wrong length, or RSA outside of 2048
    /// to 8192 bits.
    pub fn from_multibase(text: &str) -> Result<Self, CryptoError> {
        if text.len() > KEY_TEXT_MAX {
            return Err(CryptoError::UnreadableKey("too long"));
        }
        let Some(base58) = text.strip_prefix('z') else {
            return Err(CryptoError::UnreadableKey("not in base58btc"));
        };
        let bytes = bs58::decode(base58).into_vec().ok();
        let bytes = bytes.ok_or(CryptoError::UnreadableKey("not in base58btc"))?;
        if let Some(public) = bytes.strip_prefix(&ED25519_PREFIX) {
            return Self::from_ed25519(public);
        }
        if let Some(der) = bytes.strip_prefix(&RSA_PREFIX) {
            let key = PKey::from_rsa(Rsa::public_key_from_der_pkcs1(der)?)?;
            check_rsa(&key, RSA_BITS_MIN)?;
            let kind = KeyKind::Rsa;
            return Ok(Self { key, kind });
        }
        Err(CryptoError::UnreadableKey("not an Ed25519 or RSA multikey"))
    }

    fn from_ed25519(public: &[u8]) -> Result<Self, CryptoError> {
        let key = PKey::public_key_from_raw_bytes(public, Id::ED25519)?;
        let kind = KeyKind::Ed25519;
        Ok(Self { key, kind })
    }

    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Whether the signature over the data verifies with the one algorithm of the key's kind.
    #[must_use]
    pub fn verify(&self, data: &[u8], signature: &[u8]) -> bool {
        self.try_verify(data, signature).unwrap_or(false)
    }

    fn try_verify(&self, data: &[u8], signature: &[u8]) -> Result<bool, ErrorStack> {
        let mut verifier = match self.kind {
            KeyKind::Rsa => Verifier::new(MessageDigest::sha256(), &self.key)?,
            KeyKind::Ed25519 => Verifier::new_without_digest(&self.key)?,
        };
        verifier.verify_oneshot(signature, data)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({:?})", self.kind)
    }
}

/// Refuses what is not RSA, and RSA that is too weak to trust or too large to verify for strangers.
fn check_rsa<T: HasPublic>(key: &PKey<T>, bits_min: i32) -> Result<(), CryptoError> {
    if key.id() != Id::RSA {
        return Err(CryptoError::WrongKind);
    }
    let rsa = key.rsa()?;
    let (modulus, exponent) = (rsa.n().num_bits(), rsa.e().num_bits());
    if !(bits_min..=RSA_BITS_MAX).contains(&modulus) {
        return Err(CryptoError::UnacceptableKey(modulus));
    }
    if !(2..=RSA_EXPONENT_BITS_MAX).contains(&exponent) {
        return Err(CryptoError::UnacceptableKey(exponent));
    }
    Ok(())
}

fn unbase64(text: &str) -> Result<Vec<u8>, CryptoError> {
    let text: String = text.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(text).ok();
    bytes.ok_or(CryptoError::UnreadableKey("not in base64"))
}

/// PEM is ASCII by definition.
fn ascii(pem: &[u8]) -> String {
    String::from_utf8_lossy(pem).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::vectors;
    use serde_json::Value;

    fn shared_between_threads<T: Send + Sync + Clone>() {}

    #[test]
    fn keys_are_shared_between_threads() {
        shared_between_threads::<SigningKey>();
        shared_between_threads::<VerifyingKey>();
    }

    #[test]
    fn an_rsa_key_survives_its_pem_and_signs() {
        let pair = RsaKeyPair::generate().unwrap();
        let private = pair.private_pem().unwrap();
        let public = pair.public_pem().unwrap();
        assert!(private.starts_with("-----BEGIN PRIVATE KEY-----"));
        assert!(public.starts_with("-----BEGIN PUBLIC KEY-----"));

        let again = RsaKeyPair::from_private_pem(&private).unwrap();
        assert_eq!(again.public_pem().unwrap(), public);
        let signature = again.signing_key().sign_rsa_sha256(b"text").unwrap();
        for key in [
            VerifyingKey::from_pem(&public).unwrap(),
            VerifyingKey::from_pem(&format!("\r\n{}\r\n", public.replace('\n', "\r\n"))).unwrap(),
            pair.verifying_key().unwrap(),
        ] {
            assert_eq!(key.kind(), KeyKind::Rsa);
            assert!(key.verify(b"text", &signature));
            assert!(!key.verify(b"Text", &signature));
            assert!(!key.verify(b"text", b"short"));
        }
    }

    #[test]
    fn an_ed25519_key_survives_its_seed_and_signs() {
        let pair = Ed25519KeyPair::generate().unwrap();
        let again = Ed25519KeyPair::from_seed(pair.seed()).unwrap();
        assert_eq!(again.public_multibase(), pair.public_multibase());
        let signature = again.signing_key().sign(b"text").unwrap();
        for key in [VerifyingKey::from_multibase(&pair.public_multibase()).unwrap(), pair.verifying_key().unwrap()] {
            assert_eq!(key.kind(), KeyKind::Ed25519);
            assert!(key.verify(b"text", &signature));
            assert!(!key.verify(b"Text", &signature));
            assert!(!key.verify(b"text", b"short"));
        }
        let refused = again.signing_key().sign_rsa_sha256(b"text");
        assert!(matches!(refused, Err(CryptoError::WrongKind)));
    }

    #[test]
    fn pkcs1_is_read_and_another_label_is_not() {
        let rsa = Rsa::generate(2048).unwrap();
        let pkcs1 = ascii(&rsa.public_key_to_pem_pkcs1().unwrap());
        assert!(pkcs1.starts_with("-----BEGIN RSA PUBLIC KEY-----"));
        assert!(VerifyingKey::from_pem(&pkcs1).is_ok());
        assert!(VerifyingKey::from_pem(&pkcs1.replace("RSA PUBLIC KEY", "PUBLIC KEY")).is_err());
        assert!(VerifyingKey::from_pem(&pkcs1.replace("BEGIN RSA", "BEGIN")).is_err());
    }

    #[test]
    fn weak_large_and_strange_keys_are_refused() {
        let weak = ascii(&Rsa::generate(1024).unwrap().public_key_to_pem().unwrap());
        let refused = VerifyingKey::from_pem(&weak);
        assert!(matches!(refused, Err(CryptoError::UnacceptableKey(1024))));
        assert!(VerifyingKey::from_pem_of_any_size(&weak).is_ok());

        let weak = ascii(&Rsa::generate(1024).unwrap().private_key_to_pem().unwrap());
        assert!(RsaKeyPair::from_private_pem(&weak).is_err());

        let ed25519 = PKey::generate_ed25519().unwrap();
        let private = ascii(&ed25519.private_key_to_pem_pkcs8().unwrap());
        assert!(RsaKeyPair::from_private_pem(&private).is_err());
        let x25519 = PKey::generate_x25519().unwrap();
        let public = ascii(&x25519.public_key_to_pem().unwrap());
        assert!(matches!(VerifyingKey::from_pem(&public), Err(CryptoError::WrongKind)));

        for text in ["", "-----BEGIN PUBLIC KEY-----", "nonsense", &"A".repeat(5000)] {
            assert!(VerifyingKey::from_pem(text).is_err());
            assert!(RsaKeyPair::from_private_pem(text).is_err());
        }
    }

    #[test]
    fn an_encrypted_private_key_is_refused_and_never_asked_for() {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let cipher = openssl::symm::Cipher::aes_128_cbc();
        let pem = key.private_key_to_pem_pkcs8_passphrase(cipher, b"secret");
        assert!(RsaKeyPair::from_private_pem(&ascii(&pem.unwrap())).is_err());
    }

    #[test]
    fn debug_is_silent() {
        let pair = Ed25519KeyPair::from_seed(&[7; 32]).unwrap();
        assert_eq!(format!("{pair:?}"), "Ed25519KeyPair(..)");
        assert_eq!(format!("{:?}", pair.signing_key()), "SigningKey(Ed25519, ..)");
        let pair = RsaKeyPair::generate().unwrap();
        assert_eq!(format!("{pair:?}"), "RsaKeyPair(..)");
        assert_eq!(format!("{:?}", pair.verifying_key().unwrap()), "VerifyingKey(Rsa)");
    }

    #[test]
    fn the_multikey_vectors_hold() {
        let Some(file) = vectors::json("data-integrity/multikey.json") else {
            return;
        };
        for case in vectors::list(&file, "cases") {
            let multikey = case.get("multikey").unwrap_or(case);
            let multibase = vectors::text(multikey, "publicKeyMultibase");
            let expected = vectors::hex(vectors::text(case, "public_key_hex"));
            let key = VerifyingKey::from_multibase(multibase).unwrap();
            let actual = match key.kind() {
                KeyKind::Ed25519 => key.key.raw_public_key().unwrap(),
                KeyKind::Rsa => key.key.rsa().unwrap().public_key_to_der_pkcs1().unwrap(),
            };
            assert_eq!(actual, expected, "{multibase}");
            if let Some(seed) = case.get("private_seed_hex").and_then(Value::as_str) {
                let seed = <[u8; 32]>::try_from(vectors::hex(seed)).unwrap();
                let pair = Ed25519KeyPair::from_seed(&seed).unwrap();
                assert_eq!(pair.public_multibase(), multibase);
            }
        }
        for case in vectors::list(&file, "invalid") {
            let multibase = vectors::text(case, "publicKeyMultibase");
            assert!(VerifyingKey::from_multibase(multibase).is_err(), "{case}");
        }
        for multibase in ["", "z", "z0", "zé", &"z".repeat(5000)] {
            assert!(VerifyingKey::from_multibase(multibase).is_err());
        }
    }
}
