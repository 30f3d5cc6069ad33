//! Keys, signatures, digests, sealed records, lists of bits, passwords, passkeys and tokens live here, on
//! openssl, as pure functions of their arguments and of randomness. No clock, no socket, no database and no decision
//! about who may do what ever does.

pub mod bitstring;
pub mod digest;
pub mod jcs;
pub mod keypair;
pub mod passkey;
pub mod password;
pub mod proof;
pub mod push;
pub mod seal;
pub mod signature;
pub mod token;
pub mod totp;
#[cfg(test)]
pub(crate) mod vectors;

pub use bitstring::{Bitstring, BitstringRefusal};
pub use keypair::{Ed25519KeyPair, KeyKind, RsaKeyPair, SigningKey, VerifyingKey};
pub use proof::ProofRefusal;
pub use seal::InstanceKey;
pub use signature::{Message, Parsed, Refusal, Window};
pub use token::SecretToken;

/// Why a cryptographic operation could not be done. Names no key, no secret and no content.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    /// openssl refused; its own words follow.
    #[error("openssl refused")]
    OpenSsl(#[from] openssl::error::ErrorStack),
    /// The text is not a key of a form that we take.
    #[error("not a key that can be read: {0}")]
    UnreadableKey(&'static str),
    /// The RSA modulus or exponent, counted in bits, is outside of what we accept.
    #[error("an RSA key of {0} bits is not acceptable")]
    UnacceptableKey(i32),
    /// The operation needs the other kind of key.
    #[error("the key is of another kind than the operation needs")]
    WrongKind,
    /// The request cannot be signed as it is.
    #[error("the request cannot be signed")]
    Unsignable(#[from] Refusal),
    /// The text is not strict JSON.
    #[error("not strict JSON")]
    Json(#[from] serde_json::Error),
    /// A number would change its value in canonical form.
    #[error("a number beyond 2^53 cannot be signed")]
    Number,
    /// The document cannot carry a proof as it is.
    #[error("the document cannot be signed: {0}")]
    Document(&'static str),
    /// The password could not be hashed.
    #[error("the password cannot be hashed: {0}")]
    Password(argon2::password_hash::Error),
    /// The sealed bytes are damaged, cut short, or belong to another context.
    #[error("the sealed record cannot be opened")]
    Sealed,
    /// The record was sealed with an instance key that is not at hand.
    #[error("the record is sealed with an instance key that is not at hand")]
    UnknownInstanceKey,
    /// A name cannot stand in the address that authenticator apps read.
    #[error("the address for an authenticator app cannot be made")]
    AppAddress(#[from] totp_rs::TotpError),
    /// A browser cannot be asked for a passkey.
    #[error("a browser cannot be asked for a passkey")]
    Passkey(#[from] webauthn_rs::prelude::WebauthnError),
}
