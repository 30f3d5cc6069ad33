//! Who asked a case without their name: what moderators need for opening it, and what whoever asked is told of that.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    model::PostId,
    service::cases::{self, OpeningView},
    web::{
        error::Problem,
        form::Faults,
        groups,
        layout::{Shell, Who, full_date, post_path},
        session::{Form, Press, Visitor},
    },
};

/// A moderator who wants to know.
struct Wish {
    who: Who,
    reason: String,
    since: String,
    /// It is the viewer's.
    own: bool,
}

/// How it was opened.
struct Opened {
    /// Who wanted to know.
    first: Who,
    /// Who agreed.
    second: Who,
    reason: String,
    when: String,
}

#[derive(Template)]
#[template(path = "web/cases/opening.html")]
struct OpeningPage {
    shell: Shell,
    id: PostId,
    question: String,
    label: String,
    path: String,
    group: String,
    mine: bool,
    wish: Option<Wish>,
    /// Who asked, for the two who opened it.
    asker: Option<Who>,
    opened: Vec<Opened>,
    reason: String,
    faults: Faults,
}

impl OpeningPage {
    fn new(visitor: &Visitor, view: OpeningView, reason: String, faults: Faults) -> Self {
        let shell = visitor.shell("cases");
        let own = view.own_wish;
        let wish = view.waiting.map(|(one, by)| Wish {
            who: Who::from_account(&by, shell.now),
            reason: one.reason,
            since: full_date(one.asked_at),
            own,
        });
        let opened = view.opened.into_iter().map(|(one, first, second)| Opened {
            first: Who::from_account(&first, shell.now),
            second: Who::from_account(&second, shell.now),
            reason: one.reason,
            when: one.decided_at.map(full_date).unwrap_or_default(),
        });
        Self {
            id: view.post.id,
            question: view.post.title,
            label: view.post.label,
            path: match &view.group {
                Some(group) => post_path(&group.handle(), view.post.id.0),
                None => "/cases/mine".to_owned(),
            },
            group: view.group.map(|group| groups::path_of(&group.handle())).unwrap_or_default(),
            mine: view.mine,
            wish,
            asker: view.asker.map(|account| Who::from_account(&account, shell.now)),
            opened: opened.collect(),
            reason,
            faults,
            shell,
        }
    }

    async fn load(visitor: &Visitor, id: PostId, reason: String, faults: Faults) -> Result<Self> {
        let view = cases::opening(&visitor.ctx, &visitor.viewer(), id).await?;
        Ok(Self::new(visitor, view, reason, faults))
    }
}

fn address(id: PostId, done: &str) -> String {
    format!("/cases/{id}/asker?done={done}")
}

/// `GET /cases/{post}/asker`
pub(in crate::web) async fn page(visitor: Visitor, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    visitor.page(&OpeningPage::load(&visitor, *id, String::new(), Faults::none()).await?)
}

/// Why.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    reason: String,
}

/// `POST /cases/{post}/asker`: a moderator wants to know.
pub(in crate::web) async fn ask(form: Form<Typed>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    visitor.require()?;
    let reason = fields.reason.replace("\r\n", "\n");
    match cases::ask_opening(&visitor.ctx, &visitor.viewer(), *id, &reason).await {
        Ok(()) => Ok(visitor.go(&address(*id, "opening-asked"))),
        Err(error) => refused(&visitor, *id, reason, error).await,
    }
}

/// `POST /cases/{post}/asker/agree`
pub(in crate::web) async fn agree(form: Form<Press>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    visitor.require()?;
    match cases::agree_opening(&visitor.ctx, &visitor.viewer(), *id).await {
        Ok(()) => Ok(visitor.go(&address(*id, "opened"))),
        Err(error) => refused(&visitor, *id, String::new(), error).await,
    }
}

/// `POST /cases/{post}/asker/refuse`
pub(in crate::web) async fn refuse(form: Form<Press>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    visitor.require()?;
    match cases::refuse_opening(&visitor.ctx, &visitor.viewer(), *id).await {
        Ok(()) => Ok(visitor.go(&address(*id, "not-opened"))),
        Err(error) => refused(&visitor, *id, String::new(), error).await,
    }
}

/// The page again, with what stands in the way where that can be mended.
async fn refused(visitor: &Visitor, id: PostId, reason: String, error: Error) -> Result<HttpResponse, Problem> {
    let faults = Faults::of_error(error, "reason")?;
    let page = OpeningPage::load(visitor, id, reason, faults).await?;
    page.faults.page(visitor, &page)
}
