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
    model::{self, AccountId, Mentioned, Post, PostCard, PostId},
    policy::Viewer,
};

const POST: &str = "p.id, p.author_id, p.local, p.uri, p.url, p.kind, p.visibility, p.boost_of_id, p.reply_to_id, \
    p.reply_to_uri, p.title, p.warning, p.source, p.html, p.language, p.replies_count, p.boosts_count, p.likes_count, \
    p.published_at, p.edited_at, p.deleted_at, p.markup, p.sensitive, p.group_id, p.topic, p.held, p.locked_at, p.interests, p.label, \
    p.refusal";

type PostSql = SqlTypeOf<AsSelect<Post, Pg>>;
type NamedSql = Nullable<(BigInt, Text, Text, Nullable<Jsonb>)>;
type CardSql = (BigInt, PostSql, AuthorSql, NamedSql, NamedSql, Bool, Bool, Bool, Jsonb, Nullable<Jsonb>);

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
        "SELECT {entry}, {POST}, {AUTHOR}, b.id, b.name, b.username || coalesce('@' || b.host, ''), b.badge, \
           ra.id, CASE WHEN rp.label = '' THEN ra.name ELSE rp.label END, ra.username || coalesce('@' || ra.host, ''), ra.badge, {flags}, {MEDIA_OF_POST}, {POLL_OF_POST} \
         FROM {from} JOIN posts p ON p.id = coalesce(e.boost_of_id, e.id) JOIN accounts a ON a.id = p.author_id \
         LEFT JOIN accounts b ON e.boost_of_id IS NOT NULL AND b.id = e.author_id \
         LEFT JOIN posts rp ON rp.id = p.reply_to_id LEFT JOIN accounts ra ON ra.id = rp.author_id \
         WHERE {VISIBLE} AND e.deleted_at IS NULL \
           AND (b.id IS NULL OR (b.state = 'active' AND NOT EXISTS (SELECT 1 FROM blocks bb WHERE bb.account_id = b.id AND bb.target_id = $1))) {rest}"
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

/// The same without what the viewer put out of their sight.
pub async fn list_wanted(conn: &mut Conn, viewer: &Viewer, ids: Vec<PostId>) -> Result<Vec<PostCard>> {
    let rest = format!("AND e.id = ANY($3) AND {WANTED} ORDER BY array_position($3, e.id)");
    cards("e.id", "posts e", &rest, viewer).bind::<Array<BigInt>, _>(ids).load(conn).await.map_err(fault)
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

/// The newest posts, of one author where `$4` is one. So many are looked through before the index of words is asked: a
/// frequent word stands in them often enough, and a rare one is found in the index at once.
fn newest(author: Option<AccountId>) -> String {
    let theirs = if author.is_some() { "author_id = $4 AND" } else { "" };
    format!("(SELECT * FROM posts WHERE {theirs} deleted_at IS NULL AND id < $5 ORDER BY id DESC LIMIT 2000) e")
}

/// Posts by the index of words. `OFFSET 0` keeps the planner from walking through all posts by their ids instead.
const BY_INDEX: &str = "(SELECT * FROM posts WHERE words @@ plainto_tsquery('simple', $3) AND deleted_at IS NULL AND boost_of_id IS NULL OFFSET 0) e";

/// Posts with all of some words, newest first, as far as the viewer may see them and they were written to be found.
pub async fn search(conn: &mut Conn, viewer: &Viewer, query: &Query) -> Result<Vec<PostCard>> {
    let limit = query.limit.clamp(1, 40);
    let newest = found(conn, viewer, query, &newest(query.author), limit).await?;
    if i64::try_from(newest.len()).is_ok_and(|n| n == limit) {
        return Ok(newest);
    }
    found(conn, viewer, query, BY_INDEX, limit).await
}

async fn found(conn: &mut Conn, viewer: &Viewer, query: &Query, from: &str, limit: i64) -> Result<Vec<PostCard>> {
    cards(
        "e.id",
        from,
        &format!(
            "AND e.boost_of_id IS NULL AND e.words @@ plainto_tsquery('simple', $3) AND p.visibility <> 'group' AND {WANTED} \
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
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// What a list of posts needs beside its cards: post, whether it is pinned, whether the viewer has muted its thread, the
/// program that it was written with (name, page), its hashtags, and whom it mentions.
pub(in crate::store) type PartsRow =
    (PostId, bool, bool, Option<(String, String)>, Vec<String>, model::Json<Vec<Mentioned>>);
type PartsSql = (BigInt, Bool, Bool, Nullable<(Text, Text)>, Array<Text>, Jsonb);

/// These parts of posts that a viewer has read.
pub async fn parts_of(conn: &mut Conn, viewer: Option<AccountId>, posts: Vec<PostId>) -> Result<Vec<PartsRow>> {
    // Most people have muted no thread: they pay for no look at threads.
    sql::<PartsSql>(
        "SELECT p.id, EXISTS (SELECT 1 FROM pins WHERE post_id = p.id), \
           CASE WHEN (SELECT EXISTS (SELECT 1 FROM thread_mutes WHERE account_id = $1)) THEN thread_muted($1, p.id) ELSE false END, \
           x.name, x.website, \
           ARRAY(SELECT t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id = p.id ORDER BY t.name), \
           coalesce((SELECT jsonb_agg(jsonb_build_object('id', a.id, 'username', a.username, 'url', a.url, \
               'handle', a.username || coalesce('@' || a.host, '')) ORDER BY a.id) \
             FROM mentions m JOIN accounts a ON a.id = m.account_id WHERE m.post_id = p.id), '[]') \
         FROM posts p LEFT JOIN apps x ON x.id = p.app_id WHERE p.id = ANY($2)",
    )
    .bind::<Nullable<BigInt>, _>(viewer)
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

/// What stands below a post as far as a viewer may see it, 100 steps deep, oldest first: at most so many, of what is newer than an
/// id.
pub async fn descendants(
    conn: &mut Conn,
    viewer: &Viewer,
    id: PostId,
    after: i64,
    limit: i64,
) -> Result<Vec<PostCard>> {
    cards(
        "e.id",
        "(WITH RECURSIVE down AS (SELECT id, 1 AS step FROM posts WHERE reply_to_id = $3 \
           UNION ALL SELECT q.id, down.step + 1 FROM posts q JOIN down ON q.reply_to_id = down.id WHERE down.step < 100) \
         SELECT q.* FROM down JOIN posts q ON q.id = down.id WHERE down.id > $4) e",
        &format!("AND {WANTED} ORDER BY e.id LIMIT $5"),
        viewer,
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(limit)
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
