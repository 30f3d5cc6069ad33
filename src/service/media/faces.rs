use bytes::Bytes;

use super::{Purpose, upload::take_in};
use crate::{
    error::{Error, Result},
    model::Event,
    policy::{Viewer, moderation},
    service::{
        Ctx,
        throttles::{self, Act},
    },
    store,
};

/// Changes one's own avatar or banner and tells followers' servers; none takes it away.
pub async fn set_face(ctx: &Ctx, viewer: &Viewer, purpose: Purpose, bytes: Option<Bytes>) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let name = match (bytes, purpose) {
        (_, Purpose::Post) => return Err(Error::NotFound),
        (None, _) => String::new(),
        (Some(bytes), _) => {
            throttles::allow(ctx, Act::Upload, &me.to_string()).await?;
            take_in(ctx, me, purpose, bytes, "", (0.0, 0.0)).await?.1
        }
    };
    let mut tx = ctx.tx().await?;
    store::media::set_face(&mut tx, me, purpose, &name).await?;
    store::outbox::insert(&mut tx, me, &Event::Profile).await?;
    tx.commit().await
}
