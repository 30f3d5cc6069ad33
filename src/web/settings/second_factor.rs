//! The second factor: turning an app on and off, a list of passkeys, and how many codes on paper are left. Whoever has
//! to set it up sees this page, and that of a new passkey, and no other before.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::{recovery::CodesPage, sessions::seen};
use crate::{
    model::{Passkey, PasskeyId},
    service::{
        passkeys,
        second_factor::{self, Both, FirstCode, Offer, Second, Standing},
    },
    web::{
        error::Problem,
        form::Faults,
        layout::{self, Shell},
        session::{Form, SECOND_FACTOR, Visitor, address},
    },
};

/// A passkey as its owner sees it.
pub(super) struct PasskeyShown {
    pub(super) id: PasskeyId,
    pub(super) name: String,
    /// Since when.
    pub(super) since: String,
    /// Last use; empty before the first.
    pub(super) used: String,
}

impl PasskeyShown {
    pub(super) fn of(key: Passkey, shell: &Shell) -> Self {
        Self {
            id: key.id,
            name: key.name,
            since: layout::day(key.created_at),
            used: key.used_at.map(|at| seen(at, shell)).unwrap_or_default(),
        }
    }
}

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
    /// There is an app.
    app: bool,
    /// There are codes on paper.
    paper: bool,
    /// Since when the app is on; empty where there is none.
    since: String,
    /// Codes on paper that are left.
    left: i64,
    /// What can be turned on.
    offer: Option<Offer>,
    /// There can be passkeys here.
    possible: bool,
    passkeys: Vec<PasskeyShown>,
    /// What the browser is asked to show who it is; empty where there is no passkey.
    asked: String,
    faults: Faults,
}

impl SecondFactorPage {
    /// With the seed that was offered before, where there was one.
    async fn new(visitor: &Visitor, sealed: &str, faults: Faults) -> Result<Self, Problem> {
        let (ctx, me) = (&visitor.ctx, visitor.require_person()?);
        let first = visitor.setting_up.is_some();
        let Standing { app, codes } = second_factor::standing(ctx, me).await?;
        let offer = match app {
            Some(_) => None,
            None if sealed.is_empty() => Some(second_factor::offer(ctx, me)?),
            None => Some(second_factor::offer_again(ctx, me, sealed)?),
        };
        let shell = visitor.shell(if first { "sign-in" } else { "settings" });
        let passkeys = passkeys::list(ctx, me).await?.into_iter().map(|key| PasskeyShown::of(key, &shell)).collect();
        Ok(Self {
            shell,
            tab: "account",
            first,
            needed: second_factor::is_needed(ctx, me.role),
            username: me.me.username.clone(),
            app: app.is_some(),
            paper: codes > 0,
            since: app.map(layout::day).unwrap_or_default(),
            left: codes,
            offer,
            possible: passkeys::are_possible(ctx),
            passkeys,
            asked: passkeys::ask(ctx, me).await?,
            faults,
        })
    }
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
    passkey: String,
}

/// `POST /settings/second-factor/on`
pub async fn turn_on(form: Form<FirstFields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let address = address(&request, &visitor.ctx);
    let next = if visitor.setting_up.is_some() { "/" } else { SECOND_FACTOR };
    let password = visitor.setting_up.is_none().then_some(fields.current_password);
    let (sealed, code, passkey) = (fields.offer.clone(), fields.code, fields.passkey);
    let first = FirstCode { sealed, code, password, passkey };
    let done = second_factor::turn_on(&visitor.ctx, visitor.require_person()?, first, &address).await;
    match done {
        Ok((secret, codes)) if codes.is_empty() => {
            Ok(visitor.go_signed_in(&format!("{SECOND_FACTOR}?done=app-on"), &secret))
        }
        Ok((secret, codes)) => {
            let visitor = visitor.renewed(secret).await?;
            let said = "Your second factor is on. Other sessions have ended.";
            visitor.page(&CodesPage { shell: visitor.shell("settings"), tab: "account", said, codes, next })
        }
        Err(error) => mend(&visitor, &fields.offer, Faults::of_error(error, "code")?).await,
    }
}

/// Password, and a code or a passkey.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BothFields {
    current_password: String,
    code: String,
    passkey: String,
}

impl From<BothFields> for Both {
    fn from(fields: BothFields) -> Self {
        shown(fields.current_password, fields.code, fields.passkey)
    }
}

/// What somebody shows: the password, and a passkey where the browser has answered for one, else the code that they
/// typed.
pub(super) fn shown(password: String, code: String, passkey: String) -> Both {
    let second = if passkey.is_empty() { Second::Code(code) } else { Second::Passkey(passkey) };
    Both { password, second }
}

/// `POST /settings/second-factor/off`
pub async fn turn_off(form: Form<BothFields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let address = address(&request, &visitor.ctx);
    match second_factor::turn_off(&visitor.ctx, visitor.require()?, fields.into(), &address).await {
        Ok((secret, is_on)) => {
            let done = if is_on { "app-off" } else { "second-factor-off" };
            Ok(visitor.go_signed_in(&format!("{SECOND_FACTOR}?done={done}"), &secret))
        }
        Err(error) => mend(&visitor, "", Faults::of_error(error, "code")?).await,
    }
}
