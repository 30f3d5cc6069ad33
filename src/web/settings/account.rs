//! Signing in, and what one's posts begin with: e-mail, password, preferences, and leaving.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::{
    error::{Error, FieldError},
    model::Visibility,
    service::accounts,
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, Visitor, address},
    },
};

/// What the page shows, or shows again.
#[derive(Debug, Default)]
struct Typed {
    email: String,
    language: String,
    visibility: String,
}

#[derive(Template)]
#[template(path = "web/settings/account.html")]
struct AccountPage {
    shell: Shell,
    tab: &'static str,
    /// The address that counts now.
    email: String,
    typed: Typed,
    faults: Faults,
}

impl AccountPage {
    async fn new(visitor: &Visitor) -> Result<Self, Problem> {
        let user = accounts::own(&visitor.ctx, &visitor.viewer()).await?;
        let typed = Typed {
            email: user.email.clone(),
            language: user.language,
            visibility: user.default_visibility.as_str().to_owned(),
        };
        Ok(Self { shell: visitor.shell("settings"), tab: "account", email: user.email, typed, faults: Faults::none() })
    }
}

/// The page again, with what is wrong and what was typed.
async fn mend(visitor: &Visitor, faults: Faults, change: impl FnOnce(&mut Typed)) -> Result<HttpResponse, Problem> {
    let mut page = AccountPage { faults, ..AccountPage::new(visitor).await? };
    change(&mut page.typed);
    page.faults.page(visitor, &page)
}

/// `GET /settings/account`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.page(&AccountPage::new(&visitor).await?)
}

/// A new password.
#[derive(Debug, Deserialize)]
pub struct PasswordFields {
    current_password: String,
    new_password: String,
}

/// `POST /settings/account/password`
pub async fn password(form: Form<PasswordFields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let signed_in = visitor.require()?;
    let address = address(&request, &visitor.ctx);
    match accounts::change_password(&visitor.ctx, signed_in, fields.current_password, fields.new_password, &address)
        .await
    {
        Ok(secret) => Ok(visitor.go_signed_in("/settings/account?done=password", &secret)),
        Err(error) => mend(&visitor, Faults::of_error(error, "new_password")?, |_| ()).await,
    }
}

/// A new e-mail address.
#[derive(Debug, Deserialize)]
pub struct EmailFields {
    email: String,
    email_password: String,
}

/// `POST /settings/account/email`
pub async fn email(form: Form<EmailFields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let signed_in = visitor.require()?;
    let address = address(&request, &visitor.ctx);
    match accounts::change_email(&visitor.ctx, signed_in, fields.email_password, &fields.email, &address).await {
        Ok(()) => Ok(visitor.go("/settings/account?done=email-asked")),
        Err(error) => {
            let faults = Faults::of_error(at_email(error), "email")?;
            mend(&visitor, faults, |typed| typed.email = fields.email).await
        }
    }
}

/// The page asks for the password twice; this form calls it by a name of its own.
fn at_email(error: Error) -> Error {
    let rename = |fault: FieldError| match fault.field {
        "current_password" => FieldError { field: "email_password", ..fault },
        _ => fault,
    };
    match error {
        Error::Invalid(list) => Error::Invalid(list.into_iter().map(rename).collect()),
        other => other,
    }
}

/// What one's posts begin with.
#[derive(Debug, Deserialize)]
pub struct PreferenceFields {
    language: String,
    visibility: String,
}

/// `POST /settings/account/preferences`
pub async fn preferences(Form { visitor, fields, .. }: Form<PreferenceFields>) -> Result<HttpResponse, Problem> {
    let saved = match Visibility::chosen(&fields.visibility) {
        Some(visibility) => {
            accounts::set_preferences(&visitor.ctx, &visitor.viewer(), &fields.language, visibility).await
        }
        None => Err(Error::invalid("visibility", "Choose who your posts are for.")),
    };
    match saved {
        Ok(()) => Ok(visitor.go("/settings/account?done=saved")),
        Err(error) => {
            mend(&visitor, Faults::of_error(error, "visibility")?, |typed| {
                typed.language = fields.language;
                typed.visibility = fields.visibility;
            })
            .await
        }
    }
}

#[derive(Template)]
#[template(path = "web/settings/close.html")]
struct ClosePage {
    shell: Shell,
    tab: &'static str,
    email: String,
    faults: Faults,
}

impl ClosePage {
    async fn new(visitor: &Visitor, faults: Faults) -> Result<Self, Problem> {
        let email = accounts::own(&visitor.ctx, &visitor.viewer()).await?.email;
        Ok(Self { shell: visitor.shell("settings"), tab: "account", email, faults })
    }
}

/// `GET /settings/account/close`
pub async fn close_page(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.page(&ClosePage::new(&visitor, Faults::none()).await?)
}

/// The last word.
#[derive(Debug, Deserialize)]
pub struct CloseFields {
    current_password: String,
}

/// `POST /settings/account/close`
pub async fn close(form: Form<CloseFields>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let signed_in = visitor.require()?;
    let address = address(&request, &visitor.ctx);
    match accounts::close(&visitor.ctx, signed_in, fields.current_password, &address).await {
        Ok(()) => Ok(visitor.go_signed_out("/?done=closed")),
        Err(error) => {
            let page = ClosePage::new(&visitor, Faults::of_error(error, "current_password")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}
