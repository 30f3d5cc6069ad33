//! Ages of 90 and more, in digits and in words; ages below are no identifiers.
//! A number counts only where it says that it is an age: 92 % and 95 mmHg are none.

mod around;
mod beside;
mod columns;
pub(super) mod named;
mod told;

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use around::{dated, ends_plainly, general, measured, ranged};

use super::{
    kind::Kind,
    page::{Mark, Page, has_word, pattern},
};

/// 90 to 119.
const OLD: &str = r"(?:9[0-9]|1[01][0-9])";
/// The same in words.
const WORDS: &str = r"(?:(?:(?:ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und)?neunzig|(?:(?:een|twee|drie|vier|vijf|zes|zeven|acht|negen)[eë]n)?negentig|quatre-vingt-(?:dix(?:-sept|-huit|-neuf)?|onze|douze|treize|quatorze|quinze|seize)|ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a|one) hundred(?: and (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))?)";

/// "94-year-old", "94 y/o", "aged 94 years", "94yo".
static YEARS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:{OLD}|9[loi]|{WORDS})(?:\.[0-9])?(?:[ \u{{a0}}]?(?:½|1/2))?[ \u{{a0}}‐‑–-]{{0,2}}(?:years?|yrs?|y|jahre|jährige?[rnms]?|årige?|jhr?|jarige?|jaar|jr|j\.|ans|años|anos|anni|lat|år|wiosen)\.?(?:['’]s?)?(?:[ \u{{a0}}‐‑/.-]{{0,2}}(?:olds?|o|of age|young)\b\.?)?"
    ))
});
/// "94F", "94 M", "94 female", "94M/F".
static SEX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b{OLD}[ -]?(?:yo ?|y/o |y|/ ?)?(?:(?:m|f|male|female|man|woman|lady|gentleman|gent|widow|widower)\b|[♂♀])|[♂♀] ?{OLD}\b"
    ))
});
/// "F/94", "age 94", "aged ninety-four", "turned 94".
static AGED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:ages?d?|at the age of|age of|at age|turn(?:ed|s|ing)(?: the age of)?|alter|leeftijd|birthday no\.?|m/|f/|male,|female,|man,|woman,|lady,|gentleman,|patient,|pt,|years old at|age/sex|age \(years\)|now|is|was|be|been|being|he's|she's|he’s|she’s|'s|’s|reached|alive at|living at|made it to|got to|(?:old|eld|young)est (?:is|was)|f,|m,|made|hit|yes,|sic,|i'm|i’m|i am|died at|dies at|passed at|dying at|going on|rising|pushing|(?:man|woman|lady|gentleman|patient|widow|widower|nun|priest|farmer|male|female|resident|relative|great-grandmother|great-grandfather|grandmother|grandfather|matriarch|veteran|pensioner|teacher|nurse) of|age[ ]?\((?:y|yrs?|years?)\)|âge|(?:lived?|living|alive) to(?: be)?|who’s|until|till)(?:[ \t]*(?:[:=,-]|is|was|of|now|just|only|about|around|nearly|almost|approximately|approx\.?|at|a|over|already|turned|very|frail|fit|spry|today|then|all of|aged|coming up to|approaching|~|c\.)[ \t]*){{0,3}}[ \t]*({OLD}|{WORDS})\b"
    ))
});
static BIRTHDAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:9[0-9]|1[01][0-9])(?:st|nd|rd|th)[ -](?:birthday|year)|\b(?:ninetieth|ninety-(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|(?:one )?hundredth|hundred and (?:first|second|third|fourth|fifth)) (?:birthday|year)|\b(?:(?:super|semi-super)?centenarians?|nonagenarian)\b|\bcentury of age|\bborn (?:9[0-9]|1[01][0-9]|ninety(?:-[a-z]+)?) years ago|\b(?:90|9[0-9]|100)[ -]?something|\bin (?:his|her|their) (?:tenth|10th|eleventh|11th) decade|\bin (?:his|her|their|the patient's|mum's|dad's) (?:early|mid|late|mid to late|very late|upper)?[ -]?(?:nineties|90['’]?s|hundreds|100s)|\b(?:man|woman|lady|patient|pt|gentleman|resident),? (?:early|mid|late)[- ]?(?:nineties|90s)|\b(?:early|mid|late)[ -]nineties|\bnineties",
    )
});

/// Spelt out, such a number is hardly ever anything but an age.
static SPELT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bninety[- ](?:one|two|three|four|five|six|seven|eight|nine)\b|\b(?:[a-zü]{3,6}und)?neunzig(?:jährige?[rnms]?)?\b|\b(?:[a-z]{3,5}[eë]n)?negentig(?:jarige?)?\b|\bat ninety\b|\bage (?:[1-8][0-9]) or (?:9[0-9]|1[01][0-9])\b|\bquatre-vingt-(?:dix|onze|douze|treize|quatorze|quinze|seize)(?:-[a-z]+)? ans\b",
    )
});

/// "ninety-odd", "at 93 she still swims", "celebrated her 100th", "bed 3: 92, hip".
static LOOSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(ninety[ -]odd)\b|\bat ({OLD}),? (?:she|he|they)\b|\b(?:celebrated|celebrating|approaching|had|reached|marked|enjoyed|for|after|before|since|on) (?:his|her|their) ((?:9[0-9]|1[01][0-9])(?:st|nd|rd|th))\b|\bbed [0-9]{{1,2}}[a-d]?[:,-]{{1,2}} ?({OLD}),|\b(?:now|nearly|almost|only|just|already|aged?) ({OLD}|{WORDS}),? (?:she|he|they)\b|\b(?:he|she|who)(?: is| was)? \(({OLD})\)|\b({OLD}) ?[aj](?:[,)]| [mw]\b|, (?:m|w)\b)|\b(?:born|dob|geb\.?|née?)\b[^\n;()]{{1,24}}\(({OLD})\)|\b(?:father|mother|brother|sister|dad|mum|mom) (?:d\.|died|dec\.|†) ?({OLD})\b"
    ))
});

/// "both parents alive (91 and 93)", "siblings 91, 89 and 87".
static SEVERAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:parents|siblings|brothers|sisters|grandparents|aunts|uncles|couple|residents|patients)(?: (?:are|were|both|alive|well|aged|is|now|and))*[ ,(:]{1,3}((?:[0-9]{2,3})(?:(?:, ?|,? and | & |/)[0-9]{2,3})+)\b",
    )
});

/// "age": 94, PatientAge=097Y.
static KEYED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r#"(?:\b|_|patient|pt|subject|donor|client)age[a-z_]{{0,8}}["']? ?[:=>] ?["']?(0?{OLD})y?\b"#))
});
/// "ninety last week", where nothing is counted.
static NINETY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bninety\b"));

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    in_years(page, marks);
    with_sex(page, marks);
    announced(page, marks);
    aged(page, marks);
    beside::find(page, marks);
    columns::find(page, marks);
    told::find(page, marks);
    spelt(page, marks);
    birthdays(page, marks);
}

/// "94-year-old", but no "92 years ago".
fn in_years(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in page.matches(&YEARS) {
        let (range, text) = (found.range(), found.as_str());
        let own = text.contains("old")
            || text.ends_with(['o', 'g'])
            || text.ends_with("o.")
            || text.contains("of age")
            || text.contains("y.o");
        let bare = !own && (text.ends_with('y') || text.ends_with("y."));
        if ranged(page, &range) && !own || general(page, &range) {
            continue;
        }
        let after = page.word_after(range.end);
        let lasting = has_word(
            page.words_before(range.start, 24),
            &["for", "over", "past", "last", "within", "after", "every", "next", "than", "since", "about"],
        ) || matches!(
            after,
            "ago"
                | "later"
                | "before"
                | "after"
                | "history"
                | "follow"
                | "survival"
                | "smoking"
                | "pack"
                | "earlier"
                | "apart"
                | "together"
                | "of"
        );
        let shock = text.ends_with("j.")
            && has_word(
                page.words_before(range.start, 40),
                &["shock", "shocks", "cardioversion", "biphasic", "dc", "at"],
            );
        let bare = bare || text.ends_with("j.");
        let told = !lasting && !(bare && matches!(after, "axis" | "view"));
        if (own || told) && !shock {
            push(range, marks);
        }
    }
}

/// "94F", but no temperature, distance or room.
fn with_sex(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in page.matches(&SEX) {
        let before = page.before(found.start(), 22);
        let words = page.words_before(found.start(), 22);
        let heat = has_word(
            words,
            &["temp", "temperature", "t", "fever", "febrile", "tmax", "degrees", "oral", "pyrexia", "afebrile"],
        );
        let joined = before.ends_with(['.', '/', '-', '<', '>', '≥', '≤', '+', '°']) && !before.ends_with(". ");
        // "118 m", in a test of walking.
        let metric = found.as_str().ends_with('m')
            && (matches!(page.word_after(found.end()), "walk" | "sprint" | "in" | "swim" | "from")
                || found.as_str().ends_with(" m") && found.len() > 4);
        let sizes = matches!(page.word_before(found.start()), "room" | "bed" | "rm")
            || has_word(words, &["walked", "walks", "walk", "mwt", "6mwt", "n", "size", "sats", "spo2"])
            || found.as_str().ends_with('f') && has_word(words, &["of", "at", "to"]);
        if !(heat || joined || metric || sizes) {
            push(found.range(), marks);
        }
    }
}

/// After words, keys and numbers of beds.
fn announced(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in LOOSE.captures_iter(&page.lower) {
        let Some(number) = found.iter().skip(1).flatten().next() else { continue };
        if !matches!(page.word_after(number.end()), "percentile" | "centile" | "percent") {
            push(number.range(), marks);
        }
    }
    for list in SEVERAL.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        let parts = list.as_str().split(|c: char| !c.is_ascii_digit());
        let mut at = list.start();
        for part in parts {
            if part.parse().is_ok_and(|age: u32| (90..120).contains(&age)) && !measured(page, list.range(), true) {
                push(at..at + part.len(), marks);
            }
            at += part.len() + 1;
        }
    }
    for number in KEYED.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        push(number.range(), marks);
    }
    for found in page.matches(&NINETY) {
        let value =
            page.near(&found.range(), 24, &["sats", "bp", "systolic", "pulse", "rate", "percent", "degrees", "over"]);
        if !value && ends_plainly(page, found.end()) && !general(page, &found.range()) {
            push(found.range(), marks);
        }
    }
}

/// "ninety-four", where nothing is measured.
fn spelt(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in page.matches(&SPELT) {
        // "esr ninety four".
        let value = matches!(
            page.word_before(found.start()),
            "esr"
                | "crp"
                | "hb"
                | "haemoglobin"
                | "hemoglobin"
                | "sats"
                | "saturation"
                | "saturations"
                | "pulse"
                | "rate"
                | "systolic"
                | "bp"
                | "over"
                | "sodium"
                | "creatinine"
                | "platelets"
                | "ferritin"
                | "mcv"
                | "weight"
                | "hr"
                | "spo2"
                | "map"
        );
        if !value
            && !measured(page, found.range(), true)
            && !general(page, &found.range())
            && !page.after(found.end(), 1).starts_with('-')
        {
            push(found.range(), marks);
        }
    }
}

/// "her 90th birthday", "in her nineties".
fn birthdays(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in page.matches(&BIRTHDAY) {
        let text = found.as_str();
        let decade = text.ends_with("nineties")
            && !text.starts_with("in ")
            && !has_word(page.words_before(found.start(), 16), &["his", "her", "their", "patient", "into"]);
        if !decade && page.word_after(found.end()) != "percentile" && !general(page, &found.range()) {
            let start =
                found.start() + if text.starts_with("in ") { text.rfind(' ').map_or(0, |at| at + 1) } else { 0 };
            push(start..found.end(), marks);
        }
    }
}

/// Words for somebody whose age may follow.
const WHO: &[&str] = &[
    "he",
    "she",
    "patient",
    "who",
    "mother",
    "father",
    "mum",
    "dad",
    "gran",
    "granny",
    "grandmother",
    "grandfather",
    "wife",
    "husband",
    "aunt",
    "uncle",
    "lady",
    "gentleman",
    "man",
    "woman",
    "pt",
    "they",
    "sister",
    "brother",
    "nan",
    "nana",
    "nanny",
    "mam",
    "mom",
    "neighbour",
    "neighbor",
    "resident",
    "amma",
    "appa",
    "thatha",
    "lola",
    "lolo",
    "baba",
    "mama",
    "papa",
    "oma",
    "opa",
    "nonna",
    "nonno",
    "abuela",
    "abuelo",
    "babcia",
    "gogo",
    "grandma",
    "grandpa",
    "grandad",
    "granddad",
];

/// Whether one of them stands in a text, and nothing of theirs: "the patient's CRP was 97".
fn somebody(text: &str) -> bool {
    let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’')));
    words.filter(|word| !word.is_empty()).any(|word| {
        let word = ["'d", "’d", "'ll", "’ll"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
        WHO.contains(&word)
    })
}

/// "She is 94", "aged 94", "F/94".
fn aged(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut from = 0;
    while let Some(found) = AGED.captures_at(&page.lower, from) {
        let (Some(whole), Some(number)) = (found.get(0), found.get(1)) else { break };
        from = number.end();
        let label = page.lower.get(whole.start()..number.start()).unwrap_or_default();
        let said = label.starts_with("age")
            || label.starts_with("at the age")
            || label.starts_with("at age")
            || label.starts_with("turn")
            || label.starts_with("alter")
            || label.starts_with("âge")
            || label.contains(" of") && !label.starts_with("all")
            || label.starts_with("died at")
            || label.starts_with("dies at")
            || label.starts_with("dying at")
            || label.starts_with("passed at")
            || label.contains("alive at")
            || label.contains("living at")
            || label.contains("made it to")
            || (label.contains("est is") || label.contains("est was"))
            || label.starts_with("i'm")
            || label.starts_with("i’m")
            || label.starts_with("i am")
            || label.starts_with("leeftijd")
            || label.contains("aged")
            || label.contains("live") && label.contains(" to")
            || label.starts_with("years old at");
        let opens = page.before(whole.start(), 2).trim_end_matches(' ').is_empty()
            || page.before(whole.start(), 2).contains(['\n', ',', '(']);
        let sexed = label.starts_with("m/")
            || (label.starts_with("f,") || label.starts_with("m,")) && opens
            || label.starts_with("f/")
            || label.contains("ale,")
            || label.contains("man,")
            || label.contains("lady,")
            || label.contains("patient,")
            || label.contains("pt,")
            || page.before(whole.start(), 1).ends_with('(')
                && page.after(number.end(), 1) == ")"
                && !label.starts_with(['w', 'b', 'i']);
        let before = page.words_before(whole.start(), 28);
        let before = before.rsplit(['.', ';', '\n', ':']).next().unwrap_or_default();
        let pronoun =
            label.starts_with("he") || label.starts_with("she") || label.starts_with("who") || somebody(before);
        let left =
            page.text.get(..whole.start()).and_then(|t| t.chars().next_back()).is_some_and(char::is_alphanumeric);
        let glued = left && !label.starts_with(['\'', '’']);
        let spelt = number.as_str().starts_with('n');
        if !glued
            && page.alone(&number.range())
            && !measured(page, number.range(), said || spelt)
            && !ranged(page, &number.range())
            && !general(page, &number.range())
            && (said || sexed || pronoun && (ends_plainly(page, number.end()) || dated(page, number.end())))
        {
            push(number.range(), marks);
        }
    }
}

fn push(range: Range<usize>, marks: &mut Vec<Mark>) {
    weighed(range, 55, marks);
}

/// The same, where the second opinion is not asked.
fn sure(range: Range<usize>, marks: &mut Vec<Mark>) {
    weighed(range, 61, marks);
}

fn weighed(range: Range<usize>, weight: u8, marks: &mut Vec<Mark>) {
    marks.push(Mark {
        range,
        kind: Kind::AgeOver89,
        why: "Few people are this old; ages from 90 on are given together.",
        suggestion: "90 or older".into(),
        weight,
    });
}
