//! Whom and what somebody does not want to see: blocks, mutes, servers, threads; and what they noted of people.

use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    accounts::{AUTHOR, AuthorSql},
    fault,
    page::{Page, Paged},
    sql::{command, sql},
    visible::KNOWN,
};
use crate::{
    error::Result,
    model::{AccountId, Author, PostId},
};

/// Blocks somebody; false where that was so already. That one of them opened a document alone, the other has to know all
/// the same.
pub async fn block(conn: &mut Conn, who: AccountId, target: AccountId, uri: &str) -> Result<bool> {
    let rows = command("INSERT INTO blocks (account_id, target_id, uri) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(target)
        .bind::<Text, _>(uri.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    command(
        "WITH h AS (DELETE FROM home_entries e USING posts p WHERE p.id = e.post_id AND ((e.account_id = $1 AND p.author_id = $2) \
             OR (e.account_id = $2 AND p.author_id = $1))), \
           m AS (DELETE FROM list_members lm USING lists l WHERE l.id = lm.list_id AND ((l.account_id = $1 AND lm.account_id = $2) \
             OR (l.account_id = $2 AND lm.account_id = $1))) \
         DELETE FROM notifications WHERE ((account_id = $1 AND from_id = $2) OR (account_id = $2 AND from_id = $1)) \
           AND kind <> 'emergency'",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(target)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(rows > 0)
}

/// Blocks somebody no more; the block's ActivityPub id where there was one.
pub async fn unblock(conn: &mut Conn, who: AccountId, target: AccountId) -> Result<Option<String>> {
    sql::<Text>("DELETE FROM blocks WHERE account_id = $1 AND target_id = $2 RETURNING uri")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(target)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Whom a block by somebody with this ActivityPub id is about.
pub async fn blocked_by_uri(conn: &mut Conn, who: AccountId, uri: &str) -> Result<Option<AccountId>> {
    sql::<BigInt>("SELECT target_id FROM blocks WHERE account_id = $1 AND uri = $2")
        .bind::<BigInt, _>(who)
        .bind::<Text, _>(uri.to_owned())
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Whether one of two has blocked the other.
pub async fn is_blocked(conn: &mut Conn, one: AccountId, other: AccountId) -> Result<bool> {
    sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM blocks WHERE (account_id = $1 AND target_id = $2) OR (account_id = $2 AND target_id = $1))",
    )
    .bind::<BigInt, _>(one)
    .bind::<BigInt, _>(other)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Mutes somebody, or changes how.
pub async fn mute(
    conn: &mut Conn,
    who: AccountId,
    target: AccountId,
    notifications: bool,
    ends_at: Option<DateTime<Utc>>,
) -> Result<()> {
    command(
        "INSERT INTO mutes (account_id, target_id, notifications, ends_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (account_id, target_id) DO UPDATE SET notifications = $3, ends_at = $4",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(target)
    .bind::<Bool, _>(notifications)
    .bind::<Nullable<Timestamptz>, _>(ends_at)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Mutes somebody no more; false where they were not muted.
pub async fn unmute(conn: &mut Conn, who: AccountId, target: AccountId) -> Result<bool> {
    let ended = command("DELETE FROM mutes WHERE account_id = $1 AND target_id = $2")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(target)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(ended > 0)
}

/// Forgets mutes that have ended.
pub async fn sweep(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    command("DELETE FROM mutes WHERE ends_at <= $1").bind::<Timestamptz, _>(now).execute(conn).await.map_err(fault)
}

/// Whom somebody has blocked, newest first; groups of which they may know no more are left out.
pub async fn list_blocked(conn: &mut Conn, who: AccountId, page: &Page) -> Result<Paged<(i64, Author)>> {
    let order = page.order();
    let rows: Vec<(i64, Author)> = sql::<(BigInt, AuthorSql)>(format!(
        "SELECT x.id, {AUTHOR} FROM blocks x JOIN accounts a ON a.id = x.target_id \
         WHERE x.account_id = $1 AND x.id < $2 AND x.id > $3 AND {KNOWN} ORDER BY x.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |r| r.0))
}

/// Somebody muted: the mute's id, who, with notifications or without, until when.
pub type Muted = (i64, Author, bool, Option<DateTime<Utc>>);

/// Whom somebody has muted, newest first; groups of which they may know no more are left out.
pub async fn list_muted(conn: &mut Conn, who: AccountId, page: &Page, now: DateTime<Utc>) -> Result<Paged<Muted>> {
    let order = page.order();
    let rows: Vec<Muted> = sql::<(BigInt, AuthorSql, Bool, Nullable<Timestamptz>)>(format!(
        "SELECT x.id, {AUTHOR}, x.notifications, x.ends_at FROM mutes x JOIN accounts a ON a.id = x.target_id \
         WHERE x.account_id = $1 AND x.id < $2 AND x.id > $3 AND (x.ends_at IS NULL OR x.ends_at > $5) AND {KNOWN} \
         ORDER BY x.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |r| r.0))
}

/// Hides a whole server from somebody, and takes its posts and notifications away from them.
pub async fn block_host(conn: &mut Conn, who: AccountId, host: &str) -> Result<()> {
    command(
        "WITH b AS (INSERT INTO host_blocks (account_id, host) VALUES ($1, $2) ON CONFLICT DO NOTHING), \
           h AS (DELETE FROM home_entries e USING posts p, accounts a WHERE e.account_id = $1 AND p.id = e.post_id \
             AND a.id = p.author_id AND a.host = $2) \
         DELETE FROM notifications n USING accounts a WHERE n.account_id = $1 AND a.id = n.from_id AND a.host = $2",
    )
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(host.to_owned())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Shows a server again.
pub async fn unblock_host(conn: &mut Conn, who: AccountId, host: &str) -> Result<()> {
    command("DELETE FROM host_blocks WHERE account_id = $1 AND host = $2")
        .bind::<BigInt, _>(who)
        .bind::<Text, _>(host.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Servers that somebody hides, newest first.
pub async fn list_hosts(conn: &mut Conn, who: AccountId, page: &Page) -> Result<Paged<(i64, String)>> {
    let order = page.order();
    let rows: Vec<(i64, String)> = sql::<(BigInt, Text)>(format!(
        "SELECT id, host FROM host_blocks WHERE account_id = $1 AND id < $2 AND id > $3 ORDER BY id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |r| r.0))
}

/// The topmost post of a thread, as far as we have it.
const ROOT: &str = "WITH RECURSIVE up AS (SELECT id, reply_to_id, 1 AS step FROM posts WHERE id = $2 \
    UNION ALL SELECT q.id, q.reply_to_id, up.step + 1 FROM up JOIN posts q ON q.id = up.reply_to_id WHERE up.step < 100)";

/// Mutes the thread of a post.
pub async fn mute_thread(conn: &mut Conn, who: AccountId, post: PostId) -> Result<()> {
    command(format!(
        "{ROOT} INSERT INTO thread_mutes (account_id, post_id) SELECT $1, id FROM up ORDER BY step DESC LIMIT 1 ON CONFLICT DO NOTHING"
    ))
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(post)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Mutes it no more.
pub async fn unmute_thread(conn: &mut Conn, who: AccountId, post: PostId) -> Result<()> {
    command(format!("{ROOT} DELETE FROM thread_mutes WHERE account_id = $1 AND post_id IN (SELECT id FROM up)"))
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A word about somebody; an empty one is none.
pub async fn set_note(conn: &mut Conn, who: AccountId, target: AccountId, text: &str) -> Result<()> {
    let text_of = if text.is_empty() {
        "DELETE FROM account_notes WHERE account_id = $1 AND target_id = $2 AND $3 = ''"
    } else {
        "INSERT INTO account_notes (account_id, target_id, text) VALUES ($1, $2, $3) \
         ON CONFLICT (account_id, target_id) DO UPDATE SET text = $3"
    };
    command(text_of)
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(target)
        .bind::<Text, _>(text.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
