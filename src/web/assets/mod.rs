//! The few files that pages need, under names that change with their content, so that they are cached for a year.

use std::{borrow::Cow, sync::LazyLock};

use actix_web::{HttpResponse, http::header, web};

use crate::service::urls::fingerprint;

/// One file.
#[derive(Debug)]
struct Asset {
    name: String,
    kind: &'static str,
    bytes: Cow<'static, [u8]>,
}

/// Their addresses.
#[derive(Debug)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// The script.
    pub js: String,
    /// The icons.
    pub sprite: String,
    /// The landing drawing.
    pub hospital: String,
    /// The browser's icon.
    pub favicon: String,
    files: Vec<Asset>,
}

/// The files of this build.
pub(super) static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let file = |stem: &str, ending: &str, kind, bytes: Cow<'static, [u8]>| Asset {
        name: format!("{stem}-{}.{ending}", fingerprint(&bytes)),
        kind,
        bytes,
    };
    let svg = "image/svg+xml";
    let files = vec![
        file("style", "css", "text/css; charset=utf-8", plain(include_str!("style.css"))),
        file("app", "js", "text/javascript; charset=utf-8", Cow::Borrowed(include_bytes!("app.js"))),
        file("sprite", "svg", svg, Cow::Borrowed(include_bytes!("sprite.svg"))),
        file("hospital", "svg", svg, Cow::Borrowed(include_bytes!("hospital.svg"))),
        file("favicon", "svg", svg, Cow::Borrowed(include_bytes!("favicon.svg"))),
    ];
    let path = |stem: &str| {
        let name = files.iter().map(|f| f.name.as_str()).find(|n| n.starts_with(stem)).unwrap_or_default();
        format!("/assets/{name}")
    };
    Assets {
        css: path("style-"),
        js: path("app-"),
        sprite: path("sprite-"),
        hospital: path("hospital-"),
        favicon: path("favicon-"),
        files,
    }
});

/// A style sheet without what is for its readers only: comments, indents, line ends, and spaces around its signs.
fn plain(css: &str) -> Cow<'static, [u8]> {
    let mut out = String::with_capacity(css.len());
    for (place, part) in css.split("/*").enumerate() {
        let rules = if place == 0 { part } else { part.split_once("*/").map_or("", |(_, after)| after) };
        for line in rules.lines().map(str::trim).filter(|l| !l.is_empty()) {
            out.push_str(line);
            if !line.ends_with(['{', '}', ';', ',']) {
                out.push('\n');
            }
        }
    }
    for (wide, narrow) in
        [(": ", ":"), ("; ", ";"), (", ", ","), (" {", "{"), ("{ ", "{"), (" }", "}"), (" > ", ">"), (";}", "}")]
    {
        out = out.replace(wide, narrow);
    }
    Cow::Owned(out.into_bytes())
}

/// `GET /assets/{name}`
pub(super) async fn get(name: web::Path<String>) -> HttpResponse {
    match ASSETS.files.iter().find(|f| f.name == *name) {
        Some(file) => HttpResponse::Ok()
            .content_type(file.kind)
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(file.bytes.to_vec()),
        None => HttpResponse::NotFound().finish(),
    }
}
