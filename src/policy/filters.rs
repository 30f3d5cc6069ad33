//! Which of somebody's filters fit a text.

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

/// The filters that have not ended and fit a post: its texts in lower case, and its id.
pub fn matches<'a>(filters: &'a [Filter], texts: &str, post: PostId, now: DateTime<Utc>) -> Vec<Match<'a>> {
    filters
        .iter()
        .filter(|f| f.ends_at.is_none_or(|at| at > now))
        .filter_map(|filter| {
            let keywords: Vec<&str> = filter
                .keywords
                .iter()
                .filter(|k| stands_in(texts, &k.keyword.to_lowercase(), k.whole_word))
                .map(|k| k.keyword.as_str())
                .collect();
            let posts: Vec<PostId> = filter.posts.iter().map(|p| p.post_id).filter(|p| *p == post).collect();
            (!keywords.is_empty() || !posts.is_empty()).then_some(Match { filter, keywords, posts })
        })
        .collect()
}

/// Whether a match leaves the post out of a list of this kind.
pub fn hides(found: &Match<'_>, context: FilterContext) -> bool {
    found.filter.action == FilterAction::Hide && found.filter.contexts.contains(&context)
}

fn stands_in(text: &str, word: &str, whole: bool) -> bool {
    if word.is_empty() {
        return false;
    }
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, found)| {
        if !whole {
            return true;
        }
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|t| t.chars().next());
        // A word that begins or ends with a sign has its edge there in any case.
        let (first, last) = (word.chars().next(), word.chars().next_back());
        let joined = (letter(before) && letter(first)) || (letter(after) && letter(last));
        !joined
    })
}

#[cfg(test)]
mod tests {
    use super::stands_in;

    #[test]
    fn a_whole_word_is_not_part_of_another() {
        assert!(stands_in("the ecg was normal", "ecg", true));
        assert!(!stands_in("the ecgs were normal", "ecg", true));
        assert!(stands_in("the ecgs were normal", "ecg", false));
        assert!(stands_in("read #ecg, please", "#ecg", true));
        assert!(!stands_in("anything", "", false));
    }
}
