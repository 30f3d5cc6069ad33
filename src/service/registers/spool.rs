//! Files that admins send. They hold numbers, and lie in a folder of their own, for nobody but us, only until the worker
//! has read them.

use std::{
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::{NaiveDate, TimeDelta};
use tokio::{
    fs::{File, OpenOptions},
    io::{AsyncWriteExt, BufWriter},
};

use super::{Progress, Source, begin, carry_out, register, try_out};
use crate::{
    crypto::SecretToken,
    error::{Error, Result},
    model::{AccountId, SnapshotId},
    policy::{Viewer, moderation},
    service::{Ctx, audit::By},
    store::{
        self,
        registers::{Counts, Loading},
    },
};

/// Largest file that is sent through a page, in bytes.
pub const LARGEST: u64 = 2_000_000_000;
/// Without a sign for so long, whoever read a copy is taken to have ended.
const DEAD: TimeDelta = TimeDelta::minutes(10);
/// A file that waits for its turn shows so this often.
const WAITS: TimeDelta = TimeDelta::minutes(1);
/// What did not arrive whole is removed after so long.
const LEFT_OVER: Duration = Duration::from_secs(86_400);

fn folder(ctx: &Ctx) -> PathBuf {
    ctx.config.media.folder.with_file_name("registers")
}

fn place(ctx: &Ctx, id: SnapshotId, kind: &str) -> PathBuf {
    folder(ctx).join(format!("{id}.{kind}"))
}

fn fault(error: io::Error) -> Error {
    Error::internal(format!("the folder for registers, beside media.folder, cannot be used: {error}"))
}

/// What was said with a file.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// Key of the register.
    pub register: String,
    /// The day that it is of, as typed; empty for today.
    pub taken_on: String,
    /// What the file is called.
    pub file_name: String,
    /// The mapping of its columns; empty for one that we have.
    pub mapping: String,
}

impl Sent {
    fn source(&self, path: &Path) -> Result<Source> {
        let typed = self.taken_on.trim();
        let snapshot_date = match typed.parse::<NaiveDate>() {
            Ok(day) => Some(day),
            Err(_) if typed.is_empty() => None,
            Err(_) => return Err(Error::invalid("taken_on", "Write the day as 2026-11-02.")),
        };
        let mapping = Some(self.mapping.clone()).filter(|mapping| !mapping.trim().is_empty());
        Ok(Source {
            register: self.register.clone(),
            path: path.to_owned(),
            file_name: self.file_name.clone(),
            snapshot_date,
            mapping,
            force: false,
        })
    }
}

/// A file that is being sent. Dropped before its end, nothing of it stays.
#[derive(Debug)]
pub struct Upload {
    by: AccountId,
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
    kept: bool,
}

/// Begins to take a file, of an admin.
pub async fn receive(ctx: &Ctx, viewer: &Viewer) -> Result<Upload> {
    let by = moderation::require_admin(viewer)?;
    let folder = folder(ctx);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(fault)?;
    remove_left_overs(&folder).map_err(fault)?;
    let path = folder.join(format!("{}.part", SecretToken::generate().as_str()));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await.map_err(fault)?;
    Ok(Upload { by, path, file: BufWriter::with_capacity(1 << 20, file), bytes: 0, kept: false })
}

fn remove_left_overs(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_part = entry.path().extension().is_some_and(|kind| kind == "part");
        // One that has just been renamed by its own request is nobody's left-over.
        let age = entry.metadata().and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
        if is_part && age.is_some_and(|age| age > LEFT_OVER) {
            remove(&entry.path());
        }
    }
    Ok(())
}

/// Removes a file; that there is none is fine.
fn remove(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the file of a register could not be removed");
        }
        Ok(()) | Err(_) => {}
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.kept {
            remove(&self.path);
        }
    }
}

impl Upload {
    /// Takes the next piece.
    pub async fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.bytes = self.bytes.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if self.bytes > LARGEST {
            return Err(Error::invalid(
                "file",
                "This is more than 2 GB. Copy the file to the server, and import it there: consilium registers import.",
            ));
        }
        self.file.write_all(piece).await.map_err(fault)
    }

    /// All is there: the worker reads it in a moment.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it cannot be a file of that register; [`Error::Conflict`] where one of it is being read.
    pub async fn finish(mut self, ctx: &Ctx, sent: &Sent) -> Result<SnapshotId> {
        register(&sent.register)?;
        if self.bytes == 0 {
            return Err(Error::invalid("file", "Choose a file first."));
        }
        self.file.flush().await.map_err(fault)?;
        let source = sent.source(&self.path)?;
        try_out(&source).await?;
        let id = begin(ctx, &source, self.bytes, Some(self.by)).await?;
        if let Some(mapping) = &source.mapping {
            tokio::fs::write(place(ctx, id, "toml"), mapping).await.map_err(fault)?;
        }
        // From now on it may be read.
        tokio::fs::rename(&self.path, place(ctx, id, "csv")).await.map_err(fault)?;
        self.kept = true;
        Ok(id)
    }
}

/// Gives up the copies of which nothing was heard for long; returns those that are being read or wait.
pub(super) async fn bury(ctx: &Ctx) -> Result<Vec<Loading>> {
    let mut conn = ctx.pool.get().await?;
    let now = ctx.now();
    let (mut alive, mut dead) = (Vec::new(), false);
    for one in store::registers::loading(&mut conn).await? {
        let quiet = now - one.beat_at;
        if place(ctx, one.id, "csv").exists() {
            if quiet > WAITS {
                store::registers::beat(&mut conn, one.id, Counts::default(), now).await?;
            }
        } else if quiet > DEAD {
            let words = "Nothing was heard of it for ten minutes: whoever read it has ended. Import it again.";
            store::registers::fail(&mut conn, one.id, words, now).await?;
            tidy(ctx, one.id);
            dead = true;
            continue;
        }
        alive.push(one);
    }
    if dead {
        store::registers::drop_unused(&mut conn).await?;
    }
    Ok(alive)
}

fn tidy(ctx: &Ctx, id: SnapshotId) {
    for kind in ["taken", "toml"] {
        remove(&place(ctx, id, kind));
    }
}

/// Reads the file that waits longest; returns how many were read.
pub(in crate::service) async fn carry_out_due(ctx: &Ctx) -> Result<usize> {
    for waiting in bury(ctx).await? {
        let (csv, taken) = (place(ctx, waiting.id, "csv"), place(ctx, waiting.id, "taken"));
        match tokio::fs::rename(&csv, &taken).await {
            Ok(()) => {}
            // A command reads it, or another worker was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(fault(error)),
        }
        let id = waiting.id;
        if let Err(error) = read(ctx, waiting, taken).await {
            tracing::warn!(%error, snapshot = %id, "the copy of a register was not taken in");
        }
        tidy(ctx, id);
        return Ok(1);
    }
    Ok(0)
}

async fn read(ctx: &Ctx, waiting: Loading, path: PathBuf) -> Result<()> {
    let Loading { id, new, .. } = waiting;
    let mapping = match tokio::fs::read_to_string(place(ctx, id, "toml")).await {
        Ok(mapping) => Some(mapping),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(fault(error)),
    };
    let source = Source {
        register: new.register,
        path,
        file_name: new.file_name,
        snapshot_date: Some(new.taken_on),
        mapping,
        force: false,
    };
    let by = new.by.map_or(By::House, By::Account);
    carry_out(ctx, id, &source, by, &Arc::new(Progress::default())).await?;
    Ok(())
}
