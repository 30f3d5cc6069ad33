//! Heads of the audit log that were signed, one a day.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::error::Result;

/// The place and the hash of the last entry before a moment.
pub async fn last_before(conn: &mut Conn, moment: DateTime<Utc>) -> Result<Option<(i64, Vec<u8>)>> {
    sql::<(BigInt, Binary)>("SELECT seq, hash FROM audit WHERE at < $1 ORDER BY seq DESC LIMIT 1")
        .bind::<Timestamptz, _>(moment)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Keeps the head of a day; false where there is one already.
pub async fn insert(conn: &mut Conn, day: NaiveDate, seq: i64, document: &str) -> Result<bool> {
    let rows = command("INSERT INTO audit_heads (day, seq, document) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind::<Date, _>(day)
        .bind::<BigInt, _>(seq)
        .bind::<Text, _>(document.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(rows > 0)
}

/// The signed head of a day, or the newest.
pub async fn find(conn: &mut Conn, day: Option<NaiveDate>) -> Result<Option<String>> {
    sql::<Text>("SELECT document FROM audit_heads WHERE $1::date IS NULL OR day = $1 ORDER BY day DESC LIMIT 1")
        .bind::<Nullable<Date>, _>(day)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}
