use crate::crypto::{BitstringRefusal, ProofRefusal};

/// Why a statement does not hold. The words are fit for an answer and a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A document that the statement points to is not at hand.
    #[error("it cannot be checked without {0}")]
    Needs(String),
    /// It is not a credential of the form that we read.
    #[error("it is not a credential that can be read: {0}")]
    Form(&'static str),
    /// It speaks of somebody else than the account that carries it.
    #[error("it was made for another account")]
    OtherSubject,
    /// The account shows another name or handle than the one that was checked.
    #[error("the account shows another {0} than the one that was checked")]
    OtherName(&'static str),
    /// The key of the proof is not one that the issuer's own document lists.
    #[error("it is signed with a key that its issuer does not list")]
    UnknownKey,
    /// The issuer has ended the key.
    #[error("it is signed with a key that its issuer has ended")]
    EndedKey,
    /// The proof is of a form that we do not take, or not over this document.
    #[error("its proof does not hold: {0}")]
    Proof(#[from] ProofRefusal),
    /// Its time has not come.
    #[error("it is not valid yet")]
    NotYet,
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// The list of what was revoked cannot be taken as the issuer's.
    #[error("the list that says whether it was revoked does not hold: {0}")]
    List(&'static str),
    /// The bits of that list cannot be read.
    #[error("the list that says whether it was revoked cannot be read: {0}")]
    Bits(#[from] BitstringRefusal),
    /// The issuer has revoked it.
    #[error("its issuer has revoked it")]
    Revoked,
    /// The issuer has suspended it.
    #[error("its issuer has suspended it")]
    Suspended,
}

impl Fault {
    /// One word for scripts.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Needs(_) => "needs",
            Self::Form(_) => "form",
            Self::OtherSubject => "other_subject",
            Self::OtherName(_) => "other_name",
            Self::UnknownKey => "unknown_key",
            Self::EndedKey => "ended_key",
            Self::Proof(_) => "proof",
            Self::NotYet => "not_yet",
            Self::Expired => "expired",
            Self::List(_) => "list",
            Self::Bits(_) => "bits",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
        }
    }
}
