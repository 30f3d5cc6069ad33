//! A server of somebody else's making: one actor, one key, and no manners.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use chrono::{DateTime, Utc};
use consilium::crypto::{RsaKeyPair, signature::cavage};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use url::Url;

/// A fake server with the actor `http://<host>/users/eve`.
pub struct Stranger {
    pub host: String,
    pub address: SocketAddr,
    pub key: RsaKeyPair,
    documents: Arc<Mutex<std::collections::HashMap<String, Value>>>,
    pub received: Arc<Mutex<Vec<Value>>>,
}

impl Stranger {
    pub async fn at(host: &str) -> Self {
        let key = RsaKeyPair::generate().unwrap();
        let documents = Arc::new(Mutex::new(std::collections::HashMap::<String, Value>::new()));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (docs, inbox) = (Arc::clone(&documents), Arc::clone(&received));
        let server = HttpServer::new(move || {
            let (docs, inbox) = (Arc::clone(&docs), Arc::clone(&inbox));
            App::new()
                .app_data(web::PayloadConfig::new(2_000_000))
                .route(
                    "/inbox",
                    web::post().to(move |body: web::Json<Value>| {
                        inbox.lock().unwrap().push(body.into_inner());
                        async { HttpResponse::Accepted().finish() }
                    }),
                )
                .default_service(web::get().to(move |request: HttpRequest| {
                    let found = docs.lock().unwrap().get(request.path()).cloned();
                    async move {
                        match found {
                            Some(body) => {
                                HttpResponse::Ok().content_type("application/activity+json").body(body.to_string())
                            }
                            None => HttpResponse::NotFound().finish(),
                        }
                    }
                }))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let address = server.addrs()[0];
        tokio::spawn(server.run());
        let stranger = Self { host: host.to_owned(), address, key, documents, received };
        stranger.publish_actor();
        stranger
    }

    pub fn actor(&self) -> String {
        format!("http://{}/users/eve", self.host)
    }

    fn publish_actor(&self) {
        let actor = self.actor();
        let body = json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": actor, "type": "Person", "preferredUsername": "eve",
            "name": "Eve", "inbox": format!("{actor}/inbox"), "endpoints": { "sharedInbox": format!("http://{}/inbox", self.host) },
            "followers": format!("{actor}/followers"),
            "publicKey": { "id": format!("{actor}#main-key"), "owner": actor, "publicKeyPem": self.key.public_pem().unwrap() },
        });
        self.serve("/users/eve", body);
    }

    /// A new key under the same id.
    pub fn change_key(&mut self) {
        self.key = RsaKeyPair::generate().unwrap();
        self.publish_actor();
    }

    /// Answers a path with a document.
    pub fn serve(&self, path: &str, body: Value) {
        self.documents.lock().unwrap().insert(path.to_owned(), body);
    }

    /// A Note of Eve's.
    pub fn note(&self, id: &str, words: &str) -> Value {
        json!({
            "id": format!("http://{}/notes/{id}", self.host), "type": "Note", "attributedTo": self.actor(),
            "content": format!("<p>{words}</p>"), "published": "2026-01-01T00:00:00Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [],
        })
    }

    /// An activity of Eve's.
    pub fn activity(&self, kind: &str, id: &str, object: Value) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": format!("http://{}/activities/{id}", self.host),
            "type": kind, "actor": self.actor(), "object": object,
        })
    }

    /// Sends an activity as it should be sent.
    pub async fn deliver(&self, to: &super::Instance, body: &Value) -> StatusCode {
        self.deliver_with(to, body, to.ctx.now(), |_| {}).await
    }

    /// Sends an activity after a change to its headers.
    pub async fn deliver_with(
        &self,
        to: &super::Instance,
        body: &Value,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Vec<(String, String)>),
    ) -> StatusCode {
        let target = Target { name: to.name.clone(), address: to.address };
        self.send(&target, body, now, change).await.unwrap()
    }

    /// Sends an activity to a server that may be down.
    #[expect(clippy::disallowed_methods, reason = "a stranger has a clock of its own")]
    pub async fn try_deliver(&self, to: &Target, body: &Value) -> Option<u16> {
        self.send(to, body, Utc::now(), |_| {}).await.map(|s| s.as_u16())
    }

    async fn send(
        &self,
        to: &Target,
        body: &Value,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Vec<(String, String)>),
    ) -> Option<StatusCode> {
        let bytes = body.to_string();
        let url = Url::parse(&format!("http://{}/inbox", to.name)).unwrap();
        let key_id = format!("{}#main-key", self.actor());
        let signed = cavage::sign("POST", &url, Some(bytes.as_bytes()), &key_id, &self.key.signing_key(), now).unwrap();
        let mut headers: Vec<(String, String)> = signed.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        if !headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("host")) {
            headers.push(("host".into(), to.name.clone()));
        }
        headers.push(("content-type".into(), "application/activity+json".into()));
        change(&mut headers);
        let mut request = Client::builder().no_proxy().build().unwrap().post(format!("http://{}/inbox", to.address));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.body(bytes).send().await.ok().map(|r| r.status())
    }
}

/// Where a stranger sends to.
pub struct Target {
    pub name: String,
    pub address: SocketAddr,
}
