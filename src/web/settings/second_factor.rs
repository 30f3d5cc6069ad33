//! The second factor: turning it on, new codes for paper, turning it off. Whoever has to set it up sees this page and no
//! other before.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::{
    service::second_factor::{self, Both, FirstCode, Offer},
    web::{
        error::Problem,
        form::Faults,
        layout::{self, Shell},
        session::{Form, SECOND_FACTOR, Visitor, address},
    },
};

#[derive(Template)]
#[template(path = "web/settings/second_factor.html")]
struct SecondFactorPage {
    shell: Shell,
    tab: &'static str,
    /// It has to be set up before anything else.
    first: bool,
    /// The role needs one.
    needed: bool,
    username: String,
    /// Since when it is on; empty where it is off.
    since: String,
    /// Codes on paper that are left.
    left: i64,
    /// What can be turned on.
    offer: Option<Offer>,
    faults: Faults,
}

impl SecondFactorPage {
    /// With the seed that was offered before, where there was one.
    async fn new(visitor: &Visitor, sealed: &str, faults: Faults) -> Result<Self, Problem> {
        let (ctx, me) = (&visitor.ctx, visitor.require_person()?);
        let first = visitor.setting_up.is_some();
        let standing = second_factor::standing(ctx, me).await?;
        let offer = match standing {
            Some(_) => None,
            None if sealed.is_empty() => Some(second_factor::offer(ctx, me)?),
            None => Some(second_factor::offer_again(ctx, me, sealed)?),
        };
        Ok(Self {
            shell: visitor.shell(if first { "sign-in" } else { "settings" }),
            tab: "account",
            first,
            needed: second_factor::is_needed(ctx, me.role),
            username: me.me.username.clone(),
            since: standing.map(|(since, _)| layout::day(since)).unwrap_or_default(),
            left: standing.map_or(0, |(_, left)| left),
            offer,
            faults,
        })
    }
}

#[derive(Template)]
#[template(path = "web/settings/recovery_codes.html")]
pub(super) struct CodesPage {
    pub(super) shell: Shell,
    pub(super) tab: &'static str,
    /// What was done with them; empty where they are only new.
    pub(super) said: &'static str,
    pub(super) codes: Vec<String>,
}

/// The page again, with what is wrong.
async fn mend(visitor: &Visitor, sealed: &str, faults: Faults) -> Result<HttpResponse, Problem> {
    let page = SecondFactorPage::new(visitor, sealed, faults).await?;
    page.faults.page(visitor, &page)
}

/// `GET /settings/second-factor`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.page(&SecondFactorPage::new(&visitor, "", Faults::none()).await?)
}

/// The first code of an app.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FirstFields {
    offer: String,
    code: String,
    current_password: String,
}

/// `POST /settings/second-factor/on`
pub async fn turn_on(form: Form<FirstFields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let address = address(&request, &visitor.ctx);
    let password = visitor.setting_up.is_none().then_some(fields.current_password);
    let first = FirstCode { sealed: fields.offer.clone(), code: fields.code, password };
    let done = second_factor::turn_on(&visitor.ctx, visitor.require_person()?, first, &address).await;
    match done {
        Ok((secret, codes)) => {
            let visitor = visitor.renewed(secret).await?;
            let said = "Your second factor is on. Other sessions have ended.";
            visitor.page(&CodesPage { shell: visitor.shell("settings"), tab: "account", said, codes })
        }
        Err(error) => mend(&visitor, &fields.offer, Faults::of_error(error, "code")?).await,
    }
}

/// Password and code.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BothFields {
    current_password: String,
    code: String,
}

impl From<BothFields> for Both {
    fn from(fields: BothFields) -> Self {
        Self { password: fields.current_password, code: fields.code }
    }
}

/// `POST /settings/second-factor/codes`
pub async fn renew_codes(form: Form<BothFields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let address = address(&request, &visitor.ctx);
    match second_factor::renew_codes(&visitor.ctx, visitor.require()?, fields.into(), &address).await {
        Ok(codes) => visitor.page(&CodesPage { shell: visitor.shell("settings"), tab: "account", said: "", codes }),
        Err(error) => mend(&visitor, "", Faults::of_error(error, "code")?).await,
    }
}

/// `POST /settings/second-factor/off`
pub async fn turn_off(form: Form<BothFields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let address = address(&request, &visitor.ctx);
    match second_factor::turn_off(&visitor.ctx, visitor.require()?, fields.into(), &address).await {
        Ok(()) => Ok(visitor.go(&format!("{SECOND_FACTOR}?done=second-factor-off"))),
        Err(error) => mend(&visitor, "", Faults::of_error(error, "code")?).await,
    }
}
