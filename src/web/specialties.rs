//! Specialties as ticks with their names: those that are chosen first, then our own list, and a field for all others.

use crate::{
    error::Result,
    policy::disciplines::SPECIALTIES,
    service::{Ctx, specialties},
};

/// A specialty to choose.
#[derive(Debug)]
pub(super) struct Tick {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub label: String,
}

/// The ticks of a form.
#[derive(Debug)]
pub(super) struct Ticks {
    /// What is chosen.
    pub chosen: Vec<Tick>,
    /// What else can be chosen.
    pub others: Vec<Tick>,
    /// Others by name, as far as they were typed and are not chosen.
    pub more: String,
}

impl Ticks {
    /// With these chosen.
    pub(super) async fn of(ctx: &Ctx, codes: &[String], more: &str) -> Result<Self> {
        let mut chosen = Vec::new();
        for code in codes {
            chosen.push(Tick { code: code.clone(), label: specialties::label(ctx, code).await? });
        }
        let is_other = |code: &str| codes.iter().all(|other| other != code);
        let others = SPECIALTIES.iter().filter(|(code, ..)| is_other(code));
        let tick =
            |(code, label, _): &(&str, &str, &str)| Tick { code: (*code).to_owned(), label: (*label).to_owned() };
        let mut others: Vec<Tick> = others.map(tick).collect();
        chosen.sort_by_cached_key(|one| one.label.to_lowercase());
        others.sort_by_cached_key(|one| one.label.to_lowercase());
        Ok(Self { chosen, others, more: more.to_owned() })
    }
}
