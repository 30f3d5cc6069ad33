//! Every SQL statement of the house, as functions on a connection.
//! Nothing here decides who may do what, opens a socket of its own, or calls a rule.

pub mod accounts;
pub mod announcements;
pub mod apps;
pub mod attestations;
pub mod audit;
pub mod audit_heads;
pub mod badges;
pub mod cases;
pub mod conversations;
pub mod covers;
pub mod credentials;
pub mod dead_letters;
pub mod deliveries;
pub mod demands;
pub mod directory;
pub mod drift;
pub mod embedded;
pub mod filters;
pub mod follows;
pub mod groups;
pub mod hosts;
pub mod incoming;
pub mod instance;
pub mod invitations;
pub mod issuers;
pub mod issuing;
pub mod likeness;
pub mod lists;
pub mod mails;
pub mod media;
pub mod notifications;
pub mod outbox;
pub mod page;
pub mod passkeys;
pub mod peers;
pub mod polls;
pub mod portability;
pub mod posts;
pub mod practitioners;
pub mod pushes;
pub mod reactions;
pub mod received;
pub mod registers;
pub mod registers_copy;
pub mod reports;
pub mod scheduled;
pub mod sealed;
pub mod second_factor;
pub mod secrets;
pub mod sessions;
pub mod shuns;
pub mod sources;
pub mod specialties;
mod sql;
pub mod streams;
pub mod tags;
pub mod taste;
pub mod threads;
pub mod throttles;
pub mod timelines;
pub mod tokens;
pub mod users;
pub mod visible;
pub mod wake;

use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection,
    TransactionManager,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool as Deadpool},
    },
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use futures_util::FutureExt;
use scopeguard::ScopeGuard;

use crate::{
    config::Secret,
    error::{Error, Result},
};

/// One connection to PostgreSQL.
pub type Conn = AsyncPgConnection;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The connections of this process: some for rules that write, some for reads that pages are made of.
#[derive(Clone)]
pub struct Pool {
    writers: Deadpool<Conn>,
    readers: Deadpool<Conn>,
    url: Secret,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool")
    }
}

impl Pool {
    /// Two pools of at most `size` connections each, opened when first needed.
    pub fn new(url: &Secret, size: usize) -> Result<Self> {
        // A page is a few rows found by their keys. It is prepared once and run with many values, as to plan it anew costs
        // more than to run it; and it walks from key to key and never through a whole table, as a plan for any values
        // might. What writes many rows at once is planned for how many they are.
        let reading = "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = off; \
            SET enable_seqscan = off; SET jit = off";
        Ok(Self {
            writers: pool(url, size, "SET plan_cache_mode = auto")?,
            readers: pool(url, size, reading)?,
            url: url.clone(),
        })
    }

    /// A connection for a rule that writes; [`Error::Unavailable`] where the database does not answer.
    pub async fn get(&self) -> Result<Object<Conn>> {
        take(&self.writers).await
    }

    /// A connection for reading a page.
    pub async fn read(&self) -> Result<Object<Conn>> {
        take(&self.readers).await
    }

    /// Where the database is, for what needs a connection of its own.
    fn url(&self) -> &Secret {
        &self.url
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Tx> {
        let mut conn = self.get().await?;
        AnsiTransactionManager::begin_transaction(&mut *conn).await.map_err(fault)?;
        Ok(Tx::new(conn))
    }

    /// Begins a transaction that only reads, and none of whose statements may take longer.
    pub async fn begin_reading(&self, longest: Duration) -> Result<Tx> {
        let mut conn = self.read().await?;
        AnsiTransactionManager::begin_transaction(&mut *conn).await.map_err(fault)?;
        let mut tx = Tx::new(conn);
        let bounds = format!("SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {}", longest.as_millis());
        tx.batch_execute(&bounds).await.map_err(fault)?;
        Ok(tx)
    }
}

fn pool(url: &Secret, size: usize, settings: &'static str) -> Result<Deadpool<Conn>> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |url| {
        async move {
            let mut conn = Conn::establish(url).await?;
            conn.batch_execute(settings).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(url.expose(), config);
    Deadpool::builder(manager).max_size(size).build().map_err(|e| Error::Internal(e.into()))
}

async fn take(pool: &Deadpool<Conn>) -> Result<Object<Conn>> {
    match tokio::time::timeout(Duration::from_secs(10), pool.get()).await {
        Ok(Ok(conn)) => Ok(conn),
        Ok(Err(error)) => {
            tracing::error!(%error, "no database connection");
            Err(Error::Unavailable)
        }
        Err(_) => {
            tracing::error!("all database connections are busy");
            Err(Error::Unavailable)
        }
    }
}

/// A transaction: dropped without [`Tx::commit`], nothing of it happened, and nothing stays locked.
pub struct Tx {
    conn: ScopeGuard<Object<Conn>, fn(Object<Conn>)>,
}

/// Ends a transaction that was dropped. In the pool it would hold its locks until somebody took that very connection; one that
/// cannot be rolled back is closed, which ends it too.
fn abandon(mut conn: Object<Conn>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return drop(Object::take(conn)) };
    runtime.spawn(async move {
        if AnsiTransactionManager::rollback_transaction(&mut *conn).await.is_err() {
            drop(Object::take(conn));
        }
    });
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tx")
    }
}

impl Tx {
    fn new(conn: Object<Conn>) -> Self {
        let abandon: fn(Object<Conn>) = abandon;
        Self { conn: scopeguard::guard(conn, abandon) }
    }

    /// Makes it happen.
    pub async fn commit(mut self) -> Result<()> {
        AnsiTransactionManager::commit_transaction(&mut **self.conn).await.map_err(fault)?;
        drop(ScopeGuard::into_inner(self.conn));
        Ok(())
    }

    /// Lets nothing of it happen, at once.
    pub async fn roll_back(mut self) -> Result<()> {
        AnsiTransactionManager::rollback_transaction(&mut **self.conn).await.map_err(fault)?;
        drop(ScopeGuard::into_inner(self.conn));
        Ok(())
    }
}

impl std::ops::Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// Brings the database to the newest schema; returns the names of the migrations that ran.
pub async fn migrate(url: &Secret) -> Result<Vec<String>> {
    let mut conn = Conn::establish(url.expose()).await.map_err(|e| Error::Internal(e.into()))?;
    // Processes that start together migrate one after the other; the lock ends with the connection.
    conn.batch_execute("SELECT pg_advisory_lock(20261125)").await.map_err(fault)?;
    tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(conn);
        let ran = harness.run_pending_migrations(MIGRATIONS).map_err(Error::Internal)?;
        Ok(ran.iter().map(ToString::to_string).collect())
    })
    .await
    .map_err(|e| Error::Internal(e.into()))?
}

/// Names of the migrations that have not run yet.
pub async fn pending_migrations(url: &Secret) -> Result<Vec<String>> {
    let conn = Conn::establish(url.expose()).await.map_err(|e| Error::Internal(e.into()))?;
    tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(conn);
        let pending = harness.pending_migrations(MIGRATIONS).map_err(Error::Internal)?;
        Ok(pending.iter().map(|m| m.name().to_string()).collect())
    })
    .await
    .map_err(|e| Error::Internal(e.into()))?
}

/// What is said where a text holds the one character that PostgreSQL cannot keep, whichever way it came.
const NUL: &str = "A text cannot contain the character NUL. Take it out, and try again.";

/// Whether PostgreSQL says that (`22021` of a text, `22P05` of a text in JSON).
fn is_of_nul(message: &str) -> bool {
    message.starts_with("invalid byte sequence for encoding")
        || message.starts_with("unsupported Unicode escape sequence")
}

/// A database error in our own words: constraint names become conflicts that say what to do.
pub(crate) fn fault(error: DieselError) -> Error {
    match error {
        DieselError::NotFound => Error::NotFound,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
            let words = match info.constraint_name() {
                Some("accounts_handle_key" | "accounts_uri_key") => "This user name is taken. Please choose another.",
                Some("users_email_key") => "This e-mail address is in use.",
                _ => "Somebody was faster. Please look again.",
            };
            Error::Conflict(words.into())
        }
        DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => Error::Unavailable,
        DieselError::DatabaseError(_, info) if is_of_nul(info.message()) => Error::invalid("text", NUL),
        other => Error::Internal(other.into()),
    }
}
