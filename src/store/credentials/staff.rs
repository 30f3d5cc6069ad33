//! Whom a staff list means, and what it said before.

use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, Credential},
    schema::credentials,
    store::{Conn, fault, sql::sql},
};

/// Those of these addresses (in lower case) that one of our people has confirmed.
pub async fn people_by_email(conn: &mut Conn, emails: Vec<String>) -> Result<Vec<(String, AccountId)>> {
    sql::<(Text, BigInt)>(
        "SELECT lower(u.email), u.account_id FROM users u WHERE lower(u.email) = ANY($1) AND u.email_confirmed_at IS NOT NULL \
           AND u.state = 'active'",
    )
    .bind::<Array<Text>, _>(emails)
    .load(conn)
    .await
    .map_err(fault)
}

/// Employments that staff lists have stated: those that wait, hold or rest, those that the desk refused, those that their
/// holder took back, and those that the desk had suspended. What a list ended or replaced otherwise is none of them.
const STATED: &str = "source = 'staff' AND kind = 'employment' AND (state IN ('submitted', 'in_review', 'needs_information', \
    'attested', 'recheck_due', 'suspended', 'rejected', 'revoked') OR (state = 'withdrawn' AND (decided_by = account_id \
    OR EXISTS (SELECT 1 FROM credential_events e WHERE e.credential_id = credentials.id AND e.state = 'suspended' \
      AND NOT EXISTS (SELECT 1 FROM credential_events l WHERE l.credential_id = e.credential_id AND l.state = 'attested' AND l.id > e.id)))))";

/// All of them, in their order.
pub async fn employments(conn: &mut Conn) -> Result<Vec<Credential>> {
    credentials::table
        .filter(diesel::dsl::sql::<Bool>(STATED))
        .order(credentials::id)
        .select(Credential::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// The newest of somebody's, locked until the transaction ends.
pub async fn lock_employment(conn: &mut Conn, who: AccountId) -> Result<Option<Credential>> {
    credentials::table
        .filter(credentials::account_id.eq(who))
        .filter(diesel::dsl::sql::<Bool>(STATED))
        .order(credentials::id.desc())
        .select(Credential::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}
