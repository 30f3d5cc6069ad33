//! Names by what stands behind them: "Summer, her granddaughter", "Ranjit (brother)", "1) Ferreira - hernia", "Best, Kit".

use super::{
    super::{
        lexicon::{
            ABBREVIATION, ANY_GIVEN, ANY_NAME, EPONYM_NOUN, FAMILY, FUNCTION, GIVEN, HOUSE, PERSON, PLACE, RELATIVE,
            TITLE, TRAP, VERB, WORD,
        },
        token::{Gap, Shape},
    },
    Reader,
    cues::words,
    small::is_trade,
};

/// What people do, and things hardly ever: behind a given name that is a common word, too.
const SPEAKS: &[&str] = &[
    "says",
    "said",
    "denies",
    "denied",
    "lives",
    "lived",
    "told",
    "tells",
    "works",
    "worked",
    "wants",
    "wanted",
    "feels",
    "felt",
    "rang",
    "reports",
    "thinks",
    "asked",
    "phoned",
    "insists",
    "remembers",
    "prefers",
    "hates",
    "loves",
    "smokes",
    "drinks",
    "recalls",
    "collapsed",
    "presented",
    "attended",
    "agreed",
    "declined",
    "refused",
    "walked",
    "drove",
    "slept",
    "woke",
];
/// Ends of letters.
const CLOSINGS: &[&str] = &[
    "best",
    "regards",
    "wishes",
    "cheers",
    "thanks",
    "love",
    "yours",
    "sincerely",
    "faithfully",
    "truly",
    "br",
    "kr",
    "ta",
    "rgds",
    "groet",
    "groeten",
    "mvg",
    "gruss",
    "grusse",
    "cordialement",
    "you",
    "advance",
];

impl Reader<'_, '_> {
    /// All names that what follows tells of, or where they stand in a list or a letter.
    pub(super) fn apposed(&mut self) {
        for at in 0..self.tokens.len() {
            if self.is_taken(at) {
                continue;
            }
            let said = words("the patient", "the patient");
            if self.is_apposed(at) || self.speaks(at) || self.is_item(at) || self.is_counted(at) {
                let last = self.run(at, false).unwrap_or(at);
                self.take(at, last, said, 46);
            } else if let Some(last) = self.row(at) {
                self.take(at, last, said, 46);
            } else if self.is_closing(at) {
                self.take(at, at, words("a colleague", "a colleague"), 46);
            } else if let Some(last) = self.done_by(at) {
                self.take(at, last, words("a colleague", "a colleague"), 43);
            }
        }
    }

    /// "Summer, her granddaughter", "Ranjit (brother)".
    fn is_apposed(&self, at: usize) -> bool {
        let (Some(token), Some(next)) = (self.token(at), self.token(at + 1)) else { return false };
        let opened = next.gap == Gap::Open && self.page.after(token.range.end, 2) == " (";
        if !token.is_capital() || !(next.gap == Gap::Comma || opened) || token.gap == Gap::Hyphen {
            return false;
        }
        let whose = matches!(&*next.key, "his" | "her" | "their" | "my" | "our" | "the" | "a" | "an");
        let owned = matches!(&*next.key, "his" | "her" | "their" | "my" | "our");
        let who = self.token(at + 1 + usize::from(whose));
        let joined = |who: &super::super::token::Token<'_>| !whose || who.gap == Gap::Space;
        let relative = who.is_some_and(|who| who.is(RELATIVE) && who.shape == Shape::Lower && joined(who));
        let unlike = token.is(TRAP.or(HOUSE).or(ABBREVIATION).or(FUNCTION).or(TITLE).or(EPONYM_NOUN))
            || token.is(PLACE) && !token.is(ANY_GIVEN);
        let named = token.is(ANY_NAME) && (!token.is(WORD) || owned && token.is(ANY_GIVEN))
            || self.is_unknown(at) && (owned || opened);
        relative && (owned || opened || !whose) && named && !unlike && (owned || !token.is(WORD))
    }

    /// "Grace says": a given name that is a common word, at the start of a sentence.
    fn speaks(&self, at: usize) -> bool {
        let (Some(token), Some(next)) = (self.token(at), self.token(at + 1)) else { return false };
        let does = next.gap == Gap::Space && SPEAKS.contains(&&*next.key)
            || token.key == "will" && next.key == "will" && next.shape == Shape::Lower;
        let unknown = self.is_unknown(at) && token.starts && token.text.len() > 3 && !is_trade(&token.key);
        let tells = next.gap == Gap::Space
            && next.shape == Shape::Lower
            && (SPEAKS.contains(&&*next.key)
                || matches!(
                    &*next.key,
                    "brought" | "gave" | "asks" | "texted" | "emailed" | "drives" | "lives" | "runs"
                ));
        if token.is_capital() && unknown && tells {
            return true;
        }
        does && token.is_capital()
            && token.is(GIVEN)
            && token.is(WORD)
            && !token.is(PERSON.or(RELATIVE).or(TRAP).or(TITLE).or(HOUSE).or(VERB))
            && !(token.is(FUNCTION) && token.key != "will")
            || does && token.text == "Will" && token.starts
    }

    /// "Jye, 19, abseiling", "the cook (Seonag, 55)", "Delyth, home carer".
    fn is_counted(&self, at: usize) -> bool {
        let (Some(token), Some(next)) = (self.token(at), self.token(at + 1)) else { return false };
        let opens = token.starts || token.gap == Gap::Open;
        if !token.is_capital() || !opens || next.gap != Gap::Comma {
            return false;
        }
        let rest = self.page.after(next.range.end, 1);
        let aged = next.shape == Shape::Number && next.text.len() <= 2 && matches!(rest, "," | ")" | "." | "");
        let who = (1..=2).any(|more| {
            self.token(at + more).is_some_and(|who| {
                who.shape == Shape::Lower && who.is(PERSON.or(RELATIVE)) && (more == 1 || who.gap == Gap::Space)
            })
        });
        let other =
            WORD.or(TRAP).or(ABBREVIATION).or(HOUSE).or(EPONYM_NOUN).or(PERSON).or(RELATIVE).or(TITLE).or(PLACE);
        let unknown = self.is_unknown(at) && aged && !is_trade(&token.key) && token.text.len() > 2;
        !token.is(other) && (unknown || token.is(ANY_NAME) && (aged || who))
    }

    /// "1) Ferreira - lap chole".
    fn is_item(&self, at: usize) -> bool {
        let (Some(token), Some(before)) = (self.token(at), self.before(at)) else { return false };
        let gap = self.page.lower.get(before.range.end..token.range.start).unwrap_or_default();
        let counted = before.shape == Shape::Number && before.text.len() <= 2 && matches!(gap.trim(), ")" | ".)");
        let rest = self.page.after(token.range.end, 3);
        let ends = [" - ", " – ", ": ", ", "].iter().any(|mark| rest.starts_with(mark)) || rest.starts_with('\n');
        let plain = WORD.or(TRAP).or(ABBREVIATION).or(HOUSE).or(EPONYM_NOUN).or(PERSON).or(RELATIVE);
        counted && ends && token.is_capital() && token.is(ANY_NAME) && !token.is(plain)
    }

    /// "Best, Kit" at the end of a letter.
    fn is_closing(&self, at: usize) -> bool {
        let (Some(token), Some(before)) = (self.token(at), self.before(at)) else { return false };
        let apart = matches!(token.gap, Gap::Comma | Gap::Line);
        let ends = self.token(at + 1).is_none_or(|next| next.gap == Gap::Line);
        let named = token.is(ANY_GIVEN) || token.is(FAMILY) && !token.is(WORD) || self.is_unknown(at);
        apart
            && ends
            && CLOSINGS.contains(&&*before.key)
            && token.is_capital()
            && named
            && !token.is(TRAP.or(FUNCTION).or(HOUSE).or(TITLE))
    }

    /// "referred by Amanpreet (PA)": a word that no list knows, after what somebody did.
    fn done_by(&self, at: usize) -> Option<usize> {
        let (token, before) = (self.token(at)?, self.before(at)?);
        let verb = at.checked_sub(2).and_then(|at| self.token(at))?;
        let done = matches!(
            &*verb.key,
            "seen"
                | "reviewed"
                | "examined"
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
                | "ordered"
                | "verified"
                | "supervised"
                | "consented"
                | "typed"
                | "consulted"
                | "treated"
                | "cannulated"
                | "intubated"
                | "anaesthetised"
                | "chaperoned"
                | "scrubbed"
                | "witnessed"
                | "checked"
                | "paged"
        );
        let fits = done
            && matches!(&*before.key, "by" | "with")
            && token.gap == Gap::Space
            && token.is_capital()
            && self.is_unknown(at)
            && token.text.len() > 3;
        let last = fits.then(|| self.run(at, false)).flatten()?;
        (self.ends_name(last) && !self.is_eponym(last) && !self.heads_house(last)).then_some(last)
    }
}
