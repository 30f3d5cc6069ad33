//! Every SQL statement of the house, as functions on a connection.
//! Nothing here decides who may do what, opens a socket of its own, or calls a rule.

pub mod accounts;
pub mod dead_letters;
pub mod deliveries;
pub mod embedded;
pub mod follows;
pub mod hosts;
pub mod incoming;
pub mod instance;
pub mod invitations;
pub mod mails;
pub mod notifications;
pub mod outbox;
pub mod page;
pub mod posts;
pub mod reactions;
pub mod received;
pub mod sessions;
mod sql;
pub mod tags;
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
    AnsiTransactionManager, AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, TransactionManager,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool as Deadpool},
    },
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{
    config::Secret,
    error::{Error, Result},
};

/// One connection to PostgreSQL.
pub type Conn = AsyncPgConnection;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The connections of this process.
#[derive(Clone)]
pub struct Pool(Deadpool<Conn>);

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool")
    }
}

impl Pool {
    /// A pool of at most `size` connections, opened when first needed.
    pub fn new(url: &Secret, size: usize) -> Result<Self> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config(url.expose(), config);
        let pool = Deadpool::builder(manager).max_size(size).build().map_err(|e| Error::Internal(e.into()))?;
        Ok(Self(pool))
    }

    /// A connection; [`Error::Unavailable`] where the database does not answer.
    pub async fn get(&self) -> Result<Object<Conn>> {
        let got = tokio::time::timeout(Duration::from_secs(10), self.0.get()).await;
        match got {
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

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Tx> {
        let mut conn = self.get().await?;
        AnsiTransactionManager::begin_transaction(&mut *conn).await.map_err(fault)?;
        Ok(Tx { conn })
    }
}

/// A transaction: dropped without [`Tx::commit`], nothing of it happened.
pub struct Tx {
    conn: Object<Conn>,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tx")
    }
}

impl Tx {
    /// Makes it happen.
    pub async fn commit(mut self) -> Result<()> {
        AnsiTransactionManager::commit_transaction(&mut *self.conn).await.map_err(fault)
    }

    /// Lets nothing of it happen, and keeps the connection for others.
    pub async fn roll_back(mut self) -> Result<()> {
        AnsiTransactionManager::rollback_transaction(&mut *self.conn).await.map_err(fault)
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
    let conn = Conn::establish(url.expose()).await.map_err(|e| Error::Internal(e.into()))?;
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

/// A database error in our own words: constraint names become conflicts that say what to do.
pub(crate) fn fault(error: DieselError) -> Error {
    match error {
        DieselError::NotFound => Error::NotFound,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
            let words = match info.constraint_name() {
                Some("accounts_handle_key") => "This user name is taken. Please choose another.",
                Some("users_email_key") => "This e-mail address is in use.",
                _ => "Somebody was faster. Please look again.",
            };
            Error::Conflict(words.into())
        }
        DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => Error::Unavailable,
        other => Error::Internal(other.into()),
    }
}
