//! How the digits of numbers vouch for each other. Such a check tells a number of its kind from a laboratory value.
//! Rules: NHS data dictionary, Department of Social Protection (PPS), BSN 11-test, INSEE, BZSt, GKV, Services Australia,
//! CMS, ISO/IEC 7812, ISO 13616, 49 CFR 565.

use super::page::digits;

/// The sum of digits, each times its weight.
fn weighed(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// ISO/IEC 7812 (Luhn). The constant stands for digits in front that are not written.
fn luhn_with(digits: &[u32], constant: u32) -> bool {
    let doubled = |(place, digit): (usize, &u32)| match place % 2 {
        0 => *digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    };
    (constant + digits.iter().rev().enumerate().map(doubled).sum::<u32>()).is_multiple_of(10)
}

/// ISO/IEC 7812: cards, IMEI, RPPS, IHI.
pub(super) fn luhn(text: &str) -> bool {
    let digits = digits(text);
    digits.len() > 1 && digits.iter().any(|d| *d != 0) && luhn_with(&digits, 0)
}

/// US NPI: Luhn with the 80840 in front.
pub(super) fn npi(text: &str) -> bool {
    let digits = digits(text);
    digits.len() == 10 && matches!(digits.first(), Some(1 | 2)) && luhn_with(&digits, 24)
}

/// NHS number of England and Wales, CHI of Scotland, H&C number of Northern Ireland.
pub(super) fn nhs(text: &str) -> bool {
    let digits = digits(text);
    let sum = weighed(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let check = (11 - sum % 11) % 11;
    digits.len() == 10 && digits.iter().any(|d| Some(d) != digits.first()) && digits.last() == Some(&check)
}

/// Irish PPS number: seven digits, a check letter, and perhaps another.
pub(super) fn pps(text: &str) -> bool {
    let letters: Vec<u32> = text.chars().filter(char::is_ascii_alphabetic).map(letter).collect();
    let digits = digits(text);
    let second = letters.get(1).copied().filter(|n| *n != 23).unwrap_or(0);
    let sum = weighed(&digits, &[8, 7, 6, 5, 4, 3, 2]) + second * 9;
    // W stands for nothing.
    digits.len() == 7 && letters.first().map(|n| n % 23) == Some(sum % 23)
}

/// A is 1, Z is 26.
fn letter(c: char) -> u32 {
    c.to_digit(36).map_or(0, |n| n.saturating_sub(9))
}

/// Dutch BSN, the 11-test.
pub(super) fn bsn(text: &str) -> bool {
    let digits = digits(text);
    let sum = weighed(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    digits.len() == 9 && sum > 0 && digits.last() == Some(&(sum % 11))
}

/// French NIR with its key; 2A and 2B for Corsica.
pub(super) fn nir(text: &str) -> bool {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let (body, key) = plain.split_at_checked(13).unwrap_or_default();
    // Only the sixth and seventh place have the department.
    let body = body.replacen("2A", "19", 1).replacen("2B", "18", 1);
    match (body.parse::<u64>(), key.parse::<u64>()) {
        (Ok(number), Ok(key)) if key > 0 && plain.len() == 15 => 97 - number % 97 == key,
        _ => false,
    }
}

/// German Steuer-ID (ISO 7064, MOD 11,10): eleven digits, the first not 0.
pub(super) fn steuer_id(text: &str) -> bool {
    let digits = digits(text);
    if digits.len() != 11 || digits.first() == Some(&0) {
        return false;
    }
    let product = digits.iter().take(10).fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    digits.last() == Some(&((11 - product) % 10))
}

/// German KVNR: a letter and nine digits.
pub(super) fn kvnr(text: &str) -> bool {
    let Some(first) = text.chars().next().filter(char::is_ascii_alphabetic) else { return false };
    let (number, mut all) = (letter(first), digits(text));
    if all.len() != 9 {
        return false;
    }
    all.insert(0, number % 10);
    all.insert(0, number / 10);
    let cross = |(place, digit): (usize, &u32)| {
        let product = if place % 2 == 0 { *digit } else { digit * 2 };
        product / 10 + product % 10
    };
    let sum: u32 = all.iter().take(10).enumerate().map(cross).sum();
    all.last() == Some(&(sum % 10))
}

/// Australian Medicare number: ten digits and perhaps the place on the card.
pub(super) fn medicare_au(text: &str) -> bool {
    let digits = digits(text);
    let sum = weighed(&digits, &[1, 3, 7, 9, 1, 3, 7, 9]);
    matches!(digits.len(), 10 | 11) && matches!(digits.first(), Some(2..=6)) && digits.get(8) == Some(&(sum % 10))
}

/// Austrian insurance number: its fourth digit vouches for the others, of which the last six are a day of birth.
pub(super) fn svnr(text: &str) -> bool {
    let digits = digits(text);
    let two = |at: usize| digits.get(at..at + 2).map_or(0, |two| two.iter().fold(0, |sum, digit| sum * 10 + digit));
    let sum = weighed(&digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
    digits.len() == 10
        && digits.first() != Some(&0)
        && digits.get(3) == Some(&sum)
        && (1..=31).contains(&two(4))
        && (1..=12).contains(&two(6))
}

/// Australian IHI.
pub(super) fn ihi(text: &str) -> bool {
    let digits = digits(text);
    digits.len() == 16 && digits.starts_with(&[8, 0, 0, 3, 6]) && luhn_with(&digits, 0)
}

/// US Medicare beneficiary identifier: its form has no check digit, but letters and digits at fixed places.
pub(super) fn mbi(text: &str) -> bool {
    let plain: Vec<char> = text.to_ascii_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let fits = |(kind, c): (char, &char)| {
        let is_letter = c.is_ascii_uppercase() && !"SLOIBZ".contains(*c);
        match kind {
            'c' => matches!(c, '1'..='9'),
            'a' => is_letter,
            'x' => is_letter || c.is_ascii_digit(),
            _ => c.is_ascii_digit(),
        }
    };
    plain.len() == 11 && "caxnaxnaann".chars().zip(&plain).all(fits)
}

/// US social security number: which areas, groups and serials are given out.
pub(super) fn ssn(text: &str) -> bool {
    let digits = digits(text);
    let area = digits.iter().take(3).fold(0, |n, d| n * 10 + d);
    let zero = |from: usize, count: usize| digits.iter().skip(from).take(count).all(|d| *d == 0);
    digits.len() == 9 && !matches!(area, 0 | 666 | 900..) && !zero(3, 2) && !zero(5, 4)
}

/// Vehicle identification number with the check digit of North America.
pub(super) fn vin(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |c: char| match c {
        'A' | 'J' => Some(1),
        'B' | 'K' | 'S' => Some(2),
        'C' | 'L' | 'T' => Some(3),
        'D' | 'M' | 'U' => Some(4),
        'E' | 'N' | 'V' => Some(5),
        'F' | 'W' => Some(6),
        'G' | 'P' | 'X' => Some(7),
        'H' | 'Y' => Some(8),
        'R' | 'Z' => Some(9),
        c => c.to_digit(10),
    };
    let text = text.to_ascii_uppercase();
    let values: Option<Vec<u32>> = text.chars().map(value).collect();
    let Some(values) = values.filter(|values| values.len() == 17) else { return false };
    let check = match weighed(&values, &WEIGHTS) % 11 {
        10 => Some('X'),
        check => char::from_digit(check, 10),
    };
    text.chars().nth(8) == check
}

/// International bank account number.
pub(super) fn iban(text: &str) -> bool {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let Some((head, rest)) = plain.split_at_checked(4) else { return false };
    let remainder = rest.chars().chain(head.chars()).filter_map(|c| c.to_digit(36)).fold(0, |remainder, value| {
        if value > 9 { (remainder * 100 + value) % 97 } else { (remainder * 10 + value) % 97 }
    });
    (15..=34).contains(&plain.len()) && remainder == 1
}
