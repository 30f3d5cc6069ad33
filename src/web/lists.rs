//! Lists of people whose posts one reads apart.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    form::Faults,
    layout::{PostShown, Shell, Who},
    paging::{At, Pager},
    session::{Form, Press, Visitor},
    shown,
};
use crate::{
    error::Error,
    model::{AccountId, FilterContext, ListId},
    service::{
        Page,
        lists::{self, List, ListReplies},
        profiles,
        timelines::{self, Timeline},
    },
};

#[derive(Template)]
#[template(path = "web/lists.html")]
struct ListsPage {
    shell: Shell,
    lists: Vec<List>,
    title: String,
    faults: Faults,
}

async fn page(visitor: &Visitor, title: String, faults: Faults) -> Result<HttpResponse, Problem> {
    let lists = lists::all(&visitor.ctx, &visitor.viewer()).await?;
    let page = ListsPage { shell: visitor.shell("lists"), lists, title, faults };
    page.faults.page(visitor, &page)
}

/// `GET /lists`
pub(super) async fn all(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    page(&visitor, String::new(), Faults::none()).await
}

/// What a list is to be.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Typed {
    title: String,
    replies: Option<ListReplies>,
    exclusive: Option<String>,
}

/// `POST /lists`
pub(super) async fn create(form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    match lists::create(&visitor.ctx, &visitor.viewer(), &fields.title, ListReplies::List, false).await {
        Ok(list) => Ok(visitor.go(&format!("/lists/{}/members?done=list-made", list.id))),
        Err(error) => {
            let faults = Faults::of_error(error, "title")?;
            page(&visitor, fields.title, faults).await
        }
    }
}

#[derive(Template)]
#[template(path = "web/list.html")]
struct ListPage {
    shell: Shell,
    list: List,
    posts: Vec<PostShown>,
    pager: Pager,
}

/// `GET /lists/{id}`
pub(super) async fn read(visitor: Visitor, id: web::Path<ListId>, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let list = lists::get(&visitor.ctx, &visitor.viewer(), *id).await?;
    let timeline = Timeline::List(list.id, list.replies);
    let paged = timelines::page(&visitor.ctx, &visitor.viewer(), &timeline, &at.page()).await?;
    let shell = visitor.shell("lists");
    let pager = Pager::of(&paged, &format!("/lists/{id}"));
    let posts = shown::posts(paged.items, &shell, FilterContext::Home);
    visitor.page(&ListPage { shell, list, posts, pager })
}

#[derive(Template)]
#[template(path = "web/list_members.html")]
struct MembersPage {
    shell: Shell,
    list: List,
    members: Vec<Who>,
    handle: String,
    faults: Faults,
}

async fn members_page(visitor: &Visitor, id: ListId, handle: String, faults: Faults) -> Result<HttpResponse, Problem> {
    let list = lists::get(&visitor.ctx, &visitor.viewer(), id).await?;
    let members = lists::members(&visitor.ctx, &visitor.viewer(), id, &Page::first(1_000)).await?;
    let now = visitor.ctx.now();
    let members = members.items.iter().map(|(_, author)| Who::of(author, now)).collect();
    let page = MembersPage { shell: visitor.shell("lists"), list, members, handle, faults };
    page.faults.page(visitor, &page)
}

/// `GET /lists/{id}/members`
pub(super) async fn members(visitor: Visitor, id: web::Path<ListId>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    members_page(&visitor, *id, String::new(), Faults::none()).await
}

/// Who is to be on a list.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    handle: String,
}

/// `POST /lists/{id}/members`
pub(super) async fn add(form: Form<Named>, id: web::Path<ListId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let viewer = visitor.viewer();
    let added = async {
        let person = profiles::by_handle(&visitor.ctx, &viewer, fields.handle.trim().trim_start_matches('@')).await?;
        lists::add(&visitor.ctx, &viewer, *id, vec![person.account.id]).await
    };
    let faults = match added.await {
        Ok(()) => return Ok(visitor.go(&format!("/lists/{id}/members?done=listed"))),
        Err(Error::NotFound | Error::Gone) => {
            Faults::none().with("handle", "You follow nobody of that name. Follow them first, then add them here.")
        }
        Err(Error::Conflict(_)) => Faults::none().with("handle", "They are on the list already."),
        Err(error) => Faults::of_error(error, "handle")?,
    };
    members_page(&visitor, *id, fields.handle, faults).await
}

/// `POST /lists/{id}/members/{person}/remove`
pub(super) async fn remove(form: Form<Press>, path: web::Path<(ListId, AccountId)>) -> Result<HttpResponse, Problem> {
    let (id, person) = path.into_inner();
    lists::remove(&form.visitor.ctx, &form.visitor.viewer(), id, vec![person]).await?;
    Ok(form.visitor.go(&format!("/lists/{id}/members?done=listed")))
}

/// `POST /lists/{id}`
pub(super) async fn update(form: Form<Typed>, id: web::Path<ListId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let known = lists::get(&visitor.ctx, &visitor.viewer(), *id).await?;
    let list = List {
        title: fields.title,
        replies: fields.replies.unwrap_or(known.replies),
        exclusive: fields.exclusive.is_some(),
        ..known
    };
    match lists::update(&visitor.ctx, &visitor.viewer(), list).await {
        Ok(_) => Ok(visitor.go(&format!("/lists/{id}/members?done=saved"))),
        Err(error) => members_page(&visitor, *id, String::new(), Faults::of_error(error, "title")?).await,
    }
}

/// `POST /lists/{id}/delete`
pub(super) async fn delete(form: Form<Press>, id: web::Path<ListId>) -> Result<HttpResponse, Problem> {
    lists::delete(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go("/lists?done=discarded"))
}
