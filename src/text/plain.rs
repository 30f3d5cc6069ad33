//! Plain words, as apps send them, to safe HTML: paragraphs, line breaks, addresses, mentions and hashtags, and nothing
//! else is added or changed.

use super::{
    markdown::{Links, with_links},
    sanitize,
    scan::Found,
};

/// The mentions and hashtags of a plain text.
pub fn find(source: &str) -> Found {
    let mut found = Found::default();
    found.add(source);
    found
}

/// Safe HTML of a plain text.
pub fn render(source: &str, links: &dyn Links) -> String {
    let text = source.replace("\r\n", "\n");
    let paragraph = |part: &str| {
        let lines = part.trim_matches('\n').split('\n');
        let html = lines.map(|line| with_links(line, links).unwrap_or_else(|| sanitize::escape(line)));
        format!("<p>{}</p>", html.collect::<Vec<_>>().join("<br />"))
    };
    let html: String = text.split("\n\n").filter(|part| !part.trim().is_empty()).map(paragraph).collect();
    sanitize::html(&html)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;
    impl Links for Nobody {
        fn mention(&self, _: &str) -> Option<(String, String)> {
            None
        }
        fn tag(&self, name: &str) -> String {
            format!("https://ours.example/tags/{name}")
        }
    }

    #[test]
    fn nothing_is_made_of_what_looks_like_marks() {
        assert_eq!(render("0.123", &Nobody), "<p>0.123</p>");
        assert_eq!(render("1. *not* a list\n# nor a title", &Nobody), "<p>1. *not* a list<br># nor a title</p>");
        assert_eq!(render("a\n\nb <b>", &Nobody), "<p>a</p><p>b &lt;b&gt;</p>");
        assert!(render("see #ECG", &Nobody).contains("mention hashtag"));
    }
}
