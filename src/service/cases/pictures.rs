//! Pictures of a case that is being written: taken in without anything but their pixels, sealed, and painted over by their
//! author. What lies under a box never leaves the seal, and is destroyed when the case is posted.

use bytes::Bytes;

use super::{
    draft::{put, unseal},
    gate,
};
use crate::{
    error::{Error, Result},
    model::{AccountId, CaseDraft, CaseDraftId, CasePictureId, Cover, DraftPicture},
    picture::{self, Picture, cover::Area},
    policy::{Viewer, cases as policy, moderation},
    service::{
        Ctx, media,
        throttles::{self, Act},
    },
    store::{self, cases::pictures::NewPicture},
};

/// How large a picture is, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureSize {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// What the seal of a picture says that it is.
pub(super) fn context(id: CasePictureId) -> String {
    format!("case_picture/{id}")
}

/// Most pictures of one case.
fn most(ctx: &Ctx) -> usize {
    policy::MAX_PICTURES.min(ctx.config.media.per_post)
}

fn areas(boxes: &[Cover]) -> Vec<Area> {
    boxes.iter().map(|one| Area { x: one.x, y: one.y, width: one.width, height: one.height }).collect()
}

fn check_description(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length > media::MAX_DESCRIPTION {
        let words = format!("This description has {length} characters. The limit is {}.", media::MAX_DESCRIPTION);
        return Err(Error::invalid("description", words));
    }
    Ok(text.replace("\r\n", "\n"))
}

fn check_count(ctx: &Ctx, draft: &CaseDraft) -> Result<()> {
    let most = most(ctx);
    if draft.pictures.len() >= most {
        return Err(Error::invalid("file", format!("A case may have {most} pictures.")));
    }
    Ok(())
}

/// Takes a picture in.
///
/// # Errors
/// [`Error::Invalid`] for what is no still picture, and for what would bring a patient's name along.
pub async fn add_picture(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CaseDraftId,
    bytes: Bytes,
    description: &str,
) -> Result<CasePictureId> {
    let me = moderation::require_account(viewer)?;
    let description = check_description(description)?;
    let mut conn = ctx.pool.get().await?;
    let row = store::cases::drafts::find(&mut conn, me, id).await?.ok_or(Error::NotFound)?;
    check_count(ctx, &unseal(ctx, &row)?)?;
    let picture = CasePictureId(store::cases::drafts::new_id(&mut conn).await?);
    drop(conn);
    throttles::allow(ctx, Act::Upload, &me.to_string()).await?;
    let (house, bounds) = (ctx.clone(), media::bounds(ctx));
    let new = ctx
        .heavy(move || {
            let taken = picture::cover::take(&bytes, bounds).map_err(|refused| Error::invalid("file", refused.0))?;
            sealed(&house, id, picture, &taken)
        })
        .await?;
    let mut tx = ctx.tx().await?;
    let row = store::cases::drafts::lock(&mut tx, me, id).await?;
    let mut draft = unseal(ctx, &row)?;
    check_count(ctx, &draft)?;
    store::cases::pictures::insert(&mut tx, new).await?;
    draft.pictures.push(DraftPicture { id: picture, description, boxes: Vec::new(), corner: None, looked: false });
    gate::note(&mut draft);
    put(ctx, &mut tx, id, &draft).await?;
    tx.commit().await?;
    Ok(picture)
}

/// Seals a picture that was made anew.
fn sealed(ctx: &Ctx, draft: CaseDraftId, id: CasePictureId, made: &Picture) -> Result<NewPicture> {
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    Ok(NewPicture {
        id,
        draft,
        sealed: ctx.keyring.seal(&context(id), &made.full)?,
        mime: made.mime.to_owned(),
        size: (side(made.width), side(made.height)),
    })
}

/// A picture of one's own.
struct Own {
    /// Its sealed file.
    file: Vec<u8>,
    mime: String,
    /// What is painted over it.
    areas: Vec<Area>,
    /// Where a box begins that has one corner yet.
    corner: Option<(u32, u32)>,
}

async fn find(ctx: &Ctx, me: AccountId, id: CaseDraftId, picture: CasePictureId) -> Result<Own> {
    let mut conn = ctx.pool.get().await?;
    let row = store::cases::drafts::find(&mut conn, me, id).await?.ok_or(Error::NotFound)?;
    let draft = unseal(ctx, &row)?;
    let known = draft.pictures.iter().find(|one| one.id == picture).ok_or(Error::NotFound)?;
    let (file, mime) = store::cases::pictures::find(&mut conn, id, picture).await?.ok_or(Error::NotFound)?;
    Ok(Own { file, mime, areas: areas(&known.boxes), corner: known.corner })
}

/// A picture with its boxes painted in and a dot where one begins, and its media type: for its author alone.
pub async fn picture(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, picture: CasePictureId) -> Result<(Vec<u8>, String)> {
    let me = moderation::require_account(viewer)?;
    let Own { file, mime, areas, corner } = find(ctx, me, id, picture).await?;
    let (house, bounds) = (ctx.clone(), media::bounds(ctx));
    ctx.heavy(move || {
        let opened = house.keyring.open_sealed(&context(picture), &file)?;
        if areas.is_empty() && corner.is_none() {
            return Ok((opened, mime));
        }
        let (painted, mime) = picture::cover::preview(&opened, &areas, corner, bounds).map_err(unreadable)?;
        Ok((painted, mime.to_owned()))
    })
    .await
}

/// What was made here once is always read again.
fn unreadable(refused: picture::Refused) -> Error {
    Error::internal(format!("a picture of a draft cannot be read: {}", refused.0))
}

/// A picture of a draft as the group will see it: nothing is left below its boxes.
pub(super) async fn paint(ctx: &Ctx, me: AccountId, id: CaseDraftId, picture: CasePictureId) -> Result<Picture> {
    let Own { file, areas, .. } = find(ctx, me, id, picture).await?;
    let (house, bounds) = (ctx.clone(), media::bounds(ctx));
    ctx.heavy(move || {
        let opened = house.keyring.open_sealed(&context(picture), &file)?;
        picture::cover::paint(&opened, &areas, bounds).map_err(unreadable)
    })
    .await
}

/// How large the pictures of one's own draft are.
pub async fn picture_sizes(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId) -> Result<Vec<(CasePictureId, PictureSize)>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    store::cases::drafts::find(&mut conn, me, id).await?.ok_or(Error::NotFound)?;
    let rows = store::cases::pictures::sizes(&mut conn, id).await?;
    Ok(rows.into_iter().map(|(picture, width, height)| (picture, size((width, height)))).collect())
}

fn size((width, height): (i32, i32)) -> PictureSize {
    PictureSize { width: width.unsigned_abs(), height: height.unsigned_abs() }
}

/// Changes what is known of a picture of one's own draft.
async fn alter(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CaseDraftId,
    picture: CasePictureId,
    how: impl FnOnce(&mut DraftPicture, PictureSize) -> Result<()> + Send,
) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let row = store::cases::drafts::lock(&mut tx, me, id).await?;
    let mut draft = unseal(ctx, &row)?;
    let sizes = store::cases::pictures::sizes(&mut tx, id).await?;
    let (_, width, height) = sizes.into_iter().find(|one| one.0 == picture).ok_or(Error::NotFound)?;
    let known = draft.pictures.iter_mut().find(|one| one.id == picture).ok_or(Error::NotFound)?;
    how(known, size((width, height)))?;
    put(ctx, &mut tx, id, &draft).await?;
    tx.commit().await
}

/// Adds a box, as far as it lies in the picture; whoever has looked looks again.
fn add_box(picture: &mut DraftPicture, size: PictureSize, cover: Cover) -> Result<()> {
    if picture.boxes.len() >= policy::MAX_BOXES {
        return Err(Error::invalid("box", format!("A picture may have {} boxes.", policy::MAX_BOXES)));
    }
    let width = cover.width.min(size.width.saturating_sub(cover.x));
    let height = cover.height.min(size.height.saturating_sub(cover.y));
    if width == 0 || height == 0 {
        let words = format!("This box lies outside the picture, which is {} by {}.", size.width, size.height);
        return Err(Error::invalid("box", words));
    }
    picture.boxes.push(Cover { x: cover.x, y: cover.y, width, height });
    picture.corner = None;
    picture.looked = false;
    Ok(())
}

/// A corner of a box, in pixels of the picture: the first is remembered, the second makes the box.
fn take_corner(picture: &mut DraftPicture, size: PictureSize, x: u32, y: u32) -> Result<()> {
    let (x, y) = (x.min(size.width.saturating_sub(1)), y.min(size.height.saturating_sub(1)));
    let Some((first_x, first_y)) = picture.corner else {
        picture.corner = Some((x, y));
        picture.looked = false;
        return Ok(());
    };
    // Both corners are in the box.
    let (width, height) = (x.abs_diff(first_x).saturating_add(1), y.abs_diff(first_y).saturating_add(1));
    add_box(picture, size, Cover { x: x.min(first_x), y: y.min(first_y), width, height })
}

/// Takes a corner of a box, in pixels of the picture; two make a box.
pub async fn tap(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, picture: CasePictureId, x: u32, y: u32) -> Result<()> {
    alter(ctx, viewer, id, picture, |one, size| take_corner(one, size, x, y)).await
}

/// Paints a box over a picture.
pub async fn cover(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, picture: CasePictureId, cover: Cover) -> Result<()> {
    alter(ctx, viewer, id, picture, |one, size| add_box(one, size, cover)).await
}

/// Takes the last corner or box back.
pub async fn uncover_last(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, picture: CasePictureId) -> Result<()> {
    let undo = |one: &mut DraftPicture, _: PictureSize| {
        if one.corner.take().is_none() {
            one.boxes.pop();
        }
        one.looked = false;
        Ok(())
    };
    alter(ctx, viewer, id, picture, undo).await
}

/// Says what can be seen in a picture.
pub async fn describe_picture(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CaseDraftId,
    picture: CasePictureId,
    description: &str,
) -> Result<()> {
    let description = check_description(description)?;
    super::draft::change(ctx, viewer, id, |draft| {
        let before = draft.clone();
        let known = draft.pictures.iter_mut().find(|one| one.id == picture).ok_or(Error::NotFound)?;
        known.description = description;
        gate::settle(&before, draft);
        gate::note(draft);
        Ok(())
    })
    .await
}

/// Says that one has looked, and that nothing is left by which somebody could be known; or takes that back.
pub async fn look(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, picture: CasePictureId, looked: bool) -> Result<()> {
    let say = |one: &mut DraftPicture, _: PictureSize| {
        one.looked = looked;
        Ok(())
    };
    alter(ctx, viewer, id, picture, say).await
}

/// Takes a picture out of a draft, for good.
pub async fn remove_picture(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, picture: CasePictureId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let row = store::cases::drafts::lock(&mut tx, me, id).await?;
    let mut draft = unseal(ctx, &row)?;
    let before = draft.clone();
    draft.pictures.retain(|one| one.id != picture);
    gate::settle(&before, &mut draft);
    store::cases::pictures::delete(&mut tx, id, picture).await?;
    put(ctx, &mut tx, id, &draft).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: PictureSize = PictureSize { width: 100, height: 50 };

    fn looked_at() -> DraftPicture {
        DraftPicture { id: CasePictureId(1), description: "ECG".into(), boxes: Vec::new(), corner: None, looked: true }
    }

    #[test]
    fn two_corners_make_a_box_whichever_comes_first() {
        let mut picture = looked_at();
        take_corner(&mut picture, SIZE, 40, 30).unwrap();
        assert_eq!((picture.corner, picture.boxes.len(), picture.looked), (Some((40, 30)), 0, false));
        take_corner(&mut picture, SIZE, 10, 900).unwrap();
        assert_eq!(picture.boxes, [Cover { x: 10, y: 30, width: 31, height: 20 }]);
        assert_eq!(picture.corner, None);
    }

    #[test]
    fn a_box_is_cut_at_the_edge_and_refused_beyond_it() {
        let mut picture = looked_at();
        add_box(&mut picture, SIZE, Cover { x: 90, y: 0, width: 40, height: 10 }).unwrap();
        assert_eq!(picture.boxes, [Cover { x: 90, y: 0, width: 10, height: 10 }]);
        assert!(!picture.looked, "whoever covers anew looks anew");
        for beyond in [
            Cover { x: 100, y: 0, width: 1, height: 1 },
            Cover { x: 0, y: 60, width: 1, height: 1 },
            Cover { x: 0, y: 0, width: 0, height: 1 },
        ] {
            assert!(add_box(&mut picture, SIZE, beyond).unwrap_err().public().contains("100 by 50"));
        }
    }
}
