//! Servers of other members: what ours posted in a group elsewhere they may have, and what a group of ours proves of them.

use super::{Ctx, remote::of_post};
use crate::{
    error::{Error, Result},
    model::{AccountId, Post, PostCard, PostId, Role, Visibility},
    policy::{Viewer, groups as policy},
    service::{
        media::{self, File, Size},
        posts,
        throttles::{self, Act},
    },
    store,
};

/// Another server that asks for what is in a group.
#[derive(Debug, Clone)]
pub struct Guest {
    /// Its host.
    pub viewer: Viewer,
    /// The ActivityPub id of whoever signed.
    pub asker: String,
    /// The group that proves to us that somebody there belongs to it, where one does (FEP-db0e).
    pub shown: Option<AccountId>,
}

/// Whether a group of ours proves of a server that it has members; [`Error::Forbidden`] where it has none.
pub async fn require_members(ctx: &Ctx, viewer: &Viewer, group: AccountId) -> Result<()> {
    let Viewer::Remote { host, .. } = viewer else { return Err(Error::NotFound) };
    {
        let mut conn = ctx.pool.read().await?;
        let known = store::groups::find(&mut conn, group).await?.ok_or(Error::NotFound)?;
        policy::may_get_token(&known, store::groups::any_of_host(&mut conn, group, *host).await?)?;
    }
    throttles::allow(ctx, Act::Token, &format!("{group}|{host}")).await
}

/// A post of one of ours in a group of another server, where a server may have it: its group proves that somebody there belongs
/// to it, or says so when it is asked.
async fn shared(ctx: &Ctx, guest: &Guest, id: PostId) -> Result<Post> {
    let Viewer::Remote { host, .. } = guest.viewer else { return Err(Error::NotFound) };
    let post = store::posts::find(&mut *ctx.pool.read().await?, id).await?.ok_or(Error::NotFound)?;
    // What everybody may read is asked for here only on its way: who hears of it from the group may be faster than we are.
    let on_its_way = post.visibility.is_open() && post.held.is_with_group();
    let is_shared = on_its_way || (post.visibility == Visibility::Group && post.held.is_told());
    if !post.local || post.deleted_at.is_some() || !is_shared {
        return Err(Error::NotFound);
    }
    let group = of_post(ctx, &post).await?.map(|(group, _)| group).filter(|group| !group.is_local());
    let group = group.ok_or(Error::NotFound)?;
    // The group's own server has what is posted in it. A token opens its own group, and is not remembered.
    if on_its_way || group.host_id == Some(host) || guest.shown == Some(group.id) {
        return Ok(post);
    }
    let may = if let Some(known) = ctx.guests.get(&(group.id, host)) {
        known
    } else {
        let may = ctx.remote()?.is_member(&group, &guest.asker).await?;
        ctx.guests.insert((group.id, host), may);
        may
    };
    if may { Ok(post) } else { Err(Error::NotFound) }
}

/// As its author reads it: what is made of it says nothing about a reader.
fn author(post: &Post) -> Viewer {
    Viewer::Account { id: post.author_id, role: Role::Clinician }
}

/// A post of one of ours for a server that may have it.
pub async fn shared_card(ctx: &Ctx, guest: &Guest, id: PostId) -> Result<PostCard> {
    let post = shared(ctx, guest, id).await?;
    posts::read(ctx, &author(&post), id).await
}

/// ActivityPub ids of the answers in the same group to a post that a guest has read: key and id, oldest first.
pub async fn shared_answers(ctx: &Ctx, post: &Post, after: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    let group = post.group_id.ok_or(Error::NotFound)?;
    store::groups::answers(&mut *ctx.pool.read().await?, group, post.id, after, limit).await
}

/// A picture in a post of one of ours for a server that may have the post.
pub async fn shared_file(ctx: &Ctx, guest: &Guest, name: &str) -> Result<File> {
    let id = store::groups::post_with(&mut *ctx.pool.read().await?, name).await?.ok_or(Error::NotFound)?;
    let post = shared(ctx, guest, id).await?;
    media::open(ctx, &author(&post), name, Size::Full).await
}
