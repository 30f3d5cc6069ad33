//! Web push: who we are to push services (VAPID, RFC 8292), and messages that only the app can read (RFC 8291).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::bn::BigNumContext;
use openssl::ec::{EcGroup, EcKey, PointConversionForm};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::pkey::Private;

use super::CryptoError;
use super::digest::sha256;

/// The key pair (P-256) that push services know us by.
#[derive(Clone)]
pub struct PushKey(EcKey<Private>);

impl std::fmt::Debug for PushKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PushKey(..)")
    }
}

impl PushKey {
    /// A new one.
    ///
    /// # Errors
    /// When openssl refuses.
    pub fn generate() -> Result<Self, CryptoError> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        Ok(Self(EcKey::generate(&group)?))
    }

    /// Reads what [`Self::to_der`] wrote.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_der(der: &[u8]) -> Result<Self, CryptoError> {
        Ok(Self(EcKey::private_key_from_der(der)?))
    }

    /// The private half, to be sealed.
    ///
    /// # Errors
    /// When openssl refuses.
    pub fn to_der(&self) -> Result<Vec<u8>, CryptoError> {
        Ok(self.0.private_key_to_der()?)
    }

    /// The public half: the uncompressed point in base64url, as apps are told it.
    ///
    /// # Errors
    /// When openssl refuses.
    pub fn public(&self) -> Result<String, CryptoError> {
        let mut numbers = BigNumContext::new()?;
        let point = self.0.public_key().to_bytes(self.0.group(), PointConversionForm::UNCOMPRESSED, &mut numbers)?;
        Ok(URL_SAFE_NO_PAD.encode(point))
    }

    /// A JWT (RFC 7519, ES256) for one push service, good for twelve hours.
    ///
    /// # Errors
    /// When openssl refuses.
    pub fn token(&self, audience: &str, subject: &str, now: DateTime<Utc>) -> Result<String, CryptoError> {
        let head = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        let claims = serde_json::json!({
            "aud": audience,
            "exp": (now + TimeDelta::hours(12)).timestamp(),
            "sub": subject,
        });
        let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signed = EcdsaSig::sign(&sha256(text.as_bytes()), &self.0)?;
        let mut raw = signed.r().to_vec_padded(32)?;
        raw.extend(signed.s().to_vec_padded(32)?);
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(raw)))
    }
}

/// A message for an app, with the headers that say how it is sealed.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// `Content-Encoding` and, for the older form, `Encryption` and `Crypto-Key`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Seals a message for the app that gave these keys (base64url). `standard` is RFC 8291; else the draft before it, which
/// some apps still read.
///
/// # Errors
/// When the keys are none.
pub fn seal(p256dh: &str, auth: &str, message: &[u8], standard: bool) -> Result<Sealed, CryptoError> {
    let unreadable = |_| CryptoError::UnreadableKey("not the keys of a push subscription");
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=').replace('+', "-").replace('/', "_"));
    let key = decode(p256dh).map_err(|_| CryptoError::UnreadableKey("not base64url"))?;
    let secret = decode(auth).map_err(|_| CryptoError::UnreadableKey("not base64url"))?;
    if standard {
        let body = ece::encrypt(&key, &secret, message).map_err(unreadable)?;
        return Ok(Sealed { headers: vec![("content-encoding", "aes128gcm".into())], body });
    }
    let sealed = ece::legacy::encrypt_aesgcm(&key, &secret, message).map_err(unreadable)?;
    let unreadable = |_| CryptoError::UnreadableKey("not base64url");
    let body = URL_SAFE_NO_PAD.decode(sealed.body()).map_err(unreadable)?;
    let mut headers = vec![("content-encoding", "aesgcm".to_owned())];
    headers.extend(sealed.headers(None).into_iter().map(|(name, value)| {
        let name = if name.eq_ignore_ascii_case("encryption") { "encryption" } else { "crypto-key" };
        (name, value)
    }));
    Ok(Sealed { headers, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_opens_what_was_sealed_for_it() {
        let (pair, auth) = ece::generate_keypair_and_auth_secret().unwrap();
        let p256dh = URL_SAFE_NO_PAD.encode(pair.pub_as_raw().unwrap());
        let sealed = seal(&p256dh, &URL_SAFE_NO_PAD.encode(auth), b"hello", true).unwrap();
        let opened = ece::decrypt(&pair.raw_components().unwrap(), &auth, &sealed.body).unwrap();
        assert_eq!(opened, b"hello");
        assert!(seal("AAAA", "AAAA", b"hello", true).is_err());
    }

    #[test]
    fn a_push_service_can_check_who_sends() {
        let key = PushKey::from_der(&PushKey::generate().unwrap().to_der().unwrap()).unwrap();
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let token = key.token("https://push.example", "mailto:a@b.example", now).unwrap();
        let (text, signature) = token.rsplit_once('.').unwrap();
        let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let number = |bytes: &[u8]| openssl::bn::BigNum::from_slice(bytes).unwrap();
        let signature = EcdsaSig::from_private_components(number(&raw[..32]), number(&raw[32..])).unwrap();
        assert!(signature.verify(&sha256(text.as_bytes()), &key.0).unwrap());
        assert_eq!(URL_SAFE_NO_PAD.decode(key.public().unwrap()).unwrap().len(), 65);
    }
}
