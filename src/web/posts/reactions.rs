//! Likes, boosts and bookmarks: the buttons under a post, and who pressed them.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    model::{Author, PostId},
    service::{Paged, pins, polls, posts, reactions, shuns},
    web::{
        error::Problem,
        layout::{Shell, post_path},
        paging::{At, Pager},
        people::{self, PersonShown},
        session::{Back, Form, Visitor},
    },
};

#[derive(Template)]
#[template(path = "web/posts/reactions.html")]
struct ReactionsPage {
    shell: Shell,
    heading: &'static str,
    nobody: &'static str,
    post: String,
    people: Vec<PersonShown>,
    pager: Pager,
}

impl ReactionsPage {
    async fn new(
        visitor: &Visitor,
        id: PostId,
        kind: &str,
        words: (&'static str, &'static str),
        paged: Paged<(i64, Author)>,
    ) -> Result<Self> {
        let card = posts::read(&visitor.ctx, &visitor.viewer(), id).await?;
        let shell = visitor.shell("");
        let pager = Pager::of(&paged, &format!("/posts/{id}/{kind}"));
        let authors: Vec<Author> = paged.items.into_iter().map(|(_, author)| author).collect();
        let people = people::shown(visitor, &shell, &authors).await?;
        let post = post_path(&card.author.handle(), id.0);
        Ok(Self { heading: words.0, nobody: words.1, post, people, pager, shell })
    }
}

/// `GET /posts/{id}/likes`
pub(in crate::web) async fn likes(
    visitor: Visitor,
    id: web::Path<PostId>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let paged = reactions::likers(&visitor.ctx, &visitor.viewer(), *id, &at.page()).await?;
    visitor.page(&ReactionsPage::new(&visitor, *id, "likes", ("Liked by", "Nobody likes it yet"), paged).await?)
}

/// `GET /posts/{id}/boosts`
pub(in crate::web) async fn boosts(
    visitor: Visitor,
    id: web::Path<PostId>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let paged = reactions::boosters(&visitor.ctx, &visitor.viewer(), *id, &at.page()).await?;
    visitor.page(&ReactionsPage::new(&visitor, *id, "boosts", ("Boosted by", "Nobody boosted it yet"), paged).await?)
}

/// Back to the post on the page that the button was on.
fn return_to(form: &Form<Back>, id: PostId) -> HttpResponse {
    form.visitor.go(&format!("{}#post-{id}", form.fields.back))
}

/// `POST /posts/{id}/like`
pub(in crate::web) async fn like(id: web::Path<PostId>, form: Form<Back>) -> Result<HttpResponse, Problem> {
    reactions::like(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(return_to(&form, *id))
}

/// `POST /posts/{id}/unlike`
pub(in crate::web) async fn unlike(id: web::Path<PostId>, form: Form<Back>) -> Result<HttpResponse, Problem> {
    reactions::unlike(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(return_to(&form, *id))
}

/// `POST /posts/{id}/boost`
pub(in crate::web) async fn boost(id: web::Path<PostId>, form: Form<Back>) -> Result<HttpResponse, Problem> {
    reactions::boost(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(return_to(&form, *id))
}

/// `POST /posts/{id}/unboost`
pub(in crate::web) async fn unboost(id: web::Path<PostId>, form: Form<Back>) -> Result<HttpResponse, Problem> {
    reactions::unboost(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(return_to(&form, *id))
}

/// `POST /posts/{id}/save`
pub(in crate::web) async fn save(id: web::Path<PostId>, form: Form<Back>) -> Result<HttpResponse, Problem> {
    reactions::bookmark(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(return_to(&form, *id))
}

/// `POST /posts/{id}/unsave`
pub(in crate::web) async fn unsave(id: web::Path<PostId>, form: Form<Back>) -> Result<HttpResponse, Problem> {
    reactions::unbookmark(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(return_to(&form, *id))
}

/// Back to the page that the button was on, saying what was done.
fn return_saying(form: &Form<Back>, word: &str) -> HttpResponse {
    form.visitor.go_back(&form.fields.back, word)
}

/// `POST /posts/{id}/pin`
pub(in crate::web) async fn pin(id: web::Path<PostId>, form: Form<Back>) -> Result<HttpResponse, Problem> {
    pins::pin(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(return_saying(&form, "pinned"))
}

/// `POST /posts/{id}/unpin`
pub(in crate::web) async fn unpin(id: web::Path<PostId>, form: Form<Back>) -> Result<HttpResponse, Problem> {
    pins::unpin(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(return_saying(&form, "unpinned"))
}

/// `POST /posts/{id}/mute`
pub(in crate::web) async fn mute(id: web::Path<PostId>, form: Form<Back>) -> Result<HttpResponse, Problem> {
    shuns::mute_thread(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(return_saying(&form, "thread-muted"))
}

/// `POST /posts/{id}/unmute`
pub(in crate::web) async fn unmute(id: web::Path<PostId>, form: Form<Back>) -> Result<HttpResponse, Problem> {
    shuns::unmute_thread(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(return_saying(&form, "thread-unmuted"))
}

/// What was chosen, and where the button stood.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(in crate::web) struct Vote {
    choice: Vec<usize>,
    back: String,
}

/// `POST /posts/{id}/vote`
pub(in crate::web) async fn vote(id: web::Path<PostId>, form: Form<Vote>) -> Result<HttpResponse, Problem> {
    if form.fields.choice.is_empty() {
        return Err(Error::invalid("choice", "Choose something first, then press Vote. Go back to the post.").into());
    }
    polls::vote(&form.visitor.ctx, &form.visitor.viewer(), *id, form.fields.choice).await?;
    Ok(form.visitor.go_back(&form.fields.back, "voted"))
}
