//! What time does to credentials: reminders, the end, re-checks, and documents that are needed no more.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    decide::rest,
    events::{self, Step, go},
    facts,
    recheck::recheck,
};
use crate::{
    error::Result,
    model::{AuditAction, CredentialId, CredentialState, EvidenceId},
    service::{
        Ctx,
        attestations::issue,
        audit::{self, About, By, Deed},
    },
    store,
};

/// Does what is due now, some of each kind; returns how much that was. Each is a transaction of its own, and one that fails
/// keeps none of the others.
///
/// # Errors
/// The first failure, once everything has had its turn.
pub async fn run_due(ctx: &Ctx) -> Result<usize> {
    let (now, today) = (ctx.now(), ctx.now().date_naive());
    let mut tally = Tally { done: 0, failed: Ok(()) };
    tally.add(remind(ctx).await);
    let over = store::credentials::clock::list_over(&mut *ctx.pool.get().await?, today).await?;
    for id in over {
        tally.add(expire(ctx, id).await);
    }
    let to_check = store::credentials::clock::list_to_check(&mut *ctx.pool.get().await?, today).await?;
    for id in to_check {
        tally.add(check_again(ctx, id).await);
    }
    let overdue = store::credentials::clock::list_overdue(&mut *ctx.pool.get().await?, now).await?;
    for id in overdue {
        tally.add(suspend(ctx, id).await);
    }
    let decided_by = now - TimeDelta::days(ctx.config.verification.evidence_days);
    let stale = store::credentials::clock::list_stale_evidence(&mut *ctx.pool.get().await?, decided_by).await?;
    for (credential, evidence) in stale {
        tally.add(purge(ctx, credential, evidence).await);
    }
    tally.failed.map(|()| tally.done)
}

struct Tally {
    done: usize,
    failed: Result<()>,
}

impl Tally {
    fn add(&mut self, outcome: Result<usize>) {
        match outcome {
            Ok(count) => self.done += count,
            Err(error) if self.failed.is_ok() => self.failed = Err(error),
            Err(error) => tracing::error!(%error, "a credential could not be looked after"),
        }
    }
}

/// Reminds holders of what ends soon.
async fn remind(ctx: &Ctx) -> Result<usize> {
    let today = ctx.now().date_naive();
    let days = ctx.config.verification.reminder_days.clone();
    let mut tx = ctx.tx().await?;
    let due = store::credentials::clock::take_reminders(&mut tx, today, days).await?;
    for (id, _, last) in &due {
        let credential = store::credentials::get(&mut tx, *id).await?;
        let left = (*last - today).num_days();
        let when = match left {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            left => format!("in {left} days, on {last}"),
        };
        let body = format!("A credential of yours ends {when}. Renew it, so that your badge stays.");
        events::mail_holder(ctx, &mut tx, &credential, "A credential of yours ends soon", &body).await?;
    }
    tx.commit().await?;
    Ok(due.len())
}

/// Lets what has run out expire. What was stated about it has run out as well.
async fn expire(ctx: &Ctx, id: CredentialId) -> Result<usize> {
    let mut tx = ctx.tx().await?;
    let mut credential = store::credentials::lock(&mut tx, id).await?;
    let today = ctx.now().date_naive();
    let over = credential.expires_on.is_some_and(|last| last < today);
    if !over || !credential.state.may_become(CredentialState::Expired) {
        tx.roll_back().await?;
        return Ok(0);
    }
    let step = Step::new(By::House, AuditAction::ExpireCredential, &credential);
    go(&mut credential, CredentialState::Expired)?;
    (credential.claimed_by, credential.claimed_at) = (None, None);
    step.write(ctx, &mut tx, &mut credential, "").await?;
    issue::spread(ctx, &mut tx, credential.account_id).await?;
    let body = "A credential of yours has ended: your badge does not show it any more. You can renew it.";
    events::mail_holder(ctx, &mut tx, &credential, "A credential of yours has ended", body).await?;
    step.record(ctx, &mut tx, &credential, "").await?;
    tx.commit().await?;
    Ok(1)
}

/// Has looked at again what has come to its day.
async fn check_again(ctx: &Ctx, id: CredentialId) -> Result<usize> {
    let mut tx = ctx.tx().await?;
    let credential = store::credentials::lock(&mut tx, id).await?;
    let today = ctx.now().date_naive();
    let due = credential.next_check_on.is_some_and(|day| day <= today);
    if !due || credential.state != CredentialState::Attested {
        tx.roll_back().await?;
        return Ok(0);
    }
    recheck(ctx, &mut tx, id, "The day of the next check has come.").await?;
    tx.commit().await?;
    Ok(1)
}

/// Suspends what nobody looked at in time.
async fn suspend(ctx: &Ctx, id: CredentialId) -> Result<usize> {
    const WHY: &str = "The re-check was not done in time.";
    let mut tx = ctx.tx().await?;
    let mut credential = store::credentials::lock(&mut tx, id).await?;
    let due = credential.recheck_by.is_some_and(|last| last <= ctx.now());
    if !due || credential.state != CredentialState::RecheckDue {
        tx.roll_back().await?;
        return Ok(0);
    }
    let step = Step::new(By::House, AuditAction::SuspendCredential, &credential);
    let level = facts::reached(&mut tx, &credential).await?.level(CredentialState::Suspended);
    credential.decided_by = None;
    rest(ctx, &mut tx, step, &mut credential, (level, WHY)).await?;
    store::credentials::tell_desk(&mut tx, credential.account_id).await?;
    step.record(ctx, &mut tx, &credential, WHY).await?;
    tx.commit().await?;
    Ok(1)
}

/// Deletes what is in a document; its digest and what was noted of it stay.
async fn purge(ctx: &Ctx, credential: CredentialId, evidence: EvidenceId) -> Result<usize> {
    let mut tx = ctx.tx().await?;
    let credential = store::credentials::get(&mut tx, credential).await?;
    if !store::credentials::evidence::erase(&mut tx, evidence, ctx.now()).await? {
        tx.roll_back().await?;
        return Ok(0);
    }
    let about = About::Credential(credential.id, credential.account_id);
    let deed = Deed::new(By::House, AuditAction::DeleteEvidence, about);
    audit::record(ctx, &mut tx, deed.with(json!({ "evidence": evidence.to_string() }))).await?;
    tx.commit().await?;
    Ok(1)
}
