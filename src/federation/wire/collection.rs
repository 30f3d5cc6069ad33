//! Collections and their pages.

use serde_json::{Value, json};

use super::value;

/// An `OrderedCollection` whose items are on pages.
pub fn paged(id: &str, total: i64, first: Option<&str>) -> Value {
    let mut body = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": id,
        "type": "OrderedCollection",
        "totalItems": total,
    });
    if let (Some(first), Some(body)) = (first, body.as_object_mut()) {
        body.insert("first".into(), first.into());
    }
    body
}

/// An `OrderedCollection` that is walked page by page and does not say how long it is.
pub fn walked(id: &str, first: &str) -> Value {
    json!({ "@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "OrderedCollection", "first": first })
}

/// An `OrderedCollection` that is small enough to stand in one document.
pub fn whole(id: &str, items: Vec<Value>) -> Value {
    let mut body = paged(id, i64::try_from(items.len()).unwrap_or(i64::MAX), None);
    if let Some(body) = body.as_object_mut() {
        body.insert("orderedItems".into(), items.into());
    }
    body
}

/// An `OrderedCollectionPage`.
pub fn page(id: &str, part_of: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut body = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": id,
        "type": "OrderedCollectionPage",
        "partOf": part_of,
        "orderedItems": items,
    });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("next".into(), next.into());
    }
    body
}

/// The ids of a collection or page as it stands, at most `limit`.
pub fn item_ids(body: &Value, limit: usize) -> Vec<String> {
    let direct = ["orderedItems", "items"].iter().flat_map(|key| value::ids(body, key));
    let first = body.get("first").into_iter().flat_map(|first| {
        ["orderedItems", "items"].into_iter().flat_map(|key| value::ids(first, key)).collect::<Vec<_>>()
    });
    direct.chain(first).take(limit).collect()
}
