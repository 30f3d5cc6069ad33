//! The form of a case that is being written: one page, saved whenever it is sent.

use actix_web::{
    HttpResponse,
    web::{self, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    drafts::CHOICE,
    gate::{Gate, Todo},
    pictures::{self, PictureForm},
    typed::{Taken, Typed, keep},
    words,
};
use crate::{
    error::{Error, Result},
    model::{
        AccountId, AskedAs, CaseDraft, CaseDraftId, CasePictureId, ConsentBasis, ConsentScope, GroupKind, SectionKey,
        Sex, Urgency,
    },
    policy::cases::MAX_PICTURES,
    service::{
        cases::{self, Offer},
        groups,
    },
    web::{
        error::Problem,
        form::Faults,
        groups::{path_of, readers},
        layout::Shell,
        session::{Form, Visitor},
        specialties::Ticks,
    },
};

/// Rows of the timeline that are empty, and the most of them.
const EMPTY_ROWS: usize = 2;
const MOST_EMPTY_ROWS: usize = 10;

/// The group that a case is for.
#[derive(Debug)]
struct Place {
    name: String,
    path: String,
    /// Who will read it: "318 members, 9 hospitals"; empty where the viewer may not know.
    readers: String,
    kind: GroupKind,
    topics: Vec<String>,
}

impl Place {
    async fn of(visitor: &Visitor, group: AccountId) -> Result<Self> {
        match groups::view_by_id(&visitor.ctx, &visitor.viewer(), group).await {
            Ok(view) => Ok(Self {
                path: path_of(&view.account.handle()),
                readers: readers(view.group.kind, view.account.followers_count, view.servers, view.account.is_local()),
                kind: view.group.kind,
                topics: view.group.topics,
                name: view.account.name,
            }),
            // Whoever has left a group still opens what they wrote for it.
            Err(Error::NotFound) => Ok(Self {
                name: cases::LEFT.to_owned(),
                path: "/groups".to_owned(),
                readers: String::new(),
                kind: GroupKind::Closed,
                topics: Vec::new(),
            }),
            Err(error) => Err(error),
        }
    }
}

/// Something to choose.
struct Choice {
    value: &'static str,
    words: &'static str,
    hint: &'static str,
    chosen: bool,
}

/// A label that may stand in place of the name.
struct LabelChoice {
    value: &'static str,
    words: String,
    chosen: bool,
}

/// A section as a field.
struct Area {
    id: String,
    label: &'static str,
    hint: &'static str,
    text: String,
    rows: usize,
    optional: bool,
    /// Its text is shown for reading further up.
    above: bool,
}

/// A row of the timeline.
struct StepRow {
    number: usize,
    at: String,
    text: String,
    turning: bool,
}

#[derive(Template)]
#[template(path = "web/cases/write.html")]
struct WritePage {
    shell: Shell,
    id: CaseDraftId,
    place: Place,
    draft: CaseDraft,
    /// The text is shown for reading, with its marks.
    checked: bool,
    gate: Gate,
    todo: Todo,
    pictures: Vec<PictureForm>,
    more_pictures: bool,
    specialties: Ticks,
    given_on: String,
    expires_on: String,
    /// "Saved at 14:02 UTC, sealed."
    saved: String,
    empty_rows: usize,
    /// What asking without one's name would be like; none where the kind of the group knows no such cases.
    offer: Option<Offer>,
    faults: Faults,
}

impl WritePage {
    async fn new(
        visitor: &Visitor,
        taken: Taken,
        checked: bool,
        typed: Option<&Typed>,
        empty_rows: usize,
    ) -> Result<Self> {
        let place = Place::of(visitor, taken.open.group).await?;
        let pictures = pictures::forms(visitor, &taken.open).await?;
        let offer = cases::offer(&visitor.ctx, &visitor.viewer(), taken.open.group).await?;
        let faults = taken.faults.into_iter().fold(Faults::none(), |all, one| all.with(one.field, one.message));
        let found = cases::marks_of(&visitor.ctx, &visitor.viewer(), &taken.open.draft).await;
        let (marks, faults) = faults.besides(found.map(Some))?;
        let gate = marks.map(|marks| Gate::of(&taken.open.draft, &marks, typed));
        let todo = Todo::of(&taken.open.draft, place.kind, gate.as_ref().map(|gate| gate.open));
        let more = typed.and_then(|typed| typed.get("more_specialties")).unwrap_or_default();
        let specialties = Ticks::of(&visitor.ctx, &taken.open.draft.specialties, more).await?;
        let draft = taken.open.draft;
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let most = MAX_PICTURES.min(visitor.ctx.config.media.per_post);
        Ok(Self {
            shell: visitor.shell("cases"),
            id: taken.open.id,
            more_pictures: pictures.len() < most,
            specialties,
            given_on: taken.days.0.unwrap_or_else(|| day(draft.consent.given_on)),
            expires_on: taken.days.1.unwrap_or_else(|| day(draft.consent.expires_on)),
            saved: taken.open.saved_at.format("Saved at %H:%M UTC, sealed.").to_string(),
            place,
            draft,
            checked: checked && gate.is_some(),
            gate: gate.unwrap_or_default(),
            todo,
            pictures,
            empty_rows,
            offer,
            faults,
        })
    }

    fn heading(&self) -> &'static str {
        if self.draft.report { "Full report" } else { "New case" }
    }

    fn area(&self, key: SectionKey) -> Area {
        let id = format!("section-{key}");
        let (label, hint) = words::section(key, self.draft.report);
        let text = self.draft.sections.iter().find(|(other, _)| *other == key).map(|(_, text)| text.clone());
        let main = key == SectionKey::Presentation && !self.draft.report;
        let above = self.checked && self.gate.shows(&id);
        Area { id, label, hint, text: text.unwrap_or_default(), rows: if main { 6 } else { 3 }, optional: !main, above }
    }

    /// The sections that stand open: what happened, or all of a full report.
    fn areas(&self) -> Vec<Area> {
        if !self.draft.report {
            return vec![self.area(SectionKey::Presentation)];
        }
        SectionKey::REPORT.iter().chain(self.others()).map(|key| self.area(*key)).collect()
    }

    /// The sections of a quick case that need not be told apart.
    fn more_areas(&self) -> Vec<Area> {
        if self.draft.report {
            return Vec::new();
        }
        let own = SectionKey::QUICK.iter().filter(|key| **key != SectionKey::Presentation);
        own.chain(self.others()).map(|key| self.area(*key)).collect()
    }

    /// What was told in sections of the other kind.
    fn others(&self) -> impl Iterator<Item = &SectionKey> {
        let own = SectionKey::of(self.draft.report);
        self.draft.sections.iter().map(|(key, _)| key).filter(move |key| !own.contains(key))
    }

    /// Whether the sections of a quick case stand open.
    fn has_sections(&self) -> bool {
        self.draft.sections.iter().any(|(key, _)| *key != SectionKey::Presentation)
    }

    fn steps(&self) -> Vec<StepRow> {
        let known = self.draft.timeline.iter().map(|step| (step.at.clone(), step.text.clone(), step.turning));
        let empty = std::iter::repeat_n((String::new(), String::new(), false), self.empty_rows);
        let row =
            |(number, (at, text, turning)): (usize, (String, String, bool))| StepRow { number, at, text, turning };
        (1..).zip(known.chain(empty)).map(row).collect()
    }

    /// How many empty rows the timeline has once there are to be more.
    fn more_rows(&self) -> usize {
        (self.empty_rows + 3).min(MOST_EMPTY_ROWS)
    }

    fn has_timeline(&self) -> bool {
        self.empty_rows > EMPTY_ROWS || !self.draft.timeline.is_empty() || !self.faults.at("timeline").is_empty()
    }

    /// Whether what a case can do without stands open: something of it is filled in, or wrong.
    fn has_more(&self) -> bool {
        let filled = self.has_sections() || self.has_timeline() || self.has_options() || self.has_sources();
        let chosen = self.has_days() || self.has_reach() || self.is_unnamed() || self.draft.report;
        let wrong = ["unnamed", "interests", "topic", "given_on", "expires_on", "form_hash"];
        filled || chosen || wrong.iter().any(|field| !self.faults.at(field).is_empty())
    }

    /// Whether the options to rank stand open.
    fn has_options(&self) -> bool {
        !self.draft.options.is_empty() || !self.faults.at("options").is_empty()
    }

    /// Whether the sources stand open.
    fn has_sources(&self) -> bool {
        !self.draft.sources.is_empty() || !self.faults.at("sources").is_empty()
    }

    /// Whether topic, specialties and interests stand open.
    fn has_reach(&self) -> bool {
        !self.draft.specialties.is_empty() || !self.draft.topic.is_empty() || !self.faults.at("specialties").is_empty()
    }

    /// Whether the days of the consent stand open.
    fn has_days(&self) -> bool {
        !self.given_on.is_empty() || !self.expires_on.is_empty() || !self.draft.consent.form_hash.is_empty()
    }

    fn sexes(&self) -> Vec<Choice> {
        let choice = |one: &Sex| Choice {
            value: one.as_str(),
            words: words::sex(*one),
            hint: "",
            chosen: *one == self.draft.sex,
        };
        Sex::ALL.iter().map(choice).collect()
    }

    /// Whether the draft is to bear no name.
    fn is_unnamed(&self) -> bool {
        self.draft.asked_as != AskedAs::Named
    }

    /// What may stand in place of the name.
    fn labels(&self) -> Vec<LabelChoice> {
        let offered = self.offer.as_ref().map(|offer| offer.labels.as_slice()).unwrap_or_default();
        let chosen = offered.iter().position(|(shade, _)| *shade >= self.draft.asked_as);
        let choice = |(place, (shade, words)): (usize, &(AskedAs, String))| LabelChoice {
            value: shade.as_str(),
            words: words.clone(),
            chosen: chosen == Some(place),
        };
        offered.iter().enumerate().map(choice).collect()
    }

    fn bases(&self) -> Vec<Choice> {
        let choice = |one: &ConsentBasis| {
            let (words, hint) = words::basis(*one);
            Choice { value: one.as_str(), words, hint, chosen: self.draft.consent.basis == Some(*one) }
        };
        ConsentBasis::ALL.iter().map(choice).collect()
    }

    fn scopes(&self) -> Vec<Choice> {
        let choice = |one: &ConsentScope| Choice {
            value: one.as_str(),
            words: words::scope(*one),
            hint: "",
            chosen: self.draft.consent.scope == Some(*one),
        };
        ConsentScope::ALL.iter().map(choice).collect()
    }

    fn urgencies(&self) -> Vec<Choice> {
        let choice = |one: &Urgency| {
            let (words, hint) = words::urgency(*one);
            Choice { value: one.as_str(), words, hint, chosen: *one == self.draft.urgency }
        };
        Urgency::ALL.iter().map(choice).collect()
    }
}

/// The page of a draft; `typed` is what was typed where it could not be carried out.
pub(super) async fn page(
    visitor: &Visitor,
    taken: Taken,
    checked: bool,
    typed: Option<&Typed>,
) -> Result<HttpResponse, Problem> {
    let page = WritePage::new(visitor, taken, checked, typed, EMPTY_ROWS).await?;
    page.faults.page(visitor, &page)
}

/// The same of one that was to be posted: for reading, where anything is marked.
pub(super) async fn page_where_marked(visitor: &Visitor, taken: Taken, typed: &Typed) -> Result<HttpResponse, Problem> {
    let mut page = WritePage::new(visitor, taken, typed.is_checked(), Some(typed), EMPTY_ROWS).await?;
    page.checked |= page.gate.any;
    page.faults.page(visitor, &page)
}

/// `?rows=5`: how many rows of the timeline are empty; `?large=7`: which picture is shown larger.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Rows {
    rows: Option<usize>,
    large: Option<CasePictureId>,
}

/// `GET /cases/drafts/{id}`
pub(in crate::web) async fn show(
    visitor: Visitor,
    id: web::Path<CaseDraftId>,
    rows: Query<Rows>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let taken = Taken::stored(&visitor, *id).await?;
    let empty = rows.rows.unwrap_or(EMPTY_ROWS).clamp(EMPTY_ROWS, MOST_EMPTY_ROWS);
    let mut page = WritePage::new(&visitor, taken, false, None, empty).await?;
    for one in &mut page.pictures {
        one.tool.is_large = rows.large == Some(one.id);
    }
    page.faults.page(&visitor, &page)
}

/// `POST /cases/drafts/{id}/save`: keeps what was typed; which button was pressed says where to go on.
pub(in crate::web) async fn save(form: Form<Typed>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields: typed, files } = form;
    visitor.require()?;
    let taken = keep(&visitor, *id, &typed, &files).await?;
    if !taken.faults.is_empty() {
        return page(&visitor, taken, typed.is_checked(), Some(&typed)).await;
    }
    if typed.get("change").is_some() {
        return Ok(visitor.go(CHOICE));
    }
    let own = format!("/cases/drafts/{id}");
    let rows = typed.get("rows").and_then(|rows| rows.parse::<usize>().ok());
    Ok(visitor.go(&match (typed.get("edit"), rows, typed.get("report")) {
        (Some(field), _, _) => format!("{own}#{field}"),
        (_, Some(rows), _) => format!("{own}?rows={rows}#timeline"),
        (_, _, Some(_)) => format!("{own}#sections"),
        _ if typed.is_checked() => format!("{own}/check?done=saved"),
        _ => format!("{own}?done=saved"),
    }))
}
