//! What stood on the page when a verifier looked at it, as a mark that changes with it. What is attested is just that.

use serde_json::json;

use super::mailbox::{self, Mailbox};
use crate::{
    crypto::digest,
    error::{Error, Result},
    model::{Account, Credential, Evidence, RegisterEntry},
    service::Ctx,
    store::{self, Conn},
};

/// What is said where it does not stand so any more.
pub const CHANGED: &str = "It has changed since you opened it: look again.";

/// All that a verifier goes by.
pub(super) struct Shown<'a> {
    pub(super) credential: &'a Credential,
    pub(super) holder: &'a Account,
    pub(super) evidence: &'a [Evidence],
    pub(super) mailbox: Option<&'a Mailbox>,
    pub(super) entry: Option<&'a RegisterEntry>,
}

impl Shown<'_> {
    /// What all this comes to. Of the number it takes in no more than its keyed index.
    pub(super) fn mark(&self) -> String {
        let (claim, entry) = (self.credential, self.entry);
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        let evidence: Vec<_> = self
            .evidence
            .iter()
            .map(|one| json!([one.id.0, one.label, digest::hex(&one.digest), one.deleted_at.is_some()]))
            .collect();
        let all = json!([
            self.holder.name,
            [claim.kind.as_str(), claim.register, claim.body, claim.jurisdiction],
            [claim.number_index.as_deref().map(digest::hex), claim.discipline, claim.specialties],
            [claim.family_name, claim.given_names, claim.role, day(claim.issued_on), day(claim.expires_on)],
            [claim.recheck_reason, claim.confirmed_by.map(|who| who.0)],
            evidence,
            self.mailbox.map(|mailbox| (mailbox.email.as_str(), mailbox.proven_at.is_some())),
            entry.map(|entry| (&entry.family_name, &entry.given_names, &entry.discipline, &entry.specialties)),
            entry.map(|entry| (&entry.status, entry.active, day(entry.valid_until), &entry.conditions)),
        ]);
        digest::sha256_hex(all.to_string().as_bytes())
    }
}

/// Refuses where a mark is not that of what stands there now. The credential is locked, so that it stays so.
pub(super) async fn require(
    ctx: &Ctx,
    conn: &mut Conn,
    (credential, holder): (&Credential, &Account),
    mark: &str,
) -> Result<()> {
    let evidence = store::credentials::evidence::list(conn, credential.id).await?;
    let mailbox = mailbox::shown(ctx, conn, credential.id).await?;
    let entries = store::credentials::queue::entries(conn, vec![credential.id]).await?;
    let shown = Shown {
        credential,
        holder,
        evidence: &evidence,
        mailbox: mailbox.as_ref(),
        entry: entries.first().map(|(_, entry)| entry),
    };
    if shown.mark() == mark { Ok(()) } else { Err(Error::Conflict(CHANGED.into())) }
}
