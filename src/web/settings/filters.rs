//! Words and posts that one does not want to see, or not at once.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::TimeDelta;
use serde::Deserialize;

use super::Press;
use crate::{
    model::{FilterAction, FilterContext, FilterId},
    service::filters::{self, Filter, FilterHead, KeywordChange},
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, full_date},
        session::{Form, Visitor},
    },
};

struct Line {
    id: FilterId,
    title: String,
    words: String,
    posts: usize,
    places: String,
    action: &'static str,
    ends: String,
}

/// Where a filter holds, in words.
pub const PLACES: [(FilterContext, &str); 5] = [
    (FilterContext::Home, "Home and lists"),
    (FilterContext::Notifications, "Notifications"),
    (FilterContext::Public, "Public timelines"),
    (FilterContext::Thread, "Conversations"),
    (FilterContext::Account, "Profiles"),
];

/// How long it holds, in hours and in words.
pub const LASTS: [(i64, &str); 4] = [(0, "For good"), (24, "A day"), (168, "A week"), (720, "30 days")];

impl From<Filter> for Line {
    fn from(filter: Filter) -> Self {
        let places = PLACES.iter().filter(|(place, _)| filter.contexts.contains(place)).map(|(_, words)| *words);
        Self {
            id: filter.id,
            title: filter.title,
            words: filter.keywords.iter().map(|k| k.keyword.as_str()).collect::<Vec<_>>().join(", "),
            posts: filter.posts.len(),
            places: places.collect::<Vec<_>>().join(", "),
            action: match filter.action {
                FilterAction::Warn => "Folded away",
                FilterAction::Hide => "Left out",
                FilterAction::Blur => "Pictures covered",
            },
            ends: filter.ends_at.map(full_date).unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "web/settings/filters.html")]
struct FiltersPage {
    shell: Shell,
    tab: &'static str,
    lines: Vec<Line>,
    words: String,
    faults: Faults,
}

async fn page(visitor: &Visitor, words: String, faults: Faults) -> Result<HttpResponse, Problem> {
    let lines = filters::all(&visitor.ctx, &visitor.viewer()).await?.into_iter().map(Line::from).collect();
    let page = FiltersPage { shell: visitor.shell("settings"), tab: "filters", lines, words, faults };
    page.faults.page(visitor, &page)
}

/// `GET /settings/filters`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    page(&visitor, String::new(), Faults::none()).await
}

/// A filter to make.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    words: String,
    place: Vec<FilterContext>,
    action: Option<FilterAction>,
    hours: i64,
}

/// `POST /settings/filters`
pub async fn create(form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let words: Vec<KeywordChange> = fields
        .words
        .split([',', '\n'])
        .map(str::trim)
        .filter(|w| !w.is_empty())
        .map(|w| KeywordChange { keyword: Some(w.to_owned()), whole_word: Some(true), ..KeywordChange::default() })
        .collect();
    let mut faults = Faults::none();
    if words.is_empty() {
        faults = faults.with("words", "Enter a word or more, with commas between them.");
    }
    if fields.place.is_empty() {
        faults = faults.with("place", "Choose where it holds.");
    }
    if faults.any() {
        return page(&visitor, fields.words, faults).await;
    }
    let head = FilterHead {
        title: fields.words.trim().chars().take(60).collect(),
        contexts: fields.place,
        action: fields.action.unwrap_or(FilterAction::Warn),
        ends_at: (fields.hours > 0).then(|| visitor.ctx.now() + TimeDelta::hours(fields.hours.min(87_600))),
    };
    match filters::put(&visitor.ctx, &visitor.viewer(), None, head, words).await {
        Ok(_) => Ok(visitor.go("/settings/filters?done=saved")),
        Err(error) => page(&visitor, fields.words, Faults::of_error(error, "words")?).await,
    }
}

/// `POST /settings/filters/{id}/delete`
pub async fn delete(form: Form<Press>, id: web::Path<FilterId>) -> Result<HttpResponse, Problem> {
    filters::delete(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go("/settings/filters?done=discarded"))
}
