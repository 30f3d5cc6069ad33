//! Where one is signed in, and which apps hold a token.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::Press;
use crate::{
    model::{AccessToken, Session, SessionId, TokenId},
    service::{sessions, tokens},
    web::{
        error::Problem,
        layout::{self, Shell},
        session::{Form, Visitor},
    },
};

/// A session as its owner sees it.
struct SessionShown {
    id: SessionId,
    device: String,
    icon: &'static str,
    seen: String,
    since: String,
    here: bool,
}

impl SessionShown {
    fn of(session: Session, here: SessionId, shell: &Shell) -> Self {
        let hand_held = ["iPhone", "iPad", "Android"].iter().any(|word| session.device.contains(word));
        Self {
            id: session.id,
            icon: if hand_held { "phone" } else { "screen" },
            seen: seen(session.seen_at, shell),
            since: layout::full_date(session.created_at),
            here: session.id == here,
            device: session.device,
        }
    }
}

/// An app's token as its owner sees it.
struct TokenShown {
    id: TokenId,
    name: String,
    scopes: String,
    since: String,
    used: String,
}

impl TokenShown {
    fn of(token: AccessToken, shell: &Shell) -> Self {
        Self {
            id: token.id,
            name: if token.name.is_empty() { "Without a name".to_owned() } else { token.name },
            scopes: token.scopes.split_whitespace().collect::<Vec<_>>().join(", "),
            since: layout::day(token.created_at),
            used: token.used_at.map(|at| seen(at, shell)).unwrap_or_default(),
        }
    }
}

/// "now", "5 h ago", "on 3 Nov".
pub(super) fn seen(at: chrono::DateTime<chrono::Utc>, shell: &Shell) -> String {
    let words = layout::ago(at, shell.now);
    match (shell.now - at).num_minutes() {
        ..=0 => words,
        1..=10_079 => format!("{words} ago"),
        _ => format!("on {words}"),
    }
}

#[derive(Template)]
#[template(path = "web/settings/sessions.html")]
struct SessionsPage {
    shell: Shell,
    tab: &'static str,
    sessions: Vec<SessionShown>,
    tokens: Vec<TokenShown>,
}

/// `GET /settings/sessions`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let here = visitor.require()?.session;
    let shell = visitor.shell("settings");
    let viewer = visitor.viewer();
    let mut sessions: Vec<_> =
        sessions::list(&visitor.ctx, &viewer).await?.into_iter().map(|s| SessionShown::of(s, here, &shell)).collect();
    sessions.sort_by_key(|s| !s.here);
    let tokens = tokens::list(&visitor.ctx, &viewer).await?.into_iter().map(|t| TokenShown::of(t, &shell)).collect();
    visitor.page(&SessionsPage { shell, tab: "sessions", sessions, tokens })
}

/// `POST /settings/sessions/{id}/end`
pub async fn end(form: Form<Press>, id: web::Path<SessionId>) -> Result<HttpResponse, Problem> {
    sessions::end(&form.visitor.ctx, &form.visitor.viewer(), id.into_inner()).await?;
    Ok(form.visitor.go("/settings/sessions?done=session-ended"))
}

/// `POST /settings/sessions/end-others`
pub async fn end_others(form: Form<Press>) -> Result<HttpResponse, Problem> {
    sessions::end_others(&form.visitor.ctx, form.visitor.require()?).await?;
    Ok(form.visitor.go("/settings/sessions?done=sessions-ended"))
}

/// `POST /settings/tokens/{id}/revoke`
pub async fn revoke_token(form: Form<Press>, id: web::Path<TokenId>) -> Result<HttpResponse, Problem> {
    tokens::revoke(&form.visitor.ctx, &form.visitor.viewer(), id.into_inner()).await?;
    Ok(form.visitor.go("/settings/sessions?done=revoked"))
}
