//! Sources as people write them: DOIs and PMIDs, in running text or in a list of their own.
//!
//! A DOI is a prefix (10 and the number of whoever registered it), a slash, and a suffix of almost anything; capitals are the
//! same as small letters (ISO 26324). Where it ends is not said in the text around it, so what closes a sentence or a bracket
//! that was opened before it is no part of it. A PMID is a number of one to eight digits and means nothing without its name.

use std::{collections::HashSet, ops::Range, sync::LazyLock};

use regex::Regex;

use super::sanitize;
use crate::model::{SourceKey, SourceScheme};

/// Longest DOI that is taken, in characters.
const LONGEST: usize = 200;
/// So much of a line that names no source is said again, in characters.
const SAID_AGAIN: usize = 60;
/// What ends a sentence or a word in italics, and not a DOI.
const ENDS: [char; 10] = ['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~'];

static DOI: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?<web>(?:https?://)?(?:dx\.|www\.)?doi\.org/)|doi[ \x{a0}]?:[ \x{a0}]?|doi[ \x{a0}])(?<prefix>10\.[0-9]{4,9}(?:\.[0-9]{1,9}){0,3})(?:/|%2f)",
    )
});
static PMID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/(?:m/)?pubmed)/|pmid[ \x{a0}]?:?[ \x{a0}]?)(?<number>[0-9]{1,8})",
    )
});

#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles each of them")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern compiles")
}

/// Where sources stand in a text, in their order, and which they are: only such as say themselves what they are.
pub fn places(text: &str) -> Vec<(Range<usize>, SourceKey)> {
    // The same bytes at the same places.
    let lower = text.to_ascii_lowercase();
    let mut found = dois(&lower);
    found.extend(pmids(&lower));
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// The sources that a text names, each once, in their order.
pub fn find(text: &str) -> Vec<SourceKey> {
    unique(places(text).into_iter().map(|(_, key)| key))
}

/// The same sources, each once, in their order.
pub fn unique(keys: impl IntoIterator<Item = SourceKey>) -> Vec<SourceKey> {
    let mut seen = HashSet::new();
    keys.into_iter().filter(|key| seen.insert(key.clone())).collect()
}

/// What a list of sources names, one or more a line, and the beginnings of the lines that name none. In a list, a DOI need
/// not say what it is.
pub fn listed(list: &str) -> (Vec<SourceKey>, Vec<String>) {
    let (mut named, mut strange) = (Vec::new(), Vec::new());
    for line in list.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let found = match find(line) {
            none if none.is_empty() => bare(line),
            found => found,
        };
        if found.is_empty() {
            strange.push(sanitize::line(line, SAID_AGAIN));
        }
        named.extend(found);
    }
    (unique(named), strange)
}

/// The source that an address leads to; none where it leads elsewhere.
pub fn of_address(address: &str) -> Option<SourceKey> {
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    let (range, key) = places(address).into_iter().next().filter(|_| is_web)?;
    (range.start == 0).then_some(key)
}

fn dois(lower: &str) -> Vec<(Range<usize>, SourceKey)> {
    let one = |head: regex::Captures<'_>| {
        let (whole, prefix) = (head.get(0)?, head.name("prefix")?);
        let is_web = head.name("web").is_some();
        let suffix = suffix(lower.get(whole.end()..)?, is_web);
        let key = doi(prefix.as_str(), suffix, is_web).filter(|_| !is_glued(lower, whole.start()))?;
        Some((whole.start()..whole.end() + suffix.len(), key))
    };
    DOI.captures_iter(lower).filter_map(one).collect()
}

fn pmids(lower: &str) -> Vec<(Range<usize>, SourceKey)> {
    let one = |found: regex::Captures<'_>| {
        let (whole, number) = (found.get(0)?, found.name("number")?);
        let longer = lower.get(whole.end()..)?.starts_with(|c: char| c.is_alphanumeric());
        let name = number.as_str().trim_start_matches('0');
        let fits = !longer && !name.is_empty() && !is_glued(lower, whole.start());
        fits.then(|| (whole.range(), SourceKey { scheme: SourceScheme::Pmid, name: name.to_owned() }))
    };
    PMID.captures_iter(lower).filter_map(one).collect()
}

/// Whether what begins at a place is the end of a longer word or name.
fn is_glued(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '@'))
}

/// The DOIs of a line that consists of nothing else.
fn bare(line: &str) -> Vec<SourceKey> {
    let one = |word: &str| {
        let lower = word.to_ascii_lowercase();
        let (prefix, rest) = lower.split_once('/')?;
        doi(prefix, suffix(rest, false), false).filter(|_| is_prefix(prefix))
    };
    line.split_whitespace().map(one).collect::<Option<Vec<_>>>().unwrap_or_default()
}

fn is_prefix(text: &str) -> bool {
    let Some(numbers) = text.strip_prefix("10.") else { return false };
    let parts: Vec<&str> = numbers.split('.').collect();
    let long = |part: &str, least: usize| (least..=9).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    parts.len() <= 4 && parts.iter().zip([4, 1, 1, 1]).all(|(part, least)| long(part, least))
}

/// Whether a suffix may have such a character. ISO 26324 takes all that can be printed; of what is not ASCII, letters and
/// digits are taken.
fn is_of_doi(c: char) -> bool {
    c.is_ascii_graphic() || c.is_alphanumeric()
}

/// The suffix of a DOI at the beginning of a text; in an address of the web it ends where the address says something else.
fn suffix(text: &str, is_web: bool) -> &str {
    let ends = |c: char| !is_of_doi(c) || matches!(c, '"' | '`' | '\\' | '|' | '^') || is_web && matches!(c, '?' | '#');
    let word = text.split(ends).next().unwrap_or_default();
    // The words of a link in Markdown end there, and its address begins.
    let word = word.split("](").next().unwrap_or_default();
    word.get(..balanced(word)).unwrap_or_default().trim_end_matches(ENDS)
}

/// How much of a word stands before a bracket that has no partner in it.
fn balanced(word: &str) -> usize {
    let mut open: Vec<(char, usize)> = Vec::new();
    for (at, c) in word.char_indices() {
        let opener = match c {
            '(' | '[' | '{' | '<' => {
                open.push((c, at));
                None
            }
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            '>' => Some('<'),
            _ => None,
        };
        let Some(opener) = opener else { continue };
        if open.last().is_some_and(|(known, _)| *known == opener) {
            open.pop();
        } else {
            return open.first().map_or(at, |(_, first)| *first);
        }
    }
    open.first().map_or(word.len(), |(_, at)| *at)
}

/// A DOI of its parts, in small letters.
fn doi(prefix: &str, suffix: &str, is_web: bool) -> Option<SourceKey> {
    let suffix = if is_web { decoded(suffix)?.to_ascii_lowercase() } else { suffix.to_owned() };
    let suffix = suffix.trim_end_matches(ENDS);
    // An address with a part of dots alone leads elsewhere.
    let leads_elsewhere = suffix.split('/').any(|part| matches!(part, "." | ".."));
    let says_something = suffix.chars().all(is_of_doi) && suffix.chars().any(char::is_alphanumeric);
    let name = format!("{prefix}/{suffix}");
    let fits = says_something && !leads_elsewhere && name.chars().count() <= LONGEST;
    fits.then_some(SourceKey { scheme: SourceScheme::Doi, name })
}

/// What an address writes as `%2F`, as it is meant; none where it is malformed.
fn decoded(text: &str) -> Option<String> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        find(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn dois_are_found_in_all_the_ways_in_which_they_are_written() {
        for text in [
            "doi:10.1056/NEJMoa2034577",
            "DOI: 10.1056/nejmoa2034577.",
            "doi 10.1056/NEJMoa2034577, and more",
            "see https://doi.org/10.1056/NEJMoa2034577",
            "(https://dx.doi.org/10.1056/NEJMoa2034577).",
            "doi.org/10.1056/NEJMoa2034577?utm_source=mail#top",
            "HTTP://DOI.ORG/10.1056%2FNEJMoa2034577",
            "[the trial](https://doi.org/10.1056/NEJMoa2034577) says so",
            "<https://doi.org/10.1056/NEJMoa2034577>",
            "[doi:10.1056/NEJMoa2034577](https://doi.org/10.1056/NEJMoa2034577)",
            "*doi:10.1056/NEJMoa2034577*",
            "“doi:10.1056/NEJMoa2034577”",
            "doi: https://doi.org/10.1056/nejmoa2034577",
        ] {
            assert_eq!(names(text), ["doi:10.1056/nejmoa2034577"], "{text}");
        }
        assert_eq!(names("(doi:10.1016/S0140-6736(20)30183-5)"), ["doi:10.1016/s0140-6736(20)30183-5"]);
        let old = "10.1002/(SICI)1096-8628(19960122)61:3<216::AID-AJMG3>3.0.CO;2-S";
        assert_eq!(names(&format!("doi:{old};")), [format!("doi:{}", old.to_lowercase())]);
        assert_eq!(names("doi:10.1000.10/123"), ["doi:10.1000.10/123"]);
    }

    #[test]
    fn what_is_no_doi_is_left_alone() {
        for text in [
            "10.1056/NEJMoa2034577 without its name",
            "doi:10.105/x",
            "doi:11.1056/x",
            "doi:10.1056/",
            "doi:10.1056/...",
            "doi:10.1056/../../evil",
            "ladoi:10.1056/x",
            "https://evil-doi.org/10.1056/x",
            "https://a.doi.org/10.1056/x",
            "https://doi.org/10.1056/%zz",
            "https://doi.org/10.1056/a%20b",
            "https://doi.org/10.1056/%ff",
        ] {
            assert_eq!(names(text), Vec::<String>::new(), "{text}");
        }
        assert!(names(&format!("doi:10.1056/{}", "x".repeat(200))).is_empty());
    }

    #[test]
    fn pmids_have_their_name_and_at_most_eight_digits() {
        for text in [
            "PMID: 33301246",
            "PMID 33301246.",
            "pmid:33301246",
            "PMID33301246",
            "(PMID: 33301246)",
            "https://pubmed.ncbi.nlm.nih.gov/33301246/",
            "https://www.ncbi.nlm.nih.gov/pubmed/33301246?dopt=Abstract",
        ] {
            assert_eq!(names(text), ["PMID 33301246"], "{text}");
        }
        assert_eq!(names("PMID 1 and PMID 00000002"), ["PMID 1", "PMID 2"]);
        for text in ["33301246", "PMID 123456789", "PMID 0", "PMID 1234a", "PMCID 1", "xpmid 12", "PMC7745181"] {
            assert!(names(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn each_is_named_once_and_in_its_order() {
        let text = "PMID 2, doi:10.1000/B, PMID 1, https://doi.org/10.1000/b, PMID 2";
        assert_eq!(names(text), ["PMID 2", "doi:10.1000/b", "PMID 1"]);
        let places: Vec<&str> = places(text).into_iter().map(|(range, _)| text.get(range).unwrap()).collect();
        assert_eq!(places, ["PMID 2", "doi:10.1000/B", "PMID 1", "https://doi.org/10.1000/b", "PMID 2"]);
    }

    #[test]
    fn a_list_says_which_of_its_lines_name_nothing() {
        let list = "10.1056/NEJMoa2034577\r\n\n PMID 33301246 \nWho knows: a paper\nSmith 2020, doi:10.1000/x\n10.1000/y, 10.1000/z\n123456";
        let (named, strange) = listed(list);
        let named: Vec<String> = named.iter().map(ToString::to_string).collect();
        let all = ["doi:10.1056/nejmoa2034577", "PMID 33301246", "doi:10.1000/x", "doi:10.1000/y", "doi:10.1000/z"];
        assert_eq!(
            (named, strange),
            (all.map(String::from).to_vec(), vec!["Who knows: a paper".into(), "123456".into()])
        );
        let (_, strange) = listed(&"long ".repeat(50));
        assert!(strange.iter().all(|line| line.chars().count() <= SAID_AGAIN));
    }

    #[test]
    fn what_is_written_as_an_address_is_read_as_the_same() {
        for text in
            ["doi:10.1002/(sici)1096(1996)61:3<216::aid-1>3.0.co;2-s", "doi:10.1000/a#b?c%d", "PMID 7", "doi:10.1000/é"]
        {
            let [key]: [SourceKey; 1] = find(text).try_into().unwrap();
            assert_eq!(of_address(&key.address()), Some(key), "{text}");
        }
        for address in ["doi:10.1000/x", "https://a.example/?u=https://doi.org/10.1000/x", "https://a.example/", ""] {
            assert_eq!(of_address(address), None, "{address}");
        }
    }
}
