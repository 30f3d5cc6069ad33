//! What waits in a group of another server: read there while the page is made, kept nowhere here, and decided there.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use url::Url;

use super::{led, path_of, words};
use crate::{
    error::{Error, Result},
    model::Premoderation,
    service::groups::{self, View, WaitingPost},
    text::handle,
    web::{
        error::Problem,
        layout::{Shell, ago, full_date},
        session::{Form, Visitor},
    },
};

/// A post that waits there.
pub(super) struct WaitingThere {
    pub(super) told: WaitingPost,
    /// Why.
    pub(super) why: String,
    /// What its author kept, and why.
    pub(super) kept: Vec<(String, String)>,
    pub(super) since: String,
    pub(super) full: String,
    pub(super) iso: String,
}

impl WaitingThere {
    /// `host` is the group's own.
    fn of(told: WaitingPost, host: Option<&str>, shell: &Shell) -> Self {
        let found: Vec<_> = told.found.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
        let written_at = Url::parse(&told.uri).ok().and_then(|address| handle::host_of(&address));
        let is_theirs = written_at.as_deref() == host;
        let at = told.published_at;
        Self {
            why: words::why_held((told.held, is_theirs), Premoderation::None, &found),
            kept: words::kept(told.kept.iter().map(|(kind, reason)| (kind.as_str(), reason.as_str()))),
            since: ago(at, shell.now),
            full: full_date(at),
            iso: at.to_rfc3339(),
            told,
        }
    }
}

/// What the server of a group tells of what waits there.
pub(super) struct There {
    pub(super) posts: Vec<WaitingThere>,
    /// How it stands, in words.
    pub(super) words: &'static str,
}

/// What waits in a group of another server; none in one of ours.
pub(super) async fn there(visitor: &Visitor, view: &View, shell: &Shell) -> Result<Option<There>> {
    if view.account.is_local() {
        return Ok(None);
    }
    let (posts, words) = match groups::waiting_there(&visitor.ctx, &visitor.viewer(), &view.account).await {
        Ok(Some((posts, more))) => {
            let words = match (posts.is_empty(), more) {
                (true, _) => "No post is waiting.",
                (false, false) => "They are read on the group's own server, and nothing of them is kept here.",
                (false, true) => {
                    "They are read on the group's own server, and nothing of them is kept here. There are more: they \
                     appear here once these are decided."
                }
            };
            (posts, words)
        }
        Ok(None) => (Vec::new(), "The group's own server does not tell what waits there."),
        Err(Error::Remote { .. } | Error::Unavailable) => {
            (Vec::new(), "The group's own server does not answer just now. Try again in a moment.")
        }
        Err(error) => return Err(error),
    };
    let host = view.account.host.as_deref();
    let posts = posts.into_iter().map(|one| WaitingThere::of(one, host, shell)).collect();
    Ok(Some(There { posts, words }))
}

/// What is decided of a post.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Decided {
    post: String,
    act: String,
    reason: String,
}

/// `POST /groups/{handle}/held`
pub(in crate::web) async fn decide(form: Form<Decided>, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let view = led(&visitor, &handle).await?;
    let (ctx, viewer, id) = (&visitor.ctx, visitor.viewer(), view.account.id);
    match fields.act.as_str() {
        "release" => groups::release_there(ctx, &viewer, id, &fields.post).await?,
        "remove" => groups::remove_there(ctx, &viewer, id, &fields.post, &fields.reason).await?,
        _ => return Err(Error::NotFound.into()),
    }
    Ok(visitor.go(&format!("{}/moderation?done=ordered", path_of(&view.account.handle()))))
}
