//! Our own people: who has an account here, and what they may do.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};

use super::enter;
use crate::{
    model::{Account, Role, User, UserState},
    service::{accounts, phones},
    web::{
        error::Problem,
        layout::{self, Shell, Who},
        paging::{At, Pager},
        session::Visitor,
    },
};

/// Somebody as the list shows them.
struct PersonShown {
    who: Who,
    role: &'static str,
    state: &'static str,
    colour: &'static str,
    since: String,
    linked: bool,
    /// The viewer may take their second factor away.
    resettable: bool,
}

impl PersonShown {
    fn of(account: &Account, user: &User, resettable: bool, now: DateTime<Utc>) -> Self {
        Self {
            role: role(user.role),
            state: state(user.state),
            colour: if user.state == UserState::Waiting { "amber" } else { "" },
            since: layout::day(user.created_at),
            linked: user.state == UserState::Active,
            resettable,
            who: Who::from_account(account, now),
        }
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Public => "Member of the public",
        Role::Clinician => "Clinician",
        Role::Verifier => "Verifier",
        Role::Moderator => "Moderator",
        Role::Admin => "Admin",
    }
}

fn state(state: UserState) -> &'static str {
    match state {
        UserState::Unconfirmed => "E-mail not confirmed",
        UserState::Waiting => "Waiting",
        UserState::Active => "Active",
        UserState::Rejected => "Rejected",
        UserState::Disabled => "Closed",
    }
}

#[derive(Template)]
#[template(path = "web/admin/people.html")]
struct PeoplePage {
    shell: Shell,
    tab: &'static str,
    people: Vec<PersonShown>,
    pager: Pager,
}

/// `GET /admin/people`
pub async fn show(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let (ctx, viewer, now) = (&visitor.ctx, visitor.viewer(), visitor.ctx.now());
    let list = accounts::list_for(ctx, &viewer, &at.page()).await?;
    let ids = list.items.iter().map(|(account, _)| account.id).collect();
    let resettable = phones::resettable(ctx, &viewer, ids).await?;
    let list = list.map(|(account, user)| PersonShown::of(&account, &user, resettable.contains(&account.id), now));
    let pager = Pager::of(&list, "/admin/people");
    visitor.page(&PeoplePage { shell: visitor.shell("admin"), tab: "people", people: list.items, pager })
}
