//! A new copy takes the place of the one before it, and whoever is not in it as before is looked at again.

use chrono::NaiveDate;
use serde_json::json;

use super::{Outcome, Source};
use crate::{
    error::{Error, Result},
    model::{AuditAction, Snapshot, SnapshotId},
    policy::registers::Register,
    service::{
        Ctx,
        audit::{self, About, By, Deed},
        credentials,
    },
    store::{
        self,
        registers::{Change, Counts},
    },
};

/// Longest word of a register that a reason repeats, in characters.
const REPEATED: usize = 80;

/// What the reading of a file gave.
pub(super) struct Read<'a> {
    pub(super) id: SnapshotId,
    pub(super) register: &'static Register,
    pub(super) taken_on: NaiveDate,
    pub(super) counts: Counts,
    pub(super) first_refused: &'a str,
}

/// Refuses what cannot be a copy of a whole register, whatever the operator says.
pub(super) fn check_content(read: &Read<'_>) -> Result<()> {
    let Counts { rows, refused, .. } = read.counts;
    if rows == 0 {
        let why = if refused == 0 { "all lines are of no interest" } else { read.first_refused };
        return Err(wrong(format!("No line of this file is an entry of {}: {why}.", read.register.name)));
    }
    Ok(())
}

/// Refuses what is unlikely to be one, unless the operator insists.
fn check_likeness(read: &Read<'_>, before: Option<&Snapshot>) -> Result<()> {
    let Counts { rows, refused, .. } = read.counts;
    let insist = "If this is right, import it by the command with --force.";
    if refused > rows {
        return Err(wrong(format!(
            "Of {} lines only {rows} could be read as entries. The first that could not: {}. {insist}",
            rows + refused,
            read.first_refused
        )));
    }
    let Some(before) = before else { return Ok(()) };
    if rows.saturating_mul(2) < before.rows {
        return Err(wrong(format!(
            "This copy has {rows} entries, and the one of {}, which is in use, has {}: it is not whole. {insist}",
            day(before.taken_on),
            before.rows
        )));
    }
    if read.taken_on < before.taken_on {
        return Err(wrong(format!(
            "This copy is of {}, and the one in use is newer: it is of {}. {insist}",
            day(read.taken_on),
            day(before.taken_on)
        )));
    }
    Ok(())
}

fn wrong(words: String) -> Error {
    Error::invalid("file", words)
}

fn day(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// Puts a copy that was read in the place of the one before it, and opens re-checks.
pub(super) async fn put_in_place(ctx: &Ctx, by: By, read: &Read<'_>, force: bool) -> Result<Outcome> {
    let Read { id, register, taken_on, counts, first_refused } = *read;
    let begun = std::time::Instant::now();
    let mut tx = ctx.tx().await?;
    let before = store::registers::lock_current(&mut tx, register.key).await?;
    if !force {
        check_likeness(read, before.as_ref())?;
    }
    store::registers::attach(&mut tx, id).await?;
    // The way in which numbers are read may have changed since these were kept.
    let moved = credentials::read_again(ctx, &mut tx, register.key).await?;
    let copies = (before.map(|before| before.id), id);
    let changes = store::registers::changes(&mut tx, register.key, copies, &moved).await?;
    let noted = changes.iter().filter(|one| one.suspended).count();
    let rechecks = i64::try_from(changes.len() - noted).unwrap_or(i64::MAX);
    store::registers::put_in_use(&mut tx, id, (counts, rechecks), first_refused, ctx.now()).await?;
    let due = changes.into_iter().map(|one| (one.credential, reason(&one.change, taken_on))).collect();
    credentials::recheck_all(ctx, &mut tx, due).await?;
    let details = json!({
        "taken_on": taken_on.to_string(), "rows": counts.rows, "refused": counts.refused, "rechecks": rechecks,
        "suspended": noted,
    });
    let deed = Deed::new(by, AuditAction::ImportRegister, About::Register(register.key)).with(details);
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    Ok(Outcome { id, register, taken_on, counts, rechecks, comparing: begun.elapsed() })
}

/// Why somebody is looked at again, in words.
fn reason(change: &Change, taken_on: NaiveDate) -> String {
    let day = day(taken_on);
    match change {
        Change::Inactive(status) if status.is_empty() => format!("No longer active in the register of {day}."),
        Change::Inactive(status) => {
            let status: String = status.chars().take(REPEATED).collect();
            format!("No longer active in the register of {day}: {status}.")
        }
        Change::Vanished => format!("Not in the register of {day}."),
        Change::Renamed => format!("Under another name in the register of {day}."),
    }
}

impl Source {
    /// The day that a copy is of: today unless told, and never a day to come.
    pub(super) fn taken_on(&self, today: NaiveDate) -> Result<NaiveDate> {
        match self.snapshot_date {
            Some(day) if day > today => Err(Error::invalid("taken_on", "This day has not come yet.")),
            Some(day) => Ok(day),
            None => Ok(today),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: i64, refused: i64) -> Read<'static> {
        Read {
            id: SnapshotId(2),
            register: Register::find("gb-gmc").unwrap(),
            taken_on: NaiveDate::from_ymd_opt(2026, 11, 2).unwrap(),
            counts: Counts { bytes: 9, rows, refused },
            first_refused: "line 2: it has no name",
        }
    }

    fn before(rows: i64, month: u32) -> Snapshot {
        let at = chrono::DateTime::UNIX_EPOCH;
        Snapshot {
            id: SnapshotId(1),
            register: "gb-gmc".into(),
            taken_on: NaiveDate::from_ymd_opt(2026, month, 1).unwrap(),
            file_name: "lrmp.csv".into(),
            state: crate::model::SnapshotState::Current,
            rows,
            refused: 0,
            bytes_read: 9,
            bytes_total: 9,
            rechecks: 0,
            error: String::new(),
            started_at: at,
            beat_at: at,
            finished_at: Some(at),
        }
    }

    #[test]
    fn half_a_register_an_older_one_and_rubbish_are_refused() {
        assert!(check_content(&read(0, 7)).unwrap_err().public().contains("line 2: it has no name"));
        assert!(check_content(&read(1, 7)).is_ok());
        let said = |rows, refused, before: Option<&Snapshot>| {
            check_likeness(&read(rows, refused), before).map_err(|error| error.public())
        };
        assert!(said(10, 11, None).unwrap_err().contains("Of 21 lines only 10"));
        assert!(said(10, 10, None).is_ok());
        let words = said(49, 0, Some(&before(99, 10))).unwrap_err();
        assert!(
            words.contains("has 49 entries") && words.contains("1 Oct 2026") && words.contains("--force"),
            "{words}"
        );
        assert_eq!(said(50, 0, Some(&before(99, 10))), Ok(()));
        assert_eq!(said(50, 0, Some(&before(100, 10))), Ok(()));
        assert!(said(100, 0, Some(&before(100, 12))).unwrap_err().contains("newer"));
    }

    #[test]
    fn reasons_name_the_copy_and_what_it_says() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        let said = |change| reason(&change, day);
        assert_eq!(
            said(Change::Inactive("Suspended".into())),
            "No longer active in the register of 2 Nov 2026: Suspended."
        );
        assert_eq!(said(Change::Inactive(String::new())), "No longer active in the register of 2 Nov 2026.");
        assert_eq!(said(Change::Vanished), "Not in the register of 2 Nov 2026.");
        assert_eq!(said(Change::Renamed), "Under another name in the register of 2 Nov 2026.");
    }
}
