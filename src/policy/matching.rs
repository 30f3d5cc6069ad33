//! How far what somebody claims and what a register says are the same, and why.
//! The number is not compared here: an entry is found by it.

use chrono::NaiveDate;

use super::disciplines::{Discipline, specialty};
use crate::model::RegisterEntry;

/// What is claimed.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// As registered.
    pub family_name: &'a str,
    /// As registered.
    pub given_names: &'a str,
    /// The family name without case, marks and whatever is no letter.
    pub family_folded: &'a str,
    /// The given names, likewise.
    pub given_folded: &'a str,
    /// Key of the discipline.
    pub discipline: &'a str,
    /// NUCC codes.
    pub specialties: &'a [String],
    /// Until when.
    pub expires_on: Option<NaiveDate>,
}

/// How one thing that is claimed stands to what the register says, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The same.
    Same,
    /// Not the same, and still what one and the same person may have.
    Fits,
    /// The register says less exactly what is claimed.
    Wider,
    /// Something else.
    Differs,
    /// One of the two says nothing.
    Missing,
}

/// One thing, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub field: &'static str,
    /// What is claimed.
    pub claim: String,
    /// What the register says.
    pub register: String,
    /// How the two stand to each other.
    pub verdict: Verdict,
    /// Why, a sentence.
    pub why: &'static str,
}

/// A claim and an entry side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// How sure it is that both are of one person, of 100.
    pub score: u8,
    /// Names, discipline, specialty, licence, day of expiry and conditions, in this order.
    pub lines: Vec<Line>,
}

const FAMILY: &str = "Family name";
const GIVEN: &str = "Given names";
const DISCIPLINE: &str = "Discipline";
const SPECIALTY: &str = "Specialty";
const LICENCE: &str = "Licence";

/// What the number alone gives: the entry was found by it.
const NUMBER_POINTS: u8 = 40;
/// What each of the other things that tell people apart can add.
const POINTS: [(&str, u8); 4] = [(FAMILY, 25), (GIVEN, 15), (DISCIPLINE, 10), (SPECIALTY, 10)];

impl Comparison {
    /// Whether the register has this person, licensed, in this discipline. A specialty that it does not have is for
    /// people to look at.
    #[must_use]
    pub fn matches(&self) -> bool {
        let verdict = |field| self.lines.iter().find(|line| line.field == field).map(|line| line.verdict);
        let named = |field| matches!(verdict(field), Some(Verdict::Same | Verdict::Fits));
        named(FAMILY)
            && named(GIVEN)
            && verdict(LICENCE) == Some(Verdict::Same)
            && verdict(DISCIPLINE) != Some(Verdict::Differs)
    }

    /// How many lines differ. A register that names the wider field alone ([`Verdict::Wider`]) is no difference: it does
    /// not say otherwise, it says less, as registers do that keep no narrow fields. It costs points, and the verifier
    /// sees it and looks at the certificate.
    #[must_use]
    pub fn differences(&self) -> usize {
        self.lines.iter().filter(|line| line.verdict == Verdict::Differs).count()
    }

    /// What the score is made of: each thing, how much it adds, and how much it could.
    #[must_use]
    pub fn points(&self) -> Vec<(&'static str, u8, u8)> {
        let of = |line: &Line| {
            let (field, most) = POINTS.into_iter().find(|(field, _)| *field == line.field)?;
            Some((field, earned(line.verdict, most), most))
        };
        let number = ("Number", NUMBER_POINTS, NUMBER_POINTS);
        std::iter::once(number).chain(self.lines.iter().filter_map(of)).collect()
    }
}

/// How much of its points a thing adds.
fn earned(verdict: Verdict, most: u8) -> u8 {
    match verdict {
        Verdict::Same => most,
        Verdict::Fits | Verdict::Wider => most * 4 / 5,
        Verdict::Missing => most / 2,
        Verdict::Differs => 0,
    }
}

/// Puts a claim and the entry with its number side by side.
#[must_use]
pub fn compare(claim: &Claim<'_>, entry: &RegisterEntry) -> Comparison {
    let lines = vec![
        family(claim, entry),
        given(claim, entry),
        discipline(claim, entry),
        specialties(claim, entry),
        licence(entry),
        valid_until(claim, entry),
        conditions(entry),
    ];
    let mut found = Comparison { score: 0, lines };
    found.score = found.points().into_iter().map(|(_, earned, _)| earned).sum();
    found
}

fn family(claim: &Claim<'_>, entry: &RegisterEntry) -> Line {
    let (ours, theirs) = (claim.family_folded, entry.family_folded.as_str());
    let part = || is_part(ours, &entry.family_name, theirs) || is_part(theirs, claim.family_name, ours);
    let (verdict, why) = if ours.is_empty() || theirs.is_empty() {
        (Verdict::Missing, "There is nothing to compare.")
    } else if ours == theirs {
        (Verdict::Same, same_name(claim.family_name, &entry.family_name))
    } else if part() {
        (Verdict::Fits, "One is a part of the other, as with a married or a double name.")
    } else {
        (Verdict::Differs, "This is another name.")
    };
    Line { field: FAMILY, claim: claim.family_name.into(), register: entry.family_name.clone(), verdict, why }
}

fn given(claim: &Claim<'_>, entry: &RegisterEntry) -> Line {
    let (ours, theirs) = (claim.given_folded, entry.given_folded.as_str());
    let part = || is_part(ours, &entry.given_names, theirs) || is_part(theirs, claim.given_names, ours);
    let (verdict, why) = if ours.is_empty() || theirs.is_empty() {
        (Verdict::Missing, "There is nothing to compare.")
    } else if ours == theirs {
        (Verdict::Same, same_name(claim.given_names, &entry.given_names))
    } else if ours.starts_with(theirs) || theirs.starts_with(ours) {
        (Verdict::Fits, "One is the beginning of the other.")
    } else if part() {
        (Verdict::Fits, "One is among the names of the other.")
    } else {
        (Verdict::Differs, "This is another name.")
    };
    Line { field: GIVEN, claim: claim.given_names.into(), register: entry.given_names.clone(), verdict, why }
}

fn same_name(one: &str, other: &str) -> &'static str {
    if one.trim() == other.trim() { "The same." } else { "The same but for capitals, marks or spaces." }
}

/// Whether a folded name is one or more whole words of another, which is given as it is written and folded.
fn is_part(part: &str, whole: &str, folded: &str) -> bool {
    let (part, letters): (Vec<char>, Vec<char>) = (part.chars().collect(), folded.chars().collect());
    let mut ends = vec![0];
    let mut end = 0;
    for word in whole.split(|c: char| c.is_whitespace() || "-‐‑‒–/,.()".contains(c)).take(12) {
        end += word.chars().map(width).sum::<usize>();
        ends.push(end);
    }
    // Where folding made more or less of a word than is thought here, nobody knows where it ends.
    if part.len() < 2 || end != letters.len() {
        return false;
    }
    let starts = ends.iter();
    starts.enumerate().any(|(n, start)| ends.iter().skip(n + 1).any(|end| letters.get(*start..*end) == Some(&*part)))
}

/// How many letters a folded name has for a character.
fn width(c: char) -> usize {
    match c {
        'ß' | 'ẞ' | 'æ' | 'Æ' | 'œ' | 'Œ' | 'þ' | 'Þ' => 2,
        c if c.is_alphabetic() => 1,
        _ => 0,
    }
}

fn discipline(claim: &Claim<'_>, entry: &RegisterEntry) -> Line {
    let name = |key: &str| Discipline::find(key).map_or_else(|| key.to_owned(), |found| found.name.to_owned());
    let (verdict, why) = if claim.discipline.is_empty() || entry.discipline.is_empty() {
        (Verdict::Missing, "The register does not say.")
    } else if claim.discipline == entry.discipline {
        (Verdict::Same, "The same.")
    } else {
        (Verdict::Differs, "This is another discipline.")
    };
    Line { field: DISCIPLINE, claim: name(claim.discipline), register: name(&entry.discipline), verdict, why }
}

fn specialties(claim: &Claim<'_>, entry: &RegisterEntry) -> Line {
    let nearest = |code: &String| entry.specialties.iter().map(|theirs| nearness(code, theirs)).min();
    let (verdict, why) = if claim.specialties.is_empty() {
        (Verdict::Missing, "None is claimed.")
    } else if entry.specialties.is_empty() {
        (Verdict::Missing, "The register does not say.")
    } else {
        match claim.specialties.iter().filter_map(nearest).max() {
            Some(Verdict::Same) => (Verdict::Same, "The same."),
            Some(Verdict::Fits) => (Verdict::Fits, "The register names a field within it."),
            Some(Verdict::Wider) => (Verdict::Wider, "The register names the wider field that it belongs to."),
            _ => (Verdict::Differs, "The register does not name it."),
        }
    };
    Line { field: SPECIALTY, claim: labels(claim.specialties), register: labels(&entry.specialties), verdict, why }
}

/// How a claimed code stands to a code, or to the register's own words.
fn nearness(code: &str, theirs: &str) -> Verdict {
    let named = |label: &str| label.to_lowercase() == theirs.trim().to_lowercase();
    if code == theirs || specialty(code).is_some_and(named) {
        Verdict::Same
    } else if field_of(code).is_some_and(|field| field == theirs) {
        Verdict::Wider
    } else if field_of(theirs).is_some_and(|field| field == code) {
        Verdict::Fits
    } else {
        Verdict::Differs
    }
}

/// The code of the classification that a specialisation is within: NUCC codes are made of two characters for the
/// grouping, two for the classification, five for the specialisation, and an X.
fn field_of(code: &str) -> Option<String> {
    let is_code = code.len() == 10 && code.ends_with('X');
    code.get(..4).filter(|_| is_code).map(|field| format!("{field}00000X"))
}

fn labels(specialties: &[String]) -> String {
    let label = |code: &String| specialty(code).map_or_else(|| code.clone(), str::to_owned);
    specialties.iter().map(label).collect::<Vec<_>>().join(", ")
}

fn licence(entry: &RegisterEntry) -> Line {
    let (verdict, why, word) = if entry.active {
        (Verdict::Same, "They may practise.", "Active")
    } else {
        (Verdict::Differs, "They may not practise.", "Not active")
    };
    let register = if entry.status.is_empty() { word.to_owned() } else { entry.status.clone() };
    Line { field: LICENCE, claim: "Active".into(), register, verdict, why }
}

fn valid_until(claim: &Claim<'_>, entry: &RegisterEntry) -> Line {
    let (verdict, why) = match (claim.expires_on, entry.valid_until) {
        (_, None) => (Verdict::Missing, "The register does not say."),
        (None, Some(_)) => (Verdict::Missing, "No day is claimed."),
        (Some(ours), Some(theirs)) if ours == theirs => (Verdict::Same, "The same."),
        (Some(ours), Some(theirs)) if ours < theirs => (Verdict::Fits, "The register has a later day."),
        _ => (Verdict::Differs, "The register has an earlier day."),
    };
    let day = |day: Option<NaiveDate>| day.map(|d| d.format("%-d %B %Y").to_string()).unwrap_or_default();
    Line { field: "Valid until", claim: day(claim.expires_on), register: day(entry.valid_until), verdict, why }
}

fn conditions(entry: &RegisterEntry) -> Line {
    let (verdict, why, register) = if entry.conditions.is_empty() {
        (Verdict::Same, "The register has none.", "None".to_owned())
    } else {
        (Verdict::Differs, "Read what the register says.", entry.conditions.clone())
    };
    Line { field: "Conditions", claim: "None".into(), register, verdict, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    fn entry(family: &str, given: &str) -> RegisterEntry {
        RegisterEntry {
            family_name: family.into(),
            given_names: given.into(),
            family_folded: fold(family),
            given_folded: fold(given),
            discipline: "medicine".into(),
            specialties: vec!["207RC0000X".into()],
            status: "Registered with licence".into(),
            active: true,
            valid_until: None,
            conditions: String::new(),
        }
    }

    /// The comparison of a cardiologist of this name with an entry.
    fn compared(family: &str, given: &str, entry: &RegisterEntry) -> Comparison {
        compared_as(family, given, &["207RC0000X"], entry)
    }

    fn compared_as(family: &str, given: &str, specialties: &[&str], entry: &RegisterEntry) -> Comparison {
        let specialties: Vec<String> = specialties.iter().map(|code| (*code).to_owned()).collect();
        let claim = Claim {
            family_name: family,
            given_names: given,
            family_folded: &fold(family),
            given_folded: &fold(given),
            discipline: "medicine",
            specialties: &specialties,
            expires_on: NaiveDate::from_ymd_opt(2027, 5, 31),
        };
        compare(&claim, entry)
    }

    fn verdict(comparison: &Comparison, field: &str) -> Verdict {
        comparison.lines.iter().find(|line| line.field == field).unwrap().verdict
    }

    #[test]
    fn the_same_person_has_all_points() {
        let same = compared("Kader", "Samira", &entry("KADER", "Samíra"));
        assert_eq!((same.score, same.differences(), same.matches()), (100, 0, true));
        assert_eq!(same.points()[..2], [("Number", 40, 40), ("Family name", 25, 25)]);
        let fields: Vec<&str> = same.lines.iter().map(|line| line.field).collect();
        assert_eq!(
            fields,
            ["Family name", "Given names", "Discipline", "Specialty", "Licence", "Valid until", "Conditions"]
        );
        assert_eq!(same.lines[0].why, "The same but for capitals, marks or spaces.");
        assert_eq!(same.lines[3].register, "Cardiology");
    }

    #[test]
    fn a_married_name_fits_and_another_name_does_not() {
        for (claimed, registered) in [
            ("Kader-Lindqvist", "Kader"),
            ("Lindqvist", "Kader Lindqvist"),
            ("Weiß-Müller", "MUELLER WEISS MÜLLER"),
            ("Silva Santos", "da Silva Santos Costa"),
            ("Æther", "Smith-Aether"),
        ] {
            let found = compared(claimed, "Samira", &entry(registered, "Samira"));
            assert_eq!(verdict(&found, FAMILY), Verdict::Fits, "{claimed} and {registered}");
            assert!(found.matches() && found.score == 95, "{found:?}");
        }
        for (claimed, registered) in
            [("Anders", "Anderson"), ("Anders", "Anderson-Smith"), ("Kader", "Kadar"), ("O", "O-Kader")]
        {
            let found = compared(claimed, "Samira", &entry(registered, "Samira"));
            assert_eq!(verdict(&found, FAMILY), Verdict::Differs, "{claimed} and {registered}");
            assert!(!found.matches() && found.score == 75, "{found:?}");
        }
    }

    #[test]
    fn given_names_may_be_shortened_or_some_of_several() {
        for (claimed, registered) in [
            ("Sam", "Samira"),
            ("Samira", "Samira Jane"),
            ("S.", "Samira"),
            ("Jane", "Samira Jane"),
            ("Samira J.", "Samira"),
        ] {
            let found = compared("Kader", claimed, &entry("Kader", registered));
            assert_eq!(verdict(&found, GIVEN), Verdict::Fits, "{claimed} and {registered}");
            assert!(found.matches(), "{found:?}");
        }
        let another = compared("Kader", "Samira", &entry("Kader", "Amira"));
        assert!(!another.matches() && another.differences() == 1);
        assert_eq!(verdict(&compared("Kader", "Samira", &entry("Kader", "")), GIVEN), Verdict::Missing);
    }

    #[test]
    fn a_specialty_is_the_same_within_wider_or_another() {
        let mut of = entry("Kader", "Samira");
        for (claimed, registered, expected) in [
            ("207RC0000X", "207RC0000X", Verdict::Same),
            ("207RC0000X", "cardiology", Verdict::Same),
            ("207RC0000X", "207R00000X", Verdict::Wider),
            ("207R00000X", "207RC0000X", Verdict::Fits),
            ("207RC0000X", "207P00000X", Verdict::Differs),
            ("207RC0000X", "Kardiologie", Verdict::Differs),
        ] {
            of.specialties = vec!["2084P0800X".into(), registered.into()];
            let found = compared_as("Kader", "Samira", &[claimed], &of);
            assert_eq!(verdict(&found, SPECIALTY), expected, "{claimed} and {registered}");
            assert!(found.matches(), "a specialty is for people to look at");
        }
        of.specialties = vec!["207RC0000X".into(), "207R00000X".into()];
        let both = compared_as("Kader", "Samira", &["207RC0000X", "207RC0001X"], &of);
        assert_eq!(verdict(&both, SPECIALTY), Verdict::Wider, "the one that fits least counts");
        assert_eq!((both.differences(), both.points()[4]), (0, (SPECIALTY, 8, 10)), "less is no difference");
        of.specialties.clear();
        assert_eq!(verdict(&compared("Kader", "Samira", &of), SPECIALTY), Verdict::Missing);
    }

    #[test]
    fn whoever_may_not_practise_is_no_match() {
        let inactive = RegisterEntry { active: false, status: "Suspended".into(), ..entry("Kader", "Samira") };
        let found = compared("Kader", "Samira", &inactive);
        assert!(!found.matches() && found.differences() == 1);
        assert_eq!(found.score, 100, "it is the same person all the same");
        let licence = found.lines.iter().find(|line| line.field == LICENCE).unwrap();
        assert_eq!((licence.claim.as_str(), licence.register.as_str()), ("Active", "Suspended"));
    }

    #[test]
    fn conditions_and_an_earlier_end_are_differences() {
        let bound = RegisterEntry {
            conditions: "Must not prescribe".into(),
            valid_until: NaiveDate::from_ymd_opt(2027, 1, 31),
            ..entry("Kader", "Samira")
        };
        let found = compared("Kader", "Samira", &bound);
        assert_eq!(
            (verdict(&found, "Conditions"), verdict(&found, "Valid until")),
            (Verdict::Differs, Verdict::Differs)
        );
        assert!(found.matches() && found.differences() == 2);
        let later = RegisterEntry { valid_until: NaiveDate::from_ymd_opt(2028, 1, 31), ..entry("Kader", "Samira") };
        assert_eq!(verdict(&compared("Kader", "Samira", &later), "Valid until"), Verdict::Fits);
    }

    #[test]
    fn another_discipline_is_no_match_and_none_is_nothing_said() {
        let nurse = RegisterEntry { discipline: "nursing".into(), ..entry("Kader", "Samira") };
        assert!(!compared("Kader", "Samira", &nurse).matches());
        let silent = RegisterEntry { discipline: String::new(), ..entry("Kader", "Samira") };
        let found = compared("Kader", "Samira", &silent);
        assert!(found.matches() && found.score == 95);
    }
}
