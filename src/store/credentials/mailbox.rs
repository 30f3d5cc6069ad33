//! Codes sent to mailboxes of the institution, and whether they came back.

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt},
};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::CredentialId,
    schema::mailbox_proofs,
    store::{
        Conn, fault,
        sql::{command, sql},
    },
};

/// A code that was sent.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mailbox_proofs)]
pub struct Proof {
    /// To which mailbox.
    pub email: String,
    /// A mark of the code that only this instance can make.
    pub code_hash: Vec<u8>,
    /// Codes that were entered and wrong.
    pub tries: i16,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// When it came back.
    pub proven_at: Option<DateTime<Utc>>,
}

/// The newest of a credential.
pub async fn find(conn: &mut Conn, of: CredentialId) -> Result<Option<Proof>> {
    mailbox_proofs::table.find(of).select(Proof::as_select()).first(conn).await.optional().map_err(fault)
}

/// Those of these credentials whose mailbox is proven.
pub async fn proven(conn: &mut Conn, of: Vec<CredentialId>) -> Result<Vec<CredentialId>> {
    mailbox_proofs::table
        .filter(mailbox_proofs::credential_id.eq_any(of))
        .filter(mailbox_proofs::proven_at.is_not_null())
        .select(mailbox_proofs::credential_id)
        .load(conn)
        .await
        .map_err(fault)
}

/// Those of these credentials whose proven mailbox somebody else has proven too, in whatever case it was written.
pub async fn shared(conn: &mut Conn, ids: Vec<CredentialId>) -> Result<Vec<CredentialId>> {
    sql::<BigInt>(
        "SELECT m.credential_id FROM mailbox_proofs m JOIN credentials c ON c.id = m.credential_id \
         WHERE m.credential_id = ANY($1) AND m.proven_at IS NOT NULL AND EXISTS (SELECT 1 FROM mailbox_proofs o \
           JOIN credentials d ON d.id = o.credential_id WHERE lower(o.email) = lower(m.email) \
             AND o.proven_at IS NOT NULL AND d.account_id <> c.account_id)",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)
    .await
    .map_err(fault)
}

/// A new code was sent; whatever was there before no longer counts.
pub async fn put(conn: &mut Conn, of: CredentialId, email: &str, code_hash: &[u8], now: DateTime<Utc>) -> Result<()> {
    let values = (
        mailbox_proofs::email.eq(email),
        mailbox_proofs::code_hash.eq(code_hash),
        mailbox_proofs::tries.eq(0_i16),
        mailbox_proofs::sent_at.eq(now),
        mailbox_proofs::proven_at.eq(None::<DateTime<Utc>>),
    );
    diesel::insert_into(mailbox_proofs::table)
        .values((mailbox_proofs::credential_id.eq(of), values))
        .on_conflict(mailbox_proofs::credential_id)
        .do_update()
        .set(values)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A wrong code was entered.
pub async fn count_try(conn: &mut Conn, of: CredentialId) -> Result<()> {
    command("UPDATE mailbox_proofs SET tries = tries + 1 WHERE credential_id = $1")
        .bind::<BigInt, _>(of)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The code came back.
pub async fn set_proven(conn: &mut Conn, of: CredentialId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(mailbox_proofs::table.find(of))
        .set(mailbox_proofs::proven_at.eq(now))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
