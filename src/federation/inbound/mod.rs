//! What arrived, carried out: in order for each actor, many actors at a time, plain new posts many in one
//! transaction. What needs the network is fetched first; then there is one call of a rule.

mod activity;
mod post;
pub(super) mod thread;

use std::collections::{HashMap, VecDeque};

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::{FedData, Federation};
use crate::{
    crypto::jcs,
    error::{Error, Result},
    model::{Account, Received, ReceivedId},
    service::{
        received::{self, Receipt},
        remote::{self, RemotePost},
    },
};

/// An activity whose JSON was read.
struct Arrived {
    row: Received,
    body: Value,
}

/// Claims what is due and carries it out; returns how many were claimed.
pub async fn run_once(federation: &Federation, worker: i64) -> Result<usize> {
    let data = federation.to_request_data();
    let rows = received::claim(&data.ctx, worker).await?;
    let claimed = rows.len();
    if claimed == 0 {
        return Ok(0);
    }
    let mut queues = by_actor(&data, worker, rows).await?;
    let actors = queues.keys().cloned().collect();
    let known: HashMap<String, Account> =
        remote::accounts_by_uri(&data.ctx, actors).await?.into_iter().map(|a| (a.uri.clone(), a)).collect();
    while !queues.is_empty() {
        round(federation, &data, worker, &mut queues, &known).await?;
        queues.retain(|_, queue| !queue.is_empty());
    }
    Ok(claimed)
}

/// Reads each body once; what is no JSON becomes a dead letter.
async fn by_actor(data: &FedData, worker: i64, rows: Vec<Received>) -> Result<HashMap<String, VecDeque<Arrived>>> {
    let mut queues: HashMap<String, VecDeque<Arrived>> = HashMap::new();
    for row in rows {
        if let Ok(body) = jcs::parse_strict(row.body.as_bytes()) {
            queues.entry(row.actor.clone()).or_default().push_back(Arrived { row, body });
        } else {
            let why = Error::refused("", "the activity is not strict JSON");
            received::failed(&data.ctx, worker, &row, &why).await?;
        }
    }
    Ok(queues)
}

/// Takes the head of every queue: plain new posts together, the others side by side.
async fn round(
    federation: &Federation,
    data: &FedData,
    worker: i64,
    queues: &mut HashMap<String, VecDeque<Arrived>>,
    known: &HashMap<String, Account>,
) -> Result<()> {
    let mut plain: Vec<(ReceivedId, RemotePost)> = Vec::new();
    let mut plain_rows: Vec<Arrived> = Vec::new();
    let mut single: Vec<Arrived> = Vec::new();
    for (actor, queue) in queues.iter_mut() {
        let author = known.get(actor);
        while let Some(post) = queue.front().and_then(|head| post::plain(&head.body, author?, data)) {
            if let Some(head) = queue.pop_front() {
                plain.push((head.row.id, post));
                plain_rows.push(head);
            }
        }
        if let Some(head) = queue.pop_front() {
            single.push(head);
        }
    }
    let unknown_parents = post::unknown_parents(data, &plain).await?;
    let (late, ready): (Vec<_>, Vec<_>) = plain
        .into_iter()
        .partition(|(_, p)| p.reply_to.as_ref().is_some_and(|parent| unknown_parents.contains(parent)));
    ingest(data, worker, ready, &plain_rows).await?;
    // An answer to a post that we lack: the thread is completed first.
    let late: Vec<ReceivedId> = late.into_iter().map(|(id, _)| id).collect();
    single.extend(plain_rows.into_iter().filter(|a| late.contains(&a.row.id)));
    let parallel = data.ctx.config.worker.received_parallel;
    let outcomes: Vec<(String, bool)> = stream::iter(single)
        .map(|arrived| async move {
            let settled = one(federation, worker, &arrived).await;
            (arrived.row.actor, settled)
        })
        .buffer_unordered(parallel)
        .collect()
        .await;
    // Nothing overtakes an activity that waits for a retry.
    for (actor, settled) in outcomes {
        if !settled && let Some(queue) = queues.remove(&actor) {
            received::release(&data.ctx, worker, queue.into_iter().map(|a| a.row.id).collect()).await?;
        }
    }
    Ok(())
}

/// All in one transaction; where that fails, one by one, so that a bad one does not hold up the rest.
async fn ingest(data: &FedData, worker: i64, ready: Vec<(ReceivedId, RemotePost)>, rows: &[Arrived]) -> Result<()> {
    if ready.is_empty() {
        return Ok(());
    }
    let (ids, posts): (Vec<ReceivedId>, Vec<RemotePost>) = ready.into_iter().unzip();
    let Err(error) = remote::ingest(&data.ctx, worker, ids.clone(), &posts).await else { return Ok(()) };
    tracing::warn!(%error, posts = posts.len(), "posts are taken one by one");
    for (id, post) in ids.into_iter().zip(posts) {
        if let Err(error) = remote::ingest(&data.ctx, worker, vec![id], std::slice::from_ref(&post)).await
            && let Some(arrived) = rows.iter().find(|a| a.row.id == id)
        {
            received::failed(&data.ctx, worker, &arrived.row, &error).await?;
        }
    }
    Ok(())
}

/// Carries out one activity; true where it is settled, one way or the other.
async fn one(federation: &Federation, worker: i64, arrived: &Arrived) -> bool {
    // Fresh data for each: fetches are counted per activity.
    let data = federation.to_request_data();
    let receipt = Receipt { id: arrived.row.id, worker };
    let Err(error) = activity::carry_out(&data, &receipt, &arrived.row.actor, &arrived.body).await else { return true };
    match received::failed(&data.ctx, worker, &arrived.row, &error).await {
        Ok(settled) => settled,
        Err(error) => {
            tracing::error!(received = %arrived.row.id, %error, "a failed activity could not be put aside");
            false
        }
    }
}
