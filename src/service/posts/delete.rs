use super::publish::is_ours;
use crate::{
    error::{Error, Result},
    model::{Event, PostId},
    policy::{Viewer, moderation, posting},
    service::Ctx,
    store,
};

/// Deletes one's own post: a tombstone stays, and everybody who got the post is told.
pub async fn delete(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    posting::may_change(me, &post)?;
    if !is_ours(&post) {
        return Err(Error::NotFound);
    }
    store::posts::bury(&mut tx, &post, ctx.now()).await?;
    store::outbox::insert(&mut tx, me, &Event::Delete { post: id }).await?;
    tx.commit().await?;
    tracing::info!(post = %id, account = %me, "deleted");
    Ok(())
}
