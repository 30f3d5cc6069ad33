//! The second step of signing in: a code, where somebody has a second factor.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    form::Faults,
    layout::Shell,
    session::{Form, Visitor, device, half_way},
};
use crate::{error::Error, service::second_factor};

#[derive(Template)]
#[template(path = "web/second_step.html")]
struct CodePage {
    shell: Shell,
    next: String,
    minutes: i64,
    faults: Faults,
}

impl CodePage {
    fn new(visitor: &Visitor, next: String, faults: Faults) -> Self {
        Self { shell: visitor.shell("sign-in"), next, minutes: second_factor::MINUTES, faults }
    }
}

/// Where the code is asked for, and where to go on from there.
pub(super) fn path(next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/sign-in/code?next={next}")
}

/// The password has to be given again.
fn again(visitor: &Visitor, next: &str) -> HttpResponse {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    visitor.go(&format!("/sign-in?done=too-late&next={next}"))
}

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /sign-in/code`
pub(super) async fn show(
    visitor: Visitor,
    request: HttpRequest,
    query: web::Query<Next>,
) -> Result<HttpResponse, Problem> {
    let next = query.into_inner().next;
    if visitor.signed_in.is_some() {
        return Ok(visitor.go(&next));
    }
    let Some(half) = half_way(&request, &visitor.ctx) else { return Ok(visitor.go("/sign-in")) };
    if !second_factor::is_begun(&visitor.ctx, &half).await? {
        return Ok(again(&visitor, &next));
    }
    visitor.page(&CodePage::new(&visitor, next, Faults::none()))
}

/// What a person types: a code of the app, or one on paper.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    recovery: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in/code`
pub(super) async fn finish(request: HttpRequest, form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let Some(half) = half_way(&request, &visitor.ctx) else { return Ok(again(&visitor, &fields.next)) };
    let typed = if fields.recovery.trim().is_empty() { &fields.code } else { &fields.recovery };
    match second_factor::finish(&visitor.ctx, &half, typed, &device(&request)).await {
        Ok(secret) => Ok(visitor.go_signed_in(&fields.next, &secret)),
        Err(Error::Unauthenticated) => Ok(again(&visitor, &fields.next)),
        Err(error) => {
            let faults = Faults::of_error(error, "code")?;
            faults.page(&visitor, &CodePage::new(&visitor, fields.next, faults.clone()))
        }
    }
}
