//! Reports.

use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    accounts::{AUTHOR, AuthorSql},
    fault, notifications,
    page::{Page, Paged},
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, Author, NotificationKind, PostId, ReportId, Role},
};

/// A report: its id, whom it is about, who reported (a handle, or the name of a server), posts, comment, category, whether it went
/// to their server, when, and (once it is closed) when and with which words.
pub type Row =
    (ReportId, Author, String, Vec<PostId>, String, String, bool, DateTime<Utc>, Option<DateTime<Utc>>, String);
type RowSql = (BigInt, AuthorSql, Text, Array<BigInt>, Text, Text, Bool, Timestamptz, Nullable<Timestamptz>, Text);

fn query(rest: &str) -> String {
    format!(
        "SELECT x.id, {AUTHOR}, coalesce('@' || b.username || coalesce('@' || b.host, ''), split_part(x.uri, '/', 3)), x.post_ids, x.comment, x.category, x.forwarded, \
           x.created_at, x.resolved_at, x.resolution \
         FROM reports x JOIN accounts a ON a.id = x.target_id LEFT JOIN accounts b ON b.id = x.reporter_id {rest}"
    )
}

/// One to file.
#[derive(Debug)]
pub struct NewReport {
    /// Who; none where another server asks.
    pub reporter: Option<AccountId>,
    /// About whom.
    pub target: AccountId,
    /// Posts of theirs.
    pub posts: Vec<PostId>,
    /// Those among them that the reporter may read.
    pub readable: Vec<PostId>,
    /// In the reporter's words.
    pub comment: String,
    /// What kind.
    pub category: &'static str,
    /// Their server is told.
    pub forwarded: bool,
    /// ActivityPub id.
    pub uri: String,
}

/// Files one. Posts count only where they are the reported person's and were for everybody, or are for whoever reports: what is
/// kept is told them, and is no way to find out who wrote what elsewhere. Another server names what it has by its address.
pub async fn insert(conn: &mut Conn, new: &NewReport) -> Result<ReportId> {
    sql::<BigInt>(
        "INSERT INTO reports (reporter_id, target_id, post_ids, comment, category, forwarded, uri) \
         SELECT $1, $2, coalesce((SELECT array_agg(id) FROM posts WHERE id = ANY($3) AND author_id = $2 \
           AND ($1 IS NULL OR (visibility IN ('public', 'unlisted') AND held = '') OR id = ANY($8))), '{}'), $4, $5, $6, $7 RETURNING id",
    )
    .bind::<Nullable<BigInt>, _>(new.reporter)
    .bind::<BigInt, _>(new.target)
    .bind::<Array<BigInt>, _>(new.posts.clone())
    .bind::<Text, _>(new.comment.clone())
    .bind::<Text, _>(new.category.to_owned())
    .bind::<Bool, _>(new.forwarded)
    .bind::<Text, _>(new.uri.clone())
    .bind::<Array<BigInt>, _>(new.readable.clone())
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Tells moderators that somebody (`from`) is reported, or asks for an account.
pub async fn tell_moderators(conn: &mut Conn, kind: NotificationKind, from: AccountId) -> Result<()> {
    notifications::insert_for_role(conn, &[Role::Moderator, Role::Admin], kind, from).await
}

/// Open ones or closed ones, newest first.
pub async fn list(conn: &mut Conn, open: bool, page: &Page) -> Result<Paged<Row>> {
    let order = page.order();
    let state = if open { "IS NULL" } else { "IS NOT NULL" };
    let rows: Vec<Row> = sql::<RowSql>(query(&format!(
        "WHERE x.resolved_at {state} AND x.id < $1 AND x.id > $2 ORDER BY x.id {order} LIMIT $3"
    )))
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |r| r.0.0))
}

/// One.
pub async fn find(conn: &mut Conn, id: ReportId) -> Result<Option<Row>> {
    sql::<RowSql>(query("WHERE x.id = $1")).bind::<BigInt, _>(id).get_result(conn).await.optional().map_err(fault)
}

/// How many are open; at most 1,000 are counted.
pub async fn count_open(conn: &mut Conn) -> Result<i64> {
    sql::<BigInt>("SELECT count(*) FROM (SELECT 1 FROM reports WHERE resolved_at IS NULL LIMIT 1000) x")
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Closes one, or opens it again (without words).
pub async fn resolve(
    conn: &mut Conn,
    id: ReportId,
    by: AccountId,
    words: Option<&str>,
    now: DateTime<Utc>,
) -> Result<usize> {
    command(
        "UPDATE reports SET resolved_at = CASE WHEN $3::text IS NULL THEN NULL ELSE $4 END, resolved_by = $2, \
           resolution = coalesce($3, '') WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(by)
    .bind::<Nullable<Text>, _>(words.map(ToOwned::to_owned))
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)
}

/// The newest open report that names a post: one of those about its author.
pub async fn naming(conn: &mut Conn, post: PostId) -> Result<Option<ReportId>> {
    sql::<BigInt>(
        "SELECT r.id FROM posts p JOIN reports r ON r.target_id = p.author_id AND p.id = ANY(r.post_ids) \
         WHERE p.id = $1 AND r.resolved_at IS NULL ORDER BY r.id DESC LIMIT 1",
    )
    .bind::<BigInt, _>(post)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Which of these posts are in groups of ours and say something else than once, and how many of their earlier versions have words
/// left.
pub async fn edited_in_groups(conn: &mut Conn, posts: Vec<PostId>) -> Result<Vec<(PostId, i64)>> {
    sql::<(BigInt, BigInt)>(
        "SELECT p.id, count(*) FROM posts p JOIN accounts g ON g.id = p.group_id AND g.host_id IS NULL \
           JOIN post_edits e ON e.post_id = p.id AND e.struck_at IS NULL \
         WHERE p.id = ANY($1) AND p.deleted_at IS NULL GROUP BY p.id ORDER BY p.id",
    )
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)
}
