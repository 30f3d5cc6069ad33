//! Word of the house.

use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, AnnouncementId, PostId},
};

/// One: its id, Markdown, safe HTML, from when to when, when published and changed, and whether the reader has seen it.
pub type Row =
    (AnnouncementId, String, String, Option<DateTime<Utc>>, Option<DateTime<Utc>>, DateTime<Utc>, DateTime<Utc>, bool);
type RowSql = (BigInt, Text, Text, Nullable<Timestamptz>, Nullable<Timestamptz>, Timestamptz, Timestamptz, Bool);
const COLUMNS: &str = "x.id, x.source, x.html, x.starts_at, x.ends_at, x.published_at, x.updated_at, \
    EXISTS (SELECT 1 FROM announcement_reads r WHERE r.announcement_id = x.id AND r.account_id = $1)";

/// Those that hold now, newest first; or all of them.
pub async fn list(conn: &mut Conn, who: AccountId, now: Option<DateTime<Utc>>) -> Result<Vec<Row>> {
    sql::<RowSql>(format!(
        "SELECT {COLUMNS} FROM announcements x WHERE $2::timestamptz IS NULL \
           OR (coalesce(x.starts_at, x.published_at) <= $2 AND (x.ends_at IS NULL OR x.ends_at > $2)) ORDER BY x.id DESC LIMIT 100"
    ))
    .bind::<BigInt, _>(who)
    .bind::<Nullable<Timestamptz>, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}

/// One of them.
pub async fn find(conn: &mut Conn, who: AccountId, id: AnnouncementId) -> Result<Option<Row>> {
    sql::<RowSql>(format!("SELECT {COLUMNS} FROM announcements x WHERE x.id = $2"))
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Publishes one.
pub async fn insert(
    conn: &mut Conn,
    source: &str,
    html: &str,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    post: Option<PostId>,
) -> Result<AnnouncementId> {
    sql::<BigInt>(
        "INSERT INTO announcements (source, html, starts_at, ends_at, post_id) VALUES ($1, $2, $3, $4, $5) RETURNING id",
    )
    .bind::<Text, _>(source.to_owned())
    .bind::<Text, _>(html.to_owned())
    .bind::<Nullable<Timestamptz>, _>(starts_at)
    .bind::<Nullable<Timestamptz>, _>(ends_at)
    .bind::<Nullable<BigInt>, _>(post)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Takes one back: the post that says the same, where one does; [`Error::NotFound`](crate::error::Error::NotFound) where
/// there is no such announcement.
pub async fn delete(conn: &mut Conn, id: AnnouncementId) -> Result<Option<PostId>> {
    sql::<Nullable<BigInt>>("DELETE FROM announcements WHERE id = $1 RETURNING post_id")
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Somebody has seen one.
pub async fn read(conn: &mut Conn, who: AccountId, id: AnnouncementId) -> Result<()> {
    command("INSERT INTO announcement_reads (account_id, announcement_id) SELECT $1, id FROM announcements WHERE id = $2 ON CONFLICT DO NOTHING")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Reactions to these: which, the emoji, how many, and whether the reader is among them.
pub async fn reactions(
    conn: &mut Conn,
    who: AccountId,
    ids: Vec<AnnouncementId>,
) -> Result<Vec<(AnnouncementId, String, i64, bool)>> {
    sql::<(BigInt, Text, BigInt, Bool)>(
        "SELECT announcement_id, name, count(*), bool_or(account_id = $1) FROM announcement_reactions \
         WHERE announcement_id = ANY($2) GROUP BY announcement_id, name ORDER BY min(account_id)",
    )
    .bind::<BigInt, _>(who)
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)
    .await
    .map_err(fault)
}

/// How many reacted with this emoji.
pub async fn count_reactions(conn: &mut Conn, id: AnnouncementId, emoji: &str) -> Result<i64> {
    sql::<BigInt>("SELECT count(*) FROM announcement_reactions WHERE announcement_id = $1 AND name = $2")
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(emoji.to_owned())
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Adds or takes back somebody's reaction.
pub async fn react(conn: &mut Conn, who: AccountId, id: AnnouncementId, name: &str, add: bool) -> Result<()> {
    let text = if add {
        "INSERT INTO announcement_reactions (account_id, announcement_id, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM announcement_reactions WHERE account_id = $1 AND announcement_id = $2 AND name = $3"
    };
    command(text)
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(name.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
