//! What one does about somebody: blocking, muting, noting, choosing what to see of them, reporting.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    form::Faults,
    layout::{PostShown, Shell, Who},
    session::{Back, Form, Visitor},
};
use crate::{
    model::{AccountId, PostId},
    service::{
        follows, posts, profiles,
        reports::{self, CATEGORIES, Complaint},
        shuns,
    },
};

/// `POST /people/{id}/block`
pub(super) async fn block(form: Form<Back>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    shuns::block(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go_back(&form.fields.back, "blocked"))
}

/// `POST /people/{id}/unblock`
pub(super) async fn unblock(form: Form<Back>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    shuns::unblock(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go_back(&form.fields.back, "unblocked"))
}

/// `POST /people/{id}/mute`
pub(super) async fn mute(form: Form<Back>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    shuns::mute(&form.visitor.ctx, &form.visitor.viewer(), *id, true, 0).await?;
    Ok(form.visitor.go_back(&form.fields.back, "muted"))
}

/// `POST /people/{id}/unmute`
pub(super) async fn unmute(form: Form<Back>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    shuns::unmute(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go_back(&form.fields.back, "unmuted"))
}

/// A word that nobody else sees.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Note {
    note: String,
    back: String,
}

/// `POST /people/{id}/note`
pub(super) async fn note(form: Form<Note>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    shuns::note(&form.visitor.ctx, &form.visitor.viewer(), *id, &form.fields.note.replace("\r\n", "\n")).await?;
    Ok(form.visitor.go_back(&form.fields.back, "saved"))
}

/// What one wants to see of somebody whom one follows.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Options {
    boosts: Option<String>,
    notify: Option<String>,
    back: String,
}

/// `POST /people/{id}/options`
pub(super) async fn options(form: Form<Options>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    let (boosts, notify) = (Some(form.fields.boosts.is_some()), Some(form.fields.notify.is_some()));
    follows::set_options(&form.visitor.ctx, &form.visitor.viewer(), *id, boosts, notify).await?;
    Ok(form.visitor.go_back(&form.fields.back, "saved"))
}

/// Whom, and which post.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    person: AccountId,
    post: Option<PostId>,
}

#[derive(Template)]
#[template(path = "web/report.html")]
struct ReportPage {
    shell: Shell,
    who: Who,
    post: Option<PostShown>,
    category: String,
    comment: String,
    faults: Faults,
}

async fn report_page(
    visitor: &Visitor,
    person: AccountId,
    post: Option<PostId>,
    (category, comment): (String, String),
    faults: Faults,
) -> Result<HttpResponse, Problem> {
    let account = profiles::by_id(&visitor.ctx, &visitor.viewer(), person).await?.account;
    let shell = visitor.shell("");
    let post = match post {
        Some(id) => Some(PostShown::of(posts::read(&visitor.ctx, &visitor.viewer(), id).await?, &shell)),
        None => None,
    };
    let page = ReportPage { who: Who::from_account(&account, shell.now), post, category, comment, faults, shell };
    page.faults.page(visitor, &page)
}

/// `GET /report`
pub(super) async fn report(visitor: Visitor, asked: web::Query<Asked>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    report_page(&visitor, asked.person, asked.post, (String::new(), String::new()), Faults::none()).await
}

/// What is wrong, in the reporter's words.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    person: AccountId,
    post: Option<PostId>,
    #[serde(default)]
    category: String,
    #[serde(default)]
    comment: String,
    forward: Option<String>,
}

/// `POST /report`
pub(super) async fn send_report(form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if !CATEGORIES.iter().any(|(key, _)| *key == fields.category) {
        visitor.require()?;
        let faults = Faults::none().with("category", "Choose what is wrong.");
        return report_page(&visitor, fields.person, fields.post, (fields.category, fields.comment), faults).await;
    }
    let complaint = Complaint {
        target: fields.person,
        posts: fields.post.into_iter().collect(),
        comment: fields.comment.clone(),
        category: fields.category.clone(),
        forward: fields.forward.is_some(),
        // The page says so.
        words_to_leaders: true,
    };
    match reports::file(&visitor.ctx, &visitor.viewer(), complaint).await {
        Ok(_) => Ok(visitor.go("/?done=reported")),
        Err(error) => {
            let faults = Faults::of_error(error, "comment")?;
            report_page(&visitor, fields.person, fields.post, (fields.category, fields.comment), faults).await
        }
    }
}
