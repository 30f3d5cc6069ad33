//! The second step of signing in: a code or a passkey, where somebody has a second factor.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    form::Faults,
    layout::Shell,
    session::{Form, Visitor, device, half_way},
};
use crate::{
    error::Error,
    service::second_factor::{self, Second, WRONG_PAPER, Ways},
};

#[derive(Template)]
#[template(path = "web/second_step.html")]
struct CodePage {
    shell: Shell,
    next: String,
    minutes: i64,
    ways: Ways,
    faults: Faults,
}

impl CodePage {
    fn new(visitor: &Visitor, next: String, ways: Ways, faults: Faults) -> Self {
        Self { shell: visitor.shell("sign-in"), next, minutes: second_factor::MINUTES, ways, faults }
    }
}

/// Where a code or a passkey is asked for, and where to go on from there.
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
    let Some(ways) = second_factor::ways(&visitor.ctx, &half).await? else { return Ok(again(&visitor, &next)) };
    visitor.page(&CodePage::new(&visitor, next, ways, Faults::none()))
}

/// What a person types or shows: a code of the app, one on paper, or what the browser has answered for a passkey.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    recovery: String,
    #[serde(default)]
    passkey: String,
    #[serde(default)]
    next: String,
}

impl Typed {
    fn second(&self) -> Second {
        if !self.passkey.is_empty() {
            return Second::Passkey(self.passkey.clone());
        }
        Second::Code(if self.recovery.trim().is_empty() { self.code.clone() } else { self.recovery.clone() })
    }

    /// Whether what was typed counts as a code on paper: there is no other where there is no app.
    fn is_of_paper(&self, ways: &Ways) -> bool {
        let typed = !self.recovery.trim().is_empty() || !ways.app;
        self.passkey.is_empty() && typed && !ways.is_passkey_alone()
    }
}

/// `POST /sign-in/code`
pub(super) async fn finish(request: HttpRequest, form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let Some(half) = half_way(&request, &visitor.ctx) else { return Ok(again(&visitor, &fields.next)) };
    match second_factor::finish(&visitor.ctx, &half, &fields.second(), &device(&request)).await {
        Ok(secret) => Ok(visitor.go_signed_in(&fields.next, &secret)),
        Err(Error::Unauthenticated) => Ok(again(&visitor, &fields.next)),
        Err(error) => {
            let ways = second_factor::ways(&visitor.ctx, &half).await?;
            let Some(ways) = ways else { return Ok(again(&visitor, &fields.next)) };
            let faults = match error {
                Error::Invalid(_) if fields.is_of_paper(&ways) => Faults::none().with("recovery", WRONG_PAPER),
                error => Faults::of_error(error, "code")?,
            };
            faults.page(&visitor, &CodePage::new(&visitor, fields.next, ways, faults.clone()))
        }
    }
}
