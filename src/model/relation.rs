use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{FilterId, FilterKeywordId, FilterPostId, ListId, PostId, text_enum::text_enum};

text_enum! {
    /// Which answers a list shows.
    ListReplies {
        /// Those to anybody whom one follows.
        Followed = "followed",
        /// Those to members of the list.
        List = "list",
        /// None.
        None = "none",
    }
}

/// People whose posts are read apart.
#[derive(Debug, Clone, Queryable)]
pub struct List {
    /// Its id.
    pub id: ListId,
    /// Its name.
    pub title: String,
    /// Which answers it shows.
    pub replies: ListReplies,
    /// Its members' posts are on the list alone, not at home.
    pub exclusive: bool,
}

text_enum! {
    /// Where a filter holds.
    FilterContext {
        /// Home and lists.
        Home = "home",
        /// Notifications.
        Notifications = "notifications",
        /// Public timelines.
        Public = "public",
        /// A post with its thread.
        Thread = "thread",
        /// Somebody's page.
        Account = "account",
    }
}

text_enum! {
    /// What a filter does.
    FilterAction {
        /// The post is folded away under the filter's name.
        Warn = "warn",
        /// The post is left out.
        Hide = "hide",
        /// Its pictures are covered.
        Blur = "blur",
    }
}

/// Words and posts that somebody does not want to see, or not at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// Its id.
    pub id: FilterId,
    /// Its name.
    pub title: String,
    /// Where it holds.
    pub contexts: Vec<FilterContext>,
    /// What it does.
    pub action: FilterAction,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// Words.
    pub keywords: Vec<FilterKeyword>,
    /// Posts.
    pub posts: Vec<FilterPost>,
}

/// A word of a filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilterKeyword {
    /// Its id.
    pub id: FilterKeywordId,
    /// The word or words.
    pub keyword: String,
    /// Only where it stands as a word of its own.
    pub whole_word: bool,
}

/// A post of a filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilterPost {
    /// Its id.
    pub id: FilterPostId,
    /// Which.
    pub post_id: PostId,
}
