use std::collections::HashMap;

use crate::{
    error::{Error, Result},
    model::{Post, PostCard, PostEdit, PostId, Visibility},
    policy::Viewer,
    service::Ctx,
    store,
};

/// A post as the viewer may see it. What was deleted is gone; what is not for them is not found.
pub async fn read(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostCard> {
    let mut conn = ctx.pool.read().await?;
    match store::posts::find_card(&mut conn, viewer, id).await? {
        Some(card) => Ok(card),
        None => Err(why_not(&mut conn, id).await?),
    }
}

/// One entry of a list as the viewer may see it: a post, or a boost with the post that it passes on.
pub async fn entry(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostCard> {
    let mut conn = ctx.pool.read().await?;
    match store::posts::find_entry(&mut conn, viewer, id).await? {
        Some(card) => Ok(card),
        None => Err(why_not(&mut conn, id).await?),
    }
}

/// Several entries as the viewer may see them, in the order asked; the others are left out.
pub async fn several(ctx: &Ctx, viewer: &Viewer, ids: Vec<PostId>) -> Result<Vec<PostCard>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    store::posts::list_cards(&mut *ctx.pool.read().await?, viewer, ids).await
}

/// The hashtags of a post that a viewer has read.
pub async fn tags_of(ctx: &Ctx, id: PostId) -> Result<Vec<String>> {
    store::tags::list(&mut *ctx.pool.read().await?, id).await
}

/// Why a post cannot be read: only that a post once open to all was deleted is told to everybody.
async fn why_not(conn: &mut store::Conn, id: PostId) -> Result<Error> {
    Ok(match store::posts::find(conn, id).await? {
        Some(post) if post.deleted_at.is_some() && post.visibility.is_open() && post.boost_of_id.is_none() => {
            Error::Gone
        }
        Some(_) | None => Error::NotFound,
    })
}

/// The bare row of one of our posts, deleted ones too: for telling other servers.
pub async fn raw(ctx: &Ctx, id: PostId) -> Result<Post> {
    store::posts::find(&mut *ctx.pool.read().await?, id).await?.ok_or(Error::NotFound)
}

/// Tells a deleted post of ours (gone) from one that never was.
pub async fn gone_or_missing(ctx: &Ctx, id: PostId) -> Result<Error> {
    why_not(&mut *ctx.pool.read().await?, id).await
}

/// A post by its ActivityPub id, where we have it.
pub async fn by_uri(ctx: &Ctx, uri: &str) -> Result<Option<Post>> {
    store::posts::find_by_uri(&mut *ctx.pool.read().await?, uri).await
}

/// A post with what it answers and what answers it.
#[derive(Debug, Clone)]
pub struct Thread {
    /// What it answers, eldest first.
    pub ancestors: Vec<PostCard>,
    /// The post itself.
    pub post: PostCard,
    /// Answers in reading order, with their depth (1 is a direct answer): the oldest ones, or those after a place.
    pub replies: Vec<(usize, PostCard)>,
    /// Answers before these are left out.
    pub is_continued: bool,
    /// The place after which there are more.
    pub later: Option<i64>,
}

impl Thread {
    /// Whether all answers are there.
    pub fn is_whole(&self) -> bool {
        !self.is_continued && self.later.is_none()
    }

    /// How many answers are there.
    pub fn count(&self) -> i64 {
        i64::try_from(self.replies.len()).unwrap_or(i64::MAX)
    }
}

/// So many answers are read at once.
pub const ANSWERS: usize = 500;

/// What stands at the top of the thread that a post is in, as far as the viewer may see it: the post itself where it answers
/// nothing.
pub async fn top(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostCard> {
    let post = read(ctx, viewer, id).await?;
    let ancestors = store::posts::ancestors(&mut *ctx.pool.read().await?, viewer, id).await?;
    Ok(ancestors.into_iter().next().unwrap_or(post))
}

/// A thread as the viewer may see it, with the oldest answers, or those after a place.
pub async fn thread(ctx: &Ctx, viewer: &Viewer, id: PostId, after: Option<i64>) -> Result<Thread> {
    let post = read(ctx, viewer, id).await?;
    let mut conn = ctx.pool.read().await?;
    let ancestors = store::posts::ancestors(&mut conn, viewer, id).await?;
    crate::service::threads::read(ctx, viewer, &post.post).await?;
    let limit = i64::try_from(ANSWERS).unwrap_or(i64::MAX).saturating_add(1);
    let mut below = store::posts::descendants(&mut conn, viewer, id, after.unwrap_or(0), limit).await?;
    let more = below.len() > ANSWERS;
    below.truncate(ANSWERS);
    let later = below.last().filter(|_| more).map(|card| card.post.id.0);
    Ok(Thread { ancestors, post, replies: in_reading_order(id, below), is_continued: after.is_some(), later })
}

/// Depth first, oldest first. An answer whose parent is not among them, or may not be seen by the viewer, follows the post itself.
fn in_reading_order(root: PostId, cards: Vec<PostCard>) -> Vec<(usize, PostCard)> {
    let known: std::collections::HashSet<PostId> = cards.iter().map(|c| c.post.id).collect();
    let mut children: HashMap<PostId, Vec<PostCard>> = HashMap::new();
    for card in cards.into_iter().rev() {
        let parent = card.post.reply_to_id.filter(|p| known.contains(p)).unwrap_or(root);
        children.entry(parent).or_default().push(card);
    }
    let mut ordered = Vec::new();
    let mut stack: Vec<(usize, PostCard)> = children.remove(&root).into_iter().flatten().map(|c| (1, c)).collect();
    while let Some((depth, card)) = stack.pop() {
        let below = children.remove(&card.post.id).into_iter().flatten().map(|c| (depth + 1, c));
        stack.extend(below);
        ordered.push((depth, card));
    }
    ordered
}

/// What a post said before, oldest first. What waited in a group and was seen by nobody else is for its author and whoever leads the
/// group alone.
pub async fn history(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<(PostCard, Vec<PostEdit>)> {
    let card = read(ctx, viewer, id).await?;
    let mut conn = ctx.pool.read().await?;
    let all = super::strike::wrote_or_leads(ctx, &mut conn, viewer, &card.post).await?;
    let edits = store::posts::edits(&mut conn, id, all).await?;
    Ok((card, edits))
}

/// ActivityPub ids of the answers that a viewer may see: key and id, oldest first.
pub async fn reply_uris(ctx: &Ctx, viewer: &Viewer, id: PostId, after: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    store::posts::reply_uris(&mut *ctx.pool.read().await?, viewer, id, after, limit).await
}

/// Who will see a post, in words for the person who is about to write it.
pub fn audience_words(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "Everybody, on this and other servers",
        Visibility::Unlisted => "Everybody who has the link, and your followers",
        Visibility::Followers => "Your followers, and whom you mention",
        Visibility::Group => "The members of the group",
        Visibility::Direct => "Only whom you mention",
    }
}
