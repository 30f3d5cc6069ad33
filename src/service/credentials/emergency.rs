//! Breaking the glass: a document that one person opens alone, in an emergency, with a reason. Two others are told at once.

use std::collections::HashMap;

use serde_json::json;

use super::{
    events, number,
    openings::{open_wishes, require_document},
    review::{Case, allow},
    submit::words,
};
pub use crate::store::credentials::openings::OpenedAlone;
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, AuditAction, Credential, CredentialId, EvidenceId, NotificationKind},
    policy::{Viewer, credentials},
    service::{
        Ctx, Page, Paged,
        audit::{self, About, By, Deed},
        mails,
    },
    store::{
        self, Conn,
        credentials::openings::{self, Colleague},
    },
};

/// How many people are told.
const TOLD: usize = 2;
/// Shortest and longest reason, in characters.
const LEAST: usize = 20;
const MOST: usize = 500;

const WHY: &str = "Say in a sentence why it cannot wait: 20 characters or more.";
const AS_IT_IS: &str = "You can open this document as it is.";
const TAKE_IT: &str = "Nobody works on this: take it, and the document opens without an emergency.";

/// A document that could be opened alone.
#[derive(Debug, Clone)]
pub struct Emergency {
    /// The credential that it was sent with.
    pub credential: Credential,
    /// Whose.
    pub holder: Account,
    /// The names of those who would be told.
    pub told: Vec<String>,
}

/// Looks at a document that one would open alone.
pub async fn emergency(ctx: &Ctx, viewer: &Viewer, id: CredentialId, evidence: EvidenceId) -> Result<Emergency> {
    credentials::require_verifier(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let found = store::credentials::get(&mut conn, id).await?;
    let case = Case::of(ctx, &mut conn, viewer, found).await?;
    require_shut(ctx, &mut conn, &case, evidence).await?;
    let holder = store::accounts::get(&mut conn, case.credential.account_id).await?;
    let told = watchers(&mut conn, &case).await?.into_iter().map(|one| one.name).collect();
    Ok(Emergency { credential: case.credential, holder, told })
}

/// Refuses where a document opens without an emergency. Whether the viewer's own wish to open it waits for a second person.
async fn require_shut(ctx: &Ctx, conn: &mut Conn, case: &Case, evidence: EvidenceId) -> Result<bool> {
    require_document(conn, case.credential.id, evidence).await?;
    allow(!case.may.open, AS_IT_IS)?;
    allow(!case.may.claim || case.two.open, TAKE_IT)?;
    let wishes = open_wishes(ctx, conn, case.me, &case.credential).await?;
    let own = || wishes.iter().filter(move |wish| wish.mine && wish.evidence == evidence);
    allow(!own().any(|wish| wish.until.is_some()), AS_IT_IS)?;
    Ok(own().any(|wish| wish.until.is_none()))
}

/// Those who are told: neither who opens it, nor whose it is.
async fn watchers(conn: &mut Conn, case: &Case) -> Result<Vec<Colleague>> {
    let mut others = openings::colleagues(conn, vec![case.me, case.credential.account_id]).await?;
    others.truncate(TOLD);
    Ok(others)
}

fn why(typed: &str) -> Result<&str> {
    let reason = words("reason", typed, WHY)?;
    match reason.chars().count() {
        ..LEAST => Err(Error::invalid("reason", WHY)),
        LEAST..=MOST => Ok(reason),
        _ => Err(Error::invalid("reason", format!("Please use {MOST} characters or fewer."))),
    }
}

/// Lets one person open a document alone, once, within a short time. It stands in the audit log as what it is, and two others
/// are told at once, by whom and why; fewer where there are not two. How many were told.
pub async fn open_alone(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CredentialId,
    evidence: EvidenceId,
    reason: &str,
) -> Result<usize> {
    credentials::require_verifier(viewer)?;
    let reason = why(reason)?;
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let case = Case::lock(ctx, &mut tx, viewer, id).await?;
    if require_shut(ctx, &mut tx, &case, evidence).await? {
        openings::lapse(&mut tx, evidence, now).await?;
    }
    // It is kept in clear, here and in mails.
    let reason = number::hide(reason, &number::open(ctx, &case.credential)?);
    openings::open_alone(&mut tx, evidence, case.me, &reason, now).await?;
    let note = events::with_note("", &format!("Opened a document alone, in an emergency: {reason}"));
    events::add(ctx, &mut tx, &case.credential, By::Account(case.me), None, &note).await?;
    let told = watchers(&mut tx, &case).await?;
    let ids: Vec<AccountId> = told.iter().map(|one| one.id).collect();
    let who = store::accounts::get(&mut tx, case.me).await?;
    store::notifications::insert_anew(&mut tx, ids.clone(), NotificationKind::Emergency, case.me, None).await?;
    mails::opened_alone(ctx, &mut tx, told.into_iter().map(|one| one.email).collect(), &who, &reason).await?;
    let about = About::Credential(id, case.credential.account_id);
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let details = json!({ "evidence": evidence.to_string(), "told": ids.join(", ") });
    let deed = Deed::new(By::Account(case.me), AuditAction::BreakGlass, about).because(&reason).with(details);
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    tracing::warn!(account = %case.me, credential = %id, told = ids.len(), "a document was opened by one person alone");
    Ok(ids.len())
}

/// What was opened alone, the newest first; everybody at the desk reads it, but for what is their own.
pub async fn emergencies(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<OpenedAlone>> {
    let me = credentials::require_verifier(viewer)?;
    openings::emergencies(&mut *ctx.pool.read().await?, me, page).await
}

/// Why each of these people opened a document alone the last time. Who does not work at the desk is told nothing.
pub async fn last_reasons(ctx: &Ctx, viewer: &Viewer, by: Vec<AccountId>) -> Result<HashMap<AccountId, String>> {
    let Ok(me) = credentials::require_verifier(viewer) else { return Ok(HashMap::new()) };
    if by.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(openings::last_reasons(&mut *ctx.pool.read().await?, me, by).await?.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::{LEAST, MOST, why};

    #[test]
    fn a_reason_is_a_sentence() {
        for short in ["", "   ", "Urgent", " Just because of it "] {
            assert!(why(short).is_err(), "{short}");
        }
        assert_eq!(why(&format!(" {} ", "w".repeat(LEAST))).unwrap(), "w".repeat(LEAST));
        assert!(why(&"w".repeat(MOST)).is_ok() && why(&"w".repeat(MOST + 1)).is_err());
    }
}
