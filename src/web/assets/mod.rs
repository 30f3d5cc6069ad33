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
    /// The script of pages that ask for a passkey.
    pub passkey: String,
    /// The icons.
    pub sprite: String,
    /// Those of them that a long thread brings along, so that each answer names them in a few letters.
    pub symbols: String,
    /// The landing drawing.
    pub hospital: String,
    /// The browser's icon.
    pub favicon: String,
    files: Vec<Asset>,
}

/// The icons.
const SPRITE: &str = include_str!("sprite.svg");
/// Those of an answer.
const OF_ANSWERS: [&str; 7] = ["seal", "seal-hollow", "reply", "boost", "heart", "heart-filled", "more"];

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
        file("passkey", "js", "text/javascript; charset=utf-8", Cow::Borrowed(include_bytes!("passkey.js"))),
        file("sprite", "svg", svg, Cow::Borrowed(SPRITE.as_bytes())),
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
        passkey: path("passkey-"),
        sprite: path("sprite-"),
        symbols: symbols(SPRITE),
        hospital: path("hospital-"),
        favicon: path("favicon-"),
        files,
    }
});

/// The icons of an answer, each under a name that nothing else on a page has: `i-reply`.
fn symbols(sprite: &str) -> String {
    let of_answers = |line: &&str| OF_ANSWERS.iter().any(|id| line.starts_with(&format!("<symbol id=\"{id}\"")));
    sprite.lines().filter(of_answers).map(|line| line.replacen("id=\"", "id=\"i-", 1)).collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_brings_the_icons_of_its_answers_along() {
        let all = symbols(SPRITE);
        assert_eq!(all.matches("</symbol>").count(), OF_ANSWERS.len());
        for id in OF_ANSWERS {
            assert!(all.contains(&format!("<symbol id=\"i-{id}\"")), "{id}");
        }
        assert!(all.len() < 3_000, "{}", all.len());
    }
}
