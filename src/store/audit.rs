//! The audit log: entries are added and read, never changed.

use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    page::{Page, Paged},
    sql::{command, sql},
};
use crate::{error::Result, model::AuditEntry};

type RowSql = (BigInt, Timestamptz, Nullable<BigInt>, Text, Text, Text, Text, Text, Text, Text, Jsonb, Binary, Binary);
const COLUMNS: &str =
    "seq, at, actor_id, actor, action, subject_kind, subject_id, subject, origin, reason, details, previous, hash";

/// The place and the hash of the newest entry; nobody else adds one until the transaction ends.
pub async fn lock_head(conn: &mut Conn) -> Result<Option<(i64, Vec<u8>)>> {
    // A statement of its own: the next one sees what was committed while this one waited.
    command("SELECT pg_advisory_xact_lock(20261126)").execute(conn).await.map_err(fault)?;
    sql::<(BigInt, Binary)>("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Adds one.
pub async fn insert(conn: &mut Conn, entry: AuditEntry) -> Result<()> {
    command(format!("INSERT INTO audit ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"))
        .bind::<BigInt, _>(entry.seq)
        .bind::<Timestamptz, _>(entry.at)
        .bind::<Nullable<BigInt>, _>(entry.actor_id)
        .bind::<Text, _>(entry.actor)
        .bind::<Text, _>(entry.action)
        .bind::<Text, _>(entry.subject_kind)
        .bind::<Text, _>(entry.subject_id)
        .bind::<Text, _>(entry.subject)
        .bind::<Text, _>(entry.origin)
        .bind::<Text, _>(entry.reason)
        .bind::<Jsonb, _>(entry.details)
        .bind::<Binary, _>(entry.previous)
        .bind::<Binary, _>(entry.hash)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A page, newest first: of all, or of what somebody did or what was about this name (in lower case).
pub async fn list(conn: &mut Conn, name: Option<&str>, page: &Page) -> Result<Paged<AuditEntry>> {
    let order = page.order();
    let part = format!("seq < $1 AND seq > $2 ORDER BY seq {order} LIMIT $3");
    let text = if name.is_some() {
        format!(
            "SELECT {COLUMNS} FROM audit WHERE seq IN ((SELECT seq FROM audit WHERE actor = $4 AND {part}) \
               UNION (SELECT seq FROM audit WHERE lower(subject) = $4 AND {part})) ORDER BY seq {order} LIMIT $3"
        )
    } else {
        format!("SELECT {COLUMNS} FROM audit WHERE {part}")
    };
    let mut query = sql::<RowSql>(text)
        .bind::<BigInt, _>(page.below())
        .bind::<BigInt, _>(page.above())
        .bind::<BigInt, _>(page.limit + 1);
    if let Some(name) = name {
        query = query.bind::<Text, _>(name.to_owned());
    }
    let rows: Vec<AuditEntry> = query.load(conn).await.map_err(fault)?;
    Ok(Paged::cut(rows, page, |entry| entry.seq))
}

/// The next entries after a place, in their order.
pub async fn after(conn: &mut Conn, seq: i64, limit: i64) -> Result<Vec<AuditEntry>> {
    sql::<RowSql>(format!("SELECT {COLUMNS} FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2"))
        .bind::<BigInt, _>(seq)
        .bind::<BigInt, _>(limit)
        .load(conn)
        .await
        .map_err(fault)
}
