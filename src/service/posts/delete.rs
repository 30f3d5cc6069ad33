use super::{
    edit::refuse_case,
    publish::{is_ours, tell},
};
use crate::{
    error::{Error, Result},
    model::{Event, Post, PostId, RecallReason},
    policy::{Viewer, moderation},
    service::{Ctx, cases, groups},
    store,
};

/// What becomes of the pictures of a deleted post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// They go as well.
    Delete,
    /// Their author may put them into another post, for a while.
    Loosen,
}

/// One's own post, before it is deleted.
pub async fn to_delete(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<Post> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let post = store::posts::get_or_gone(&mut conn, id).await?;
    if !is_ours(&post) || !cases::is_own(ctx, &mut conn, me, &post).await? {
        return Err(Error::NotFound);
    }
    drop(conn);
    refuse_case(ctx, id).await?;
    Ok(post)
}

/// Deletes one's own post: a tombstone stays, and everybody who got the post is told. A case is taken back, with its pictures.
pub async fn delete(ctx: &Ctx, viewer: &Viewer, id: PostId, pictures: Pictures) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    if !is_ours(&post) || !cases::is_own(ctx, &mut tx, me, &post).await? {
        return Err(Error::NotFound);
    }
    if !cases::take_back(ctx, &mut tx, &post, Some(post.author_id), RecallReason::Mistake, None).await? {
        if pictures == Pictures::Loosen {
            store::media::loosen(&mut tx, id).await?;
        }
        store::posts::bury(&mut tx, &post, ctx.now()).await?;
        tell(&mut tx, &post, &Event::Delete { post: id }).await?;
        groups::waits_no_more(ctx, &mut tx, vec![id]).await?;
    }
    tx.commit().await?;
    tracing::info!(post = %id, account = %post.author_id, "deleted");
    Ok(())
}
