//! The end of posts: emptied, off every list, and out of every queue that would still tell them.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, Post, PostId},
    schema::{posts, tombstones},
    store::{
        Conn, fault,
        outbox::TELLING,
        sql::{command, sql},
    },
};

/// What hangs on a post, and goes with it.
const PARTS: &[&str] = &[
    "home_entries",
    "notifications",
    "bookmarks",
    "pins",
    "post_edits",
    "post_tags",
    "post_sources",
    "media",
    "polls",
    "case_ballots",
    "case_rankings",
    "case_follows",
];

/// Cases among some posts, with all that stands below them (SQL).
const THREADS: &str = "WITH RECURSIVE thread AS (SELECT post_id AS id FROM cases WHERE post_id = ANY($1) \
    UNION SELECT q.id FROM posts q JOIN thread ON q.reply_to_id = thread.id)";

/// Empties a post, takes it off every list and keeps its id as a tombstone. With a case goes all that was said below it: that
/// repeats what the patient told.
pub async fn bury(conn: &mut Conn, post: &Post, now: DateTime<Utc>) -> Result<()> {
    super::lock_answered(conn, post.id).await?;
    let mut ids = below_cases(conn, vec![post.id]).await?;
    ids.push(post.id);
    empty(conn, ids, now).await
}

/// Empties what is left below a case that is gone; nothing where the post was no case.
pub async fn bury_below(conn: &mut Conn, case: PostId, now: DateTime<Utc>) -> Result<()> {
    let ids = below_cases(conn, vec![case]).await?;
    if ids.is_empty() { Ok(()) } else { empty(conn, ids, now).await }
}

/// What was said below the cases among some posts, and is there still, however far down.
async fn below_cases(conn: &mut Conn, posts: Vec<PostId>) -> Result<Vec<PostId>> {
    // Whoever answers now waits until this is over; what came while the locks were taken is seen by the next statement.
    let locked: Vec<PostId> = sql::<BigInt>(format!(
        "{THREADS} SELECT id FROM posts WHERE id IN (SELECT id FROM thread) ORDER BY id FOR UPDATE"
    ))
    .bind::<Array<BigInt>, _>(posts.clone())
    .load(conn)
    .await
    .map_err(fault)?;
    if locked.is_empty() {
        return Ok(Vec::new());
    }
    sql::<BigInt>(format!(
        "{THREADS} SELECT p.id FROM thread JOIN posts p ON p.id = thread.id WHERE p.deleted_at IS NULL AND p.id <> ALL($1)"
    ))
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)
}

/// Empties posts, takes them off every list and keeps their ids as tombstones.
async fn empty(conn: &mut Conn, ids: Vec<PostId>, now: DateTime<Utc>) -> Result<()> {
    crate::store::streams::deleting(conn, ids.clone()).await?;
    diesel::update(posts::table.filter(posts::id.eq_any(ids.clone())))
        .set((
            posts::deleted_at.eq(now),
            posts::title.eq(""),
            posts::warning.eq(""),
            posts::source.eq(""),
            posts::html.eq(""),
            posts::interests.eq(""),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    let mut entries: Vec<PostId> =
        sql::<BigInt>("SELECT id FROM posts WHERE boost_of_id = ANY($1) AND deleted_at IS NULL")
            .bind::<Array<BigInt>, _>(ids.clone())
            .load(conn)
            .await
            .map_err(fault)?;
    entries.extend(&ids);
    for table in PARTS {
        command(format!("DELETE FROM {table} WHERE post_id = ANY($1)"))
            .bind::<Array<BigInt>, _>(entries.clone())
            .execute(conn)
            .await
            .map_err(fault)?;
    }
    empty_cases(conn, ids.clone()).await?;
    unsay(conn, ids.clone()).await?;
    uncount(conn, ids).await
}

/// Takes open posts that are gone off the numbers of their authors and of what they answered. What is held stands in none.
async fn uncount(conn: &mut Conn, ids: Vec<PostId>) -> Result<()> {
    for (table, column, of) in [("posts", "replies_count", "reply_to_id"), ("accounts", "posts_count", "author_id")] {
        command(format!(
            "UPDATE {table} t SET {column} = greatest(t.{column} - x.n, 0) FROM ( \
               SELECT p.{of} AS id, count(*) AS n FROM posts p WHERE p.id = ANY($1) AND p.visibility IN ('public', 'unlisted') \
               AND p.held = '' GROUP BY p.{of} ORDER BY p.{of}) x WHERE t.id = x.id"
        ))
        .bind::<Array<BigInt>, _>(ids.clone())
        .execute(conn)
        .await
        .map_err(fault)?;
    }
    Ok(())
}

/// Whichever way a case goes, nothing of what it told stays, nor of where the form of its patient lies.
async fn empty_cases(conn: &mut Conn, ids: Vec<PostId>) -> Result<()> {
    command(
        "WITH c AS (UPDATE case_consents SET holder = '', form_hash = '' WHERE post_id = ANY($1)) \
         UPDATE cases SET state = 'withdrawn', body = '{}', kept_sealed = NULL, outcome = '', outcome_html = '', \
           answer_id = NULL WHERE post_id = ANY($1)",
    )
    .bind::<Array<BigInt>, _>(ids)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Takes what tells some posts out of every queue, and off the dead letters: it was written when they were there. What tells
/// of their end stays.
async fn unsay(conn: &mut Conn, ids: Vec<PostId>) -> Result<()> {
    command(format!(
        "WITH l AS (DELETE FROM dead_letters WHERE post_id = ANY($1)) \
         DELETE FROM outbox WHERE event->>'type' IN ({TELLING}) AND event->>'post' = ANY($1::bigint[]::text[])"
    ))
    .bind::<Array<BigInt>, _>(ids)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Remembers that an id we never had was deleted by its owner.
pub async fn insert_tombstone(conn: &mut Conn, uri: &str, owner: &str) -> Result<()> {
    diesel::insert_into(tombstones::table)
        .values((tombstones::uri.eq(uri), tombstones::owner.eq(owner)))
        .on_conflict((tombstones::uri, tombstones::owner))
        .do_nothing()
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Empties all posts of somebody who left, and what was said below their cases; returns which were theirs. That they opened a
/// document alone, their colleagues know all the same.
pub async fn bury_all_of(conn: &mut Conn, who: AccountId, now: DateTime<Utc>) -> Result<Vec<PostId>> {
    crate::store::cases::ranking::forget(conn, who, None).await?;
    let gone: Vec<PostId> = sql::<BigInt>(
        "WITH gone AS (UPDATE posts SET deleted_at = $2, title = '', warning = '', source = '', html = '', interests = '' \
             WHERE author_id = $1 AND deleted_at IS NULL RETURNING id), \
           h AS (DELETE FROM home_entries WHERE post_id IN (SELECT id FROM gone)), \
           n AS (DELETE FROM notifications WHERE post_id IN (SELECT id FROM gone) OR (from_id = $1 AND kind <> 'emergency')), \
           k AS (DELETE FROM bookmarks WHERE post_id IN (SELECT id FROM gone)), \
           o AS (DELETE FROM pins WHERE account_id = $1 OR post_id IN (SELECT id FROM gone)), \
           t AS (DELETE FROM post_tags WHERE post_id IN (SELECT id FROM gone)), \
           s AS (DELETE FROM post_sources WHERE post_id IN (SELECT id FROM gone)), \
           q AS (DELETE FROM polls WHERE post_id IN (SELECT id FROM gone)), \
           m AS (DELETE FROM media WHERE account_id = $1 OR post_id IN (SELECT id FROM gone)), \
           b AS (DELETE FROM case_ballots WHERE post_id IN (SELECT id FROM gone)), \
           r AS (DELETE FROM case_rankings WHERE post_id IN (SELECT id FROM gone)), \
           f AS (DELETE FROM case_follows WHERE post_id IN (SELECT id FROM gone)), \
           e AS (DELETE FROM post_edits WHERE post_id IN (SELECT id FROM gone)) \
         SELECT id FROM gone",
    )
    .bind::<BigInt, _>(who)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)?;
    empty_cases(conn, gone.clone()).await?;
    unsay(conn, gone.clone()).await?;
    uncount(conn, gone.clone()).await?;
    let below = below_cases(conn, gone.clone()).await?;
    if !below.is_empty() {
        empty(conn, below, now).await?;
    }
    command("UPDATE accounts SET posts_count = 0, avatar = '', banner = '', interests = '' WHERE id = $1")
        .bind::<BigInt, _>(who)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(gone)
}
