//! What a holder has changed about a claim, from what to what.

use chrono::NaiveDate;

use super::number::mask;
use crate::{model::Credential, policy::registers::Register};

/// What differs between a claim and what it was before, one after the other, with its numbers masked; empty where nothing
/// does.
pub(super) fn between(before: (&Credential, &str), after: (&Credential, &str)) -> String {
    let ((old, old_number), (new, new_number)) = (before, after);
    let changed = [
        from_to("kind", old.kind.as_str(), new.kind.as_str()),
        from_to("register", register(old), register(new)),
        from_to("body", &old.body, &new.body),
        from_to("country", &old.jurisdiction, &new.jurisdiction),
        (old_number != new_number).then(|| number(&mask(old_number), &mask(new_number))),
        from_to("profession", &old.discipline, &new.discipline),
        from_to("specialties", &old.specialties.join(", "), &new.specialties.join(", ")),
        from_to("family name", &old.family_name, &new.family_name),
        from_to("given names", &old.given_names, &new.given_names),
        from_to("role", &old.role, &new.role),
        from_to("first day", &day(old.issued_on), &day(new.issued_on)),
        from_to("last day", &day(old.expires_on), &day(new.expires_on)),
    ];
    changed.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn from_to(what: &str, old: &str, new: &str) -> Option<String> {
    match (old, new) {
        _ if old == new => None,
        ("", new) => Some(format!("{what} added: “{new}”")),
        (old, "") => Some(format!("{what} taken out: “{old}”")),
        (old, new) => Some(format!("{what} from “{old}” to “{new}”")),
    }
}

/// Two numbers may have the end in common that is told of them.
fn number(old: &str, new: &str) -> String {
    from_to("number", old, new).unwrap_or_else(|| format!("number, with the same end: “{new}”"))
}

fn register(of: &Credential) -> &'static str {
    Register::find(&of.register).map_or("", |register| register.name)
}

fn day(day: Option<NaiveDate>) -> String {
    day.as_ref().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{from_to, number};

    #[test]
    fn a_change_says_from_what_to_what() {
        for (old, new, words) in [
            ("", "Consultant", Some("role added: “Consultant”")),
            ("Registrar", "", Some("role taken out: “Registrar”")),
            ("Registrar", "Consultant", Some("role from “Registrar” to “Consultant”")),
            ("Registrar", "Registrar", None),
        ] {
            assert_eq!(from_to("role", old, new).as_deref(), words);
        }
        assert_eq!(number("••• ••45", "••• ••46"), "number from “••• ••45” to “••• ••46”");
        assert_eq!(number("••• ••45", "••• ••45"), "number, with the same end: “••• ••45”");
    }
}
