//! The directory of practitioners.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    layout::{Shell, Who},
    paging::{At, Pager},
    session::Visitor,
};
use crate::{
    policy::disciplines::{DISCIPLINES, SPECIALTIES},
    service::directory::{self, Listed, Wanted},
    text::language,
};

/// What is looked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    name: String,
    discipline: String,
    specialty: String,
    institution: String,
    language: String,
    place: String,
    verified: Option<String>,
    here: Option<String>,
}

impl Asked {
    /// The address of this search, for the pages after the first.
    fn address(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("name", &self.name),
            ("discipline", &self.discipline),
            ("specialty", &self.specialty),
            ("institution", &self.institution),
            ("language", &self.language),
            ("place", &self.place),
        ] {
            if !value.trim().is_empty() {
                query.append_pair(name, value.trim());
            }
        }
        for (name, ticked) in [("verified", &self.verified), ("here", &self.here)] {
            if ticked.is_some() {
                query.append_pair(name, "on");
            }
        }
        let query = query.finish();
        if query.is_empty() { "/directory".into() } else { format!("/directory?{query}") }
    }

    /// Whether more than a name is asked for.
    fn is_narrow(&self) -> bool {
        let typed = [&self.discipline, &self.specialty, &self.institution, &self.language, &self.place];
        typed.iter().any(|value| !value.trim().is_empty()) || self.verified.is_some() || self.here.is_some()
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            name: self.name.clone(),
            discipline: self.discipline.clone(),
            specialty: self.specialty.clone(),
            institution: self.institution.clone(),
            language: self.language.clone(),
            place: self.place.clone(),
            verified: self.verified.is_some(),
            local: self.here.is_some(),
        }
    }
}

/// Somebody as a line of the list.
struct Line {
    who: Who,
    /// "Galway · English, Gaeilge".
    about: String,
}

impl Line {
    fn of((author, place, languages): &Listed, shell: &Shell) -> Self {
        let spoken = languages.iter().filter_map(|code| language::name(code)).collect::<Vec<_>>().join(", ");
        let about =
            [place.as_str(), &spoken].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        Self { who: Who::of(author, shell.now), about }
    }
}

#[derive(Template)]
#[template(path = "web/directory.html")]
struct DirectoryPage {
    shell: Shell,
    asked: Asked,
    narrow: bool,
    people: Vec<Line>,
    pager: Pager,
}

/// `GET /directory`
pub(super) async fn show(
    visitor: Visitor,
    asked: web::Query<Asked>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let asked = asked.into_inner();
    let found = directory::find(&visitor.ctx, &visitor.viewer(), &asked.wanted(), &at.page()).await?;
    let shell = visitor.shell("directory");
    let pager = Pager::of(&found, &asked.address());
    let people = found.items.iter().map(|one| Line::of(one, &shell)).collect();
    visitor.page(&DirectoryPage { narrow: asked.is_narrow(), asked, people, pager, shell })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_asks_for_the_same() {
        assert_eq!(Asked::default().address(), "/directory");
        let asked =
            Asked { name: " ada ".into(), place: "Co. Galway".into(), verified: Some("on".into()), ..Asked::default() };
        assert_eq!(asked.address(), "/directory?name=ada&place=Co.+Galway&verified=on");
        assert!(asked.is_narrow() && !Asked { name: "ada".into(), ..Asked::default() }.is_narrow());
    }
}
