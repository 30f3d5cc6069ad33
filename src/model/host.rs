use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{HostId, HostTrust, text_enum::text_enum};
use crate::schema::hosts;

text_enum! {
    /// What we decided about another server.
    HostState {
        /// Nothing yet.
        Unknown = "unknown",
        /// We speak with it.
        Allowed = "allowed",
        /// We speak with it; its posts stay out of public timelines.
        Limited = "limited",
        /// It gets nothing and sends nothing.
        Blocked = "blocked",
    }
}

text_enum! {
    /// The two ways to sign an HTTP request.
    SignatureDialect {
        /// draft-cavage-http-signatures-12.
        Cavage = "cavage",
        /// RFC 9421.
        Rfc9421 = "rfc9421",
    }
}

text_enum! {
    /// Why a group does not admit a server.
    HostBar {
        /// It does not say what it runs.
        Silent = "silent",
        /// It runs a program that does not keep what is for members to itself.
        Software = "software",
        /// We do not trust it.
        Trust = "trust",
    }
}

impl SignatureDialect {
    /// The other one, for the second knock.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Cavage => Self::Rfc9421,
            Self::Rfc9421 => Self::Cavage,
        }
    }
}

/// Another server.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = hosts)]
pub struct Host {
    /// Its id.
    pub id: HostId,
    /// Host name, with the port where it is not the usual one.
    pub name: String,
    /// What we decided.
    pub state: HostState,
    /// Why, for admins.
    pub note: String,
    /// Which signature it understands.
    pub dialect: Option<SignatureDialect>,
    /// Failed deliveries in a row.
    pub failures: i32,
    /// Since when it is silent.
    pub failing_since: Option<DateTime<Utc>>,
    /// What it last failed with.
    pub last_error: String,
    /// When it last took something.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it is tried again.
    pub retry_at: DateTime<Utc>,
    /// How far its institutions are believed.
    pub trust: HostTrust,
    /// In which disciplines (keys); empty for all.
    pub trusted_disciplines: Vec<String>,
    /// What it says that it runs, in lower case; empty where it does not say so.
    pub software: String,
    /// When it last said so.
    pub software_at: Option<DateTime<Utc>>,
    /// When it is asked again.
    pub software_due_at: Option<DateTime<Utc>>,
}
