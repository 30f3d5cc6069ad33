//! Finding people, posts and hashtags.

use super::{auth::Call, entity, error::Answer, json};
use crate::{
    error::Result,
    service::{
        follows,
        search::{self, Query},
        tags,
    },
};

async fn find(call: &Call) -> Result<entity::Search> {
    let viewer = call.viewer("read:search")?;
    let words = call.params.required("q")?;
    let id = |name: &str| call.params.number(name).filter(|n| *n >= 0);
    let offset = call.params.number("offset").unwrap_or(0).max(0);
    let query = Query {
        words,
        author: call.params.text("account_id").and_then(|id| id.parse().ok()),
        below: id("max_id"),
        above: id("min_id"),
        offset,
        limit: call.params.number("limit").unwrap_or(20).clamp(1, 40),
    };
    // Others are asked on behalf of our own people only.
    let resolve = call.params.flag("resolve").unwrap_or(false) && viewer.role().is_some();
    let mut found = search::for_app(&call.ctx, &viewer, &query, resolve).await?;
    let kind = call.params.text("type").unwrap_or_default();
    let wanted = |name: &str| kind.is_empty() || kind == name;
    // People and hashtags are all on the first page: there is none after it.
    let first = offset == 0;
    if !first || !wanted("accounts") {
        found.people.clear();
    }
    if call.params.flag("following").unwrap_or(false) {
        let ids = found.people.iter().map(|a| a.id).collect();
        let mine = follows::followed_of(&call.ctx, &viewer, ids).await?;
        found.people.retain(|a| mine.iter().any(|(id, _)| *id == a.id));
    }
    if !wanted("statuses") {
        found.posts.clear();
    }
    let names = found.tags.into_iter().map(|t| t.0).filter(|_| first && wanted("hashtags")).collect();
    let views = tags::views(&call.ctx, &viewer, names).await?;
    Ok(entity::Search {
        accounts: entity::accounts(&call.ctx, &found.people),
        statuses: entity::statuses(&call.ctx, &viewer, &found.posts).await?,
        hashtags: views.iter().map(|v| entity::tag(&call.ctx, v, viewer.role().is_some())).collect(),
    })
}

/// `GET /api/v2/search`
pub(super) async fn all(call: Call) -> Answer {
    Ok(json(&find(&call).await?))
}
