//! Recovery codes: making new ones, and the page that shows them once.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::second_factor::BothFields;
use crate::{
    service::{
        passkeys, recovery,
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
#[template(path = "web/settings/recovery_codes.html")]
pub(super) struct CodesPage {
    pub(super) shell: Shell,
    pub(super) tab: &'static str,
    /// What was done with them; empty where they are only new.
    pub(super) said: &'static str,
    pub(super) codes: Vec<String>,
    /// Where to go on: whoever had to set it up first was on the way to something else.
    pub(super) next: &'static str,
}

#[derive(Template)]
#[template(path = "web/settings/recovery_new.html")]
struct NewPage {
    shell: Shell,
    tab: &'static str,
    username: String,
    /// There is an app.
    app: bool,
    /// There are codes on paper.
    paper: bool,
    /// How many.
    left: i64,
    /// What the browser is asked to show who it is; empty where there is no passkey.
    asked: String,
    faults: Faults,
}

impl NewPage {
    async fn new(visitor: &Visitor, faults: Faults) -> Result<Self, Problem> {
        let (ctx, me) = (&visitor.ctx, visitor.require()?);
        let Standing { app, codes } = second_factor::standing(ctx, me).await?;
        Ok(Self {
            shell: visitor.shell("settings"),
            tab: "account",
            username: me.me.username.clone(),
            app: app.is_some(),
            paper: codes > 0,
            left: codes,
            asked: passkeys::ask(ctx, me).await?,
            faults,
        })
    }
}

/// `GET /settings/second-factor/codes`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if !visitor.require()?.second_factor {
        return Ok(visitor.go(SECOND_FACTOR));
    }
    visitor.page(&NewPage::new(&visitor, Faults::none()).await?)
}

/// `POST /settings/second-factor/codes`
pub async fn renew(form: Form<BothFields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let address = address(&request, &visitor.ctx);
    let done = recovery::renew(&visitor.ctx, visitor.require()?, fields.into(), &address).await;
    match done {
        Ok((secret, codes)) => {
            let visitor = visitor.renewed(secret).await?;
            let shell = visitor.shell("settings");
            visitor.page(&CodesPage { shell, tab: "account", said: "", codes, next: SECOND_FACTOR })
        }
        Err(error) => {
            let page = NewPage::new(&visitor, Faults::of_error(error, "current_password")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}
