//! Whom and what one does not want to hear of: blocked and muted people, hidden servers, and strangers' notifications.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::{
    model::AccountId,
    service::{
        Page,
        notifications::{self, Rules},
        profiles, shuns,
    },
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, Who, full_date},
        session::{Form, Visitor},
    },
};

/// People on one page; more are there by the client API.
const MOST: i64 = 80;

#[derive(Template)]
#[template(path = "web/settings/quiet.html")]
struct QuietPage {
    shell: Shell,
    tab: &'static str,
    blocked: Vec<Who>,
    muted: Vec<(Who, String)>,
    hosts: Vec<String>,
    host: String,
    rules: Vec<(&'static str, &'static str, String)>,
    waiting: Vec<(Who, i64)>,
    faults: Faults,
}

/// The rules by the names of their fields, in the order of [`Rules`].
const RULES: [(&str, &str); 5] = [
    ("not_following", "From people you do not follow"),
    ("not_followers", "From people who do not follow you"),
    ("new_accounts", "From accounts younger than 30 days"),
    ("private_mentions", "Direct messages of people you do not follow"),
    ("limited_accounts", "From servers that this hospital limits"),
];

async fn page(visitor: &Visitor, host: String, faults: Faults) -> Result<HttpResponse, Problem> {
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let all = Page::first(MOST);
    let blocked = shuns::blocked(ctx, &viewer, &all).await?;
    let muted = shuns::muted(ctx, &viewer, &all).await?;
    let hosts = shuns::hidden_hosts(ctx, &viewer, &all).await?;
    let (rules, _) = notifications::rules(ctx, &viewer).await?;
    let said = [rules.0, rules.1, rules.2, rules.3, rules.4];
    let requests = notifications::requests(ctx, &viewer, None, &all).await?;
    let people = profiles::by_ids(ctx, requests.items.iter().map(|r| r.from).collect()).await?;
    let now = ctx.now();
    let waiting = requests.items.iter().filter_map(|request| {
        let person = people.iter().find(|p| p.id == request.from)?;
        Some((Who::from_account(person, now), request.count))
    });
    let page = QuietPage {
        shell: visitor.shell("settings"),
        tab: "quiet",
        blocked: blocked.items.iter().map(|(_, who)| Who::of(who, now)).collect(),
        muted: muted.items.iter().map(|m| (Who::of(&m.1, now), m.3.map(full_date).unwrap_or_default())).collect(),
        hosts: hosts.items.into_iter().map(|h| h.1).collect(),
        host,
        rules: RULES.into_iter().zip(said).map(|((name, words), said)| (name, words, said)).collect(),
        waiting: waiting.collect(),
        faults,
    };
    page.faults.page(visitor, &page)
}

/// `GET /settings/quiet`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    page(&visitor, String::new(), Faults::none()).await
}

/// A server.
#[derive(Debug, Deserialize)]
pub struct Named {
    #[serde(default)]
    host: String,
}

/// `POST /settings/quiet/hosts`
pub async fn hide(form: Form<Named>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    match shuns::hide_host(&visitor.ctx, &visitor.viewer(), fields.host.trim()).await {
        Ok(()) => Ok(visitor.go("/settings/quiet?done=saved")),
        Err(error) => page(&visitor, fields.host, Faults::of_error(error, "host")?).await,
    }
}

/// `POST /settings/quiet/hosts/show`
pub async fn unhide(form: Form<Named>) -> Result<HttpResponse, Problem> {
    shuns::show_host(&form.visitor.ctx, &form.visitor.viewer(), &form.fields.host).await?;
    Ok(form.visitor.go("/settings/quiet?done=saved"))
}

/// What becomes of strangers' notifications.
#[derive(Debug, Deserialize)]
pub struct Said {
    not_following: String,
    not_followers: String,
    new_accounts: String,
    private_mentions: String,
    limited_accounts: String,
}

/// `POST /settings/quiet/notifications`
pub async fn rules(form: Form<Said>) -> Result<HttpResponse, Problem> {
    let said = form.fields;
    let rules: Rules =
        (said.not_following, said.not_followers, said.new_accounts, said.private_mentions, said.limited_accounts);
    notifications::set_rules(&form.visitor.ctx, &form.visitor.viewer(), &rules).await?;
    Ok(form.visitor.go("/settings/quiet?done=saved"))
}

/// Whose notifications, and what becomes of them.
#[derive(Debug, Deserialize)]
pub struct Decision {
    person: AccountId,
    act: String,
}

/// `POST /settings/quiet/requests`
pub async fn decide(form: Form<Decision>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let accept = fields.act == "accept";
    notifications::decide_requests(&visitor.ctx, &visitor.viewer(), vec![fields.person], accept).await?;
    Ok(visitor.go("/settings/quiet?done=saved"))
}
