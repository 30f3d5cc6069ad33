//! Our own people: who has an account here, and what they may do.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::enter;
use crate::{
    model::{Account, Author, Role, User, UserState},
    service::accounts,
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
}

impl From<(Account, User)> for PersonShown {
    fn from((account, user): (Account, User)) -> Self {
        Self {
            role: role(user.role),
            state: state(user.state),
            colour: if user.state == UserState::Waiting { "amber" } else { "" },
            since: layout::day(user.created_at),
            linked: user.state == UserState::Active,
            who: Who::of(&author(account)),
        }
    }
}

fn author(account: Account) -> Author {
    Author {
        id: account.id,
        host: account.host,
        username: account.username,
        uri: account.uri,
        url: account.url,
        name: account.name,
        discipline: account.discipline,
        employer: account.employer,
        locked: account.locked,
        avatar: account.avatar,
        badge: account.badge,
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
    let list = accounts::list_for(&visitor.ctx, &visitor.viewer(), &at.page()).await?.map(PersonShown::from);
    let pager = Pager::of(&list, "/admin/people");
    visitor.page(&PeoplePage { shell: visitor.shell("admin"), tab: "people", people: list.items, pager })
}
