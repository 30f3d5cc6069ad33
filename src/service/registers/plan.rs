//! The lines of a register's file, read by its mapping.

use std::{borrow::Cow, fmt};

use chrono::NaiveDate;

use super::mapping::{Mapping, OneOrMore};
use crate::{
    error::{Error, Result},
    policy::{disciplines::discipline_of, registers::Register},
};

/// Longest name, status or specialty, in characters.
const LONGEST: usize = 200;
/// Longest conditions.
const LONGEST_CONDITIONS: usize = 2_000;
/// Most specialties of one entry.
const MOST_SPECIALTIES: usize = 20;

/// Why a line is no entry. The words never repeat what stands in it, as that may be a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Number,
    Name,
    Letters,
    Date(&'static str),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => f.write_str("its number is none of this register"),
            Self::Name => f.write_str("it has no name"),
            Self::Letters => {
                f.write_str("it is not in the encoding of the mapping, which is UTF-8 unless it names another")
            }
            Self::Date(what) => write!(f, "its {what} is not written in the form that the mapping names"),
        }
    }
}

/// An entry as it stands in the file. The number is on its way to its index and goes no further.
pub(super) struct Entry<'a> {
    pub(super) number: String,
    pub(super) family_name: Cow<'a, str>,
    pub(super) given_names: Cow<'a, str>,
    pub(super) discipline: &'a str,
    pub(super) specialties: Vec<Cow<'a, str>>,
    pub(super) status: Cow<'a, str>,
    pub(super) active: bool,
    pub(super) valid_until: Option<NaiveDate>,
    pub(super) conditions: Cow<'a, str>,
}

/// A mapping, and where its columns are in one file.
#[derive(Debug)]
pub(super) struct Plan {
    mapping: Mapping,
    register: &'static Register,
    /// Places in the file of the columns that are read, in the order in which a line is handed over.
    picks: Vec<usize>,
    number: usize,
    family_name: usize,
    given_names: Option<usize>,
    discipline: Option<usize>,
    specialties: Vec<usize>,
    status: Option<usize>,
    valid_until: Option<usize>,
    conditions: Option<usize>,
    deactivated_on: Option<usize>,
    reactivated_on: Option<usize>,
    only: Vec<(usize, Vec<String>)>,
}

/// Finds columns by name and gives each its place in what is handed over.
struct Finder<'a> {
    head: &'a [String],
    mapping: &'a Mapping,
    picks: Vec<usize>,
}

impl Finder<'_> {
    fn place(&mut self, name: &str) -> Result<usize> {
        let exact = self.head.iter().position(|column| column == name);
        let place = exact.or_else(|| self.head.iter().position(|column| column.eq_ignore_ascii_case(name)));
        // What stands in a first line that is no head may be anybody's number, and is not repeated.
        let place = place.ok_or_else(|| {
            let (count, mark) = (self.head.len(), self.mapping.delimiter);
            let many = if count == 1 { "" } else { "s" };
            let words = format!("has no column “{name}”: its first line, parted at “{mark}”, has {count} column{many}");
            Error::invalid("file", format!("This file {words}. Is it the right file, and does the mapping fit it?"))
        })?;
        self.picks.push(place);
        Ok(self.picks.len() - 1)
    }

    fn optional(&mut self, name: &str) -> Result<Option<usize>> {
        if name.is_empty() { Ok(None) } else { self.place(name).map(Some) }
    }
}

impl Plan {
    /// Finds the columns in the first line of a file.
    pub(super) fn new(mapping: Mapping, register: &'static Register, head: &[String]) -> Result<Self> {
        let mut finder = Finder { head, mapping: &mapping, picks: Vec::new() };
        let columns = &mapping.columns;
        let many = match &columns.specialties {
            OneOrMore::One(name) => std::slice::from_ref(name),
            OneOrMore::More(names) => names,
        };
        let number = finder.place(&columns.number)?;
        let family_name = finder.place(&columns.family_name)?;
        let given_names = finder.optional(&columns.given_names)?;
        let discipline = finder.optional(&columns.discipline)?;
        let specialties = many.iter().map(|name| finder.place(name)).collect::<Result<_>>()?;
        let status = finder.optional(&columns.status)?;
        let valid_until = finder.optional(&columns.valid_until)?;
        let conditions = finder.optional(&columns.conditions)?;
        let deactivated_on = finder.optional(&columns.deactivated_on)?;
        let reactivated_on = finder.optional(&columns.reactivated_on)?;
        let place = |(name, values): (&String, &Vec<String>)| Ok((finder.place(name)?, values.clone()));
        let only = mapping.only.iter().map(place).collect::<Result<_>>()?;
        let picks = finder.picks;
        Ok(Self {
            mapping,
            register,
            picks,
            number,
            family_name,
            given_names,
            discipline,
            specialties,
            status,
            valid_until,
            conditions,
            deactivated_on,
            reactivated_on,
            only,
        })
    }

    /// Places in the file of the columns that are read.
    pub(super) fn picks(&self) -> &[usize] {
        &self.picks
    }

    /// Reads the columns of one line; none where it is of no interest.
    pub(super) fn read<'a>(&'a self, fields: &[&'a [u8]]) -> Result<Option<Entry<'a>>, Refused> {
        for (place, values) in &self.only {
            let value = self.text(fields, Some(*place), LONGEST)?;
            if !values.iter().any(|allowed| *allowed == value) {
                return Ok(None);
            }
        }
        let number = self.text(fields, Some(self.number), LONGEST)?;
        let number = self.register.read(&number).map_err(|_| Refused::Number)?;
        let family_name = self.text(fields, Some(self.family_name), LONGEST)?;
        let given_names = self.text(fields, self.given_names, LONGEST)?;
        let specialties = self.specialties(fields)?;
        let (status, active) = self.standing(fields)?;
        // Who is gone may be left with the number alone.
        if active && family_name.is_empty() && given_names.is_empty() {
            return Err(Refused::Name);
        }
        let conditions = self.text(fields, self.conditions, LONGEST_CONDITIONS)?;
        let none = is_among(&conditions, &self.mapping.no_conditions_when);
        Ok(Some(Entry {
            number,
            discipline: self.discipline(fields, &specialties)?,
            family_name,
            given_names,
            specialties,
            status,
            active,
            valid_until: self.date(fields, self.valid_until, "last day")?,
            conditions: if none { Cow::Borrowed("") } else { conditions },
        }))
    }

    /// A field as text: trimmed, without control characters, cut where it is overlong.
    fn text<'a>(&self, fields: &[&'a [u8]], place: Option<usize>, longest: usize) -> Result<Cow<'a, str>, Refused> {
        let Some(bytes) = place.and_then(|place| fields.get(place).copied()) else { return Ok(Cow::Borrowed("")) };
        let whole = self.mapping.encoding.0.decode_without_bom_handling_and_without_replacement(bytes);
        let whole = whole.ok_or(Refused::Letters)?;
        let plain = whole.len() <= longest && whole.trim().len() == whole.len() && !whole.contains(char::is_control);
        if plain {
            return Ok(whole);
        }
        Ok(Cow::Owned(whole.trim().chars().filter(|c| !c.is_control()).take(longest).collect()))
    }

    fn date(&self, fields: &[&[u8]], place: Option<usize>, what: &'static str) -> Result<Option<NaiveDate>, Refused> {
        let text = self.text(fields, place, LONGEST)?;
        if text.is_empty() {
            return Ok(None);
        }
        // A time of day may stand behind it.
        let read = NaiveDate::parse_and_remainder(&text, &self.mapping.dates);
        read.map(|(day, _)| Some(day)).map_err(|_| Refused::Date(what))
    }

    /// The register's word, and whether it means that they may practise.
    fn standing<'a>(&self, fields: &[&'a [u8]]) -> Result<(Cow<'a, str>, bool), Refused> {
        let status = self.text(fields, self.status, LONGEST)?;
        let allowed = self.mapping.active_when.is_empty() || is_among(&status, &self.mapping.active_when);
        let ended = self.date(fields, self.deactivated_on, "date of deactivation")?;
        let again = self.date(fields, self.reactivated_on, "date of reactivation")?;
        let gone = ended.is_some_and(|ended| again.is_none_or(|again| again < ended));
        let status = if !status.is_empty() || self.deactivated_on.is_none() {
            status
        } else {
            Cow::Borrowed(if gone { "Deactivated" } else { "Active" })
        };
        Ok((status, allowed && !gone))
    }

    fn specialties<'a>(&'a self, fields: &[&'a [u8]]) -> Result<Vec<Cow<'a, str>>, Refused> {
        let mut found: Vec<Cow<'a, str>> = Vec::new();
        for place in &self.specialties {
            let whole = self.text(fields, Some(*place), LONGEST_CONDITIONS)?;
            if whole.is_empty() {
                continue;
            }
            if self.mapping.separator.is_empty() {
                self.add_specialty(&mut found, whole);
                continue;
            }
            for part in whole.split(self.mapping.separator.as_str()) {
                self.add_specialty(&mut found, Cow::Owned(part.trim().to_owned()));
            }
        }
        Ok(found)
    }

    fn add_specialty<'a>(&'a self, found: &mut Vec<Cow<'a, str>>, word: Cow<'a, str>) {
        let word = match self.mapping.specialties.get(word.as_ref()) {
            Some(code) => Cow::Borrowed(code.as_str()),
            None => word,
        };
        if !word.is_empty() && found.len() < MOST_SPECIALTIES && !found.contains(&word) {
            found.push(word);
        }
    }

    /// By the register's word, else the one of the whole register, else the specialty.
    fn discipline<'a>(&'a self, fields: &[&'a [u8]], specialties: &[Cow<'_, str>]) -> Result<&'a str, Refused> {
        if self.discipline.is_some() {
            let word = self.text(fields, self.discipline, LONGEST)?;
            if let Some(key) = self.mapping.disciplines.get(word.as_ref()) {
                return Ok(key);
            }
        }
        if !self.mapping.discipline.is_empty() {
            return Ok(&self.mapping.discipline);
        }
        if self.discipline.is_some() {
            return Ok("");
        }
        Ok(specialties.iter().find_map(|code| discipline_of(code)).unwrap_or_default())
    }
}

fn is_among(word: &str, words: &[String]) -> bool {
    words.iter().any(|one| one.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(register: &str, mapping: Option<&str>, head: &[&str]) -> Result<Plan> {
        let register = Register::find(register).unwrap();
        let head: Vec<String> = head.iter().map(|column| (*column).to_owned()).collect();
        Plan::new(Mapping::of(register, mapping)?, register, &head)
    }

    /// Picks the columns of a line as the file's reader does.
    fn fields<'a>(plan: &Plan, line: &[&'a str]) -> Vec<&'a [u8]> {
        plan.picks().iter().map(|place| line[*place].as_bytes()).collect()
    }

    const GMC: &str = include_str!("../../../docs/registers/gb-gmc.toml");
    const AHPRA: &str = include_str!("../../../docs/registers/au-ahpra.toml");
    const RPPS: &str = include_str!("../../../docs/registers/fr-rpps.toml");

    #[test]
    fn nppes_is_built_in_and_its_disciplines_come_from_its_codes() {
        let mut head = vec!["NPI", "Entity Type Code", "Provider Last Name (Legal Name)", "Provider First Name"];
        let codes: Vec<String> = (1..=15).map(|n| format!("Healthcare Provider Taxonomy Code_{n}")).collect();
        head.extend(codes.iter().map(String::as_str));
        head.extend(["NPI Deactivation Date", "NPI Reactivation Date"]);
        let plan = plan("us-nppes", None, &head).unwrap();
        let line = |number: &'static str, kind, family, dates: [&'static str; 2]| {
            let mut line = vec![number, kind, family, " SAMIRA "];
            line.extend(["207RC0000X", "", "207R00000X"].into_iter().chain(std::iter::repeat_n("", 12)));
            line.extend(dates);
            line
        };
        let found = line("1234567893", "1", "KADER", ["", ""]);
        let fields_of = fields(&plan, &found);
        let entry = plan.read(&fields_of).unwrap().unwrap();
        assert_eq!((entry.number.as_str(), entry.given_names.as_ref()), ("1234567893", "SAMIRA"));
        assert_eq!((entry.discipline, entry.status.as_ref(), entry.active), ("medicine", "Active", true));
        assert_eq!(entry.specialties, ["207RC0000X", "207R00000X"]);
        let active = |line: Vec<&'static str>| plan.read(&fields(&plan, &line)).map(|entry| entry.map(|e| e.active));
        assert_eq!(active(line("1234567893", "2", "", ["", ""])), Ok(None), "an organisation");
        assert_eq!(active(line("1234567893", "", "", ["05/23/2007", ""])), Ok(Some(false)));
        assert_eq!(active(line("1234567893", "1", "KADER", ["05/23/2007", "06/01/2008"])), Ok(Some(true)));
        assert_eq!(active(line("1234567893", "1", "KADER", ["06/01/2008", "05/23/2007"])), Ok(Some(false)));
        assert_eq!(active(line("1234567890", "1", "KADER", ["", ""])), Err(Refused::Number));
        assert_eq!(
            active(line("1234567893", "1", "KADER", ["yesterday", ""])),
            Err(Refused::Date("date of deactivation"))
        );
    }

    #[test]
    fn the_examples_in_the_documents_read_lines_of_their_registers() {
        let gmc = plan(
            "gb-gmc",
            Some(GMC),
            &["GMC Ref No", "Surname", "Given Name", "Registration Status", "Specialty", "FTP Conditions Exist"],
        )
        .unwrap();
        let line = ["7012345", "Kader", "Samira", "registered with licence", "Cardiology; Stroke medicine", "N"];
        let found = fields(&gmc, &line);
        let entry = gmc.read(&found).unwrap().unwrap();
        assert_eq!((entry.discipline, entry.active, entry.conditions.as_ref()), ("medicine", true, ""));
        assert_eq!(entry.specialties, ["207RC0000X", "Stroke medicine"]);
        let struck =
            fields(&gmc, &["7012345", "Kader", "Samira", "Erased after Fitness to Practise panel hearing", "", "Y"]);
        let entry = gmc.read(&struck).unwrap().unwrap();
        assert!(!entry.active && entry.conditions == "Y");

        let head = ["Registration Number", "Surname", "Given Names", "Profession", "Registration Status", "Specialty"];
        let ahpra = plan("au-ahpra", Some(AHPRA), &[&head[..], &["Expiry Date", "Conditions"]].concat()).unwrap();
        assert_eq!(ahpra.mapping.delimiter(), b';');
        let line = ["MED0000932846", "", "Zo", "Nurse", "Registered", "", "30/09/2027", "Nil"];
        let mut found = fields(&ahpra, &line);
        found[ahpra.family_name] = b"\x8aimi\xe6 O\x92Brien";
        let entry = ahpra.read(&found).unwrap().unwrap();
        assert_eq!((entry.family_name.as_ref(), entry.discipline), ("Šimiæ O’Brien", "nursing"));
        assert_eq!(entry.valid_until, NaiveDate::from_ymd_opt(2027, 9, 30));

        let head = ["Type d'identifiant PP", "Identifiant PP", "Nom d'exercice", "Prénom d'exercice"];
        let head = [&head[..], &["Libellé profession", "Libellé savoir-faire"]].concat();
        let rpps = plan("fr-rpps", Some(RPPS), &head).unwrap();
        assert!(!rpps.mapping.quotes() && rpps.mapping.delimiter() == b'|');
        let line = ["8", "10101010105", "LEFÈVRE", "Zoé", "Médecin", "Psychiatrie"];
        let found = fields(&rpps, &line);
        let entry = rpps.read(&found).unwrap().unwrap();
        assert_eq!((entry.discipline, entry.active), ("medicine", true));
        assert_eq!(entry.specialties, ["2084P0800X"]);
        assert!(rpps.read(&fields(&rpps, &["0", "123", "X", "Y", "Médecin", ""])).unwrap().is_none());
    }

    #[test]
    fn a_file_or_a_mapping_that_cannot_be_right_is_told_in_words() {
        let said = |outcome: Result<Plan>| outcome.unwrap_err().public();
        let words = said(plan("us-nppes", None, &["1234567893;KADER;SAMIRA"]));
        assert!(
            words.contains("no column “NPI”") && words.contains("has 1 column") && !words.contains("1234567893"),
            "{words}"
        );
        assert!(said(plan("gb-gmc", None, &[])).contains("Give the mapping"));
        let columns = "[columns]\nnumber = \"a\"\nfamily_name = \"b\"\ngiven_names = \"c\"\n";
        for (more, expected) in [
            ("delimeter = \";\"\n", "delimeter"),
            ("delimiter = \"é\"\n", "plain character"),
            ("dates = \"%Q\"\n", "dates"),
            ("discipline = \"magic\"\n", "no discipline “magic”"),
            ("active_when = [\"Yes\"]\n", "needs a column status"),
            ("encoding = \"utf-16\"\n", "encoding “utf-16” cannot be read"),
            ("encoding = \"ebcdic\"\n", "encoding “ebcdic” cannot be read"),
        ] {
            let words = said(plan("gb-gmc", Some(&format!("{more}{columns}")), &["a", "b", "c"]));
            assert!(words.contains(expected), "{more}: {words}");
        }
        assert!(said(plan("gb-gmc", Some("delimiter = \";\"\n"), &[])).contains("columns"));
        assert!(plan("gb-gmc", Some(columns), &["A", "B", "C"]).is_ok(), "capitals are no mistake");
    }

    #[test]
    fn letters_are_those_of_the_encoding_that_the_mapping_names() {
        let columns = "[columns]\nnumber = \"a\"\nfamily_name = \"b\"\ngiven_names = \"c\"\n";
        for (encoding, family, read) in [
            ("UTF-8", "Šimić".as_bytes(), "Šimić"),
            ("Latin-1", b"M\xfcller".as_slice(), "Müller"),
            ("windows-1252", b"\x8aimi\xe6".as_slice(), "Šimiæ"),
            ("iso-8859-2", b"\xa9imi\xe6".as_slice(), "Šimić"),
        ] {
            let mapping = format!("encoding = \"{encoding}\"\n{columns}");
            let plan = plan("gb-gmc", Some(&mapping), &["a", "b", "c"]).unwrap();
            let fields = [b"7012345".as_slice(), family, b"Zo"];
            assert_eq!(plan.read(&fields).unwrap().unwrap().family_name, read, "{encoding}");
        }
    }

    #[test]
    fn no_field_is_longer_or_stranger_than_a_table_can_show() {
        let columns = "[columns]\nnumber = \"a\"\nfamily_name = \"b\"\ngiven_names = \"c\"\n";
        let plan = plan("gb-gmc", Some(columns), &["a", "b", "c"]).unwrap();
        let long = "é".repeat(500);
        let found = fields(&plan, &["7012345", &long, "Sa\u{0}mira\n"]);
        let entry = plan.read(&found).unwrap().unwrap();
        assert_eq!((entry.family_name.chars().count(), entry.given_names.as_ref()), (200, "Samira"));
        assert_eq!(plan.read(&[b"7012345".as_slice(), b"\xe9", b"x"]).err(), Some(Refused::Letters));
        assert_eq!(plan.read(&[b"7012345".as_slice(), b"", b" "]).err(), Some(Refused::Name));
        assert_eq!(plan.read(&[b"7012345".as_slice()]).err(), Some(Refused::Name));
    }
}
