//! Asking other servers on behalf of our people: handle or address to account or post.

use activitypub_federation::{
    fetch::{fetch_object_http, object_id::ObjectId},
    traits::Object,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::{
    FedData, Federation, copies,
    inbound::{history, thread},
    leading, nodeinfo,
    objects::{RemoteActor, RemoteNote, to_remote_post},
    tokens, url_guard, webfinger, wire,
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, AccountKind, Group},
    service::{
        groups::{self, LogLine, WaitingPost},
        hosts,
        ports::{Found, Remote},
        remote,
    },
    text::handle,
};

/// Most requests to join a group that are read at once.
const REQUESTS: usize = 40;

/// The way to other servers.
pub(super) struct Lookup(pub(super) Federation);

#[async_trait]
impl Remote for Lookup {
    async fn account(&self, username: &str, host: &str) -> Result<AccountId> {
        let data = self.0.to_request_data();
        hosts::require_speaking(&data.ctx, host).await?;
        let described = webfinger::ask(&data, username, host).await?;
        let actor = described.actor.ok_or_else(|| Error::refused(host, "knows no such person"))?;
        let account = ObjectId::<RemoteActor>::from(actor).dereference(&data).await?.0;
        // The round trip: the document names the same handle that was asked for.
        if account.host.as_deref() != Some(host) || !account.username.eq_ignore_ascii_case(username) {
            return Err(Error::refused(host, "answers with somebody else"));
        }
        Ok(account.id)
    }

    async fn person(&self, url: &Url) -> Result<AccountId> {
        let data = self.0.to_request_data();
        let host = url_guard::check(&data.ctx, url).await?;
        hosts::require_speaking(&data.ctx, &host).await?;
        Ok(ObjectId::<RemoteActor>::from(url.clone()).dereference(&data).await?.0.id)
    }

    async fn address(&self, url: &Url) -> Result<Found> {
        let data = self.0.to_request_data();
        let host = url_guard::check(&data.ctx, url).await?;
        hosts::require_speaking(&data.ctx, &host).await?;
        let fetched = ObjectId::<RemoteNote>::from(url.clone()).dereference(&data).await?;
        match fetched {
            RemoteNote::Post(post, _) => {
                complete(&data, &post.uri).await;
                let post = remote::post_by_uri(&data.ctx, &post.uri).await?.ok_or(Error::NotFound)?;
                Ok(Found::Post(post.id))
            }
            RemoteNote::Actor(account, _) => Ok(Found::Account(account.id)),
        }
    }

    async fn invited(&self, url: &Url) -> Result<AccountId> {
        let data = self.0.to_request_data();
        let host = url_guard::check(&data.ctx, url).await?;
        hosts::require_speaking(&data.ctx, &host).await?;
        let fetched = fetch_object_http::<_, Value>(url, &data).await?;
        let group = fetched.object.get("object").cloned().unwrap_or(Value::Null);
        // It counts for the group below whose own address it stands, and for no other.
        let below = wire::value::text(&group, "id").map(|id| format!("{id}/invitations/"));
        let its_own = below.is_some_and(|below| fetched.url.as_str().starts_with(&below));
        if !its_own || wire::actor::kind(&group) != Some(AccountKind::Group) {
            return Err(Error::refused(host, "answers with something else"));
        }
        RemoteActor::verify(&group, &fetched.url, &data).await?;
        Ok(RemoteActor::from_json(group, &data).await?.0.id)
    }

    async fn refresh(&self, url: &Url) -> Result<()> {
        let data = self.0.to_request_data();
        let group = groups::of_post_at(&data.ctx, url.as_str()).await?;
        let asked = fetch_object_http::<_, Value>(url, &data);
        let fetched = tokens::in_group(group.as_ref(), url.as_str(), asked).await?;
        RemoteNote::verify(&fetched.object, &fetched.url, &data).await?;
        let (author, post) = to_remote_post(&fetched.object, &data, true).await?;
        remote::refreshed(&data.ctx, author.id, post).await
    }

    async fn is_member(&self, group: &Account, asked: &str) -> Result<bool> {
        let data = self.0.to_request_data();
        let Some(followers) = group.followers_uri.as_deref() else { return Ok(false) };
        let mut url = Url::parse(followers).map_err(|_| Error::NotFound)?;
        url.query_pairs_mut().append_pair("is_follower", asked);
        match fetch_object_http::<_, Value>(&url, &data).await {
            Ok(_) => Ok(true),
            Err(error) => match Error::from(error) {
                Error::NotFound | Error::Gone | Error::Forbidden(_) | Error::Remote { lasting: true, .. } => Ok(false),
                other => Err(other),
            },
        }
    }

    async fn holds(&self, host: &str, who: AccountId, uri: &str) -> Result<Option<bool>> {
        copies::ask(&self.0.to_request_data(), host, who, uri).await
    }

    async fn requests(&self, group: &Account) -> Result<Vec<(String, String, DateTime<Utc>)>> {
        let data = self.0.to_request_data();
        let url = Url::parse(&format!("{}/requests", group.uri)).map_err(|_| Error::NotFound)?;
        let fetched = match fetch_object_http::<_, Value>(&url, &data).await {
            Ok(fetched) => fetched.object,
            Err(error) => match Error::from(error) {
                Error::NotFound | Error::Gone | Error::Forbidden(_) | Error::Remote { lasting: true, .. } => {
                    return Ok(Vec::new());
                }
                other => return Err(other),
            },
        };
        let asked = wire::value::list(&fetched, "orderedItems").into_iter().take(REQUESTS).filter_map(|one| {
            let who = wire::value::id(one, "actor")?.to_owned();
            let reason = wire::value::bounded(wire::value::text(one, "content").unwrap_or_default(), 8_000).to_owned();
            Some((who, reason, wire::value::time(one, "published").unwrap_or_else(|| data.ctx.now())))
        });
        Ok(asked.collect())
    }

    async fn waiting(&self, group: &Account, who: AccountId) -> Result<Option<(Vec<WaitingPost>, bool)>> {
        let told = leading::ask(&self.0.to_request_data(), group, who, "held").await?;
        Ok(told.map(|told| wire::held::read(&told)))
    }

    async fn log(
        &self,
        group: &Account,
        who: AccountId,
        before: Option<i64>,
    ) -> Result<Option<(Vec<LogLine>, Option<i64>)>> {
        let page = before.map_or_else(|| "log".to_owned(), |below| format!("log?page={below}"));
        let told = leading::ask(&self.0.to_request_data(), group, who, &page).await?;
        Ok(told.map(|told| wire::log::read(&told)))
    }

    async fn history(&self, place: &(Account, Group)) -> Result<()> {
        history::catch_up(&self.0, place).await
    }

    async fn followers_here(&self, url: &Url, most: usize) -> Result<Vec<String>> {
        let data = self.0.to_request_data();
        let fetched = fetch_object_http::<_, Value>(url, &data).await?.object;
        let items = ["orderedItems", "items"].iter().find_map(|key| fetched.get(key)?.as_array());
        let items = items.ok_or_else(|| Error::refused("", "the followers stand in no list"))?;
        if items.len() > most {
            return Err(Error::refused("", "there are too many followers to compare"));
        }
        Ok(items.iter().filter_map(wire::value::id_of).map(ToOwned::to_owned).collect())
    }

    async fn software(&self, host: &str) -> Result<String> {
        nodeinfo::ask(&self.0.to_request_data(), host).await
    }

    async fn push(&self, url: &Url, headers: Vec<(&'static str, String)>, body: bytes::Bytes) -> Result<u16> {
        self.0.to_request_data().client.push(url, headers, body).await
    }

    async fn document(&self, url: &Url, most_bytes: usize) -> Result<bytes::Bytes> {
        self.0.to_request_data().client.document(url, most_bytes).await
    }

    async fn look_up(&self, url: &Url, accept: &str, most_bytes: usize) -> Result<bytes::Bytes> {
        self.0.to_request_data().client.look_up(url, accept, most_bytes).await
    }

    async fn file(&self, url: &Url, most_bytes: usize, group: Option<&(Account, Group)>) -> Result<bytes::Bytes> {
        let data = self.0.to_request_data();
        tokens::in_group(group, url.as_str(), data.client.file(url, most_bytes)).await
    }

    async fn interaction_page(&self, username: &str, host: &str, uri: &str) -> Result<Url> {
        let data = self.0.to_request_data();
        let described = webfinger::ask(&data, username, host).await?;
        let encoded: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
        let template = described.subscribe.ok_or_else(|| Error::refused(host, "has no page for following others"))?;
        let page = Url::parse(&template.replace("{uri}", &encoded))
            .map_err(|_| Error::refused(host, "names a malformed page"))?;
        // Only a page on the server that was named: nobody is led elsewhere.
        if handle::host_of(&page).as_deref() != Some(host) {
            return Err(Error::refused(host, "names a page on another server"));
        }
        Ok(page)
    }
}

/// What a fetched post answers and what answers it. Trouble here leaves the post itself readable.
async fn complete(data: &FedData, uri: &str) {
    if let Err(error) = thread::complete(data, uri).await {
        tracing::debug!(%error, "a thread stays incomplete");
    }
}
