//! Names behind what somebody is to the patient, or in the clinic: "her daughter Siobhan", "the registrar Aoife Byrne".

use super::{
    super::{
        lexicon::{
            self, ABBREVIATION, ANY_GIVEN, ANY_NAME, FAMILY, PERSON, PLACE, RELATIVE, TOWARDS, TRAP, VERB, WHERE, WORD,
        },
        token::{Gap, Shape},
    },
    Reader,
    cues::{Words, words},
};

/// Work of people who are called by their names.
const STAFFED: &[&str] = &[
    "officer",
    "medic",
    "tech",
    "sergeant",
    "registrar",
    "consultant",
    "coordinator",
    "paramedic",
    "technician",
    "midwife",
    "worker",
    "carer",
    "physio",
];

impl Reader<'_, '_> {
    pub(super) fn related(&mut self, at: usize) {
        let Some(token) = self.token(at).filter(|token| !token.owns) else { return };
        let mut from = at + 1;
        let mut told = false;
        while let Some(next) = self.token(from).filter(|next| {
            from < at + 3
                && matches!(&*next.key, "is" | "was" | "called" | "named" | "in" | "law")
                && matches!(next.gap, Gap::Space | Gap::Hyphen)
        }) {
            told |= matches!(&*next.key, "called" | "named");
            if next.key == "is"
                || next.key == "was"
                || told
                || next.key == "law"
                || next.key == "in" && next.gap == Gap::Hyphen
            {
                from += 1;
            } else {
                break;
            }
        }
        let linked = self.token(from.wrapping_sub(1)).is_some_and(|last| from > at + 1 && last.key != "law");
        let Some(next) = self.token(from) else { return };
        let close = next.gap == Gap::Space;
        let apart = matches!(next.gap, Gap::Comma | Gap::Open | Gap::Colon | Gap::Join)
            || next.gap == Gap::Other && !next.starts;
        if !(close || apart) {
            return;
        }
        let small = next.shape == Shape::Lower;
        let said = self.said(at, &token.key);
        let Some(last) = self.run(from, small).or_else(|| (!small && close && next.is_capital()).then_some(from))
        else {
            return;
        };
        let fits = if small {
            self.related_small(from, close)
        } else {
            let unknown = self.is_unknown(from)
                && (close && !linked
                    || close && self.ends_name(last) && next.is_capital() && !self.is_loud(from) && last == from
                    || next.gap == Gap::Open && last == from && next.is_capital());
            let listed = next.is(ANY_GIVEN)
                || next.is(FAMILY) && close && !next.is(WORD)
                || last > from && self.is_listed(from, last);
            // A capital after a relation, amid a sentence, is a name even where it is a common word.
            let amid = close
                && !linked
                && token.shape == Shape::Lower
                && !next.starts
                && !next.is(lexicon::FUNCTION.or(TRAP).or(lexicon::HOUSE).or(PERSON).or(RELATIVE))
                && next.is_capital()
                && (next.is(FAMILY.or(ANY_GIVEN)) || next.is(WORD) && self.ends_name(last));
            let between = next.gap == Gap::Comma
                && self.is_unknown(from)
                && next.is_capital()
                && last == from
                && self.token(from + 1).is_some_and(|after| matches!(after.gap, Gap::Comma | Gap::Open))
                || next.gap == Gap::Colon
                    && next.is_capital()
                    && last == from
                    && (self.is_unknown(from) || next.is(ANY_NAME) && !next.is(WORD.or(TRAP)))
                    && self.token(from + 1).is_none_or(|after| after.gap != Gap::Space);
            let unknown = unknown || amid || between;
            let weak = next.is(WORD)
                && (apart || linked || self.is_loud(from))
                && !(next.is(ANY_GIVEN) && self.ends_name(last));
            (listed || unknown)
                && !weak
                && (!next.is(TRAP) || next.is(ANY_GIVEN))
                && !self.is_eponym(last)
                && !(next.is(PLACE) && !next.is(ANY_GIVEN))
                || next.shape == Shape::Initial && close && last > from
        };
        if fits {
            self.take(from, last, said, 53);
            self.also(last, false);
        }
    }

    /// The same in small letters.
    fn related_small(&self, from: usize, close: bool) -> bool {
        let Some(next) = self.token(from) else { return false };
        let plain = next.is(WORD.or(TRAP).or(VERB).or(TOWARDS).or(WHERE).or(ABBREVIATION).or(PLACE));
        let other = next.is(WORD.or(VERB).or(TOWARDS).or(WHERE).or(ABBREVIATION)) || self.is_eponym(from);
        let held = matches!(next.gap, Gap::Open | Gap::Comma)
            && self.small
            && next.is(ANY_NAME)
            && next.text.len() > 3
            && self.token(from + 1).is_none_or(|after| !matches!(after.gap, Gap::Space | Gap::Hyphen));
        let familiar = self.small && close && next.is(lexicon::GIVEN) && !other && next.text.len() > 3;
        familiar
            || held && !other && !next.is(TRAP)
            || next.is(ANY_GIVEN) && !plain && (close || next.gap == Gap::Open || self.small)
            || self.small
                && close
                && self.is_unknown(from)
                && next.text.len() > 3
                && self.token(from + 1).is_some_and(|after| after.is(VERB) && after.gap == Gap::Space)
                && next.shape == Shape::Lower
    }

    /// Whether a comma, a bracket or a verb follows a name.
    pub(super) fn ends_name(&self, last: usize) -> bool {
        self.token(last + 1).is_none_or(|next| {
            matches!(next.gap, Gap::Comma | Gap::Open | Gap::Other | Gap::Line | Gap::Dot)
                || next.is(VERB)
                || matches!(&*next.key, "and")
        })
    }

    /// "her daughter", as it stands in the text.
    fn said(&self, at: usize, relation: &str) -> Words {
        let whose = self
            .before(at)
            .map(|token| token.key.clone().into_owned())
            .filter(|key| matches!(key.as_str(), "his" | "her" | "their"));
        ("".into(), format!("{} {relation}", whose.as_deref().unwrap_or("the")).into())
    }

    pub(super) fn person(&mut self, at: usize) {
        let Some(token) = self.token(at).filter(|token| !token.owns) else { return };
        // "consultant is fitzhugh", in a text without capitals.
        let linked = self.token(at + 1).is_some_and(|next| next.key == "is" && next.gap == Gap::Space);
        let plain = WORD.or(TRAP).or(VERB).or(TOWARDS).or(WHERE).or(ABBREVIATION).or(PLACE).or(RELATIVE).or(PERSON);
        let told = self.token(at + 2).filter(|name| name.is(FAMILY) && !name.is(plain) && name.text.len() > 3);
        if self.small && linked && told.is_some_and(|name| name.gap == Gap::Space) && self.ends_name(at + 2) {
            self.take(at + 2, at + 2, words("", "a colleague"), 45);
            return;
        }
        let Some(next) = self.token(at + 1) else { return };
        let close = next.gap == Gap::Space;
        let apart = matches!(next.gap, Gap::Comma | Gap::Open | Gap::Colon);
        if !(close || apart) || token.shape == Shape::Upper && self.is_loud(at) && !token.is(WORD) && !next.is(ANY_NAME)
        {
            return;
        }
        let small = next.shape == Shape::Lower;
        let patient = matches!(
            &*token.key,
            "patient" | "pt" | "client" | "resident" | "baby" | "boy" | "girl" | "man" | "woman" | "lady" | "gentleman"
        );
        let said = if patient { words("the patient", "the patient") } else { words("", "a colleague") };
        let infant = token.text == "Baby"
            && next.is_capital()
            && close
            && !next.is(TRAP.or(lexicon::FUNCTION).or(PERSON).or(RELATIVE))
            && next.is(ANY_NAME.or(WORD));
        if infant {
            self.take(at + 1, self.run(at + 1, true).unwrap_or(at + 1), said, 52);
            return;
        }
        let Some(last) = self.run(at + 1, small) else { return };
        let fits = if small {
            close
                && next.is(ANY_GIVEN)
                && !next.is(WORD.or(TRAP).or(VERB).or(TOWARDS).or(WHERE).or(ABBREVIATION).or(PLACE))
                && next.text.len() > 3
        } else if close {
            let loud = self.is_loud(at + 1);
            let named = self.is_listed(at + 1, last)
                || next.is(ANY_GIVEN) && !next.is(WORD.or(TRAP))
                || last > at + 1
                    && next.is(ANY_NAME)
                    && !loud
                    && self.token(last).is_some_and(|token| token.is(FAMILY));
            let unknown = self.is_unknown(at + 1) && (last > at + 1 || patient && !loud) && next.is_capital();
            let named = named || self.is_colleague(at, last);
            let surname = patient && next.is(FAMILY) && !next.is(WORD) && !next.is(PLACE);
            (named || unknown || surname)
                && !self.is_eponym(last)
                && !(next.is(PLACE) && last == at + 1 && !next.is(ANY_GIVEN))
        } else {
            (self.is_given(at + 1)
                || next.gap == Gap::Open && next.is(FAMILY) && !next.is(WORD.or(TRAP).or(PLACE))
                || next.gap == Gap::Open && last > at + 1 && self.is_listed(at + 1, last))
                && !self.is_eponym(last)
        };
        if fits && (next.shape != Shape::Initial || last > at + 1) {
            self.take(at + 1, last, said, 52);
            self.also(last, true);
        }
    }

    /// "Patient Blessing O.", "the registrar Tuckwell": a word with a letter behind it, or one that no list knows.
    fn is_colleague(&self, at: usize, last: usize) -> bool {
        let (Some(token), Some(next), Some(end)) = (self.token(at), self.token(at + 1), self.token(last)) else {
            return false;
        };
        let dotted = end.shape == Shape::Initial && self.page.after(end.range.end, 1) == ".";
        let letter = last > at + 1 && next.is(ANY_GIVEN) && dotted;
        let staff = STAFFED.contains(&&*token.key);
        let lone = self.is_unknown(at + 1)
            && next.is_capital()
            && !next.starts
            && !self.is_loud(at + 1)
            && token.shape == Shape::Lower
            && next.text.len() > if staff { 2 } else { 3 }
            && (staff || self.ends_name(last));
        letter || lone
    }
}
