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

/// Those that hold, and about which nothing is stated beyond `ends_by`, though it could be. What was to be looked at by
/// now, and what is stated about another name than the one that is shown, is left out.
pub async fn list_to_restate(conn: &mut Conn, now: DateTime<Utc>, ends_by: DateTime<Utc>) -> Result<Vec<CredentialId>> {
    sql::<BigInt>(
        "SELECT c.id FROM credentials c JOIN attestations t ON t.credential_id = c.id JOIN accounts a ON a.id = c.account_id \
         WHERE c.state IN ('attested', 'recheck_due') AND c.level = 4 AND (c.recheck_by IS NULL OR c.recheck_by > $1) \
           AND t.ended_at IS NULL AND t.suspended_at IS NULL AND t.valid_until <= $2 AND t.name = a.name \
           AND (c.expires_on IS NULL OR t.valid_until < (c.expires_on + 1)::timestamp AT TIME ZONE 'UTC') \
         ORDER BY t.valid_until, c.id LIMIT $3",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(ends_by)
    .bind::<BigInt, _>(AT_ONCE)
    .load(conn)
    .await
    .map_err(fault)
}

/// Those that wait, and of whose register a copy has come since they were last touched.
pub async fn list_outdated(conn: &mut Conn) -> Result<Vec<CredentialId>> {
    sql::<BigInt>(
        "SELECT c.id FROM credentials c JOIN register_snapshots s ON s.register = c.register AND s.state = 'current' \
         WHERE c.state IN ('submitted', 'in_review', 'needs_information') AND c.number_index IS NOT NULL \
           AND s.finished_at > c.updated_at ORDER BY c.id LIMIT $1",
    )
    .bind::<BigInt, _>(AT_ONCE)
    .load(conn)
    .await
    .map_err(fault)
}

/// Documents that nobody needs any more: of what was over, or decided, by then, and of drafts that nobody has touched since
/// then. What was sent after a decision that still holds waits for the next one. Each with its credential.
pub async fn list_stale_evidence(
    conn: &mut Conn,
    decided_by: DateTime<Utc>,
) -> Result<Vec<(CredentialId, EvidenceId)>> {
    sql::<(BigInt, BigInt)>(
        "SELECT c.id, e.id FROM evidence e JOIN credentials c ON c.id = e.credential_id WHERE e.deleted_at IS NULL \
           AND CASE WHEN c.state = 'draft' THEN c.updated_at <= $1 \
             WHEN c.state IN ('rejected', 'expired', 'revoked', 'withdrawn') THEN coalesce(c.decided_at, c.updated_at) <= $1 \
             WHEN c.state IN ('attested', 'recheck_due', 'suspended') THEN c.decided_at <= $1 AND e.created_at <= c.decided_at \
             ELSE false END ORDER BY c.id, e.id LIMIT $2",
    )
    .bind::<Timestamptz, _>(decided_by)
    .bind::<BigInt, _>(AT_ONCE)
    .load(conn)
    .await
    .map_err(fault)
}
