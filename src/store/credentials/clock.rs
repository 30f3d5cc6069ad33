//! What falls due of credentials.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, CredentialId, EvidenceId},
    store::{Conn, fault, sql::sql},
};

/// How many are taken at once.
const AT_ONCE: i64 = 50;

/// Those that end soon, and whose holders have not been told so since they passed one of these numbers of days: marked as
/// told. Each with its holder and its last day. Where a renewal waits, nobody needs to be told, and the staff list renews
/// what it says by itself.
pub async fn take_reminders(
    conn: &mut Conn,
    today: NaiveDate,
    days: Vec<i16>,
) -> Result<Vec<(CredentialId, AccountId, NaiveDate)>> {
    sql::<(BigInt, BigInt, Date)>(
        "UPDATE credentials c SET reminded_days = x.days FROM (SELECT d.id, y.days FROM credentials d \
           CROSS JOIN LATERAL (SELECT min(n.days) AS days FROM unnest($2::smallint[]) AS n (days) WHERE d.expires_on - $1::date <= n.days) y \
           WHERE d.state IN ('attested', 'recheck_due') AND d.source = 'clinician' AND d.expires_on >= $1 \
             AND y.days < coalesce(d.reminded_days, 32767) \
             AND NOT EXISTS (SELECT 1 FROM credentials r WHERE r.renews = d.id AND r.state IN ('submitted', 'in_review', 'needs_information')) \
           ORDER BY d.expires_on, d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED) x \
         WHERE c.id = x.id RETURNING c.id, c.account_id, c.expires_on",
    )
    .bind::<Date, _>(today)
    .bind::<Array<SmallInt>, _>(days)
    .bind::<BigInt, _>(AT_ONCE)
    .load(conn)
    .await
    .map_err(fault)
}

/// Those whose last day is over.
pub async fn list_over(conn: &mut Conn, today: NaiveDate) -> Result<Vec<CredentialId>> {
    sql::<BigInt>(
        "SELECT id FROM credentials WHERE state IN ('attested', 'recheck_due', 'suspended') AND expires_on < $1 \
         ORDER BY expires_on, id LIMIT $2",
    )
    .bind::<Date, _>(today)
    .bind::<BigInt, _>(AT_ONCE)
    .load(conn)
    .await
    .map_err(fault)
}

/// Those whose next check has come.
pub async fn list_to_check(conn: &mut Conn, today: NaiveDate) -> Result<Vec<CredentialId>> {
    sql::<BigInt>(
        "SELECT id FROM credentials WHERE state = 'attested' AND next_check_on <= $1 ORDER BY next_check_on, id LIMIT $2",
    )
    .bind::<Date, _>(today)
    .bind::<BigInt, _>(AT_ONCE)
    .load(conn)
    .await
    .map_err(fault)
}

/// Those whose re-check was not done in time.
pub async fn list_overdue(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<CredentialId>> {
    sql::<BigInt>(
        "SELECT id FROM credentials WHERE state = 'recheck_due' AND recheck_by <= $1 ORDER BY recheck_by, id LIMIT $2",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(AT_ONCE)
    .load(conn)
    .await
    .map_err(fault)
}

/// Documents that the desk needs no more: of what was decided by then, and sent before. Each with its credential.
pub async fn list_stale_evidence(
    conn: &mut Conn,
    decided_by: DateTime<Utc>,
) -> Result<Vec<(CredentialId, EvidenceId)>> {
    sql::<(BigInt, BigInt)>(
        "SELECT c.id, e.id FROM evidence e JOIN credentials c ON c.id = e.credential_id WHERE e.deleted_at IS NULL \
           AND c.decided_at <= $1 AND e.created_at <= c.decided_at \
           AND c.state NOT IN ('draft', 'submitted', 'in_review', 'needs_information') ORDER BY c.id, e.id LIMIT $2",
    )
    .bind::<Timestamptz, _>(decided_by)
    .bind::<BigInt, _>(AT_ONCE)
    .load(conn)
    .await
    .map_err(fault)
}
