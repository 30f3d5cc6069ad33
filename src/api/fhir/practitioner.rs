use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::{Ask, URI, organization};
use crate::{
    api::entity::stamp,
    model::{Account, PersonName},
    policy::disciplines::Discipline,
    service::{
        practitioners::{Practitioner, Stated},
        urls,
    },
    text::language,
};

/// The code system of languages.
const LANGUAGES: &str = "urn:ietf:bcp:47";

/// The code system of disciplines: our own vocabulary.
pub(super) fn disciplines(ask: &Ask) -> String {
    format!("{}#discipline", urls::practitioner_terms(&ask.ctx))
}

/// `CodeableConcept` of a discipline.
pub(super) fn discipline(ask: &Ask, key: &str) -> Option<Value> {
    let known = Discipline::find(key)?;
    let coding = json!([{ "system": disciplines(ask), "code": known.key, "display": known.name }]);
    Some(json!({ "coding": coding, "text": known.person }))
}

/// `dateTime`.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The name that is shown for somebody.
pub(super) fn shown_name(account: &Account) -> &str {
    if account.name.is_empty() { &account.username } else { &account.name }
}

/// `Practitioner`.
pub(super) fn resource(ask: &Ask, one: &Practitioner) -> Value {
    let account = &one.account;
    let mut body = Map::new();
    body.insert("resourceType".into(), "Practitioner".into());
    body.insert("id".into(), account.id.to_string().into());
    body.insert("meta".into(), json!({ "lastUpdated": stamp(account.updated_at) }));
    body.insert("identifier".into(), json!([{ "system": URI, "value": account.uri }]));
    body.insert("active".into(), true.into());
    body.insert("name".into(), json!([name(shown_name(account))]));
    put(&mut body, "qualification", one.stated.iter().map(|stated| qualification(ask, stated)).collect());
    put(&mut body, "communication", account.languages.iter().map(|code| spoken(code)).collect());
    Value::Object(body)
}

/// A list, where there is anything in it: FHIR has no empty ones.
pub(super) fn put(body: &mut Map<String, Value>, name: &str, list: Vec<Value>) {
    if !list.is_empty() {
        body.insert(name.to_owned(), list.into());
    }
}

fn name(shown: &str) -> Value {
    let guessed = PersonName::guess(shown);
    let mut body = Map::new();
    body.insert("text".into(), shown.into());
    if !guessed.family.is_empty() {
        body.insert("family".into(), guessed.family.into());
    }
    put(&mut body, "given", guessed.given.into_iter().map(Value::from).collect());
    Value::Object(body)
}

fn spoken(code: &str) -> Value {
    let mut coding = json!({ "system": LANGUAGES, "code": code });
    if let (Some(name), Some(members)) = (language::name(code), coding.as_object_mut()) {
        members.insert("display".into(), name.into());
    }
    json!({ "coding": [coding] })
}

/// A statement of ours: what it is about, against which register it was checked, and until when it holds.
fn qualification(ask: &Ask, stated: &Stated) -> Value {
    let specialties: Vec<&str> = stated.specialties.0.iter().map(|one| one.display.as_str()).collect();
    let mut code = discipline(ask, &stated.discipline).unwrap_or_else(|| json!({ "text": "Practitioner" }));
    if let (false, Some(members)) = (specialties.is_empty(), code.as_object_mut()) {
        let person = members.get("text").and_then(Value::as_str).unwrap_or_default();
        let words = format!("{person} · {}", specialties.join(", "));
        members.insert("text".into(), words.into());
    }
    let issuer =
        if stated.register.is_empty() { organization::reference(ask) } else { json!({ "display": stated.register }) };
    json!({
        "identifier": [{ "system": URI, "value": stated.uri }],
        "code": code,
        "period": { "start": time(stated.valid_from), "end": time(stated.valid_until) },
        "issuer": issuer,
    })
}
