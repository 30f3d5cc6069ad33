//! Codes of authenticator apps (RFC 6238): six digits, SHA-1, thirty seconds, as every app knows them; and the codes
//! that help where the app is lost.

use std::fmt;

use totp_rs::{Builder, Secret, Totp};

use super::CryptoError;

/// Bytes of a seed: as many as SHA-1 gives (RFC 4226, 4).
const SEED: usize = 20;
/// Bytes of a recovery code: too many to be guessed from its hash, and few enough to be typed.
const RECOVERY: usize = 10;
/// Digits of a code.
pub const DIGITS: usize = 6;

/// What an app and this server share.
#[derive(Clone)]
pub struct Seed([u8; SEED]);

impl Seed {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// One that was kept; none where that is none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// What to seal and keep.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is typed into an app: base32 in groups of four.
    #[must_use]
    pub fn text(&self) -> String {
        grouped(&Secret::from(self.0).to_base32(), " ")
    }

    /// The address that apps read from a QR code.
    ///
    /// # Errors
    /// When a name cannot stand in it.
    pub fn address(&self, issuer: &str, account: &str) -> Result<String, CryptoError> {
        // A colon parts the two names.
        let plain = |name: &str| name.replace(':', " ");
        let totp = self.builder().with_issuer(Some(plain(issuer))).with_account_name(plain(account)).build()?;
        Ok(totp.to_url()?)
    }

    /// The step of time that a code belongs to, where it is right now or was or will be within a step.
    #[must_use]
    pub fn step_of(&self, code: &str, seconds: u64) -> Option<u64> {
        self.totp().check(code, seconds)
    }

    fn builder(&self) -> Builder {
        Builder::new().with_secret(self.0).with_digits(6).with_step_duration(30).with_skew(1)
    }

    fn totp(&self) -> Totp {
        self.builder().build_noncompliant()
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// A new code that stands in for an app once: sixteen letters and digits in groups of four.
#[must_use]
pub fn recovery_code() -> String {
    grouped(&Secret::from(rand::random::<[u8; RECOVERY]>()).to_base32(), "-")
}

/// A recovery code as it was typed, in the one form that is hashed: without what parts its groups, in capitals, and
/// with the letters that a digit looks like.
#[must_use]
pub fn read_recovery_code(typed: &str) -> String {
    let letter = |c: char| match c.to_ascii_uppercase() {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other,
    };
    typed.chars().filter(char::is_ascii_alphanumeric).map(letter).collect()
}

fn grouped(text: &str, joint: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(joint)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of RFC 6238, appendix B.
    fn seed() -> Seed {
        Seed::from_bytes(b"12345678901234567890").unwrap()
    }

    #[test]
    fn the_codes_of_the_rfc_are_right_within_one_step_and_no_longer() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let step = seconds / 30;
            for late in [0, 30] {
                assert_eq!(seed().step_of(code, seconds + late), Some(step), "{seconds}");
            }
            assert_eq!(seed().step_of(code, seconds - 30), Some(step), "a clock that is ahead");
            assert_eq!(seed().step_of(code, seconds + 60), None);
        }
        for wrong in ["", "28708", "2870822", "28708x", "+28708"] {
            assert_eq!(seed().step_of(wrong, 59), None, "{wrong}");
        }
        assert_eq!(seed().step_of("287082", 0), Some(1));
    }

    #[test]
    fn an_app_reads_whose_it_is() {
        let address = seed().address("St Brigid's: wards", "ada@brigid.example").unwrap();
        assert!(address.starts_with("otpauth://totp/St%20Brigid%27s%20%20wards:ada%40brigid.example?"), "{address}");
        assert!(address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{address}");
        assert_eq!(seed().text(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!(format!("{:?}", Seed::generate()), "Seed(..)");
        assert!(Seed::from_bytes(b"short").is_none());
        assert_ne!(Seed::generate().as_bytes(), Seed::generate().as_bytes());
    }

    #[test]
    fn a_recovery_code_is_read_as_people_type_it() {
        let code = recovery_code();
        assert_eq!((code.len(), code.matches('-').count()), (19, 3), "{code}");
        assert_ne!(code, recovery_code());
        let plain = code.replace('-', "");
        for typed in [code.clone(), code.to_lowercase(), plain.clone(), format!(" {} ", code.replace('-', " "))] {
            assert_eq!(read_recovery_code(&typed), plain);
        }
        let (meant, typed) = ("OIB2", "01b2");
        assert_eq!(read_recovery_code(typed), meant);
        assert_eq!(read_recovery_code("8"), "B");
    }
}
