//! Changes of what is in a group: who may still make them, what waits anew for a moderator, and where else a post is known.

use super::{
    hosts::ask_host,
    posts::may_answer,
    queue::begins_to_wait,
    refused::tell_unheard,
    remote::{changed_by_remote, of_post},
    require_may_post,
    screen::says_the_same,
};
use crate::{
    error::{Error, Result},
    model::{Event, Group, GroupKind, Held, HostId, Post, Visibility},
    policy::groups as policy,
    service::{Ctx, remote::RemotePost},
    store::{self, Conn},
};

/// Whether the author of a post may give it other words: in a group only while they may post there, and as long as the
/// discussion goes on.
///
/// # Errors
/// Why they may not.
pub(in crate::service) async fn may_rewrite(ctx: &Ctx, conn: &mut Conn, post: &Post) -> Result<()> {
    let Some(id) = post.group_id else { return Ok(()) };
    let group = store::groups::find(conn, id).await?.ok_or(Error::NotFound)?;
    let membership = store::groups::membership(conn, post.author_id, id).await?;
    require_may_post(ctx, conn, &group, (post.author_id, membership)).await?;
    may_answer(conn, post).await
}

/// Whether a post is in a group that lives on this server.
pub(in crate::service) async fn is_of_ours(conn: &mut Conn, post: &Post) -> Result<bool> {
    match post.group_id {
        Some(id) => Ok(store::accounts::get(conn, id).await?.is_local()),
        None => Ok(false),
    }
}

/// Whether an author on another server may give a post in a group of ours other words, by the same rule; what is not heard is
/// noted. `visibility` is to whom these words are addressed. In a group of another server that server looks at it.
pub(in crate::service) async fn may_change(
    ctx: &Ctx,
    conn: &mut Conn,
    post: &Post,
    visibility: Visibility,
) -> Result<bool> {
    if !is_of_ours(conn, post).await? {
        return Ok(true);
    }
    match hear(ctx, conn, post, visibility).await {
        Ok(()) => Ok(true),
        Err(error @ (Error::Forbidden(_) | Error::Invalid(_) | Error::NotFound)) => {
            tracing::info!(account = %post.author_id, post = %post.id, %error, "other words were not heard");
            if post.held == Held::No {
                tell_unheard(conn, post, error).await?;
            }
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

async fn hear(ctx: &Ctx, conn: &mut Conn, post: &Post, visibility: Visibility) -> Result<()> {
    let group = post.group_id.ok_or(Error::NotFound)?;
    let group = store::groups::find(conn, group).await?.ok_or(Error::NotFound)?;
    policy::may_take(&group, visibility)?;
    may_rewrite(ctx, conn, post).await
}

/// Whoever may give a post in a group of ours no other words any more strikes earlier ones of it all the same. What says nothing
/// else is handed on, as long as they are a member: for others the group says nothing to anybody.
pub(in crate::service) async fn struck_alone(
    ctx: &Ctx,
    conn: &mut Conn,
    known: &Post,
    new: &RemotePost,
    activity: &str,
) -> Result<()> {
    if new.struck.is_empty() {
        return Ok(());
    }
    let post = match store::posts::lock(conn, known.id).await {
        Ok(post) => post,
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    let is_struck = store::posts::strike::told(conn, post.id, new.struck.clone(), ctx.now()).await?;
    let Some(group) = post.group_id.filter(|_| is_struck) else { return Ok(()) };
    let is_member = store::groups::membership(conn, post.author_id, group).await?.member;
    if is_member && says_the_same(conn, &post, new).await? {
        changed_by_remote(conn, post.author_id, &post.uri, activity, true).await
    } else {
        Ok(())
    }
}

/// A post gets other words: where the group looks at each post of its author's first, or where something in them is to be looked
/// at (`why`), they wait for a moderator, whatever was seen before. Returns why the post is held from now on.
pub(in crate::service) async fn held_anew(ctx: &Ctx, conn: &mut Conn, post: &Post, why: Held) -> Result<Held> {
    let Some(id) = post.group_id else { return Ok(post.held) };
    let group = store::groups::find(conn, id).await?.ok_or(Error::NotFound)?;
    if let Some(host) = store::accounts::get(conn, id).await?.host_id {
        return sent_anew(conn, &group, host, post).await;
    }
    let held = match (why, post.held) {
        (Held::No, Held::No) => waits(conn, &group, post).await?,
        (Held::No, held) => held,
        (why, _) => why,
    };
    if held != post.held {
        store::groups::hold(conn, post.id, held).await?;
        if !post.local {
            store::outbox::insert(conn, id, &Event::Held { post: post.id }).await?;
        }
        begins_to_wait(ctx, conn, id, post.author_id, Some(post.id)).await?;
    }
    Ok(held)
}

/// One of ours gives a post in a group of another server other words: its author alone reads them here until the group shows them,
/// where it does that.
async fn sent_anew(conn: &mut Conn, group: &Group, host: HostId, post: &Post) -> Result<Held> {
    let software = store::hosts::get(conn, host).await?.software;
    if post.held != Held::No || !policy::shows_changes(group.kind, &software) {
        return Ok(post.held);
    }
    store::groups::hold(conn, post.id, Held::Sent).await?;
    Ok(Held::Sent)
}

/// Asks the server of an open group elsewhere what it runs, where that is not known: whether it shows other words depends on it. It
/// is asked before a transaction begins.
pub(in crate::service) async fn look_at_home(ctx: &Ctx, post: &Post) -> Result<()> {
    let Some((group, how)) = of_post(ctx, post).await? else { return Ok(()) };
    let (Some(host), Some(id)) = (group.host.as_deref(), group.host_id) else { return Ok(()) };
    let is_asked =
        how.kind != GroupKind::Open || !store::hosts::get(&mut *ctx.pool.read().await?, id).await?.software.is_empty();
    if is_asked { Ok(()) } else { ask_host(ctx, host).await }
}

/// Whoever has been looked at before is not looked at again where only first posts are.
async fn waits(conn: &mut Conn, group: &Group, post: &Post) -> Result<Held> {
    let membership = store::groups::membership(conn, post.author_id, group.account_id).await?;
    Ok(policy::holds_back(group, membership, false))
}

/// Whether other servers may know of a post: of one that waits they do where it was seen before.
pub(in crate::service) async fn is_known_elsewhere(conn: &mut Conn, post: &Post) -> Result<bool> {
    Ok(post.held.is_told() || store::groups::was_told(conn, post.id).await?)
}

/// The same for whoever writes to other servers.
pub async fn is_known(ctx: &Ctx, post: &Post) -> Result<bool> {
    is_known_elsewhere(&mut *ctx.pool.read().await?, post).await
}
