//! A server of somebody else's making: one actor, one key, and no manners.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use chrono::{DateTime, Utc};
use consilium::{
    crypto::{
        RsaKeyPair,
        signature::{cavage, rfc9421},
    },
    model::SignatureDialect,
};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::keys;

/// What stands at a path.
#[derive(Debug, Clone)]
enum Answer {
    Document(Value),
    Redirect(String),
    Hang(Duration),
}

/// A message that came to wake an app.
#[derive(Debug, Clone)]
pub struct Pushed {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What a stranger's server knows, saw and says; shared with its threads.
#[derive(Debug, Default)]
struct Notes {
    answers: HashMap<String, Answer>,
    /// Statuses of the next deliveries; 202 when there is none.
    statuses: VecDeque<u16>,
    dialects: Vec<SignatureDialect>,
    fetched: Vec<String>,
    pushed: Vec<Pushed>,
}

/// A fake server with the actor `http://<host>/users/eve`.
pub struct Stranger {
    pub host: String,
    pub address: SocketAddr,
    pub key: RsaKeyPair,
    pub received: Arc<Mutex<Vec<Value>>>,
    notes: Arc<Mutex<Notes>>,
    client: Client,
}

impl Stranger {
    pub async fn at(host: &str) -> Self {
        let key = keys::one();
        let notes = Arc::new(Mutex::new(Notes::default()));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (book, inbox) = (Arc::clone(&notes), Arc::clone(&received));
        let server = HttpServer::new(move || {
            let (book, inbox) = (Arc::clone(&book), Arc::clone(&inbox));
            let (deliveries, pushes) = (Arc::clone(&book), Arc::clone(&book));
            App::new()
                .app_data(web::PayloadConfig::new(2_000_000))
                .route(
                    "/inbox",
                    web::post().to(move |request: HttpRequest, body: web::Json<Value>| {
                        let mut notes = deliveries.lock().unwrap();
                        notes.dialects.push(if request.headers().contains_key("signature-input") {
                            SignatureDialect::Rfc9421
                        } else {
                            SignatureDialect::Cavage
                        });
                        let status = notes.statuses.pop_front().unwrap_or(202);
                        if status < 300 {
                            inbox.lock().unwrap().push(body.into_inner());
                        }
                        async move {
                            HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap()).finish()
                        }
                    }),
                )
                .route(
                    "/push",
                    web::post().to(move |request: HttpRequest, body: web::Bytes| {
                        let mut notes = pushes.lock().unwrap();
                        let text = |v: &actix_web::http::header::HeaderValue| v.to_str().unwrap().to_owned();
                        let headers = request.headers().iter().map(|(n, v)| (n.to_string(), text(v))).collect();
                        notes.pushed.push(Pushed { headers, body: body.to_vec() });
                        let status = notes.statuses.pop_front().unwrap_or(201);
                        async move {
                            HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap()).finish()
                        }
                    }),
                )
                .default_service(web::get().to(move |request: HttpRequest| {
                    let mut notes = book.lock().unwrap();
                    notes.fetched.push(request.path().to_owned());
                    let found = notes.answers.get(request.path()).cloned();
                    async move {
                        match found {
                            Some(Answer::Document(body)) => {
                                HttpResponse::Ok().content_type("application/activity+json").body(body.to_string())
                            }
                            Some(Answer::Redirect(to)) => {
                                HttpResponse::Found().insert_header(("location", to)).finish()
                            }
                            Some(Answer::Hang(time)) => {
                                tokio::time::sleep(time).await;
                                HttpResponse::ServiceUnavailable().finish()
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
        // Made once, as that takes longer than a request; no connection outlives a server that goes down.
        let client = Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        let stranger = Self { host: host.to_owned(), address, key, received, notes, client };
        stranger.publish_actor();
        stranger
    }

    /// The messages that came to wake an app.
    pub fn pushed(&self) -> Vec<Pushed> {
        self.notes.lock().unwrap().pushed.clone()
    }

    pub fn actor(&self) -> String {
        format!("http://{}/users/eve", self.host)
    }

    /// The document of an actor on this server, with Eve's key under its own name.
    pub fn person(&self, name: &str) -> Value {
        let actor = format!("http://{}/users/{name}", self.host);
        json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": actor, "type": "Person", "preferredUsername": name,
            "name": name, "inbox": format!("{actor}/inbox"), "endpoints": { "sharedInbox": format!("http://{}/inbox", self.host) },
            "followers": format!("{actor}/followers"), "discoverable": true,
            "publicKey": { "id": format!("{actor}#main-key"), "owner": actor, "publicKeyPem": self.key.public_pem().unwrap() },
        })
    }

    fn publish_actor(&self) {
        let mut body = self.person("eve");
        body["name"] = "Eve".into();
        self.serve("/users/eve", body);
    }

    /// A new key under the same id.
    pub fn change_key(&mut self) {
        self.key = keys::one();
        self.publish_actor();
    }

    /// Answers a path with a document.
    pub fn serve(&self, path: &str, body: Value) {
        self.notes.lock().unwrap().answers.insert(path.to_owned(), Answer::Document(body));
    }

    /// Says what this server runs.
    pub fn runs(&self, software: &str) {
        let href = format!("http://{}/nodeinfo/2.1", self.host);
        let link = json!({ "rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": href });
        self.serve("/.well-known/nodeinfo", json!({ "links": [link] }));
        self.serve("/nodeinfo/2.1", json!({ "version": "2.1", "software": { "name": software, "version": "1.0.0" } }));
    }

    /// Sends whoever asks for a path elsewhere.
    pub fn redirect(&self, path: &str, to: &str) {
        self.notes.lock().unwrap().answers.insert(path.to_owned(), Answer::Redirect(to.to_owned()));
    }

    /// Lets whoever asks for a path wait.
    pub fn hang(&self, path: &str, time: Duration) {
        self.notes.lock().unwrap().answers.insert(path.to_owned(), Answer::Hang(time));
    }

    /// How the next deliveries are answered, one status each.
    pub fn answer_next(&self, statuses: &[u16]) {
        self.notes.lock().unwrap().statuses.extend(statuses);
    }

    /// In which dialects deliveries came, in order.
    pub fn dialects(&self) -> Vec<SignatureDialect> {
        self.notes.lock().unwrap().dialects.clone()
    }

    /// Which paths were asked for, in order.
    pub fn fetched(&self) -> Vec<String> {
        self.notes.lock().unwrap().fetched.clone()
    }

    /// Whether something that was delivered says so.
    pub fn was_told(&self, words: &str) -> bool {
        self.received.lock().unwrap().iter().any(|a| a.to_string().contains(words))
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
        self.post(&Target::of(to), body, (&self.actor(), SignatureDialect::Cavage), now, change).await.unwrap()
    }

    /// Sends an activity signed in the newer dialect.
    pub async fn deliver_in_rfc9421(&self, to: &super::Instance, body: &Value) -> StatusCode {
        let as_eve = (self.actor(), SignatureDialect::Rfc9421);
        self.post(&Target::of(to), body, (&as_eve.0, as_eve.1), to.ctx.now(), |_| {}).await.unwrap()
    }

    /// Sends an activity signed in the name of another actor of this server.
    pub async fn deliver_as(&self, to: &super::Instance, actor: &str, body: &Value) -> StatusCode {
        self.post(&Target::of(to), body, (actor, SignatureDialect::Cavage), to.ctx.now(), |_| {}).await.unwrap()
    }

    /// Sends an activity to a server that may be down.
    #[expect(clippy::disallowed_methods, reason = "a stranger has a clock of its own")]
    pub async fn try_deliver(&self, to: &Target, body: &Value) -> Option<u16> {
        let eve = self.actor();
        self.post(to, body, (&eve, SignatureDialect::Cavage), Utc::now(), |_| {}).await.map(|s| s.as_u16())
    }

    async fn post(
        &self,
        to: &Target,
        body: &Value,
        (actor, dialect): (&str, SignatureDialect),
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Vec<(String, String)>),
    ) -> Option<StatusCode> {
        let bytes = body.to_string();
        let mut headers = self.sign(to, "POST", "/inbox", Some(bytes.as_bytes()), (actor, dialect), now);
        headers.push(("content-type".into(), "application/activity+json".into()));
        change(&mut headers);
        let mut request = self.client.post(format!("http://{}/inbox", to.address));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.body(bytes).send().await.ok().map(|r| r.status())
    }

    /// Asks for a document, signed as an actor of this server.
    pub async fn get_as(&self, from: &super::Instance, actor: &str, path: &str) -> (StatusCode, Value) {
        let (status, _, text) = self.fetch_as(from, actor, path).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// The same of anything, with its media type.
    pub async fn fetch_as(&self, from: &super::Instance, actor: &str, path: &str) -> (StatusCode, String, String) {
        let to = Target::of(from);
        let headers = self.sign(&to, "GET", path, None, (actor, SignatureDialect::Cavage), from.ctx.now());
        let mut request = self.client.get(format!("http://{}{path}", to.address));
        request = request.header("accept", "application/activity+json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await.unwrap();
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        let (status, kind) = (response.status(), kind.unwrap_or_default().to_owned());
        (status, kind, response.text().await.unwrap_or_default())
    }

    fn sign(
        &self,
        to: &Target,
        method: &'static str,
        path: &str,
        body: Option<&[u8]>,
        (actor, dialect): (&str, SignatureDialect),
        now: DateTime<Utc>,
    ) -> Vec<(String, String)> {
        let url = Url::parse(&format!("http://{}{path}", to.name)).unwrap();
        let key_id = format!("{actor}#main-key");
        let key = self.key.signing_key();
        let signed = match dialect {
            SignatureDialect::Cavage => cavage::sign((method, &url, body), &key_id, &key, now, None),
            SignatureDialect::Rfc9421 => rfc9421::sign((method, &url, body), &key_id, &key, now, None),
        };
        let mut headers: Vec<(String, String)> = signed.unwrap().into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        if !headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("host")) {
            headers.push(("host".into(), to.name.clone()));
        }
        headers
    }
}

/// Where a stranger sends to.
pub struct Target {
    pub name: String,
    pub address: SocketAddr,
}

impl Target {
    fn of(instance: &super::Instance) -> Self {
        Self { name: instance.name.clone(), address: instance.address }
    }
}
