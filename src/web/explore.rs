//! What and whom one may want to see: trends and suggestions.

use actix_web::{HttpResponse, web};
use askama::Template;

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
        people: people.iter().map(|(person, known)| (Who::from_account(person, shell.now), *known)).collect(),
        posts: shown::posts(posts, &shell, FilterContext::Public),
        shell,
    })
}

/// `POST /explore/people/{id}/hide`
pub(super) async fn hide(form: Form<Press>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    discovery::hide_suggestion(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go("/explore"))
}
