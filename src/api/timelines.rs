//! Lists of posts.

use actix_web::web;

use super::{auth::Call, entity, error::Answer, page};
use crate::{
    policy::Viewer,
    service::{
        Page,
        timelines::{self, Timeline},
    },
};

/// A page of a list, with its links.
pub(super) async fn answer(call: &Call, viewer: &Viewer, timeline: &Timeline, page: &Page) -> Answer {
    let listed = timelines::page(&call.ctx, viewer, timeline, page).await?;
    let keys = listed.items.first().map(|c| c.entry_id).zip(listed.items.last().map(|c| c.entry_id));
    let items = entity::statuses(&call.ctx, viewer, &listed.items).await?;
    Ok(page::answer(call, page, &listed, keys, items))
}

/// `GET /api/v1/timelines/home`
pub(super) async fn home(call: Call) -> Answer {
    let viewer = call.own("read:statuses")?;
    let me = call.require("read:statuses")?;
    answer(&call, &viewer, &Timeline::Home(me), &page::asked(&call, 20)).await
}

/// `GET /api/v1/timelines/public`
pub(super) async fn public(call: Call) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let flag = |name: &str| call.params.flag(name).unwrap_or(false);
    let timeline = match (flag("local"), flag("remote")) {
        (true, _) => Timeline::Local,
        (false, true) => Timeline::Remote,
        (false, false) => Timeline::Federated,
    };
    answer(&call, &viewer, &timeline, &page::asked(&call, 20)).await
}

/// `GET /api/v1/timelines/tag/{name}`
pub(super) async fn tag(call: Call, name: web::Path<String>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    answer(&call, &viewer, &Timeline::Tag(name.to_lowercase()), &page::asked(&call, 20)).await
}

/// `GET /api/v1/bookmarks`
pub(super) async fn bookmarks(call: Call) -> Answer {
    let viewer = call.own("read:bookmarks")?;
    let me = call.require("read:bookmarks")?;
    answer(&call, &viewer, &Timeline::Bookmarks(me), &page::asked(&call, 20)).await
}

/// `GET /api/v1/favourites`
pub(super) async fn favourites(call: Call) -> Answer {
    let viewer = call.own("read:favourites")?;
    let me = call.require("read:favourites")?;
    answer(&call, &viewer, &Timeline::Favourites(me), &page::asked(&call, 20)).await
}
