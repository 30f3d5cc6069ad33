//! The directory of practitioners: whom one can find here, by what is verified of them or by what they claim.

use super::{Ctx, Page, Paged};
pub use crate::store::directory::Listed;
use crate::{
    error::Result,
    policy::{Viewer, disciplines::Discipline, moderation},
    store::{self, directory::Facets},
    text::language,
};

/// What is looked for, as it was typed; whatever is empty is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Words of a name or handle.
    pub name: String,
    /// Key of a discipline.
    pub discipline: String,
    /// Part of a specialty.
    pub specialty: String,
    /// Part of an institution's name or host.
    pub institution: String,
    /// Code of a language.
    pub language: String,
    /// Part of a town or region.
    pub place: String,
    /// Only people of whom something is verified.
    pub verified: bool,
    /// Only our own people.
    pub local: bool,
}

/// Longest word that is looked for.
const LONGEST: usize = 100;

/// People who may be found and fit, the newest first.
pub async fn find(ctx: &Ctx, viewer: &Viewer, wanted: &Wanted, page: &Page) -> Result<Paged<Listed>> {
    let me = moderation::require_account(viewer)?;
    let facets = facets(wanted, &ctx.config.instance.name, &ctx.config.instance.host());
    store::directory::list(&mut *ctx.pool.read().await?, me, &facets, ctx.now(), page).await
}

fn facets(wanted: &Wanted, own_name: &str, own_host: &str) -> Facets {
    let institution = typed(&wanted.institution);
    Facets {
        name: beginnings(&wanted.name),
        discipline: Discipline::find(&wanted.discipline).map(|one| {
            let words = [one.name, one.person].map(str::to_lowercase);
            (one.key.to_owned(), words.to_vec())
        }),
        specialty: typed(&wanted.specialty),
        own_institution: own_name.to_lowercase().contains(&institution) || own_host.contains(&institution),
        institution,
        language: language::name(&wanted.language).map(|_| wanted.language.clone()).unwrap_or_default(),
        place: typed(&wanted.place),
        verified: wanted.verified,
        local: wanted.local,
    }
}

fn typed(words: &str) -> String {
    words.trim().chars().take(LONGEST).collect::<String>().to_lowercase()
}

/// "ada lov" asks for names with a word that begins so, and another.
fn beginnings(words: &str) -> String {
    let words = typed(words);
    let begin = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    begin.map(|word| format!("{word}:*")).collect::<Vec<_>>().join(" & ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_what_is_asked() {
        let wanted = Wanted {
            name: " Ada  O'Brien ".into(),
            discipline: "nursing".into(),
            institution: "St Brigid".into(),
            language: "xx".into(),
            ..Wanted::default()
        };
        let asked = facets(&wanted, "St Brigid's University Hospital", "brigid.example");
        assert_eq!(asked.name, "ada:* & o:* & brien:*");
        assert_eq!(asked.discipline, Some(("nursing".into(), vec!["nursing".into(), "nurse".into()])));
        assert!(asked.own_institution && asked.language.is_empty());
        assert!(!facets(&wanted, "Northmere General", "northmere.example").own_institution);
        let nothing = facets(&Wanted { discipline: "alchemy".into(), ..Wanted::default() }, "A", "a");
        assert_eq!((nothing.discipline, nothing.name.as_str()), (None, ""));
    }
}
