//! Telling processes what their open streams are to show, and finding out for whom.

use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, ListId, NotificationId, PostId, TokenId},
};

/// Says a word to every process, once the transaction commits. At most 8,000 bytes.
async fn tell(conn: &mut Conn, words: String) -> Result<()> {
    command("SELECT pg_notify('consilium_stream', $1)").bind::<Text, _>(words).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Posts or boosts came.
pub async fn posted(conn: &mut Conn, posts: &[PostId]) -> Result<()> {
    for part in posts.chunks(300) {
        let ids: Vec<String> = part.iter().map(ToString::to_string).collect();
        tell(conn, format!("posted {}", ids.join(","))).await?;
    }
    Ok(())
}

/// A post says something else now.
pub async fn edited(conn: &mut Conn, post: PostId) -> Result<()> {
    tell(conn, format!("edited {post}")).await
}

/// Posts are about to be deleted: whoever has one at home, and (an open one) whoever reads public streams, is told. A word
/// names 350 people at most.
pub async fn deleting(conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    command(
        "SELECT pg_notify('consilium_stream', concat('deleted ', p.id, \
             CASE WHEN p.visibility IN ('public', 'unlisted') AND coalesce(h.part, 0) = 0 THEN ' open ' ELSE ' closed ' END, \
             string_agg(h.account_id::text, ','))) \
         FROM posts p LEFT JOIN (SELECT post_id, account_id, (row_number() OVER (PARTITION BY post_id) - 1) / 350 AS part \
             FROM home_entries WHERE post_id = ANY($1)) h ON h.post_id = p.id \
         WHERE p.id = ANY($1) GROUP BY p.id, h.part",
    )
    .bind::<Array<BigInt>, _>(posts)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Somebody's filters changed.
pub async fn filters_changed(conn: &mut Conn, who: AccountId) -> Result<()> {
    tell(conn, format!("filters {who}")).await
}

/// The house has something to say, or takes it back.
pub async fn announced(conn: &mut Conn, id: i64, there: bool) -> Result<()> {
    tell(conn, format!("{} {id}", if there { "announced" } else { "unannounced" })).await
}

/// Somebody reacted to what the house said, or no longer does. The emoji has no blank in it.
pub async fn reacted(conn: &mut Conn, id: i64, emoji: &str) -> Result<()> {
    tell(conn, format!("reacted {id} {emoji}")).await
}

/// What had waited apart is among somebody's notifications now.
pub async fn merged(conn: &mut Conn, who: AccountId) -> Result<()> {
    tell(conn, format!("merged {who}")).await
}

/// What of these posts decides who may hear of them: whether they (and what they pass on) are open to everybody, and
/// whether their server is kept out of public lists.
pub async fn facts(conn: &mut Conn, posts: Vec<PostId>) -> Result<Vec<(PostId, bool, bool)>> {
    sql::<(BigInt, Bool, Bool)>(
        "SELECT p.id, p.visibility IN ('public', 'unlisted') AND coalesce(o.visibility, 'public') IN ('public', 'unlisted'), \
           EXISTS (SELECT 1 FROM accounts a JOIN hosts h ON h.id = a.host_id WHERE a.id = p.author_id AND h.state IN ('limited', 'blocked')) \
         FROM posts p LEFT JOIN posts o ON o.id = p.boost_of_id WHERE p.id = ANY($1)",
    )
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)
}

/// Which of these people have which of these posts at home: post, who, the lists of theirs that its author is on, and
/// whether one of these keeps it from home.
pub async fn at_home(
    conn: &mut Conn,
    posts: Vec<PostId>,
    people: Vec<AccountId>,
) -> Result<Vec<(PostId, AccountId, Vec<ListId>, bool)>> {
    sql::<(BigInt, BigInt, Array<BigInt>, Bool)>(
        "SELECT h.post_id, h.account_id, coalesce(x.ids, '{}'), coalesce(x.exclusive, false) FROM home_entries h JOIN posts p ON p.id = h.post_id \
         LEFT JOIN LATERAL (SELECT array_agg(l.id) AS ids, bool_or(l.exclusive) AS exclusive FROM lists l \
           JOIN list_members m ON m.list_id = l.id AND m.account_id = p.author_id WHERE l.account_id = h.account_id) x ON true \
         WHERE h.post_id = ANY($1) AND h.account_id = ANY($2)",
    )
    .bind::<Array<BigInt>, _>(posts)
    .bind::<Array<BigInt>, _>(people)
    .load(conn)
    .await
    .map_err(fault)
}

/// Which of these people do not want to see, or may not see, which of these posts, because of a block, a mute or a hidden
/// server.
pub async fn unwilling(
    conn: &mut Conn,
    posts: Vec<PostId>,
    people: Vec<AccountId>,
) -> Result<Vec<(PostId, AccountId)>> {
    sql::<(BigInt, BigInt)>(
        "WITH e AS (SELECT p.id, p.author_id, o.author_id AS original FROM posts p LEFT JOIN posts o ON o.id = p.boost_of_id WHERE p.id = ANY($1)), \
           s AS (SELECT account_id AS who, target_id AS other FROM blocks WHERE account_id = ANY($2) \
             UNION ALL SELECT target_id, account_id FROM blocks WHERE target_id = ANY($2) \
             UNION ALL SELECT account_id, target_id FROM mutes WHERE account_id = ANY($2) AND (ends_at IS NULL OR ends_at > now())) \
         SELECT e.id, s.who FROM e JOIN s ON s.other IN (e.author_id, e.original) \
         UNION SELECT e.id, h.account_id FROM e JOIN accounts a ON a.id IN (e.author_id, e.original) JOIN host_blocks h ON h.host = a.host \
           WHERE h.account_id = ANY($2)",
    )
    .bind::<Array<BigInt>, _>(posts)
    .bind::<Array<BigInt>, _>(people)
    .load(conn)
    .await
    .map_err(fault)
}

/// Which of these people see a post otherwise than others do: they wrote it, have liked, passed on or saved it, voted, or
/// have muted its thread.
pub async fn own_ways(conn: &mut Conn, post: PostId, people: Vec<AccountId>) -> Result<Vec<AccountId>> {
    sql::<BigInt>(
        "WITH o AS (SELECT coalesce(boost_of_id, id) AS id FROM posts WHERE id = $1) \
         SELECT l.account_id FROM likes l JOIN o ON o.id = l.post_id WHERE l.account_id = ANY($2) \
         UNION SELECT b.author_id FROM posts b JOIN o ON o.id = b.boost_of_id WHERE b.author_id = ANY($2) AND b.deleted_at IS NULL \
         UNION SELECT k.account_id FROM bookmarks k JOIN o ON o.id = k.post_id WHERE k.account_id = ANY($2) \
         UNION SELECT v.account_id FROM poll_votes v JOIN o ON o.id = v.post_id WHERE v.account_id = ANY($2) \
         UNION SELECT t.account_id FROM (SELECT DISTINCT account_id FROM thread_mutes WHERE account_id = ANY($2)) t, o WHERE thread_muted(t.account_id, o.id) \
         UNION SELECT p.author_id FROM posts p JOIN o ON o.id = p.id WHERE p.author_id = ANY($2)",
    )
    .bind::<BigInt, _>(post)
    .bind::<Array<BigInt>, _>(people)
    .load(conn)
    .await
    .map_err(fault)
}

/// Whose these notifications are.
pub async fn notified(conn: &mut Conn, ids: Vec<NotificationId>) -> Result<Vec<(NotificationId, AccountId)>> {
    sql::<(BigInt, BigInt)>("SELECT id, account_id FROM notifications WHERE id = ANY($1) AND NOT filtered ORDER BY id")
        .bind::<Array<BigInt>, _>(ids)
        .load(conn)
        .await
        .map_err(fault)
}

/// Which of these tokens still work for somebody who may act.
pub async fn living_tokens(conn: &mut Conn, tokens: Vec<TokenId>) -> Result<Vec<TokenId>> {
    sql::<BigInt>(
        "SELECT t.id FROM access_tokens t JOIN users u ON u.account_id = t.account_id AND u.state = 'active' \
         WHERE t.id = ANY($1) AND t.revoked_at IS NULL",
    )
    .bind::<Array<BigInt>, _>(tokens)
    .load(conn)
    .await
    .map_err(fault)
}
