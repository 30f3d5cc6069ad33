//! Finding people, groups, posts and hashtags.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    groups::index::Line,
    layout::{PostShown, Shell},
    people::{self, PersonShown},
    session::Visitor,
};
use crate::service::{groups, search};

/// What is looked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "web/search.html")]
struct SearchPage {
    shell: Shell,
    asked: String,
    people: Vec<PersonShown>,
    groups: Vec<Line>,
    posts: Vec<PostShown>,
    tags: Vec<(String, i64)>,
    trouble: Option<String>,
}

impl SearchPage {
    fn found_nothing(&self) -> bool {
        self.people.is_empty() && self.groups.is_empty() && self.posts.is_empty() && self.tags.is_empty()
    }
}

/// `GET /search`
pub(super) async fn show(visitor: Visitor, asked: web::Query<Asked>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let asked = asked.into_inner().q.trim().to_owned();
    if let Some(path) = groups::page_of_link(&visitor.ctx, &visitor.viewer(), &asked).await? {
        return Ok(visitor.go(&path));
    }
    let found = search::search(&visitor.ctx, &visitor.viewer(), &asked).await?;
    let shell = visitor.shell("search");
    visitor.page(&SearchPage {
        people: people::shown(&visitor, &shell, &found.people).await?,
        groups: found.groups.iter().map(|group| Line::of(group, &shell)).collect(),
        posts: found.posts.into_iter().map(|card| PostShown::of(card, &shell)).collect(),
        tags: found.tags,
        trouble: found.trouble,
        asked,
        shell,
    })
}
