//! Consent: an app asks to act for somebody, who says yes or no. Plain forms, so that text browsers and the windows inside
//! apps can do it.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderName, HeaderValue},
    web,
};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    layout::Shell,
    session::{Form, Visitor},
};
use crate::service::oauth::{self, OUT_OF_BAND, Refusal, Request};

#[derive(Template)]
#[template(path = "web/oauth.html")]
struct ConsentPage {
    shell: Shell,
    heading: String,
    words: String,
    scopes: Vec<&'static str>,
    kept: Vec<(&'static str, String)>,
    code: String,
}

/// What an app asks with (RFC 6749, 4.1.1; RFC 7636, 4.3).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    code_challenge: String,
    code_challenge_method: String,
    answer: String,
}

impl Asked {
    fn request(&self) -> Request {
        Request {
            client_id: self.client_id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            response_type: self.response_type.clone(),
            scope: self.scope.clone(),
            challenge: self.code_challenge.clone(),
            challenge_method: self.code_challenge_method.clone(),
        }
    }

    fn kept(&self) -> Vec<(&'static str, String)> {
        vec![
            ("response_type", self.response_type.clone()),
            ("client_id", self.client_id.clone()),
            ("redirect_uri", self.redirect_uri.clone()),
            ("scope", self.scope.clone()),
            ("state", self.state.clone()),
            ("code_challenge", self.code_challenge.clone()),
            ("code_challenge_method", self.code_challenge_method.clone()),
        ]
    }

    /// Sends the browser back to the app with an answer. The address was registered, letter for letter.
    fn back(&self, name: &str, value: &str) -> HttpResponse {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.append_pair(name, value);
        if !self.state.is_empty() {
            pairs.append_pair("state", &self.state);
        }
        let joint = if self.redirect_uri.contains('?') { '&' } else { '?' };
        let target = format!("{}{joint}{}", self.redirect_uri, pairs.finish());
        open(HttpResponse::Found().insert_header((header::LOCATION, target)).finish())
    }
}

/// These answers lead into apps: a form may end at any scheme, and a window that was opened by a page stays its own.
fn open(mut response: HttpResponse) -> HttpResponse {
    let policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("unsafe-none"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn in_words(scope: &str) -> &'static str {
    match scope.split(':').next().unwrap_or_default() {
        "read" => "read what you can read here",
        "write" => "post, answer and change things in your name",
        "follow" => "follow and stop following in your name",
        "push" => "be told when something happens to you",
        _ => "see who you are",
    }
}

/// `GET /oauth/authorize`
pub(super) async fn ask(visitor: Visitor, asked: web::Query<Asked>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (app, scope) = match oauth::examine(&visitor.ctx, &asked.request()).await? {
        Ok(sound) => sound,
        Err(refusal) => return refused(&visitor, &asked, refusal),
    };
    let mut scopes: Vec<&'static str> = scope.split(' ').map(in_words).collect();
    scopes.dedup();
    let page = ConsentPage {
        shell: visitor.shell(""),
        heading: format!("Let {} act for you?", app.name),
        words: format!("{} asks to use your account at {}.", app.name, visitor.ctx.config.instance.short_name),
        scopes,
        kept: asked.kept(),
        code: String::new(),
    };
    Ok(open(visitor.page(&page)?))
}

/// `POST /oauth/authorize`
pub(super) async fn answer(form: Form<Asked>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields: asked, .. } = form;
    visitor.require()?;
    if asked.answer != "allow" {
        return match oauth::examine(&visitor.ctx, &asked.request()).await? {
            Ok(_) => refused(&visitor, &asked, Refusal::Told("access_denied")),
            Err(refusal) => refused(&visitor, &asked, refusal),
        };
    }
    match oauth::agree(&visitor.ctx, &visitor.viewer(), &asked.request()).await? {
        Ok(code) if asked.redirect_uri == OUT_OF_BAND => {
            Ok(open(visitor.go(&format!("/oauth/authorize/native?code={code}"))))
        }
        Ok(code) => Ok(asked.back("code", &code)),
        Err(refusal) => refused(&visitor, &asked, refusal),
    }
}

/// A code to be copied.
#[derive(Debug, Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    code: String,
}

/// `GET /oauth/authorize/native`
pub(super) async fn code(visitor: Visitor, code: web::Query<Code>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let page = ConsentPage {
        shell: visitor.shell(""),
        heading: "Your code".into(),
        words: "The app is allowed to act for you once it has this code.".into(),
        scopes: Vec::new(),
        kept: Vec::new(),
        // Only what looks like a code of ours is shown: nobody's words are put into our page.
        code: code
            .into_inner()
            .code
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            .take(64)
            .collect(),
    };
    Ok(open(visitor.page(&page)?))
}

fn refused(visitor: &Visitor, asked: &Asked, refusal: Refusal) -> Result<HttpResponse, Problem> {
    let words = match refusal {
        Refusal::Told(code) if asked.redirect_uri != OUT_OF_BAND => return Ok(asked.back("error", code)),
        Refusal::Told("access_denied") => "The app was not allowed to act for you.",
        Refusal::Told("invalid_scope") => "The app asks for more than it registered for.",
        Refusal::Told(_) => "The app asks in a way that this server does not know.",
        Refusal::Stranger => {
            "This app is not known here, or it wants to send you to an address that it never named. You were not sent there."
        }
    };
    let page = ConsentPage {
        shell: visitor.shell(""),
        heading: "The app was not connected".into(),
        words: words.into(),
        scopes: Vec::new(),
        kept: Vec::new(),
        code: String::new(),
    };
    Ok(open(visitor.page_with(actix_web::http::StatusCode::BAD_REQUEST, &page)?))
}
