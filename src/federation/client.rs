//! The one HTTP client (R10): every outgoing request of the house is made, signed and bounded here.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, header};
use moka::sync::Cache;
use reqwest::{Method, Request, Response, redirect::Policy};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use tokio::sync::Semaphore;
use url::Url;

use super::{
    ACTIVITY_JSON, failure,
    failure::{NotSent, Status},
    url_guard,
};
use crate::{
    crypto::signature::{cavage, rfc9421},
    error::{Error, Result},
    model::SignatureDialect,
    service::{
        Ctx, hosts,
        keys::{self, Signer},
    },
    text::handle,
};

/// Media types that we ask for.
const ACCEPT: &str =
    "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\", application/activity+json";
/// Media types of documents that are proven by what stands in them.
const ACCEPT_PROVEN: &str = "application/vc, application/activity+json, application/ld+json";
/// Media type of answers that are no ActivityPub objects.
const JSON: &str = "application/json";
/// Largest document, after decompression, in bytes.
const MAX_DOCUMENT: usize = 1_048_576;
/// Fetches under way at once from one host.
const PER_HOST: usize = 2;

/// What a server said to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Seconds that it asks us to wait (RFC 9110, 10.2.3; dates are not read).
    pub retry_after: Option<i64>,
}

/// The client.
#[derive(Clone)]
pub struct Client {
    ctx: Ctx,
    plain: reqwest::Client,
    turns: Cache<String, Arc<Semaphore>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Makes the client.
    pub fn new(ctx: &Ctx) -> Result<Self> {
        let config = &ctx.config.federation;
        let agent = format!("Consilium/{} (+{})", env!("CARGO_PKG_VERSION"), ctx.config.instance.origin());
        let plain = reqwest::Client::builder()
            .user_agent(agent)
            .redirect(Policy::none())
            .timeout(Duration::from_secs(config.request_seconds))
            .connect_timeout(Duration::from_secs(config.connect_seconds))
            .pool_max_idle_per_host(2)
            .pool_idle_timeout(Duration::from_secs(30))
            .no_proxy()
            .https_only(!config.allow_insecure)
            .dns_resolver(Arc::new(url_guard::Resolver::new(config)))
            .build()
            .map_err(|e| Error::Internal(e.into()))?;
        let turns = Cache::builder().max_capacity(10_000).time_to_idle(Duration::from_secs(60)).build();
        Ok(Self { ctx: ctx.clone(), plain, turns })
    }

    /// The same with every GET signed, for the library's fetches.
    pub(super) fn signed_fetch(&self) -> ClientWithMiddleware {
        ClientBuilder::new(self.plain.clone()).with(SignedFetch(self.clone())).build()
    }

    /// Sends an activity once, signed in one dialect; returns the status.
    pub async fn post(&self, inbox: &Url, body: Bytes, signer: Signer, dialect: SignatureDialect) -> Result<Answer> {
        url_guard::check(&self.ctx, inbox).await?;
        let headers = self.sign("POST", inbox.clone(), Some(body.clone()), signer, dialect).await?;
        let response = self
            .plain
            .post(inbox.clone())
            .headers(headers)
            .header(header::CONTENT_TYPE, ACTIVITY_JSON)
            .body(body)
            .send()
            .await
            .map_err(|e| failure::of_request(&e))?;
        let wait = response.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok());
        Ok(Answer { status: response.status().as_u16(), retry_after: wait })
    }

    /// Fetches a JSON document that is no ActivityPub object (WebFinger), unsigned, following at most 3 redirects
    /// of which each is checked like the first. Returns the bytes and the final address.
    pub async fn get_json(&self, url: &Url, accept: &str) -> Result<(Bytes, Url)> {
        let mut url = url.clone();
        for _ in 0..=3 {
            let host = url_guard::check(&self.ctx, &url).await?;
            let _turn = self.turn(&host).await?;
            let request = self.plain.get(url.clone()).header(header::ACCEPT, accept);
            let response = request.send().await.map_err(|e| failure::of_request(&e))?;
            if response.status().is_redirection() {
                url = redirected(&response, &url).ok_or_else(|| Error::refused(host, "redirects to nowhere"))?;
                continue;
            }
            return match response.status().as_u16() {
                200 => Ok((limited(response, MAX_DOCUMENT).await?, url)),
                404 | 410 => Err(Error::NotFound),
                code => Err(Error::remote(host, format!("answered {code}"))),
            };
        }
        Err(Error::refused(handle::host_of(&url).unwrap_or_default(), "redirects too often"))
    }

    /// Asks a service that is no server of this network, and that nobody has decided about: unsigned, for at most so many bytes,
    /// following at most 3 redirects of which each is checked like the first.
    pub async fn look_up(&self, url: &Url, accept: &str, most_bytes: usize) -> Result<Bytes> {
        let mut url = url.clone();
        for _ in 0..=3 {
            let host = url_guard::check_file(&self.ctx, &url).await?;
            let _turn = self.turn(&host).await?;
            let request = self.plain.get(url.clone()).header(header::ACCEPT, accept);
            let response = request.send().await.map_err(|e| failure::of_request(&e))?;
            if response.status().is_redirection() {
                url = redirected(&response, &url).ok_or_else(|| Error::refused(host, "redirects to nowhere"))?;
                continue;
            }
            return match response.status().as_u16() {
                200 => limited(response, most_bytes).await,
                // No such thing, or nothing of it in a form that we read.
                400 | 404 | 406 | 410 => Err(Error::NotFound),
                code => Err(Error::remote(host, format!("answered {code}"))),
            };
        }
        Err(Error::refused(handle::host_of(&url).unwrap_or_default(), "redirects too often"))
    }

    /// Fetches a document that is proven by what stands in it, signed by the instance's own actor, with a second knock in
    /// the other dialect. It counts only where it was asked for (R4), and only where its media type says what it is: a file
    /// that somebody has uploaded there speaks for nobody.
    pub async fn document(&self, url: &Url, most_bytes: usize) -> Result<Bytes> {
        let signer = keys::signer(&self.ctx, keys::instance_account(&self.ctx).await?).await?;
        self.signed(url, &signer, (ACCEPT_PROVEN, is_proven), most_bytes).await
    }

    /// Asks a server something in the name of one of ours, and gets JSON that is no ActivityPub object.
    pub async fn ask(&self, url: &Url, signer: &Signer, most_bytes: usize) -> Result<Bytes> {
        self.signed(url, signer, (JSON, is_json), most_bytes).await
    }

    async fn signed(
        &self,
        url: &Url,
        signer: &Signer,
        (accept, is_right): (&'static str, fn(&Response) -> bool),
        most_bytes: usize,
    ) -> Result<Bytes> {
        let host = url_guard::check(&self.ctx, url).await?;
        let _turn = self.turn(&host).await?;
        let known = hosts::known(&self.ctx, &host).await?;
        let first = known.dialect.unwrap_or(SignatureDialect::Cavage);
        let mut refusal = 0;
        for dialect in [first, first.other()] {
            let headers = self.sign("GET", url.clone(), None, signer.clone(), dialect).await?;
            let request = self.plain.get(url.clone()).headers(headers).header(header::ACCEPT, accept);
            let response = request.send().await.map_err(|e| failure::of_request(&e))?;
            refusal = match response.status().as_u16() {
                200 if is_right(&response) => return limited(response, most_bytes).await,
                200 => return Err(Error::refused(host, "the document is of another kind than it should be")),
                404 | 410 => return Err(Error::NotFound),
                300..=399 => return Err(Error::refused(host, "the document is not where it should be")),
                code @ (401 | 403) => code,
                code => return Err(Error::remote(host, format!("answered {code}"))),
            };
        }
        Err(Error::remote(host, format!("answered {refusal}")))
    }

    /// Hands a message to a push service. Its host is none that anybody has decided about.
    pub async fn push(&self, url: &Url, headers: Vec<(&'static str, String)>, body: Bytes) -> Result<u16> {
        let host = url_guard::check_file(&self.ctx, url).await?;
        let _turn = self.turn(&host).await?;
        let mut request = self.plain.post(url.clone()).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(|e| failure::of_request(&e))?;
        Ok(response.status().as_u16())
    }

    /// Fetches a file of at most so many bytes, following at most 3 redirects of which each is checked like the first.
    /// Servers that we speak with are shown who asks, so that they can hand out what is not for everybody.
    pub async fn file(&self, url: &Url, most_bytes: usize) -> Result<Bytes> {
        let mut url = url.clone();
        for _ in 0..=3 {
            let host = url_guard::check_file(&self.ctx, &url).await?;
            let _turn = self.turn(&host).await?;
            let mut request = self.plain.get(url.clone());
            if hosts::may_speak(&self.ctx, &host).await? {
                let signer = keys::signer(&self.ctx, keys::instance_account(&self.ctx).await?).await?;
                let known = hosts::known(&self.ctx, &host).await?;
                let dialect = known.dialect.unwrap_or(SignatureDialect::Cavage);
                request = request.headers(self.sign("GET", url.clone(), None, signer, dialect).await?);
            }
            let response =
                request.header(header::ACCEPT, "image/*").send().await.map_err(|e| failure::of_request(&e))?;
            if response.status().is_redirection() {
                url = redirected(&response, &url).ok_or_else(|| Error::refused(host, "redirects to nowhere"))?;
                continue;
            }
            return match response.status().as_u16() {
                200 => limited(response, most_bytes).await,
                404 | 410 => Err(Error::NotFound),
                code => Err(Error::remote(host, format!("answered {code}"))),
            };
        }
        Err(Error::refused(handle::host_of(&url).unwrap_or_default(), "redirects too often"))
    }

    /// The headers of a signature. RSA takes a third of a millisecond, so it is done off the async threads.
    async fn sign(
        &self,
        method: &'static str,
        url: Url,
        body: Option<Bytes>,
        signer: Signer,
        dialect: SignatureDialect,
    ) -> Result<HeaderMap> {
        let now = self.ctx.now();
        let signed = tokio::task::spawn_blocking(move || match dialect {
            SignatureDialect::Cavage => cavage::sign(method, &url, body.as_deref(), &signer.key_id, &signer.key, now),
            SignatureDialect::Rfc9421 => rfc9421::sign(method, &url, body.as_deref(), &signer.key_id, &signer.key, now),
        })
        .await
        .map_err(|e| Error::Internal(e.into()))?
        .map_err(|e| Error::Internal(e.into()))?;
        let mut headers = HeaderMap::new();
        for (name, value) in signed {
            // The client writes the Host header itself, from the same address.
            if !name.eq_ignore_ascii_case("host") {
                let value = HeaderValue::from_str(&value).map_err(|e| Error::Internal(e.into()))?;
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        Ok(headers)
    }

    async fn turn(&self, host: &str) -> Result<tokio::sync::OwnedSemaphorePermit> {
        let turns = self.turns.get_with(host.to_owned(), || Arc::new(Semaphore::new(PER_HOST)));
        let patience = Duration::from_secs(self.ctx.config.federation.request_seconds);
        match tokio::time::timeout(patience, turns.acquire_owned()).await {
            Ok(turn) => turn.map_err(|_| Error::Unavailable),
            Err(_) => Err(Error::remote(host, "too many requests wait for it already")),
        }
    }
}

/// The media type of an answer, in lower case and without its parameters.
fn kind_of(response: &Response) -> String {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_proven(response: &Response) -> bool {
    let kind = kind_of(response);
    ACCEPT_PROVEN.split(", ").any(|known| known == kind) || kind == "application/vc+ld+json"
}

fn is_json(response: &Response) -> bool {
    kind_of(response) == JSON
}

fn redirected(response: &Response, from: &Url) -> Option<Url> {
    let target = response.headers().get(header::LOCATION)?.to_str().ok()?;
    from.join(target).ok()
}

async fn limited(mut response: Response, most: usize) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| failure::of_request(&e))? {
        if body.len() + chunk.len() > most {
            return Err(Error::refused(
                handle::host_of(response.url()).unwrap_or_default(),
                "the document is too large",
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

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
struct SignedFetch(Client);

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
        let _turn = self.0.turn(&name).await?;
        let host = hosts::known(ctx, &name).await?;
        let signer = keys::signer(ctx, keys::instance_account(ctx).await?).await?;
        let first = host.dialect.unwrap_or(SignatureDialect::Cavage);
        let mut last = None;
        for dialect in [first, first.other()] {
            let mut again =
                request.try_clone().ok_or_else(|| Error::internal("a GET without a body can be repeated"))?;
            spend()?;
            let headers = self.0.sign("GET", again.url().clone(), None, signer.clone(), dialect).await?;
            again.headers_mut().extend(headers);
            again.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
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
