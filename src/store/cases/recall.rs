//! Cases that are taken back, and consents that end.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, PostId, RecallReason},
    store::{
        Conn, fault,
        sql::{command, sql},
    },
};

/// Empties a case and notes why; its row stays, so that it is known to have been withdrawn.
pub async fn withdraw(
    conn: &mut Conn,
    post: PostId,
    by: Option<AccountId>,
    reason: RecallReason,
    now: DateTime<Utc>,
) -> Result<()> {
    command(
        "WITH ended AS (UPDATE case_consents SET withdrawn_at = $4, holder = '', form_hash = '' WHERE post_id = $1), \
           noted AS (INSERT INTO case_recalls (post_id, reason, started_by, started_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING) \
         UPDATE cases SET state = 'withdrawn', body = '{}', outcome = '', outcome_html = '', kept_sealed = NULL, \
           answer_id = NULL WHERE post_id = $1",
    )
    .bind::<BigInt, _>(post)
    .bind::<Text, _>(reason)
    .bind::<Nullable<BigInt>, _>(by)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Cases of ours whose consent has ended and that are still there.
pub async fn expired(conn: &mut Conn, today: NaiveDate, limit: i64) -> Result<Vec<PostId>> {
    sql::<BigInt>(
        "SELECT post_id FROM case_consents WHERE expires_on <= $1 AND withdrawn_at IS NULL ORDER BY expires_on LIMIT $2",
    )
    .bind::<Date, _>(today)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Who has answered below a case, and may be told that it is gone.
pub async fn participants(conn: &mut Conn, post: PostId) -> Result<Vec<AccountId>> {
    sql::<BigInt>(
        "WITH RECURSIVE down (id, author, n) AS ( \
           SELECT p.id, p.author_id, 1 FROM posts p WHERE p.reply_to_id = $1 AND p.deleted_at IS NULL AND p.held = '' \
           UNION ALL SELECT p.id, p.author_id, down.n + 1 FROM down JOIN posts p ON p.reply_to_id = down.id \
             WHERE down.n < 100 AND p.deleted_at IS NULL AND p.held = '') \
         SELECT DISTINCT author FROM down LIMIT 5000",
    )
    .bind::<BigInt, _>(post)
    .load(conn)
    .await
    .map_err(fault)
}
