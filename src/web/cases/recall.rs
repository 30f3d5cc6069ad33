//! Taking a case back, after a question.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::{
    error::Error,
    model::{PostId, RecallReason},
    service::{cases, posts},
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, post_path},
        session::{Form, Visitor},
    },
};

#[derive(Template)]
#[template(path = "web/cases/recall.html")]
struct RecallPage {
    shell: Shell,
    id: PostId,
    path: String,
    question: String,
    reasons: Vec<(RecallReason, &'static str)>,
    faults: Faults,
}

/// Why a case is taken back, in words.
fn words(reason: RecallReason) -> &'static str {
    match reason {
        RecallReason::ConsentWithdrawn => "The patient no longer agrees",
        RecallReason::ConsentExpired => "The consent has ended",
        RecallReason::Identifiable => "The patient could be recognised",
        RecallReason::Mistake => "It should not have been posted",
        RecallReason::Moderators => "The moderators take it back",
    }
}

/// For whoever may take it back; everybody else is told of nothing.
async fn asked(visitor: &Visitor, id: PostId) -> Result<RecallPage, Problem> {
    visitor.require()?;
    let card = posts::read(&visitor.ctx, &visitor.viewer(), id).await?;
    let known = cases::view(&visitor.ctx, &visitor.viewer(), &card.post).await?;
    if known.is_none() || !cases::may_withdraw(&visitor.ctx, &visitor.viewer(), &card.post).await? {
        return Err(Error::NotFound.into());
    }
    let own = visitor.viewer().account() == Some(card.post.author_id);
    let fits = |one: &&RecallReason| match one {
        RecallReason::ConsentExpired => false,
        RecallReason::Moderators => !own,
        RecallReason::ConsentWithdrawn | RecallReason::Mistake => own,
        RecallReason::Identifiable => true,
    };
    Ok(RecallPage {
        shell: visitor.shell("cases"),
        id,
        path: post_path(&card.author.handle(), id.0),
        question: card.post.title,
        reasons: RecallReason::ALL.iter().filter(fits).map(|one| (*one, words(*one))).collect(),
        faults: Faults::none(),
    })
}

/// `GET /cases/{post}/recall`
pub(in crate::web) async fn page(visitor: Visitor, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    visitor.page(&asked(&visitor, *id).await?)
}

/// Why.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    reason: Option<RecallReason>,
}

/// `POST /cases/{post}/recall`
pub(in crate::web) async fn withdraw(form: Form<Typed>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let page = asked(&visitor, *id).await?;
    let Some(reason) = fields.reason.filter(|reason| page.reasons.iter().any(|(one, _)| one == reason)) else {
        let page = RecallPage { faults: Faults::none().with("reason", "Choose why."), ..page };
        return page.faults.page(&visitor, &page);
    };
    cases::withdraw(&visitor.ctx, &visitor.viewer(), *id, reason).await?;
    Ok(visitor.go("/cases?done=case-withdrawn"))
}
