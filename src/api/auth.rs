//! Who calls, with which app and for what: one extractor for every handler.

use std::{pin::Pin, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};

use super::{error::Fault, limits::Limits, params::Params};
use crate::{
    error::{Error, Result},
    model::{AccessToken, AccountId},
    policy::{Viewer, scopes},
    service::{Ctx, tokens},
};

/// A request to the client API.
#[derive(Debug)]
pub(super) struct Call {
    /// The house.
    pub(super) ctx: Ctx,
    /// What was sent.
    pub(super) params: Params,
    /// Path of the request, for links to other pages.
    pub(super) path: String,
    /// The token, where one was sent and works.
    token: Option<(Viewer, AccessToken)>,
    /// One was sent, and does not work.
    refused: bool,
}

impl Call {
    /// Somebody's own call with this scope.
    pub(super) fn require(&self, scope: &str) -> Result<AccountId> {
        self.token(scope)?.account_id.ok_or(Error::Unauthenticated)
    }

    /// The token, of a person or of an app itself, where it covers a scope.
    pub(super) fn token(&self, scope: &str) -> Result<&AccessToken> {
        let (_, token) = self.token.as_ref().ok_or(Error::Unauthenticated)?;
        if scope.is_empty() || scope.split('|').any(|one| scopes::covers(&token.scopes, one)) {
            Ok(token)
        } else {
            Err(Error::Forbidden("This action is outside the authorized scopes"))
        }
    }

    /// Who looks, where a token is welcome and not needed. One that is sent must work and cover the scope.
    pub(super) fn viewer(&self, scope: &str) -> Result<Viewer> {
        match &self.token {
            Some((viewer, _)) => self.token(scope).map(|_| *viewer),
            None if self.refused => Err(Error::Unauthenticated),
            None => Ok(Viewer::Anonymous),
        }
    }

    /// The viewer of somebody's own call.
    pub(super) fn own(&self, scope: &str) -> Result<Viewer> {
        self.require(scope)?;
        self.viewer(scope)
    }
}

impl FromRequest for Call {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Fault>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let ctx = request.app_data::<web::Data<Ctx>>().ok_or(Error::Unavailable)?.get_ref().clone();
            let params = Params::read(&request, &mut payload, ctx.config.http.max_form_bytes).await?;
            let bearer = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
            let secret = match bearer.and_then(|v| v.split_once(' ')) {
                Some((kind, secret)) if kind.eq_ignore_ascii_case("bearer") => Some(secret.trim().to_owned()),
                Some(_) | None => params.text("access_token"),
            };
            let token = match &secret {
                Some(secret) => tokens::authenticate(&ctx, secret).await?,
                None => None,
            };
            if let Some(limits) = request.app_data::<web::Data<Arc<Limits>>>() {
                let who = token.as_ref().map_or_else(|| from(&request, &ctx), |(_, token)| token.id.to_string());
                limits.count(&request, &who)?;
            }
            Ok(Self {
                path: request.path().to_owned(),
                refused: secret.is_some() && token.is_none(),
                ctx,
                params,
                token,
            })
        })
    }
}

/// Where a call comes from.
fn from(request: &HttpRequest, ctx: &Ctx) -> String {
    let peer = request.peer_addr().map(|a| a.ip().to_string()).unwrap_or_default();
    let forwarded = request.headers().get_all(header::X_FORWARDED_FOR).filter_map(|value| value.to_str().ok());
    ctx.config.http.client_address(peer, forwarded)
}
