//! Painting over parts of pictures: where boxes lie, and, for one's own pictures that are part of no post yet, putting the painted
//! one in the place of the other. What lay below a box is destroyed then.

use bytes::Bytes;

use super::{Media, Purpose, bounds, small, upload::keep};
use crate::{
    error::{Error, Result},
    model::{AccountId, Cover, MediaId},
    picture::{
        Refused,
        cover::{self, Area, MOVES},
    },
    policy::{Viewer, cases::MAX_BOXES, moderation},
    service::Ctx,
    store,
};

/// How large a picture is, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureSize {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl From<(i32, i32)> for PictureSize {
    fn from((width, height): (i32, i32)) -> Self {
        Self { width: width.unsigned_abs(), height: height.unsigned_abs() }
    }
}

/// What is to be painted over a picture, in its own pixels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Covering {
    /// The boxes.
    pub boxes: Vec<Cover>,
    /// A first corner, where the second has not been given yet.
    pub corner: Option<(u32, u32)>,
}

impl Covering {
    /// Adds a box, as far as it lies in the picture.
    ///
    /// # Errors
    /// [`Error::Invalid`] for one that lies outside, and for one too many.
    pub fn add(&mut self, size: PictureSize, cover: Cover) -> Result<()> {
        if self.boxes.len() >= MAX_BOXES {
            return Err(Error::invalid("box", format!("A picture may have {MAX_BOXES} boxes.")));
        }
        let width = cover.width.min(size.width.saturating_sub(cover.x));
        let height = cover.height.min(size.height.saturating_sub(cover.y));
        if width == 0 || height == 0 {
            let words = format!("This box lies outside the picture, which is {} by {}.", size.width, size.height);
            return Err(Error::invalid("box", words));
        }
        self.boxes.push(Cover { x: cover.x, y: cover.y, width, height });
        self.corner = None;
        Ok(())
    }

    /// Takes a corner of a box: the first is remembered, the second makes the box.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a box too many.
    pub fn tap(&mut self, size: PictureSize, x: u32, y: u32) -> Result<()> {
        let (x, y) = (x.min(size.width.saturating_sub(1)), y.min(size.height.saturating_sub(1)));
        let Some((first_x, first_y)) = self.corner else {
            self.corner = Some((x, y));
            return Ok(());
        };
        // Both corners are in the box.
        let (width, height) = (x.abs_diff(first_x).saturating_add(1), y.abs_diff(first_y).saturating_add(1));
        self.add(size, Cover { x: x.min(first_x), y: y.min(first_y), width, height })
    }

    /// Takes the last corner or box back.
    pub fn undo(&mut self) {
        if self.corner.take().is_none() {
            self.boxes.pop();
        }
    }
}

/// Boxes as areas to paint.
pub(in crate::service) fn areas(boxes: &[Cover]) -> Vec<Area> {
    boxes.iter().map(|one| Area { x: one.x, y: one.y, width: one.width, height: one.height }).collect()
}

/// What was made here once is always read again.
pub(in crate::service) fn unreadable(refused: Refused) -> Error {
    Error::internal(format!("a picture that was made here cannot be read: {}", refused.0))
}

/// How large a picture is that can be painted over.
///
/// # Errors
/// [`Error::Invalid`] for one that moves.
pub fn size_to_cover(media: &Media) -> Result<PictureSize> {
    if media.mime == "image/gif" {
        return Err(Error::invalid("pictures", MOVES));
    }
    Ok(PictureSize::from((media.width, media.height)))
}

/// One's own picture that is part of no post, with its file.
async fn loose_one(ctx: &Ctx, me: AccountId, id: MediaId) -> Result<(Media, Bytes)> {
    let found = store::media::find_own(&mut *ctx.pool.get().await?, me, id).await?;
    let (media, _) = found.filter(|(_, post)| post.is_none()).ok_or(Error::NotFound)?;
    size_to_cover(&media)?;
    let file = ctx.blobs().get(&media.name).await?;
    Ok((media, file))
}

/// One's own picture that is part of no post, with boxes painted in and a dot where one begins, and its media type: for whoever
/// paints alone. Nothing of it is kept.
pub async fn preview(ctx: &Ctx, viewer: &Viewer, id: MediaId, over: Covering) -> Result<(Vec<u8>, &'static str)> {
    let me = moderation::require_account(viewer)?;
    let (_, file) = loose_one(ctx, me, id).await?;
    let (areas, bounds) = (areas(&over.boxes), bounds(ctx));
    ctx.heavy(move || cover::preview(&file, &areas, over.corner, bounds).map_err(unreadable)).await
}

/// Paints boxes over one's own picture that is part of no post, for good: the painted one takes its id, its words and its place in a
/// draft, and the file as it was is destroyed.
///
/// # Errors
/// [`Error::NotFound`] where it is not there, or posted; [`Error::Conflict`] where it has changed meanwhile.
pub async fn paint(ctx: &Ctx, viewer: &Viewer, id: MediaId, boxes: &[Cover]) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let (media, file) = loose_one(ctx, me, id).await?;
    let (areas, bounds) = (areas(boxes), bounds(ctx));
    let made = ctx.heavy(move || cover::paint(&file, &areas, bounds).map_err(unreadable)).await?;
    let focus = (media.focus_x, media.focus_y);
    let (painted, _) = keep(ctx, me, Purpose::Post, made, &media.description, focus).await?;
    let mut tx = ctx.tx().await?;
    if !store::covers::put_in_place(&mut tx, me, (id, &media.name), painted).await? {
        tx.roll_back().await?;
        store::media::delete_loose(&mut *ctx.pool.get().await?, me, painted).await?;
        return Err(Error::Conflict("This picture has changed meanwhile. Please look at it once more.".into()));
    }
    tx.commit().await?;
    for name in [small(&media.name), media.name] {
        if ctx.blobs().delete(&name).await.is_err() {
            tracing::warn!(media = %id, "what lay below the boxes of a picture goes with the next sweep");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: PictureSize = PictureSize { width: 100, height: 50 };

    #[test]
    fn two_corners_make_a_box_whichever_comes_first() {
        let mut over = Covering::default();
        over.tap(SIZE, 40, 30).unwrap();
        assert_eq!((over.corner, over.boxes.len()), (Some((40, 30)), 0));
        over.tap(SIZE, 10, 900).unwrap();
        assert_eq!(over.boxes, [Cover { x: 10, y: 30, width: 31, height: 20 }]);
        assert_eq!(over.corner, None);
        over.tap(SIZE, 1, 1).unwrap();
        over.undo();
        assert_eq!((over.corner, over.boxes.len()), (None, 1), "the corner first");
        over.undo();
        assert!(over.boxes.is_empty());
    }

    #[test]
    fn a_box_is_cut_at_the_edge_and_refused_beyond_it() {
        let mut over = Covering::default();
        over.add(SIZE, Cover { x: 90, y: 0, width: 40, height: 10 }).unwrap();
        assert_eq!(over.boxes, [Cover { x: 90, y: 0, width: 10, height: 10 }]);
        for beyond in [
            Cover { x: 100, y: 0, width: 1, height: 1 },
            Cover { x: 0, y: 60, width: 1, height: 1 },
            Cover { x: 0, y: 0, width: 0, height: 1 },
        ] {
            assert!(over.add(SIZE, beyond).unwrap_err().public().contains("100 by 50"));
        }
    }
}
