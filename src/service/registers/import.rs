//! Reading a register's file into a table of its own, whatever its size, in memory that does not grow: one thread parts
//! it into lines and columns, one makes entries of them, and PostgreSQL takes these meanwhile.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
};

use bytes::Bytes;
use csv::ByteRecord;
use tokio::{sync::mpsc, task::JoinError};

use super::{mapping::Mapping, plan::Plan};
use crate::{
    error::{Error, Result},
    model::SnapshotId,
    policy::registers::Register,
    service::{Ctx, secrets, secrets::IndexKey},
    store::{
        self,
        registers::Counts,
        registers_copy::{Encoder, NewEntry},
    },
    text::fold,
};

/// Lines that are handed over at once.
const AT_ONCE: usize = 512;
/// Bytes of entries that are handed over at once.
const PIECE: usize = 1 << 18;
/// Longest line: in a file with a quote that never ends, all the rest would be one.
const LONGEST_LINE: usize = 4 << 20;

/// How far the reading of a file is.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicI64,
    total: AtomicI64,
    rows: AtomicI64,
    refused: AtomicI64,
    first_refused: OnceLock<String>,
}

impl Progress {
    /// Bytes, entries and refused lines so far.
    pub fn counts(&self) -> Counts {
        Counts {
            bytes: self.bytes.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Bytes of the whole file; 0 where that is not known.
    pub fn total(&self) -> i64 {
        self.total.load(Ordering::Relaxed)
    }

    /// The first line that was refused, and why; empty for none.
    pub fn first_refused(&self) -> &str {
        self.first_refused.get().map_or("", String::as_str)
    }
}

fn add(to: &AtomicI64, count: usize) {
    to.fetch_add(i64::try_from(count).unwrap_or(i64::MAX), Ordering::Relaxed);
}

/// A file that counts what is read of it, and of its present line.
struct Metered {
    file: BufReader<File>,
    progress: Arc<Progress>,
    line: usize,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.line > LONGEST_LINE {
            return Err(io::Error::other("a line is longer than 4 MB, so that a quote seems to have no end"));
        }
        let count = self.file.read(buffer)?;
        self.line += count;
        add(&self.progress.bytes, count);
        Ok(count)
    }
}

/// The lines of a file, without the first.
pub(super) struct Lines(csv::Reader<Metered>);

fn wrong(words: impl Into<String>) -> Error {
    Error::invalid("file", words)
}

/// Opens a file and finds the columns of the mapping in its first line.
pub(super) fn open(
    path: &Path,
    register: &'static Register,
    mapping: Option<&str>,
    progress: Arc<Progress>,
) -> Result<(Lines, Plan)> {
    let mapping = Mapping::of(register, mapping)?;
    let unreadable = |e: io::Error| wrong(format!("The file cannot be read: {e}."));
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    progress.total.store(i64::try_from(length).unwrap_or(i64::MAX), Ordering::Relaxed);
    let mut file = BufReader::with_capacity(1 << 18, file);
    refuse_other_kinds(file.fill_buf().map_err(unreadable)?)?;
    let mut csv = csv::ReaderBuilder::new()
        .delimiter(mapping.delimiter())
        .quoting(mapping.quotes())
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 16)
        .from_reader(Metered { file, progress, line: 0 });
    let mut head = ByteRecord::new();
    if !csv.read_byte_record(&mut head).map_err(|e| wrong(format!("The file cannot be read: {e}.")))? {
        return Err(wrong("There is nothing in this file."));
    }
    let letters = mapping.encoding.0;
    let text = |column: &[u8]| letters.decode_without_bom_handling(column).0.trim().to_owned();
    let head: Vec<String> = head.iter().map(text).collect();
    let plan = Plan::new(mapping, register, &head)?;
    Ok((Lines(csv), plan))
}

/// What people send by mistake, told by its first bytes.
fn refuse_other_kinds(start: &[u8]) -> Result<()> {
    let is = |mark: &[u8]| start.starts_with(mark);
    if is(b"PK\x03\x04") || is(&[0x1f, 0x8b]) {
        return Err(wrong("This is a packed file. Unpack it and give the CSV file that is in it."));
    }
    if is(&[0xff, 0xfe]) || is(&[0xfe, 0xff]) {
        return Err(wrong("This file is in UTF-16. Save it as CSV in UTF-8."));
    }
    Ok(())
}

/// Some lines of a file: their columns that are read, one after the other, and where each ends.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    numbers: Vec<u64>,
}

impl Batch {
    /// The number of each line, and its columns.
    fn lines(&self) -> impl Iterator<Item = (u64, Vec<&[u8]>)> {
        let width = self.ends.len() / self.numbers.len().max(1);
        let mut start = 0;
        self.numbers.iter().zip(self.ends.chunks_exact(width.max(1))).map(move |(number, ends)| {
            let mut fields = Vec::with_capacity(ends.len());
            for end in ends {
                fields.push(self.bytes.get(start..*end).unwrap_or_default());
                start = *end;
            }
            (*number, fields)
        })
    }
}

impl Lines {
    /// Hands over the columns that are read of each line, until there are no more or nobody takes them.
    fn hand_over(mut self, picks: &[usize], out: &mpsc::Sender<Batch>) -> Result<()> {
        let (mut record, mut batch) = (ByteRecord::new(), Batch::default());
        loop {
            let more = self.0.read_byte_record(&mut record);
            let more = more.map_err(|e| wrong(format!("The file cannot be read to its end: {e}.")))?;
            if more {
                self.0.get_mut().line = 0;
                for pick in picks {
                    batch.bytes.extend_from_slice(record.get(*pick).unwrap_or_default());
                    batch.ends.push(batch.bytes.len());
                }
                batch.numbers.push(record.position().map_or(0, csv::Position::line));
            }
            if batch.numbers.len() >= AT_ONCE || !more {
                let next = Batch {
                    bytes: Vec::with_capacity(batch.bytes.len()),
                    ends: Vec::with_capacity(batch.ends.len()),
                    numbers: Vec::with_capacity(batch.numbers.len()),
                };
                let full = std::mem::replace(&mut batch, next);
                if out.blocking_send(full).is_err() || !more {
                    return Ok(());
                }
            }
        }
    }
}

/// What makes entries of lines.
struct Maker {
    plan: Plan,
    key: IndexKey,
    register: &'static str,
    id: SnapshotId,
    progress: Arc<Progress>,
}

impl Maker {
    fn run(self, mut batches: mpsc::Receiver<Batch>, out: &mpsc::Sender<Bytes>) -> Result<()> {
        let mut encoder = Encoder::new(self.id);
        while let Some(batch) = batches.blocking_recv() {
            self.make(&batch, &mut encoder)?;
            if encoder.len() >= PIECE && out.blocking_send(encoder.take()).is_err() {
                return Ok(());
            }
        }
        // Whoever should take it may have failed, and tells so.
        if !encoder.is_empty() && out.blocking_send(encoder.take()).is_err() {
            tracing::debug!("nobody takes the entries of a register any more");
        }
        Ok(())
    }

    fn make(&self, batch: &Batch, encoder: &mut Encoder) -> Result<()> {
        let (mut rows, mut refused) = (0, 0);
        for (number, fields) in batch.lines() {
            let entry = match self.plan.read(&fields) {
                Ok(Some(entry)) => entry,
                Ok(None) => continue,
                Err(why) => {
                    refused += 1;
                    self.progress.first_refused.get_or_init(|| format!("line {number}: {why}"));
                    continue;
                }
            };
            encoder.push(&NewEntry {
                number_index: &self.key.index(self.register, &entry.number)?,
                family_name: &entry.family_name,
                given_names: &entry.given_names,
                family_folded: &fold(&entry.family_name),
                given_folded: &fold(&entry.given_names),
                discipline: entry.discipline,
                specialties: &entry.specialties,
                status: &entry.status,
                active: entry.active,
                valid_until: entry.valid_until,
                conditions: &entry.conditions,
            });
            rows += 1;
        }
        add(&self.progress.rows, rows);
        add(&self.progress.refused, refused);
        Ok(())
    }
}

/// What is to be read.
pub(super) struct Reading<'a> {
    pub(super) path: &'a Path,
    pub(super) register: &'static Register,
    pub(super) mapping: Option<String>,
    pub(super) progress: &'a Arc<Progress>,
}

/// Reads a file into the table of a copy.
pub(super) async fn read(ctx: &Ctx, id: SnapshotId, reading: Reading<'_>) -> Result<()> {
    let Reading { path, register, mapping, progress } = reading;
    let key = secrets::index_key(ctx, &mut *ctx.pool.get().await?).await?;
    let (path, opened) = (path.to_owned(), Arc::clone(progress));
    let opening = tokio::task::spawn_blocking(move || open(&path, register, mapping.as_deref(), opened));
    let (lines, plan) = joined(opening.await)?;
    let picks = plan.picks().to_vec();
    let maker = Maker { plan, key, register: register.key, id, progress: Arc::clone(progress) };
    let (batch_out, batches) = mpsc::channel(8);
    let (piece_out, pieces) = mpsc::channel(4);
    let reading = tokio::task::spawn_blocking(move || lines.hand_over(&picks, &batch_out));
    let making = tokio::task::spawn_blocking(move || maker.run(batches, &piece_out));
    let made = async {
        joined(reading.await)?;
        joined(making.await)
    };
    store::registers_copy::load(&ctx.pool, id, pieces, made).await?;
    Ok(())
}

pub(super) fn joined<T>(ended: Result<Result<T>, JoinError>) -> Result<T> {
    ended.map_err(|e| Error::Internal(e.into()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_files_and_other_letters_are_known_by_their_first_bytes() {
        let words = |start: &[u8]| refuse_other_kinds(start).map_err(|e| e.public());
        assert!(words(b"PK\x03\x04rest").unwrap_err().contains("Unpack"));
        assert!(words(&[0x1f, 0x8b, 8]).unwrap_err().contains("Unpack"));
        assert!(words(&[0xff, 0xfe, b'N', 0]).unwrap_err().contains("UTF-8"));
        assert_eq!(words(b"NPI,Entity"), Ok(()));
        assert_eq!(words(b""), Ok(()));
    }

    #[test]
    fn lines_come_out_as_they_were_put_in() {
        let mut batch = Batch::default();
        for (number, fields) in [(2, ["a", ""]), (4, ["", "bcd"])] {
            for field in fields {
                batch.bytes.extend_from_slice(field.as_bytes());
                batch.ends.push(batch.bytes.len());
            }
            batch.numbers.push(number);
        }
        let lines: Vec<(u64, Vec<&[u8]>)> = batch.lines().collect();
        assert_eq!(lines, [(2, vec![b"a".as_slice(), b""]), (4, vec![b"".as_slice(), b"bcd"])]);
        assert_eq!(Batch::default().lines().count(), 0);
    }
}
