//! FHIR R4, read only: our own practitioners for the programs of hospitals. Who does not want to be found is not here,
//! and no number of a register ever is.

mod capability;
mod organization;
mod practitioner;
mod role;
mod search;

pub(super) use capability::metadata;

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError,
    dev::Payload,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
    web,
};
use serde_json::{Value, json};

use super::{auth, limits::Limits};
use crate::{
    error::{Error, Result},
    model::AccountId,
    service::{Ctx, practitioners, throttles},
};
use search::{Kind, Search};

/// What FHIR is called in headers.
const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";
/// The system of identifiers that are URIs.
const URI: &str = "urn:ietf:rfc:3986";

type Reply = Result<HttpResponse, Refusal>;

/// A request of a program.
#[derive(Debug)]
pub(super) struct Ask {
    ctx: Ctx,
    /// Names and values, as they came.
    pairs: Vec<(String, String)>,
    /// What is not known is refused rather than passed over.
    strict: bool,
}

impl Ask {
    fn of(request: &HttpRequest) -> Result<Self, Refusal> {
        let ctx = request.app_data::<web::Data<Ctx>>().ok_or(Error::Unavailable)?.get_ref().clone();
        if let Some(limits) = request.app_data::<web::Data<Arc<Limits>>>() {
            limits.count(request, &throttles::network(&auth::from(request, &ctx)))?;
        }
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
        let format = pairs.iter().find(|(name, _)| name == "_format").map(|(_, value)| value.as_str());
        if !format.map_or_else(|| takes_json(request.headers()), is_json) {
            return Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, "not-supported", "Answers are JSON only."));
        }
        Ok(Self { ctx, pairs, strict: is_strict(request.headers()) })
    }

    /// The base of every address.
    fn base(&self) -> String {
        format!("{}/fhir", self.ctx.config.instance.origin())
    }
}

impl FromRequest for Ask {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

fn is_json(format: &str) -> bool {
    // A plus that was not encoded is a space.
    let format = format.split(';').next().unwrap_or_default().trim().replace(' ', "+").to_ascii_lowercase();
    matches!(format.as_str(), "" | "json" | "application/json" | "application/fhir+json" | "text/json")
}

/// Whether JSON will do: it is named, or anything is, or nothing.
fn takes_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.is_empty() || accept.contains("json") || accept.contains("*/*") || accept.contains("application/*")
}

/// `Prefer: handling=strict` (RFC 7240).
fn is_strict(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all("prefer").filter_map(|value| value.to_str().ok());
    preferences.flat_map(|value| value.split([',', ';'])).any(|one| one.trim().eq_ignore_ascii_case("handling=strict"))
}

/// A failure, in FHIR's own words.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// Of the value set of issue types.
    code: &'static str,
    words: String,
    wait_seconds: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, words: impl Into<String>) -> Self {
        Self { status, code, words: words.into(), wait_seconds: None }
    }

    /// Something in the request cannot be taken.
    fn invalid(words: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", words)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let (status, code) = match &error {
            Error::NotFound | Error::Gone => (StatusCode::NOT_FOUND, "not-found"),
            Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "login"),
            Error::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Error::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid"),
            Error::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Error::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "throttled"),
            Error::Remote { .. } | Error::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "transient"),
            Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "exception"),
        };
        if let Error::Internal(source) = &error {
            tracing::error!(error = %source, "a FHIR request failed");
        }
        let wait_seconds = if let Error::TooMany(seconds) = error { Some(seconds) } else { None };
        Self { status, code, words: error.public(), wait_seconds }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.wait_seconds {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        let body = json!({
            "resourceType": "OperationOutcome",
            "issue": [{ "severity": "error", "code": self.code, "details": { "text": self.words } }],
        });
        response.content_type(FHIR_JSON).body(body.to_string())
    }
}

fn answer(body: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type(FHIR_JSON).body(body.to_string())
}

/// An id of the path; what is none names nothing.
fn id_of(path: &str) -> Result<AccountId, Refusal> {
    path.parse().map_err(|_| Error::NotFound.into())
}

/// `GET /fhir/Practitioner/{id}`
pub(super) async fn practitioner(ask: Ask, id: web::Path<String>) -> Reply {
    let found = practitioners::read(&ask.ctx, id_of(&id)?, false).await?;
    Ok(answer(&practitioner::resource(&ask, &found)))
}

/// `GET /fhir/PractitionerRole/{id}`
pub(super) async fn practitioner_role(ask: Ask, id: web::Path<String>) -> Reply {
    let found = practitioners::read(&ask.ctx, id_of(&id)?, true).await?;
    Ok(answer(&role::resource(&ask, &found)))
}

/// `GET /fhir/Organization/{id}`
pub(super) async fn organization(ask: Ask, id: web::Path<String>) -> Reply {
    if *id != organization::ID {
        return Err(Error::NotFound.into());
    }
    Ok(answer(&organization::resource(&ask)))
}

/// `GET /fhir/Practitioner`
pub(super) async fn practitioners(ask: Ask) -> Reply {
    found(&ask, Kind::Practitioner, practitioner::resource).await
}

/// `GET /fhir/PractitionerRole`
pub(super) async fn practitioner_roles(ask: Ask) -> Reply {
    found(&ask, Kind::PractitionerRole, role::resource).await
}

async fn found(ask: &Ask, kind: Kind, resource: fn(&Ask, &practitioners::Practitioner) -> Value) -> Reply {
    let search = Search::read(ask, kind)?;
    let Some(found) = practitioners::find(&ask.ctx, &search.wanted).await? else {
        let words = "This search takes too long. Ask for less: fewer values, or a condition that fewer people meet.";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "too-costly", words));
    };
    let resources = found.people.iter().map(|one| resource(ask, one)).collect();
    Ok(answer(&search.bundle(&ask.base(), found.total, found.next, resources)))
}

/// Everything else below `/fhir`.
pub(super) async fn nothing(_: Ask) -> Reply {
    let words = "There is no such resource or operation here; GET metadata tells what there is.";
    Err(Refusal::new(StatusCode::NOT_FOUND, "not-supported", words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_asked_for_in_many_ways() {
        for format in ["json", "application/fhir+json", "application/fhir json", "application/json; charset=utf-8"] {
            assert!(is_json(format), "{format}");
        }
        assert!(!is_json("xml") && !is_json("application/fhir+xml"));
        let with = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HeaderName::from_static(name), header::HeaderValue::from_static(value));
            headers
        };
        assert!(takes_json(&HeaderMap::new()) && takes_json(&with("accept", "text/html, */*;q=0.8")));
        assert!(!takes_json(&with("accept", "application/fhir+xml")));
        assert!(is_strict(&with("prefer", "return=minimal; handling=strict")));
        assert!(!is_strict(&with("prefer", "handling=lenient")) && !is_strict(&HeaderMap::new()));
    }
}
