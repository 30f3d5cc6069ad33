//! What the demo hospitals begin with, as written in `seed.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{cli::Failure, service::Ctx};

/// The password of everybody in the demo.
pub(super) const PASSWORD: &str = "three plain words";

/// All of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    pub(super) instances: BTreeMap<String, Hospital>,
    pub(super) people: Vec<Person>,
    pub(super) follows: Vec<Follow>,
    pub(super) posts: Vec<Post>,
    pub(super) likes: Vec<Reaction>,
    pub(super) boosts: Vec<Reaction>,
    pub(super) bookmarks: Vec<Reaction>,
    pub(super) credentials: Vec<Claimed>,
}

/// A hospital.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hospital {
    pub(super) name: String,
    pub(super) short_name: String,
    pub(super) sentence: String,
    pub(super) about: String,
    pub(super) contact: String,
}

/// Somebody.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) instance: String,
    pub(super) username: String,
    pub(super) role: String,
    pub(super) name: String,
    pub(super) pronouns: String,
    pub(super) discipline: String,
    pub(super) specialty: String,
    pub(super) employer: String,
    #[serde(default)]
    pub(super) place: String,
    pub(super) bio: String,
    pub(super) languages: Vec<String>,
    pub(super) locked: bool,
    pub(super) discoverable: bool,
    pub(super) fields: Vec<Field>,
}

/// A line of a profile.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
}

/// Who follows whom: `name@instance`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Follow {
    pub(super) from: String,
    pub(super) to: String,
}

/// A post.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Post {
    pub(super) key: String,
    pub(super) author: String,
    pub(super) hours_ago: f64,
    pub(super) visibility: String,
    pub(super) warning: String,
    pub(super) language: String,
    pub(super) reply_to: String,
    pub(super) text: String,
}

/// A like, boost or bookmark.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reaction {
    pub(super) by: String,
    pub(super) post: String,
}

/// A credential; attested where it is written what was seen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claimed {
    pub(super) holder: String,
    pub(super) kind: String,
    #[serde(default)]
    pub(super) register: String,
    #[serde(default)]
    pub(super) body: String,
    #[serde(default)]
    pub(super) jurisdiction: String,
    #[serde(default)]
    pub(super) number: String,
    pub(super) discipline: String,
    #[serde(default)]
    pub(super) specialties: Vec<String>,
    pub(super) family_name: String,
    pub(super) given_names: String,
    pub(super) role: String,
    #[serde(default)]
    pub(super) seen: String,
}

impl Content {
    pub(super) fn read() -> Result<Self, Failure> {
        toml::from_str(include_str!("seed.toml")).map_err(|e| Failure(format!("the demo content is broken: {e}")))
    }

    /// The same without what its people follow and post on their own pages: people, what they bring to the desks, and groups.
    pub(super) fn without_posts(self) -> Self {
        Self {
            follows: Vec::new(),
            posts: Vec::new(),
            likes: Vec::new(),
            boosts: Vec::new(),
            bookmarks: Vec::new(),
            ..self
        }
    }

    /// Addresses, user names and passwords, for the newcomer.
    pub(super) fn print_table(&self, houses: &[Ctx], with_people: bool) {
        println!();
        for ctx in houses {
            println!("  {:<32} {}", ctx.config.instance.name, ctx.config.instance.origin());
        }
        if !with_people {
            println!(
                "\nNobody has an account yet: sign up, or use consilium accounts create. Ctrl-C stops everything."
            );
            return;
        }
        println!("\n  {:<12} {:<12} {:<34} {:<28} password", "user name", "role", "hospital", "who");
        for (key, ctx) in super::HOSPITALS.iter().zip(houses) {
            let shown = |p: &&Person| {
                p.instance == **key && (p.role != "clinician" || p.locked || p.username == self.first_clinician(key))
            };
            for person in self.people.iter().filter(shown) {
                println!(
                    "  {:<12} {:<12} {:<34} {:<28} {PASSWORD}",
                    person.username, person.role, ctx.config.instance.name, person.name
                );
            }
        }
        println!("\nEverybody else has the same password. Ctrl-C stops everything.");
    }

    fn first_clinician(&self, key: &str) -> &str {
        let first = self.people.iter().find(|p| p.instance == key && p.role == "clinician");
        first.map(|p| p.username.as_str()).unwrap_or_default()
    }
}
