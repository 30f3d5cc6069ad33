//! For whoever asked a case: what it turned out to be, and which reply answers it.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    model::{Held, PostCard, PostId, discreet::discreet},
    service::{
        cases::{self, CaseView},
        posts,
    },
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, post_path},
        marked::{Marked, Said},
        posts::marks::or_none,
        session::{Back, Form, Visitor},
    },
};

#[derive(Template)]
#[template(path = "web/cases/outcome.html")]
struct OutcomePage {
    shell: Shell,
    id: PostId,
    question: String,
    /// The page of the case.
    path: String,
    text: String,
    /// An outcome is known already.
    known: bool,
    /// Why the group did not take it; empty where it did.
    refusal: String,
    /// What could identify the patient.
    marked: Marked,
    faults: Faults,
}

impl OutcomePage {
    fn new(
        visitor: &Visitor,
        (card, view): (PostCard, CaseView),
        text: Option<String>,
        marked: Marked,
        faults: Faults,
    ) -> Self {
        Self {
            marked,
            shell: visitor.shell("cases"),
            id: card.post.id,
            path: post_path(&card.author.handle(), card.post.id.0),
            question: card.post.title,
            known: !view.case.outcome_html.is_empty(),
            refusal: if card.post.held == Held::No { card.post.refusal } else { String::new() },
            text: text.unwrap_or(view.case.outcome),
            faults,
        }
    }
}

/// A case of the visitor's own. Whoever may not read it is told nothing of it.
async fn own(visitor: &Visitor, id: PostId) -> Result<(PostCard, CaseView)> {
    visitor.require()?;
    let card = posts::read(&visitor.ctx, &visitor.viewer(), id).await?;
    let view = cases::view(&visitor.ctx, &visitor.viewer(), &card.post).await?.ok_or(Error::NotFound)?;
    if view.mine { Ok((card, view)) } else { Err(Error::Forbidden("Only the person who asked the case decides that.")) }
}

/// `GET /cases/{post}/outcome`
pub(in crate::web) async fn page(visitor: Visitor, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let case = own(&visitor, *id).await?;
    visitor.page(&OutcomePage::new(&visitor, case, None, Marked::default(), Faults::none()))
}

/// What was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    outcome: String,
    /// What is said of marks, as in [`Said`].
    mark: Vec<String>,
    now: Vec<String>,
    why: Vec<String>,
    act: String,
}

discreet!(Typed {});

/// `POST /cases/{post}/outcome`
pub(in crate::web) async fn save(form: Form<Typed>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let mut text = fields.outcome.replace("\r\n", "\n");
    let said = Said { mark: fields.mark, now: fields.now, why: fields.why, act: fields.act };
    let case = own(&visitor, *id).await?;
    let kept = said.kept();
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let done = if said.is_about_marks() {
        let found = cases::outcome_marks(ctx, &viewer, &text, &kept).await;
        found.and_then(|marks| said.carry_out(&marks, &mut [("outcome".to_owned(), &mut text)]))
    } else {
        match cases::add_outcome(ctx, &viewer, *id, &text, &kept).await {
            Ok(held) => return Ok(visitor.go(&place_of(&case.0, held))),
            Err(error) => Err(error),
        }
    };
    let faults = match done {
        Ok(()) => Faults::none(),
        Err(error) => Faults::of_error(error, "outcome")?,
    };
    let (marks, faults) = faults.besides(or_none(cases::outcome_marks(ctx, &viewer, &text, &kept).await))?;
    let field = ("outcome".to_owned(), "What it turned out to be".to_owned(), text.as_str());
    let marked = Marked::of(&marks, &[field]);
    let page = OutcomePage::new(&visitor, case, Some(text), marked, faults);
    page.faults.page(&visitor, &page)
}

/// Where somebody goes who has added an outcome: to the case, or, where that waits with it and is shown to nobody by name, to the list
/// of those that they asked.
fn place_of(card: &PostCard, held: Held) -> String {
    let path = post_path(&card.author.handle(), card.post.id.0);
    match held {
        Held::No | Held::Sent | Held::Waits | Held::Refused => format!("{path}?done=outcome"),
        Held::Premoderation | Held::Screening | Held::Review if card.post.label.is_empty() => {
            format!("{path}?done=outcome-held")
        }
        Held::Premoderation | Held::Screening | Held::Review => "/cases/mine?done=outcome-held".to_owned(),
    }
}

/// `POST /cases/{post}/reopen`
pub(in crate::web) async fn reopen(form: Form<Back>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    cases::reopen(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go_back(&form.fields.back, "case-reopened"))
}

/// `POST /cases/{post}/answer/{reply}`
pub(in crate::web) async fn mark(form: Form<Back>, path: web::Path<(PostId, PostId)>) -> Result<HttpResponse, Problem> {
    let (case, reply) = path.into_inner();
    cases::mark_answer(&form.visitor.ctx, &form.visitor.viewer(), case, reply).await?;
    Ok(form.visitor.go_back(&form.fields.back, "answer-marked"))
}

/// `POST /cases/{post}/answer/{reply}/undo`
pub(in crate::web) async fn unmark(
    form: Form<Back>,
    path: web::Path<(PostId, PostId)>,
) -> Result<HttpResponse, Problem> {
    let (case, _) = path.into_inner();
    cases::unmark_answer(&form.visitor.ctx, &form.visitor.viewer(), case).await?;
    Ok(form.visitor.go_back(&form.fields.back, "answer-unmarked"))
}
