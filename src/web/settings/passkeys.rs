//! Passkeys: adding one, in two steps, and removing one. Who has to set up a second factor may add one before anything
//! else.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    recovery::CodesPage,
    second_factor::{BothFields, PasskeyShown},
};
use crate::{
    error::Error,
    model::PasskeyId,
    service::{
        passkeys,
        second_factor::{self, Standing},
    },
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, SECOND_FACTOR, Visitor, address},
    },
};

#[derive(Template)]
#[template(path = "web/settings/passkey_new.html")]
struct NewPage {
    shell: Shell,
    tab: &'static str,
    /// It has to be set up before anything else.
    first: bool,
    username: String,
    /// There is an app.
    app: bool,
    /// There are codes on paper.
    paper: bool,
    /// What the browser is asked to show who it is; empty where there is no passkey.
    asked: String,
    /// What the browser is asked to make; empty in the first step.
    offered: String,
    faults: Faults,
}

impl NewPage {
    /// The first step: who is it?
    async fn first_step(visitor: &Visitor, faults: Faults) -> Result<Self, Problem> {
        let (ctx, me) = (&visitor.ctx, visitor.require()?);
        if !passkeys::are_possible(ctx) {
            return Err(Error::NotFound.into());
        }
        let Standing { app, codes } = second_factor::standing(ctx, me).await?;
        let asked = passkeys::ask(ctx, me).await?;
        Ok(Self { app: app.is_some(), paper: codes > 0, asked, faults, ..Self::of(visitor, String::new())? })
    }

    /// The second step, or the frame of the first.
    fn of(visitor: &Visitor, offered: String) -> Result<Self, Problem> {
        let first = visitor.setting_up.is_some();
        Ok(Self {
            shell: visitor.shell(if first { "sign-in" } else { "settings" }),
            tab: "account",
            first,
            username: visitor.require_person()?.me.username.clone(),
            app: false,
            paper: false,
            asked: String::new(),
            offered,
            faults: Faults::none(),
        })
    }
}

/// `GET /settings/second-factor/passkeys/new`
pub async fn new(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    if visitor.setting_up.is_none() {
        return visitor.page(&NewPage::first_step(&visitor, Faults::none()).await?);
    }
    // They have just given the password, and there is nothing else to show.
    let address = address(&request, &visitor.ctx);
    let offered = passkeys::begin(&visitor.ctx, visitor.require_person()?, None, &address).await?;
    visitor.page(&NewPage::of(&visitor, offered)?)
}

/// `POST /settings/second-factor/passkeys/new`
pub async fn begin(form: Form<BothFields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let address = address(&request, &visitor.ctx);
    match passkeys::begin(&visitor.ctx, visitor.require()?, Some(fields.into()), &address).await {
        Ok(offered) => visitor.page(&NewPage::of(&visitor, offered)?),
        Err(error) => {
            let page = NewPage::first_step(&visitor, Faults::of_error(error, "current_password")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}

/// A passkey that was made.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MadeFields {
    name: String,
    passkey: String,
}

/// `POST /settings/second-factor/passkeys`
pub async fn add(form: Form<MadeFields>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let next = if visitor.setting_up.is_some() { "/" } else { SECOND_FACTOR };
    let done = passkeys::add(&visitor.ctx, visitor.require_person()?, &fields.name, &fields.passkey).await;
    match done {
        Ok((secret, codes)) if codes.is_empty() => {
            Ok(visitor.go_signed_in(&format!("{SECOND_FACTOR}?done=passkey-added"), &secret))
        }
        Ok((secret, codes)) => {
            let visitor = visitor.renewed(secret).await?;
            let said = "The passkey is added. Signing in asks for it after the password.";
            visitor.page(&CodesPage { shell: visitor.shell("settings"), tab: "account", said, codes, next })
        }
        Err(Error::Invalid(_) | Error::Conflict(_)) => Ok(visitor.go(&format!("{SECOND_FACTOR}?done=passkey-failed"))),
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "web/settings/passkey_remove.html")]
struct RemovePage {
    shell: Shell,
    tab: &'static str,
    key: PasskeyShown,
    /// It cannot be removed: the role needs a second factor, and it is all there is.
    stays: bool,
    username: String,
    /// There is an app.
    app: bool,
    /// There are codes on paper.
    paper: bool,
    /// What the browser is asked.
    asked: String,
    faults: Faults,
}

impl RemovePage {
    async fn new(visitor: &Visitor, id: PasskeyId, faults: Faults) -> Result<Self, Problem> {
        let (ctx, me) = (&visitor.ctx, visitor.require()?);
        let shell = visitor.shell("settings");
        let Standing { app, codes } = second_factor::standing(ctx, me).await?;
        let key = passkeys::list(ctx, me).await?.into_iter().find(|key| key.id == id).ok_or(Error::NotFound)?;
        Ok(Self {
            key: PasskeyShown::of(key, &shell),
            shell,
            tab: "account",
            stays: passkeys::has_to_stay(ctx, me).await?,
            username: me.me.username.clone(),
            app: app.is_some(),
            paper: codes > 0,
            asked: passkeys::ask(ctx, me).await?,
            faults,
        })
    }
}

/// `GET /settings/second-factor/passkeys/{id}/remove`
pub async fn remove_page(visitor: Visitor, id: web::Path<PasskeyId>) -> Result<HttpResponse, Problem> {
    visitor.page(&RemovePage::new(&visitor, *id, Faults::none()).await?)
}

/// `POST /settings/second-factor/passkeys/{id}/remove`
pub async fn remove(
    form: Form<BothFields>,
    id: web::Path<PasskeyId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let address = address(&request, &visitor.ctx);
    match passkeys::remove(&visitor.ctx, visitor.require()?, *id, fields.into(), &address).await {
        Ok(secret) => Ok(visitor.go_signed_in(&format!("{SECOND_FACTOR}?done=passkey-removed"), &secret)),
        Err(error) => {
            let page = RemovePage::new(&visitor, *id, Faults::of_error(error, "current_password")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}
