//! Lists of posts, and direct conversations.

use actix_web::web;

use super::{auth::Call, entity, error::Answer, json, page};
use crate::{
    error::Result,
    model::{ConversationId, FilterContext, ListId},
    policy::Viewer,
    service::{
        Page, conversations, discovery, filters, lists,
        timelines::{self, Timeline},
    },
};

/// Where the viewer's filters hold for a list, as far as they leave posts out.
fn context(timeline: &Timeline) -> Option<FilterContext> {
    Some(match timeline {
        Timeline::Home(_) | Timeline::List(..) => FilterContext::Home,
        Timeline::Local | Timeline::Federated | Timeline::Remote | Timeline::Tags { .. } => FilterContext::Public,
        Timeline::Profile { .. } | Timeline::Pinned(_) | Timeline::Pictures(_) | Timeline::ProfileTag(..) => {
            FilterContext::Account
        }
        Timeline::Bookmarks(_) | Timeline::Favourites(_) | Timeline::Direct(_) => return None,
    })
}

/// A page of a list, with its links.
pub(super) async fn answer(call: &Call, viewer: &Viewer, timeline: &Timeline, page: &Page) -> Answer {
    let pictures = call.params.flag("only_media").unwrap_or(false);
    let mut listed = if pictures {
        timelines::page_of_pictures(&call.ctx, viewer, timeline, page).await?
    } else {
        timelines::page(&call.ctx, viewer, timeline, page).await?
    };
    let keys = listed.items.first().map(|c| c.entry_id).zip(listed.items.last().map(|c| c.entry_id));
    let own = filters::of_viewer(&call.ctx, viewer).await?;
    if let Some(context) = context(timeline) {
        listed.items = filters::without_hidden(&own, viewer, listed.items, context, call.ctx.now());
    }
    let items = entity::statuses_with(&call.ctx, viewer, &listed.items, own).await?;
    Ok(page::answer(call, page, &listed, keys, &items))
}

/// `GET /api/v1/timelines/home`
pub(super) async fn home(call: Call) -> Answer {
    let (viewer, me) = (call.own("read:statuses")?, call.require("read:statuses")?);
    answer(&call, &viewer, &Timeline::Home(me), &page::asked(&call, 20)).await
}

fn place(call: &Call) -> Option<bool> {
    let flag = |name: &str| call.params.flag(name).unwrap_or(false);
    match (flag("local"), flag("remote")) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

/// `GET /api/v1/timelines/public`
pub(super) async fn public(call: Call) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let timeline = match place(&call) {
        Some(true) => Timeline::Local,
        Some(false) => Timeline::Remote,
        None => Timeline::Federated,
    };
    answer(&call, &viewer, &timeline, &page::asked(&call, 20)).await
}

/// `GET /api/v1/timelines/tag/{name}`
pub(super) async fn tag(call: Call, name: web::Path<String>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let names = |list: &str| -> Vec<String> {
        let mut names: Vec<String> =
            call.params.list(list).iter().map(|n| n.trim_start_matches('#').to_lowercase()).take(4).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let mut any = names("any");
    any.push(name.trim_start_matches('#').to_lowercase());
    let timeline = Timeline::Tags { any, all: names("all"), none: names("none"), local: place(&call) };
    answer(&call, &viewer, &timeline, &page::asked(&call, 20)).await
}

/// `GET /api/v1/timelines/list/{id}`
pub(super) async fn list(call: Call, id: web::Path<ListId>) -> Answer {
    let viewer = call.own("read:lists")?;
    let list = lists::get(&call.ctx, &viewer, *id).await?;
    answer(&call, &viewer, &Timeline::List(list.id, list.replies), &page::asked(&call, 20)).await
}

/// `GET /api/v1/timelines/direct`
pub(super) async fn direct(call: Call) -> Answer {
    let (viewer, me) = (call.own("read:statuses")?, call.require("read:statuses")?);
    answer(&call, &viewer, &Timeline::Direct(me), &page::asked(&call, 20)).await
}

/// `GET /api/v1/bookmarks`
pub(super) async fn bookmarks(call: Call) -> Answer {
    let (viewer, me) = (call.own("read:bookmarks")?, call.require("read:bookmarks")?);
    answer(&call, &viewer, &Timeline::Bookmarks(me), &page::asked(&call, 20)).await
}

/// `GET /api/v1/favourites`
pub(super) async fn favourites(call: Call) -> Answer {
    let (viewer, me) = (call.own("read:favourites")?, call.require("read:favourites")?);
    answer(&call, &viewer, &Timeline::Favourites(me), &page::asked(&call, 20)).await
}

/// The part of a list that `limit` and `offset` name.
pub(super) fn part<T>(call: &Call, all: Vec<T>, usual: i64) -> Vec<T> {
    let number = |name: &str, usual: i64| usize::try_from(call.params.number(name).unwrap_or(usual)).unwrap_or(0);
    all.into_iter().skip(number("offset", 0)).take(number("limit", usual).clamp(1, 40)).collect()
}

/// `GET /api/v1/trends/statuses`
pub(super) async fn trending(call: Call) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let cards = part(&call, discovery::posts(&call.ctx, &viewer).await?, 20);
    Ok(json(&entity::statuses(&call.ctx, &viewer, &cards).await?))
}

/// `GET /api/v1/conversations`
pub(super) async fn conversations(call: Call) -> Answer {
    let viewer = call.own("read:statuses")?;
    let page = page::asked(&call, 20);
    let listed = conversations::page(&call.ctx, &viewer, &page).await?;
    let keys = listed.items.first().map(|c| c.last.post.id.0).zip(listed.items.last().map(|c| c.last.post.id.0));
    let items = entity::conversations(&call.ctx, &viewer, &listed.items).await?;
    Ok(page::answer(&call, &page, &listed, keys, &items))
}

/// `POST /api/v1/conversations/{id}/read`
pub(super) async fn read_conversation(call: Call, id: web::Path<ConversationId>) -> Answer {
    unread(call, *id, false).await
}

/// `POST /api/v1/conversations/{id}/unread`
pub(super) async fn unread_conversation(call: Call, id: web::Path<ConversationId>) -> Answer {
    unread(call, *id, true).await
}

async fn unread(call: Call, id: ConversationId, unread: bool) -> Answer {
    let viewer = call.own("write:conversations")?;
    let one = conversations::set_unread(&call.ctx, &viewer, id, unread).await?;
    let shown: Result<_> = entity::conversations(&call.ctx, &viewer, &[one]).await;
    Ok(json(&shown?.pop().ok_or(crate::error::Error::NotFound)?))
}

/// `DELETE /api/v1/conversations/{id}`
pub(super) async fn delete_conversation(call: Call, id: web::Path<ConversationId>) -> Answer {
    let viewer = call.own("write:conversations")?;
    conversations::delete(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::Empty {}))
}
