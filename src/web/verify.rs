//! The page of a statement: what it says of whom, who says so, who has checked it and when, and how to check it oneself.

use actix_web::{HttpResponse, http::header, web};
use askama::Template;
use url::Url;

use super::{
    error::Problem,
    layout::{self, Shell},
    session::Visitor,
};
use crate::{
    error::Error,
    policy::disciplines::Discipline,
    service::{
        attestations::view::{self, Facts, State},
        urls,
    },
    text::{country, sanitize},
};

#[derive(Template)]
#[template(path = "web/verify.html")]
struct VerifyPage {
    shell: Shell,
    /// "Doctor · Cardiology"
    title: String,
    /// Whom it speaks of.
    name: String,
    handle: String,
    path: String,
    /// Their page on their own server, and their id there; empty where it is no address.
    url: String,
    uri: String,
    /// What the links to it are: its own page of itself only where both sides are ours and it holds.
    rel: &'static str,
    listed: bool,
    verified: bool,
    /// Whoever it names has signed it.
    signed: bool,
    kind: &'static str,
    words: String,
    issuer: String,
    /// Where the institution is; empty where it is no address.
    issuer_url: String,
    facts: Vec<(&'static str, String)>,
    /// "St Brigid's on 4 May 2026"
    checked_there: String,
    /// "26 November 2026, 08:12 UTC"; empty where this server made it, or has not confirmed it.
    checked_here: String,
    ours: bool,
    /// "/verify/token"
    page: String,
    commands: String,
    raw: String,
}

/// Which colour the state has.
fn kind(state: &State) -> &'static str {
    match state {
        State::Verified => "done",
        State::NotConfirmed(_) | State::KeysChanged | State::Unchecked => "warn",
        state if state.is_claim() => "info",
        _ => "error",
    }
}

fn title(facts: &Facts) -> String {
    let person = Discipline::find(&facts.discipline).map_or("Practitioner", |known| known.person);
    match facts.specialties.first() {
        Some(first) => format!("{person} · {first}"),
        None => person.to_owned(),
    }
}

fn rows(facts: &Facts) -> Vec<(&'static str, String)> {
    let field = Discipline::find(&facts.discipline).map_or("", |known| known.name);
    let all = [
        ("Name that was checked", facts.name.clone()),
        ("Discipline", field.to_owned()),
        (if facts.specialties.len() > 1 { "Specialties" } else { "Specialty" }, facts.specialties.join(", ")),
        ("Role", facts.role.clone()),
        ("Register or body", facts.register.clone()),
        ("Country", country::name(&facts.jurisdiction)),
        ("Level", facts.level_words().to_owned()),
        ("How it was checked", facts.checks.join(", ")),
        ("Valid from", layout::day(facts.valid_from)),
        ("Valid until", layout::day(facts.valid_until)),
    ];
    all.into_iter().filter(|(_, said)| !said.is_empty()).collect()
}

/// An address such that it does nothing else in a shell; none where it cannot be written so.
fn quoted(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let text = url.to_string();
    (text.len() <= 500 && text.chars().all(|c| c.is_ascii_graphic() && c != '\'')).then(|| format!("'{text}'"))
}

/// What to type to check a statement oneself.
fn commands(facts: &Facts, origin: &str) -> String {
    let own = format!("{}/credential", urls::verify(origin, &facts.token));
    let documents = std::iter::once(("issuer", "application/activity+json", facts.issuer_uri.as_str())).chain(
        facts.lists.iter().zip(["list-1", "list-2"]).map(|(list, name)| (name, "application/vc", list.as_str())),
    );
    let mut lines = vec![format!("curl -o statement.json '{own}'")];
    let mut check = vec!["consilium attestations verify statement.json".to_owned()];
    for (name, kind, address) in documents {
        let Some(address) = quoted(address) else { continue };
        lines.push(format!("curl -H 'Accept: {kind}' -o {name}.json {address}"));
        check.push(format!("--with {name}.json"));
    }
    lines.push(check.join(" "));
    lines.join("\n")
}

impl VerifyPage {
    fn of(facts: Facts, shell: Shell) -> Self {
        let account = &facts.account;
        let host = account.host.as_deref().unwrap_or(&shell.host);
        // Whoever follows such a link takes both pages for the same person's.
        let is_me = account.host.is_none() && facts.is_verified();
        let raw = serde_json::from_str::<serde_json::Value>(&facts.document).ok();
        Self {
            title: title(&facts),
            name: if account.name.is_empty() { account.username.clone() } else { account.name.clone() },
            handle: format!("{}@{host}", account.username),
            path: format!("/@{}", account.handle()),
            url: sanitize::web_url(&account.url).unwrap_or_default(),
            uri: sanitize::web_url(&account.uri).unwrap_or_default(),
            listed: account.discoverable,
            rel: if is_me { "me" } else { "nofollow noopener noreferrer" },
            verified: facts.is_verified(),
            signed: facts.signed,
            kind: kind(&facts.state),
            words: facts.state.words(&facts.issuer),
            issuer_url: sanitize::web_url(&facts.issuer_uri).unwrap_or_default(),
            facts: rows(&facts),
            checked_there: facts.checked_on.map(|day| day.format("%-d %B %Y").to_string()).unwrap_or_default(),
            checked_here: facts.confirmed_at.map(layout::full_date).unwrap_or_default(),
            ours: facts.ours,
            commands: commands(&facts, &shell.origin),
            raw: raw.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_default(),
            issuer: facts.issuer,
            page: urls::verify("", &facts.token),
            shell,
        }
    }
}

/// `GET /verify/{token}`
pub(super) async fn show(visitor: Visitor, token: web::Path<String>) -> Result<HttpResponse, Problem> {
    let facts = view::by_token(&visitor.ctx, &token).await?;
    visitor.page(&VerifyPage::of(facts, visitor.shell("")))
}

/// `GET /verify/{token}/credential`: the statement as it was signed.
pub(super) async fn download(visitor: Visitor, token: web::Path<String>) -> Result<HttpResponse, Problem> {
    let facts = view::by_token(&visitor.ctx, &token).await?;
    if facts.document.is_empty() {
        return Err(Error::NotFound.into());
    }
    // What others have written is theirs: a browser is told to keep it, and not to guess what it is.
    Ok(HttpResponse::Ok()
        .content_type(if facts.ours { "application/vc" } else { "application/octet-stream" })
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"statement.json\""))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header(("x-robots-tag", "noindex"))
        .body(facts.document))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn an_address_does_nothing_else_in_a_shell() {
        assert_eq!(quoted("https://a.example/org").unwrap(), "'https://a.example/org'");
        assert_eq!(quoted("https://a.example/$(x)").unwrap(), "'https://a.example/$(x)'");
        for bad in ["https://a.example/';rm -rf ~;'", "file:///etc/passwd", "nonsense", "javascript:x"] {
            assert_eq!(quoted(bad), None, "{bad}");
        }
        assert_eq!(quoted("https://a.example/a\nb").unwrap(), "'https://a.example/ab'");
    }
}
