//! In which order the answers of a case stand.

use crate::model::{PostCard, PostId};

/// In which order the answers of a case stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The one that was accepted first, then the oldest.
    Answers,
    /// The newest talk first.
    Newest,
    /// As they came.
    Oldest,
}

impl Order {
    const ALL: [Self; 3] = [Self::Answers, Self::Newest, Self::Oldest];

    /// From the word in an address; what is not known is the usual order.
    pub(super) fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|order| order.word() == word).unwrap_or(Self::Answers)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Answers => "",
            Self::Newest => "newest",
            Self::Oldest => "oldest",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Answers => "Answers first",
            Self::Newest => "Newest first",
            Self::Oldest => "Oldest first",
        }
    }

    /// The orders to choose from, on the page at this path.
    pub(super) fn turns(self, path: &str) -> Vec<Turn> {
        let turn = |order: Self| {
            let asked = if order.word().is_empty() { String::new() } else { format!("?order={}", order.word()) };
            Turn { place: format!("{path}{asked}#replies"), words: order.words(), current: order == self }
        };
        Self::ALL.into_iter().map(turn).collect()
    }

    /// Answers with their depth, from the order in which they came.
    pub(super) fn put(self, replies: Vec<(usize, PostCard)>, accepted: Option<PostId>) -> Vec<(usize, PostCard)> {
        match self {
            Self::Answers => answer_first(replies, accepted),
            Self::Newest => newest_first(replies),
            Self::Oldest => replies,
        }
    }
}

/// An order to choose.
pub(super) struct Turn {
    pub(super) place: String,
    pub(super) words: &'static str,
    pub(super) current: bool,
}

/// The answer that was accepted, with all below it, before the others; each with its depth.
fn answer_first(mut replies: Vec<(usize, PostCard)>, accepted: Option<PostId>) -> Vec<(usize, PostCard)> {
    let place = |(_, card): &(usize, PostCard)| accepted == Some(card.post.id);
    let Some(at) = replies.iter().position(place) else { return replies };
    let mut first = replies.split_off(at);
    let own = first.first().map_or(1, |(depth, _)| *depth);
    let end = first.iter().skip(1).position(|(depth, _)| *depth <= own).map_or(first.len(), |below| below + 1);
    let after = first.split_off(end);
    let first = first.into_iter().map(|(depth, card)| (depth.saturating_sub(own) + 1, card));
    first.chain(replies).chain(after).collect()
}

/// The newest direct answer first, each with all below it as it came.
fn newest_first<T>(replies: Vec<(usize, T)>) -> Vec<(usize, T)> {
    let mut talks: Vec<Vec<(usize, T)>> = Vec::new();
    for (depth, reply) in replies {
        match talks.last_mut() {
            Some(talk) if depth > 1 => talk.push((depth, reply)),
            _ => talks.push(vec![(depth, reply)]),
        }
    }
    talks.into_iter().rev().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::{Order, newest_first};

    #[test]
    fn the_newest_talk_comes_first_with_all_that_was_said_in_it() {
        let came = vec![(1, "a"), (2, "a, answered"), (3, "and again"), (1, "b"), (1, "c"), (2, "c, answered")];
        let order: Vec<&str> = newest_first(came).into_iter().map(|(_, words)| words).collect();
        assert_eq!(order, ["c", "c, answered", "b", "a", "a, answered", "and again"]);
    }

    #[test]
    fn an_order_that_is_not_known_is_the_usual_one() {
        assert_eq!((Order::parse("newest"), Order::parse("oldest")), (Order::Newest, Order::Oldest));
        assert_eq!((Order::parse(""), Order::parse("sideways")), (Order::Answers, Order::Answers));
    }
}
