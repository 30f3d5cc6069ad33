//! Telephone, pager and fax numbers: by what stands before them, or by their form.
//! A number without either may be a laboratory value, and is left alone.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    kind::Kind,
    page::{Mark, Page, digits, has_word, pattern},
};

/// A word for a telephone, what may stand between, and the number.
static CALLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:tele?phones?|handphone|hand phone|hp|h/p|m[oó]v(?:il)?|call[- ]?backs?|télécopie|telecopie|telefoon|telefon|telephone|téléphone|phones?|tel|mobiles?|mob|cell(?: ?phone)?|cellular|handy|gsm|landline|direct line|switchboard|hotline|helpline|whats ?app|viber|signal|facetime|sms|text(?:s|ed|ing)?|call(?:s|ed|ing)?|ring(?:s|ing)?|rang|dial(?:led|ing)?|contact(?:able)?|reach(?:ed|able)?|ph|sein|zoemer|bleeps?|bleep(?:ed|ing)|pagers?|paged?|beepers?|dect|vocera|extensions?|extn?|fax(?:ed|es|ing)?|telefax|facsimile|voicemail|answerphone|h|w|m|t|f|p|c)\b",
        r"(?:[ \t]*(?:[:#=.,\-–—(/~\x22]|no\b\.?|number|numbers|nr\b\.?|nos\b\.?|is|was|are|on|at|to|via|me|us|her|him|them|back|the|ward|his|their|my|our|home|work|mobile|office|direct|ext\b\.?|extension|x|or|and|phone|cell|bleep|pager|fax|daughter|son|wife|husband|mother|carer|if|needed|needs|anytime|after|hours|out of|secretary|desk|clinic)[ \t]*){0,7}",
        r"[ \t]*(\+?\(?[0-9][0-9()./\- \u{a0}\u{2010}-\u{2013}·]{1,22}[0-9]|[0-9]{3,6})",
    ))
});
static FORMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:\+|\b00)[1-9][0-9]{0,2}[ \-./\u{a0}\u{2010}-\u{2013}]?(?:\(0\)[ ]?)?\(?[0-9](?:[ \-./()\u{a0}\u{2010}-\u{2013}]{0,2}[0-9]){5,13}",
        r"|(?:1[-. ]?)?\(?[2-9][0-9]{2}\)?[-. \u{a0}\u{2010}-\u{2013}/]{1,2}[2-9][0-9]{2}[-. \u{a0}\u{2010}-\u{2013}][0-9]{4}(?:,? ?(?:x|ext\.?|extension)[ .]?[0-9]{1,6})?",
        r"|\(?0[1-9][0-9]{0,4}\)?(?:[ \-./\u{a0}\u{2010}-\u{2013}]{0,2}[0-9]){6,9}",
        r"|\b(?:1300|1800|1850|1890|0800|0818)[ -][0-9]{3}[ -]?[0-9]{3}",
    ))
});
static INNER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:\bx|\bext[. ]{0,2}|extension )#?[0-9]{3,6}\b|#[0-9]{4,5}\b"));

const FAX: &[&str] = &["télécopie", "telecopie", "fax", "faxed", "faxes", "faxing", "telefax", "facsimile"];
/// Words after which also a short number is one.
const SHORT: &[&str] = &[
    "bleep",
    "bleeps",
    "bleeped",
    "sein",
    "zoemer",
    "pager",
    "pagers",
    "page",
    "paged",
    "beeper",
    "beepers",
    "dect",
    "ext",
    "extn",
    "extension",
    "extensions",
    "vocera",
    "x",
    "switchboard",
    "dial",
];

/// A pager whose number comes some words later, and one that follows it: "pager for cards is 7731", "bleep 1184, reg 0091".
static PAGED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:pager|bleep|beeper|dect|vocera|ascom|extension|ext) (?:for|to|no\.?|number|#)(?: [a-z/&']{1,12}){0,3}(?: is| =|:| -) ?#?([0-9]{3,5})\b",
        r"|\b(?:pagers?|bleeps?|beepers?|dect|extn?|extensions?)[ :.#]{1,3}[0-9]{3,5}(?:,|;| /| or| and|/)(?: or| and)? ?(?:(?:the )?(?:on ?call )?(?:reg|registrar|sho|ho|fy1|fy2|f1|f2|spr|st[1-8]|cons|consultant|nurse|sister|anaes|anaesthetics|itu|icu|med|medics|surg|surgeons|ortho|paeds|outreach|physio|pharmacy|pharmacist|site|night|nights|day|days|backup|resident|intern|fellow|attending|ward|secretary)[: ]{1,2}){0,2}([0-9]{3,5})\b",
        r"|[0-9]{4},? (?:local|loc\.?|poste|toestel|tst\.?|ramal|anexo|interno|durchwahl|dw|klappe)[ .:]{1,2}([0-9]{2,5})\b",
        r"|\b(?:tel|phone|call|ring|dial|bleep|desk|office|mgr|manager|switch)[ a-z]{0,12} x ([0-9]{4,6})\b",
        r"|\b(?:at|on|call|text|ring|reach|contact|whatsapp)[ :]{1,2}([3689][0-9]{3}[ -][0-9]{4})(?:[.,;)!?\n]|$| (?:or|and|if|any|after|before|for|thanks)\b)",
    ))
});

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    called(page, marks);
    formed(page, marks);
    for number in PAGED.captures_iter(&page.lower).filter_map(|found| found.iter().skip(1).flatten().next()) {
        push(page, number.range(), marks, 62);
    }
    for found in INNER.find_iter(&page.lower) {
        let is_short = found.as_str().starts_with(['x', '#']);
        let cued = has_word(
            page.words_before(found.start(), 30),
            &["call", "ring", "dial", "at", "on", "pager", "phone", "tel", "bleep", "contact", "office", "ward"],
        );
        if (!is_short || cued) && page.alone(&found.range()) {
            push(page, number_in(found.range(), found.as_str()), marks, 62);
        }
    }
}

/// The part of a range from its first digit on.
fn number_in(range: Range<usize>, text: &str) -> Range<usize> {
    range.start + text.find(|c: char| c.is_ascii_digit()).unwrap_or(0)..range.end
}

fn push(page: &Page<'_>, range: Range<usize>, marks: &mut Vec<Mark>, weight: u8) {
    // The nearest of the two words tells, on the same line.
    let before = page.before(range.start, 48);
    let line = before.rsplit('\n').next().unwrap_or_default();
    // What stands before another number is about that one.
    let line = line.rsplit(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
    let line = line.rsplit("tel").next().unwrap_or_default();
    let line = line.rsplit("phone").next().unwrap_or_default().trim_end_matches('(');
    // "by fax to 01 555 0144 and 01 555 0145".
    let both = matches!(line.trim_matches([' ', '(']), "and" | "or" | "/" | "&")
        && has_word(page.before(range.start, 64), FAX);
    let fax = both
        || has_word(line, FAX)
        || (line.trim_end().ends_with("f:") || line.trim_end() == "f" || line.ends_with(" f "))
            && !line.contains("dof");
    let line = line.trim_end_matches([' ', ':', '.', '#']);
    let fax = fax || line == "fx" || line.ends_with(" fx");
    let after = page.after(range.end, 8).contains("(fax");
    let (kind, why) = if fax || after {
        (Kind::Fax, "A fax number leads to a place or a person.")
    } else {
        (Kind::Phone, "A telephone number leads to a person.")
    };
    marks.push(Mark { range, kind, why, suggestion: String::new(), weight });
}

fn called(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut from = 0;
    while let Some(found) = CALLED.captures_at(&page.lower, from) {
        let (Some(whole), Some(number)) = (found.get(0), found.get(1)) else { break };
        from = number.end();
        let before = page.text.get(..whole.start()).and_then(|text| text.chars().next_back());
        if before.is_some_and(|c| c.is_alphanumeric() || c == '\'') {
            from = whole.start() + 1;
            while !page.lower.is_char_boundary(from) {
                from += 1;
            }
            continue;
        }
        let label = page.lower.get(whole.start()..number.start()).unwrap_or_default();
        let range = trimmed(number.range(), number.as_str());
        let value = page.at(&range);
        let count = digits(value).len();
        // "pH 7.24/7.31", "Page 118".
        let acid =
            label.starts_with("ph") && label.trim() == "ph" && value.starts_with(['6', '7']) && value.contains('.');
        // "left voicemail x1 0431": once, and at what hour.
        let times = label.ends_with('x') && value.split_once(' ').is_some_and(|(times, _)| times.len() == 1);
        if acid || times || is_tariff(value) || public(page, range.start, value) || label.trim() == "page" && count < 4
        {
            continue;
        }
        let word: String = label.chars().take_while(|c| c.is_alphanumeric()).collect();
        let single = word.len() == 1;
        let colon = label.trim_end().ends_with(':')
            || label.ends_with(". ")
            || label.ends_with('.') && value.starts_with(['0', '+', '(']);
        let column = value.starts_with(['0', '+', '(']) && value.contains(' ') && count >= 9;
        let short = has_word(label, SHORT) && !has_word(label, &["text", "contact"]);
        let verb = matches!(
            &*word,
            "call"
                | "called"
                | "calls"
                | "ring"
                | "rang"
                | "rings"
                | "contact"
                | "text"
                | "page"
                | "reach"
                | "signal"
                | "p"
                | "cell"
                | "cells"
                | "mov"
        );
        let least = if short && label.starts_with("page") && matches!(page.word_after(range.end), "of" | "in" | "and") {
            7
        } else if short {
            3
        } else if matches!(&*word, "hp" | "h") {
            // Terms of heredity have seven: "HP:0001712".
            8
        } else if verb {
            7
        } else {
            5
        };
        let unit = is_measure(page.word_after(range.end)) || page.after(range.end, 1) == "%";
        if count >= least
            && count <= 15
            && (!single || (colon || column) && count >= 7)
            && !is_date(value)
            && !begins_with_day(value)
            && !(unit && count < 7)
        {
            push(page, range, marks, 66);
        }
    }
}

fn is_measure(word: &str) -> bool {
    matches!(
        word,
        "mg" | "ml"
            | "mmol"
            | "kg"
            | "g"
            | "mcg"
            | "cm"
            | "mm"
            | "hours"
            | "hour"
            | "h"
            | "hrs"
            | "min"
            | "minutes"
            | "days"
            | "day"
            | "weeks"
            | "times"
            | "units"
            | "per"
            | "years"
            | "year"
            | "months"
            | "am"
            | "pm"
            | "bpm"
            | "cells"
            | "copies"
            | "x"
            | "patients"
    )
}

/// Without what follows after two separators, or a number in brackets that is not closed.
fn trimmed(range: Range<usize>, value: &str) -> Range<usize> {
    let end = value
        .find("  ")
        .or_else(|| value.find(" - "))
        .or_else(|| value.find(" / "))
        .or_else(|| value.find(". "))
        .unwrap_or(value.len());
    let value = value.get(..end).unwrap_or(value);
    let value = match (value.find('('), value.rfind('(')) {
        // A second bracket opens something else.
        (Some(first), Some(last)) if last > first || last > 5 && !value.contains("(0)") => {
            value.get(..last).unwrap_or(value)
        }
        _ => value,
    };
    let value = value.trim_end_matches(|c: char| !c.is_ascii_digit());
    range.start..range.start + value.len()
}

/// Whether it is a number of Denmark, Sweden or Finland for a person, with the day of birth before the hyphen: "091253-2585".
fn is_of_person(value: &str) -> bool {
    let Some((day, rest)) = value.split_once('-') else { return false };
    let two = |at: usize| day.get(at..at + 2).and_then(|two| two.parse::<u32>().ok()).unwrap_or_default();
    let real = |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
    day.len() == 6 && rest.len() == 4 && (real(two(0), two(2)) || real(two(4), two(2)))
}

/// Whether it is two items of a tariff: "03220/03221".
fn is_tariff(value: &str) -> bool {
    value.split_once('/').is_some_and(|(first, second)| {
        first.len() == 5 && second.len() == 5 && first.get(..3).is_some_and(|start| second.starts_with(start))
    })
}

/// Whether the letters that an account number of Europe begins with stand before: "NL94 TRIO 0903 4517 87".
fn of_account(page: &Page<'_>, at: usize) -> bool {
    static IBAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){0,6} ?$"));
    IBAN.is_match(page.before(at, 40))
}

/// Whether it is the number of an office that serves everybody: "Poison control (1-800-222-1222)".
fn public(page: &Page<'_>, at: usize, value: &str) -> bool {
    value.ends_with("800-222-1222")
        || has_word(
            page.words_before(at, 32),
            &["poison", "poisons", "cdc", "samaritans", "toxbase", "npis", "lifeline"],
        ) && value.starts_with(['1', '7', '8'])
}

fn is_date(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['/', '-', '.']).collect();
    parts.len() == 3
        && digits(value).len() <= 8
        && parts.iter().all(|p| p.len() <= 2 || p.len() == 4)
        && !value.contains(' ')
}

/// Whether a day stands at the start: "05/12/2024 21:52".
fn begins_with_day(value: &str) -> bool {
    value.split_once(' ').is_some_and(|(first, _)| first.len() > 5 && is_date(first))
}

fn formed(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in FORMED.find_iter(&page.lower) {
        let range = trimmed(found.range(), found.as_str());
        let value = page.lower.get(range.clone()).unwrap_or_default();
        let count = digits(value).len();
        let plus = value.starts_with('+') || value.starts_with("00");
        let american =
            value.trim_start_matches(['(', '1', '-', ' ', '.']).starts_with(|c: char| ('2'..='9').contains(&c))
                && !plus
                && !value.starts_with(['0', '1']);
        let apart = value.contains([' ', '-', '.', '/', '(', '\u{a0}', '–', '‑']);
        // Ten or eleven digits from 0: British, Irish, Australian, Dutch, French and German numbers.
        let fits = plus && count >= 8
            || american && count >= 10
            || value.starts_with('1') && count >= 10
            || (9..=12).contains(&count);
        let lone = page.alone(&range) && !page.joined(&range, &['.', '-', '/']);
        let whole = apart || count >= 10 && value.starts_with('0');
        let scientific = page.before(range.start, 4).ends_with("pmid")
            || matches!(
                page.word_before(range.start),
                "part" | "ref" | "cat" | "model" | "lot" | "ndc" | "item" | "sku"
            )
            || page.before(range.start, 1).ends_with([':', '#', '-', '/', '.', '_'])
            || value.starts_with("00") && count < 11
            || is_of_person(value)
            || is_tariff(value)
            || of_account(page, range.start)
            || public(page, range.start, value);
        if fits && lone && whole && !scientific && !is_date(value) && !begins_with_day(value) {
            push(page, range, marks, 60);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, find};

    fn phones(text: &str) -> Vec<&str> {
        let found = find(text).into_iter().filter(|found| found.kind == Kind::Phone);
        found.map(|found| text.get(found.range).unwrap()).collect()
    }

    #[test]
    fn numbers_are_found_behind_pagers_and_handphones() {
        assert_eq!(phones("pager for cards is 7731"), ["7731"]);
        assert_eq!(phones("SHO bleep 1184, reg 0091"), ["1184", "0091"]);
        assert_eq!(phones("306 555 0161 local 224"), ["306 555 0161", "224"]);
        assert_eq!(phones(r#"{"hp":"9123 5540"}"#), ["9123 5540"]);
        assert_eq!(phones("Callback: 027 61 884 (landline)"), ["027 61 884"]);
        for text in [
            "He paid from NL94 TRIO 0903 4517 87.",
            "CPR 091253-2585",
            "Tariff 03220/03221, HP:0001712",
            "Poison control (1-800-222-1222)",
            "left voicemail x1 0431",
        ] {
            assert!(phones(text).is_empty(), "{text}: {:?}", phones(text));
        }
    }
}
