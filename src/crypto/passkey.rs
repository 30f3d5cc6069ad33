//! Passkeys and security keys (WebAuthn): what a browser is asked, and whether what it answers holds. Challenge,
//! origin, signature and counter are checked by the library; here stands the little of it that the house uses.
//!
//! The person has to be verified by their device (a PIN, a finger, a face), and no attestation is asked for: which make
//! of key somebody has is their own affair.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use url::Url;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{
        AuthenticationResult, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
        RegisterPublicKeyCredential, Uuid, WebauthnError,
    },
};

use super::{CryptoError, digest::sha256};

/// Most bytes of what a key calls itself (WebAuthn 3, 6.5.1).
const LONGEST_ID: usize = 1_023;
/// Most bytes that are kept of a key: those in use have less than a kilobyte.
const LONGEST_KEY: usize = 8_192;

/// What keys are bound to: the host of this server, and its origin.
#[derive(Debug, Clone)]
pub struct Place(Webauthn);

/// What a browser is asked.
#[derive(Clone)]
pub struct Question {
    /// For the browser, as JSON.
    pub asked: String,
    /// What the answer is held against. It stays on the server.
    pub state: String,
}

/// A key that a browser has made.
#[derive(Clone)]
pub struct NewKey {
    /// What the key calls itself.
    pub id: Vec<u8>,
    /// Its public half and what else there is to keep, as JSON.
    pub key: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Nothing that holds.
    Wrong,
    /// The signature is right, yet this key has counted further before: there are two of it. What it calls itself.
    Copied(Vec<u8>),
    /// One of the keys that were asked for.
    Right(KeyUse),
}

/// A key was used.
#[derive(Clone)]
pub struct KeyUse(AuthenticationResult);

impl Place {
    /// The place of a server; none where keys cannot be bound to it, as its address has no name.
    #[must_use]
    pub fn new(origin: &Url, name: &str) -> Option<Self> {
        let host = origin.domain()?;
        WebauthnBuilder::new(host, origin).and_then(|builder| builder.rp_name(name).build()).ok().map(Self)
    }

    /// Asks for a new key of an account that has these. Both names are what the browser shows.
    ///
    /// # Errors
    /// When a name is empty, or a key that was kept cannot be read.
    pub fn ask_for_new(
        &self,
        account: &str,
        username: &str,
        name: &str,
        keys: &[String],
    ) -> Result<Question, CryptoError> {
        let known = read_all(keys)?.iter().map(|key| key.cred_id().clone()).collect();
        let (asked, state) = self.0.start_passkey_registration(user(account), username, name, Some(known))?;
        Ok(Question { asked: write(&asked)?, state: write(&state)? })
    }

    /// Takes the answer to it; none where it does not hold, or is longer than any key has reason to be.
    ///
    /// # Errors
    /// When what was kept cannot be read.
    pub fn take_new(&self, state: &str, answer: &str) -> Result<Option<NewKey>, CryptoError> {
        let state: PasskeyRegistration = read(state)?;
        let Ok(answer) = serde_json::from_str::<RegisterPublicKeyCredential>(answer) else { return Ok(None) };
        let Ok(key) = self.0.finish_passkey_registration(&answer, &state) else { return Ok(None) };
        let new = NewKey { id: key.cred_id().to_vec(), key: write(&key)? };
        Ok(Some(new).filter(|new| (1..=LONGEST_ID).contains(&new.id.len()) && new.key.len() <= LONGEST_KEY))
    }

    /// Asks for the use of one of these keys; none where there are none.
    ///
    /// # Errors
    /// When a key that was kept cannot be read.
    pub fn ask(&self, keys: &[String]) -> Result<Option<Question>, CryptoError> {
        // The library takes no keys for any key.
        if keys.is_empty() {
            return Ok(None);
        }
        let (asked, state) = self.0.start_passkey_authentication(&read_all(keys)?)?;
        Ok(Some(Question { asked: write(&asked)?, state: write(&state)? }))
    }

    /// Takes the answer to it.
    ///
    /// # Errors
    /// When what was kept cannot be read.
    pub fn take(&self, state: &str, answer: &str) -> Result<Answer, CryptoError> {
        let state: PasskeyAuthentication = read(state)?;
        let Ok(answer) = serde_json::from_str::<PublicKeyCredential>(answer) else { return Ok(Answer::Wrong) };
        Ok(match self.0.finish_passkey_authentication(&answer, &state) {
            Ok(used) => Answer::Right(KeyUse(used)),
            Err(WebauthnError::CredentialPossibleCompromise) => Answer::Copied(answer.get_credential_id().to_vec()),
            Err(_) => Answer::Wrong,
        })
    }
}

impl KeyUse {
    /// What the key calls itself.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        self.0.cred_id().as_slice()
    }

    /// How far it has counted; 0 where it does not count.
    #[must_use]
    pub fn counter(&self) -> i64 {
        i64::from(self.0.counter())
    }

    /// The key as it is to be kept after this use.
    ///
    /// # Errors
    /// When what was kept cannot be read.
    pub fn noted_in(&self, key: &str) -> Result<String, CryptoError> {
        let mut kept: Passkey = read(key)?;
        match kept.update_credential(&self.0) {
            Some(true) => write(&kept),
            Some(false) | None => Ok(key.to_owned()),
        }
    }
}

/// How an account is called towards keys: always alike, and of no meaning to anybody else.
fn user(account: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (byte, of_hash) in bytes.iter_mut().zip(sha256(format!("passkey-user|{account}").as_bytes())) {
        *byte = of_hash;
    }
    Uuid::from_bytes(bytes)
}

/// Whether what was kept of a key can be read.
#[must_use]
pub fn is_readable(key: &str) -> bool {
    read::<Passkey>(key).is_ok()
}

fn read_all(keys: &[String]) -> Result<Vec<Passkey>, CryptoError> {
    keys.iter().map(|key| read(key)).collect()
}

fn read<T: DeserializeOwned>(kept: &str) -> Result<T, CryptoError> {
    serde_json::from_str(kept).map_err(|_| CryptoError::UnreadableKey("what is kept of a passkey"))
}

fn write<T: Serialize>(value: &T) -> Result<String, CryptoError> {
    Ok(serde_json::to_string(value)?)
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Question(..)")
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewKey(..)")
    }
}

impl fmt::Debug for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyUse(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(origin: &str) -> Option<Place> {
        Place::new(&Url::parse(origin).unwrap(), "Hospital")
    }

    #[test]
    fn keys_are_bound_to_a_name_and_never_to_a_number() {
        let place = at("https://consilium.hospital.example").unwrap();
        let question = place.ask_for_new("7", "ada@consilium.hospital.example", "Dr Ada", &[]).unwrap();
        let asked: serde_json::Value = serde_json::from_str(&question.asked).unwrap();
        assert_eq!(asked["publicKey"]["rp"]["id"], "consilium.hospital.example");
        assert_eq!(asked["publicKey"]["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(asked["publicKey"]["attestation"], "none");
        assert!(at("https://192.0.2.7").is_none() && at("https://[2001:db8::7]").is_none());
    }

    #[test]
    fn each_question_is_a_new_one_about_the_same_person() {
        let place = at("http://alpha.localhost").unwrap();
        let ask = || {
            let question = place.ask_for_new("7", "ada@alpha.localhost", "Dr Ada", &[]).unwrap();
            serde_json::from_str::<serde_json::Value>(&question.asked).unwrap()["publicKey"].clone()
        };
        let (one, other) = (ask(), ask());
        assert_ne!(one["challenge"], other["challenge"]);
        assert_eq!(one["user"]["id"], other["user"]["id"]);
        assert!(place.ask(&[]).unwrap().is_none(), "nobody is asked for any key that there is");
    }

    #[test]
    fn what_is_no_answer_does_not_hold() {
        let place = at("http://alpha.localhost").unwrap();
        let question = place.ask_for_new("7", "ada@alpha.localhost", "Dr Ada", &[]).unwrap();
        for nothing in ["", "{}", "null", "[]", &question.asked] {
            assert!(place.take_new(&question.state, nothing).unwrap().is_none(), "{nothing}");
        }
        assert!(place.take_new("{}", "{}").is_err() && place.take("", "{}").is_err());
        assert!(!is_readable("") && !is_readable("{}") && !is_readable("{\"cred\":null}"));
        assert_eq!(format!("{question:?}"), "Question(..)");
    }
}
