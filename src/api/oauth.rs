//! OAuth 2 for programs: registration, tokens, revocation, and what this server says of itself (RFC 8414). The pages that
//! people see stand in `web/oauth`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    auth::Call,
    error::{Answer, Fault},
    json as answer,
    profile::Token,
};
use crate::{
    error::Error,
    model::App,
    policy::{Viewer, scopes},
    service::{Ctx, oauth, profiles, pushes},
};

/// `POST /api/v1/apps`
pub(super) async fn register(call: Call) -> Answer {
    let mut redirect_uris: Vec<String> =
        call.params.list("redirect_uris").iter().flat_map(|l| l.split_whitespace()).map(ToOwned::to_owned).collect();
    redirect_uris.dedup();
    let new = oauth::NewApp {
        name: call.params.text("client_name").unwrap_or_default(),
        website: call.params.text("website").unwrap_or_default(),
        scopes: call.params.text("scopes").or_else(|| call.params.text("scope")).unwrap_or_default(),
        redirect_uris,
    };
    let (app, secret) = oauth::register(&call.ctx, new, &call.address).await?;
    Ok(answer(&CredentialApplication {
        application: application(&call, &app).await?,
        client_id: app.client_id,
        client_secret: secret,
        client_secret_expires_at: 0,
    }))
}

/// A program.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Application {
    id: String,
    name: String,
    website: Option<String>,
    scopes: Vec<String>,
    redirect_uri: String,
    redirect_uris: Vec<String>,
    vapid_key: String,
}

/// A program with its secret, told once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CredentialApplication {
    #[serde(flatten)]
    application: Application,
    client_id: String,
    client_secret: String,
    /// 0 is never.
    client_secret_expires_at: i64,
}

async fn application(call: &Call, app: &App) -> Result<Application, Error> {
    Ok(Application {
        id: app.id.to_string(),
        name: app.name.clone(),
        website: (!app.website.is_empty()).then(|| app.website.clone()),
        scopes: app.scopes.split(' ').map(ToOwned::to_owned).collect(),
        redirect_uri: app.redirect_uris.join("\n"),
        redirect_uris: app.redirect_uris.clone(),
        vapid_key: pushes::public_key(&call.ctx).await?,
    })
}

/// `GET /api/v1/apps/verify_credentials`
pub(super) async fn verify_app(call: Call) -> Answer {
    let app = oauth::app_of(&call.ctx, call.token("")?).await?;
    Ok(answer(&application(&call, &app).await?))
}

fn refuse(code: &'static str, words: &'static str) -> Fault {
    let status = if code == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    Fault::OAuth(code, words, status)
}

/// The app that calls: by HTTP Basic or in the parameters.
async fn client(request: &HttpRequest, call: &Call) -> Result<App, Fault> {
    let basic = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok()?.strip_prefix("Basic "))
        .and_then(|v| String::from_utf8(STANDARD.decode(v.trim()).ok()?).ok());
    let (id, secret) = match basic.as_deref().and_then(|b| b.split_once(':')) {
        Some((id, secret)) => (id.to_owned(), secret.to_owned()),
        None => {
            (call.params.text("client_id").unwrap_or_default(), call.params.text("client_secret").unwrap_or_default())
        }
    };
    oauth::authenticate_app(&call.ctx, &id, &secret)
        .await?
        .ok_or_else(|| refuse("invalid_client", "Client authentication failed due to unknown client, or wrong secret."))
}

/// `POST /oauth/token`
pub(super) async fn token(request: HttpRequest, call: Call) -> Answer {
    let app = client(&request, &call).await?;
    let text = |name: &str| call.params.text(name).unwrap_or_default();
    let granted = match text("grant_type").as_str() {
        "authorization_code" => {
            oauth::exchange(&call.ctx, &app, &text("code"), &text("redirect_uri"), &text("code_verifier"))
                .await?
                .ok_or_else(|| {
                    refuse(
                        "invalid_grant",
                        "The code is invalid, expired, used, or was issued to another client or address.",
                    )
                })?
        }
        "client_credentials" => oauth::for_app(&call.ctx, &app, &text("scope"))
            .await?
            .ok_or_else(|| refuse("invalid_scope", "The requested scope is invalid, unknown, or malformed."))?,
        _ => return Err(refuse("unsupported_grant_type", "The authorization grant type is not supported.")),
    };
    let mut response = answer(&Token {
        secret: granted.secret,
        kind: "Bearer",
        scope: granted.scopes,
        created_at: granted.created_at,
    });
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `POST /oauth/revoke`
pub(super) async fn revoke(request: HttpRequest, call: Call) -> Answer {
    let app = client(&request, &call).await?;
    let token = call.params.text("token").unwrap_or_default();
    if oauth::revoke(&call.ctx, &app, &token).await? {
        return Ok(answer(&json!({})));
    }
    Err(Fault::OAuth("unauthorized_client", "You are not authorized to revoke this token", StatusCode::FORBIDDEN))
}

/// `GET /oauth/userinfo`
pub(super) async fn userinfo(call: Call) -> Answer {
    let me = call.require("profile|read:accounts")?;
    let account = profiles::by_id(&call.ctx, &Viewer::Anonymous, me).await?.account;
    Ok(answer(&json!({
        "iss": call.ctx.config.instance.origin(),
        "sub": account.uri,
        "name": account.name,
        "preferred_username": account.username,
        "profile": account.url,
    })))
}

/// `GET /.well-known/oauth-authorization-server`
pub(super) async fn metadata(ctx: web::Data<Ctx>) -> HttpResponse {
    let origin = ctx.config.instance.origin();
    answer(&json!({
        "issuer": format!("{origin}/"),
        "authorization_endpoint": format!("{origin}/oauth/authorize"),
        "token_endpoint": format!("{origin}/oauth/token"),
        "revocation_endpoint": format!("{origin}/oauth/revoke"),
        "userinfo_endpoint": format!("{origin}/oauth/userinfo"),
        "app_registration_endpoint": format!("{origin}/api/v1/apps"),
        "scopes_supported": scopes::all(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }))
}

/// Any other path below `/api`.
pub(super) async fn nothing() -> Answer {
    Err(Error::NotFound.into())
}
