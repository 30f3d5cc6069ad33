//! Initials that stand for a person: "J.D.", "patient JD", "KM is a 44-year-old".

use std::sync::LazyLock;

use regex::Regex;

use super::{
    super::{
        kind::Kind,
        lexicon::{self, ABBREVIATION, LABEL, NAMING, PERSON, POSTNOMINAL, RELATIVE, WORD},
        page::{Mark, pattern},
        token::{Gap, Shape},
    },
    Reader,
};

static DOTTED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Z]\.(?:[ -]?[A-Z]\.){1,3}|\b[A-Z]\.[A-Z]\b"));

/// "dr s. ramaswamy", "by k. brodribb", in a text without capitals.
static SMALL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:dr|mr|mrs|ms|miss|prof|professor|by|with|driver|patient|pt|nurse|from|cc|to|signed|consultant|surgeon|gp)[.:]? {1,10}([a-z]\. ?(?:[a-z]\. ?)?([a-zÀ-ɏ'’-]{3,20}))",
    )
});

impl Reader<'_, '_> {
    /// Marks all initials.
    pub(super) fn initials(&mut self, marks: &mut Vec<Mark>) {
        let mut push = |range| {
            marks.push(Mark {
                range,
                kind: Kind::Name,
                why: "Initials may lead to a person.",
                suggestion: "the patient".into(),
                weight: 44,
            });
        };
        for found in DOTTED.find_iter(self.page.text) {
            let letters: String =
                found.as_str().chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
            let cue = self.page.word_before(found.start());
            let cued = lexicon::look_up(cue).any(PERSON.or(RELATIVE).or(NAMING))
                || matches!(cue, "initials" | "as" | "mr" | "mrs" | "ms" | "miss");
            let other = lexicon::look_up(&letters).any(ABBREVIATION.or(POSTNOMINAL))
                || matches!(
                    &*letters,
                    "yo" | "us" | "uk" | "usa" | "eu" | "un" | "ie" | "eg" | "am" | "pm" | "bsc" | "phd"
                );
            let alone = self.page.alone(&found.range()) && !self.page.after(found.end(), 1).starts_with('-');
            if alone && (cued || !other) {
                push(found.range());
            }
        }
        for found in SMALL.captures_iter(&self.page.lower) {
            let (Some(whole), Some(family)) = (found.get(1), found.get(2)) else { continue };
            let known = lexicon::look_up(family.as_str());
            let cue = self.page.word_before(whole.start()).trim_end_matches(['.', ':']);
            let titled =
                matches!(cue, "dr" | "mr" | "mrs" | "ms" | "miss" | "prof" | "pt" | "patient" | "consultant" | "nurse");
            let named = known.any(lexicon::FAMILY) && !known.any(WORD) && (titled || self.small)
                || known == lexicon::Flags::NONE && self.small;
            if named && self.page.alone(&whole.range()) {
                push(whole.range());
            }
        }
        for at in 0..self.tokens.len() {
            let Some(token) = self.token(at) else { break };
            let letters = token.shape == Shape::Upper
                && (2..=3).contains(&token.text.len())
                && !token.is(ABBREVIATION.or(POSTNOMINAL).or(WORD))
                && !self.is_loud(at);
            if letters && !self.is_taken(at) && (self.is_called(at) || self.is_described(at)) {
                push(token.range.clone());
            }
        }
    }

    /// "patient JD", "initials JD".
    fn is_called(&self, at: usize) -> bool {
        let Some(token) = self.token(at) else { return false };
        let close = matches!(token.gap, Gap::Space | Gap::Open | Gap::Colon);
        let cue = self.before(at).is_some_and(|before| {
            matches!(
                &*before.key,
                "patient"
                    | "pt"
                    | "initials"
                    | "client"
                    | "named"
                    | "called"
                    | "daughter"
                    | "son"
                    | "wife"
                    | "husband"
                    | "brother"
                    | "sister"
            )
        });
        let noun = self.token(at + 1).is_some_and(|next| {
            next.gap == Gap::Space
                && next.shape == Shape::Lower
                && !next.is(lexicon::VERB)
                && !matches!(&*next.key, "aged" | "and" | "a" | "with" | "in")
        });
        // "Tech: LKO".
        let signed = token.gap == Gap::Colon && self.before(at).is_some_and(|before| before.is(LABEL));
        close && (cue || signed) && !noun
    }

    /// "KM is a 44-year-old", "KM, 44".
    fn is_described(&self, at: usize) -> bool {
        let Some(token) = self.token(at).filter(|token| token.starts) else { return false };
        let after = self.page.after(token.range.end, 14);
        let rest = after
            .strip_prefix(", a ")
            .or_else(|| after.strip_prefix(" is a "))
            .or_else(|| after.strip_prefix(" was a "))
            .or_else(|| after.strip_prefix(" is an "))
            .or_else(|| after.strip_prefix(", an "))
            .or_else(|| after.strip_prefix(", "));
        rest.is_some_and(|rest| {
            let number = rest.chars().take_while(char::is_ascii_digit).count();
            let unit = rest.get(number..).unwrap_or_default();
            (1..=3).contains(&number)
                && unit.starts_with(['-', ' ', 'y', ',', 'f', 'm'])
                && (!after.starts_with(", ") || after.starts_with(", a") || unit.starts_with(['y', ',', 'f', 'm', '-']))
        })
    }
}
