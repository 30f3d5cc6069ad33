//! What HTML may come in and go out: the allow-list of R14 and nothing else.

use std::{collections::HashSet, ops::Range, sync::LazyLock};

use ammonia::Builder;

use super::skeleton;

static RICH: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags: HashSet<&str> = [
        "p",
        "br",
        "a",
        "span",
        "strong",
        "em",
        "b",
        "i",
        "u",
        "s",
        "del",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ruby",
        "rt",
        "rp",
        "hr",
    ]
    .into();
    let classes: HashSet<&str> =
        ["mention", "hashtag", "u-url", "h-card", "invisible", "ellipsis", "quote-inline"].into();
    let mut builder = Builder::default();
    builder
        .tags(tags)
        .clean_content_tags(["script", "style", "title", "head", "iframe", "object", "svg", "math", "template"].into())
        .tag_attributes([("a", ["href"].into()), ("ol", ["start"].into())].into())
        .generic_attributes(HashSet::new())
        .allowed_classes([("a", classes.clone()), ("span", classes.clone()), ("p", classes)].into())
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("nofollow noopener noreferrer ugc"));
    builder
});

static NOTHING: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder.clean_content_tags(["script", "style", "title", "head"].into());
    builder
});

/// Safe HTML of untrusted HTML. What would cost the parser more than it is worth becomes its bare words.
pub fn html(untrusted: &str) -> String {
    if is_bomb(untrusted) { escape(&unescape(&stripped(untrusted))) } else { RICH.clean(untrusted).to_string() }
}

/// Tags that the HTML standard has the parser open again in every block until they are closed.
const REOPENED: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// Whether a text is made to explode: n unclosed formatting tags in m blocks are n × m elements, and n nested blocks
/// cost n² steps. Real posts have some hundred tags. Whatever writes the HTML looks through the rest of a text at each
/// sign that it may have to escape: an ampersand, or a character that begins as the no-break space does.
fn is_bomb(untrusted: &str) -> bool {
    let (mut all, mut reopened) = (0_usize, 0_usize);
    for tag in untrusted.split('<').skip(1) {
        all += 1;
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if name.len() <= 6 && REOPENED.iter().any(|r| r.eq_ignore_ascii_case(name)) {
            reopened += 1;
        }
    }
    let escaped = untrusted.bytes().filter(|b| matches!(b, b'&' | 0xc2)).count();
    let looked_through = escaped.saturating_mul(untrusted.len());
    all > 10_000 || reopened.saturating_mul(all) > 1_000_000 || looked_through > MOST_LOOKED_THROUGH
}

/// Bytes that are looked through for signs to escape: the longest posts with some thousand of them stay below.
const MOST_LOOKED_THROUGH: usize = 1_000_000_000;

/// The words between tags, found without a parser.
fn stripped(untrusted: &str) -> String {
    let mut out = String::with_capacity(untrusted.len() / 2);
    let mut inside = false;
    for c in untrusted.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// Ends of what stands in lines of its own, apart from paragraphs and items.
const ENDS: [&str; 10] = ["</h1>", "</h2>", "</h3>", "</h4>", "</h5>", "</h6>", "</dt>", "</dd>", "</td>", "</th>"];

/// The words of untrusted HTML, without any mark; entities are decoded.
pub fn plain(untrusted: &str) -> String {
    if is_bomb(untrusted) {
        return unescape(stripped(untrusted).trim());
    }
    let mut spaced = untrusted.replace("<br", "\n<br").replace("</p>", "</p>\n").replace("</li>", "</li>\n");
    for end in ENDS.iter().filter(|end| untrusted.contains(**end)) {
        spaced = spaced.replace(end, &format!("{end}\n"));
    }
    unescape(NOTHING.clean(&spaced).to_string().trim())
}

/// Plain words made safe inside HTML text and attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

/// One line of plain words: bounded, without controls that turn text around.
pub fn line(untrusted: &str, max_chars: usize) -> String {
    spaced(&printed(untrusted).take(max_chars).collect::<String>())
}

/// A display name: one such line without whatever could pass for our seal (R20).
pub fn name(untrusted: &str, max_chars: usize) -> String {
    let mut kept: String = printed(untrusted).filter(|c| !is_badge(*c)).take(max_chars).collect();
    while let Some(code) = badge_code(&kept) {
        kept.replace_range(code, " ");
    }
    spaced(&kept)
}

/// Whether a name, as it was sent in, wears a sign that could pass for our seal; [`name`] takes it off.
pub fn wears_badge(untrusted: &str) -> bool {
    let shown: String = printed(untrusted).take(LONGEST_NAME).collect();
    // What makes a sign before it a picture is none by itself: it follows hearts as well.
    shown.chars().any(|c| is_badge(c) && !is_variation(c)) || badge_code(&shown).is_some()
}

/// So much of a name is looked at for signs, in characters: nobody keeps more of it.
const LONGEST_NAME: usize = 1_000;

/// What is left of a text where every space is one, and nothing turns it around.
fn printed(untrusted: &str) -> impl Iterator<Item = char> {
    let spaces = untrusted.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    spaces.filter(|c| !c.is_control() && !is_bidi_control(*c))
}

fn spaced(text: &str) -> String {
    text.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}' | '\u{feff}' | '\u{200b}')
}

/// Signs in a name that could pass for our seal: ticks, the blue and green marks of other networks, what is awarded or
/// carried as a pass, and the staffs that registers and hospitals wear. Hearts, flowers, flags and stars stay: they say
/// nothing of anybody's having looked.
fn is_badge(c: char) -> bool {
    let tick = matches!(c, '✓' | '✔' | '☑' | '✅' | '🗸' | '🗹' | '√' | '⍻' | '🮱');
    let mark = matches!(c, '🔵' | '🔷' | '🔹' | '🔘' | '🟦' | '💠' | '🟢' | '🔰' | '🆗');
    let pass = matches!(c, '🏅' | '🎖' | '🏵' | '🥇' | '🛡' | '🪪' | '📛' | '🆔');
    tick || mark || pass || matches!(c, '⚕' | '⚚' | '☤') || is_variation(c)
}

/// What makes the sign before it a picture, or keeps it from being one.
fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}')
}

/// Parts of words that other servers' pictures of badges are called by; ":verified:" reads as one even without a picture.
const BADGE_WORDS: [&str; 11] =
    ["verif", "check", "tick", "badge", "blue", "official", "certif", "approved", "authentic", "shield", "medal"];
/// Longest such word, in characters.
const LONGEST_CODE: usize = 64;

/// Where the first shortcode of a name stands that could pass for our seal.
fn badge_code(name: &str) -> Option<Range<usize>> {
    let colons = || name.char_indices().filter(|(_, c)| matches!(c, ':' | '：' | '﹕' | '∶' | '꞉' | 'ː'));
    colons().zip(colons().skip(1)).find_map(|((start, open), (end, close))| {
        let word = name.get(start + open.len_utf8()..end)?;
        is_badge_word(word).then_some(start..end + close.len_utf8())
    })
}

/// Whether a shortcode could be a badge, in whatever letters it is written. Text with colons has spaces between them.
fn is_badge_word(word: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "_-+".contains(c) || !c.is_ascii();
    if word.is_empty() || word.chars().count() > LONGEST_CODE || !word.chars().all(fits) {
        return false;
    }
    let seen = skeleton(word);
    BADGE_WORDS.iter().any(|part| seen.contains(&skeleton(part)))
}

/// An address that may stand in a page: http(s) only, else none.
pub fn web_url(untrusted: &str) -> Option<String> {
    let url = url::Url::parse(untrusted.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some() && untrusted.len() <= 2_048)
        .then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_handlers_and_styles_do_not_pass() {
        let dirty = r#"<p onclick="x" style="color:red" id="a" class="evil mention">Hi<script>alert(1)</script><img src=x onerror=y></p>"#;
        assert_eq!(html(dirty), r#"<p class="mention">Hi</p>"#);
    }

    #[test]
    fn a_text_made_to_explode_becomes_its_words() {
        let bomb: String =
            (0..6_000).map(|n| format!("<b a={n}>")).chain((0..9_000).map(|_| "<p>x".to_owned())).collect();
        assert!(html(&bomb).len() < bomb.len());
        let deep = "<div>".repeat(40_000);
        assert_eq!(html(&deep).trim(), "");
        assert_eq!(html(&"<p><b>x</b></p>".repeat(200)), "<p><b>x</b></p>".repeat(200));
    }

    #[test]
    fn a_text_of_nothing_but_signs_to_escape_is_not_looked_through_again_and_again() {
        let signs = "&amp;".repeat(40_000);
        assert!(is_bomb(&signs) && is_bomb(&"°".repeat(90_000)));
        assert_eq!(html(&signs), signs);
        assert_eq!(plain(&signs), "&".repeat(40_000));
        assert_eq!(html(&format!("<p>{signs}&lt;b&gt;</p>")).trim(), format!("{signs}&lt;b&gt;"));
        assert!(!is_bomb(&"Temperature 39 °C & rising. ".repeat(1_500)));
    }

    #[test]
    fn links_lead_to_the_web_or_to_mail_only() {
        assert_eq!(html("<a href=\"javascript:x\">a</a>"), "<a rel=\"nofollow noopener noreferrer ugc\">a</a>");
        assert!(html("<a href=\"https://a.example/\">a</a>").contains("rel=\"nofollow noopener noreferrer ugc\""));
    }

    #[test]
    fn a_name_cannot_wear_a_seal_or_turn_text_around() {
        assert_eq!(name("Dr\u{202e} Eve ✅\n Moss", 500), "Dr Eve Moss");
    }

    #[test]
    fn a_seal_that_was_taken_off_is_told_from_other_pictures() {
        for worn in ["Dr Eve ✅", "🪪 Eve", "Eve ⚕\u{fe0f}"] {
            assert!(wears_badge(worn), "{worn}");
            assert!(!wears_badge(&name(worn, 100)), "{worn}");
        }
        assert!(!wears_badge("Eve \u{2764}\u{fe0f} 🌻"));
    }

    #[test]
    fn a_shortcode_of_a_badge_is_taken_off_and_text_with_colons_is_not() {
        for (sent, kept) in [
            ("Eve :verified:", "Eve"),
            (":blobcat_verified_2:Eve", "Eve"),
            ("Eve:blue_check::tick:Moss", "Eve Moss"),
            ("Eve ：vеrifiеd：", "Eve"),
            ("Eve :veri\u{200d}fied:", "Eve"),
            ("Eve :ver✅ified:", "Eve"),
            ("Eve :veri:verified:fied:", "Eve :veri fied:"),
        ] {
            assert_eq!(name(sent, 100), kept, "{sent}");
            assert!(wears_badge(sent) && !wears_badge(kept), "{sent}");
        }
        for kept in ["Ward 4: checks: 12:30", "Eve :heart:", "Eve: GP", "https://check.example:8080", "::", "⭐ Eve 🩺"]
        {
            assert_eq!(name(kept, 100), kept);
            assert!(!wears_badge(kept), "{kept}");
        }
    }

    #[test]
    fn a_line_that_is_nobodys_name_keeps_its_signs() {
        assert_eq!(line("  Yes ✅\n\u{202e}√2 :check: ", 100), "Yes ✅ √2 :check:");
    }

    #[test]
    fn plain_text_keeps_words_and_drops_marks() {
        assert_eq!(plain("<p>5 &lt; 6 &amp; 7</p><p>b</p>"), "5 < 6 & 7\nb");
        assert_eq!(
            plain("<h3>Outcome</h3><p>Coronary</p>"),
            "Outcome\nCoronary",
            "a heading does not run into what follows"
        );
    }
}
