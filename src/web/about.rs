//! What this place says of itself.

use actix_web::HttpResponse;
use askama::Template;

use super::{error::Problem, layout::Shell, session::Visitor};
use crate::{
    config::Registration,
    text::{self, NoLinks},
};

#[derive(Template)]
#[template(path = "web/about.html")]
struct AboutPage {
    shell: Shell,
    /// Safe HTML.
    about: String,
    contact: String,
    emergency: String,
    sign_up: &'static str,
    open: bool,
    version: &'static str,
    source: &'static str,
}

/// `GET /about`
pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let instance = &visitor.ctx.config.instance;
    let registration = visitor.ctx.config.accounts.registration;
    visitor.page(&AboutPage {
        shell: visitor.shell("about"),
        about: text::render(&instance.about, &NoLinks),
        contact: instance.contact.clone(),
        emergency: instance.emergency_number.clone(),
        sign_up: match registration {
            Registration::Closed => "Closed",
            Registration::Invite => "By invitation",
            Registration::Approval => "With approval by the hospital",
            Registration::Open => "Open",
        },
        open: matches!(registration, Registration::Approval | Registration::Open),
        version: env!("CARGO_PKG_VERSION"),
        source: env!("CARGO_PKG_REPOSITORY"),
    })
}
