//! The client API: Mastodon's contract in Mastodon's words, for the apps that people already use.
//! No rule and no query lives here; a handler translates, asks one room below, and answers in JSON.

mod accounts;
mod auth;
mod entity;
mod error;
mod instance;
mod limits;
mod notifications;
mod oauth;
mod page;
mod params;
mod search;
mod statuses;
mod timelines;

use std::sync::Arc;

use actix_web::{
    HttpMessage, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header, header::HeaderValue},
    middleware::{Next, from_fn},
    web::{self, delete, get, post, put},
};
use serde_json::Value;

use error::Fault;
use limits::{Left, Limits};

use crate::{error::Error, service::Ctx};

/// What apps share of one process: the brake.
#[derive(Debug, Clone)]
pub struct Shared(Arc<Limits>);

impl Shared {
    /// From the configuration.
    pub fn new(ctx: &Ctx) -> Self {
        Self(Arc::new(Limits::new(ctx.config.limits.calls_per_five_minutes, ctx.clone())))
    }
}

/// Every route of this room.
pub fn routes(shared: &Shared) -> impl FnOnce(&mut web::ServiceConfig) {
    let limits = web::Data::new(Arc::clone(&shared.0));
    // An id that is none names nothing.
    let path = web::PathConfig::default().error_handler(|_, _| Fault::from(Error::NotFound).into());
    move |config| {
        config
            .app_data(limits)
            .route("/.well-known/oauth-authorization-server", get().to(oauth::metadata).wrap(from_fn(headers)))
            .service(
                web::resource("/oauth/token")
                    .wrap(from_fn(headers))
                    .route(post().to(oauth::token))
                    .default_service(web::to(oauth::nothing)),
            )
            .service(
                web::resource("/oauth/revoke")
                    .wrap(from_fn(headers))
                    .route(post().to(oauth::revoke))
                    .default_service(web::to(oauth::nothing)),
            )
            .service(
                web::resource("/oauth/userinfo")
                    .wrap(from_fn(headers))
                    .route(get().to(oauth::userinfo))
                    .route(post().to(oauth::userinfo))
                    .default_service(web::to(oauth::nothing)),
            )
            .route("/pictures/avatar.png", get().to(instance::avatar))
            .route("/pictures/header.png", get().to(instance::header))
            .service(
                web::scope("/api")
                    .app_data(path)
                    .wrap(from_fn(headers))
                    .configure(own)
                    .configure(reading)
                    .default_service(web::to(oauth::nothing)),
            );
    }
}

/// Clients write `/api/v1/instance/` as well as `/api/v1/instance`. Only paths of this room are touched: signatures of
/// other servers cover the path as it came.
pub fn trim_slash(request: &mut ServiceRequest) {
    let path = request.path();
    if !path.starts_with("/api/") || !path.ends_with('/') {
        return;
    }
    let query = request.uri().query().map(|q| format!("?{q}")).unwrap_or_default();
    if let Ok(uri) = format!("{}{query}", path.trim_end_matches('/')).parse() {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}

/// What somebody does.
fn own(config: &mut web::ServiceConfig) {
    config
        .route("/v1/apps", post().to(oauth::register))
        .route("/v1/apps/verify_credentials", get().to(oauth::verify_app))
        .route("/v1/accounts/verify_credentials", get().to(accounts::own))
        .route("/v1/accounts/relationships", get().to(accounts::relationships))
        .route("/v1/accounts/{id}/follow", post().to(accounts::follow))
        .route("/v1/accounts/{id}/unfollow", post().to(accounts::unfollow))
        .route("/v1/accounts/{id}/remove_from_followers", post().to(accounts::remove_follower))
        .route("/v1/follow_requests", get().to(accounts::requests))
        .route("/v1/follow_requests/{id}/authorize", post().to(accounts::authorize))
        .route("/v1/follow_requests/{id}/reject", post().to(accounts::reject))
        .route("/v1/statuses", post().to(statuses::publish))
        .route("/v1/statuses/{id}", delete().to(statuses::delete))
        .route("/v1/statuses/{id}", put().to(statuses::edit))
        .route("/v1/statuses/{id}/source", get().to(statuses::source))
        .route("/v1/preferences", get().to(accounts::preferences))
        .route("/v1/notifications", get().to(notifications::list))
        .route("/v1/notifications/clear", post().to(notifications::clear))
        .route("/v1/notifications/{id}", get().to(notifications::read))
        .route("/v1/notifications/{id}/dismiss", post().to(notifications::dismiss))
        .route("/v1/statuses/{id}/favourite", post().to(statuses::favourite))
        .route("/v1/statuses/{id}/unfavourite", post().to(statuses::unfavourite))
        .route("/v1/statuses/{id}/reblog", post().to(statuses::reblog))
        .route("/v1/statuses/{id}/unreblog", post().to(statuses::unreblog))
        .route("/v1/statuses/{id}/bookmark", post().to(statuses::bookmark))
        .route("/v1/statuses/{id}/unbookmark", post().to(statuses::unbookmark));
}

/// What somebody reads.
fn reading(config: &mut web::ServiceConfig) {
    config
        .route("/v1/instance", get().to(instance::v1))
        .route("/v2/instance", get().to(instance::v2))
        .route("/v1/custom_emojis", get().to(instance::no_emoji))
        .route("/v1/accounts/lookup", get().to(accounts::lookup))
        .route("/v1/accounts/search", get().to(accounts::search))
        .route("/v1/accounts/{id}", get().to(accounts::read))
        .route("/v1/accounts/{id}/statuses", get().to(accounts::statuses))
        .route("/v1/accounts/{id}/followers", get().to(accounts::followers))
        .route("/v1/accounts/{id}/following", get().to(accounts::following))
        .route("/v1/statuses/{id}", get().to(statuses::read))
        .route("/v1/statuses/{id}/context", get().to(statuses::context))
        .route("/v1/statuses/{id}/favourited_by", get().to(statuses::favourited_by))
        .route("/v1/statuses/{id}/reblogged_by", get().to(statuses::reblogged_by))
        .route("/v1/timelines/home", get().to(timelines::home))
        .route("/v1/timelines/public", get().to(timelines::public))
        .route("/v1/timelines/tag/{name}", get().to(timelines::tag))
        .route("/v1/statuses/{id}/history", get().to(statuses::history))
        .route("/v2/search", get().to(search::all))
        .route("/v1/favourites", get().to(timelines::favourites))
        .route("/v1/bookmarks", get().to(timelines::bookmarks));
}

/// JSON as every answer of this room is.
fn json(body: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json; charset=utf-8").body(body.to_string())
}

/// What every answer carries, failures included: pages of other sites may read it, caches may not keep it.
async fn headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = if request.method() == Method::OPTIONS {
        let (request, _) = request.into_parts();
        ServiceResponse::new(request, HttpResponse::NoContent().finish()).map_into_right_body()
    } else {
        match next.call(request).await {
            Ok(response) => response.map_into_left_body(),
            Err(error) => return Err(error),
        }
    };
    let left = response.request().extensions().get::<Left>().copied();
    let headers = response.headers_mut();
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS"),
        ("access-control-allow-headers", "Authorization, Content-Type, Idempotency-Key"),
        (
            "access-control-expose-headers",
            "Link, X-RateLimit-Reset, X-RateLimit-Limit, X-RateLimit-Remaining, X-Request-Id, Idempotency-Key",
        ),
        ("cache-control", "private, no-store"),
        ("vary", "Authorization, Origin"),
    ] {
        headers.insert(header::HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Some(left) = left {
        let reset = left.reset.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        for (name, value) in [
            ("x-ratelimit-limit", left.limit.to_string()),
            ("x-ratelimit-remaining", left.remaining.to_string()),
            ("x-ratelimit-reset", reset),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(header::HeaderName::from_static(name), value);
            }
        }
    }
    Ok(response)
}
