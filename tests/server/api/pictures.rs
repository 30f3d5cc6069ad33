//! Pictures: what comes in, what of it goes out, and to whom.

use std::io::Cursor;

use consilium::model::Role;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::json;

use crate::harness::{App, Cluster, Options, text};

/// A picture of some colours.
pub fn drawn(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, height, |x, y| {
        Rgb([u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), 90])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(pixels).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], length.as_slice(), body].concat()
}

/// A photo as a telephone takes it, lying on its side: EXIF with position and device, XMP, IPTC and a comment.
fn photo() -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    // TIFF: a first directory of three entries at 8, its text at 50, the directory of the position at 70.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x03\0".to_vec();
    exif.extend(entry(0x010e, 2, 20, 50));
    exif.extend(entry(0x0112, 3, 1, 6));
    exif.extend(entry(0x8825, 4, 1, 70));
    exif.extend(0_u32.to_le_bytes());
    exif.extend(b"WARD-4 BED-12 PHOTO\0");
    exif.extend(2_u16.to_le_bytes());
    exif.extend(entry(1, 2, 2, u32::from(b'N')));
    exif.extend(entry(2, 5, 3, 100));
    exif.extend(0_u32.to_le_bytes());
    for (above, below) in [(52_u32, 1_u32), (31, 1), (12, 1)] {
        exif.extend(above.to_le_bytes());
        exif.extend(below.to_le_bytes());
    }
    let plain = drawn(40, 20, ImageFormat::Jpeg);
    [
        plain[..2].to_vec(),
        segment(0xe1, &exif),
        segment(
            0xe1,
            b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><exif:GPSLatitude>52,31.2N</exif:GPSLatitude></x:xmpmeta>",
        ),
        segment(0xed, b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x10\x1c\x02\x50\0\x0bJane Doe MD"),
        segment(0xfe, b"MRN 4711"),
        plain[2..].to_vec(),
    ]
    .concat()
}

fn tells_on(bytes: &[u8]) -> bool {
    ["Exif", "WARD-4", "xmpmeta", "GPSLatitude", "Jane Doe", "8BIM", "MRN 4711", "tEXt", "iTXt", "eXIf"]
        .iter()
        .any(|word| bytes.windows(word.len()).any(|w| w == word.as_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_from_a_telephone_tells_nothing_but_what_one_sees() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut browser = alpha.clinician("ada").await;
    let ada = App::of(alpha, "ada", "read write").await;
    assert!(tells_on(&photo()), "the story begins with a photo that tells");
    let texts = [("description", "A rash on a forearm"), ("focus", "0.5,-0.25")];
    let sent = ada.file(Method::POST, "/api/v2/media", "file", &photo(), &texts).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let picture = &sent.body;
    assert_eq!(
        (picture["type"].as_str(), picture["description"].as_str()),
        (Some("image"), Some("A rash on a forearm"))
    );
    assert_eq!(
        (picture["meta"]["original"]["width"].as_i64(), picture["meta"]["original"]["height"].as_i64()),
        (Some(20), Some(40)),
        "upright"
    );
    assert_eq!(
        (picture["meta"]["focus"]["x"].as_f64(), picture["meta"]["focus"]["y"].as_f64()),
        (Some(0.5), Some(-0.25))
    );
    assert!(text(&picture["blurhash"]).len() >= 6);
    let id = text(&picture["id"]);
    let described = ada.put(&format!("/api/v1/media/{id}"), json!({ "description": "A rash, four days old" })).await;
    assert_eq!(described.body["description"], "A rash, four days old");

    let post = ada.post("/api/v1/statuses", json!({ "status": "What is it?", "media_ids": [id] })).await.body;
    let shown = &post["media_attachments"][0];
    assert_eq!(shown["id"], id.as_str(), "{post}");
    for field in ["url", "preview_url"] {
        let (status, headers, bytes) = ada.fetch(&text(&shown[field])).await;
        assert_eq!(status, 200, "{field}");
        assert!(!tells_on(&bytes), "{field} tells where and of whom");
        assert_eq!(headers["content-type"], "image/jpeg");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["content-security-policy"], "default-src 'none'; sandbox");
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        let seen = image::load_from_memory(&bytes).unwrap();
        assert_eq!((seen.width(), seen.height()), (20, 40), "{field}");
    }

    // On the page the same picture stands with its description; the form there takes one too.
    let page = browser.home().await;
    assert!(page.says("alt=\"A rash, four days old\""), "{}", page.html);
    browser.get("/compose").await;
    let fields = [("text", "From the ward PC"), ("visibility", "public"), ("new_alt", "Once more")];
    let sent = browser.send_files("/posts", &[("file", &photo())], &fields).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    let home = browser.home().await;
    assert!(home.says("From the ward PC") && home.says("alt=\"Once more\""), "{}", home.html);

    // What was deleted is gone, and its file with it.
    let url = text(&shown["url"]);
    let path = format!("/api/v1/statuses/{}?delete_media=true", text(&post["id"]));
    assert_eq!(ada.delete(&path).await.status, 200);
    assert_eq!(ada.fetch(&url).await.0, 404);
    cluster.sweep().await;
    assert_eq!(walk(&alpha.ctx.config.media.folder), 2, "of the other post: the picture and its small version");
}

/// How many files lie in a folder and below.
fn walk(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|e| if e.path().is_dir() { walk(&e.path()) } else { 1 }).sum())
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_refused_in_words() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut browser = alpha.clinician("ada").await;
    let ada = App::of(alpha, "ada", "read write").await;
    // A PNG whose header promises 60,000 by 60,000 pixels.
    let mut bomb = drawn(8, 8, ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let mut crc = flate2::Crc::new();
    crc.update(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut zipped, &vec![0; 20_000_000]).unwrap();
    let wrong: [(&str, Vec<u8>); 7] = [
        (
            "a drawing that may hold a script",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec(),
        ),
        ("a page that says it is a GIF", b"GIF89a/*<html><script>alert(1)</script>*/".to_vec()),
        ("an activity", br#"{"type":"Create","actor":"https://alpha.test/users/ada"}"#.to_vec()),
        ("a picture of 3.6 thousand million pixels", bomb),
        ("twenty megabytes of nothing, packed", zipped.finish().unwrap()),
        ("a film", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec()),
        ("nothing", Vec::new()),
    ];
    for (what, bytes) in &wrong {
        let sent = ada.file(Method::POST, "/api/v2/media", "file", bytes, &[]).await;
        assert_eq!(sent.status, 422, "{what}: {}", sent.body);
        assert!(text(&sent.body["error"]).len() > 15, "{what}: {}", sent.body);
    }
    browser.get("/compose").await;
    let fields = [("text", "Words that took long"), ("visibility", "public")];
    let page = browser.send_files("/posts", &[("file", &wrong[0].1)], &fields).await;
    assert!(page.status == 422 && page.says("Words that took long"), "{}: nothing typed is lost", page.status);

    // A picture with a page behind its last byte loses the page.
    let tail = [drawn(30, 30, ImageFormat::Png), b"<html><script>alert(1)</script>".to_vec()].concat();
    let id = ada.picture(&tail, "").await;
    let shown = ada.get(&format!("/api/v1/media/{id}")).await.body;
    let mine = text(&shown["url"]);
    let (.., bytes) = ada.fetch(&mine).await;
    assert!(!bytes.is_empty() && !bytes.windows(7).any(|w| w == b"<script"));
    let five: Vec<String> = vec![id.clone(); 1];
    assert_eq!(ada.write(json!({ "status": "One", "media_ids": five })).await.len(), 18, "a number of our kind");
    let again = ada.post("/api/v1/statuses", json!({ "status": "Twice", "media_ids": [id] })).await;
    assert_eq!(again.status, 422, "a picture is in one post only: {}", again.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_for_followers_is_shown_to_nobody_else_by_any_address() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "stranger"] {
        alpha.account(name, Role::Clinician).await;
    }
    let mut friend_browser = alpha.clinician("friend").await;
    let mut other_browser = alpha.clinician("other").await;
    let ada = App::of(alpha, "ada", "read write").await;
    let friend = App::of(alpha, "friend", "read write").await;
    let stranger = App::of(alpha, "stranger", "read write").await;
    friend.post(&format!("/api/v1/accounts/{}/follow", ada.me().await), json!({})).await;
    let picture = ada.picture(&photo(), "A wound").await;
    let (loose, ..) = ada.fetch(&text(&ada.get(&format!("/api/v1/media/{picture}")).await.body["url"])).await;
    assert_eq!(loose, 200, "with her own ticket");
    assert_eq!(stranger.get(&format!("/api/v1/media/{picture}")).await.status, 404);
    assert_eq!(stranger.put(&format!("/api/v1/media/{picture}"), json!({ "description": "x" })).await.status, 404);
    let stolen = stranger.post("/api/v1/statuses", json!({ "status": "Mine", "media_ids": [picture] })).await;
    assert_eq!(stolen.status, 422, "nobody posts another's picture: {}", stolen.body);
    let id = ada.write(json!({ "status": "For few", "visibility": "private", "media_ids": [picture] })).await;

    let seen = friend.get(&format!("/api/v1/statuses/{id}")).await.body;
    let address = text(&seen["media_attachments"][0]["url"]);
    let (status, headers, _) = friend.fetch(&address).await;
    assert_eq!(
        (status, headers["cache-control"].to_str().unwrap()),
        (200, "private, no-store"),
        "an app sends no token for a picture"
    );
    let (bare, ticket) = address.split_once("?ticket=").unwrap();
    assert_eq!(friend.fetch(bare).await.0, 404, "without the ticket it is nobody's");
    assert_eq!(friend.fetch(&format!("{bare}/small")).await.0, 404);
    let changed = format!("{bare}?ticket={}", ticket.replace(|c: char| c.is_ascii_digit(), "7"));
    assert!(changed == address || friend.fetch(&changed).await.0 == 404, "nor with a ticket of one's own making");
    let path = bare.replace("http://alpha.test", "");
    assert_eq!(friend_browser.get(&path).await.status, 200, "a follower's page shows it");
    assert_eq!(other_browser.get(&path).await.status, 404, "the page of somebody else does not");
    assert_eq!(alpha.browser().get(&path).await.status, 404);

    // Whoever is followed no more loses the picture with the post, ticket or not.
    friend.post(&format!("/api/v1/accounts/{}/unfollow", ada.me().await), json!({})).await;
    assert_eq!(friend.fetch(&address).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_another_hospital_is_read_from_ones_own() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    let mut browser = alpha.clinician("ada").await;
    beta.account("bo", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read write").await;
    let bo = App::of(beta, "bo", "read write").await;
    let face = bo
        .file(Method::PATCH, "/api/v1/accounts/update_credentials", "avatar", &drawn(500, 400, ImageFormat::Png), &[])
        .await;
    assert_eq!(face.status, 200, "{}", face.body);
    let bo_here = ada.find("bo@beta.test").await;
    ada.post(&format!("/api/v1/accounts/{bo_here}/follow"), json!({})).await;
    cluster.settle().await;
    let mut pictures = Vec::new();
    for (words, visibility) in [("For all", "public"), ("For followers", "private")] {
        let picture = bo.picture(&photo(), "A rash").await;
        pictures.push(picture.clone());
        bo.write(json!({ "status": words, "visibility": visibility, "media_ids": [picture], "sensitive": true })).await;
    }
    cluster.settle().await;
    let home = ada.get("/api/v1/timelines/home").await.body;
    assert_eq!(home.as_array().unwrap().len(), 2, "{home}");
    for post in home.as_array().unwrap() {
        let shown = &post["media_attachments"][0];
        assert_eq!(
            (shown["description"].as_str(), post["sensitive"].as_bool()),
            (Some("A rash"), Some(true)),
            "{post}"
        );
        assert!(text(&shown["blurhash"]).len() >= 6);
        let (status, headers, bytes) = ada.fetch(&text(&shown["url"])).await;
        assert_eq!(status, 200, "{} reaches the follower's server", post["content"]);
        assert_eq!(headers["content-type"], "image/jpeg");
        assert!(!tells_on(&bytes));
    }
    let (status, _, bytes) = ada.fetch(&text(&home[0]["account"]["avatar"])).await;
    let avatar = image::load_from_memory(&bytes).unwrap();
    assert_eq!((status, avatar.width(), avatar.height()), (200, 500, 400));
    // What a browser loads is on the reader's own server.
    let page = browser.home().await;
    assert!(page.says("For followers"), "{}", page.html);
    for (place, _) in page.html.match_indices("src=\"") {
        let address = page.html[place + 5..].split('"').next().unwrap();
        assert!(address.starts_with('/'), "{address} tells the other server who reads");
    }
    // Better words for a picture reach those who have it.
    cluster.pass(chrono::TimeDelta::minutes(1));
    for picture in pictures {
        bo.put(&format!("/api/v1/media/{picture}"), json!({ "description": "A rash, four days old" })).await;
    }
    cluster.settle().await;
    let page = browser.home().await;
    assert_eq!(page.html.matches("alt=\"A rash, four days old\"").count(), 2, "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_never_got_a_post_is_swept_and_too_many_are_too_many() {
    let config = "[media]\nper_post = 2\n[limits]\nuploads_per_half_hour = 3\n".to_owned();
    let cluster = Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read write").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(ada.picture(&drawn(20, 20, ImageFormat::Png), "").await);
    }
    let fourth = ada.file(Method::POST, "/api/v2/media", "file", &drawn(20, 20, ImageFormat::Png), &[]).await;
    assert_eq!(fourth.status, 429, "{}", fourth.body);
    let three = ada.post("/api/v1/statuses", json!({ "status": "Three", "media_ids": ids })).await;
    assert_eq!(three.status, 422, "{}", three.body);
    cluster.pass(chrono::TimeDelta::hours(25));
    cluster.sweep().await;
    assert_eq!(ada.get(&format!("/api/v1/media/{}", ids[0])).await.status, 404);
    assert_eq!(walk(&alpha.ctx.config.media.folder), 0, "nothing is left of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_went_missing_is_made_once_more() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    alpha.account("ada", Role::Clinician).await;
    beta.account("bo", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read write").await;
    let bo = App::of(beta, "bo", "read write").await;
    let bo_here = ada.find("bo@beta.test").await;
    ada.post(&format!("/api/v1/accounts/{bo_here}/follow"), json!({})).await;
    cluster.settle().await;
    let picture = bo.picture(&photo(), "A rash").await;
    bo.write(json!({ "status": "For followers", "visibility": "private", "media_ids": [picture] })).await;
    cluster.settle().await;
    let home = ada.get("/api/v1/timelines/home").await.body;
    let shown = &home[0]["media_attachments"][0];
    let (whole, small) = (text(&shown["url"]), text(&shown["preview_url"]));
    assert_eq!(ada.fetch(&whole).await.0, 200);
    let folder = &alpha.ctx.config.media.folder;
    for address in [&whole, &small] {
        // As a sweep leaves it that was at work while somebody looked.
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            std::fs::remove_dir_all(entry.path()).unwrap();
        }
        assert_eq!(ada.fetch(address).await.0, 200);
        assert_eq!(walk(folder), 2, "the picture and its small version");
    }
    cluster.sweep().await;
    assert_eq!(ada.fetch(&whole).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_takes_their_pictures_along() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut browser = alpha.clinician("ada").await;
    let ada = App::of(alpha, "ada", "read write").await;
    for (method, path, field) in [
        (Method::PATCH, "/api/v1/accounts/update_credentials", "avatar"),
        (Method::PATCH, "/api/v1/accounts/update_credentials", "header"),
    ] {
        assert_eq!(ada.file(method, path, field, &drawn(60, 60, ImageFormat::Png), &[]).await.status, 200);
    }
    let picture = ada.picture(&photo(), "A rash").await;
    ada.write(json!({ "status": "With a picture", "media_ids": [picture] })).await;
    assert!(walk(&alpha.ctx.config.media.folder) >= 4);
    browser.get("/settings/account/close").await;
    let fields = [("current_password", crate::harness::cluster::PASSWORD)];
    let closed = browser.send("/settings/account/close", &fields).await;
    assert!(closed.status.is_redirection(), "{}", closed.html);
    cluster.settle().await;
    cluster.sweep().await;
    assert_eq!(walk(&alpha.ctx.config.media.folder), 0, "nothing is left of her");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_another_hospitals_picture_is_forgotten_and_fetched_again() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    alpha.account("ada", Role::Clinician).await;
    beta.account("bo", Role::Clinician).await;
    let (ada, bo) = (App::of(alpha, "ada", "read write").await, App::of(beta, "bo", "read write").await);
    let there = ada.find("bo@beta.test").await;
    ada.post(&format!("/api/v1/accounts/{there}/follow"), json!({})).await;
    cluster.settle().await;
    let picture = bo.picture(&photo(), "A rash").await;
    bo.write(json!({ "status": "With a picture", "media_ids": [picture] })).await;
    cluster.settle().await;
    let url = text(&ada.get("/api/v1/timelines/home").await.body[0]["media_attachments"][0]["url"]);
    assert_eq!(ada.fetch(&url).await.0, 200);
    let folder = &alpha.ctx.config.media.folder;
    assert!(walk(folder) > 0, "a copy is kept");
    cluster.pass(chrono::TimeDelta::days(31));
    cluster.sweep().await;
    assert_eq!(walk(folder), 0, "not for ever");
    assert_eq!(ada.fetch(&url).await.0, 200, "whoever looks has it fetched again");
    assert!(walk(folder) > 0);
}
