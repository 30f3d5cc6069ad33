//! Other servers: what was decided of them, and how they fare.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    AFTER_FORM, enter,
    trust::{InstitutionShown, TrustShown, institutions},
};
use crate::{
    error::{Error, Result},
    model::{Host, HostState},
    service::{hosts, issuers},
    text::handle,
    web::{
        error::Problem,
        form::Faults,
        layout::{self, Shell},
        session::{Form, Visitor},
        settings::Press,
    },
};

/// A host as pages show it.
struct HostShown {
    name: String,
    state: HostState,
    note: String,
    /// "2 h"; empty where it answers.
    silent: String,
    failing_since: String,
    last_error: String,
    last_success: String,
    next_try: String,
    /// An institution there has keys that nobody vouched for.
    keys_changed: bool,
}

impl HostShown {
    fn of(host: Host, now: DateTime<Utc>) -> Self {
        Self {
            silent: host.failing_since.map(|at| layout::ago(at, now)).unwrap_or_default(),
            failing_since: host.failing_since.map(layout::full_date).unwrap_or_default(),
            last_success: host.last_success_at.map(layout::full_date).unwrap_or_default(),
            next_try: until(host.retry_at, now),
            name: host.name,
            state: host.state,
            note: host.note,
            last_error: host.last_error,
            keys_changed: false,
        }
    }

    /// The state in a word.
    fn word(&self) -> &'static str {
        match self.state {
            HostState::Unknown => "Not decided",
            HostState::Allowed => "Allowed",
            HostState::Limited => "Limited",
            HostState::Blocked => "Blocked",
        }
    }

    /// The colour of the state's tag.
    fn colour(&self) -> &'static str {
        match self.state {
            HostState::Unknown => "amber",
            HostState::Blocked => "red",
            HostState::Allowed | HostState::Limited => "",
        }
    }

    fn is(&self, state: &str) -> bool {
        self.state.as_str() == state
    }
}

/// "at the next chance", "in 12 min", "in 5 h".
fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match at.signed_duration_since(now).num_minutes() {
        ..=0 => "at the next chance".into(),
        minutes @ 1..=89 => format!("in {minutes} min"),
        minutes => format!("in {} h", (minutes + 30) / 60),
    }
}

/// Which hosts to list: a state, `failing`, or all.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    only: String,
}

/// The form for a new host, as it was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewHost {
    host: String,
    state: String,
    note: String,
}

#[derive(Template)]
#[template(path = "web/admin/hosts.html")]
struct HostsPage {
    shell: Shell,
    tab: &'static str,
    hosts: Vec<HostShown>,
    only: String,
    typed: NewHost,
    faults: Faults,
}

impl HostsPage {
    async fn new(visitor: &Visitor, only: String, typed: NewHost, faults: Faults) -> Result<Self> {
        let shell = visitor.shell("admin");
        let wanted =
            |host: &HostShown| only.is_empty() || host.is(&only) || (only == "failing" && !host.silent.is_empty());
        let all = hosts::list(&visitor.ctx, &visitor.viewer()).await?;
        let changed = issuers::changed(&visitor.ctx, &visitor.viewer()).await?;
        let shown =
            |host: Host| HostShown { keys_changed: changed.contains(&host.id), ..HostShown::of(host, shell.now) };
        let hosts = all.into_iter().map(shown).filter(wanted).collect();
        Ok(Self { shell, tab: "hosts", hosts, only, typed, faults })
    }

    /// The choices of the filter: value and words.
    fn filters(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("", "All"),
            ("unknown", "Not decided"),
            ("allowed", "Allowed"),
            ("limited", "Limited"),
            ("blocked", "Blocked"),
            ("failing", "Not answering"),
        ]
    }
}

/// `GET /admin/hosts`
pub async fn show(visitor: Visitor, filter: web::Query<Filter>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    visitor.page(&HostsPage::new(&visitor, filter.into_inner().only, NewHost::default(), Faults::none()).await?)
}

async fn decided(visitor: &Visitor, name: &str, state: &str, note: &str) -> Result<String> {
    let state = HostState::parse(state).ok_or_else(|| Error::invalid("state", "Choose what the host may do."))?;
    Ok(hosts::decide(&visitor.ctx, &visitor.viewer(), name, state, note).await?.name)
}

/// `POST /admin/hosts`
pub async fn add(form: Form<NewHost>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    // A host that is known already has something to lose: its own page says what.
    if fields.state == HostState::Blocked.as_str()
        && let Some(name) = handle::normal_host(&fields.host)
        && hosts::read(&visitor.ctx, &visitor.viewer(), &name).await.is_ok()
    {
        return Ok(visitor.go(&format!("/admin/hosts/{name}/block")));
    }
    match decided(&visitor, &fields.host, &fields.state, &fields.note).await {
        Ok(name) => Ok(visitor.go(&format!("/admin/hosts/{name}?done=host"))),
        Err(error) => {
            let page = HostsPage::new(&visitor, String::new(), fields, Faults::of_error(error, "host")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}

/// What a host comes to.
struct Totals {
    accounts: i64,
    follows: i64,
    deliveries: i64,
}

async fn read(visitor: &Visitor, name: &str) -> Result<(Host, Totals)> {
    let (host, (accounts, follows, deliveries)) = hosts::read(&visitor.ctx, &visitor.viewer(), name).await?;
    Ok((host, Totals { accounts, follows, deliveries }))
}

#[derive(Template)]
#[template(path = "web/admin/host.html")]
pub(super) struct HostPage {
    shell: Shell,
    tab: &'static str,
    host: HostShown,
    totals: Totals,
    pub(super) trust: TrustShown,
    institutions: Vec<InstitutionShown>,
    pub(super) faults: Faults,
}

impl HostPage {
    pub(super) async fn new(visitor: &Visitor, name: &str, faults: Faults) -> Result<Self> {
        let (host, totals) = read(visitor, name).await?;
        Ok(Self {
            shell: visitor.shell("admin"),
            tab: "hosts",
            totals,
            trust: TrustShown::of(&host),
            institutions: institutions(visitor, &host).await?,
            host: HostShown::of(host, visitor.ctx.now()),
            faults,
        })
    }
}

/// `GET /admin/hosts/{name}`
pub async fn detail(visitor: Visitor, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    visitor.page(&HostPage::new(&visitor, &name, Faults::none()).await?)
}

/// What a host may do from now on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Decision {
    state: String,
    note: String,
}

/// `POST /admin/hosts/{name}`
pub async fn decide(form: Form<Decision>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    match decided(&visitor, &name, &fields.state, &fields.note).await {
        Ok(name) => Ok(visitor.go(&format!("/admin/hosts/{name}?done=host"))),
        Err(error) => {
            let mut page = HostPage::new(&visitor, &name, Faults::of_error(error, "note")?).await?;
            page.host.note = fields.note;
            page.faults.page(&visitor, &page)
        }
    }
}

#[derive(Template)]
#[template(path = "web/admin/host_block.html")]
struct BlockPage {
    shell: Shell,
    tab: &'static str,
    host: HostShown,
    totals: Totals,
}

/// `GET /admin/hosts/{name}/block`
pub async fn block_page(visitor: Visitor, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    crate::policy::moderation::require_admin(&visitor.viewer())?;
    let (host, totals) = read(&visitor, &name).await?;
    let host = HostShown::of(host, visitor.ctx.now());
    visitor.page(&BlockPage { shell: visitor.shell("admin"), tab: "hosts", host, totals })
}

/// `POST /admin/hosts/{name}/retry`
pub async fn retry(form: Form<Press>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    hosts::retry(&visitor.ctx, &visitor.viewer(), &name).await?;
    Ok(visitor.go(&format!("/admin/hosts/{name}?done=retried")))
}
