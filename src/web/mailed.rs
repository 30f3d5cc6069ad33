//! The links that mails bring: confirming an address, choosing a new password.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    form::Faults,
    layout::Shell,
    session::{Form, Press, Visitor, address},
};
use crate::{
    error::Error,
    service::{
        accounts,
        registration::{self, Confirmed},
    },
};

/// One question and one button, or one answer: what mailed links lead to.
#[derive(Template)]
#[template(path = "web/confirm.html")]
struct ConfirmPage {
    shell: Shell,
    heading: &'static str,
    words: &'static str,
    /// Words of the button; empty where there is nothing left to press.
    press: &'static str,
}

/// `GET /confirm/{code}`: mail scanners open links, so that only a press confirms.
pub(super) async fn confirm_page(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let words = "Press the button, and we know that mail reaches you here.";
    visitor.page(&ConfirmPage {
        shell: visitor.shell(""),
        heading: "Confirm your e-mail address",
        words,
        press: "Confirm the address",
    })
}

/// `POST /confirm/{code}`
pub(super) async fn confirm(code: web::Path<String>, form: Form<Press>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    let (heading, words) = match registration::confirm(&visitor.ctx, &code).await {
        Ok(Confirmed::Ready) => ("Your address is confirmed", "You can sign in now."),
        Ok(Confirmed::Waiting) => {
            ("Your address is confirmed", "An admin looks at your request next. You get a mail when it is decided.")
        }
        Err(Error::NotFound) => SPENT,
        Err(error) => return Err(error.into()),
    };
    visitor.page(&ConfirmPage { shell: visitor.shell(""), heading, words, press: "" })
}

const SPENT: (&str, &str) = (
    "This link no longer works",
    "It was used before, or it is too old. Ask for a new one where you asked for this one.",
);

/// `GET /confirm-email/{code}`
pub(super) async fn confirm_email_page(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let words = "From then on mail goes to the new address, and you sign in with it.";
    visitor.page(&ConfirmPage {
        shell: visitor.shell(""),
        heading: "Confirm your new e-mail address",
        words,
        press: "Confirm the address",
    })
}

/// `POST /confirm-email/{code}`
pub(super) async fn confirm_email(code: web::Path<String>, form: Form<Press>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    match accounts::confirm_email(&visitor.ctx, &code).await {
        Ok(()) if visitor.signed_in.is_some() => Ok(visitor.go("/settings/account?done=email")),
        Ok(()) => Ok(visitor.go("/sign-in?done=email")),
        Err(Error::NotFound) => {
            visitor.page(&ConfirmPage { shell: visitor.shell(""), heading: SPENT.0, words: SPENT.1, press: "" })
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "web/forgotten.html")]
struct ForgottenPage {
    shell: Shell,
    sent_to: String,
    faults: Faults,
}

/// `GET /forgotten`
pub(super) async fn forgotten_page(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.page(&ForgottenPage { shell: visitor.shell(""), sent_to: String::new(), faults: Faults::none() })
}

/// The address of an account.
#[derive(Debug, Deserialize)]
pub(super) struct Address {
    #[serde(default)]
    email: String,
}

/// `POST /forgotten`
pub(super) async fn forgotten(request: HttpRequest, form: Form<Address>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let email = fields.email.trim().to_owned();
    let faults = if email.is_empty() {
        Faults::none().with("email", "Enter the address of your account.")
    } else {
        Faults::none()
    };
    if !faults.any() {
        accounts::request_reset(&visitor.ctx, &email, &address(&request, &visitor.ctx)).await?;
    }
    faults.page(&visitor, &ForgottenPage { shell: visitor.shell(""), sent_to: email, faults: faults.clone() })
}

#[derive(Template)]
#[template(path = "web/reset.html")]
struct ResetPage {
    shell: Shell,
    works: bool,
    shortest: usize,
    faults: Faults,
}

async fn reset_form(visitor: &Visitor, code: &str, faults: Faults) -> Result<HttpResponse, Problem> {
    let works = accounts::reset_link_works(&visitor.ctx, code).await?;
    let page =
        ResetPage { shell: visitor.shell(""), works, shortest: registration::MIN_PASSWORD, faults: faults.clone() };
    faults.page(visitor, &page)
}

/// `GET /reset/{code}`
pub(super) async fn reset_page(visitor: Visitor, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    reset_form(&visitor, &code, Faults::none()).await
}

/// A new password.
#[derive(Debug, Deserialize)]
pub(super) struct NewPassword {
    #[serde(default)]
    new_password: String,
}

/// `POST /reset/{code}`
pub(super) async fn reset(code: web::Path<String>, form: Form<NewPassword>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    match accounts::reset(&visitor.ctx, &code, fields.new_password).await {
        Ok(()) => Ok(visitor.go_signed_out("/sign-in?done=new-password")),
        Err(Error::NotFound) => reset_form(&visitor, &code, Faults::none()).await,
        Err(error) => reset_form(&visitor, &code, Faults::of_error(error, "new_password")?).await,
    }
}
