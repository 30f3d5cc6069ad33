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
        Ctx,
        media::{self, Covering, PictureSize, areas, unreadable},
        throttles::{self, Act},
    },
    store::{self, cases::pictures::NewPicture},
};

/// What the seal of a picture says that it is.
pub(super) fn context(id: CasePictureId) -> String {
    format!("case_picture/{id}")
}

/// Most pictures of one case.
fn most(ctx: &Ctx) -> usize {
    policy::MAX_PICTURES.min(ctx.config.media.per_post)
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
    draft.pictures.push(DraftPicture {
        id: picture,
        description: String::new(),
        boxes: Vec::new(),
        corner: None,
        looked: false,
    });
    put(ctx, &mut tx, id, &draft).await?;
    tx.commit().await?;
    if !description.is_empty() {
        describe_picture(ctx, viewer, id, picture, &description).await?;
    }
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
    Ok(rows.into_iter().map(|(picture, width, height)| (picture, PictureSize::from((width, height)))).collect())
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
    how(known, PictureSize::from((width, height)))?;
    put(ctx, &mut tx, id, &draft).await?;
    tx.commit().await
}

/// Changes what covers a picture; whoever has looked looks again.
fn recover(picture: &mut DraftPicture, how: impl FnOnce(&mut Covering) -> Result<()>) -> Result<()> {
    let mut over = Covering { boxes: std::mem::take(&mut picture.boxes), corner: picture.corner };
    let done = how(&mut over);
    (picture.boxes, picture.corner, picture.looked) = (over.boxes, over.corner, false);
    done
}

/// Takes a corner of a box, in pixels of the picture; two make a box.
pub async fn tap(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, picture: CasePictureId, x: u32, y: u32) -> Result<()> {
    alter(ctx, viewer, id, picture, |one, size| recover(one, |over| over.tap(size, x, y))).await
}

/// Paints a box over a picture.
pub async fn cover(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, picture: CasePictureId, cover: Cover) -> Result<()> {
    alter(ctx, viewer, id, picture, |one, size| recover(one, |over| over.add(size, cover))).await
}

/// Takes the last corner or box back.
pub async fn uncover_last(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, picture: CasePictureId) -> Result<()> {
    let undo = |over: &mut Covering| {
        over.undo();
        Ok(())
    };
    alter(ctx, viewer, id, picture, |one, _| recover(one, undo)).await
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
    super::draft::rework(ctx, viewer, id, move |draft| {
        let before = draft.clone();
        let known = draft.pictures.iter_mut().find(|one| one.id == picture).ok_or(Error::NotFound)?;
        known.description.clone_from(&description);
        gate::settle(&before, draft);
        let marks = gate::marks(draft);
        gate::note(draft, &marks);
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

    #[test]
    fn whoever_covers_anew_looks_anew() {
        let size = PictureSize { width: 100, height: 50 };
        let mut picture = DraftPicture {
            id: CasePictureId(1),
            description: "ECG".into(),
            boxes: Vec::new(),
            corner: None,
            looked: true,
        };
        recover(&mut picture, |over| over.tap(size, 40, 30)).unwrap();
        assert_eq!((picture.corner, picture.boxes.len(), picture.looked), (Some((40, 30)), 0, false));
        picture.looked = true;
        recover(&mut picture, |over| over.tap(size, 10, 900)).unwrap();
        assert_eq!(picture.boxes, [Cover { x: 10, y: 30, width: 31, height: 20 }]);
        assert_eq!((picture.corner, picture.looked), (None, false));
    }
}
