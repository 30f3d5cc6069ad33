//! The start page: the front door for strangers, timelines for our own people.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    cases::{self, queue::Beside},
    error::Problem,
    form::Faults,
    layout::{PostShown, Shell, thousands},
    paging::{At, Pager},
    session::Visitor,
    shown,
};
use crate::{
    config::Registration,
    model::{FilterContext, Visibility},
    service::{
        announcements::{self, Announcement},
        instance,
        sessions::SignedIn,
        timelines::{self, Timeline},
    },
};

/// What the address asks for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    tab: Option<String>,
    /// The newest entry that was seen when paging began.
    since: Option<i64>,
}

#[derive(Template)]
#[template(path = "web/home.html")]
struct HomePage {
    shell: Shell,
    tab: &'static str,
    posts: Vec<PostShown>,
    pager: Pager,
    newer: i64,
    visibility: Visibility,
    language: String,
    /// Word of the house that was not put away yet.
    words: Vec<Announcement>,
    /// The newest cases that wait for the viewer's specialty, and how many there are, in words.
    waiting: Vec<Beside>,
    how_many: String,
}

#[derive(Template)]
#[template(path = "web/landing.html")]
struct LandingPage {
    shell: Shell,
    sentence: String,
    emergency: String,
    open: bool,
    numbers: Vec<(&'static str, String)>,
    login: String,
    next: String,
    faults: Faults,
}

/// `GET /`
pub(super) async fn show(
    visitor: Visitor,
    asked: web::Query<Asked>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    match &visitor.signed_in {
        Some(signed_in) => timeline(&visitor, signed_in, &asked, *at).await,
        None => landing(&visitor).await,
    }
}

async fn timeline(visitor: &Visitor, signed_in: &SignedIn, asked: &Asked, at: At) -> Result<HttpResponse, Problem> {
    let (tab, timeline) = match asked.tab.as_deref() {
        Some("local") => ("local", Timeline::Local),
        Some("all") => ("all", Timeline::Federated),
        Some(_) | None => ("", Timeline::Home(signed_in.me.id)),
    };
    let paged = timelines::page(&visitor.ctx, &visitor.viewer(), &timeline, &at.page()).await?;
    let shell = visitor.shell("home");
    let newest = paged.items.first().map(|card| card.entry_id).filter(|_| at.is_first());
    // Whoever reads older posts is told of new ones; on the first page there are none.
    let (base, newer) = match (tab, asked.since.or(newest)) {
        ("", Some(since)) if at.is_first() => (format!("/?since={since}"), 0),
        ("", Some(since)) => {
            let newer = timelines::count_newer(&visitor.ctx, &visitor.viewer(), since).await?;
            (format!("/?since={since}"), newer)
        }
        ("", None) => ("/".to_owned(), 0),
        (tab, _) => (format!("/?tab={tab}"), 0),
    };
    let pager = Pager::of(&paged, &base);
    let context = if tab.is_empty() { FilterContext::Home } else { FilterContext::Public };
    let mut posts = shown::posts(paged.items, &shell, context);
    cases::show::fill(visitor, &mut posts).await?;
    let (waiting, how_many) =
        if at.is_first() { cases::queue::beside(visitor).await? } else { (Vec::new(), String::new()) };
    visitor.page(&HomePage {
        tab,
        pager,
        posts,
        newer,
        visibility: signed_in.default_visibility,
        language: signed_in.language.clone(),
        words: if at.is_first() { unread(visitor).await? } else { Vec::new() },
        waiting,
        how_many,
        shell,
    })
}

/// Word of the house that was not put away yet.
async fn unread(visitor: &Visitor) -> Result<Vec<Announcement>, Problem> {
    let all = announcements::current(&visitor.ctx, &visitor.viewer()).await?;
    Ok(all.into_iter().filter(|one| !one.read).collect())
}

/// A number so small that it tells of single people is left out.
const SMALLEST_NUMBER: i64 = 5;

async fn landing(visitor: &Visitor) -> Result<HttpResponse, Problem> {
    let numbers = instance::numbers(&visitor.ctx).await?;
    let config = &visitor.ctx.config;
    let numbers =
        [("people here", numbers.people), ("connected servers", numbers.hosts), ("posts written here", numbers.posts)];
    visitor.page(&LandingPage {
        shell: visitor.shell("landing"),
        sentence: config.instance.sentence.clone(),
        emergency: config.instance.emergency_number.clone(),
        open: matches!(config.accounts.registration, Registration::Approval | Registration::Open),
        numbers: numbers
            .into_iter()
            .filter(|(_, n)| *n >= SMALLEST_NUMBER)
            .map(|(words, n)| (words, thousands(n)))
            .collect(),
        login: String::new(),
        next: String::new(),
        faults: Faults::none(),
    })
}
