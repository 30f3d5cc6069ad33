//! The pictures of a case that is being written: sent in, covered by two taps or by numbers, and looked at once more.

use actix_web::{
    HttpResponse,
    web::{self, Query},
};

use super::{
    typed::{Taken, Typed, keep, note},
    write,
};
use crate::{
    error::{Error, Result},
    model::{CaseDraftId, CasePictureId, DraftPicture},
    service::{
        cases::{self, OpenDraft},
        media::PictureSize,
    },
    web::{
        cover::{self, LARGE, Shown, Tool, Ways, file},
        error::Problem,
        session::{Form, Visitor},
    },
};

/// Draft and picture.
type OfPicture = web::Path<(CaseDraftId, CasePictureId)>;

/// A picture in the form.
#[derive(Debug)]
pub(super) struct PictureForm {
    /// Its id.
    pub id: CasePictureId,
    /// Which one it is, from 1.
    pub number: usize,
    /// What is seen in it.
    pub description: String,
    /// Its author has looked.
    pub looked: bool,
    /// What covers parts of it.
    pub tool: Tool,
}

impl PictureForm {
    fn of(draft: CaseDraftId, number: usize, picture: &DraftPicture, size: PictureSize) -> Self {
        let own = format!("/cases/drafts/{draft}/pictures/{}", picture.id);
        let to = Ways {
            tap: format!("{own}/tap?"),
            cover: format!("{own}/cover"),
            uncover: format!("{own}/uncover"),
            place: String::new(),
            picture: own,
        };
        Self {
            id: picture.id,
            number,
            description: picture.description.clone(),
            looked: picture.looked,
            tool: Tool::of((picture.id.0, number), size, picture.boxes.len(), picture.corner, to),
        }
    }
}

/// The pictures of a draft for its form.
pub(super) async fn forms(visitor: &Visitor, open: &OpenDraft) -> Result<Vec<PictureForm>> {
    if open.draft.pictures.is_empty() {
        return Ok(Vec::new());
    }
    let sizes = cases::picture_sizes(&visitor.ctx, &visitor.viewer(), open.id).await?;
    let size = |id| sizes.iter().find(|(other, _)| *other == id).map(|(_, size)| *size);
    let pictures = (1..).zip(&open.draft.pictures);
    Ok(pictures.filter_map(|(number, one)| Some(PictureForm::of(open.id, number, one, size(one.id)?))).collect())
}

/// The size of one of them.
async fn size_of(visitor: &Visitor, id: CaseDraftId, picture: CasePictureId) -> Result<PictureSize> {
    let sizes = cases::picture_sizes(&visitor.ctx, &visitor.viewer(), id).await?;
    sizes.into_iter().find(|(other, _)| *other == picture).map(|(_, size)| size).ok_or(Error::NotFound)
}

/// `GET /cases/drafts/{id}/pictures/{pid}`: with its boxes painted in, for its author alone.
pub(in crate::web) async fn show(visitor: Visitor, path: OfPicture) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (id, picture) = path.into_inner();
    let (bytes, mime) = cases::picture(&visitor.ctx, &visitor.viewer(), id, picture).await?;
    Ok(file(bytes, mime.as_str()))
}

/// Back to the form, or to the page on which the marks are settled.
fn back(id: CaseDraftId, typed: &Typed, place: &str) -> String {
    let page = if typed.is_checked() { "/check" } else { "" };
    format!("/cases/drafts/{id}{page}#{place}")
}

/// `POST /cases/drafts/{id}/pictures`: takes in what was chosen, with all that was typed.
pub(in crate::web) async fn add(form: Form<Typed>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields: typed, files } = form;
    visitor.require()?;
    let mut taken = keep(&visitor, *id, &typed, &files).await?;
    if files.iter().all(|(name, _)| name != "file") {
        note(&mut taken.faults, Err(Error::invalid("file", "Choose a picture first.")))?;
    }
    if taken.faults.is_empty() {
        let last =
            taken.open.draft.pictures.last().map_or_else(|| "pictures".to_owned(), |one| format!("picture-{}", one.id));
        return Ok(visitor.go(&back(*id, &typed, &last)));
    }
    write::page(&visitor, taken, typed.is_checked(), Some(&typed)).await
}

/// `POST /cases/drafts/{id}/pictures/{pid}/tap?w=288&h=216`: one corner; the second makes a box.
pub(in crate::web) async fn tap(
    form: Form<Typed>,
    path: OfPicture,
    shown: Query<Shown>,
) -> Result<HttpResponse, Problem> {
    act(form, path, Act::Tap(shown.into_inner())).await
}

/// `POST /cases/drafts/{id}/pictures/{pid}/cover`: a strip along an edge, or four numbers.
pub(in crate::web) async fn cover(form: Form<Typed>, path: OfPicture) -> Result<HttpResponse, Problem> {
    act(form, path, Act::Cover).await
}

/// `POST /cases/drafts/{id}/pictures/{pid}/uncover`: the last corner or box is taken back.
pub(in crate::web) async fn uncover(form: Form<Typed>, path: OfPicture) -> Result<HttpResponse, Problem> {
    act(form, path, Act::Uncover).await
}

/// `POST /cases/drafts/{id}/pictures/{pid}/remove`
pub(in crate::web) async fn remove(form: Form<Typed>, path: OfPicture) -> Result<HttpResponse, Problem> {
    act(form, path, Act::Remove).await
}

/// What is done with a picture.
#[derive(Debug, Clone, Copy)]
enum Act {
    Tap(Shown),
    Cover,
    Uncover,
    Remove,
}

/// Keeps what was typed, does it, and returns to the picture.
async fn act(form: Form<Typed>, path: OfPicture, act: Act) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields: typed, files } = form;
    visitor.require()?;
    let (id, picture) = path.into_inner();
    let mut taken = keep(&visitor, id, &typed, &files).await?;
    if taken.faults.is_empty() {
        let outcome = carry_out(&visitor, &taken, picture, &typed, act).await;
        note(&mut taken.faults, outcome)?;
    }
    if !taken.faults.is_empty() {
        return write::page(&visitor, taken, typed.is_checked(), Some(&typed)).await;
    }
    let place = if matches!(act, Act::Remove) { "pictures".to_owned() } else { format!("picture-{picture}") };
    Ok(visitor.go(&match act {
        Act::Tap(Shown { w: LARGE, .. }) if !typed.is_checked() => {
            format!("/cases/drafts/{id}?large={picture}#{place}")
        }
        _ => back(id, &typed, &place),
    }))
}

async fn carry_out(visitor: &Visitor, taken: &Taken, picture: CasePictureId, typed: &Typed, act: Act) -> Result<()> {
    let (ctx, viewer, id) = (&visitor.ctx, visitor.viewer(), taken.open.id);
    match act {
        Act::Uncover => cases::uncover_last(ctx, &viewer, id, picture).await,
        Act::Remove => cases::remove_picture(ctx, &viewer, id, picture).await,
        Act::Tap(shown) => {
            let size = size_of(visitor, id, picture).await?;
            let (x, y) = cover::tapped(&typed.0, shown, size)?;
            cases::tap(ctx, &viewer, id, picture, x, y).await
        }
        Act::Cover => {
            let size = size_of(visitor, id, picture).await?;
            let known = taken.open.draft.pictures.iter().find(|one| one.id == picture).ok_or(Error::NotFound)?;
            let area = cover::area(&typed.0, picture.0, &known.boxes, size)?;
            cases::cover(ctx, &viewer, id, picture, area).await
        }
    }
}
