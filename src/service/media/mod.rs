//! Pictures: taking them in, describing them, painting over parts of them, handing them out to whoever may see them.

mod cover;
mod faces;
mod file;
mod ticket;
mod upload;

pub use crate::{
    model::{Media, Purpose},
    picture::TAKEN,
    store::media::RemoteMedia,
};
pub use cover::{Covering, PictureSize, paint, preview, size_to_cover};
pub(super) use cover::{areas, unreadable};
pub use faces::set_face;
pub use file::{File, Size, open};
pub use ticket::{address, viewer_of};
pub use upload::{describe, discard, find, focus, upload};
pub(super) use upload::{keep, loose};

use super::Ctx;
use crate::{error::Result, picture::Bounds, store};

/// Longest alternative text, in characters.
pub const MAX_DESCRIPTION: usize = 1_500;

/// What is taken here.
pub fn bounds(ctx: &Ctx) -> Bounds {
    Bounds { bytes: ctx.config.media.max_bytes, pixels: ctx.config.media.max_pixels }
}

/// The name of the small version of a file.
fn small(name: &str) -> String {
    format!("{name}.small")
}

/// Removes what is no longer needed: pictures in no post, old copies of other servers', files without a row.
pub async fn sweep(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let media = &ctx.config.media;
    let loose = now - chrono::TimeDelta::hours(media.loose_hours);
    let unused = now - chrono::TimeDelta::days(media.cache_days);
    let most = i64::try_from(media.cache_megabytes).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    let mut swept = store::media::sweep(&mut *ctx.pool.get().await?, loose, unused, most).await?;
    loop {
        let lost = store::media::list_lost(&mut *ctx.pool.get().await?, 500).await?;
        if lost.is_empty() {
            return Ok(swept);
        }
        for name in &lost {
            // A reader may have fetched it again since the list was made.
            if store::media::is_lost(&mut *ctx.pool.get().await?, name).await? {
                ctx.blobs().delete(name).await?;
                ctx.blobs().delete(&small(name)).await?;
            }
        }
        swept += store::media::forget_lost(&mut *ctx.pool.get().await?, lost).await?;
    }
}
