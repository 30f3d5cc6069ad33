//! Details that single a person out without any name: an office that one person holds, a first, an only one.
//! Few patterns, and narrow ones: what is rare in a place only the author can judge.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    kind::Kind,
    page::{Mark, Page, pattern},
};

static RARE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:the|our|a|former|ex-|current|deputy|lord)[ ](?:former |current |lord |deputy |local |sitting |town's )?(?:mayor|mayoress|taoiseach|prime minister|lord lieutenant|bishop|archbishop|chief constable|county sheriff) of\b",
        r"|\bthe only (?:[a-z-]+ ){1,4}(?:in|on) (?:the )?(?:village|town|island|county|parish|valley|townland)\b",
        r"|\bthe (?:village|town|island|parish)'s only (?:[a-z-]+ ?){1,2}",
        r"|\b(?:olympic|paralympic|all-ireland|wimbledon|grand slam) (?:gold |silver |bronze )?(?:medallist|medalist|champion|winner)\b",
    ))
});

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in page.matches(&RARE) {
        let text = found.as_str();
        let text = text.strip_suffix(" of").unwrap_or(text).trim_end();
        marks.push(Mark {
            range: found.start()..found.start() + text.len(),
            kind: Kind::Other,
            why: "Few people, or only one, can be meant by this.",
            suggestion: String::new(),
            weight: 30,
        });
    }
}
