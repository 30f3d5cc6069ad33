//! Posts: what is written keeps the counters true. What is read for a viewer is in `cards`.

mod cards;
mod gone;
mod held;
pub mod shown;
pub mod strike;

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

pub(super) use cards::cards;
pub use cards::{
    Query, ancestors, boosts_and_answered, descendants, find_card, find_entry, is_visible, list_cards, list_wanted,
    parts_of, search,
};
pub use gone::{bury, bury_all_of, bury_below, insert_tombstone};
pub use held::set_held;

use super::{
    Conn, fault,
    sql::{command, sql},
    visible::VISIBLE,
};
use crate::{
    error::{Error, Result},
    model::{AccountId, AppId, Held, Markup, Post, PostEdit, PostId, Visibility},
    policy::Viewer,
    schema::posts,
};

/// The bare row, for rules that change it. Deleted ones too.
pub async fn find(conn: &mut Conn, id: PostId) -> Result<Option<Post>> {
    posts::table.find(id).select(Post::as_select()).first(conn).await.optional().map_err(fault)
}

/// The bare row, locked until the transaction ends; [`Error::NotFound`] where it is deleted.
pub async fn lock(conn: &mut Conn, id: PostId) -> Result<Post> {
    lock_answered(conn, id).await?;
    posts::table
        .find(id)
        .filter(posts::deleted_at.is_null())
        .select(Post::as_select())
        .for_update()
        .first(conn)
        .await
        .map_err(fault)
}

/// Locks what a post answers, whose number of replies may be stepped. Posts are locked before the rows of cases and of accounts, and
/// what is answered before its answers: a withdrawal goes down from its case, and whoever came up to it from an answer would wait for
/// it while it waits for them.
async fn lock_answered(conn: &mut Conn, id: PostId) -> Result<()> {
    command(
        "SELECT p.id FROM posts p WHERE p.id = (SELECT a.reply_to_id FROM posts a WHERE a.id = $1) \
         FOR NO KEY UPDATE",
    )
    .bind::<BigInt, _>(id)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Keeps a post from being emptied until the transaction ends; [`Error::NotFound`] where it is deleted.
pub async fn hold(conn: &mut Conn, id: PostId) -> Result<()> {
    let _: PostId = posts::table
        .find(id)
        .filter(posts::deleted_at.is_null())
        .select(posts::id)
        .for_key_share()
        .first(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// By ActivityPub id, deleted ones too.
pub async fn find_by_uri(conn: &mut Conn, uri: &str) -> Result<Option<Post>> {
    posts::table.filter(posts::uri.eq(uri)).select(Post::as_select()).first(conn).await.optional().map_err(fault)
}

/// Which of these ActivityPub ids we have.
pub async fn known_uris(conn: &mut Conn, uris: Vec<String>) -> Result<Vec<String>> {
    posts::table.filter(posts::uri.eq_any(uris)).select(posts::uri).load(conn).await.map_err(fault)
}

/// A post of ours.
#[derive(Debug)]
pub struct NewPost {
    /// Author.
    pub author: AccountId,
    /// The ActivityPub id is this and the post's id.
    pub uri_base: String,
    /// The page is this and the post's id.
    pub url_base: String,
    /// Who it is for.
    pub visibility: Visibility,
    /// What it answers: id and ActivityPub id.
    pub reply_to: Option<(PostId, String)>,
    /// Content warning.
    pub warning: String,
    /// As it was typed.
    pub source: String,
    /// How it was typed.
    pub markup: Markup,
    /// Its author asks to look twice.
    pub sensitive: bool,
    /// The program that it was written with.
    pub app: Option<AppId>,
    /// Safe HTML.
    pub html: String,
    /// Code.
    pub language: String,
    /// Who is mentioned.
    pub mentions: Vec<AccountId>,
    /// Hashtags, lower case.
    pub tags: Vec<String>,
    /// When.
    pub published_at: DateTime<Utc>,
    /// Title; empty for none.
    pub title: String,
    /// What of its group's topics it is about.
    pub topic: String,
    /// The group that it is in, and why it is held back there.
    pub group: Option<(AccountId, Held)>,
}

/// Stores a post of ours with its mentions and hashtags.
pub async fn insert(conn: &mut Conn, new: NewPost) -> Result<PostId> {
    let (reply_to_id, reply_to_uri) = new.reply_to.unzip();
    let held = new.group.map_or(Held::No, |group| group.1);
    let id: PostId = sql::<BigInt>(
        "WITH n AS (SELECT timestamp_id($12) AS id) \
         INSERT INTO posts (id, author_id, local, uri, url, visibility, reply_to_id, reply_to_uri, warning, source, html, language, published_at, markup, sensitive, app_id, title, topic, group_id, held, kind) \
         SELECT n.id, $1, true, $2 || n.id, $3 || n.id, $4, $5, $6, $7, $8, $9, $10, $11, $13, $14, $15, $16, $17, $18, $19, CASE WHEN $18::bigint IS NULL OR $6 IS NOT NULL THEN 'note' ELSE 'page' END FROM n RETURNING id",
    )
    .bind::<BigInt, _>(new.author)
    .bind::<Text, _>(new.uri_base)
    .bind::<Text, _>(new.url_base)
    .bind::<Text, _>(new.visibility)
    .bind::<Nullable<BigInt>, _>(reply_to_id)
    .bind::<Nullable<Text>, _>(reply_to_uri)
    .bind::<Text, _>(new.warning)
    .bind::<Text, _>(new.source)
    .bind::<Text, _>(new.html)
    .bind::<Text, _>(new.language)
    .bind::<Timestamptz, _>(new.published_at)
    .bind::<Timestamptz, _>(new.published_at)
    .bind::<Text, _>(new.markup)
    .bind::<Bool, _>(new.sensitive)
    .bind::<Nullable<BigInt>, _>(new.app)
    .bind::<Text, _>(new.title)
    .bind::<Text, _>(new.topic)
    .bind::<Nullable<BigInt>, _>(new.group.map(|group| group.0))
    .bind::<Text, _>(held)
    .get_result(conn)
    .await
    .map_err(fault)?;
    put_mentions(conn, id, new.mentions).await?;
    super::tags::put(conn, id, new.tags).await?;
    if new.visibility.is_open() && held == Held::No {
        count(conn, new.author, reply_to_id).await?;
    }
    Ok(id)
}

/// Adds mentions to a post.
pub async fn put_mentions(conn: &mut Conn, id: PostId, accounts: Vec<AccountId>) -> Result<()> {
    command("INSERT INTO mentions (post_id, account_id) SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING")
        .bind::<BigInt, _>(id)
        .bind::<Array<BigInt>, _>(accounts)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Who is mentioned in a post: id, ActivityPub id, handle.
pub async fn mentions(conn: &mut Conn, id: PostId) -> Result<Vec<(AccountId, String, String)>> {
    sql::<(BigInt, Text, Text)>(
        "SELECT a.id, a.uri, a.username || coalesce('@' || a.host, '') FROM mentions m JOIN accounts a ON a.id = m.account_id \
         WHERE m.post_id = $1 ORDER BY a.id",
    )
    .bind::<BigInt, _>(id)
    .load(conn)
    .await
    .map_err(fault)
}

/// Steps the author's number of posts, and that of replies of what it answers: of open posts that nobody holds back, as a number
/// that counts the others would tell of them.
async fn count(conn: &mut Conn, author: AccountId, parent: Option<PostId>) -> Result<()> {
    if let Some(parent) = parent {
        command("UPDATE posts SET replies_count = replies_count + 1 WHERE id = $1")
            .bind::<BigInt, _>(parent)
            .execute(conn)
            .await
            .map_err(fault)?;
    }
    command("UPDATE accounts SET posts_count = posts_count + 1 WHERE id = $1")
        .bind::<BigInt, _>(author)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// New words for a post.
#[derive(Debug)]
pub struct Edit {
    /// Title of articles.
    pub title: String,
    /// Content warning.
    pub warning: String,
    /// Markdown (ours only).
    pub source: String,
    /// Safe HTML.
    pub html: String,
    /// Code.
    pub language: String,
    /// Who is mentioned now.
    pub mentions: Vec<AccountId>,
    /// Hashtags now.
    pub tags: Vec<String>,
    /// Its author asks to look twice.
    pub sensitive: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// Notes when a post was changed whose words are the same.
pub async fn set_edited(conn: &mut Conn, id: PostId, at: DateTime<Utc>) -> Result<()> {
    diesel::update(posts::table.find(id)).set(posts::edited_at.eq(at)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Whether anybody but its author has answered a post.
pub async fn is_answered(conn: &mut Conn, id: PostId) -> Result<bool> {
    sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM posts q JOIN posts p ON p.id = q.reply_to_id \
         WHERE p.id = $1 AND q.author_id <> p.author_id AND q.deleted_at IS NULL)",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Rewrites a post, as it was until now, and keeps what it said before: whether others could read that, and, of one of ours, what
/// it had beside its words.
pub async fn update(conn: &mut Conn, post: &Post, edit: Edit) -> Result<()> {
    command(
        "INSERT INTO post_edits (post_id, warning, source, html, written_at, shown, language, sensitive, media, choices) \
         SELECT p.id, p.warning, p.source, p.html, coalesce(p.edited_at, p.published_at), $2, p.language, p.sensitive, \
           CASE WHEN p.local THEN ARRAY(SELECT m.id FROM media m WHERE m.post_id = p.id ORDER BY m.place) END, \
           (SELECT array_agg(o.title ORDER BY o.place) FROM poll_options o WHERE o.post_id = p.id) \
         FROM posts p WHERE p.id = $1",
    )
    .bind::<BigInt, _>(post.id)
    .bind::<Bool, _>(post.held == Held::No)
    .execute(conn)
    .await
    .map_err(fault)?;
    put_words(conn, post.id, edit).await
}

/// Gives a post other words in place of those that it has.
async fn put_words(conn: &mut Conn, id: PostId, edit: Edit) -> Result<()> {
    diesel::update(posts::table.find(id))
        .set((
            posts::title.eq(edit.title),
            posts::warning.eq(edit.warning),
            posts::source.eq(edit.source),
            posts::html.eq(edit.html),
            posts::language.eq(edit.language),
            posts::sensitive.eq(edit.sensitive),
            posts::edited_at.eq(edit.at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    put_mentions(conn, id, edit.mentions).await?;
    super::tags::clear(conn, id).await?;
    super::tags::put(conn, id, edit.tags).await?;
    super::streams::edited(conn, id).await
}

/// What a post said before, oldest first: `all` of it, or what others could read of it.
pub async fn edits(conn: &mut Conn, id: PostId, all: bool) -> Result<Vec<PostEdit>> {
    sql::<(BigInt, Text, Text, Timestamptz, Nullable<Timestamptz>)>(
        "SELECT id, warning, html, written_at, struck_at FROM post_edits WHERE post_id = $1 AND (shown OR $2) \
         ORDER BY id LIMIT 200",
    )
    .bind::<BigInt, _>(id)
    .bind::<Bool, _>(all)
    .load(conn)
    .await
    .map_err(fault)
}

/// ActivityPub ids of the answers to a post that a viewer may see, oldest first.
pub async fn reply_uris(
    conn: &mut Conn,
    viewer: &Viewer,
    id: PostId,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, String)>> {
    sql::<(BigInt, Text)>(format!(
        "SELECT p.id, p.uri FROM posts p JOIN accounts a ON a.id = p.author_id \
         WHERE {VISIBLE} AND p.reply_to_id = $3 AND p.id > $4 ORDER BY p.id LIMIT $5"
    ))
    .viewer(viewer)
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}
/// The row, or the error that everybody gets: gone where it was deleted and had been open to all, not found where it was not or
/// never was there.
pub async fn get_or_gone(conn: &mut Conn, id: PostId) -> Result<Post> {
    match find(conn, id).await? {
        Some(post) if post.deleted_at.is_none() => Ok(post),
        Some(post) if post.visibility.is_open() && post.boost_of_id.is_none() => Err(Error::Gone),
        Some(_) | None => Err(Error::NotFound),
    }
}

/// A post by its ActivityPub id or by our own page of it.
pub async fn find_by_address(conn: &mut Conn, address: &str) -> Result<Option<PostId>> {
    sql::<BigInt>(
        "SELECT id FROM posts WHERE uri = $1 AND boost_of_id IS NULL AND deleted_at IS NULL \
         UNION ALL SELECT p.id FROM posts p WHERE p.id = (substring($1 from '/@[^/]+/([0-9]{1,18})$'))::bigint \
           AND p.url = $1 AND p.boost_of_id IS NULL AND p.deleted_at IS NULL LIMIT 1",
    )
    .bind::<Text, _>(address.to_owned())
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}
