//! What and whom one may want to see: trends, suggestions, the directory.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    layout::{PostShown, Shell, Who},
    session::{Form, Press, Visitor},
    shown,
};
use crate::{
    model::{AccountId, FilterContext},
    service::discovery,
};

#[derive(Template)]
#[template(path = "web/explore.html")]
struct ExplorePage {
    shell: Shell,
    tags: Vec<String>,
    people: Vec<(Who, bool)>,
    posts: Vec<PostShown>,
}

/// `GET /explore`
pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let shell = visitor.shell("explore");
    let tags = discovery::tags(ctx).await?.into_iter().take(10).collect();
    let people = discovery::suggestions(ctx, &viewer, 10).await?;
    let posts = discovery::posts(ctx, &viewer).await?.into_iter().take(20).collect();
    visitor.page(&ExplorePage {
        tags,
        people: people.iter().map(|(person, known)| (Who::from(person), *known)).collect(),
        posts: shown::posts(posts, &shell, FilterContext::Public),
        shell,
    })
}

/// `POST /explore/people/{id}/hide`
pub(super) async fn hide(form: Form<Press>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    discovery::hide_suggestion(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go("/explore"))
}

/// Which part of the directory.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    from: i64,
    #[serde(default)]
    all: u8,
}

/// People on a page of the directory.
const PAGE: i64 = 40;

#[derive(Template)]
#[template(path = "web/directory.html")]
struct DirectoryPage {
    shell: Shell,
    people: Vec<Who>,
    all: bool,
    older: Option<i64>,
}

/// `GET /directory`
pub(super) async fn directory(visitor: Visitor, asked: web::Query<Asked>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let all = asked.all == 1;
    let listing = discovery::Listing { local: !all, active: false, offset: asked.from, limit: PAGE };
    let people = discovery::directory(&visitor.ctx, listing).await?;
    let more = i64::try_from(people.len()).unwrap_or(0) == PAGE;
    visitor.page(&DirectoryPage {
        shell: visitor.shell("explore"),
        people: people.iter().map(Who::from).collect(),
        all,
        older: more.then_some(asked.from.max(0) + PAGE),
    })
}
