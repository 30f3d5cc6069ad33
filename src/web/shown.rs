//! People and posts as templates show them.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{
    badge::BadgeShown,
    layout::{Shell, ago, counted, full_date},
};
use crate::{
    model::{
        Account, AccountId, Author, FilterAction, FilterContext, Held, Media, Named, Poll, Post, PostCard, Source,
        SourceState, Visibility,
    },
    policy::filters::hides,
    service::filters,
    text::sanitize,
};

/// Somebody as lists and posts show them.
#[derive(Debug, Clone)]
pub struct Who {
    /// Their id.
    pub id: AccountId,
    /// Display name.
    pub name: String,
    /// User name.
    pub username: String,
    /// `ada` or `ada@other.example`.
    pub handle: String,
    /// Our page of them.
    pub path: String,
    /// Address of their picture; empty where they have none.
    pub picture: String,
    /// Two letters in its place.
    pub initials: String,
    /// Which of the eight tints, 0 to 7.
    pub tint: u8,
    /// "Cardiologist, St Brigid's"; empty where they claim nothing.
    pub claim: String,
    /// Their server; empty for our own people.
    pub host: String,
    /// Followers must be approved.
    pub locked: bool,
    /// What is verified of them.
    pub badge: Option<BadgeShown>,
}

impl Who {
    /// From a row.
    pub fn of(author: &Author, now: DateTime<Utc>) -> Self {
        let name = if author.name.is_empty() { author.username.clone() } else { author.name.clone() };
        Self {
            id: author.id,
            picture: if author.avatar.is_empty() { String::new() } else { small(&author.avatar) },
            initials: initials(&name),
            name,
            username: author.username.clone(),
            handle: author.handle(),
            path: format!("/@{}", author.handle()),
            tint: tint(author.id),
            claim: claim(&author.discipline, &author.employer),
            host: author.host.clone().unwrap_or_default(),
            locked: author.locked,
            badge: author.badge(now).map(|badge| BadgeShown::of(badge, now)),
        }
    }

    /// From a whole account.
    pub fn from_account(account: &Account, now: DateTime<Utc>) -> Self {
        let author = Author {
            id: account.id,
            host: account.host.clone(),
            username: account.username.clone(),
            uri: account.uri.clone(),
            url: account.url.clone(),
            name: account.name.clone(),
            discipline: account.discipline.clone(),
            employer: account.employer.clone(),
            locked: account.locked,
            avatar: account.avatar.clone(),
            badge: account.badge.clone(),
        };
        Self::of(&author, now)
    }
}

/// Somebody whose name stands in a line about something else.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    /// Display name.
    pub name: String,
    /// Where the line leads.
    pub path: String,
    /// What is verified of them.
    pub badge: Option<BadgeShown>,
}

impl Mention {
    /// From a row; `path` is where the line leads.
    pub(super) fn of(named: &Named, path: String, now: DateTime<Utc>) -> Self {
        Self { name: named.name.clone(), path, badge: named.badge(now).map(|badge| BadgeShown::of(badge, now)) }
    }
}

/// Our address of a picture's small version.
pub(super) fn small(name: &str) -> String {
    format!("/media/{name}/small")
}

/// A picture as templates show it.
#[derive(Debug, Clone)]
pub(super) struct PictureShown {
    /// Its id.
    pub id: i64,
    /// Its address.
    pub full: String,
    /// The small version's.
    pub small: String,
    /// Alternative text.
    pub alt: String,
    /// Size of the small version, or what is known of the picture's; 0 where nothing is.
    pub width: i32,
    /// Its height.
    pub height: i32,
}

impl From<&Media> for PictureShown {
    fn from(media: &Media) -> Self {
        let (width, height) = match (media.small_width, media.small_height) {
            (0, _) | (_, 0) => (media.width, media.height),
            size => size,
        };
        Self {
            id: media.id.0,
            full: format!("/media/{}", media.name),
            small: small(&media.name),
            alt: media.description.clone(),
            width,
            height,
        }
    }
}

/// A poll as templates show it.
#[derive(Debug, Clone)]
pub(super) struct PollShown {
    /// The viewer may vote now.
    pub votable: bool,
    /// More than one choice may be made.
    pub multiple: bool,
    /// Choice, votes in words ("3 votes, 60%"; empty while hidden), per cent, and whether it is the viewer's.
    pub choices: Vec<(String, String, i64, bool)>,
    /// "5 people, ends 31 May 2027, 09:12 UTC".
    pub foot: String,
}

impl PollShown {
    fn of(poll: &Poll, own: bool, shell: &Shell) -> Self {
        let over = poll.ended(shell.now);
        let hidden = poll.hide_totals && !over;
        // Whoever may choose several is one of the people, not of the votes.
        let whole = poll
            .voters_count
            .unwrap_or_else(|| poll.votes())
            .max(poll.options.iter().map(|o| o.votes).max().unwrap_or(0));
        let choices = (0_i16..).zip(&poll.options).map(|(place, option)| {
            let share = if whole > 0 { option.votes * 100 / whole } else { 0 };
            let words =
                if hidden { String::new() } else { format!("{}, {share}%", counted(option.votes, "vote", "votes")) };
            (option.title.clone(), words, if hidden { 0 } else { share }, poll.own.contains(&place))
        });
        let people = match poll.voters_count {
            Some(n) => counted(n, "person", "people"),
            None => counted(poll.votes(), "vote", "votes"),
        };
        let end = poll.ends_at.map(|at| format!("{} {}", if over { "ended" } else { "ends" }, full_date(at)));
        Self {
            votable: shell.me.is_some() && !own && !over && poll.own.is_empty(),
            multiple: poll.multiple,
            choices: choices.collect(),
            foot: [Some(people), end].into_iter().flatten().collect::<Vec<_>>().join(", "),
        }
    }
}

/// "Cardiologist, St Brigid's", or whichever of the two there is.
pub(super) fn claim(discipline: &str, employer: &str) -> String {
    [discipline, employer].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(", ")
}

/// First letters of the first and last word that are names rather than titles.
pub(super) fn initials(name: &str) -> String {
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter(|w| w.chars().next().is_some_and(char::is_alphabetic))
        .filter(|w| {
            !matches!(
                w.trim_end_matches('.').to_lowercase().as_str(),
                "dr" | "prof" | "mr" | "mrs" | "ms" | "mx" | "med" | "von" | "van" | "de"
            )
        })
        .collect();
    let letter =
        |w: Option<&&str>| w.and_then(|w| w.chars().next()).map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    if words.len() > 1 { letter(words.first()) + &letter(words.last()) } else { letter(words.first()) }
}

/// One of eight tints, the same for a person everywhere.
pub(super) fn tint(id: AccountId) -> u8 {
    u8::try_from(((id.0 >> 16) ^ id.0).rem_euclid(8)).unwrap_or(0)
}

/// A source as templates show it.
#[derive(Debug, Clone)]
pub(super) struct SourceShown {
    /// Where everybody finds it.
    pub address: String,
    /// Its title, or its number where that is not known.
    pub words: String,
    /// "The Lancet, 2020, doi:10.1016/…", or that nobody knows it; empty while nobody has been asked.
    pub about: String,
    /// It was taken back.
    pub retracted: bool,
}

impl From<&Source> for SourceShown {
    fn from(source: &Source) -> Self {
        let (address, number) = (source.key.address(), source.key.to_string());
        if source.title.is_empty() {
            let about = if source.state == SourceState::Unknown { "No title was found for it." } else { "" };
            return Self { address, words: number, about: about.to_owned(), retracted: source.retracted };
        }
        let year = source.year.map(|year| year.to_string()).unwrap_or_default();
        let about = [source.container.as_str(), year.as_str(), number.as_str()];
        let about = about.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        Self { address, words: source.title.clone(), about, retracted: source.retracted }
    }
}

/// A case as lists show it, in place of all that it tells.
#[derive(Debug, Clone)]
pub(super) struct CaseTeaser {
    /// Where it stands, and how soon an answer helps: the class of a tag, and the word.
    pub tags: Vec<(&'static str, &'static str)>,
    /// Topic and specialties; empty where there are none.
    pub about: String,
    /// "30 to 39, male"; empty where neither is said.
    pub who: String,
    /// "3 replies".
    pub replies: String,
    /// "first answer after 38 min"; empty while there is none.
    pub first_answer: String,
}

/// A post as templates show it.
#[derive(Debug, Clone)]
pub(super) struct PostShown {
    /// The row.
    pub card: PostCard,
    /// Who wrote it.
    pub by: Who,
    /// Who passed it on, with our page of them.
    pub boosted_by: Option<Mention>,
    /// Whom it answers, with our page of the answered post.
    pub reply_to: Option<Mention>,
    /// Our page of it.
    pub path: String,
    /// Its address for everybody.
    pub link: String,
    /// Its page on its own server; empty for our own posts.
    pub elsewhere: String,
    /// It is the viewer's own.
    pub own: bool,
    /// It may be boosted by anybody.
    pub boostable: bool,
    /// "12 min".
    pub when: String,
    /// "24 November 2026, 09:12 UTC".
    pub full: String,
    /// RFC 3339.
    pub iso: String,
    /// Its pictures.
    pub pictures: Vec<PictureShown>,
    /// The pictures are shown only when asked for.
    pub covered: bool,
    /// Its poll.
    pub poll: Option<PollShown>,
    /// Name of the viewer's filter that folds it away; empty where none does.
    pub filtered: String,
    /// Who alone sees it yet, and why; empty where that is over.
    pub held: String,
    /// Its group has not taken it.
    pub refused: bool,
    /// What stands in its place where it is a case: see `cases::show::fill`.
    pub case: Option<CaseTeaser>,
    /// How the viewer can say that it answers their case, or does not: where that goes, and in words.
    pub mark: Option<(String, &'static str)>,
    /// Conflicts of interest that its author declares: for it, and on the page of its discussion also in general.
    pub interests: String,
    /// What it stands on: filled in on its own page.
    pub sources: Vec<SourceShown>,
}

impl PostShown {
    /// For a viewer.
    pub(super) fn of(card: PostCard, shell: &Shell) -> Self {
        let mut by = Who::of(&card.author, shell.now);
        if let Some(byline) = card.byline() {
            by.name = byline;
        }
        let own = shell.me.as_ref().is_some_and(|me| me.id == card.author.id);
        let link = sanitize::web_url(&card.post.url).unwrap_or_default();
        let (filtered, blurred) = folded(&card, shell);
        Self {
            pictures: card.media.0.iter().map(PictureShown::from).collect(),
            covered: (card.post.sensitive && card.post.warning.is_empty()) || blurred,
            poll: card.poll.as_ref().map(|p| PollShown::of(&p.0, own, shell)),
            filtered,
            elsewhere: if card.post.local { String::new() } else { link.clone() },
            link,
            path: post_path(&by.handle, card.post.id.0),
            boosted_by: card
                .boosted_by
                .as_ref()
                .map(|booster| Mention::of(booster, format!("/@{}", booster.handle), shell.now)),
            reply_to: card.replies_to.as_ref().and_then(|asker| {
                Some(Mention::of(asker, post_path(&asker.handle, card.post.reply_to_id?.0), shell.now))
            }),
            own,
            boostable: card.post.held == Held::No
                && (card.post.visibility.is_open() || (own && card.post.visibility == Visibility::Followers)),
            held: held(&card.post, own),
            refused: card.post.held == Held::Refused,
            case: None,
            mark: None,
            interests: card.post.interests.clone(),
            sources: Vec::new(),
            when: ago(card.post.published_at, shell.now),
            full: full_date(card.post.published_at),
            iso: card.post.published_at.to_rfc3339_opts(SecondsFormat::Secs, true),
            by,
            card,
        }
    }
}

/// Who alone sees a post yet, and why.
fn held(post: &Post, own: bool) -> String {
    let words = match (post.held, own) {
        (Held::No, _) => "",
        (Held::Refused, _) if !post.refusal.is_empty() => {
            return format!("The group did not take this: “{}” Only you see it.", post.refusal);
        }
        (Held::Refused, _) => "The group did not take this. Only you see it.",
        (Held::Review, true) => "Only you and the moderators see this: it waits for a second look.",
        (Held::Review, false) => "Only its author and the moderators see this: it waits for a second look.",
        (Held::Sent, _) => "Only you see this yet: others here do once the group's own server shows it.",
        (Held::Waits, _) => "Only you see this yet: it waits for a moderator of the group, on the group's own server.",
        (_, true) => "Only you and the moderators see this: it waits for a moderator.",
        (_, false) => "Only its author and the moderators see this: it waits for a moderator.",
    };
    words.to_owned()
}

/// The name of the filter that folds a post away, and whether one covers its pictures.
fn folded(card: &PostCard, shell: &Shell) -> (String, bool) {
    let found = filters::sift(&shell.sieve, &shell.filters, &shell.viewer, card, shell.now);
    let by = |action| found.iter().find(move |m| m.filter.action == action);
    (by(FilterAction::Warn).map(|m| m.filter.title.clone()).unwrap_or_default(), by(FilterAction::Blur).is_some())
}

/// A list of posts, ready to be shown; what the viewer's filters hide in this place is left out.
pub(super) fn posts(cards: Vec<PostCard>, shell: &Shell, place: FilterContext) -> Vec<PostShown> {
    let hidden = |card: &PostCard| {
        let found = filters::sift(&shell.sieve, &shell.filters, &shell.viewer, card, shell.now);
        found.iter().any(|m| hides(m, place))
    };
    cards.into_iter().filter(|card| !hidden(card)).map(|card| PostShown::of(card, shell)).collect()
}

/// Our page of a post: `/@ada/1` or `/@ada@other.example/1`.
pub(super) fn post_path(handle: &str, id: i64) -> String {
    format!("/@{handle}/{id}")
}

#[cfg(test)]
mod tests {
    use super::{SourceShown, initials};
    use crate::model::{Source, SourceKey, SourceScheme, SourceState};

    #[test]
    fn initials_leave_titles_out() {
        assert_eq!(initials("Dr Aoife Merrow"), "AM");
        assert_eq!(initials("Prof. Dr. med. Jonas von Dahl"), "JD");
        assert_eq!(initials("Ōtani"), "Ō");
        assert_eq!(initials("123"), "");
    }

    #[test]
    fn a_source_without_a_title_is_its_number() {
        let key = SourceKey { scheme: SourceScheme::Pmid, name: "7".into() };
        let (title, container) = (String::new(), "J Mice".to_owned());
        let mut source =
            Source { key, state: SourceState::Waiting, title, container, year: Some(2003), retracted: false };
        let shown = SourceShown::from(&source);
        assert_eq!((shown.words.as_str(), shown.about.as_str()), ("PMID 7", ""));
        source.state = SourceState::Unknown;
        assert_eq!(SourceShown::from(&source).about, "No title was found for it.");
        source.title = "Of mice".into();
        let shown = SourceShown::from(&source);
        assert_eq!((shown.words.as_str(), shown.about.as_str()), ("Of mice", "J Mice, 2003, PMID 7"));
    }
}
