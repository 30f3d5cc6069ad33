//! Ages behind names that were found, as lists and handovers have them: "Mr T Lidgett, 97, HFrEF", "Gladys P 95 - hip",
//! "Kenneth Ashdown / 103 / M", "ONG Siew Lian  F92".

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    super::{
        kind::Kind,
        lexicon::{FUNCTION, look_up},
        page::{Mark, Page, has_word, pattern},
    },
    sure,
};

/// What stands between a name and an age, and the age.
static AGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^["'”’)]{0,2}( [a-z]\.?)?(, ?| ?\(|, ?\(| [-–—] | ?/ ?|; ?|: ?| ?\| ?|\t+| {1,4})((?:[mf]|male|female)[ /,]{0,2})?(9[0-9]|10[0-9]|11[0-2])(?: ?(?:[mf]|male|female|♂|♀|yo|y/o|y|yrs?))?\b"#,
    )
});
/// What may stand behind it in a list: a mark, a sex, and no more of a value.
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:$|\n|[,;)|]|\.(?:$|[ \n])| ?/ ?(?:[mf]\b|[a-z]{2})| [-–—:|] |: |\t| {2}| ?(?:[mf]|male|female)\b)")
});
/// Titles of those who look after patients, whose age is not told.
const STAFF: &[&str] =
    &["dr", "drs", "prof", "professor", "doctor", "nurse", "rn", "matron", "consultant", "registrar", "reg", "sho"];
/// Words that go on about somebody behind an age.
const GOES_ON: &[&str] = &[
    "according",
    "lives",
    "living",
    "with",
    "who",
    "was",
    "is",
    "has",
    "had",
    "admitted",
    "came",
    "presents",
    "presented",
    "brought",
    "found",
    "fell",
    "died",
    "never",
    "says",
    "still",
    "frail",
    "fit",
    "retired",
    "widow",
    "widower",
    "from",
    "and",
    "known",
    "whose",
    "usually",
    "independent",
    "nh",
    "rh",
    "lady",
    "gent",
    "man",
    "woman",
    "previously",
    "tomorrow",
    "today",
    "next",
    "this",
];

pub(in super::super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let names = marks.iter().filter(|mark| mark.kind == Kind::Name);
    let ages: Vec<Range<usize>> = names.filter_map(|name| behind(page, &name.range)).collect();
    for range in ages {
        sure(range, marks);
    }
}

/// Where an age stands behind a name.
fn behind(page: &Page<'_>, name: &Range<usize>) -> Option<Range<usize>> {
    let found = AGE.captures(page.after(name.end, 24))?;
    let (between, number) = (found.get(2)?.as_str(), found.get(4)?);
    let sexed = found.get(3).is_some() || found.get(0)?.end() > number.end();
    let range = name.end + number.start()..name.end + number.end();
    let end = name.end + found.get(0)?.end();
    let staff = has_word(page.words_before(name.start, 14), STAFF) || has_word(&page.at(name).to_lowercase(), STAFF);
    let closes = BEHIND.is_match(page.after(end, 8)) && !value(page, end);
    let bracket =
        between.ends_with('(') && page.after(end, 1).starts_with([')', ',', ';', '!', '?', ' ']) && !value(page, end);
    let goes_on = page.after(end, 1) == " " && GOES_ON.contains(&page.word_after(end));
    let listed = in_list(page, name.start);
    // "12B Jean Marsh 91 ?stroke", "4 Jean Marsh 91 AKI".
    let problem = page.text.get(end..).and_then(|rest| rest.strip_prefix(' ')).is_some_and(|rest| {
        rest.starts_with(['?', '#', '+', '~']) || rest.chars().take(2).filter(|c| c.is_uppercase()).count() == 2
    });
    let closes = closes || listed && problem && !value(page, end);
    let joined = sexed
        || match between.trim_matches(' ') {
            // "Tunde: 98" answers whatever was asked.
            ":" => false,
            "-" | "–" | "—" => listed,
            "" if between.starts_with(' ') => listed || page.at(name).contains(' '),
            "|" | "" => has_word(page.before(name.start, 400), &["age", "ages", "alter", "leeftijd"]),
            _ => true,
        };
    (!staff && joined && (sexed && !value(page, end) || closes || bracket || goes_on)).then_some(range)
}

/// Whether a unit, a decimal or another number follows.
fn value(page: &Page<'_>, at: usize) -> bool {
    let after = page.after(at, 8).trim_start_matches([' ', ',', '/', '-', '–']);
    let unit = matches!(
        page.word_after(at),
        "mmhg"
            | "bpm"
            | "kg"
            | "mg"
            | "mcg"
            | "ml"
            | "cm"
            | "mm"
            | "mmol"
            | "units"
            | "g"
            | "l"
            | "percent"
            | "on"
            | "ra"
            | "per"
    );
    unit || after.starts_with(['%', '°']) || after.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a line begins with the name, or with the number of a bed or of the line before it.
fn in_list(page: &Page<'_>, at: usize) -> bool {
    let line = page.before(at, 24).rsplit('\n').next().unwrap_or_default();
    let mut words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.all(|word| word.len() <= 4 && !look_up(word).any(FUNCTION) || matches!(word, "patient" | "name"))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Kind, find};

    fn ages(text: &str) -> Vec<&str> {
        let found = find(text).into_iter().filter(|found| found.kind == Kind::AgeOver89);
        found.map(|found| text.get(found.range).unwrap()).collect()
    }

    #[test]
    fn great_ages_are_found_behind_names() {
        for text in [
            "Mr T Lidgett, 97, HFrEF",
            "B1 Gladys P 97 - hip",
            "7  ONG Siew Lian  F97  aspiration",
            "Pt: Kenneth Ashdown / 97 / M",
            "Tasker, Ron 97M, heart failure",
            "3) Frau Kellermann, 97, lobar bleed",
            "Nestor Paulino-Reyes, 97 according to himself",
        ] {
            assert!(ages(text).iter().any(|age| age.contains("97")), "{text}");
        }
        for text in [
            "Mrs Doyle (95 kg), Mr Osei 96 kg, Mrs Kane, 98 %",
            "Nurse Ann, 98 on air. John Smith 94/60.",
            "Name | sats | HR\nDoyle | 93 | 88",
            "Spoke to Dr Patel, 95 mg given",
            "Troponin T 95 - repeat. Alk Phos 95, Vitamin D 95, Factor VIII 95 - ok",
        ] {
            assert!(ages(text).is_empty(), "{text}: {:?}", ages(text));
        }
    }
}
