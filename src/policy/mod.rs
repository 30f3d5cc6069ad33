//! Who may: every rule of access, as pure functions of facts.
//! No database, no clock, no request is ever seen here; who needs a rule brings the facts.

pub mod badges;
pub mod cases;
pub mod credentials;
pub mod demands;
pub mod disciplines;
pub mod filters;
pub mod groups;
pub mod hosts;
pub mod matching;
pub mod moderation;
pub mod posting;
pub mod ranking;
pub mod recalls;
pub mod registers;
pub mod scopes;
pub mod sources;
pub mod unnamed;
mod viewer;
pub mod visibility;

pub use viewer::Viewer;
