//! What may be written, answered, edited and passed on.

use crate::{
    error::{Error, Result},
    model::{AccountId, Post, Visibility},
};

/// Longest post, in characters (R11).
pub const MAX_POST: usize = 50_000;
/// Longest content warning, in characters.
pub const MAX_WARNING: usize = 500;
/// Longest title, in characters: as much as other programs show.
pub const MAX_TITLE: usize = 200;
/// Longest word on conflicts of interest, on a profile or a post, in characters.
pub const MAX_INTERESTS: usize = 500;
/// Most people that one post may mention (R11).
pub const MAX_MENTIONS: usize = 50;
/// Most hashtags of one post (R11).
pub const MAX_TAGS: usize = 100;

/// Shortest and longest time that a poll may run, in seconds.
pub const POLL_SECONDS: std::ops::RangeInclusive<i64> = 300..=2_629_746;
/// Choices of a poll.
pub const POLL_OPTIONS: std::ops::RangeInclusive<usize> = 2..=8;
/// Longest choice, in characters.
pub const MAX_OPTION: usize = 100;

/// Whether a text may be posted as it is; with pictures it may be empty.
pub fn check_text(text: &str, warning: &str, has_pictures: bool) -> Result<()> {
    if text.trim().is_empty() && !has_pictures {
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

/// Whether a discussion may have this title.
pub fn check_title(title: &str) -> Result<()> {
    if title.trim().chars().count() > MAX_TITLE {
        return Err(Error::invalid("title", format!("A title may have {MAX_TITLE} characters.")));
    }
    Ok(())
}

/// Whether conflicts of interest may be declared in these words.
pub fn check_interests(interests: &str) -> Result<()> {
    if interests.trim().chars().count() > MAX_INTERESTS {
        return Err(Error::invalid("interests", format!("Please use {MAX_INTERESTS} characters or fewer.")));
    }
    Ok(())
}

/// Whether a poll may be asked like this.
pub fn check_poll(options: &[String], seconds: i64) -> Result<()> {
    let wrong = |words: String| Err(Error::invalid("poll", words));
    let (fewest, most) = POLL_OPTIONS.into_inner();
    if !POLL_OPTIONS.contains(&options.len()) {
        return wrong(format!("A poll needs {fewest} to {most} choices."));
    }
    if options.iter().any(|o| o.chars().count() > MAX_OPTION) {
        return wrong(format!("A choice may have {MAX_OPTION} characters."));
    }
    let mut known = std::collections::HashSet::new();
    if !options.iter().all(|o| known.insert(o.to_lowercase())) {
        return wrong("Two choices of the poll are the same.".into());
    }
    if !POLL_SECONDS.contains(&seconds) {
        return wrong("A poll runs for at least 5 minutes and at most a month.".into());
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
        Visibility::Group | Visibility::Direct => false,
    };
    if allowed {
        Ok(())
    } else {
        Err(Error::Forbidden("This post was not written for everybody, so it cannot be boosted."))
    }
}
