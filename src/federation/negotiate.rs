//! Media types, caching and statuses of ActivityPub answers.

use actix_web::{HttpResponse, guard::GuardContext, http::header};
use serde_json::Value;

use super::ACTIVITY_JSON;
use crate::error::Error;

/// Whether a request wants ActivityPub rather than a page: it names one of the two media types and not HTML first.
pub(super) fn wants_activity(ctx: &GuardContext<'_>) -> bool {
    let accept = ctx.head().headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    prefers_activity(accept)
}

/// Whether a request carries a signature.
pub(super) fn is_signed(ctx: &GuardContext<'_>) -> bool {
    ctx.head().headers().contains_key("signature")
}

fn prefers_activity(accept: &str) -> bool {
    let accept = accept.to_ascii_lowercase();
    let first = |kinds: &[&str]| kinds.iter().filter_map(|k| accept.find(k)).min();
    match (first(&["application/activity+json", "application/ld+json"]), first(&["text/html"])) {
        (Some(activity), Some(html)) => activity < html,
        (activity, _) => activity.is_some(),
    }
}

/// A document. What depends on who signed is never kept by caches in between.
pub(super) fn document(body: &Value, private: bool) -> HttpResponse {
    let cache = if private { "private, no-store" } else { "public, max-age=180" };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, ACTIVITY_JSON))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, "Accept, Signature, Signature-Input"))
        .body(body.to_string())
}

/// An answer to one of another server's people that is no ActivityPub object.
pub(super) fn told(body: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::VARY, "Accept, Signature, Signature-Input"))
        .json(body)
}

/// 410 with a Tombstone.
pub(super) fn tombstone(body: &Value) -> HttpResponse {
    HttpResponse::Gone()
        .insert_header((header::CONTENT_TYPE, ACTIVITY_JSON))
        .insert_header((header::VARY, "Accept, Signature, Signature-Input"))
        .body(body.to_string())
}

/// A failure for another server: never a 5xx for what it sent.
pub(super) fn answer(error: &Error) -> HttpResponse {
    let mut response = match error {
        Error::NotFound => HttpResponse::NotFound(),
        Error::Unauthenticated => HttpResponse::Unauthorized(),
        Error::Forbidden(_) => HttpResponse::Forbidden(),
        Error::Invalid(fields) if fields.iter().any(|f| f.field == "size") => HttpResponse::PayloadTooLarge(),
        Error::Invalid(fields) if fields.iter().any(|f| f.field == "content-type") => {
            HttpResponse::UnsupportedMediaType()
        }
        Error::Conflict(_) => HttpResponse::Conflict(),
        Error::Gone => HttpResponse::Gone(),
        Error::TooMany(_) => HttpResponse::TooManyRequests(),
        Error::Invalid(_) | Error::Remote { .. } => HttpResponse::BadRequest(),
        Error::Unavailable => HttpResponse::ServiceUnavailable(),
        Error::Internal(source) => {
            tracing::error!(error = %source, "a federation request failed");
            HttpResponse::InternalServerError()
        }
    };
    if matches!(error, Error::Unavailable) {
        response.insert_header((header::RETRY_AFTER, "30"));
    }
    response
        .insert_header((header::VARY, "Accept, Signature, Signature-Input"))
        .json(serde_json::json!({ "error": error.public() }))
}

#[cfg(test)]
mod tests {
    use super::prefers_activity;

    #[test]
    fn browsers_get_pages_and_servers_get_documents() {
        assert!(prefers_activity("application/activity+json"));
        assert!(prefers_activity(
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\", text/html;q=0.1"
        ));
        assert!(!prefers_activity("text/html,application/xhtml+xml,application/activity+json;q=0.1"));
        assert!(!prefers_activity("*/*"));
    }
}
