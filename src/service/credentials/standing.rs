//! How one's own credentials stand.

use std::collections::HashSet;

use super::{
    events::{self, CredentialEvent, Reader},
    mailbox::{self, Mailbox},
    number,
    submit::find_own,
};
use crate::{
    error::Result,
    model::{Credential, CredentialId, CredentialKind, CredentialSource, CredentialState, Evidence},
    policy::{Viewer, credentials::may_renew, moderation},
    service::{Ctx, attestations::issue},
    store,
};

/// One of one's own credentials, as a list shows it.
#[derive(Debug, Clone)]
pub struct Own {
    /// The record.
    pub credential: Credential,
    /// What still helps, in words.
    pub missing: Vec<String>,
    /// A new one may be brought in its place, and none is under way.
    pub renewable: bool,
}

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
    /// A new one may be brought in its place, and none is under way.
    pub renewable: bool,
    /// The last part of the address of the statement's page.
    pub statement: Option<String>,
}

/// One's own, newest first: three queries, whatever their number.
pub async fn mine(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Own>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    let all = store::credentials::list_of(&mut conn, me).await?;
    let pending: Vec<CredentialId> = all.iter().filter(|one| one.state.is_pending()).map(|one| one.id).collect();
    let shown = store::credentials::evidence::with_documents(&mut conn, pending.clone()).await?;
    let proven = store::credentials::mailbox::proven(&mut conn, pending).await?;
    drop(conn);
    let (shown, proven): (HashSet<CredentialId>, HashSet<CredentialId>) =
        (shown.into_iter().collect(), proven.into_iter().collect());
    let under_way: HashSet<CredentialId> =
        all.iter().filter(|one| !one.state.is_over()).filter_map(|one| one.renews).collect();
    let may_prove = may_prove(ctx);
    let own = |credential: Credential| {
        let known = Known { document: shown.contains(&credential.id), mailbox: proven.contains(&credential.id) };
        Own {
            missing: missing(&credential, known, may_prove),
            renewable: may_renew(&credential) && !under_way.contains(&credential.id),
            credential,
        }
    };
    Ok(all.into_iter().map(own).collect())
}

/// Whether there are mailboxes of the institution to prove.
fn may_prove(ctx: &Ctx) -> bool {
    !ctx.config.verification.mail_domains.is_empty()
}

/// One of one's own; for everybody else there is none.
pub async fn read(ctx: &Ctx, viewer: &Viewer, id: CredentialId) -> Result<Standing> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    let credential = find_own(&mut conn, me, id).await?;
    let evidence = store::credentials::evidence::list(&mut conn, id).await?;
    let mailbox = mailbox::shown(ctx, &mut conn, id).await?;
    let events = events::list(ctx, &mut conn, &credential, Reader::Holder).await?;
    let renewable = may_renew(&credential) && store::credentials::find_renewal(&mut conn, id).await?.is_none();
    drop(conn);
    let statement = issue::token_of(ctx, id).await?;
    let number = number::mask(&number::open(ctx, &credential)?);
    let known = Known {
        document: evidence.iter().any(|one| one.deleted_at.is_none()),
        mailbox: mailbox.as_ref().is_some_and(|mailbox| mailbox.proven_at.is_some()),
    };
    let missing = missing(&credential, known, may_prove(ctx));
    Ok(Standing { credential, number, evidence, mailbox, events, missing, renewable, statement })
}

/// What its holder has brought.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// A document that was not deleted.
    document: bool,
    /// The code from a mailbox of the institution.
    mailbox: bool,
}

/// What still helps, in words to the holder. What registers say of a number is not among what it is made of: whoever tries
/// numbers learns nothing.
fn missing(credential: &Credential, known: Known, may_prove: bool) -> Vec<String> {
    let mut words = Vec::new();
    if !credential.state.is_pending() {
        return words;
    }
    let registered = credential.kind.is_registered();
    match credential.state {
        CredentialState::Draft => {
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
        CredentialState::NeedsInformation => words.push("Answer the question of the desk.".to_owned()),
        _ => {}
    }
    if may_prove && !known.mailbox && credential.source == CredentialSource::Clinician {
        words.push("Prove that a mailbox of the institution is yours: a code is sent to it.".to_owned());
    }
    let document = match credential.kind {
        _ if known.document => None,
        CredentialKind::Registration => Some("Add a document that shows the registration."),
        CredentialKind::Specialist => Some("Add the certificate."),
        CredentialKind::Degree => Some("Add the diploma."),
        CredentialKind::Employment => Some("Add a letter of the employer."),
        CredentialKind::Training => Some("Add a letter of the school or the supervisor."),
    };
    words.extend(document.map(ToOwned::to_owned));
    words
}
