//! Identifiers in data of FHIR: what the type or the system beside a value says (HL7 table 0203, and the registers of states).

use std::sync::LazyLock;

use regex::Regex;

use super::{
    kind::Kind,
    page::{Mark, Page, pattern},
};

/// A type or a system, and the value that follows it in the same object.
static IDENTIFIER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\x22(?:type|code|system|use|display|text|assigner)\x22 ?: ?\x22([^\x22\n]{1,90})\x22",
        r"[^{}\x22]{0,8}(?:\}\]? ?\}?, ?)?\x22value\x22 ?: ?\x22([^\x22\n]{3,40})\x22",
    ))
});
/// Codes of types.
const TYPES: &[(&str, Kind)] = &[
    ("mr", Kind::Mrn),
    ("mrt", Kind::Mrn),
    ("pi", Kind::Mrn),
    ("pt", Kind::Mrn),
    ("vn", Kind::Mrn),
    ("acsn", Kind::Mrn),
    ("plac", Kind::Mrn),
    ("fill", Kind::Mrn),
    ("ss", Kind::Ssn),
    ("sb", Kind::Ssn),
    ("dl", Kind::License),
    ("md", Kind::License),
    ("rn", Kind::License),
    ("ln", Kind::License),
    ("npi", Kind::License),
    ("dea", Kind::License),
    ("prn", Kind::License),
    ("ppn", Kind::NationalId),
    ("ni", Kind::NationalId),
    ("nnzl", Kind::NationalId),
    ("nh", Kind::NationalId),
    ("czi", Kind::NationalId),
    ("jhn", Kind::NationalId),
    ("hc", Kind::NationalId),
    ("mb", Kind::HealthPlan),
    ("sn", Kind::HealthPlan),
    ("mc", Kind::HealthPlan),
    ("ma", Kind::HealthPlan),
    ("an", Kind::Account),
    ("ei", Kind::Other),
    ("en", Kind::Other),
    ("sno", Kind::Device),
    ("udi", Kind::Device),
];
/// Parts of the names of systems.
const SYSTEMS: &[(&str, Kind)] = &[
    ("us-ssn", Kind::Ssn),
    ("2.16.840.1.113883.4.1", Kind::Ssn),
    ("us-npi", Kind::License),
    ("us-mbi", Kind::HealthPlan),
    ("nhs-number", Kind::NationalId),
    ("chi-number", Kind::NationalId),
    ("nhi-id", Kind::NationalId),
    ("hpi-person", Kind::License),
    ("/ihi", Kind::NationalId),
    ("medicare-number", Kind::NationalId),
    ("hi/ihi", Kind::NationalId),
    ("1.2.208.176.1.2", Kind::NationalId),
    ("1.2.752.129.2.1.3.1", Kind::NationalId),
    ("2.16.578.1.12.4.1.4.1", Kind::NationalId),
    ("1.2.246.21", Kind::NationalId),
    ("fhir.nl/fhir/namingsystem/bsn", Kind::NationalId),
    ("2.16.840.1.113883.2.4.6.3", Kind::NationalId),
    ("kvid-10", Kind::NationalId),
    ("ident-nir", Kind::NationalId),
    ("ins-nir", Kind::NationalId),
    ("abha", Kind::NationalId),
    ("nric", Kind::NationalId),
    ("passport", Kind::NationalId),
    ("gmc-number", Kind::License),
    ("big-nummer", Kind::License),
    ("lanr", Kind::License),
    ("rpps", Kind::License),
    ("driver", Kind::License),
];

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in IDENTIFIER.captures_iter(&page.lower) {
        let (Some(said), Some(value)) = (found.get(1), found.get(2)) else { continue };
        let (said, digits) = (said.as_str(), value.as_str().bytes().filter(u8::is_ascii_digit).count());
        let by_type = TYPES.iter().find(|(code, _)| *code == said);
        let known = by_type.or_else(|| SYSTEMS.iter().find(|(part, _)| said.contains(part)));
        if let Some((_, kind)) = known.filter(|_| digits > 2) {
            marks.push(Mark {
                range: value.range(),
                kind: *kind,
                why: "In data the type of an identifier says whose it is.",
                suggestion: String::new(),
                weight: 90,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_or_the_system_beside_a_value_says_what_it_is() {
        for (text, kind, number) in [
            (r#"{"type": "DL", "value": "S514-7729-0436"}"#, Kind::License, "S514-7729-0436"),
            (r#"{"type":{"coding":[{"code":"MR"}]},"value":"A20077318"}"#, Kind::Mrn, "A20077318"),
            (r#"{"system": "urn:oid:1.2.208.176.1.2", "value": "140358-1425"}"#, Kind::NationalId, "140358-1425"),
            (r#"{"system":"https://x.nz/ns/nhi-id","value":"LGU5903"}"#, Kind::NationalId, "LGU5903"),
        ] {
            let page = Page::read(text);
            let mut marks = Vec::new();
            find(&page, &mut marks);
            let found: Vec<_> = marks.iter().map(|mark| (mark.kind, page.at(&mark.range))).collect();
            assert_eq!(found, [(kind, number)], "{text}");
        }
        let page = Page::read(r#"{"code":"8480-6"},"valueQuantity":{"value":134,"unit":"mmHg"}"#);
        let mut marks = Vec::new();
        find(&page, &mut marks);
        assert!(marks.is_empty());
    }
}
