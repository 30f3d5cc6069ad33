//! The pages of moderators and admins: sign-ups, reports, invitations, announcements, hosts, dead letters, people, groups, the
//! audit log; each behind one door. No decision is made here, and no body of an activity is ever shown here; of posts,
//! only those that somebody reported and the moderator may read.

pub mod announcements;
pub mod audit;
pub mod dead_letters;
pub mod groups;
pub mod hosts;
pub mod invitations;
pub mod people;
pub mod registers;
pub mod reports;
pub mod second_factor;
pub mod sign_ups;
pub mod staff;
pub mod trust;

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use askama::Template;
use serde::Deserialize;

use super::{
    error::Problem,
    form::Faults,
    layout::Shell,
    session::{Form, Visitor, address},
};
use crate::{
    error::{Error, Result},
    multipart,
    policy::{credentials::require_verifier, moderation},
    service::{self, Page, dead_letters as letters, instance, instance::Numbers, registration, sessions},
};

/// The door of every admin page: a moderator or admin who has given the password a short while ago.
///
/// None means come in; else the way to the page that asks for the password and then leads to `next`.
pub async fn enter(visitor: &Visitor, next: &str) -> Result<Option<HttpResponse>> {
    visitor.require()?;
    moderation::require_moderator(&visitor.viewer())?;
    proved(visitor, next).await
}

/// Whether the password was given a short while ago; else the way to the page that asks for it.
pub(super) async fn proved(visitor: &Visitor, next: &str) -> Result<Option<HttpResponse>> {
    let signed_in = visitor.require()?;
    if sessions::is_proved(&visitor.ctx, signed_in) {
        sessions::keep_proved(&visitor.ctx, signed_in).await?;
        return Ok(None);
    }
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    Ok(Some(visitor.go(&format!("/admin/prove?next={next}"))))
}

/// Moderators and verifiers have pages that ask for the password again.
fn require_keeper(visitor: &Visitor) -> Result<()> {
    let viewer = visitor.viewer();
    moderation::require_moderator(&viewer).or_else(|_| require_verifier(&viewer)).map(|_| ())
}

/// Whether an address is one of the desk's, or that of a document.
fn is_of_desk(next: &str) -> bool {
    next.starts_with("/desk") || next.starts_with("/credentials")
}

/// The kind of a form that carries a file; refused where there is none.
fn kind_with_file(request: &HttpRequest) -> Result<&str> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.filter(|kind| multipart::is_multipart(kind));
    kind.ok_or_else(|| Error::invalid("file", "Choose a file first."))
}

/// Where a form leads once the password is given again: what was typed is not carried over.
const AFTER_FORM: &str = "/admin";

/// What waits in the queues.
struct Queues {
    received: i64,
    outbox: i64,
    deliveries: i64,
    mails: i64,
    dead: i64,
}

#[derive(Template)]
#[template(path = "web/admin/overview.html")]
struct OverviewPage {
    shell: Shell,
    tab: &'static str,
    /// "3", or "80 or more".
    sign_ups: String,
    reports: i64,
    queues: Queues,
    numbers: Numbers,
    failing: usize,
    undecided: usize,
    version: &'static str,
}

/// Most sign-ups that are counted.
const COUNTED: i64 = 80;

/// `GET /admin`
pub async fn overview(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let waiting = registration::waiting(ctx, &viewer, &Page::first(COUNTED)).await?;
    let more = if waiting.older.is_some() { " or more" } else { "" };
    let (received, outbox, deliveries, mails, dead) = letters::queue_lengths(ctx, &viewer).await?;
    let hosts = service::hosts::list(ctx, &viewer).await?;
    visitor.page(&OverviewPage {
        shell: visitor.shell("admin"),
        tab: "overview",
        sign_ups: format!("{}{more}", waiting.items.len()),
        reports: service::reports::count_open(ctx, &viewer).await?,
        queues: Queues { received, outbox, deliveries, mails, dead },
        numbers: instance::numbers(ctx).await?,
        failing: hosts.iter().filter(|h| h.failing_since.is_some()).count(),
        undecided: hosts.iter().filter(|h| h.state == crate::model::HostState::Unknown).count(),
        version: env!("CARGO_PKG_VERSION"),
    })
}

#[derive(Template)]
#[template(path = "web/admin/prove.html")]
struct ProvePage {
    shell: Shell,
    next: String,
    username: String,
    minutes: i64,
    /// It leads to the desk.
    desk: bool,
    faults: Faults,
}

impl ProvePage {
    fn new(visitor: &Visitor, next: String, faults: Faults) -> Result<Self> {
        let username = visitor.require()?.me.username.clone();
        require_keeper(visitor)?;
        let minutes = visitor.ctx.config.accounts.admin_idle_minutes;
        let desk = is_of_desk(&next) || moderation::require_moderator(&visitor.viewer()).is_err();
        let shell = visitor.shell(if desk { "desk" } else { "admin" });
        Ok(Self { shell, next, username, minutes, desk, faults })
    }
}

/// Where to go on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Next {
    next: String,
}

/// `GET /admin/prove`
pub async fn prove_page(visitor: Visitor, query: web::Query<Next>) -> Result<HttpResponse, Problem> {
    visitor.page(&ProvePage::new(&visitor, query.into_inner().next, Faults::none())?)
}

/// The password, once more.
#[derive(Debug, Deserialize)]
pub struct Proof {
    #[serde(default)]
    next: String,
    current_password: String,
}

/// `POST /admin/prove`
pub async fn prove(form: Form<Proof>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let signed_in = visitor.require()?;
    require_keeper(&visitor)?;
    let address = address(&request, &visitor.ctx);
    match sessions::prove(&visitor.ctx, signed_in, fields.current_password, &address).await {
        Ok(secret) => {
            let next = match fields.next.as_str() {
                next if next.starts_with("/admin") || next.starts_with("/posts/") || is_of_desk(next) => next,
                _ if moderation::require_moderator(&visitor.viewer()).is_ok() => "/admin",
                _ => "/desk",
            };
            Ok(visitor.go_signed_in(next, &secret))
        }
        Err(error) => {
            let page = ProvePage::new(&visitor, fields.next, Faults::of_error(error, "current_password")?)?;
            page.faults.page(&visitor, &page)
        }
    }
}
