//! What arrived, carried out. What needs the network is fetched first; then there is one call of a rule.
//! Who may do what is decided there, never here.

mod activity;
mod carrier;
pub(super) mod history;
mod post;
pub(super) mod thread;

pub use carrier::Carrier;
pub use thread::look_after;
