//! Attestations: what an institution states and signs about a practitioner, and whether such a
//! statement holds. Which issuer to trust is never decided here.

mod badges;
mod carried;
mod check;
mod examine;
mod facts;
mod fault;
mod form;
mod gather;
pub mod issue;
pub mod keys;
pub mod lists;
pub mod peers;
pub(super) mod pins;
mod status;
pub mod view;

pub(in crate::service) use badges::refresh_badges;
pub use carried::{Carried, carried};
pub(in crate::service) use check::signed;
pub use check::{Carrier, Documents, Statement, check};
pub use fault::Fault;
pub use form::multikey;
pub(in crate::service) use form::{CREDENTIALS, canonical, stamp};
