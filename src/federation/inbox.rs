//! The inbox: size, form, signature, host policy; stored durably; 202. What it means is found out later.

use std::time::Duration;

use activitypub_federation::config::Data;
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};

use super::{
    Fed, FedData, gate,
    negotiate::answer,
    signed_fetch::is_activity,
    wire::{synchronization, value::MAX_ID},
};
use crate::{
    crypto::digest,
    error::{Error, Result},
    service::{
        Ctx, drift, hosts,
        received::{self, Arrival},
    },
    text::handle,
};

/// Collects arrivals of many requests into one statement: while one commits, the next ones gather.
#[derive(Clone)]
pub struct Intake(mpsc::Sender<(Arrival, oneshot::Sender<bool>)>);

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Intake")
    }
}

/// Arrivals that may wait; more are answered 503 and come again.
const WAITING: usize = 2_000;
/// Arrivals in one statement.
const AT_ONCE: usize = 256;

impl Intake {
    /// The intake, and the loop that the server has to run.
    pub fn new(ctx: Ctx) -> (Self, impl Future<Output = ()> + Send) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), store(ctx, receiver))
    }

    async fn take(&self, arrival: Arrival) -> Result<()> {
        let (done, committed) = oneshot::channel();
        self.0.try_send((arrival, done)).map_err(|_| Error::Unavailable)?;
        let committed = tokio::time::timeout(Duration::from_secs(20), committed).await;
        if matches!(committed, Ok(Ok(true))) { Ok(()) } else { Err(Error::Unavailable) }
    }
}

async fn store(ctx: Ctx, mut receiver: mpsc::Receiver<(Arrival, oneshot::Sender<bool>)>) {
    let mut gathered = Vec::with_capacity(AT_ONCE);
    while receiver.recv_many(&mut gathered, AT_ONCE).await > 0 {
        let (arrivals, waiting): (Vec<_>, Vec<_>) = gathered.drain(..).unzip();
        let stored = received::take_in(&ctx, arrivals).await;
        if let Err(error) = &stored {
            tracing::error!(%error, "arrivals could not be stored");
        }
        for done in waiting {
            // Nobody waits any more where the connection was closed.
            done.send(stored.is_ok()).unwrap_or(());
        }
    }
}

/// As much of an activity as the door looks at.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    id: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    actor: Actor<'a>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Actor<'a> {
    Id(#[serde(borrow)] std::borrow::Cow<'a, str>),
    Object { id: String },
}

/// `POST /inbox` and `POST /users/{name}/inbox`
pub async fn post(
    request: HttpRequest,
    body: web::Payload,
    data: Data<Fed>,
    intake: web::Data<Intake>,
) -> HttpResponse {
    match take(&request, body, &data, &intake).await {
        Ok(()) => HttpResponse::Accepted().finish(),
        Err(error) => answer(&error),
    }
}

async fn take(request: &HttpRequest, body: web::Payload, data: &FedData, intake: &Intake) -> Result<()> {
    let kinds: Vec<_> = request.headers().get_all(header::CONTENT_TYPE).collect();
    let [kind] = kinds.as_slice() else { return Err(Error::invalid("content-type", "Send one Content-Type.")) };
    if !kind.to_str().is_ok_and(is_activity) {
        return Err(Error::invalid("content-type", "Send application/activity+json."));
    }
    if !gate::is_signed(request) {
        return Err(Error::Unauthenticated);
    }
    let limit = data.ctx.config.federation.max_inbox_bytes;
    let body = body.to_bytes_limited(limit).await.map_err(|_| Error::invalid("size", "too large"))?;
    let body = body.map_err(|_| Error::invalid("body", "The body did not arrive whole."))?;
    let text = std::str::from_utf8(&body).map_err(|_| Error::invalid("body", "The body is not UTF-8."))?;
    let envelope: Envelope<'_> = serde_json::from_str(text)
        .map_err(|_| Error::invalid("body", "The body is not an activity: it needs id and actor."))?;
    let actor = match &envelope.actor {
        Actor::Id(id) => id.as_ref(),
        Actor::Object { id } => id.as_str(),
    };
    if actor.len() > MAX_ID || envelope.id.as_ref().is_some_and(|id| id.len() > MAX_ID) {
        return Err(Error::invalid("id", "An id may have 2,048 bytes."));
    }
    if text.contains('\0') || text.contains("\\u0000") {
        return Err(Error::invalid("body", "The body holds a NUL character."));
    }
    let signed = match gate::check(request, Some(&body), data).await {
        Ok(signed) => signed,
        // A farewell of somebody whose key is gone already: there is nothing left to delete here.
        Err(Error::Gone) if is_farewell(text) => return Ok(()),
        // The owner of the key has nothing to say, or cannot be asked anew: either way it is not proven.
        Err(Error::Gone | Error::NotFound | Error::Remote { .. }) => return Err(Error::Unauthenticated),
        Err(error) => return Err(error),
    };
    // R2: whoever signs is whoever acts.
    if signed.account.uri != actor {
        return Err(Error::Unauthenticated);
    }
    let id = envelope.id.as_deref().unwrap_or_default();
    let host = url::Url::parse(id).ok().and_then(|u| handle::host_of(&u));
    if !id.is_empty() && host.as_deref() != Some(signed.host.name.as_str()) {
        return Err(Error::invalid("id", "The activity's id is not on its actor's server."));
    }
    hosts::alive(&data.ctx, &signed.host).await?;
    // Without an id of its own, the same signature is the same activity (replay window).
    let key = if id.is_empty() { signed.fingerprint } else { digest::sha256(format!("{actor} {id}").as_bytes()) };
    intake.take(Arrival { key: key.to_vec(), actor: actor.to_owned(), body: text.to_owned() }).await?;
    if let Err(error) = hear_of_followers(request, &signed, data).await {
        tracing::warn!(%error, "what was said of followers was not looked at");
    }
    Ok(())
}

/// What the sender says of their followers here (FEP-8fcf): where we count otherwise, they are asked.
async fn hear_of_followers(request: &HttpRequest, signed: &gate::Signed, data: &FedData) -> Result<()> {
    let header = request.headers().get(synchronization::HEADER).and_then(|value| value.to_str().ok());
    let Some(told) = header.and_then(synchronization::read) else { return Ok(()) };
    drift::heard(&data.ctx, &signed.account, &told.collection, &told.url, &told.digest).await
}

fn is_farewell(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type")]
        kind: String,
    }
    serde_json::from_str::<Kind>(text).is_ok_and(|k| k.kind == "Delete")
}
