//! What an institution may demand of somebody before they do something, and whether they have proven it.

use super::disciplines::{self, Discipline};
use crate::config::Demand;

/// What something may be demanded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Posting for everybody.
    PostOpenly,
    /// Writing to people who do not follow one.
    WriteToStrangers,
    /// Being in a group.
    TakePart,
    /// Posting in a group that others read along.
    Post,
}

impl Act {
    const fn words(self) -> &'static str {
        match self {
            Self::PostOpenly => "post for everybody",
            Self::WriteToStrangers => "write to people who do not follow them",
            Self::TakePart => "take part",
            Self::Post => "post",
        }
    }
}

/// One thing that is proven about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// 1 well-formed, 2 matched in a register, 3 control proven, 4 attested.
    pub level: i16,
    /// Key of the discipline.
    pub discipline: String,
    /// Codes of specialties.
    pub specialties: Vec<String>,
    /// Host of the institution that stands by it; empty where none does yet.
    pub issuer_host: String,
}

/// Whether anything is demanded at all.
#[must_use]
pub fn asks(demand: &Demand) -> bool {
    least_level(demand) > 0
}

/// Where a list is given and no level, attested is meant.
fn least_level(demand: &Demand) -> i16 {
    let lists = !demand.disciplines.is_empty() || !demand.specialties.is_empty() || !demand.issuers.is_empty();
    if demand.level == 0 && lists { 4 } else { demand.level }
}

/// Whether one of the things that are proven is enough. What is demanded has to be in one of them: a level in one
/// discipline says nothing of another.
#[must_use]
pub fn meets(demand: &Demand, proven: &[Proven]) -> bool {
    let level = least_level(demand);
    let enough = |one: &Proven| {
        one.level >= level
            && (demand.disciplines.is_empty() || demand.disciplines.contains(&one.discipline))
            && (demand.specialties.is_empty() || one.specialties.iter().any(|own| demand.specialties.contains(own)))
            && (demand.issuers.is_empty() || demand.issuers.iter().any(|i| i.eq_ignore_ascii_case(&one.issuer_host)))
    };
    level == 0 || proven.iter().any(enough)
}

/// Why somebody may not, and what to do.
#[must_use]
pub fn refusal(demand: &Demand, act: Act) -> String {
    let (kind, proof) = match least_level(demand) {
        ..=1 => ("clinicians", " who have sent a credential to the desk"),
        2 => ("clinicians", " whose credential stands in a register"),
        3 => ("clinicians", " whose credential is proven to be their own"),
        _ => ("verified clinicians", ""),
    };
    let fields: Vec<String> =
        demand.disciplines.iter().map(|k| Discipline::find(k).map_or(k.clone(), |d| d.name.to_lowercase())).collect();
    let mut fields = if fields.is_empty() { String::new() } else { format!(" in {}", either(&fields)) };
    let special = demand.specialties.iter().map(|code| disciplines::specialty(code).unwrap_or(code).to_owned());
    let special: Vec<String> = special.collect();
    if !special.is_empty() {
        fields = format!("{fields} with the specialty {}", either(&special));
    }
    let who = match demand.issuers.as_slice() {
        [] => format!("{kind}{fields}{proof}"),
        issuers => format!("clinicians{fields} whom {} has verified", either(issuers)),
    };
    format!("Only {who} may {} here. Send a credential to the desk first.", act.words())
}

/// "a, b or c"
fn either(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(level: i16, disciplines: &[&str], issuers: &[&str]) -> Demand {
        let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
        Demand { level, disciplines: owned(disciplines), issuers: owned(issuers), ..Demand::default() }
    }

    fn proven(level: i16, discipline: &str, host: &str) -> Proven {
        Proven { level, discipline: discipline.into(), specialties: Vec::new(), issuer_host: host.into() }
    }

    #[test]
    fn one_proof_has_to_meet_the_whole_of_a_demand() {
        let nurse = [proven(4, "nursing", "alpha.test")];
        let waiting = [proven(2, "medicine", "")];
        let both = [nurse[0].clone(), waiting[0].clone()];
        for (demand, having, met) in [
            (demand(0, &[], &[]), &[][..], true),
            (demand(1, &[], &[]), &[], false),
            (demand(2, &[], &[]), &waiting, true),
            (demand(3, &[], &[]), &waiting, false),
            (demand(4, &[], &[]), &nurse, true),
            (demand(4, &["medicine", "nursing"], &[]), &nurse, true),
            (demand(4, &["medicine"], &[]), &both, false),
            (demand(0, &["medicine"], &[]), &both, false),
            (demand(2, &["medicine"], &[]), &both, true),
            (demand(0, &[], &["Alpha.test"]), &nurse, true),
            (demand(4, &[], &["beta.test"]), &nurse, false),
            (demand(1, &[], &["alpha.test"]), &waiting, false),
        ] {
            assert_eq!(meets(&demand, having), met, "{demand:?} {having:?}");
        }
    }

    #[test]
    fn a_refusal_says_who_may_and_what_to_do() {
        let words = |level, disciplines, issuers| refusal(&demand(level, disciplines, issuers), Act::PostOpenly);
        let first = "Send a credential to the desk first.";
        assert_eq!(words(4, &[], &[]), format!("Only verified clinicians may post for everybody here. {first}"));
        assert_eq!(
            words(2, &["medicine", "nursing"], &[]),
            format!(
                "Only clinicians in medicine or nursing whose credential stands in a register may post for everybody here. {first}"
            )
        );
        assert_eq!(
            words(0, &[], &["a.example", "b.example"]),
            format!("Only clinicians whom a.example or b.example has verified may post for everybody here. {first}")
        );
        let special = Demand { specialties: vec!["207RC0000X".into()], ..demand(0, &["medicine"], &[]) };
        assert_eq!(
            refusal(&special, Act::TakePart),
            format!("Only verified clinicians in medicine with the specialty Cardiology may take part here. {first}")
        );
        assert!(refusal(&demand(4, &[], &[]), Act::WriteToStrangers).contains("who do not follow them"));
    }
}
