//! What happened to somebody.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    layout::{Shell, Who, ago, full_date, post_path},
    paging::{At, Pager},
    session::{Form, Visitor},
};
use crate::{
    model::{AccountId, Held, NotificationId, NotificationKind, PostCard, Visibility},
    service::{
        notifications::{self, Group},
        profiles,
    },
    text::sanitize,
};

/// One line of the list: one thing that happened, by one person or by several.
#[derive(Debug)]
struct Line {
    icon: &'static str,
    who: Who,
    /// Who did the same before.
    second: Option<Who>,
    /// How many more did.
    others: i64,
    /// Where all of them are listed.
    everyone: String,
    words: &'static str,
    path: String,
    excerpt: String,
    when: String,
    full: String,
    iso: String,
    new: bool,
    asks: bool,
}

#[derive(Template)]
#[template(path = "web/notifications.html")]
struct NotificationsPage {
    shell: Shell,
    lines: Vec<Line>,
    pager: Pager,
    newest: i64,
}

/// How much of a post a line shows.
const EXCERPT: usize = 160;

impl Line {
    /// `None` where nobody is left who did it.
    fn of(group: Group, people: &HashMap<AccountId, Who>, seen: NotificationId, shell: &Shell) -> Option<Self> {
        let mut known = group.people.iter().filter_map(|id| people.get(id)).cloned();
        let (mut who, second) = (known.next()?, known.next());
        let byline = group.post.as_ref().filter(|card| card.author.id == who.id).and_then(PostCard::byline);
        if let Some(byline) = byline {
            who.name = byline;
        }
        let others = (group.count - 2).max(0);
        let direct = group.post.as_ref().is_some_and(|card| card.post.visibility == Visibility::Direct);
        let by_them = |card: &PostCard| card.author.id == who.id && card.post.reply_to_uri.is_some();
        let answers = group.post.as_ref().is_some_and(by_them);
        let waits = group.post.as_ref().is_some_and(|card| card.post.held != Held::No);
        let (icon, words) = match group.kind {
            NotificationKind::Follow if second.is_some() => ("person", "follow you now"),
            NotificationKind::Follow => ("person", "follows you now"),
            NotificationKind::FollowRequest => ("people", "asks to follow you"),
            NotificationKind::Mention if direct => ("direct", "named you in a direct message"),
            NotificationKind::Mention => ("direct", "mentioned you"),
            NotificationKind::Reply => ("reply", "answered you"),
            NotificationKind::Like => ("heart", "liked your post"),
            NotificationKind::Boost => ("boost", "boosted your post"),
            NotificationKind::Poll => ("poll", "asked a poll that has ended"),
            NotificationKind::Post => ("pencil", "has posted"),
            NotificationKind::Edit => ("pencil", "changed a post that you boosted"),
            NotificationKind::SignUp => ("people", "asks for an account"),
            NotificationKind::Report => ("flag", "was reported"),
            NotificationKind::Credential => ("claim", "has word on your credentials"),
            NotificationKind::Desk => ("claim", "waits at the verification desk"),
            NotificationKind::Group if waits => ("people", "lets your post wait for a moderator"),
            NotificationKind::Group if group.post.is_some() => ("people", "shows your post now"),
            NotificationKind::Group => ("people", "has word for you"),
            NotificationKind::GroupDesk => ("people", "waits in a group that you lead"),
            NotificationKind::Case if answers => ("case", "answered in a case that you follow"),
            NotificationKind::Case => ("case", "brings word of a case"),
            NotificationKind::CaseReview => ("case", "has a case that waits for a second look"),
        };
        let everyone = match (group.kind, &group.post, &shell.me) {
            (NotificationKind::Like, Some(card), _) => format!("/posts/{}/likes", card.post.id),
            (NotificationKind::Boost, Some(card), _) => format!("/posts/{}/boosts", card.post.id),
            (_, _, Some(me)) => format!("{}/followers", me.path),
            _ => String::new(),
        };
        let (path, excerpt) = group.post.map_or_else(
            || place(group.kind),
            |card| {
                let text =
                    if card.post.warning.is_empty() { sanitize::plain(&card.post.html) } else { card.post.warning };
                (post_path(&card.author.handle(), card.post.id.0), shorten(&text))
            },
        );
        Some(Self {
            icon,
            who,
            second,
            others,
            everyone,
            words,
            path,
            excerpt,
            when: ago(group.at, shell.now),
            full: full_date(group.at),
            iso: group.at.to_rfc3339(),
            new: group.newest.0 > seen.0,
            asks: group.kind == NotificationKind::FollowRequest,
        })
    }
}

/// Where to go on, of what is about no post.
fn place(kind: NotificationKind) -> (String, String) {
    let (path, words) = match kind {
        NotificationKind::Credential => ("/credentials", "See your credentials"),
        NotificationKind::Desk => ("/desk", "Go to the desk"),
        NotificationKind::Group | NotificationKind::GroupDesk => ("/groups", "See your groups"),
        NotificationKind::Case => ("/cases", "See the cases"),
        NotificationKind::CaseReview => ("/cases/review", "Look at it"),
        _ => ("", ""),
    };
    (path.to_owned(), words.to_owned())
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(EXCERPT).collect();
    if text.chars().nth(EXCERPT).is_some() {
        short.push('…');
    }
    if short.is_empty() { "Open the post".into() } else { short }
}

/// `GET /notifications`
pub(super) async fn show(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let together = notifications::GROUPABLE.to_vec();
    let paged = notifications::groups(ctx, &viewer, &notifications::everything(), together, &at.page()).await?;
    let seen = notifications::seen_up_to(ctx, &viewer).await?;
    let named = paged.items.iter().flat_map(|group| group.people.iter().take(2).copied()).collect();
    let people = profiles::by_ids(ctx, named).await?;
    let shell = visitor.shell("alerts");
    let people: HashMap<AccountId, Who> =
        people.iter().map(|account| (account.id, Who::from_account(account, shell.now))).collect();
    // "All" means from the newest down, which only the first page knows.
    let newest = paged.items.first().filter(|_| at.is_first()).map_or(0, |group| group.newest.0);
    let pager = Pager::of(&paged, "/notifications");
    let lines = paged.items.into_iter().filter_map(|group| Line::of(group, &people, seen, &shell)).collect();
    visitor.page(&NotificationsPage { shell, lines, pager, newest })
}

/// Up to which notification everything has been seen.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    newest: i64,
}

/// `POST /notifications/read`
pub(super) async fn read(form: Form<Seen>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    notifications::mark_read(&visitor.ctx, &visitor.viewer(), fields.newest).await?;
    Ok(visitor.go("/notifications?done=read"))
}
