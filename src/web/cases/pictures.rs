//! The pictures of a case that is being written: sent in, covered by two taps or by numbers, and looked at once more.

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Query},
};
use serde::Deserialize;

use super::{
    typed::{Taken, Typed, keep, note},
    write,
};
use crate::{
    error::{Error, Result},
    model::{CaseDraftId, CasePictureId, Cover, DraftPicture},
    service::cases::{self, OpenDraft, PictureSize},
    web::{
        error::Problem,
        marked::several,
        session::{Form, Visitor},
    },
};

/// Draft and picture.
type OfPicture = web::Path<(CaseDraftId, CasePictureId)>;

/// How wide a picture is shown, in pixels of the page: to fit the smallest phone, most phones, and anything larger.
const SHOWN: [(&str, u32); 3] = [("tap", 288), ("tap near", 342), ("tap far", 512)];
/// How wide it is where it is shown larger, in a box that scrolls.
const LARGE: u32 = 1200;
/// Which part of a picture a strip covers.
const STRIPS: u32 = 10;

/// A picture as it is shown to be tapped at: its class, and its size on the page.
#[derive(Debug)]
pub(super) struct Tappable {
    /// Its class, which says where it is shown.
    pub class: &'static str,
    /// Its width there.
    pub width: u32,
    /// Its height there.
    pub height: u32,
}

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
    /// What is covered, and what to do next.
    pub words: String,
    /// Its size in pixels.
    pub size: String,
    /// There is a corner or a box to take back.
    pub undoable: bool,
    /// How it is shown.
    pub shown: Vec<Tappable>,
    /// How it is shown larger.
    pub large: Tappable,
    /// It is shown larger now.
    pub is_large: bool,
}

impl PictureForm {
    fn of(number: usize, picture: &DraftPicture, size: PictureSize) -> Self {
        let words = match (picture.corner, picture.boxes.len()) {
            (Some((x, y)), _) => {
                format!("One corner is set, {x} from the left and {y} from the top: the dot. Tap the opposite one.")
            }
            (None, 0) => "Tap two corners to cover something.".to_owned(),
            (None, boxes) => format!("{} painted over. Tap two corners to cover more.", several(boxes, "box", "boxes")),
        };
        let at = |(class, width): (&'static str, u32)| Tappable {
            class,
            width,
            height: scaled(size.height, size.width, width),
        };
        Self {
            id: picture.id,
            number,
            description: picture.description.clone(),
            looked: picture.looked,
            words,
            size: format!("{} by {}", size.width, size.height),
            undoable: picture.corner.is_some() || !picture.boxes.is_empty(),
            shown: SHOWN.map(at).into(),
            large: at(("tap whole", LARGE)),
            is_large: false,
        }
    }
}

/// A length in another scale: `whole` is shown as `shown`. Never nothing.
fn scaled(length: u32, whole: u32, shown: u32) -> u32 {
    let scaled = u64::from(length) * u64::from(shown) / u64::from(whole.max(1));
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

/// The pictures of a draft for its form.
pub(super) async fn forms(visitor: &Visitor, open: &OpenDraft) -> Result<Vec<PictureForm>> {
    if open.draft.pictures.is_empty() {
        return Ok(Vec::new());
    }
    let sizes = cases::picture_sizes(&visitor.ctx, &visitor.viewer(), open.id).await?;
    let size = |id| sizes.iter().find(|(other, _)| *other == id).map(|(_, size)| *size);
    let pictures = (1..).zip(&open.draft.pictures);
    Ok(pictures.filter_map(|(number, one)| Some(PictureForm::of(number, one, size(one.id)?))).collect())
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

/// A picture that nobody else may see: kept by no cache, and nothing in it may run.
pub(super) fn file(bytes: Vec<u8>, mime: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(mime)
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes)
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

/// How large the picture was shown where it was tapped at, in pixels of the page.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(in crate::web) struct Shown {
    w: u32,
    h: u32,
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
            let (x, y) = tapped(typed, shown, size)?;
            cases::tap(ctx, &viewer, id, picture, x, y).await
        }
        Act::Cover => {
            let size = size_of(visitor, id, picture).await?;
            let known = taken.open.draft.pictures.iter().find(|one| one.id == picture).ok_or(Error::NotFound)?;
            let area = match typed.get("strip") {
                Some(edge) => strip(edge, &known.boxes, size)?,
                None => numbers(typed, picture)?,
            };
            cases::cover(ctx, &viewer, id, picture, area).await
        }
    }
}

/// Where a picture was tapped at, in its own pixels.
fn tapped(typed: &Typed, shown: Shown, size: PictureSize) -> Result<(u32, u32)> {
    match (typed.pixels("x"), typed.pixels("y")) {
        // Whoever presses a key instead of tapping sends the very corner.
        (Some(0), Some(0)) | (None, _) | (_, None) => {
            let words =
                "Tap the picture where a corner of the box is to be, or use the strips or the numbers below it.";
            Err(Error::invalid("pictures", words))
        }
        (Some(x), Some(y)) => {
            let place = |at: u32, shown: u32, size: u32| scaled(at, shown, size).min(size.saturating_sub(1));
            Ok((place(x, shown.w, size.width), place(y, shown.h, size.height)))
        }
    }
}

/// A strip along an edge; where there is one already, it grows by as much again.
fn strip(edge: &str, boxes: &[Cover], size: PictureSize) -> Result<Cover> {
    let PictureSize { width, height } = size;
    let tall = edge == "left" || edge == "right";
    let (across, deep) = if tall { (height, width) } else { (width, height) };
    let at_edge = |one: &&Cover| {
        let whole = if tall { one.y == 0 && one.height == height } else { one.x == 0 && one.width == width };
        let (start, length) = if tall { (one.x, one.width) } else { (one.y, one.height) };
        whole && if edge == "top" || edge == "left" { start == 0 } else { start.saturating_add(length) == deep }
    };
    let before = boxes.iter().filter(at_edge).map(|one| if tall { one.width } else { one.height }).max().unwrap_or(0);
    let depth = before.saturating_add((deep / STRIPS).max(1)).min(deep);
    Ok(match edge {
        "top" => Cover { x: 0, y: 0, width: across, height: depth },
        "bottom" => Cover { x: 0, y: deep - depth, width: across, height: depth },
        "left" => Cover { x: 0, y: 0, width: depth, height: across },
        "right" => Cover { x: deep - depth, y: 0, width: depth, height: across },
        _ => return Err(Error::invalid("pictures", "Choose one of the four edges.")),
    })
}

/// A box in numbers.
fn numbers(typed: &Typed, picture: CasePictureId) -> Result<Cover> {
    let number = |name: &str| {
        let words = "Give all four numbers of the box, in pixels of the picture.";
        typed.pixels(&format!("{name}-{picture}")).ok_or_else(|| Error::invalid("pictures", words))
    };
    Ok(Cover { x: number("left")?, y: number("top")?, width: number("width")?, height: number("height")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: PictureSize = PictureSize { width: 1600, height: 800 };

    #[test]
    fn a_tap_is_found_in_the_picture_however_large_it_is_shown() {
        let typed = |x: &str, y: &str| serde_html_form::from_str::<Typed>(&format!("x={x}&y={y}")).unwrap();
        let phone = Shown { w: 288, h: 144 };
        assert_eq!(tapped(&typed("144", "72"), phone, SIZE).unwrap(), (800, 400));
        assert_eq!(tapped(&typed("256", "256"), Shown { w: 512, h: 256 }, SIZE).unwrap(), (800, 799));
        assert!(tapped(&typed("0", "0"), phone, SIZE).is_err(), "a key, not a tap");
        assert!(tapped(&typed("", "4"), phone, SIZE).is_err());
    }

    #[test]
    fn strips_lie_along_their_edges_and_grow() {
        let top = strip("top", &[], SIZE).unwrap();
        assert_eq!(top, Cover { x: 0, y: 0, width: 1600, height: 80 });
        assert_eq!(strip("top", &[top], SIZE).unwrap().height, 160);
        assert_eq!(strip("bottom", &[top], SIZE).unwrap(), Cover { x: 0, y: 720, width: 1600, height: 80 });
        assert_eq!(strip("left", &[], SIZE).unwrap(), Cover { x: 0, y: 0, width: 160, height: 800 });
        let right = strip("right", &[], SIZE).unwrap();
        assert_eq!(right, Cover { x: 1440, y: 0, width: 160, height: 800 });
        assert_eq!(strip("right", &[right], SIZE).unwrap().x, 1280);
        assert!(strip("middle", &[], SIZE).is_err());
    }

    #[test]
    fn what_to_do_with_a_picture_is_said_in_words() {
        let mut picture = DraftPicture {
            id: CasePictureId(7),
            description: String::new(),
            boxes: vec![Cover { x: 0, y: 0, width: 9, height: 9 }],
            corner: None,
            looked: false,
        };
        let form = PictureForm::of(1, &picture, SIZE);
        assert_eq!(form.words, "1 box painted over. Tap two corners to cover more.");
        let shown: Vec<(u32, u32)> = form.shown.iter().map(|one| (one.width, one.height)).collect();
        assert_eq!(shown, [(288, 144), (342, 171), (512, 256)]);
        assert_eq!((form.large.width, form.large.height), (1200, 600));
        picture.corner = Some((30, 40));
        assert!(PictureForm::of(1, &picture, SIZE).words.contains("30 from the left"));
    }
}
