//! What time does to credentials: reminders, the end, re-checks, what has to be stated or looked up anew, and documents
//! that are needed no more.

use chrono::{DateTime, TimeDelta, Utc};
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
    policy::credentials,
    service::{
        Ctx,
        attestations::issue,
        audit::{self, About, By, Deed},
    },
    store,
};

/// How long before its end a statement is made anew; sooner where statements last no longer than twice that.
const BEFORE_END: TimeDelta = TimeDelta::days(14);

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
    let ends_by = now + BEFORE_END.min(TimeDelta::days(ctx.config.verification.valid_days) / 2);
    let ending = store::credentials::clock::list_to_restate(&mut *ctx.pool.get().await?, now, ends_by).await?;
    for id in ending {
        tally.add(restate(ctx, id, ends_by).await);
    }
    let outdated = store::credentials::clock::list_outdated(&mut *ctx.pool.get().await?).await?;
    for id in outdated {
        tally.add(look_up(ctx, id).await);
    }
    let decided_by = now - TimeDelta::days(ctx.config.verification.evidence_days);
    let stale = store::credentials::clock::list_stale_evidence(&mut *ctx.pool.get().await?, decided_by).await?;
    for (credential, evidence) in stale {
        tally.add(purge(ctx, credential, evidence, decided_by).await);
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
    credential.decided_at = Some(ctx.now());
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
    let reached = facts::reached(&mut tx, &credential).await?;
    credential.decided_by = None;
    rest(ctx, &mut tx, step, &mut credential, (reached, WHY)).await?;
    store::credentials::tell_desk(&mut tx, credential.account_id).await?;
    step.record(ctx, &mut tx, &credential, WHY).await?;
    tx.commit().await?;
    Ok(1)
}

/// States anew what still holds, before the statement about it ends: with the day of its check as it was, and under no
/// name but the one that was looked at.
async fn restate(ctx: &Ctx, id: CredentialId, ends_by: DateTime<Utc>) -> Result<usize> {
    let mut tx = ctx.tx().await?;
    let credential = store::credentials::lock(&mut tx, id).await?;
    let holder = store::accounts::get(&mut tx, credential.account_id).await?;
    let stated = store::attestations::newest(&mut tx, id).await?.is_some_and(|newest| {
        let open = newest.ended_at.is_none() && newest.suspended_at.is_none();
        open && newest.name == holder.name && newest.valid_until <= ends_by
    });
    let (now, today) = (ctx.now(), ctx.now().date_naive());
    let in_time =
        credential.recheck_by.is_none_or(|last| last > now) && credential.expires_on.is_none_or(|last| last >= today);
    if !stated || !in_time || !credentials::holds(&credential) {
        tx.roll_back().await?;
        return Ok(0);
    }
    issue::restate(ctx, &mut tx, &credential).await?;
    tx.commit().await?;
    Ok(1)
}

/// Works out anew how far one that waits is checked, as a newer copy of its register has come.
async fn look_up(ctx: &Ctx, id: CredentialId) -> Result<usize> {
    let mut tx = ctx.tx().await?;
    let mut credential = store::credentials::lock(&mut tx, id).await?;
    if !credential.state.is_waiting() {
        tx.roll_back().await?;
        return Ok(0);
    }
    credential.level = facts::reached(&mut tx, &credential).await?.level(&credential);
    credential.updated_at = ctx.now();
    store::credentials::update(&mut tx, &credential).await?;
    tx.commit().await?;
    Ok(1)
}

/// Deletes what is in a document; its digest and what was noted of it stay.
async fn purge(ctx: &Ctx, credential: CredentialId, evidence: EvidenceId, decided_by: DateTime<Utc>) -> Result<usize> {
    let mut tx = ctx.tx().await?;
    let credential = store::credentials::lock(&mut tx, credential).await?;
    // It may have been sent to the desk since.
    let idle = match credential.state {
        CredentialState::Draft => credential.updated_at <= decided_by,
        state => !state.is_waiting() || state == CredentialState::RecheckDue,
    };
    if !idle || !store::credentials::evidence::erase(&mut tx, evidence, ctx.now()).await? {
        tx.roll_back().await?;
        return Ok(0);
    }
    let about = About::Credential(credential.id, credential.account_id);
    let deed = Deed::new(By::House, AuditAction::DeleteEvidence, about);
    audit::record(ctx, &mut tx, deed.with(json!({ "evidence": evidence.to_string() }))).await?;
    tx.commit().await?;
    Ok(1)
}
