//! Parts of lists as clients ask for them (`max_id`, `since_id`, `min_id`, `limit`) and the links to the next ones.

use actix_web::{HttpResponse, http::header};

use super::{auth::Call, entity, error::Answer, json};
use crate::{
    model::Author,
    service::{Page, Paged, profiles},
};

/// The page that is meant; limits are clamped, never refused.
pub(super) fn asked(call: &Call, usual: i64) -> Page {
    let id = |name: &str| call.params.number(name).filter(|n| *n >= 0);
    let limit = call.params.number("limit").unwrap_or(usual).clamp(1, usual * 2);
    match (id("max_id"), id("min_id"), id("since_id")) {
        // Just above an id; all others are the newest that fit.
        (None, Some(min), _) => Page::new(None, Some(min), limit),
        (max, min, since) => Page::newest(max, min.max(since), limit),
    }
}

/// A list with its links. `keys` are the first and the last id that the list is sorted by.
pub(super) fn answer<T, I: serde::Serialize>(
    call: &Call,
    page: &Page,
    paged: &Paged<T>,
    keys: Option<(i64, i64)>,
    items: &[I],
) -> HttpResponse {
    with_links(call, page, paged, keys, json(&items))
}

/// An answer with the links of the list that it holds, `next` first.
pub(super) fn with_links<T>(
    call: &Call,
    page: &Page,
    paged: &Paged<T>,
    keys: Option<(i64, i64)>,
    mut response: HttpResponse,
) -> HttpResponse {
    let Some((first, last)) = keys else { return response };
    let mut kept = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in call.params.plain() {
        if !matches!(name.as_str(), "max_id" | "min_id" | "since_id" | "access_token") {
            kept.append_pair(&name, &value);
        }
    }
    let kept = kept.finish();
    let joint = if kept.is_empty() { "" } else { "&" };
    let base = format!("{}{}?{kept}{joint}", call.ctx.config.instance.origin(), call.path);
    let mut links = Vec::new();
    if paged.older.is_some() || (page.upwards() && !paged.items.is_empty()) {
        links.push(format!("<{base}max_id={last}>; rel=\"next\""));
    }
    links.push(format!("<{base}min_id={first}>; rel=\"prev\""));
    if let Ok(value) = header::HeaderValue::from_str(&links.join(", ")) {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}

/// A list of people with its links; their order is that of the list.
pub(super) async fn people(call: &Call, page: &Page, listed: &Paged<(i64, Author)>) -> Answer {
    let keys = listed.items.first().map(|f| f.0).zip(listed.items.last().map(|f| f.0));
    let ids = listed.items.iter().map(|(_, author)| author.id).collect();
    let found = profiles::by_ids(&call.ctx, ids).await?;
    Ok(answer(call, page, listed, keys, &entity::accounts(&call.ctx, &found)))
}
