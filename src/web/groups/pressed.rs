//! What moderators do with a post at the press of a button, without a question.

use actix_web::{HttpResponse, web};

use super::led;
use crate::{
    model::PostId,
    service::groups,
    web::{
        error::Problem,
        session::{Back, Form},
    },
};

type OfPost = web::Path<(String, PostId)>;

/// Does something with a post that asks no question, and goes back with the word for it.
async fn press(form: Form<Back>, path: OfPost, deed: Pressed) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let (handle, post) = path.into_inner();
    let view = led(&visitor, &handle).await?;
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let done = match deed {
        Pressed::Release => groups::release(ctx, &viewer, post).await.map(|()| "post-released"),
        Pressed::Lock => groups::lock(ctx, &viewer, post).await.map(|()| "locked"),
        Pressed::Unlock => groups::unlock(ctx, &viewer, post).await.map(|()| "unlocked"),
        Pressed::Pin => groups::pin(ctx, &viewer, post).await.map(|()| "put-on-top"),
        Pressed::Unpin => groups::unpin(ctx, &viewer, post).await.map(|()| "off-the-top"),
    }?;
    Ok(visitor.go_back(&fields.back, if view.account.is_local() { done } else { "ordered" }))
}

/// What is done with a post at the press of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pressed {
    Release,
    Lock,
    Unlock,
    Pin,
    Unpin,
}

/// `POST /groups/{handle}/posts/{id}/release`
pub(in crate::web) async fn release(form: Form<Back>, path: OfPost) -> Result<HttpResponse, Problem> {
    press(form, path, Pressed::Release).await
}

/// `POST /groups/{handle}/posts/{id}/lock`
pub(in crate::web) async fn lock(form: Form<Back>, path: OfPost) -> Result<HttpResponse, Problem> {
    press(form, path, Pressed::Lock).await
}

/// `POST /groups/{handle}/posts/{id}/unlock`
pub(in crate::web) async fn unlock(form: Form<Back>, path: OfPost) -> Result<HttpResponse, Problem> {
    press(form, path, Pressed::Unlock).await
}

/// `POST /groups/{handle}/posts/{id}/pin`
pub(in crate::web) async fn pin(form: Form<Back>, path: OfPost) -> Result<HttpResponse, Problem> {
    press(form, path, Pressed::Pin).await
}

/// `POST /groups/{handle}/posts/{id}/unpin`
pub(in crate::web) async fn unpin(form: Form<Back>, path: OfPost) -> Result<HttpResponse, Problem> {
    press(form, path, Pressed::Unpin).await
}
