use serde_json::{Value, json};

use super::{Ask, URI};
use crate::service::organization;

/// The only organization here.
pub(super) const ID: &str = "institution";

/// A reference to it.
pub(super) fn reference(ask: &Ask) -> Value {
    json!({ "reference": format!("Organization/{ID}"), "display": ask.ctx.config.instance.name })
}

/// `Organization`: the institution that runs this server.
pub(super) fn resource(ask: &Ask) -> Value {
    let instance = &ask.ctx.config.instance;
    json!({
        "resourceType": "Organization",
        "id": ID,
        "identifier": [{ "system": URI, "value": organization::uri(&ask.ctx) }],
        "active": true,
        "name": instance.name,
        "telecom": [{ "system": "url", "value": instance.origin() }],
    })
}
