//! What can stand in the place of a date: days after the first date of the text.
//! Dates of birth are left out of the count, and are replaced by nothing.

use super::{
    super::page::{Mark, Page, has_word},
    Day, Kind,
};

/// Days since 1 March of year 0, in the Gregorian calendar.
fn count((year, month, day): (i32, u32, u32)) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let month = i64::from((month + 9) % 12);
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + i64::from(day) - 1
}

/// Writes the marks.
pub(super) fn write(page: &Page<'_>, days: Vec<Day>, marks: &mut Vec<Mark>) {
    let born = |day: &Day| {
        let before = page.before(day.range.start, 20);
        let line = before.rsplit(['\n', ';', ',']).next().unwrap_or_default();
        has_word(line, &["dob", "born", "birth", "birthday"]) || line.contains("d.o.b")
    };
    let first = days.iter().filter(|day| !born(day)).filter_map(|day| day.on).map(count).min();
    for day in days {
        let since = day.on.map(count).zip(first).map(|(day, first)| day - first);
        let (why, suggestion) = match since {
            _ if born(&day) => ("A date of birth: the age in years is enough.", String::new()),
            // Years apart are no part of one course.
            Some(days @ 1..=3_660) => (day.why, format!("Day +{days}")),
            Some(0) => (day.why, "Day 0".into()),
            _ => (day.why, day.suggestion.into()),
        };
        marks.push(Mark { range: day.range, kind: Kind::Date, why, suggestion, weight: day.weight });
    }
}
