//! Sources of posts, and what is known of each for everybody who names it. Who may see a post has been asked before.

use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{PostId, Source, SourceKey, SourceScheme, SourceState},
};

/// What somebody who knows a source has told of it: cleaned, and within bounds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Its title, plain words.
    pub title: String,
    /// The journal or book that it is in.
    pub container: String,
    /// The year of its publication.
    pub year: Option<i32>,
    /// It was taken back.
    pub retracted: bool,
}

/// Says what a post stands on, in this order, in place of what was said before. With each comes when it is asked about at the
/// latest, where nobody has been asked yet; none where this post is no reason to ask.
pub async fn put(
    conn: &mut Conn,
    post: PostId,
    named: &[(SourceKey, Option<DateTime<Utc>>)],
    now: DateTime<Utc>,
) -> Result<()> {
    forget(conn, post).await?;
    if named.is_empty() {
        return Ok(());
    }
    let schemes: Vec<SourceScheme> = named.iter().map(|(key, _)| key.scheme).collect();
    let names: Vec<String> = named.iter().map(|(key, _)| key.name.clone()).collect();
    command(
        "INSERT INTO sources (scheme, name, ask_at, cited_at) SELECT x.scheme, x.name, x.ask_at, $4 \
         FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS x (scheme, name, ask_at) ORDER BY x.scheme, x.name \
         ON CONFLICT (scheme, name) DO UPDATE SET cited_at = excluded.cited_at, \
           ask_at = CASE WHEN sources.state = 'waiting' THEN least(sources.ask_at, excluded.ask_at) ELSE sources.ask_at END",
    )
    .bind::<Array<Text>, _>(schemes.clone())
    .bind::<Array<Text>, _>(names.clone())
    .bind::<Array<Nullable<Timestamptz>>, _>(named.iter().map(|(_, ask_at)| *ask_at).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    command(
        "INSERT INTO post_sources (post_id, place, scheme, name) SELECT $1, x.place::smallint, x.scheme, x.name \
         FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS x (scheme, name, place)",
    )
    .bind::<BigInt, _>(post)
    .bind::<Array<Text>, _>(schemes)
    .bind::<Array<Text>, _>(names)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Takes all sources off a post.
async fn forget(conn: &mut Conn, post: PostId) -> Result<()> {
    command("DELETE FROM post_sources WHERE post_id = $1")
        .bind::<BigInt, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// What a post stands on, in its order.
pub async fn keys(conn: &mut Conn, post: PostId) -> Result<Vec<SourceKey>> {
    let rows: Vec<(SourceScheme, String)> =
        sql::<(Text, Text)>("SELECT scheme, name FROM post_sources WHERE post_id = $1 ORDER BY place")
            .bind::<BigInt, _>(post)
            .load(conn)
            .await
            .map_err(fault)?;
    Ok(rows.into_iter().map(|(scheme, name)| SourceKey { scheme, name }).collect())
}

type Row = (PostId, SourceScheme, String, SourceState, String, String, Option<i32>, bool);

/// What some posts stand on, each in its order, with what is known of that.
pub async fn list(conn: &mut Conn, posts: Vec<PostId>) -> Result<Vec<(PostId, Source)>> {
    let rows: Vec<Row> = sql::<(BigInt, Text, Text, Text, Text, Text, Nullable<Integer>, Bool)>(
        "SELECT p.post_id, s.scheme, s.name, s.state, s.title, s.container, s.year, s.retracted \
         FROM post_sources p JOIN sources s ON s.scheme = p.scheme AND s.name = p.name \
         WHERE p.post_id = ANY($1) ORDER BY p.post_id, p.place",
    )
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)?;
    let source = |(post, scheme, name, state, title, container, year, retracted): Row| {
        (post, Source { key: SourceKey { scheme, name }, state, title, container, year, retracted })
    };
    Ok(rows.into_iter().map(source).collect())
}

/// Takes a source that is to be asked about now, with how often it has been tried, this time counted; those due at the same time
/// in any order. Until `lease`, or until the turn is ended, no process takes another one.
pub async fn claim(conn: &mut Conn, now: DateTime<Utc>, lease: DateTime<Utc>) -> Result<Option<(SourceKey, i32)>> {
    let row: Option<(SourceScheme, String, i32)> = sql::<(Text, Text, Integer)>(
        "WITH due AS (SELECT s.scheme, s.name FROM sources s WHERE s.ask_at <= $1 \
             AND EXISTS (SELECT 1 FROM post_sources p WHERE p.scheme = s.scheme AND p.name = s.name) \
             ORDER BY s.ask_at, random() LIMIT 1 FOR UPDATE OF s SKIP LOCKED), \
           turn AS (UPDATE instance SET sources_turn_at = $2 WHERE (sources_turn_at IS NULL OR sources_turn_at <= $1) \
             AND EXISTS (SELECT 1 FROM due) RETURNING id) \
         UPDATE sources s SET ask_at = $2, attempts = s.attempts + 1 FROM due, turn \
         WHERE s.scheme = due.scheme AND s.name = due.name RETURNING s.scheme, s.name, s.attempts",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(lease)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)?;
    Ok(row.map(|(scheme, name, attempts)| (SourceKey { scheme, name }, attempts)))
}

/// Keeps what was told of a source, or that nobody knows it; it is not asked about again.
pub async fn settle(conn: &mut Conn, key: &SourceKey, told: Option<Told>, now: DateTime<Utc>) -> Result<()> {
    let state = if told.is_some() { SourceState::Known } else { SourceState::Unknown };
    let Told { title, container, year, retracted } = told.unwrap_or_default();
    command(
        "UPDATE sources SET state = $3, title = $4, container = $5, year = $6, retracted = $7, fetched_at = $8, ask_at = NULL \
         WHERE scheme = $1 AND name = $2",
    )
    .bind::<Text, _>(key.scheme)
    .bind::<Text, _>(key.name.clone())
    .bind::<Text, _>(state)
    .bind::<Text, _>(title)
    .bind::<Text, _>(container)
    .bind::<Nullable<Integer>, _>(year)
    .bind::<Bool, _>(retracted)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// There was no usable answer; it is asked about again then, or not any more.
pub async fn put_off(conn: &mut Conn, key: &SourceKey, again: Option<DateTime<Utc>>) -> Result<()> {
    command("UPDATE sources SET state = 'unreachable', ask_at = $3 WHERE scheme = $1 AND name = $2")
        .bind::<Text, _>(key.scheme)
        .bind::<Text, _>(key.name.clone())
        .bind::<Nullable<Timestamptz>, _>(again)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Ends the turn of whoever has asked: from then on the next one may be asked about.
pub async fn end_turn(conn: &mut Conn, next: DateTime<Utc>) -> Result<()> {
    command("UPDATE instance SET sources_turn_at = $1")
        .bind::<Timestamptz, _>(next)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Forgets what no post has named since then, nor names now.
pub async fn sweep(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    command(
        "DELETE FROM sources s WHERE s.cited_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM post_sources p WHERE p.scheme = s.scheme AND p.name = s.name)",
    )
    .bind::<Timestamptz, _>(before)
    .execute(conn)
    .await
    .map_err(fault)
}
