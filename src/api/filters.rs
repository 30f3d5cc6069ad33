//! Filters, in the second version of the contract and in the first.

use actix_web::web;
use chrono::TimeDelta;

use super::{auth::Call, entity, error::Answer, json, params::Params};
use crate::{
    error::{Error, Result},
    model::{FilterId, FilterKeywordId, FilterPostId, PostId},
    policy::Viewer,
    service::filters::{self, Filter, FilterAction, FilterContext, FilterHead, KeywordChange},
};

/// `GET /api/v2/filters`
pub(super) async fn all(call: Call) -> Answer {
    let viewer = call.own("read:filters")?;
    let found = filters::all(&call.ctx, &viewer).await?;
    Ok(json(&found.iter().map(entity::filter).collect::<Vec<_>>()))
}

/// `GET /api/v2/filters/{id}`
pub(super) async fn read(call: Call, id: web::Path<FilterId>) -> Answer {
    let viewer = call.own("read:filters")?;
    Ok(json(&entity::filter(&filters::get(&call.ctx, &viewer, *id).await?)))
}

fn contexts(call: &Call) -> Result<Vec<FilterContext>> {
    let named = call.params.list("context");
    named
        .iter()
        .map(|word| {
            FilterContext::parse(word).ok_or_else(|| Error::invalid("context", "None or invalid context supplied"))
        })
        .collect()
}

/// What the request says of a filter; `known` stands where it says nothing.
fn head(call: &Call, known: Option<&Filter>) -> Result<FilterHead> {
    let action = match call.params.text("filter_action") {
        Some(word) => FilterAction::parse(&word)
            .ok_or_else(|| Error::invalid("filter_action", format!("'{word}' is not a valid filter_action")))?,
        None => known.map_or(FilterAction::Warn, |f| f.action),
    };
    let named = contexts(call)?;
    let ends_at = match call.params.text("expires_in").as_deref() {
        Some("") => None,
        Some(_) => match call.params.number("expires_in") {
            Some(seconds) if (1..=315_360_000).contains(&seconds) => Some(call.ctx.now() + TimeDelta::seconds(seconds)),
            _ => return Err(Error::invalid("expires_in", "Expires in must be a number of seconds")),
        },
        None => known.and_then(|f| f.ends_at),
    };
    Ok(FilterHead {
        title: call.params.text("title").or_else(|| known.map(|f| f.title.clone())).unwrap_or_default(),
        contexts: if named.is_empty() { known.map(|f| f.contexts.clone()).unwrap_or_default() } else { named },
        action,
        ends_at,
    })
}

fn word(params: &Params) -> KeywordChange {
    KeywordChange {
        id: params.text("id").and_then(|id| id.parse().ok()),
        keyword: params.text("keyword"),
        whole_word: params.flag("whole_word"),
        remove: params.flag("_destroy").unwrap_or(false),
    }
}

/// `POST /api/v2/filters`
pub(super) async fn create(call: Call) -> Answer {
    let viewer = call.own("write:filters")?;
    let words = call.params.inners("keywords_attributes").iter().map(word).collect();
    Ok(json(&entity::filter(&filters::put(&call.ctx, &viewer, None, head(&call, None)?, words).await?)))
}

/// `PUT /api/v2/filters/{id}`
pub(super) async fn update(call: Call, id: web::Path<FilterId>) -> Answer {
    let viewer = call.own("write:filters")?;
    let known = filters::get(&call.ctx, &viewer, *id).await?;
    let words = call.params.inners("keywords_attributes").iter().map(word).collect();
    let head = head(&call, Some(&known))?;
    Ok(json(&entity::filter(&filters::put(&call.ctx, &viewer, Some(*id), head, words).await?)))
}

/// `DELETE /api/v2/filters/{id}`
pub(super) async fn delete(call: Call, id: web::Path<FilterId>) -> Answer {
    let viewer = call.own("write:filters")?;
    filters::delete(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::Empty {}))
}

/// `GET /api/v2/filters/{id}/keywords`
pub(super) async fn keywords(call: Call, id: web::Path<FilterId>) -> Answer {
    let viewer = call.own("read:filters")?;
    let found = filters::get(&call.ctx, &viewer, *id).await?;
    Ok(json(&found.keywords.iter().map(entity::keyword).collect::<Vec<_>>()))
}

/// `POST /api/v2/filters/{id}/keywords`
pub(super) async fn add_keyword(call: Call, id: web::Path<FilterId>) -> Answer {
    let viewer = call.own("write:filters")?;
    let known = filters::get(&call.ctx, &viewer, *id).await?;
    let change = KeywordChange { id: None, remove: false, ..word(&call.params) };
    let now = filters::put_words(&call.ctx, &viewer, &known, vec![change]).await?;
    let new = now.keywords.last().ok_or(Error::NotFound)?;
    Ok(json(&entity::keyword(new)))
}

fn keyword_of(filter: &Filter, id: FilterKeywordId) -> Result<&filters::FilterKeyword> {
    filter.keywords.iter().find(|k| k.id == id).ok_or(Error::NotFound)
}

/// `GET /api/v2/filters/keywords/{id}`
pub(super) async fn keyword(call: Call, id: web::Path<FilterKeywordId>) -> Answer {
    let viewer = call.own("read:filters")?;
    let found = filters::of_keyword(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::keyword(keyword_of(&found, *id)?)))
}

/// `PUT /api/v2/filters/keywords/{id}`
pub(super) async fn update_keyword(call: Call, id: web::Path<FilterKeywordId>) -> Answer {
    let viewer = call.own("write:filters")?;
    let known = filters::of_keyword(&call.ctx, &viewer, *id).await?;
    let change = KeywordChange { id: Some(*id), remove: false, ..word(&call.params) };
    let now = filters::put_words(&call.ctx, &viewer, &known, vec![change]).await?;
    Ok(json(&entity::keyword(keyword_of(&now, *id)?)))
}

async fn remove_word(call: &Call, viewer: &Viewer, id: FilterKeywordId) -> Answer {
    let known = filters::of_keyword(&call.ctx, viewer, id).await?;
    let change = KeywordChange { id: Some(id), remove: true, ..KeywordChange::default() };
    filters::put_words(&call.ctx, viewer, &known, vec![change]).await?;
    Ok(json(&entity::Empty {}))
}

/// `DELETE /api/v2/filters/keywords/{id}`
pub(super) async fn remove_keyword(call: Call, id: web::Path<FilterKeywordId>) -> Answer {
    let viewer = call.own("write:filters")?;
    remove_word(&call, &viewer, *id).await
}

/// `GET /api/v2/filters/{id}/statuses`
pub(super) async fn statuses(call: Call, id: web::Path<FilterId>) -> Answer {
    let viewer = call.own("read:filters")?;
    let found = filters::get(&call.ctx, &viewer, *id).await?;
    Ok(json(&found.posts.iter().map(entity::filter_status).collect::<Vec<_>>()))
}

/// `POST /api/v2/filters/{id}/statuses`
pub(super) async fn add_status(call: Call, id: web::Path<FilterId>) -> Answer {
    let viewer = call.own("write:filters")?;
    let post: PostId = call.params.required("status_id")?.parse().map_err(|_| Error::NotFound)?;
    Ok(json(&entity::filter_status(&filters::add_post(&call.ctx, &viewer, *id, post).await?)))
}

async fn filter_status(call: &Call, viewer: &Viewer, id: FilterPostId) -> Result<entity::FilterStatus> {
    let found = filters::of_post(&call.ctx, viewer, id).await?;
    let one = found.posts.iter().find(|p| p.id == id).ok_or(Error::NotFound)?;
    Ok(entity::filter_status(one))
}

/// `GET /api/v2/filters/statuses/{id}`
pub(super) async fn status(call: Call, id: web::Path<FilterPostId>) -> Answer {
    let viewer = call.own("read:filters")?;
    Ok(json(&filter_status(&call, &viewer, *id).await?))
}

/// `DELETE /api/v2/filters/statuses/{id}`
pub(super) async fn remove_status(call: Call, id: web::Path<FilterPostId>) -> Answer {
    let viewer = call.own("write:filters")?;
    let gone = filter_status(&call, &viewer, *id).await?;
    filters::remove_post(&call.ctx, &viewer, *id).await?;
    Ok(json(&gone))
}

/// `GET /api/v1/filters`
pub(super) async fn all_v1(call: Call) -> Answer {
    let viewer = call.own("read:filters")?;
    let found = filters::all(&call.ctx, &viewer).await?;
    Ok(json(&found.iter().flat_map(entity::filters_v1).collect::<Vec<_>>()))
}

fn v1_of(filter: &Filter, id: FilterKeywordId) -> Result<entity::FilterV1> {
    let place = filter.keywords.iter().position(|k| k.id == id).ok_or(Error::NotFound)?;
    entity::filters_v1(filter).into_iter().nth(place).ok_or(Error::NotFound)
}

/// `GET /api/v1/filters/{id}`
pub(super) async fn read_v1(call: Call, id: web::Path<FilterKeywordId>) -> Answer {
    let viewer = call.own("read:filters")?;
    let found = filters::of_keyword(&call.ctx, &viewer, *id).await?;
    Ok(json(&v1_of(&found, *id)?))
}

fn head_v1(call: &Call, known: Option<&Filter>) -> Result<FilterHead> {
    let mut head = head(call, known)?;
    if let Some(phrase) = call.params.text("phrase") {
        head.title = phrase.chars().take(200).collect();
    }
    if let Some(hide) = call.params.flag("irreversible") {
        head.action = if hide { FilterAction::Hide } else { FilterAction::Warn };
    }
    Ok(head)
}

/// `POST /api/v1/filters`
pub(super) async fn create_v1(call: Call) -> Answer {
    let viewer = call.own("write:filters")?;
    let change = KeywordChange {
        keyword: Some(call.params.required("phrase")?),
        whole_word: Some(call.params.flag("whole_word").unwrap_or(false)),
        ..KeywordChange::default()
    };
    let made = filters::put(&call.ctx, &viewer, None, head_v1(&call, None)?, vec![change]).await?;
    let id = made.keywords.first().ok_or(Error::NotFound)?.id;
    Ok(json(&v1_of(&made, id)?))
}

/// `PUT /api/v1/filters/{id}`
pub(super) async fn update_v1(call: Call, id: web::Path<FilterKeywordId>) -> Answer {
    let viewer = call.own("write:filters")?;
    let known = filters::of_keyword(&call.ctx, &viewer, *id).await?;
    let change = KeywordChange {
        id: Some(*id),
        keyword: call.params.text("phrase"),
        whole_word: call.params.flag("whole_word"),
        remove: false,
    };
    let made = filters::put(&call.ctx, &viewer, Some(known.id), head_v1(&call, Some(&known))?, vec![change]).await?;
    Ok(json(&v1_of(&made, *id)?))
}

/// `DELETE /api/v1/filters/{id}`
pub(super) async fn delete_v1(call: Call, id: web::Path<FilterKeywordId>) -> Answer {
    let viewer = call.own("write:filters")?;
    let known = filters::of_keyword(&call.ctx, &viewer, *id).await?;
    if known.keywords.len() <= 1 {
        filters::delete(&call.ctx, &viewer, known.id).await?;
        return Ok(json(&entity::Empty {}));
    }
    remove_word(&call, &viewer, *id).await
}
