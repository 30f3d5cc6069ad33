//! Posts as a viewer sees them: one query reads the cards of any list.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{AsSelect, SqlTypeOf},
    pg::Pg,
    prelude::*,
    sql_types::*,
};
use diesel_async::RunQueryDsl;

use super::super::{
    Conn,
    accounts::{AUTHOR, AuthorSql},
    fault,
    media::MEDIA_OF_POST,
    polls::POLL_OF_POST,
    sql::{Sql, sql},
    visible::{VISIBLE, WANTED},
};
use crate::{
    error::Result,
    model::{AccountId, Post, PostCard, PostId},
    policy::Viewer,
};

const POST: &str = "p.id, p.author_id, p.local, p.uri, p.url, p.kind, p.visibility, p.boost_of_id, p.reply_to_id, \
    p.reply_to_uri, p.title, p.warning, p.source, p.html, p.language, p.replies_count, p.boosts_count, p.likes_count, \
    p.published_at, p.edited_at, p.deleted_at, p.markup, p.sensitive";

type PostSql = SqlTypeOf<AsSelect<Post, Pg>>;
type CardSql = (
    BigInt,
    PostSql,
    AuthorSql,
    Nullable<(BigInt, Text, Text)>,
    Nullable<(Text, Text)>,
    Bool,
    Bool,
    Bool,
    Jsonb,
    Nullable<Jsonb>,
);

/// A query for cards. `entry` names the sort key, `from` yields posts or boosts as `e`, `rest` is conditions,
/// order and limit. `$1` and `$2` are the viewer's.
pub(in crate::store) fn cards(entry: &str, from: &str, rest: &str, viewer: &Viewer) -> Sql<CardSql> {
    let flags = if viewer.account().is_some() {
        "EXISTS (SELECT 1 FROM likes l WHERE l.post_id = p.id AND l.account_id = $1), \
         EXISTS (SELECT 1 FROM posts x WHERE x.boost_of_id = p.id AND x.author_id = $1 AND x.deleted_at IS NULL), \
         EXISTS (SELECT 1 FROM bookmarks k WHERE k.post_id = p.id AND k.account_id = $1)"
    } else {
        "false, false, false"
    };
    sql::<CardSql>(format!(
        "SELECT {entry}, {POST}, {AUTHOR}, b.id, b.name, b.username || coalesce('@' || b.host, ''), \
           ra.name, ra.username || coalesce('@' || ra.host, ''), {flags}, {MEDIA_OF_POST}, {POLL_OF_POST} \
         FROM {from} JOIN posts p ON p.id = coalesce(e.boost_of_id, e.id) JOIN accounts a ON a.id = p.author_id \
         LEFT JOIN accounts b ON e.boost_of_id IS NOT NULL AND b.id = e.author_id \
         LEFT JOIN posts rp ON rp.id = p.reply_to_id LEFT JOIN accounts ra ON ra.id = rp.author_id \
         WHERE {VISIBLE} AND e.deleted_at IS NULL {rest}"
    ))
    .viewer(viewer)
}

/// One post as a viewer may see it.
pub async fn find_card(conn: &mut Conn, viewer: &Viewer, id: PostId) -> Result<Option<PostCard>> {
    cards("e.id", "posts e", "AND e.id = $3 AND e.boost_of_id IS NULL", viewer)
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// One entry of a list as a viewer may see it: a post, or somebody passing one on.
pub async fn find_entry(conn: &mut Conn, viewer: &Viewer, id: PostId) -> Result<Option<PostCard>> {
    cards("e.id", "posts e", "AND e.id = $3", viewer)
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Several posts as a viewer may see them, in the order asked.
pub async fn list_cards(conn: &mut Conn, viewer: &Viewer, ids: Vec<PostId>) -> Result<Vec<PostCard>> {
    cards("e.id", "posts e", "AND e.id = ANY($3) ORDER BY array_position($3, e.id)", viewer)
        .bind::<Array<BigInt>, _>(ids)
        .load(conn)
        .await
        .map_err(fault)
}

/// What posts are looked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// All of these words.
    pub words: String,
    /// By this person only.
    pub author: Option<AccountId>,
    /// Older than this one.
    pub below: Option<i64>,
    /// Newer than this one.
    pub above: Option<i64>,
    /// So many are passed over.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// Posts with all of some words, newest first, as far as the viewer may see them and they were written to be found.
pub async fn search(conn: &mut Conn, viewer: &Viewer, query: &Query) -> Result<Vec<PostCard>> {
    cards(
        "e.id",
        "posts e",
        &format!(
            "AND e.boost_of_id IS NULL AND post_words(e.title, e.warning, e.html) @@ plainto_tsquery('simple', $3) AND {WANTED} \
             AND ($4::bigint IS NULL OR e.author_id = $4) AND e.id < $5 AND e.id > $6 \
             AND ((p.visibility = 'public' AND a.discoverable) OR p.author_id = $1 \
               OR EXISTS (SELECT 1 FROM mentions m WHERE m.post_id = p.id AND m.account_id = $1) \
               OR EXISTS (SELECT 1 FROM likes l WHERE l.post_id = p.id AND l.account_id = $1) \
               OR EXISTS (SELECT 1 FROM bookmarks k WHERE k.post_id = p.id AND k.account_id = $1) \
               OR EXISTS (SELECT 1 FROM posts x WHERE x.boost_of_id = p.id AND x.author_id = $1 AND x.deleted_at IS NULL)) \
             ORDER BY e.id DESC OFFSET $7 LIMIT $8"
        ),
        viewer,
    )
    .bind::<Text, _>(query.words.clone())
    .bind::<Nullable<BigInt>, _>(query.author)
    .bind::<BigInt, _>(query.below.unwrap_or(i64::MAX))
    .bind::<BigInt, _>(query.above.unwrap_or(i64::MIN))
    .bind::<BigInt, _>(query.offset.clamp(0, 1_000))
    .bind::<BigInt, _>(query.limit.clamp(1, 40))
    .load(conn)
    .await
    .map_err(fault)
}

/// Who is mentioned in these posts: post, account, user name, page, handle.
pub async fn mentions_of(
    conn: &mut Conn,
    posts: Vec<PostId>,
) -> Result<Vec<(PostId, AccountId, String, String, String)>> {
    sql::<(BigInt, BigInt, Text, Text, Text)>(
        "SELECT m.post_id, a.id, a.username, a.url, a.username || coalesce('@' || a.host, '') FROM mentions m \
         JOIN accounts a ON a.id = m.account_id WHERE m.post_id = ANY($1) ORDER BY m.post_id, a.id",
    )
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)
}

/// The programs that these posts of ours were written with: post, name, page.
pub async fn apps_of(conn: &mut Conn, posts: Vec<PostId>) -> Result<Vec<(PostId, String, String)>> {
    sql::<(BigInt, Text, Text)>(
        "SELECT p.id, x.name, x.website FROM posts p JOIN apps x ON x.id = p.app_id WHERE p.id = ANY($1)",
    )
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)
}

/// What is told of a boost itself: its id, its ActivityPub id, its page, its time; and of answered posts: id and author.
pub async fn boosts_and_answered(
    conn: &mut Conn,
    boosts: Vec<PostId>,
    answered: Vec<PostId>,
) -> Result<Vec<(PostId, AccountId, String, String, DateTime<Utc>)>> {
    sql::<(BigInt, BigInt, Text, Text, Timestamptz)>(
        "SELECT id, author_id, uri, url, published_at FROM posts WHERE id = ANY($1) OR id = ANY($2)",
    )
    .bind::<Array<BigInt>, _>(boosts)
    .bind::<Array<BigInt>, _>(answered)
    .load(conn)
    .await
    .map_err(fault)
}

/// What a post answers, eldest first, as far as a viewer may see it; at most 100 steps (R11).
pub async fn ancestors(conn: &mut Conn, viewer: &Viewer, id: PostId) -> Result<Vec<PostCard>> {
    cards(
        "e.id",
        "(WITH RECURSIVE up AS (SELECT reply_to_id AS id, 1 AS step FROM posts WHERE id = $3 \
           UNION ALL SELECT q.reply_to_id, up.step + 1 FROM posts q JOIN up ON q.id = up.id WHERE up.step < 100) \
         SELECT q.*, up.step FROM up JOIN posts q ON q.id = up.id) e",
        "ORDER BY e.step DESC",
        viewer,
    )
    .bind::<BigInt, _>(id)
    .load(conn)
    .await
    .map_err(fault)
}

/// Everything below a post as far as a viewer may see it, oldest first; at most 500 posts, 100 steps deep.
pub async fn descendants(conn: &mut Conn, viewer: &Viewer, id: PostId) -> Result<Vec<PostCard>> {
    cards(
        "e.id",
        "(WITH RECURSIVE down AS (SELECT id, 1 AS step FROM posts WHERE reply_to_id = $3 \
           UNION ALL SELECT q.id, down.step + 1 FROM posts q JOIN down ON q.reply_to_id = down.id WHERE down.step < 100) \
         SELECT q.* FROM down JOIN posts q ON q.id = down.id ORDER BY q.id LIMIT 500) e",
        &format!("AND {WANTED} ORDER BY e.id"),
        viewer,
    )
    .bind::<BigInt, _>(id)
    .load(conn)
    .await
    .map_err(fault)
}

/// Whether a viewer may read a post, by SQL alone; `policy::visibility` must agree.
pub async fn is_visible(conn: &mut Conn, viewer: &Viewer, id: PostId) -> Result<bool> {
    sql::<Bool>(format!(
        "SELECT EXISTS (SELECT 1 FROM posts p JOIN accounts a ON a.id = p.author_id WHERE {VISIBLE} AND p.id = $3)"
    ))
    .viewer(viewer)
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .await
    .map_err(fault)
}
