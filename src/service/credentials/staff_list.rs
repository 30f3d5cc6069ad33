//! A staff list as personnel offices write it: CSV whose first line names the columns.

use chrono::{Months, NaiveDate};
use csv::{ErrorKind, Position, ReaderBuilder, StringRecord, Trim};

use super::{form, number};
use crate::{
    error::{Error, Result},
    policy::disciplines::{DISCIPLINES, Discipline},
    text::{country, is_called, sanitize},
};

/// Largest file, in bytes.
const LARGEST: usize = 20_000_000;
/// Most people in it.
const MOST: usize = 100_000;
/// Longest name, role or number, in characters.
const LONGEST: usize = 100;
/// Longest address, in bytes.
const EMAIL: usize = 254;
/// How personnel offices write that there is no end: with a day that nobody will see.
const NO_END: Months = Months::new(1_200);
/// Columns that have to be there.
const NEEDED: [&str; 5] = ["email", "family_name", "given_names", "discipline", "country"];

/// Somebody who works here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its place in the file, from 1.
    pub(super) place: u64,
    /// In small letters.
    pub(super) email: String,
    pub(super) family_name: String,
    pub(super) given_names: String,
    pub(super) role: String,
    /// Key of the discipline.
    pub(super) discipline: &'static str,
    /// ISO 3166.
    pub(super) country: String,
    pub(super) start: Option<NaiveDate>,
    /// This day included.
    pub(super) end: Option<NaiveDate>,
    /// Empty for none.
    pub(super) staff_number: String,
}

impl Line {
    /// Words about it, for whoever sent the list.
    pub(super) fn says(&self, words: &str) -> String {
        format!("Line {}: {words}", self.place)
    }

    /// Whether a name that is shown is that of this person.
    pub(super) fn is_called(&self, shown: &str) -> bool {
        is_called(shown, &self.family_name, &self.given_names)
    }
}

fn wrong(words: impl Into<String>) -> Error {
    Error::invalid("file", words)
}

/// Where the columns are.
struct Columns(Vec<String>);

impl Columns {
    fn of(head: &StringRecord) -> Result<Self> {
        let named = |column: &str| column.trim().to_lowercase().replace([' ', '-'], "_");
        let columns = Self(head.iter().map(named).collect());
        let missing: Vec<&str> = NEEDED.into_iter().filter(|name| !columns.0.iter().any(|one| one == name)).collect();
        if missing.is_empty() {
            return Ok(columns);
        }
        Err(wrong(format!(
            "The first line names no column {}. It has to name email, family_name, given_names, discipline and country, \
             and may name role, start, end and staff_number.",
            missing.join(", ")
        )))
    }

    /// What a line has in a column; empty where the column is not there.
    fn text<'a>(&self, record: &'a StringRecord, name: &str) -> &'a str {
        let place = self.0.iter().position(|column| column == name);
        place.and_then(|place| record.get(place)).unwrap_or_default()
    }

    fn line(&self, record: &StringRecord, place: u64, today: NaiveDate) -> Result<Line> {
        let bad = |words: &str| wrong(format!("Line {place}: {words}"));
        let text = |name| self.text(record, name);
        let name = |column, what: &str| match sanitize::name(text(column), LONGEST) {
            name if name.is_empty() => Err(bad(&format!("the {what} is missing."))),
            name => Ok(name),
        };
        let day = |column, what: &str| match text(column) {
            "" => Ok(None),
            typed => form::day(typed)
                .map(Some)
                .ok_or_else(|| bad(&format!("write the {what} as year, month and day, such as 2027-08-31."))),
        };
        let (start, end) = (day("start", "first day")?, day("end", "last day")?);
        if start.zip(end).is_some_and(|(start, end)| end < start) {
            return Err(bad("it would end before it begins."));
        }
        let country = text("country").to_uppercase();
        if !country::is_place(&country) {
            return Err(bad("the country has to be two letters, such as IE, or a part of one, such as US-CA."));
        }
        let staff_number = sanitize::name(text("staff_number"), LONGEST);
        Ok(Line {
            place,
            email: email(text("email")).ok_or_else(|| bad("this is no e-mail address."))?,
            family_name: name("family_name", "family name")?,
            given_names: name("given_names", "given name")?,
            // Kept in clear, where the number is not.
            role: number::hide(&sanitize::name(text("role"), LONGEST), &staff_number),
            discipline: discipline(text("discipline")).ok_or_else(|| bad(&unknown_discipline()))?,
            country,
            start,
            end: end.filter(|end| today.checked_add_months(NO_END).is_some_and(|last| *end <= last)),
            staff_number,
        })
    }
}

fn email(typed: &str) -> Option<String> {
    let (name, domain) = typed.split_once('@')?;
    let fits = typed.len() <= EMAIL && !name.is_empty() && domain.contains('.');
    let clean = !typed.chars().any(|c| c.is_control() || c.is_whitespace());
    (fits && clean).then(|| typed.to_lowercase())
}

/// By its key, by the field, or by who works in it.
fn discipline(typed: &str) -> Option<&'static str> {
    let typed = typed.to_lowercase();
    let is = |one: &Discipline| [one.key, one.name, one.person].iter().any(|name| name.to_lowercase() == typed);
    DISCIPLINES.iter().find(|one| is(one)).map(|one| one.key)
}

fn unknown_discipline() -> String {
    let keys: Vec<&str> = DISCIPLINES.iter().map(|one| one.key).collect();
    format!("the discipline has to be one of {}.", keys.join(", "))
}

/// What stands between two columns: programs in some countries write something else than a comma.
fn delimiter(file: &str) -> u8 {
    let head = file.lines().next().unwrap_or_default();
    [b'\t', b';', b','].into_iter().max_by_key(|mark| head.split(char::from(*mark)).count()).unwrap_or(b',')
}

/// Reads a list. Nothing of one that is wrong anywhere is taken in.
pub(super) fn read(file: &[u8], today: NaiveDate) -> Result<Vec<Line>> {
    if file.len() > LARGEST {
        return Err(wrong(format!("This file is too large. The limit is {} MB.", LARGEST / 1_000_000)));
    }
    let file = std::str::from_utf8(file).map_err(|_| wrong("This file is not in UTF-8. Save it as CSV in UTF-8."))?;
    let file = file.trim_start_matches('\u{feff}');
    let mut csv = ReaderBuilder::new().delimiter(delimiter(file)).trim(Trim::All).from_reader(file.as_bytes());
    let columns = Columns::of(csv.headers().map_err(|error| unreadable(file, &error))?)?;
    let mut lines = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|error| unreadable(file, &error))?;
        // What is left of a line that was emptied in a program for tables.
        if record.iter().all(str::is_empty) {
            continue;
        }
        if lines.len() == MOST {
            return Err(wrong(format!("A list may have {MOST} lines. Divide it, and take in each part by itself.")));
        }
        lines.push(columns.line(&record, place(file, record.position()), today)?);
    }
    if lines.is_empty() { Err(wrong("There is nobody in this list.")) } else { Ok(lines) }
}

/// The line, from 1. A record begins for the library where the one before ended: the end of that line, and empty lines, may
/// come first.
fn place(file: &str, at: Option<&Position>) -> u64 {
    let Some(at) = at else { return 0 };
    let rest = usize::try_from(at.byte()).ok().and_then(|byte| file.get(byte..)).unwrap_or_default();
    let ends = rest.chars().take_while(|c| matches!(c, '\r' | '\n')).filter(|c| *c == '\n').count();
    at.line() + u64::try_from(ends).unwrap_or(0)
}

fn unreadable(file: &str, error: &csv::Error) -> Error {
    let place = place(file, error.position());
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            wrong(format!("Line {place}: it has {len} columns, and the first line has {expected_len}."))
        }
        _ => wrong("This file is not CSV, or not whole."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "email,family_name,given_names,role,discipline,country,start,end,staff_number\n";

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 26).unwrap()
    }

    fn refused(file: &str) -> String {
        read(file.as_bytes(), today()).unwrap_err().public()
    }

    #[test]
    fn a_list_is_read_however_programs_write_it() {
        let comma =
            format!("\u{feff}{HEAD}Ada@Hospital.test,Kader,Samira,Consultant,Doctor,gb,2020-02-01,9999-12-31,S-1\n");
        let semicolon = "Staff Number;Ward;email;Family Name;Given names;Discipline;Country;Role\r\n\
            S-1;4B;ada@hospital.test;Kader;Samira;MEDICINE;GB;Consultant\r\n;;;;;;;\r\n";
        let (one, other) = (read(comma.as_bytes(), today()).unwrap(), read(semicolon.as_bytes(), today()).unwrap());
        assert_eq!((one[0].place, one[0].start, one[0].end), (2, NaiveDate::from_ymd_opt(2020, 2, 1), None));
        assert_eq!(one, [Line { start: one[0].start, ..other[0].clone() }]);
        assert_eq!((one[0].discipline, one[0].email.as_str()), ("medicine", "ada@hospital.test"));
        let short = "country,discipline,given_names,family_name,email\nDE,nursing,Jo,\"Roe, née Doe\",jo@h.test\n";
        let line = &read(short.as_bytes(), today()).unwrap()[0];
        assert_eq!((line.family_name.as_str(), line.role.as_str(), line.end), ("Roe, née Doe", "", None));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        assert!(refused("email,family_name\nx\n").contains("no column given_names, discipline, country."));
        assert_eq!(refused(HEAD), "There is nobody in this list.");
        assert!(refused("").contains("no column email"));
        assert!(read(b"email\n\xff\xfe", today()).unwrap_err().public().contains("UTF-8"));
        let good = "ada@h.test,Kader,Samira,,medicine,GB,,,\n";
        let empty = format!("{}\r\n\r\n{}\r\nada\r\n", HEAD.trim_end(), good.trim_end());
        assert!(refused(&empty).starts_with("Line 4: it has 1 columns"), "empty lines count");
        for (bad, words) in [
            ("ada,Kader,Samira,,medicine,GB,,,\n", "Line 3: this is no e-mail address."),
            ("a@h.test,,Samira,,medicine,GB,,,\n", "Line 3: the family name is missing."),
            ("a@h.test,Kader,Samira,,magic,GB,,,\n", "Line 3: the discipline has to be one of medicine, nursing,"),
            ("a@h.test,Kader,Samira,,medicine,Wales,,,\n", "Line 3: the country has to be two letters"),
            ("a@h.test,Kader,Samira,,medicine,GB,1.2.2020,,\n", "Line 3: write the first day as year,"),
            ("a@h.test,Kader,Samira,,medicine,GB,2020-02-01,2020-01-31,\n", "Line 3: it would end before it begins."),
            ("a@h.test,Kader,Samira,medicine\n", "Line 3: it has 4 columns, and the first line has 9."),
        ] {
            let said = refused(&format!("{HEAD}{good}{bad}"));
            assert!(said.starts_with(words), "{bad}: {said}");
        }
    }

    #[test]
    fn a_staff_number_does_not_stand_in_the_role() {
        let list = format!("{HEAD}a@h.test,Kader,Samira,Registrar (hr 77q41),medicine,GB,,,HR-77Q41\n");
        let line = &read(list.as_bytes(), today()).unwrap()[0];
        assert_eq!((line.role.as_str(), line.staff_number.as_str()), ("Registrar (••• ••41)", "HR-77Q41"));
    }

    #[test]
    fn a_list_has_a_size_that_it_may_have() {
        let lines = (0..=MOST).map(|number| format!("p{number}@h.test,Kader,Samira,,medicine,GB,,,\n"));
        let long: String = std::iter::once(HEAD.to_owned()).chain(lines).collect();
        assert!(refused(&long).contains("may have 100000 lines"));
        assert!(read(&vec![b'x'; LARGEST + 1], today()).unwrap_err().public().contains("The limit is 20 MB."));
    }
}
