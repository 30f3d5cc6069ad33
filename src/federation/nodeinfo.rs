//! NodeInfo 2.0 and 2.1 (FEP-f1d5), with the link to the instance's actor (FEP-2677).

use activitypub_federation::config::Data;
use actix_web::{HttpResponse, http::header, web};
use serde_json::json;

use super::Fed;
use crate::{config::Registration, service::instance};

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
