//! What comes by itself: open streams of apps, and messages that wake a telephone.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::json;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::askers::Who;
use crate::harness::{App, Instance, Stranger};

/// Longest that anything may take to come.
const LONG: Duration = Duration::from_secs(20);

/// Whoever does not sign in gets no stream, not even of what is for everybody.
pub(super) async fn refuse_whoever_does_not_sign_in(at: &Instance) {
    let nobody = App::new(at, "");
    for path in ["public", "public/local", "public/remote", "hashtag?tag=eotag", "user", "user/notification"] {
        let answer = nobody.request(Method::GET, &format!("/api/v1/streaming/{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
    }
    for address in ["stream=public", "stream=hashtag&tag=eotag", "stream=public&access_token=nonsense"] {
        let address = format!("ws://{}/api/v1/streaming?{address}", at.name);
        let stream = TcpStream::connect(at.address).await.unwrap();
        assert!(client_async(address.into_client_request().unwrap(), stream).await.is_err(), "{}", at.name);
    }
}

/// Somebody's app with every stream open that it can have.
pub(super) struct Listener {
    pub(super) who: Who,
    socket: WebSocketStream<TcpStream>,
}

impl Listener {
    /// Opens all of them.
    pub(super) async fn open(at: &Instance, app: &App, who: Who) -> Self {
        let address = format!("ws://{}/api/v1/streaming?stream=user&access_token={}", at.name, app.token);
        let stream = TcpStream::connect(at.address).await.unwrap();
        let (mut socket, _) = client_async(address.into_client_request().unwrap(), stream).await.unwrap();
        for name in ["public", "public:local", "public:remote", "public:media", "user:notification", "direct"] {
            let asked = json!({ "type": "subscribe", "stream": name });
            socket.send(Message::text(asked.to_string())).await.unwrap();
        }
        for kind in ["o", "v", "c", "l", "i"] {
            let asked = json!({ "type": "subscribe", "stream": "hashtag", "tag": format!("e{kind}tag") });
            socket.send(Message::text(asked.to_string())).await.unwrap();
        }
        // What was asked for holds once the next question is answered.
        socket.send(Message::text(r#"{"type":"subscribe","stream":"nonsense"}"#)).await.unwrap();
        let mut one = Self { who, socket };
        one.until("Unknown stream type").await;
        one
    }

    /// All that comes, until something is said with these words.
    pub(super) async fn until(&mut self, last: &str) -> String {
        let mut all = String::new();
        loop {
            let said = timeout(LONG, self.socket.next()).await.unwrap().unwrap().unwrap();
            let Message::Text(said) = said else { continue };
            all.push_str(&said);
            all.push('\n');
            if said.contains(last) {
                return all;
            }
        }
    }
}

/// Somebody's telephone, which is woken for everything.
pub(super) struct Telephone {
    pub(super) who: Who,
    pair: ece::EcKeyComponents,
    secret: Vec<u8>,
}

impl Telephone {
    /// Wants to be woken by way of a service.
    pub(super) async fn of(app: &App, who: Who, service: &Stranger) -> Self {
        let (pair, secret) = ece::generate_keypair_and_auth_secret().unwrap();
        let public = BASE64_URL_SAFE_NO_PAD.encode(pair.pub_as_raw().unwrap());
        let keys = json!({ "p256dh": public, "auth": BASE64_URL_SAFE_NO_PAD.encode(secret) });
        let alerts =
            json!({ "mention": true, "status": true, "reblog": true, "favourite": true, "update": true, "poll": true });
        let form = json!({
            "subscription": { "endpoint": format!("http://{}/push", service.host), "keys": keys, "standard": true },
            "data": { "alerts": alerts, "policy": "all" },
        });
        let made = app.post("/api/v1/push/subscription", form).await;
        assert_eq!(made.status, 200, "{}", made.body);
        Self { who, pair: pair.raw_components().unwrap(), secret: secret.to_vec() }
    }

    /// The messages that came for it.
    pub(super) fn messages(&self, service: &Stranger) -> Vec<String> {
        let pushed = service.pushed();
        let opened = pushed.iter().filter_map(|one| ece::decrypt(&self.pair, &self.secret, &one.body).ok());
        opened.map(|bytes| String::from_utf8(bytes).unwrap()).collect()
    }
}
