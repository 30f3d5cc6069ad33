//! Documents about who belongs to whom: those who lead a group, who asks to join it, what waits there for them and what they did, and
//! the followers on one server.

use activitypub_federation::{config::Data, traits::Object};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{
    Fed, FedData,
    negotiate::{document, told},
    objects::RemoteActor,
    routes::{page_named, settle, shown, viewer},
    wire::{self, activity, collection},
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, AccountKind},
    policy::Viewer,
    service::{drift, groups, keys, profiles},
};

/// Largest answer of the server of a group that is read, in bytes.
const LARGEST: usize = 1_048_576;

/// `GET /users/{name}/moderators`: who leads a group.
pub(super) async fn moderators(request: HttpRequest, name: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    let read = async {
        let (account, _) = shown_group(&request, &name, &data).await?;
        let leaders = groups::moderators(&data.ctx, account.id).await?;
        let items = leaders.into_iter().map(Value::from).collect();
        Ok(document(&collection::whole(&format!("{}/moderators", account.uri), items), true))
    };
    settle(read.await)
}

/// `GET /users/{name}/requests`: who asks to join a group and why, for servers from which somebody leads it.
pub(super) async fn requests(request: HttpRequest, name: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    let read = async {
        let (account, viewer) = shown_group(&request, &name, &data).await?;
        let asking = groups::requests_for_server(&data.ctx, &viewer, account.id).await?;
        let items = asking.into_iter().map(|one| {
            json!({
                "type": "Follow",
                "actor": one.who.uri,
                "object": account.uri,
                "content": one.reason,
                "published": wire::actor::stamp(one.asked_at),
            })
        });
        Ok(document(&collection::whole(&format!("{}/requests", account.uri), items.collect()), true))
    };
    settle(read.await)
}

/// `GET /users/{name}/held`: what waits in a group, for whoever leads it from another server and signs in their own name.
pub(super) async fn held(request: HttpRequest, name: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    let read = async {
        let (account, viewer) = shown_group(&request, &name, &data).await?;
        let (waiting, more) = groups::waiting_for(&data.ctx, &viewer, account.id).await?;
        Ok(told(&wire::held::write(&account.uri, &waiting, more)))
    };
    settle(read.await)
}

/// `?page=`: a line below which a page of the log begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    page: String,
}

/// `GET /users/{name}/log`: what those did who lead a group, for its members at other servers, and for those servers.
pub(super) async fn log(
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<Query>,
    data: Data<Fed>,
) -> HttpResponse {
    let read = async {
        let (account, viewer) = shown_group(&request, &name, &data).await?;
        let lines = groups::log_for(&data.ctx, &viewer, account.id, &page_named(&query.page)).await?;
        Ok(told(&wire::log::write(&account.uri, &lines.items, lines.older)))
    };
    settle(read.await)
}

/// Asks the server of a group for something below the group's address, in the name of one of ours; none where it does not say it.
pub(super) async fn ask(data: &FedData, group: &Account, who: AccountId, what: &str) -> Result<Option<Value>> {
    let url = Url::parse(&format!("{}/{what}", group.uri)).map_err(|_| Error::NotFound)?;
    let signer = keys::signer(&data.ctx, who).await?;
    let body = match data.client.ask(&url, &signer, LARGEST).await {
        Ok(body) => body,
        Err(Error::NotFound | Error::Remote { lasting: true, .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Ok(mut body) = serde_json::from_slice::<Value>(&body) else { return Ok(None) };
    wire::value::without_nul(&mut body);
    Ok(Some(body))
}

/// `GET /users/{name}/invitations/{code}`: a group, for a server where somebody holds a link of its moderators.
pub(super) async fn invitation(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    data: Data<Fed>,
) -> HttpResponse {
    let (name, code) = path.into_inner();
    let read = async {
        let viewer = viewer(&request, &data).await?;
        let account = profiles::local(&data.ctx, &name).await?;
        groups::require_invited(&data.ctx, &viewer, &account, &code).await?;
        let uri = account.uri.clone();
        let group = RemoteActor::new(account)?.into_json(&data).await?;
        let id = format!("{uri}/invitations/{code}");
        let body = activity::write("Invite", &id, &uri, group, json!([]), json!([]));
        Ok(document(&body, true))
    };
    settle(read.await)
}

/// A group that the asker may know of, and who asks.
async fn shown_group(request: &HttpRequest, name: &str, data: &FedData) -> Result<(Account, Viewer)> {
    let (account, viewer) = shown(request, name, data).await?;
    if account.kind == AccountKind::Group { Ok((account, viewer)) } else { Err(Error::NotFound) }
}

/// `GET /users/{name}/followers_synchronization`: whom of the asker's server we take for followers of somebody (FEP-8fcf).
pub(super) async fn synchronization(request: HttpRequest, name: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    let read = async {
        let (account, viewer) = shown(&request, &name, &data).await?;
        let followers = drift::known_of(&data.ctx, &viewer, &account).await?;
        let items = followers.into_iter().map(Value::from).collect();
        Ok(document(&collection::whole(&drift::address(&account), items), true))
    };
    settle(read.await)
}
