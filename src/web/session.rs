//! Who is at the other end: cookies, form tokens, and the viewer that every page asks with.

use std::pin::Pin;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::{StatusCode, header, header::HeaderValue},
    web,
};
use askama::Template;
use bytes::Bytes;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::{error::Problem, layout::Shell};
use crate::{
    error::{Error, Result},
    model::Role,
    multipart, origin,
    policy::{Viewer, credentials::require_verifier},
    service::{
        Ctx, credentials, second_factor,
        sessions::{self, Known, SignedIn},
    },
    text::device,
};

/// The person or program that asks for a page.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The house.
    pub ctx: Ctx,
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// Who has given the password and has to set up a second factor before anything else.
    pub setting_up: Option<SignedIn>,
    /// Path and query of the request.
    pub here: String,
    /// `light`, `dark` or empty.
    pub theme: String,
    /// How much waits at the verification desk; none for whoever does not work there.
    pub desk: Option<i64>,
    secret: String,
    fresh: Fresh,
}

/// Which cookie a page brings along, with the visitor's secret.
#[derive(Debug, Clone, Copy)]
enum Fresh {
    Nothing,
    Visitor,
    Session,
}

const YEAR: Duration = Duration::days(365);

/// The page on which a second factor is set up.
pub(super) const SECOND_FACTOR: &str = "/settings/second-factor";
/// Where one may go before a second factor that has to be set up.
const BEFORE_IT: [&str; 5] = [
    SECOND_FACTOR,
    "/settings/second-factor/on",
    "/settings/second-factor/passkeys",
    "/settings/second-factor/passkeys/new",
    "/sign-out",
];

impl Visitor {
    /// Reads the cookies of a request.
    pub async fn of(request: &HttpRequest) -> Result<Self> {
        let ctx = request.app_data::<web::Data<Ctx>>().ok_or(Error::Unavailable)?.get_ref().clone();
        let cookie = |name: &str| request.cookie(&cookie_name(&ctx, name)).map(|c| c.value().to_owned());
        let here = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let theme = cookie("theme").filter(|t| t == "dark" || t == "light").unwrap_or_default();
        if let Some(secret) = cookie("session")
            && let Some(known) = sessions::authenticate(&ctx, &secret).await?
        {
            let (signed_in, setting_up) = match known {
                Known::In(signed_in) => (Some(signed_in), None),
                Known::SettingUp(person) => (None, Some(person)),
            };
            let desk = match &signed_in {
                Some(signed_in) => waiting_at_desk(&ctx, signed_in).await?,
                None => None,
            };
            return Ok(Self { ctx, signed_in, setting_up, here, theme, desk, secret, fresh: Fresh::Nothing });
        }
        let (secret, fresh) = match cookie("visitor").filter(|c| (40..=60).contains(&c.len())) {
            Some(secret) => (secret, Fresh::Nothing),
            None => (sessions::visitor_secret(), Fresh::Visitor),
        };
        Ok(Self { ctx, signed_in: None, setting_up: None, here, theme, desk: None, secret, fresh })
    }

    /// Lets whoever has to set up a second factor go nowhere else before.
    fn let_in(self, request: &HttpRequest) -> Result<Self> {
        if self.setting_up.is_some() && !may_come_before_it(request) {
            return Err(Error::Forbidden("Set up your second factor first."));
        }
        Ok(self)
    }

    /// The same visitor with the new secret of their session, which the next page brings along.
    pub(super) async fn renewed(self, secret: String) -> Result<Self> {
        let Some(Known::In(signed_in)) = sessions::authenticate(&self.ctx, &secret).await? else {
            return Err(Error::Unauthenticated);
        };
        let desk = waiting_at_desk(&self.ctx, &signed_in).await?;
        Ok(Self { signed_in: Some(signed_in), setting_up: None, desk, secret, fresh: Fresh::Session, ..self })
    }

    /// The viewer that rules are asked with.
    pub fn viewer(&self) -> Viewer {
        match &self.signed_in {
            Some(signed_in) => Viewer::Account { id: signed_in.me.id, role: signed_in.role },
            None => Viewer::Anonymous,
        }
    }

    /// The signed-in person, or the error that leads to the sign-in page.
    pub fn require(&self) -> Result<&SignedIn> {
        self.signed_in.as_ref().ok_or(Error::Unauthenticated)
    }

    /// The signed-in person, also one who has to set up a second factor first: for that alone.
    pub(super) fn require_person(&self) -> Result<&SignedIn> {
        self.signed_in.as_ref().or(self.setting_up.as_ref()).ok_or(Error::Unauthenticated)
    }

    /// The role of the signed-in person.
    pub fn role(&self) -> Option<Role> {
        self.signed_in.as_ref().map(|s| s.role)
    }

    /// The token that forms of this visitor carry.
    pub fn csrf(&self) -> String {
        sessions::form_token(&self.secret)
    }

    /// Refuses a form that another site sent, or that has not the token of ours.
    pub fn check_form(&self, request: &HttpRequest, token: &str) -> Result<()> {
        let origin = request.headers().get(header::ORIGIN).and_then(|o| o.to_str().ok());
        if origin.is_some_and(|o| o != self.ctx.config.instance.origin()) {
            return Err(Error::Forbidden("This form came from another site, so it was not carried out."));
        }
        if !sessions::form_token_fits(&self.secret, token) {
            return Err(Error::Forbidden(
                "This page was open for too long. Go back, load it again and send the form once more.",
            ));
        }
        Ok(())
    }

    /// The frame around a page; `place` names the current entry of the navigation.
    pub fn shell(&self, place: &'static str) -> Shell {
        Shell::new(self, place)
    }

    /// A page.
    pub fn page(&self, template: &impl Template) -> Result<HttpResponse, Problem> {
        self.page_with(StatusCode::OK, template)
    }

    /// A page with another status, such as 422 for a form that needs mending.
    pub fn page_with(&self, status: StatusCode, template: &impl Template) -> Result<HttpResponse, Problem> {
        let html = template.render().map_err(|e| Error::Internal(e.into()))?;
        let mut response = HttpResponse::build(status);
        response.content_type("text/html; charset=utf-8").insert_header((header::CACHE_CONTROL, "private, no-store"));
        match self.fresh {
            Fresh::Nothing => {}
            Fresh::Visitor => {
                response.cookie(self.cookie("visitor", &self.secret, Some(Duration::hours(12))));
            }
            Fresh::Session => {
                response.cookie(self.cookie("session", &self.secret, None));
            }
        }
        Ok(response.body(html))
    }

    /// A page that has a twin for servers: its address stands in the headers, and caches keep the two apart.
    pub fn page_of_document(&self, template: &impl Template, uri: &str) -> Result<HttpResponse, Problem> {
        let mut response = self.page(template)?;
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Accept"));
        let link = format!("<{uri}>; rel=\"alternate\"; type=\"application/activity+json\"");
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.insert(header::LINK, link);
        }
        Ok(response)
    }

    /// Sends the browser to one of our own pages after an act (303). Other addresses lead home.
    pub fn go(&self, path: &str) -> HttpResponse {
        HttpResponse::SeeOther().insert_header((header::LOCATION, own_path(path))).finish()
    }

    /// Back to the page that a form was on, saying what was done: one of the codes that the frame knows, or nothing.
    pub fn go_back(&self, back: &str, done: &str) -> HttpResponse {
        if done.is_empty() {
            return self.go(back);
        }
        let joint = if back.contains('?') { '&' } else { '?' };
        self.go(&format!("{back}{joint}done={done}"))
    }

    /// The same, with a session's cookie: the browser is signed in from now on.
    pub fn go_signed_in(&self, path: &str, secret: &str) -> HttpResponse {
        let mut response = self.go(path);
        for cookie in [self.cookie("session", secret, None), self.expired("visitor"), self.expired(HALF_WAY)] {
            // A cookie of ours always fits a header.
            if let Err(error) = response.add_cookie(&cookie) {
                tracing::error!(%error, "a cookie could not be set");
            }
        }
        response
    }

    /// The same, half-way through signing in: a code or a passkey has to follow.
    pub(super) fn go_half_way(&self, path: &str, secret: &str) -> HttpResponse {
        let mut response = self.go(path);
        let lasts = Duration::minutes(second_factor::MINUTES);
        if let Err(error) = response.add_cookie(&self.cookie(HALF_WAY, secret, Some(lasts))) {
            tracing::error!(%error, "a cookie could not be set");
        }
        response
    }

    /// The same, signed out.
    pub fn go_signed_out(&self, path: &str) -> HttpResponse {
        let mut response = self.go(path);
        if let Err(error) = response.add_cookie(&self.expired("session")) {
            tracing::error!(%error, "a cookie could not be set");
        }
        response
    }

    /// The same, with the theme that the person chose.
    pub fn go_with_theme(&self, path: &str, theme: &str) -> HttpResponse {
        let mut response = self.go(path);
        let cookie = match theme {
            "dark" | "light" => self.cookie("theme", theme, Some(YEAR)),
            _ => self.expired("theme"),
        };
        if let Err(error) = response.add_cookie(&cookie) {
            tracing::error!(%error, "a cookie could not be set");
        }
        response
    }

    fn cookie(&self, name: &str, value: &str, lasts: Option<Duration>) -> Cookie<'static> {
        let mut cookie = Cookie::build(cookie_name(&self.ctx, name), value.to_owned())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(is_secure(&self.ctx));
        if let Some(lasts) = lasts {
            cookie = cookie.max_age(lasts);
        }
        cookie.finish()
    }

    fn expired(&self, name: &str) -> Cookie<'static> {
        self.cookie(name, "", Some(Duration::ZERO))
    }
}

/// The name of the cookie of half a sign-in.
const HALF_WAY: &str = "half-way";

/// The secret of half a sign-in, where the browser has one.
pub(super) fn half_way(request: &HttpRequest, ctx: &Ctx) -> Option<String> {
    let cookie = request.cookie(&cookie_name(ctx, HALF_WAY))?;
    Some(cookie.value().to_owned()).filter(|secret| (40..=60).contains(&secret.len()))
}

/// Whether a page is open before a second factor that has to be set up.
pub(super) fn may_come_before_it(request: &HttpRequest) -> bool {
    BEFORE_IT.contains(&request.path())
}

/// What waits at the desk, asked for those alone who work there.
async fn waiting_at_desk(ctx: &Ctx, signed_in: &SignedIn) -> Result<Option<i64>> {
    let viewer = Viewer::Account { id: signed_in.me.id, role: signed_in.role };
    if require_verifier(&viewer).is_err() {
        return Ok(None);
    }
    credentials::count_waiting(ctx, &viewer).await.map(Some)
}

/// The network address that asks.
pub(super) fn address(request: &HttpRequest, ctx: &Ctx) -> String {
    origin::address(&ctx.config.http, request.peer_addr(), request.headers())
}

/// Such as "Firefox on Windows".
pub(super) fn device(request: &HttpRequest) -> String {
    device::summary(request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default())
}

/// Only an absolute path on our own server: `/…`, never `//host` or `/\host`.
pub(super) fn own_path(path: &str) -> String {
    let fine = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.len() <= 2_000
        && path.chars().all(|c| c.is_ascii_graphic());
    if fine { path.to_owned() } else { "/".to_owned() }
}

fn is_secure(ctx: &Ctx) -> bool {
    ctx.config.instance.public_url.scheme() == "https"
}

/// `__Host-` ties a cookie to this very host; browsers grant it over https only. Over plain http (development)
/// the port goes into the name, as cookies of all ports of a host share one jar.
fn cookie_name(ctx: &Ctx, name: &str) -> String {
    if is_secure(ctx) {
        format!("__Host-{name}")
    } else {
        format!("{name}-{}", ctx.config.instance.public_url.port().unwrap_or(80))
    }
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self::of(&request).await?.let_in(&request)?) })
    }
}

/// A form that was sent from one of our own pages: its token fits, and it comes from our origin (R19).
#[derive(Debug)]
pub struct Form<T> {
    /// Who sent it.
    pub visitor: Visitor,
    /// What it holds.
    pub fields: T,
    /// Files that came along, with the names of their fields.
    pub files: Vec<(String, Bytes)>,
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let visitor = Visitor::of(&request).await?.let_in(&request)?;
            let (body, files) = read(&visitor, &request, &mut payload).await?;
            let body = without_nul(body);
            let token: Token = serde_html_form::from_bytes(&body).map_err(unreadable)?;
            visitor.check_form(&request, &token.csrf)?;
            let fields = serde_html_form::from_bytes(&body).map_err(unreadable)?;
            Ok(Self { visitor, fields, files })
        })
    }
}

/// A form without the one character that PostgreSQL cannot keep.
fn without_nul(body: Vec<u8>) -> Vec<u8> {
    if !body.contains(&0) && !body.windows(3).any(|w| w == b"%00") {
        return body;
    }
    let mut clean = url::form_urlencoded::Serializer::new(String::new());
    clean.extend_pairs(url::form_urlencoded::parse(&body).map(|(k, v)| (k.replace('\0', ""), v.replace('\0', ""))));
    clean.finish().into_bytes()
}

/// The fields of a form as one query string, and its files. Of a form with files nothing is read but from those who are
/// signed in.
async fn read(
    visitor: &Visitor,
    request: &HttpRequest,
    payload: &mut Payload,
) -> Result<(Vec<u8>, Vec<(String, Bytes)>)> {
    let config = &visitor.ctx.config;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if multipart::is_multipart(kind) {
        visitor.require()?;
        // Pictures of a post, or a document for the desk.
        let pictures = config.media.max_bytes.saturating_mul(config.media.per_post.max(1));
        let files = pictures.max(config.verification.max_evidence_bytes);
        let parts = multipart::read(kind, payload, config.http.max_form_bytes.saturating_add(files)).await?;
        let texts: usize = parts.texts.iter().map(|(_, text)| text.len()).sum();
        if texts > config.http.max_form_bytes {
            return Err(multipart::too_large(config.http.max_form_bytes));
        }
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(parts.texts);
        return Ok((body.finish().into_bytes(), parts.files));
    }
    let limit = config.http.max_form_bytes;
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| Error::invalid("form", format!("The form did not arrive whole: {e}.")))?;
        if body.len() + chunk.len() > limit {
            return Err(Error::invalid("form", format!("This is more than {} kB.", limit / 1_000)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((body, Vec::new()))
}

/// A form that is only a button.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Press {}

/// A button that returns to the page it stood on.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Back {
    /// That page.
    #[serde(default)]
    pub back: String,
}

#[derive(serde::Deserialize)]
struct Token {
    #[serde(default)]
    csrf: String,
}

fn unreadable(error: serde_html_form::de::Error) -> Error {
    Error::invalid("form", format!("The form could not be read: {error}."))
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for path in ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "/a b", ""] {
            assert_eq!(own_path(path), "/", "{path}");
        }
        assert_eq!(own_path("/@ada?replies=1"), "/@ada?replies=1");
    }
}
