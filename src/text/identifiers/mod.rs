//! What could identify a patient in clinical text: names, dates, places, numbers, and what else the law names.
//! Pure and quick: no look-ups outside the lists that are part of the program, and nothing is kept of a text.
//!
//! Each family of identifiers has a file, which proposes marks; where marks overlap, the weightier one is kept. What is
//! found is a help for the author and the reviewer, never a promise that nothing else is there.

#![expect(clippy::nonminimal_bool, reason = "a rule says what speaks for a mark, and then what speaks against it")]

mod ages;
mod check;
mod codes;
mod contact;
mod dates;
mod fhir;
mod handles;
mod hl7;
mod kind;
mod labelled;
pub mod learned;
mod lexicon;
mod names;
mod national;
mod notable;
mod numbers;
mod page;
mod phones;
mod places;
mod postal;
mod rare;
mod second;
mod shaped;
mod token;
mod vehicles;

use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

pub use kind::Kind;
use learned::Weights;
use page::{Mark, Page};

use super::sources;

/// A place in the text that could identify somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is, in bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// Why it was found, in one short sentence for the author.
    pub why: &'static str,
    /// Wording that can stand in its place; empty where leaving it out is best.
    pub suggestion: String,
}

/// Finds what could identify a patient: sorted by place, without overlaps.
#[must_use]
pub fn find(text: &str) -> Vec<Found> {
    find_with(text, Weights::built_in())
}

/// The same with other weights for the second opinion: for whoever measures how these were learned.
#[must_use]
pub fn find_with(text: &str, weights: &Weights) -> Vec<Found> {
    let page = Page::read(text);
    let mut marks = by_rules(&page, weights);
    let mut added = learned::figures::second(&page, weights, &mut marks);
    if !added.is_empty() {
        leave_sources(text, &mut added);
        marks.append(&mut added);
        marks.sort_by_key(|mark| mark.range.start);
    }
    let found = |Mark { range, kind, why, suggestion, .. }| Found { range, kind, why, suggestion };
    marks.into_iter().map(found).collect()
}

/// What the rules find, with the second opinion on words: sorted by place, without overlaps.
fn by_rules(page: &Page<'_>, weights: &Weights) -> Vec<Mark> {
    let mut marks = Vec::new();
    hl7::find(page, &mut marks);
    fhir::find(page, &mut marks);
    contact::find(page, &mut marks);
    handles::find(page, &mut marks);
    phones::find(page, &mut marks);
    labelled::find(page, &mut marks);
    numbers::find(page, &mut marks);
    codes::find(page, &mut marks);
    shaped::find(page, &mut marks);
    vehicles::find(page, &mut marks);
    national::find(page, &mut marks);
    ages::find(page, &mut marks);
    dates::find(page, &mut marks);
    postal::find(page, &mut marks);
    places::find(page, &mut marks);
    rare::find(page, &mut marks);
    notable::find(page, &mut marks);
    let opinion = learned::opinion(page, weights);
    second::places(page, &opinion, &mut marks);
    names::find(page, &opinion, &mut marks);
    leave_sources(page.text, &mut marks);
    let mut marks = settle(page.text, marks);
    ages::named::find(page, &mut marks);
    settle(page.text, marks)
}

/// A paper's DOI or PMID is public, whatever its digits look like. Names and addresses of people in one are marked all the same.
fn leave_sources(text: &str, marks: &mut Vec<Mark>) {
    let sources = sources::places(text);
    let within =
        |mark: &Mark| sources.iter().any(|(place, _)| place.start <= mark.range.start && mark.range.end <= place.end);
    let of_person = |mark: &Mark| {
        let words = text.get(mark.range.clone()).unwrap_or_default();
        matches!(mark.kind, Kind::Name | Kind::Email)
            && !["doi", "pmid"].iter().any(|own| words.eq_ignore_ascii_case(own))
    };
    marks.retain(|mark| of_person(mark) || !within(mark));
}

/// Of marks that overlap, keeps the weightier one, and of equal ones the longer. A name ends where a number begins.
fn settle(text: &str, mut marks: Vec<Mark>) -> Vec<Mark> {
    marks.sort_by_key(|mark| (Reverse(mark.weight), Reverse(mark.range.len()), mark.range.start));
    let mut kept: BTreeMap<usize, Mark> = BTreeMap::new();
    for mut mark in marks.into_iter().filter(|mark| !mark.range.is_empty()) {
        let behind = kept.range(mark.range.start + 1..mark.range.end).next();
        let behind = behind.filter(|(_, other)| learned::KINDS.contains(&other.kind)).map(|(start, _)| *start);
        if let (Kind::Name, Some(end)) = (mark.kind, behind) {
            let left = text.get(mark.range.start..end).unwrap_or_default().trim_end();
            mark.range.end = mark.range.start + left.len();
        }
        let before = kept.range(..mark.range.end).next_back();
        if before.is_none_or(|(_, before)| before.range.end <= mark.range.start) {
            kept.insert(mark.range.start, mark);
        }
    }
    kept.into_values().collect()
}

/// Where a range of bytes begins and ends, counted in Unicode code points.
#[must_use]
pub fn code_points(text: &str, range: &Range<usize>) -> (usize, usize) {
    let upto = |end: usize| text.char_indices().take_while(|(at, _)| *at < end).count();
    (upto(range.start), upto(range.end))
}

/// The same for all that was found in a text, in one pass over it.
#[must_use]
pub fn all_code_points(text: &str, found: &[Found]) -> Vec<(usize, usize)> {
    let mut places = text.char_indices().map(|(at, _)| at).enumerate().peekable();
    let mut upto = |end: usize| {
        let mut count = None;
        while let Some((n, _)) = places.next_if(|(_, at)| *at < end) {
            count = Some(n + 1);
        }
        count
    };
    let (mut out, mut last) = (Vec::with_capacity(found.len()), 0);
    for Found { range, .. } in found {
        let start = upto(range.start).unwrap_or(last);
        last = upto(range.end).unwrap_or(start);
        out.push((start, last));
    }
    out
}

#[cfg(test)]
mod tests;
