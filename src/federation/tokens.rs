//! Tokens by which a group proves for a while that a server has members in it (FEP-db0e): given by groups of ours, believed of
//! others, and shown to the servers of other members.

use std::{sync::Arc, time::Duration};

use activitypub_federation::{config::Data, fetch::object_id::ObjectId};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use serde_json::Value;
use url::Url;

use super::{
    Fed, FedData,
    client::Client,
    gate,
    objects::RemoteActor,
    routes::{settle, shown},
    signed_fetch::within,
    wire::{
        self,
        actor_token::{self, Token},
    },
};
use crate::{
    crypto::VerifyingKey,
    error::{Error, Result},
    model::{Account, AccountId, AccountKind, Group, KeyKind},
    policy,
    service::{
        Ctx,
        groups::{self, Guest},
        hosts, keys, remote, urls,
    },
    text::handle,
};

/// Largest document of a group that is read, in bytes.
const DOCUMENT: usize = 262_144;
/// How long before its end a token is shown no more.
const SPARE: TimeDelta = TimeDelta::minutes(2);
/// How long a group that gives no tokens is not asked for one.
const NONE_GIVEN: TimeDelta = TimeDelta::minutes(30);
/// The same where it did not work just now.
const TROUBLE: TimeDelta = TimeDelta::minutes(1);

/// `GET /users/{name}/actor_token`: for servers that have members in a group of ours.
pub(super) async fn get(request: HttpRequest, name: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    let read = async {
        let (group, viewer) = shown(&request, &name, &data).await?;
        let signed = gate::check(&request, None, &data).await?;
        groups::require_members(&data.ctx, &viewer, group.id).await?;
        let signer = keys::signer(&data.ctx, group.id).await?;
        let now = data.ctx.now();
        let issue = move || {
            let key = (signer.key_id.as_str(), &signer.key);
            actor_token::issue(&group.uri, &signed.account.uri, key, now).map_err(|e| Error::Internal(e.into()))
        };
        let token = data.ctx.heavy(issue).await?;
        Ok(HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .insert_header((header::VARY, "Accept, Signature, Signature-Input"))
            .json(token))
    };
    settle(read.await)
}

/// Who asks for what one of ours posted in a group of another server, with what that group proves of them. A token that does not
/// hold is refused, whatever it is shown for.
pub(super) async fn guest(request: &HttpRequest, data: &FedData) -> Result<Guest> {
    let signed = gate::check(request, None, data).await?;
    let asker = signed.account.uri.clone();
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = match header.and_then(actor_token::in_header) {
        Some(token) => {
            let group = proven(token, &asker, data).await?;
            Some(group.ok_or(Error::Forbidden("This token does not hold: ask the group for a new one."))?)
        }
        None => None,
    };
    Ok(Guest { viewer: signed.viewer(), asker, shown })
}

/// The group whose token somebody shows; none where it does not hold.
async fn proven(token: &str, asker: &str, data: &FedData) -> Result<Option<AccountId>> {
    let Ok(token) = actor_token::read(token) else { return Ok(None) };
    if token.actor != asker || !token.is_timely(data.ctx.now()) {
        return Ok(None);
    }
    let group = remote::account_by_uri(&data.ctx, &token.issuer).await?;
    let Some(group) = group.filter(|group| group.kind == AccountKind::Group) else { return Ok(None) };
    // Of a server that we do not speak with, nothing is believed.
    let Some(host) = group.host.as_deref() else { return Ok(None) };
    if !hosts::may_speak(&data.ctx, host).await? {
        return Ok(None);
    }
    if is_signed(&token, data).await? {
        return Ok(Some(group.id));
    }
    // It may have a new key.
    if data.keys.may_ask(&format!("token of {}", token.issuer))
        && let Ok(id) = ObjectId::<RemoteActor>::parse(&token.issuer)
    {
        if let Err(error) = within(2, id.dereference_forced(data)).await {
            tracing::debug!(%error, "a group cannot be asked for its key");
        }
        return Ok(is_signed(&token, data).await?.then_some(group.id));
    }
    Ok(None)
}

/// Whether a key of the issuer has signed a token.
async fn is_signed(token: &Token, data: &FedData) -> Result<bool> {
    let Some((key, owner)) = remote::key(&data.ctx, &token.key_id).await? else { return Ok(false) };
    if owner.uri != token.issuer || key.kind != KeyKind::Rsa {
        return Ok(false);
    }
    Ok(VerifyingKey::from_pem(&key.public_key).is_ok_and(|key| token.is_signed_by(&key)))
}

/// Tokens that groups have given us, as headers, and the hosts that took none of late.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    given: Cache<AccountId, One>,
    refused: Cache<(AccountId, String), ()>,
}

/// One of them, or that there is none, and until when that is so.
#[derive(Debug, Clone)]
struct One {
    header: Option<String>,
    until: DateTime<Utc>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            given: Cache::builder().max_capacity(1_000).time_to_live(Duration::from_secs(7_200)).build(),
            refused: Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(60)).build(),
        }
    }
}

impl Kept {
    /// Notes that a host took no token of a group: for a moment it is asked without.
    pub(super) fn refused(&self, group: AccountId, host: &str) {
        self.refused.insert((group, host.to_owned()), ());
    }
}

/// What is fetched is in this group, on this host.
struct Place {
    group: Account,
    host: String,
}

tokio::task_local! {
    static PLACE: Option<Arc<Place>>;
}

/// Runs fetches of what is in a group: the server that `address` is on, and no other, is shown that we have members there, where
/// the group lives elsewhere and is not for everybody.
pub(super) async fn in_group<T>(
    group: Option<&(Account, Group)>,
    address: &str,
    fetches: impl Future<Output = T>,
) -> T {
    let place = group.zip(wire::value::host(address)).and_then(|((group, how), host)| {
        let elsewhere = group.host.as_ref().is_some_and(|home| *home != host);
        let shows = elsewhere && policy::groups::gives_tokens(how.kind);
        shows.then(|| Arc::new(Place { group: group.clone(), host }))
    });
    PLACE.scope(place, Box::pin(fetches)).await
}

/// What is shown at an address, as the value of an `Authorization` header, and the group that it is of.
pub(super) async fn shown_at(ctx: &Ctx, client: &Client, url: &Url) -> Option<(AccountId, String)> {
    let place = PLACE.try_with(Clone::clone).ok().flatten()?;
    if handle::host_of(url).as_ref() != Some(&place.host) {
        return None;
    }
    let (id, now) = (place.group.id, ctx.now());
    if client.tokens.refused.contains_key(&(id, place.host.clone())) {
        return None;
    }
    let kept = client.tokens.given.get(&id).filter(|kept| now < kept.until);
    let one = if let Some(one) = kept {
        one
    } else {
        let one = match ask(ctx, client, &place.group).await {
            Ok(Some((header, until))) => One { header: Some(header), until: until - SPARE },
            Ok(None) => One { header: None, until: now + NONE_GIVEN },
            Err(error) => {
                tracing::debug!(group = %id, %error, "a group proves nothing of us");
                One { header: None, until: now + TROUBLE }
            }
        };
        client.tokens.given.insert(id, one.clone());
        one
    };
    one.header.map(|header| (id, header))
}

/// Asks a group for a token: the header that shows it, and when it ends. None where the group gives none.
async fn ask(ctx: &Ctx, client: &Client, group: &Account) -> Result<Option<(String, DateTime<Utc>)>> {
    let host = group.host.clone().unwrap_or_default();
    let refused = |why: &'static str| Error::refused(host.clone(), why);
    let url = Url::parse(&group.uri).map_err(|_| refused("a group whose id is no address"))?;
    let document = client.document(&url, DOCUMENT).await?;
    let document: Value = serde_json::from_slice(&document).map_err(|_| refused("the group's document is not JSON"))?;
    if wire::value::text(&document, "id") != Some(group.uri.as_str()) {
        return Err(refused("answers with another group"));
    }
    let endpoint = wire::actor::token_endpoint(&document).and_then(|address| Url::parse(address).ok());
    let Some(endpoint) = endpoint else { return Ok(None) };
    let signer = keys::signer(ctx, keys::instance_account(ctx).await?).await?;
    let body = client.ask(&endpoint, &signer, actor_token::MAX).await?;
    let body: Value = serde_json::from_slice(&body).map_err(|_| refused("the token is not JSON"))?;
    let token = actor_token::read(&body.to_string()).map_err(|why| refused(why.0))?;
    let is_ours = token.issuer == group.uri && token.actor == urls::instance_actor(ctx);
    if !is_ours || !token.is_timely(ctx.now()) {
        return Err(refused("gives a token that is not for us, or does not hold"));
    }
    Ok(Some((actor_token::header(&body), token.valid_until)))
}
