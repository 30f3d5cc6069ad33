//! Copies of registers: taken in from files of any size, compared with the copy before, looked up by the desk. No number
//! is kept of them, only its index.

mod compare;
mod import;
mod mapping;
mod plan;
mod spool;

use std::{convert::Infallible, path::PathBuf, pin::pin, sync::Arc, time::Duration};

use chrono::NaiveDate;
use futures_util::future::{Either, select};

pub use import::Progress;
pub(super) use spool::carry_out_due;
pub use spool::{LARGEST, Sent, Upload, receive};

use super::{Ctx, audit::By};
pub use crate::store::registers::Counts;
use crate::{
    error::{Error, Result},
    model::{AccountId, Snapshot, SnapshotId},
    policy::{Viewer, moderation, registers::Register},
    store::{self, registers::NewSnapshot},
};
use import::Reading;

/// Time between two signs that a copy is still being read.
const BEAT: Duration = Duration::from_secs(1);
/// Copies that the list shows.
const LISTED: i64 = 40;

/// The copy of a register, in a file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Key of the register.
    pub register: String,
    /// Where the file is.
    pub path: PathBuf,
    /// What it is called.
    pub file_name: String,
    /// The day that it is of; today where nobody says.
    pub snapshot_date: Option<NaiveDate>,
    /// Which columns hold what, in TOML; none for a mapping that we have.
    pub mapping: Option<String>,
    /// Take it also where it has far fewer entries than the one before.
    pub force: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its id.
    pub id: SnapshotId,
    /// The register.
    pub register: &'static Register,
    /// The day that it is of.
    pub taken_on: NaiveDate,
    /// Entries and refused lines.
    pub counts: Counts,
    /// Re-checks that were opened.
    pub rechecks: i64,
    /// What it took to compare it with the copy before, and to open these.
    pub comparing: Duration,
}

/// The register of a key, where copies of it can be taken in.
fn register(key: &str) -> Result<&'static Register> {
    let found = Register::find(key).filter(|register| register.key != "other");
    found.ok_or_else(|| Error::invalid("register", "Choose a register of the list."))
}

/// The newest copies, for admins.
pub async fn list(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Snapshot>> {
    moderation::require_admin(viewer)?;
    store::registers::list(&mut *ctx.pool.read().await?, LISTED).await
}

/// Takes a file in, by the operator, and tells meanwhile how far it is.
///
/// # Errors
/// [`Error::Invalid`] where the file is none of that register, or not whole; nothing changes then.
pub async fn import_by_operator(ctx: &Ctx, source: Source, progress: &Arc<Progress>) -> Result<Outcome> {
    try_out(&source).await?;
    let size = tokio::fs::metadata(&source.path).await.map_or(0, |found| found.len());
    let id = begin(ctx, &source, size, None).await?;
    carry_out(ctx, id, &source, By::Operator, progress).await
}

/// Opens a file and lets it be, so that a wrong one is told of before anything is noted.
async fn try_out(source: &Source) -> Result<()> {
    let register = register(&source.register)?;
    let (path, mapping) = (source.path.clone(), source.mapping.clone());
    let trial = move || import::open(&path, register, mapping.as_deref(), Arc::default()).map(drop);
    import::joined(tokio::task::spawn_blocking(trial).await)
}

/// Notes that a copy comes.
async fn begin(ctx: &Ctx, source: &Source, size: u64, by: Option<AccountId>) -> Result<SnapshotId> {
    spool::bury(ctx).await?;
    let new = NewSnapshot {
        register: register(&source.register)?.key.to_owned(),
        taken_on: source.taken_on(ctx.now().date_naive())?,
        file_name: source.file_name.chars().filter(|c| !c.is_control()).take(200).collect(),
        bytes: i64::try_from(size).unwrap_or(i64::MAX),
        by,
    };
    let mut tx = ctx.tx().await?;
    let id = store::registers::begin(&mut tx, new, ctx.now()).await?;
    tx.commit().await?;
    Ok(id)
}

/// Reads a copy that was noted, and puts it in use; where that fails, the reason stands in the list.
async fn carry_out(ctx: &Ctx, id: SnapshotId, source: &Source, by: By, progress: &Arc<Progress>) -> Result<Outcome> {
    let done = take_in(ctx, id, source, by, progress).await;
    let mut conn = ctx.pool.get().await?;
    if let Err(error) = &done {
        store::registers::fail(&mut conn, id, &words(error), ctx.now()).await?;
    }
    // What is left over is dropped after the next copy, if not now.
    if let Err(error) = store::registers::drop_unused(&mut conn).await {
        tracing::warn!(%error, "rows of a register that are no longer in use could not be dropped");
    }
    done
}

async fn take_in(ctx: &Ctx, id: SnapshotId, source: &Source, by: By, progress: &Arc<Progress>) -> Result<Outcome> {
    let register = register(&source.register)?;
    let taken_on = source.taken_on(ctx.now().date_naive())?;
    let reading = Reading { path: &source.path, register, mapping: source.mapping.clone(), progress };
    let work = pin!(import::read(ctx, id, reading));
    match select(work, pin!(beat_on(ctx, id, progress))).await {
        Either::Left((done, _)) => done?,
        Either::Right((never, _)) => match never {},
    }
    let (counts, first_refused) = (progress.counts(), progress.first_refused());
    let read = compare::Read { id, register, taken_on, counts, first_refused };
    compare::check_content(&read)?;
    compare::put_in_place(ctx, by, &read, source.force).await
}

/// Tells every second how far the reading is.
async fn beat_on(ctx: &Ctx, id: SnapshotId, progress: &Progress) -> Infallible {
    loop {
        tokio::time::sleep(BEAT).await;
        if let Err(error) = beat(ctx, id, progress).await {
            tracing::warn!(%error, "the progress of a register could not be noted");
        }
    }
}

async fn beat(ctx: &Ctx, id: SnapshotId, progress: &Progress) -> Result<()> {
    store::registers::beat(&mut *ctx.pool.get().await?, id, progress.counts(), ctx.now()).await
}

/// Why a copy was not taken in, for the list.
fn words(error: &Error) -> String {
    match error {
        Error::Internal(source) => {
            tracing::error!(error = %source, "the copy of a register could not be taken in");
            "Something went wrong on our side: the server’s log says what.".into()
        }
        Error::Unavailable => "The database was away. Import it again.".into(),
        other => other.public(),
    }
}
