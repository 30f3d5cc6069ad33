use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{AccountId, Badge, HostId, text_enum::text_enum};
use crate::schema::{account_keys, accounts};

text_enum! {
    /// What an account is.
    AccountKind {
        /// A person.
        Person = "person",
        /// A bot.
        Service = "service",
        /// A server itself.
        Application = "application",
        /// A group.
        Group = "group",
        /// An institution.
        Organization = "organization",
    }
}

text_enum! {
    /// Whether an account takes part.
    AccountState {
        /// Asked for, not yet admitted.
        Waiting = "waiting",
        /// Takes part.
        Active = "active",
        /// Stopped by a moderator.
        Suspended = "suspended",
        /// Deleted by its owner or its server.
        Gone = "gone",
    }
}

text_enum! {
    /// What a key is for.
    KeyKind {
        /// RSA-2048: HTTP signatures.
        Rsa = "rsa",
        /// Ed25519: document proofs.
        Ed25519 = "ed25519",
    }
}

/// A person, server or group, of ours (`host` is none) or of another server.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Account {
    /// Our id.
    pub id: AccountId,
    /// The server; none for our own.
    pub host_id: Option<HostId>,
    /// Its name; none for our own.
    pub host: Option<String>,
    /// Name in the handle.
    pub username: String,
    /// What it is.
    pub kind: AccountKind,
    /// Whether it takes part.
    pub state: AccountState,
    /// ActivityPub id.
    pub uri: String,
    /// The page for people.
    pub url: String,
    /// Display name.
    pub name: String,
    /// As given by the person.
    pub pronouns: String,
    /// Claimed discipline, such as "Cardiologist".
    pub discipline: String,
    /// Claimed specialty.
    pub specialty: String,
    /// Claimed employer.
    pub employer: String,
    /// Biography in Markdown (ours only).
    pub bio_source: String,
    /// Biography as safe HTML.
    pub bio_html: String,
    /// Up to 8 label-value pairs.
    pub fields: serde_json::Value,
    /// Links of the person, a list of URLs.
    pub links: serde_json::Value,
    /// BCP 47 codes.
    pub languages: Vec<String>,
    /// Followers must be approved.
    pub locked: bool,
    /// May be listed and found.
    pub discoverable: bool,
    /// Inbox URL.
    pub inbox: String,
    /// Inbox of the whole server.
    pub shared_inbox: Option<String>,
    /// Outbox URL.
    pub outbox: Option<String>,
    /// Followers collection URL.
    pub followers_uri: Option<String>,
    /// How many follow it.
    pub followers_count: i64,
    /// How many it follows.
    pub following_count: i64,
    /// How many posts it has.
    pub posts_count: i64,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Last change of the profile.
    pub updated_at: DateTime<Utc>,
    /// Last fetch (other servers' accounts).
    pub refreshed_at: DateTime<Utc>,
    /// Name of their picture; empty for none.
    pub avatar: String,
    /// Name of the band on top of their page; empty for none.
    pub banner: String,
    /// Town or region, as given.
    pub place: String,
    /// What was last known to be verified: read it by [`Account::badge`].
    pub badge: Option<Badge>,
    /// Conflicts of interest, as declared by the person.
    pub interests: String,
}

impl Account {
    /// Whether it is one of ours.
    pub fn is_local(&self) -> bool {
        self.host_id.is_none()
    }

    /// `ada`, or `ada@other.example` for people of other servers: their handle always carries the host.
    pub fn handle(&self) -> String {
        handle(&self.username, self.host.as_deref())
    }

    /// What is verified of them now.
    pub fn badge(&self, now: DateTime<Utc>) -> Option<&Badge> {
        self.badge.as_ref().filter(|badge| badge.holds(now))
    }

    /// What they claim of themselves, under its labels.
    pub fn claims(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("Discipline", self.discipline.as_str()),
            ("Specialty", &self.specialty),
            ("Employer", &self.employer),
            ("Place", &self.place),
            ("Pronouns", &self.pronouns),
            ("Conflicts of interest", &self.interests),
        ];
        all.into_iter().filter(|(_, said)| !said.is_empty()).collect()
    }

    /// The label-value pairs.
    pub fn fields(&self) -> Vec<Field> {
        serde_json::from_value(self.fields.clone()).unwrap_or_else(|_| Vec::new())
    }

    /// The links.
    pub fn links(&self) -> Vec<String> {
        serde_json::from_value(self.links.clone()).unwrap_or_else(|_| Vec::new())
    }
}

fn handle(username: &str, host: Option<&str>) -> String {
    match host {
        Some(host) => format!("{username}@{host}"),
        None => username.to_owned(),
    }
}

/// One line of a profile: a label and a value (safe HTML).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Label, plain text.
    pub name: String,
    /// Value: plain text as written by the owner.
    #[serde(default)]
    pub source: String,
    /// Value as safe HTML.
    pub value: String,
}

/// As much of an account as a post or a list shows.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Author {
    /// Our id.
    pub id: AccountId,
    /// Server; none for our own.
    pub host: Option<String>,
    /// Name in the handle.
    pub username: String,
    /// ActivityPub id.
    pub uri: String,
    /// The page for people.
    pub url: String,
    /// Display name.
    pub name: String,
    /// Claimed discipline.
    pub discipline: String,
    /// Claimed employer.
    pub employer: String,
    /// Followers must be approved.
    pub locked: bool,
    /// Name of their picture; empty for none.
    pub avatar: String,
    /// What was last known to be verified: read it by [`Author::badge`].
    pub badge: Option<Badge>,
}

impl Author {
    /// What is verified of them now.
    pub fn badge(&self, now: DateTime<Utc>) -> Option<&Badge> {
        self.badge.as_ref().filter(|badge| badge.holds(now))
    }

    /// `ada` or `ada@other.example`.
    pub fn handle(&self) -> String {
        handle(&self.username, self.host.as_deref())
    }
}

/// As much of an account as a line beside somebody else's post shows.
#[derive(Debug, Clone, Queryable)]
pub struct Named {
    /// Our id.
    pub id: AccountId,
    /// Display name.
    pub name: String,
    /// `ada` or `ada@other.example`.
    pub handle: String,
    /// What was last known to be verified: read it by [`Named::badge`].
    pub badge: Option<Badge>,
}

impl Named {
    /// What is verified of them now.
    pub fn badge(&self, now: DateTime<Utc>) -> Option<&Badge> {
        self.badge.as_ref().filter(|badge| badge.holds(now))
    }
}

/// A public key, with its sealed private half where the account is ours.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = account_keys)]
pub struct AccountKey {
    /// The `keyId`.
    pub uri: String,
    /// What for.
    pub kind: KeyKind,
    /// SPKI PEM (rsa) or Multikey (ed25519).
    pub public_key: String,
    /// The private half, sealed.
    pub private_sealed: Option<Vec<u8>>,
}
