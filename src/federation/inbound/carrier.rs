//! Who carries out what arrived: in order for each actor, many actors at a time, plain new posts many in one
//! transaction. A server that is slow to answer holds up its own people only.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use serde_json::Value;
use tokio::{sync::Notify, task::JoinSet};

use super::{activity, post};
use crate::{
    crypto::jcs,
    error::{Error, Result},
    federation::{FedData, Federation},
    model::{Account, Received, ReceivedId},
    service::{
        groups, hosts,
        received::{self, Receipt},
        remote::{self, RemotePost},
    },
};

/// An activity whose JSON was read.
struct Arrived {
    row: Received,
    body: Value,
}

/// What one actor sent, oldest first.
type Queue = VecDeque<Arrived>;

/// What came of a flight.
struct Landed {
    host: String,
    rows: usize,
    /// These were new posts.
    stored: bool,
    /// What the same actors sent after posts that are stored now.
    next: Vec<(String, Queue)>,
}

/// Everything under way. Flights are tasks: one that holds a database connection goes on while we wait for another.
#[derive(Default)]
struct Air {
    flights: JoinSet<Landed>,
    rows: usize,
    hosts: HashMap<String, Lane>,
    /// New posts are being stored; those that come meanwhile are stored together afterwards.
    storing: bool,
}

/// What is under way and waits for one host.
struct Lane {
    flying: usize,
    waiting: VecDeque<(Instant, Queue)>,
    moved: Instant,
}

/// Actors of one host that are carried out at once.
const A_HOST: usize = 16;
/// A host that has settled nothing for so long is slow: what waits for it goes back to the queue for a while.
const SLOW: Duration = Duration::from_secs(3);

/// Carries out what arrives, for as long as it is run.
pub struct Carrier {
    federation: Federation,
    worker: i64,
}

impl std::fmt::Debug for Carrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Carrier").field("worker", &self.worker).finish_non_exhaustive()
    }
}

impl Carrier {
    /// For one worker.
    pub fn new(federation: Federation, worker: i64) -> Self {
        Self { federation, worker }
    }

    /// Carries out everything that is due; returns how much that was.
    pub async fn drain(&self) -> Result<usize> {
        let mut air = Air::default();
        let mut all = 0;
        loop {
            all += self.take_off(&mut air).await?;
            match air.flights.join_next().await {
                Some(landed) => self.land(settled(landed), &mut air),
                None => return Ok(all),
            }
        }
    }

    /// Carries out whatever comes, until told to stop. What is in the air then is landed.
    pub async fn run(&self, wake: Arc<Notify>, poll: Duration, stop: impl Future<Output = ()>) {
        let mut air = Air::default();
        let mut stop = std::pin::pin!(stop);
        loop {
            if let Err(error) = self.take_off(&mut air).await {
                tracing::error!(%error, "arrivals could not be claimed");
            }
            let landed = tokio::select! {
                biased;
                () = &mut stop => break,
                landed = air.flights.join_next(), if !air.flights.is_empty() => landed,
                () = wake.notified() => None,
                () = tokio::time::sleep(poll) => None,
            };
            if let Some(landed) = landed {
                self.land(settled(landed), &mut air);
                // Others that have ended by now are noted before more is claimed.
                while let Some(landed) = air.flights.try_join_next() {
                    self.land(settled(landed), &mut air);
                }
            }
        }
        while let Some(landed) = air.flights.join_next().await {
            self.land(Landed { next: Vec::new(), ..settled(landed) }, &mut air);
        }
    }

    /// Claims as much as there is room for and starts it.
    async fn take_off(&self, air: &mut Air) -> Result<usize> {
        let data = self.federation.to_request_data();
        self.give_back_what_waits_for_the_slow(&data, air).await?;
        let room = data.ctx.config.worker.received_batch - i64::try_from(air.rows).unwrap_or(i64::MAX);
        if room <= 0 || air.storing {
            return Ok(0);
        }
        let rows = received::claim(&data.ctx, self.worker, room).await?;
        let claimed = rows.len();
        if claimed == 0 {
            return Ok(0);
        }
        let mut queues = self.by_actor(&data, rows).await?;
        let known = speaking(&data, queues.keys().cloned().collect()).await?;
        let spoken = queues.values().flatten().flat_map(|arrived| post::spoken_of(&arrived.body, &data)).collect();
        let ours = groups::open_among(&data.ctx, spoken).await?;
        let posts = first_posts(&data, &mut queues, &known, &ours);
        let rows: usize = posts.iter().map(|p| p.2.len()).sum();
        if rows > 0 {
            // What the same actors sent afterwards waits until these are stored.
            let next = posts.iter().filter_map(|p| queues.remove_entry(&p.0)).collect();
            air.rows += rows;
            air.storing = true;
            air.flights.spawn(store(self.federation.clone(), self.worker, posts, next));
        }
        for (actor, queue) in queues {
            self.line_up(air, &actor, queue);
        }
        Ok(claimed)
    }

    /// Reads each body once; what is no JSON becomes a dead letter.
    async fn by_actor(&self, data: &FedData, rows: Vec<Received>) -> Result<HashMap<String, Queue>> {
        let mut queues: HashMap<String, Queue> = HashMap::new();
        for row in rows {
            if let Ok(body) = jcs::parse_strict(row.body.as_bytes()) {
                queues.entry(row.actor.clone()).or_default().push_back(Arrived { row, body });
            } else {
                let why = Error::refused("", "the activity is not strict JSON");
                received::failed(&data.ctx, self.worker, &row, &why).await?;
            }
        }
        Ok(queues)
    }

    fn line_up(&self, air: &mut Air, actor: &str, queue: Queue) {
        if queue.is_empty() {
            return;
        }
        air.rows += queue.len();
        let host = crate::federation::wire::value::host(actor).unwrap_or_default();
        let now = Instant::now();
        let lane =
            air.hosts.entry(host.clone()).or_insert_with(|| Lane { flying: 0, waiting: VecDeque::new(), moved: now });
        lane.waiting.push_back((now, queue));
        self.start(air, &host);
    }

    /// Starts what waits for a host, as far as its lane is free.
    fn start(&self, air: &mut Air, host: &str) {
        let Some(lane) = air.hosts.get_mut(host) else { return };
        while lane.flying < A_HOST {
            let Some((claimed, queue)) = lane.waiting.pop_front() else { break };
            lane.flying += 1;
            air.flights.spawn(fly(self.federation.clone(), self.worker, host.to_owned(), claimed, queue));
        }
        if lane.flying == 0 {
            air.hosts.remove(host);
        }
    }

    fn land(&self, landed: Landed, air: &mut Air) {
        air.rows = air.rows.saturating_sub(landed.rows);
        air.storing &= !landed.stored;
        if let Some(lane) = air.hosts.get_mut(&landed.host) {
            lane.flying = lane.flying.saturating_sub(1);
            lane.moved = Instant::now();
            self.start(air, &landed.host);
        }
        for (actor, queue) in landed.next {
            self.line_up(air, &actor, queue);
        }
    }

    async fn give_back_what_waits_for_the_slow(&self, data: &FedData, air: &mut Air) -> Result<()> {
        for lane in air.hosts.values_mut().filter(|lane| lane.moved.elapsed() > SLOW) {
            let rows: Vec<ReceivedId> = lane.waiting.drain(..).flat_map(|(_, queue)| ids(&queue)).collect();
            if !rows.is_empty() {
                air.rows = air.rows.saturating_sub(rows.len());
                received::defer(&data.ctx, self.worker, rows).await?;
            }
        }
        Ok(())
    }
}

/// What a task came to. A fault in one would leave its rows counted for ever: it ends the worker, which is started anew.
fn settled<T>(ended: Result<T, tokio::task::JoinError>) -> T {
    match ended {
        Ok(landed) => landed,
        Err(error) => std::panic::resume_unwind(Box::new(error.to_string())),
    }
}

fn ids(queue: &Queue) -> Vec<ReceivedId> {
    queue.iter().map(|arrived| arrived.row.id).collect()
}

/// Those of these actors whom we know and whose servers we speak with still.
async fn speaking(data: &FedData, actors: Vec<String>) -> Result<HashMap<String, Account>> {
    let mut known = HashMap::new();
    for account in remote::accounts_by_uri(&data.ctx, actors).await? {
        let speaks = match account.host.as_deref() {
            Some(host) => hosts::may_speak(&data.ctx, host).await?,
            None => false,
        };
        if speaks {
            known.insert(account.uri.clone(), account);
        }
    }
    Ok(known)
}

/// An actor, their new posts, and the activities that these came in.
type Posts = (String, Vec<RemotePost>, Vec<Arrived>);

/// Takes the plain new posts off the head of every queue. What speaks of `groups` of ours is none.
fn first_posts(
    data: &FedData,
    queues: &mut HashMap<String, Queue>,
    known: &HashMap<String, Account>,
    groups: &HashSet<String>,
) -> Vec<Posts> {
    let mut all = Vec::new();
    for (actor, queue) in queues.iter_mut() {
        let Some(author) = known.get(actor) else { continue };
        let (mut posts, mut rows) = (Vec::new(), Vec::new());
        while let Some(post) = queue.front().and_then(|head| post::plain(&head.body, author, data, groups)) {
            posts.extend(Some(post));
            rows.extend(queue.pop_front());
        }
        if !posts.is_empty() {
            all.push((actor.clone(), posts, rows));
        }
    }
    all
}

/// Stores plain new posts: all in one transaction; where that fails, one by one, so that a bad one does not hold up the
/// rest. An answer to a post that we lack is put back to the head of its actor's queue: the thread is completed first.
async fn store(federation: Federation, worker: i64, all: Vec<Posts>, next: HashMap<String, Queue>) -> Landed {
    let data = federation.to_request_data();
    let rows = all.iter().map(|p| p.2.len()).sum();
    let mut next = next;
    if let Err(error) = store_all(&data, worker, all, &mut next).await {
        // The leases end by themselves; nothing was done in part.
        tracing::error!(%error, "new posts could not be stored");
        next.clear();
    }
    Landed { host: String::new(), rows, stored: true, next: next.into_iter().collect() }
}

async fn store_all(data: &FedData, worker: i64, all: Vec<Posts>, next: &mut HashMap<String, Queue>) -> Result<()> {
    let unknown = post::unknown_parents(data, all.iter().flat_map(|p| &p.1)).await?;
    let (mut posts, mut rows) = (Vec::new(), Vec::new());
    for (actor, of_actor, arrived) in all {
        let mut late = VecDeque::new();
        for (post, arrived) in of_actor.into_iter().zip(arrived) {
            if post.reply_to.as_ref().is_some_and(|parent| unknown.contains(parent)) {
                late.push_back(arrived);
            } else {
                posts.push(post);
                rows.push(arrived);
            }
        }
        let queue = next.entry(actor).or_default();
        for arrived in late.into_iter().rev() {
            queue.push_front(arrived);
        }
    }
    if posts.is_empty() {
        return Ok(());
    }
    let ids = rows.iter().map(|r| r.row.id).collect();
    let Err(error) = remote::ingest(&data.ctx, worker, ids, &posts).await else { return Ok(()) };
    tracing::warn!(%error, posts = posts.len(), "posts are taken one by one");
    for (arrived, post) in rows.iter().zip(posts) {
        if let Err(error) = remote::ingest(&data.ctx, worker, vec![arrived.row.id], std::slice::from_ref(&post)).await {
            received::failed(&data.ctx, worker, &arrived.row, &error).await?;
        }
    }
    Ok(())
}

/// Carries out what one actor sent, one after the other, as long as the claim holds.
async fn fly(federation: Federation, worker: i64, host: String, claimed: Instant, mut queue: Queue) -> Landed {
    let rows = queue.len();
    let data = federation.to_request_data();
    let holds = received::claim_lasts(&data.ctx);
    while let Some(arrived) = queue.pop_front() {
        let settled = claimed.elapsed() < holds && one(&federation, worker, &arrived).await;
        if !settled {
            // Nothing overtakes an activity that waits for a retry.
            if claimed.elapsed() >= holds {
                queue.push_front(arrived);
            }
            if let Err(error) = received::release(&data.ctx, worker, ids(&queue)).await {
                tracing::warn!(%error, "claimed activities come back when their lease ends");
            }
            break;
        }
    }
    Landed { host, rows, stored: false, next: Vec::new() }
}

/// Carries out one activity; true where it is settled, one way or the other. It may neither take for ever nor bring
/// down what carries it.
async fn one(federation: &Federation, worker: i64, arrived: &Arrived) -> bool {
    // Fresh data for each: fetches are counted per activity.
    let data = federation.to_request_data();
    let receipt = Receipt { id: arrived.row.id, worker };
    let deed = activity::carry_out(&data, &receipt, &arrived.row.actor, &arrived.body);
    let deadline = Duration::from_secs(data.ctx.config.worker.activity_seconds);
    let done = match tokio::time::timeout(deadline, AssertUnwindSafe(deed).catch_unwind()).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(Error::refused("", "it brought down who carried it out: please report this")),
        Err(_) => Err(Error::remote("", "it took too long")),
    };
    let Err(error) = done else { return true };
    match received::failed(&data.ctx, worker, &arrived.row, &error).await {
        Ok(settled) => settled,
        Err(error) => {
            tracing::error!(received = %arrived.row.id, %error, "a failed activity could not be put aside");
            false
        }
    }
}
