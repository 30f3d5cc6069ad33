//! Failures in the client API's own words and statuses (Mastodon's).

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use serde_json::json;

use crate::error::Error;

/// The result of every handler.
pub(super) type Answer = Result<HttpResponse, Fault>;

/// What a failure looks like to a client.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "its shape alone is told")]
pub(super) struct FaultBody {
    /// Words for people, or a code of OAuth's.
    error: String,
    /// Words to a code of OAuth's.
    error_description: Option<String>,
    /// Of an answer in a group that was refused: what in it could identify a patient, with its places.
    identifiers: Option<Vec<serde_json::Value>>,
}

/// A failure on its way to a client.
#[derive(Debug)]
pub(super) enum Fault {
    /// One of the house's.
    Ours(Error),
    /// One of OAuth's: code (RFC 6749, 5.2), words, status.
    OAuth(&'static str, &'static str, StatusCode),
    /// A sign-up that has to be mended: a code and words for each field.
    SignUp(Vec<(&'static str, &'static str, String)>),
    /// A body of its own with a status.
    Whole(serde_json::Value, StatusCode),
    /// Too much at once: why, and seconds until the next try makes sense.
    Crowded(&'static str, u64),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ours(error) => error.fmt(f),
            Self::OAuth(code, ..) => f.write_str(code),
            Self::SignUp(_) | Self::Whole(..) | Self::Crowded(..) => f.write_str("refused"),
        }
    }
}

impl Fault {
    /// The words that clients show or match.
    fn words(error: &Error) -> String {
        match error {
            Error::NotFound | Error::Gone => "Record not found".into(),
            Error::Unauthenticated => "The access token is invalid".into(),
            Error::Invalid(_) | Error::Conflict(_) => format!("Validation failed: {}", error.public()),
            Error::Forbidden(_)
            | Error::TooMany(_)
            | Error::Remote { .. }
            | Error::Unavailable
            | Error::Internal(_) => error.public(),
        }
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::OAuth(_, _, status) | Self::Whole(_, status) => *status,
            Self::SignUp(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Crowded(..) => StatusCode::TOO_MANY_REQUESTS,
            Self::Ours(error) => match error {
                Error::NotFound | Error::Gone => StatusCode::NOT_FOUND,
                Error::Unauthenticated => StatusCode::UNAUTHORIZED,
                Error::Forbidden(_) => StatusCode::FORBIDDEN,
                Error::Invalid(_) | Error::Conflict(_) => StatusCode::UNPROCESSABLE_ENTITY,
                Error::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
                Error::Remote { .. } | Error::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        let body = match self {
            Self::OAuth(code, words, _) => json!({ "error": code, "error_description": words }),
            Self::Whole(body, _) => body.clone(),
            Self::SignUp(faults) => sign_up(faults),
            Self::Crowded(words, seconds) => {
                response.insert_header((header::RETRY_AFTER, seconds.to_string()));
                json!({ "error": words })
            }
            Self::Ours(error) => {
                if let Error::Internal(source) = error {
                    tracing::error!(error = %source, "an API request failed");
                }
                if let Error::TooMany(seconds) = error {
                    response.insert_header((header::RETRY_AFTER, seconds.to_string()));
                }
                json!({ "error": Self::words(error) })
            }
        };
        response.content_type("application/json; charset=utf-8").body(body.to_string())
    }
}

/// `{"error": "Validation failed: …", "details": {"username": [{"error": "ERR_TAKEN", "description": "…"}]}}`
fn sign_up(faults: &[(&'static str, &'static str, String)]) -> serde_json::Value {
    let mut details = serde_json::Map::new();
    for (field, code, words) in faults {
        let list = details.entry(*field).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!({ "error": code, "description": words }));
        }
    }
    let all: Vec<String> = faults.iter().map(|(field, _, words)| format!("{field} {words}")).collect();
    json!({ "error": format!("Validation failed: {}", all.join(", ")), "details": details })
}
