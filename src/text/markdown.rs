//! Markdown to safe HTML, in the marks that Mastodon, Pleroma and Misskey recognise.

use comrak::{
    Arena, Options, format_html,
    nodes::{AstNode, NodeValue},
    parse_document,
};

use super::{
    sanitize,
    scan::{Found, Piece, pieces},
};

/// Where mentions and hashtags of a text lead.
pub trait Links {
    /// The page and user name of a handle (lower case, without `@`); none leaves it plain.
    fn mention(&self, handle: &str) -> Option<(String, String)>;
    /// The page of a hashtag (lower case, without `#`).
    fn tag(&self, name: &str) -> String;
}

/// The mentions and hashtags of a Markdown text. Code and link texts do not count.
pub fn find(source: &str) -> Found {
    let arena = Arena::new();
    let root = parse_document(&arena, source, &options());
    let mut found = Found::default();
    for (_, text) in running_text(root) {
        found.add(&text);
    }
    found
}

/// In the operator's own words, handles and hashtags are no links.
#[derive(Debug, Clone, Copy)]
pub struct NoLinks;

impl Links for NoLinks {
    fn mention(&self, _: &str) -> Option<(String, String)> {
        None
    }

    fn tag(&self, _: &str) -> String {
        String::new()
    }
}

/// Safe HTML of a Markdown text.
pub fn render(source: &str, links: &dyn Links) -> String {
    let arena = Arena::new();
    let options = options();
    let root = parse_document(&arena, source, &options);
    for (node, text) in running_text(root) {
        if let Some(html) = with_links(&text, links) {
            node.data.borrow_mut().value = NodeValue::HtmlInline(html);
        }
    }
    let mut html = String::new();
    match format_html(root, &options, &mut html) {
        Ok(()) => sanitize::html(html.trim_end()),
        // Writing into a String does not fail; were it to, the text is shown plain.
        Err(std::fmt::Error) => sanitize::escape(source),
    }
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.render.hardbreaks = true;
    // Everything passes the sanitiser afterwards; typed tags show as the author wrote them.
    options.render.r#unsafe = true;
    options
}

/// The text nodes that are neither code nor inside a link; raw HTML becomes text on the way.
fn running_text<'a>(root: &'a AstNode<'a>) -> Vec<(&'a AstNode<'a>, String)> {
    let mut out = Vec::new();
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        let mut data = node.data.borrow_mut();
        if let NodeValue::HtmlBlock(block) = &mut data.value {
            block.literal = format!("<p>{}</p>\n", sanitize::escape(block.literal.trim_end()));
            continue;
        }
        let raw = match &data.value {
            NodeValue::HtmlInline(raw) => Some(raw.clone()),
            NodeValue::Link(_) | NodeValue::Image(_) | NodeValue::Code(_) | NodeValue::CodeBlock(_) => continue,
            NodeValue::Text(text) => {
                out.push((node, text.to_string()));
                continue;
            }
            _ => None,
        };
        if let Some(raw) = raw {
            data.value = NodeValue::HtmlInline(sanitize::escape(&raw));
            continue;
        }
        drop(data);
        let mut children: Vec<_> = node.children().collect();
        children.reverse();
        stack.extend(children);
    }
    out
}

pub(super) fn with_links(text: &str, links: &dyn Links) -> Option<String> {
    let pieces = pieces(text);
    if pieces.iter().all(|p| matches!(p, Piece::Text(_))) {
        return None;
    }
    let mut html = String::with_capacity(text.len() * 2);
    for piece in pieces {
        match piece {
            Piece::Text(words) => html.push_str(&sanitize::escape(words)),
            Piece::Link(url) => html.push_str(&anchor(url, "", &sanitize::escape(short_url(url)))),
            Piece::Tag(name) => {
                let inner = format!("#<span>{}</span>", sanitize::escape(name));
                html.push_str(&anchor(&links.tag(&name.to_lowercase()), "mention hashtag", &inner));
            }
            Piece::Mention(handle) => match links.mention(&handle.to_lowercase()) {
                Some((url, username)) => {
                    let inner = format!("@<span>{}</span>", sanitize::escape(&username));
                    html.push_str("<span class=\"h-card\">");
                    html.push_str(&anchor(&url, "u-url mention", &inner));
                    html.push_str("</span>");
                }
                None => html.push_str(&sanitize::escape(&format!("@{handle}"))),
            },
        }
    }
    Some(html)
}

fn anchor(url: &str, class: &str, inner: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!("<a href=\"{}\"{class}>{inner}</a>", sanitize::escape(url))
}

fn short_url(url: &str) -> &str {
    url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Example;
    impl Links for Example {
        fn mention(&self, handle: &str) -> Option<(String, String)> {
            (handle == "ada@clinic.example").then(|| ("https://clinic.example/@ada".into(), "ada".into()))
        }
        fn tag(&self, name: &str) -> String {
            format!("https://ours.example/tags/{name}")
        }
    }

    #[test]
    fn mentions_and_tags_become_links_that_other_servers_recognise() {
        let html = render("Ask @Ada@clinic.example about #ECG", &Example);
        assert!(
            html.contains("<span class=\"h-card\"><a href=\"https://clinic.example/@ada\" class=\"u-url mention\""),
            "{html}"
        );
        assert!(html.contains("https://ours.example/tags/ecg"), "{html}");
    }

    #[test]
    fn typed_tags_are_shown_not_obeyed() {
        let html = render("<script>alert(1)</script> and <b onclick=x>bold</b>", &Example);
        assert!(!html.contains("<script") && !html.contains("<b "), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn a_handle_in_code_is_not_a_mention() {
        assert_eq!(find("`@ada` and @bo, #x1 #x1"), Found { mentions: vec!["bo".into()], tags: vec!["x1".into()] });
    }

    #[test]
    fn a_script_address_is_no_link() {
        assert!(!render("[x](javascript:alert(1))", &Example).contains("javascript"));
    }

    #[test]
    fn an_unknown_handle_stays_as_typed() {
        assert_eq!(render("@Nobody there", &Example), "<p>@Nobody there</p>");
    }
}
