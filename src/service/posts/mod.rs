//! Posts: publishing, reading, editing, deleting.

mod again;
mod delete;
mod edit;
mod gate;
mod parts;
mod publish;
mod read;
mod render;
mod strike;

pub use crate::model::Markup;
pub use again::{may_take_edit_back, take_edit_back};
pub use delete::{Pictures, delete, to_delete};
pub use edit::{Change, Draft, draft, edit};
pub use gate::{Looked, Stays, marks, marks_of_edit, mended};
pub(super) use gate::{require_passed, require_settled};
pub use parts::{AppName, Parts, parts, parts_with};
pub use publish::{NewPost, publish};
pub(super) use publish::{announce, publish_waiting, put_case, say, tell};
pub use read::{
    ANSWERS, Thread, audience_words, by_uri, entry, gone_or_missing, history, raw, read, reply_uris, several, tags_of,
    thread, top,
};
pub(crate) use render::{Rendered, render};
pub use strike::{may_strike, strike, strike_all, strikes_for_house, struck};
