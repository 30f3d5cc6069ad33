//! Reports of posts in groups.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, GroupReportId, PostId},
    store::{
        Conn, fault,
        page::{Page, Paged},
        sql::{command, sql},
    },
};

/// A report that waits for those who lead a group.
#[derive(Debug, Clone, Queryable)]
pub struct Reported {
    /// Its id.
    pub id: GroupReportId,
    /// The post.
    pub post: PostId,
    /// Why, in the words of whoever reported.
    pub comment: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Most reports of one group that wait at a time.
const MOST: i64 = 500;

/// Files a report of a post; false where it is there already, where one in the same words waits, and where too many do.
pub async fn insert_report(
    conn: &mut Conn,
    group: AccountId,
    post: PostId,
    uri: &str,
    comment: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let new = command(
        "INSERT INTO group_reports (group_id, post_id, uri, comment, created_at) SELECT $1, $2, $3, $4, $5 \
         WHERE NOT EXISTS (SELECT 1 FROM group_reports r WHERE r.post_id = $2 AND r.comment = $4 AND r.closed_at IS NULL) \
           AND (SELECT count(*) FROM (SELECT 1 FROM group_reports r JOIN posts p ON p.id = r.post_id AND p.deleted_at IS NULL \
             WHERE r.group_id = $1 AND r.closed_at IS NULL LIMIT $6) x) < $6 \
         ON CONFLICT (post_id, uri) DO NOTHING",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(post)
    .bind::<Text, _>(uri.to_owned())
    .bind::<Text, _>(comment.to_owned())
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(MOST)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(new > 0)
}

/// Reports that wait, the newest first. Those of posts that are gone wait for nobody.
pub async fn list_reports(conn: &mut Conn, group: AccountId, page: &Page) -> Result<Paged<Reported>> {
    let order = page.order();
    let rows: Vec<Reported> = sql::<(BigInt, BigInt, Text, Timestamptz)>(format!(
        "SELECT r.id, r.post_id, r.comment, r.created_at FROM group_reports r \
         JOIN posts p ON p.id = r.post_id AND p.deleted_at IS NULL \
         WHERE r.group_id = $1 AND r.closed_at IS NULL AND r.id < $2 AND r.id > $3 ORDER BY r.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |row| row.id.0))
}

/// The ActivityPub id of a report of a group that waits.
pub async fn report_uri(conn: &mut Conn, group: AccountId, id: GroupReportId) -> Result<Option<String>> {
    sql::<Text>("SELECT uri FROM group_reports WHERE group_id = $1 AND id = $2 AND closed_at IS NULL")
        .bind::<BigInt, _>(group)
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// The group to which a report went.
pub async fn reported_in(conn: &mut Conn, uri: &str) -> Result<Option<AccountId>> {
    sql::<BigInt>("SELECT group_id FROM group_reports WHERE uri = $1 LIMIT 1")
        .bind::<Text, _>(uri.to_owned())
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Closes a report, with all posts that it names; false where it is closed, or not of this group.
pub async fn close_report(conn: &mut Conn, group: AccountId, uri: &str, now: DateTime<Utc>) -> Result<bool> {
    let text = "UPDATE group_reports SET closed_at = $3 WHERE group_id = $1 AND uri = $2 AND closed_at IS NULL";
    let closed = command(text)
        .bind::<BigInt, _>(group)
        .bind::<Text, _>(uri.to_owned())
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(closed > 0)
}

/// Forgets reports that were closed before a time, and those of posts that are gone.
pub async fn sweep_reports(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    command(
        "DELETE FROM group_reports r WHERE r.closed_at < $1 \
         OR EXISTS (SELECT 1 FROM posts p WHERE p.id = r.post_id AND p.deleted_at IS NOT NULL)",
    )
    .bind::<Timestamptz, _>(before)
    .execute(conn)
    .await
    .map_err(fault)
}
