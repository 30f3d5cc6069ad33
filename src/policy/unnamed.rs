//! Asking without one's name: who may, and which words stand in place of the name. A label that fits fewer than five members
//! of the group would be a name, so a coarser one is taken.

use chrono::{DateTime, TimeDelta, Utc};

use super::disciplines::Discipline;
use crate::model::{AskedAs, Badge, GroupKind, Held, Premoderation, Share};

/// Fewest members of a group who share a label that is shown.
pub const FEWEST: i64 = 5;
/// How long a moderator's wish to know who asked waits for another one, in days.
pub const OPENING_DAYS: i64 = 7;
/// Longest label that is taken over from another server, in characters.
pub const MAX_LABEL: usize = 80;

/// Who works in a specialty, for labels: our word for the specialty, and for the person.
static SPECIALISTS: &[(&str, &str)] = &[
    ("Anaesthesia", "anaesthetist"),
    ("Cardiology", "cardiologist"),
    ("Cardiac electrophysiology", "cardiac electrophysiologist"),
    ("Interventional cardiology", "interventional cardiologist"),
    ("Dermatology", "dermatologist"),
    ("Emergency medicine", "emergency physician"),
    ("Endocrinology", "endocrinologist"),
    ("Family medicine", "family physician"),
    ("Gastroenterology", "gastroenterologist"),
    ("General practice", "general practitioner"),
    ("Internal medicine", "specialist in internal medicine"),
    ("Medical oncology", "oncologist"),
    ("Nephrology", "nephrologist"),
    ("Neurology", "neurologist"),
    ("Obstetrics and gynaecology", "gynaecologist"),
    ("Ophthalmology", "ophthalmologist"),
    ("Orthopaedic surgery", "orthopaedic surgeon"),
    ("Otolaryngology", "otolaryngologist"),
    ("Paediatrics", "paediatrician"),
    ("Pathology", "pathologist"),
    ("Physical medicine and rehabilitation", "rehabilitation physician"),
    ("Plastic surgery", "plastic surgeon"),
    ("Psychiatry", "psychiatrist"),
    ("Radiation oncology", "radiation oncologist"),
    ("Diagnostic radiology", "radiologist"),
    ("Interventional radiology", "interventional radiologist"),
    ("Respiratory medicine", "respiratory physician"),
    ("Rheumatology", "rheumatologist"),
    ("Surgery", "surgeon"),
    ("Urology", "urologist"),
    ("Vascular surgery", "vascular surgeon"),
    ("Nurse practitioner", "nurse practitioner"),
    ("Family nurse practitioner", "family nurse practitioner"),
    ("Nurse anaesthesia", "nurse anaesthetist"),
];

/// Who works in a specialty. A specialty that is none of ours has no such word: it may be called after one person alone.
fn specialist(specialty: &str) -> Option<&'static str> {
    SPECIALISTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(specialty.trim())).map(|(_, person)| *person)
}

/// Who works in a profession, where it is a particular one.
fn professional(discipline: &str) -> Option<String> {
    let known = Discipline::find(discipline).filter(|known| !matches!(known.key, "student" | "other"));
    known.map(|known| known.person.to_lowercase())
}

/// Whether enough members of a group fit.
fn is_shared(circle: &[Share], fits: impl Fn(&Share) -> bool) -> bool {
    circle.iter().filter(|share| fits(share)).map(|share| share.members).sum::<i64>() >= FEWEST
}

/// What is shown of a person.
fn label(person: &str) -> String {
    format!("a verified {person}")
}

/// The labels that somebody with this badge may be shown under in a group, the finest first; `circle` is how many of its
/// members share what is verified of them. The last one fits everybody.
pub fn labels(badge: &Badge, circle: &[Share]) -> Vec<(AskedAs, String)> {
    let mut all = Vec::new();
    if let Some(person) = specialist(&badge.specialty)
        && is_shared(circle, |share| specialist(&share.specialty) == Some(person))
    {
        all.push((AskedAs::Specialty, label(person)));
    }
    if let Some(person) = professional(&badge.discipline)
        && is_shared(circle, |share| share.discipline == badge.discipline)
    {
        all.push((AskedAs::Profession, label(&person)));
    }
    all.push((AskedAs::Member, label("member")));
    all
}

/// The label of somebody who chose to be shown no finer than this.
pub fn chosen(labels: &[(AskedAs, String)], finest: AskedAs) -> String {
    let fits = labels.iter().find(|(shade, _)| *shade >= finest).or(labels.last());
    fits.map(|(_, words)| words.clone()).unwrap_or_default()
}

/// Whether there can be cases without a name in a group of this kind.
pub fn is_possible(kind: GroupKind) -> bool {
    kind != GroupKind::Open
}

/// Whether there are, as the group has settled it, or as is usual for its kind.
pub fn is_allowed(kind: GroupKind, settled: Option<bool>) -> bool {
    is_possible(kind) && settled.unwrap_or(kind.is_for_members())
}

/// Why a post without a name is held back, where it is. It never depends on who wrote it: whether somebody leads the group, or
/// has posted there before, would tell of them.
pub fn held(premoderation: Premoderation) -> Held {
    match premoderation {
        Premoderation::None => Held::No,
        Premoderation::First | Premoderation::All => Held::Premoderation,
    }
}

/// Whether a wish to know who asked still waits.
pub fn is_waiting(asked_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - asked_at <= TimeDelta::days(OPENING_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::disciplines::SPECIALTIES;

    fn badge(discipline: &str, specialty: &str) -> Badge {
        Badge {
            token: String::new(),
            discipline: discipline.into(),
            specialty: specialty.into(),
            issuer: String::new(),
            register: String::new(),
            jurisdiction: String::new(),
            checked_on: None,
            until: DateTime::UNIX_EPOCH,
            confirmed_at: None,
            ends: Vec::new(),
        }
    }

    fn circle(shares: &[(&str, &str, i64)]) -> Vec<Share> {
        let share = |(discipline, specialty, members): &(&str, &str, i64)| Share {
            discipline: (*discipline).into(),
            specialty: (*specialty).into(),
            members: *members,
        };
        shares.iter().map(share).collect()
    }

    fn words(badge: &Badge, shares: &[(&str, &str, i64)]) -> Vec<String> {
        labels(badge, &circle(shares)).into_iter().map(|(_, words)| words).collect()
    }

    #[test]
    fn a_label_is_as_fine_as_five_members_share_it() {
        let ada = badge("medicine", "Cardiology");
        let five = [("medicine", "Cardiology", 5)];
        assert_eq!(words(&ada, &five), ["a verified cardiologist", "a verified doctor", "a verified member"]);
        let four = [("medicine", "Cardiology", 4), ("medicine", "Neurology", 1), ("nursing", "", 9)];
        assert_eq!(words(&ada, &four), ["a verified doctor", "a verified member"]);
        let few = [("medicine", "Cardiology", 4), ("nursing", "General nursing", 9)];
        assert_eq!(words(&ada, &few), ["a verified member"]);
        assert_eq!(words(&ada, &[]), ["a verified member"]);
    }

    #[test]
    fn what_is_written_differently_is_counted_together_and_what_is_unknown_is_never_said() {
        let ada = badge("medicine", "cardiology");
        let shares = [("medicine", "Cardiology", 3), ("medicine", "CARDIOLOGY", 2)];
        assert_eq!(words(&ada, &shares).first().unwrap(), "a verified cardiologist");
        let only = badge("medicine", "Dr House's own art");
        assert_eq!(words(&only, &[("medicine", "Dr House's own art", 9)]), ["a verified doctor", "a verified member"]);
        for vague in ["other", "student", "alchemy"] {
            assert_eq!(words(&badge(vague, ""), &[(vague, "", 9)]), ["a verified member"], "{vague}");
        }
    }

    #[test]
    fn one_is_shown_no_finer_than_one_chose_and_coarser_where_it_has_to_be() {
        let ada = badge("medicine", "Cardiology");
        let all = labels(&ada, &circle(&[("medicine", "Cardiology", 5)]));
        assert_eq!(chosen(&all, AskedAs::Specialty), "a verified cardiologist");
        assert_eq!(chosen(&all, AskedAs::Profession), "a verified doctor");
        assert_eq!(chosen(&all, AskedAs::Member), "a verified member");
        let few = labels(&ada, &circle(&[("medicine", "Cardiology", 4)]));
        assert_eq!(chosen(&few, AskedAs::Specialty), "a verified member");
    }

    #[test]
    fn every_word_for_a_specialist_belongs_to_a_specialty_of_ours() {
        for (specialty, person) in SPECIALISTS {
            assert!(SPECIALTIES.iter().any(|(_, label, _)| label == specialty), "{specialty}");
            let others = SPECIALISTS.iter().filter(|(_, other)| other == person).count();
            assert_eq!(others, 1, "{person}");
        }
    }

    #[test]
    fn where_it_is_possible_the_group_decides() {
        for (kind, usual) in [(GroupKind::Closed, true), (GroupKind::Local, true), (GroupKind::Verified, false)] {
            assert_eq!(is_allowed(kind, None), usual, "{kind}");
            assert!(is_allowed(kind, Some(true)) && !is_allowed(kind, Some(false)), "{kind}");
        }
        assert!(!is_allowed(GroupKind::Open, Some(true)));
    }

    #[test]
    fn whether_it_is_held_tells_nothing_of_who_wrote_it() {
        assert_eq!(held(Premoderation::None), Held::No);
        assert_eq!(held(Premoderation::First), Held::Premoderation);
        assert_eq!(held(Premoderation::All), Held::Premoderation);
    }

    #[test]
    fn a_wish_to_know_waits_a_week() {
        let asked = DateTime::UNIX_EPOCH;
        assert!(is_waiting(asked, asked + TimeDelta::days(7)));
        assert!(!is_waiting(asked, asked + TimeDelta::days(7) + TimeDelta::seconds(1)));
    }
}
