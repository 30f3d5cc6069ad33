//! Lists of people.

use actix_web::web;

use super::{auth::Call, entity, error::Answer, json, page, statuses::people_ids};
use crate::{
    error::{Error, Result},
    model::{ListId, ListReplies},
    service::{Page, lists},
};

/// `GET /api/v1/lists`
pub(super) async fn all(call: Call) -> Answer {
    let viewer = call.own("read:lists")?;
    let found = lists::all(&call.ctx, &viewer).await?;
    Ok(json(&found.iter().map(entity::list).collect::<Vec<_>>()))
}

/// `GET /api/v1/lists/{id}`
pub(super) async fn read(call: Call, id: web::Path<ListId>) -> Answer {
    let viewer = call.own("read:lists")?;
    Ok(json(&entity::list(&lists::get(&call.ctx, &viewer, *id).await?)))
}

fn replies(call: &Call, usual: ListReplies) -> Result<ListReplies> {
    match call.params.text("replies_policy") {
        None => Ok(usual),
        Some(word) => ListReplies::parse(&word)
            .ok_or_else(|| Error::invalid("replies_policy", format!("'{word}' is not a valid replies_policy"))),
    }
}

/// `POST /api/v1/lists`
pub(super) async fn create(call: Call) -> Answer {
    let viewer = call.own("write:lists")?;
    let title = call.params.text("title").unwrap_or_default();
    let exclusive = call.params.flag("exclusive").unwrap_or(false);
    let made = lists::create(&call.ctx, &viewer, &title, replies(&call, ListReplies::List)?, exclusive).await?;
    Ok(json(&entity::list(&made)))
}

/// `PUT /api/v1/lists/{id}`
pub(super) async fn update(call: Call, id: web::Path<ListId>) -> Answer {
    let viewer = call.own("write:lists")?;
    let mut list = lists::get(&call.ctx, &viewer, *id).await?;
    list.title = call.params.text("title").unwrap_or(list.title);
    list.replies = replies(&call, list.replies)?;
    list.exclusive = call.params.flag("exclusive").unwrap_or(list.exclusive);
    Ok(json(&entity::list(&lists::update(&call.ctx, &viewer, list).await?)))
}

/// `DELETE /api/v1/lists/{id}`
pub(super) async fn delete(call: Call, id: web::Path<ListId>) -> Answer {
    let viewer = call.own("write:lists")?;
    lists::delete(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::Empty {}))
}

/// `GET /api/v1/lists/{id}/accounts`; `limit=0` means as many as there can be on a page.
pub(super) async fn members(call: Call, id: web::Path<ListId>) -> Answer {
    let viewer = call.own("read:lists")?;
    let page = if call.params.number("limit") == Some(0) { Page::first(2_000) } else { page::asked(&call, 40) };
    let listed = lists::members(&call.ctx, &viewer, *id, &page).await?;
    page::people(&call, &page, &listed).await
}

/// `POST /api/v1/lists/{id}/accounts`
pub(super) async fn add(call: Call, id: web::Path<ListId>) -> Answer {
    let viewer = call.own("write:lists")?;
    lists::add(&call.ctx, &viewer, *id, people_ids(&call.params, "account_ids")).await?;
    Ok(json(&entity::Empty {}))
}

/// `DELETE /api/v1/lists/{id}/accounts`
pub(super) async fn remove(call: Call, id: web::Path<ListId>) -> Answer {
    let viewer = call.own("write:lists")?;
    lists::remove(&call.ctx, &viewer, *id, people_ids(&call.params, "account_ids")).await?;
    Ok(json(&entity::Empty {}))
}
