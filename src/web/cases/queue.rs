//! The queue: cases in one's groups that wait for an answer.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::show;
use crate::{
    model::{AccountId, FilterContext},
    service::{
        cases::{self, QueueFilter},
        groups,
    },
    web::{
        error::Problem,
        layout::{PostShown, Shell},
        paging::{At, Pager},
        session::Visitor,
        shown,
    },
};

/// A link among several.
struct Tab {
    words: String,
    path: String,
    here: bool,
}

/// A case that waits, and the group that is asked.
struct Line {
    post: PostShown,
    group: String,
}

#[derive(Template)]
#[template(path = "web/cases/queue.html")]
struct QueuePage {
    shell: Shell,
    tabs: Vec<Tab>,
    groups: Vec<Tab>,
    lines: Vec<Line>,
    pager: Pager,
    /// How many wait for a second look of the viewer's.
    reviews: usize,
    drafts: usize,
}

/// `?show=mine&group=1`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Asked {
    show: String,
    group: Option<AccountId>,
}

fn address(which: &str, group: Option<AccountId>) -> String {
    let mut parts = Vec::new();
    if !which.is_empty() {
        parts.push(format!("show={which}"));
    }
    if let Some(group) = group {
        parts.push(format!("group={group}"));
    }
    if parts.is_empty() { "/cases".to_owned() } else { format!("/cases?{}", parts.join("&")) }
}

/// `GET /cases`
pub(in crate::web) async fn show(
    visitor: Visitor,
    asked: web::Query<Asked>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (ctx, viewer, asked) = (&visitor.ctx, visitor.viewer(), asked.into_inner());
    let own = cases::own_specialties(ctx, &viewer).await?;
    let shown_as = match asked.show.as_str() {
        "mine" if !own.is_empty() => "mine",
        "open" => "open",
        _ => "",
    };
    let filter = QueueFilter {
        group: asked.group,
        specialties: if shown_as == "mine" { own.clone() } else { Vec::new() },
        replied: shown_as == "open",
    };
    let paged = cases::queue(ctx, &viewer, &filter, &at.page()).await?;
    let mine = groups::mine(ctx, &viewer).await?;
    let mine: Vec<_> = mine.into_iter().filter(|one| one.membership.member).collect();
    let shell = visitor.shell("cases");
    let pager = Pager::of(&paged, &address(shown_as, asked.group));
    let mut posts = shown::posts(paged.items, &shell, FilterContext::Public);
    show::fill(&visitor, &mut posts).await?;
    let name = |post: &PostShown| {
        let asked = mine.iter().find(|one| Some(one.account.id) == post.card.post.group_id);
        asked.map(|one| one.account.name.clone()).unwrap_or_default()
    };
    let lines = posts.into_iter().map(|post| Line { group: name(&post), post }).collect();
    let mut tabs = vec![("", "Unanswered"), ("open", "All that are open")];
    if !own.is_empty() {
        tabs.insert(0, ("mine", "For my specialty"));
    }
    let tab = |(key, name): (&'static str, &str)| Tab {
        words: name.to_owned(),
        path: address(key, asked.group),
        here: key == shown_as,
    };
    let mut groups =
        vec![Tab { words: "All groups".into(), path: address(shown_as, None), here: asked.group.is_none() }];
    groups.extend(mine.iter().map(|one| Tab {
        words: one.account.name.clone(),
        path: address(shown_as, Some(one.account.id)),
        here: asked.group == Some(one.account.id),
    }));
    let page = QueuePage {
        tabs: tabs.into_iter().map(tab).collect(),
        groups,
        lines,
        pager,
        reviews: cases::waiting_for_review(ctx, &viewer).await?.len(),
        drafts: cases::drafts(ctx, &viewer).await?.len(),
        shell,
    };
    visitor.page(&page)
}

/// How long a group takes to answer, in words; empty where too little was asked.
pub(in crate::web) fn answer_words(time: Option<cases::AnswerTime>) -> String {
    match time {
        Some(cases::AnswerTime { asked, answered, median_minutes: Some(minutes) }) => {
            let time = if minutes < 120 { format!("{minutes} min") } else { format!("{} h", minutes / 60) };
            format!("{answered} of {asked} cases in 90 days had a reply, half of them within {time}.")
        }
        _ => String::new(),
    }
}
