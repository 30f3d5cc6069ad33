//! What is proven about somebody, and whom they write to: the facts that demands are about.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{Conn, fault, sql::sql};
use crate::{
    error::Result,
    model::{AccountId, PostId},
    policy::demands::Proven,
};

/// What is proven about somebody now, under the name that they have: by our own desk, and by institutions of other servers
/// that we trust and whose lists have confirmed it within the time that a badge may stand without that. Columns: level,
/// discipline, codes of specialties, host of the issuer. The words are SQL: whose, our host, today, now, and since when a
/// list has to have confirmed it.
pub(super) fn proven_of([who, own_host, today, now, since]: [&str; 5]) -> String {
    format!(
        "SELECT (CASE WHEN x.stated THEN c.level ELSE least(c.level, 3) END)::smallint, c.discipline, c.specialties, \
           CASE WHEN x.stated THEN {own_host}::text ELSE '' END \
         FROM credentials c JOIN accounts a ON a.id = c.account_id \
           CROSS JOIN LATERAL (SELECT c.state IN ('attested', 'recheck_due') AND c.level = 4 AND EXISTS ( \
             SELECT 1 FROM attestations s WHERE s.credential_id = c.id AND s.name = a.name AND s.ended_at IS NULL \
               AND s.suspended_at IS NULL AND s.valid_until > {now}) AS stated) x \
         WHERE c.account_id = {who} \
           AND c.state IN ('submitted', 'in_review', 'needs_information', 'attested', 'recheck_due') \
           AND (c.expires_on IS NULL OR c.expires_on >= {today}) \
         UNION ALL SELECT (CASE s.level WHEN 0 THEN 4 ELSE s.level END)::smallint, s.discipline, \
           ARRAY(SELECT e ->> 'code' FROM jsonb_array_elements(s.specialties) e WHERE e ->> 'code' IS NOT NULL), h.name \
         FROM accounts a JOIN attestations s ON s.account_id = a.id AND s.name = a.name \
           JOIN issuers i ON i.uri = s.issuer_uri JOIN hosts h ON h.id = i.host_id \
         WHERE a.id = {who} AND s.credential_id IS NULL AND s.verdict = 'holds' \
           AND s.valid_from <= {now} + interval '5 minutes' AND s.valid_until > {now} AND s.confirmed_at > {since} \
           AND i.changed_at IS NULL AND h.trust = 'trusted' AND h.state <> 'blocked' \
           AND (cardinality(h.trusted_disciplines) = 0 OR s.discipline = ANY (h.trusted_disciplines))"
    )
}

/// What is proven about somebody now: see [`proven_of`].
pub async fn proven(
    conn: &mut Conn,
    who: AccountId,
    own_host: &str,
    now: DateTime<Utc>,
    stale: TimeDelta,
) -> Result<Vec<Proven>> {
    let rows: Vec<(i16, String, Vec<String>, String)> =
        sql::<(SmallInt, Text, Array<Text>, Text)>(proven_of(["$1", "$2", "$3", "$4", "$5"]))
            .bind::<BigInt, _>(who)
            .bind::<Text, _>(own_host.to_owned())
            .bind::<Date, _>(now.date_naive())
            .bind::<Timestamptz, _>(now)
            .bind::<Timestamptz, _>(now - stale)
            .load(conn)
            .await
            .map_err(fault)?;
    let shown = |(level, discipline, specialties, issuer_host)| Proven { level, discipline, specialties, issuer_host };
    Ok(rows.into_iter().map(shown).collect())
}

/// Whether any of these people is a stranger to whom writes: neither follows them, nor has written to them, or with
/// them, what is answered.
pub async fn any_stranger(
    conn: &mut Conn,
    who: AccountId,
    people: Vec<AccountId>,
    answers: Option<PostId>,
) -> Result<bool> {
    sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM unnest($2::bigint[]) AS n (id) WHERE n.id <> $1 \
           AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = n.id AND f.target_id = $1 AND f.state = 'accepted') \
           AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.id = $3 \
             AND (p.author_id = $1 OR EXISTS (SELECT 1 FROM mentions m WHERE m.post_id = p.id AND m.account_id = $1)) \
             AND (p.author_id = n.id OR (p.visibility = 'direct' \
               AND EXISTS (SELECT 1 FROM mentions m WHERE m.post_id = p.id AND m.account_id = n.id)))))",
    )
    .bind::<BigInt, _>(who)
    .bind::<Array<BigInt>, _>(people)
    .bind::<Nullable<BigInt>, _>(answers)
    .get_result(conn)
    .await
    .map_err(fault)
}
