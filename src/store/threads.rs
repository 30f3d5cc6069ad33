//! Threads that may have gaps, and when each is looked at next.

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{error::Result, model::PostId};

/// Notes answers whose parent we lack; each is looked at a minute later.
pub(super) async fn note_gaps(conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    command(
        "INSERT INTO thread_checks (post_id, due_at) SELECT p.id, now() + interval '1 minute' FROM posts p \
         WHERE p.id = ANY($1) AND p.reply_to_uri IS NOT NULL AND p.reply_to_id IS NULL ON CONFLICT DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(posts)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Somebody reads a thread: it is looked at now unless that was done lately; true where it is due.
pub async fn want(conn: &mut Conn, post: PostId, now: DateTime<Utc>, unless_after: DateTime<Utc>) -> Result<bool> {
    let due = command(
        "INSERT INTO thread_checks (post_id, due_at) VALUES ($1, $2) ON CONFLICT (post_id) DO UPDATE \
         SET due_at = $2, attempts = 0 WHERE thread_checks.checked_at < $3 AND thread_checks.due_at > $2",
    )
    .bind::<BigInt, _>(post)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(unless_after)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(due > 0)
}

/// Takes threads that are due until a time: post, its ActivityPub id, tries so far.
pub async fn claim(
    conn: &mut Conn,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(PostId, String, i32)>> {
    sql::<(BigInt, Text, Integer)>(
        "UPDATE thread_checks t SET due_at = $2, attempts = t.attempts + 1 FROM posts p \
         WHERE p.id = t.post_id AND t.post_id IN (SELECT post_id FROM thread_checks WHERE due_at <= $1 \
           ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING t.post_id, p.uri, t.attempts",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// A thread was looked at; it is left alone until somebody reads it again.
pub async fn checked(conn: &mut Conn, post: PostId, now: DateTime<Utc>) -> Result<()> {
    command("UPDATE thread_checks SET due_at = 'infinity', attempts = 0, checked_at = $2 WHERE post_id = $1")
        .bind::<BigInt, _>(post)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A thread is looked at again later.
pub async fn retry(conn: &mut Conn, post: PostId, at: DateTime<Utc>) -> Result<()> {
    command("UPDATE thread_checks SET due_at = $2 WHERE post_id = $1")
        .bind::<BigInt, _>(post)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
