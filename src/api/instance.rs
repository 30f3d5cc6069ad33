//! What this server says of itself, and what it lends to people without a picture.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{auth::Call, error::Answer, json as answer};
use crate::{
    config::Registration,
    error::{Error, Result},
    policy::posting,
    service::{instance, media, pins, profiles, pushes, tags},
    text::{language::LANGUAGES, sanitize},
};

/// What clients compare; the second part says who we are.
fn version() -> String {
    format!("4.3.0 (compatible; Consilium {})", env!("CARGO_PKG_VERSION"))
}

/// The part of Mastodon's contract that is kept here: grouped notifications.
const API_VERSION: i32 = 2;

async fn configuration(call: &Call) -> Result<Value> {
    let config = &call.ctx.config;
    let origin = config.instance.origin();
    let bounds = media::bounds(&call.ctx);
    Ok(json!({
        "urls": { "streaming": origin.replacen("http", "ws", 1), "status": null, "about": format!("{origin}/about"),
                  "privacy_policy": null, "terms_of_service": null },
        "vapid": { "public_key": pushes::public_key(&call.ctx).await? },
        "accounts": { "max_featured_tags": tags::MOST_FEATURED, "max_pinned_statuses": pins::MOST,
                      "max_profile_fields": profiles::MAX_FIELDS, "profile_field_name_limit": 100,
                      "profile_field_value_limit": 500, "max_display_name_length": 100, "max_note_length": 5_000,
                      "max_avatar_description_length": 0, "max_header_description_length": 0 },
        "statuses": { "max_characters": posting::MAX_POST, "max_media_attachments": config.media.per_post,
                      "characters_reserved_per_url": 23 },
        "media_attachments": { "supported_mime_types": media::TAKEN, "description_limit": media::MAX_DESCRIPTION,
                               "image_size_limit": bounds.bytes, "image_matrix_limit": bounds.pixels,
                               "video_size_limit": 0, "video_frame_rate_limit": 0, "video_matrix_limit": 0 },
        "polls": { "max_options": posting::POLL_OPTIONS.end(), "max_characters_per_option": posting::MAX_OPTION,
                   "min_expiration": posting::POLL_SECONDS.start(), "max_expiration": posting::POLL_SECONDS.end() },
        "translation": { "enabled": false },
        "timelines_access": { "live_feeds": { "local": "public", "remote": "public" },
                              "hashtag_feeds": { "local": "public", "remote": "public" },
                              "trending_link_feeds": { "local": "disabled", "remote": "disabled" } },
        "limited_federation": config.federation.mode != crate::config::FederationMode::Open,
    }))
}

/// `GET /api/v2/instance`
pub(super) async fn v2(call: Call) -> Answer {
    let numbers = instance::numbers(&call.ctx).await?;
    let config = &call.ctx.config;
    let origin = config.instance.origin();
    let mode = config.accounts.registration;
    Ok(answer(&json!({
        "domain": config.instance.host(),
        "title": config.instance.name,
        "version": version(),
        "source_url": env!("CARGO_PKG_REPOSITORY"),
        "description": config.instance.sentence,
        "usage": { "users": { "active_month": numbers.active_month } },
        "thumbnail": { "url": format!("{origin}/pictures/header.png"), "description": "" },
        "icon": [],
        "languages": ["en"],
        "configuration": configuration(&call).await?,
        "registrations": {
            "enabled": mode != Registration::Closed,
            "approval_required": mode == Registration::Approval,
            "reason_required": mode == Registration::Approval,
            "message": null,
            "min_age": null,
            "url": format!("{origin}/sign-up"),
        },
        "api_versions": { "mastodon": API_VERSION, "consilium": 1 },
        "contact": { "email": config.instance.contact, "account": null },
        "rules": [],
    })))
}

/// `GET /api/v1/instance`
pub(super) async fn v1(call: Call) -> Answer {
    let numbers = instance::numbers(&call.ctx).await?;
    let config = &call.ctx.config;
    let origin = config.instance.origin();
    let mode = config.accounts.registration;
    Ok(answer(&json!({
        "uri": config.instance.host(),
        "title": config.instance.name,
        "short_description": sanitize::escape(&config.instance.sentence),
        "description": sanitize::escape(&config.instance.sentence),
        "email": config.instance.contact,
        "version": version(),
        "urls": { "streaming_api": origin.replacen("http", "ws", 1) },
        "stats": { "user_count": numbers.people, "status_count": numbers.posts, "domain_count": numbers.hosts },
        "thumbnail": format!("{origin}/pictures/header.png"),
        "languages": ["en"],
        "registrations": mode != Registration::Closed,
        "approval_required": mode == Registration::Approval,
        "invites_enabled": false,
        "configuration": configuration(&call).await?,
        "contact_account": null,
        "rules": [],
    })))
}

/// `GET /api/v1/custom_emojis` and `GET /api/v1/instance/rules`, `/api/v1/trends/links`, `/api/v1/endorsements`: there
/// are none here.
pub(super) async fn none() -> Answer {
    Ok(answer(&Vec::<Value>::new()))
}

/// `GET /api/v1/instance/translation_languages`: nothing is translated here.
pub(super) async fn no_languages() -> Answer {
    Ok(answer(&BTreeMap::<String, Vec<String>>::new()))
}

/// `GET /api/v1/instance/peers`
pub(super) async fn peers(call: Call) -> Answer {
    Ok(answer(&instance::peers(&call.ctx).await?))
}

/// A week: its first day in seconds since 1970, and numbers as texts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Week {
    #[serde(rename = "week")]
    begins: String,
    statuses: String,
    logins: String,
    registrations: String,
}

/// `GET /api/v1/instance/activity`: the last twelve weeks.
pub(super) async fn activity(call: Call) -> Answer {
    let weeks = instance::weeks(&call.ctx).await?;
    let one = |(week, posts, people, new): &(i64, i64, i64, i64)| Week {
        begins: week.to_string(),
        statuses: posts.to_string(),
        logins: people.to_string(),
        registrations: new.to_string(),
    };
    Ok(answer(&weeks.iter().map(one).collect::<Vec<_>>()))
}

/// A server that we do not speak with.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DomainBlock {
    domain: String,
    digest: String,
    severity: &'static str,
}

/// `GET /api/v1/instance/domain_blocks`: for those who are signed in here.
pub(super) async fn domain_blocks(call: Call) -> Answer {
    let viewer = call.own("")?;
    let blocked = instance::blocked_hosts(&call.ctx, &viewer).await?;
    let one = |(domain, digest, limited): (String, String, bool)| DomainBlock {
        domain,
        digest,
        severity: if limited { "silence" } else { "suspend" },
    };
    Ok(answer(&blocked.into_iter().map(one).collect::<Vec<_>>()))
}

/// What the house says of itself at length.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExtendedDescription {
    updated_at: Option<String>,
    content: String,
}

/// `GET /api/v1/instance/extended_description`
pub(super) async fn description(call: Call) -> Answer {
    let content = crate::text::render(&call.ctx.config.instance.about, &crate::text::NoLinks);
    Ok(answer(&ExtendedDescription { updated_at: None, content }))
}

/// `GET /api/v1/instance/privacy_policy` and `/terms_of_service`: there is no text of that kind.
pub(super) async fn no_text() -> Answer {
    Err(Error::NotFound.into())
}

/// A language.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Language {
    code: &'static str,
    name: &'static str,
}

/// `GET /api/v1/instance/languages`: those that a post may be in.
pub(super) async fn languages() -> Answer {
    Ok(answer(&LANGUAGES.iter().map(|&(code, name)| Language { code, name }).collect::<Vec<_>>()))
}

/// `GET /health`
pub(super) async fn health(call: Call) -> Answer {
    instance::numbers(&call.ctx).await?;
    Ok(answer(&json!({ "status": "UP" })))
}

/// `GET /pictures/avatar.png`
pub(super) async fn avatar() -> HttpResponse {
    lent(include_bytes!("pictures/avatar.png"))
}

/// `GET /pictures/header.png`
pub(super) async fn header() -> HttpResponse {
    lent(include_bytes!("pictures/header.png"))
}

fn lent(bytes: &'static [u8]) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/png")
        .insert_header(("access-control-allow-origin", "*"))
        .insert_header(("cache-control", "public, max-age=86400"))
        .body(bytes)
}
