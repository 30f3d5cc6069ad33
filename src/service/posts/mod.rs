//! Posts: publishing, reading, editing, deleting.

mod delete;
mod edit;
mod parts;
mod publish;
mod read;
mod render;

pub use crate::model::Markup;
pub use delete::delete;
pub use edit::{Draft, draft, edit};
pub use parts::{Mentioned, Parts, parts};
pub use publish::{NewPost, publish};
pub use read::{Thread, audience_words, by_uri, entry, gone_or_missing, history, raw, read, reply_uris, thread};
pub(crate) use render::render;
