//! Becoming a member, and leaving.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Head, path_of, words};
use crate::{
    model::{Admission, FollowState, GroupKind},
    service::groups::{self, View, Wish},
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, Press, Visitor},
    },
};

#[derive(Template)]
#[template(path = "web/groups/join.html")]
struct JoinPage {
    shell: Shell,
    g: Head,
    /// The code of an invitation link.
    code: String,
    conditions: Vec<String>,
    honest: &'static [&'static str],
    /// Why the form is not shown; empty where it is.
    no: &'static str,
    /// A moderator decides, and reads why.
    asks: bool,
    /// The server that decides; empty for ours.
    host: String,
    reason: String,
    faults: Faults,
}

/// What the address or the form brings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    code: String,
    reason: String,
}

impl JoinPage {
    fn new(visitor: &Visitor, view: &View, typed: Typed, faults: Faults) -> Self {
        let mut shell = visitor.shell("groups");
        let g = Head::of(view, shell.now);
        // The code of a link stays in its own form.
        shell.here.clone_from(&g.path);
        let local = view.account.is_local();
        let no = if g.banned {
            "The moderators of this group have decided that you take no part in it."
        } else if g.archived {
            "This group is archived: it can be read, and nobody joins it any more."
        } else if g.asked && typed.code.is_empty() {
            "You have asked. You are told as soon as it is decided."
        } else if local && typed.code.is_empty() && view.group.admission == Admission::Invitation {
            "This group is joined by an invitation link of its moderators."
        } else {
            ""
        };
        Self {
            no,
            asks: typed.code.is_empty() && view.group.admission == Admission::Request,
            conditions: words::conditions(&view.group),
            honest: words::honest(view.group.kind),
            host: view.account.host.clone().unwrap_or_default(),
            code: typed.code,
            reason: typed.reason,
            g,
            shell,
            faults,
        }
    }
}

/// `GET /groups/{handle}/join`
pub(in crate::web) async fn page(
    visitor: Visitor,
    handle: web::Path<String>,
    asked: web::Query<Typed>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let typed = asked.into_inner();
    let view = groups::view(&visitor.ctx, &visitor.viewer(), &handle, &typed.code).await?;
    if view.membership.member {
        return Ok(visitor.go(&path_of(&view.account.handle())));
    }
    visitor.page(&JoinPage::new(&visitor, &view, typed, Faults::none()))
}

/// `POST /groups/{handle}/join`
pub(in crate::web) async fn join(form: Form<Typed>, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    visitor.require()?;
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let view = groups::view(ctx, &viewer, &handle, &fields.code).await?;
    let path = path_of(&view.account.handle());
    let wish = Wish { reason: fields.reason.clone(), code: fields.code.clone() };
    match groups::join(ctx, &viewer, view.account.id, &wish).await {
        Ok(FollowState::Accepted) => Ok(visitor.go(&format!("{path}?done=joined"))),
        Ok(FollowState::Pending) => Ok(visitor.go(&format!("{path}?done=asked-to-join"))),
        Err(error) => {
            let page = JoinPage::new(&visitor, &view, fields, Faults::of_error(error, "reason")?);
            page.faults.page(&visitor, &page)
        }
    }
}

#[derive(Template)]
#[template(path = "web/groups/leave.html")]
struct LeavePage {
    shell: Shell,
    g: Head,
    /// What they read of it then.
    reads: &'static str,
    /// How they can come back.
    again: &'static str,
}

/// `GET /groups/{handle}/leave`
pub(in crate::web) async fn leave_page(visitor: Visitor, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let view = groups::view(&visitor.ctx, &visitor.viewer(), &handle, "").await?;
    if !view.membership.member {
        return Ok(visitor.go(&path_of(&view.account.handle())));
    }
    let shell = visitor.shell("groups");
    let reads = match view.group.kind {
        GroupKind::Open | GroupKind::Verified => "You read it as others do who are no members.",
        GroupKind::Closed | GroupKind::Local => "You read nothing of it any more.",
    };
    let again = match view.group.admission {
        Admission::Free => "You can join it again.",
        Admission::Request => "You can ask to join it again, and a moderator decides.",
        Admission::Invitation => "To come back you need a new invitation link.",
    };
    visitor.page(&LeavePage { g: Head::of(&view, shell.now), shell, reads, again })
}

/// `POST /groups/{handle}/leave`
pub(in crate::web) async fn leave(form: Form<Press>, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    visitor.require()?;
    let view = groups::view(&visitor.ctx, &visitor.viewer(), &handle, "").await?;
    groups::leave(&visitor.ctx, &visitor.viewer(), view.account.id).await?;
    // Perhaps it is not shown to them any more.
    Ok(visitor.go(if view.membership.member { "/groups?done=left" } else { "/groups?done=withdrawn-word" }))
}
