//! The end of posts: emptied, off every list, and out of every queue that would still tell them.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::count;
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

/// Empties a post, takes it off every list and keeps its id as a tombstone.
pub async fn bury(conn: &mut Conn, post: &Post, now: DateTime<Utc>) -> Result<()> {
    crate::store::streams::deleting(conn, post.id, post.visibility.is_open()).await?;
    diesel::update(posts::table.find(post.id))
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
    for table in PARTS {
        command(format!(
            "DELETE FROM {table} WHERE post_id = $1 OR post_id IN (SELECT id FROM posts WHERE boost_of_id = $1)"
        ))
        .bind::<BigInt, _>(post.id)
        .execute(conn)
        .await
        .map_err(fault)?;
    }
    empty_cases(conn, vec![post.id]).await?;
    unsay(conn, vec![post.id]).await?;
    if post.visibility.is_open() { count(conn, post.author_id, post.reply_to_id, -1).await } else { Ok(()) }
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

/// Empties all posts of somebody who left; returns which.
pub async fn bury_all_of(conn: &mut Conn, who: AccountId, now: DateTime<Utc>) -> Result<Vec<PostId>> {
    crate::store::cases::ranking::forget(conn, who, None).await?;
    let gone: Vec<PostId> = sql::<BigInt>(
        "WITH gone AS (UPDATE posts SET deleted_at = $2, title = '', warning = '', source = '', html = '', interests = '' \
             WHERE author_id = $1 AND deleted_at IS NULL RETURNING id), \
           h AS (DELETE FROM home_entries WHERE post_id IN (SELECT id FROM gone)), \
           n AS (DELETE FROM notifications WHERE post_id IN (SELECT id FROM gone) OR from_id = $1), \
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
    command("UPDATE accounts SET posts_count = 0, avatar = '', banner = '', interests = '' WHERE id = $1")
        .bind::<BigInt, _>(who)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(gone)
}
