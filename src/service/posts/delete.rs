use super::publish::{is_ours, tell};
use crate::{
    error::{Error, Result},
    model::{Event, PostId, RecallReason},
    policy::{Viewer, moderation, posting},
    service::{Ctx, cases},
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

/// Deletes one's own post: a tombstone stays, and everybody who got the post is told. A case is taken back, with its pictures.
pub async fn delete(ctx: &Ctx, viewer: &Viewer, id: PostId, pictures: Pictures) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    posting::may_change(me, &post)?;
    if !is_ours(&post) {
        return Err(Error::NotFound);
    }
    if !cases::take_back(ctx, &mut tx, &post, Some(me), RecallReason::Mistake, None).await? {
        if pictures == Pictures::Loosen {
            store::media::loosen(&mut tx, id).await?;
        }
        store::posts::bury(&mut tx, &post, ctx.now()).await?;
        tell(&mut tx, &post, &Event::Delete { post: id }).await?;
    }
    tx.commit().await?;
    tracing::info!(post = %id, account = %me, "deleted");
    Ok(())
}
