//! How whatever is signed here is written.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::{
    crypto::jcs,
    error::{Error, Result},
    model::IssuingKey,
};

/// The first context of what is signed (W3C Verifiable Credentials 2.0).
pub(in crate::service) const CREDENTIALS: &str = "https://www.w3.org/ns/credentials/v2";

/// A signed document as it is kept and handed out.
pub(in crate::service) fn canonical(document: &Value) -> Result<String> {
    let bytes = jcs::canonicalize(document).map_err(|e| Error::Internal(e.into()))?;
    String::from_utf8(bytes).map_err(|e| Error::Internal(e.into()))
}

/// A point in time: UTC, whole seconds.
pub(in crate::service) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A key of the institution as its document lists it.
#[must_use]
pub fn multikey(key: &IssuingKey, controller: &str) -> Value {
    let mut multikey = json!({
        "id": key.uri, "type": "Multikey", "controller": controller, "publicKeyMultibase": key.public_key,
    });
    if let (Some(end), Some(members)) = (key.revoked_at, multikey.as_object_mut()) {
        members.insert("revoked".into(), stamp(end).into());
    }
    multikey
}
