use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::Result,
    model::Media,
    policy::Viewer,
    service::{
        Ctx,
        media::{self, Size},
    },
};

/// A picture.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct MediaAttachment {
    id: String,
    /// `image` for all that this server takes.
    r#type: &'static str,
    url: Option<String>,
    preview_url: Option<String>,
    /// Where another server keeps it. Never needed by a client: `url` is our own copy.
    remote_url: Option<String>,
    preview_remote_url: Option<String>,
    text_url: Option<String>,
    meta: Meta,
    /// Alternative text.
    description: Option<String>,
    /// A sketch (blurha.sh).
    blurhash: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct Meta {
    original: Option<Dimensions>,
    small: Option<Dimensions>,
    focus: Focus,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct Dimensions {
    width: i32,
    height: i32,
    /// Such as `640x480`.
    size: String,
    aspect: f64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct Focus {
    x: f64,
    y: f64,
}

fn dimensions(width: i32, height: i32) -> Option<Dimensions> {
    (width > 0 && height > 0).then(|| Dimensions {
        width,
        height,
        size: format!("{width}x{height}"),
        aspect: f64::from(width) / f64::from(height),
    })
}

/// `MediaAttachment` for a viewer; `open` where its post is for everybody.
pub(in crate::api) fn attachment(ctx: &Ctx, viewer: &Viewer, media: &Media, open: bool) -> Result<MediaAttachment> {
    let words = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(MediaAttachment {
        id: media.id.to_string(),
        r#type: "image",
        url: Some(media::address(ctx, viewer, media, Size::Full, open)?),
        preview_url: Some(media::address(ctx, viewer, media, Size::Small, open)?),
        remote_url: None,
        preview_remote_url: None,
        text_url: None,
        meta: Meta {
            original: dimensions(media.width, media.height),
            small: dimensions(media.small_width, media.small_height),
            focus: Focus { x: media.focus_x, y: media.focus_y },
        },
        description: words(&media.description),
        blurhash: words(&media.blurhash),
    })
}
