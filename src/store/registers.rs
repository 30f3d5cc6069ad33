//! Copies of registers: where they stand, what they say of a number, and what a new one changes.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::{
    Conn,
    credentials::numbers::Moved,
    fault,
    registers_copy::table,
    sql::{command, sql},
};
use crate::{
    error::{Error, Result},
    model::{AccountId, CredentialId, RegisterEntry, Snapshot, SnapshotId, SnapshotState},
    schema::register_snapshots,
};

/// Most lines of one number that are looked at.
const LINES: i64 = 50;
/// Of several lines `e` of one number, the one that stands for all comes first.
pub(super) const BEST_FIRST: &str = "e.active DESC, e.valid_until DESC NULLS FIRST, e.family_folded, e.given_folded";
/// The columns of a [`RegisterEntry`], in its order.
pub(super) type EntrySql = (Text, Text, Text, Text, Text, Array<Text>, Text, Bool, Nullable<Date>, Text);

/// The copy of a register that is in use.
pub async fn current(conn: &mut Conn, register: &str) -> Result<Option<Snapshot>> {
    register_snapshots::table
        .filter(register_snapshots::register.eq(register))
        .filter(register_snapshots::state.eq(SnapshotState::Current))
        .select(Snapshot::as_select())
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// What the copy in use says of a number. Some registers have a line for each post or specialty of one person: the best
/// line stands for all, with the specialties of the others.
pub async fn find_entry(conn: &mut Conn, register: &str, number_index: &[u8]) -> Result<Option<RegisterEntry>> {
    let Some(snapshot) = current(conn, register).await? else { return Ok(None) };
    // The copy is named by a value, so that only its own partition is looked into.
    let lines: Vec<RegisterEntry> = sql::<EntrySql>(format!(
        "SELECT family_name, given_names, family_folded, given_folded, discipline, specialties, status, active, \
           valid_until, conditions FROM register_entries e WHERE snapshot_id = $1 AND number_index = $2 \
         ORDER BY {BEST_FIRST} LIMIT $3"
    ))
    .bind::<BigInt, _>(snapshot.id)
    .bind::<Binary, _>(number_index.to_vec())
    .bind::<BigInt, _>(LINES)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(lines.into_iter().reduce(|mut best, line| {
        if line.active == best.active {
            for specialty in line.specialties {
                if !best.specialties.contains(&specialty) {
                    best.specialties.push(specialty);
                }
            }
        }
        best
    }))
}

/// The newest copies of all registers, newest first.
pub async fn list(conn: &mut Conn, limit: i64) -> Result<Vec<Snapshot>> {
    register_snapshots::table
        .order(register_snapshots::id.desc())
        .limit(limit)
        .select(Snapshot::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// A copy that is about to be read.
#[derive(Debug, Clone)]
pub struct NewSnapshot {
    /// Key of the register.
    pub register: String,
    /// The day it is of.
    pub taken_on: NaiveDate,
    /// Name of the file.
    pub file_name: String,
    /// Its size.
    pub bytes: i64,
    /// Who gave it; none for the operator.
    pub by: Option<AccountId>,
}

/// Notes that a copy is being read.
///
/// # Errors
/// [`Error::Conflict`] where another one of the same register is.
pub async fn begin(conn: &mut Conn, new: NewSnapshot, now: DateTime<Utc>) -> Result<SnapshotId> {
    // A statement of its own: the next one sees what was committed while this one waited.
    command("SELECT pg_advisory_xact_lock(20261140)").execute(conn).await.map_err(fault)?;
    let busy: bool =
        sql::<Bool>("SELECT EXISTS (SELECT 1 FROM register_snapshots WHERE register = $1 AND state = 'loading')")
            .bind::<Text, _>(new.register.clone())
            .get_result(conn)
            .await
            .map_err(fault)?;
    if busy {
        return Err(Error::Conflict("A copy of this register is being read. Wait until that is done.".into()));
    }
    sql::<BigInt>(
        "INSERT INTO register_snapshots (register, taken_on, file_name, bytes_total, started_by, started_at, beat_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id",
    )
    .bind::<Text, _>(new.register)
    .bind::<Date, _>(new.taken_on)
    .bind::<Text, _>(new.file_name)
    .bind::<BigInt, _>(new.bytes)
    .bind::<Nullable<BigInt>, _>(new.by)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// How far the reading of a copy is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bytes read.
    pub bytes: i64,
    /// Entries taken.
    pub rows: i64,
    /// Lines that could not be read as one.
    pub refused: i64,
}

/// A sign that a copy is still being read.
pub async fn beat(conn: &mut Conn, id: SnapshotId, counts: Counts, now: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE register_snapshots SET bytes_read = $2, rows = $3, refused = $4, beat_at = $5 \
         WHERE id = $1 AND state = 'loading'",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(counts.bytes)
    .bind::<BigInt, _>(counts.rows)
    .bind::<BigInt, _>(counts.refused)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// A copy that could not be taken in.
pub async fn fail(conn: &mut Conn, id: SnapshotId, words: &str, now: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE register_snapshots SET state = 'failed', error = $2, finished_at = $3 WHERE id = $1 AND state = 'loading'",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(words.to_owned())
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// A copy that is being read, or waits to be.
#[derive(Debug, Clone)]
pub struct Loading {
    /// Its id.
    pub id: SnapshotId,
    /// What was known of it when it came.
    pub new: NewSnapshot,
    /// Its last sign of progress.
    pub beat_at: DateTime<Utc>,
}

/// All of these, oldest first.
pub async fn loading(conn: &mut Conn) -> Result<Vec<Loading>> {
    type Row = (SnapshotId, String, NaiveDate, String, i64, Option<AccountId>, DateTime<Utc>);
    let rows: Vec<Row> = sql::<(BigInt, Text, Date, Text, BigInt, Nullable<BigInt>, Timestamptz)>(
        "SELECT id, register, taken_on, file_name, bytes_total, started_by, beat_at FROM register_snapshots \
         WHERE state = 'loading' ORDER BY id",
    )
    .load(conn)
    .await
    .map_err(fault)?;
    let loading = |(id, register, taken_on, file_name, bytes, by, beat_at): Row| Loading {
        id,
        new: NewSnapshot { register, taken_on, file_name, bytes, by },
        beat_at,
    };
    Ok(rows.into_iter().map(loading).collect())
}

/// The rows of a copy, which lie in a table of their own so far, are rows of the register from now on.
pub async fn attach(conn: &mut Conn, id: SnapshotId) -> Result<()> {
    let part = table(id);
    conn.batch_execute(&format!("ALTER TABLE register_entries ATTACH PARTITION {part} FOR VALUES IN ({id})"))
        .await
        .map_err(fault)
}

/// The copy of a register that is in use, which nobody else exchanges until the transaction ends.
pub async fn lock_current(conn: &mut Conn, register: &str) -> Result<Option<Snapshot>> {
    register_snapshots::table
        .filter(register_snapshots::register.eq(register))
        .filter(register_snapshots::state.eq(SnapshotState::Current))
        .select(Snapshot::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// What a new copy says of somebody whom we stand by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// May practise no longer; the register's own word.
    Inactive(String),
    /// Is not in it.
    Vanished,
    /// Has another name.
    Renamed,
}

/// A credential of which a new copy says something else than the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which.
    pub credential: CredentialId,
    /// It rests at present.
    pub suspended: bool,
    /// What is new.
    pub change: Change,
}

/// Which credentials of a register that we stand by, or that rest, are not what they were in the copy before, or came into
/// the new one as not active; locked in their order. Where there is none before: which are not in the new copy, or not
/// active there. In the copy before, those whose numbers have moved stand under what they were found by then.
pub async fn changes(
    conn: &mut Conn,
    register: &str,
    (before, new): (Option<SnapshotId>, SnapshotId),
    moved: &[Moved],
) -> Result<Vec<Changed>> {
    let best = |place: &str, number: &str| {
        format!(
            "LEFT JOIN LATERAL (SELECT e.active, e.status, e.family_folded, e.given_folded FROM register_entries e \
               WHERE e.snapshot_id = {place} AND e.number_index = {number} ORDER BY {BEST_FIRST} LIMIT 1)"
        )
    };
    let rows: Vec<(CredentialId, bool, String, String)> = sql::<(BigInt, Bool, Text, Text)>(format!(
        "SELECT c.id, c.state = 'suspended', \
           CASE WHEN n.active IS NULL THEN 'vanished' WHEN n.active THEN 'renamed' ELSE 'inactive' END, \
           coalesce(n.status, '') \
         FROM credentials c LEFT JOIN unnest($4::bigint[], $5::bytea[]) AS m (id, was) ON m.id = c.id \
           {} n ON true {} o ON true \
         WHERE c.register = $1 AND c.number_index IS NOT NULL AND c.state IN ('attested', 'recheck_due', 'suspended') \
           AND CASE WHEN n.active IS NULL THEN $2::bigint IS NULL OR o.active IS NOT NULL \
             WHEN NOT n.active THEN o.active IS NOT FALSE \
             ELSE o.active AND \
               (n.family_folded, n.given_folded) IS DISTINCT FROM (o.family_folded, o.given_folded) END \
         ORDER BY c.id FOR UPDATE OF c",
        best("$3", "c.number_index"),
        best("$2", "ANY(ARRAY[c.number_index, m.was])")
    ))
    .bind::<Text, _>(register.to_owned())
    .bind::<Nullable<BigInt>, _>(before)
    .bind::<BigInt, _>(new)
    .bind::<Array<BigInt>, _>(moved.iter().map(|one| one.id).collect::<Vec<CredentialId>>())
    .bind::<Array<Binary>, _>(moved.iter().map(|one| one.was.clone()).collect::<Vec<Vec<u8>>>())
    .load(conn)
    .await
    .map_err(fault)?;
    let changed = |(credential, suspended, what, status): (CredentialId, bool, String, String)| Changed {
        credential,
        suspended,
        change: match what.as_str() {
            "inactive" => Change::Inactive(status),
            "vanished" => Change::Vanished,
            _ => Change::Renamed,
        },
    };
    Ok(rows.into_iter().map(changed).collect())
}

/// A copy is in use from now on, and the one before it no longer. `words` tells of lines that were refused.
///
/// # Errors
/// [`Error::Conflict`] where it was given up in the meantime.
pub async fn put_in_use(
    conn: &mut Conn,
    id: SnapshotId,
    (counts, rechecks): (Counts, i64),
    words: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    command(
        "UPDATE register_snapshots SET state = 'replaced' WHERE state = 'current' \
           AND register = (SELECT register FROM register_snapshots WHERE id = $1)",
    )
    .bind::<BigInt, _>(id)
    .execute(conn)
    .await
    .map_err(fault)?;
    let changed = command(
        "UPDATE register_snapshots SET state = 'current', bytes_read = $2, rows = $3, refused = $4, rechecks = $5, \
           error = $6, beat_at = $7, finished_at = $7 WHERE id = $1 AND state = 'loading'",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(counts.bytes)
    .bind::<BigInt, _>(counts.rows)
    .bind::<BigInt, _>(counts.refused)
    .bind::<BigInt, _>(rechecks)
    .bind::<Text, _>(words.to_owned())
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    if changed == 1 {
        return Ok(());
    }
    Err(Error::Conflict("This copy was given up in the meantime, as nothing was heard of it. Import it again.".into()))
}

/// Drops the rows of all copies that are no longer in use, or could not be taken in. Not within another transaction:
/// whoever looks something up waits for the moment that it takes.
pub async fn drop_unused(conn: &mut Conn) -> Result<()> {
    let unused: Vec<String> = sql::<Text>(
        "SELECT c.relname::text FROM pg_class c WHERE c.relkind = 'r' AND c.relname ~ '^register_entries_[0-9]+$' \
           AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'register_entries'::regclass) \
           AND NOT EXISTS (SELECT 1 FROM register_snapshots s WHERE s.state IN ('loading', 'current') \
             AND c.relname = 'register_entries_' || s.id)",
    )
    .load(conn)
    .await
    .map_err(fault)?;
    for name in unused {
        conn.batch_execute(&format!("DROP TABLE IF EXISTS {name}")).await.map_err(fault)?;
    }
    Ok(())
}
