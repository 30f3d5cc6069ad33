//! What a verifier looks at before the institution stands by a credential.

use crate::{
    error::{Error, Result},
    model::{Credential, CredentialKind},
};

/// One thing to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckItem {
    /// What it is called in forms and the database.
    pub key: &'static str,
    /// In words.
    pub label: &'static str,
    /// Whether it was looked at.
    pub ticked: bool,
}

type Items = &'static [(&'static str, &'static str)];

const NAME: (&str, &str) = ("name", "Any difference in name is explained");
const NUMBER: (&str, &str) = ("number", "Number and name seen in the register");
const CONDITIONS: (&str, &str) = ("conditions", "No conditions or warnings");

const GMC: Items = &[NUMBER, ("current", "Licence to practise is current"), NAME, CONDITIONS];
const NPPES: Items = &[
    NUMBER,
    ("current", "A licence of the state is current: an NPI is none"),
    NAME,
    ("conditions", "No exclusion or disciplinary action"),
];
const DEA: Items =
    &[NUMBER, ("current", "Registration is active, with the schedules that are claimed"), NAME, CONDITIONS];
const LANR: Items = &[NUMBER, ("current", "Licence to practise seen: the number alone is none"), NAME, CONDITIONS];
const RPPS: Items = &[NUMBER, ("current", "Entry in the register of the order is current"), NAME, CONDITIONS];
const BIG: Items = &[NUMBER, ("current", "Entry is current"), NAME, ("conditions", "No measure on record")];
const ORCID: Items = &[
    ("number", "The record is public and names this person"),
    ("current", "Works or affiliations in it are theirs"),
    NAME,
];
const REGISTRATION: Items = &[NUMBER, ("current", "Registration is current for this profession"), NAME, CONDITIONS];
const OTHER: Items = &[
    ("body", "The body registers this profession by law or charter"),
    ("number", "Number and name confirmed by the body"),
    ("current", "Registration is current"),
    NAME,
    CONDITIONS,
];
const SPECIALIST: Items = &[
    NUMBER,
    ("specialty", "Specialty seen on the specialist register or the board's list"),
    ("current", "Certificate or entry is current"),
    NAME,
    CONDITIONS,
];
const DEGREE: Items =
    &[("document", "Diploma seen, or confirmed by the school"), ("school", "The school is recognised"), NAME];
const EMPLOYMENT: Items = &[
    ("employer", "Confirmed by the personnel office or the head of the department"),
    ("role", "Role and department are as claimed"),
    NAME,
];
const TRAINING: Items =
    &[("enrolment", "Enrolment seen, with its end"), ("supervisor", "The school or the supervisor confirms it"), NAME];

fn of(kind: CredentialKind, register: &str) -> Items {
    match (kind, register) {
        (CredentialKind::Specialist, _) => SPECIALIST,
        (CredentialKind::Degree, _) => DEGREE,
        (CredentialKind::Employment, _) => EMPLOYMENT,
        (CredentialKind::Training, _) => TRAINING,
        (CredentialKind::Registration, "gb-gmc") => GMC,
        (CredentialKind::Registration, "us-nppes") => NPPES,
        (CredentialKind::Registration, "us-dea") => DEA,
        (CredentialKind::Registration, "de-lanr") => LANR,
        (CredentialKind::Registration, "fr-rpps") => RPPS,
        (CredentialKind::Registration, "nl-big") => BIG,
        (CredentialKind::Registration, "orcid") => ORCID,
        (CredentialKind::Registration, "other") => OTHER,
        (CredentialKind::Registration, _) => REGISTRATION,
    }
}

/// The list of a credential, with what was ticked.
pub(super) fn items(credential: &Credential) -> Vec<CheckItem> {
    let ticked = |key: &str| credential.ticked.iter().any(|one| one == key);
    let all = of(credential.kind, &credential.register).iter();
    all.map(|&(key, label)| CheckItem { key, label, ticked: ticked(key) }).collect()
}

/// What was ticked, as it is kept: in the order of the list, each once.
pub(super) fn read(credential: &Credential, keys: &[String]) -> Result<Vec<String>> {
    let known = of(credential.kind, &credential.register);
    if keys.iter().any(|key| !known.iter().any(|(one, _)| one == key)) {
        return Err(Error::invalid("checklist", "This list has changed meanwhile. Please look at it again."));
    }
    Ok(known.iter().filter(|(key, _)| keys.iter().any(|k| k == key)).map(|(key, _)| (*key).to_owned()).collect())
}

/// Nothing is attested before all was looked at.
pub(super) fn require_all(credential: &Credential) -> Result<()> {
    let left: Vec<&str> = items(credential).iter().filter(|item| !item.ticked).map(|item| item.label).collect();
    let checks = match left.len() {
        0 => return Ok(()),
        1 => "1 check".to_owned(),
        many => format!("{many} checks"),
    };
    Err(Error::invalid("checklist", format!("{checks} left before it can be attested: {}.", left.join("; "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::registers::REGISTERS;

    #[test]
    fn every_list_has_something_to_look_at_and_no_key_twice() {
        let registers = REGISTERS.iter().map(|register| register.key).chain([""]);
        for register in registers {
            for kind in CredentialKind::ALL {
                let list = of(*kind, register);
                assert!(list.len() >= 3, "{kind} {register}");
                for (key, _) in list {
                    assert_eq!(list.iter().filter(|(other, _)| other == key).count(), 1, "{kind} {register} {key}");
                }
            }
        }
    }
}
