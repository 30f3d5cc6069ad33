//! Who calls, with which app and for what: one extractor for every handler.

use std::{pin::Pin, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};

use super::{error::Fault, limits::Limits, params::Params};
use crate::{
    error::{Error, Result},
    model::{AccessToken, AccountId},
    origin,
    policy::{Viewer, scopes},
    service::{Ctx, throttles, tokens, tokens::Bearer},
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
    /// The word by which a client knows its own request again.
    pub(super) idempotency_key: Option<String>,
    /// Where it comes from, for slow-downs only.
    pub(super) address: String,
    /// The token, where one was sent and works.
    token: Option<(Viewer, AccessToken)>,
    /// One was sent, and does not work.
    refused: bool,
    /// One was sent whose owner may not sign in (yet): why, and who.
    held: Option<(&'static str, Option<AccountId>)>,
}

impl Call {
    /// Somebody's own call with this scope.
    pub(super) fn require(&self, scope: &str) -> Result<AccountId> {
        self.token(scope)?.account_id.ok_or(Error::Unauthenticated)
    }

    /// The token, of a person or of an app itself, where it covers a scope.
    pub(super) fn token(&self, scope: &str) -> Result<&AccessToken> {
        if let Some((why, _)) = self.held {
            return Err(Error::Forbidden(why));
        }
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
            None if self.held.is_some() => self.token(scope).map(|_| Viewer::Anonymous),
            Some((viewer, _)) => self.token(scope).map(|_| *viewer),
            None if self.refused => Err(Error::Unauthenticated),
            None => Ok(Viewer::Anonymous),
        }
    }

    /// Whose token it is, where their e-mail address is not confirmed yet.
    pub(super) fn unconfirmed(&self) -> Option<AccountId> {
        self.held.and_then(|(_, who)| who)
    }

    /// The viewer of somebody's own call.
    pub(super) fn own(&self, scope: &str) -> Result<Viewer> {
        self.require(scope)?;
        self.viewer(scope)
    }
}

/// Where files may be sent.
const FILES: [&str; 4] = ["/api/v1/media", "/api/v2/media", "/api/v1/accounts/update_credentials", "/api/v1/profile"];

/// The token of an `Authorization` header.
fn bearer(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (kind, secret) = value.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| secret.trim().to_owned())
}

/// Under what a call is counted: the person, however many tokens they have; otherwise where it comes from, as anybody
/// can have any number of tokens that act for nobody.
fn counted_as(known: Option<&Bearer>, address: &str) -> String {
    match known {
        Some(Bearer::Works(Viewer::Account { id, .. }, _)) => format!("account {id}"),
        Some(Bearer::Works(..) | Bearer::Held(..)) | None => throttles::network(address),
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
            let mut secret = bearer(&request);
            let mut known = match &secret {
                Some(secret) => tokens::authenticate(&ctx, secret).await?,
                None => None,
            };
            let address = from(&request, &ctx);
            // Before the body, so that whoever calls too often is not listened to.
            if let Some(limits) = request.app_data::<web::Data<Arc<Limits>>>() {
                limits.count(&request, &counted_as(known.as_ref(), &address))?;
            }
            // Files are taken from those people only who have shown who they are before.
            let person = matches!(known, Some(Bearer::Works(Viewer::Account { .. }, _)));
            let files = person && FILES.contains(&request.path());
            let most =
                if files { ctx.config.media.max_bytes.saturating_mul(2) } else { ctx.config.http.max_form_bytes };
            let params = Params::read(&request, &mut payload, most).await?;
            if secret.is_none()
                && let Some(given) = params.text("access_token")
            {
                known = tokens::authenticate(&ctx, &given).await?;
                secret = Some(given);
            }
            let refused = secret.is_some() && known.is_none();
            let (token, held) = match known {
                Some(Bearer::Works(viewer, token)) => (Some((viewer, token)), None),
                Some(Bearer::Held(why, who)) => (None, Some((why, who))),
                None => (None, None),
            };
            Ok(Self {
                path: request.path().to_owned(),
                idempotency_key: request
                    .headers()
                    .get("idempotency-key")
                    .and_then(|v| v.to_str().ok())
                    .filter(|k| !k.is_empty())
                    .map(ToOwned::to_owned),
                address,
                refused,
                held,
                ctx,
                params,
                token,
            })
        })
    }
}

/// Where a call comes from.
pub(super) fn from(request: &HttpRequest, ctx: &Ctx) -> String {
    origin::address(&ctx.config.http, request.peer_addr(), request.headers())
}
