//! WebFinger (RFC 7033) and host-meta (RFC 6415), both ways.

use activitypub_federation::config::Data;
use actix_web::{HttpResponse, http::header, web};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{ACTIVITY_JSON, Fed, FedData, signed_fetch::is_activity};
use crate::{
    error::{Error, Result},
    service::{groups, profiles},
    text::handle::{self, Handle},
};

/// `?resource=`
#[derive(Debug, Deserialize)]
pub(super) struct Query {
    resource: Option<String>,
}

/// `GET /.well-known/webfinger`
pub(super) async fn get(query: web::Query<Query>, data: Data<Fed>) -> HttpResponse {
    let Some(resource) = query.into_inner().resource else {
        return HttpResponse::BadRequest().json(json!({ "error": "Name a resource, such as acct:name@host." }));
    };
    match describe(&resource, &data).await {
        Ok(body) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "application/jrd+json; charset=utf-8"))
            .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
            .insert_header((header::CACHE_CONTROL, "public, max-age=600"))
            .body(body.to_string()),
        Err(error) => super::negotiate::answer(&error),
    }
}

async fn describe(resource: &str, data: &FedData) -> Result<Value> {
    let ctx = &data.ctx;
    let origin = ctx.config.instance.origin();
    let own_host = ctx.config.instance.host();
    let is_instance = |name: &str| name == own_host || name == "instance.actor";
    let name = if let Some(account) = resource.strip_prefix("acct:") {
        match handle::parse(account, &own_host).ok_or(Error::NotFound)? {
            Handle { username, host: None } if account.trim_start_matches('@').contains('@') => username,
            Handle { .. } => return Err(Error::NotFound),
        }
    } else {
        let path = resource.strip_prefix(&origin).ok_or(Error::NotFound)?;
        match path {
            "" | "/" | "/actor" => own_host.clone(),
            _ => path.strip_prefix("/users/").or_else(|| path.strip_prefix("/@")).unwrap_or_default().to_owned(),
        }
    };
    if is_instance(&name) {
        return Ok(instance(&origin, &own_host));
    }
    let account = profiles::local(ctx, &name).await?;
    groups::require_named(ctx, &account).await?;
    Ok(json!({
        "subject": format!("acct:{}@{own_host}", account.username),
        "aliases": [account.url, account.uri],
        "links": [
            { "rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": account.url },
            { "rel": "self", "type": ACTIVITY_JSON, "href": account.uri,
              "properties": { "https://www.w3.org/ns/activitystreams#type": super::wire::actor::kind_name(account.kind) } },
            { "rel": "http://ostatus.org/schema/1.0/subscribe", "template": format!("{origin}/authorize_interaction?uri={{uri}}") },
        ],
    }))
}

fn instance(origin: &str, host: &str) -> Value {
    let actor = format!("{origin}/actor");
    json!({
        "subject": format!("acct:{host}@{host}"),
        "aliases": [actor],
        "links": [
            { "rel": "self", "type": ACTIVITY_JSON, "href": actor,
              "properties": { "https://www.w3.org/ns/activitystreams#type": "Application" } },
            { "rel": "https://www.w3.org/ns/activitystreams#Service", "type": ACTIVITY_JSON, "href": actor },
        ],
    })
}

/// `GET /.well-known/host-meta`
pub(super) async fn host_meta(data: Data<Fed>) -> HttpResponse {
    let origin = crate::text::sanitize::escape(&data.ctx.config.instance.origin());
    HttpResponse::Ok().content_type("application/xrd+xml; charset=utf-8").body(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n  \
         <Link rel=\"lrdd\" template=\"{origin}/.well-known/webfinger?resource={{uri}}\"/>\n</XRD>\n"
    ))
}

/// What another server says of one of its handles.
#[derive(Debug, Default)]
pub(super) struct Described {
    /// ActivityPub id.
    pub(super) actor: Option<Url>,
    /// Address template of its page for following others.
    pub(super) subscribe: Option<String>,
}

/// Asks another server for one of its handles.
pub(super) async fn ask(data: &FedData, username: &str, host: &str) -> Result<Described> {
    let scheme = if data.ctx.config.federation.allow_insecure { "http" } else { "https" };
    let url = Url::parse(&format!("{scheme}://{host}/.well-known/webfinger?resource=acct:{username}@{host}"))
        .map_err(|_| Error::NotFound)?;
    let (bytes, _) = data.client.get_json(&url, "application/jrd+json, application/json").await?;
    let body: Value = serde_json::from_slice(&bytes).map_err(|_| Error::refused(host, "WebFinger is not JSON"))?;
    let mut described = Described::default();
    for link in body.get("links").and_then(Value::as_array).into_iter().flatten().take(50) {
        let text = |key: &str| link.get(key).and_then(Value::as_str);
        match (text("rel"), text("type")) {
            (Some("self"), Some(kind)) if is_activity(kind) && described.actor.is_none() => {
                described.actor = text("href").and_then(|h| Url::parse(h).ok());
            }
            (Some("http://ostatus.org/schema/1.0/subscribe"), _) => {
                described.subscribe = text("template").map(ToOwned::to_owned);
            }
            _ => {}
        }
    }
    Ok(described)
}
