//! The one HTTP client (R10): every outgoing request of the house is made, signed and bounded here.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use moka::sync::Cache;
use reqwest::{Response, redirect::Policy};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tokio::sync::Semaphore;
use url::Url;

use super::{ACTIVITY_JSON, failure, signed_fetch::SignedFetch, tokens, url_guard, wire::synchronization};
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
pub(super) const ACCEPT: &str =
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
    pub(super) ctx: Ctx,
    plain: reqwest::Client,
    turns: Cache<String, Arc<Semaphore>>,
    /// What groups have proven of us.
    pub(super) tokens: tokens::Kept,
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
        Ok(Self { ctx: ctx.clone(), plain, turns, tokens: tokens::Kept::default() })
    }

    /// The same with every GET signed, for the library's fetches.
    pub(super) fn signed_fetch(&self) -> ClientWithMiddleware {
        ClientBuilder::new(self.plain.clone()).with(SignedFetch(self.clone())).build()
    }

    /// Sends an activity once, signed in one dialect, with what is said of followers (FEP-8fcf) where anything is; returns the
    /// status.
    pub async fn post(
        &self,
        inbox: &Url,
        body: Bytes,
        signer: Signer,
        dialect: SignatureDialect,
        followers: Option<String>,
    ) -> Result<Answer> {
        url_guard::check(&self.ctx, inbox).await?;
        let more = followers.map(|told| (synchronization::HEADER, told));
        let headers = self.sign(("POST", inbox.clone(), Some(body.clone())), signer, dialect, more).await?;
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
            let headers = self.sign(("GET", url.clone(), None), signer.clone(), dialect, None).await?;
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
            let speaks = hosts::may_speak(&self.ctx, &host).await?;
            let shown = if speaks { tokens::shown_at(&self.ctx, self, &url).await } else { None };
            let _turn = self.turn(&host).await?;
            let mut request = self.plain.get(url.clone());
            if let Some((_, token)) = shown {
                request = request.header(header::AUTHORIZATION, token);
            }
            if speaks {
                let signer = keys::signer(&self.ctx, keys::instance_account(&self.ctx).await?).await?;
                let known = hosts::known(&self.ctx, &host).await?;
                let dialect = known.dialect.unwrap_or(SignatureDialect::Cavage);
                request = request.headers(self.sign(("GET", url.clone(), None), signer, dialect, None).await?);
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

    /// The headers of a signature, with one more that it covers where there is one. RSA takes a third of a millisecond, so it is
    /// done off the async threads.
    pub(super) async fn sign(
        &self,
        (method, url, body): (&'static str, Url, Option<Bytes>),
        signer: Signer,
        dialect: SignatureDialect,
        more: Option<(&'static str, String)>,
    ) -> Result<HeaderMap> {
        let now = self.ctx.now();
        let signed = tokio::task::spawn_blocking(move || {
            let request = (method, &url, body.as_deref());
            match dialect {
                SignatureDialect::Cavage => cavage::sign(request, &signer.key_id, &signer.key, now, more),
                SignatureDialect::Rfc9421 => rfc9421::sign(request, &signer.key_id, &signer.key, now, more),
            }
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

    pub(super) async fn turn(&self, host: &str) -> Result<tokio::sync::OwnedSemaphorePermit> {
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
