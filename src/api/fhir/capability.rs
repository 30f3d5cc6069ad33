use serde_json::{Value, json};

use super::{
    Ask, Reply, answer,
    search::{Kind, Parameter},
};

/// When what is said here last changed.
const DATE: &str = "2026-11-26";

/// `GET /fhir/metadata`
pub(in crate::api) async fn metadata(ask: Ask) -> Reply {
    let instance = &ask.ctx.config.instance;
    let organization =
        json!({ "type": "Organization", "interaction": [{ "code": "read" }], "versioning": "no-version" });
    Ok(answer(&json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "publisher": instance.name,
        "kind": "instance",
        "software": { "name": "Consilium", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": format!("Practitioners of {}", instance.name), "url": ask.base() },
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "rest": [{
            "mode": "server",
            "documentation": "Read only: those who let themselves be found, and what the institution states about them.",
            "resource": [searched(Kind::Practitioner), searched(Kind::PractitionerRole), organization],
        }],
    })))
}

fn searched(kind: Kind) -> Value {
    let parameter = |one: &Parameter| json!({ "name": one.name, "type": one.kind, "documentation": one.says });
    json!({
        "type": kind.name(),
        "interaction": [{ "code": "read" }, { "code": "search-type" }],
        "versioning": "no-version",
        "searchParam": kind.parameters().map(parameter).collect::<Vec<_>>(),
    })
}
