//! The desk: what the institution says in the end.

use chrono::Months;

use super::{
    checklist,
    events::{self, Step, go},
    facts,
    recheck::{and_why, open_again, unlook},
    review::{Case, TAKE_IT, allow, let_go},
    submit::{put_away, words},
};
use crate::{
    error::Result,
    model::{Account, AuditAction, Credential, CredentialId, CredentialState},
    policy::{
        Viewer,
        credentials::{self, Reached},
    },
    service::{Ctx, attestations::issue, audit::By, organization},
    store::{self, Conn},
};

/// What became of a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The institution stands by it.
    Attested,
    /// A second person has to say so too.
    SecondNeeded,
}

/// How long after a check the next one comes.
pub(super) const NEXT_CHECK: Months = Months::new(12);
const OVER: &str = "Its last day is over: its holder can renew it.";

/// Says yes to what was shown: `mark` is that of the page. Where two persons decide, the first yes gives it back to the
/// queue, for another one.
pub async fn attest(ctx: &Ctx, viewer: &Viewer, id: CredentialId, mark: &str) -> Result<Decision> {
    credentials::require_verifier(viewer)?;
    // Who signs has to be there before the transaction begins.
    organization::account(ctx).await?;
    let mut tx = ctx.tx().await?;
    // All credentials are locked before anything else, the oldest first.
    let old = match store::credentials::get(&mut tx, id).await?.renews {
        Some(old) => Some(store::credentials::lock(&mut tx, old).await?),
        None => None,
    };
    let mut case = Case::lock(ctx, &mut tx, viewer, id).await?;
    credentials::may_decide(case.me, &case.credential, case.two.attest)?;
    allow(case.may.attest, TAKE_IT)?;
    let holder = case.require_shown(ctx, &mut tx, mark).await?;
    checklist::require_all(&case.credential)?;
    let today = ctx.now().date_naive();
    allow(case.credential.expires_on.is_none_or(|last| last >= today), OVER)?;
    if case.two.attest && case.credential.confirmed_by.is_none() {
        confirm(ctx, &mut tx, &mut case).await?;
        tx.commit().await?;
        return Ok(Decision::SecondNeeded);
    }
    let step = case.step(AuditAction::AttestCredential);
    let credential = &mut case.credential;
    credential.decided_by = Some(case.me);
    credential.next_check_on = today.checked_add_months(NEXT_CHECK);
    let why = events::with_note("", &credential.seen);
    stand_by(ctx, &mut tx, step, credential, &holder, &why).await?;
    let body = "A credential of yours is attested. Your badge shows it from now on.";
    events::mail_holder(ctx, &mut tx, credential, "Your credential is attested", body).await?;
    let replaced = replace(ctx, &mut tx, old, credential, By::Account(case.me)).await?;
    step.record(ctx, &mut tx, credential, "").await?;
    if let Some((step, old)) = replaced {
        step.record(ctx, &mut tx, &old, REPLACED).await?;
    }
    tx.commit().await?;
    Ok(Decision::Attested)
}

/// Notes the first yes. The second person looks with eyes of their own: nothing is ticked for them.
async fn confirm(ctx: &Ctx, conn: &mut Conn, case: &mut Case) -> Result<()> {
    let step = case.step(AuditAction::ConfirmCredential);
    let credential = &mut case.credential;
    credential.confirmed_by = Some(case.me);
    credential.ticked.clear();
    let_go(credential)?;
    let words = events::with_note("One person has said yes. A second looks at it.", &credential.seen);
    step.write(ctx, conn, credential, &words).await?;
    store::credentials::tell_desk(conn, credential.account_id).await?;
    step.record(ctx, conn, credential, "").await
}

/// Makes the institution stand by a credential, and states it under the name that its holder has: read after the
/// credential was locked, as nobody changes it then. What is written in the audit log of it comes last, and is up to
/// whoever calls.
pub(super) async fn stand_by(
    ctx: &Ctx,
    conn: &mut Conn,
    step: Step,
    credential: &mut Credential,
    holder: &Account,
    words: &str,
) -> Result<()> {
    let now = ctx.now();
    go(credential, CredentialState::Attested)?;
    credential.level = credentials::ATTESTED;
    (credential.decided_at, credential.checked_on) = (Some(now), Some(now.date_naive()));
    (credential.claimed_by, credential.claimed_at) = (None, None);
    (credential.recheck_reason, credential.recheck_by) = (String::new(), None);
    step.write(ctx, conn, credential, words).await?;
    issue::attest(ctx, conn, credential, holder).await
}

const REPLACED: &str = "Replaced by its renewal.";

/// Puts the credential away that was renewed by this one; the statement about it has ended with the new one.
async fn replace(
    ctx: &Ctx,
    conn: &mut Conn,
    old: Option<Credential>,
    renewal: &Credential,
    by: By,
) -> Result<Option<(Step, Credential)>> {
    let Some(mut old) = old.filter(|old| !old.state.is_over()) else { return Ok(None) };
    let step = Step::new(by, AuditAction::WithdrawCredential, &old);
    put_away(&mut old, renewal.decided_by, ctx.now())?;
    step.write(ctx, conn, &mut old, REPLACED).await?;
    Ok(Some((step, old)))
}

/// A reason for the holder.
fn because(typed: &str) -> Result<&str> {
    words("reason", typed, "Say why in a sentence: it is shown to the holder.")
}

/// Says no, with a reason for the holder.
pub async fn reject(ctx: &Ctx, viewer: &Viewer, id: CredentialId, reason: &str) -> Result<()> {
    credentials::require_verifier(viewer)?;
    let reason = because(reason)?;
    let mut tx = ctx.tx().await?;
    let mut case = Case::lock(ctx, &mut tx, viewer, id).await?;
    allow(case.may.reject, TAKE_IT)?;
    let step = case.step(AuditAction::RejectCredential);
    let credential = &mut case.credential;
    go(credential, CredentialState::Rejected)?;
    (credential.claimed_by, credential.claimed_at) = (None, None);
    (credential.decided_by, credential.decided_at) = (Some(case.me), Some(ctx.now()));
    step.write(ctx, &mut tx, credential, reason).await?;
    let body = "A credential of yours was not attested. The reason stands with it.";
    events::mail_holder(ctx, &mut tx, credential, "Your credential was not attested", body).await?;
    step.record(ctx, &mut tx, credential, reason).await?;
    tx.commit().await
}

/// Lets what holds rest: the badge goes at once. What the clock suspended can be taken over by a person in the same way.
pub async fn suspend(ctx: &Ctx, viewer: &Viewer, id: CredentialId, reason: &str) -> Result<()> {
    credentials::require_verifier(viewer)?;
    let reason = because(reason)?;
    let mut tx = ctx.tx().await?;
    let mut case = Case::lock(ctx, &mut tx, viewer, id).await?;
    allow(case.may.suspend, "Only what is attested can be suspended.")?;
    let step = case.step(AuditAction::SuspendCredential);
    let credential = &mut case.credential;
    credential.decided_by = Some(case.me);
    rest(ctx, &mut tx, step, credential, (case.reached, reason)).await?;
    step.record(ctx, &mut tx, credential, reason).await?;
    tx.commit().await
}

/// Makes a credential rest, and tells its holder. Whatever was looked at, or said yes to once, before that is void; why it
/// was to be looked at again stays.
pub(super) async fn rest(
    ctx: &Ctx,
    conn: &mut Conn,
    step: Step,
    credential: &mut Credential,
    (reached, words): (Reached, &str),
) -> Result<()> {
    if credential.state != CredentialState::Suspended {
        go(credential, CredentialState::Suspended)?;
    }
    credential.level = reached.level(credential);
    credential.decided_at = Some(ctx.now());
    (credential.claimed_by, credential.claimed_at) = (None, None);
    unlook(credential);
    step.write(ctx, conn, credential, words).await?;
    issue::suspend(ctx, conn, credential.id).await?;
    let body = "A credential of yours is suspended: your badge does not show it for now. The reason stands with it.";
    events::mail_holder(ctx, conn, credential, "Your credential is suspended", body).await
}

/// Ends a suspension. What was to be looked at again goes back to the desk instead, without holding: a suspension is no
/// way around the checklist, nor around a second person.
pub async fn reinstate(ctx: &Ctx, viewer: &Viewer, id: CredentialId, reason: &str) -> Result<()> {
    credentials::require_verifier(viewer)?;
    let reason = because(reason)?;
    let mut tx = ctx.tx().await?;
    let mut case = Case::lock(ctx, &mut tx, viewer, id).await?;
    allow(case.credential.state == CredentialState::Suspended, "It is not suspended.")?;
    credentials::may_reinstate(case.me, &case.credential, case.two.attest)?;
    let today = ctx.now().date_naive();
    allow(case.credential.expires_on.is_none_or(|last| last >= today), OVER)?;
    let open = left_open(&mut tx, &case).await?;
    let step = case.step(AuditAction::ReinstateCredential);
    let credential = &mut case.credential;
    if open.is_empty() {
        go(credential, CredentialState::Attested)?;
        credential.level = credentials::ATTESTED;
        (credential.decided_by, credential.decided_at) = (Some(case.me), Some(ctx.now()));
        credential.recheck_by = None;
        step.write(ctx, &mut tx, credential, reason).await?;
        issue::reinstate(ctx, &mut tx, id).await?;
        let body = "A credential of yours is no longer suspended. Your badge shows it again.";
        events::mail_holder(ctx, &mut tx, credential, "Your credential holds again", body).await?;
    } else {
        open_again(ctx, credential)?;
        credential.recheck_reason = open;
        step.write(ctx, &mut tx, credential, &format!("{reason} {UNSEEN}")).await?;
        store::credentials::tell_desk(&mut tx, credential.account_id).await?;
        let body =
            "The desk looks at a credential of yours that was suspended. Until then your badge does not show it.";
        events::mail_holder(ctx, &mut tx, credential, "Your credential is looked at again", body).await?;
    }
    step.record(ctx, &mut tx, credential, reason).await?;
    tx.commit().await
}

const UNSEEN: &str = "It is looked at again before it holds.";

/// Why what rests has to be looked at before it holds again; empty where it need not be.
async fn left_open(conn: &mut Conn, case: &Case) -> Result<String> {
    let credential = &case.credential;
    let facts = facts::of(conn, case.me, &[credential]).await?.remove(&credential.id).unwrap_or_default();
    let holder = store::accounts::get(conn, credential.account_id).await?;
    let stated = store::attestations::newest(conn, credential.id).await?;
    let renamed = stated.is_some_and(|stated| stated.name != holder.name);
    let known = and_why(&credential.recheck_reason, facts.objection(credential).unwrap_or_default());
    Ok(if renamed { and_why(&known, facts::NAME_CHANGED) } else { known })
}

/// Takes it back for good. Where two persons decide, one suspends it and the other revokes it.
pub async fn revoke(ctx: &Ctx, viewer: &Viewer, id: CredentialId, reason: &str) -> Result<()> {
    credentials::require_verifier(viewer)?;
    let reason = because(reason)?;
    let mut tx = ctx.tx().await?;
    let mut case = Case::lock(ctx, &mut tx, viewer, id).await?;
    let holds = case.credential.state.is_in_force() || case.credential.state == CredentialState::Suspended;
    allow(holds, "Only what is attested, or suspended, can be revoked.")?;
    credentials::may_revoke(case.me, &case.credential, case.two.revoke)?;
    let step = case.step(AuditAction::RevokeCredential);
    let credential = &mut case.credential;
    go(credential, CredentialState::Revoked)?;
    credential.level = case.reached.level(credential);
    (credential.claimed_by, credential.claimed_at) = (None, None);
    (credential.decided_by, credential.decided_at) = (Some(case.me), Some(ctx.now()));
    step.write(ctx, &mut tx, credential, reason).await?;
    issue::end(ctx, &mut tx, id).await?;
    let body = "A credential of yours was revoked: your badge does not show it any more. The reason stands with it.";
    events::mail_holder(ctx, &mut tx, credential, "Your credential was revoked", body).await?;
    step.record(ctx, &mut tx, credential, reason).await?;
    tx.commit().await
}
