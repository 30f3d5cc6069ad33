//! Names in small letters, behind a word that announces one, in a text without capitals: "consultant prendergast".

use super::{
    super::{
        lexicon::{
            self, ABBREVIATION, ANY_NAME, EPONYM_NOUN, FAMILY, FUNCTION, HOUSE, PERSON, RELATIVE, STREET, TITLE,
            TOWARDS, TRAP, VERB, WHERE, WORD,
        },
        token::{Gap, Shape, Token},
    },
    Reader,
    cues::words,
};

/// Ends of words of the trade, which no list of words has.
const TRADE: &[&str] = &[
    "ine", "ol", "ide", "ate", "ib", "ab", "pril", "tan", "illin", "mycin", "itis", "osis", "emia", "aemia", "ic",
    "al", "ous", "ly", "ing", "ed", "tion", "oma", "pathy", "tomy", "scopy", "gram", "graphy", "logy", "ist", "statin",
    "azole", "done", "arin", "xaban", "flozin", "gliptin", "tide", "sone", "lone", "vir", "oid", "ase", "uria",
    "lysis", "plegia", "paresis", "trophy", "plasia", "penia", "rrhoea", "rrhea", "rrhage", "cyte", "cytes", "genic",
    "mab", "nib", "pam", "lam", "zine", "tomies", "ies", "able", "ive", "ment", "ness", "sion", "ectasia", "stasis",
    "plasty",
];

/// Whether a word is like those of the trade.
pub(super) fn is_trade(key: &str) -> bool {
    TRADE.iter().any(|end| key.ends_with(end))
}

impl Reader<'_, '_> {
    /// All names in small letters behind a strong cue.
    pub(super) fn small_cued(&mut self) {
        if !self.small {
            return;
        }
        for at in 0..self.tokens.len() {
            let Some(token) = self.token(at).filter(|token| !token.owns) else { continue };
            let staff = token.is(PERSON) || matches!(&*token.key, "dr" | "doc" | "prof" | "mr" | "mrs" | "ms" | "miss");
            let said = self.names_behind(at);
            let from = said.unwrap_or(at + 1);
            if said.is_none() && !(staff || token.is(RELATIVE)) || self.is_taken(from) {
                continue;
            }
            let Some(first) = self.token(from).filter(|first| is_small(first)) else { continue };
            let joined = first.gap == Gap::Space || first.gap == Gap::Colon || said.is_some();
            let known = first.is(ANY_NAME);
            // What follows has to leave the word alone: "husband mirek +48", "consultant prendergast not".
            let ends = self.small_ends(from);
            let fits = said.is_some()
                || first.is(FAMILY.or(lexicon::GIVEN)) && ends
                || known && ends
                || ends && first.text.len() > 4;
            if !joined || !fits || !known && is_trade(&first.key) {
                continue;
            }
            let mut last = from;
            while let Some(next) = self.token(last + 1).filter(|next| {
                last < from + 3
                    && matches!(next.gap, Gap::Space | Gap::Hyphen)
                    && (is_small(next) && (next.is(ANY_NAME) || said.is_some() && !is_trade(&next.key)))
            }) {
                last += 1;
                if next.owns {
                    break;
                }
            }
            let instead = if staff { words("", "a colleague") } else { words("", "the patient") };
            self.take(from, last, instead, 44);
            self.also(last, false);
            // "crew dabrowski and opie".
            let linked = self.token(last + 1).is_some_and(|next| next.key == "and" && next.gap == Gap::Space);
            let second =
                self.token(last + 2).is_some_and(|next| is_small(next) && (next.is(ANY_NAME) || !is_trade(&next.key)));
            if linked && second && !self.is_taken(last + 2) && self.small_ends(last + 2) {
                self.take(last + 2, last + 2, words("", "the patient"), 44);
            }
        }
    }

    /// Where a name begins behind "surname is", "her name", "turns out it's".
    fn names_behind(&self, at: usize) -> Option<usize> {
        let token = self.token(at)?;
        let owner = self.before(at).is_some_and(|before| {
            matches!(
                &*before.key,
                "his" | "her" | "their" | "patient" | "pt" | "real" | "full" | "maiden" | "first" | "last"
            )
        });
        let cue = matches!(&*token.key, "surname" | "forename" | "firstname" | "lastname" | "nickname")
            || token.key == "name" && owner;
        let next = self.token(at + 1)?;
        match () {
            () if cue && matches!(&*next.key, "is" | "was") && next.gap == Gap::Space => Some(at + 2),
            () if cue && matches!(next.gap, Gap::Space | Gap::Colon | Gap::Comma) => Some(at + 1),
            () => None,
        }
    }

    /// Whether what follows says that the word before was a name.
    fn small_ends(&self, at: usize) -> bool {
        self.token(at + 1).is_none_or(|next| {
            !matches!(next.gap, Gap::Space | Gap::Hyphen | Gap::Join)
                || next.is(VERB.or(FUNCTION).or(TOWARDS))
                || next.shape == Shape::Number && next.text.len() >= 4
                || matches!(&*next.key, "mob" | "mobile" | "tel" | "phone" | "bleep" | "ext" | "pager" | "not" | "aged")
                || is_small(next) && next.is(FAMILY)
        })
    }
}

/// Whether it is a word in small letters that is in a list of names, or in no list.
fn is_small(token: &Token<'_>) -> bool {
    let other = WORD
        .or(VERB)
        .or(TOWARDS)
        .or(WHERE)
        .or(ABBREVIATION)
        .or(PERSON)
        .or(RELATIVE)
        .or(TITLE)
        .or(FUNCTION)
        .or(HOUSE)
        .or(STREET)
        .or(EPONYM_NOUN);
    token.shape == Shape::Lower
        && token.text.len() > 2
        && !token.is(other)
        && !token.is(TRAP)
        && (token.is(ANY_NAME) || token.flags == lexicon::Flags::NONE)
}
