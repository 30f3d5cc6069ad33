//! What the institution has signed, for everybody who wants to check it: no account, no signature, no page.

use activitypub_federation::config::Data;
use actix_web::{HttpResponse, http::header, web};

use super::{Fed, negotiate::answer, wire};
use crate::{
    error::{Error, Result},
    model::ListPurpose,
    service::{
        attestations::{issue, lists},
        urls,
    },
};

/// Media type of a verifiable credential.
const CREDENTIAL: &str = "application/vc";
/// Seconds for which our terms may be kept: they do not change.
const DAY: i64 = 86_400;
/// Seconds for which a list may be kept on its way, at most.
const LIST: i64 = 60;

fn open(outcome: Result<String>, kind: &str, seconds: i64) -> HttpResponse {
    match outcome {
        Ok(body) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, kind))
            .insert_header((header::CACHE_CONTROL, format!("public, max-age={seconds}")))
            .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
            .body(body),
        Err(error) => answer(&error),
    }
}

/// `GET /attestations/{token}`: as it was signed, also where it was taken back; the lists tell that.
pub(super) async fn statement(token: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    let seconds = data.ctx.config.verification.list_ttl_seconds;
    open(issue::document(&data.ctx, &token).await, CREDENTIAL, seconds)
}

/// `GET /attestations/lists/{purpose}/{number}`
pub(super) async fn list(path: web::Path<(String, i32)>, data: Data<Fed>) -> HttpResponse {
    // Whoever fetches a list keeps it for its whole time: what a cache in between adds to that is little.
    let seconds = LIST.min(data.ctx.config.verification.list_ttl_seconds / 3);
    let (purpose, number) = path.into_inner();
    let document = match ListPurpose::parse(&purpose) {
        Some(purpose) => lists::document(&data.ctx, purpose, number).await,
        None => Err(Error::NotFound),
    };
    open(document, CREDENTIAL, seconds)
}

/// `GET /ns/practitioner/v1`
pub(super) async fn terms(data: Data<Fed>) -> HttpResponse {
    let terms = wire::terms::write(&urls::practitioner_terms(&data.ctx));
    open(Ok(terms.to_string()), "application/ld+json", DAY)
}
