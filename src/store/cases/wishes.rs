//! What members choose to be asked, and whose turn it is to be told by mail.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::queue;
use crate::{
    error::Result,
    model::AccountId,
    schema::case_wishes,
    store::{Conn, fault, sql::sql},
};

/// Codes of the specialties that are proven of account `$1` at the time `$2`, as they stand beside the badge.
const PROVEN: &str = "ARRAY(SELECT DISTINCT s.code FROM accounts a CROSS JOIN jsonb_array_elements(a.proven) AS p (said) \
      CROSS JOIN jsonb_array_elements_text(p.said -> 'codes') AS s (code) \
    WHERE a.id = $1 AND (p.said ->> 'until')::timestamptz > $2 ORDER BY s.code)";

/// Codes of the specialties that are proven of somebody.
pub async fn proven(conn: &mut Conn, who: AccountId, now: DateTime<Utc>) -> Result<Vec<String>> {
    sql::<Array<Text>>(format!("SELECT {PROVEN}"))
        .bind::<BigInt, _>(who)
        .bind::<Timestamptz, _>(now)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Codes of the specialties that somebody is asked about: those that they chose, or else those that are proven of them.
pub async fn asked_about(conn: &mut Conn, who: AccountId, now: DateTime<Utc>) -> Result<Vec<String>> {
    let chosen = "(SELECT w.specialties FROM case_wishes w WHERE w.account_id = $1)";
    sql::<Array<Text>>(format!("SELECT coalesce({chosen}, {PROVEN})"))
        .bind::<BigInt, _>(who)
        .bind::<Timestamptz, _>(now)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// The specialties that somebody chose (codes), and whether they are told by mail; none where they never chose.
pub async fn find(conn: &mut Conn, who: AccountId) -> Result<Option<(Vec<String>, bool)>> {
    case_wishes::table
        .find(who)
        .select((case_wishes::specialties, case_wishes::mail))
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Keeps what somebody chose. When they were last told stays, so that nobody is told twice a day by choosing anew.
pub async fn put(conn: &mut Conn, who: AccountId, specialties: Vec<String>, mail: bool) -> Result<()> {
    let chosen = (case_wishes::specialties.eq(specialties), case_wishes::mail.eq(mail));
    diesel::insert_into(case_wishes::table)
        .values((case_wishes::account_id.eq(who), chosen.clone()))
        .on_conflict(case_wishes::account_id)
        .do_update()
        .set(chosen)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Takes the turns of those who are told by mail and whose last one was before a time: each with their address (empty where they
/// get no mail any more), and how many cases wait for them (at most 100 are counted). At most so many at once. A turn is taken
/// whether or not anything waits, so that everybody is looked at once a day.
pub async fn take_turns(
    conn: &mut Conn,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(String, i64)>> {
    let asked = "WHERE c.specialties && due.specialties OR cardinality(c.specialties) = 0";
    let waiting = queue::open("1", asked, "LIMIT 100");
    // Here everybody whose turn it is looks for themselves.
    let waiting = waiting.replace("$1", "due.account_id").replace("$2", "NULL::bigint");
    sql::<(Text, BigInt)>(format!(
        "WITH due AS (SELECT w.account_id, w.specialties FROM case_wishes w WHERE w.mail AND (w.mailed_at IS NULL OR w.mailed_at <= $2) \
             ORDER BY w.mailed_at NULLS FIRST LIMIT $3 FOR UPDATE SKIP LOCKED), \
           taken AS (UPDATE case_wishes w SET mailed_at = $1 FROM due WHERE w.account_id = due.account_id) \
         SELECT coalesce(u.email, ''), coalesce(y.waiting, 0) FROM due \
           LEFT JOIN users u ON u.account_id = due.account_id AND u.state = 'active' AND u.email_confirmed_at IS NOT NULL \
           LEFT JOIN LATERAL (SELECT count(*) AS waiting FROM ({waiting}) x) y ON u.account_id IS NOT NULL"
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}
