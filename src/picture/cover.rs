//! Painting over what nobody is to see in a picture: the pixels below are gone, not hidden.

use image::{DynamicImage, GenericImage, ImageFormat, Rgba};

use super::{Bounds, Picture, Refused, encode, finish, kind, letters, make, still};

/// What is painted over, in pixels from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

const BLACK: Rgba<u8> = Rgba([0, 0, 0, 255]);
const GREY: Rgba<u8> = Rgba([138, 138, 138, 255]);
const BLUE: Rgba<u8> = Rgba([14, 79, 134, 255]);
const WHITE: Rgba<u8> = Rgba([255, 255, 255, 255]);

/// What stands in a box while it can still be taken back.
const COVERED: &str = "covered";
/// What stands in it once nothing is left below.
const REMOVED: &str = "removed";
/// The room that a word has on each side, in squares of its letters: beside it, and above.
const ROOM: (u32, u32) = (6, 3);

/// A picture that can be painted over, made anew as [`make`] does.
///
/// # Errors
/// As [`make`]; and for an animation, as what is covered in one frame may be seen in the next.
pub fn take(bytes: &[u8], bounds: Bounds) -> Result<Picture, Refused> {
    let made = make(bytes, bounds)?;
    if made.mime == "image/gif" {
        return Err(Refused(
            "This picture moves: what is covered in one frame could be seen in the next. Please send a still of it."
                .into(),
        ));
    }
    Ok(made)
}

/// The picture with these areas painted over, each with a word that says so where it has room, and a dot where a box begins; and
/// its media type. For whoever paints alone.
///
/// # Errors
/// As [`make`].
pub fn preview(
    bytes: &[u8],
    areas: &[Area],
    corner: Option<(u32, u32)>,
    bounds: Bounds,
) -> Result<(Vec<u8>, &'static str), Refused> {
    let (mut image, lossless) = painted(bytes, areas, COVERED, bounds)?;
    if let Some((x, y)) = corner {
        dot(&mut image, x, y);
    }
    encode(&image, lossless)
}

/// The same with its small version and its sketch, which are made of what was painted.
///
/// # Errors
/// As [`make`].
pub fn paint(bytes: &[u8], areas: &[Area], bounds: Bounds) -> Result<Picture, Refused> {
    let (image, lossless) = painted(bytes, areas, REMOVED, bounds)?;
    let (full, mime) = encode(&image, lossless)?;
    finish(&image, full, mime)
}

fn painted(bytes: &[u8], areas: &[Area], word: &str, bounds: Bounds) -> Result<(DynamicImage, bool), Refused> {
    let format = kind(bytes)?;
    let mut image = still(bytes, format, bounds)?;
    for area in areas {
        fill(&mut image, *area, word);
    }
    Ok((image, format == ImageFormat::Png))
}

/// A black box with a thin grey edge and a word in it; what of it lies outside the picture is left out.
fn fill(image: &mut DynamicImage, area: Area, word: &str) {
    let edge = (image.width().min(image.height()) / 400).clamp(1, 4);
    let right = area.x.saturating_add(area.width).min(image.width());
    let bottom = area.y.saturating_add(area.height).min(image.height());
    for y in area.y..bottom {
        for x in area.x..right {
            let inside = x - area.x >= edge && y - area.y >= edge && right - x > edge && bottom - y > edge;
            image.put_pixel(x, y, if inside { BLACK } else { GREY });
        }
    }
    write(image, (area.x, area.y), (right.saturating_sub(area.x), bottom.saturating_sub(area.y)), word);
}

/// Writes a word in the middle of a box of a size, as large as fits the picture; nothing where the box is too small for it.
fn write(image: &mut DynamicImage, (left, top): (u32, u32), (width, height): (u32, u32), word: &str) {
    let (across, down) = letters::size(word);
    let fits = (image.width().min(image.height()) / 200).max(1);
    let square = fits.min(width / (across + 2 * ROOM.0)).min(height / (down + 2 * ROOM.1));
    let (across, down) = (across * square, down * square);
    for y in 0..down {
        for x in 0..across {
            if letters::is_drawn(word, x / square, y / square) {
                image.put_pixel(left + (width - across) / 2 + x, top + (height - down) / 2 + y, GREY);
            }
        }
    }
}

/// A dot with a white rim, so that it is seen on anything; it grows with the picture.
fn dot(image: &mut DynamicImage, x: u32, y: u32) {
    let radius = (image.width().min(image.height()) / 50).clamp(4, 40);
    let rim = radius.saturating_sub((radius / 4).max(1));
    for at_y in y.saturating_sub(radius)..y.saturating_add(radius + 1).min(image.height()) {
        for at_x in x.saturating_sub(radius)..x.saturating_add(radius + 1).min(image.width()) {
            let far = at_x.abs_diff(x).pow(2) + at_y.abs_diff(y).pow(2);
            if far <= radius.pow(2) {
                image.put_pixel(at_x, at_y, if far <= rim.pow(2) { BLUE } else { WHITE });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{GenericImageView, RgbImage, codecs::gif::GifEncoder};

    use super::*;

    const BOUNDS: Bounds = Bounds { bytes: 4_000_000, pixels: 4_000_000 };

    fn white(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let image = RgbImage::from_pixel(80, 60, image::Rgb([255, 255, 255]));
        DynamicImage::ImageRgb8(image).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_box_that_has_one_corner_shows_it_to_whoever_paints() {
        let (seen, mime) = preview(&white(ImageFormat::Png), &[], Some((79, 0)), BOUNDS).unwrap();
        let seen = image::load_from_memory(&seen).unwrap();
        assert_eq!((mime, seen.get_pixel(78, 1).0, seen.get_pixel(40, 30).0), ("image/png", BLUE.0, WHITE.0));
    }

    #[test]
    fn what_is_covered_is_black_with_a_grey_edge_and_the_rest_stays() {
        let area = Area { x: 10, y: 20, width: 30, height: 16 };
        let made = paint(&white(ImageFormat::Png), &[area], BOUNDS).unwrap();
        assert_eq!((made.mime, made.width, made.height), ("image/png", 80, 60));
        let seen = image::load_from_memory(&made.full).unwrap();
        for (x, y, [r, g, b]) in [
            (9, 20, [255; 3]),
            (10, 20, [138; 3]),
            (11, 21, [0; 3]),
            (38, 34, [0; 3]),
            (39, 35, [138; 3]),
            (40, 35, [255; 3]),
            (39, 36, [255; 3]),
        ] {
            assert_eq!(seen.get_pixel(x, y), Rgba([r, g, b, 255]), "{x}, {y}");
        }
        let photo = paint(&white(ImageFormat::Jpeg), &[area], BOUNDS).unwrap();
        assert_eq!(photo.mime, "image/jpeg");
        assert!(image::load_from_memory(&photo.full).unwrap().get_pixel(25, 28).0[0] < 20);
    }

    #[test]
    fn a_box_with_room_says_that_something_was_there_and_shows_nothing_of_it() {
        let area = Area { x: 5, y: 5, width: 70, height: 40 };
        let grey_inside = |bytes: &[u8]| {
            let seen = image::load_from_memory(bytes).unwrap();
            let inside = (6..74).flat_map(|x| (6..44).map(move |y| (x, y)));
            let (black, others): (Vec<_>, Vec<_>) = inside.partition(|(x, y)| seen.get_pixel(*x, *y) == BLACK);
            assert!(others.iter().all(|(x, y)| seen.get_pixel(*x, *y) == GREY) && black.len() > others.len());
            others
        };
        let drawn = grey_inside(&preview(&white(ImageFormat::Png), &[area], None, BOUNDS).unwrap().0);
        let posted = grey_inside(&paint(&white(ImageFormat::Png), &[area], BOUNDS).unwrap().full);
        assert!(drawn.len() > 50 && posted.len() > 50 && drawn != posted, "it is one word before, and another after");
    }

    #[test]
    fn a_box_that_leaves_the_picture_covers_what_lies_in_it() {
        let areas = [Area { x: 70, y: 50, width: u32::MAX, height: 400 }, Area { x: 900, y: 0, width: 5, height: 5 }];
        let (bytes, _) = preview(&white(ImageFormat::Png), &areas, None, BOUNDS).unwrap();
        let seen = image::load_from_memory(&bytes).unwrap();
        assert_eq!((seen.get_pixel(75, 55).0[0], seen.get_pixel(69, 49).0[0]), (0, 255));
    }

    #[test]
    fn an_animation_cannot_be_covered() {
        let frame = || image::Frame::new(image::RgbaImage::new(4, 4));
        let mut gif = Vec::new();
        GifEncoder::new(&mut gif).encode_frames([frame(), frame()]).unwrap();
        assert!(take(&gif, BOUNDS).unwrap_err().0.contains("a still"));
        assert!(take(&white(ImageFormat::Png), BOUNDS).is_ok());
    }
}
