//! What a person says of themselves.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::{
    error::Error,
    service::{
        media::{self, Purpose},
        profiles::{self, MAX_FIELDS, MAX_LINKS, ProfileForm},
    },
    text::language::{self, LANGUAGES},
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, Visitor},
    },
};

/// The form as it arrives: pairs and links are repeated fields of one name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    name: String,
    pronouns: String,
    discipline: String,
    specialty: String,
    employer: String,
    place: String,
    bio: String,
    label: Vec<String>,
    value: Vec<String>,
    link: Vec<String>,
    languages: Vec<String>,
    locked: Option<String>,
    discoverable: Option<String>,
    interests: String,
}

impl From<Fields> for ProfileForm {
    fn from(fields: Fields) -> Self {
        Self {
            name: fields.name,
            pronouns: fields.pronouns,
            discipline: fields.discipline,
            specialty: fields.specialty,
            employer: fields.employer,
            place: fields.place,
            bio: fields.bio,
            fields: fields.label.into_iter().zip(fields.value).collect(),
            links: fields.link,
            languages: fields.languages,
            locked: fields.locked.is_some(),
            discoverable: fields.discoverable.is_some(),
            interests: fields.interests,
        }
    }
}

/// A language to choose.
struct Language {
    code: &'static str,
    name: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "web/settings/profile.html")]
struct ProfilePage {
    shell: Shell,
    tab: &'static str,
    form: ProfileForm,
    faults: Faults,
}

impl ProfilePage {
    fn new(visitor: &Visitor, mut form: ProfileForm, faults: Faults) -> Self {
        // Empty lines to fill in, never fewer than what was typed.
        form.fields.resize(form.fields.len().max(MAX_FIELDS), (String::new(), String::new()));
        form.links.resize(form.links.len().max(MAX_LINKS), String::new());
        Self { shell: visitor.shell("settings"), tab: "profile", form, faults }
    }

    fn languages(&self) -> impl Iterator<Item = Language> {
        LANGUAGES.iter().map(|&(code, name)| Language {
            code,
            name,
            chosen: self.form.languages.iter().any(|l| l == code),
        })
    }

    fn spoken(&self) -> String {
        self.form.languages.iter().filter_map(|l| language::name(l)).collect::<Vec<_>>().join(", ")
    }
}

/// `GET /settings/profile`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let me = visitor.require()?.me.id;
    let account = profiles::by_id(&visitor.ctx, &visitor.viewer(), me).await?.account;
    visitor.page(&ProfilePage::new(&visitor, ProfileForm::of(&account), Faults::none()))
}

/// `POST /settings/profile`
pub async fn save(Form { visitor, fields, .. }: Form<Fields>) -> Result<HttpResponse, Problem> {
    let form = ProfileForm::from(fields);
    match profiles::update(&visitor.ctx, &visitor.viewer(), form.clone()).await {
        Ok(()) => Ok(visitor.go("/settings/profile?done=saved")),
        Err(error) => {
            let page = ProfilePage::new(&visitor, form, Faults::of_error(error, "name")?);
            page.faults.page(&visitor, &page)
        }
    }
}

/// Which picture, and what becomes of it.
#[derive(Debug, Deserialize)]
pub struct Face {
    purpose: Purpose,
    /// `remove` takes it away.
    #[serde(default)]
    act: String,
}

/// `POST /settings/profile/pictures`
pub async fn pictures(form: Form<Face>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, files } = form;
    let file = files.into_iter().find(|(name, _)| name == "file").map(|(_, bytes)| bytes);
    let field = if fields.purpose == Purpose::Banner { "banner" } else { "avatar" };
    let done = match (file, fields.act.as_str()) {
        (_, "remove") => media::set_face(&visitor.ctx, &visitor.viewer(), fields.purpose, None).await,
        (Some(file), _) => media::set_face(&visitor.ctx, &visitor.viewer(), fields.purpose, Some(file)).await,
        (None, _) => Err(Error::invalid(field, "Choose a picture first.")),
    };
    match done {
        Ok(()) => Ok(visitor.go("/settings/profile?done=saved")),
        Err(error) => {
            let faults = match error {
                Error::Invalid(list) => {
                    list.into_iter().fold(Faults::none(), |faults, fault| faults.with(field, fault.message))
                }
                other => Faults::of_error(other, field)?,
            };
            let me = visitor.require()?.me.id;
            let account = profiles::by_id(&visitor.ctx, &visitor.viewer(), me).await?.account;
            let page = ProfilePage::new(&visitor, ProfileForm::of(&account), faults);
            page.faults.page(&visitor, &page)
        }
    }
}
