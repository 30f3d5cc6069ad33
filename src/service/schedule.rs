//! What falls due by the clock: polls that end, posts whose time has come, imports.

use super::{Ctx, polls, portability, scheduled};
use crate::error::Result;

/// Does what is due now; returns how much that was.
pub async fn run(ctx: &Ctx) -> Result<usize> {
    let posts = scheduled::publish_due(ctx).await?;
    let lines = portability::carry_out_due(ctx).await?;
    Ok(posts + lines + polls::look_after(ctx).await?)
}
