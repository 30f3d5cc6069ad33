//! What moderators of a group did, for its members.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};

use super::{Head, known_inside, words};
use crate::{
    model::Named,
    service::groups::{self, Line},
    web::{
        error::Problem,
        layout::{Shell, ago, full_date},
        paging::{At, Pager},
        session::Visitor,
        shown::Mention,
    },
};

/// A deed as a sentence: who, what, about whom.
struct Entry {
    /// None where it was the server's own.
    actor: Option<Mention>,
    before: &'static str,
    subject: Option<Mention>,
    after: &'static str,
    reason: String,
    when: String,
    full: String,
    iso: String,
}

/// Somebody by their handle.
fn mention(named: &Named, now: DateTime<Utc>) -> Mention {
    let mut mention = Mention::of(named, format!("/@{}", named.handle), now);
    mention.name = format!("@{}", named.handle);
    mention
}

impl Entry {
    fn of(line: Line, now: DateTime<Utc>) -> Self {
        // Ids begin with the milliseconds of their time.
        let at = DateTime::from_timestamp_millis(line.id.0 >> 16).unwrap_or_default();
        let (before, after) = words::deed(line.deed);
        Self {
            actor: line.actor.as_ref().map(|named| mention(named, now)),
            before,
            subject: line.subject.as_ref().map(|named| mention(named, now)),
            after,
            reason: line.reason,
            when: ago(at, now),
            full: full_date(at),
            iso: at.to_rfc3339(),
        }
    }
}

#[derive(Template)]
#[template(path = "web/groups/log.html")]
struct LogPage {
    shell: Shell,
    g: Head,
    entries: Vec<Entry>,
    pager: Pager,
}

/// `GET /groups/{handle}/log`
pub(in crate::web) async fn show(
    visitor: Visitor,
    handle: web::Path<String>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    let view = known_inside(&visitor, &handle).await?;
    let paged = groups::log(&visitor.ctx, &visitor.viewer(), view.account.id, &at.page()).await?;
    let shell = visitor.shell("groups");
    let g = Head::of(&view, shell.now);
    let pager = Pager::of(&paged, &format!("{}/log", g.path));
    let entries = paged.items.into_iter().map(|line| Entry::of(line, shell.now)).collect();
    visitor.page(&LogPage { shell, g, entries, pager })
}
