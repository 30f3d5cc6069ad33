//! What falls due by the clock: posts whose time has come, polls that end, imports, statements to look at. Each kind
//! runs and fails by itself.

use super::{
    Ctx, attestations, audit_heads, cases, credentials, drift, groups, likeness, polls, portability, registers,
    scheduled, sources,
};
use crate::error::Result;

/// A kind of work that falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Publishing posts that wait for their time.
    Posts,
    /// Ending polls and telling their counts.
    Polls,
    /// Carrying out lines of imports.
    Imports,
    /// Reading copies of registers that admins sent.
    Registers,
    /// Signing the head of the audit log.
    Audit,
    /// Looking at what institutions state that we trust.
    Attestations,
    /// Looking at what all others state, and at names that nobody has looked at.
    Claims,
    /// Reminders, expiry and re-checks of credentials.
    Credentials,
    /// Ending memberships of groups whose conditions are no longer met, and answering those who wait for what is stated about them.
    Groups,
    /// Asking groups of other servers for what they have shown before somebody here belonged to them.
    Histories,
    /// Asking other servers what they run, where groups depend on that.
    Hosts,
    /// Taking back cases whose consent has ended, looking whether those taken back are gone elsewhere, and telling members by mail
    /// what waits.
    Cases,
    /// Looking up titles of sources.
    Sources,
    /// Comparing followers with other servers.
    Followers,
}

impl Job {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Posts,
        Self::Polls,
        Self::Imports,
        Self::Registers,
        Self::Audit,
        Self::Attestations,
        Self::Claims,
        Self::Credentials,
        Self::Groups,
        Self::Histories,
        Self::Hosts,
        Self::Cases,
        Self::Sources,
        Self::Followers,
    ];
}

/// Does what is due of one kind now; returns how much that was.
pub async fn run(ctx: &Ctx, job: Job) -> Result<usize> {
    match job {
        Job::Posts => scheduled::publish_due(ctx).await,
        Job::Polls => polls::look_after(ctx).await,
        Job::Imports => portability::carry_out_due(ctx).await,
        Job::Registers => registers::carry_out_due(ctx).await,
        Job::Audit => audit_heads::sign_due(ctx).await,
        Job::Attestations => attestations::peers::check_due(ctx).await,
        Job::Claims => Ok(likeness::catch_up(ctx).await? + attestations::peers::check_claims(ctx).await?),
        Job::Credentials => credentials::run_due(ctx).await,
        Job::Groups => Ok(groups::lapse_due(ctx).await? + groups::answer_due(ctx).await?),
        Job::Histories => groups::fetch_due(ctx).await,
        Job::Hosts => groups::look_at_due(ctx).await,
        Job::Cases => Ok(cases::expire_due(ctx).await? + cases::check_due(ctx).await? + cases::mail_due(ctx).await?),
        Job::Sources => sources::look_up_due(ctx).await,
        Job::Followers => drift::repair_due(ctx).await,
    }
}

/// Does what is due of every kind now; returns how much that was.
///
/// # Errors
/// The first failure, once every kind has had its turn.
pub async fn run_all(ctx: &Ctx) -> Result<usize> {
    let mut done = 0;
    let mut failed = Ok(());
    for job in Job::ALL {
        match run(ctx, job).await {
            Ok(count) => done += count,
            Err(error) => failed = failed.and(Err(error)),
        }
    }
    failed.map(|()| done)
}
