use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{AccountId, Author, Held, Json, Media, Named, Poll, PostId, text_enum::text_enum};
use crate::schema::posts;

text_enum! {
    /// Who a post is for.
    #[derive(Default)]
    Visibility {
        /// Everybody; listed.
        #[default]
        Public = "public",
        /// Everybody; not listed in public timelines.
        Unlisted = "unlisted",
        /// Followers and those mentioned.
        Followers = "followers",
        /// The group that it is in, and nobody else whoever is named.
        Group = "group",
        /// Those mentioned.
        Direct = "direct",
    }
}

impl Visibility {
    /// What a person chooses among; that a post is for a group follows from its being in one.
    pub const CHOICES: &'static [Self] = &[Self::Public, Self::Unlisted, Self::Followers, Self::Direct];

    /// What a word of a form stands for.
    pub fn chosen(text: &str) -> Option<Self> {
        Self::parse(text).filter(|visibility| Self::CHOICES.contains(visibility))
    }

    /// Whether anybody may read it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::Unlisted)
    }

    /// Whether such a post may stand on top of its author's page.
    pub fn is_pinnable(self) -> bool {
        !matches!(self, Self::Group | Self::Direct)
    }

    /// The narrower of two: an answer never reaches further than what it answers.
    #[must_use]
    pub fn narrower(self, other: Self) -> Self {
        self.max(other)
    }
}

text_enum! {
    /// How a post of ours was typed.
    #[derive(Default)]
    Markup {
        /// Markdown, on our pages.
        #[default]
        Markdown = "markdown",
        /// Plain words, in an app.
        Plain = "plain",
    }
}

text_enum! {
    /// What a post was sent as.
    PostKind {
        /// A short post.
        Note = "note",
        /// A long post with a title.
        Article = "article",
        /// A post of a group.
        Page = "page",
        /// A poll.
        Question = "question",
        /// An event.
        Event = "event",
        /// A video.
        Video = "video",
        /// Somebody passing on a post.
        Boost = "boost",
    }
}

/// A post or a boost. A deleted one keeps its row, emptied.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = posts)]
pub struct Post {
    /// Our id, sorted by time of publication.
    pub id: PostId,
    /// Who wrote it.
    pub author_id: AccountId,
    /// Whether it is ours.
    pub local: bool,
    /// ActivityPub id.
    pub uri: String,
    /// The page for people.
    pub url: String,
    /// What it was sent as.
    pub kind: PostKind,
    /// Who it is for.
    pub visibility: Visibility,
    /// What it passes on.
    pub boost_of_id: Option<PostId>,
    /// What it answers, where we have that.
    pub reply_to_id: Option<PostId>,
    /// ActivityPub id of what it answers.
    pub reply_to_uri: Option<String>,
    /// Title of articles and pages.
    pub title: String,
    /// Content warning.
    pub warning: String,
    /// Markdown (ours only).
    pub source: String,
    /// Safe HTML.
    pub html: String,
    /// BCP 47 code.
    pub language: String,
    /// Replies that we know of.
    pub replies_count: i64,
    /// Boosts that we know of.
    pub boosts_count: i64,
    /// Likes that we know of.
    pub likes_count: i64,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// When it was last edited.
    pub edited_at: Option<DateTime<Utc>>,
    /// When it was deleted.
    pub deleted_at: Option<DateTime<Utc>>,
    /// How it was typed (ours only).
    pub markup: Markup,
    /// Its author asks to look twice, with or without a warning in words.
    pub sensitive: bool,
    /// The group that it is in.
    pub group_id: Option<AccountId>,
    /// What of the group's topics it is about; empty where that is not said.
    pub topic: String,
    /// Why only its author and the moderators see it yet.
    pub held: Held,
    /// Since when nobody can answer.
    pub locked_at: Option<DateTime<Utc>>,
    /// Conflicts of interest, as its author declares them for this post.
    pub interests: String,
    /// What stands in place of its author's name, where it is a group's own for somebody who asked without it: "a verified
    /// cardiologist". Empty for all others.
    pub label: String,
    /// Why its group did not take it, or its moderators sent it back or removed it; empty where they did nothing of that.
    pub refusal: String,
}

/// A post as a timeline or thread shows it to one viewer: one row of one query.
#[derive(Debug, Clone, Queryable)]
pub struct PostCard {
    /// What the list is sorted by: the boost's id, or the post's own.
    pub entry_id: i64,
    /// The post (never a boost).
    pub post: Post,
    /// Who wrote it.
    pub author: Author,
    /// Who passed it on.
    pub boosted_by: Option<Named>,
    /// Whom it answers.
    pub replies_to: Option<Named>,
    /// The viewer likes it.
    pub liked: bool,
    /// The viewer boosted it.
    pub boosted: bool,
    /// The viewer saved it.
    pub bookmarked: bool,
    /// Its pictures, in order.
    pub media: Json<Vec<Media>>,
    /// Its poll.
    pub poll: Option<Json<Poll>>,
}

impl PostCard {
    /// Who is shown as its author, where that is no name: "A verified cardiologist, asked through Heart cases".
    pub fn byline(&self) -> Option<String> {
        let mut label = self.post.label.chars();
        let first = label.next()?;
        let group = if self.author.name.is_empty() { &self.author.username } else { &self.author.name };
        let how = if self.post.reply_to_uri.is_some() { "who asked, through" } else { "asked through" };
        Some(format!("{}{}, {how} {group}", first.to_uppercase(), label.as_str()))
    }

    /// The same without what its reader has done with it: as those see it who have done nothing.
    #[must_use]
    pub fn untouched(mut self) -> Self {
        (self.liked, self.boosted, self.bookmarked) = (false, false, false);
        if let Some(poll) = &mut self.poll {
            poll.0.own.clear();
        }
        self
    }
}

/// Somebody whom a post mentions.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Mentioned {
    /// Who.
    pub id: AccountId,
    /// User name.
    pub username: String,
    /// The page for people.
    pub url: String,
    /// `ada` or `ada@other.example`.
    pub handle: String,
}

/// What a post said before an edit.
#[derive(Debug, Clone, Queryable)]
pub struct PostEdit {
    /// Which version it is.
    pub id: i64,
    /// Content warning then.
    pub warning: String,
    /// Safe HTML then.
    pub html: String,
    /// When that was written.
    pub written_at: DateTime<Utc>,
    /// When its words were taken out.
    pub struck_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::Visibility::{Direct, Followers, Public, Unlisted};

    #[test]
    fn an_answer_is_never_wider_than_the_question() {
        assert_eq!(Public.narrower(Followers), Followers);
        assert_eq!(Direct.narrower(Public), Direct);
        assert_eq!(Unlisted.narrower(Public), Unlisted);
    }
}
