//! What somebody saved for themselves.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{
    error::Problem,
    layout::{PostShown, Shell},
    paging::{At, Pager},
    session::Visitor,
    shown,
};
use crate::{
    model::FilterContext,
    service::timelines::{self, Timeline},
};

#[derive(Template)]
#[template(path = "web/bookmarks.html")]
struct BookmarksPage {
    shell: Shell,
    posts: Vec<PostShown>,
    pager: Pager,
}

/// `GET /bookmarks`
pub(super) async fn show(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    let me = visitor.require()?.me.id;
    let paged = timelines::page(&visitor.ctx, &visitor.viewer(), &Timeline::Bookmarks(me), &at.page()).await?;
    let shell = visitor.shell("saved");
    visitor.page(&BookmarksPage {
        pager: Pager::of(&paged, "/bookmarks"),
        posts: shown::posts(paged.items, &shell, FilterContext::Account),
        shell,
    })
}
