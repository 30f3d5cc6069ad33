//! The part of Structured Fields (RFC 9651) that signature headers are written in. Each function
//! reads one thing from the front of the text and moves the text past it, or gives `None`.

/// A bare item, as far as a signature needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare<'a> {
    Text(&'a str),
    Integer(i64),
    /// A token, a byte sequence, a boolean or a decimal: read, but not used.
    Other,
}

/// A quoted string. One with an escape is not read: nothing in our profile needs it.
pub(super) fn string<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let (text, after) = rest.strip_prefix('"')?.split_once('"')?;
    *rest = after;
    (!text.contains('\\')).then_some(text)
}

/// A key of a dictionary or of a parameter.
pub(super) fn key<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let part = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-' | '.' | '*');
    let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
    let (key, after) = rest.split_at_checked(end)?;
    *rest = after;
    key.starts_with(|c| matches!(c, 'a'..='z' | '*')).then_some(key)
}

/// A parameter with the `;` before it.
pub(super) fn parameter<'a>(rest: &mut &'a str) -> Option<(&'a str, Bare<'a>)> {
    *rest = rest.strip_prefix(';')?.trim_start_matches(' ');
    let name = key(rest)?;
    let Some(after) = rest.strip_prefix('=') else {
        return Some((name, Bare::Other));
    };
    *rest = after;
    Some((name, bare(rest)?))
}

fn bare<'a>(rest: &mut &'a str) -> Option<Bare<'a>> {
    if rest.starts_with('"') {
        return string(rest).map(Bare::Text);
    }
    let end = rest.find([';', ',', ')', ' ']).unwrap_or(rest.len());
    let (text, after) = rest.split_at_checked(end)?;
    *rest = after;
    if text.is_empty() {
        return None;
    }
    Some(text.parse().map_or(Bare::Other, Bare::Integer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_with_their_kinds() {
        let mut rest = r#";a=1;  b="x;y";c=tok:en/1;d;e=:AAA=:;f=?1;g=1.5)"#;
        let mut read = Vec::new();
        while let Some(parameter) = parameter(&mut rest) {
            read.push(parameter);
        }
        let other = Bare::Other;
        assert_eq!(
            read,
            [
                ("a", Bare::Integer(1)),
                ("b", Bare::Text("x;y")),
                ("c", other),
                ("d", other),
                ("e", other),
                ("f", other),
                ("g", other),
            ]
        );
        assert_eq!(rest, ")");
    }

    #[test]
    fn what_cannot_be_read_is_none() {
        for text in [";", ";A=1", ";1=1", ";a=", ";a=\"x", r#";a="x\"y""#] {
            assert_eq!(parameter(&mut { text }), None, "{text}");
        }
        assert_eq!(string(&mut "text"), None);
        assert_eq!(key(&mut "Key"), None);
    }
}
