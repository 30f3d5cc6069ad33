//! The rows of a register's copy, written by COPY. Diesel does not speak it, so this opens a connection of its own.

use std::pin::pin;

use bytes::{BufMut, Bytes, BytesMut};
use chrono::{Datelike, NaiveDate};
use futures_util::{
    SinkExt,
    future::{Either, select},
};
use tokio::sync::mpsc;
use tokio_postgres::{Client, NoTls};

use super::Pool;
use crate::{
    error::{Error, Result},
    model::SnapshotId,
};

/// The columns of a row, in the order in which they are written.
const COLUMNS: &str = "snapshot_id, number_index, family_name, given_names, family_folded, given_folded, discipline, \
    specialties, status, active, valid_until, conditions";
/// How many these are.
const WIDTH: i16 = 12;
/// What stands before all rows: signature, no flags, no more of a head.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What stands behind them.
const END: &[u8] = &[0xff, 0xff];
/// The type of the words of an array.
const TEXT_OID: i32 = 25;
/// The day that dates are counted from, 1 January 2000, itself counted from 31 December of the year before 1.
const EPOCH: i32 = 730_120;

/// The table of the rows of a copy.
pub(super) fn table(id: SnapshotId) -> String {
    format!("register_entries_{id}")
}

/// One row. No number goes into it, only its index.
#[derive(Debug)]
pub struct NewEntry<'a, S> {
    /// What equal numbers have in common.
    pub number_index: &'a [u8],
    /// As registered.
    pub family_name: &'a str,
    /// As registered.
    pub given_names: &'a str,
    /// Folded.
    pub family_folded: &'a str,
    /// Folded.
    pub given_folded: &'a str,
    /// Key of the discipline.
    pub discipline: &'a str,
    /// Codes, or the register's own words.
    pub specialties: &'a [S],
    /// The register's own word.
    pub status: &'a str,
    /// Whether they may practise.
    pub active: bool,
    /// Until when.
    pub valid_until: Option<NaiveDate>,
    /// Conditions.
    pub conditions: &'a str,
}

/// Makes rows into what COPY reads, piece by piece (PostgreSQL, COPY, binary format).
#[derive(Debug)]
pub struct Encoder {
    id: SnapshotId,
    out: BytesMut,
}

impl Encoder {
    /// For the rows of this copy.
    pub fn new(id: SnapshotId) -> Self {
        Self { id, out: BytesMut::new() }
    }

    /// Adds one.
    pub fn push<S: AsRef<str>>(&mut self, row: &NewEntry<'_, S>) {
        let out = &mut self.out;
        out.put_i16(WIDTH);
        out.put_i32(8);
        out.put_i64(self.id.0);
        put(out, row.number_index);
        for text in [row.family_name, row.given_names, row.family_folded, row.given_folded, row.discipline] {
            put(out, text.as_bytes());
        }
        put_array(out, row.specialties);
        put(out, row.status.as_bytes());
        put(out, &[u8::from(row.active)]);
        match row.valid_until {
            Some(day) => {
                out.put_i32(4);
                out.put_i32(day.num_days_from_ce() - EPOCH);
            }
            None => out.put_i32(-1),
        }
        put(out, row.conditions.as_bytes());
    }

    /// Bytes that wait to be taken.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether none do.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes what is there.
    pub fn take(&mut self) -> Bytes {
        self.out.split().freeze()
    }
}

fn length(of: usize) -> i32 {
    i32::try_from(of).unwrap_or(i32::MAX)
}

fn put(out: &mut BytesMut, bytes: &[u8]) {
    out.put_i32(length(bytes.len()));
    out.put_slice(bytes);
}

fn put_array<S: AsRef<str>>(out: &mut BytesMut, words: &[S]) {
    let head = if words.is_empty() { 12 } else { 20 };
    let bytes: usize = words.iter().map(|word| 4 + word.as_ref().len()).sum();
    out.put_i32(length(head + bytes));
    // Dimensions, no nulls, the type; then how many, counted from 1.
    out.put_i32(i32::from(!words.is_empty()));
    out.put_i32(0);
    out.put_i32(TEXT_OID);
    if !words.is_empty() {
        out.put_i32(length(words.len()));
        out.put_i32(1);
        for word in words {
            put(out, word.as_ref().as_bytes());
        }
    }
}

fn broken(error: tokio_postgres::Error) -> Error {
    tracing::error!(%error, "the connection for a register's rows");
    if error.as_db_error().is_some() { Error::Internal(error.into()) } else { Error::Unavailable }
}

/// Makes the table of a copy, fills it with the rows that come as pieces of an [`Encoder`], and makes it ready to be
/// searched. `made` ends once all rows are made; where it fails, nothing is kept. Returns how many rows there are.
pub async fn load(
    pool: &Pool,
    id: SnapshotId,
    rows: mpsc::Receiver<Bytes>,
    made: impl Future<Output = Result<()>> + Send,
) -> Result<u64> {
    let (client, connection) = tokio_postgres::connect(pool.url().expose(), NoTls).await.map_err(broken)?;
    let filling = pin!(fill(&client, id, rows, made));
    match select(filling, pin!(connection)).await {
        Either::Left((done, _)) => done,
        Either::Right((Err(error), _)) => Err(broken(error)),
        Either::Right((Ok(()), _)) => Err(Error::Unavailable),
    }
}

async fn fill(
    client: &Client,
    id: SnapshotId,
    mut rows: mpsc::Receiver<Bytes>,
    made: impl Future<Output = Result<()>> + Send,
) -> Result<u64> {
    let table = table(id);
    // By the constraint PostgreSQL knows, when the table joins the others, that it need not look at each row.
    let make = format!(
        "CREATE TABLE {table} (LIKE register_entries, CONSTRAINT {table}_check CHECK (snapshot_id = {id} AND snapshot_id IS NOT NULL))"
    );
    client.batch_execute(&make).await.map_err(broken)?;
    let copy = format!("COPY {table} ({COLUMNS}) FROM STDIN (FORMAT binary)");
    let sink = client.copy_in::<str, Bytes>(&copy).await.map_err(broken)?;
    let mut sink = pin!(sink);
    sink.feed(Bytes::from_static(HEAD)).await.map_err(broken)?;
    while let Some(piece) = rows.recv().await {
        sink.feed(piece).await.map_err(broken)?;
    }
    // A sink that is dropped tells PostgreSQL to forget the rows.
    made.await?;
    sink.feed(Bytes::from_static(END)).await.map_err(broken)?;
    let count = sink.as_mut().finish().await.map_err(broken)?;
    let ready = format!("CREATE INDEX {table}_number_idx ON {table} (number_index); ANALYZE {table}");
    client.batch_execute(&ready).await.map_err(broken)?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_written_as_postgresql_reads_it() {
        let mut encoder = Encoder::new(SnapshotId(7));
        encoder.push(&NewEntry {
            number_index: &[1, 2],
            family_name: "Kader",
            given_names: "S",
            family_folded: "kader",
            given_folded: "s",
            discipline: "",
            specialties: &["207R00000X"],
            status: "A",
            active: true,
            valid_until: NaiveDate::from_ymd_opt(2000, 1, 3),
            conditions: "",
        });
        let expected = [
            &[0, 12, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2, 1, 2][..],
            b"\0\0\0\x05Kader\0\0\0\x01S\0\0\0\x05kader\0\0\0\x01s\0\0\0\0",
            b"\0\0\0\x22\0\0\0\x01\0\0\0\0\0\0\0\x19\0\0\0\x01\0\0\0\x01\0\0\0\x0a207R00000X",
            b"\0\0\0\x01A\0\0\0\x01\x01\0\0\0\x04\0\0\0\x02\0\0\0\0",
        ]
        .concat();
        assert_eq!(encoder.take(), expected);
        assert!(encoder.is_empty());
        let none: [&str; 0] = [];
        put_array(&mut encoder.out, &none);
        assert_eq!(encoder.take(), b"\0\0\0\x0c\0\0\0\0\0\0\0\0\0\0\0\x19".as_slice());
    }
}
