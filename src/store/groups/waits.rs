//! How much waits for those who lead a group: in ours as it stands here, in those of other servers as these say.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::posts::THREADS;
use crate::{
    error::Result,
    model::{AccountId, PostId},
    store::{
        Conn, fault,
        sql::{command, sql},
    },
};

/// In SQL, how many ask to join a group of ours, and how many posts wait in it.
fn of_ours(group: &str) -> (String, String) {
    (
        format!(
            "(SELECT count(*) FROM follows w JOIN accounts o ON o.id = w.target_id AND o.host_id IS NULL \
              WHERE w.target_id = {group} AND w.state = 'pending')"
        ),
        format!(
            "(SELECT count(*) FROM posts w JOIN accounts o ON o.id = w.group_id AND o.host_id IS NULL \
              WHERE w.group_id = {group} AND w.held <> '' AND w.held <> 'refused' AND w.deleted_at IS NULL)"
        ),
    )
}

/// In SQL, how many ask to join a group, and how many posts wait in it or are reported.
pub(super) fn waits(group: &str) -> (String, String) {
    let (requests, posts) = of_ours(group);
    let told = |what: &str| format!("coalesce((SELECT t.{what} FROM group_waits t WHERE t.group_id = {group}), 0)");
    (
        format!("({requests} + {})", told("requests")),
        format!(
            "({posts} + {} + (SELECT count(*) FROM group_reports w JOIN posts p ON p.id = w.post_id AND p.deleted_at IS NULL \
               WHERE w.group_id = {group} AND w.closed_at IS NULL))",
            told("posts")
        ),
    )
}

/// What waits for the moderators of a group: requests to join, and posts.
pub async fn waiting(conn: &mut Conn, group: AccountId) -> Result<(i64, i64)> {
    count(conn, group, waits("$1")).await
}

/// The same of a group of ours without what is reported: of that those who lead it are told by itself.
pub async fn waiting_here(conn: &mut Conn, group: AccountId) -> Result<(i64, i64)> {
    count(conn, group, of_ours("$1")).await
}

async fn count(conn: &mut Conn, group: AccountId, (requests, posts): (String, String)) -> Result<(i64, i64)> {
    sql::<(BigInt, BigInt)>(format!("SELECT {requests}, {posts}"))
        .bind::<BigInt, _>(group)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// The groups of ours in which any of these posts waited that are gone, or of what went with a case among them.
pub async fn waited_in(conn: &mut Conn, gone: Vec<PostId>) -> Result<Vec<AccountId>> {
    sql::<BigInt>(format!(
        "{THREADS}, \
           gone AS (SELECT unnest($1::bigint[]) AS id \
             UNION SELECT t.id FROM thread t JOIN posts q ON q.id = t.id AND q.deleted_at = t.deleted_at) \
         SELECT DISTINCT p.group_id FROM gone JOIN posts p ON p.id = gone.id AND p.held <> '' \
           JOIN accounts a ON a.id = p.group_id AND a.host_id IS NULL ORDER BY p.group_id"
    ))
    .bind::<Array<BigInt>, _>(gone)
    .load(conn)
    .await
    .map_err(fault)
}

/// Writes down how much waits in a group of another server, as that server has counted it at a time; what it said before, or that
/// nothing waited. None where it has counted anew since: this came late.
pub async fn put_waiting(
    conn: &mut Conn,
    group: AccountId,
    told: (i64, i64),
    counted_at: DateTime<Utc>,
) -> Result<Option<(i64, i64)>> {
    let before: Option<(i64, i64, bool)> = sql::<(BigInt, BigInt, Bool)>(
        "SELECT requests, posts, counted_at > $2 FROM group_waits WHERE group_id = $1 FOR UPDATE",
    )
    .bind::<BigInt, _>(group)
    .bind::<Timestamptz, _>(counted_at)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)?;
    if before.is_some_and(|(.., is_newer)| is_newer) {
        return Ok(None);
    }
    command(
        "INSERT INTO group_waits (group_id, requests, posts, counted_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (group_id) DO UPDATE SET requests = $2, posts = $3, counted_at = $4",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(told.0)
    .bind::<BigInt, _>(told.1)
    .bind::<Timestamptz, _>(counted_at)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(Some(before.map_or((0, 0), |(requests, posts, _)| (requests, posts))))
}
