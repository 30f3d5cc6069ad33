//! Signed statements about practitioners as they stand on actors: twice, once for programs that know them and once as a
//! profile field for all others; and the keys of the institution that signs them.

use serde_json::{Map, Value, json};

use super::value;
use crate::{
    crypto::digest,
    model::{Account, Attestation, IssuingKey, StatedSpecialty},
    policy::disciplines::Discipline,
    service::{
        attestations::{Carried, multikey},
        urls,
    },
    text::sanitize,
};

const ATTACHMENT: &str = "VerifiableCredentialAttachment";
/// Most statements of one actor that are read.
const MOST: usize = 8;
/// Longest statement that is read, in bytes.
const LONGEST: usize = 16 << 10;

/// The statements of one of our people, for their document.
pub(super) fn attachments(carried: &Carried, origin: &str) -> Vec<Value> {
    let name = format!("Verified by {}", carried.institution);
    let mut attached = Vec::new();
    for one in &carried.statements {
        let Ok(credential) = serde_json::from_str::<Value>(&one.document) else { continue };
        let href = sanitize::escape(&urls::verify(origin, &one.token));
        let words = sanitize::escape(&words(one));
        attached.push(json!({
            "type": "PropertyValue",
            "name": name,
            "value": format!("<a href=\"{href}\" rel=\"me nofollow noopener\">{words}</a>"),
        }));
        attached.push(json!({
            "type": ATTACHMENT,
            "name": name,
            "mediaType": "application/vc",
            "href": one.uri,
            "digestMultibase": digest::sha256_multibase(one.document.as_bytes()),
            "credential": credential,
        }));
    }
    attached
}

/// "Doctor (GB) · Cardiology · to 2027-01"
fn words(one: &Attestation) -> String {
    let mut words = Discipline::find(&one.discipline).map_or("Practitioner", |known| known.person).to_owned();
    if !one.jurisdiction.is_empty() {
        words = format!("{words} ({})", one.jurisdiction);
    }
    let specialties: Vec<StatedSpecialty> =
        serde_json::from_value(one.specialties.clone()).unwrap_or_else(|_| Vec::new());
    if let Some(first) = specialties.first() {
        words = format!("{words} · {}", first.display);
    }
    format!("{words} · to {}", one.valid_until.format("%Y-%m"))
}

/// Adds the institution's own keys to its document, the newest first, and what they say of each other.
pub(super) fn add_keys(body: &mut Map<String, Value>, institution: &Account, keys: &[IssuingKey]) {
    let multikeys = keys.iter().map(|key| multikey(key, &institution.uri)).collect::<Vec<_>>();
    body.insert("assertionMethod".into(), multikeys.into());
    // The word of a key counts as long as the one that it is for.
    let endorsed = keys.iter().filter(|key| key.revoked_at.is_none()).filter_map(|key| key.endorsement.as_deref());
    let endorsements: Vec<Value> = endorsed.filter_map(|text| serde_json::from_str(text).ok()).collect();
    body.insert("keyEndorsements".into(), endorsements.into());
}

/// The terms of what is attached, for the context of an actor.
pub(super) fn context(terms: &str) -> Value {
    json!({
        "cred": format!("{terms}#"),
        "VerifiableCredentialAttachment": "cred:VerifiableCredentialAttachment",
        "credential": { "@id": "cred:credential", "@type": "@json" },
        "digestMultibase": "https://w3id.org/security#digestMultibase",
        "keyEndorsements": { "@id": "cred:keyEndorsements", "@type": "@json" },
    })
}

/// The statements that an actor of another server carries, as they came. Whether any holds is found out later.
pub(super) fn read(actor: &Value) -> Vec<Value> {
    value::list(actor, "attachment")
        .into_iter()
        .filter(|one| value::is(one, ATTACHMENT))
        .filter_map(|one| one.get("credential"))
        .filter(|credential| credential.is_object() && credential.to_string().len() <= LONGEST)
        .take(MOST)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_read_as_far_as_they_have_their_form_and_size() {
        let attached = |credential: Value| json!({ "type": ATTACHMENT, "credential": credential });
        let large = json!({ "text": "x".repeat(LONGEST) });
        let mut all = vec![attached(large), attached(json!("text")), json!({ "type": "PropertyValue" })];
        assert_eq!(read(&json!({ "attachment": all })), Vec::<Value>::new());
        all.extend((0..12).map(|n| attached(json!({ "n": n }))));
        let read = read(&json!({ "attachment": all }));
        assert_eq!((read.len(), &read[0], &read[7]), (8, &json!({ "n": 0 }), &json!({ "n": 7 })));
    }
}
