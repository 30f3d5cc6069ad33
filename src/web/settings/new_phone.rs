//! A new phone: its app takes the place of the one before.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::{recovery::CodesPage, second_factor::shown};
use crate::{
    service::{
        passkeys,
        phones::{self, NewPhone},
        second_factor::{self, Offer},
    },
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, SECOND_FACTOR, Visitor, address},
    },
};

#[derive(Template)]
#[template(path = "web/settings/new_phone.html")]
struct NewPhonePage {
    shell: Shell,
    tab: &'static str,
    username: String,
    /// What the new phone is to scan.
    made: Offer,
    /// What the browser is asked to show who it is; empty where there is no passkey.
    asked: String,
    faults: Faults,
}

impl NewPhonePage {
    /// With the seed that was offered before, where there was one.
    async fn new(visitor: &Visitor, sealed: &str, faults: Faults) -> Result<Self, Problem> {
        let (ctx, me) = (&visitor.ctx, visitor.require()?);
        let made = if sealed.is_empty() {
            second_factor::offer(ctx, me)?
        } else {
            second_factor::offer_again(ctx, me, sealed)?
        };
        let (username, asked) = (me.me.username.clone(), passkeys::ask(ctx, me).await?);
        Ok(Self { shell: visitor.shell("settings"), tab: "account", username, made, asked, faults })
    }
}

/// `GET /settings/second-factor/new-phone`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if second_factor::standing(&visitor.ctx, visitor.require()?).await?.app.is_none() {
        return Ok(visitor.go(SECOND_FACTOR));
    }
    visitor.page(&NewPhonePage::new(&visitor, "", Faults::none()).await?)
}

/// What somebody types, or shows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    offer: String,
    new_code: String,
    code: String,
    current_password: String,
    passkey: String,
}

/// `POST /settings/second-factor/new-phone`
pub async fn replace(form: Form<Fields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let address = address(&request, &visitor.ctx);
    let new = NewPhone {
        sealed: fields.offer.clone(),
        new_code: fields.new_code,
        owner: shown(fields.current_password, fields.code, fields.passkey),
    };
    let done = phones::replace(&visitor.ctx, visitor.require()?, new, &address).await;
    match done {
        Ok((secret, codes)) => {
            let visitor = visitor.renewed(secret).await?;
            let said = "Your new phone is set up. Other sessions have ended.";
            visitor.page(&CodesPage {
                shell: visitor.shell("settings"),
                tab: "account",
                said,
                codes,
                next: SECOND_FACTOR,
            })
        }
        Err(error) => {
            let page = NewPhonePage::new(&visitor, &fields.offer, Faults::of_error(error, "new_code")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}
