//! Documents that show what a credential claims: sealed, opened for its holder and for who works on it, and deleted.

use bytes::Bytes;
use serde_json::json;

use super::{
    events, number, openings,
    review::Case,
    submit::{find_own, own},
};
use crate::{
    crypto::digest,
    error::{Error, Result},
    model::{AuditAction, Credential, CredentialId, CredentialState, Evidence, EvidenceId},
    picture::{self, Bounds},
    policy::{Viewer, moderation},
    service::{
        Ctx,
        audit::{self, About, By, Deed},
        throttles::{self, Act},
    },
    store::{self, Conn, credentials::evidence::NewEvidence},
    text::sanitize,
};

/// Most documents of one credential.
const MOST: i64 = 8;
/// Longest label, in characters.
const LABEL: usize = 100;
/// Most pixels of a picture: a sheet of paper at 600 dots an inch.
const PIXELS: u64 = 50_000_000;

fn context(id: EvidenceId) -> String {
    format!("evidence/{id}")
}

/// What a document is, by its content; whatever else it may be called.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"%PDF-") {
        Some("application/pdf")
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some("image/jpeg")
    } else {
        None
    }
}

/// Checks a document; its media type.
fn check(bytes: &[u8], most: usize) -> Result<&'static str> {
    let wrong = |words: String| Err(Error::invalid("file", words));
    if bytes.is_empty() {
        return wrong("Choose a document.".into());
    }
    if bytes.len() > most {
        return wrong(format!("This document is too large. The limit is {} MB.", most / 1_000_000));
    }
    let Some(media_type) = kind(bytes) else {
        return wrong("This is no PDF, JPEG or PNG. Save it as one of these first.".into());
    };
    if media_type.starts_with("image/") {
        picture::look(bytes, Bounds { bytes: most, pixels: PIXELS }).map_err(|r| Error::invalid("file", r.0))?;
    }
    Ok(media_type)
}

/// Masks the number in what its documents are called: it may have come after them.
pub(super) async fn hide_number(conn: &mut Conn, of: CredentialId, number: &str) -> Result<()> {
    for one in store::credentials::evidence::list(conn, of).await? {
        let label = number::hide(&one.label, number);
        if label != one.label {
            store::credentials::evidence::set_label(conn, one.id, &label).await?;
        }
    }
    Ok(())
}

fn deed(evidence: EvidenceId, credential: &Credential, by: By, action: AuditAction) -> Deed<'static> {
    Deed::new(by, action, About::Credential(credential.id, credential.account_id))
        .with(json!({ "evidence": evidence.to_string() }))
}

/// Adds a document to one of one's own.
pub async fn add_evidence(ctx: &Ctx, viewer: &Viewer, id: CredentialId, label: &str, bytes: Bytes) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    find_own(&mut conn, me, id).await?;
    let evidence = EvidenceId(store::credentials::new_id(&mut conn).await?);
    drop(conn);
    let media_type = check(&bytes, ctx.config.verification.max_evidence_bytes)?;
    throttles::allow(ctx, Act::Evidence, &me.to_string()).await?;
    let size = i32::try_from(bytes.len()).map_err(|e| Error::Internal(e.into()))?;
    let house = ctx.clone();
    let (digest, sealed) = ctx
        .heavy(move || Ok((digest::sha256(&bytes).to_vec(), house.keyring.seal(&context(evidence), &bytes)?)))
        .await?;
    let mut tx = ctx.tx().await?;
    let mut credential = own(&mut tx, me, id).await?;
    if !credential.state.is_pending() {
        return Err(Error::Conflict("This has been decided: nothing can be added to it any more.".into()));
    }
    if store::credentials::evidence::count(&mut tx, id).await? >= MOST {
        return Err(Error::invalid("file", format!("A credential may have {MOST} documents.")));
    }
    let label = match sanitize::name(label, LABEL) {
        label if label.is_empty() => "Document".to_owned(),
        label => number::hide(&label, &number::open(ctx, &credential)?),
    };
    let new = NewEvidence {
        id: evidence,
        credential: id,
        label: label.clone(),
        media_type,
        bytes: size,
        digest: digest.clone(),
        sealed,
        at: ctx.now(),
    };
    store::credentials::evidence::insert(&mut tx, new).await?;
    touch(ctx, &mut tx, &mut credential).await?;
    if credential.state != CredentialState::Draft {
        let words = format!("Added a document: {label}.");
        events::add(ctx, &mut tx, &credential, By::Account(me), None, &words).await?;
    }
    let deed = deed(evidence, &credential, By::Account(me), AuditAction::AddEvidence).with(json!({
        "evidence": evidence.to_string(), "media_type": media_type, "bytes": size, "sha256": digest::hex(&digest),
    }));
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await
}

/// Notes that somebody works on a draft: one that nobody touches loses its documents.
async fn touch(ctx: &Ctx, conn: &mut Conn, credential: &mut Credential) -> Result<()> {
    if credential.state != CredentialState::Draft {
        return Ok(());
    }
    credential.updated_at = ctx.now();
    store::credentials::update(conn, credential).await
}

/// Takes back a document of one's own that the desk has not seen, or while it asks. What the desk may have seen leaves its
/// digest.
pub async fn remove_evidence(ctx: &Ctx, viewer: &Viewer, id: EvidenceId) -> Result<CredentialId> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let evidence = store::credentials::evidence::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let mut credential = own(&mut tx, me, evidence.credential_id).await?;
    touch(ctx, &mut tx, &mut credential).await?;
    match credential.state {
        CredentialState::Draft => store::credentials::evidence::delete(&mut tx, id).await?,
        CredentialState::NeedsInformation => {
            if !store::credentials::evidence::erase(&mut tx, id, ctx.now()).await? {
                return Err(Error::NotFound);
            }
            let words = format!("Took a document back: {}.", evidence.label);
            events::add(ctx, &mut tx, &credential, By::Account(me), None, &words).await?;
        }
        _ => return Err(Error::Conflict("The desk has it: a document can be taken back when you are asked.".into())),
    }
    let deed = deed(id, &credential, By::Account(me), AuditAction::DeleteEvidence);
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    Ok(credential.id)
}

/// Opens a document: for its holder, and for the verifier who has taken the credential, where the house wants it after a
/// colleague has agreed; in an emergency for one person alone. Each look stands in the audit log before anything is seen.
pub async fn open_evidence(ctx: &Ctx, viewer: &Viewer, id: EvidenceId) -> Result<(Evidence, Vec<u8>)> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let evidence = store::credentials::evidence::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let credential = store::credentials::get(&mut tx, evidence.credential_id).await?;
    let opening = if credential.account_id == me {
        None
    } else {
        let case = Case::of(ctx, &mut tx, viewer, credential.clone()).await?;
        openings::take(ctx, &mut tx, &case, id).await?
    };
    let sealed = store::credentials::evidence::find_sealed(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let deed = deed(id, &credential, By::Account(me), AuditAction::SeeEvidence);
    let deed = match opening.map(|one| one.decided_by) {
        None => deed,
        Some(Some(second)) => deed.with(json!({ "evidence": id.to_string(), "agreed_by": second.to_string() })),
        Some(None) => deed.with(json!({ "evidence": id.to_string(), "alone": "yes" })),
    };
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    let house = ctx.clone();
    let opened = ctx.heavy(move || house.keyring.open_sealed(&context(id), &sealed)).await?;
    Ok((evidence, opened))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_what_its_content_says() {
        for (bytes, found) in [
            (&b"%PDF-1.7\n"[..], Some("application/pdf")),
            (b"\x89PNG\r\n\x1a\n....", Some("image/png")),
            (b"\xff\xd8\xff\xe0....", Some("image/jpeg")),
            (b"<html>%PDF-1.7", None),
            (b"GIF89a", None),
            (b"PK\x03\x04", None),
            (b"", None),
        ] {
            assert_eq!(kind(bytes), found);
        }
    }

    #[test]
    fn what_only_begins_as_a_picture_is_refused() {
        let refused = |bytes: &[u8], most| match check(bytes, most) {
            Err(Error::Invalid(wrong)) => wrong.into_iter().map(|w| w.message).collect::<String>(),
            other => panic!("{other:?}"),
        };
        assert!(refused(b"\x89PNG\r\n\x1a\nnothing", 100).contains("damaged"));
        assert!(refused(b"%PDF-1.7 and more", 10).contains("too large"));
        assert!(refused(b"MZ", 100).contains("no PDF, JPEG or PNG"));
        assert_eq!(check(b"%PDF-1.7", 100).unwrap(), "application/pdf");
    }
}
