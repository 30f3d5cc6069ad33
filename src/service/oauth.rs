//! OAuth 2 for the apps that people use: registration, consent, codes with PKCE, tokens (RFC 6749, 7009, 7636).

use chrono::TimeDelta;

use super::{Ctx, throttles};
use crate::{
    crypto::{SecretToken, digest, token},
    error::{Error, Result},
    model::{AccessToken, App, OAuthCode},
    policy::{Viewer, moderation, scopes},
    store,
};

/// The address that means "show the code on a page".
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// What an app says of itself.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// Name for people.
    pub name: String,
    /// Its page.
    pub website: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// What it may ask for; empty means `read`.
    pub scopes: String,
}

/// Registers an app; the secret is shown once. One network may register only so many.
pub async fn register(ctx: &Ctx, new: NewApp, address: &str) -> Result<(App, String)> {
    let name = crate::text::sanitize::name(&new.name, 60);
    if name.is_empty() {
        return Err(Error::invalid("client_name", "Application name can't be blank"));
    }
    if new.redirect_uris.is_empty() || new.redirect_uris.len() > 20 {
        return Err(Error::invalid("redirect_uris", "Redirect URI can't be blank"));
    }
    if let Some(bad) = new.redirect_uris.iter().find(|uri| !is_sound(uri, ctx.config.federation.allow_insecure)) {
        return Err(Error::invalid(
            "redirect_uris",
            format!("Redirect URI {bad} must be https, loopback or an app's own"),
        ));
    }
    let scopes = if new.scopes.trim().is_empty() { "read".to_owned() } else { one_line(&new.scopes) };
    if let Some(unknown) = scopes.split(' ').find(|s| !scopes::is_known(s)) {
        return Err(Error::invalid("scopes", format!("Scope {unknown} does not exist")));
    }
    if !new.website.is_empty() && crate::text::sanitize::web_url(&new.website).is_none() {
        return Err(Error::invalid("website", "Website must be a valid URL"));
    }
    throttles::allow(ctx, throttles::Act::Register, &throttles::network(address)).await?;
    let secret = SecretToken::generate();
    let stored = store::apps::NewApp {
        client_id: SecretToken::generate().as_str().to_owned(),
        secret_hash: token::hash(secret.as_str()).to_vec(),
        name,
        website: new.website,
        redirect_uris: new.redirect_uris,
        scopes,
    };
    let app = store::apps::insert(&mut *ctx.pool.get().await?, stored).await?;
    Ok((app, secret.as_str().to_owned()))
}

fn one_line(scopes: &str) -> String {
    scopes.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// https, http on this very machine, a scheme of an app's own, or none at all. Never one that a browser would obey.
fn is_sound(uri: &str, insecure: bool) -> bool {
    if uri == OUT_OF_BAND {
        return true;
    }
    let Ok(url) = url::Url::parse(uri) else { return false };
    if uri.len() > 2_000 || url.fragment().is_some() || uri.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return false;
    }
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "http" => loopback || insecure,
        "javascript" | "data" | "vbscript" | "file" | "blob" | "about" | "ftp" | "ws" | "wss" | "mailto" => false,
        _ => true,
    }
}

/// What an app asks a person for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Which app.
    pub client_id: String,
    /// Where the code goes: one that was registered, letter for letter.
    pub redirect_uri: String,
    /// `code` is the only kind.
    pub response_type: String,
    /// What for; empty means all that was registered as `read`.
    pub scope: String,
    /// S256 challenge.
    pub challenge: String,
    /// Must be `S256` where there is a challenge.
    pub challenge_method: String,
}

/// Why a request for consent leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The app or the address is unknown: a page says so, and nobody is sent anywhere.
    Stranger,
    /// The app is told: its code (RFC 6749, 4.1.2.1).
    Told(&'static str),
}

/// Checks a request: the app and the scopes it gets.
pub async fn examine(ctx: &Ctx, request: &Request) -> Result<Result<(App, String), Refusal>> {
    let Some(app) = store::apps::find(&mut *ctx.pool.read().await?, &request.client_id).await? else {
        return Ok(Err(Refusal::Stranger));
    };
    if !app.redirect_uris.contains(&request.redirect_uri) {
        return Ok(Err(Refusal::Stranger));
    }
    if request.response_type != "code" {
        return Ok(Err(Refusal::Told("unsupported_response_type")));
    }
    let scope = if request.scope.trim().is_empty() { "read".to_owned() } else { one_line(&request.scope) };
    if scope.split(' ').any(|s| !scopes::is_known(s)) || !scopes::is_subset(&scope, &app.scopes) {
        return Ok(Err(Refusal::Told("invalid_scope")));
    }
    let with_challenge = !request.challenge.is_empty() || !request.challenge_method.is_empty();
    if with_challenge && (request.challenge_method != "S256" || !(43..=128).contains(&request.challenge.len())) {
        return Ok(Err(Refusal::Told("invalid_request")));
    }
    Ok(Ok((app, scope)))
}

/// A person agrees: a code for the app. One that is copied by hand lasts ten minutes, any other one.
pub async fn agree(ctx: &Ctx, viewer: &Viewer, request: &Request) -> Result<Result<String, Refusal>> {
    let me = moderation::require_account(viewer)?;
    let (app, scopes) = match examine(ctx, request).await? {
        Ok(sound) => sound,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let secret = SecretToken::generate();
    let code = OAuthCode {
        app_id: app.id,
        account_id: me,
        redirect_uri: request.redirect_uri.clone(),
        scopes,
        challenge: request.challenge.clone(),
        token_id: None,
        used: false,
        ended: false,
    };
    let minutes = if request.redirect_uri == OUT_OF_BAND { 10 } else { 1 };
    let ends = ctx.now() + TimeDelta::minutes(minutes);
    store::apps::insert_code(&mut *ctx.pool.get().await?, &token::hash(secret.as_str()), &code, ends).await?;
    tracing::info!(account = %me, app = %app.id, "consent given");
    Ok(Ok(secret.as_str().to_owned()))
}

/// A token as it is told to an app.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The secret itself.
    pub secret: String,
    /// What for.
    pub scopes: String,
    /// Unix time of its making.
    pub created_at: i64,
}

/// The app behind a name and a secret.
pub async fn authenticate_app(ctx: &Ctx, client_id: &str, secret: &str) -> Result<Option<App>> {
    let app = store::apps::find(&mut *ctx.pool.read().await?, client_id).await?;
    Ok(app.filter(|app| token::equal(&app.secret_hash, &token::hash(secret))))
}

/// Exchanges a code; none where it is not good (`invalid_grant`). A code that comes a second time was stolen: the token
/// of the first time ends, also where the time of the code is over.
pub async fn exchange(ctx: &Ctx, app: &App, code: &str, redirect_uri: &str, verifier: &str) -> Result<Option<Granted>> {
    let now = ctx.now();
    let hash = token::hash(code);
    let mut tx = ctx.tx().await?;
    let Some(known) = store::apps::lock_code(&mut tx, &hash, now).await?.filter(|c| c.app_id == app.id) else {
        tx.roll_back().await?;
        return Ok(None);
    };
    if known.used {
        if let Some(stolen) = known.token_id {
            store::tokens::revoke(&mut tx, known.account_id, Some(stolen)).await?;
        }
        tx.commit().await?;
        return Ok(None);
    }
    if known.ended {
        tx.roll_back().await?;
        return Ok(None);
    }
    let right = known.redirect_uri == redirect_uri
        && (known.challenge.is_empty() || known.challenge == digest::sha256_base64url(verifier.as_bytes()));
    if !right {
        // A wrong guess uses the code up as well.
        store::apps::use_code(&mut tx, &hash, None, now).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let secret = SecretToken::generate();
    let id = store::tokens::insert(
        &mut tx,
        &token::hash(secret.as_str()),
        Some(known.account_id),
        &app.name,
        &known.scopes,
        Some(app.id),
    )
    .await?;
    store::apps::use_code(&mut tx, &hash, Some(id), now).await?;
    tx.commit().await?;
    Ok(Some(Granted { secret: secret.as_str().to_owned(), scopes: known.scopes, created_at: now.timestamp() }))
}

/// A token of the app itself; none where the scopes are not its own (`invalid_scope`).
pub async fn for_app(ctx: &Ctx, app: &App, scope: &str) -> Result<Option<Granted>> {
    let scope = if scope.trim().is_empty() { "read".to_owned() } else { one_line(scope) };
    if !scopes::is_subset(&scope, &app.scopes) {
        return Ok(None);
    }
    let secret = SecretToken::generate();
    let hash = token::hash(secret.as_str());
    store::tokens::insert(&mut *ctx.pool.get().await?, &hash, None, &app.name, &scope, Some(app.id)).await?;
    Ok(Some(Granted { secret: secret.as_str().to_owned(), scopes: scope, created_at: ctx.now().timestamp() }))
}

/// Ends one of an app's own tokens (RFC 7009): nothing is told of tokens that are not its own. False for those.
pub async fn revoke(ctx: &Ctx, app: &App, secret: &str) -> Result<bool> {
    let mut conn = ctx.pool.get().await?;
    match store::apps::owner_of_token(&mut conn, &token::hash(secret)).await? {
        None => Ok(true),
        Some((id, Some(owner), _)) if owner == app.id => {
            store::tokens::revoke_by_id(&mut conn, id).await?;
            Ok(true)
        }
        Some(_) => Ok(false),
    }
}

/// The app that a token was given to.
pub async fn app_of(ctx: &Ctx, token: &AccessToken) -> Result<App> {
    match token.app_id {
        Some(id) => store::apps::get(&mut *ctx.pool.read().await?, id).await,
        None => Err(Error::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::is_sound;

    #[test]
    fn a_code_is_never_sent_to_what_a_browser_would_obey() {
        for good in [
            super::OUT_OF_BAND,
            "https://phanpy.example/",
            "oauth2redirect://com.keylesspalace.tusky/",
            "http://127.0.0.1:7000/cb",
        ] {
            assert!(is_sound(good, false), "{good}");
        }
        for bad in
            ["javascript:alert(1)", "data:text/html,x", "http://evil.example/", "https://x.example/#a", "nonsense", ""]
        {
            assert!(!is_sound(bad, false), "{bad}");
        }
    }
}
