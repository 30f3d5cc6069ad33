//! What moderators of groups order (FEP-1b12, and the types that Lemmy has besides).

use serde_json::{Value, json};

use super::{PUBLIC, actor::stamp, note, value};
use crate::model::{Order, OrderKind};

/// Longest reason that is read, in bytes.
const MAX_REASON: usize = 8_000;

/// Reads an order, with the ActivityPub id of the group where that is said. Where it is about a post or a report, the group
/// is that of the post: what other programs write beside it is not always right.
pub fn read(body: &Value) -> Option<(Option<String>, Order)> {
    let null = Value::Null;
    let inner = body.get("object").unwrap_or(&null);
    let object = value::id(body, "object");
    let order = |kind, object: &str| {
        let reason = value::text(body, "summary").or_else(|| value::text(inner, "summary")).unwrap_or_default();
        Order::new(kind, object).because(value::bounded(reason, MAX_REASON))
    };
    Some(match value::kind(body) {
        "Delete" => (None, order(OrderKind::RemovePost, object?)),
        "Lock" => (None, order(OrderKind::Lock, object?)),
        "Block" => {
            let group = value::id(body, "target")?.to_owned();
            (Some(group), Order { ends_at: value::time(body, "endTime"), ..order(OrderKind::Ban, object?) })
        }
        "Add" => listed(body, order(OrderKind::Appoint, object?), OrderKind::Pin)?,
        "Remove" => listed(body, order(OrderKind::Dismiss, object?), OrderKind::Unpin)?,
        "Accept" | "Reject" if value::is(inner, "Follow") => {
            let group = value::id(inner, "object")?.to_owned();
            let kind = if value::is(body, "Accept") { OrderKind::Admit } else { OrderKind::Refuse };
            (Some(group), order(kind, value::id(inner, "actor")?))
        }
        "Accept" if note::kind(inner).is_some() => (None, order(OrderKind::Release, object?)),
        "Resolve" => (None, order(OrderKind::Resolve, object?)),
        "Undo" => {
            let about = value::id(inner, "object")?;
            match value::kind(inner) {
                "Delete" => (None, order(OrderKind::Restore, about)),
                "Lock" => (None, order(OrderKind::Unlock, about)),
                "Block" => (Some(value::id(inner, "target")?.to_owned()), order(OrderKind::Unban, about)),
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// An Add or Remove is about a moderator, or about a post on top, as its `target` says.
fn listed(body: &Value, about_moderator: Order, about_post: OrderKind) -> Option<(Option<String>, Order)> {
    let target = value::id(body, "target")?;
    let (group, collection) = target.rsplit_once('/')?;
    let order = match collection {
        "moderators" => about_moderator,
        "featured" => Order { kind: about_post, ..about_moderator },
        _ => return None,
    };
    Some((Some(group.to_owned()), order))
}

/// Writes an order by `actor` in a group, without a context. `id` is that of the activity; `open` is whether everybody reads
/// the group.
pub fn write(order: &Order, id: &str, actor: &str, group: &str, open: bool) -> Value {
    let (to, cc) = if open { (json!([PUBLIC]), json!([group])) } else { (json!([group]), json!([])) };
    let activity = |kind: &str, id: &str, object: Value| {
        let mut body = json!({ "id": id, "type": kind, "actor": actor, "to": to, "cc": cc, "audience": group });
        add(&mut body, "object", object);
        if !order.reason.is_empty() {
            add(&mut body, "summary", order.reason.clone().into());
        }
        body
    };
    let plain = |kind: &str, id: &str| activity(kind, id, order.object.clone().into());
    let with = |mut body: Value, target: String| {
        add(&mut body, "target", target.into());
        body
    };
    let undone = |inner: Value| activity("Undo", id, inner);
    let of_undone = format!("{id}-undone");
    let follow = || json!({ "type": "Follow", "actor": order.object, "object": group });
    match order.kind {
        OrderKind::RemovePost => plain("Delete", id),
        OrderKind::Restore => undone(plain("Delete", &of_undone)),
        OrderKind::Ban => {
            let mut body = with(plain("Block", id), group.to_owned());
            if let Some(at) = order.ends_at {
                add(&mut body, "endTime", stamp(at).into());
            }
            body
        }
        OrderKind::Unban => undone(with(plain("Block", &of_undone), group.to_owned())),
        OrderKind::Lock => plain("Lock", id),
        OrderKind::Unlock => undone(plain("Lock", &of_undone)),
        OrderKind::Pin => with(plain("Add", id), format!("{group}/featured")),
        OrderKind::Unpin => with(plain("Remove", id), format!("{group}/featured")),
        OrderKind::Appoint => with(plain("Add", id), format!("{group}/moderators")),
        OrderKind::Dismiss => with(plain("Remove", id), format!("{group}/moderators")),
        OrderKind::Admit => activity("Accept", id, follow()),
        OrderKind::Refuse => activity("Reject", id, follow()),
        OrderKind::Release => activity("Accept", id, json!({ "type": "Note", "id": order.object })),
        OrderKind::Resolve => activity("Resolve", id, json!({ "type": "Flag", "id": order.object })),
    }
}

fn add(body: &mut Value, key: &str, value: Value) {
    if let Some(body) = body.as_object_mut() {
        body.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn what_is_ordered_is_read_back() {
        let group = "https://a.example/users/hearts";
        for kind in OrderKind::ALL {
            let ban = *kind == OrderKind::Ban;
            let order = Order {
                ends_at: ban.then_some(DateTime::UNIX_EPOCH),
                ..Order::new(*kind, "https://b.example/it").because("It names a patient")
            };
            for open in [true, false] {
                let body =
                    write(&order, "https://c.example/users/cy#order-1", "https://c.example/users/cy", group, open);
                let (said, read) = read(&body).unwrap();
                assert_eq!(read, order, "{kind}");
                assert!(said.is_none_or(|said| said == group), "{kind}");
                assert_eq!(body.to_string().contains(PUBLIC), open, "{kind}");
            }
        }
    }

    #[test]
    fn what_is_no_order_is_read_as_none() {
        for body in [
            json!({ "type": "Block", "object": "https://b.example/users/bo" }),
            json!({ "type": "Add", "object": "https://b.example/1", "target": "https://b.example/users/bo/tags" }),
            json!({ "type": "Undo", "object": { "type": "Like", "object": "https://b.example/1" } }),
            json!({ "type": "Accept", "object": "https://b.example/follows/1" }),
            json!({ "type": "Lock" }),
        ] {
            assert_eq!(read(&body), None, "{body}");
        }
    }
}
