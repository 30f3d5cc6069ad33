//! Passwords, hashed by Argon2id (RFC 9106) with the parameters that OWASP recommends.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use super::CryptoError;

/// Memory in KiB, passes, lanes.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The hash of a random password that nobody kept, with the same parameters as every other hash.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$zBV+muquDA16zz6tUq/2vw$C54o3Dni3/2BDyriHaO3bFPJbUpgfJU/VbNoV3tOu/g";

/// Hashes a password with a fresh salt, as a PHC string that names its own parameters. Takes tens
/// of milliseconds and 19 MiB: keep it off the threads that serve requests.
///
/// # Errors
/// When the password is longer than Argon2 takes.
pub fn hash(password: &str) -> Result<String, CryptoError> {
    hash_with_fresh_salt(password).map_err(CryptoError::Password)
}

fn hash_with_fresh_salt(password: &str) -> Result<String, argon2::password_hash::Error> {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>())?;
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password(password.as_bytes(), &salt)?;
    Ok(hash.to_string())
}

/// Whether the password belongs to the hash. Without a hash, or with one that cannot be read, it is
/// `false` and takes the same time, so that an unknown user looks like a wrong password.
#[must_use]
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let hash = hash.and_then(|hash| PasswordHash::new(hash).ok());
    let known = hash.is_some();
    let hash = hash.map_or_else(|| PasswordHash::new(DECOY), Ok);
    // The parameters come from the hash itself, so hashes made under older ones go on working.
    let matches = hash.is_ok_and(|hash| {
        let verified = Argon2::default().verify_password(password.as_bytes(), &hash);
        verified.is_ok()
    });
    known && matches
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let stored = hash("correct horse").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse", Some(&stored)));
        assert!(!verify("Correct horse", Some(&stored)));
        assert!(!verify("", Some(&stored)));
        assert_ne!(hash("correct horse").unwrap(), stored);
    }

    #[test]
    fn without_a_hash_every_password_is_wrong() {
        for stored in [None, Some(""), Some("plain"), Some("$argon2id$v=19$broken")] {
            assert!(!verify("", stored));
            assert!(!verify("password", stored));
        }
    }

    #[test]
    fn the_decoy_is_a_real_hash_with_the_same_parameters() {
        let decoy = PasswordHash::new(DECOY).unwrap();
        let real = hash("password").unwrap();
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(decoy.params, real.params);
        assert_eq!(decoy.algorithm, real.algorithm);
        assert_eq!(decoy.version, real.version);
        assert_eq!(decoy.hash.unwrap().len(), real.hash.unwrap().len());
    }

    #[test]
    fn an_unknown_user_takes_as_long_as_a_wrong_password() {
        let stored = hash("password").unwrap();
        let shortest = |stored: Option<&str>| {
            let once = || {
                let start = Instant::now();
                assert!(!verify("wrong", stored));
                start.elapsed()
            };
            (0..3).map(|_| once()).min().unwrap()
        };
        let (known, unknown) = (shortest(Some(&stored)), shortest(None));
        assert!(unknown * 4 > known, "{unknown:?} for unknown, {known:?} for known");
        assert!(known * 4 > unknown, "{unknown:?} for unknown, {known:?} for known");
    }
}
