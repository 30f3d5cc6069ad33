//! How one's own credentials stand.

use super::{
    events::{self, CredentialEvent, Reader},
    facts,
    mailbox::{self, Mailbox},
    number,
};
use crate::{
    error::{Error, Result},
    model::{Credential, CredentialId, CredentialKind, CredentialState, Evidence},
    policy::{Viewer, credentials::Reached, moderation},
    service::{Ctx, attestations::issue},
    store,
};

/// One of one's own credentials, with all that happened to it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The record.
    pub credential: Credential,
    /// The number, masked; empty for none.
    pub number: String,
    /// Documents, also what is left of deleted ones.
    pub evidence: Vec<Evidence>,
    /// The mailbox of the institution to which a code was sent.
    pub mailbox: Option<Mailbox>,
    /// What happened, oldest first.
    pub events: Vec<CredentialEvent>,
    /// What still helps, in words.
    pub missing: Vec<String>,
    /// The last part of the address of the statement's page.
    pub statement: Option<String>,
}

/// One's own, newest first.
pub async fn mine(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Credential>> {
    let me = moderation::require_account(viewer)?;
    store::credentials::list_of(&mut *ctx.pool.read().await?, me).await
}

/// One of one's own; for everybody else there is none.
pub async fn read(ctx: &Ctx, viewer: &Viewer, id: CredentialId) -> Result<Standing> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    let credential = store::credentials::find(&mut conn, id).await?;
    let credential = credential.filter(|credential| credential.account_id == me).ok_or(Error::NotFound)?;
    let evidence = store::credentials::evidence::list(&mut conn, id).await?;
    let mailbox = mailbox::shown(ctx, &mut conn, id).await?;
    let events = events::list(ctx, &mut conn, &credential, Reader::Holder).await?;
    let reached = facts::reached(&mut conn, &credential).await?;
    drop(conn);
    let statement = issue::token_of(ctx, id).await?;
    let number = number::mask(&number::open(ctx, &credential)?);
    let may_prove = !ctx.config.verification.mail_domains.is_empty();
    let missing = missing(&credential, &evidence, reached, may_prove);
    Ok(Standing { credential, number, evidence, mailbox, events, missing, statement })
}

/// What still helps, in words to the holder. Nothing here tells what the desk sees.
fn missing(credential: &Credential, evidence: &[Evidence], reached: Reached, may_prove: bool) -> Vec<String> {
    use CredentialState::{Draft, InReview, NeedsInformation, RecheckDue, Submitted};
    let mut words = Vec::new();
    if !matches!(credential.state, Draft | Submitted | InReview | NeedsInformation | RecheckDue) {
        return words;
    }
    let registered = matches!(credential.kind, CredentialKind::Registration | CredentialKind::Specialist);
    match credential.state {
        Draft => {
            let fields = [
                ("the register", registered && credential.register.is_empty()),
                ("the number", registered && credential.number_index.is_none()),
                ("the body", credential.body.is_empty() && !(registered && credential.register.is_empty())),
                ("your profession", credential.discipline.is_empty()),
                (
                    "your name as it is registered",
                    credential.family_name.is_empty() || credential.given_names.is_empty(),
                ),
            ];
            let open: Vec<&str> = fields.into_iter().filter(|(_, open)| *open).map(|(what, _)| what).collect();
            if !open.is_empty() {
                words.push(format!("Fill in {}.", open.join(", ")));
            }
            words.push("Send it to the desk.".to_owned());
        }
        NeedsInformation => words.push("Answer the question of the desk.".to_owned()),
        _ => {}
    }
    if !reached.proven && may_prove {
        words.push("Prove that a mailbox of the institution is yours: a code is sent to it.".to_owned());
    }
    let document = match credential.kind {
        _ if evidence.iter().any(|one| one.deleted_at.is_none()) => None,
        CredentialKind::Registration | CredentialKind::Specialist if reached.matched => None,
        CredentialKind::Registration => Some("Add a document that shows the registration."),
        CredentialKind::Specialist => Some("Add the certificate."),
        CredentialKind::Degree => Some("Add the diploma."),
        CredentialKind::Employment => Some("Add a letter of the employer."),
        CredentialKind::Training => Some("Add a letter of the school or the supervisor."),
    };
    words.extend(document.map(ToOwned::to_owned));
    words
}
