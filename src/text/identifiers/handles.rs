//! What people are called on the internet, and files that are called after them: user names, handles, photographs.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    kind::Kind,
    lexicon::{self, ABBREVIATION, FUNCTION, VERB, WORD},
    page::{Mark, Page, has_word, pattern},
};

const PLATFORM: &str = r"skype|discord|snapchat|snap|instagram|insta|ig|tiktok|twitter|telegram|threads|bluesky|mastodon|reddit|youtube|twitch|xbox(?: live)?|psn|playstation|steam|strava|fitbit|linkedin|facebook|fb|messenger|wechat|viber|kik|tinder|grindr|bumble|hinge|vinted|ebay|etsy|depop|onlyfans|patreon|roblox|minecraft|fortnite|duolingo|github|slack|teams|zwift|librelink|dexcom|nightscout|mychart|portal|app|forum|blog|tumblr|pinterest|soundcloud|spotify|myspace|vlog|wattpad|zoom|ecrf|edc|redcap";
/// A word for the name that somebody signs in with.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:(?:user|login|log-in|logon|sign-in|screen|display|profile|account|gamer|avatar|pen|domain|network|windows|ad) ?-?(?:name|id|tag)s?|usernames?|userid|login|log-in|logon|gamertag|nickname on [a-z]+|handle|user|u/n)((?: on (?:the |his |her )?[a-z]+| for [a-z ]{1,16})?(?: ?[:=]| is| was| as| of| name|,| ?[(])?)[ ]?[\x22“'‘*]?([a-zÀ-ɏ][a-zÀ-ɏ0-9]*(?:[_.-][a-zÀ-ɏ0-9_]+)*_?)",
    )
});
/// A platform, and what looks like the name of somebody there.
static ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:{PLATFORM}|logged (?:in|on)|logs (?:in|on)|signs in|signed in|signs|posts|posted|upload account|account|profile|channel)(?: (?:name|handle|user|username|id|account|profile|page|channel|tag|login|is|as|was|called|under|at|on|in|the|her|his|by|from|to|account)){{0,4}}(?: ?[:=]| ?[(]|,)?[ ]?[\x22“'‘*]?([a-z][a-z0-9]{{2,20}}#[0-9]{{4}}|[a-z][a-z0-9]*(?:[_.][a-z0-9_.]*[a-z0-9_]|[a-z0-9]*[0-9][a-z0-9]*|_))"
    ))
});
static FILE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[a-zÀ-ɏ0-9][a-zÀ-ɏ0-9_().+-]{0,80}\.(?:jpe?g|nef|cr2|arw|orf|rw2|png|heic|heif|tiff?|gif|bmp|webp|raw|dng|mov|mp4|m4v|avi|mkv|wmv|wav|mp3|m4a|aac|amr|dcm|dicom|nii(?:\.gz)?|svs|ndpi|edf|pdf|docx?|rtf|odt|xlsx?|csv|pptx?|eml|msg|vcf|zip)",
    )
});
/// "posts as GreyHeron", "known online as \"Betty\"".
static POSTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:posts|posting|posted|blogs|blogging|tweets|tweeting|streams|streaming|plays|writes|known online|known there|goes|trades|vlogs|podcasts|comments|chats|logged in|signed in|logs on|logs in|logged on|active|on there|online|there)(?: (?:online|there|here|anonymously|on (?:the |a |his |her )?[a-z]+(?: [a-z]+)?|in (?:the |a )?[a-z ]{3,20}))?,? (?:as|under|by|under the name(?: of)?|under the handle|by the name(?: of)?|by the handle|called) ([\x22“'‘]?)([a-zÀ-ɏ0-9][a-zÀ-ɏ0-9_.-]{2,30})",
    )
});
/// Words with a low line in them, as no sentence has them.
static LINED: LazyLock<Regex> = LazyLock::new(|| pattern(r"_?[a-z][a-z0-9.]*(?:_[a-z0-9.]+)+_?|[a-z][a-z0-9]{2,}_"));
static REDDIT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bu/[a-z0-9_-]{4,24}"));

const WHY: &str = "A name for signing in leads to a person.";

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut push = |range, why, weight| {
        marks.push(Mark { range, kind: Kind::Other, why, suggestion: String::new(), weight });
    };
    for found in page.matches(&FILE) {
        let text = found.as_str();
        let document = [".pdf", ".doc", ".docx", ".rtf", ".odt", ".xlsx", ".xls", ".csv", ".ppt", ".pptx", ".zip"];
        let stem = text.rsplit_once('.').map_or(text, |(stem, _)| stem);
        let told = stem.bytes().filter(u8::is_ascii_digit).count() >= 3 || stem.contains('_');
        // A page on the web is read elsewhere.
        let path = page.before(found.start(), 1).ends_with(['/', '\\', '@']);
        if !path && (told || !document.iter().any(|end| text.ends_with(end))) {
            push(found.range(), "The name of a file may lead to a person.", 88);
        }
    }
    for found in NAMED.captures_iter(&page.lower) {
        let (Some(whole), Some(link), Some(name)) = (found.get(0), found.get(1), found.get(2)) else { continue };
        let text = name.as_str().trim_end_matches(['.', '-']);
        let known = lexicon::look_up(text);
        let linked = !link.as_str().trim().is_empty();
        let odd =
            text.bytes().any(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.')) || text.contains(char::is_whitespace);
        let label = whole.as_str();
        let plain = known.any(FUNCTION.or(VERB)) || text.len() < 3 || known.any(ABBREVIATION) && text.len() < 5;
        let weak = weak_label(label) || label.starts_with("log");
        let said =
            link.as_str().contains([':', '=', '(']) || link.as_str().ends_with("is") || link.as_str().ends_with("was");
        let unknown = known == lexicon::Flags::NONE && text.len() > 3 && !weak_label(label);
        let takes = odd || unknown || !plain && linked && said && (!weak || !known.any(WORD));
        if takes && !page.before(whole.start(), 1).ends_with(char::is_alphanumeric) {
            push(name.start()..name.start() + text.len(), WHY, 71);
        }
    }
    for found in ON.captures_iter(&page.lower) {
        let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else { continue };
        let lone = !page.before(whole.start(), 1).ends_with(|c: char| c.is_alphanumeric());
        if lone && is_handle(name.as_str()) && page.alone(&name.range()) {
            push(name.range(), WHY, 70);
        }
    }
    for found in POSTS.captures_iter(&page.lower) {
        let (Some(quote), Some(name)) = (found.get(1), found.get(2)) else { continue };
        let text = name.as_str().trim_end_matches(['.', '-']);
        let range = name.start()..name.start() + text.len();
        let odd = humps(page.at(&range)) || text.bytes().any(|b| b.is_ascii_digit() || b == b'_');
        let unknown = lexicon::look_up(text) == lexicon::Flags::NONE && text.len() > 4 && page.near(&range, 60, ONLINE);
        if odd && page.near(&range, 60, ONLINE) || !quote.is_empty() && page.near(&range, 60, ONLINE) || unknown {
            push(range, WHY, 70);
        }
    }
    for token in page.tokens.iter().filter(|token| humps(token.text) && !token.is(lexicon::TRAP.or(ABBREVIATION))) {
        if token.text.len() > 5 && page.near(&token.range, 50, ONLINE) && !BRANDS.contains(&&*token.key) {
            push(token.range.clone(), WHY, 63);
        }
    }
    for found in page.matches(&LINED) {
        let text = found.as_str();
        let head = text.split(['_', '.']).next().unwrap_or_default();
        let changed = text
            .split('_')
            .all(|part| part.get(1..).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())));
        let code = head.len() < 2
            || changed
            || text.starts_with('_')
            || has_word(head, CODES)
            || text.split('_').all(|part| part.bytes().all(|b| b.is_ascii_digit()) || part.len() < 2)
            || head.len() <= 4 && head.ends_with(|c: char| c.is_ascii_digit());
        let glued = page.before(found.start(), 1).ends_with(['/', '.', ':', '@', '-', '?', '=', '&', '*', '[', '_']);
        let capitals = page.at(&found.range()).bytes().all(|b| !b.is_ascii_lowercase());
        let key = page.after(found.end(), 2).starts_with(['=', ':', '"', '(']);
        if !code && !glued && !capitals && !key && !is_heading(page, found.start()) {
            push(found.range(), WHY, 62);
        }
    }
    for found in page.matches(&REDDIT) {
        let odd = found.as_str().contains(['_', '-']) || found.as_str().bytes().any(|b| b.is_ascii_digit());
        if odd || page.near(&found.range(), 40, &["reddit", "posted", "user", "handle"]) {
            push(found.range(), WHY, 70);
        }
    }
}

/// Whether it is one of the heads of a file of data: names of columns, with nothing but commas or the like between.
fn is_heading(page: &Page<'_>, at: usize) -> bool {
    let start = page.lower.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line = page.lower.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let names = |mark: char| {
        let cells = line.split(mark).map(str::trim);
        line.len() < 2_000
            && line.matches(mark).count() >= 3
            && cells.clone().all(|cell| cell.len() < 32 && !cell.contains(' '))
            && cells.filter(|cell| cell.starts_with(|c: char| c.is_ascii_digit())).count() == 0
    };
    [',', ';', '\t', '|'].into_iter().any(names)
}

/// Whether a label may be a common word: "the user", "handle with care".
fn weak_label(label: &str) -> bool {
    label.starts_with("user ") || label.starts_with("user:") || label.starts_with("handle")
}

/// Heads of codes that are written with a low line.
const CODES: &[&str] =
    &["nm", "np", "nc", "nr", "xm", "ng", "pm", "ps", "pp", "pvs", "bs", "ba", "bp", "chr", "rs", "epi", "gcf", "ckd"];

/// Whether letters and digits may be a name, and are no dose, gene or version.
fn is_handle(text: &str) -> bool {
    let letters = text.bytes().filter(u8::is_ascii_lowercase).count();
    let ends = text.rsplit('.').next().unwrap_or_default();
    let lined = text.contains('_');
    text.contains('#')
        || letters >= 3
            && text.len() >= 5
            && (lined || text.len() >= 6)
            && !matches!(ends, "com" | "org" | "net" | "ie" | "uk" | "example")
            && (lined || text.matches('.').count() > 1 || text.bytes().any(|b| b.is_ascii_digit()) && letters >= 4)
}

/// Words near the name of somebody on the internet.
const ONLINE: &[&str] = &[
    "online",
    "forum",
    "handle",
    "posts",
    "posted",
    "posting",
    "gamer",
    "gamertag",
    "stream",
    "streams",
    "streamer",
    "blog",
    "blogs",
    "blogger",
    "channel",
    "username",
    "reddit",
    "twitch",
    "youtube",
    "tiktok",
    "instagram",
    "insta",
    "twitter",
    "facebook",
    "discord",
    "xbox",
    "playstation",
    "psn",
    "steam",
    "minecraft",
    "roblox",
    "fortnite",
    "strava",
    "profile",
    "avatar",
    "nickname",
    "screen",
    "login",
    "portal",
    "app",
    "chatroom",
    "chat",
    "tweets",
    "followers",
    "page",
    "account",
    "onlyfans",
    "snapchat",
    "mastodon",
    "bluesky",
    "tumblr",
    "podcast",
    "vlog",
    "user",
];
const BRANDS: &[&str] = &[
    "youtube",
    "mychart",
    "whatsapp",
    "tiktok",
    "facetime",
    "linkedin",
    "paypal",
    "onlyfans",
    "nightscout",
    "librelink",
    "playstation",
    "mcdonald",
    "mcdonalds",
    "systmone",
    "livejournal",
    "deviantart",
    "soundcloud",
    "icloud",
    "onedrive",
    "dropbox",
    "carelink",
    "powerpoint",
    "medscape",
    "doximity",
    "researchgate",
    "sharepoint",
    "github",
    "openai",
    "chatgpt",
    "healthkit",
    "babycentre",
    "mumsnet",
    "babycenter",
    "patientslikeme",
    "healthunlocked",
    "flatiron",
    "redcap",
    "fitbit",
    "genexpert",
    "silvercloud",
    "sleepio",
    "headspace",
    "accurx",
    "systmonline",
    "systemonline",
    "patientaccess",
    "econsult",
    "mysugr",
    "glooko",
    "libreview",
    "tidepool",
    "mycopd",
    "togetherall",
    "moodgym",
    "thiswayup",
    "beyondblue",
    "medisafe",
    "followmyhealth",
    "athenahealth",
    "epiccare",
    "careeverywhere",
    "tigertext",
    "tigerconnect",
    "perfectserve",
    "imessage",
    "teamviewer",
    "anydesk",
    "goodrx",
    "healthlink",
    "managemyhealth",
    "mymedicare",
    "mygov",
    "hotdoc",
    "healthengine",
    "attendanywhere",
    "opennotes",
    "doxyme",
    "myfitnesspal",
];

/// Whether capitals stand inside a word of letters, as in names that are made up: "GreyHeron".
fn humps(text: &str) -> bool {
    let capitals = text.char_indices().filter(|(at, c)| *at > 1 && c.is_ascii_uppercase()).count();
    let small = text.chars().filter(char::is_ascii_lowercase).count();
    capitals >= 1
        && small >= 4
        && text.chars().all(|c| c.is_ascii_alphanumeric())
        && !text.starts_with("Mc")
        && !text.starts_with("Mac")
        && !text.starts_with("De")
        && !text.starts_with("Fitz")
        && !text.starts_with("Van")
}
