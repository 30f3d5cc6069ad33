//! What happened to somebody.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    groups,
    layout::{Shell, Who, ago, full_date, post_path},
    paging::{At, Pager},
    session::{Form, Visitor},
};
use crate::{
    model::{AccountId, AccountKind, GroupDeed, Held, NotificationId, NotificationKind, Post, PostCard, Visibility},
    service::{
        credentials,
        notifications::{self, Group},
        profiles,
    },
    text::sanitize,
};

/// One line of the list: one sentence on one thing that happened, by one person or by several.
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
    /// What they did, up to the thing.
    words: String,
    /// The thing, which ends the sentence; empty where the people are all there is.
    thing: String,
    /// Where it is.
    path: String,
    /// Why it was decided so; empty where nothing was, or nobody said.
    reason: String,
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

/// How much of a post a sentence quotes.
const EXCERPT: usize = 160;

/// Those who did something.
struct People {
    known: HashMap<AccountId, Who>,
    /// Which of them are groups, and whether they live here.
    rooms: HashMap<AccountId, bool>,
    /// Why each of them opened a document alone the last time.
    reasons: HashMap<AccountId, String>,
}

impl Line {
    /// `None` where nobody is left who did it.
    fn of(group: Group, people: &People, seen: NotificationId, shell: &Shell) -> Option<Self> {
        let mut known = group.people.iter().filter_map(|id| people.known.get(id)).cloned();
        let (mut who, second) = (known.next()?, known.next());
        let byline = group.post.as_ref().filter(|card| card.author.id == who.id).and_then(PostCard::byline);
        if let Some(byline) = byline {
            who.name = byline;
        }
        let others = (group.count - 2).max(0);
        let me = shell.me.as_ref().map(|me| me.id);
        let is_removal = group.deed == Some(GroupDeed::RemovePost);
        let may_be_gone = group.kind == NotificationKind::Case || (group.kind == NotificationKind::Group && is_removal);
        let gone = group.about.filter(|_| may_be_gone && group.post.is_none());
        let room = word_of(&group, people, &who);
        let decided = decided_on(&group);
        let (icon, words) = match decided {
            Some((_, words)) => ("people", format!("{words}: see")),
            None => sentence(&group, people, (&who, me), gone.is_some(), second.is_some()),
        };
        let everyone = match (group.kind, &group.post, &shell.me) {
            (NotificationKind::Like, Some(card), _) => format!("/posts/{}/likes", card.post.id),
            (NotificationKind::Boost, Some(card), _) => format!("/posts/{}/boosts", card.post.id),
            (_, _, Some(me)) => format!("{}/followers", me.path),
            _ => String::new(),
        };
        let (path, thing) = match (group.post, gone, room) {
            (Some(card), ..) => (post_path(&card.author.handle(), card.post.id.0), quoted(&card.post)),
            // What is left of a case that was withdrawn says so at its old address, whoever that names.
            (None, Some(id), _) => {
                let whose = if group.kind == NotificationKind::Group { OWN_CASE } else { SOME_CASE };
                (post_path(&who.handle, id.0), whose.to_owned())
            }
            (None, None, Some(true)) => (format!("{}/log", groups::path_of(&who.handle)), "its log".to_owned()),
            (None, None, Some(false)) => {
                (format!("{}/moderation", groups::path_of(&who.handle)), "what waits".to_owned())
            }
            (None, None, None) => match decided {
                Some((deed, _)) => place_of(deed, &who),
                None => place(group.kind, &who),
            },
        };
        let reason = people.reasons.get(&who.id).filter(|_| group.kind == NotificationKind::Emergency);
        let thing = reason.map_or(thing, |reason| format!("“{reason}”"));
        Some(Self {
            icon,
            who,
            second,
            others,
            everyone,
            words,
            thing,
            path,
            reason: group.reason,
            when: ago(group.at, shell.now),
            full: full_date(group.at),
            iso: group.at.to_rfc3339(),
            new: group.newest.0 > seen.0,
            asks: group.kind == NotificationKind::FollowRequest,
        })
    }
}

/// Whether word for those who lead a group, from the group itself, is of one that lives here; none of everything else.
fn word_of(group: &Group, people: &People, who: &Who) -> Option<bool> {
    let is_word = group.kind == NotificationKind::GroupDesk && group.about.is_none();
    people.rooms.get(&who.id).copied().filter(|_| is_word)
}

/// What a group has decided about somebody, and in what words.
fn decided_on(group: &Group) -> Option<(GroupDeed, &'static str)> {
    let deed = group.deed.filter(|_| group.kind == NotificationKind::Group && group.about.is_none())?;
    Some((deed, notifications::decided(deed)?))
}

/// An icon, and what somebody did, up to the thing.
fn sentence(
    group: &Group,
    people: &People,
    (who, me): (&Who, Option<AccountId>),
    is_gone: bool,
    by_several: bool,
) -> (&'static str, String) {
    let ours = people.rooms.get(&who.id).copied();
    let (icon, words) = match (&group.post, word_of(group, people, who), group.deed) {
        (Some(card), _, Some(deed)) if group.kind == NotificationKind::Group => ("people", shown(deed, ours, card)),
        (Some(card), ..) => said_of(group.kind, card, who, me),
        (None, Some(true), _) => ("people", "has decided about another server: see"),
        (None, Some(false), _) => ("people", "has something for those who lead it: see"),
        (None, None, Some(GroupDeed::RemovePost)) => ("case", "removed"),
        (None, None, _) if is_gone && ours.is_some() => ("case", "lets you know that its author withdrew"),
        (None, None, _) => said(group.kind, by_several, is_gone),
    };
    (icon, words.to_owned())
}

/// What is left of a case that is gone.
const SOME_CASE: &str = "a case that you asked, took part in or follow";
const OWN_CASE: &str = "a case of yours";

/// What a group has decided about a post that is there; `ours` is whether it is a group, and lives here.
fn shown(deed: GroupDeed, ours: Option<bool>, card: &PostCard) -> &'static str {
    match deed {
        GroupDeed::Release => "shows your post now:",
        GroupDeed::ReturnPost if card.post.held == Held::No && !card.post.refusal.is_empty() => {
            "did not take the outcome of your case:"
        }
        GroupDeed::ReturnPost if ours == Some(true) => "has sent your post back to you:",
        GroupDeed::ReturnPost => "did not take your post:",
        _ if card.post.held == Held::No => "shows your post now:",
        _ => "lets your post wait for a moderator:",
    }
}

/// Where to go on from what a group has decided about somebody, and what that is called.
fn place_of(deed: GroupDeed, group: &Who) -> (String, String) {
    let (below, words) = match deed {
        // A new member is welcomed there.
        GroupDeed::Admit => ("?greet=yes", "its page"),
        GroupDeed::Appoint => ("/moderation", "what waits"),
        GroupDeed::RemovePost => ("/log", "its log"),
        _ => ("", "its page"),
    };
    (format!("{}{below}", groups::path_of(&group.handle)), words.to_owned())
}

/// An icon, and what somebody did with a post, which is quoted behind the words.
fn said_of(kind: NotificationKind, card: &PostCard, who: &Who, me: Option<AccountId>) -> (&'static str, &'static str) {
    let is_reply = card.post.reply_to_uri.is_some();
    let (by_them, by_me) = (card.author.id == who.id, Some(card.author.id) == me);
    match kind {
        NotificationKind::Mention if card.post.visibility == Visibility::Direct => {
            ("direct", "named you in a direct message:")
        }
        NotificationKind::Mention => ("direct", "mentioned you:"),
        NotificationKind::Reply => ("reply", "answered you:"),
        NotificationKind::Like => ("heart", "liked your post"),
        NotificationKind::Boost => ("boost", "boosted your post"),
        NotificationKind::Poll => ("poll", "asked a poll that has ended:"),
        NotificationKind::Post => ("pencil", "has posted"),
        NotificationKind::Edit => ("pencil", "changed a post that you boosted:"),
        NotificationKind::Group if card.post.held == Held::Refused => ("people", "did not take your post:"),
        NotificationKind::Group if card.post.held != Held::No => ("people", "lets your post wait for a moderator:"),
        NotificationKind::Group if !card.post.refusal.is_empty() => {
            ("people", "did not take the outcome of your case:")
        }
        NotificationKind::Group => ("people", "shows your post now:"),
        NotificationKind::GroupDesk => ("people", "waits in a group that you lead:"),
        NotificationKind::Case => match (is_reply, by_them, by_me) {
            (true, true, _) => ("case", "answered in a case that you follow:"),
            (true, false, true) => ("case", "marked your reply as the answer:"),
            (true, false, false) => ("case", "marked an answer in a case that you follow:"),
            (false, true, _) => ("case", "added the outcome to"),
            (false, false, true) if card.post.group_id == Some(who.id) => {
                ("case", "reminds you that the consent ends soon for your case")
            }
            (false, false, true) => ("case", "looked at your case and let it through:"),
            (false, false, false) => ("case", "has news of the case"),
        },
        _ => said(kind, false, false),
    }
}

/// The same of what is about no post that is still there.
fn said(kind: NotificationKind, by_several: bool, is_gone: bool) -> (&'static str, &'static str) {
    match kind {
        NotificationKind::Follow if by_several => ("person", "follow you now"),
        NotificationKind::Follow => ("person", "follows you now"),
        NotificationKind::FollowRequest => ("people", "asks to follow you"),
        NotificationKind::SignUp => ("people", "asks for"),
        NotificationKind::Report => ("flag", "was reported: see"),
        NotificationKind::Credential => ("claim", "has news of"),
        NotificationKind::Desk => ("claim", "waits at"),
        NotificationKind::Evidence => ("file", "has asked or answered you about a document: see"),
        NotificationKind::Emergency => ("warn", "opened a document alone, in an emergency:"),
        NotificationKind::Group => ("people", "has decided on"),
        NotificationKind::GroupDesk => ("people", "waits in"),
        NotificationKind::Case if is_gone => ("case", "withdrew"),
        NotificationKind::Case => ("case", "has news of"),
        NotificationKind::CaseReview => ("case", "has a case that waits for"),
        NotificationKind::Mention
        | NotificationKind::Reply
        | NotificationKind::Like
        | NotificationKind::Boost
        | NotificationKind::Poll
        | NotificationKind::Post
        | NotificationKind::Edit => ("pencil", "did something with a post that is gone"),
    }
}

/// Where to go on, of what is about no post, and what that is called.
fn place(kind: NotificationKind, who: &Who) -> (String, String) {
    let (path, words) = match kind {
        NotificationKind::SignUp => ("/admin/sign-ups", "an account"),
        NotificationKind::Report => ("/admin/reports", "the reports"),
        NotificationKind::Credential => ("/credentials", "your credentials"),
        NotificationKind::Desk => ("/desk", "the verification desk"),
        NotificationKind::Evidence => ("/desk/openings", "what waits for a second person"),
        NotificationKind::Emergency => ("/desk/openings", "see what it was"),
        // A new member is welcomed there.
        NotificationKind::Group => {
            return (format!("{}?greet=yes", groups::path_of(&who.handle)), "your request or your post".to_owned());
        }
        NotificationKind::GroupDesk => ("/groups", "a group that you lead"),
        NotificationKind::Case => ("/cases", "a case that you asked or took part in"),
        NotificationKind::CaseReview => ("/cases/review", "a second look"),
        _ => ("", ""),
    };
    (path.to_owned(), words.to_owned())
}

/// A post in a sentence: its title, its warning, or the beginning of its words.
fn quoted(post: &Post) -> String {
    let text = match (post.warning.as_str(), post.title.as_str()) {
        ("", "") => sanitize::plain(&post.html),
        ("", title) => title.to_owned(),
        (warning, _) => warning.to_owned(),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = text.chars().take(EXCERPT).collect();
    if text.chars().nth(EXCERPT).is_some() {
        short.push('…');
    }
    if short.is_empty() { "a post without words".to_owned() } else { format!("“{short}”") }
}

/// `GET /notifications`
pub(super) async fn show(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let together = notifications::GROUPABLE.to_vec();
    let paged = notifications::groups(ctx, &viewer, &notifications::everything(), together, &at.page()).await?;
    let seen = notifications::seen_up_to(ctx, &viewer).await?;
    let named = paged.items.iter().flat_map(|group| group.people.iter().take(2).copied()).collect();
    let people = profiles::also_gone(ctx, named).await?;
    let shell = visitor.shell("alerts");
    let rooms = people.iter().filter(|account| account.kind == AccountKind::Group);
    let rooms = rooms.map(|account| (account.id, account.is_local())).collect();
    let known = people.iter().map(|account| (account.id, Who::from_account(account, shell.now))).collect();
    let alone = paged.items.iter().filter(|group| group.kind == NotificationKind::Emergency);
    let alone = alone.flat_map(|group| group.people.iter().copied()).collect();
    let reasons = credentials::last_reasons(ctx, &viewer, alone).await?;
    let people = People { known, rooms, reasons };
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
