//! What may be written, answered, edited and passed on.

use crate::{
    error::{Error, Result},
    model::{AccountId, Post, Visibility},
};

/// Longest post, in characters (R11).
pub const MAX_POST: usize = 50_000;
/// Longest content warning, in characters.
pub const MAX_WARNING: usize = 500;
/// Most people that one post may mention (R11).
pub const MAX_MENTIONS: usize = 50;
/// Most hashtags of one post (R11).
pub const MAX_TAGS: usize = 100;

/// Whether a text may be posted as it is.
pub fn check_text(text: &str, warning: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid("text", "Write something first."));
    }
    let length = text.chars().count();
    if length > MAX_POST {
        return Err(Error::invalid("text", format!("This has {length} characters. The limit is {MAX_POST}.")));
    }
    if warning.chars().count() > MAX_WARNING {
        return Err(Error::invalid("warning", format!("The content warning may have {MAX_WARNING} characters.")));
    }
    Ok(())
}

/// Only the author edits or deletes.
pub fn may_change(who: AccountId, post: &Post) -> Result<()> {
    if post.author_id == who { Ok(()) } else { Err(Error::NotFound) }
}

/// Whether somebody may pass a post on: open posts, and one's own for followers.
pub fn may_boost(who: AccountId, author: AccountId, visibility: Visibility) -> Result<()> {
    let allowed = match visibility {
        Visibility::Public | Visibility::Unlisted => true,
        Visibility::Followers => who == author,
        Visibility::Direct => false,
    };
    if allowed {
        Ok(())
    } else {
        Err(Error::Forbidden("This post was not written for everybody, so it cannot be boosted."))
    }
}
