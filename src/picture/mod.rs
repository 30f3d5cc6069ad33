//! What an uploaded file is, checked from its content and made anew without anything but its pixels.
//! Nothing here opens a file, a socket or a database, and no byte of what came in goes out again.

pub mod cover;
mod letters;
pub mod qr;

use std::io::Cursor;

use image::{
    AnimationDecoder, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits,
    codecs::{
        gif::{GifDecoder, GifEncoder, Repeat},
        jpeg::JpegEncoder,
        png::PngEncoder,
    },
};

/// What is taken.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Largest file, in bytes.
    pub bytes: usize,
    /// Most pixels; of an animation, of all its frames.
    pub pixels: u64,
}

/// A picture made anew: pixels only, upright, with a small version and a sketch.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The picture.
    pub full: Vec<u8>,
    /// Its media type: one of `image/png`, `image/jpeg`, `image/gif`.
    pub mime: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The small version, for lists.
    pub small: Vec<u8>,
    /// Its media type.
    pub small_mime: &'static str,
    /// Width of the small version in pixels.
    pub small_width: u32,
    /// Height of the small version in pixels.
    pub small_height: u32,
    /// A sketch in few letters (blurha.sh), shown until the picture is there.
    pub blurhash: String,
}

/// Why a file is not taken, in words for the person who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

/// Longest side of the small version.
const SMALL: u32 = 800;
/// Most frames of an animation.
const FRAMES: usize = 500;
const JPEG_QUALITY: u8 = 88;

/// Media types that are taken.
pub const TAKEN: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// Checks a file and makes the picture anew. Takes a while: never on an async thread.
///
/// Type and size come from the content alone, and the size in pixels from the header, before anything is decoded.
///
/// # Errors
/// [`Refused`] for what is no picture of a kind that is taken, too large, or damaged.
pub fn make(bytes: &[u8], bounds: Bounds) -> Result<Picture, Refused> {
    if bytes.len() > bounds.bytes {
        let tenth = |n: usize| format!("{:.1}", f64::from(u32::try_from(n / 100_000).unwrap_or(u32::MAX)) / 10.0);
        return Err(Refused(format!(
            "This file has {} MB. The limit is {} MB.",
            tenth(bytes.len()),
            tenth(bounds.bytes)
        )));
    }
    let format = kind(bytes)?;
    if format == ImageFormat::Gif
        && let Some(picture) = animation(bytes, bounds)?
    {
        return Ok(picture);
    }
    let image = still(bytes, format, bounds)?;
    let (full, mime) = encode(&image, format == ImageFormat::Png)?;
    finish(&image, full, mime)
}

/// The pixels of a picture, upright.
fn still(bytes: &[u8], format: ImageFormat, bounds: Bounds) -> Result<DynamicImage, Refused> {
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(|_| damaged())?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, bounds)?;
    decoder.set_limits(limits(bounds)).map_err(|_| damaged())?;
    // A photo that lies on its side says so in its EXIF block, which does not come along.
    let orientation = decoder.orientation().map_err(|_| damaged())?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| damaged())?;
    image.apply_orientation(orientation);
    Ok(plain(image))
}

/// Reads the head of a picture that is kept as it came: whether it is one, and not too large to be shown.
///
/// # Errors
/// As [`make`].
pub fn look(bytes: &[u8], bounds: Bounds) -> Result<(), Refused> {
    let format = kind(bytes)?;
    let decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(|_| damaged())?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, bounds)
}

/// Eight bits a channel and no palette: what every reader can show.
fn plain(image: DynamicImage) -> DynamicImage {
    if image.color().has_alpha() { image.into_rgba8().into() } else { image.into_rgb8().into() }
}

/// What a DICOM file has behind its first 128 bytes, which may be anything: also the beginning of a picture.
const DICOM: &[u8] = b"DICM";

fn kind(bytes: &[u8]) -> Result<ImageFormat, Refused> {
    if bytes.get(128..132) == Some(DICOM) {
        return Err(Refused(
            "This is a DICOM file, and it carries the patient's name. Open it in the viewer, export the picture as PNG or JPEG \
             without the patient's data in it, and send that."
                .into(),
        ));
    }
    match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP)) => Ok(format),
        Ok(_) | Err(_) => Err(Refused(other_kind(bytes))),
    }
}

/// What the file seems to be instead, so that the person knows what to do.
fn other_kind(bytes: &[u8]) -> String {
    let box_type = bytes.get(4..12).unwrap_or_default();
    let advice = match box_type {
        b"ftypheic" | b"ftypheix" | b"ftypmif1" | b"ftypavif" => {
            "HEIC and AVIF pictures cannot be read. Save it as JPEG first."
        }
        _ if box_type.starts_with(b"ftyp") || bytes.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) => {
            "Videos and sound cannot be taken: they cannot be cleaned of what they carry along."
        }
        _ if bytes.starts_with(b"ID3") || bytes.starts_with(b"OggS") || bytes.starts_with(b"RIFF") => {
            "Videos and sound cannot be taken: they cannot be cleaned of what they carry along."
        }
        _ => "This file is not a picture.",
    };
    format!("{advice} JPEG, PNG, GIF and WebP are taken.")
}

fn check_size(width: u32, height: u32, bounds: Bounds) -> Result<(), Refused> {
    let pixels = u64::from(width) * u64::from(height);
    if width == 0 || height == 0 {
        return Err(damaged());
    }
    if pixels > bounds.pixels {
        return Err(Refused(format!(
            "This picture has {width} × {height} pixels. The limit is {} megapixels.",
            bounds.pixels / 1_000_000
        )));
    }
    Ok(())
}

fn limits(bounds: Bounds) -> Limits {
    let mut limits = Limits::default();
    // Four bytes a pixel, and as much again for the work of a decoder.
    limits.max_alloc = Some(bounds.pixels.saturating_mul(8));
    limits
}

fn damaged() -> Refused {
    Refused("This picture is damaged and cannot be read.".into())
}

/// An animated GIF, frame by frame; none for one that stands still.
fn animation(bytes: &[u8], bounds: Bounds) -> Result<Option<Picture>, Refused> {
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, bounds)?;
    decoder.set_limits(limits(bounds)).map_err(|_| damaged())?;
    let one = u64::from(width) * u64::from(height);
    let most = usize::try_from(bounds.pixels / one).unwrap_or(FRAMES).clamp(1, FRAMES);
    let mut frames = Vec::new();
    for frame in decoder.into_frames() {
        if frames.len() == most {
            return Err(Refused("This animation is too long. Please send a shorter or smaller one.".into()));
        }
        frames.push(frame.map_err(|_| damaged())?);
    }
    let Some(first) = frames.first() else { return Err(damaged()) };
    if frames.len() == 1 {
        return Ok(None);
    }
    let still = DynamicImage::from(first.buffer().clone());
    let mut full = Vec::new();
    {
        let mut encoder = GifEncoder::new_with_speed(&mut full, 20);
        encoder.set_repeat(Repeat::Infinite).map_err(|_| damaged())?;
        encoder.encode_frames(frames).map_err(|_| damaged())?;
    }
    finish(&still, full, "image/gif").map(Some)
}

/// Lossless for what came so or is see-through; everything else is a photo.
fn encode(image: &DynamicImage, lossless: bool) -> Result<(Vec<u8>, &'static str), Refused> {
    let mut out = Vec::new();
    if lossless || image.color().has_alpha() {
        image.write_with_encoder(PngEncoder::new(&mut out)).map_err(|_| damaged())?;
        Ok((out, "image/png"))
    } else {
        image.write_with_encoder(JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY)).map_err(|_| damaged())?;
        Ok((out, "image/jpeg"))
    }
}

fn finish(image: &DynamicImage, full: Vec<u8>, mime: &'static str) -> Result<Picture, Refused> {
    let (width, height) = (image.width(), image.height());
    let reduced = if width.max(height) > SMALL { image.thumbnail(SMALL, SMALL) } else { image.clone() };
    let (small, small_mime) = encode(&reduced, false)?;
    let sketch = reduced.thumbnail(64, 64).into_rgba8();
    let blurhash = blurhash::encode(4, 3, sketch.width(), sketch.height(), sketch.as_raw()).map_err(|_| damaged())?;
    Ok(Picture {
        full,
        mime,
        width,
        height,
        small,
        small_mime,
        small_width: reduced.width(),
        small_height: reduced.height(),
        blurhash,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { bytes: 4_000_000, pixels: 4_000_000 };

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let image =
            image::RgbImage::from_fn(width, height, |x, _| image::Rgb([if x < width / 2 { 255 } else { 0 }, 0, 0]));
        let mut out = Vec::new();
        JpegEncoder::new(&mut out).encode_image(&image).unwrap();
        out
    }

    /// A JPEG that says by EXIF that it lies on its side, and where it was taken.
    fn photo_with_exif(orientation: u8) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
        tiff.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
        tiff.extend([0, 0, 0, 0]);
        tiff.extend(b"\x01\0\x01\0\x02\0\x02\0\0\0N\0\0\0\0\0\0\0GPSSECRET");
        let mut block = b"Exif\0\0".to_vec();
        block.extend(tiff);
        let plain = jpeg(40, 20);
        let mut out = plain[..2].to_vec();
        out.extend([0xff, 0xe1]);
        out.extend(u16::try_from(block.len() + 2).unwrap().to_be_bytes());
        out.extend(block);
        out.extend(&plain[2..]);
        out
    }

    #[test]
    fn a_photo_is_turned_upright_and_loses_what_it_carried() {
        let sent = photo_with_exif(6);
        assert!(sent.windows(9).any(|w| w == b"GPSSECRET"));
        let made = make(&sent, BOUNDS).unwrap();
        assert_eq!((made.width, made.height, made.mime), (20, 40, "image/jpeg"));
        for word in [&b"Exif"[..], b"GPS"] {
            assert!(!made.full.windows(word.len()).any(|w| w == word));
        }
        assert!((6..=40).contains(&made.blurhash.len()));
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(60_000_u32.to_be_bytes());
        png.extend(60_000_u32.to_be_bytes());
        png.extend([8, 6, 0, 0, 0]);
        let mut crc = 0xffff_ffff_u32;
        for byte in &png[12..] {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        png.extend((!crc).to_be_bytes());
        png.extend([0, 0, 0, 0]);
        png.extend(b"IDAT");
        png.extend([0; 4]);
        let refused = make(&png, BOUNDS).unwrap_err();
        assert!(refused.0.contains("60000 × 60000"), "{}", refused.0);
    }

    #[test]
    fn what_hides_behind_a_picture_does_not_come_along() {
        let mut polyglot = jpeg(8, 8);
        polyglot.extend(b"<script>alert(1)</script>PK\x03\x04");
        let made = make(&polyglot, BOUNDS).unwrap();
        assert!(!made.full.windows(7).any(|w| w == b"<script"));
    }

    #[test]
    fn what_is_no_picture_is_refused_in_words() {
        for (sent, words) in [
            (&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], "not a picture"),
            (b"{\"type\":\"Note\"}", "not a picture"),
            (b"\0\0\0\x20ftypisom\0\0\0\0", "Videos"),
            (b"\0\0\0\x20ftypavif\0\0\0\0", "AVIF"),
            (b"", "not a picture"),
            ([&[0_u8; 128][..], b"DICM\x02\0\0\0UL"].concat().as_slice(), "DICOM"),
            ([&b"II*\0"[..], &[0; 124], b"DICM\x02\0\0\0UL"].concat().as_slice(), "as PNG or JPEG"),
        ] {
            let refused = make(sent, BOUNDS).unwrap_err();
            assert!(refused.0.contains(words), "{}", refused.0);
        }
        assert!(make(&jpeg(3_000, 3_000), BOUNDS).unwrap_err().0.contains("megapixels"));
    }

    #[test]
    fn a_large_picture_gets_a_small_one_for_lists() {
        let made = make(&jpeg(1_600, 1_000), BOUNDS).unwrap();
        assert_eq!((made.small_width, made.small_height), (800, 500));
        assert!(made.small.len() < made.full.len());
    }

    #[test]
    fn an_animation_keeps_moving_and_has_an_end() {
        let frame = || image::Frame::new(image::RgbaImage::new(4, 4));
        let mut gif = Vec::new();
        GifEncoder::new(&mut gif).encode_frames([frame(), frame()]).unwrap();
        assert_eq!(make(&gif, BOUNDS).unwrap().mime, "image/gif");
        assert!(make(&gif, Bounds { bytes: 4_000, pixels: 16 }).unwrap_err().0.contains("too long"));
    }
}
