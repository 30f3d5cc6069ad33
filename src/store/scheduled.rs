//! Posts that wait for their time, drafts, and keys of requests that may be repeated.

use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::{
    Conn, fault,
    media::MEDIA,
    page::{Page, Paged},
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, Json, Media, MediaId, PostId, ScheduledId},
};

/// One: its id, whose, what it says, when it is published (a draft: never), why it could not be, and its pictures.
pub type Row = (ScheduledId, AccountId, Value, Option<DateTime<Utc>>, String, Json<Vec<Media>>);

fn columns() -> String {
    format!(
        "s.id, s.account_id, s.content, s.publish_at, s.failure, \
         coalesce((SELECT jsonb_agg({MEDIA} ORDER BY m.place) FROM media m WHERE m.scheduled_id = s.id), '[]')"
    )
}

type RowSql = (BigInt, BigInt, Jsonb, Nullable<Timestamptz>, Text, Jsonb);

/// Keeps one, or (with an id) changes one of somebody's own.
pub async fn put(
    conn: &mut Conn,
    who: AccountId,
    id: Option<ScheduledId>,
    content: Value,
    at: Option<DateTime<Utc>>,
) -> Result<ScheduledId> {
    let text = match id {
        None => {
            "INSERT INTO scheduled_posts (account_id, content, publish_at) SELECT $1, $3, $4 WHERE $2::bigint IS NULL RETURNING id"
        }
        Some(_) => {
            "UPDATE scheduled_posts SET content = $3, publish_at = $4, failure = '', attempts = 0, retry_at = 'epoch' \
             WHERE account_id = $1 AND id = $2 RETURNING id"
        }
    };
    sql::<BigInt>(text)
        .bind::<BigInt, _>(who)
        .bind::<Nullable<BigInt>, _>(id)
        .bind::<Jsonb, _>(content)
        .bind::<Nullable<Timestamptz>, _>(at)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Keeps these pictures for it, in this order, and lets go of others.
pub async fn keep_media(conn: &mut Conn, who: AccountId, id: ScheduledId, media: Vec<MediaId>) -> Result<()> {
    command(
        "UPDATE media SET scheduled_id = CASE WHEN id = ANY($3) THEN $2 END, place = coalesce(array_position($3, id), 0), created_at = now() \
         WHERE account_id = $1 AND purpose = 'post' AND post_id IS NULL AND (id = ANY($3) OR scheduled_id = $2)",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(id)
    .bind::<Array<BigInt>, _>(media)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Whether a picture is kept for an answer in a group that waits for its time.
pub async fn waits_in_group(conn: &mut Conn, picture: MediaId) -> Result<bool> {
    sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM media m JOIN scheduled_posts s ON s.id = m.scheduled_id AND s.publish_at IS NOT NULL \
           JOIN posts p ON p.id = (s.content->>'reply_to')::bigint AND p.group_id IS NOT NULL WHERE m.id = $1)",
    )
    .bind::<BigInt, _>(picture)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Somebody's own, newest first: those with a time, or the drafts.
pub async fn list(conn: &mut Conn, who: AccountId, drafts: bool, page: &Page) -> Result<Paged<Row>> {
    let order = page.order();
    let kind = if drafts { "IS NULL" } else { "IS NOT NULL" };
    let rows: Vec<Row> = sql::<RowSql>(format!(
        "SELECT {} FROM scheduled_posts s WHERE s.account_id = $1 AND s.publish_at {kind} AND s.id < $2 AND s.id > $3 \
         ORDER BY s.id {order} LIMIT $4",
        columns()
    ))
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |r| r.0.0))
}

/// One of somebody's own.
pub async fn find(conn: &mut Conn, who: AccountId, id: ScheduledId) -> Result<Option<Row>> {
    sql::<RowSql>(format!("SELECT {} FROM scheduled_posts s WHERE s.account_id = $1 AND s.id = $2", columns()))
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// How many somebody has with a time, and how many drafts.
pub async fn count(conn: &mut Conn, who: AccountId) -> Result<(i64, i64)> {
    sql::<(BigInt, BigInt)>(
        "SELECT count(publish_at), count(*) - count(publish_at) FROM scheduled_posts WHERE account_id = $1",
    )
    .bind::<BigInt, _>(who)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Deletes one of somebody's own; its pictures become loose. False where there is none.
pub async fn delete(conn: &mut Conn, who: AccountId, id: ScheduledId) -> Result<bool> {
    let rows = command("DELETE FROM scheduled_posts WHERE account_id = $1 AND id = $2")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(rows > 0)
}

/// Those whose time has come, with their tries so far; each is claimed until `lease`.
pub async fn claim(conn: &mut Conn, now: DateTime<Utc>, lease: DateTime<Utc>, limit: i64) -> Result<Vec<(Row, i32)>> {
    sql::<(RowSql, Integer)>(format!(
        "WITH due AS (UPDATE scheduled_posts SET attempts = attempts + 1, retry_at = $2 WHERE id IN \
           (SELECT id FROM scheduled_posts WHERE publish_at <= $1 AND retry_at <= $1 AND failure = '' \
            ORDER BY publish_at, id LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING *) \
         SELECT {}, s.attempts FROM due s ORDER BY s.publish_at, s.id",
        columns()
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(lease)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Takes one away that is about to be published; its pictures become loose. False where it is not there any more, or
/// its author has given it another time.
pub async fn take_due(conn: &mut Conn, who: AccountId, id: ScheduledId, now: DateTime<Utc>) -> Result<bool> {
    let rows =
        command("DELETE FROM scheduled_posts WHERE account_id = $1 AND id = $2 AND publish_at <= $3 AND failure = ''")
            .bind::<BigInt, _>(who)
            .bind::<BigInt, _>(id)
            .bind::<Timestamptz, _>(now)
            .execute(conn)
            .await
            .map_err(fault)?;
    Ok(rows > 0)
}

/// One that could not be published is tried again then, unless its author has changed it in the meantime.
pub async fn retry(conn: &mut Conn, id: ScheduledId, at: DateTime<Utc>) -> Result<()> {
    command("UPDATE scheduled_posts SET retry_at = $2 WHERE id = $1 AND attempts > 0")
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Why one could not be published: its author sees it and decides, unless they have changed it in the meantime.
pub async fn set_failure(conn: &mut Conn, id: ScheduledId, words: &str) -> Result<()> {
    command("UPDATE scheduled_posts SET failure = $2 WHERE id = $1 AND attempts > 0")
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(words.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Takes a key for somebody's request: none where it is new (two at once wait for each other), else what came of it.
pub async fn take_key(
    conn: &mut Conn,
    who: AccountId,
    key: &[u8],
    after: DateTime<Utc>,
) -> Result<Option<(Option<PostId>, Option<ScheduledId>)>> {
    command("DELETE FROM idempotency_keys WHERE account_id = $1 AND key_hash = $2 AND created_at < $3")
        .bind::<BigInt, _>(who)
        .bind::<Binary, _>(key.to_vec())
        .bind::<Timestamptz, _>(after)
        .execute(conn)
        .await
        .map_err(fault)?;
    let new = command("INSERT INTO idempotency_keys (account_id, key_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind::<BigInt, _>(who)
        .bind::<Binary, _>(key.to_vec())
        .execute(conn)
        .await
        .map_err(fault)?;
    if new > 0 {
        return Ok(None);
    }
    sql::<(Nullable<BigInt>, Nullable<BigInt>)>(
        "SELECT post_id, scheduled_id FROM idempotency_keys WHERE account_id = $1 AND key_hash = $2",
    )
    .bind::<BigInt, _>(who)
    .bind::<Binary, _>(key.to_vec())
    .get_result(conn)
    .await
    .map(Some)
    .map_err(fault)
}

/// Notes what came of a request.
pub async fn set_key(
    conn: &mut Conn,
    who: AccountId,
    key: &[u8],
    post: Option<PostId>,
    scheduled: Option<ScheduledId>,
) -> Result<()> {
    command("UPDATE idempotency_keys SET post_id = $3, scheduled_id = $4 WHERE account_id = $1 AND key_hash = $2")
        .bind::<BigInt, _>(who)
        .bind::<Binary, _>(key.to_vec())
        .bind::<Nullable<BigInt>, _>(post)
        .bind::<Nullable<BigInt>, _>(scheduled)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Forgets old keys.
pub async fn sweep(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    command("DELETE FROM idempotency_keys WHERE created_at < $1")
        .bind::<Timestamptz, _>(before)
        .execute(conn)
        .await
        .map_err(fault)
}
