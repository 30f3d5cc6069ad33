use serde_json::{Map, Value, json};

use super::{
    Ask, organization,
    practitioner::{discipline, put, shown_name, time},
};
use crate::{
    api::entity::stamp,
    model::StatedSpecialty,
    service::practitioners::{Practitioner, Stated},
};

/// `PractitionerRole`: what we state about somebody, all statements together. There is one a person, under their id.
pub(super) fn resource(ask: &Ask, one: &Practitioner) -> Value {
    let (account, stated) = (&one.account, &one.stated);
    let mut body = Map::new();
    body.insert("resourceType".into(), "PractitionerRole".into());
    body.insert("id".into(), account.id.to_string().into());
    body.insert("meta".into(), json!({ "lastUpdated": stamp(account.updated_at) }));
    body.insert("active".into(), true.into());
    let from = stated.iter().map(|one| one.valid_from).min();
    let until = stated.iter().map(|one| one.valid_until).max();
    if let (Some(from), Some(until)) = (from, until) {
        body.insert("period".into(), json!({ "start": time(from), "end": time(until) }));
    }
    let practitioner = json!({ "reference": format!("Practitioner/{}", account.id), "display": shown_name(account) });
    body.insert("practitioner".into(), practitioner);
    body.insert("organization".into(), organization::reference(ask));
    put(&mut body, "code", disciplines(stated).into_iter().filter_map(|key| discipline(ask, key)).collect());
    put(&mut body, "specialty", specialties(stated).into_iter().map(concept).collect());
    Value::Object(body)
}

/// Each once, in the order in which they were stated.
fn disciplines(stated: &[Stated]) -> Vec<&str> {
    let mut keys: Vec<&str> = Vec::new();
    for one in stated {
        if !keys.contains(&one.discipline.as_str()) {
            keys.push(&one.discipline);
        }
    }
    keys
}

fn specialties(stated: &[Stated]) -> Vec<&StatedSpecialty> {
    let mut found: Vec<&StatedSpecialty> = Vec::new();
    for one in stated.iter().flat_map(|one| &one.specialties.0) {
        if !found.iter().any(|known| (&known.system, &known.code) == (&one.system, &one.code)) {
            found.push(one);
        }
    }
    found
}

fn concept(one: &StatedSpecialty) -> Value {
    json!({ "coding": [{ "system": one.system, "code": one.code, "display": one.display }], "text": one.display })
}
