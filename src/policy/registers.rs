//! The registers of practitioners, one row each: whose they are, and what their numbers look like.
//! That a number is well-formed says nothing about whose it is.
//!
//! Sources: 45 CFR 162.406 and CMS (NPI), 21 CFR 1301 (DEA), KBV (LANR), ANS (RPPS), ISO 7064 (ORCID); the forms
//! of GMC, NMC, GPhC and HCPC as in FHIR UK Core.

/// One register, or issuing body.
#[derive(Debug)]
pub struct Register {
    /// What it is called in addresses, files and the database.
    pub key: &'static str,
    /// Its name in words.
    pub name: &'static str,
    /// What it is called for short; empty for any other body.
    pub short: &'static str,
    /// Where it holds: a country (ISO 3166-1), or `*`.
    pub jurisdiction: &'static str,
    /// What its numbers are called.
    pub number: &'static str,
    /// What they look like, in words that follow "has" or "have".
    pub form: &'static str,
    /// A well-formed number that is nobody's we know of.
    pub example: &'static str,
    /// The FHIR identifier system of its numbers.
    pub system: Option<&'static str>,
    is_formed: fn(&str) -> bool,
    check: Check,
}

/// How the digits of a number vouch for each other.
#[derive(Debug, Clone, Copy)]
enum Check {
    Npi,
    Dea,
    Lanr,
    Rpps,
    Orcid,
    /// They do not.
    Nothing,
    /// No form is known: the words are kept as they are typed.
    Free,
}

impl Check {
    /// The digit that vouches for the others, in words.
    fn digit(self) -> &'static str {
        if matches!(self, Self::Lanr) { "seventh" } else { "last" }
    }
}

/// Why a number cannot be one of its register. The words are for whoever typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongNumber {
    /// It does not look like one.
    #[error("{number}: {form}, for example {example}; please check {typed}")]
    Form {
        /// What such numbers are called.
        number: &'static str,
        /// What they look like.
        form: &'static str,
        /// One that is well-formed.
        example: &'static str,
        /// What was typed.
        typed: String,
    },
    /// It looks like one, but its check digit belongs to another number.
    #[error("the {digit} digit does not fit: please check {number}")]
    CheckDigit {
        /// Which digit vouches for the others.
        digit: &'static str,
        /// What was typed.
        number: String,
    },
}

/// Every register that we know the numbers of, and last a row for any other body.
pub static REGISTERS: &[Register] = &[
    Register {
        key: "us-nppes",
        name: "National Plan and Provider Enumeration System",
        short: "NPPES",
        jurisdiction: "US",
        number: "NPI",
        form: "10 digits, of which the first is 1 or 2",
        example: "1234567893",
        system: Some("http://hl7.org/fhir/sid/us-npi"),
        is_formed: |n| fits("dddddddddd", n) && n.starts_with(['1', '2']),
        check: Check::Npi,
    },
    Register {
        key: "us-dea",
        name: "Drug Enforcement Administration",
        short: "DEA",
        jurisdiction: "US",
        number: "DEA number",
        form: "2 letters, or a letter and a 9, and then 7 digits",
        example: "AB1234563",
        system: None,
        is_formed: |n| fits("ALddddddd", n) && n.starts_with(|first| "ABCDEFGHJKLMPRSTUX".contains(first)),
        check: Check::Dea,
    },
    Register {
        key: "gb-gmc",
        name: "General Medical Council",
        short: "GMC",
        jurisdiction: "GB",
        number: "GMC reference number",
        form: "7 digits, or an L and 6 digits",
        example: "7012345",
        system: Some("https://fhir.hl7.org.uk/Id/gmc-number"),
        // With the letter: a limited registration.
        is_formed: |n| fits("ddddddd", n) || fits("Adddddd", n) && n.starts_with('L'),
        check: Check::Nothing,
    },
    Register {
        key: "gb-nmc",
        name: "Nursing and Midwifery Council",
        short: "NMC",
        jurisdiction: "GB",
        number: "NMC PIN",
        form: "2 digits, a letter, 4 digits and a letter",
        example: "01A2345N",
        system: Some("https://fhir.hl7.org.uk/Id/nmc-number"),
        is_formed: |n| fits("ddAddddA", n),
        check: Check::Nothing,
    },
    Register {
        key: "gb-gphc",
        name: "General Pharmaceutical Council",
        short: "GPhC",
        jurisdiction: "GB",
        number: "GPhC number",
        form: "7 digits, of which the first is 2",
        example: "2033467",
        system: Some("https://fhir.hl7.org.uk/Id/gphc-number"),
        is_formed: |n| fits("ddddddd", n) && n.starts_with('2'),
        check: Check::Nothing,
    },
    Register {
        key: "gb-hcpc",
        name: "Health and Care Professions Council",
        short: "HCPC",
        jurisdiction: "GB",
        number: "HCPC number",
        form: "2 letters and up to 6 digits",
        example: "PH123456",
        system: Some("https://fhir.hl7.org.uk/Id/hcpc-number"),
        is_formed: |n| n.len() >= 3 && fits("AAdddddd".get(..n.len()).unwrap_or_default(), n),
        check: Check::Nothing,
    },
    Register {
        key: "gb-gdc",
        name: "General Dental Council",
        short: "GDC",
        jurisdiction: "GB",
        number: "GDC number",
        form: "4 to 6 digits",
        example: "123456",
        system: None,
        is_formed: |n| {
            let digits = n.strip_prefix("CD").unwrap_or(n);
            digits.len() >= 4 && fits("dddddd".get(..digits.len()).unwrap_or_default(), digits)
        },
        check: Check::Nothing,
    },
    Register {
        key: "au-ahpra",
        name: "Australian Health Practitioner Regulation Agency",
        short: "AHPRA",
        jurisdiction: "AU",
        number: "AHPRA registration number",
        form: "3 letters and 10 digits",
        example: "MED0000932846",
        system: Some("http://hl7.org.au/id/ahpra-registration-number"),
        is_formed: |n| fits("AAAdddddddddd", n),
        check: Check::Nothing,
    },
    Register {
        key: "de-lanr",
        name: "Kassenärztliche Bundesvereinigung",
        short: "KBV",
        jurisdiction: "DE",
        number: "LANR",
        form: "6 digits, a check digit and 2 digits for the group of doctors",
        example: "123456601",
        system: None,
        is_formed: |n| fits("ddddddddd", n),
        check: Check::Lanr,
    },
    Register {
        key: "fr-rpps",
        name: "Répertoire partagé des professionnels de santé",
        short: "RPPS",
        jurisdiction: "FR",
        number: "RPPS number",
        form: "11 digits, with or without an 8 in front",
        example: "10101010105",
        system: None,
        is_formed: |n| fits("ddddddddddd", n),
        check: Check::Rpps,
    },
    Register {
        key: "nl-big",
        name: "BIG-register",
        short: "BIG",
        jurisdiction: "NL",
        number: "BIG number",
        form: "11 digits",
        example: "19012345601",
        system: Some("http://fhir.nl/fhir/NamingSystem/big"),
        is_formed: |n| fits("ddddddddddd", n),
        check: Check::Nothing,
    },
    Register {
        key: "orcid",
        name: "ORCID",
        short: "ORCID",
        jurisdiction: "*",
        number: "ORCID iD",
        form: "15 digits and then a digit or X",
        example: "0000-0002-1825-0097",
        system: Some("https://orcid.org"),
        is_formed: |n| fits("dddddddddddddddd", n) || fits("dddddddddddddddA", n) && n.ends_with('X'),
        check: Check::Orcid,
    },
    Register {
        key: "other",
        name: "Another body",
        short: "",
        jurisdiction: "*",
        number: "number",
        form: "1 to 64 characters",
        example: "A 12/345",
        system: None,
        is_formed: |n| {
            (1..=64).contains(&n.chars().count()) && n.contains(char::is_alphanumeric) && !n.contains(char::is_control)
        },
        check: Check::Free,
    },
];

/// The key of the row for any other body.
pub const OTHER: &str = "other";
/// Longest part of what was typed that an answer repeats, in characters.
const REPEATED_MAX: usize = 64;

impl Register {
    /// The register of this key.
    #[must_use]
    pub fn find(key: &str) -> Option<&'static Self> {
        REGISTERS.iter().find(|register| register.key == key)
    }

    /// Whether a text, read with `look`, is a name under which people know this register.
    pub fn is_called(&self, text: &str, look: impl Fn(&str) -> String) -> bool {
        let names = [self.name, self.short, self.number];
        let text = look(text);
        self.key != OTHER && !text.is_empty() && names.into_iter().any(|name| look(name) == text)
    }

    /// A number as it was typed, in the one form in which it is kept: in capitals, without spaces, hyphens and dots; an
    /// ORCID iD in its four groups, and without what some write and others leave out.
    ///
    /// # Errors
    /// Where it cannot be a number of this register.
    pub fn read(&self, typed: &str) -> Result<String, WrongNumber> {
        let typed = typed.trim();
        let number = match self.check {
            Check::Free => typed.to_owned(),
            Check::Orcid => plain(typed.trim_start_matches("https://orcid.org/")),
            Check::Rpps => bare(plain(typed)),
            _ => plain(typed),
        };
        if !(self.is_formed)(&number) {
            let typed = typed.chars().take(REPEATED_MAX).collect();
            let Self { number, form, example, .. } = *self;
            return Err(WrongNumber::Form { number, form, example, typed });
        }
        let holds = match self.check {
            Check::Npi => luhn(&number, 24),
            Check::Rpps => luhn(&number, 0),
            Check::Dea => dea(&number),
            Check::Lanr => lanr(&number),
            Check::Orcid => orcid(&number),
            Check::Nothing | Check::Free => true,
        };
        if !holds {
            return Err(WrongNumber::CheckDigit { digit: self.check.digit(), number });
        }
        Ok(self.kept(number))
    }

    /// Whether a number as it is kept names its holder by an initial with which none of these family names begins, read
    /// with `look`. A maiden name does so too, so that this is for people to look at.
    pub fn has_other_initial(&self, number: &str, family_names: &str, look: impl Fn(&str) -> String) -> bool {
        // In its place a business has a 9.
        let initial = number.chars().nth(1).filter(|c| matches!(self.check, Check::Dea) && c.is_ascii_uppercase());
        let mut names = family_names.split(|c: char| !c.is_alphanumeric()).map(|name| look(name).to_ascii_uppercase());
        initial.is_some_and(|initial| !names.any(|name| name.starts_with(initial)))
    }

    /// A well-formed number in the form in which equal ones are the same.
    fn kept(&self, number: String) -> String {
        match (self.key, number.split_at_checked(2)) {
            ("orcid", _) => grouped(&number),
            // Of which list it is, dentists or others.
            ("gb-gdc", Some(("CD", digits))) => digits.to_owned(),
            ("gb-hcpc", Some((profession, digits))) => format!("{profession}{:0>1}", digits.trim_start_matches('0')),
            _ => number,
        }
    }
}

fn plain(typed: &str) -> String {
    let marks = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '.' | '\u{2010}'..='\u{2013}');
    typed.chars().filter(marks).collect::<String>().to_ascii_uppercase()
}

/// An RPPS number without the 8 that makes it a national one.
fn bare(number: String) -> String {
    match number.strip_prefix('8') {
        Some(rest) if fits("ddddddddddd", rest) => rest.to_owned(),
        Some(_) | None => number,
    }
}

/// Whether the text is as long as the pattern and of its kinds: `d` a digit, `A` a capital, `L` a capital or a 9.
fn fits(pattern: &str, text: &str) -> bool {
    let of_kind = |(kind, c): (char, char)| match kind {
        'd' => c.is_ascii_digit(),
        'L' => c.is_ascii_uppercase() || c == '9',
        _ => c.is_ascii_uppercase(),
    };
    pattern.len() == text.chars().count() && pattern.chars().zip(text.chars()).all(of_kind)
}

fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> {
    text.chars().filter_map(|c| c.to_digit(10))
}

/// ISO/IEC 7812 (Luhn). The constant stands for digits in front that are not written: 24 for the 80840 of an NPI.
fn luhn(number: &str, constant: u32) -> bool {
    let doubled = |(place, digit): (usize, u32)| match place % 2 {
        0 => digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    };
    (constant + digits(number).rev().enumerate().map(doubled).sum::<u32>()).is_multiple_of(10)
}

fn dea(number: &str) -> bool {
    let sum: u32 = digits(number.get(2..).unwrap_or_default()).zip([1, 2, 1, 2, 1, 2]).map(|(d, w)| d * w).sum();
    digits(number).next_back() == Some(sum % 10)
}

fn lanr(number: &str) -> bool {
    let sum: u32 = digits(number).zip([4, 9, 4, 9, 4, 9]).map(|(digit, weight)| digit * weight).sum();
    digits(number).nth(6) == Some((10 - sum % 10) % 10)
}

/// ISO 7064, MOD 11-2.
fn orcid(number: &str) -> bool {
    let total = digits(number).take(15).fold(0, |total, digit| (total + digit) * 2 % 11);
    let check = match (12 - total) % 11 {
        10 => Some('X'),
        check => char::from_digit(check, 10),
    };
    number.chars().last() == check
}

fn grouped(number: &str) -> String {
    let marked = |(place, c): (usize, char)| [(place > 0 && place % 4 == 0).then_some('-'), Some(c)];
    number.chars().enumerate().flat_map(marked).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &str, typed: &str) -> Result<String, WrongNumber> {
        Register::find(key).unwrap().read(typed)
    }

    #[test]
    fn numbers_that_are_in_use_are_taken() {
        for (key, numbers) in [
            ("us-nppes", &["1234567893", "1679567895", "1497300008", "2000000002"][..]),
            ("us-dea", &["AB1234563", "BB1388568", "AP5836727", "A91234563"]),
            ("gb-gmc", &["7012345", "L123456"]),
            ("gb-nmc", &["71A2998E", "01A2345N"]),
            ("gb-gphc", &["2033467"]),
            ("gb-hcpc", &["PH123456", "CH29821", "PT1"]),
            ("gb-gdc", &["1234", "123456"]),
            ("au-ahpra", &["MED0000932846"]),
            ("de-lanr", &["123456601", "838382201", "245781201"]),
            ("fr-rpps", &["10000000009", "10101010105", "10123456781"]),
            ("nl-big", &["19012345601"]),
            ("orcid", &["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"]),
            ("other", &["A 12/345", "Ärztekammer 77"]),
        ] {
            for number in numbers {
                assert_eq!(read(key, number).as_deref(), Ok(*number), "{key}");
            }
        }
        assert!(REGISTERS.iter().all(|register| register.read(register.example).is_ok()));
    }

    #[test]
    fn spaces_hyphens_and_small_letters_are_no_mistake() {
        for (key, typed, kept) in [
            ("gb-gmc", " 701 2345 ", "7012345"),
            ("gb-nmc", "01a2345n", "01A2345N"),
            ("de-lanr", "1234566-01", "123456601"),
            ("orcid", "https://orcid.org/0000-0002-1694-233x", "0000-0002-1694-233X"),
            ("orcid", "0000000218250097", "0000-0002-1825-0097"),
            ("gb-gdc", "cd 123456", "123456"),
            ("gb-hcpc", "CH029821", "CH29821"),
            ("gb-hcpc", "PT000", "PT0"),
            ("gb-gmc", "l12 3456", "L123456"),
            ("fr-rpps", "8 10101010105", "10101010105"),
            ("fr-rpps", "810000000009", "10000000009"),
        ] {
            assert_eq!(read(key, typed).as_deref(), Ok(kept));
        }
    }

    #[test]
    fn one_wrong_digit_or_two_that_changed_places_are_found() {
        let wrong = read("us-nppes", "1234567890").unwrap_err();
        assert_eq!(wrong.to_string(), "the last digit does not fit: please check 1234567890");
        let wrong = read("de-lanr", "123456701").unwrap_err();
        assert_eq!(wrong.to_string(), "the seventh digit does not fit: please check 123456701");
        for (key, number) in [
            ("us-nppes", "1234567898"),
            ("us-nppes", "1243567893"),
            ("us-dea", "AB1234567"),
            ("de-lanr", "123456701"),
            ("fr-rpps", "810101010106"),
            ("orcid", "0000-0002-1825-0098"),
        ] {
            assert!(matches!(read(key, number), Err(WrongNumber::CheckDigit { .. })), "{key} {number}");
        }
        for (key, good) in [("us-nppes", "1234567893"), ("fr-rpps", "10123456781"), ("orcid", "0000000218250097")] {
            for place in 1..good.len() {
                for digit in '0'..='9' {
                    let mut changed: Vec<char> = good.chars().collect();
                    let whole = std::mem::replace(changed.get_mut(place).unwrap(), digit);
                    assert_eq!(read(key, &changed.iter().collect::<String>()).is_ok(), whole == digit, "{changed:?}");
                }
            }
        }
    }

    #[test]
    fn a_number_that_names_its_holder_by_an_initial_tells_of_another_name() {
        let other = |key: &str, number: &str, family: &str| {
            Register::find(key).unwrap().has_other_initial(number, family, str::to_lowercase)
        };
        for family in ["Bakker", "van den Berg", "O’Brien", "Kader-Bakker", "bakker"] {
            assert!(!other("us-dea", "AB1234563", family), "{family}");
        }
        for family in ["Kader", "Cobb", ""] {
            assert!(other("us-dea", "AB1234563", family), "{family}");
        }
        assert!(!other("us-dea", "A91234563", "Kader"), "a business");
        assert!(!other("gb-nmc", "01A2345N", "Kader") && !other("gb-hcpc", "PH123456", "Kader"));
    }

    #[test]
    fn a_register_is_known_by_its_names() {
        let gmc = Register::find("gb-gmc").unwrap();
        for name in ["General Medical Council", "gmc", "GMC Reference Number"] {
            assert!(gmc.is_called(name, str::to_lowercase), "{name}");
        }
        for name in ["", "GMC Services", "General Dental Council"] {
            assert!(!gmc.is_called(name, str::to_lowercase), "{name}");
        }
        assert!(!Register::find(OTHER).unwrap().is_called("Number", str::to_lowercase));
    }

    #[test]
    fn what_is_no_number_of_the_register_is_said_with_the_form_it_has() {
        for (key, number) in [
            ("us-nppes", "3234567893"),
            ("us-nppes", "123456789"),
            ("us-nppes", "１２３４５６７８９３"),
            ("us-dea", "IB1234563"),
            ("gb-gmc", "C7012345"),
            ("gb-gmc", "L1234567"),
            ("gb-gmc", "A123456"),
            ("fr-rpps", "910101010105"),
            ("fr-rpps", "8810101010105"),
            ("gb-nmc", "71A2998"),
            ("gb-gphc", "1033467"),
            ("gb-hcpc", "PH"),
            ("gb-hcpc", "PH1234567"),
            ("gb-gdc", "CD123"),
            ("gb-gdc", "1234567"),
            ("au-ahpra", "ME00009328460"),
            ("orcid", "X000-0002-1825-0097"),
            ("orcid", "0000-0002-1825-009A"),
            ("other", " "),
            ("other", "-/-"),
        ] {
            assert!(matches!(read(key, number), Err(WrongNumber::Form { .. })), "{key} {number}");
        }
        let words = read("gb-gmc", "GMC").unwrap_err().to_string();
        let form = "GMC reference number: 7 digits, or an L and 6 digits, for example 7012345";
        assert_eq!(words, format!("{form}; please check GMC"));
        assert!(read("other", &"é".repeat(65)).unwrap_err().to_string().chars().count() < 150);
    }
}
