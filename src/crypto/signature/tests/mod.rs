//! Signed requests made to measure, which the tests bend.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use url::Url;

use super::message::Destination;
use super::*;
use crate::crypto::{RsaKeyPair, SigningKey};

mod against_vectors;
mod gate;
mod in_cavage;
mod in_rfc9421;

const KEY_ID: &str = "https://clinic.example/users/ada#main-key";
const BODY: &[u8] = b"{\"type\":\"Follow\"}";
const NOW: i64 = 1_703_066_400;

type Headers = Vec<(String, String)>;

/// A request that owns its parts, so that a test can bend them.
#[derive(Clone)]
struct Request {
    method: String,
    target: String,
    scheme: String,
    authority: String,
    headers: Headers,
    body: Option<Vec<u8>>,
}

impl Request {
    fn with<T>(&self, read: impl FnOnce(&Message<'_>) -> T) -> T {
        let headers: Vec<_> = self.headers.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        read(&Message {
            method: &self.method,
            target: &self.target,
            scheme: &self.scheme,
            authority: &self.authority,
            headers: &headers,
            body: self.body.as_deref(),
        })
    }

    fn parse_at(&self, now: i64) -> Result<Parsed, Refusal> {
        let now = DateTime::from_timestamp(now, 0).unwrap();
        self.with(|message| parse(message, now, Window::default()))
    }

    fn refusal(&self) -> Option<Refusal> {
        self.parse_at(NOW).err()
    }

    fn accepted_by(&self, key: &VerifyingKey) -> bool {
        self.parse_at(NOW).is_ok_and(|parsed| parsed.verify(key))
    }

    fn add(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn value(&mut self, name: &str) -> &mut String {
        let header = self.headers.iter_mut().find(|(key, _)| key == name);
        &mut header.unwrap().1
    }

    fn replace(mut self, name: &str, from: &str, to: &str) -> Self {
        let value = self.value(name);
        assert!(value.contains(from), "{from} in {value}");
        *value = value.replace(from, to);
        self
    }
}

fn rsa() -> &'static RsaKeyPair {
    static PAIR: std::sync::OnceLock<RsaKeyPair> = std::sync::OnceLock::new();
    PAIR.get_or_init(|| RsaKeyPair::generate().unwrap())
}

fn rsa_public() -> VerifyingKey {
    rsa().verifying_key().unwrap()
}

/// A request to us that is signed by [`rsa`] at [`NOW`].
fn signed(dialect: Dialect, method: &str, url: &str, body: Option<&[u8]>) -> Request {
    signed_by(&rsa().signing_key(), dialect, method, url, body)
}

fn signed_by(key: &SigningKey, dialect: Dialect, method: &str, url: &str, body: Option<&[u8]>) -> Request {
    let url = Url::parse(url).unwrap();
    let now = DateTime::from_timestamp(NOW, 0).unwrap();
    let mut headers = match dialect {
        Dialect::Cavage => cavage::sign((method, &url, body), KEY_ID, key, now, None).unwrap(),
        Dialect::Rfc9421 => rfc9421::sign((method, &url, body), KEY_ID, key, now, None).unwrap(),
    };
    let Destination { authority, target } = Destination::of(&url).unwrap();
    if dialect == Dialect::Rfc9421 {
        headers.push(("host", authority.clone()));
    }
    Request {
        method: method.to_owned(),
        target,
        scheme: url.scheme().to_owned(),
        authority,
        headers: headers.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
        body: body.map(<[u8]>::to_vec),
    }
}

fn post(dialect: Dialect) -> Request {
    signed(dialect, "POST", "https://beta.example/inbox", Some(BODY))
}

/// Signs the request anew in cavage, with these names and parameters.
fn cavage_over(request: &Request, names: &str, extra: &str) -> Request {
    let mut request = request.clone();
    request.headers.retain(|(name, _)| name != "signature");
    let parameters = cavage::read_parameters(extra).unwrap();
    let base = request.with(|m| cavage::signing_string(m, m.target, names, &parameters));
    let key = rsa().signing_key();
    let signature = STANDARD.encode(key.sign_rsa_sha256(base.unwrap().as_bytes()).unwrap());
    let comma = if extra.is_empty() { "" } else { "," };
    let value = format!(r#"{extra}{comma}keyId="{KEY_ID}",headers="{names}",signature="{signature}""#);
    request.add("signature", &value)
}

/// Signs the request anew in RFC 9421, with this member of `Signature-Input`.
fn rfc9421_over(request: &Request, member: &str) -> Request {
    let mut request = request.clone();
    request.headers.retain(|(name, _)| !name.starts_with("signature"));
    let input = format!("sig1={member}");
    let base = request.with(|m| rfc9421::signature_base(m, &rfc9421::read_input(&input).unwrap()));
    let signature = rsa().signing_key().sign(base.unwrap().as_bytes()).unwrap();
    let signature = format!("sig1=:{}:", STANDARD.encode(signature));
    request.add("signature-input", &input).add("signature", &signature)
}
