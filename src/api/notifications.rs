//! What happened to somebody.

use actix_web::web;
use serde_json::{Value, json};

use super::{
    auth::Call,
    entity::{self, stamp},
    error::Answer,
    json as answer, page,
};
use crate::{
    error::{Error, Result},
    model::{NotificationId, NotificationKind, PostCard},
    policy::Viewer,
    service::{
        notifications::{self, NotificationView},
        profiles,
    },
};

/// The contract's word for a kind. It knows no replies apart from mentions.
fn word(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Follow => "follow",
        NotificationKind::FollowRequest => "follow_request",
        NotificationKind::Mention | NotificationKind::Reply => "mention",
        NotificationKind::Like => "favourite",
        NotificationKind::Boost => "reblog",
    }
}

/// `Notification` for each of a page, in a fixed number of queries.
async fn entities(call: &Call, viewer: &Viewer, views: &[NotificationView]) -> Result<Vec<Value>> {
    let people = profiles::by_ids(&call.ctx, views.iter().map(|v| v.notification.from.id).collect()).await?;
    let cards: Vec<PostCard> = views.iter().filter_map(|v| v.post.clone()).collect();
    let statuses = entity::statuses(&call.ctx, viewer, &cards).await?;
    let status = |id: &str| statuses.iter().find(|s| s.get("id").and_then(Value::as_str) == Some(id)).cloned();
    let one = |view: &NotificationView| {
        let from = people.iter().find(|account| account.id == view.notification.from.id)?;
        let id = view.notification.id.to_string();
        let mut body = json!({
            "id": id,
            "type": word(view.notification.kind),
            "group_key": format!("ungrouped-{id}"),
            "created_at": stamp(view.notification.created_at),
            "account": entity::account(&call.ctx, from),
        });
        if let (Some(card), Some(body)) = (&view.post, body.as_object_mut()) {
            body.insert("status".into(), status(&card.post.id.to_string())?);
        }
        Some(body)
    };
    Ok(views.iter().filter_map(one).collect())
}

/// `GET /api/v1/notifications`
pub(super) async fn list(call: Call) -> Answer {
    let viewer = call.own("read:notifications")?;
    let (wanted, unwanted) = (call.params.list("types"), call.params.list("exclude_types"));
    let kinds: Vec<NotificationKind> = NotificationKind::ALL
        .iter()
        .copied()
        .filter(|kind| wanted.is_empty() || wanted.iter().any(|w| w == word(*kind)))
        .filter(|kind| !unwanted.iter().any(|w| w == word(*kind)))
        .collect();
    let page = page::asked(&call, 40);
    let listed = notifications::page(&call.ctx, &viewer, &kinds, &page).await?;
    let key = |view: &NotificationView| view.notification.id.0;
    let keys = listed.items.first().map(key).zip(listed.items.last().map(key));
    let items = entities(&call, &viewer, &listed.items).await?;
    Ok(page::answer(&call, &page, &listed, keys, items))
}

/// `GET /api/v1/notifications/{id}`
pub(super) async fn read(call: Call, id: web::Path<NotificationId>) -> Answer {
    let viewer = call.own("read:notifications")?;
    let view = notifications::read(&call.ctx, &viewer, *id).await?;
    let body = entities(&call, &viewer, &[view]).await?.pop().ok_or(Error::NotFound)?;
    Ok(answer(&body))
}

/// `POST /api/v1/notifications/{id}/dismiss`
pub(super) async fn dismiss(call: Call, id: web::Path<NotificationId>) -> Answer {
    let viewer = call.own("write:notifications")?;
    notifications::dismiss(&call.ctx, &viewer, *id).await?;
    Ok(answer(&json!({})))
}

/// `POST /api/v1/notifications/clear`
pub(super) async fn clear(call: Call) -> Answer {
    let viewer = call.own("write:notifications")?;
    notifications::clear(&call.ctx, &viewer).await?;
    Ok(answer(&json!({})))
}
