//! Attestations: what an institution states and signs about a practitioner, and whether such a
//! statement holds. Which issuer to trust is never decided here.

mod check;
mod fault;
mod status;

pub use check::{Carrier, Documents, Statement, check};
pub use fault::Fault;
