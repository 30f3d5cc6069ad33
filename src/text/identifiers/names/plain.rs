//! Names that nothing announces: a given name and a family name, "Doyle, Mary", a given name alone, "Brennan was".

use super::{
    super::{
        lexicon::{
            ABBREVIATION, ANY_GIVEN, ANY_NAME, EPONYM_NOUN, FAMILIAR, FAMILY, FUNCTION, GIVEN, HOUSE, PERSON, PLACE,
            POSTNOMINAL, RELATIVE, STREET, TITLE, TOWARDS, TRAP, VERB, WHERE, WORD,
        },
        token::{Gap, Shape},
    },
    Reader,
};

impl Reader<'_, '_> {
    /// All names that nothing announces.
    pub(super) fn plain(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            if self.is_taken(at) {
                at += 1;
                continue;
            }
            let (last, weight) =
                self.reversed(at).or_else(|| self.pair(at)).or_else(|| self.single(at)).unwrap_or((at, 0));
            if weight > 0 {
                self.take(at, last, ("the patient".into(), "the patient".into()), weight);
            }
            at = last + 1;
        }
    }

    /// Whether a hospital, a street or the like is called by this word.
    pub(super) fn heads_house(&self, last: usize) -> bool {
        self.token(last + 1).is_some_and(|next| {
            let joined =
                next.gap == Gap::Space || next.gap == Gap::Other && self.token(last).is_some_and(|token| token.owns);
            joined && next.is(HOUSE.or(STREET)) && (next.is_capital() || next.shape == Shape::Upper)
        })
    }

    /// Whether somebody does or is something: a verb follows.
    fn acts(&self, last: usize) -> bool {
        self.token(last + 1).is_some_and(|next| next.is(VERB) && next.shape != Shape::Capital && next.gap == Gap::Space)
    }

    /// Whether no noun follows that the words could belong to.
    fn is_free(&self, last: usize) -> bool {
        self.token(last + 1).is_none_or(|next| {
            !matches!(next.gap, Gap::Space | Gap::Hyphen) || next.is(VERB.or(FUNCTION).or(TOWARDS).or(WHERE))
        })
    }

    /// "Doyle, Mary", "DOYLE, Mary".
    fn reversed(&self, at: usize) -> Option<(usize, u8)> {
        let (family, given) = (self.token(at)?, self.token(at + 1)?);
        let written =
            family.is_capital() || family.shape == Shape::Upper && family.text.len() > 2 && !family.is(ABBREVIATION);
        let surname = family.is(FAMILY) && !(family.is(WORD) && !(family.starts && family.shape == Shape::Upper))
            || self.is_unknown(at);
        let other = family.is(TRAP) && !family.is(FAMILY) || family.is(PLACE) && !family.starts || family.is(TITLE);
        let roman = family.text.chars().all(|c| matches!(c, 'I' | 'V' | 'X' | 'L'));
        let card = family.shape == Shape::Upper && family.text.len() > 3 && given.is_capital() && family.is(FAMILY);
        let opened = family.starts
            && family.is(FAMILY)
            && !family.is(WORD.or(TRAP))
            && given.is_capital()
            && self.is_unknown(at + 1)
            && self.token(at + 2).is_none_or(|next| next.gap != Gap::Space);
        let opened_wide =
            family.starts && given.is(ANY_GIVEN) && !given.is(WORD.or(TRAP).or(PLACE)) && given.is_capital();
        let listed = opened_wide
            || given.is(GIVEN)
                && (card || !given.is(WORD.or(TRAP)))
                && (given.is_capital() || given.shape == Shape::Upper)
            || card && self.is_unknown(at + 1)
            || opened;
        let hyphen = self
            .token(at + 2)
            .is_some_and(|next| next.gap == Gap::Hyphen && (given.shape == Shape::Upper || !self.is_given(at + 1)));
        let hyphen = hyphen || family.is(TRAP) && given.is(FAMILY) && !family.starts;
        let fits = given.gap == Gap::Comma
            && written
            && surname
            && !other
            && listed
            && !roman
            && !hyphen
            && !(family.shape == Shape::Upper && !family.is(FAMILY) && given.shape == Shape::Upper);
        // In a list of given names each is found by itself.
        let list = family.is(ANY_GIVEN) && family.is_capital() && !family.starts;
        if !fits || list {
            return None;
        }
        let last = self.run(at + 1, false).unwrap_or(at + 1);
        Some((last, 50))
    }

    fn pair(&self, at: usize) -> Option<(usize, u8)> {
        let first = self.token(at)?;
        let small = first.shape == Shape::Lower;
        if small {
            return self.small_pair(at);
        }
        let last = self.run(at, false).filter(|last| *last > at)?;
        let second = self.token(last)?;
        let next = self.token(at + 1)?;
        if self.heads_house(last)
            || self.is_eponym(last) && !(first.is(GIVEN) && second.owns && next.gap == Gap::Space)
            || self.is_eponym(at) && first.is(TRAP)
        {
            return None;
        }
        // "at Roy Hill"
        let at_hill = second.is(STREET.or(HOUSE))
            && self.before(at).is_some_and(|before| matches!(&*before.key, "at" | "in" | "near" | "from"));
        let office = second.is(STREET.or(HOUSE))
            && self
                .token(last + 1)
                .is_some_and(|next| next.gap == Gap::Space && next.is(HOUSE) && next.shape == Shape::Lower);
        if at_hill || office {
            return None;
        }
        let surname = second.is(FAMILY) || self.is_unknown(last) || next.gap == Gap::Hyphen;
        let place = second.is(PLACE) && !second.is(FAMILY)
            || self.token(at.wrapping_sub(1)).is_some_and(|before| before.is(WHERE) && first.is(PLACE));
        let given = first.is(ANY_GIVEN) && !first.is(TRAP);
        let fits = match first.shape {
            Shape::Initial => true,
            _ if place && !first.is(GIVEN) => false,
            _ if given && !first.is(WORD) => {
                (surname || second.shape == Shape::Initial || next.is(ANY_NAME))
                    && (!second.is(TRAP) || self.is_free(last))
            }
            _ if first.is(FAMILIAR) && first.is(TRAP) && self.is_unknown(last) && next.gap == Gap::Space => {
                second.is_capital() && second.text.len() > 3 && self.is_free(last)
            }
            _ if first.is(FAMILIAR) && first.is(TRAP) => {
                second.is(FAMILY)
                    && !second.is(WORD.or(PLACE))
                    && self.is_free(last)
                    && (!second.is(TRAP) || next.gap == Gap::Space && self.acts(last))
            }
            _ if given => second.is(FAMILY) && !second.is(WORD) && !self.is_loud(at),
            // "Sumathi Wijesinghe": neither is in any list.
            _ if self.is_unknown(at) && self.is_unknown(last) && last == at + 1 => {
                next.gap == Gap::Space
                    && !first.starts
                    && first.is_capital()
                    && second.is_capital()
                    && first.text.len() > 3
                    && second.text.len() > 3
                    && matches!(first.gap, Gap::Comma | Gap::Space | Gap::Open)
                    && !self
                        .before(at)
                        .is_some_and(|before| before.is(WHERE) || before.is_capital() && first.gap == Gap::Space)
                    && self.is_free(last)
            }
            _ if self.is_unknown(at) => second.is(FAMILY) && !second.is(WORD.or(PLACE)) && next.gap == Gap::Space,
            _ if first.is(FAMILY) => {
                second.is(ANY_NAME) && !first.is(WORD.or(TRAP).or(PLACE)) && !second.is(WORD.or(TRAP).or(PLACE))
            }
            _ => false,
        };
        // A line of its own, as under a letter.
        let line = first.gap == Gap::Line
            && first.is_capital()
            && last <= at + 2
            && self.token(last + 1).is_none_or(|after| after.gap == Gap::Line)
            && second.is(FAMILY)
            && !second.is(WORD.or(TRAP))
            && !first.is(WORD.or(TRAP));
        let fits = fits || line;
        let graded = self.token(last + 1).is_some_and(|after| {
            after.is(POSTNOMINAL) && after.shape != Shape::Lower && matches!(after.gap, Gap::Space | Gap::Comma)
        });
        // "Mallory-Weiss": of a disease, both.
        let both = next.gap == Gap::Hyphen && first.is(TRAP) && second.is(TRAP);
        let hyphened = both || next.gap == Gap::Hyphen && last == at + 1 && second.is(TRAP) && !second.is(FAMILY);
        let fits = fits && !hyphened;
        let signed = graded && !first.is(WORD) && !first.is(TRAP) && !second.is(WORD);
        (fits || signed).then_some((last, 50))
    }

    /// "siobhan doyle", both in lists of names and in no other; "morag s".
    fn small_pair(&self, at: usize) -> Option<(usize, u8)> {
        let (first, second) = (self.token(at)?, self.token(at + 1)?);
        let plain =
            WORD.or(TRAP).or(VERB).or(TOWARDS).or(PLACE).or(RELATIVE).or(PERSON).or(ABBREVIATION).or(EPONYM_NOUN);
        let familiar = first.is(FAMILIAR) && !first.is(WORD) && !self.is_eponym(at) && !self.is_eponym(at + 1);
        let given = first.is(GIVEN) && (!first.is(plain) || familiar) && first.text.len() > 2;
        let family = second.is(FAMILY)
            && !second.is(plain)
            && second.text.len() > 2
            && second.shape == Shape::Lower
            && matches!(second.gap, Gap::Space | Gap::Hyphen);
        let letter = self.small
            && second.shape == Shape::Lower
            && second.text.len() == 1
            && !matches!(second.text, "a" | "i" | "x" | "o")
            && self.token(at + 2).is_none_or(|after| after.gap != Gap::Join)
            && second.gap == Gap::Space;
        (given && (family || letter)).then_some((at + 1, 45))
    }

    fn single(&self, at: usize) -> Option<(usize, u8)> {
        let token = self.token(at)?;
        if !token.is(ANY_NAME) || self.heads_house(at) {
            return None;
        }
        let next = self.token(at + 1);
        let before = self.before(at);
        let acts = self.acts(at);
        let in_place = before.is_some_and(|before| before.is(WHERE) && token.gap == Gap::Space);
        let hyphen =
            token.gap == Gap::Hyphen || next.is_some_and(|next| next.gap == Gap::Hyphen && !next.is(ANY_GIVEN));
        let scored =
            next.is_some_and(|next| matches!(next.shape, Shape::Number | Shape::Mixed) && next.gap == Gap::Space);
        let joined = token.gap == Gap::Join || next.is_some_and(|next| next.gap == Gap::Join);
        let eponym = self.is_eponym(at) && !(token.owns && token.is(GIVEN) && !token.is(FAMILY));
        if token.shape == Shape::Lower {
            return self.single_small(at, scored, eponym || hyphen);
        }
        if token.is(FAMILIAR)
            && self.is_named(at)
            && acts
            && !eponym
            && !hyphen
            && !in_place
            && !(token.is(WORD) && self.is_loud(at))
        {
            return Some((at, 40));
        }
        let lady = self.is_lady(at) || self.is_aged(at);
        // "Charles Bonnet images": the name of something, with a second word that tells so.
        let doubled = next.is_some_and(|next| next.is(TRAP) && next.is_capital() && next.gap == Gap::Space);
        if !self.is_named(at)
            || doubled
            || eponym
            || hyphen
            || self.in_lake(at)
            || next.is_some_and(|next| matches!(&*next.key, "vs" | "versus" | "trial") && next.gap == Gap::Space)
            || token.is(TRAP) && !lady
            || scored && !lady
            || token.is(FAMILY) && joined && !token.owns
            || before.is_some_and(|before| before.key == "the") && token.gap == Gap::Space && !(token.is(GIVEN) || lady)
        {
            return None;
        }
        let loud = self.is_loud(at);
        let told = token.gap == Gap::Open
            && !token.is(WORD.or(PLACE))
            && self.page.after(token.range.end, 2) == ") "
            && next.is_some_and(|next| next.is(VERB) && next.shape == Shape::Lower);
        let next_capital = next.is_some_and(|next| next.gap == Gap::Space && next.is_capital() && !next.is(VERB));
        let fits = match () {
            // "the Ferguson lady", "onc (Anand) says".
            () if lady || told => true,
            () if token.is(GIVEN) && !token.is(WORD) && !token.is(PLACE) => token.text.len() > 2 && !(joined && loud),
            () if token.is(GIVEN) && !token.is(WORD) => {
                (acts || token.owns) && !in_place
                    || !in_place && !token.starts && !next_capital && token.gap != Gap::Comma && !loud
            }
            () if token.is(ANY_GIVEN) && !token.is(WORD.or(PLACE)) => {
                acts || token.owns || !token.starts && !next_capital && !loud && !joined && token.text.len() > 2
            }
            () if token.is(GIVEN) && token.is(WORD) => !token.starts && !loud && (acts || token.owns) && !next_capital,
            () if token.is(FAMILY) && !token.is(WORD.or(PLACE)) => {
                (acts
                    || token.owns
                        && !token.starts
                        && next.is_some_and(|next| next.shape == Shape::Lower && next.gap == Gap::Space))
                    && !in_place
                    && !loud
            }
            () => false,
        };
        fits.then_some((at, 40))
    }

    /// "the Ferguson lady": a family name, and somebody of it.
    fn is_lady(&self, at: usize) -> bool {
        let Some(token) = self.token(at) else { return false };
        let who = self.token(at + 1).is_some_and(|next| {
            next.gap == Gap::Space
                && next.shape == Shape::Lower
                && matches!(
                    &*next.key,
                    "lady" | "gentleman" | "girl" | "girls" | "boy" | "boys" | "twins" | "lad" | "kids"
                )
        });
        let the = self.before(at).is_some_and(|before| matches!(&*before.key, "the" | "that" | "this"));
        who && the && token.is(FAMILY) && !token.is(WORD) && token.is_capital()
    }

    /// "Jonno 22M" at the start of a line or a sentence.
    fn is_aged(&self, at: usize) -> bool {
        let Some(token) = self.token(at) else { return false };
        let age = self.token(at + 1).is_some_and(|next| {
            let number = next.text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let unit = next.text.get(number.len()..).unwrap_or_default().to_ascii_lowercase();
            (1..=3).contains(&number.len())
                && number.bytes().all(|b| b.is_ascii_digit())
                && matches!(&*unit, "m" | "f" | "yo" | "y")
                && matches!(next.gap, Gap::Space | Gap::Comma | Gap::Other)
        });
        let named = token.is(ANY_NAME) && !token.is(WORD.or(TRAP).or(ABBREVIATION))
            || token.gap == Gap::Open && self.is_unknown(at);
        age && named && token.is_capital() && (token.starts || token.gap == Gap::Open)
    }

    /// "Lake Louise", "Mount Isa": the name of a place.
    fn in_lake(&self, at: usize) -> bool {
        self.token(at).is_some_and(|token| token.gap == Gap::Space)
            && self.before(at).is_some_and(|before| {
                before.text == "MD" && self.token(at).is_some_and(|token| token.key == "anderson")
                    || before.is_capital()
                        && matches!(
                            &*before.key,
                            "lake"
                                | "mount"
                                | "mt"
                                | "port"
                                | "fort"
                                | "cape"
                                | "loch"
                                | "lough"
                                | "los"
                                | "san"
                                | "santa"
                        )
            })
    }

    /// A given name alone in a text without capitals, or a name with an age behind it.
    fn single_small(&self, at: usize, scored: bool, other: bool) -> Option<(usize, u8)> {
        let token = self.token(at)?;
        let (before, next) = (self.before(at), self.token(at + 1));
        let plain = WORD
            .or(TRAP)
            .or(VERB)
            .or(TOWARDS)
            .or(PLACE)
            .or(RELATIVE)
            .or(PERSON)
            .or(ABBREVIATION)
            .or(EPONYM_NOUN)
            .or(HOUSE)
            .or(STREET);
        // "mcgarrigle 91f": an age with its sex stands behind a name of any kind.
        let aged = next.is_some_and(|next| {
            next.gap == Gap::Space
                && next.text.len() <= 4
                && next.text.ends_with(['f', 'm'])
                && next.text.starts_with(|c: char| c.is_ascii_digit())
        });
        if self.small && aged && token.is(ANY_NAME) && !token.is(WORD.or(ABBREVIATION).or(TRAP)) && token.text.len() > 3
        {
            return Some((at, 40));
        }
        // "singh 67 post cabg", in a list.
        let listed = token.starts || token.gap == Gap::Other;
        let numbered = next
            .is_some_and(|next| next.gap == Gap::Space && next.shape == Shape::Number && next.text.len() == 2)
            && self
                .token(at + 2)
                .is_some_and(|after| after.gap == Gap::Space && after.shape == Shape::Lower && !after.is(VERB));
        if self.small && listed && numbered && token.is(FAMILY) && !token.is(plain) && token.text.len() > 3 {
            return Some((at, 40));
        }
        let told = before
            .is_some_and(|before| matches!(&*before.key, "by" | "with" | "told" | "rang" | "asked" | "and" | "to"));
        let at_home = told && token.is(PLACE) && !token.is(WORD.or(TRAP).or(VERB).or(RELATIVE).or(ABBREVIATION));
        (self.small && token.is(GIVEN) && (!token.is(plain) || at_home) && token.text.len() > 3 && !other && !scored)
            .then_some((at, 39))
    }
}
