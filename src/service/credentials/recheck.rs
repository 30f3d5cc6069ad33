//! What holds, and has to be looked at again; and what ends because somebody leaves.

use chrono::TimeDelta;

use super::{
    events::{self, Step, go},
    facts::{self, NAME_CHANGED},
    review::let_go,
    submit::put_away,
};
use crate::{
    error::Result,
    model::{AccountId, AuditAction, Credential, CredentialId, CredentialState},
    policy::credentials,
    service::{
        Ctx,
        attestations::{issue, refresh_badges},
        audit::By,
    },
    store::{self, Conn},
};

/// States in which the name counts that somebody at the desk saw, or is about to see.
const NAMED: [CredentialState; 6] = [
    CredentialState::Submitted,
    CredentialState::InReview,
    CredentialState::NeedsInformation,
    CredentialState::Attested,
    CredentialState::RecheckDue,
    CredentialState::Suspended,
];

/// Has what holds looked at again, within the days that the configuration gives; until then it goes on holding. What
/// waits begins anew. What rests is told to nobody now: whoever lets it hold again is led to look at it first. This writes
/// to the audit log: nothing else may be locked in its transaction afterwards.
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
        let Some(step) = mark(ctx, conn, &mut credential, reason.trim()).await? else { continue };
        if credential.state != CredentialState::Suspended {
            store::credentials::tell_desk(conn, credential.account_id).await?;
            events::tell_holder(ctx, conn, credential.account_id).await?;
        }
        marked.push((step, credential, reason));
    }
    for (step, credential, reason) in marked {
        step.record(ctx, conn, &credential, &reason).await?;
    }
    Ok(())
}

/// Marks one as to be looked at again; none where nobody has looked since it was marked so for this reason.
async fn mark(ctx: &Ctx, conn: &mut Conn, credential: &mut Credential, reason: &str) -> Result<Option<Step>> {
    let known = credential.recheck_reason.contains(reason);
    let begun = matches!(
        credential.state,
        CredentialState::Submitted | CredentialState::InReview | CredentialState::NeedsInformation
    );
    // What was noted of what holds is of the check that was done; what was noted of what waits is void.
    let noted = if begun { std::mem::take(&mut credential.seen) } else { String::new() };
    let looked = credential.confirmed_by.is_some() || !credential.ticked.is_empty() || !noted.is_empty();
    if !NAMED.contains(&credential.state) || (known && !looked) {
        return Ok(None);
    }
    let step = Step::new(By::House, AuditAction::RecheckCredential, credential);
    // A second reason gives no more time than the first.
    credential.recheck_reason = and_why(&credential.recheck_reason, reason);
    if credential.state == CredentialState::Attested {
        open_again(ctx, credential)?;
    }
    unlook(credential);
    if !credentials::holds(credential) {
        credential.level = facts::reached(conn, credential).await?.level(credential);
    }
    let words = match noted.as_str() {
        "" => reason.to_owned(),
        noted => events::with_note(reason, &format!("Noted before, and cleared: “{noted}”")),
    };
    step.write(ctx, conn, credential, &words).await?;
    Ok(Some(step))
}

/// A reason more, unless it is known.
pub(super) fn and_why(known: &str, reason: &str) -> String {
    if known.contains(reason) { known.to_owned() } else { format!("{known} {reason}").trim().to_owned() }
}

/// Brings one to the desk again, with a day until which it has to be done.
pub(super) fn open_again(ctx: &Ctx, credential: &mut Credential) -> Result<()> {
    let now = ctx.now();
    go(credential, CredentialState::RecheckDue)?;
    credential.recheck_by = Some(now + TimeDelta::days(ctx.config.verification.recheck_days));
    credential.submitted_at = Some(now);
    (credential.claimed_by, credential.claimed_at) = (None, None);
    Ok(())
}

/// Nobody has looked yet.
pub(super) fn unlook(credential: &mut Credential) {
    credential.confirmed_by = None;
    credential.ticked.clear();
}

/// The name that people see is no longer the one that was checked: the badge goes, all that holds is looked at again, and
/// what waits begins anew. The credentials were locked before the account.
pub(in crate::service) async fn name_changed(ctx: &Ctx, conn: &mut Conn, account: AccountId) -> Result<()> {
    let due = store::credentials::lock_of(conn, account, NAMED.to_vec()).await?;
    refresh_badges(ctx, conn, &[account]).await?;
    recheck_all(ctx, conn, due.into_iter().map(|credential| (credential.id, NAME_CHANGED.to_owned())).collect()).await
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
    refresh_badges(ctx, conn, &[account]).await?;
    Ok(Left { account, done })
}
