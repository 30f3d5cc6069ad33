//! A program on somebody's phone: speaks the client API, and holds every answer against the served OpenAPI document.

use std::sync::OnceLock;

use reqwest::{Client, Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use super::Instance;

/// A program with or without a token.
pub struct App {
    pub client: Client,
    pub base: String,
    pub host: String,
    pub token: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl App {
    pub fn new(instance: &Instance, token: &str) -> Self {
        Self {
            client: Client::builder().no_proxy().build().unwrap(),
            base: format!("http://{}", instance.address),
            host: instance.name.clone(),
            token: token.to_owned(),
        }
    }

    /// Acts for somebody, by a token that the operator made.
    pub async fn of(instance: &Instance, username: &str, scopes: &str) -> Self {
        let account = consilium::service::accounts::by_username(&instance.ctx, username).await.unwrap();
        let token = consilium::service::tokens::create(&instance.ctx, account.id, "Story", scopes).await.unwrap();
        Self::new(instance, &token)
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base)).header("host", &self.host);
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    async fn send(&self, method: &Method, path: &str, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path} is no JSON: {status} {text}"));
        if path.starts_with("/api/") && path != "/api/openapi.json" {
            self.check(method, path, status, &body).await;
        }
        Answer { status, headers, body }
    }

    /// Holds an answer against the served document: its endpoint, its status and its shape stand there.
    async fn check(&self, method: &Method, path: &str, status: StatusCode, body: &Value) {
        static BOOK: OnceLock<Value> = OnceLock::new();
        if BOOK.get().is_none() {
            let served = self.request(Method::GET, "/api/openapi.json").send().await.unwrap().text().await.unwrap();
            // Another story may have been faster.
            let _ = BOOK.set(serde_json::from_str(&served).unwrap());
        }
        let book = BOOK.get().unwrap();
        let path = path.split('?').next().unwrap().trim_end_matches('/');
        let steps: Vec<&str> = path.split('/').collect();
        let fits = |pattern: &str| {
            let pattern: Vec<&str> = pattern.split('/').collect();
            pattern.len() == steps.len() && pattern.iter().zip(&steps).all(|(p, s)| p.starts_with('{') || p == s)
        };
        let paths = book["paths"].as_object().unwrap();
        let known = paths.get(path).or_else(|| paths.iter().find(|(pattern, _)| fits(pattern)).map(|(_, item)| item));
        let operation = known.and_then(|item| item.get(method.as_str().to_lowercase()));
        let Some(operation) = operation else {
            assert_eq!(status, 404, "{method} {path} answers and is not in the document");
            return;
        };
        let described = &operation["responses"][status.as_str()];
        assert!(described.is_object() || status == 400, "{method} {path} answers {status}, of which nothing is said");
        let Some(schema) = described["content"]["application/json"].get("schema") else { return };
        let mut whole = json!({ "components": book["components"], "allOf": [schema] });
        whole["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        let validator = jsonschema::validator_for(&whole).unwrap();
        let faults: Vec<String> = validator.iter_errors(body).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{method} {path} is not as its document says: {faults:#?} in {body}");
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method.clone(), path);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.send(&method, path, request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, None).await
    }

    pub async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self.client.post(format!("{}{path}", self.base)).header("host", &self.host);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        self.send(&Method::POST, path, request).await
    }

    /// Sends a form with a file in it.
    pub async fn file(&self, method: Method, path: &str, field: &str, bytes: &[u8], texts: &[(&str, &str)]) -> Answer {
        let (kind, body) = multipart(&[(field, bytes)], texts);
        let request = self.request(method.clone(), path).header("content-type", kind).body(body);
        self.send(&method, path, request).await
    }

    /// Sends a picture in; its id.
    pub async fn picture(&self, bytes: &[u8], description: &str) -> String {
        let sent = self.file(Method::POST, "/api/v2/media", "file", bytes, &[("description", description)]).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
        text(&sent.body["id"])
    }

    /// Publishes a post; its id.
    pub async fn write(&self, post: Value) -> String {
        let written = self.post("/api/v1/statuses", post).await;
        assert_eq!(written.status, 200, "{}", written.body);
        text(&written.body["id"])
    }

    /// One's own id.
    pub async fn me(&self) -> String {
        text(&self.get("/api/v1/accounts/verify_credentials").await.body["id"])
    }

    /// The id of somebody, also elsewhere.
    pub async fn find(&self, handle: &str) -> String {
        let path = format!("/api/v1/accounts/search?resolve=true&limit=1&q={}", handle.replace('@', "%40"));
        let found = self.get(&path).await;
        text(&found.body[0]["id"])
    }

    /// The addresses of what is listed, by a field.
    pub async fn listed(&self, path: &str, field: &str) -> Vec<String> {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body.as_array().unwrap().iter().map(|one| text(&one[field])).collect()
    }

    /// The file at an address of this server.
    pub async fn fetch(&self, url: &str) -> (u16, HeaderMap, Vec<u8>) {
        let path = url.replace(&format!("http://{}", self.host), "");
        assert!(path.starts_with('/'), "{url} is on another server");
        let answer = self.client.get(format!("{}{path}", self.base)).header("host", &self.host).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.bytes().await.unwrap().to_vec())
    }
}

/// The text of a value.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// A form with files (RFC 7578): its content type and its body.
pub fn multipart(files: &[(&str, &[u8])], texts: &[(&str, &str)]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "----story-of-a-form";
    let mut body = Vec::new();
    for (name, value) in texts {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(head.as_bytes());
    }
    for (name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"IMG_1.jpg\"\r\n\
             Content-Type: image/jpeg\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}
