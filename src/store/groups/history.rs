//! What groups show: ours to servers that may have it, and when those of other servers are asked for what they have shown before
//! somebody here belonged to them.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, PostId},
    policy::Viewer,
    store::{
        Conn, fault,
        page::{Page, Paged},
        sql::{command, sql},
        visible::VISIBLE,
    },
};

/// A post that a group shows, as other servers find it.
#[derive(Debug, Clone, Queryable)]
pub struct Shown {
    /// Our id.
    pub id: PostId,
    /// Its ActivityPub id.
    pub uri: String,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// ActivityPub id of what it answers in the group; none for what opens a discussion.
    pub answers: Option<String>,
    /// Nobody answers it any more.
    pub ended: bool,
}

/// What a group shows, newest first, as the viewer may see it. Answers to what is gone or held are left out.
pub async fn shown(conn: &mut Conn, viewer: &Viewer, group: AccountId, page: &Page) -> Result<Paged<Shown>> {
    let order = page.order();
    let rows: Vec<Shown> = sql::<(BigInt, Text, Timestamptz, Nullable<Text>, Bool)>(format!(
        "SELECT p.id, p.uri, p.published_at, o.uri, p.locked_at IS NOT NULL FROM posts p JOIN accounts a ON a.id = p.author_id \
         LEFT JOIN posts o ON o.id = p.reply_to_id AND o.group_id = p.group_id AND o.held = '' AND o.deleted_at IS NULL \
         WHERE {VISIBLE} AND p.group_id = $3 AND p.boost_of_id IS NULL AND p.held = '' AND (p.reply_to_uri IS NULL OR o.id IS NOT NULL) \
           AND p.id < $4 AND p.id > $5 ORDER BY p.id {order} LIMIT $6"
    ))
    .viewer(viewer)
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |row| row.id.0))
}

/// What opened the discussion that a post in a group is in, at most 100 steps up: its id, its ActivityPub id, and whether it is ours.
pub async fn opened_with(conn: &mut Conn, id: PostId) -> Result<Option<(PostId, String, bool)>> {
    sql::<(BigInt, Text, Bool)>(
        "WITH RECURSIVE up AS (SELECT id, reply_to_id, reply_to_uri, uri, local, group_id, 1 AS step FROM posts WHERE id = $1 \
           UNION ALL SELECT q.id, q.reply_to_id, q.reply_to_uri, q.uri, q.local, q.group_id, up.step + 1 \
           FROM posts q JOIN up ON q.id = up.reply_to_id AND q.group_id = up.group_id WHERE up.step < 100) \
         SELECT id, uri, local FROM up WHERE reply_to_uri IS NULL",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// ActivityPub ids of a discussion and of its answers in the same group, oldest first, as the viewer may see them.
pub async fn discussion(conn: &mut Conn, viewer: &Viewer, id: PostId, limit: i64) -> Result<Vec<String>> {
    sql::<Text>(format!(
        "WITH RECURSIVE down AS (SELECT id, group_id, 1 AS step FROM posts WHERE id = $3 \
           UNION ALL SELECT q.id, q.group_id, down.step + 1 FROM posts q \
           JOIN down ON q.reply_to_id = down.id AND q.group_id = down.group_id WHERE down.step < 100) \
         SELECT p.uri FROM down d JOIN posts p ON p.id = d.id JOIN accounts a ON a.id = p.author_id \
         WHERE {VISIBLE} AND p.held = '' ORDER BY p.id LIMIT $4"
    ))
    .viewer(viewer)
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// A group of another server is asked soon for what it has shown before, where it never was, and where nobody here but `who`
/// belongs to it: in the meantime nothing came.
pub async fn want_history(conn: &mut Conn, group: AccountId, who: AccountId) -> Result<()> {
    command(
        "INSERT INTO group_histories (group_id, due_at) VALUES ($1, now()) ON CONFLICT (group_id) DO UPDATE \
         SET due_at = now(), attempts = 0 WHERE NOT EXISTS (SELECT 1 FROM follows f \
           JOIN accounts a ON a.id = f.follower_id AND a.host_id IS NULL \
           WHERE f.target_id = $1 AND f.state = 'accepted' AND f.follower_id <> $2)",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(who)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Takes groups that are due until a time: which, and how often they were asked by now.
pub async fn claim_histories(
    conn: &mut Conn,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(AccountId, i32)>> {
    sql::<(BigInt, Integer)>(
        "UPDATE group_histories SET due_at = $2, attempts = attempts + 1 WHERE group_id IN ( \
           SELECT group_id FROM group_histories WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) \
         RETURNING group_id, attempts",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// A group is asked no more, or again at a time.
pub async fn settle_history(conn: &mut Conn, group: AccountId, again: Option<DateTime<Utc>>) -> Result<()> {
    command(
        "UPDATE group_histories SET due_at = coalesce($2::timestamptz, 'infinity'), \
           attempts = CASE WHEN $2::timestamptz IS NULL THEN 0 ELSE attempts END \
         WHERE group_id = $1",
    )
    .bind::<BigInt, _>(group)
    .bind::<Nullable<Timestamptz>, _>(again)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Whether a group is asked for what it has shown before, or will be.
pub async fn history_waits(conn: &mut Conn, group: AccountId) -> Result<bool> {
    sql::<Bool>("SELECT EXISTS (SELECT 1 FROM group_histories WHERE group_id = $1 AND due_at < 'infinity')")
        .bind::<BigInt, _>(group)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Which of these ActivityPub ids need not be fetched for a group: posts that are in it, ours, or gone.
pub async fn settled_among(conn: &mut Conn, group: AccountId, uris: Vec<String>) -> Result<Vec<String>> {
    sql::<Text>("SELECT uri FROM posts WHERE uri = ANY($2) AND (group_id = $1 OR local OR deleted_at IS NOT NULL)")
        .bind::<BigInt, _>(group)
        .bind::<Array<Text>, _>(uris)
        .load(conn)
        .await
        .map_err(fault)
}

/// What stands on top of a group of another server, as that server says: those of these posts that are in it, in their order, and
/// nothing else.
pub async fn put_pins(conn: &mut Conn, group: AccountId, uris: Vec<String>) -> Result<()> {
    command(
        "WITH told AS (SELECT p.id, u.place FROM unnest($2::text[]) WITH ORDINALITY AS u (uri, place) \
             JOIN posts p ON p.uri = u.uri AND p.group_id = $1 AND p.deleted_at IS NULL), \
           gone AS (DELETE FROM pins WHERE account_id = $1 AND post_id NOT IN (SELECT id FROM told)) \
         INSERT INTO pins (account_id, post_id) SELECT $1, id FROM told ORDER BY place DESC ON CONFLICT DO NOTHING",
    )
    .bind::<BigInt, _>(group)
    .bind::<Array<Text>, _>(uris)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}
