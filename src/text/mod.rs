//! Pure functions on text: Markdown to safe HTML, mentions, hashtags, plain words, and what could identify a patient.
//! Nothing here looks anything up; who needs a mention resolved brings the answer.

mod called;
pub mod country;
pub mod device;
pub mod fold;
pub mod handle;
pub mod identifiers;
pub mod language;
pub mod markdown;
pub mod plain;
pub mod sanitize;
mod scan;
mod skeleton;
pub mod sources;

pub use called::is_called;
pub use fold::fold;
pub use markdown::{Links, NoLinks, find, render};
pub use scan::Found;
pub use skeleton::{says_verified, skeleton};
