//! Public posts with a hashtag.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{
    error::Problem,
    layout::{PostShown, Shell},
    paging::{At, Pager},
    session::{Form, Press, Visitor},
    shown,
};
use crate::{
    model::FilterContext,
    service::{
        tags::{self, TagView},
        timelines::{self, Timeline},
    },
};

#[derive(Template)]
#[template(path = "web/tags.html")]
struct TagPage {
    shell: Shell,
    name: String,
    view: Option<TagView>,
    posts: Vec<PostShown>,
    pager: Pager,
}

/// `GET /tags/{name}`
pub(super) async fn show(
    visitor: Visitor,
    name: web::Path<String>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    let name = name.to_lowercase();
    let timeline = Timeline::Tags { any: vec![name.clone()], all: Vec::new(), none: Vec::new(), local: None };
    let paged = timelines::page(&visitor.ctx, &visitor.viewer(), &timeline, &at.page()).await?;
    let shell = visitor.shell("");
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let view = match visitor.viewer().role() {
        // A word that is no hashtag has no posts, and cannot be followed.
        Some(_) => tags::view(&visitor.ctx, &visitor.viewer(), &name).await.ok(),
        None => None,
    };
    visitor.page(&TagPage {
        view,
        pager: Pager::of(&paged, &format!("/tags/{encoded}")),
        posts: shown::posts(paged.items, &shell, FilterContext::Public),
        name,
        shell,
    })
}

fn page_of(name: &str, word: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("/tags/{encoded}?done={word}")
}

/// `POST /tags/{name}/follow`
pub(super) async fn follow(form: Form<Press>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    tags::follow(&form.visitor.ctx, &form.visitor.viewer(), &name).await?;
    Ok(form.visitor.go(&page_of(&name, "tag-followed")))
}

/// `POST /tags/{name}/unfollow`
pub(super) async fn unfollow(form: Form<Press>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    tags::unfollow(&form.visitor.ctx, &form.visitor.viewer(), &name).await?;
    Ok(form.visitor.go(&page_of(&name, "tag-unfollowed")))
}

/// `POST /tags/{name}/feature`
pub(super) async fn feature(form: Form<Press>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    tags::feature(&form.visitor.ctx, &form.visitor.viewer(), &name).await?;
    Ok(form.visitor.go(&page_of(&name, "saved")))
}

/// `POST /tags/{name}/unfeature`
pub(super) async fn unfeature(form: Form<Press>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let view = tags::view(&form.visitor.ctx, &form.visitor.viewer(), &name).await?;
    tags::unfeature(&form.visitor.ctx, &form.visitor.viewer(), view.id).await?;
    Ok(form.visitor.go(&page_of(&name, "saved")))
}
