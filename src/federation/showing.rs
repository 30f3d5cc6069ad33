//! What a group of ours shows, for other servers: the newest discussions as programs that speak FEP-1b12 want them, all of it,
//! answers as well, page by page, and one discussion in its order.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::{
    FedData,
    negotiate::document,
    outbound::announced,
    routes::page_named,
    wire::{self, actor::stamp, collection},
};
use crate::{
    error::Result,
    model::{Account, GroupKind, PostCard},
    policy::Viewer,
    service::{
        Page,
        groups::{self, Discussion, Shown},
        urls,
    },
};

/// Most discussions that stand in the outbox of an open group itself.
const NEWEST: i64 = 50;

/// The outbox of a group. Of an open one its newest discussions stand in it, as the group handed them on; `page` asks for a page of
/// all that it shows, by id.
pub(super) async fn outbox(
    data: &FedData,
    group: &Account,
    viewer: &Viewer,
    page: Option<&str>,
) -> Result<HttpResponse> {
    let part_of = format!("{}/outbox", group.uri);
    let known = groups::by_id(&data.ctx, group.id).await?;
    let is_open = known.is_some_and(|(_, how)| how.kind == GroupKind::Open);
    let (to, cc) = audience(group, is_open);
    let Some(asked) = page else {
        let first = format!("{part_of}?page=first");
        if !is_open {
            return Ok(document(&collection::walked(&part_of, &first), true));
        }
        let mut body = collection::whole(&part_of, newest(data, group, viewer, (&to, &cc)).await?);
        if let Some(body) = body.as_object_mut() {
            body.insert("first".into(), first.into());
        }
        return Ok(document(&body, true));
    };
    let listed = groups::shown(&data.ctx, viewer, group.id, &page_named(asked)).await?;
    let next = listed.older.map(|below| format!("{part_of}?page={below}"));
    let item = |one: &Shown| {
        let context = groups::context_in(group, one.id, &one.uri, urls::is_ours(&data.ctx, &one.uri));
        named(group, one, context.filter(|_| is_open && one.answers.is_none()), (&to, &cc))
    };
    let items = listed.items.iter().map(item).collect();
    Ok(document(&collection::page(&format!("{part_of}?page={asked}"), &part_of, items, next), true))
}

/// To whom a group says what it shows: `to` and `cc`.
fn audience(group: &Account, is_open: bool) -> (Value, Value) {
    let followers = group.followers_uri.clone().unwrap_or_default();
    if is_open { (json!([wire::PUBLIC]), json!([followers])) } else { (json!([followers]), json!([])) }
}

/// A post that a group shows, by its id, with what it answers there, or where the discussion stands that it opens.
fn named(group: &Account, one: &Shown, context: Option<String>, (to, cc): (&Value, &Value)) -> Value {
    let kind = if one.answers.is_some() { "Note" } else { "Page" };
    let mut object = json!({ "id": one.uri, "type": kind, "audience": group.uri, "commentsEnabled": !one.ended });
    for (key, value) in [("inReplyTo", one.answers.clone()), ("context", context)] {
        if let (Some(value), Some(object)) = (value, object.as_object_mut()) {
            object.insert(key.into(), value.into());
        }
    }
    json!({
        "id": format!("{}#shown-{}", group.uri, one.id),
        "type": "Announce",
        "actor": group.uri,
        "published": stamp(one.published_at),
        "to": to,
        "cc": cc,
        "object": object,
    })
}

/// The newest discussions of an open group: what our people wrote as it was handed on; what others wrote is named, as it is theirs
/// to say.
async fn newest(data: &FedData, group: &Account, viewer: &Viewer, to_cc: (&Value, &Value)) -> Result<Vec<Value>> {
    let listed = groups::list(&data.ctx, viewer, group.id, "", &Page::first(NEWEST)).await?;
    groups::handed_out(&data.ctx, viewer, listed.items.iter().map(|card| card.post.id).collect()).await?;
    let mut items = Vec::with_capacity(listed.items.len());
    for card in &listed.items {
        items.push(if card.post.local {
            announced(data, group, &card.post).await?
        } else {
            written_elsewhere(group, card, to_cc)
        });
    }
    Ok(items)
}

/// A discussion in its order, as whoever it is to say so tells it.
pub(super) fn discussion(told: Discussion) -> Value {
    let mut body = collection::whole(&told.address, told.posts.into_iter().map(Value::from).collect());
    if let Some(body) = body.as_object_mut() {
        body.insert("attributedTo".into(), told.owner.into());
    }
    body
}

/// What somebody of another server wrote, as its group hands on what had waited.
fn written_elsewhere(group: &Account, card: &PostCard, (to, cc): (&Value, &Value)) -> Value {
    let (post, author) = (&card.post, &card.author.uri);
    let context = groups::context_in(group, post.id, &post.uri, post.local);
    json!({
        "id": format!("{}#shown-{}", group.uri, post.id),
        "type": "Announce",
        "actor": group.uri,
        "published": stamp(post.published_at),
        "to": to,
        "cc": cc,
        "object": {
            "id": format!("{}/activity", post.uri),
            "type": "Create",
            "actor": author,
            "audience": group.uri,
            "to": to,
            "cc": [group.uri],
            "object": {
                "id": post.uri, "type": "Note", "attributedTo": author, "audience": group.uri, "context": context,
            },
        },
    })
}
