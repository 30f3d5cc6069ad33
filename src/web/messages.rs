//! Direct conversations.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{
    error::Problem,
    layout::{Shell, Who, ago, full_date, post_path},
    paging::{At, Pager},
    session::{Form, Press, Visitor},
};
use crate::{
    model::ConversationId,
    service::conversations::{self, Conversation},
    text::sanitize,
};

struct Line {
    id: ConversationId,
    people: Vec<Who>,
    names: String,
    path: String,
    excerpt: String,
    unread: bool,
    when: String,
    full: String,
    iso: String,
}

impl Line {
    fn of(one: &Conversation, shell: &Shell) -> Self {
        let post = &one.last.post;
        let text = if post.warning.is_empty() { sanitize::plain(&post.html) } else { post.warning.clone() };
        let people: Vec<Who> = one.people.iter().map(|person| Who::of(person, shell.now)).collect();
        Self {
            id: one.id,
            names: if people.is_empty() {
                "Only you".to_owned()
            } else {
                people.iter().map(|w| w.name.as_str()).collect::<Vec<_>>().join(", ")
            },
            people,
            path: post_path(&one.last.author.handle(), post.id.0),
            excerpt: text.chars().take(160).collect(),
            unread: one.unread,
            when: ago(post.published_at, shell.now),
            full: full_date(post.published_at),
            iso: post.published_at.to_rfc3339(),
        }
    }
}

#[derive(Template)]
#[template(path = "web/messages.html")]
struct MessagesPage {
    shell: Shell,
    lines: Vec<Line>,
    pager: Pager,
}

/// `GET /messages`
pub(super) async fn show(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let paged = conversations::page(&visitor.ctx, &visitor.viewer(), &at.page()).await?;
    let shell = visitor.shell("messages");
    let pager = Pager::of(&paged, "/messages");
    let lines = paged.items.iter().map(|one| Line::of(one, &shell)).collect();
    visitor.page(&MessagesPage { shell, lines, pager })
}

/// `POST /messages/{id}/read`
pub(super) async fn read(form: Form<Press>, id: web::Path<ConversationId>) -> Result<HttpResponse, Problem> {
    conversations::set_unread(&form.visitor.ctx, &form.visitor.viewer(), *id, false).await?;
    Ok(form.visitor.go("/messages"))
}

/// `POST /messages/{id}/remove`
pub(super) async fn remove(form: Form<Press>, id: web::Path<ConversationId>) -> Result<HttpResponse, Problem> {
    conversations::delete(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go("/messages?done=discarded"))
}
