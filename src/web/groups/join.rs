//! Becoming a member, and leaving.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use askama::Template;
use serde::Deserialize;

use super::{Head, path_of, words};
use crate::{
    error::Error,
    model::{Admission, FollowState, GroupKind},
    service::{
        groups::{self, View, Wish},
        search, shuns,
    },
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        remote_follow,
        session::{Form, Press, Visitor, address},
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
    /// The viewer has blocked it, and takes that back first.
    blocked: bool,
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
        let no = if !g.fits {
            "This group is for clinicians: members of the public neither read nor join it."
        } else if g.banned {
            "The moderators of this group have decided that you take no part in it."
        } else if g.archived {
            "This group is archived: it can be read, and nobody joins it any more."
        } else if g.asked && typed.code.is_empty() {
            "You have asked. You are told as soon as it is decided."
        } else if typed.code.is_empty() && view.group.admission == Admission::Invitation {
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
            blocked: false,
            g,
            shell,
            faults,
        }
    }
}

/// How somebody joins who is not signed in: their account may be at another hospital.
#[derive(Template)]
#[template(path = "web/groups/join_elsewhere.html")]
struct ElsewherePage {
    shell: Shell,
    g: Head,
    /// `@cardio@clinic.example`
    whole: String,
    conditions: Vec<String>,
    /// The code of an invitation link.
    code: String,
    /// The whole link; empty for none.
    link: String,
    /// Where somebody goes on who has an account here.
    next: String,
    typed: String,
    faults: Faults,
}

impl ElsewherePage {
    fn new(visitor: &Visitor, view: &View, code: String, typed: String, faults: Faults) -> Self {
        let mut shell = visitor.shell("");
        let g = Head::of(view, shell.now);
        // The code of a link stays in its own form.
        shell.here.clone_from(&g.path);
        Self {
            whole: format!("@{}@{}", view.account.username, visitor.ctx.config.instance.host()),
            conditions: words::conditions(&view.group),
            link: if code.is_empty() { String::new() } else { link_of(view, &code) },
            next: if code.is_empty() { format!("{}/join", g.path) } else { format!("{}/join?code={code}", g.path) },
            code,
            typed,
            faults,
            g,
            shell,
        }
    }
}

/// An invitation link, whole.
fn link_of(view: &View, code: &str) -> String {
    format!("{}/join?code={code}", view.account.url)
}

/// Whether people of other servers may join a group.
fn takes_from_elsewhere(view: &View) -> bool {
    view.account.is_local() && view.group.kind != GroupKind::Local && view.group.archived_at.is_none()
}

/// A group of ours that people of other servers may join, for somebody who is not signed in and may know of it; of all others
/// nothing is said but that one has to sign in.
async fn for_strangers(visitor: &Visitor, handle: &str, code: &str) -> Result<View, Problem> {
    match groups::view(&visitor.ctx, &visitor.viewer(), handle, code).await {
        Ok(view) if takes_from_elsewhere(&view) => Ok(view),
        Ok(_) | Err(Error::NotFound) => Err(Error::Unauthenticated.into()),
        Err(error) => Err(error.into()),
    }
}

/// The handle of somebody whose account is elsewhere, with the code of their link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Stranger {
    handle: String,
    code: String,
}

/// `POST /groups/{handle}/join-elsewhere`: on to one's own server, which is told of the group or of the link.
pub(in crate::web) async fn elsewhere(
    request: HttpRequest,
    form: Form<Stranger>,
    handle: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if visitor.require_person().is_ok() {
        return Ok(visitor.go(&format!("{}/join", path_of(&handle))));
    }
    let view = for_strangers(&visitor, &handle, &fields.code).await?;
    let about = if fields.code.is_empty() { view.account.uri.clone() } else { link_of(&view, &fields.code) };
    let from = address(&request, &visitor.ctx);
    match search::interaction_page(&visitor.ctx, &fields.handle, &about, &from).await {
        Ok(page) => Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, page.as_str())).finish()),
        Err(error) => {
            let faults = remote_follow::faults(error)?;
            let page = ElsewherePage::new(&visitor, &view, fields.code, fields.handle, faults);
            page.faults.page(&visitor, &page)
        }
    }
}

/// `GET /groups/{handle}/join`
pub(in crate::web) async fn page(
    visitor: Visitor,
    handle: web::Path<String>,
    asked: web::Query<Typed>,
) -> Result<HttpResponse, Problem> {
    let typed = asked.into_inner();
    if visitor.require_person().is_err() {
        let view = for_strangers(&visitor, &handle, &typed.code).await?;
        let page = ElsewherePage::new(&visitor, &view, typed.code, String::new(), Faults::none());
        return visitor.page(&page);
    }
    visitor.require()?;
    let view = groups::view(&visitor.ctx, &visitor.viewer(), &handle, &typed.code).await?;
    if view.membership.member {
        return Ok(visitor.go(&path_of(&view.account.handle())));
    }
    let blocked = shuns::has_blocked(&visitor.ctx, &visitor.viewer(), view.account.id).await?;
    let page = JoinPage::new(&visitor, &view, typed, Faults::none());
    visitor.page(&JoinPage { blocked, ..page })
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
        Ok(FollowState::Pending | FollowState::Barred) => Ok(visitor.go(&format!("{path}?done=asked-to-join"))),
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
