//! Posts that wait in a group and are not let be seen: they go back to their author with the moderators' reason, to be changed and sent
//! again. Nobody else reads them from then on.

use super::{
    Led, is_of_ours, leads,
    posts::{tell_author, waits_no_more},
    queue::begins_to_wait,
    remote::is_barred,
};
use crate::{
    error::{Error, Result},
    model::{Event, GroupDeed, Held, Post, PostId, RecallReason},
    policy::{Viewer, groups::KEEPERS, moderation},
    service::{Ctx, cases},
    store::{self, Conn},
};

/// Removes a post for somebody who leads its group; where the group has never seen it, it goes back to its author instead. Whether
/// other servers are told that it was removed.
pub(super) async fn take_down(ctx: &Ctx, conn: &mut Conn, led: &Led, post: &Post, reason: &str) -> Result<bool> {
    if post.held != Held::No && is_unseen(ctx, conn, post).await? {
        return give_back(ctx, conn, led, post, reason).await;
    }
    if cases::take_back(ctx, conn, post, Some(led.me), RecallReason::Moderators, Some(reason)).await? {
        return Ok(true);
    }
    store::posts::bury(conn, post, ctx.now()).await?;
    let (group, author) = (led.group.account_id, Some(post.author_id));
    store::groups::log(conn, group, Some(led.me), GroupDeed::RemovePost, author, reason).await?;
    waits_no_more(ctx, conn, vec![post.id]).await?;
    if post.author_id != led.me {
        tell_author(ctx, conn, group, post, None, Some((GroupDeed::RemovePost, reason))).await?;
    }
    Ok(true)
}

/// Whether a post goes back to its author where the viewer, who leads its group here, removes it.
pub async fn goes_back(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<bool> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let waits = |post: &Post| post.deleted_at.is_none() && !matches!(post.held, Held::No | Held::Refused);
    let Some(post) = store::posts::find(&mut conn, id).await?.filter(waits) else { return Ok(false) };
    let Some(group) = post.group_id else { return Ok(false) };
    let is_led = is_of_ours(&mut conn, &post).await? && leads(ctx, &mut conn, group, me).await?;
    Ok(is_led && is_unseen(ctx, &mut conn, &post).await?)
}

/// Whether nobody has ever read a post that waits but its author and the moderators, and there is somebody to whom it can go back.
async fn is_unseen(ctx: &Ctx, conn: &mut Conn, post: &Post) -> Result<bool> {
    if store::posts::shown::last(conn, post.id).await?.is_some() || cases::author(ctx, conn, post).await?.is_none() {
        return Ok(false);
    }
    match post.group_id.filter(|_| !post.local) {
        Some(group) => Ok(!is_barred(conn, post.author_id, group).await?),
        None => Ok(true),
    }
}

/// Gives a post back to its author, who reads why; the log says that it was, and neither what nor why. Of one that came from another
/// server nothing is kept here: that server is told, and gives it back. False where it will have understood that.
async fn give_back(ctx: &Ctx, conn: &mut Conn, led: &Led, post: &Post, reason: &str) -> Result<bool> {
    let group = led.group.account_id;
    let mut is_told = false;
    if !post.local {
        is_told = !understands(conn, post).await?;
        store::posts::bury(conn, post, ctx.now()).await?;
        let (author, uri) = (post.author_id, post.uri.clone());
        let refusal = Event::Refuse { author, uri, activity: String::new(), reason: reason.to_owned() };
        store::outbox::insert(conn, group, &refusal).await?;
    }
    let kept = if post.local { reason } else { "" };
    store::groups::put_refusal(conn, post.id, kept).await?;
    store::groups::log(conn, group, Some(led.me), GroupDeed::ReturnPost, Some(post.author_id), "").await?;
    super::tell_waiting(ctx, conn, group).await?;
    if post.author_id != led.me {
        tell_author(ctx, conn, group, post, Some(post.id), Some((GroupDeed::ReturnPost, reason))).await?;
    }
    Ok(is_told)
}

/// Whether the server of a post's author gives back what a group did not take, as far as it says what it runs.
async fn understands(conn: &mut Conn, post: &Post) -> Result<bool> {
    let Some(host) = store::accounts::get(conn, post.author_id).await?.host_id else { return Ok(true) };
    Ok(KEEPERS.contains(&store::hosts::get(conn, host).await?.software.as_str()))
}

/// A post that its group did not take is on its way to it once more: what moderators of ours have sent back waits for them again,
/// whatever the group looks at first. Returns why it is held from now on; `is_marked` is whether much stays in it that could identify
/// a patient.
pub(in crate::service) async fn send_again(ctx: &Ctx, conn: &mut Conn, post: &Post, is_marked: bool) -> Result<Held> {
    let group = post.group_id.ok_or(Error::NotFound)?;
    if !is_of_ours(conn, post).await? {
        store::groups::send_again(conn, post.id).await?;
        return Ok(Held::Sent);
    }
    let held = if is_marked { Held::Screening } else { Held::Premoderation };
    store::groups::hold(conn, post.id, held).await?;
    begins_to_wait(ctx, conn, group, post.author_id, Some(post.id)).await?;
    Ok(held)
}
