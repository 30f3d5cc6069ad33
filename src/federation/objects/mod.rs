//! The library's traits for accounts and posts: documents to rows, by one call of a rule each.

mod actor;
mod note;

pub use actor::RemoteActor;
pub(super) use note::with_author;
pub use note::{RemoteNote, to_remote_post};
