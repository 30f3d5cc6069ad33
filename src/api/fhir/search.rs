use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    Ask, Refusal, URI, organization,
    practitioner::{disciplines, put},
};
use crate::service::practitioners::{Clause, On, Wanted};

/// What can be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// People.
    Practitioner,
    /// What we state about them.
    PractitionerRole,
}

/// A parameter of a search.
#[derive(Debug)]
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: &'static str,
    /// Of the value set of types; empty for those that say how to answer.
    pub(super) kind: &'static str,
    /// What it asks for.
    pub(super) says: &'static str,
}

const fn asks(name: &'static str, kind: &'static str, says: &'static str) -> Parameter {
    Parameter { name, kind, says }
}

/// Of either kind.
static BOTH: &[Parameter] = &[
    asks("_id", "token", "Logical id"),
    asks("_lastUpdated", "date", "When the profile or what is stated last changed; eq, gt, lt, ge, le"),
    asks("active", "token", "All are active"),
];

static PRACTITIONER: &[Parameter] = &[
    asks("identifier", "token", "ActivityPub id"),
    asks("name", "string", "Beginning of any word of the name"),
    asks("family", "string", "Beginning of the family name, as far as it can be told from the name"),
    asks("given", "string", "Beginning of a given name, as far as it can be told from the name"),
];

static PRACTITIONER_ROLE: &[Parameter] = &[
    asks("practitioner", "reference", "Whose"),
    asks("organization", "reference", "All are of this institution"),
    asks("role", "token", "Discipline"),
    asks("specialty", "token", "Specialty, a code of the NUCC taxonomy"),
];

/// How to answer.
static RESULT: &[Parameter] = &[
    asks("_count", "", "Most entries of a page, up to 100"),
    asks("_format", "", "JSON alone"),
    // Of our own links to the next page.
    asks("_after", "", ""),
];

impl Kind {
    /// Its name in addresses and documents.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Practitioner => "Practitioner",
            Self::PractitionerRole => "PractitionerRole",
        }
    }

    /// What can be asked for.
    pub(super) fn parameters(self) -> impl Iterator<Item = &'static Parameter> {
        let own = match self {
            Self::Practitioner => PRACTITIONER,
            Self::PractitionerRole => PRACTITIONER_ROLE,
        };
        BOTH.iter().chain(own)
    }

    fn knows(self, name: &str) -> bool {
        self.parameters().chain(RESULT).any(|parameter| parameter.name == name)
    }
}

/// Entries of a page where the program does not say.
const USUAL: i64 = 20;
/// Most entries of a page.
const MOST: i64 = 100;
/// Most conditions of one search.
const CONDITIONS: usize = 5;
/// Most values of one condition.
const VALUES: usize = 10;
/// Longest value, or system or code of one, in characters.
const LONGEST: usize = 100;

/// A search as it was understood.
#[derive(Debug)]
pub(super) struct Search {
    kind: Kind,
    /// Who is looked for.
    pub(super) wanted: Wanted,
    /// The parameters that counted, for links.
    used: Vec<(String, String)>,
}

impl Search {
    /// Reads the parameters of a request.
    pub(super) fn read(ask: &Ask, kind: Kind) -> Result<Self, Refusal> {
        let stated = kind == Kind::PractitionerRole;
        let mut search = Self { kind, wanted: Wanted { stated, limit: USUAL, ..Wanted::default() }, used: Vec::new() };
        let mut unknown = Vec::new();
        for (name, value) in ask.pairs.iter().filter(|(_, value)| !value.is_empty()) {
            let plain = name.split(':').next().unwrap_or_default();
            if !kind.knows(plain) {
                unknown.push(name.as_str());
                continue;
            }
            if plain != name {
                return Err(Refusal::invalid(format!("Modifiers are not supported: {name}.")));
            }
            search.take(ask, name, value)?;
            if name != "_after" {
                search.used.push((name.clone(), value.clone()));
            }
        }
        if ask.strict && !unknown.is_empty() {
            let words = format!("Not known here: {}. GET metadata tells what is.", unknown.join(", "));
            return Err(Refusal { code: "not-supported", ..Refusal::invalid(words) });
        }
        let conditions = search.used.iter().filter(|(name, _)| RESULT.iter().all(|one| one.name != name)).count();
        if conditions > CONDITIONS {
            return Err(Refusal::invalid(format!(
                "A search may have {CONDITIONS} conditions; this one has {conditions}."
            )));
        }
        Ok(search)
    }

    fn take(&mut self, ask: &Ask, name: &str, value: &str) -> Result<(), Refusal> {
        match name {
            "_count" => self.wanted.limit = number(name, value)?.min(MOST),
            "_after" => self.wanted.after = number(name, value)?,
            "_lastUpdated" => self.changed(value)?,
            "_id" => self.ask(On::Id, ids(values(value)?)),
            "practitioner" => {
                self.ask(
                    On::Id,
                    ids(values(value)?.iter().filter_map(|one| referred(ask, "Practitioner", one)).collect()),
                );
            }
            "organization" => {
                let ours = |one: &String| referred(ask, "Organization", one).is_some_and(|id| id == organization::ID);
                if !values(value)?.iter().any(ours) {
                    self.ask(On::Id, Vec::new());
                }
            }
            "active" => {
                let said = tokens(value)?;
                if said.iter().any(|(_, code)| code != "true" && code != "false") {
                    return Err(Refusal::invalid("active is true or false."));
                }
                if said.iter().all(|(_, code)| code == "false") {
                    self.ask(On::Id, Vec::new());
                }
            }
            "identifier" => self.coded(On::Uri, URI, value)?,
            "role" => self.coded(On::Discipline, &disciplines(ask), value)?,
            "specialty" => self.ask(On::Specialty, tokens(value)?.into_iter().filter_map(specialty).collect()),
            "name" => self.ask(On::Name, values(value)?),
            "family" => self.ask(On::Family, values(value)?),
            "given" => self.ask(On::Given, values(value)?),
            _ => {}
        }
        Ok(())
    }

    fn ask(&mut self, on: On, values: Vec<String>) {
        self.wanted.clauses.push(Clause { on, values });
    }

    /// Codes of one system, which may be left out.
    fn coded(&mut self, on: On, ours: &str, value: &str) -> Result<(), Refusal> {
        let fitting = tokens(value)?.into_iter().filter(|(system, _)| system.as_deref().is_none_or(|s| s == ours));
        self.ask(on, fitting.map(|(_, code)| code).collect());
        Ok(())
    }

    fn changed(&mut self, value: &str) -> Result<(), Refusal> {
        let (prefix, day) = match value.get(..2) {
            Some(two) if two.chars().all(|c| c.is_ascii_lowercase()) => value.split_at(2),
            _ => ("eq", value),
        };
        let span = span(day).ok_or_else(|| Refusal::invalid(format!("_lastUpdated is no time: {value}.")))?;
        let (from, before) = match prefix {
            "eq" => (Some(span.0), Some(span.1)),
            "ge" => (Some(span.0), None),
            "gt" | "sa" => (Some(span.1), None),
            "le" => (None, Some(span.1)),
            "lt" | "eb" => (None, Some(span.0)),
            _ => return Err(Refusal::invalid(format!("The prefix {prefix} is not supported."))),
        };
        // Each narrows what the others left.
        self.wanted.changed_from = self.wanted.changed_from.max(from);
        self.wanted.changed_before = match (self.wanted.changed_before, before) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Ok(())
    }

    /// `Bundle` of what was found.
    pub(super) fn bundle(&self, base: &str, total: i64, next: Option<i64>, resources: Vec<Value>) -> Value {
        let kind = self.kind.name();
        let link = |relation: &str, after: Option<i64>| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&self.used);
            if let Some(after) = after {
                query.append_pair("_after", &after.to_string());
            }
            let query = query.finish();
            let joint = if query.is_empty() { "" } else { "?" };
            json!({ "relation": relation, "url": format!("{base}/{kind}{joint}{query}") })
        };
        let here = (self.wanted.after > 0).then_some(self.wanted.after);
        let mut links = vec![link("self", here)];
        links.extend(next.map(|after| link("next", Some(after))));
        let entry = |resource: Value| {
            let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
            let address = format!("{base}/{kind}/{id}");
            json!({ "fullUrl": address, "resource": resource, "search": { "mode": "match" } })
        };
        let mut body = Map::new();
        body.insert("resourceType".into(), "Bundle".into());
        body.insert("type".into(), "searchset".into());
        body.insert("total".into(), total.into());
        body.insert("link".into(), links.into());
        put(&mut body, "entry", resources.into_iter().map(entry).collect());
        Value::Object(body)
    }
}

fn number(name: &str, value: &str) -> Result<i64, Refusal> {
    let number = value.parse::<i64>().ok().filter(|number| *number >= 0);
    number.ok_or_else(|| Refusal::invalid(format!("{name} is no number: {value}.")))
}

/// The values of a condition, of which any will do: `one,other`, where `\,` is a comma.
fn values(text: &str) -> Result<Vec<String>, Refusal> {
    let mut all = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        match c {
            '\\' if !escaped => escaped = true,
            ',' if !escaped => all.push(String::new()),
            c => {
                escaped = false;
                if let Some(last) = all.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    all.retain(|one| !one.trim().is_empty());
    if all.len() > VALUES {
        return Err(Refusal::invalid(format!("A condition may have {VALUES} values; this one has {}.", all.len())));
    }
    if all.iter().flat_map(|one| one.split('|')).any(|part| part.chars().count() > LONGEST) {
        return Err(Refusal::invalid(format!("A value may have {LONGEST} characters.")));
    }
    Ok(all)
}

/// System, where one is named, and code of each value.
fn tokens(text: &str) -> Result<Vec<(Option<String>, String)>, Refusal> {
    let split = |one: String| match one.split_once('|') {
        Some((system, code)) => (Some(system.to_owned()), code.to_owned()),
        None => (None, one),
    };
    Ok(values(text)?.into_iter().map(split).collect())
}

fn ids(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().filter(|text| text.parse::<i64>().is_ok()).collect()
}

/// The id that a reference names: `Practitioner/1`, `1`, or the whole address.
fn referred(ask: &Ask, kind: &str, reference: &str) -> Option<String> {
    let local = reference.strip_prefix(&format!("{}/", ask.base())).unwrap_or(reference);
    let id = local.strip_prefix(&format!("{kind}/")).unwrap_or(local);
    (!id.contains('/')).then(|| id.to_owned())
}

/// What a specialty has to contain, as JSON.
fn specialty((system, code): (Option<String>, String)) -> Option<String> {
    let one = match system {
        Some(system) if code.is_empty() => json!([{ "system": system }]),
        Some(system) => json!([{ "system": system, "code": code }]),
        None => json!([{ "code": code }]),
    };
    // The database keeps no NUL.
    Some(one.to_string()).filter(|text| !text.contains("\\u0000"))
}

/// What a date or time covers: its beginning and its end.
fn span(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let begin = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    if let Ok(at) = DateTime::parse_from_rfc3339(&text.replace(' ', "+")) {
        let at = at.to_utc();
        let length = if text.contains('.') { TimeDelta::milliseconds(1) } else { TimeDelta::seconds(1) };
        return Some((at, at.checked_add_signed(length)?));
    }
    let mut parts = text.splitn(3, '-');
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let (month, day) = (parts.next(), parts.next());
    let first = NaiveDate::from_ymd_opt(year, month.map_or(Some(1), |m| m.parse().ok())?, 1)?;
    match (month, day) {
        (None, _) => Some((begin(first), begin(NaiveDate::from_ymd_opt(year.checked_add(1)?, 1, 1)?))),
        (Some(_), None) => Some((begin(first), begin(first.checked_add_months(Months::new(1))?))),
        (Some(_), Some(day)) => {
            let day = first.with_day(day.parse().ok()?)?;
            Some((begin(day), begin(day.succ_opt()?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_date_covers_what_it_leaves_open() {
        for (text, from, before) in [
            ("2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2026-05-31", "2026-05-31T00:00:00Z", "2026-06-01T00:00:00Z"),
            ("2026-05-31T10:00:00+02:00", "2026-05-31T08:00:00Z", "2026-05-31T08:00:01Z"),
            ("2026-05-31T10:00:00.250Z", "2026-05-31T10:00:00.250Z", "2026-05-31T10:00:00.251Z"),
        ] {
            assert_eq!(span(text), Some((at(from), at(before))), "{text}");
        }
        for text in ["", "26", "2026-13", "2026-02-30", "yesterday", "2026-05-31T25:00:00Z"] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn values_are_split_at_bare_commas() {
        assert_eq!(values("a,b\\,c,,").unwrap(), ["a", "b,c"]);
        let split = vec![(Some("x".to_owned()), "1".to_owned()), (None, "2".to_owned())];
        assert_eq!(tokens("x|1,2").unwrap(), split);
        let said = |text: &str| values(text).map(|all| all.len()).map_err(|refusal| refusal.words);
        assert_eq!(said(&"a,".repeat(10)), Ok(10));
        assert_eq!(said(&"a,".repeat(11)), Err("A condition may have 10 values; this one has 11.".to_owned()));
        assert_eq!(said(&format!("{}|{}", "é".repeat(100), "a".repeat(100))), Ok(1));
        assert_eq!(said(&"a".repeat(101)), Err("A value may have 100 characters.".to_owned()));
    }

    #[test]
    fn a_specialty_is_asked_for_with_or_without_its_system() {
        assert_eq!(specialty((None, "207RC0000X".into())).as_deref(), Some(r#"[{"code":"207RC0000X"}]"#));
        assert_eq!(specialty((Some("s".into()), String::new())).as_deref(), Some(r#"[{"system":"s"}]"#));
        assert_eq!(specialty((None, "\0".into())), None);
    }
}
