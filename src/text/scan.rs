//! Finds mentions, hashtags and bare links in running text.

/// What a text refers to, each once, in order of appearance.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Found {
    /// Handles without the leading `@`, lower case: `ada` or `ada@other.example`.
    pub mentions: Vec<String>,
    /// Hashtags without `#`, lower case.
    pub tags: Vec<String>,
}

impl Found {
    /// Adds what a piece of running text refers to.
    pub(super) fn add(&mut self, text: &str) {
        for piece in pieces(text) {
            let (list, item) = match piece {
                Piece::Mention(handle) => (&mut self.mentions, handle.to_lowercase()),
                Piece::Tag(name) => (&mut self.tags, name.to_lowercase()),
                Piece::Text(_) | Piece::Link(_) => continue,
            };
            if !list.contains(&item) {
                list.push(item);
            }
        }
    }
}

/// A piece of running text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Plain words.
    Text(&'a str),
    /// A handle as written, without the leading `@`.
    Mention(&'a str),
    /// A hashtag as written, without `#`.
    Tag(&'a str),
    /// An http(s) address.
    Link(&'a str),
}

/// Cuts text into pieces; joined again they are the text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut plain_from = 0;
    let mut before: Option<char> = None;
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        let opens = before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '/' | '@' | '&')));
        let found = if opens { piece_at(rest, first) } else { None };
        if let Some((piece, length)) = found {
            push_text(&mut out, text, plain_from, at);
            out.push(piece);
            at += length;
            plain_from = at;
            before = Some('a');
        } else {
            before = Some(first);
            at += first.len_utf8();
        }
    }
    push_text(&mut out, text, plain_from, text.len());
    out
}

fn push_text<'a>(out: &mut Vec<Piece<'a>>, text: &'a str, from: usize, to: usize) {
    if let Some(words) = text.get(from..to).filter(|w| !w.is_empty()) {
        out.push(Piece::Text(words));
    }
}

fn piece_at(rest: &str, first: char) -> Option<(Piece<'_>, usize)> {
    match first {
        '@' => mention(rest),
        '#' => tag(rest),
        'h' => link(rest),
        _ => None,
    }
}

fn mention(rest: &str) -> Option<(Piece<'_>, usize)> {
    let after = rest.get(1..)?;
    let name = trim_end(take(after, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')));
    if name.is_empty() || name.len() > 64 {
        return None;
    }
    let mut length = 1 + name.len();
    if let Some(host_part) = rest.get(length..).and_then(|r| r.strip_prefix('@')) {
        let host = trim_end(take(host_part, |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':')));
        if !host.is_empty() && host.len() <= 253 {
            length += 1 + host.len();
        }
    }
    Some((Piece::Mention(rest.get(1..length)?), length))
}

fn tag(rest: &str) -> Option<(Piece<'_>, usize)> {
    let name = take(rest.get(1..)?, |c| c.is_alphanumeric() || c == '_');
    let real = name.chars().any(|c| !c.is_numeric()) && name.chars().count() <= 100;
    real.then_some((Piece::Tag(name), 1 + name.len()))
}

fn link(rest: &str) -> Option<(Piece<'_>, usize)> {
    let scheme = ["https://", "http://"].into_iter().find(|s| rest.starts_with(s))?;
    let whole = take(rest, |c| !c.is_whitespace() && !matches!(c, '<' | '>' | '"' | '`' | '|'));
    let mut trimmed = whole.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', ']', '}']);
    // A closing bracket belongs to the address only where it was opened inside.
    while trimmed.ends_with(')') && trimmed.matches(')').count() > trimmed.matches('(').count() {
        trimmed = trimmed.strip_suffix(')').unwrap_or(trimmed).trim_end_matches(['.', ',', ';', '!', '?']);
    }
    (trimmed.len() > scheme.len()).then_some((Piece::Link(trimmed), trimmed.len()))
}

fn take(text: &str, keep: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !keep(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn trim_end(text: &str) -> &str {
    text.trim_end_matches(['.', '-', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_tags_and_links_are_told_from_plain_words() {
        let text = "Hi @ada@clinic.example. See #ECG, (https://x.example/a_(b)) or mail a@b.example #1";
        assert_eq!(
            pieces(text),
            vec![
                Piece::Text("Hi "),
                Piece::Mention("ada@clinic.example"),
                Piece::Text(". See "),
                Piece::Tag("ECG"),
                Piece::Text(", ("),
                Piece::Link("https://x.example/a_(b)"),
                Piece::Text(") or mail a@b.example #1"),
            ]
        );
    }

    #[test]
    fn a_port_belongs_to_the_host_and_a_colon_does_not() {
        assert_eq!(pieces("@a@h.localhost:8102: hello").first(), Some(&Piece::Mention("a@h.localhost:8102")));
        assert_eq!(pieces("@a: hello").first(), Some(&Piece::Mention("a")));
    }

    #[test]
    fn words_of_other_alphabets_make_tags() {
        assert_eq!(pieces("#Übergabe"), vec![Piece::Tag("Übergabe")]);
    }
}
