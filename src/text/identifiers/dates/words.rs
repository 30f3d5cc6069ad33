//! Dates with the name of a month: "7 March 2024", "mid-June", "March 2021".
//! "May" and "march" are verbs too, unless what stands around says otherwise.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{
    super::page::{Page, pattern},
    Day, fits, full_year,
    months::{foreign_alone, planned, recited},
};

const MONTH: &str = r"(?:january|jan|february|febuary|feburary|feb|march|mar|april|apr|may|june|jun|july|jul|august|aug|september|septmber|sept|sep|october|ocotber|oct|november|novemeber|nov|december|decemeber|dec)";
/// Months of Dutch, German and French, only beside the number of a day.
const FOREIGN: &str = r"(?:januari|februari|maart|mei|juni|juli|augustus|oktober|januar|februar|märz|mai|dezember|janvier|février|fevrier|mars|avril|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|wrze[śs]nia|pa[źz]dziernika|listopada|grudnia|eanáir|feabhra|márta|aibreán|aibreáin|bealtaine|meitheamh|meithimh|iúil|lúnasa|meán fómhair|deireadh fómhair|samhain|samhna|nollaig|nollag|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|mrt|okt|dez|mär|févr|janv|avr|juil|déc|janeiro|fevereiro|março|junho|julho|setembro|outubro|novembro|dezembro|junie|julie|desember|februarie|januarie|marts|maj|augusti|julai|ogos|enero|pebrero|marso|mayo|hunyo|hulyo|setyembre|nobyembre|disyembre|nob|dis|ogos|disember|(?:tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)kuuta|ledna|února|března|dubna|května|června|července|srpna|září|října|prosince|siječnja|veljače|ožujka|travnja|svibnja|lipnja|srpnja|kolovoza|rujna|studenoga?|prosinca|januara|februara|aprila|juna|jula|avgusta|septembra|oktobra|novembra|decembra|ianuarie|martie|aprilie|iunie|iulie|septembrie|octombrie|noiembrie|decembrie|ocak|şubat|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık|janúar|febrúar|apríl|ágúst|ionawr|chwefror|mawrth|ebrill|mehefin|gorffennaf|awst|hydref|tachwedd|rhagfyr)";
const DAY: &str = r"[0-3]?[0-9](?:st|nd|rd|th|ú|er)?";

/// Day, or days, and month, and perhaps the year.
static DAY_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?:\bthe )?\b({DAY})(?:\.)?(?:(?:[ ]?(?:-|–|/|to|and|&|or|,|bis|und|til|till|tot|t/m|en|au|et|al|a|y|e|og|och|do|i)[ ]?(?:the )?){DAY}(?:\.)?)?(?:[ \u{{a0}}]?(?:of|day of|de|[-/.–‑])?[ \u{{a0}}]?(?:early |late )?)({MONTH}|{FOREIGN})\b\.?(?:[ ,.\-/‑\u{{a0}}]{{0,2}}(['’]?[0-9]{{2}}\b|(?:19|20)[0-9]{{2}}\b))?"
    ))
});
/// Month and day, and perhaps the year.
static MONTH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b({MONTH})\b\.?[ \-/\u{{a0}}]{{1,2}}(?:the )?({DAY})\b(?:[ ]?(?:-|–|to|and|&|through)[ ]?(?:the )?{DAY}\b)?(?:,?[ /\-]{{1,2}}((?:19|20)[0-9]{{2}}\b|['’][0-9]{{2}}\b))?"
    ))
});
/// Month and year.
static MONTH_YEAR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:(?:early|mid|late|the (?:start|end|beginning|middle) of)[ -])?({MONTH})\b\.?(?:[ ]?(?:-|–|to|and|/|or)[ ]?{MONTH}\b\.?)?(?:,? (?:of )?|[-/ ])(?:(?:19|20)[0-9]{{2}}|['’][0-9]{{2}})\b|\b(?:19|20)[0-9]{{2}}[ /-](?:{MONTH})\b(?:[ /-]{DAY}\b)?|\b{FOREIGN}\.? (?:(?:de|del) |{DAY},? )?(?:19|20)[0-9]{{2}}\b"
    ))
});
/// "03NOV25", "3.iii.2025", "2024-W12-3".
static PRESSED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[0-3]?[0-9](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:(?:19|20)?[0-9]{2})(?::?[0-9]{2}:[0-9]{2})?|[0-3]?[0-9][./-](?:i{1,3}|iv|vi{0,3}|ix|xi{0,2})[./-](?:(?:19|20)?[0-9]{2})|(?:19|20)[0-9]{2}-w[0-5][0-9](?:-[1-7])?|(?:19|20)[0-9]{2}[-/](?:0[1-9]|1[0-2])",
    )
});
/// A month alone.
static MONTH_ALONE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"\b(?:(?:early|mid|late)[ -])?({MONTH})\b")));

pub(super) fn find(page: &Page<'_>, days: &mut Vec<Day>) {
    day_month(page, days);
    month_day(page, days);
    for found in page.matches(&MONTH_YEAR) {
        let month = found.as_str();
        let scan = month.starts_with("oct")
            && month.len() < 8
            && page.at(&found.range()).starts_with("OCT ")
            && page.at(&found.range()).ends_with("20");
        let clinic = month.starts_with("mayo")
            && (page.word_before(found.start()) == "the"
                || matches!(page.word_after(found.end()), "criteria" | "model" | "score" | "risk" | "classification"));
        if !scan && !clinic {
            days.push(Day { suggestion: "", ..Day::of(found.range(), None) });
        }
    }
    for found in page.matches(&PRESSED).filter(|found| !page.joined(&found.range(), &['.', '-', '/'])) {
        days.push(Day::of(found.range(), None));
    }
    month_alone(page, days);
    foreign_alone(page, days);
}

fn month_number(name: &str) -> u32 {
    match name.get(..3) {
        Some("jan") => 1,
        Some("feb" | "fév" | "fev") => 2,
        Some("mar" | "maa") | None => 3,
        Some("apr" | "avr") => 4,
        Some("may" | "mai" | "mei") => 5,
        Some("jun") => 6,
        Some("jul") => 7,
        Some("aug" | "aoû" | "aou") => 8,
        Some("sep") => 9,
        Some("oct" | "okt" | "oco") => 10,
        Some("nov") => 11,
        Some(name) if name.starts_with('m') => 3,
        Some(name) if name.starts_with("ao") => 8,
        Some(name) if name.starts_with('f') => 2,
        Some("jui") if name.starts_with("juin") => 6,
        Some("jui") => 7,
        Some(_) => 12,
    }
}

/// Whether a month has its English name.
fn found_english(name: &str) -> bool {
    MONTH.trim_matches(['(', ')', '?', ':']).split('|').any(|known| known == name)
}

fn resolved(day: &str, month: &str, year: Option<&str>) -> Option<(i32, u32, u32)> {
    // Of further languages the name is known, and its place in the year is not.
    if !found_english(month) && !FOREIGN.split('|').take(24).any(|known| known.trim_start_matches("(?:") == month) {
        return None;
    }
    let digits: String = day.chars().filter(char::is_ascii_digit).collect();
    let year = year?.trim_start_matches(['\'', '’']);
    let (day, month, year) = (digits.parse().ok()?, month_number(month), full_year(year.parse().ok()?, year.len()));
    fits(year, month, day).then_some((i32::try_from(year).ok()?, month, day))
}

fn group<'t>(found: &Captures<'t>, n: usize) -> Option<&'t str> {
    found.get(n).map(|part| part.as_str())
}

fn ordinal(day: &str) -> bool {
    day.ends_with(|c: char| c.is_ascii_alphabetic())
}

pub(super) fn real_day(day: &str) -> bool {
    let number: u32 = day.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
    (1..=31).contains(&number)
}

fn day_month(page: &Page<'_>, days: &mut Vec<Day>) {
    for found in DAY_MONTH.captures_iter(&page.lower) {
        let (Some(whole), Some(day), Some(month)) = (found.get(0), group(&found, 1), found.get(2)) else { continue };
        // "the 24th of September. 97 years old": the number begins the next sentence.
        let year = found.get(3).filter(|year| !begins(page, month.end(), &year.range())).map(|year| year.as_str());
        let written = page.at(&month.range());
        let name = month.as_str();
        let capital = written.starts_with(char::is_uppercase);
        let certain = year.is_some() || ordinal(day);
        let verb = matches!(name, "may" | "march" | "mar") && !capital && !certain && !ends_small(page, month.end());
        // "2 OCT scans", "3 DEC", "5 SEP": abbreviations of other things; "2 mar" and "1 mai" without capitals.
        let shouted = written.len() == 3 && written.chars().all(char::is_uppercase) && !certain;
        let other = shouted
            && matches!(name, "oct" | "sep" | "mar")
            && !page.lower.get(whole.range()).is_some_and(|t| t.trim_end_matches(['.', ',', ' ']).len() <= 6)
            || shouted && matches!(page.word_after(whole.end()), "scan" | "scans" | "imaging" | "images");
        let modal = name == "may" && !certain && is_verb(page.word_after(whole.end()));
        // "NICU 3/7. May 'sick-day box' be given": the point ends a sentence.
        let part = page.at(&whole.range());
        let stops = part.contains(". M") && year.is_none() && (part.contains('/') || !ends_small(page, month.end()));
        let modal = modal || matches!(name, "may" | "march") && stops;
        // "2. AUGUSTUS": a trial.
        let other = other || written.len() > 4 && !found_english(name) && written.chars().all(char::is_uppercase);
        let glued = page.before(whole.start(), 1).ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | ','))
            || page.joined(&whole.range(), &['/', '-']) && !whole.as_str().starts_with("the ");
        if real_day(day)
            && !verb
            && !other
            && !modal
            && !glued
            && (capital || certain || name.len() > 3 || day.len() == 2 || written == name)
        {
            let end = if year.is_some() { whole.end() } else { month.end() };
            let text = page.lower.get(whole.start()..end).unwrap_or_default();
            let range = whole.start()..end_of(text, whole.start());
            days.push(Day::of(range, resolved(day, name, year)));
        }
    }
}

/// Whether a number of two digits behind a month is no year, but an age or the start of a sentence.
fn begins(page: &Page<'_>, month: usize, year: &std::ops::Range<usize>) -> bool {
    let between = page.lower.get(month..year.start).unwrap_or_default();
    let aged = matches!(page.word_after(year.end), "year" | "years" | "yr" | "yrs" | "y" | "yo");
    year.len() == 2 && (aged || between.starts_with(". "))
}

fn end_of(text: &str, start: usize) -> usize {
    start + text.trim_end_matches(['.', ',', ' ', '-', '/']).len()
}

fn is_verb(word: &str) -> bool {
    matches!(
        word,
        "be" | "have"
            | "need"
            | "also"
            | "not"
            | "require"
            | "well"
            | "still"
            | "cause"
            | "present"
            | "indicate"
            | "represent"
            | "help"
            | "benefit"
            | "occur"
            | "reflect"
            | "suggest"
            | "develop"
            | "show"
            | "mimic"
            | "precede"
            | "take"
            | "I"
            | "i"
            | "we"
            | "lead"
            | "explain"
            | "increase"
            | "reduce"
            | "respond"
            | "remain"
            | "account"
            | "contribute"
    )
}

fn month_day(page: &Page<'_>, days: &mut Vec<Day>) {
    for found in MONTH_DAY.captures_iter(&page.lower) {
        let (Some(whole), Some(month), Some(day)) = (found.get(0), found.get(1), found.get(2)) else { continue };
        let written = page.at(&month.range());
        let capital = written.starts_with(char::is_uppercase);
        let name = month.as_str();
        let year = group(&found, 3);
        let certain = year.is_some() || ordinal(day.as_str());
        let common = matches!(name, "may" | "march" | "mar" | "dec" | "sep" | "oct" | "jan");
        let unit = matches!(
            page.word_after(whole.end()),
            "mg" | "ml"
                | "weeks"
                | "days"
                | "hours"
                | "times"
                | "mm"
                | "cm"
                | "patients"
                | "of"
                | "percent"
                | "months"
                | "years"
                | "mcg"
                | "units"
                | "g"
                | "kg"
                | "mmol"
        ) || page.after(whole.end(), 2).trim_start().starts_with('%')
            || page.after(whole.end(), 1) == "/"
                && !page
                    .after(whole.end(), 3)
                    .get(1..)
                    .is_some_and(|year| year.parse::<u32>().is_ok() && year.len() == 2);
        let decimal = page.joined(&whole.range(), &['.', ',']);
        let before = page.word_before(whole.start());
        let told = (WHEN.contains(&before) || before == "on") && ends_small(page, whole.end());
        if real_day(day.as_str()) && !(common && !capital && !certain && !told) && !(unit && !certain) && !decimal {
            days.push(Day::of(whole.range(), resolved(day.as_str(), name, year)));
        }
    }
}

/// Whether no word follows that a month in small letters could be the verb of.
fn ends_small(page: &Page<'_>, at: usize) -> bool {
    let word = page.word_after(at);
    word.is_empty()
        || matches!(
            word,
            "in" | "at" | "with" | "and" | "to" | "for" | "from" | "on" | "by" | "under" | "she" | "he" | "then"
        )
}

/// Words before a month that make it a time.
const WHEN: &[&str] = &[
    "in",
    "since",
    "last",
    "this",
    "next",
    "until",
    "till",
    "by",
    "during",
    "from",
    "to",
    "of",
    "between",
    "before",
    "after",
    "and",
    "through",
    "around",
    "previous",
    "every",
    "for",
    "late",
    "early",
    "mid",
    "or",
    "throughout",
    "about",
    "end",
    "each",
];

fn month_alone(page: &Page<'_>, days: &mut Vec<Day>) {
    for found in MONTH_ALONE.captures_iter(&page.lower) {
        let (Some(whole), Some(month)) = (found.get(0), found.get(1)) else { continue };
        if !page.alone(&whole.range()) {
            continue;
        }
        let (written, name) = (page.at(&month.range()), month.as_str());
        let capital = written.starts_with(char::is_uppercase);
        let shouted = written.chars().all(char::is_uppercase);
        let vague = whole.start() < month.start();
        let before = page.word_before(whole.start());
        let after = page.word_after(whole.end());
        let cued = WHEN.contains(&before)
            && !(before == "and"
                || before == "or"
                || before == "to"
                || before == "of"
                || before == "for"
                || before == "about")
            || vague
            || before == "for" && planned(page, whole.start());
        let weak = WHEN.contains(&before);
        let short = name.len() == 3 && name != "may";
        // "TSH 4.5 (Apr)".
        let held = capital
            && page.before(whole.start(), 1).ends_with(['(', '['])
            && page.after(whole.end(), 1).starts_with([')', ']']);
        let possessed = matches!(before, "the" | "his" | "her" | "their" | "a" | "my" | "our" | "her last" | "bank");
        let hyphen = page.after(whole.end(), 1) == "-" && page.after(whole.end(), 2).ends_with('t');
        let takes = match name {
            // "May-Thurner", "Dec" of a trial arm.
            "may" if hyphen => false,
            "may" => {
                cued && (capital || !is_verb(after) || vague)
                    || capital
                        && !shouted
                        && !is_verb(after)
                        && (possessed || weak)
                        && !page.word_before(whole.start()).is_empty()
            }
            "march" => {
                cued && (capital || before == "in" || vague || before == "last" || before == "since")
                    || capital && weak
                    || capital && possessed && !matches!(after, "fracture" | "haemoglobinuria" | "hemoglobinuria")
            }
            "mar" | "dec" | "sep" | "oct" | "jan" | "jun" | "jul" | "nov" | "feb" | "aug" | "apr" | "sept"
                if short || name == "sept" =>
            {
                cued && capital && !shouted
                    || vague
                    || cued
                        && !shouted
                        && matches!(name, "nov" | "feb" | "aug" | "sept" | "jan")
                        && (before != "from" || ends_small(page, whole.end()))
            }
            "april" | "june" | "august" => {
                let person = matches!(after, "was" | "says" | "said" | "is" | "reports" | "has" | "lives")
                    || matches!(
                        before,
                        "mrs" | "ms" | "miss" | "daughter" | "sister" | "wife" | "mother" | "named" | "called"
                    );
                let shouted_text = shouted && !cued;
                cued || capital && !person && !shouted_text
            }
            _ => capital || cued || weak,
        };
        let takes = takes || held && !shouted;
        let trial = before == "dec" || after == "study" && shouted;
        if takes && !trial && !recited(page, whole.start(), whole.end()) {
            days.push(Day { weight: 50, ..Day::of(whole.range(), None) });
        }
    }
}
