use chrono::{DateTime, NaiveDate, Utc};
use diesel::{deserialize::FromSqlRow, prelude::*};
use serde::{Deserialize, Serialize};

use super::{AccountId, CredentialId, HostId, text_enum::text_enum};
use crate::schema::{attestations, issuers, issuing_keys};

text_enum! {
    /// How far we believe what the institutions of another server state.
    HostTrust {
        /// Not shown at all.
        None = "none",
        /// Shown as a claim.
        Claim = "claim",
        /// Shown as verified.
        Trusted = "trusted",
    }
}

text_enum! {
    /// What a status list is about.
    ListPurpose {
        /// For good.
        Revocation = "revocation",
        /// For now.
        Suspension = "suspension",
    }
}

/// What an institution that we trust has verified of somebody, as it is shown beside the name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, FromSqlRow)]
pub struct Badge {
    /// The last part of the address of the page with the facts, `/verify/{token}`.
    pub token: String,
    /// Key of the discipline, such as `medicine`.
    pub discipline: String,
    /// The first specialty in words; empty for none.
    pub specialty: String,
    /// Name of the institution.
    pub issuer: String,
    /// Against which register or body, in words.
    pub register: String,
    /// ISO 3166.
    pub jurisdiction: String,
    /// When it was checked.
    pub checked_on: Option<NaiveDate>,
    /// When it ends.
    pub until: DateTime<Utc>,
    /// When the other institution last confirmed it by its list; none for our own.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When all that is verified of them ends, this as well, at most ten: read it by [`Badge::more`].
    #[serde(default)]
    pub ends: Vec<DateTime<Utc>>,
}

impl diesel::deserialize::FromSql<diesel::sql_types::Jsonb, diesel::pg::Pg> for Badge {
    fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let value: serde_json::Value =
            diesel::deserialize::FromSql::<diesel::sql_types::Jsonb, diesel::pg::Pg>::from_sql(value)?;
        Ok(serde_json::from_value(value)?)
    }
}

impl Badge {
    /// Whether it has not ended yet.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.until > now
    }

    /// How much is verified of them besides.
    pub fn more(&self, now: DateTime<Utc>) -> usize {
        self.ends.iter().filter(|end| **end > now).count().saturating_sub(1)
    }
}

/// A statement about somebody, ours or another institution's.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = attestations)]
pub struct Attestation {
    /// The last part of its page's address.
    pub token: String,
    /// About whom.
    pub account_id: AccountId,
    /// The statement's own id.
    pub uri: String,
    /// Id of the institution.
    pub issuer_uri: String,
    /// The statement as it was signed, canonical JSON.
    pub document: String,
    /// The name that was checked.
    pub name: String,
    /// Key of the discipline.
    pub discipline: String,
    /// A list of [`StatedSpecialty`].
    pub specialties: serde_json::Value,
    /// Name of the register or body.
    pub register: String,
    /// ISO 3166.
    pub jurisdiction: String,
    /// 0 where it is not said.
    pub level: i16,
    /// The day of the check.
    pub checked_on: Option<NaiveDate>,
    /// From when on it holds.
    pub valid_from: DateTime<Utc>,
    /// When it ends.
    pub valid_until: DateTime<Utc>,
    /// The record behind it, where it is ours.
    pub credential_id: Option<CredentialId>,
    /// Since when it is suspended.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Since when it is revoked.
    pub ended_at: Option<DateTime<Utc>>,
    /// `unchecked`, `holds`, or the word of a fault; of other institutions' statements alone.
    pub verdict: String,
    /// When a fresh list last confirmed it.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// One specialty of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedSpecialty {
    /// The code system, a URL.
    pub system: String,
    /// The code in it.
    pub code: String,
    /// In words.
    pub display: String,
}

/// A key that our institution signs statements with.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = issuing_keys)]
pub struct IssuingKey {
    /// Its id.
    pub uri: String,
    /// Multikey.
    pub public_key: String,
    /// The seed, sealed.
    pub seed_sealed: Vec<u8>,
    /// The word of the key before it, JSON.
    pub endorsement: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Since when it signs no more.
    pub retired_at: Option<DateTime<Utc>>,
    /// Since when nothing holds that it signed.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// An institution of another server that has signed something.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = issuers)]
pub struct Issuer {
    /// Its id.
    pub uri: String,
    /// Its server.
    pub host_id: HostId,
    /// Its name.
    pub name: String,
    /// Its actor document as we last got it.
    pub document: Option<String>,
    /// When that was.
    pub fetched_at: Option<DateTime<Utc>>,
    /// Multikeys that we know to be theirs.
    pub pinned: Vec<String>,
    /// Since when it has keys that nobody vouched for.
    pub changed_at: Option<DateTime<Utc>>,
}
