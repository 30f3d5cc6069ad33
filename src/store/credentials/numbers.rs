//! By what numbers are found, where the reading of them has changed.

use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::CredentialId,
    store::{
        Conn, fault,
        sql::{command, sql},
    },
};

/// A number as it is kept.
#[derive(Debug)]
pub struct Kept {
    /// Of which credential.
    pub id: CredentialId,
    /// Key of its register; may be empty.
    pub register: String,
    /// The body in words.
    pub body: String,
    /// The number, sealed.
    pub sealed: Vec<u8>,
    /// By what it is found.
    pub index: Vec<u8>,
}

/// A number that is found by something else than before.
#[derive(Debug)]
pub struct Moved {
    /// Of which credential.
    pub id: CredentialId,
    /// By what it was found.
    pub was: Vec<u8>,
    /// By what it is found.
    pub becomes: Vec<u8>,
}

/// Numbers of a register, or (without one) of all of which no copy is in use, in the order of their credentials. Numbers of
/// staff lists are read by no register.
pub async fn list(conn: &mut Conn, register: Option<&str>, after: CredentialId, limit: i64) -> Result<Vec<Kept>> {
    type Row = (CredentialId, String, String, Vec<u8>, Vec<u8>);
    let rows: Vec<Row> = sql::<(BigInt, Text, Text, Binary, Binary)>(
        "SELECT c.id, c.register, c.body, c.number_sealed, c.number_index FROM credentials c \
         WHERE c.id > $2 AND c.source = 'clinician' AND c.number_sealed IS NOT NULL AND c.number_index IS NOT NULL \
           AND CASE WHEN $1::text IS NOT NULL THEN c.register = $1 \
             ELSE NOT EXISTS (SELECT 1 FROM register_snapshots s WHERE s.register = c.register AND s.state = 'current') END \
         ORDER BY c.id LIMIT $3",
    )
    .bind::<Nullable<Text>, _>(register.map(str::to_owned))
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)?;
    let kept = |(id, register, body, sealed, index): Row| Kept { id, register, body, sealed, index };
    Ok(rows.into_iter().map(kept).collect())
}

/// Locks all credentials of a register in their order, until the transaction ends.
pub async fn lock(conn: &mut Conn, register: &str) -> Result<()> {
    command("SELECT id FROM credentials WHERE register = $1 ORDER BY id FOR UPDATE")
        .bind::<Text, _>(register.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Has numbers found by what they are read as now, locked in their order; one that was written anew meanwhile stays as it
/// is. Returns how many those were.
pub async fn put(conn: &mut Conn, moved: &[Moved]) -> Result<usize> {
    if moved.is_empty() {
        return Ok(0);
    }
    let ids: Vec<CredentialId> = moved.iter().map(|one| one.id).collect();
    let was: Vec<Vec<u8>> = moved.iter().map(|one| one.was.clone()).collect();
    let becomes: Vec<Vec<u8>> = moved.iter().map(|one| one.becomes.clone()).collect();
    command(
        "WITH l AS (SELECT id FROM credentials WHERE id = ANY($1) ORDER BY id FOR UPDATE) \
         UPDATE credentials c SET number_index = m.becomes \
         FROM l JOIN unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS m (id, was, becomes) ON m.id = l.id \
         WHERE c.id = l.id AND c.number_index = m.was",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<Binary>, _>(was)
    .bind::<Array<Binary>, _>(becomes)
    .execute(conn)
    .await
    .map_err(fault)
}
