//! Completing threads within limits: what a post answers, and what answers it.

use activitypub_federation::fetch::{fetch_object_http, object_id::ObjectId};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use url::Url;

use crate::{
    error::{Error, Result},
    federation::{FedData, Federation, objects::RemoteNote, tokens, wire},
    service::{groups, remote, threads, urls},
};

/// Looks after threads that are due; returns how many.
pub async fn look_after(federation: &Federation) -> Result<usize> {
    let data = federation.to_request_data();
    let due = threads::claim(&data.ctx).await?;
    let deadline = std::time::Duration::from_secs(data.ctx.config.worker.activity_seconds);
    let count = due.len();
    let looked: Vec<Result<()>> = stream::iter(due)
        .map(|(id, uri, tries)| async move {
            let data = federation.to_request_data();
            let outcome = tokio::time::timeout(deadline, complete(&data, &uri)).await;
            let outcome = outcome.unwrap_or_else(|_| Err(Error::remote("", "it took too long")));
            threads::settled(&data.ctx, id, tries, outcome).await
        })
        .buffer_unordered(4)
        .collect()
        .await;
    looked.into_iter().collect::<Result<()>>()?;
    Ok(count)
}

/// Fetches what is above a post that we have, then some of what is below it.
pub(in crate::federation) async fn complete(data: &FedData, uri: &str) -> Result<()> {
    let post = remote::post_by_uri(&data.ctx, uri).await?;
    let group = match &post {
        Some(post) => groups::of_post(&data.ctx, post).await?,
        None => None,
    };
    let parent = post.filter(|post| post.reply_to_id.is_none()).and_then(|post| post.reply_to_uri);
    let fetches = async {
        if let Some(parent) = &parent {
            above(data, parent).await?;
        }
        below(data, uri).await
    };
    tokens::in_group(group.as_ref(), uri, fetches).await
}

/// Fetches a post and what it answers in turn, at most `max_thread_fetches` steps.
///
/// They are stored as they come; each adopts the answers that came before it.
pub(in crate::federation) async fn above(data: &FedData, uri: &str) -> Result<()> {
    let mut next = Some(uri.to_owned());
    for _ in 0..data.ctx.config.federation.max_thread_fetches {
        let Some(uri) = next.take().filter(|u| !urls::is_ours(&data.ctx, u)) else { return Ok(()) };
        if remote::post_by_uri(&data.ctx, &uri).await?.is_some() {
            return Ok(());
        }
        let Ok(id) = ObjectId::<RemoteNote>::parse(&uri) else { return Ok(()) };
        if let RemoteNote::Post(post, _) = id.dereference(data).await? {
            next = post.reply_to_uri.filter(|_| post.reply_to_id.is_none());
        }
    }
    Ok(())
}

/// Fetches the first answers of a post of another server.
async fn below(data: &FedData, uri: &str) -> Result<()> {
    let limit = usize::try_from(data.ctx.config.federation.max_thread_fetches).unwrap_or(0);
    let origin = Url::parse(uri).map_err(|_| Error::NotFound)?;
    let post = fetch(data, &origin).await?;
    let Some(replies) = wire::note::read(&post, None).ok().and_then(|n| n.replies) else { return Ok(()) };
    let mut ids = wire::collection::item_ids(&replies, limit);
    let page = match &replies {
        Value::String(address) => Some(address.clone()),
        other => other.get("first").and_then(wire::value::id_of).map(ToOwned::to_owned),
    };
    if let Some(address) = page.filter(|_| ids.is_empty()).and_then(|p| Url::parse(&p).ok()) {
        let collection = fetch(data, &address).await?;
        ids = wire::collection::item_ids(&collection, limit);
        let first = collection.get("first").and_then(Value::as_str).and_then(|f| Url::parse(f).ok());
        if let Some(first) = first.filter(|f| ids.is_empty() && f.host() == origin.host()) {
            ids = wire::collection::item_ids(&fetch(data, &first).await?, limit);
        }
    }
    for id in ids.into_iter().filter(|id| !urls::is_ours(&data.ctx, id)) {
        let Ok(id) = ObjectId::<RemoteNote>::parse(&id) else { continue };
        if let Err(error) = id.dereference(data).await {
            tracing::debug!(%error, "an answer stays unknown");
        }
    }
    Ok(())
}

async fn fetch(data: &FedData, url: &Url) -> Result<Value> {
    Ok(fetch_object_http::<_, Value>(url, data).await?.object)
}
