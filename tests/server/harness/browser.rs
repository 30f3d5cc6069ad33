//! A browser without script: cookies, forms with their tokens, links by address.

use std::{collections::BTreeMap, net::SocketAddr};

use reqwest::{Client, Method, StatusCode, header, redirect::Policy};

/// Somebody at a browser.
#[derive(Debug, Clone)]
pub struct Browser {
    client: Client,
    address: SocketAddr,
    host: String,
    origin: String,
    cookies: BTreeMap<String, String>,
    csrf: String,
    username: String,
    /// Where the link is that it follows, as browsers say it; empty where nothing is said.
    site: &'static str,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub location: String,
    pub html: String,
}

impl Page {
    pub fn says(&self, words: &str) -> bool {
        self.html.contains(words)
    }

    /// Whether it says all of these, each for the first time after the one before.
    pub fn says_in_order(&self, words: &[&str]) -> bool {
        let places: Option<Vec<usize>> = words.iter().map(|one| self.html.find(*one)).collect();
        let Some(places) = places else { return false };
        places.is_sorted()
    }

    /// The page to which this leads, and the id of what was just written: an answer stands on the page of its case.
    pub fn written(&self) -> (String, i64) {
        assert!(self.status.is_redirection(), "{}: {}", self.status, self.html);
        let path = self.location.split(['?', '#']).next().unwrap().to_owned();
        let own = self.location.split_once("#post-").map(|(_, id)| id);
        let id = own.or(path.rsplit('/').next()).unwrap().parse().unwrap();
        (path, id)
    }

    /// What it asks the browser for: a passkey, as JSON.
    pub fn asked(&self) -> String {
        let mut tags = self.html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap());
        let asked = tags.find_map(|tag| attribute(tag, "data-asked"));
        asked.unwrap_or_else(|| panic!("nothing asks for a passkey: {}", self.html))
    }

    /// What the form that sends to this address carries unseen, its token apart; the button may lie outside of the form.
    pub fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let tags: Vec<&str> = self.html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
        let is = |tag: &str, kind: &str| tag.split_whitespace().next() == Some(kind);
        let form_before = |at: usize| tags[..at].iter().rposition(|tag| is(tag, "form"));
        let by_id =
            |id: &str| tags.iter().position(|tag| is(tag, "form") && attribute(tag, "id").as_deref() == Some(id));
        let own = tags.iter().position(|tag| is(tag, "form") && attribute(tag, "action").as_deref() == Some(action));
        let start = own.or_else(|| {
            let button = tags.iter().position(|tag| attribute(tag, "formaction").as_deref() == Some(action))?;
            attribute(tags[button], "form").map_or_else(|| form_before(button), |id| by_id(&id))
        });
        let start = start.unwrap_or_else(|| panic!("no form sends to {action}: {}", self.html));
        let end = tags[start..].iter().position(|tag| is(tag, "/form")).map_or(tags.len(), |length| start + length);
        let id = attribute(tags[start], "id");
        let belongs = |at: usize| match attribute(tags[at], "form") {
            Some(other) => id.as_ref() == Some(&other),
            None => (start..end).contains(&at),
        };
        let inputs = tags.iter().enumerate().filter(|(at, tag)| is(tag, "input") && belongs(*at));
        let unseen = inputs.filter(|(_, tag)| attribute(tag, "type").as_deref() == Some("hidden"));
        let pairs =
            unseen.map(|(_, tag)| (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap_or_default()));
        pairs.filter(|(name, _)| name != "csrf").collect()
    }
}

/// An attribute of a tag, as it was meant.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next().unwrap();
    let mut plain = value.to_owned();
    for (coded, meant) in
        [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&amp;", "&"), ("&#38;", "&")]
    {
        plain = plain.replace(coded, meant);
    }
    Some(plain)
}

impl Browser {
    pub fn new(address: SocketAddr, host: &str) -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self {
            client,
            address,
            host: host.to_owned(),
            origin: format!("http://{host}"),
            cookies: BTreeMap::new(),
            csrf: String::new(),
            username: String::new(),
            site: "",
        }
    }

    /// The same, believing to be on https, as behind a proxy.
    #[must_use]
    pub fn at_origin(mut self, origin: &str) -> Self {
        self.origin = origin.to_owned();
        self
    }

    /// The same, where links on a page of another site lead.
    #[must_use]
    pub fn led_here(mut self) -> Self {
        self.site = "cross-site";
        self
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Page {
        self.ask(Method::GET, path, None).await
    }

    /// Opens a page and follows where it leads.
    pub async fn visit(&mut self, path: &str) -> Page {
        let mut page = self.get(path).await;
        for _ in 0..5 {
            if !page.status.is_redirection() {
                break;
            }
            let next = page.location.clone();
            page = self.get(&next).await;
        }
        page
    }

    /// Sends a form with a token of one's own choice.
    pub async fn send_with_token(&mut self, token: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let kept = std::mem::replace(&mut self.csrf, token.to_owned());
        let page = self.send(path, fields).await;
        self.csrf = kept;
        page
    }

    /// The token of the page that was seen last.
    pub fn token(&self) -> &str {
        &self.csrf
    }

    /// Sends a form of the page that was seen last.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.csrf.clone();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &csrf);
        for (name, value) in fields {
            form.append_pair(name, value);
        }
        self.ask(Method::POST, path, Some(form.finish())).await
    }

    /// Opens a page and sends one of its forms, with all that the form carries unseen and what is typed into it.
    pub async fn submit(&mut self, at: &str, action: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.visit(at).await;
        self.submit_from(&page, action, fields).await
    }

    /// The same from a page that was opened before, perhaps long ago.
    pub async fn submit_from(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let hidden = page.hidden(action);
        let typed = |name: &str| fields.iter().any(|(field, _)| *field == name);
        let unseen = hidden.iter().filter(|(name, _)| !typed(name));
        let mut all: Vec<(&str, &str)> = unseen.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend_from_slice(fields);
        self.send(action, &all).await
    }

    /// Sends a form of the page that was seen last, with files.
    pub async fn send_files(&mut self, path: &str, files: &[(&str, &[u8])], fields: &[(&str, &str)]) -> Page {
        let csrf = self.csrf.clone();
        let mut texts = vec![("csrf", csrf.as_str())];
        texts.extend_from_slice(fields);
        let (kind, body) = super::multipart(files, &texts);
        self.ask_with(Method::POST, path, Some((kind, body))).await
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<String>) -> Page {
        let body = body.map(|b| ("application/x-www-form-urlencoded".to_owned(), b.into_bytes()));
        self.ask_with(method, path, body).await
    }

    async fn ask_with(&mut self, method: Method, path: &str, body: Option<(String, Vec<u8>)>) -> Page {
        let url = format!("http://{}{path}", self.address);
        let cookies = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
        let mut request = self
            .client
            .request(method, url)
            .header(header::HOST, &self.host)
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, cookies);
        if !self.site.is_empty() {
            request = request.header("sec-fetch-site", self.site);
        }
        if let Some((kind, body)) = body {
            request = request.header(header::CONTENT_TYPE, kind).header(header::ORIGIN, &self.origin).body(body);
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
            self.cookies.retain(|_, v| !v.is_empty());
        }
        let status = response.status();
        let location =
            response.headers().get(header::LOCATION).map(|l| l.to_str().unwrap().to_owned()).unwrap_or_default();
        let headers = response.headers().clone();
        let html = response.text().await.unwrap();
        if let Some(token) = html.split("name=\"csrf\" value=\"").nth(1).and_then(|r| r.split('"').next()) {
            self.csrf = token.to_owned();
        }
        Page { status, headers, location, html }
    }

    pub async fn sign_in(&mut self, login: &str, password: &str) -> Page {
        self.get("/sign-in").await;
        let page = self.send("/sign-in", &[("login", login), ("password", password)]).await;
        if page.status.is_redirection() {
            self.username = login.to_owned();
            self.get("/").await;
        }
        page
    }

    /// Writes a post and returns its id.
    pub async fn post(&mut self, text: &str, visibility: &str) -> i64 {
        self.write(text, visibility, None).await
    }

    /// Answers a post and returns the answer's id.
    pub async fn reply(&mut self, to: i64, text: &str) -> i64 {
        self.write(text, "public", Some(to)).await
    }

    async fn write(&mut self, text: &str, visibility: &str, to: Option<i64>) -> i64 {
        let to = to.map(|id| id.to_string()).unwrap_or_default();
        let mut fields = vec![("text", text), ("visibility", visibility), ("warning", ""), ("language", "en")];
        if !to.is_empty() {
            fields.push(("reply_to", &to));
        }
        let page = self.send("/posts", &fields).await;
        assert!(page.status.is_redirection(), "{}: {}", page.status, page.html);
        let own = self.get(&format!("/@{}?replies=1", self.username)).await;
        own.html.split("id=\"post-").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    }

    /// Looks somebody up, also on other servers, and follows them.
    pub async fn follow(&mut self, handle: &str) {
        let found = self.get(&format!("/search?q={}", handle.replace('@', "%40"))).await;
        let action = found
            .html
            .split("action=\"/people/")
            .nth(1)
            .unwrap_or_else(|| panic!("{handle} not found: {}", found.html));
        let id = action.split('/').next().unwrap().to_owned();
        let page = self.send(&format!("/people/{id}/follow"), &[("back", "/")]).await;
        assert!(page.status.is_redirection(), "{}", page.html);
    }

    /// The home page.
    pub async fn home(&mut self) -> Page {
        self.get("/").await
    }

    /// The id under which this server knows the post that says so, from a page.
    pub fn id_of(page: &Page, words: &str) -> i64 {
        let before = page.html.split(words).next().unwrap();
        assert!(page.says(words), "no post says {words}");
        before.rsplit("id=\"post-").next().unwrap().split('"').next().unwrap().parse().unwrap()
    }
}
