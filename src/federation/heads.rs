//! Signed heads of the audit log, for whoever wants to keep one: a number and a hash, open to all.

use activitypub_federation::config::Data;
use actix_web::{HttpResponse, http::header, web};

use super::{Fed, negotiate::answer};
use crate::service::audit_heads;

/// `GET /audit/heads/{day}`, and `latest` in place of a day.
pub(super) async fn get(day: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    match audit_heads::published(&data.ctx, &day).await {
        Ok(document) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "application/json"))
            .insert_header((header::CACHE_CONTROL, "public, max-age=180"))
            .body(document),
        Err(error) => answer(&error),
    }
}
