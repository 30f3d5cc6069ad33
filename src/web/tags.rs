//! Public posts with a hashtag.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{
    error::Problem,
    layout::{PostShown, Shell},
    paging::{At, Pager},
    session::Visitor,
    shown,
};
use crate::service::timelines::{self, Timeline};

#[derive(Template)]
#[template(path = "web/tags.html")]
struct TagPage {
    shell: Shell,
    name: String,
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
    let paged = timelines::page(&visitor.ctx, &visitor.viewer(), &Timeline::Tag(name.clone()), &at.page()).await?;
    let shell = visitor.shell("");
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    visitor.page(&TagPage {
        pager: Pager::of(&paged, &format!("/tags/{encoded}")),
        posts: shown::posts(paged.items, &shell),
        name,
        shell,
    })
}
