//! Activities as documents.

use serde_json::{Value, json};

/// The context of what we send.
pub fn context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/data-integrity/v2",
        {
            "sensitive": "as:sensitive",
            "Hashtag": "as:Hashtag",
            "toot": "http://joinmastodon.org/ns#",
            "votersCount": "toot:votersCount",
            "blurhash": "toot:blurhash",
            "focalPoint": { "@container": "@list", "@id": "toot:focalPoint" }
        }
    ])
}

/// An activity around an object; `to` and `cc` as given.
pub fn write(kind: &str, id: &str, actor: &str, object: Value, to: Value, cc: Value) -> Value {
    json!({ "@context": context(), "id": id, "type": kind, "actor": actor, "to": to, "cc": cc, "object": object })
}

/// A Follow as it stands inside Accept, Reject and Undo, and alone.
pub fn follow(uri: &str, actor: &str, object: &str) -> Value {
    json!({ "id": uri, "type": "Follow", "actor": actor, "object": object })
}
