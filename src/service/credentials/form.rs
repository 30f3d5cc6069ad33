//! What a clinician fills in, checked field by field.

use std::{collections::HashSet, fmt};

use chrono::{Months, NaiveDate};

use crate::{
    error::{Error, FieldError, Result},
    model::CredentialKind,
    policy::{
        disciplines::Discipline,
        registers::{OTHER, REGISTERS, Register},
    },
    text::{country, sanitize, skeleton},
};

/// A credential as it is typed. Days are `2027-08-31`; empty is nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CredentialForm {
    /// Word of a [`CredentialKind`].
    pub kind: String,
    /// Key of a register; empty where none keeps it.
    pub register: String,
    /// The issuing body; of a known register its name stands here by itself.
    pub body: String,
    /// ISO 3166-1 or 3166-2; of a known register its country by itself.
    pub jurisdiction: String,
    /// The number.
    pub number: String,
    /// Key of a discipline.
    pub discipline: String,
    /// NUCC codes.
    pub specialties: Vec<String>,
    /// As registered.
    pub family_name: String,
    /// As registered.
    pub given_names: String,
    /// Such as "Consultant".
    pub role: String,
    /// Since when.
    pub issued_on: String,
    /// Until when, this day included.
    pub expires_on: String,
}

impl fmt::Debug for CredentialForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialForm")
            .field("kind", &self.kind)
            .field("register", &self.register)
            .field("jurisdiction", &self.jurisdiction)
            .field("discipline", &self.discipline)
            .finish_non_exhaustive()
    }
}

/// What a form is held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    /// The day.
    pub(super) today: NaiveDate,
    /// It goes to the desk: nothing may be missing.
    pub(super) complete: bool,
    /// Known specialties: code and label.
    pub(super) specialties: &'a [(String, String)],
}

/// A form that holds.
pub(super) struct Checked {
    pub(super) kind: CredentialKind,
    pub(super) register: String,
    pub(super) body: String,
    pub(super) jurisdiction: String,
    pub(super) number: Option<String>,
    pub(super) discipline: String,
    pub(super) specialties: Vec<String>,
    pub(super) family_name: String,
    pub(super) given_names: String,
    pub(super) role: String,
    pub(super) issued_on: Option<NaiveDate>,
    pub(super) expires_on: Option<NaiveDate>,
}

/// Longest name, in characters.
const NAME: usize = 100;
/// Longest name of a body, in characters.
const BODY: usize = 150;
/// Most specialties.
const SPECIALTIES: usize = 10;
/// Longest time until a day of expiry, in months: what is beyond is a slip of the hand.
const LONGEST: Months = Months::new(1_200);

#[derive(Default)]
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push(FieldError { field, message: message.into() });
    }

    /// One line of text.
    fn line(&mut self, field: &'static str, typed: &str, longest: usize) -> String {
        if typed.trim().chars().count() > longest {
            self.add(field, format!("Please use {longest} characters or fewer."));
        }
        sanitize::name(typed, longest)
    }
}

/// Checks a form; all that is wrong with it is said at once.
pub(super) fn check(form: &CredentialForm, rules: Rules<'_>) -> Result<Checked> {
    let mut wrong = Wrong::default();
    let kind = CredentialKind::parse(form.kind.trim()).unwrap_or_else(|| {
        wrong.add("kind", "Choose what it is.");
        CredentialKind::Degree
    });
    let register = register(form, kind, rules, &mut wrong);
    let body = body(form, kind, register, rules, &mut wrong);
    let jurisdiction = jurisdiction(form, register, rules, &mut wrong);
    let number = number(form, kind, register, rules, &mut wrong);
    let discipline = discipline(form, rules, &mut wrong);
    let specialties = specialties(form, rules, &mut wrong);
    let family_name = wrong.line("family_name", &form.family_name, NAME);
    let given_names = wrong.line("given_names", &form.given_names, NAME);
    let role = wrong.line("role", &form.role, NAME);
    if rules.complete && family_name.is_empty() {
        wrong.add("family_name", "Enter the family name as it is registered.");
    }
    if rules.complete && given_names.is_empty() {
        wrong.add("given_names", "Enter the given names as they are registered.");
    }
    let (issued_on, expires_on) = days(form, rules, &mut wrong);
    if !wrong.0.is_empty() {
        return Err(Error::Invalid(wrong.0));
    }
    Ok(Checked {
        kind,
        register: register.map_or_else(String::new, |r| r.key.to_owned()),
        body,
        jurisdiction,
        number,
        discipline,
        specialties,
        family_name,
        given_names,
        role,
        issued_on,
        expires_on,
    })
}

fn register(
    form: &CredentialForm,
    kind: CredentialKind,
    rules: Rules<'_>,
    wrong: &mut Wrong,
) -> Option<&'static Register> {
    let typed = form.register.trim();
    let found = Register::find(typed);
    if found.is_none() && !typed.is_empty() {
        wrong.add("register", "Choose a register from the list.");
    } else if found.is_none() && rules.complete && kind.is_registered() {
        wrong.add("register", "Choose the register that keeps it, or “Another body”.");
    }
    found
}

/// A register that we know by name; none where the body has to be said.
fn named(register: Option<&'static Register>) -> Option<&'static Register> {
    register.filter(|register| register.key != OTHER)
}

/// Whether a body is this register, in whatever letters and with whatever around its name.
fn is_called(register: &Register, body: &str) -> bool {
    let bare = body.split(['(', ',']).next().unwrap_or_default().trim();
    let rest = bare.split_once(' ').filter(|(first, _)| first.eq_ignore_ascii_case("the"));
    register.is_called(rest.map_or(bare, |(_, rest)| rest), skeleton)
}

fn body(
    form: &CredentialForm,
    kind: CredentialKind,
    register: Option<&'static Register>,
    rules: Rules<'_>,
    wrong: &mut Wrong,
) -> String {
    if let Some(register) = named(register) {
        return register.name.to_owned();
    }
    let body = wrong.line("body", &form.body, BODY);
    // Under another name the same number would be another one.
    if let Some(known) = REGISTERS.iter().find(|register| is_called(register, &body)) {
        wrong.add("body", format!("Choose it from the list of registers: {}.", known.name));
    }
    if body.is_empty() && rules.complete {
        match (register, kind.is_registered()) {
            // Which register it is comes first.
            (None, true) => {}
            (None, false) => wrong.add("body", "Say who gave it: the school, the institution or the board."),
            (Some(_), _) => wrong.add("body", "Say which body keeps the register."),
        }
    }
    body
}

fn jurisdiction(
    form: &CredentialForm,
    register: Option<&'static Register>,
    rules: Rules<'_>,
    wrong: &mut Wrong,
) -> String {
    let typed = form.jurisdiction.trim().to_uppercase();
    let own = register.map(|register| register.jurisdiction).filter(|place| *place != "*");
    match own {
        Some(own) if typed.is_empty() => return own.to_owned(),
        Some(own) if typed != own && !typed.starts_with(&format!("{own}-")) => {
            wrong.add("jurisdiction", format!("This register is that of {own}."));
        }
        _ if typed.is_empty() && rules.complete => {
            wrong.add("jurisdiction", "Say in which country it holds.");
        }
        _ if !typed.is_empty() && !country::is_place(&typed) => {
            wrong.add(
                "jurisdiction",
                "Use the two letters of a country, such as IE, or of a part of one, such as US-CA.",
            );
        }
        _ => return typed,
    }
    String::new()
}

fn number(
    form: &CredentialForm,
    kind: CredentialKind,
    register: Option<&'static Register>,
    rules: Rules<'_>,
    wrong: &mut Wrong,
) -> Option<String> {
    let typed = form.number.trim();
    if typed.is_empty() {
        if let (Some(register), true) = (register, rules.complete && kind.is_registered()) {
            wrong.add("number", format!("Enter the {}: {}.", register.number, register.form));
        }
        return None;
    }
    match register.or_else(|| Register::find(OTHER))?.read(typed) {
        Ok(number) => Some(number),
        Err(why) => {
            wrong.add("number", why.to_string());
            None
        }
    }
}

fn discipline(form: &CredentialForm, rules: Rules<'_>, wrong: &mut Wrong) -> String {
    let typed = form.discipline.trim();
    if typed.is_empty() {
        if rules.complete {
            wrong.add("discipline", "Choose your profession.");
        }
    } else if Discipline::find(typed).is_none() {
        wrong.add("discipline", "Choose a profession from the list.");
    }
    typed.to_owned()
}

fn specialties(form: &CredentialForm, rules: Rules<'_>, wrong: &mut Wrong) -> Vec<String> {
    let mut seen = HashSet::new();
    let typed = form.specialties.iter().map(|code| code.trim().to_uppercase());
    let codes: Vec<String> = typed.filter(|code| !code.is_empty() && seen.insert(code.clone())).collect();
    if codes.len() > SPECIALTIES {
        wrong.add("specialties", format!("Choose {SPECIALTIES} or fewer."));
    } else if codes.iter().any(|code| !rules.specialties.iter().any(|(known, _)| known == code)) {
        wrong.add("specialties", "Choose specialties from the list.");
    }
    codes
}

/// A day as forms and files have it; none where it is no day.
pub(super) fn day(typed: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(typed.trim(), "%Y-%m-%d").ok()?;
    (day >= NaiveDate::from_ymd_opt(1900, 1, 1)?).then_some(day)
}

fn days(form: &CredentialForm, rules: Rules<'_>, wrong: &mut Wrong) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let mut read = |field: &'static str, typed: &str| {
        let found = day(typed);
        if found.is_none() && !typed.trim().is_empty() {
            wrong.add(field, "Write the day as year, month and day, such as 2027-08-31.");
        }
        found
    };
    let (issued, expires) = (read("issued_on", &form.issued_on), read("expires_on", &form.expires_on));
    if issued.is_some_and(|day| day > rules.today) {
        wrong.add("issued_on", "This day has not come yet.");
    }
    if let Some(day) = expires {
        if rules.complete && day <= rules.today {
            wrong.add("expires_on", "It has ended. Enter the day until which it holds now.");
        } else if issued.is_some_and(|issued| issued >= day) {
            wrong.add("expires_on", "It would end before it begins.");
        } else if rules.today.checked_add_months(LONGEST).is_none_or(|last| day > last) {
            wrong.add("expires_on", "Nothing holds for so long. Leave it empty where there is no end.");
        }
    }
    (issued, expires)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> CredentialForm {
        CredentialForm {
            kind: "registration".into(),
            register: "gb-gmc".into(),
            number: "701 2345".into(),
            discipline: "medicine".into(),
            family_name: " Kader ".into(),
            given_names: "Samira".into(),
            expires_on: "2027-08-31".into(),
            ..CredentialForm::default()
        }
    }

    fn checked(form: &CredentialForm, complete: bool) -> Result<Checked, Vec<(&'static str, String)>> {
        let specialties = [("207RC0000X".to_owned(), "Cardiology".to_owned())];
        let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
        check(form, Rules { today, complete, specialties: &specialties }).map_err(|error| match error {
            Error::Invalid(wrong) => wrong.into_iter().map(|w| (w.field, w.message)).collect(),
            other => panic!("{other}"),
        })
    }

    fn fields(form: &CredentialForm, complete: bool) -> Vec<&'static str> {
        checked(form, complete).err().unwrap_or_default().into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_known_register_says_whose_it_is() {
        let form = checked(&whole(), true).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        assert_eq!((form.body.as_str(), form.jurisdiction.as_str()), ("General Medical Council", "GB"));
        assert_eq!((form.number.as_deref(), form.family_name.as_str()), (Some("7012345"), "Kader"));
        assert_eq!(fields(&CredentialForm { jurisdiction: "gb-sct".into(), ..whole() }, true), [""; 0]);
        assert_eq!(fields(&CredentialForm { jurisdiction: "IE".into(), ..whole() }, true), ["jurisdiction"]);
    }

    #[test]
    fn a_wrong_number_is_refused_in_the_words_of_its_register() {
        let npi = CredentialForm { register: "us-nppes".into(), number: "1234567890".into(), ..whole() };
        let wrong = checked(&npi, false).err().unwrap();
        assert_eq!(wrong, [("number", "the last digit does not fit: please check 1234567890".to_owned())]);
    }

    #[test]
    fn what_goes_to_the_desk_lacks_nothing_and_a_draft_may() {
        let empty = CredentialForm { kind: "registration".into(), ..CredentialForm::default() };
        let missing = ["register", "jurisdiction", "discipline", "family_name", "given_names"];
        assert_eq!(fields(&empty, true), missing);
        assert_eq!(fields(&empty, false), [""; 0]);
        assert_eq!(fields(&CredentialForm { number: String::new(), ..whole() }, true), ["number"]);
        let other = CredentialForm { register: "other".into(), jurisdiction: "IE".into(), ..whole() };
        assert_eq!(fields(&other, true), ["body"]);
        let degree = CredentialForm {
            kind: "degree".into(),
            register: String::new(),
            number: String::new(),
            body: "University College".into(),
            jurisdiction: "IE".into(),
            ..whole()
        };
        assert_eq!(fields(&degree, true), [""; 0]);
        assert_eq!(fields(&CredentialForm { body: String::new(), ..degree }, true), ["body"]);
    }

    #[test]
    fn a_register_of_the_list_is_chosen_there() {
        let other = |body: &str| CredentialForm {
            register: "other".into(),
            jurisdiction: "GB".into(),
            body: body.into(),
            ..whole()
        };
        for body in ["General Medical Council", "G.M.C.", "the GMC (UK)", "Genеral Mеdical Counсil", "BIG-register"]
        {
            for complete in [false, true] {
                let wrong = checked(&other(body), complete).err().unwrap_or_default();
                assert!(
                    wrong.iter().any(|(field, words)| *field == "body" && words.contains("from the list")),
                    "{body}"
                );
            }
        }
        for body in ["Medical Council of Ireland", "GMC Services", "Theatre School"] {
            assert_eq!(fields(&other(body), true), [""; 0], "{body}");
        }
    }

    #[test]
    fn days_and_codes_have_to_be_some() {
        for (field, form) in [
            ("issued_on", CredentialForm { issued_on: "2026-11-27".into(), ..whole() }),
            ("issued_on", CredentialForm { issued_on: "31.8.2020".into(), ..whole() }),
            ("expires_on", CredentialForm { expires_on: "2026-11-26".into(), ..whole() }),
            ("expires_on", CredentialForm { expires_on: "2226-11-26".into(), ..whole() }),
            (
                "expires_on",
                CredentialForm { issued_on: "2020-01-01".into(), expires_on: "2019-01-01".into(), ..whole() },
            ),
            ("specialties", CredentialForm { specialties: vec!["207XX0000X".into()], ..whole() }),
            ("discipline", CredentialForm { discipline: "magic".into(), ..whole() }),
            ("register", CredentialForm { register: "gb-xyz".into(), number: String::new(), ..whole() }),
            ("family_name", CredentialForm { family_name: "k".repeat(101), ..whole() }),
        ] {
            assert!(fields(&form, true).contains(&field), "{field}: {:?}", fields(&form, true));
        }
        let past = CredentialForm { expires_on: "2020-01-01".into(), ..whole() };
        assert_eq!(fields(&past, false), [""; 0], "a draft may be old");
    }

    #[test]
    fn a_form_tells_no_number() {
        assert!(!format!("{:?}", whole()).contains("701"));
    }
}
