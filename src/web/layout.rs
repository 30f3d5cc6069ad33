//! The frame around every page, and the small words that templates need.

use chrono::{DateTime, Utc};

use super::{assets::{ASSETS, Assets}, session::Visitor};
use crate::{
    model::{AccountId, Author, PostCard, Role, Visibility},
    service::sessions,
};

/// What the frame shows.
#[derive(Debug, Clone)]
pub struct Shell {
    /// Full name of the institution.
    pub institution: String,
    /// Its short name.
    pub short_name: String,
    /// Our host.
    pub host: String,
    /// Our origin.
    pub origin: String,
    /// The signed-in person.
    pub me: Option<Who>,
    /// Notifications not yet seen.
    pub unread: i64,
    /// Follow requests that wait.
    pub requests: i64,
    /// May see admin pages.
    pub moderator: bool,
    /// May change servers and dead letters.
    pub admin: bool,
    /// Token for forms.
    pub csrf: String,
    /// Current entry of the navigation.
    pub place: &'static str,
    /// `light`, `dark` or empty.
    pub theme: String,
    /// When the session ends (RFC 3339); empty when signed out.
    pub session_ends: String,
    /// Path and query of this page, for forms that come back to it.
    pub here: String,
    /// What was just done: kind (`done`, `info`, `warn`, `error`) and words.
    pub message: Option<(&'static str, &'static str)>,
    /// The time, for "5 min".
    pub now: DateTime<Utc>,
    /// Addresses of style, script and icons.
    pub assets: &'static Assets,
}

impl Shell {
    pub(super) fn new(visitor: &Visitor, place: &'static str) -> Self {
        let instance = &visitor.ctx.config.instance;
        let signed_in = visitor.signed_in.as_ref();
        Self {
            institution: instance.name.clone(),
            short_name: instance.short_name.clone(),
            host: instance.host(),
            origin: instance.origin(),
            me: signed_in.map(|s| Who::of(&s.me)),
            unread: signed_in.map_or(0, |s| s.unread),
            requests: signed_in.map_or(0, |s| s.requests),
            moderator: visitor.role() >= Some(Role::Moderator),
            admin: visitor.role() == Some(Role::Admin),
            csrf: visitor.csrf(),
            place,
            theme: visitor.theme.clone(),
            session_ends: signed_in.map(|s| sessions::ends_at(&visitor.ctx, s).to_rfc3339()).unwrap_or_default(),
            here: visitor.here.clone(),
            message: done_of(&visitor.here).and_then(message),
            now: visitor.ctx.now(),
            assets: &ASSETS,
        }
    }
}

/// The value of `done` in a query.
fn done_of(here: &str) -> Option<&str> {
    let (_, query) = here.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("done="))
}

/// What the page says after an act: only words of ours, chosen by a code in the address.
fn message(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "posted" => ("done", "Posted."),
        "edited" => ("done", "Saved. The earlier version stays readable under “edited”."),
        "deleted" => ("done", "Deleted. Other servers are asked to delete it as well."),
        "saved" => ("done", "Saved."),
        "followed" => ("done", "You follow them now."),
        "requested" => ("info", "Asked. You see their posts once they agree."),
        "unfollowed" => ("done", "You no longer follow them."),
        "accepted" => ("done", "They follow you now."),
        "declined" => ("done", "Declined. They are not told why."),
        "removed" => ("done", "Removed. They no longer follow you."),
        "signed-out" => ("done", "You are signed out."),
        "session-ended" => ("done", "That session has ended."),
        "password" => ("done", "Your password is changed. Other sessions have ended."),
        "email-asked" => ("info", "Open the link in the mail we sent to the new address."),
        "email" => ("done", "Your new e-mail address is confirmed."),
        "approved" => ("done", "Approved. They get a mail."),
        "rejected" => ("done", "Rejected. They get a mail with your reason."),
        "host" => ("done", "Saved. It holds from now on."),
        "retried" => ("done", "It is tried again now."),
        "discarded" => ("done", "Discarded."),
        "revoked" => ("done", "Revoked. It no longer works."),
        "read" => ("done", "All marked as read."),
        "closed" => ("done", "Your account is closed."),
        _ => return None,
    })
}

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
    /// Two letters for the picture.
    pub initials: String,
    /// Which of the eight tints, 0 to 7.
    pub tint: u8,
    /// "Cardiologist, St Brigid's"; empty where they claim nothing.
    pub claim: String,
    /// Their server; empty for our own people.
    pub host: String,
    /// Followers must be approved.
    pub locked: bool,
}

impl Who {
    /// From a row.
    pub fn of(author: &Author) -> Self {
        let name = if author.name.is_empty() { author.username.clone() } else { author.name.clone() };
        Self {
            id: author.id,
            initials: initials(&name),
            name,
            username: author.username.clone(),
            handle: author.handle(),
            path: format!("/@{}", author.handle()),
            tint: tint(author.id),
            claim: claim(&author.discipline, &author.employer),
            host: author.host.clone().unwrap_or_default(),
            locked: author.locked,
        }
    }
}

/// "Cardiologist, St Brigid's", or whichever of the two there is.
pub fn claim(discipline: &str, employer: &str) -> String {
    [discipline, employer].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(", ")
}

/// First letters of the first and last word that are names rather than titles.
pub fn initials(name: &str) -> String {
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter(|w| w.chars().next().is_some_and(char::is_alphabetic))
        .filter(|w| !matches!(w.trim_end_matches('.').to_lowercase().as_str(), "dr" | "prof" | "mr" | "mrs" | "ms" | "mx" | "med" | "von" | "van" | "de"))
        .collect();
    let letter = |w: Option<&&str>| w.and_then(|w| w.chars().next()).map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    if words.len() > 1 { letter(words.first()) + &letter(words.last()) } else { letter(words.first()) }
}

/// One of eight tints, the same for a person everywhere.
pub fn tint(id: AccountId) -> u8 {
    u8::try_from(((id.0 >> 16) ^ id.0).rem_euclid(8)).unwrap_or(0)
}

/// A post as templates show it.
#[derive(Debug, Clone)]
pub struct PostShown {
    /// The row.
    pub card: PostCard,
    /// Who wrote it.
    pub by: Who,
    /// Who passed it on: name and our page of them.
    pub boosted_by: Option<(String, String)>,
    /// Whom it answers: name and our page of the answered post.
    pub reply_to: Option<(String, String)>,
    /// Our page of it.
    pub path: String,
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
}

impl PostShown {
    /// For a viewer.
    pub fn of(card: PostCard, shell: &Shell) -> Self {
        let by = Who::of(&card.author);
        let own = shell.me.as_ref().is_some_and(|me| me.id == card.author.id);
        Self {
            path: post_path(&by.handle, card.post.id.0),
            boosted_by: card.boosted_by.as_ref().map(|(_, name, handle)| (name.clone(), format!("/@{handle}"))),
            reply_to: card
                .replies_to
                .as_ref()
                .and_then(|(name, handle)| Some((name.clone(), post_path(handle, card.post.reply_to_id?.0)))),
            own,
            boostable: card.post.visibility.is_open() || (own && card.post.visibility == Visibility::Followers),
            when: ago(card.post.published_at, shell.now),
            full: full_date(card.post.published_at),
            iso: card.post.published_at.to_rfc3339(),
            by,
            card,
        }
    }
}

/// Our page of a post: `/@ada/1` or `/@ada@other.example/1`.
pub fn post_path(handle: &str, id: i64) -> String {
    format!("/@{handle}/{id}")
}

/// "now", "12 min", "5 h", "3 d", then the date.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - at).num_minutes();
    match minutes {
        ..=0 => "now".into(),
        1..=59 => format!("{minutes} min"),
        60..=1_439 => format!("{} h", minutes / 60),
        1_440..=10_079 => format!("{} d", minutes / 1_440),
        _ if at.format("%Y").to_string() == now.format("%Y").to_string() => at.format("%-d %b").to_string(),
        _ => at.format("%-d %b %Y").to_string(),
    }
}

/// "24 November 2026, 09:12 UTC".
pub fn full_date(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// "24 November 2026".
pub fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_leave_titles_out() {
        assert_eq!(initials("Dr Aoife Merrow"), "AM");
        assert_eq!(initials("Prof. Dr. med. Jonas von Dahl"), "JD");
        assert_eq!(initials("Ōtani"), "Ō");
        assert_eq!(initials("123"), "");
    }

    #[test]
    fn times_are_relative_for_a_week_and_dates_after() {
        let now = DateTime::parse_from_rfc3339("2026-11-24T12:00:00Z").unwrap().to_utc();
        let before = |minutes| ago(now - chrono::TimeDelta::minutes(minutes), now);
        assert_eq!(before(0), "now");
        assert_eq!(before(59), "59 min");
        assert_eq!(before(60 * 23), "23 h");
        assert_eq!(before(60 * 24 * 6), "6 d");
        assert_eq!(before(60 * 24 * 10), "14 Nov");
        assert_eq!(before(60 * 24 * 400), "20 Oct 2025");
    }
}
