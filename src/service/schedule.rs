//! What falls due by the clock: posts whose time has come, polls that end, imports. Each kind runs and fails by itself.

use super::{Ctx, polls, portability, scheduled};
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
}

impl Job {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Posts, Self::Polls, Self::Imports];
}

/// Does what is due of one kind now; returns how much that was.
pub async fn run(ctx: &Ctx, job: Job) -> Result<usize> {
    match job {
        Job::Posts => scheduled::publish_due(ctx).await,
        Job::Polls => polls::look_after(ctx).await,
        Job::Imports => portability::carry_out_due(ctx).await,
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
