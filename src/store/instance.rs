//! What this instance is.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{Conn, fault, sql::sql};
use crate::{error::Result, schema::instance};

/// Writes the public address down once and returns what stands there.
pub async fn claim_name(conn: &mut Conn, public_url: &str) -> Result<String> {
    diesel::insert_into(instance::table)
        .values((instance::id.eq(true), instance::public_url.eq(public_url)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await
        .map_err(fault)?;
    instance::table.select(instance::public_url).first(conn).await.map_err(fault)
}

/// The database's clock and version.
pub async fn clock_and_version(conn: &mut Conn) -> Result<(DateTime<Utc>, i32)> {
    sql::<(Timestamptz, Integer)>("SELECT clock_timestamp(), current_setting('server_version_num')::int")
        .get_result(conn)
        .await
        .map_err(fault)
}

/// What waits in the queues: received, outbox, deliveries, mails, dead letters.
pub async fn queue_lengths(conn: &mut Conn) -> Result<(i64, i64, i64, i64, i64)> {
    sql::<(BigInt, BigInt, BigInt, BigInt, BigInt)>(
        "SELECT (SELECT count(*) FROM received), (SELECT count(*) FROM outbox WHERE fanned_out_at IS NULL), \
                (SELECT count(*) FROM deliveries), (SELECT count(*) FROM mails), (SELECT count(*) FROM dead_letters)",
    )
    .get_result(conn)
    .await
    .map_err(fault)
}

/// The last twelve weeks, newest first: first day (seconds since 1970), posts, people seen, new people.
pub async fn weeks(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<(i64, i64, i64, i64)>> {
    sql::<(BigInt, BigInt, BigInt, BigInt)>(
        "SELECT extract(epoch FROM w)::bigint, \
           (SELECT count(*) FROM posts WHERE local AND deleted_at IS NULL AND boost_of_id IS NULL \
             AND id >= ((extract(epoch FROM w) * 1000)::bigint << 16) AND id < (((extract(epoch FROM w) + 604800) * 1000)::bigint << 16)), \
           (SELECT count(DISTINCT account_id) FROM sessions WHERE seen_at >= w AND seen_at < w + interval '7 days'), \
           (SELECT count(*) FROM users WHERE created_at >= w AND created_at < w + interval '7 days') \
         FROM generate_series(date_trunc('week', $1::timestamptz) - interval '77 days', date_trunc('week', $1::timestamptz), interval '7 days') w ORDER BY w DESC",
    )
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}
