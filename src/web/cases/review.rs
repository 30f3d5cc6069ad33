//! The second look at a case: a verified member reads it with what its author kept, lets the group see it, or sends it back.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{gate::Gate, words};
use crate::{
    error::Error,
    model::{CaseDraft, Kept, Media, MediaId, PostId},
    service::{
        cases::{self, ReviewLine, ReviewView},
        specialties,
    },
    web::{
        cover::file,
        error::Problem,
        form::Faults,
        layout::{Shell, Who, ago, capital, counted, full_date},
        marked::Reading,
        session::{Form, Press, Visitor},
    },
};

/// A case that waits.
struct Line {
    path: String,
    question: String,
    who: Who,
    group: String,
    urgency: &'static str,
    /// "3 marks kept".
    kept: String,
    /// When it was asked: "5 min", in full, and RFC 3339.
    asked: (String, String, String),
}

impl Line {
    fn of(line: &ReviewLine, now: DateTime<Utc>) -> Self {
        Self {
            path: format!("/cases/review/{}", line.post),
            question: line.question.clone(),
            who: who(line, now),
            group: line.group_name.clone(),
            urgency: words::urgency(line.urgency).0,
            kept: counted(line.kept, "mark kept", "marks kept"),
            asked: (ago(line.asked_at, now), full_date(line.asked_at), line.asked_at.to_rfc3339()),
        }
    }
}

/// Who asks, by name or by what stands in its place.
fn who(line: &ReviewLine, now: DateTime<Utc>) -> Who {
    let who = Who::of(&line.author, now);
    if line.label.is_empty() { who } else { Who { name: capital(&line.label), ..who } }
}

#[derive(Template)]
#[template(path = "web/cases/reviews.html")]
struct ListPage {
    shell: Shell,
    lines: Vec<Line>,
}

/// `GET /cases/review`
pub(in crate::web) async fn list(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let shell = visitor.shell("cases");
    let waiting = cases::waiting_for_review(&visitor.ctx, &visitor.viewer()).await?;
    visitor.page(&ListPage { lines: waiting.iter().map(|line| Line::of(line, shell.now)).collect(), shell })
}

/// What its author kept.
struct KeptShown {
    words: String,
    /// "Date, in: Background".
    line: String,
    reason: String,
}

impl KeptShown {
    fn of(kept: &Kept, draft: &CaseDraft) -> Self {
        Self {
            words: kept.words.clone(),
            line: format!("{}, in: {}", words::kind(&kept.kind), words::field(&kept.field, draft)),
            reason: kept.reason.clone(),
        }
    }
}

/// A picture, painted as the group will see it.
struct PictureShown {
    src: String,
    alt: String,
    width: i32,
    height: i32,
}

#[derive(Template)]
#[template(path = "web/cases/review.html")]
struct ReviewPage {
    shell: Shell,
    line: Line,
    /// The whole of it, as safe HTML.
    html: String,
    pictures: Vec<PictureShown>,
    /// The texts in which anything is marked.
    readings: Vec<Reading>,
    /// What was kept in other places: in words to pictures.
    kept: Vec<KeptShown>,
    facts: Vec<(&'static str, String)>,
    reason: String,
    faults: Faults,
}

impl ReviewPage {
    async fn new(visitor: &Visitor, view: ReviewView, reason: String, faults: Faults) -> Result<Self, Error> {
        let shell = visitor.shell("cases");
        let line = Line::of(&view.line, shell.now);
        let draft = cases::reviewed(&view);
        let marks = cases::marks_of(&visitor.ctx, &visitor.viewer(), &draft).await?;
        let elsewhere = |kept: &&Kept| !cases::field_text(&draft, &kept.field).is_some_and(|t| t.contains(&kept.words));
        let picture = |one: &Media| PictureShown {
            src: format!("{}/pictures/{}", line.path, one.id),
            alt: one.description.clone(),
            width: one.width,
            height: one.height,
        };
        Ok(Self {
            pictures: view.pictures.iter().map(picture).collect(),
            readings: Gate::of(&draft, &marks, None).readings,
            kept: view.kept.iter().filter(elsewhere).map(|one| KeptShown::of(one, &draft)).collect(),
            facts: facts(visitor, &view).await?,
            html: view.html,
            line,
            reason,
            faults,
            shell,
        })
    }
}

/// What else is to be known before deciding.
async fn facts(visitor: &Visitor, view: &ReviewView) -> Result<Vec<(&'static str, String)>, Error> {
    let mut facts = vec![("How soon", words::urgency(view.case.urgency).0.to_owned())];
    if let Some(consent) = &view.consent {
        let (basis, scope) = (words::basis(consent.basis).0, words::scope(consent.scope));
        facts.push(("Consent", format!("{basis}. {scope}")));
    }
    let mut asked = Vec::new();
    for code in &view.case.specialties {
        asked.push(specialties::label(&visitor.ctx, code).await?);
    }
    let interests = view.interests.clone();
    let more = [("Specialties", asked.join(", ")), ("Conflicts of interest", interests)];
    facts.extend(more.into_iter().filter(|(_, said)| !said.is_empty()));
    Ok(facts)
}

/// `GET /cases/review/{post}`
pub(in crate::web) async fn show(visitor: Visitor, post: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let view = cases::review(&visitor.ctx, &visitor.viewer(), *post).await?;
    visitor.page(&ReviewPage::new(&visitor, view, String::new(), Faults::none()).await?)
}

/// `GET /cases/review/{post}/pictures/{picture}`: for whoever may look at the case alone.
pub(in crate::web) async fn picture(
    visitor: Visitor,
    path: web::Path<(PostId, MediaId)>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (post, picture) = path.into_inner();
    let (bytes, mime) = cases::review_picture(&visitor.ctx, &visitor.viewer(), post, picture).await?;
    Ok(file(bytes, &mime))
}

/// `POST /cases/review/{post}/approve`
pub(in crate::web) async fn approve(form: Form<Press>, post: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    form.visitor.require()?;
    cases::approve(&form.visitor.ctx, &form.visitor.viewer(), *post).await?;
    Ok(form.visitor.go("/cases/review?done=case-approved"))
}

/// Why it goes back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    reason: String,
}

/// `POST /cases/review/{post}/send-back`
pub(in crate::web) async fn send_back(form: Form<Typed>, post: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    visitor.require()?;
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let reason = fields.reason.replace("\r\n", "\n");
    match cases::send_back(ctx, &viewer, *post, &reason).await {
        Ok(()) => Ok(visitor.go("/cases/review?done=case-returned")),
        Err(error @ Error::Invalid(_)) => {
            let view = cases::review(ctx, &viewer, *post).await?;
            let faults = Faults::of_error(error, "reason")?;
            let page = ReviewPage::new(&visitor, view, reason, faults).await?;
            page.faults.page(&visitor, &page)
        }
        Err(error) => Err(error.into()),
    }
}
