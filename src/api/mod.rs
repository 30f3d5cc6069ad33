//! The client API: Mastodon's contract in Mastodon's words, for the apps that people already use.
//! No rule and no query lives here; a handler translates, asks one room below, and answers in JSON.

mod accounts;
mod auth;
mod book;
mod endpoints;
mod entity;
mod error;
mod fhir;
mod filters;
mod house;
mod instance;
mod limits;
mod lists;
mod media;
mod notifications;
mod oauth;
mod openapi;
mod page;
mod params;
mod practitioner;
mod profile;
mod push;
mod search;
mod statuses;
mod streaming;
mod tags;
mod timelines;
mod verify;

use std::sync::Arc;

use actix_web::{
    HttpMessage, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header, header::HeaderValue},
    middleware::{Next, from_fn},
    web::{self, get, post},
};
use serde::Serialize;
use tokio::sync::{mpsc, watch};

use book::Book;
use endpoints::endpoints;
use error::Fault;
use limits::{Left, Limits};
use streaming::Hub;

use crate::{
    error::Error,
    service::{Ctx, streams::Signal},
};

/// What apps share of one process: the brake, and who listens to streams.
#[derive(Debug, Clone)]
pub struct Shared {
    limits: Arc<Limits>,
    hub: Arc<Hub>,
}

impl Shared {
    /// From the configuration.
    pub fn new(ctx: &Ctx) -> Self {
        Self {
            limits: Arc::new(Limits::new(ctx.config.limits.calls_per_five_minutes, ctx.clone())),
            hub: Arc::default(),
        }
    }

    /// Hands out to open streams what happened, until `stop` turns true.
    pub async fn stream(self, ctx: Ctx, signals: mpsc::Receiver<Signal>, stop: watch::Receiver<bool>) {
        self.hub.run(ctx, signals, stop).await;
    }
}

/// Every route of this room.
pub fn routes(shared: &Shared) -> impl FnOnce(&mut web::ServiceConfig) {
    let (limits, hub) = (web::Data::new(Arc::clone(&shared.limits)), web::Data::new(Arc::clone(&shared.hub)));
    // An id that is none names nothing.
    let path = web::PathConfig::default().error_handler(|_, _| Fault::from(Error::NotFound).into());
    let query = web::QueryConfig::default().error_handler(|_, _| Fault::from(Error::NotFound).into());
    move |config| {
        config
            .app_data(limits)
            .app_data(hub)
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
            .route("/health", get().to(instance::health).wrap(from_fn(headers)))
            .route("/pictures/avatar.png", get().to(instance::avatar))
            .route("/pictures/header.png", get().to(instance::header))
            .service(
                web::scope("/fhir")
                    .wrap(from_fn(headers))
                    .route("/metadata", get().to(fhir::metadata))
                    .route("/Practitioner", get().to(fhir::practitioners))
                    .route("/Practitioner/{id}", get().to(fhir::practitioner))
                    .route("/PractitionerRole", get().to(fhir::practitioner_roles))
                    .route("/PractitionerRole/{id}", get().to(fhir::practitioner_role))
                    .route("/Organization/{id}", get().to(fhir::organization))
                    .default_service(web::to(fhir::nothing)),
            )
            .service(
                web::scope("/api")
                    .app_data(path)
                    .app_data(query)
                    .wrap(from_fn(headers))
                    .configure(|config| endpoints(&mut Book::new(Some(config))))
                    .route("/openapi.json", get().to(openapi::json))
                    .route("/docs", get().to(openapi::page))
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

/// JSON as every answer of this room is.
fn json(body: &impl Serialize) -> HttpResponse {
    match serde_json::to_string(body) {
        Ok(text) => HttpResponse::Ok().content_type("application/json; charset=utf-8").body(text),
        Err(error) => actix_web::ResponseError::error_response(&Fault::from(Error::Internal(error.into()))),
    }
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
