//! Earlier versions of posts whose words were taken out: that they were there stays.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::PostId,
    schema::post_edits,
    store::{Conn, fault, sql::command},
};

/// Takes the words out of an earlier version of a post; false where there is no such version, or nothing is left of it.
pub async fn one(conn: &mut Conn, post: PostId, version: i64, now: DateTime<Utc>) -> Result<bool> {
    let version = post_edits::table
        .filter(post_edits::id.eq(version))
        .filter(post_edits::post_id.eq(post))
        .filter(post_edits::struck_at.is_null());
    let empty = (
        post_edits::warning.eq(""),
        post_edits::source.eq(""),
        post_edits::html.eq(""),
        post_edits::struck_at.eq(Some(now)),
    );
    Ok(diesel::update(version).set(empty).execute(conn).await.map_err(fault)? > 0)
}

/// The same of all earlier versions of a post; how many had words left.
pub async fn all(conn: &mut Conn, post: PostId, now: DateTime<Utc>) -> Result<usize> {
    let versions = post_edits::table.filter(post_edits::post_id.eq(post)).filter(post_edits::struck_at.is_null());
    let empty = (
        post_edits::warning.eq(""),
        post_edits::source.eq(""),
        post_edits::html.eq(""),
        post_edits::struck_at.eq(Some(now)),
    );
    diesel::update(versions).set(empty).execute(conn).await.map_err(fault)
}

/// The same of those that were written at these times, as another server tells them; whether there was any.
pub async fn told(conn: &mut Conn, post: PostId, written_at: Vec<DateTime<Utc>>, now: DateTime<Utc>) -> Result<bool> {
    command(
        "UPDATE post_edits SET warning = '', source = '', html = '', struck_at = $3 WHERE post_id = $1 \
           AND struck_at IS NULL AND date_trunc('milliseconds', written_at) = ANY($2)",
    )
    .bind::<BigInt, _>(post)
    .bind::<Array<Timestamptz>, _>(written_at)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map(|count| count > 0)
    .map_err(fault)
}

/// When those versions of a post were written whose words were taken out, oldest first.
pub async fn list(conn: &mut Conn, post: PostId) -> Result<Vec<DateTime<Utc>>> {
    post_edits::table
        .filter(post_edits::post_id.eq(post))
        .filter(post_edits::struck_at.is_not_null())
        .order(post_edits::id)
        .select(post_edits::written_at)
        .load(conn)
        .await
        .map_err(fault)
}
