//! Which columns of a register's file hold what: the mapping that an operator writes.

use std::collections::BTreeMap;

use chrono::format::{Item, StrftimeItems};
use encoding_rs::Encoding;
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    policy::{disciplines::Discipline, registers::Register},
};

/// The mapping that comes with the program.
const NPPES: &str = include_str!("nppes.toml");

/// Which letters the bytes of a file stand for (WHATWG Encoding). Signs and digits have to be as in ASCII.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Letters(pub(super) &'static Encoding);

impl Default for Letters {
    fn default() -> Self {
        Self(encoding_rs::UTF_8)
    }
}

impl TryFrom<String> for Letters {
    type Error = String;

    fn try_from(label: String) -> Result<Self, String> {
        let usual = label.to_lowercase().replace("latin-", "latin");
        let known = Encoding::for_label(usual.as_bytes()).filter(|known| known.is_ascii_compatible());
        known.map(Self).ok_or_else(|| format!("files in the encoding “{label}” cannot be read"))
    }
}

/// One column, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

/// Names of columns; empty where the file has none of that kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Columns {
    pub(super) number: String,
    pub(super) family_name: String,
    pub(super) given_names: String,
    #[serde(default)]
    pub(super) discipline: String,
    #[serde(default)]
    pub(super) specialties: OneOrMore,
    #[serde(default)]
    pub(super) status: String,
    #[serde(default)]
    pub(super) valid_until: String,
    #[serde(default)]
    pub(super) conditions: String,
    #[serde(default)]
    pub(super) deactivated_on: String,
    #[serde(default)]
    pub(super) reactivated_on: String,
}

/// How the file of a register is to be read; docs/REGISTERS.md tells of each key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mapping {
    #[serde(default = "comma")]
    pub(super) delimiter: char,
    #[serde(default = "yes")]
    pub(super) quotes: bool,
    #[serde(default)]
    pub(super) encoding: Letters,
    #[serde(default = "iso")]
    pub(super) dates: String,
    #[serde(default)]
    pub(super) discipline: String,
    #[serde(default)]
    pub(super) separator: String,
    #[serde(default)]
    pub(super) active_when: Vec<String>,
    #[serde(default)]
    pub(super) no_conditions_when: Vec<String>,
    pub(super) columns: Columns,
    #[serde(default)]
    pub(super) only: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) disciplines: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) specialties: BTreeMap<String, String>,
}

fn comma() -> char {
    ','
}

fn yes() -> bool {
    true
}

fn iso() -> String {
    "%Y-%m-%d".into()
}

fn wrong(words: impl Into<String>) -> Error {
    Error::invalid("mapping", words)
}

impl Mapping {
    /// The mapping that was given, or the one that we have for a register.
    pub(super) fn of(register: &Register, given: Option<&str>) -> Result<Self> {
        let text = match (given, register.key) {
            (Some(text), _) => text,
            (None, "us-nppes") => NPPES,
            (None, _) => {
                return Err(wrong(
                    "Give the mapping of its columns: only that of us-nppes is built in. docs/REGISTERS.md tells how to write one.",
                ));
            }
        };
        let mapping: Self =
            toml::from_str(text).map_err(|e| wrong(format!("The mapping cannot be read: {}.", e.message())))?;
        mapping.check()?;
        Ok(mapping)
    }

    fn check(&self) -> Result<()> {
        if !self.delimiter.is_ascii() || matches!(self.delimiter, '"' | '\n' | '\r') {
            return Err(wrong("The delimiter must be one plain character, such as , ; or |."));
        }
        if StrftimeItems::new(&self.dates).any(|item| matches!(item, Item::Error)) {
            return Err(wrong("dates must be a form such as %Y-%m-%d or %d/%m/%Y."));
        }
        if !self.active_when.is_empty() && self.columns.status.is_empty() {
            return Err(wrong("active_when needs a column status."));
        }
        if [&self.columns.number, &self.columns.family_name].iter().any(|column| column.is_empty()) {
            return Err(wrong("The columns number and family_name must be named."));
        }
        let mut named = self.disciplines.values().chain([&self.discipline]).filter(|key| !key.is_empty());
        if let Some(unknown) = named.find(|key| Discipline::find(key).is_none()) {
            return Err(wrong(format!("There is no discipline “{unknown}”. The keys stand in docs/REGISTERS.md.")));
        }
        Ok(())
    }

    /// What parts the columns.
    pub(super) fn delimiter(&self) -> u8 {
        u8::try_from(self.delimiter).unwrap_or(b',')
    }

    /// Whether fields may stand in quotes.
    pub(super) fn quotes(&self) -> bool {
        self.quotes
    }
}
