//! The groups that somebody belongs to, and finding others.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{path_of, words};
use crate::{
    error::Error,
    service::{
        groups::{self, Listed},
        search,
    },
    text::{handle, sanitize},
    web::{
        error::Problem,
        layout::{Shell, Who},
        session::Visitor,
    },
};

/// A group as a line of a list.
pub(in crate::web) struct Line {
    /// Its account.
    pub who: Who,
    /// Our page of it.
    pub path: String,
    /// What its kind is called.
    pub kind: &'static str,
    /// "12 members, 3 hospitals".
    pub members: String,
    /// The beginning of what it is about.
    pub about: String,
    /// How the viewer stands to it; empty where they do not.
    pub tag: &'static str,
    /// "3 waiting"; empty where nothing is, or it is not for the viewer.
    pub waiting: String,
}

/// Most groups of a list of those that can be found.
const MOST: i64 = 100;
/// How much of a description a line shows, in characters.
const ABOUT: usize = 160;

impl Line {
    /// For a viewer.
    pub(in crate::web) fn of(listed: &Listed, shell: &Shell) -> Self {
        let who = Who::of(&listed.account, shell.now);
        let text = sanitize::plain(&listed.about);
        let mut about: String = text.chars().take(ABOUT).collect();
        if text.chars().nth(ABOUT).is_some() {
            about.push('…');
        }
        let standing = listed.membership;
        let tag = match standing.role {
            _ if listed.archived => "Archived",
            Some(_) if standing.member => words::role(standing.role),
            _ if standing.member => "Member",
            _ if standing.asked => "Asked",
            _ => "",
        };
        Self {
            path: path_of(&who.handle),
            kind: words::kind(listed.kind).0,
            members: super::members(listed.members, listed.servers, who.host.is_empty()),
            about,
            tag,
            waiting: if listed.waiting > 0 { format!("{} waiting", listed.waiting) } else { String::new() },
            who,
        }
    }
}

#[derive(Template)]
#[template(path = "web/groups/index.html")]
struct IndexPage {
    shell: Shell,
    mine: Vec<Line>,
    asked: String,
    found: Vec<Line>,
    trouble: Option<String>,
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Asked {
    q: String,
}

/// `GET /groups`
pub(in crate::web) async fn show(visitor: Visitor, asked: web::Query<Asked>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let asked = asked.into_inner().q.trim().to_owned();
    let mut trouble = None;
    if let Some(path) = groups::page_of_link(ctx, &viewer, &asked).await? {
        return Ok(visitor.go(&path));
    }
    if asked.contains('@') {
        let elsewhere = handle::parse(&asked, &ctx.config.instance.host()).is_some_and(|whole| whole.host.is_some());
        if elsewhere {
            trouble = search::search(ctx, &viewer, &asked).await?.trouble;
        }
        match groups::view(ctx, &viewer, &asked, "").await {
            Ok(view) => return Ok(visitor.go(&path_of(&view.account.handle()))),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let shell = visitor.shell("groups");
    let mine = groups::mine(ctx, &viewer).await?;
    let mut found = groups::search(ctx, &viewer, &asked, MOST).await?;
    if asked.is_empty() {
        // These stand above already.
        found.retain(|one| !one.membership.member);
    }
    visitor.page(&IndexPage {
        mine: mine.iter().map(|one| Line::of(one, &shell)).collect(),
        found: found.iter().map(|one| Line::of(one, &shell)).collect(),
        asked,
        trouble,
        shell,
    })
}
