//! What the rules need from outside, as traits that the faces fulfil.

use async_trait::async_trait;
use url::Url;

use crate::{
    error::Result,
    model::{AccountId, Mail, PostId},
};

/// What an address on another server turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Somebody.
    Account(AccountId),
    /// A post.
    Post(PostId),
}

/// Asking other servers. Never called inside a transaction.
#[async_trait]
pub trait Remote: Send + Sync {
    /// Finds somebody by handle.
    async fn account(&self, username: &str, host: &str) -> Result<AccountId>;

    /// Finds somebody or something by address.
    async fn address(&self, url: &Url) -> Result<Found>;

    /// The page on somebody's own server where they can follow or answer what `uri` names.
    async fn interaction_page(&self, username: &str, host: &str, uri: &str) -> Result<Url>;
}

/// Sending mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends one; an error means that it is tried again.
    async fn send(&self, mail: &Mail) -> Result<()>;
}
