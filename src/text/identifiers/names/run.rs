//! How far a name goes, from its first word on.
//! Particles belong to it and initials do; a common word, a title or an abbreviation ends it.

use super::{
    super::{
        lexicon::{
            ABBREVIATION, ANY_GIVEN, ANY_NAME, EPONYM_NOUN, FAMILY, HOUSE, NAMING, PARTICLE, PERSON, POSTNOMINAL,
            RELATIVE, STREET, TITLE, TOWARDS, TRAP, VERB, WHERE, WORD,
        },
        token::{Gap, Shape, Token},
    },
    Reader,
};

/// Longest name, in words.
const LONGEST: usize = 6;

impl Reader<'_, '_> {
    /// The last word of a name that begins here. After a title also a word is taken that is in no list.
    pub(super) fn run(&self, at: usize, firm: bool) -> Option<usize> {
        let first = self.token(at)?;
        let mut last = match first.shape {
            _ if first.is(PARTICLE) && self.particles(at).is_some() => self.particles(at)?,
            Shape::Capital | Shape::Upper if self.opens(at, firm) => at,
            Shape::Initial => self.initial(at, firm)?,
            Shape::Lower if firm && self.opens_small(first) => at,
            _ => return None,
        };
        let small = first.shape == Shape::Lower && !first.is(PARTICLE);
        while last < at + LONGEST {
            let Some(next) = self.token(last + 1) else { break };
            let joined = matches!(next.gap, Gap::Space | Gap::Hyphen)
                || next.gap == Gap::Dot && self.token(last).is_some_and(|token| token.shape == Shape::Initial);
            if !joined || self.token(last).is_some_and(|token| token.owns) {
                break;
            }
            last = match next.shape {
                _ if next.is(PARTICLE) && self.particles(last + 1).is_some() => {
                    self.particles(last + 1).unwrap_or(last + 1)
                }
                Shape::Capital if self.goes_on(last + 1) || next.gap == Gap::Hyphen && !next.is(EPONYM_NOUN) => {
                    last + 1
                }
                Shape::Upper if self.goes_on_loud(last + 1, next) => last + 1,
                Shape::Initial if self.goes_on_initial(last + 1) => last + 1,
                Shape::Lower
                    if small && next.is(ANY_NAME) && !next.is(WORD.or(VERB).or(TOWARDS)) && next.text.len() > 2 =>
                {
                    last + 1
                }
                _ => break,
            };
        }
        Some(last)
    }

    /// Particles and the name behind them: "van der Berg".
    fn particles(&self, at: usize) -> Option<usize> {
        let count =
            self.tokens.iter().skip(at).take(3).enumerate().take_while(|(n, token)| {
                token.is(PARTICLE) && (*n == 0 || matches!(token.gap, Gap::Space | Gap::Hyphen))
            });
        let end = at + count.count();
        let next = self.token(end)?;
        let capital = next.is_capital() || next.shape == Shape::Upper && self.is_loud(end) && !next.is(ABBREVIATION);
        let plain = next.is(WORD) && !next.is(ANY_NAME) || next.is(TRAP) && !next.is(ANY_NAME);
        (end > at && matches!(next.gap, Gap::Space | Gap::Hyphen) && capital && !plain && next.shape != Shape::Number)
            .then_some(end)
    }

    fn opens(&self, at: usize, firm: bool) -> bool {
        let Some(token) = self.token(at) else { return false };
        let common = token.is(WORD) && !token.is(ANY_NAME);
        let cue = token.is(TITLE.or(NAMING)) && !token.is(FAMILY) || token.is(PERSON.or(RELATIVE)) && token.is(WORD);
        if token.shape == Shape::Upper {
            let short = token.text.len() < 3 || token.is(ABBREVIATION.or(POSTNOMINAL)) && token.text.len() < 5;
            return !short
                && !common
                && !cue
                && (firm || self.is_loud(at) && token.is(ANY_NAME) && !token.is(WORD.or(TRAP)));
        }
        !common && !cue && (firm || !(token.is(TRAP) && !token.is(ANY_NAME)))
    }

    /// A name in small letters after a title: in a list, or at least no other word.
    fn opens_small(&self, token: &Token<'_>) -> bool {
        let other = token.is(VERB
            .or(TOWARDS)
            .or(WHERE)
            .or(PERSON)
            .or(RELATIVE)
            .or(TITLE)
            .or(HOUSE)
            .or(NAMING)
            .or(ABBREVIATION));
        let named = token.is(FAMILY) || !token.is(WORD);
        named && !other && !(token.is(TRAP) && !token.is(FAMILY)) && token.text.len() > 2
    }

    /// An initial opens a name where a name follows, or after a title alone: "Mr K".
    fn initial(&self, at: usize, firm: bool) -> Option<usize> {
        let mut last = at;
        while last < at + 3
            && self.token(last + 1).is_some_and(|next| {
                next.shape == Shape::Initial && matches!(next.gap, Gap::Space | Gap::Dot | Gap::Hyphen)
            })
        {
            last += 1;
        }
        let next = self.token(last + 1).filter(|next| matches!(next.gap, Gap::Space | Gap::Dot | Gap::Hyphen));
        let dotted = next.is_some_and(|next| next.gap == Gap::Dot);
        let named = next.is_some_and(|next| {
            let written = next.is_capital()
                || next.shape == Shape::Upper && next.text.len() > 2 && !next.is(ABBREVIATION.or(POSTNOMINAL));
            let listed = next.is(ANY_NAME) && !(next.is(WORD) && !firm && !(dotted && next.is(FAMILY)));
            let unknown = (dotted || firm) && !next.is(WORD.or(TRAP).or(TITLE)) && next.text.len() > 2;
            written && (listed || unknown) && !(next.is(TRAP) && self.is_eponym(last + 1))
        });
        let particle = next.is_some_and(|next| next.is(PARTICLE)) && self.particles(last + 1).is_some();
        // "grade B. Forrest", "1 L. Foley": the letter ends a sentence.
        let ends = self.before(at).is_some_and(|before| {
            matches!(before.shape, Shape::Number | Shape::Mixed)
                && self.token(at).is_some_and(|token| token.gap != Gap::Open)
                || before.is(EPONYM_NOUN)
                || before.shape == Shape::Upper
                    && before.text.len() > 2
                    && self.token(at).is_some_and(|token| token.gap == Gap::Space)
                    && !before.is(TITLE.or(PERSON))
                    && !self.is_loud(at)
                || matches!(
                    &*before.key,
                    "grade" | "arm" | "type" | "class" | "group" | "balthazar" | "stage" | "hepatitis" | "vitamin"
                )
        });
        let opened = self
            .token(at)
            .is_some_and(|token| token.starts || matches!(token.gap, Gap::Comma | Gap::Open | Gap::Colon))
            || self.before(at).is_some_and(|before| before.is(TOWARDS.or(TITLE).or(PERSON)));
        let trapped = next.is_some_and(|next| next.is(TRAP)) && !opened;
        let unit = self.token(at).is_some_and(|token| token.gap == Gap::Join);
        if unit || !firm && dotted && (ends || trapped) {
            return None;
        }
        let article =
            !firm && !dotted && last == at && self.token(at).is_some_and(|token| matches!(token.text, "A" | "I"));
        if article {
            return None;
        }
        match () {
            () if named => Some(last + 1),
            () if particle => self.particles(last + 1),
            () if firm => Some(last),
            () => None,
        }
    }

    fn goes_on(&self, at: usize) -> bool {
        let Some(token) = self.token(at) else { return false };
        let common = token.is(WORD) && !token.is(ANY_NAME);
        let other = token.is(TITLE) && !token.is(FAMILY)
            || token.is(TRAP) && !token.is(ANY_NAME)
            || token.is(HOUSE)
                && !(token.is(FAMILY)
                    && matches!(
                        &*token.key,
                        "church"
                            | "house"
                            | "abbey"
                            | "forest"
                            | "lake"
                            | "bridge"
                            | "lodge"
                            | "court"
                            | "home"
                            | "park"
                            | "school"
                    ))
            || token.is(PERSON.or(RELATIVE)) && !token.is(FAMILY);
        let house = self
            .token(at + 1)
            .is_some_and(|next| next.gap == Gap::Space && next.is(HOUSE.or(STREET)) && next.is_capital());
        let verb = token.is(VERB) && !token.is(FAMILY);
        !common
            && !other
            && !verb
            && !(house && token.is(WORD))
            && !(token.is(TRAP) && self.is_eponym(at))
            && (!token.is(EPONYM_NOUN) || token.is(FAMILY))
    }

    fn goes_on_loud(&self, at: usize, token: &Token<'_>) -> bool {
        let short = token.text.len() < 3 || token.is(ABBREVIATION.or(POSTNOMINAL));
        let common = token.is(WORD)
            && (!token.is(FAMILY) || self.is_loud(at) && token.is(VERB.or(TOWARDS).or(PERSON).or(RELATIVE).or(WHERE)));
        !short && !common && !(token.is(TRAP) && !token.is(ANY_NAME)) && !token.is(TITLE)
    }

    /// A middle initial, or the first letter of a family name.
    fn goes_on_initial(&self, at: usize) -> bool {
        let next = self.token(at + 1);
        let number = next.is_some_and(|next| {
            matches!(next.shape, Shape::Number | Shape::Mixed) && matches!(next.gap, Gap::Space | Gap::Other)
        });
        let noun = next.is_some_and(|next| next.is(EPONYM_NOUN) && next.gap == Gap::Space);
        !number && !noun
    }

    /// Whether a disease, a sign or a score is called by this word: "Doyle score", "Brennan's sign".
    pub(super) fn is_eponym(&self, at: usize) -> bool {
        for place in at..at + 4 {
            let Some(next) = self.token(place + 1) else { return false };
            let owned =
                next.gap == Gap::Other && self.token(place).is_some_and(|token| token.owns) || next.gap == Gap::Space;
            if !owned && !matches!(next.gap, Gap::Hyphen | Gap::Join) {
                return false;
            }
            if next.is(EPONYM_NOUN) {
                return true;
            }
            let links = matches!(next.gap, Gap::Hyphen | Gap::Join)
                || matches!(&*next.key, "and" | "type" | "like" | "positive" | "negative")
                || next.is(TRAP) && next.is_capital()
                || next.shape == Shape::Number;
            if !links {
                return false;
            }
        }
        false
    }

    /// Whether the words are more than common ones: one of them is in a list of names, or none is in any other.
    pub(super) fn is_listed(&self, first: usize, last: usize) -> bool {
        self.tokens
            .get(first..=last)
            .unwrap_or_default()
            .iter()
            .any(|token| token.is(ANY_NAME) && !token.is(WORD.or(TRAP)))
    }

    /// Whether it is a given name and no other word.
    pub(super) fn is_given(&self, at: usize) -> bool {
        self.token(at).is_some_and(|token| token.is(ANY_GIVEN) && !token.is(WORD.or(TRAP)))
    }

    /// Whether a word is in no list at all.
    pub(super) fn is_unknown(&self, at: usize) -> bool {
        self.token(at).is_some_and(|token| {
            !token.is(WORD
                .or(TRAP)
                .or(ANY_NAME)
                .or(ABBREVIATION)
                .or(HOUSE)
                .or(STREET)
                .or(super::super::lexicon::PLACE)
                .or(super::super::lexicon::MEDICAL)
                .or(EPONYM_NOUN)
                .or(TITLE))
        })
    }
}
