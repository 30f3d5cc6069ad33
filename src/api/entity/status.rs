use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Account, CustomEmoji, MediaAttachment, Poll,
    account::{account, visibility},
    media::attachment,
    poll::poll,
    stamp,
};
use crate::{
    error::Result,
    model::{Filter, PostCard},
    policy::Viewer,
    service::{
        Ctx,
        posts::{self, Parts},
        urls,
    },
    text::sanitize,
};

/// A post, or a boost with the post inside.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Status {
    pub(in crate::api) id: String,
    uri: String,
    url: Option<String>,
    created_at: String,
    account: Account,
    /// HTML.
    content: String,
    /// `public`, `unlisted`, `private` or `direct`.
    visibility: &'static str,
    sensitive: bool,
    spoiler_text: String,
    media_attachments: Vec<MediaAttachment>,
    application: Option<Application>,
    mentions: Vec<Mention>,
    tags: Vec<StatusTag>,
    emojis: Vec<CustomEmoji>,
    reblogs_count: i64,
    favourites_count: i64,
    quotes_count: i64,
    replies_count: i64,
    in_reply_to_id: Option<String>,
    in_reply_to_account_id: Option<String>,
    #[schema(no_recursion)]
    reblog: Option<Box<Status>>,
    poll: Option<Poll>,
    /// Link cards are not made here.
    card: Option<serde_json::Value>,
    language: Option<String>,
    /// What was typed; only in the answer to a deletion.
    pub(in crate::api) text: Option<String>,
    edited_at: Option<String>,
    /// Quotes are not spoken here.
    quote: Option<serde_json::Value>,
    /// The viewer's filters that match.
    filtered: Vec<super::FilterResult>,
    #[serde(skip_serializing_if = "Option::is_none")]
    favourited: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reblogged: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bookmarked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<bool>,
}

/// The program that a post was written with.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Application {
    name: String,
    website: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct Mention {
    id: String,
    username: String,
    url: String,
    acct: String,
}

/// A hashtag of a post.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct StatusTag {
    name: String,
    url: String,
}

/// `Status` for every card of a list, boosts wrapped as they are shown.
pub(in crate::api) async fn statuses(ctx: &Ctx, viewer: &Viewer, cards: &[PostCard]) -> Result<Vec<Status>> {
    written(ctx, viewer, cards, &posts::parts(ctx, viewer, cards).await?)
}

/// The same where the viewer's filters are at hand.
pub(in crate::api) async fn statuses_with(
    ctx: &Ctx,
    viewer: &Viewer,
    cards: &[PostCard],
    filters: Vec<Filter>,
) -> Result<Vec<Status>> {
    written(ctx, viewer, cards, &posts::parts_with(ctx, viewer, cards, filters).await?)
}

fn written(ctx: &Ctx, viewer: &Viewer, cards: &[PostCard], parts: &Parts) -> Result<Vec<Status>> {
    let mut out = Vec::with_capacity(cards.len());
    for card in cards {
        out.extend(entry(ctx, viewer, card, parts)?);
    }
    Ok(out)
}

/// `Status` of one card whose parts have been loaded.
pub(in crate::api) fn entry(ctx: &Ctx, viewer: &Viewer, card: &PostCard, parts: &Parts) -> Result<Option<Status>> {
    let Some(original) = status(ctx, viewer, card, parts)? else { return Ok(None) };
    let Some(booster) = &card.boosted_by else { return Ok(Some(original)) };
    let (Some(boost), Some(by)) = (parts.boosts.get(&card.entry_id), parts.accounts.get(&booster.id)) else {
        return Ok(None);
    };
    Ok(Some(Status {
        id: card.entry_id.to_string(),
        uri: boost.uri.clone(),
        url: sanitize::web_url(&boost.url),
        created_at: stamp(boost.at),
        account: account(ctx, by),
        reblog: Some(Box::new(original.clone())),
        ..original
    }))
}

fn status(ctx: &Ctx, viewer: &Viewer, card: &PostCard, parts: &Parts) -> Result<Option<Status>> {
    let post = &card.post;
    let Some(author) = parts.accounts.get(&post.author_id) else { return Ok(None) };
    let mentions = parts.mentions.get(&post.id).into_iter().flatten().map(|m| Mention {
        id: m.id.to_string(),
        username: m.username.clone(),
        url: m.url.clone(),
        acct: m.handle.clone(),
    });
    let signed_in = viewer.account().is_some();
    let own = viewer.account() == Some(post.author_id);
    let mut content = post.html.clone();
    if !post.title.is_empty() {
        content = format!("<p><strong>{}</strong></p>{content}", sanitize::escape(&post.title));
    }
    // Apps know no author but an account: who is shown in its place stands in the text.
    if let Some(byline) = card.byline() {
        content = format!("<p>{}</p>{content}", sanitize::escape(&byline));
    }
    // They know no such field either.
    if !post.interests.is_empty() {
        content = format!("{content}<p>Interests declared: {}</p>", sanitize::escape(&post.interests));
    }
    let open = post.visibility.is_open();
    let pictures: Result<Vec<_>> = card.media.0.iter().map(|m| attachment(ctx, viewer, m, open)).collect();
    Ok(Some(Status {
        id: post.id.to_string(),
        uri: post.uri.clone(),
        url: sanitize::web_url(&post.url),
        created_at: stamp(post.published_at),
        account: account(ctx, author),
        content,
        visibility: visibility(post.visibility),
        sensitive: post.sensitive || !post.warning.is_empty(),
        spoiler_text: post.warning.clone(),
        media_attachments: pictures?,
        application: parts
            .apps
            .get(&post.id)
            .map(|app| Application { name: app.name.clone(), website: sanitize::web_url(&app.website) }),
        mentions: mentions.collect(),
        tags: parts
            .tags
            .get(&post.id)
            .into_iter()
            .flatten()
            .map(|name| StatusTag { name: name.clone(), url: urls::tag(ctx, name) })
            .collect(),
        emojis: Vec::new(),
        reblogs_count: post.boosts_count,
        favourites_count: post.likes_count,
        quotes_count: 0,
        replies_count: post.replies_count,
        in_reply_to_id: post.reply_to_id.map(|id| id.to_string()),
        in_reply_to_account_id: post.reply_to_id.and_then(|id| parts.answered.get(&id)).map(ToString::to_string),
        reblog: None,
        poll: card.poll.as_ref().map(|p| poll(card, &p.0, signed_in, own, ctx.now())),
        card: None,
        language: (!post.language.is_empty()).then(|| post.language.clone()),
        text: None,
        edited_at: post.edited_at.map(stamp),
        quote: None,
        filtered: super::filter_results(ctx, viewer, card, parts),
        favourited: signed_in.then_some(card.liked),
        reblogged: signed_in.then_some(card.boosted),
        bookmarked: signed_in.then_some(card.bookmarked),
        muted: signed_in.then(|| parts.muted.contains(&post.id)),
        pinned: own.then(|| parts.pinned.contains(&post.id)),
    }))
}
