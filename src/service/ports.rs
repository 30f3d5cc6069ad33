//! What the rules need from outside, as traits that the faces fulfil.

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use url::Url;

use super::groups::{LogLine, WaitingPost};
use crate::{
    error::Result,
    model::{Account, AccountId, Group, Mail, PostId},
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

    /// Finds somebody by ActivityPub id, and nothing else.
    async fn person(&self, url: &Url) -> Result<AccountId>;

    /// Finds somebody or something by address.
    async fn address(&self, url: &Url) -> Result<Found>;

    /// Finds a group by the address of an invitation to it on its own server.
    async fn invited(&self, url: &Url) -> Result<AccountId>;

    /// The page on somebody's own server where they can follow or answer what `uri` names.
    async fn interaction_page(&self, username: &str, host: &str, uri: &str) -> Result<Url>;

    /// Asks the server of a group whether somebody, or the server whose own actor this is, has to do with it.
    async fn is_member(&self, group: &Account, asked: &str) -> Result<bool>;

    /// Asks another server, in the name of one of ours, whether it still has a copy of a post that is taken back, or shows it at
    /// an address of its own; none where it does not say.
    async fn holds(&self, host: &str, who: AccountId, uri: &str) -> Result<Option<bool>>;

    /// Asks the server of a group who asks to join it: their ActivityPub ids, why, and since when. None of one that does not
    /// say so.
    async fn requests(&self, group: &Account) -> Result<Vec<(String, String, DateTime<Utc>)>>;

    /// Asks the server of a group, in the name of one of ours who leads it, what waits there, and whether there is more than it tells;
    /// none where it does not say so.
    async fn waiting(&self, group: &Account, who: AccountId) -> Result<Option<(Vec<WaitingPost>, bool)>>;

    /// Asks the server of a group, in the name of a member of ours, for a page of its log, and below which line the next one begins;
    /// none where it does not tell it.
    async fn log(
        &self,
        group: &Account,
        who: AccountId,
        before: Option<i64>,
    ) -> Result<Option<(Vec<LogLine>, Option<i64>)>>;

    /// Asks the server of a group for what the group has shown before and what stands on top of it, within bounds; all that it says
    /// is in it is taken in from where it lives.
    async fn history(&self, place: &(Account, Group)) -> Result<()>;

    /// Asks whom of ours another server takes for followers of somebody (FEP-8fcf), at most so many.
    async fn followers_here(&self, url: &Url, most: usize) -> Result<Vec<String>>;

    /// Asks what another server says that it runs, such as `lemmy`.
    async fn software(&self, host: &str) -> Result<String>;

    /// Asks anew for a post of another server that we have.
    async fn refresh(&self, url: &Url) -> Result<()>;

    /// Hands a message to a push service (RFC 8030); the status that it answers.
    async fn push(&self, url: &Url, headers: Vec<(&'static str, String)>, body: Bytes) -> Result<u16>;

    /// A document that is proven by what stands in it: an institution's keys, a status list. At most so many bytes, from
    /// this very address, and not read yet.
    async fn document(&self, url: &Url, most_bytes: usize) -> Result<Bytes>;

    /// Asks a service that is no server of this network, such as one that knows papers, for a document of some media type, of
    /// at most so many bytes. [`crate::error::Error::NotFound`] where it knows nothing of that.
    async fn look_up(&self, url: &Url, accept: &str, most_bytes: usize) -> Result<Bytes>;

    /// A file of at most so many bytes. What it is has to be found out from its content. Where it is in a `group` of yet another
    /// server, it is shown that we have members there.
    async fn file(&self, url: &Url, most_bytes: usize, group: Option<&(Account, Group)>) -> Result<Bytes>;
}

/// Keeping files.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Keeps a file under a name, whole or not at all.
    async fn put(&self, name: &str, bytes: Bytes) -> Result<()>;

    /// A file; [`crate::error::Error::NotFound`] where there is none.
    async fn get(&self, name: &str) -> Result<Bytes>;

    /// Removes a file; it is no error where there is none.
    async fn delete(&self, name: &str) -> Result<()>;
}

/// Sending mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends one; an error means that it is tried again.
    async fn send(&self, mail: &Mail) -> Result<()>;
}
