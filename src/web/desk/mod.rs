//! The verification desk: what waits for a verifier, one credential side by side with its register, and the decision.
//! No rule lives here: what a verifier may see and do is decided in `policy` and `service`, and shown as they say.

pub mod act;
pub mod alone;
mod asked;
pub mod evidence;
pub mod queue;
pub mod review;

use actix_web::HttpResponse;

use super::{admin, session::Visitor};
use crate::{error::Result, policy::credentials::require_verifier, service::credentials::Flag};

/// The door of the desk: a verifier or admin who has given the password a short while ago.
///
/// None means come in; else the way to the page that asks for the password and then leads to `next`.
pub(super) async fn enter(visitor: &Visitor, next: &str) -> Result<Option<HttpResponse>> {
    visitor.require()?;
    require_verifier(&visitor.viewer())?;
    admin::proved(visitor, next).await
}

/// Colour and words of a flag.
fn flag(flag: &Flag) -> (&'static str, String) {
    match flag {
        Flag::SameNumber => ("amber", "Number claimed twice".to_owned()),
        Flag::SameMailbox => ("amber", "Mailbox of two people".to_owned()),
        Flag::Before => ("amber", "Decided against before".to_owned()),
        Flag::NoRegister => ("", "No copy of the register".to_owned()),
        Flag::NotInRegister => ("amber", "Not in the register".to_owned()),
        Flag::Inactive => ("amber", "Not active in the register".to_owned()),
        Flag::Differences(1) => ("amber", "1 difference".to_owned()),
        Flag::Differences(number) => ("amber", format!("{number} differences")),
        Flag::ShownName => ("amber", "Shown under another name".to_owned()),
        Flag::OtherInitial => ("amber", "Number with another initial".to_owned()),
        Flag::Recheck => ("blue", "Re-check".to_owned()),
        Flag::SecondLook => ("blue", "Second look".to_owned()),
        Flag::NameChanged => ("amber", "Name changed".to_owned()),
    }
}
