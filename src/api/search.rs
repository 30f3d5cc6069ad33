//! Finding people, posts by their address, and hashtags.

use serde_json::{Value, json};

use super::{auth::Call, entity, error::Answer, json as answer};
use crate::service::search;

/// `GET /api/v2/search`
pub(super) async fn all(call: Call) -> Answer {
    let viewer = call.viewer("read:search")?;
    let words = call.params.required("q")?;
    let limit = call.params.number("limit").unwrap_or(20).clamp(1, 40);
    // Others are asked on behalf of our own people only.
    let resolve = call.params.flag("resolve").unwrap_or(false) && viewer.role().is_some();
    let found = search::for_app(&call.ctx, &viewer, &words, limit, resolve).await?;
    let kind = call.params.text("type").unwrap_or_default();
    let wanted = |name: &str| kind.is_empty() || kind == name;
    // The whole is in the first page: there is none after it.
    let first = call.params.number("offset").unwrap_or(0) <= 0;
    let accounts: Vec<Value> = found
        .people
        .iter()
        .filter(|_| first && wanted("accounts"))
        .map(|account| entity::account(&call.ctx, account))
        .collect();
    let cards: Vec<_> = found.post.into_iter().filter(|_| first && wanted("statuses")).collect();
    let origin = call.ctx.config.instance.origin();
    let hashtags: Vec<Value> = found
        .tags
        .iter()
        .filter(|_| first && wanted("hashtags"))
        .map(|(name, _)| json!({ "id": name, "name": name, "url": format!("{origin}/tags/{name}"), "history": [] }))
        .collect();
    let statuses = entity::statuses(&call.ctx, &viewer, &cards).await?;
    Ok(answer(&json!({ "accounts": accounts, "statuses": statuses, "hashtags": hashtags })))
}
