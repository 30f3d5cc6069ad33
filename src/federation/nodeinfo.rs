//! NodeInfo 2.0 and 2.1 (FEP-f1d5), with the link to the instance's actor (FEP-2677).

use activitypub_federation::config::Data;
use actix_web::{HttpResponse, http::header, web};
use serde_json::{Value, json};
use url::Url;

use super::{Fed, FedData};
use crate::{
    config::Registration,
    error::{Error, Result},
    service::instance,
    text::handle,
};

/// `GET /.well-known/nodeinfo`
pub(super) async fn index(data: Data<Fed>) -> HttpResponse {
    let origin = data.ctx.config.instance.origin();
    HttpResponse::Ok().insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")).json(json!({ "links": [
        { "rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": format!("{origin}/nodeinfo/2.1") },
        { "rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": format!("{origin}/nodeinfo/2.0") },
        { "rel": "https://www.w3.org/ns/activitystreams#Application", "href": format!("{origin}/actor") },
    ] }))
}

/// `GET /nodeinfo/{version}`
pub(super) async fn get(version: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    let newer = match version.as_str() {
        "2.1" => true,
        "2.0" => false,
        _ => return HttpResponse::NotFound().finish(),
    };
    let numbers = match instance::numbers(&data.ctx).await {
        Ok(numbers) => numbers,
        Err(error) => return super::negotiate::answer(&error),
    };
    let mut software = json!({ "name": "consilium", "version": env!("CARGO_PKG_VERSION") });
    if newer && let Some(software) = software.as_object_mut() {
        software.insert("repository".into(), env!("CARGO_PKG_REPOSITORY").into());
    }
    let config = &data.ctx.config;
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format!("application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/{version}#\"")))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .body(
            json!({
                "version": version.as_str(),
                "software": software,
                "protocols": ["activitypub"],
                "services": { "inbound": [], "outbound": [] },
                "openRegistrations": config.accounts.registration == Registration::Open,
                "usage": {
                    "users": { "total": numbers.people, "activeMonth": numbers.active_month, "activeHalfyear": numbers.active_half_year },
                    "localPosts": numbers.posts,
                },
                "metadata": { "nodeName": config.instance.name, "nodeDescription": config.instance.sentence },
            })
            .to_string(),
        )
}

/// The longest name of a program that is kept.
const LONGEST: usize = 60;

/// Asks another server what it runs; the name in lower case, empty where it says nothing of use.
pub(super) async fn ask(data: &FedData, host: &str) -> Result<String> {
    let scheme = if data.ctx.config.federation.allow_insecure { "http" } else { "https" };
    let index = Url::parse(&format!("{scheme}://{host}/.well-known/nodeinfo")).map_err(|_| Error::NotFound)?;
    let read = async |url: &Url| -> Result<Value> {
        let (bytes, _) = data.client.get_json(url, "application/json").await?;
        serde_json::from_slice(&bytes).map_err(|_| Error::refused(host, "NodeInfo is not JSON"))
    };
    let links = read(&index).await?;
    let here = |link: &Value| {
        let about = link.get("rel").and_then(Value::as_str).unwrap_or_default();
        let url = Url::parse(link.get("href").and_then(Value::as_str)?).ok()?;
        let own = handle::host_of(&url).as_deref() == Some(host);
        (about.starts_with("http://nodeinfo.diaspora.software/ns/schema/2.") && own).then_some(url)
    };
    let found = links.get("links").and_then(Value::as_array).into_iter().flatten().take(20).find_map(here);
    let Some(url) = found else { return Ok(String::new()) };
    let described = read(&url).await?;
    let name = described.pointer("/software/name").and_then(Value::as_str).unwrap_or_default();
    Ok(name.chars().take(LONGEST).collect::<String>().to_lowercase())
}
