//! Days in unusual dress: with letters that a scan took for figures, of other calendars, in Chinese and Japanese.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    super::page::{Page, pattern},
    Day, day_of,
};

/// "O8/17/1948", "12-O2-1939", "2O24-O9-12", "l2/O5/1949", "2l.ll.23".
static SCANNED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([0-9OoIl|]{1,4})([/.\-])([0-9OoIl|]{1,2})([/.\-])([0-9OoIl|]{2,4})"));
/// "12/3/1446H", "15-09-1445 AH", "12/3/2567".
static ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b[0-3]?[0-9]([/.\-])[01]?[0-9][/.\-](?:1[34][0-9]{2} ?(?:h|ah|هـ)\b|25[4-9][0-9]\b)|\b14[0-9]{2}([/.\-])[01]?[0-9][/.\-][0-3]?[0-9] ?(?:h|ah|هـ)\b|(?:[0-9]{2,4}|(?:平成|令和|昭和)[0-9元]{1,2})年 ?[01]?[0-9]月(?: ?[0-3]?[0-9]日)?|\b[01]?[0-9]月[0-3]?[0-9]日",
    )
});

pub(super) fn find(page: &Page<'_>, days: &mut Vec<Day>) {
    for found in SCANNED.captures_iter(page.text) {
        let Some(whole) = found.get(0).map(|whole| whole.range()) else { continue };
        let parts = [1, 3, 5].map(|group| found.get(group).map_or("", |part| part.as_str()));
        let digits = page.at(&whole).bytes().filter(u8::is_ascii_digit).count();
        let letters = parts.iter().any(|part| part.bytes().any(|b| !b.is_ascii_digit()));
        let same = found.get(2).map(|mark| mark.as_str()) == found.get(4).map(|mark| mark.as_str());
        if letters && same && digits >= 3 && page.alone(&whole) && !page.joined(&whole, &['.', '-', '/']) {
            let numbers = parts.map(|part| (read(part), part.len()));
            if let Some(day) = day_of(numbers) {
                days.push(Day { weight: 61, ..Day::of(whole, Some(day)) });
            }
        }
    }
    for found in ELSEWHERE.find_iter(&page.lower) {
        if !page.joined(&found.range(), &['.', '-', '/']) {
            days.push(Day::of(found.range(), None));
        }
    }
}

/// A number with the figures that its letters were.
fn read(part: &str) -> u32 {
    let figures = part.chars().map(|c| match c {
        'O' | 'o' => '0',
        'I' | 'l' | '|' => '1',
        c => c,
    });
    figures.collect::<String>().parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::super::{Kind, find};

    #[test]
    fn scanned_days_and_those_of_other_calendars_are_found() {
        for day in ["O8/17/1948", "12-O2-1939", "2O24-O9-12", "l2/O5/1949", "2l.ll.23", "12/3/1446H", "2024年5月12日"]
        {
            let text = format!("DOB {day}, bled.");
            let found = find(&text).into_iter().find(|found| found.kind == Kind::Date);
            assert_eq!(found.and_then(|found| text.get(found.range)), Some(day));
        }
        assert!(find("Version l.O.2, type IIIA, S1/S2/S3, PO/IV/SC.").iter().all(|found| found.kind != Kind::Date));
    }
}
