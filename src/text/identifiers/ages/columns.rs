//! Ages in tables: under the head of a column, and in the line under a label.

use super::{
    super::page::{Mark, Page},
    push,
};

/// What stands over ages.
const HEADS: &[&str] = &[
    "age",
    "ages",
    "age (y)",
    "age (yrs)",
    "age (years)",
    "age y",
    "age yrs",
    "age/sex",
    "age / sex",
    "age_years",
    "pt age",
    "patient age",
    "alter",
    "leeftijd",
    "âge",
];

/// The mark that parts the cells of a table, and which of them holds ages.
type Column = (char, usize);

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let (mut from, mut column, mut label) = (0, None, false);
    for line in page.lower.split_inclusive('\n') {
        let text = line.trim_end();
        let under = match column {
            Some((mark, place)) => nth(text, mark, place),
            None if label => Some((0, text)),
            None => None,
        };
        if let Some(end) = under.and_then(|(at, cell)| old(cell).map(|(start, end)| (at + start, at + end))) {
            push(from + end.0..from + end.1, marks);
        }
        label = HEADS.contains(&text.trim().trim_end_matches(':'));
        column = if text.trim().is_empty() { None } else { head(text).or(column) };
        from += line.len();
    }
}

/// The column of ages, where a line heads one.
fn head(line: &str) -> Option<Column> {
    ['|', '\t', ';', ','].into_iter().find_map(|mark| {
        let place = line.split(mark).position(|cell| HEADS.contains(&cell.trim().trim_matches('"')))?;
        let least = if mark == ',' { 3 } else { 2 };
        (line.split(mark).count() >= least).then_some((mark, place))
    })
}

/// A cell of a line, and where it begins.
fn nth(line: &str, mark: char, place: usize) -> Option<(usize, &str)> {
    let cell = line.split(mark).nth(place)?;
    let before: usize = line.split(mark).take(place).map(|cell| cell.len() + mark.len_utf8()).sum();
    Some((before, cell))
}

/// Where in a cell an age from 90 on stands that it begins with.
fn old(cell: &str) -> Option<(usize, usize)> {
    let start = cell.find(|c: char| !(c.is_whitespace() || c == '"'))?;
    let rest = cell.get(start..)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let age = rest.get(..end)?.parse().is_ok_and(|age: u32| (90..120).contains(&age));
    let value = rest.get(end..).is_some_and(|rest| rest.starts_with(['.', '%', '-', '+']));
    (age && !value).then_some((start, start + end))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Kind, find};

    fn ages(text: &str) -> Vec<&str> {
        let found = find(text).into_iter().filter(|found| found.kind == Kind::AgeOver89);
        found.map(|found| text.get(found.range).unwrap()).collect()
    }

    #[test]
    fn great_ages_are_found_in_tables_and_beside_people() {
        assert_eq!(ages("bed | name | age | problem\n4 | Doyle | 93 | hip\n5 | Kane | 78 | CAP"), ["93"]);
        assert_eq!(ages("Age\n93\nSex\nF"), ["93"]);
        assert_eq!(ages("Zygmunt Kaczmarek, former miner, 91, pneumoconiosis"), ["91"]);
        assert_eq!(ages("both parents alive (91 and 93)"), ["91", "93"]);
        assert_eq!(ages("father died at 91 of a stroke"), ["91"]);
        assert_eq!(ages("DOB 1/9/33, 92. Visit today."), ["92"]);
        assert_eq!(ages("A resident, one hundred on Canada Day"), ["one hundred"]);
        assert_eq!(ages("She'd have been 97 on the 23rd."), ["97"]);
        assert_eq!(ages("We did it for the woman from Lake Oswego (90! yes)"), ["90"]);
        assert_eq!(ages("how old\nTunde: 98 in Feb"), ["98"]);
        assert!(ages("The patient's CRP was 97. Sats were 98 on Monday. ESR ninety four.").is_empty());
        assert!(ages("sats | hr | age\n93 | 91 | 64").is_empty());
        assert!(ages("Saturations 94, 92, 91 on air.").is_empty());
    }
}
