//! The groups of this server: how each is led, and what to do about those that nobody owns any more.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{AFTER_FORM, enter};
use crate::{
    model::AccountId,
    service::groups::{self, Overseen},
    web::{
        error::Problem,
        form::Faults,
        groups::{kind_of, path_of},
        layout::{Shell, Who, ago, counted, full_date},
        paging::{At, Pager},
        session::{Form, Visitor},
        settings::Press,
        shown::Mention,
    },
};

/// A group as the list shows it.
struct Line {
    id: AccountId,
    /// What it is called; empty where only its members know.
    name: String,
    /// Our page of it.
    path: String,
    who: Who,
    kind: &'static str,
    owner: Option<Mention>,
    /// "12 members".
    members: String,
    /// "3 posts waiting"; empty for none.
    held: String,
    /// When something was last posted: "5 min", in full, and RFC 3339; empty where nothing was.
    last: (String, String, String),
    archived: bool,
}

impl Line {
    fn of(one: &Overseen, now: DateTime<Utc>) -> Self {
        let who = Who::of(&one.account, now);
        let known = |text: &str| if one.known { text.to_owned() } else { String::new() };
        let owner = one.owner.as_ref().filter(|_| one.known);
        Self {
            id: one.account.id,
            name: known(&who.name),
            path: known(&path_of(&who.handle)),
            kind: kind_of(one.kind),
            owner: owner.map(|owner| Mention::of(owner, format!("/@{}", owner.handle), now)),
            members: counted(one.members, "member", "members"),
            held: if one.held > 0 { counted(one.held, "post waiting", "posts waiting") } else { String::new() },
            last: one.last_at.map(|at| (ago(at, now), full_date(at), at.to_rfc3339())).unwrap_or_default(),
            archived: one.archived_at.is_some(),
            who,
        }
    }
}

#[derive(Template)]
#[template(path = "web/admin/groups.html")]
struct GroupsPage {
    shell: Shell,
    tab: &'static str,
    /// Each with whether somebody owns it.
    groups: Vec<(Line, bool)>,
    pager: Pager,
}

/// `GET /admin/groups`
pub async fn show(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let now = visitor.ctx.now();
    let list = groups::overseen(&visitor.ctx, &visitor.viewer(), &at.page()).await?;
    let list = list.map(|one| (Line::of(&one, now), one.owner.is_some()));
    let pager = Pager::of(&list, "/admin/groups");
    visitor.page(&GroupsPage { shell: visitor.shell("admin"), tab: "groups", groups: list.items, pager })
}

#[derive(Template)]
#[template(path = "web/admin/group.html")]
struct GroupPage {
    shell: Shell,
    tab: &'static str,
    group: Line,
    typed: String,
    faults: Faults,
}

/// A group that nobody owns, with what can be done about it; of one that somebody does there is no such page.
async fn page(visitor: &Visitor, id: AccountId, typed: String, faults: Faults) -> Result<HttpResponse, Problem> {
    let one = groups::overseen_one(&visitor.ctx, &visitor.viewer(), id).await?;
    if one.owner.is_some() {
        return Ok(visitor.go("/admin/groups"));
    }
    let group = Line::of(&one, visitor.ctx.now());
    let page = GroupPage { shell: visitor.shell("admin"), tab: "groups", group, typed, faults };
    page.faults.page(visitor, &page)
}

/// `GET /admin/groups/{id}`
pub async fn unowned(visitor: Visitor, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    page(&visitor, *id, String::new(), Faults::none()).await
}

/// `POST /admin/groups/{id}/archive`
pub async fn archive(form: Form<Press>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    groups::archive_unowned(&visitor.ctx, &visitor.viewer(), *id).await?;
    Ok(visitor.go("/admin/groups?done=archived"))
}

/// Who is to own a group.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Heir {
    to: String,
}

/// `POST /admin/groups/{id}/transfer`
pub async fn transfer(form: Form<Heir>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    match groups::pass_on_unowned(&visitor.ctx, &visitor.viewer(), *id, &fields.to).await {
        Ok(()) => Ok(visitor.go("/admin/groups?done=passed-on")),
        Err(error) => page(&visitor, *id, fields.to, Faults::of_error(error, "to")?).await,
    }
}
