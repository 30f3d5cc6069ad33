//! Integrity proofs of the suite `eddsa-jcs-2022` (W3C VC Data Integrity, FEP-8b32): one Ed25519
//! signature over the canonical form of a JSON document.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::digest::sha256;
use super::jcs::canonicalize_for_signing;
use super::{CryptoError, Ed25519KeyPair, KeyKind, VerifyingKey};

const TYPE: &str = "DataIntegrityProof";
const SUITE: &str = "eddsa-jcs-2022";
const PURPOSE: &str = "assertionMethod";
const CONTEXT: &str = "@context";
/// Longest base58 text of the 64 bytes of a signature, with its `z`.
const PROOF_VALUE_MAX: usize = 90;
/// How far `created` may be ahead of our clock.
const AHEAD: TimeDelta = TimeDelta::minutes(10);

/// Why a document is not taken as proven. The words are fit for an answer and a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefusal {
    /// The document is not an object or has no proof.
    #[error("the document has no proof")]
    Missing,
    /// The document has more than one proof.
    #[error("the document has more than one proof")]
    Several,
    /// The proof is of another type, suite or purpose.
    #[error("the {0} of the proof is not supported")]
    Unsupported(&'static str),
    /// A member of the proof cannot be read.
    #[error("the {0} of the proof cannot be read")]
    Unreadable(&'static str),
    /// The document's context does not begin with the proof's.
    #[error("the context of the document does not begin with that of the proof")]
    Context,
    /// The proof is dated ahead of our clock.
    #[error("the proof is from the future")]
    InTheFuture,
    /// The proof has ended.
    #[error("the proof has expired")]
    Expired,
    /// The document has no canonical form of its own, for example for a number beyond 2^53.
    #[error("the document has no canonical form")]
    NotCanonical,
    /// The signature is not of this key, or not over this document.
    #[error("the proof does not match the document")]
    Mismatch,
}

/// Adds a proof to a document that has none, over everything in it and over its `@context`.
///
/// `verification_method` is the id under which the key is published.
///
/// # Errors
/// When the document is not an object, has a proof, or has numbers beyond 2^53.
pub fn add_proof(
    document: &mut Value,
    key: &Ed25519KeyPair,
    verification_method: &str,
    created: DateTime<Utc>,
) -> Result<(), CryptoError> {
    let members = document.as_object_mut();
    let members = members.ok_or(CryptoError::Document("not an object"))?;
    if members.contains_key("proof") {
        return Err(CryptoError::Document("it has a proof"));
    }
    let created = created.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut proof = Map::new();
    if let Some(context) = members.get(CONTEXT) {
        proof.insert(CONTEXT.to_owned(), context.clone());
    }
    for (name, value) in [
        ("type", TYPE),
        ("cryptosuite", SUITE),
        ("verificationMethod", verification_method),
        ("proofPurpose", PURPOSE),
        ("created", &created),
    ] {
        proof.insert(name.to_owned(), value.into());
    }
    let mut proof = Value::Object(proof);
    let signature = key.signing_key().sign(&hash_data(&proof, document)?)?;
    let signature = format!("z{}", bs58::encode(signature).into_string());
    if let (Some(proof), Some(members)) = (proof.as_object_mut(), document.as_object_mut()) {
        proof.insert("proofValue".to_owned(), signature.into());
        members.insert("proof".to_owned(), Value::Object(std::mem::take(proof)));
    }
    Ok(())
}

/// Verifies the one proof of a document as it was received: parse that with
/// [`parse_strict`](super::jcs::parse_strict). A legacy linked-data `signature` beside the proof is
/// left out of it.
///
/// That the key belongs to whoever the document speaks for is the caller's to check.
///
/// # Errors
/// The first [`ProofRefusal`] found.
pub fn verify_proof(document: &Value, key: &VerifyingKey, now: DateTime<Utc>) -> Result<(), ProofRefusal> {
    let proof = one_proof(document)?;
    for (name, expected) in [("type", TYPE), ("cryptosuite", SUITE), ("proofPurpose", PURPOSE)] {
        if proof.get(name).and_then(Value::as_str) != Some(expected) {
            return Err(ProofRefusal::Unsupported(name));
        }
    }
    if time(proof, "created")?.is_some_and(|created| created > now + AHEAD) {
        return Err(ProofRefusal::InTheFuture);
    }
    if time(proof, "expires")?.is_some_and(|expires| expires <= now) {
        return Err(ProofRefusal::Expired);
    }
    let signature = read_proof_value(proof).ok_or(ProofRefusal::Unreadable("proofValue"))?;
    let unsecured = unsecured(document, proof)?;
    let mut options = proof.clone();
    options.remove("proofValue");

    let data = hash_data(&Value::Object(options), &unsecured).ok();
    let data = data.ok_or(ProofRefusal::NotCanonical)?;
    if key.kind() == KeyKind::Ed25519 && key.verify(&data, &signature) { Ok(()) } else { Err(ProofRefusal::Mismatch) }
}

/// The `verificationMethod` of the one proof of a document: the id of the key that it claims.
#[must_use]
pub fn proof_method(document: &Value) -> Option<&str> {
    one_proof(document).ok()?.get("verificationMethod")?.as_str()
}

/// When the one proof of a document says that it was made.
#[must_use]
pub fn proof_created(document: &Value) -> Option<DateTime<Utc>> {
    time(one_proof(document).ok()?, "created").ok()?
}

/// The proof as an object, or as an array of one.
fn one_proof(document: &Value) -> Result<&Map<String, Value>, ProofRefusal> {
    match document.get("proof") {
        Some(Value::Object(proof)) => Ok(proof),
        Some(Value::Array(proofs)) => match proofs.as_slice() {
            [Value::Object(proof)] => Ok(proof),
            [_, _, ..] => Err(ProofRefusal::Several),
            _ => Err(ProofRefusal::Missing),
        },
        _ => Err(ProofRefusal::Missing),
    }
}

fn time(proof: &Map<String, Value>, name: &'static str) -> Result<Option<DateTime<Utc>>, ProofRefusal> {
    let Some(value) = proof.get(name) else {
        return Ok(None);
    };
    let time = value.as_str().map(DateTime::parse_from_rfc3339);
    match time {
        Some(Ok(time)) => Ok(Some(time.to_utc())),
        _ => Err(ProofRefusal::Unreadable(name)),
    }
}

fn read_proof_value(proof: &Map<String, Value>) -> Option<Vec<u8>> {
    let text = proof.get("proofValue")?.as_str()?;
    if text.len() > PROOF_VALUE_MAX {
        return None;
    }
    let signature = bs58::decode(text.strip_prefix('z')?).into_vec().ok()?;
    (signature.len() == 64).then_some(signature)
}

/// The document without its proof, and with the context that the proof was made under.
fn unsecured(document: &Value, proof: &Map<String, Value>) -> Result<Value, ProofRefusal> {
    let mut members = document.as_object().ok_or(ProofRefusal::Missing)?.clone();
    members.remove("proof");
    let legacy = |signature: &Value| signature["type"] == "RsaSignature2017";
    if members.get("signature").is_some_and(legacy) {
        members.remove("signature");
    }
    if let Some(context) = proof.get(CONTEXT) {
        let whole = members.insert(CONTEXT.to_owned(), context.clone());
        if !whole.is_some_and(|whole| terms(&whole).starts_with(terms(context))) {
            return Err(ProofRefusal::Context);
        }
    }
    Ok(Value::Object(members))
}

/// A context as a list, for one term alone is short for a list of it.
fn terms(context: &Value) -> &[Value] {
    match context {
        Value::Array(terms) => terms,
        term => std::slice::from_ref(term),
    }
}

/// The 64 bytes that are signed: the hash of the proof's options, then that of the document.
fn hash_data(options: &Value, document: &Value) -> Result<Vec<u8>, CryptoError> {
    let options = sha256(&canonicalize_for_signing(options)?);
    let document = sha256(&canonicalize_for_signing(document)?);
    Ok([options, document].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::vectors;
    use serde_json::json;

    const METHOD: &str = "https://clinic.example/users/ada#ed25519-key";

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn now() -> DateTime<Utc> {
        at("2026-03-01T09:00:00Z")
    }

    fn pair() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed(&[1; 32]).unwrap()
    }

    fn verify(document: &Value) -> Result<(), ProofRefusal> {
        verify_proof(document, &pair().verifying_key().unwrap(), now())
    }

    fn proven() -> Value {
        let mut document = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
            "id": "https://clinic.example/activities/1",
            "type": "Create",
            "object": {"type": "Note", "content": "é", "count": 3}
        });
        add_proof(&mut document, &pair(), METHOD, now()).unwrap();
        document
    }

    #[test]
    fn the_vectors_hold() {
        let Some(file) = vectors::json("data-integrity/eddsa-jcs-2022.json") else {
            return;
        };
        for case in vectors::list(&file, "cases") {
            let key = VerifyingKey::from_multibase(vectors::text(case, "key")).unwrap();
            let document = &case["secured_document"];
            let now = at(case["verify_at"].as_str().unwrap_or("2027-01-01T00:00:00Z"));
            let result = verify_proof(document, &key, now);
            assert_eq!(result.is_ok(), case["valid"].as_bool().unwrap(), "{case}: {result:?}");

            let Some(hash) = case.get("hash_data_hex").and_then(Value::as_str) else {
                continue;
            };
            let mut options = document["proof"].as_object().unwrap().clone();
            let unsecured = unsecured(document, &options).unwrap();
            options.remove("proofValue");
            let options = Value::Object(options);
            assert_eq!(hash_data(&options, &unsecured).unwrap(), vectors::hex(hash));
            let texts = [("canonical_document", &unsecured), ("canonical_proof_config", &options)];
            for (member, value) in texts {
                if let Some(expected) = case.get(member).and_then(Value::as_str) {
                    assert_eq!(canonicalize_for_signing(value).unwrap(), expected.as_bytes());
                }
            }
        }
    }

    #[test]
    fn the_vectors_of_the_standards_are_signed_to_the_same_bytes() {
        let Some(file) = vectors::json("data-integrity/eddsa-jcs-2022.json") else {
            return;
        };
        let seed = vectors::hex(vectors::text(&file["key"], "seed_hex"));
        let pair = Ed25519KeyPair::from_seed(&seed.try_into().unwrap()).unwrap();
        let mut signed = 0;
        for case in vectors::list(&file, "cases") {
            let document = &case["secured_document"];
            let created = proof_created(document).unwrap();
            let whole_seconds = created.timestamp_subsec_nanos() == 0;
            if case["valid"] != true || !whole_seconds {
                continue;
            }
            let mut again = document.clone();
            again.as_object_mut().unwrap().remove("proof");
            let method = proof_method(document).unwrap();
            add_proof(&mut again, &pair, method, created).unwrap();
            assert_eq!(&again, document);
            signed += 1;
        }
        assert!(signed >= 3);
    }

    #[test]
    fn the_proofs_of_the_credential_vectors_hold() {
        let Some(file) = vectors::json("data-integrity/practitioner-credential.json") else {
            return;
        };
        let method = &file["issuer_document"]["assertionMethod"][0];
        let key = VerifyingKey::from_multibase(vectors::text(method, "publicKeyMultibase"));
        let now = at(vectors::text(&file, "verify_at"));
        // The other refused cases carry a good proof and are refused for what they say.
        let broken = ["wrong-purpose", "signed-by-unknown-key", "tampered"];
        for case in vectors::list(&file, "cases") {
            let result = verify_proof(&case["secured_document"], key.as_ref().unwrap(), now);
            let name = vectors::text(case, "name");
            if broken.contains(&name) {
                assert!(result.is_err(), "{name}");
            } else if result.is_err() {
                assert_eq!(result, Err(ProofRefusal::InTheFuture), "{name}");
            }
        }
    }

    #[test]
    fn a_document_that_was_proven_here_verifies_until_it_is_touched() {
        let document = proven();
        assert_eq!(verify(&document), Ok(()));
        assert_eq!(proof_method(&document), Some(METHOD));
        assert_eq!(proof_created(&document), Some(now()));
        assert_eq!(document["proof"]["@context"], document["@context"]);

        let mut touched = document.clone();
        touched["object"]["content"] = "e".into();
        assert_eq!(verify(&touched), Err(ProofRefusal::Mismatch));
        let mut touched = document.clone();
        touched["proof"]["domain"] = "evil.example".into();
        assert_eq!(verify(&touched), Err(ProofRefusal::Mismatch));
    }

    #[test]
    fn exactly_one_proof_is_taken() {
        let document = proven();
        let proof = document["proof"].clone();
        let with = |proof| {
            let mut document = document.clone();
            document["proof"] = proof;
            verify(&document)
        };
        assert_eq!(with(json!([proof])), Ok(()));
        assert_eq!(with(json!([proof, proof])), Err(ProofRefusal::Several));
        for proof in [json!([]), json!(null), json!("proof"), json!([[proof]])] {
            assert_eq!(with(proof), Err(ProofRefusal::Missing));
        }
        assert_eq!(verify(&json!({})), Err(ProofRefusal::Missing));
        assert_eq!(verify(&json!([])), Err(ProofRefusal::Missing));
    }

    #[test]
    fn the_document_context_may_only_go_on_after_that_of_the_proof() {
        let mut document = proven();
        let context = document["@context"].as_array_mut().unwrap();
        context.push("https://more.example".into());
        assert_eq!(verify(&document), Ok(()));
        document["@context"].as_array_mut().unwrap().rotate_right(1);
        assert_eq!(verify(&document), Err(ProofRefusal::Context));
        document.as_object_mut().unwrap().remove("@context");
        assert_eq!(verify(&document), Err(ProofRefusal::Context));
    }

    #[test]
    fn a_legacy_signature_is_left_out_and_another_signature_member_is_not() {
        let mut document = proven();
        document["signature"] = json!({"type": "RsaSignature2017", "signatureValue": "AA=="});
        assert_eq!(verify(&document), Ok(()));
        document["signature"] = json!("Dr Ada");
        assert_eq!(verify(&document), Err(ProofRefusal::Mismatch));
    }

    #[test]
    fn a_strange_proof_is_refused_with_its_reason() {
        for (member, value, refusal) in [
            ("type", json!("Other"), ProofRefusal::Unsupported("type")),
            ("cryptosuite", json!(1), ProofRefusal::Unsupported("cryptosuite")),
            ("proofPurpose", json!("authentication"), ProofRefusal::Unsupported("proofPurpose")),
            ("created", json!("yesterday"), ProofRefusal::Unreadable("created")),
            ("created", json!("2026-03-01T09:11:00Z"), ProofRefusal::InTheFuture),
            ("expires", json!("2026-03-01T09:00:00Z"), ProofRefusal::Expired),
            ("expires", json!(1), ProofRefusal::Unreadable("expires")),
            ("proofValue", json!("z"), ProofRefusal::Unreadable("proofValue")),
            ("proofValue", json!("z".repeat(9999)), ProofRefusal::Unreadable("proofValue")),
            ("proofValue", json!("u7QEy"), ProofRefusal::Unreadable("proofValue")),
        ] {
            let mut document = proven();
            document["proof"][member] = value;
            assert_eq!(verify(&document), Err(refusal), "{member}");
        }
    }

    #[test]
    fn numbers_that_rounding_would_change_are_neither_signed_nor_verified() {
        let mut document = json!({"count": 9_007_199_254_740_993_u64});
        let refused = add_proof(&mut document, &pair(), METHOD, now());
        assert!(matches!(refused, Err(CryptoError::Number)));
        assert_eq!(document.get("proof"), None);

        let mut document = proven();
        document["object"]["count"] = 9_007_199_254_740_993_u64.into();
        assert_eq!(verify(&document), Err(ProofRefusal::NotCanonical));
    }

    #[test]
    fn only_an_object_without_a_proof_is_signed_and_only_by_ed25519() {
        for mut document in [json!([]), json!("text"), proven()] {
            let refused = add_proof(&mut document, &pair(), METHOD, now());
            assert!(matches!(refused, Err(CryptoError::Document(_))));
        }
        let rsa = crate::crypto::RsaKeyPair::generate().unwrap();
        let refused = verify_proof(&proven(), &rsa.verifying_key().unwrap(), now());
        assert_eq!(refused, Err(ProofRefusal::Mismatch));
    }
}
