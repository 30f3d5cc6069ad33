//! Coming in and going out: signing in, signing out, asking for an account.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    form::Faults,
    layout::Shell,
    second_step,
    session::{Form, Press, Visitor, address, device},
};
use crate::{
    config::Registration,
    error::Error,
    service::{
        registration::{self, SignUp},
        sessions::{self, Entry, SignIn},
    },
};

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "web/sign_in.html")]
struct SignInPage {
    shell: Shell,
    open: bool,
    login: String,
    next: String,
    faults: Faults,
}

fn may_ask(visitor: &Visitor) -> bool {
    matches!(visitor.ctx.config.accounts.registration, Registration::Approval | Registration::Open)
}

impl SignInPage {
    fn new(visitor: &Visitor, login: String, next: String, faults: Faults) -> Self {
        Self { shell: visitor.shell("sign-in"), open: may_ask(visitor), login, next, faults }
    }
}

/// `GET /sign-in`
pub(super) async fn sign_in_page(visitor: Visitor, next: web::Query<Next>) -> Result<HttpResponse, Problem> {
    let next = next.into_inner().next;
    if visitor.signed_in.is_some() {
        return Ok(visitor.go(&next));
    }
    visitor.page(&SignInPage::new(&visitor, String::new(), next, Faults::none()))
}

/// What a person types to sign in.
#[derive(Debug, Deserialize)]
pub(super) struct Credentials {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`
pub(super) async fn sign_in(request: HttpRequest, form: Form<Credentials>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let tried = SignIn {
        login: fields.login.clone(),
        password: fields.password,
        device: device(&request),
        address: address(&request, &visitor.ctx),
    };
    match sessions::sign_in(&visitor.ctx, tried).await {
        Ok(Entry::In(secret)) => Ok(visitor.go_signed_in(&fields.next, &secret)),
        Ok(Entry::HalfWay(secret)) => Ok(visitor.go_half_way(&second_step::path(&fields.next), &secret)),
        Err(error) => {
            let faults = Faults::of_error(error, "login")?;
            faults.page(&visitor, &SignInPage::new(&visitor, fields.login, fields.next, faults.clone()))
        }
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(form: Form<Press>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    if let Ok(person) = visitor.require_person() {
        sessions::sign_out(&visitor.ctx, person).await?;
    }
    Ok(visitor.go_signed_out("/?done=signed-out"))
}

/// What a person types to ask for an account.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    username: String,
    name: String,
    email: String,
    password: String,
    reason: String,
    invitation: String,
    discoverable: String,
    rules: String,
}

#[derive(Template)]
#[template(path = "web/sign_up.html")]
struct SignUpPage {
    shell: Shell,
    wish: Wish,
    approval: bool,
    shut: bool,
    shortest: usize,
    faults: Faults,
}

impl SignUpPage {
    fn new(visitor: &Visitor, wish: Wish, faults: Faults) -> Self {
        let mode = visitor.ctx.config.accounts.registration;
        let invited = !wish.invitation.is_empty();
        Self {
            shell: visitor.shell("sign-up"),
            approval: mode == Registration::Approval && !invited,
            shut: mode == Registration::Closed || (mode == Registration::Invite && !invited),
            shortest: registration::MIN_PASSWORD,
            wish,
            faults,
        }
    }
}

#[derive(Template)]
#[template(path = "web/sign_up_done.html")]
struct SignUpDonePage {
    shell: Shell,
    email: String,
    approval: bool,
}

/// `GET /sign-up`
pub(super) async fn sign_up_page(visitor: Visitor, wish: web::Query<Invited>) -> Result<HttpResponse, Problem> {
    if visitor.signed_in.is_some() {
        return Ok(visitor.go("/"));
    }
    let wish = Wish { invitation: wish.into_inner().invitation, ..Wish::default() };
    visitor.page(&SignUpPage::new(&visitor, wish, Faults::none()))
}

/// The code of an invitation link.
#[derive(Debug, Deserialize)]
pub(super) struct Invited {
    #[serde(default)]
    invitation: String,
}

/// `POST /sign-up`
pub(super) async fn sign_up(request: HttpRequest, form: Form<Wish>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields: wish, .. } = form;
    let asked = SignUp {
        username: wish.username.trim().to_owned(),
        name: wish.name.clone(),
        email: wish.email.clone(),
        password: wish.password.clone(),
        reason: wish.reason.clone(),
        invitation: wish.invitation.clone(),
        discoverable: !wish.discoverable.is_empty(),
    };
    let done = if wish.rules.is_empty() {
        Err(Error::invalid("rules", "Tick that you have read the rules. What you typed is kept."))
    } else {
        registration::sign_up(&visitor.ctx, asked, &address(&request, &visitor.ctx)).await
    };
    match done {
        Ok(_) => {
            let approval =
                SignUpPage::new(&visitor, Wish { invitation: wish.invitation, ..Wish::default() }, Faults::none())
                    .approval;
            visitor.page(&SignUpDonePage { shell: visitor.shell("sign-up"), email: wish.email, approval })
        }
        Err(error) => {
            let faults = Faults::of_error(error, "username")?;
            faults.page(&visitor, &SignUpPage::new(&visitor, wish, faults.clone()))
        }
    }
}
