//! The badge beside a name, and all that is proven besides: worked out from the statements about somebody, and kept with the
//! account, so that no page asks anything more for it.

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{error::Result, model::AccountId};

/// Works out anew what is verified of these people: one statement for all of them, one badge each or none.
///
/// Ours count while they are in force; others' while their last check found that they hold, their institution's list
/// confirmed it within `stale_hours`, and we trust the institution. A statement about another name than the one that is
/// shown counts for nothing. Ours come before others', then the newest, then the one that lasts longest. With the one that
/// is shown goes when all of them end, at most ten: so many more there are. Beside it is kept what an institution stands by
/// (level 4): of each statement, at most fifty, the discipline, the codes of its specialties, and when it ends.
pub async fn refresh(conn: &mut Conn, accounts: &[AccountId], now: DateTime<Utc>, stale_hours: i64) -> Result<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    // The accounts are locked in the order of their ids, so that two that do this at once wait for each other.
    command(
        "UPDATE accounts a SET badge = n.badge, badge_until = n.until, proven = n.proven FROM ( \
           SELECT o.id, b.badge, b.until, coalesce(b.proven, '[]') AS proven \
           FROM (SELECT id, name FROM accounts WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE) o \
           LEFT JOIN LATERAL ( \
             SELECT e.until, jsonb_build_object('token', t.token, 'discipline', t.discipline, \
                 'specialty', coalesce(t.specialties->0->>'display', ''), \
                 'issuer', coalesce(CASE WHEN t.credential_id IS NULL THEN coalesce(nullif(i.name, ''), h.name) \
                   ELSE t.document::jsonb->'issuer'->>'name' END, ''), \
                 'register', t.register, 'jurisdiction', t.jurisdiction, 'checked_on', t.checked_on, 'until', e.until, \
                 'confirmed_at', CASE WHEN t.credential_id IS NULL THEN t.confirmed_at END, \
                 'ends', jsonb_path_query_array(jsonb_agg(e.until) OVER w, '$[0 to 9]')) AS badge, \
               jsonb_path_query_array(jsonb_agg(jsonb_build_object('discipline', t.discipline, \
                   'codes', jsonb_path_query_array(t.specialties, '$[*].code'), 'until', e.until)) \
                 FILTER (WHERE coalesce(c.level, nullif(t.level, 0), 4) >= 4) OVER w, '$[0 to 49]') AS proven \
             FROM attestations t \
             LEFT JOIN credentials c ON c.id = t.credential_id \
             LEFT JOIN issuers i ON i.uri = t.issuer_uri AND t.credential_id IS NULL \
             LEFT JOIN hosts h ON h.id = i.host_id \
             CROSS JOIN LATERAL (SELECT CASE WHEN t.credential_id IS NULL \
               THEN least(t.valid_until, coalesce(t.confirmed_at, '-infinity') + make_interval(hours => $3::int)) \
               ELSE t.valid_until END AS until) e \
             WHERE t.account_id = o.id AND t.name = o.name AND t.valid_from <= $2::timestamptz + interval '5 minutes' \
               AND e.until > $2::timestamptz \
               AND CASE WHEN t.credential_id IS NULL \
                 THEN t.verdict = 'holds' AND i.changed_at IS NULL AND h.state <> 'blocked' AND h.trust = 'trusted' \
                   AND (h.trusted_disciplines = '{}' OR t.discipline = ANY(h.trusted_disciplines)) \
                 ELSE t.ended_at IS NULL AND t.suspended_at IS NULL AND c.state IN ('attested', 'recheck_due') END \
             WINDOW w AS (ORDER BY e.until DESC, t.id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) \
             ORDER BY t.credential_id IS NULL, coalesce(c.kind IN ('registration', 'specialist'), false) DESC, \
               t.valid_from DESC, t.valid_until DESC, t.id DESC LIMIT 1 \
           ) b ON true \
         ) n WHERE a.id = n.id AND (a.badge, a.badge_until, a.proven) IS DISTINCT FROM (n.badge, n.until, n.proven)",
    )
    .bind::<Array<BigInt>, _>(accounts.to_vec())
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(stale_hours)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// People whose badge has ended: another statement may take its place.
pub async fn ended(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<AccountId>> {
    sql::<BigInt>("SELECT id FROM accounts WHERE badge IS NOT NULL AND badge_until <= $1 ORDER BY badge_until LIMIT $2")
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(limit)
        .load(conn)
        .await
        .map_err(fault)
}
