//! Events that wait to be rendered and handed out.

use chrono::TimeDelta;

use super::{Ctx, Queue, groups, media::Size};
pub use crate::store::outbox::Audience;
use crate::{
    error::{Error, Result},
    model::{AccountId, AccountKey, Event, Media, OutboxId, OutboxRow, Poll, Post, PostId, PostKind},
    policy, store,
};

/// Events that are due, oldest first.
pub async fn due(ctx: &Ctx) -> Result<Vec<(OutboxRow, Event)>> {
    let rows = store::outbox::list_due(&mut *ctx.pool.get().await?, ctx.now(), 50).await?;
    rows.into_iter()
        .map(|row| {
            let event = serde_json::from_value(row.event.clone()).map_err(|e| Error::Internal(e.into()))?;
            Ok((row, event))
        })
        .collect()
}

/// Keeps the rendered bytes and lines up one delivery for each inbox.
pub async fn hand_out(ctx: &Ctx, id: OutboxId, body: &[u8], to: &Audience) -> Result<()> {
    let states = policy::hosts::speaking_states(ctx.config.federation.mode);
    let mut tx = ctx.tx().await?;
    store::outbox::fan_out(&mut tx, id, body, to, states, ctx.now()).await?;
    store::wake::notify(&mut tx, Queue::Deliveries).await?;
    tx.commit().await
}

/// The event concerns nobody elsewhere (any more).
pub async fn drop_event(ctx: &Ctx, id: OutboxId) -> Result<()> {
    store::outbox::delete(&mut *ctx.pool.get().await?, id).await
}

/// An event could not be rendered: it is tried again, and logged each time.
pub async fn failed(ctx: &Ctx, row: &OutboxRow, error: &Error) -> Result<()> {
    let config = &ctx.config.worker;
    let wait =
        config.first_retry_seconds.saturating_mul(1 << row.attempts.clamp(0, 20)).min(config.longest_retry_seconds);
    tracing::error!(outbox = %row.id, %error, "an event could not be rendered");
    store::outbox::retry(&mut *ctx.pool.get().await?, row.id, ctx.now() + TimeDelta::seconds(wait)).await
}

/// What rendering a post needs beside its row: mentions (ActivityPub id and handle) and hashtags.
pub async fn post_parts(ctx: &Ctx, id: PostId) -> Result<(Vec<(AccountId, String, String)>, Vec<String>)> {
    let mut conn = ctx.pool.get().await?;
    Ok((store::posts::mentions(&mut conn, id).await?, store::tags::list(&mut conn, id).await?))
}

/// Pictures with their addresses, and the poll, of a post of ours.
pub async fn post_extras(ctx: &Ctx, post: &Post) -> Result<(Vec<(String, Media)>, Option<Poll>)> {
    let mut conn = ctx.pool.get().await?;
    let pictures = store::media::list_of(&mut conn, post.id).await?;
    let pictures = pictures.into_iter().map(|m| (super::urls::media(ctx, &m.name, Size::Full), m)).collect();
    let poll = match post.kind {
        PostKind::Question => store::polls::find(&mut conn, None, post.id).await?,
        _ => None,
    };
    Ok((pictures, poll))
}

/// Members on other servers who lead a group of ours.
pub async fn remote_leaders(ctx: &Ctx, group: AccountId) -> Result<Vec<AccountId>> {
    groups::leading_elsewhere(ctx, &mut *ctx.pool.read().await?, group).await
}

/// The public keys of an account.
pub async fn public_keys(ctx: &Ctx, id: AccountId) -> Result<Vec<AccountKey>> {
    super::keys::public(ctx, id).await
}
