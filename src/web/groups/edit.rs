//! Founding a group, and changing how it works.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Head, led_here, path_of, words};
use crate::{
    error::Error,
    model::{Admission, GroupKind, Premoderation, Review, Role},
    policy::{
        disciplines::{DISCIPLINES, Discipline},
        unnamed::is_possible,
    },
    service::{
        cases,
        groups::{self, GroupForm, View},
        specialties,
    },
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, Visitor},
        specialties::Ticks,
    },
};

/// Something to choose.
struct Choice {
    value: String,
    words: &'static str,
    /// What it means; empty where the words say it.
    hint: &'static str,
    chosen: bool,
}

/// The form as it was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    name: String,
    username: String,
    kind: Option<GroupKind>,
    about: String,
    rules: String,
    welcome: String,
    topics: String,
    admission: Option<Admission>,
    premoderation: Option<Premoderation>,
    review: Option<Review>,
    level: Option<i16>,
    disciplines: Vec<String>,
    specialties: Vec<String>,
    /// Others, by name.
    more_specialties: String,
    issuers: String,
    /// `yes` or `no`; none where it is not asked.
    unnamed: Option<String>,
}

impl Typed {
    /// How a group works now.
    fn of(view: &View, unnamed: bool) -> Self {
        let (account, group) = (view.account.clone(), view.group.clone());
        let word = if unnamed { "yes" } else { "no" };
        Self {
            name: account.name,
            username: account.username,
            kind: Some(group.kind),
            about: account.bio_source,
            rules: group.rules,
            welcome: group.welcome,
            topics: group.topics.join("\n"),
            admission: Some(group.admission),
            premoderation: Some(group.premoderation),
            review: Some(group.review),
            level: Some(group.level),
            disciplines: group.disciplines,
            specialties: group.specialties,
            more_specialties: String::new(),
            issuers: group.issuers.join("\n"),
            unnamed: is_possible(group.kind).then(|| word.to_owned()),
        }
    }

    /// What was typed, as a group's rules take it.
    ///
    /// # Errors
    /// [`Error::Invalid`] where a specialty is called by no name.
    async fn form(&self, visitor: &Visitor) -> Result<GroupForm, Error> {
        let (more, unknown) = specialties::called(&visitor.ctx, &self.more_specialties).await?;
        if !unknown.is_empty() {
            return Err(Error::invalid("specialties", specialties::unknown_words(&unknown)));
        }
        let mut codes: Vec<String> = self.specialties.iter().cloned().chain(more).collect();
        codes.sort_unstable();
        codes.dedup();
        Ok(GroupForm {
            name: self.name.clone(),
            about: self.about.clone(),
            rules: self.rules.clone(),
            welcome: self.welcome.clone(),
            topics: self.topics.clone(),
            admission: self.admission.unwrap_or(Admission::Request),
            premoderation: self.premoderation.unwrap_or(Premoderation::None),
            review: self.review.unwrap_or_default(),
            level: self.level.unwrap_or_default(),
            disciplines: self.disciplines.clone(),
            specialties: codes,
            issuers: self.issuers.clone(),
        })
    }
}

#[derive(Template)]
#[template(path = "web/groups/edit.html")]
struct EditPage {
    shell: Shell,
    /// The group that is changed; none for a new one.
    group: Option<Head>,
    typed: Typed,
    specialties: Ticks,
    faults: Faults,
}

impl EditPage {
    async fn new(visitor: &Visitor, view: Option<&View>, typed: Typed, faults: Faults) -> Result<Self, Error> {
        let shell = visitor.shell("groups");
        let specialties = Ticks::of(&visitor.ctx, &typed.specialties, &typed.more_specialties).await?;
        Ok(Self { group: view.map(|view| Head::of(view, shell.now)), typed, specialties, faults, shell })
    }

    fn action(&self) -> String {
        self.group.as_ref().map_or_else(|| "/groups/new".to_owned(), |g| format!("{}/settings", g.path))
    }

    /// Where the way back leads.
    fn back(&self) -> &str {
        self.group.as_ref().map_or("/groups", |g| g.path.as_str())
    }

    fn kinds(&self) -> Vec<Choice> {
        let choice = |kind: &GroupKind| {
            let (words, hint) = words::kind(*kind);
            Choice { value: kind.to_string(), words, hint, chosen: self.typed.kind == Some(*kind) }
        };
        GroupKind::ALL.iter().map(choice).collect()
    }

    fn admissions(&self) -> Vec<Choice> {
        let chosen = self.typed.admission.unwrap_or(Admission::Request);
        let choice = |admission: &Admission| {
            let (words, hint) = words::admission(*admission);
            Choice { value: admission.to_string(), words, hint, chosen: *admission == chosen }
        };
        Admission::ALL.iter().map(choice).collect()
    }

    fn premoderations(&self) -> Vec<Choice> {
        let chosen = self.typed.premoderation.unwrap_or(Premoderation::None);
        let choice = |one: &Premoderation| Choice {
            value: one.to_string(),
            words: words::premoderation(*one),
            hint: "",
            chosen: *one == chosen,
        };
        Premoderation::ALL.iter().map(choice).collect()
    }

    fn reviews(&self) -> Vec<Choice> {
        let chosen = self.typed.review.unwrap_or_default();
        let choice = |one: &Review| Choice {
            value: one.to_string(),
            words: words::review(*one),
            hint: "",
            chosen: *one == chosen,
        };
        Review::ALL.iter().map(choice).collect()
    }

    fn levels(&self) -> Vec<Choice> {
        let chosen = self.typed.level.unwrap_or_default();
        let choice = |(level, words): (i16, &'static str)| Choice {
            value: level.to_string(),
            words,
            hint: "",
            chosen: level == chosen,
        };
        (0_i16..).zip(words::LEVELS).map(choice).collect()
    }

    fn disciplines(&self) -> Vec<Choice> {
        let choice = |one: &Discipline| Choice {
            value: one.key.to_owned(),
            words: one.name,
            hint: "",
            chosen: self.typed.disciplines.iter().any(|key| key == one.key),
        };
        DISCIPLINES.iter().map(choice).collect()
    }

    /// Whether the conditions stand open.
    fn has_conditions(&self) -> bool {
        let typed = &self.typed;
        let asks = typed.level.unwrap_or_default() > 0
            || !typed.disciplines.is_empty()
            || !typed.specialties.is_empty()
            || !typed.more_specialties.is_empty()
            || !typed.issuers.is_empty();
        asks || ["level", "disciplines", "specialties", "issuers"].iter().any(|field| !self.faults.at(field).is_empty())
    }
}

/// `GET /groups/new`
pub(in crate::web) async fn new(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    if visitor.role() == Some(Role::Public) {
        return Err(Error::Forbidden("Groups are founded by clinicians.").into());
    }
    visitor.page(&EditPage::new(&visitor, None, Typed::default(), Faults::none()).await?)
}

/// `POST /groups/new`
pub(in crate::web) async fn create(form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    visitor.require()?;
    let Some(kind) = fields.kind else {
        let faults = Faults::none().with("kind", "Choose who the group is for. It cannot be changed later.");
        let page = EditPage::new(&visitor, None, fields, faults).await?;
        return page.faults.page(&visitor, &page);
    };
    let done = async {
        let form = fields.form(&visitor).await?;
        groups::found(&visitor.ctx, &visitor.viewer(), &fields.username, kind, &form).await
    };
    match done.await {
        Ok(_) => {
            let path = path_of(&fields.username.trim().to_lowercase());
            Ok(visitor.go(&format!("{path}?done=founded")))
        }
        Err(error) => {
            let page = EditPage::new(&visitor, None, fields, Faults::of_error(error, "username")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}

/// `GET /groups/{handle}/settings`
pub(in crate::web) async fn edit(visitor: Visitor, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    let view = led_here(&visitor, &handle).await?;
    let unnamed = cases::allows_unnamed(&visitor.ctx, &view.group).await?;
    visitor.page(&EditPage::new(&visitor, Some(&view), Typed::of(&view, unnamed), Faults::none()).await?)
}

/// `POST /groups/{handle}/settings`
pub(in crate::web) async fn save(form: Form<Typed>, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let view = led_here(&visitor, &handle).await?;
    let done = async {
        let form = fields.form(&visitor).await?;
        groups::change(&visitor.ctx, &visitor.viewer(), view.account.id, &form).await
    };
    match done.await {
        Ok(()) => {
            if let Some(word) = &fields.unnamed {
                cases::allow_unnamed(&visitor.ctx, &visitor.viewer(), view.account.id, word == "yes").await?;
            }
            Ok(visitor.go(&format!("{}?done=saved", path_of(&view.account.handle()))))
        }
        Err(error) => {
            let page = EditPage::new(&visitor, Some(&view), fields, Faults::of_error(error, "name")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}
