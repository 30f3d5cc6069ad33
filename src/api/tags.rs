//! Hashtags.

use actix_web::web;

use super::{auth::Call, entity, error::Answer, json, page, timelines::part};
use crate::service::{discovery, tags};

/// `GET /api/v1/tags/{name}`
pub(super) async fn read(call: Call, name: web::Path<String>) -> Answer {
    let viewer = call.viewer("read")?;
    let view = tags::view(&call.ctx, &viewer, &name).await?;
    Ok(json(&entity::tag(&call.ctx, &view, viewer.role().is_some())))
}

/// `POST /api/v1/tags/{name}/follow`
pub(super) async fn follow(call: Call, name: web::Path<String>) -> Answer {
    let viewer = call.own("write:follows")?;
    Ok(json(&entity::tag(&call.ctx, &tags::follow(&call.ctx, &viewer, &name).await?, true)))
}

/// `POST /api/v1/tags/{name}/unfollow`
pub(super) async fn unfollow(call: Call, name: web::Path<String>) -> Answer {
    let viewer = call.own("write:follows")?;
    Ok(json(&entity::tag(&call.ctx, &tags::unfollow(&call.ctx, &viewer, &name).await?, true)))
}

/// `POST /api/v1/tags/{name}/feature`
pub(super) async fn feature_named(call: Call, name: web::Path<String>) -> Answer {
    let viewer = call.own("write:accounts")?;
    tags::feature(&call.ctx, &viewer, &name).await?;
    Ok(json(&entity::tag(&call.ctx, &tags::view(&call.ctx, &viewer, &name).await?, true)))
}

/// `POST /api/v1/tags/{name}/unfeature`
pub(super) async fn unfeature_named(call: Call, name: web::Path<String>) -> Answer {
    let viewer = call.own("write:accounts")?;
    let view = tags::view(&call.ctx, &viewer, &name).await?;
    if view.featuring {
        tags::unfeature(&call.ctx, &viewer, view.id).await?;
    }
    Ok(json(&entity::tag(&call.ctx, &tags::view(&call.ctx, &viewer, &name).await?, true)))
}

/// `GET /api/v1/followed_tags`
pub(super) async fn followed(call: Call) -> Answer {
    let viewer = call.own("read:follows")?;
    let page = page::asked(&call, 100);
    let listed = tags::followed(&call.ctx, &viewer, &page).await?;
    let keys = listed.items.first().map(|t| t.0).zip(listed.items.last().map(|t| t.0));
    let items: Vec<_> = listed.items.iter().map(|(_, view)| entity::tag(&call.ctx, view, true)).collect();
    Ok(page::answer(&call, &page, &listed, keys, &items))
}

/// `GET /api/v1/featured_tags`
pub(super) async fn featured(call: Call) -> Answer {
    let me = call.require("read:accounts")?;
    let found = tags::featured(&call.ctx, me).await?;
    Ok(json(&found.iter().map(|f| entity::featured(&call.ctx, f)).collect::<Vec<_>>()))
}

/// `POST /api/v1/featured_tags`
pub(super) async fn feature(call: Call) -> Answer {
    let viewer = call.own("write:accounts")?;
    let made = tags::feature(&call.ctx, &viewer, &call.params.required("name")?).await?;
    Ok(json(&entity::featured(&call.ctx, &made)))
}

/// `DELETE /api/v1/featured_tags/{id}`
pub(super) async fn unfeature(call: Call, id: web::Path<i64>) -> Answer {
    let viewer = call.own("write:accounts")?;
    tags::unfeature(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::Empty {}))
}

/// `GET /api/v1/featured_tags/suggestions`
pub(super) async fn own(call: Call) -> Answer {
    let viewer = call.own("read:accounts")?;
    let views = tags::own(&call.ctx, &viewer).await?;
    Ok(json(&views.iter().map(|v| entity::tag(&call.ctx, v, true)).collect::<Vec<_>>()))
}

/// `GET /api/v1/trends/tags` and `GET /api/v1/trends`
pub(super) async fn trending(call: Call) -> Answer {
    let viewer = call.viewer("read")?;
    let names = part(&call, discovery::tags(&call.ctx).await?, 10);
    let views = tags::views(&call.ctx, &viewer, names).await?;
    Ok(json(&views.iter().map(|v| entity::tag(&call.ctx, v, viewer.role().is_some())).collect::<Vec<_>>()))
}
