//! One's own settings: profile, account, second factor with its kin, sessions, filters, quiet, data and appearance,
//! each a page with the forms that change it.
//! No rule lives here: what is allowed and what follows from a change is decided in `service`.

pub mod account;
pub mod appearance;
pub mod data;
pub mod filters;
pub mod new_phone;
pub mod passkeys;
pub mod profile;
pub mod quiet;
pub mod recovery;
pub mod second_factor;
pub mod sessions;

use actix_web::HttpResponse;
use serde::Deserialize;

use super::{error::Problem, session::Visitor};

/// `GET /settings`
pub async fn index(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    Ok(visitor.go("/settings/profile"))
}

/// A form that is only a button.
#[derive(Debug, Deserialize)]
pub struct Press {}
