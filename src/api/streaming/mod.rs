//! Streams by WebSocket and by server-sent events: what happens comes by itself.
//! What a stream carries is decided by the rules, per viewer; a revoked token loses its streams within seconds.

mod channel;
mod hub;
mod written;

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use actix_ws::{Message, MessageStream, Session};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use super::{
    auth::Call,
    error::{Answer, Fault},
};
use crate::{
    error::{Error, Result},
    model::{AccessToken, ListId},
    policy::{Viewer, scopes},
    service::{Ctx, lists, tokens, tokens::Bearer},
};
use channel::Channel;
pub(crate) use hub::Hub;
use hub::{Frame, Seat, message};

/// Seconds between signs of life.
const PING_SECONDS: u64 = 30;
/// Streams that one socket may listen to.
const MOST_CHANNELS: usize = 50;

/// What an address or a message asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    r#type: String,
    stream: Option<String>,
    tag: Option<String>,
    list: Option<String>,
    access_token: Option<String>,
}

/// Somebody who listens.
struct Ear {
    ctx: Ctx,
    viewer: Viewer,
    token: AccessToken,
}

impl Ear {
    /// The stream that is asked for, where the token covers it and (a list) it is one's own.
    async fn channel(&self, asked: &Asked) -> Result<Channel, Fault> {
        let name = asked.stream.as_deref().unwrap_or_default();
        let wrong =
            |words: &'static str| Fault::Whole(json!({ "error": words }), actix_web::http::StatusCode::BAD_REQUEST);
        let channel = Channel::parse(name, asked.tag.as_deref(), asked.list.as_deref()).map_err(wrong)?;
        if !scopes::covers(&self.token.scopes, channel.scope()) {
            return Err(Error::Forbidden("This action is outside the authorized scopes").into());
        }
        if let Channel::List(id) = &channel {
            let id: ListId = *id;
            lists::get(&self.ctx, &self.viewer, id).await?;
        }
        Ok(channel)
    }
}

async fn ear(ctx: &Ctx, secret: &str) -> Result<Ear> {
    match tokens::authenticate(ctx, secret).await? {
        Some(Bearer::Works(viewer, token)) if token.account_id.is_some() => Ok(Ear { ctx: ctx.clone(), viewer, token }),
        Some(Bearer::Held(why, _)) => Err(Error::Forbidden(why)),
        Some(Bearer::Works(..)) | None => Err(Error::Unauthenticated),
    }
}

/// `GET /api/v1/streaming`: a WebSocket. The token comes as sub-protocol, in the address or as a header.
pub(super) async fn socket(
    request: HttpRequest,
    body: web::Payload,
    ctx: web::Data<Ctx>,
    hub: web::Data<Arc<Hub>>,
    asked: web::Query<Asked>,
) -> Answer {
    let text = |name| request.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    let protocol = text(header::SEC_WEBSOCKET_PROTOCOL).and_then(|p| p.split(',').next()).map(str::trim);
    let header = text(header::AUTHORIZATION).and_then(|v| v.split_once(' ')).map(|(_, secret)| secret.trim());
    let secret = header.or(asked.access_token.as_deref()).or(protocol).unwrap_or_default();
    let ear = ear(&ctx, secret).await?;
    let first = match asked.stream {
        Some(_) => Some(ear.channel(&asked).await?),
        None => None,
    };
    let Some(who) = ear.token.account_id else { return Err(Error::Unauthenticated.into()) };
    let (seat, frames) = hub.join(ear.viewer, who, &ear.token)?;
    let (mut response, session, messages) = actix_ws::handle(&request, body).map_err(|_| {
        Fault::Whole(json!({ "error": "A WebSocket is expected here" }), actix_web::http::StatusCode::BAD_REQUEST)
    })?;
    // A browser drops a socket whose protocol is not said back to it.
    if let Some(protocol) = protocol.and_then(|p| HeaderValue::from_str(p).ok()) {
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    if let Some(channel) = first {
        seat.subscribe(channel);
    }
    actix_web::rt::spawn(talk(ear, seat, frames, session, messages));
    Ok(response)
}

/// Says what happens and hears what is asked for, until one side ends it.
async fn talk(ear: Ear, seat: Seat, mut frames: mpsc::Receiver<Frame>, mut session: Session, messages: MessageStream) {
    let mut messages = messages.max_frame_size(16_384);
    let mut ping = tokio::time::interval(Duration::from_secs(PING_SECONDS));
    let mut channels: Vec<Channel> = Vec::new();
    let mut silent = 0_u8;
    loop {
        let said = tokio::select! {
            _ = ping.tick() => {
                silent = silent.saturating_add(1);
                if silent > 3 { break }
                session.ping(b"").await
            }
            frame = frames.recv() => match frame {
                Some(frame) => session.text(message(&frame)).await,
                None => break,
            },
            heard = messages.next() => match heard {
                Some(Ok(Message::Text(text))) => {
                    silent = 0;
                    match hear(&ear, &seat, &mut channels, &text).await {
                        Some(answer) => session.text(answer).await,
                        None => Ok(()),
                    }
                }
                Some(Ok(Message::Ping(bytes))) => session.pong(&bytes).await,
                Some(Ok(Message::Pong(_) | Message::Nop)) => { silent = 0; Ok(()) }
                Some(Ok(Message::Binary(_) | Message::Continuation(_) | Message::Close(_)) | Err(_)) | None => break,
            },
        };
        if said.is_err() {
            break;
        }
    }
    drop(seat);
    if let Err(error) = session.close(None).await {
        tracing::debug!(%error, "a socket was closed by the other side");
    }
}

/// `{"type":"subscribe","stream":"hashtag","tag":"x"}`; the answer is what went wrong.
async fn hear(ear: &Ear, seat: &Seat, channels: &mut Vec<Channel>, text: &str) -> Option<String> {
    let fault = |words: &str, status: u16| Some(json!({ "error": words, "status": status }).to_string());
    let Ok(asked) = serde_json::from_str::<Asked>(text) else { return fault("The message is not JSON", 400) };
    let channel = match ear.channel(&asked).await {
        Ok(channel) => channel,
        Err(Fault::Whole(body, status)) => {
            return fault(body.get("error").and_then(|e| e.as_str()).unwrap_or_default(), status.as_u16());
        }
        Err(other) => return fault("Record not found", actix_web::ResponseError::status_code(&other).as_u16()),
    };
    match asked.r#type.as_str() {
        "subscribe" if channels.len() >= MOST_CHANNELS => fault("Too many streams on one socket", 400),
        "subscribe" => {
            seat.subscribe(channel.clone());
            channels.push(channel);
            None
        }
        "unsubscribe" => {
            seat.unsubscribe(&channel);
            channels.retain(|c| *c != channel);
            None
        }
        _ => fault("Unknown message type", 400),
    }
}

/// `GET /api/v1/streaming/{stream}`: the same by server-sent events (a stream of text that never ends).
pub(super) async fn events(call: Call, hub: web::Data<Arc<Hub>>, path: web::Path<String>) -> Answer {
    let asked = Asked {
        stream: Some(format!(
            "{}{}",
            path.replace('/', ":"),
            if call.params.flag("only_media").unwrap_or(false) { ":media" } else { "" }
        )),
        tag: call.params.text("tag"),
        list: call.params.text("list"),
        ..Asked::default()
    };
    let who = call.require("")?;
    let ear = Ear { ctx: call.ctx.clone(), viewer: call.viewer("")?, token: call.token("")?.clone() };
    let channel = match ear.channel(&asked).await {
        Err(Fault::Whole(..)) if !path.contains("hashtag") && !path.contains("list") => {
            return Err(Error::NotFound.into());
        }
        other => other?,
    };
    let (seat, frames) = hub.join(ear.viewer, who, &ear.token)?;
    seat.subscribe(channel);
    let opening = stream::once(async { Ok::<_, Error>(Bytes::from_static(b":)\n\n")) });
    let happening = stream::unfold((seat, frames), |(seat, mut frames)| async move {
        let beat = Duration::from_secs(PING_SECONDS / 2);
        let text = match tokio::time::timeout(beat, frames.recv()).await {
            Err(_) => ":thump\n\n".to_owned(),
            Ok(None) => return None,
            Ok(Some(frame)) => {
                // An event without data would reach nobody; this is the word that clients of Mastodon know.
                let data = if frame.payload.is_empty() { "undefined" } else { &frame.payload };
                format!("event: {}\ndata: {data}\n\n", frame.event)
            }
        };
        Some((Ok(Bytes::from(text)), (seat, frames)))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(opening.chain(happening)))
}

/// `GET /api/v1/streaming/health`
pub(super) async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("OK")
}
