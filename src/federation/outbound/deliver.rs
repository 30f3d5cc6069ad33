//! Signed POSTs: in order within a host, many hosts at a time, patience for silent ones, and none that delays another.

use std::{sync::Arc, time::Instant};

use tokio::{sync::Notify, task::JoinSet};
use url::Url;

use crate::{
    error::{Error, Result},
    federation::{FedData, Federation, client::Answer, wire::synchronization},
    model::{DeliveryId, HostId, SignatureDialect},
    service::{
        deliveries::{self, Batch, Item},
        drift,
    },
};

/// Sends what is due, for as long as it is run.
pub struct Deliverer {
    federation: Federation,
    worker: i64,
}

impl std::fmt::Debug for Deliverer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deliverer").field("worker", &self.worker).finish_non_exhaustive()
    }
}

/// How a turn of one host ended.
struct Turn {
    host: HostId,
    delivered: Vec<DeliveryId>,
    /// None where the host took all; else why not, and the seconds it asks for.
    trouble: Option<(String, i64)>,
}

/// Turns are tasks: one that holds a database connection goes on while we wait for another.
type Flights = JoinSet<Turn>;

/// Finished rows are removed so many at a time.
const FLUSH: usize = 64;

impl Deliverer {
    /// For one worker.
    pub fn new(federation: Federation, worker: i64) -> Self {
        Self { federation, worker }
    }

    /// Sends until nothing is due any more; returns how many deliveries were settled.
    pub async fn drain(&self) -> Result<usize> {
        let mut flights = Flights::new();
        let mut settled = 0;
        loop {
            let started = self.take_off(&mut flights).await?;
            match flights.join_next().await {
                Some(turn) => settled += self.land(landed(turn), &mut flights).await?,
                None if started == 0 => return Ok(settled),
                None => {}
            }
        }
    }

    /// Sends whenever there is something, until told to stop. What is in the air then is landed.
    pub async fn run(&self, wake: Arc<Notify>, poll: std::time::Duration, stop: impl Future<Output = ()>) {
        let mut flights = Flights::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            if let Err(error) = self.take_off(&mut flights).await {
                tracing::error!(%error, "deliveries could not be claimed");
            }
            // Only what may be dropped half-way is waited for here; what a turn brings is noted outside.
            let turn = tokio::select! {
                () = &mut stop => break,
                () = wake.notified() => None,
                () = tokio::time::sleep(poll) => None,
                turn = flights.join_next(), if !flights.is_empty() => turn.map(landed),
            };
            self.note(turn, &mut flights).await;
        }
        while let Some(turn) = flights.join_next().await {
            self.note(Some(landed(turn)), &mut flights).await;
        }
    }

    async fn note(&self, turn: Option<Turn>, flights: &mut Flights) {
        if let Some(turn) = turn
            && let Err(error) = self.land(turn, flights).await
        {
            tracing::error!(%error, "finished deliveries could not be noted");
        }
    }

    /// Claims as many hosts as there is room for and starts their turns.
    async fn take_off(&self, flights: &mut Flights) -> Result<usize> {
        let data = self.federation.to_request_data();
        let room = data.ctx.config.worker.deliveries.saturating_sub(flights.len());
        if room == 0 {
            return Ok(0);
        }
        let batches = deliveries::claim(&data.ctx, self.worker, room).await?;
        let started = batches.len();
        for batch in batches {
            flights.spawn(turn(data.reset_request_count(), batch));
        }
        Ok(started)
    }

    /// Notes a turn that ended, together with all others that have ended by now.
    async fn land(&self, first: Turn, flights: &mut Flights) -> Result<usize> {
        let mut turns = vec![first];
        while turns.len() < FLUSH {
            match flights.try_join_next() {
                Some(turn) => turns.push(landed(turn)),
                None => break,
            }
        }
        let data = self.federation.to_request_data();
        let ids: Vec<DeliveryId> = turns.iter().flat_map(|t| t.delivered.iter().copied()).collect();
        let healthy = turns.iter().filter(|t| t.trouble.is_none()).map(|t| t.host).collect();
        let settled = ids.len();
        deliveries::delivered(&data.ctx, self.worker, ids, healthy).await?;
        for turn in turns {
            if let Some((why, at_least)) = turn.trouble {
                deliveries::failed(&data.ctx, self.worker, turn.host, &why, at_least).await?;
            }
        }
        Ok(settled)
    }
}

/// What a turn came to. A fault in one would leave its host leased to nobody: it ends the worker, which is started anew.
fn landed(ended: Result<Turn, tokio::task::JoinError>) -> Turn {
    match ended {
        Ok(turn) => turn,
        Err(error) => std::panic::resume_unwind(Box::new(error.to_string())),
    }
}

/// One host's next deliveries, one after the other. The first that fails ends the turn, so that order is kept; so does
/// the end of the lease, after which another worker may take the host.
async fn turn(data: FedData, batch: Batch) -> Turn {
    let mut turn = Turn { host: batch.host, delivered: Vec::new(), trouble: None };
    let mut dialect = batch.dialect;
    let (begun, lasts) = (Instant::now(), deliveries::turn_lasts(&data.ctx));
    let mut refused: Vec<String> = Vec::new();
    for item in batch.items {
        if begun.elapsed() > lasts {
            break;
        }
        // What an inbox refused is not overtaken by what comes later for it.
        if refused.contains(&item.inbox) {
            continue;
        }
        match send(&data, &item, batch.host, &mut dialect).await {
            Ok(Outcome::Taken) => turn.delivered.push(item.id),
            Ok(Outcome::Later(why, at_least)) => {
                turn.trouble = Some((why, at_least));
                break;
            }
            Ok(Outcome::Refused(why)) => {
                if let Err(error) = deliveries::refused(&data.ctx, item.id, &why).await {
                    turn.trouble = Some((error.to_string(), 0));
                    break;
                }
                refused.push(item.inbox);
            }
            Ok(Outcome::Hopeless(why)) => {
                if let Err(error) = deliveries::hopeless(&data.ctx, item.id, &why).await {
                    turn.trouble = Some((error.to_string(), 0));
                    break;
                }
            }
            Err(error) => {
                turn.trouble = Some((error.to_string(), 0));
                break;
            }
        }
    }
    turn
}

enum Outcome {
    /// Any 2xx, or an inbox that is gone for good.
    Taken,
    /// This inbox does not want it now; the host is well.
    Refused(String),
    /// It can never be sent.
    Hopeless(String),
    /// The host is tried again later, after so many seconds at least.
    Later(String, i64),
}

async fn send(data: &FedData, item: &Item, host: HostId, dialect: &mut Option<SignatureDialect>) -> Result<Outcome> {
    let Ok(inbox) = Url::parse(&item.inbox) else { return Ok(Outcome::Hopeless("the inbox is no address".into())) };
    let signer = deliveries::signer(&data.ctx, item.account).await?;
    let first = dialect.unwrap_or(SignatureDialect::Cavage);
    let followers = told_of_followers(data, item, host).await?;
    let mut answer = post(data, &inbox, item, (&signer, first), followers.as_ref()).await?;
    // The second knock: the other dialect, once. A host whose dialect is known gets it only when it says 401.
    if answer.status == 401 || (matches!(answer.status, 400 | 403) && dialect.is_none()) {
        let again = post(data, &inbox, item, (&signer, first.other()), followers.as_ref()).await?;
        if (200..300).contains(&again.status) {
            *dialect = Some(first.other());
            deliveries::learned_dialect(&data.ctx, host, first.other()).await?;
        }
        answer = again;
    } else if (200..300).contains(&answer.status) && dialect.is_none() {
        *dialect = Some(first);
        deliveries::learned_dialect(&data.ctx, host, first).await?;
    }
    let words = format!("answered {}", answer.status);
    Ok(match answer.status {
        200..=299 => Outcome::Taken,
        410 => {
            deliveries::inbox_gone(&data.ctx, &item.inbox).await?;
            Outcome::Taken
        }
        408 | 425 | 429 | 502..=504 => Outcome::Later(words, answer.retry_after.unwrap_or(0)),
        413 => Outcome::Hopeless(words),
        // 401 and 403 may mean that an admin over there has not decided yet; 500 that this one activity trips it.
        _ => Outcome::Refused(words),
    })
}

/// Whom of a server's people we take for followers, where what is sent is for followers alone (FEP-8fcf).
async fn told_of_followers(data: &FedData, item: &Item, host: HostId) -> Result<Option<String>> {
    let Some(account) = item.followers_of else { return Ok(None) };
    let part = drift::part_of(&data.ctx, account, host).await?;
    Ok(part.map(|part| {
        let (collection, url, digest) = (part.collection, part.url, part.digest);
        synchronization::write(&synchronization::Told { collection, url, digest })
    }))
}

async fn post(
    data: &FedData,
    inbox: &Url,
    item: &Item,
    (signer, dialect): (&crate::service::keys::Signer, SignatureDialect),
    followers: Option<&String>,
) -> Result<Answer> {
    match data.client.post(inbox, item.body.clone(), signer.clone(), dialect, followers.cloned()).await {
        Err(Error::Remote { reason, lasting: true, .. }) => {
            tracing::debug!(%reason, "a delivery was not sent");
            // Blocked since it was lined up, or an address that we refuse: as good as delivered.
            Ok(Answer { status: 200, retry_after: None })
        }
        other => other,
    }
}
