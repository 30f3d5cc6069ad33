//! The form of a credential: a new one, a draft, or one that the desk has asked about.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use crate::{
    error::Result,
    model::{CredentialId, CredentialKind, PersonName},
    policy::{
        disciplines::{DISCIPLINES, SPECIALTIES},
        registers::{OTHER, REGISTERS, Register},
    },
    service::{
        credentials::{self, CredentialForm},
        specialties,
    },
    text::country,
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, Visitor},
    },
};

/// Something to choose.
struct Choice {
    value: String,
    words: String,
    chosen: bool,
}

impl Choice {
    fn new(value: &str, words: impl Into<String>, chosen: &str) -> Self {
        Self { value: value.to_owned(), words: words.into(), chosen: value == chosen }
    }
}

#[derive(Template)]
#[template(path = "web/credentials/edit.html")]
struct EditPage {
    shell: Shell,
    /// The one that is edited; none for a new one.
    id: Option<CredentialId>,
    form: CredentialForm,
    /// Field of a profession, and what can be chosen in it.
    specialties: Vec<(&'static str, Vec<Choice>)>,
    faults: Faults,
}

impl EditPage {
    async fn new(
        visitor: &Visitor,
        id: Option<CredentialId>,
        form: CredentialForm,
        faults: Faults,
    ) -> Result<Self, Problem> {
        let specialties = by_discipline(specialties::all(&visitor.ctx).await?, &form.specialties);
        Ok(Self { shell: visitor.shell("credentials"), id, form, specialties, faults })
    }

    fn action(&self) -> String {
        self.id.map_or_else(|| "/credentials".to_owned(), |id| format!("/credentials/{id}"))
    }

    /// Where the way back leads.
    fn back(&self) -> String {
        self.action()
    }

    fn kinds(&self) -> Vec<Choice> {
        CredentialKind::ALL.iter().map(|k| Choice::new(k.as_str(), words::kind(*k), &self.form.kind)).collect()
    }

    fn registers(&self) -> Vec<Choice> {
        let none = Choice::new("", "None: a degree, an employment or a training", &self.form.register);
        let rows = REGISTERS.iter().map(|register| {
            let name = match country::name(register.jurisdiction) {
                place if place.is_empty() => register.name.to_owned(),
                place => format!("{} ({place})", register.name),
            };
            Choice::new(register.key, name, &self.form.register)
        });
        [none].into_iter().chain(rows).collect()
    }

    /// What the chosen register calls its numbers, and how they look.
    fn number_hint(&self) -> String {
        let form = match Register::find(&self.form.register) {
            Some(of) => format!("{}: {}, for example {}.", of.number, of.form, of.example),
            None => "As on your registration. Leave it empty where there is none.".to_owned(),
        };
        format!("{form} It is kept sealed: only you and the verifier who works on it can see it.")
    }

    fn disciplines(&self) -> Vec<Choice> {
        let none = Choice::new("", "Choose one", &self.form.discipline);
        let rows = DISCIPLINES.iter().map(|d| Choice::new(d.key, d.name, &self.form.discipline));
        [none].into_iter().chain(rows).collect()
    }

    fn countries(&self) -> Vec<Choice> {
        let chosen = &self.form.jurisdiction;
        let none = Choice::new("", "That of the register", chosen);
        let known = country::all().into_iter().map(|(code, name)| Choice::new(code, name, chosen));
        let mut all: Vec<Choice> = [none].into_iter().chain(known).collect();
        if !all.iter().any(|one| one.chosen) {
            all.push(Choice::new(chosen, chosen.as_str(), chosen));
        }
        all
    }

    /// The specialties that are chosen, in words.
    fn chosen(&self) -> String {
        let all = self.specialties.iter().flat_map(|(_, choices)| choices);
        let chosen: Vec<&str> = all.filter(|one| one.chosen).map(|one| one.words.as_str()).collect();
        if chosen.is_empty() { "None is chosen.".to_owned() } else { format!("{}.", chosen.join(", ")) }
    }

    /// Whether the part for bodies without a register stands open.
    fn has_body(&self) -> bool {
        let named = !self.form.body.is_empty() && matches!(self.form.register.as_str(), "" | OTHER);
        named || !self.faults.at("body").is_empty() || !self.faults.at("jurisdiction").is_empty()
    }

    /// Whether the specialties stand open.
    fn has_specialties(&self) -> bool {
        !self.faults.at("specialties").is_empty()
    }
}

/// Specialties below the professions that they belong to; what belongs to none that we know comes last.
fn by_discipline(all: Vec<(String, String)>, chosen: &[String]) -> Vec<(&'static str, Vec<Choice>)> {
    let mut groups: Vec<(&'static str, Vec<Choice>)> = DISCIPLINES.iter().map(|d| (d.name, Vec::new())).collect();
    let mut others = Vec::new();
    for (code, label) in all {
        let of = SPECIALTIES.iter().find(|(known, ..)| *known == code).map(|(.., discipline)| *discipline);
        let place = DISCIPLINES.iter().position(|discipline| Some(discipline.key) == of);
        let group = place.and_then(|place| groups.get_mut(place)).map_or(&mut others, |(_, choices)| choices);
        group.push(Choice { chosen: chosen.contains(&code), value: code, words: label });
    }
    groups.push(("Others", others));
    groups.retain(|(_, choices)| !choices.is_empty());
    groups
}

/// `GET /credentials/new`
pub async fn new(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let PersonName { given, family } = PersonName::guess(&visitor.require()?.me.name);
    let form = CredentialForm {
        kind: CredentialKind::Registration.as_str().to_owned(),
        family_name: family,
        given_names: given.join(" "),
        ..CredentialForm::default()
    };
    visitor.page(&EditPage::new(&visitor, None, form, Faults::none()).await?)
}

/// `GET /credentials/{id}/edit`
pub async fn edit(visitor: Visitor, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let form = credentials::form_of(&visitor.ctx, &visitor.viewer(), *id).await?;
    visitor.page(&EditPage::new(&visitor, Some(*id), form, Faults::none()).await?)
}

/// The form as it arrives.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    kind: String,
    register: String,
    body: String,
    jurisdiction: String,
    number: String,
    discipline: String,
    specialties: Vec<String>,
    family_name: String,
    given_names: String,
    role: String,
    issued_on: String,
    expires_on: String,
    /// `draft` keeps it instead.
    act: String,
}

/// What was typed stays out of every log.
impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fields").finish_non_exhaustive()
    }
}

impl Fields {
    /// The form, and whether it goes to the desk.
    fn read(self) -> (CredentialForm, bool) {
        let form = CredentialForm {
            kind: self.kind,
            register: self.register,
            body: self.body,
            jurisdiction: self.jurisdiction,
            number: self.number,
            discipline: self.discipline,
            specialties: self.specialties,
            family_name: self.family_name,
            given_names: self.given_names,
            role: self.role,
            issued_on: self.issued_on,
            expires_on: self.expires_on,
        };
        (form, self.act != "draft")
    }
}

/// `POST /credentials`
pub async fn create(form: Form<Fields>) -> Result<HttpResponse, Problem> {
    keep(&form.visitor, None, form.fields).await
}

/// `POST /credentials/{id}`
pub async fn save(form: Form<Fields>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    keep(&form.visitor, Some(*id), form.fields).await
}

async fn keep(visitor: &Visitor, id: Option<CredentialId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (form, submit) = fields.read();
    match credentials::save(&visitor.ctx, &visitor.viewer(), id, form.clone(), submit).await {
        Ok(kept) => {
            let done = match (submit, id) {
                (true, _) => "credential-sent",
                (false, Some(_)) => "saved",
                (false, None) => "draft",
            };
            Ok(visitor.go(&format!("/credentials/{kept}?done={done}")))
        }
        Err(error) => {
            let page = EditPage::new(visitor, id, form, Faults::of_error(error, "number")?).await?;
            page.faults.page(visitor, &page)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specialties_stand_below_their_professions() {
        let all =
            vec![("207RC0000X".to_owned(), "Cardiology".to_owned()), ("999999999X".to_owned(), "A new one".to_owned())];
        let groups = by_discipline(all, &["207RC0000X".to_owned()]);
        let names: Vec<&str> = groups.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["Medicine", "Others"]);
        assert!(groups.iter().all(|(name, choices)| choices.iter().all(|one| one.chosen == (*name == "Medicine"))));
    }
}
