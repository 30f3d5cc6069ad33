//! The token by which a group proves for a while that a server has members in it (FEP-db0e).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{Unusable, actor::stamp, value};
use crate::crypto::{CryptoError, KeyKind, SigningKey, VerifyingKey, jcs};

/// Longest token that is read, in bytes.
pub const MAX: usize = 8_192;
/// How an `Authorization` header begins that has one.
const SCHEME: &str = "ActivityPubActorToken";
/// The one algorithm.
const ALGORITHM: &str = "rsa-sha256";
/// How long ours hold.
const VALID: TimeDelta = TimeDelta::minutes(30);
/// How long one may hold.
const LONGEST: TimeDelta = TimeDelta::hours(2);
/// How far the clock of a group's server may be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// What a token says. Nothing of it is believed before the signature is checked with a key of the issuer.
#[derive(Debug, Clone)]
pub struct Token {
    /// The group.
    pub issuer: String,
    /// The actor that may show it.
    pub actor: String,
    /// When it ends.
    pub valid_until: DateTime<Utc>,
    /// The key that it says it is signed with.
    pub key_id: String,
    issued_at: DateTime<Utc>,
    signature: Vec<u8>,
    /// What may have been signed.
    signed: [String; 2],
}

impl Token {
    /// Whether it holds now, and is not meant to hold for too long.
    pub fn is_timely(&self, now: DateTime<Utc>) -> bool {
        let lasts = self.valid_until - self.issued_at;
        self.issued_at <= now + AHEAD && now < self.valid_until && lasts > TimeDelta::zero() && lasts <= LONGEST
    }

    /// Whether a key has signed it.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        key.kind() == KeyKind::Rsa && self.signed.iter().any(|text| key.verify(text.as_bytes(), &self.signature))
    }
}

/// Makes a token for `actor`, signed with a key of the issuer.
pub fn issue(
    issuer: &str,
    actor: &str,
    (key_id, key): (&str, &SigningKey),
    now: DateTime<Utc>,
) -> Result<Value, CryptoError> {
    let mut members = Map::new();
    let (from, until) = (stamp(now), stamp(now + VALID));
    let said = [("issuer", issuer), ("actor", actor), ("issuedAt", from.as_str()), ("validUntil", until.as_str())];
    for (name, said) in said {
        members.insert(name.to_owned(), said.into());
    }
    let text = source(&members, str::to_owned).map_err(|why| CryptoError::Document(why.0))?;
    let signature = STANDARD.encode(key.sign_rsa_sha256(text.as_bytes())?);
    let signature = json!({ "algorithm": ALGORITHM, "keyId": key_id, "signature": signature });
    members.insert("signatures".into(), Value::Array(vec![signature]));
    Ok(Value::Object(members))
}

/// Reads a token.
pub fn read(text: &str) -> Result<Token, Unusable> {
    if text.len() > MAX {
        return Err(Unusable("a token that is too long"));
    }
    let body = jcs::parse_strict(text.as_bytes()).map_err(|_| Unusable("a token that is not strict JSON"))?;
    let members = body.as_object().ok_or(Unusable("a token that is no object"))?;
    let signatures = value::list(&body, "signatures");
    let ours = signatures.into_iter().find(|one| value::text(one, "algorithm") == Some(ALGORITHM));
    let ours = ours.ok_or(Unusable("a token without a signature that we know"))?;
    let signature = value::text(ours, "signature").and_then(|text| STANDARD.decode(text).ok());
    let said = |object: &Value, key: &str| {
        value::text(object, key).map(ToOwned::to_owned).ok_or(Unusable("a token that lacks a member"))
    };
    let when = |key: &str| value::time(&body, key).ok_or(Unusable("a token without its times"));
    Ok(Token {
        issuer: said(&body, "issuer")?,
        actor: said(&body, "actor")?,
        issued_at: when("issuedAt")?,
        valid_until: when("validUntil")?,
        key_id: said(ours, "keyId")?,
        signature: signature.ok_or(Unusable("a token whose signature is not base64"))?,
        // The FEP signs values as they are; the program that it comes from signs them as JSON, in quotation marks.
        signed: [source(members, str::to_owned)?, source(members, |said| Value::from(said).to_string())?],
    })
}

/// What is signed: all members but the signatures, a line each, in the order of the lines.
fn source(members: &Map<String, Value>, written: impl Fn(&str) -> String) -> Result<String, Unusable> {
    let mut lines = Vec::new();
    for (name, said) in members {
        if matches!(name.as_str(), "signature" | "signatures") {
            continue;
        }
        let said = said.as_str().ok_or(Unusable("a token with a member that is no text"))?;
        // A line more would be a member more.
        if name.chars().chain(said.chars()).any(char::is_control) {
            return Err(Unusable("a token with a control character"));
        }
        lines.push(format!("{name}: {}", written(said)));
    }
    lines.sort();
    Ok(lines.join("\n"))
}

/// Writes a token as an `Authorization` header.
pub fn header(token: &Value) -> String {
    format!("{SCHEME} {token}")
}

/// The token in an `Authorization` header; none where it has something else.
pub fn in_header(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::RsaKeyPair;

    const GROUP: &str = "https://alpha.example/users/hearts";
    const KEY_ID: &str = "https://alpha.example/users/hearts#main-key";
    const ACTOR: &str = "https://beta.example/actor";

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_714_744_938, 680_000_000).unwrap() + TimeDelta::minutes(minutes)
    }

    /// A key, and a token that it has signed at minute 0.
    fn issued() -> (RsaKeyPair, Value) {
        let pair = RsaKeyPair::generate().unwrap();
        let token = issue(GROUP, ACTOR, (KEY_ID, &pair.signing_key()), at(0)).unwrap();
        (pair, token)
    }

    fn signs(pair: &RsaKeyPair, token: &Value) -> bool {
        read(&token.to_string()).is_ok_and(|token| token.is_signed_by(&pair.verifying_key().unwrap()))
    }

    /// The members of a token with a signature over some text.
    fn signed_over(pair: &RsaKeyPair, mut token: Value, text: &str) -> Value {
        let signature = STANDARD.encode(pair.signing_key().sign_rsa_sha256(text.as_bytes()).unwrap());
        token["signatures"][0]["signature"] = signature.into();
        token
    }

    #[test]
    fn what_is_signed_is_what_the_fep_says() {
        let (pair, token) = issued();
        let lines = "actor: https://beta.example/actor\nissuedAt: 2024-05-03T14:02:18.680Z\n\
                     issuer: https://alpha.example/users/hearts\nvalidUntil: 2024-05-03T14:32:18.680Z";
        assert_eq!(read(&token.to_string()).unwrap().signed[0], lines);
        assert!(signs(&pair, &token));
        assert_eq!(signed_over(&pair, token.clone(), lines), token);
        let quoted = "actor: \"https://beta.example/actor\"\nissuedAt: \"2024-05-03T14:02:18.680Z\"\n\
                      issuer: \"https://alpha.example/users/hearts\"\nvalidUntil: \"2024-05-03T14:32:18.680Z\"";
        assert!(signs(&pair, &signed_over(&pair, token, quoted)), "as Smithereen writes it");
    }

    #[test]
    fn a_token_stands_in_its_header_and_nowhere_else() {
        let (_, token) = issued();
        assert_eq!(in_header(&header(&token)), Some(token.to_string().as_str()));
        assert_eq!(in_header("activitypubactortoken {}"), Some("{}"));
        for other in ["Bearer x", "ActivityPubActorToken", "", "ActivityPubActorTokens {}"] {
            assert_eq!(in_header(other), None, "{other}");
        }
    }

    #[test]
    fn nothing_that_was_signed_can_be_changed_or_added() {
        let (pair, token) = issued();
        for (member, said) in [
            ("issuer", "https://alpha.example/users/lungs"),
            ("actor", "https://eve.example/actor"),
            ("validUntil", "2024-05-03T15:32:18.680Z"),
            ("issuedAt", "2024-05-03T13:02:18.680Z"),
            ("more", "x"),
        ] {
            let mut forged = token.clone();
            forged[member] = said.into();
            assert!(!signs(&pair, &forged), "{member}");
        }
        assert!(!signs(&RsaKeyPair::generate().unwrap(), &token), "another key");
    }

    #[test]
    fn a_token_holds_from_its_beginning_to_its_end_and_no_longer_than_two_hours() {
        let (_, token) = issued();
        let read_back = |token: &Value| read(&token.to_string()).unwrap();
        for (minute, holds) in [(-6, false), (-5, true), (0, true), (29, true), (30, false), (45, false)] {
            assert_eq!(read_back(&token).is_timely(at(minute)), holds, "{minute}");
        }
        for (until, holds) in [(120, true), (121, false), (0, false), (-1, false)] {
            let mut other = token.clone();
            other["validUntil"] = stamp(at(until)).into();
            assert_eq!(read_back(&other).is_timely(at(-2)), holds, "{until}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let (_, token) = issued();
        for member in ["issuer", "actor", "issuedAt", "validUntil", "signatures"] {
            let mut lacking = token.clone();
            lacking.as_object_mut().unwrap().remove(member);
            assert!(read(&lacking.to_string()).is_err(), "{member}");
        }
        for (member, said) in [
            ("issuedAt", json!("yesterday")),
            ("actor", json!({ "id": ACTOR })),
            ("more", json!(1)),
            ("more", json!("a\nactor: b")),
            ("signatures", json!([{ "algorithm": "none", "keyId": KEY_ID, "signature": "" }])),
            ("signatures", json!([{ "algorithm": "rsa-sha256", "keyId": KEY_ID, "signature": "?" }])),
        ] {
            let mut wrong = token.clone();
            wrong[member] = said;
            assert!(read(&wrong.to_string()).is_err(), "{member}");
        }
        let twice = token.to_string().replacen('{', "{\"actor\":\"https://eve.example/actor\",", 1);
        let long = format!("{}{token}", " ".repeat(MAX));
        for text in ["", "[]", "null", twice.as_str(), long.as_str()] {
            assert!(read(text).is_err());
        }
    }
}
