//! Documents sent with credentials. What is in them comes and goes sealed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{CredentialId, Evidence, EvidenceId},
    schema::evidence,
    store::{Conn, fault},
};

/// One to keep.
#[derive(Debug)]
pub struct NewEvidence {
    /// Its id.
    pub id: EvidenceId,
    /// To which credential.
    pub credential: CredentialId,
    /// What it is, in its holder's words.
    pub label: String,
    /// Media type.
    pub media_type: &'static str,
    /// Its size.
    pub bytes: i32,
    /// SHA-256.
    pub digest: Vec<u8>,
    /// What is in it, sealed.
    pub sealed: Vec<u8>,
    /// When it was sent.
    pub at: DateTime<Utc>,
}

/// Keeps one.
pub async fn insert(conn: &mut Conn, new: NewEvidence) -> Result<()> {
    diesel::insert_into(evidence::table)
        .values((
            evidence::id.eq(new.id),
            evidence::credential_id.eq(new.credential),
            evidence::label.eq(new.label),
            evidence::media_type.eq(new.media_type),
            evidence::bytes.eq(new.bytes),
            evidence::digest.eq(new.digest),
            evidence::sealed.eq(new.sealed),
            evidence::created_at.eq(new.at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// By id.
pub async fn find(conn: &mut Conn, id: EvidenceId) -> Result<Option<Evidence>> {
    evidence::table.find(id).select(Evidence::as_select()).first(conn).await.optional().map_err(fault)
}

/// What is in it, sealed; none where it was deleted.
pub async fn find_sealed(conn: &mut Conn, id: EvidenceId) -> Result<Option<Vec<u8>>> {
    let found: Option<Option<Vec<u8>>> =
        evidence::table.find(id).select(evidence::sealed).first(conn).await.optional().map_err(fault)?;
    Ok(found.flatten())
}

/// Those of a credential in their order, also what is left of deleted ones.
pub async fn list(conn: &mut Conn, of: CredentialId) -> Result<Vec<Evidence>> {
    evidence::table
        .filter(evidence::credential_id.eq(of))
        .order(evidence::id)
        .limit(100)
        .select(Evidence::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// How many of a credential are there.
pub async fn count(conn: &mut Conn, of: CredentialId) -> Result<i64> {
    evidence::table
        .filter(evidence::credential_id.eq(of))
        .filter(evidence::deleted_at.is_null())
        .count()
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Those of these credentials that have any document that was not deleted.
pub async fn with_documents(conn: &mut Conn, of: Vec<CredentialId>) -> Result<Vec<CredentialId>> {
    evidence::table
        .filter(evidence::credential_id.eq_any(of))
        .filter(evidence::deleted_at.is_null())
        .select(evidence::credential_id)
        .distinct()
        .load(conn)
        .await
        .map_err(fault)
}

/// Calls one otherwise.
pub async fn set_label(conn: &mut Conn, id: EvidenceId, label: &str) -> Result<()> {
    diesel::update(evidence::table.find(id)).set(evidence::label.eq(label)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Deletes what is in one; its digest stays. False where it was deleted before.
pub async fn erase(conn: &mut Conn, id: EvidenceId, now: DateTime<Utc>) -> Result<bool> {
    let rows = diesel::update(evidence::table.find(id).filter(evidence::deleted_at.is_null()))
        .set((evidence::sealed.eq(None::<Vec<u8>>), evidence::deleted_at.eq(now)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(rows == 1)
}

/// Deletes one that nobody at the desk has seen, with all that was noted of it.
pub async fn delete(conn: &mut Conn, id: EvidenceId) -> Result<()> {
    diesel::delete(evidence::table.find(id)).execute(conn).await.map_err(fault)?;
    Ok(())
}
