//! The tool that paints over parts of a picture, the same for a case and for what is said in groups: two taps, strips along the
//! edges, or numbers, and none of them needs a script. Where a picture lies and what becomes of it, its page says.

use actix_web::{HttpResponse, http::header};
use serde::Deserialize;

use super::{form::Fields, marked::several};
use crate::{
    error::{Error, Result},
    model::Cover,
    service::media::PictureSize,
};

/// How wide a picture is shown, in pixels of the page: to fit the smallest phone, most phones, and anything larger.
const SHOWN: [(&str, u32); 3] = [("tap", 288), ("tap near", 342), ("tap far", 512)];
/// How wide it is where it is shown larger, in a box that scrolls.
pub(super) const LARGE: u32 = 1200;
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

/// Where what is pressed goes.
#[derive(Debug)]
pub(super) struct Ways {
    /// The picture with its boxes painted in.
    pub picture: String,
    /// A tap; how large the picture was shown, `w=288&h=216`, comes behind it.
    pub tap: String,
    /// A strip, or four numbers.
    pub cover: String,
    /// The last corner or box is taken back.
    pub uncover: String,
    /// The place on the page that a tap returns to, as `#picture-7`; empty where the answer leads there by itself.
    pub place: String,
}

/// The tool for one picture.
#[derive(Debug)]
pub(super) struct Tool {
    /// The id of the picture.
    pub id: i64,
    /// Which one it is, from 1.
    pub number: usize,
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
    /// Where what is pressed goes.
    pub to: Ways,
}

impl Tool {
    /// For a picture of this size over which so many boxes are painted, and perhaps a corner set.
    pub(super) fn of(
        (id, number): (i64, usize),
        size: PictureSize,
        boxes: usize,
        corner: Option<(u32, u32)>,
        to: Ways,
    ) -> Self {
        let words = match (corner, boxes) {
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
            id,
            number,
            words,
            size: format!("{} by {}", size.width, size.height),
            undoable: corner.is_some() || boxes > 0,
            shown: SHOWN.map(at).into(),
            large: at(("tap whole", LARGE)),
            is_large: false,
            to,
        }
    }
}

/// A length in another scale: `whole` is shown as `shown`. Never nothing.
fn scaled(length: u32, whole: u32, shown: u32) -> u32 {
    let scaled = u64::from(length) * u64::from(shown) / u64::from(whole.max(1));
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
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

/// How large the picture was shown where it was tapped at, in pixels of the page.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Shown {
    /// Its width.
    pub w: u32,
    /// Its height.
    pub h: u32,
}

/// Where a picture was tapped at, in its own pixels.
///
/// # Errors
/// [`Error::Invalid`] where it was no tap.
pub(super) fn tapped(fields: &Fields, shown: Shown, size: PictureSize) -> Result<(u32, u32)> {
    match (fields.pixels("x"), fields.pixels("y")) {
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

/// What is to be covered: a strip, where one was pressed, or a box in numbers.
///
/// # Errors
/// [`Error::Invalid`] where neither is there.
pub(super) fn area(fields: &Fields, id: i64, boxes: &[Cover], size: PictureSize) -> Result<Cover> {
    match fields.get("strip") {
        Some(edge) => strip(edge, boxes, size),
        None => numbers(fields, id),
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
fn numbers(fields: &Fields, id: i64) -> Result<Cover> {
    let number = |name: &str| {
        let words = "Give all four numbers of the box, in pixels of the picture.";
        fields.pixels(&format!("{name}-{id}")).ok_or_else(|| Error::invalid("pictures", words))
    };
    Ok(Cover { x: number("left")?, y: number("top")?, width: number("width")?, height: number("height")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: PictureSize = PictureSize { width: 1600, height: 800 };

    #[test]
    fn a_tap_is_found_in_the_picture_however_large_it_is_shown() {
        let typed = |x: &str, y: &str| serde_html_form::from_str::<Fields>(&format!("x={x}&y={y}")).unwrap();
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
        let tool = |boxes, corner| {
            let nowhere = String::new;
            let to =
                Ways { picture: nowhere(), tap: nowhere(), cover: nowhere(), uncover: nowhere(), place: nowhere() };
            Tool::of((7, 1), SIZE, boxes, corner, to)
        };
        let covered = tool(1, None);
        assert_eq!(covered.words, "1 box painted over. Tap two corners to cover more.");
        let shown: Vec<(u32, u32)> = covered.shown.iter().map(|one| (one.width, one.height)).collect();
        assert_eq!(shown, [(288, 144), (342, 171), (512, 256)]);
        assert_eq!((covered.large.width, covered.large.height), (1200, 600));
        assert!(covered.undoable && !tool(0, None).undoable);
        assert!(tool(1, Some((30, 40))).words.contains("30 from the left"));
    }
}
