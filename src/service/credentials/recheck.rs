//! What holds, and has to be looked at again; and what ends because somebody leaves.

use chrono::TimeDelta;

use super::{
    events::{self, Step, go},
    facts::NAME_CHANGED,
    review::let_go,
    submit::put_away,
};
use crate::{
    error::Result,
    model::{AccountId, AuditAction, Credential, CredentialId, CredentialState},
    service::{Ctx, attestations::issue, audit::By},
    store::{self, Conn},
};

/// Has what holds looked at again, within the days that the configuration gives; until then it goes on holding. Of what
/// does not hold nothing changes. This writes to the audit log: nothing else may be locked in its transaction afterwards.
pub(super) async fn recheck(ctx: &Ctx, conn: &mut Conn, credential: CredentialId, reason: &str) -> Result<()> {
    recheck_all(ctx, conn, vec![(credential, reason.to_owned())]).await
}

/// The same for many, each for its own reason: all of them are marked before the first entry of the audit log.
pub(in crate::service) async fn recheck_all(
    ctx: &Ctx,
    conn: &mut Conn,
    due: Vec<(CredentialId, String)>,
) -> Result<()> {
    let mut marked = Vec::new();
    for (id, reason) in due {
        let mut credential = store::credentials::lock(conn, id).await?;
        let Some(step) = mark(ctx, conn, &mut credential, &reason).await? else { continue };
        store::credentials::tell_desk(conn, credential.account_id).await?;
        events::tell_holder(ctx, conn, credential.account_id).await?;
        marked.push((step, credential, reason));
    }
    for (step, credential, reason) in marked {
        step.record(ctx, conn, &credential, &reason).await?;
    }
    Ok(())
}

/// Marks what holds as to be looked at again; none where that is so already, for this reason.
async fn mark(ctx: &Ctx, conn: &mut Conn, credential: &mut Credential, reason: &str) -> Result<Option<Step>> {
    let reason = reason.trim();
    if !credential.state.is_in_force() || credential.recheck_reason.contains(reason) {
        return Ok(None);
    }
    let step = Step::new(By::House, AuditAction::RecheckCredential, credential);
    if credential.state == CredentialState::Attested {
        let now = ctx.now();
        go(credential, CredentialState::RecheckDue)?;
        credential.recheck_by = Some(now + TimeDelta::days(ctx.config.verification.recheck_days));
        // It came to the desk again, with nothing looked at.
        credential.submitted_at = Some(now);
        credential.confirmed_by = None;
        (credential.claimed_by, credential.claimed_at) = (None, None);
        credential.recheck_reason = reason.to_owned();
    } else {
        // A second reason gives no more time than the first.
        credential.recheck_reason = format!("{} {reason}", credential.recheck_reason);
    }
    credential.ticked.clear();
    step.write(ctx, conn, credential, reason).await?;
    Ok(Some(step))
}

/// The name that people see is no longer the one that was checked: the badge goes, and all that holds is looked at again.
pub(in crate::service) async fn name_changed(ctx: &Ctx, conn: &mut Conn, account: AccountId) -> Result<()> {
    let mut marked = Vec::new();
    for mut credential in store::credentials::lock_of(conn, account, CredentialState::IN_FORCE.to_vec()).await? {
        if let Some(step) = mark(ctx, conn, &mut credential, NAME_CHANGED).await? {
            marked.push((step, credential));
        }
    }
    let stale_hours = ctx.config.verification.stale_hours;
    store::badges::refresh(conn, &[account], ctx.now(), stale_hours).await?;
    if !marked.is_empty() {
        store::credentials::tell_desk(conn, account).await?;
        events::tell_holder(ctx, conn, account).await?;
    }
    for (step, credential) in marked {
        step.record(ctx, conn, &credential, NAME_CHANGED).await?;
    }
    Ok(())
}

const LEFT: &str = "The account was closed.";

/// What became of somebody's credentials as they left, to be written into the audit log at the end.
#[derive(Debug)]
pub(in crate::service) struct Left {
    account: AccountId,
    done: Vec<(Step, Credential)>,
}

impl Left {
    /// Writes it down, just before the commit.
    pub(in crate::service) async fn record(self, ctx: &Ctx, conn: &mut Conn) -> Result<()> {
        for (step, credential) in self.done {
            let why = if credential.account_id == self.account { LEFT } else { "" };
            step.record(ctx, conn, &credential, why).await?;
        }
        Ok(())
    }
}

/// Somebody closes their account: what they claim is withdrawn, what the institution stated about it ends, and what they
/// had taken at the desk is free again. Comes first in the transaction, as the desk locks credentials before accounts.
pub(in crate::service) async fn holder_left(ctx: &Ctx, conn: &mut Conn, account: AccountId) -> Result<Left> {
    let mut done = Vec::new();
    let states = CredentialState::ALL.iter().copied().filter(|state| state.may_become(CredentialState::Withdrawn));
    for mut credential in store::credentials::lock_of(conn, account, states.collect()).await? {
        let step = Step::new(By::Account(account), AuditAction::WithdrawCredential, &credential);
        put_away(&mut credential, Some(account), ctx.now())?;
        step.write(ctx, conn, &mut credential, LEFT).await?;
        done.push((step, credential));
    }
    for mut credential in store::credentials::lock_claimed(conn, account).await? {
        let step = Step::new(By::House, AuditAction::ReleaseCredential, &credential);
        let_go(&mut credential)?;
        step.write(ctx, conn, &mut credential, "").await?;
        done.push((step, credential));
    }
    issue::end_all_of(ctx, conn, account).await?;
    store::badges::refresh(conn, &[account], ctx.now(), ctx.config.verification.stale_hours).await?;
    Ok(Left { account, done })
}
