//! Time's face: the loops that carry out what waits in the queues, woken by commits anywhere and by the clock.
//! Nothing here decides anything; several processes may run it on one database.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinSet,
};

use crate::{
    error::{Error, Result},
    federation::{
        Federation, forget,
        inbound::{Carrier, look_after},
        outbound,
        outbound::Deliverer,
    },
    service::{Ctx, Queue, mails, pushes, schedule, sweep},
};

/// One process's worker.
pub struct Worker {
    ctx: Ctx,
    federation: Federation,
    id: i64,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What wakes each loop.
#[derive(Debug, Default)]
struct Bells {
    received: Arc<Notify>,
    threads: Arc<Notify>,
    outbox: Arc<Notify>,
    deliveries: Arc<Notify>,
    mails: Arc<Notify>,
    pushes: Arc<Notify>,
}

impl Worker {
    /// With an id that no other worker has.
    pub fn new(ctx: Ctx, federation: Federation) -> Self {
        Self { ctx, federation, id: rand::random() }
    }

    /// Carries out everything that is due now; returns how much that was. For stories that must not wait.
    pub async fn run_pending(&self) -> Result<usize> {
        let inbound = Carrier::new(self.federation.clone(), self.id).drain().await?;
        let threads = look_after(&self.federation).await?;
        let rendered = outbound::run_once(&self.federation).await?;
        let delivered = Deliverer::new(self.federation.clone(), self.id).drain().await?;
        let mailed = mails::send_due(&self.ctx).await?;
        let due = schedule::run_all(&self.ctx).await? + pushes::send_due(&self.ctx).await?;
        Ok(inbound + threads + rendered + delivered + mailed + due)
    }

    /// Runs all loops until `stop` turns true; what is under way then is finished first.
    pub async fn run(self, heard: mpsc::Receiver<Queue>, stop: watch::Receiver<bool>) {
        let bells = Bells::default();
        let poll = Duration::from_millis(self.ctx.config.worker.poll_milliseconds.max(50));
        let worker = Arc::new(self);
        let mut loops = JoinSet::new();
        let stopped = |stop: &watch::Receiver<bool>| {
            let mut stop = stop.clone();
            // An error means that the sender is gone, which is a stop as well.
            async move { stop.wait_for(|s| *s).await.map_or((), drop) }
        };
        {
            let carrier = Carrier::new(worker.federation.clone(), worker.id);
            let (bell, stop) = (Arc::clone(&bells.received), stopped(&stop));
            loops.spawn(async move { carrier.run(bell, poll, stop).await });
        }
        {
            let worker = Arc::clone(&worker);
            loops.spawn(repeat(Arc::clone(&bells.threads), poll, stopped(&stop), move || {
                let worker = Arc::clone(&worker);
                async move { look_after(&worker.federation).await }
            }));
        }
        {
            let worker = Arc::clone(&worker);
            loops.spawn(repeat(Arc::clone(&bells.outbox), poll, stopped(&stop), move || {
                let worker = Arc::clone(&worker);
                async move { outbound::run_once(&worker.federation).await }
            }));
        }
        {
            let worker = Arc::clone(&worker);
            loops.spawn(repeat(Arc::clone(&bells.mails), poll, stopped(&stop), move || {
                let worker = Arc::clone(&worker);
                async move { mails::send_due(&worker.ctx).await }
            }));
        }
        {
            let deliverer = Deliverer::new(worker.federation.clone(), worker.id);
            let (bell, stop) = (Arc::clone(&bells.deliveries), stopped(&stop));
            loops.spawn(async move { deliverer.run(bell, poll, stop).await });
        }
        {
            let worker = Arc::clone(&worker);
            loops.spawn(repeat(Arc::clone(&bells.pushes), poll, stopped(&stop), move || {
                let worker = Arc::clone(&worker);
                async move { pushes::send_due(&worker.ctx).await }
            }));
        }
        for job in schedule::Job::ALL {
            let worker = Arc::clone(&worker);
            loops.spawn(repeat(Arc::default(), poll, stopped(&stop), move || {
                let worker = Arc::clone(&worker);
                async move { schedule::run(&worker.ctx, job).await }
            }));
        }
        loops.spawn(sweeping(worker.ctx.clone(), stopped(&stop)));
        loops.spawn(ring(worker.federation.clone(), bells, heard, stopped(&stop)));
        while let Some(ended) = loops.join_next().await {
            // A loop that ends by a fault would leave its queue to nobody: the whole process ends and is started anew.
            if let Err(error) = ended
                && let Ok(fault) = error.try_into_panic()
            {
                std::panic::resume_unwind(fault);
            }
        }
    }
}

/// Does a piece of work whenever there is some: again at once after a full hand, else when woken or after a while.
async fn repeat<F, W>(bell: Arc<Notify>, poll: Duration, stop: impl Future<Output = ()>, work: W)
where
    W: Fn() -> F,
    F: Future<Output = Result<usize>>,
{
    let mut stop = std::pin::pin!(stop);
    loop {
        let pause = match work().await {
            Ok(0) => poll,
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::error!(%error, "a worker loop failed and goes on");
                poll
            }
        };
        tokio::select! {
            biased;
            () = &mut stop => return,
            () = tokio::time::sleep(pause) => {}
            () = bell.notified() => {}
        }
    }
}

/// Passes on what the database tells of.
async fn ring(federation: Federation, bells: Bells, mut heard: mpsc::Receiver<Queue>, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    loop {
        let queue = tokio::select! {
            () = &mut stop => return,
            queue = heard.recv() => queue,
        };
        match queue {
            Some(Queue::Received) => bells.received.notify_one(),
            Some(Queue::Threads) => bells.threads.notify_one(),
            Some(Queue::Outbox) => bells.outbox.notify_one(),
            Some(Queue::Deliveries) => bells.deliveries.notify_one(),
            Some(Queue::Mails) => bells.mails.notify_one(),
            Some(Queue::Pushes) => bells.pushes.notify_one(),
            Some(Queue::Policy) => forget(&federation),
            None => return,
        }
    }
}

async fn sweeping(ctx: Ctx, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    let every = Duration::from_secs(ctx.config.worker.sweep_seconds.max(10));
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(every) => {}
        }
        match sweep::run(&ctx).await {
            Ok(()) => {}
            Err(Error::Unavailable) => tracing::warn!("swept nothing: the database is away"),
            Err(error) => tracing::error!(%error, "sweeping failed"),
        }
    }
}
