use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::{CREDENTIALS, facts, fault::Fault, pins, status};
use crate::{
    crypto::{
        VerifyingKey,
        proof::{proof_method, verify_proof},
    },
    model::StatedSpecialty,
};

/// How far clocks may differ.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);

/// The documents that statements point to, by the address that they were fetched from.
pub type Documents = BTreeMap<String, Value>;

/// The account that a statement is attached to, as it shows itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// Id of the actor.
    pub id: String,
    /// The name that it shows.
    pub name: String,
    /// The name before the `@`, and the host after it.
    pub handle: Option<String>,
}

/// What a statement says, once it is found to be what its issuer signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its own address.
    pub id: String,
    /// Id of the institution that made it.
    pub issuer: String,
    /// Id of the account that it speaks of.
    pub subject: String,
    /// The name that was checked.
    pub name: String,
    /// The handle that was checked, where it binds one.
    pub handle: Option<String>,
    /// From when on it holds.
    pub valid_from: DateTime<Utc>,
    /// When it ends.
    pub valid_until: DateTime<Utc>,
    /// Key of the discipline; empty where it is none that we know.
    pub discipline: String,
    /// Such as "Consultant"; empty where it is not said.
    pub role: String,
    /// 1 to 4; 0 where it is not said.
    pub level: i16,
    /// The day of the institution's own check.
    pub checked_on: Option<NaiveDate>,
    /// The register or body in words; empty where it is not said.
    pub register: String,
    /// ISO 3166; empty where it is not said.
    pub jurisdiction: String,
    /// Specialties.
    pub specialties: Vec<StatedSpecialty>,
}

/// Checks one `PractitionerCredential`: that it speaks of the account that carries it, that the
/// issuer's own key signed it, that its time is now, and that the issuer has not taken it back.
///
/// `credential` and `documents` must have been read with
/// [`parse_strict`](crate::crypto::jcs::parse_strict). Without a carrier nobody is compared with its
/// subject. Whether the issuer is trusted is the caller's to know.
///
/// # Errors
/// The first [`Fault`] found; [`Fault::Needs`] names the document that is missing.
pub fn check(
    credential: &Value,
    documents: &Documents,
    carrier: Option<&Carrier>,
    now: DateTime<Utc>,
) -> Result<Statement, Fault> {
    let statement = read(credential)?;
    if let Some(carrier) = carrier {
        compare(&statement, carrier)?;
    }
    signed(credential, &statement.issuer, documents, now)?;
    timely(credential, now)?;
    status::check(credential, &statement.issuer, documents, now)?;
    Ok(statement)
}

/// What a statement says, whoever signed it.
pub(super) fn read(credential: &Value) -> Result<Statement, Fault> {
    let context = credential.get("@context").map(first).and_then(Value::as_str);
    if context != Some(CREDENTIALS) {
        return Err(Fault::Form("its first context is not that of credentials"));
    }
    if !["VerifiableCredential", "PractitionerCredential"].iter().all(|name| has_type(credential, name)) {
        return Err(Fault::Form("its type is not PractitionerCredential"));
    }
    let text = |pointer| credential.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let subject = credential.get("credentialSubject").unwrap_or(&Value::Null);
    Ok(Statement {
        id: text("/id").ok_or(Fault::Form("it has no id"))?,
        issuer: issuer(credential).ok_or(Fault::Form("it has no issuer"))?.to_owned(),
        subject: text("/credentialSubject/id").ok_or(Fault::Form("it has no subject"))?,
        name: text("/credentialSubject/name").ok_or(Fault::Form("its subject has no name"))?,
        handle: text("/credentialSubject/handle"),
        valid_from: time(credential, "validFrom").ok_or(Fault::Form("validFrom is not a time"))?,
        valid_until: time(credential, "validUntil").ok_or(Fault::Form("validUntil is not a time"))?,
        discipline: facts::discipline(subject),
        role: facts::words(subject, "/role", 80),
        level: facts::level(subject),
        checked_on: facts::day(subject, "/checkedOn"),
        register: facts::register(subject),
        jurisdiction: facts::jurisdiction(subject),
        specialties: facts::specialties(subject),
    })
}

fn compare(statement: &Statement, carrier: &Carrier) -> Result<(), Fault> {
    if statement.subject != carrier.id {
        return Err(Fault::OtherSubject);
    }
    if statement.name != carrier.name {
        return Err(Fault::OtherName("name"));
    }
    match (&statement.handle, &carrier.handle) {
        (Some(checked), Some(shown)) if !checked.eq_ignore_ascii_case(shown) => Err(Fault::OtherName("handle")),
        _ => Ok(()),
    }
}

/// Whether the document carries a proof by a key that the issuer itself lists, on its own host.
pub(in crate::service) fn signed(
    document: &Value,
    issuer: &str,
    documents: &Documents,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let method = proof_method(document).unwrap_or_default();
    // Before anything is asked for: a key binds nobody but its own host.
    if !same_origin(issuer, method) {
        return Err(Fault::UnknownKey);
    }
    let listed = documents.get(issuer).ok_or_else(|| Fault::Needs(issuer.to_owned()))?;
    if listed.get("id").and_then(Value::as_str) != Some(issuer) {
        return Err(Fault::UnknownKey);
    }
    let key = pins::find(listed, issuer, method, now).ok_or(Fault::UnknownKey)?;
    if key.ended {
        return Err(Fault::EndedKey);
    }
    let key = VerifyingKey::from_multibase(&key.multikey).map_err(|_| Fault::UnknownKey)?;
    Ok(verify_proof(document, &key, now)?)
}

/// Whether now lies between `validFrom` and `validUntil`.
pub(super) fn timely(document: &Value, now: DateTime<Utc>) -> Result<(), Fault> {
    if time(document, "validFrom").is_some_and(|from| from > now + CLOCKS) {
        return Err(Fault::NotYet);
    }
    if time(document, "validUntil").is_some_and(|until| until <= now - CLOCKS) {
        return Err(Fault::Expired);
    }
    Ok(())
}

pub(super) fn issuer(document: &Value) -> Option<&str> {
    let issuer = document.get("issuer")?;
    issuer.as_str().or_else(|| issuer.get("id")?.as_str())
}

pub(super) fn has_type(document: &Value, name: &str) -> bool {
    document.get("type").is_some_and(|types| items(types).iter().any(|one| one == name))
}

pub(super) fn same_origin(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin().is_tuple() && one.origin() == other.origin(),
        _ => false,
    }
}

/// One value alone is short for a list of it.
pub(super) fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

fn first(value: &Value) -> &Value {
    items(value).first().unwrap_or(&Value::Null)
}

pub(super) fn time(document: &Value, name: &str) -> Option<DateTime<Utc>> {
    let text = document.get(name)?.as_str()?;
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::vectors;

    /// The cases of the design, and what is wrong with each.
    const CASES: &[(&str, Option<&str>)] = &[
        ("valid", None),
        ("revoked", Some("revoked")),
        ("expired", Some("expired")),
        ("not-yet-valid", Some("not_yet")),
        ("attached-to-another-actor", Some("other_subject")),
        ("copied-by-another-actor", Some("other_subject")),
        ("issuer-not-key-controller", Some("unknown_key")),
        ("wrong-purpose", Some("proof")),
        ("signed-by-unknown-key", Some("proof")),
        ("status-list-on-other-origin", Some("list")),
        ("display-name-changed", Some("other_name")),
        ("tampered", Some("proof")),
    ];

    #[test]
    fn the_practitioner_credential_vectors_hold() {
        let Some(file) = vectors::json("data-integrity/practitioner-credential.json") else { return };
        let lists = vectors::json("status-list/bitstring.json").unwrap();
        let now = DateTime::parse_from_rfc3339(vectors::text(&file, "verify_at")).unwrap().to_utc();
        let mut documents = Documents::new();
        for document in [&file["issuer_document"], &lists["signed_status_list_credential"]] {
            documents.insert(vectors::text(document, "id").to_owned(), document.clone());
        }
        let cases = vectors::list(&file, "cases");
        assert_eq!(cases.len(), CASES.len());
        for case in cases {
            let or = |name, otherwise| {
                case.get(name).and_then(Value::as_str).unwrap_or_else(|| vectors::text(&file, otherwise)).to_owned()
            };
            let (id, name) = (or("attached_to", "attached_to_default"), or("actor_name", "actor_name_default"));
            let outcome = check(&case["secured_document"], &documents, Some(&Carrier { id, name, handle: None }), now);
            let expected = CASES.iter().find(|(name, _)| case["name"] == *name).unwrap();
            assert_eq!((expected.0, outcome.as_ref().err().map(Fault::word)), *expected, "{outcome:?}");
            assert_eq!(case["valid"], outcome.is_ok());
        }
    }
}
