//! Polls and votes.

use chrono::{DateTime, Utc};
use diesel::OptionalExtension;
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, Json, Poll, PostId},
};

/// The poll of post `p` as the JSON that [`Poll`] reads, with the choices of viewer `$1`; null without one.
pub(super) const POLL_OF_POST: &str = "CASE WHEN p.kind = 'question' THEN (SELECT jsonb_build_object('multiple', q.multiple, \
    'hide_totals', q.hide_totals, 'ends_at', q.ends_at, 'voters_count', q.voters_count, \
    'options', (SELECT jsonb_agg(jsonb_build_object('title', o.title, 'votes', o.votes_count) ORDER BY o.place) \
      FROM poll_options o WHERE o.post_id = p.id), \
    'own', coalesce((SELECT jsonb_agg(v.place ORDER BY v.place) FROM poll_votes v WHERE v.post_id = p.id AND v.account_id = $1), '[]')) \
    FROM polls q WHERE q.post_id = p.id) END";

/// A poll as it is made or was told of.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPoll {
    /// Titles and votes so far.
    pub options: Vec<(String, i64)>,
    /// More than one choice may be made.
    pub multiple: bool,
    /// Counts are shown only after the end.
    pub hide_totals: bool,
    /// When voting ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// How many people voted, where it is known.
    pub voters_count: Option<i64>,
}

/// Gives a post a poll in place of what it had; votes for another set of choices are gone. A poll whose time is over
/// has ended, and one of another server that has ended stays so, whatever that server says of it later.
pub async fn put(conn: &mut Conn, post: PostId, poll: &NewPoll) -> Result<()> {
    let ended: Option<bool> = sql::<Bool>(
        "DELETE FROM polls q USING posts p WHERE q.post_id = $1 AND p.id = q.post_id RETURNING q.ended AND NOT p.local",
    )
    .bind::<BigInt, _>(post)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)?;
    command(
        "WITH q AS (INSERT INTO polls (post_id, multiple, hide_totals, ends_at, voters_count, ended) \
             VALUES ($1, $2, $3, $4, $5, $8 OR coalesce($4 <= now(), false)) RETURNING post_id) \
         INSERT INTO poll_options (post_id, place, title, votes_count) \
         SELECT q.post_id, o.place - 1, o.title, o.votes FROM q, unnest($6::text[], $7::bigint[]) WITH ORDINALITY AS o (title, votes, place)",
    )
    .bind::<BigInt, _>(post)
    .bind::<Bool, _>(poll.multiple)
    .bind::<Bool, _>(poll.hide_totals)
    .bind::<Nullable<Timestamptz>, _>(poll.ends_at)
    .bind::<Nullable<BigInt>, _>(poll.voters_count)
    .bind::<Array<Text>, _>(poll.options.iter().map(|o| o.0.clone()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(poll.options.iter().map(|o| o.1).collect::<Vec<_>>())
    .bind::<Bool, _>(ended.unwrap_or(false))
    .execute(conn)
    .await
    .map_err(fault)?;
    command("UPDATE posts SET kind = 'question' WHERE id = $1")
        .bind::<BigInt, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Takes the poll off a post.
pub async fn remove(conn: &mut Conn, post: PostId) -> Result<()> {
    command("WITH q AS (DELETE FROM polls WHERE post_id = $1) UPDATE posts SET kind = 'note' WHERE id = $1 AND kind = 'question'")
        .bind::<BigInt, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The poll of a post with the choices of a viewer.
pub async fn find(conn: &mut Conn, viewer: Option<AccountId>, post: PostId) -> Result<Option<Poll>> {
    let row: Option<Option<Json<Poll>>> =
        sql::<Nullable<Jsonb>>(format!("SELECT {POLL_OF_POST} FROM posts p WHERE p.id = $2"))
            .bind::<Nullable<BigInt>, _>(viewer)
            .bind::<BigInt, _>(post)
            .get_result(conn)
            .await
            .optional()
            .map_err(fault)?;
    Ok(row.flatten().map(|j| j.0))
}

/// Locks a poll, so that votes on it are counted one after the other.
pub async fn lock(conn: &mut Conn, post: PostId) -> Result<()> {
    sql::<BigInt>("SELECT post_id FROM polls WHERE post_id = $1 FOR UPDATE")
        .bind::<BigInt, _>(post)
        .get_result::<PostId>(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Adds somebody's choices and counts them; choices that they had made are passed over. Returns how many are new.
pub async fn vote(
    conn: &mut Conn,
    who: AccountId,
    post: PostId,
    places: Vec<i16>,
    now: DateTime<Utc>,
) -> Result<usize> {
    let before: bool = sql::<Bool>("SELECT EXISTS (SELECT 1 FROM poll_votes WHERE post_id = $1 AND account_id = $2)")
        .bind::<BigInt, _>(post)
        .bind::<BigInt, _>(who)
        .get_result(conn)
        .await
        .map_err(fault)?;
    let new = command(
        "WITH new AS (INSERT INTO poll_votes (post_id, account_id, place) \
             SELECT o.post_id, $2, o.place FROM poll_options o WHERE o.post_id = $1 AND o.place = ANY($3) ON CONFLICT DO NOTHING \
             RETURNING place) \
         UPDATE poll_options o SET votes_count = o.votes_count + 1 FROM new WHERE o.post_id = $1 AND o.place = new.place",
    )
    .bind::<BigInt, _>(post)
    .bind::<BigInt, _>(who)
    .bind::<Array<SmallInt>, _>(places)
    .execute(conn)
    .await
    .map_err(fault)?;
    if new > 0 {
        command("UPDATE polls SET changed_at = $2, voters_count = voters_count + $3 WHERE post_id = $1")
            .bind::<BigInt, _>(post)
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(i64::from(!before))
            .execute(conn)
            .await
            .map_err(fault)?;
    }
    Ok(new)
}

/// Counts as the author's server tells them; false where the choices are no longer the same.
pub async fn set_counts(conn: &mut Conn, post: PostId, poll: &NewPoll) -> Result<bool> {
    let titles: Vec<String> = sql::<Text>("SELECT title FROM poll_options WHERE post_id = $1 ORDER BY place")
        .bind::<BigInt, _>(post)
        .load(conn)
        .await
        .map_err(fault)?;
    if titles.iter().ne(poll.options.iter().map(|o| &o.0)) {
        return Ok(false);
    }
    command(
        "WITH q AS (UPDATE polls SET ends_at = $2, voters_count = $3 WHERE post_id = $1) \
         UPDATE poll_options o SET votes_count = x.votes FROM unnest($4::bigint[]) WITH ORDINALITY AS x (votes, place) \
         WHERE o.post_id = $1 AND o.place = x.place - 1",
    )
    .bind::<BigInt, _>(post)
    .bind::<Nullable<Timestamptz>, _>(poll.ends_at)
    .bind::<Nullable<BigInt>, _>(poll.voters_count)
    .bind::<Array<BigInt>, _>(poll.options.iter().map(|o| o.1).collect::<Vec<_>>())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(true)
}

/// Our polls with votes that nobody was told of for a while, or that ended: marked as told, with their authors. Of one
/// that hides its counts there is nothing to tell before the end.
pub async fn take_changed(
    conn: &mut Conn,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<(PostId, AccountId)>> {
    sql::<(BigInt, BigInt)>(
        "UPDATE polls q SET changed_at = NULL, told_at = $2 FROM posts p WHERE p.id = q.post_id AND p.local AND p.deleted_at IS NULL \
         AND q.changed_at IS NOT NULL AND ((q.told_at < $1 AND NOT q.hide_totals) OR q.ends_at <= $2) RETURNING p.id, p.author_id",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}

/// Polls whose time is over: marked so, and whoever asked or voted here is told. Returns how many they are, and those
/// of other servers that somebody here voted on.
pub async fn end_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<(usize, Vec<(PostId, String)>)> {
    let ended: Vec<(PostId, String, bool)> = sql::<(BigInt, Text, Bool)>(
        "WITH over AS (UPDATE polls SET ended = true, changed_at = coalesce(changed_at, $1) WHERE ends_at <= $1 AND NOT ended \
             AND post_id IN (SELECT post_id FROM polls WHERE ends_at <= $1 AND NOT ended ORDER BY ends_at LIMIT 100 FOR UPDATE SKIP LOCKED) \
             RETURNING post_id), \
           told AS (INSERT INTO notifications (account_id, kind, from_id, post_id) \
             SELECT v.account_id, 'poll', p.author_id, p.id FROM over JOIN posts p ON p.id = over.post_id AND p.deleted_at IS NULL \
               JOIN (SELECT DISTINCT post_id, account_id FROM poll_votes) v ON v.post_id = p.id \
               JOIN accounts a ON a.id = v.account_id AND a.host_id IS NULL \
             UNION SELECT p.author_id, 'poll', p.author_id, p.id FROM over JOIN posts p ON p.id = over.post_id AND p.local AND p.deleted_at IS NULL \
             ON CONFLICT DO NOTHING) \
         SELECT p.id, p.uri, NOT p.local AND p.deleted_at IS NULL AND EXISTS (SELECT 1 FROM poll_votes v \
             JOIN accounts a ON a.id = v.account_id AND a.host_id IS NULL WHERE v.post_id = p.id) \
           FROM over JOIN posts p ON p.id = over.post_id",
    )
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok((ended.len(), ended.into_iter().filter(|r| r.2).map(|r| (r.0, r.1)).collect()))
}
