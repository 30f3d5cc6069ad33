//! The health professions, and their specialties.
//!
//! Codes of specialties are those of the NUCC Health Care Provider Taxonomy; the labels are our own. The official file
//! can be loaded beside them.

/// A profession.
#[derive(Debug, PartialEq, Eq)]
pub struct Discipline {
    /// What it is called in addresses, files and the database.
    pub key: &'static str,
    /// The field, such as "Medicine".
    pub name: &'static str,
    /// Who works in it, such as "Doctor".
    pub person: &'static str,
}

/// Every profession that can be claimed.
pub static DISCIPLINES: &[Discipline] = &[
    Discipline { key: "medicine", name: "Medicine", person: "Doctor" },
    Discipline { key: "nursing", name: "Nursing", person: "Nurse" },
    Discipline { key: "midwifery", name: "Midwifery", person: "Midwife" },
    Discipline { key: "pharmacy", name: "Pharmacy", person: "Pharmacist" },
    Discipline { key: "dentistry", name: "Dentistry", person: "Dentist" },
    Discipline { key: "physician-assistance", name: "Physician assistance", person: "Physician assistant" },
    Discipline { key: "physiotherapy", name: "Physiotherapy", person: "Physiotherapist" },
    Discipline { key: "occupational-therapy", name: "Occupational therapy", person: "Occupational therapist" },
    Discipline { key: "speech-therapy", name: "Speech and language therapy", person: "Speech and language therapist" },
    Discipline { key: "psychology", name: "Psychology", person: "Psychologist" },
    Discipline { key: "counselling", name: "Counselling", person: "Counsellor" },
    Discipline { key: "social-work", name: "Clinical social work", person: "Clinical social worker" },
    Discipline { key: "optometry", name: "Optometry", person: "Optometrist" },
    Discipline { key: "podiatry", name: "Podiatry", person: "Podiatrist" },
    Discipline { key: "radiography", name: "Radiography", person: "Radiographer" },
    Discipline { key: "dietetics", name: "Dietetics", person: "Dietitian" },
    Discipline { key: "paramedicine", name: "Paramedicine", person: "Paramedic" },
    Discipline { key: "laboratory-science", name: "Laboratory science", person: "Clinical scientist" },
    Discipline { key: "student", name: "Studies in a health profession", person: "Student" },
    Discipline { key: "other", name: "Another profession", person: "Practitioner" },
];

impl Discipline {
    /// The profession of this key.
    #[must_use]
    pub fn find(key: &str) -> Option<&'static Self> {
        DISCIPLINES.iter().find(|discipline| discipline.key == key)
    }
}

/// The code system of specialties (HL7).
pub const NUCC: &str = "http://nucc.org/provider-taxonomy";

/// Code, our label, key of the discipline.
pub static SPECIALTIES: &[(&str, &str, &str)] = &[
    ("207L00000X", "Anaesthesia", "medicine"),
    ("207RC0000X", "Cardiology", "medicine"),
    ("207RC0001X", "Cardiac electrophysiology", "medicine"),
    ("207RI0011X", "Interventional cardiology", "medicine"),
    ("207N00000X", "Dermatology", "medicine"),
    ("207P00000X", "Emergency medicine", "medicine"),
    ("207RE0101X", "Endocrinology", "medicine"),
    ("207Q00000X", "Family medicine", "medicine"),
    ("207RG0100X", "Gastroenterology", "medicine"),
    ("208D00000X", "General practice", "medicine"),
    ("207R00000X", "Internal medicine", "medicine"),
    ("207RX0202X", "Medical oncology", "medicine"),
    ("207RN0300X", "Nephrology", "medicine"),
    ("2084N0400X", "Neurology", "medicine"),
    ("207V00000X", "Obstetrics and gynaecology", "medicine"),
    ("207W00000X", "Ophthalmology", "medicine"),
    ("207X00000X", "Orthopaedic surgery", "medicine"),
    ("207Y00000X", "Otolaryngology", "medicine"),
    ("208000000X", "Paediatrics", "medicine"),
    ("207ZP0102X", "Pathology", "medicine"),
    ("208100000X", "Physical medicine and rehabilitation", "medicine"),
    ("208200000X", "Plastic surgery", "medicine"),
    ("2084P0800X", "Psychiatry", "medicine"),
    ("2085R0001X", "Radiation oncology", "medicine"),
    ("2085R0202X", "Diagnostic radiology", "medicine"),
    ("2085R0204X", "Interventional radiology", "medicine"),
    ("207RP1001X", "Respiratory medicine", "medicine"),
    ("207RR0500X", "Rheumatology", "medicine"),
    ("208600000X", "Surgery", "medicine"),
    ("208800000X", "Urology", "medicine"),
    ("2086S0129X", "Vascular surgery", "medicine"),
    ("163W00000X", "General nursing", "nursing"),
    ("363L00000X", "Nurse practitioner", "nursing"),
    ("363LF0000X", "Family nurse practitioner", "nursing"),
    ("367500000X", "Nurse anaesthesia", "nursing"),
    ("363A00000X", "Physician assistant", "physician-assistance"),
    ("122300000X", "General dental practice", "dentistry"),
    ("152W00000X", "Optometry", "optometry"),
    ("213E00000X", "Podiatry", "podiatry"),
    ("225100000X", "Physiotherapy", "physiotherapy"),
    ("235Z00000X", "Speech and language therapy", "speech-therapy"),
    ("103T00000X", "Psychology", "psychology"),
    ("101Y00000X", "Counselling", "counselling"),
];

/// Our label for a code.
#[must_use]
pub fn specialty(code: &str) -> Option<&'static str> {
    SPECIALTIES.iter().find(|(known, ..)| *known == code).map(|(_, label, _)| *label)
}

/// The discipline that a NUCC code belongs to: that of the code itself, or of its neighbours in the same classification.
#[must_use]
pub fn discipline_of(code: &str) -> Option<&'static str> {
    let exact = SPECIALTIES.iter().find(|(known, ..)| *known == code);
    let field = || {
        let field = code.get(..4).filter(|_| code.len() == 10)?;
        SPECIALTIES.iter().find(|(known, ..)| known.starts_with(field))
    };
    exact.or_else(field).map(|(.., discipline)| *discipline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_are_not_known_belong_where_their_neighbours_do() {
        assert_eq!(discipline_of("207RC0000X"), Some("medicine"));
        assert_eq!(discipline_of("207RH0000X"), Some("medicine"));
        assert_eq!(discipline_of("363LP0808X"), Some("nursing"));
        assert_eq!(discipline_of("363AM0700X"), Some("physician-assistance"));
        assert_eq!(discipline_of("999900000X"), None);
        assert_eq!(discipline_of("207R"), None);
    }

    #[test]
    fn every_specialty_belongs_to_a_discipline_and_stands_once() {
        let mut codes = std::collections::HashSet::new();
        for (code, label, discipline) in SPECIALTIES {
            assert!(Discipline::find(discipline).is_some(), "{label}");
            assert!(code.len() == 10 && code.ends_with('X') && codes.insert(code), "{code}");
        }
    }
}
