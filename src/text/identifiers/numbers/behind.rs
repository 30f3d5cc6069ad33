//! Labels behind their number: "4471203 (hospital number)", "4471203 is her chart number".

use super::{
    super::{kind::Kind, lexicon::VERB, page::Page, token::Shape},
    topics::{Word, meaning},
};

/// The kind that a label says which follows its number: "4471203 (hospital number)", "4471203 is her chart number".
pub(super) fn after(page: &Page<'_>, end: usize) -> Option<Kind> {
    let from = page.tokens.partition_point(|token| token.range.start < end);
    let mut left = end;
    let (mut topic, mut marker): (Option<(Kind, u8)>, bool) = (None, false);
    // "he is 904771 on Cerner".
    let on = page.after(end, 4) == " on ";
    for (n, token) in page.tokens.iter().skip(from).take(if on { 3 } else { 7 }).enumerate() {
        let gap = page.lower.get(left..token.range.start).unwrap_or_default();
        left = token.range.end;
        if n == 0 {
            let opened = matches!(gap.trim(), "(" | "[") || gap.contains("^^");
            let linked = gap.trim() == "," || gap == " " && matches!(&*token.key, "is" | "was" | "being" | "as" | "on");
            if !(opened || linked) {
                return None;
            }
        } else if gap.contains([')', '.', ';', '\n', ':', ',', '(']) {
            break;
        }
        let (word, is_number) = meaning(token);
        marker |= is_number;
        match word {
            Some(Word::Topic(kind, rank)) if topic.is_none_or(|(_, known)| rank > known) => topic = Some((kind, rank)),
            Some(Word::Public | Word::Phone) => return None,
            None if token.is(VERB) => break,
            None if token.shape == Shape::Number => return None,
            Some(Word::Topic(..) | Word::Marker | Word::Filler) | None => {}
        }
        // What follows with a number of its own is the label of that one.
        let next = page.tokens.get(from + n + 1);
        if next.is_some_and(|next| next.text.bytes().any(|b| b.is_ascii_digit())) {
            return None;
        }
        if marker && topic.is_some() {
            break;
        }
    }
    let (kind, rank) = topic.filter(|(kind, _)| !on || *kind == Kind::Mrn)?;
    (marker || rank == 4).then_some(kind)
}
