//! Attestations: what an institution states and signs about a practitioner, and whether such a
//! statement holds. Which issuer to trust is never decided here.

mod carried;
mod check;
mod examine;
mod facts;
mod fault;
pub mod issue;
pub mod keys;
pub mod lists;
pub mod peers;
pub(super) mod pins;
mod status;
pub mod view;

pub use carried::{Carried, carried};
pub(in crate::service) use check::signed;
pub use check::{Carrier, Documents, Statement, check};
pub use fault::Fault;

use crate::error::{Error, Result};

/// The first context of what we sign (W3C Verifiable Credentials 2.0).
const CREDENTIALS: &str = "https://www.w3.org/ns/credentials/v2";

/// A signed document as it is kept and handed out.
fn canonical(document: &serde_json::Value) -> Result<String> {
    let bytes = crate::crypto::jcs::canonicalize(document).map_err(|e| Error::Internal(e.into()))?;
    String::from_utf8(bytes).map_err(|e| Error::Internal(e.into()))
}
