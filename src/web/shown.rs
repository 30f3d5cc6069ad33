//! People and posts as templates show them.

use super::layout::{Shell, ago, full_date};
use crate::{
    model::{Account, AccountId, Author, PostCard, Visibility},
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

impl From<&Account> for Who {
    fn from(account: &Account) -> Self {
        Self::of(&Author {
            id: account.id,
            host: account.host.clone(),
            username: account.username.clone(),
            uri: account.uri.clone(),
            url: account.url.clone(),
            name: account.name.clone(),
            discipline: account.discipline.clone(),
            employer: account.employer.clone(),
            locked: account.locked,
        })
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

/// A post as templates show it.
#[derive(Debug, Clone)]
pub(super) struct PostShown {
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
}

impl PostShown {
    /// For a viewer.
    pub(super) fn of(card: PostCard, shell: &Shell) -> Self {
        let by = Who::of(&card.author);
        let own = shell.me.as_ref().is_some_and(|me| me.id == card.author.id);
        let link = sanitize::web_url(&card.post.url).unwrap_or_default();
        Self {
            elsewhere: if card.post.local { String::new() } else { link.clone() },
            link,
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

/// A list of posts, ready to be shown.
pub(super) fn posts(cards: Vec<PostCard>, shell: &Shell) -> Vec<PostShown> {
    cards.into_iter().map(|card| PostShown::of(card, shell)).collect()
}

/// Our page of a post: `/@ada/1` or `/@ada@other.example/1`.
pub(super) fn post_path(handle: &str, id: i64) -> String {
    format!("/@{handle}/{id}")
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_leave_titles_out() {
        assert_eq!(initials("Dr Aoife Merrow"), "AM");
        assert_eq!(initials("Prof. Dr. med. Jonas von Dahl"), "JD");
        assert_eq!(initials("Ōtani"), "Ō");
        assert_eq!(initials("123"), "");
    }
}
