use serde_json::{Value, json};

use super::{
    account::{account, visibility},
    stamp,
};
use crate::{
    error::Result,
    model::{AccountId, PostCard},
    policy::Viewer,
    service::{
        Ctx,
        posts::{self, Parts},
    },
    text::sanitize,
};

/// `Status` for every card of a list, boosts wrapped as they are shown.
pub(in crate::api) async fn statuses(ctx: &Ctx, viewer: &Viewer, cards: &[PostCard]) -> Result<Vec<Value>> {
    let parts = posts::parts(ctx, cards).await?;
    Ok(cards.iter().filter_map(|card| entry(ctx, viewer, card, &parts)).collect())
}

fn entry(ctx: &Ctx, viewer: &Viewer, card: &PostCard, parts: &Parts) -> Option<Value> {
    let original = status(ctx, viewer, card, parts)?;
    let Some((booster, ..)) = &card.boosted_by else { return Some(original) };
    let boost = parts.boosts.get(&card.entry_id)?;
    let mut body = original.clone();
    let outer = body.as_object_mut()?;
    outer.insert("id".into(), card.entry_id.to_string().into());
    outer.insert("uri".into(), boost.uri.clone().into());
    outer.insert("url".into(), boost.url.clone().into());
    outer.insert("created_at".into(), stamp(boost.at).into());
    outer.insert("account".into(), account(ctx, parts.accounts.get(booster)?));
    outer.insert("reblog".into(), original);
    Some(body)
}

fn status(ctx: &Ctx, viewer: &Viewer, card: &PostCard, parts: &Parts) -> Option<Value> {
    let post = &card.post;
    let author = parts.accounts.get(&post.author_id)?;
    let mentions: Vec<Value> = parts
        .mentions
        .get(&post.id)
        .into_iter()
        .flatten()
        .map(|m| json!({ "id": m.id.to_string(), "username": m.username, "url": m.url, "acct": m.handle }))
        .collect();
    let origin = ctx.config.instance.origin();
    let tags: Vec<Value> = parts
        .tags
        .get(&post.id)
        .into_iter()
        .flatten()
        .map(|name| json!({ "name": name, "url": format!("{origin}/tags/{name}") }))
        .collect();
    let own = viewer.account() == Some(post.author_id);
    let mut content = post.html.clone();
    if !post.title.is_empty() {
        content = format!("<p><strong>{}</strong></p>{content}", sanitize::escape(&post.title));
    }
    let mut body = json!({
        "id": post.id.to_string(),
        "uri": post.uri,
        "url": sanitize::web_url(&post.url),
        "created_at": stamp(post.published_at),
        "account": account(ctx, author),
        "content": content,
        "visibility": visibility(post.visibility),
        "sensitive": !post.warning.is_empty(),
        "spoiler_text": post.warning,
        "media_attachments": [],
        "application": null,
        "mentions": mentions,
        "tags": tags,
        "emojis": [],
        "reblogs_count": post.boosts_count,
        "favourites_count": post.likes_count,
        "quotes_count": 0,
        "replies_count": post.replies_count,
        "in_reply_to_id": post.reply_to_id.map(|id| id.to_string()),
        "in_reply_to_account_id": post.reply_to_id.and_then(|id| parts.answered.get(&id)).map(AccountId::to_string),
        "reblog": null,
        "poll": null,
        "card": null,
        "language": (!post.language.is_empty()).then_some(&post.language),
        "text": null,
        "edited_at": post.edited_at.map(stamp),
        "quote": null,
        "filtered": [],
    });
    if viewer.account().is_some()
        && let Some(body) = body.as_object_mut()
    {
        body.insert("favourited".into(), card.liked.into());
        body.insert("reblogged".into(), card.boosted.into());
        body.insert("bookmarked".into(), card.bookmarked.into());
        body.insert("muted".into(), false.into());
        if own {
            body.insert("pinned".into(), false.into());
        }
    }
    Some(body)
}
