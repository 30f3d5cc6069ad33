//! Failed sign-ins, counted by a hash of the account and of the address.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{Conn, fault, sql::command};
use crate::{error::Result, schema::throttles};

/// Until when the first blocked of these keys has to wait, if any.
pub async fn blocked_until(conn: &mut Conn, keys: Vec<Vec<u8>>, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    throttles::table
        .filter(throttles::key.eq_any(keys))
        .filter(throttles::blocked_until.gt(now))
        .select(diesel::dsl::max(throttles::blocked_until))
        .first(conn)
        .await
        .map_err(fault)
}

/// Counts a failure; from the `allowed`-th on the key is blocked, twice as long each time.
pub async fn count(conn: &mut Conn, key: &[u8], allowed: i32, wait_seconds: i64, now: DateTime<Utc>) -> Result<()> {
    command(
        "INSERT INTO throttles (key, failures, window_ends) VALUES ($1, 1, $4::timestamptz + interval '15 minutes') \
         ON CONFLICT (key) DO UPDATE SET \
           failures = CASE WHEN throttles.window_ends < $4 THEN 1 ELSE throttles.failures + 1 END, \
           window_ends = $4::timestamptz + interval '15 minutes', \
           blocked_until = CASE WHEN throttles.window_ends >= $4 AND throttles.failures + 1 >= $2 \
             THEN $4::timestamptz + make_interval(secs => $3 * power(2, least(throttles.failures + 1 - $2, 10))) \
             ELSE throttles.blocked_until END",
    )
    .bind::<Binary, _>(key.to_vec())
    .bind::<Integer, _>(allowed)
    .bind::<BigInt, _>(wait_seconds)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Forgets the failures of a key.
pub async fn clear(conn: &mut Conn, key: &[u8]) -> Result<()> {
    diesel::delete(throttles::table.find(key)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Forgets what is long past.
pub async fn sweep(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    diesel::delete(throttles::table.filter(throttles::window_ends.lt(now)).filter(throttles::blocked_until.lt(now)))
        .execute(conn)
        .await
        .map_err(fault)
}
