//! Names by what stands before them: a title, a relation, "called", a label of a form.

use std::borrow::Cow;

use super::{
    super::{
        lexicon::{
            ABBREVIATION, ANY_GIVEN, ANY_NAME, FAMILY, LABEL, NAMING, PERSON, PLACE, RELATIVE, STAFF, TITLE, TOWARDS,
            TRAP, VERB, WORD,
        },
        token::{Gap, Shape},
    },
    Reader,
};

/// What can stand in the place of a name, here and where it is said again.
pub(super) type Words = (Cow<'static, str>, Cow<'static, str>);

pub(super) fn words(instead: &'static str, again: &'static str) -> Words {
    (instead.into(), again.into())
}

impl Reader<'_, '_> {
    /// All names that something before them tells of.
    pub(super) fn cued(&mut self) {
        for at in 0..self.tokens.len() {
            let Some(token) = self.token(at) else { break };
            let flags = token.flags;
            let care = token.key == "of"
                && self.before(at).is_some_and(|before| {
                    matches!(&*before.key, "care" | "team" | "clinic" | "list" | "script" | "attention")
                });
            let towards = flags.any(TOWARDS) || care || token.key == "under";
            let goes = token.key == "by"
                && self.before(at).is_some_and(|before| matches!(&*before.key, "goes" | "went" | "go" | "going"));
            if flags.any(TITLE) {
                self.titled(at);
            }
            if flags.any(NAMING) || goes {
                self.called(at);
            }
            if flags.any(RELATIVE) {
                self.related(at);
            }
            if flags.any(PERSON) {
                self.person(at);
            }
            if flags.any(LABEL) {
                self.labelled(at);
            }
            if towards {
                self.towards(at);
            }
        }
    }

    fn titled(&mut self, at: usize) {
        let Some(token) = self.token(at) else { return };
        // "Dr. med. Onno": the degree is no part of the name.
        let degree = |place: usize| {
            self.token(place)
                .is_some_and(|token| matches!(&*token.key, "med" | "dent" | "phil" | "rer" | "nat" | "univ" | "habil"))
        };
        if degree(at + 1) {
            let first = (at + 2..at + 4).find(|place| !degree(*place)).unwrap_or(at + 2);
            if let Some(last) = self.run(first, true).filter(|_| self.is_named(first)) {
                self.take(first, last, words("a colleague", "a colleague"), 60);
            }
            return;
        }
        let Some(next) = self.token(at + 1) else { return };
        let joined = matches!(next.gap, Gap::Space) || next.gap == Gap::Dot && token.text.len() <= 4;
        let polite = matches!(&*token.key, "prof" | "miss" | "professor" | "mr" | "mrs" | "dr" | "ms");
        let called =
            self.small && next.is(ANY_NAME) && !next.is(WORD.or(TRAP).or(VERB).or(TOWARDS)) && next.text.len() > 3;
        let word = token.is(WORD) && token.shape == Shape::Lower && !(polite || called);
        // "14 Fr", "220 ms."
        let measure = &*token.key == "fr" || token.text == "ms";
        let gauge = measure && self.before(at).is_some_and(|before| before.shape == Shape::Number);
        let sclerosis = token.text == "MS" && !self.is_loud(at);
        let shouted = token.shape == Shape::Upper
            && token.text.len() <= 3
            && !self.is_loud(at)
            && !matches!(token.text, "MR" | "MRS" | "DR");
        let street = matches!(&*token.key, "dr")
            && self.before(at).is_some_and(|before| {
                before.is_capital() && token.gap == Gap::Space && !before.is(WORD.or(TITLE)) && !next.is_capital()
            });
        // "his sister was", "the doctor Patel" are read elsewhere; "nurse patel" is here.
        if !joined || token.owns || gauge || sclerosis || shouted || street || next.is(TITLE) && !next.is(ANY_NAME) {
            return;
        }
        let small_word =
            (word || token.is(WORD) && next.shape == Shape::Lower && !polite && !called) && !next.is_capital();
        let plain_title = matches!(&*token.key, "mr" | "mrs" | "ms" | "dr" | "prof" | "mx" | "professor");
        let any = (plain_title && next.is_capital()).then_some(at + 1);
        let Some(last) = (!small_word).then(|| self.run(at + 1, true)).flatten().or(any) else { return };
        if word && (next.is(TRAP) && !next.is(ANY_NAME) || next.is(ABBREVIATION) && next.shape == Shape::Upper) {
            return;
        }
        let single = last == at + 1 && next.shape == Shape::Initial;
        // "Mr X" is nobody.
        if single && matches!(next.text, "X" | "Y" | "Z") {
            return;
        }
        if single && (word || token.is(WORD)) || next.is(PLACE) && token.is(WORD) && !polite && !next.is(ANY_NAME) {
            return;
        }
        // A ward sister of a ward; "Lady Windermere Syndrome".
        if self.is_eponym(last) && token.is(WORD) {
            return;
        }
        let staff = token.is(STAFF);
        let said = if staff { words("a colleague", "a colleague") } else { words("the patient", "the patient") };
        self.take(at + 1, last, said, 60);
        self.also(last, staff);
    }

    /// More names after one: "Drs Patel and Jones", "sons Tom, Ben and Leo".
    pub(super) fn also(&mut self, last: usize, staff: bool) {
        let mut place = last;
        for _ in 0..6 {
            let Some(next) = self.token(place + 1) else { return };
            let linked = matches!(&*next.key, "and" | "or") && next.gap == Gap::Space;
            let from = if linked { place + 2 } else { place + 1 };
            let listed = linked || matches!(next.gap, Gap::Comma | Gap::Join);
            let Some(first) = self.token(from) else { return };
            let named = self.is_named(from)
                && (first.is(ANY_GIVEN)
                    || linked && (first.is(ANY_NAME) || self.is_unknown(from)) && staff
                    || linked
                        && self.is_unknown(from)
                        && first.is_capital()
                        && self.ends_name(self.run(from, false).unwrap_or(from)))
                && !first.is(TRAP)
                && !(first.is(WORD) && !linked);
            let small = first.shape == Shape::Lower
                && first.is(ANY_GIVEN)
                && !first.is(WORD)
                && listed
                && first.text.len() > 2
                && !first.is(TRAP.or(PLACE));
            if !listed || !(named || small) || linked && first.gap != Gap::Space {
                return;
            }
            let end = self.run(from, small).unwrap_or(from);
            self.take(from, end, words("", "the patient"), 50);
            place = end;
        }
    }

    fn called(&mut self, at: usize) {
        let Some(token) = self.token(at) else { return };
        let known = matches!(&*token.key, "known" | "formerly" | "preferred" | "signed");
        let mut from = at + 1;
        let mut linked = false;
        for _ in 0..4 {
            match self.token(from) {
                Some(next)
                    if matches!(
                        &*next.key,
                        "as" | "is"
                            | "was"
                            | "by"
                            | "simply"
                            | "him"
                            | "her"
                            | "name"
                            | "himself"
                            | "us"
                            | "them"
                            | "everyone"
                            | "herself"
                            | "to"
                            | "to's"
                            | "his"
                            | "friends"
                            | "family"
                            | "workmates"
                            | "mates"
                            | "locals"
                            | "all"
                    ) && next.gap == Gap::Space =>
                {
                    linked |= matches!(&*next.key, "as" | "by" | "name" | "is");
                    from += 1;
                }
                _ => break,
            }
        }
        let Some(next) = self.token(from) else { return };
        let joined = matches!(next.gap, Gap::Space | Gap::Open | Gap::Colon | Gap::Comma)
            || next.gap == Gap::Other && !next.starts;
        let quoted = next.gap == Gap::Open && next.is(WORD);
        let nick = next.gap == Gap::Open && next.is_capital() && self.is_unknown(from) && linked;
        let firm_cue = matches!(&*token.key, "named" | "nee" | "alias" | "aka" | "nicknamed" | "name" | "by");
        if !joined
            || quoted
            || known && !linked && next.gap != Gap::Colon
            || &*token.key == "name" && !linked && !matches!(next.gap, Gap::Colon | Gap::Comma)
        {
            return;
        }
        let small = next.shape == Shape::Lower;
        let Some(last) = self.run(from, small) else { return };
        let fits = if small {
            next.is(ANY_NAME) && !next.is(WORD.or(TRAP).or(VERB)) && (firm_cue || next.is(ANY_GIVEN))
        } else {
            (next.is(ANY_NAME) || self.is_unknown(from) && firm_cue || nick)
                && !(next.is(TRAP) && !next.is(FAMILY))
                && !self.is_eponym(last)
                && !(next.is(PLACE) && !next.is(ANY_GIVEN))
                || known && linked && self.is_nickname(at, from, last)
        };
        if fits && !(next.is(TRAP) && !firm_cue) {
            self.take(from, last, words("", "the patient"), 53);
            self.also(last, false);
        }
    }

    /// "26, known as Spud, real name": somebody is known, and by one word with a capital.
    fn is_nickname(&self, at: usize, from: usize, last: usize) -> bool {
        let (Some(token), Some(next)) = (self.token(at), self.token(from)) else { return false };
        let somebody = token.gap == Gap::Comma
            || self
                .before(at)
                .is_some_and(|before| matches!(&*before.key, "is" | "who" | "and" | "man" | "woman" | "sleeper"));
        somebody
            && token.key == "known"
            && next.is_capital()
            && last == from
            && !next.is(TRAP.or(ABBREVIATION).or(PLACE))
            && self.ends_name(last)
            && !self.is_eponym(last)
    }

    /// "Patient: Doyle, Mary", "Signed: A. Khan".
    fn labelled(&mut self, at: usize) {
        let Some(token) = self.token(at) else { return };
        let Some(next) = self.token(at + 1) else { return };
        let column = next.gap == Gap::Space
            && (next.is_capital() || next.shape == Shape::Upper && next.text.len() > 3 && !next.is(ABBREVIATION))
            && matches!(&*token.key, "surname" | "forename" | "firstname" | "lastname");
        let label = next.gap == Gap::Colon
            || column
            || next.gap == Gap::Line && matches!(&*token.key, "regards" | "sincerely" | "signed");
        if !label {
            return;
        }
        let firm =
            matches!(&*token.key, "name" | "surname" | "forename" | "firstname" | "lastname" | "signed" | "signature");
        let small = self.small
            && next.shape == Shape::Lower
            && next.is(ANY_NAME)
            && !next.is(WORD.or(TRAP).or(VERB))
            && next.text.len() > 2;
        if small {
            let last = self.run(at + 1, true).unwrap_or(at + 1);
            self.take(at + 1, last, words("the patient", "the patient"), 45);
            return;
        }
        let Some(last) = self.run(at + 1, firm && next.shape == Shape::Lower || next.shape == Shape::Upper) else {
            return;
        };
        let upper = next.shape == Shape::Upper && !next.is(WORD.or(TRAP).or(ABBREVIATION)) && next.is(ANY_NAME);
        let listed =
            self.is_listed(at + 1, last) || last > at + 1 && next.is(ANY_NAME) || self.is_given(at + 1) || upper;
        let unknown = self.is_unknown(at + 1) && (firm || last > at + 1);
        if (listed || unknown || firm && next.is(ANY_NAME))
            && !self.is_eponym(last)
            && !(next.is(PLACE) && !next.is(ANY_NAME))
        {
            self.take(at + 1, last, words("the patient", "the patient"), 53);
            self.reversed_after(last);
        }
    }

    /// "Doyle, Mary": the given name behind the comma.
    fn reversed_after(&mut self, last: usize) {
        let given = self.token(last + 1).is_some_and(|next| {
            next.gap == Gap::Comma
                && (next.is(ANY_NAME) || self.is_unknown(last + 1))
                && !(next.is(WORD) && !next.is(ANY_GIVEN))
        });
        if given && self.is_named(last + 1) {
            let end = self.run(last + 1, false).unwrap_or(last + 1);
            self.take(last + 1, end, words("", "the patient"), 53);
        }
    }

    /// "dear raj," in a text without capitals.
    fn greeted(&mut self, at: usize) {
        let greets =
            self.token(at).is_some_and(|token| matches!(&*token.key, "dear" | "hi" | "hello" | "thanks" | "cheers"));
        let small = self.small && greets;
        let named = self.token(at + 1).is_some_and(|next| {
            matches!(next.gap, Gap::Space | Gap::Comma)
                && next.shape == Shape::Lower
                && next.is(ANY_GIVEN)
                && !next.is(WORD.or(TRAP))
        });
        if small && named && self.ends_name(at + 1) {
            self.take(at + 1, at + 1, words("a colleague", "a colleague"), 43);
        }
    }

    /// "seen by Brennan", "discussed with Thandiwe Mkhize".
    fn towards(&mut self, at: usize) {
        self.greeted(at);
        let Some(next) = self.token(at + 1).filter(|next| next.gap == Gap::Space && next.is_capital()) else { return };
        let Some(token) = self.token(at) else { return };
        let Some(last) = self.run(at + 1, false) else { return };
        let place = next.is(PLACE.or(TRAP));
        let surname = next.is(FAMILY)
            && !next.is(WORD)
            && !place
            && !matches!(&*token.key, "from" | "to" | "via" | "for" | "or" | "and");
        let greeting = matches!(
            &*token.key,
            "hi" | "hello"
                | "dear"
                | "thanks"
                | "cheers"
                | "love"
                | "regards"
                | "attn"
                | "cc"
                | "ask"
                | "asked"
                | "told"
                | "tell"
                | "ring"
                | "call"
        ) && (next.is(ANY_GIVEN) || next.is(FAMILY) && !next.is(WORD))
            && !next.is(TRAP);
        let pair = last > at + 1
            && self.is_unknown(at + 1)
            && (self.is_unknown(last) || self.token(last).is_some_and(|token| token.is(FAMILY) && !token.is(WORD)))
            && matches!(&*token.key, "by" | "with" | "cc" | "dear" | "attn" | "per");
        let thanked = matches!(&*token.key, "seeing" | "reviewing")
            && (self.is_unknown(at + 1) || next.is(ANY_NAME) && !next.is(WORD.or(TRAP)))
            && self.ends_name(last);
        let verb = self.before(at).is_some_and(|before| {
            matches!(
                &*before.key,
                "seen"
                    | "reviewed"
                    | "examined"
                    | "operated"
                    | "performed"
                    | "referred"
                    | "dictated"
                    | "reported"
                    | "signed"
                    | "written"
                    | "discussed"
                    | "assessed"
                    | "prescribed"
                    | "spoke"
                    | "spoken"
                    | "liaised"
                    | "done"
                    | "ordered"
                    | "verified"
                    | "countersigned"
                    | "supervised"
                    | "authorised"
                    | "consented"
                    | "typed"
                    | "d/w"
                    | "team"
            )
        });
        let surname = surname
            || verb
                && next.is(FAMILY)
                && !next.is(WORD)
                && matches!(&*token.key, "by" | "with")
                && (!next.is(TRAP) || self.ends_name(last))
                && !(next.is(PLACE) && !next.is(FAMILY));
        let lone = !token.starts || token.is(WORD);
        if (surname && lone || greeting || pair || thanked) && !self.is_eponym(last) && !self.heads_house(last) {
            self.take(at + 1, last, words("a colleague", "a colleague"), 43);
            self.also(last, true);
        }
    }
}
