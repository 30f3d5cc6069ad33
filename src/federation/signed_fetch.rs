//! The library's fetches: every GET is signed, bounded in number, and lets only proper ActivityPub answers through.

use async_trait::async_trait;
use http::{Extensions, HeaderValue, header};
use reqwest::{Method, Request, Response};
use reqwest_middleware::{Middleware, Next};

use super::{
    ACTIVITY_JSON,
    client::{ACCEPT, Client},
    failure::{NotSent, Status},
    tokens, url_guard,
};
use crate::{
    error::{Error, Result},
    model::SignatureDialect,
    service::{hosts, keys},
    text::handle,
};

tokio::task_local! {
    /// Requests that may still be sent; unset where only the library's own count holds.
    static BUDGET: std::cell::Cell<u32>;
}

/// Runs fetches that may send `requests` requests all in all, redirects and second knocks counted.
pub(super) async fn within<T>(requests: u32, fetches: impl Future<Output = T>) -> T {
    BUDGET.scope(std::cell::Cell::new(requests), fetches).await
}

fn spend() -> Result<()> {
    let left = BUDGET.try_with(|budget| budget.replace(budget.get().saturating_sub(1)));
    match left {
        Ok(0) => Err(Error::refused("", "it would need too many requests")),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Signs every GET with the instance actor, knocks a second time in the other dialect, and lets only proper
/// ActivityPub answers through (R4).
pub(super) struct SignedFetch(pub(super) Client);

#[async_trait]
impl Middleware for SignedFetch {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        self.fetch(request, extensions, next).await.map_err(|failure| match failure {
            Failure::Client(error) => error,
            Failure::Ours(error) => reqwest_middleware::Error::middleware(NotSent(error.to_string())),
            Failure::Answered(code) => reqwest_middleware::Error::middleware(Status(code)),
        })
    }
}

enum Failure {
    Client(reqwest_middleware::Error),
    Ours(Error),
    Answered(u16),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl SignedFetch {
    async fn fetch(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response, Failure> {
        let ctx = &self.0.ctx;
        if request.method() != Method::GET {
            return Err(Error::internal("only GET passes here").into());
        }
        let name = url_guard::check(ctx, request.url()).await?;
        let shown = tokens::shown_at(ctx, &self.0, request.url()).await;
        let _turn = self.0.turn(&name).await?;
        let host = hosts::known(ctx, &name).await?;
        let signer = keys::signer(ctx, keys::instance_account(ctx).await?).await?;
        let first = host.dialect.unwrap_or(SignatureDialect::Cavage);
        let mut last = None;
        // Where a token is not taken, it is asked as if there were none.
        let tries = shown.as_ref().map(|shown| (first, Some(shown)));
        for (dialect, shown) in tries.into_iter().chain([(first, None), (first.other(), None)]) {
            let mut again =
                request.try_clone().ok_or_else(|| Error::internal("a GET without a body can be repeated"))?;
            spend()?;
            let headers = self.0.sign(("GET", again.url().clone(), None), signer.clone(), dialect, None).await?;
            again.headers_mut().extend(headers);
            again.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
            if let Some(token) = shown.and_then(|(_, token)| HeaderValue::from_str(token).ok()) {
                again.headers_mut().insert(header::AUTHORIZATION, token);
            }
            let response = next.clone().run(again, extensions).await.map_err(Failure::Client)?;
            // A document counts only where it was asked for (R4): nobody is led to another server.
            if let Some(target) = response.headers().get(header::LOCATION) {
                let target = target.to_str().ok().and_then(|l| response.url().join(l).ok());
                if target.as_ref().and_then(handle::host_of).as_deref() != Some(name.as_str()) {
                    return Err(Error::refused(name, "redirects to another server").into());
                }
            }
            let refused =
                matches!(response.status().as_u16(), 401 | 403) || (response.status() == 400 && host.dialect.is_none());
            if !refused {
                if host.dialect != Some(dialect) && response.status().is_success() {
                    crate::service::deliveries::learned_dialect(ctx, host.id, dialect).await?;
                }
                return proper(response);
            }
            if let Some((group, _)) = shown {
                self.0.tokens.refused(*group, &name);
            }
            last = Some(response.status().as_u16());
        }
        Err(Failure::Answered(last.unwrap_or(401)))
    }
}

/// Only 200 with an ActivityPub media type counts; the library knows three spellings of it, so it gets one.
fn proper(mut response: Response) -> Result<Response, Failure> {
    let code = response.status().as_u16();
    if code == 410 || response.status().is_redirection() {
        return Ok(response);
    }
    if code != 200 {
        return Err(Failure::Answered(code));
    }
    let kind =
        response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_lowercase();
    if is_activity(&kind) {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(ACTIVITY_JSON));
    }
    Ok(response)
}

/// `application/activity+json`, or `application/ld+json` with the ActivityStreams profile; parameters in any order.
pub(super) fn is_activity(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let mut parts = kind.split(';').map(str::trim);
    match parts.next() {
        Some("application/activity+json") => true,
        Some("application/ld+json") => parts.any(|p| {
            p.strip_prefix("profile=").is_some_and(|v| {
                v.trim_matches('"').split(' ').any(|one| one == "https://www.w3.org/ns/activitystreams")
            })
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_activity;

    #[test]
    fn only_activity_documents_count() {
        assert!(is_activity("application/activity+json; charset=utf-8"));
        assert!(is_activity("application/ld+json; charset=utf-8; profile=\"https://www.w3.org/ns/activitystreams\""));
        for kind in ["application/json", "text/html", "application/ld+json", "image/png; application/activity+json"] {
            assert!(!is_activity(kind), "{kind}");
        }
    }
}
