//! Which of somebody's filters fit a text.

use std::{collections::HashSet, sync::OnceLock};

use aho_corasick::{Anchored, automaton::Automaton, nfa::contiguous::NFA};
use chrono::{DateTime, Utc};

use crate::model::{Filter, FilterAction, FilterContext, PostId};

/// A filter that fits, and by what.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<'a> {
    /// Which.
    pub filter: &'a Filter,
    /// Its words that stand in the text.
    pub keywords: Vec<&'a str>,
    /// Its posts that are this one.
    pub posts: Vec<PostId>,
}

/// The words of somebody's filters, made ready when first needed: kept for a page, all its posts are read through once.
#[derive(Debug, Clone, Default)]
pub struct Sieve(OnceLock<Words>);

impl Sieve {
    /// The filters that have not ended and fit a post: its texts in lower case, and its id.
    pub fn matches<'a>(&self, filters: &'a [Filter], texts: &str, post: PostId, now: DateTime<Utc>) -> Vec<Match<'a>> {
        let ready = self.0.get_or_init(|| Words::of(filters));
        let found = if ready.are_of(filters) { ready.found_in(texts) } else { Words::of(filters).found_in(texts) };
        let mut found = found.into_iter();
        filters
            .iter()
            .filter_map(|filter| {
                let marked = filter.keywords.iter().zip(found.by_ref());
                let keywords: Vec<&str> =
                    marked.filter(|(_, there)| *there).map(|(word, _)| word.keyword.as_str()).collect();
                let posts: Vec<PostId> = filter.posts.iter().map(|p| p.post_id).filter(|p| *p == post).collect();
                let holds = filter.ends_at.is_none_or(|at| at > now);
                (holds && !(keywords.is_empty() && posts.is_empty())).then_some(Match { filter, keywords, posts })
            })
            .collect()
    }
}

/// Whether a match leaves the post out of a list of this kind.
pub fn hides(found: &Match<'_>, context: FilterContext) -> bool {
    found.filter.action == FilterAction::Hide && found.filter.contexts.contains(&context)
}

/// Words that are looked for all at once, whatever their number.
#[derive(Debug, Clone)]
struct Words {
    /// As they were given, and whether each stands for a word of its own.
    given: Vec<(String, bool)>,
    /// What the machine looks for: which of the given words it is, and the same again.
    patterns: Vec<(usize, bool)>,
    machine: Option<NFA>,
}

impl Words {
    /// Those of filters, one filter after the other.
    fn of(filters: &[Filter]) -> Self {
        Self::new(filters.iter().flat_map(|f| &f.keywords).map(|k| (k.keyword.clone(), k.whole_word)).collect())
    }

    fn new(given: Vec<(String, bool)>) -> Self {
        let (mut patterns, mut lower) = (Vec::new(), Vec::new());
        for (n, (word, whole)) in given.iter().enumerate().filter(|(_, (word, _))| !word.is_empty()) {
            patterns.push((n, *whole));
            lower.push(word.to_lowercase());
        }
        // It fails for gigabytes of words only.
        let machine = if lower.is_empty() { None } else { NFA::new(&lower).ok() };
        Self { given, patterns, machine }
    }

    fn are_of(&self, filters: &[Filter]) -> bool {
        let words = filters.iter().flat_map(|f| &f.keywords).map(|k| (k.keyword.as_str(), k.whole_word));
        words.eq(self.given.iter().map(|(word, whole)| (word.as_str(), *whole)))
    }

    /// Which of them stand in a text in lower case.
    fn found_in(&self, text: &str) -> Vec<bool> {
        let mut found = vec![false; self.given.len()];
        let Some(machine) = &self.machine else { return found };
        let Ok(mut state) = machine.start_state(Anchored::No) else { return found };
        let mut settled = HashSet::new();
        for (end, byte) in (1..).zip(text.bytes()) {
            state = machine.next_state(Anchored::No, state, byte);
            if !machine.is_match(state) {
                continue;
            }
            let joined = is_joined(text, end);
            // What ends here was looked at in another place, and this one would tell nothing more.
            if settled.contains(&(state, joined)) {
                continue;
            }
            let mut open = false;
            for n in 0..machine.match_len(state) {
                let pattern = machine.match_pattern(state, n);
                let Some((word, whole)) = self.patterns.get(pattern.as_usize()) else { continue };
                let Some(there) = found.get_mut(*word).filter(|there| !**there) else { continue };
                *there = !whole || !(joined || is_joined(text, end - machine.pattern_len(pattern)));
                open |= !*there;
            }
            if joined || !open {
                settled.insert((state, joined));
            }
        }
        found
    }
}

/// Whether a place is inside of a word. One that begins or ends with a sign has its edge there in any case.
fn is_joined(text: &str, at: usize) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    let after = text.get(at..).and_then(|t| t.chars().next());
    letter(before) && letter(after)
}

#[cfg(test)]
mod tests {
    use super::Words;

    fn found(text: &str, words: &[&str], whole: bool) -> Vec<bool> {
        Words::new(words.iter().map(|w| ((*w).to_owned(), whole)).collect()).found_in(&text.to_lowercase())
    }

    fn stands_in(text: &str, word: &str, whole: bool) -> bool {
        found(text, &[word], whole) == [true]
    }

    #[test]
    fn a_whole_word_is_not_part_of_another() {
        assert!(stands_in("the ecg was normal", "ecg", true));
        assert!(!stands_in("the ecgs were normal", "ecg", true));
        assert!(stands_in("the ecgs were normal", "ecg", false));
        assert!(stands_in("read #ecg, please", "#ecg", true));
        assert!(!stands_in("anything", "", false));
    }

    #[test]
    fn case_is_nothing_in_any_alphabet() {
        assert!(stands_in("Die Ärzte und der Äther", "ÄTHER", true));
        assert!(!stands_in("Die Ätherwelle", "äther", true));
        assert!(stands_in("ЭКГ в норме", "экг", true));
    }

    #[test]
    fn words_inside_of_words_are_all_found() {
        let words = ["heart attack", "heart", "art", "attack", "", "tack on", "attacks"];
        assert_eq!(found("a heart attack", &words, true), [true, true, false, true, false, false, false]);
        assert_eq!(found("a heart attack", &words, false), [true, true, true, true, false, false, false]);
        // The first two places are inside of a word, the third is not.
        assert!(stands_in("smart artist art", "art", true));
        assert_eq!(found("aaaa aa", &["a", "aa", "aaa"], true), [false, true, false]);
    }
}
