//! Acts that are slowed down, counted by a hash of who does them.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{error::Result, schema::throttles};

/// Counts a try before it is made. Where the key has to wait already, nothing is counted and the end of the wait is
/// returned. The `allowed`-th try within 15 minutes begins a wait that doubles with each further one. Tries of one
/// key stand in line on its row, so that many at once are not one.
pub async fn count(
    conn: &mut Conn,
    key: &[u8],
    allowed: i32,
    wait_seconds: i64,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let counted = command(
        "INSERT INTO throttles (key, failures, window_ends) VALUES ($1, 1, $4::timestamptz + interval '15 minutes') \
         ON CONFLICT (key) DO UPDATE SET \
           failures = CASE WHEN throttles.window_ends < $4 THEN 1 ELSE throttles.failures + 1 END, \
           window_ends = $4::timestamptz + interval '15 minutes', \
           blocked_until = CASE WHEN throttles.window_ends >= $4 AND throttles.failures + 1 >= $2 \
             THEN $4::timestamptz + make_interval(secs => $3 * power(2, least(throttles.failures + 1 - $2, 10))) \
             ELSE throttles.blocked_until END WHERE throttles.blocked_until <= $4",
    )
    .bind::<Binary, _>(key.to_vec())
    .bind::<Integer, _>(allowed)
    .bind::<BigInt, _>(wait_seconds)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    if counted > 0 {
        return Ok(None);
    }
    throttles::table.find(key).select(throttles::blocked_until).first(conn).await.optional().map_err(fault)
}

/// Takes back one try that turned out well.
pub async fn uncount(conn: &mut Conn, key: &[u8]) -> Result<()> {
    command("UPDATE throttles SET failures = greatest(failures - 1, 0), blocked_until = 'epoch' WHERE key = $1")
        .bind::<Binary, _>(key.to_vec())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Counts one of `allowed` acts in a window; where they are used up, the end of the window is returned.
pub async fn take(
    conn: &mut Conn,
    key: &[u8],
    allowed: i32,
    window_seconds: i64,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let (used, ends): (i32, DateTime<Utc>) = sql::<(Integer, Timestamptz)>(
        "INSERT INTO throttles (key, failures, window_ends) VALUES ($1, 1, $3::timestamptz + make_interval(secs => $2)) \
         ON CONFLICT (key) DO UPDATE SET \
           failures = CASE WHEN throttles.window_ends < $3 THEN 1 ELSE throttles.failures + 1 END, \
           window_ends = CASE WHEN throttles.window_ends < $3 THEN excluded.window_ends ELSE throttles.window_ends END \
         RETURNING failures, window_ends",
    )
    .bind::<Binary, _>(key.to_vec())
    .bind::<BigInt, _>(window_seconds)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .await
    .map_err(fault)?;
    Ok((used > allowed).then_some(ends))
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
