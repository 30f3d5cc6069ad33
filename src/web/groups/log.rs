//! What moderators of a group did, for its members.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};

use super::{Head, known_inside, words};
use crate::{
    error::{Error, Result},
    model::{GroupDeed, Named},
    service::{
        Paged,
        groups::{self, Line, LogLine, LogName, View},
    },
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

/// Somebody as the server of a group names them; of whom there is no page here, there is none to lead to.
fn named_there(name: LogName) -> Mention {
    let path = if name.known { format!("/@{}", name.handle) } else { String::new() };
    Mention { name: format!("@{}", name.handle), path, badge: None }
}

/// What was done, in words around the one whom it was about. Whose case it is withdraws it; whoever leads the group removes it.
fn said(deed: GroupDeed, by: Option<&str>, about: Option<&str>) -> (&'static str, &'static str) {
    match deed {
        GroupDeed::Recall if by.is_some() && by != about => ("removed everywhere a case of", ""),
        other => words::deed(other),
    }
}

impl Entry {
    fn of(line: Line, now: DateTime<Utc>) -> Self {
        // Ids begin with the milliseconds of their time.
        let at = DateTime::from_timestamp_millis(line.id.0 >> 16).unwrap_or_default();
        let handle = |named: Option<&Named>| named.map(|named| named.handle.clone());
        let (by, about) = (handle(line.actor.as_ref()), handle(line.subject.as_ref()));
        let (before, after) = said(line.deed, by.as_deref(), about.as_deref());
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

    fn told(line: LogLine, now: DateTime<Utc>) -> Self {
        let handle = |name: Option<&LogName>| name.map(|name| name.handle.clone());
        let (by, about) = (handle(line.by.as_ref()), handle(line.about.as_ref()));
        let (before, after) = said(line.deed, by.as_deref(), about.as_deref());
        Self {
            actor: line.by.map(named_there),
            before,
            subject: line.about.map(named_there),
            after,
            reason: line.reason,
            when: ago(line.at, now),
            full: full_date(line.at),
            iso: line.at.to_rfc3339(),
        }
    }
}

/// Where the lines come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whence {
    /// The group lives here.
    Here,
    /// Its own server told them just now.
    There,
    /// Its own server does not tell its log: what was told to this hospital as it was done.
    Told,
    /// The same, as its own server does not answer now.
    Away,
}

#[derive(Template)]
#[template(path = "web/groups/log.html")]
struct LogPage {
    shell: Shell,
    g: Head,
    entries: Vec<Entry>,
    whence: Whence,
    pager: Pager,
}

/// A page of the log of a group elsewhere as its own server tells it now, or why there is none.
async fn told_there(visitor: &Visitor, view: &View, at: At) -> Result<Result<Paged<LogLine>, Whence>> {
    if view.account.is_local() {
        return Ok(Err(Whence::Here));
    }
    match groups::log_there(&visitor.ctx, &visitor.viewer(), &view.account, at.before).await {
        Ok(Some((items, older))) => Ok(Ok(Paged { items, older, newer: None })),
        Ok(None) => Ok(Err(Whence::Told)),
        Err(Error::Remote { .. } | Error::Unavailable) => Ok(Err(Whence::Away)),
        Err(error) => Err(error),
    }
}

/// `GET /groups/{handle}/log`
pub(in crate::web) async fn show(
    visitor: Visitor,
    handle: web::Path<String>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    let view = known_inside(&visitor, &handle).await?;
    let shell = visitor.shell("groups");
    let g = Head::of(&view, shell.now);
    let base = format!("{}/log", g.path);
    let (entries, pager, whence) = match told_there(&visitor, &view, *at).await? {
        Ok(told) => {
            let newer = if at.before.is_some() { base.clone() } else { String::new() };
            let pager = Pager { newer, ..Pager::of(&told, &base) };
            (told.items.into_iter().map(|line| Entry::told(line, shell.now)).collect(), pager, Whence::There)
        }
        Err(whence) => {
            let paged = groups::log(&visitor.ctx, &visitor.viewer(), view.account.id, &at.page()).await?;
            let pager = Pager::of(&paged, &base);
            (paged.items.into_iter().map(|line| Entry::of(line, shell.now)).collect(), pager, whence)
        }
    };
    visitor.page(&LogPage { shell, g, entries, whence, pager })
}
