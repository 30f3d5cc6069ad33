//! What happened to somebody.

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
    model::{NotificationKind, Visibility},
    service::notifications::{self, NotificationView},
    text::sanitize,
};

/// One line of the list.
#[derive(Debug)]
struct Line {
    icon: &'static str,
    who: Who,
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
    fn of(view: NotificationView, new: bool, shell: &Shell) -> Self {
        let NotificationView { notification, post } = view;
        let direct = post.as_ref().is_some_and(|card| card.post.visibility == Visibility::Direct);
        let (icon, words) = match notification.kind {
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
        };
        let (path, excerpt) = post.map_or_else(Default::default, |card| {
            let text = if card.post.warning.is_empty() { sanitize::plain(&card.post.html) } else { card.post.warning };
            (post_path(&card.author.handle(), card.post.id.0), shorten(&text))
        });
        Self {
            icon,
            who: Who::of(&notification.from),
            words,
            path,
            excerpt,
            when: ago(notification.created_at, shell.now),
            full: full_date(notification.created_at),
            iso: notification.created_at.to_rfc3339(),
            new,
            asks: notification.kind == NotificationKind::FollowRequest,
        }
    }
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
    let unread = visitor.require()?.unread;
    let paged = notifications::page(&visitor.ctx, &visitor.viewer(), &notifications::everything(), &at.page()).await?;
    let shell = visitor.shell("alerts");
    // "All" means from the newest down, which only the first page knows.
    let newest = paged.items.first().filter(|_| at.is_first()).map_or(0, |view| view.notification.id.0);
    let pager = Pager::of(&paged, "/notifications");
    // The count is of the newest ones, so only the first page can tell which they are.
    let fresh = if at.is_first() { usize::try_from(unread).unwrap_or(0) } else { 0 };
    let lines =
        paged.items.into_iter().enumerate().map(|(place, view)| Line::of(view, place < fresh, &shell)).collect();
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
