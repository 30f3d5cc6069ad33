use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::{AccountId, CredentialId, EvidenceId, text_enum::text_enum};
use crate::schema::{credentials, evidence};

text_enum! {
    /// What a credential claims.
    CredentialKind {
        /// Registered, or licensed to practise.
        Registration = "registration",
        /// Certified by a board, or on a specialist register.
        Specialist = "specialist",
        /// Holds a degree.
        Degree = "degree",
        /// Works for an institution, or is affiliated with it.
        Employment = "employment",
        /// In training, or a student.
        Training = "training",
    }
}

impl CredentialKind {
    /// Whether a register has to keep what is claimed, and under a number.
    pub fn is_registered(self) -> bool {
        matches!(self, Self::Registration | Self::Specialist)
    }
}

text_enum! {
    /// Where a credential stands; the words of FHIR VerificationResult are in docs/CREDENTIALS.md.
    CredentialState {
        /// Being written by its holder.
        Draft = "draft",
        /// Waits for a verifier.
        Submitted = "submitted",
        /// A verifier has it.
        InReview = "in_review",
        /// The holder is asked for something.
        NeedsInformation = "needs_information",
        /// The institution stands by it.
        Attested = "attested",
        /// Not attested.
        Rejected = "rejected",
        /// Its time is over.
        Expired = "expired",
        /// Attested, and to be looked at again.
        RecheckDue = "recheck_due",
        /// Not stood by for now.
        Suspended = "suspended",
        /// Taken back for good.
        Revoked = "revoked",
        /// Taken back by its holder, or replaced.
        Withdrawn = "withdrawn",
    }
}

impl CredentialState {
    /// Those in which the institution stands by a credential.
    pub const IN_FORCE: [Self; 2] = [Self::Attested, Self::RecheckDue];
    /// Those in which nothing more can become of a credential.
    pub const OVER: [Self; 4] = [Self::Rejected, Self::Expired, Self::Revoked, Self::Withdrawn];

    /// The moves that a credential may make; the same table as in the database.
    pub fn may_become(self, next: Self) -> bool {
        use CredentialState::{
            Attested, Draft, Expired, InReview, NeedsInformation, RecheckDue, Rejected, Revoked, Submitted, Suspended,
            Withdrawn,
        };
        matches!(
            (self, next),
            (Draft, Submitted | Withdrawn)
                | (Submitted, InReview | Attested | Withdrawn)
                | (InReview, Submitted | NeedsInformation | Attested | Rejected | Withdrawn)
                | (NeedsInformation, Submitted | InReview | Rejected | Withdrawn)
                | (Attested, Expired | RecheckDue | Suspended | Revoked | Withdrawn)
                | (RecheckDue, Attested | Expired | Suspended | Revoked | Withdrawn)
                | (Suspended, Attested | RecheckDue | Expired | Revoked | Withdrawn)
        )
    }

    /// Whether the institution stands by it.
    pub fn is_in_force(self) -> bool {
        Self::IN_FORCE.contains(&self)
    }

    /// Whether nothing more can become of it.
    pub fn is_over(self) -> bool {
        Self::OVER.contains(&self)
    }

    /// Whether the next step is its holder's: a draft, or what the desk has asked about.
    pub fn is_with_holder(self) -> bool {
        matches!(self, Self::Draft | Self::NeedsInformation)
    }

    /// Whether documents and codes still change something: a draft, or what the desk has work with.
    pub fn is_pending(self) -> bool {
        self == Self::Draft || self.is_waiting()
    }

    /// Whether the desk has work with it.
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview | Self::NeedsInformation | Self::RecheckDue)
    }
}

text_enum! {
    /// Who wrote a credential down.
    CredentialSource {
        /// Its holder.
        Clinician = "clinician",
        /// The institution's staff list.
        Staff = "staff",
    }
}

/// A claim of one kind about one of our people, and how far it is checked.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = credentials)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// Whose.
    pub account_id: AccountId,
    /// What it claims.
    pub kind: CredentialKind,
    /// Where it stands.
    pub state: CredentialState,
    /// 1 well-formed, 2 matched in a register, 3 control proven, 4 attested.
    pub level: i16,
    /// Key of the register; empty where none keeps it.
    pub register: String,
    /// The issuing body in words.
    pub body: String,
    /// ISO 3166.
    pub jurisdiction: String,
    /// The number, sealed.
    pub number_sealed: Option<Vec<u8>>,
    /// What equal numbers have in common.
    pub number_index: Option<Vec<u8>>,
    /// Key of the discipline.
    pub discipline: String,
    /// NUCC codes.
    pub specialties: Vec<String>,
    /// As registered.
    pub family_name: String,
    /// As registered.
    pub given_names: String,
    /// Such as "Consultant".
    pub role: String,
    /// Since when.
    pub issued_on: Option<NaiveDate>,
    /// Until when, this day included.
    pub expires_on: Option<NaiveDate>,
    /// Who wrote it down.
    pub source: CredentialSource,
    /// The one that it renews.
    pub renews: Option<CredentialId>,
    /// The verifier who works on it.
    pub claimed_by: Option<AccountId>,
    /// Since when.
    pub claimed_at: Option<DateTime<Utc>>,
    /// Who said yes first, where two persons decide.
    pub confirmed_by: Option<AccountId>,
    /// Who attested or suspended it last.
    pub decided_by: Option<AccountId>,
    /// Items of the checklist that were ticked.
    pub ticked: Vec<String>,
    /// What was seen as evidence, in the verifier's words.
    pub seen: String,
    /// Why a re-check is due.
    pub recheck_reason: String,
    /// Until when it has to be done.
    pub recheck_by: Option<DateTime<Utc>>,
    /// When it came to the desk.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was last decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// The day of the last check.
    pub checked_on: Option<NaiveDate>,
    /// The day of the next one.
    pub next_check_on: Option<NaiveDate>,
    /// Days before expiry of the last reminder.
    pub reminded_days: Option<i16>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

impl Credential {
    /// A draft of which nothing is said yet.
    pub fn blank(id: CredentialId, account_id: AccountId, kind: CredentialKind, now: DateTime<Utc>) -> Self {
        Self {
            id,
            account_id,
            kind,
            state: CredentialState::Draft,
            level: 1,
            register: String::new(),
            body: String::new(),
            jurisdiction: String::new(),
            number_sealed: None,
            number_index: None,
            discipline: String::new(),
            specialties: Vec::new(),
            family_name: String::new(),
            given_names: String::new(),
            role: String::new(),
            issued_on: None,
            expires_on: None,
            source: CredentialSource::Clinician,
            renews: None,
            claimed_by: None,
            claimed_at: None,
            confirmed_by: None,
            decided_by: None,
            ticked: Vec::new(),
            seen: String::new(),
            recheck_reason: String::new(),
            recheck_by: None,
            submitted_at: None,
            decided_at: None,
            checked_on: None,
            next_check_on: None,
            reminded_days: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// A document that was sent with a credential. What is in it is sealed, and asked for apart.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = evidence)]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// To which credential.
    pub credential_id: CredentialId,
    /// What it is, in its holder's words.
    pub label: String,
    /// `application/pdf`, `image/jpeg` or `image/png`.
    pub media_type: String,
    /// Its size.
    pub bytes: i32,
    /// SHA-256.
    pub digest: Vec<u8>,
    /// When it was deleted; its digest stays.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_moves_no_more_and_what_is_not_can_be_withdrawn() {
        for state in CredentialState::ALL {
            let moves = CredentialState::ALL.iter().any(|next| state.may_become(*next));
            assert_eq!(state.is_over(), !moves, "{state}");
            assert_eq!(state.is_over(), !state.may_become(CredentialState::Withdrawn), "{state}");
            assert!(!state.is_with_holder() || state.is_pending(), "{state}");
            assert!(!state.is_pending() || !state.is_over(), "{state}");
        }
    }

    #[test]
    fn the_moves_in_the_database_are_the_moves_in_code() {
        let sql = include_str!("../../migrations/00000000000012_proof/up.sql");
        let (_, table) = sql.split_once("NOT IN (VALUES").unwrap();
        let (table, _) = table.split_once(") THEN").unwrap();
        for from in CredentialState::ALL {
            for to in CredentialState::ALL {
                let written = table.contains(&format!("('{from}', '{to}')"));
                assert_eq!(written, from.may_become(*to), "{from} to {to}");
            }
        }
    }
}
