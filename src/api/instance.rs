//! What this server says of itself, and what it lends to people without a picture.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::{auth::Call, error::Answer, json as answer};
use crate::{
    config::Registration,
    policy::posting::MAX_POST,
    service::{instance, profiles},
    text::sanitize,
};

/// What clients compare; the second part says who we are.
fn version() -> String {
    format!("4.2.0 (compatible; Consilium {})", env!("CARGO_PKG_VERSION"))
}

fn configuration(call: &Call) -> Value {
    let origin = call.ctx.config.instance.origin();
    json!({
        "urls": { "streaming": origin.replacen("http", "ws", 1), "status": null, "about": format!("{origin}/about"),
                  "privacy_policy": null, "terms_of_service": null },
        "vapid": { "public_key": "" },
        "accounts": { "max_featured_tags": 0, "max_pinned_statuses": 0, "max_profile_fields": profiles::MAX_FIELDS,
                      "profile_field_name_limit": 100, "profile_field_value_limit": 500, "max_display_name_length": 100,
                      "max_note_length": 5_000, "max_avatar_description_length": 0, "max_header_description_length": 0 },
        "statuses": { "max_characters": MAX_POST, "max_media_attachments": 0, "characters_reserved_per_url": 23 },
        "media_attachments": { "supported_mime_types": [], "description_limit": 0, "image_size_limit": 0, "image_matrix_limit": 0,
                               "video_size_limit": 0, "video_frame_rate_limit": 0, "video_matrix_limit": 0 },
        "polls": { "max_options": 0, "max_characters_per_option": 0, "min_expiration": 0, "max_expiration": 0 },
        "translation": { "enabled": false },
        "limited_federation": call.ctx.config.federation.mode != crate::config::FederationMode::Open,
    })
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
        "configuration": configuration(&call),
        "registrations": {
            "enabled": mode != Registration::Closed,
            "approval_required": mode == Registration::Approval,
            "reason_required": mode == Registration::Approval,
            "message": null,
            "min_age": null,
            "url": format!("{origin}/sign-up"),
        },
        "api_versions": { "mastodon": 1 },
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
        "invites_enabled": mode != Registration::Closed,
        "configuration": configuration(&call),
        "contact_account": null,
        "rules": [],
    })))
}

/// `GET /api/v1/custom_emojis`: there are none.
pub(super) async fn no_emoji() -> Answer {
    Ok(answer(&Value::Array(Vec::new())))
}

/// `GET /pictures/avatar.png`
pub(super) async fn avatar() -> HttpResponse {
    picture(include_bytes!("pictures/avatar.png"))
}

/// `GET /pictures/header.png`
pub(super) async fn header() -> HttpResponse {
    picture(include_bytes!("pictures/header.png"))
}

fn picture(bytes: &'static [u8]) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/png")
        .insert_header(("access-control-allow-origin", "*"))
        .insert_header(("cache-control", "public, max-age=86400"))
        .body(bytes)
}
