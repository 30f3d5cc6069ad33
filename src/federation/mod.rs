//! The only room that knows ActivityPub: it reads and writes other servers' documents and speaks HTTP with them.
//! Nothing here decides who may do what or touches the database; every deed is one call of a rule.

pub mod client;
mod copies;
mod doctor;
mod failure;
pub mod gate;
mod heads;
pub mod inbound;
pub mod inbox;
mod leading;
mod lookup;
mod negotiate;
mod nodeinfo;
pub mod objects;
pub mod outbound;
mod routes;
mod showing;
mod signed_fetch;
mod statements;
mod tokens;
mod url_guard;
mod webfinger;
pub mod wire;

use std::{sync::Arc, time::Duration};

use activitypub_federation::config::{Data, FederationConfig};
use actix_web::{guard, web};

pub use doctor::examine;

use crate::{
    error::{Error, Result},
    service::Ctx,
};

/// What federation code carries along: the rules, the client, the keys seen.
#[derive(Clone)]
pub struct Fed {
    /// The rules.
    pub ctx: Ctx,
    /// The one HTTP client.
    pub client: client::Client,
    /// Keys of other servers, parsed.
    pub(crate) keys: gate::KeyCache,
}

impl std::fmt::Debug for Fed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fed")
    }
}

/// The library's configuration around [`Fed`].
pub type Federation = FederationConfig<Fed>;

/// What one request or activity works with; counts its fetches.
pub type FedData = Data<Fed>;

/// Media type of everything we send.
pub const ACTIVITY_JSON: &str = "application/activity+json";

/// Puts the room together and gives the rules their way to other servers.
pub async fn open(ctx: &Ctx) -> Result<Federation> {
    let client = client::Client::new(ctx)?;
    let fed = Fed { ctx: ctx.clone(), client: client.clone(), keys: gate::KeyCache::default() };
    let config = &ctx.config.federation;
    // The library's own checks of ports, schemes and addresses stand aside in development and tests only; our
    // resolver refuses private addresses when connecting in any case.
    let federation = FederationConfig::builder()
        .domain(ctx.config.instance.host())
        .app_data(fed)
        .client(client.signed_fetch())
        .http_fetch_limit(config.max_fetches)
        .request_timeout(Duration::from_secs(config.request_seconds))
        .allow_http_urls(config.allow_insecure)
        .debug(config.allow_insecure || config.allow_private_addresses)
        .url_verifier(Box::new(url_guard::HostPolicy(ctx.clone())))
        .build()
        .await
        .map_err(|e| Error::Internal(e.into()))?;
    ctx.connect(Arc::new(lookup::Lookup(federation.clone())));
    Ok(federation)
}

/// Forgets what was remembered of other servers: policies and keys.
pub fn forget(federation: &Federation) {
    let data = federation.to_request_data();
    crate::service::hosts::forget(&data.ctx);
    data.keys.clear();
}

/// Every route of this room.
pub fn routes(config: &mut web::ServiceConfig) {
    let json = || guard::fn_guard(negotiate::wants_activity);
    config
        .route("/.well-known/webfinger", web::get().to(webfinger::get))
        .route("/.well-known/host-meta", web::get().to(webfinger::host_meta))
        .route("/.well-known/nodeinfo", web::get().to(nodeinfo::index))
        .route("/nodeinfo/{version}", web::get().to(nodeinfo::get))
        .route("/inbox", web::post().to(inbox::post))
        .route("/users/{name}/inbox", web::post().to(inbox::post))
        .route("/actor/inbox", web::post().to(inbox::post))
        .route("/audit/heads/{day}", web::get().to(heads::get))
        .route("/attestations/{token}", web::get().to(statements::statement))
        .route("/attestations/lists/{purpose}/{number}", web::get().to(statements::list))
        .route("/ns/practitioner/v1", web::get().to(statements::terms))
        .route("/consilium/copies", web::get().to(copies::get))
        .route("/actor", web::get().to(routes::instance_actor))
        .route("/actor/outbox", web::get().to(routes::instance_outbox))
        .route("/media/{name}", web::get().guard(guard::fn_guard(negotiate::is_signed)).to(routes::media))
        .route("/users/{name}", web::get().guard(json()).to(routes::actor))
        .route("/users/{name}", web::get().to(routes::actor_page))
        .route("/users/{name}/outbox", web::get().to(routes::outbox))
        .route("/users/{name}/followers", web::get().to(routes::followers))
        .route("/users/{name}/following", web::get().to(routes::following))
        .route("/users/{name}/featured", web::get().to(routes::featured))
        .route("/users/{name}/followers_synchronization", web::get().to(leading::synchronization))
        .route("/users/{name}/moderators", web::get().to(leading::moderators))
        .route("/users/{name}/requests", web::get().to(leading::requests))
        .route("/users/{name}/log", web::get().to(leading::log))
        .route("/users/{name}/held", web::get().to(leading::held))
        .route("/users/{name}/invitations/{code}", web::get().to(leading::invitation))
        .route("/users/{name}/actor_token", web::get().to(tokens::get))
        .route("/users/{name}/posts/{id}", web::get().guard(json()).to(routes::post))
        .route("/users/{name}/posts/{id}", web::get().to(routes::post_page))
        .route("/users/{name}/posts/{id}/activity", web::get().to(routes::activity))
        .route("/users/{name}/posts/{id}/replies", web::get().to(routes::replies))
        .route("/users/{name}/posts/{id}/context", web::get().to(routes::context))
        .route("/users/{name}/posts/{id}/likes", web::get().to(routes::likes))
        .route("/users/{name}/posts/{id}/shares", web::get().to(routes::shares))
        .route("/@{name:[a-z0-9_]+}", web::get().guard(json()).to(routes::actor))
        .route("/@{name:[a-z0-9_]+}/{id:[0-9]+}", web::get().guard(json()).to(routes::post))
        .route("/", web::get().guard(json()).to(routes::instance_actor));
}
