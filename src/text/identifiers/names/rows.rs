//! Names in the rows of a handover or a bed list: "4 O'Halloran 82, failed TWOC", "Mulqueen, bed 3 -", "B1 Pritchard 81F".

use super::{
    super::{
        lexicon::{ABBREVIATION, ANY_NAME, EPONYM_NOUN, FUNCTION, HOUSE, MEDICAL, PERSON, RELATIVE, TITLE, TRAP, WORD},
        token::{Gap, Shape},
    },
    Reader,
    small::is_trade,
};

/// Words and numbers of a row before its name, at most.
const LEAD: usize = 3;

impl Reader<'_, '_> {
    /// The last word of a name that a row begins with, where an age or a bed stands behind it.
    pub(super) fn row(&self, at: usize) -> Option<usize> {
        let token = self.token(at)?;
        let named = token.is(ANY_NAME) || self.is_unknown(at) && token.text.len() > 3 && !is_trade(&token.key);
        let other = WORD
            .or(TRAP)
            .or(MEDICAL)
            .or(ABBREVIATION)
            .or(HOUSE)
            .or(EPONYM_NOUN)
            .or(PERSON)
            .or(RELATIVE)
            .or(TITLE)
            .or(FUNCTION);
        if token.shape != Shape::Capital || !named || token.is(other) {
            return None;
        }
        let numbered = self.opens_row(at)?;
        let last = self.run(at, false)?;
        (self.is_in_bed(last) || self.has_years(last, numbered)).then_some(last)
    }

    /// Whether a row begins here, and then whether it has a number or a bed before the name.
    fn opens_row(&self, at: usize) -> Option<bool> {
        for lead in 0..=LEAD {
            let here = at.checked_sub(lead)?;
            let token = self.token(here)?;
            let part = lead == 0
                || token.shape == Shape::Number && token.text.len() <= 2
                || token.shape == Shape::Mixed && token.text.len() <= 3
                || is_bed(&token.key);
            if !part {
                return None;
            }
            if here == 0 || token.gap == Gap::Line {
                return Some(lead > 0);
            }
        }
        None
    }

    /// "Mulqueen, bed 3".
    fn is_in_bed(&self, last: usize) -> bool {
        let bed = |next: &super::Token<'_>| next.gap == Gap::Comma && is_bed(&next.key);
        let counted = self.token(last + 2).is_some_and(|next| matches!(next.shape, Shape::Number | Shape::Mixed));
        counted && self.token(last + 1).is_some_and(bed)
    }

    /// "Whitlock 64, TURP", "Pritchard 81F", "Cusack 69 M".
    fn has_years(&self, last: usize, numbered: bool) -> bool {
        let Some(next) = self.token(last + 1).filter(|next| matches!(next.gap, Gap::Space | Gap::Comma)) else {
            return false;
        };
        let years = next.text.trim_end_matches(['M', 'F', 'm', 'f', 'y']);
        if !years.parse::<u8>().is_ok_and(|years| (1..=115).contains(&years)) {
            return false;
        }
        let sexed = years.len() < next.text.len() || {
            let behind = self.token(last + 2).filter(|next| next.gap == Gap::Space);
            behind.is_some_and(|next| matches!(&*next.key, "m" | "f" | "y" | "yo" | "yrs" | "male" | "female"))
        };
        let rest = self.page.after(next.range.end, 5);
        let parted = rest.starts_with(',') || [" - ", " – ", " / ", " | "].iter().any(|mark| rest.starts_with(mark));
        sexed || numbered && parted && years.len() > 1
    }
}

/// Where somebody lies.
fn is_bed(key: &str) -> bool {
    matches!(key, "bed" | "bay" | "rm" | "room" | "chair" | "trolley" | "cubicle" | "bd" | "sr")
}
