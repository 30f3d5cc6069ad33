//! Following, and answering those who ask.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    layout::Shell,
    paging::{At, Pager},
    people::PersonShown,
    session::{Form, Visitor},
};
use crate::{
    model::{AccountId, FollowState},
    service::{
        follows::{self, Side},
        profiles,
    },
};

/// Where the answer returns to.
#[derive(Debug, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

/// An address with words about what was done; an earlier word is replaced.
fn with_word(back: &str, word: &str) -> String {
    let (path, query) = back.split_once('?').unwrap_or((back, ""));
    let kept: Vec<&str> = query.split('&').filter(|p| !p.is_empty() && !p.starts_with("done=")).collect();
    let done = format!("done={word}");
    format!("{path}?{}", kept.into_iter().chain([done.as_str()]).collect::<Vec<_>>().join("&"))
}

/// `POST /people/{id}/follow`
pub(super) async fn follow(form: Form<Back>, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let state = follows::request(&visitor.ctx, &visitor.viewer(), AccountId(*id)).await?;
    let word = if state == FollowState::Accepted { "followed" } else { "requested" };
    Ok(visitor.go(&with_word(&fields.back, word)))
}

/// `POST /people/{id}/unfollow`
pub(super) async fn unfollow(form: Form<Back>, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    follows::withdraw(&visitor.ctx, &visitor.viewer(), AccountId(*id)).await?;
    Ok(visitor.go(&with_word(&fields.back, "unfollowed")))
}

/// `POST /people/{id}/remove-follower`
pub(super) async fn remove_follower(form: Form<Back>, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    follows::reject(&visitor.ctx, &visitor.viewer(), AccountId(*id)).await?;
    Ok(visitor.go(&with_word(&fields.back, "removed")))
}

#[derive(Template)]
#[template(path = "web/requests.html")]
struct RequestsPage {
    shell: Shell,
    people: Vec<PersonShown>,
    pager: Pager,
}

/// `GET /requests`
pub(super) async fn requests(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    let me = visitor.require()?.me.id;
    let own = profiles::by_id(&visitor.ctx, &visitor.viewer(), me).await?.account;
    let paged = follows::list(&visitor.ctx, &visitor.viewer(), &own, Side::Requests, &at.page()).await?;
    let shell = visitor.shell("requests");
    let people = paged.items.iter().map(|(_, author)| PersonShown::asking(author, shell.now)).collect();
    visitor.page(&RequestsPage { pager: Pager::of(&paged, "/requests"), people, shell })
}

/// `POST /requests/{id}/accept`
pub(super) async fn accept(form: Form<Back>, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let Form { visitor, .. } = form;
    follows::accept(&visitor.ctx, &visitor.viewer(), AccountId(*id)).await?;
    Ok(visitor.go("/requests?done=accepted"))
}

/// `POST /requests/{id}/decline`
pub(super) async fn decline(form: Form<Back>, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let Form { visitor, .. } = form;
    follows::reject(&visitor.ctx, &visitor.viewer(), AccountId(*id)).await?;
    Ok(visitor.go("/requests?done=declined"))
}

#[cfg(test)]
mod tests {
    use super::with_word;

    #[test]
    fn the_word_of_an_earlier_act_is_replaced() {
        assert_eq!(with_word("/@ada?replies=1&done=saved", "followed"), "/@ada?replies=1&done=followed");
        assert_eq!(with_word("/@ada", "followed"), "/@ada?done=followed");
    }
}
