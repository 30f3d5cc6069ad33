//! Addresses on the internet: e-mail, web, computers, and what people are called there.
//! Links to literature and to public bodies identify nobody and are left alone.

use std::{net::Ipv6Addr, sync::LazyLock};

use regex::Regex;

use super::{
    kind::Kind,
    lexicon,
    page::{Mark, Page, has_word, pattern},
    token::fold,
};

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[a-zÀ-ɏ0-9._%+'-]{1,64}(?: ?@ ?| ?[\[({]at[\])}] ?| at (?:[a-z0-9-]{2,40} dot ))[a-zÀ-ɏ0-9-]{1,63}(?:(?:\.| ?[\[({]dot[\])}] ?| dot )[a-zÀ-ɏ0-9-]{1,63}){0,5}",
    )
});
static URL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:[a-z][a-z0-9+.-]{1,15}://|www\.)[^\s<>\x22]{3,300}|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]{1,62}){0,4}\.(?:co\.uk|org\.uk|nhs\.uk|ac\.uk|gov\.uk|com\.au|org\.au|net\.au|gov\.au|edu\.au|co\.nz|org\.nz|govt\.nz|health\.nz|ac\.nz|co\.za|org\.za|ac\.za|gov\.za|com\.sg|org\.sg|edu\.sg|gov\.sg|co\.in|org\.in|gov\.in|com|org|net|edu|gov|ie|nl|fr|de|eu|io|info|health|blog|app|page|link|site|online|scot|wales|ca|be|ch|at|me|tv|co|us|gg|ly|social|care|clinic|hospital|family|name|biz|gl|cloud|dev|xyz|fm|shop|cymru|london|test|invalid|nz|it|es|pl|se|no|dk|fi|pt|in|za|travel|church|school|farm|club|live|world|today|news|video|photos|wiki|space|fun|art|ai|so|to|im|local|internal|lan|intranet|localhost|onion|doctor|dental|example)(?:/[^\s<>\x22]{0,200})?",
    )
});
/// `\\\\server\\share\\folder`
static SHARE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\\\\[a-z0-9][a-z0-9._-]{1,40}(?:\\[^\s\\;,<>\x22]{1,60}){1,8}"));
static IP4: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"));
static IP6: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}"));
static MAC: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}"));
static HANDLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"@[a-zÀ-ɏ0-9_][a-zÀ-ɏ0-9_.-]{1,40}"));

/// Hosts of literature, registers of trials, codes and public bodies.
static LITERATURE: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("lists/hosts.txt").lines().filter(|line| !line.starts_with('#')).collect());
const PLATFORMS: &[&str] = &[
    "instagram",
    "insta",
    "twitter",
    "tiktok",
    "facebook",
    "snapchat",
    "mastodon",
    "discord",
    "telegram",
    "threads",
    "bluesky",
    "handle",
    "user",
    "username",
    "posts",
    "posted",
    "account",
    "follow",
    "follows",
    "channel",
    "tagged",
    "profile",
    "x",
    "youtube",
    "reddit",
    "online",
    "messaged",
];

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    emails(page, marks);
    urls(page, marks);
    computers(page, marks);
    handles(page, marks);
}

fn mark(range: std::ops::Range<usize>, kind: Kind, why: &'static str, weight: u8) -> Mark {
    Mark { range, kind, why, suggestion: String::new(), weight }
}

fn emails(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in EMAIL.find_iter(&page.lower) {
        let text = found.as_str();
        let host = text.rsplit('@').next().unwrap_or(text);
        let spelt = text.contains(" dot ") || text.contains(['[', '(', '{']);
        let spaced = text.contains(" @") || text.contains("@ ");
        // "@ 5 mg" is no address; a host has a dot, and letters after it.
        let ends = host.rsplit('.').next().unwrap_or_default();
        let hosted = host.contains('.') && ends.len() >= 2 && ends.chars().all(char::is_alphabetic);
        // "Insta @mat.surf": a handle behind its platform.
        let handle = text.contains(" @") && !text.contains("@ ") && has_word(text, PLATFORMS);
        if (hosted || spelt && !spaced) && !handle {
            marks.push(mark(found.range(), Kind::Email, "An e-mail address leads to a person.", 95));
        }
    }
}

fn urls(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in URL.find_iter(&page.lower) {
        let text = found.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', ']', '}', '’', '”']);
        let text = if text.contains('(') { text } else { text.trim_end_matches(')') };
        let range = found.start()..found.start() + text.len();
        let bare = !text.contains("://") && !text.starts_with("www.");
        let short = bare && !text.contains('/') && text.split('.').next().is_none_or(|host| host.len() < 3);
        let before = page.before(range.start, 1);
        let goes_on = bare && page.after(range.end, 1).starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let glued = goes_on || before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '@' | '.' | '-' | '_'));
        // A sentence that ends without a space after it: "settled.At".
        let sentence =
            bare && page.at(&range).split('.').nth(1).is_some_and(|next| next.starts_with(char::is_uppercase));
        let host = text.split("://").last().unwrap_or(text).split('/').next().unwrap_or_default();
        if !(short || glued || sentence || is_public(page, range.start, host)) {
            marks.push(mark(range, Kind::Url, "A web address may lead to a person or a place.", 90));
        }
    }
}

/// Whether it is literature, a public body, or what a system of codes is called by in data.
fn is_public(page: &Page<'_>, at: usize, host: &str) -> bool {
    let body = |ends: &[&str]| ends.iter().any(|end| host == end.trim_start_matches('.') || host.ends_with(end));
    let before = page.before(at, 16);
    let named = ["\"system\"", "\"url\"", "\"profile\"", "\"reference\"", "xmlns"];
    let coded = named.iter().any(|name| before.contains(name)) && !before.contains('\n') && before.ends_with('"');
    let national = matches!(host, "www.nhs.uk" | "nhs.uk" | "111.nhs.uk" | "england.nhs.uk" | "www.england.nhs.uk");
    national
        || coded && !host.contains("example")
        || body(&[
            ".gov",
            ".gov.au",
            ".govt.nz",
            ".gov.ie",
            ".gov.sg",
            ".gov.za",
            ".gov.in",
            ".gc.ca",
            ".gouv.fr",
            ".nhs.scot",
        ])
        || LITERATURE.iter().any(|known| host.contains(known))
}

fn computers(page: &Page<'_>, marks: &mut Vec<Mark>) {
    const WHY: &str = "An address of a computer leads to its user.";
    for found in page.matches(&IP4) {
        let fits = found
            .as_str()
            .split('.')
            .all(|part| part.parse::<u8>().is_ok() && (part.len() == 1 || !part.starts_with('0')));
        let versions = has_word(
            page.words_before(found.start(), 12),
            &["v", "version", "build", "firmware", "section", "release", "software"],
        );
        if fits && !versions && !page.joined(&found.range(), &['.']) {
            marks.push(mark(found.range(), Kind::Ip, WHY, 80));
        }
    }
    for found in SHARE.find_iter(&page.lower) {
        marks.push(mark(found.range(), Kind::Url, "A place on a server leads to what is kept there.", 90));
    }
    for found in IP6.find_iter(&page.lower) {
        if found.len() >= 5 && page.alone(&found.range()) && found.as_str().parse::<Ipv6Addr>().is_ok() {
            marks.push(mark(found.range(), Kind::Ip, WHY, 80));
        }
    }
    for found in page.matches(&MAC) {
        marks.push(mark(found.range(), Kind::Device, "An address of a device is unique to it.", 80));
    }
}

fn handles(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in HANDLE.find_iter(&page.lower) {
        let name = found.as_str().trim_end_matches(['.', '-']);
        let range = found.start()..found.start() + name.len();
        let glued = page.before(range.start, 1).ends_with(|c: char| c.is_alphanumeric());
        let word = name.trim_start_matches('@');
        // "reviewed @clinic", "@120 bpm" are no names.
        let plain = lexicon::look_up(&fold(word)).any(lexicon::WORD.or(lexicon::HOUSE).or(lexicon::ABBREVIATION));
        let number = word.starts_with(|c: char| c.is_ascii_digit()) || word.len() < 3;
        if !glued && !number && (!plain || page.near(&range, 40, PLATFORMS)) {
            // "@Rukhsana can you look?"
            let known = lexicon::look_up(&fold(word));
            let called = known.any(lexicon::ANY_GIVEN) && !page.near(&range, 40, PLATFORMS);
            let called = called && page.at(&range).trim_start_matches('@').starts_with(char::is_uppercase);
            let kind = if called { Kind::Name } else { Kind::Other };
            marks.push(mark(range, kind, "A name on a platform leads to a person.", 85));
        }
    }
}
