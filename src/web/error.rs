//! Failures as pages: the kind decides the status, once, here.

use actix_web::{
    Error as ActixError, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
};
use askama::Template;

use super::{
    layout::Shell,
    session::{SECOND_FACTOR, Visitor, may_come_before_it},
};
use crate::error::Error;

/// A failure on its way to a page.
#[derive(Debug)]
pub struct Problem(pub Error);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::Unauthenticated => StatusCode::UNAUTHORIZED,
            Error::Forbidden(_) => StatusCode::FORBIDDEN,
            Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Gone => StatusCode::GONE,
            Error::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Error::Remote { .. } => StatusCode::BAD_GATEWAY,
            Error::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).content_type("text/plain; charset=utf-8").body(self.0.public())
    }
}

#[derive(Template)]
#[template(path = "web/error.html")]
struct ErrorPage {
    shell: Shell,
    title: &'static str,
    words: String,
    number: String,
}

fn title(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "There is nothing here",
        Error::Unauthenticated => "Please sign in",
        Error::Forbidden(_) => "This is not for you",
        Error::Invalid(_) => "Please check what you sent",
        Error::Conflict(_) => "This does not fit any more",
        Error::Gone => "This was deleted",
        Error::TooMany(_) => "That was too often",
        Error::Remote { .. } => "The other server did not answer",
        Error::Unavailable => "Please come back in a minute",
        Error::Internal(_) => "Something went wrong on our side",
    }
}

/// Where an address leads nowhere.
pub(super) async fn not_found() -> Result<HttpResponse, Problem> {
    Err(Problem(Error::NotFound))
}

/// Turns every failure below it into a page; who has to sign in, or to set up a second factor, is sent there first.
pub(super) async fn pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let (request, response) = next.call(request).await?.map_into_boxed_body().into_parts();
    let answer = match response.error().and_then(ActixError::as_error::<Problem>) {
        Some(problem) => page(&request, problem).await,
        None => response,
    };
    Ok(ServiceResponse::new(request, answer))
}

async fn page(request: &actix_web::HttpRequest, problem: &Problem) -> HttpResponse {
    let number = match &problem.0 {
        Error::Internal(source) => {
            let number = format!("{:08X}", rand::random::<u32>());
            tracing::error!(%number, error = %source, path = %request.match_pattern().unwrap_or_default(), "a page failed");
            number
        }
        _ => String::new(),
    };
    let Ok(visitor) = Visitor::of(request).await else { return problem.error_response() };
    if visitor.setting_up.is_some() && request.method() == Method::GET && !may_come_before_it(request) {
        return visitor.go(SECOND_FACTOR);
    }
    if matches!(problem.0, Error::Unauthenticated) && request.method() == Method::GET {
        let next: String = url::form_urlencoded::byte_serialize(visitor.here.as_bytes()).collect();
        return visitor.go(&format!("/sign-in?next={next}"));
    }
    let template = ErrorPage { shell: visitor.shell(""), title: title(&problem.0), words: problem.0.public(), number };
    let mut response = visitor.page_with(problem.status_code(), &template).unwrap_or_else(|p| p.error_response());
    if let Error::TooMany(seconds) = problem.0 {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    }
    response
}
