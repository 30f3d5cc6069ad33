//! The rules: every use case of the house, each with its transaction, called by all faces alike.
//! Nothing here knows of HTTP, HTML or ActivityPub; it speaks outward through `outbox` and `ports` only.

pub mod accounts;
pub mod announcements;
pub mod attestations;
pub mod audit;
pub mod audit_heads;
pub mod cases;
pub mod clock;
pub mod conversations;
pub mod credentials;
pub mod dead_letters;
pub mod deliveries;
mod demands;
pub mod directory;
pub mod discovery;
pub mod doctor;
pub mod drift;
pub mod filters;
pub mod follows;
pub mod groups;
pub mod hosts;
pub mod instance;
pub mod invitations;
pub mod issuers;
pub mod keys;
mod likeness;
pub mod lists;
pub mod mails;
mod marks;
pub mod media;
pub mod notifications;
pub mod oauth;
pub mod organization;
pub mod outbox;
pub mod passkeys;
pub mod phones;
pub mod pins;
pub mod polls;
pub mod portability;
pub mod ports;
pub mod posts;
pub mod practitioners;
pub mod profiles;
pub mod pushes;
pub mod reactions;
pub mod received;
pub mod recovery;
pub mod registers;
pub mod registration;
pub mod remote;
pub mod reports;
pub mod schedule;
pub mod scheduled;
pub mod search;
pub mod second_factor;
pub mod secrets;
pub mod secrets_rotate;
pub mod sessions;
mod sheet;
pub mod shuns;
pub mod sources;
pub mod specialties;
pub mod streams;
pub mod sweep;
pub mod tags;
pub mod threads;
pub mod throttles;
pub mod timelines;
pub mod tokens;
pub mod urls;

use std::sync::{Arc, OnceLock};

pub use crate::store::{
    page::{Page, Paged},
    wake::Queue,
};
use crate::{
    config::Config,
    error::{Error, Result},
    store::{Pool, Tx},
};
use clock::Clock;
use keys::Keyring;
use ports::{Blobs, Mailer, Remote};

/// What every rule needs: the database, the configuration, the time, and the ways outward.
#[derive(Clone)]
pub struct Ctx(Arc<Inner>);

/// The insides of [`Ctx`].
pub struct Inner {
    /// Connections.
    pub pool: Pool,
    /// The configuration.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// Keys, sealed and parsed.
    pub keyring: Keyring,
    /// What we decided of other servers, remembered for a moment.
    pub(crate) policies: hosts::PolicyCache,
    /// What is in everybody's mouth, remembered for a moment.
    pub(crate) trends: discovery::Trends,
    /// What specialties are called, remembered for a moment.
    pub(crate) specialties: specialties::Labels,
    /// Which servers may have what is in a group of another one, remembered for a moment.
    pub(crate) guests: moka::sync::Cache<(crate::model::AccountId, crate::model::HostId), bool>,
    /// Who asks to join a group elsewhere and was asked for just now, by ActivityPub id: not again for a while.
    pub(crate) strangers: moka::sync::Cache<String, ()>,
    heavy: Arc<tokio::sync::Semaphore>,
    /// Pictures of other servers that are being fetched.
    pub(crate) fetching: moka::sync::Cache<crate::model::MediaId, Arc<tokio::sync::Mutex<()>>>,
    mailer: Arc<dyn Mailer>,
    blobs: Arc<dyn Blobs>,
    remote: OnceLock<Arc<dyn Remote>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inner")
    }
}

impl std::fmt::Debug for Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ctx")
    }
}

impl std::ops::Deref for Ctx {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Ctx {
    /// Puts the parts together; [`Ctx::connect`] adds the way to other servers.
    pub fn new(config: Config, pool: Pool, keyring: Keyring, mailer: Arc<dyn Mailer>, blobs: Arc<dyn Blobs>) -> Self {
        Self(Arc::new(Inner {
            pool,
            config,
            clock: Clock::default(),
            keyring,
            policies: hosts::PolicyCache::default(),
            heavy: Arc::new(tokio::sync::Semaphore::new(
                std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            )),
            trends: discovery::Trends::default(),
            specialties: specialties::Labels::default(),
            guests: moka::sync::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(std::time::Duration::from_secs(60))
                .build(),
            strangers: moka::sync::Cache::builder()
                .max_capacity(10_000)
                .time_to_live(std::time::Duration::from_secs(900))
                .build(),
            fetching: moka::sync::Cache::builder()
                .max_capacity(10_000)
                .time_to_idle(std::time::Duration::from_secs(60))
                .build(),
            mailer,
            blobs,
            remote: OnceLock::new(),
        }))
    }

    /// Gives the way to other servers, once.
    pub fn connect(&self, remote: Arc<dyn Remote>) {
        if self.remote.set(remote).is_err() {
            tracing::debug!("the way to other servers had been given before");
        }
    }

    /// The way to other servers; [`Error::Unavailable`] in commands that do not federate.
    pub fn remote(&self) -> Result<&Arc<dyn Remote>> {
        self.remote.get().ok_or(Error::Unavailable)
    }

    /// The way mail leaves.
    pub fn mailer(&self) -> &Arc<dyn Mailer> {
        &self.mailer
    }

    /// Where files are kept.
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.blobs
    }

    /// Work that keeps a core busy (hashing, making keys, pictures): off the async threads, and no more of it at once
    /// than there are cores.
    pub async fn heavy<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let turn = Arc::clone(&self.heavy).acquire_owned();
        let waiting = tokio::time::timeout(std::time::Duration::from_secs(15), turn).await;
        let turn = waiting.map_err(|_| Error::Unavailable)?.map_err(|_| Error::Unavailable)?;
        let working = tokio::task::spawn_blocking(move || {
            // The turn lasts as long as the work, also where nobody waits for it any more.
            let _turn = turn;
            work()
        });
        working.await.map_err(|e| Error::Internal(e.into()))?
    }

    /// Begins a transaction: every rule that writes does so in one.
    pub async fn tx(&self) -> Result<Tx> {
        self.pool.begin().await
    }

    /// The time.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }
}
