//! Posts that a group does not take: what the server of their author is told, and what one of ours reads.

use serde_json::Value;

use super::{
    is_known_at,
    membership::words_of,
    orders::said,
    posts::{may_answer, tell_author},
    remote::{is_barred, told_to},
    require_may_post,
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, Event, Group, GroupDeed, Held, Membership, Post, PostId},
    policy::groups as policy,
    service::{Ctx, remote::RemotePost},
    store::{self, Conn},
};

/// Whether a group of ours takes a post of somebody on another server, who stands to it like this.
pub(super) async fn may_take(
    ctx: &Ctx,
    conn: &mut Conn,
    group: &Group,
    who: (AccountId, Membership),
    post: &RemotePost,
) -> Result<()> {
    require_may_post(ctx, conn, group, who).await?;
    policy::may_take(group, post.visibility)?;
    let Some(parent) = &post.reply_to else { return Ok(()) };
    match store::posts::find_by_uri(conn, parent).await? {
        Some(parent) => may_answer(conn, &parent).await,
        None => Ok(()),
    }
}

/// Answers what a group of ours does not take: the author's server is told why. Whoever may not know of the group is told
/// nothing, and what they sent is a dead letter.
pub(super) async fn turn_back(
    conn: &mut Conn,
    group: &Group,
    (who, standing): (&Account, Membership),
    post: &RemotePost,
    activity: &str,
    why: Error,
) -> Result<()> {
    let is_known = match who.host_id {
        _ if standing.member || standing.asked => true,
        Some(host) => is_known_at(conn, group, host).await?,
        None => false,
    };
    if !is_known {
        return Err(why);
    }
    tracing::info!(group = %group.account_id, account = %who.id, error = %why, "a post was not taken");
    let activity: Value = serde_json::from_str(activity).map_err(|e| Error::Internal(e.into()))?;
    let refusal = Event::Refuse {
        author: who.id,
        uri: post.uri.clone(),
        activity: activity.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
        reason: words_of(why),
    };
    store::outbox::insert(conn, group.account_id, &refusal).await.map(drop)
}

/// Other words for a post that a group of ours shows were not heard: the author's server, which shows them to their author alone by
/// now, is told why. Whose membership is without effect is told nothing.
pub(super) async fn tell_unheard(conn: &mut Conn, post: &Post, why: Error) -> Result<()> {
    let Some(group) = post.group_id else { return Ok(()) };
    if is_barred(conn, post.author_id, group).await? {
        return Ok(());
    }
    let (author, uri) = (post.author_id, post.uri.clone());
    let refusal = Event::Refuse { author, uri, activity: String::new(), reason: words_of(why) };
    store::outbox::insert(conn, group, &refusal).await.map(drop)
}

/// What stands in place of a reason where a group gives none.
const UNSAID: &str = "It does not say why.";

/// A group of another server did not take a post of one of ours: they read why, and nobody else sees it. A case that it has shown
/// stays as it is, where it did not take what has become of it.
pub(in crate::service) async fn refused_by_group(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    post: &Post,
    reason: &str,
) -> Result<()> {
    let Some(post) = told_to(conn, group, post).await? else { return Ok(()) };
    let reason = said(reason);
    if post.held.is_with_group() {
        store::groups::put_refusal(conn, post.id, &reason).await?;
    } else if post.held == Held::No && has_outcome(conn, post.id).await? {
        store::groups::note_refusal(conn, post.id, if reason.is_empty() { UNSAID } else { &reason }).await?;
    } else {
        return Ok(());
    }
    let decided = Some((GroupDeed::ReturnPost, reason.as_str()));
    tell_author(ctx, conn, group, &post, Some(post.id), decided).await.map(drop)
}

/// Whether a post is a case whose outcome its author has told.
async fn has_outcome(conn: &mut Conn, post: PostId) -> Result<bool> {
    Ok(store::cases::core::find(conn, post).await?.is_some_and(|case| !case.outcome.is_empty()))
}
