//! Who belongs to a group, and who of them leads it.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{Head, known_inside, led, path_of, words};
use crate::{
    model::{AccountId, Author, GroupRole},
    service::groups::{self, View},
    web::{
        error::Problem,
        layout::{Shell, Who},
        paging::{At, Pager},
        session::{Form, Press, Visitor},
    },
};

/// A member as a row, with what the viewer can do about them.
struct Member {
    who: Who,
    role: &'static str,
    remove: bool,
    appoint: bool,
    dismiss: bool,
    pass_on: bool,
    /// It is the viewer.
    me: bool,
}

impl Member {
    fn of(author: &Author, role: Option<GroupRole>, g: &Head, shell: &Shell) -> Self {
        let me = shell.me.as_ref().is_some_and(|me| me.id == author.id);
        let leads = role == Some(GroupRole::Moderator);
        Self {
            who: Who::of(author, shell.now),
            role: words::role(role),
            remove: g.moderator && !me && (role.is_none() || (leads && g.owner)),
            appoint: g.owner && role.is_none(),
            dismiss: leads && g.moderator && (g.owner || me),
            pass_on: g.owner && leads && author.host.is_none(),
            me,
        }
    }

    fn any(&self) -> bool {
        self.remove || self.appoint || self.dismiss || self.pass_on
    }
}

#[derive(Template)]
#[template(path = "web/groups/members.html")]
struct MembersPage {
    shell: Shell,
    g: Head,
    members: Vec<Member>,
    pager: Pager,
}

/// `GET /groups/{handle}/members`
pub(in crate::web) async fn show(
    visitor: Visitor,
    handle: web::Path<String>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    let view = known_inside(&visitor, &handle).await?;
    let paged = groups::members(&visitor.ctx, &visitor.viewer(), view.account.id, &at.page()).await?;
    let shell = visitor.shell("groups");
    let g = Head::of(&view, shell.now);
    let pager = Pager::of(&paged, &format!("{}/members", g.path));
    let members = paged.items.iter().map(|(_, author, role)| Member::of(author, *role, &g, &shell)).collect();
    visitor.page(&MembersPage { shell, g, members, pager })
}

/// `POST /groups/{handle}/members/{id}/appoint`
pub(in crate::web) async fn appoint(
    form: Form<Press>,
    path: web::Path<(String, AccountId)>,
) -> Result<HttpResponse, Problem> {
    let (visitor, (handle, who)) = (form.visitor, path.into_inner());
    let view = led(&visitor, &handle).await?;
    groups::appoint(&visitor.ctx, &visitor.viewer(), view.account.id, who).await?;
    Ok(back(&visitor, &view, "appointed"))
}

/// `POST /groups/{handle}/members/{id}/dismiss`
pub(in crate::web) async fn dismiss(
    form: Form<Press>,
    path: web::Path<(String, AccountId)>,
) -> Result<HttpResponse, Problem> {
    let (visitor, (handle, who)) = (form.visitor, path.into_inner());
    let view = led(&visitor, &handle).await?;
    groups::dismiss(&visitor.ctx, &visitor.viewer(), view.account.id, who).await?;
    Ok(back(&visitor, &view, "dismissed"))
}

/// The list of members again. What the server of a group elsewhere does shows once it has done it.
fn back(visitor: &Visitor, view: &View, done: &str) -> HttpResponse {
    let done = if view.account.is_local() { done } else { "ordered" };
    visitor.go(&format!("{}/members?done={done}", path_of(&view.account.handle())))
}
