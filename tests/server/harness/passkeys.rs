//! A security key in software: it makes passkeys and answers for them, as a browser and a device would together.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{
    bn::BigNumContext,
    ec::{EcGroup, EcKey, PointConversionForm},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    sha::sha256,
    sign::Signer,
};
use serde_json::{Value, json};

/// What the device says of itself: somebody is there.
const THERE: u8 = 0b001;
/// It knows them.
const KNOWN: u8 = 0b100;
/// A new key comes along.
const WITH_KEY: u8 = 0b100_0000;

/// One passkey of it.
#[derive(Clone)]
pub struct Passkey {
    key: EcKey<Private>,
    /// What it calls itself.
    pub id: Vec<u8>,
    /// The device makes sure who is there.
    pub knows: bool,
    /// How far it has counted.
    pub counter: u32,
    /// Of which pages it believes to be on one.
    pub origin: String,
}

impl Passkey {
    pub fn new(origin: &str) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = EcKey::generate(&group).unwrap();
        let id = sha256(&key.private_key_to_der().unwrap()).to_vec();
        Self { key, id, knows: true, counter: 0, origin: origin.to_owned() }
    }

    /// Answers a page that asks for a new one.
    pub fn made_for(&self, asked: &str) -> String {
        let asked = options(asked);
        let client = self.client("webauthn.create", &asked);
        let mut data = self.data(host(&asked), WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.public());
        // {"fmt": "none", "attStmt": {}, "authData": …} in CBOR.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        self.answer(&json!({ "attestationObject": text(&object), "clientDataJSON": text(client.as_bytes()) }))
    }

    /// Answers a page that asks for the use of one, and counts on.
    pub fn used_for(&mut self, asked: &str) -> String {
        self.counter += 1;
        let asked = options(asked);
        let client = self.client("webauthn.get", &asked);
        let data = self.data(host(&asked), 0);
        let key = PKey::from_ec_key(self.key.clone()).unwrap();
        let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
        let signature = signer.sign_oneshot_to_vec(&[&data[..], &sha256(client.as_bytes())].concat()).unwrap();
        self.answer(&json!({
            "authenticatorData": text(&data),
            "clientDataJSON": text(client.as_bytes()),
            "signature": text(&signature),
            "userHandle": null,
        }))
    }

    fn client(&self, kind: &str, asked: &Value) -> String {
        let challenge = &asked["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false }).to_string()
    }

    fn data(&self, host: &str, more: u8) -> Vec<u8> {
        let flags = THERE | more | if self.knows { KNOWN } else { 0 };
        [&sha256(host.as_bytes())[..], &[flags], &self.counter.to_be_bytes()].concat()
    }

    /// The public half as a COSE key: ES256 on P-256.
    fn public(&self) -> Vec<u8> {
        let mut numbers = BigNumContext::new().unwrap();
        let point = self.key.public_key();
        let point = point.to_bytes(self.key.group(), PointConversionForm::UNCOMPRESSED, &mut numbers).unwrap();
        let start = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20";
        [&start[..], &point[1..33], b"\x22\x58\x20", &point[33..65]].concat()
    }

    fn answer(&self, response: &Value) -> String {
        json!({ "id": text(&self.id), "rawId": text(&self.id), "type": "public-key", "response": response }).to_string()
    }
}

/// What a page asks.
fn options(asked: &str) -> Value {
    serde_json::from_str::<Value>(asked).unwrap()["publicKey"].clone()
}

/// The host that asks, for a new one or for the use of one.
fn host(asked: &Value) -> &str {
    asked["rp"]["id"].as_str().or(asked["rpId"].as_str()).unwrap()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
