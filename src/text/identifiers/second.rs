//! Places by the second opinion: what is likely one and was not found is added, and what was found by a weak sign alone and is
//! hardly one is left out.

use std::ops::Range;

use super::{
    kind::Kind,
    learned::Likely,
    page::{Mark, Page},
    places::WHY,
    token::Gap,
};

/// A word from here on is taken for a place.
const ADDED: f32 = 0.45;
/// A weak place of which no word comes up to here is none.
const DOUBTED: f32 = 0.02;
/// Places are weak up to this weight.
const WEAK: u8 = 47;
/// Words beside a likely one belong to it from here on.
const BESIDE: f32 = 0.3;

/// How likely each word is something; nothing where it was not asked about.
pub(super) type Shares = Vec<Option<f32>>;

/// First and last of the words that are likely, around one that surely is.
pub(super) fn spans(page: &Page<'_>, shares: &Shares, least: f32) -> Vec<(usize, usize)> {
    let likely = |at: usize| shares.get(at).copied().flatten().unwrap_or_default();
    let mut out = Vec::new();
    let mut at = 0;
    while at < page.tokens.len() {
        if likely(at) < BESIDE {
            at += 1;
            continue;
        }
        let more = page.tokens.iter().enumerate().skip(at + 1).take_while(|(n, token)| {
            matches!(token.gap, Gap::Space | Gap::Hyphen | Gap::Dot | Gap::Other) && likely(*n) >= BESIDE
        });
        let last = more.last().map_or(at, |(n, _)| n);
        if (at..=last).any(|n| likely(n) >= least) {
            out.push((at, last));
        }
        at = last + 1;
    }
    out
}

/// Whether those of the words that were asked about are all unlikely.
pub(super) fn is_doubted(shares: &Shares, words: Range<usize>, least: f32) -> bool {
    let mut asked = shares.get(words).unwrap_or_default().iter().flatten().peekable();
    asked.peek().is_some() && asked.all(|share| *share < least)
}

/// Adds places, and leaves weak ones out.
pub(super) fn places(page: &Page<'_>, opinion: &[Option<Likely>], marks: &mut Vec<Mark>) {
    let shares: Shares = opinion.iter().map(|likely| likely.map(|likely| likely.place)).collect();
    marks.retain(|mark| {
        let first = page.tokens.partition_point(|token| token.range.end <= mark.range.start);
        let end = page.tokens.partition_point(|token| token.range.start < mark.range.end);
        mark.kind != Kind::Location || mark.weight > WEAK || !is_doubted(&shares, first..end, DOUBTED)
    });
    for (first, last) in spans(page, &shares, ADDED) {
        let (Some(first), Some(last)) = (page.tokens.get(first), page.tokens.get(last)) else { continue };
        marks.push(Mark {
            range: first.range.start..last.range.end,
            kind: Kind::Location,
            why: WHY,
            suggestion: "a place".into(),
            weight: 38,
        });
    }
}
