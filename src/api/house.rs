//! Polls, announcements and reports.

use actix_web::web;

use super::{auth::Call, entity, error::Answer, json};
use crate::{
    error::{Error, Result},
    model::{AccountId, AnnouncementId, PostCard, PostId},
    policy::Viewer,
    service::{announcements, polls, posts, profiles, reports},
};

fn shown_poll(call: &Call, viewer: &Viewer, card: &PostCard) -> Answer {
    let asked = card.poll.as_ref().ok_or(Error::NotFound)?;
    let own = viewer.account() == Some(card.author.id);
    Ok(json(&entity::poll(card, &asked.0, viewer.account().is_some(), own, call.ctx.now())))
}

/// `GET /api/v1/polls/{id}`
pub(super) async fn poll(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let card = posts::read(&call.ctx, &viewer, *id).await?;
    shown_poll(&call, &viewer, &card)
}

/// `POST /api/v1/polls/{id}/votes`
pub(super) async fn vote(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:statuses")?;
    let wrong = || Error::invalid("choices", "The chosen vote option does not exist");
    let choices: Result<Vec<usize>> =
        call.params.list("choices").iter().map(|c| c.trim().parse().map_err(|_| wrong())).collect();
    let card = polls::vote(&call.ctx, &viewer, *id, choices?).await?;
    shown_poll(&call, &viewer, &card)
}

/// `GET /api/v1/announcements`
pub(super) async fn announcements(call: Call) -> Answer {
    let viewer = call.own("read")?;
    let found = announcements::current(&call.ctx, &viewer).await?;
    let all = call.params.flag("with_dismissed").unwrap_or(false);
    Ok(json(&found.iter().filter(|a| all || !a.read).map(entity::announcement).collect::<Vec<_>>()))
}

/// `POST /api/v1/announcements/{id}/dismiss`
pub(super) async fn dismiss(call: Call, id: web::Path<AnnouncementId>) -> Answer {
    let viewer = call.own("write:accounts")?;
    announcements::dismiss(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::Empty {}))
}

/// `PUT /api/v1/announcements/{id}/reactions/{name}`
pub(super) async fn react(call: Call, path: web::Path<(AnnouncementId, String)>) -> Answer {
    let viewer = call.own("write:favourites")?;
    announcements::react(&call.ctx, &viewer, path.0, &path.1, true).await?;
    Ok(json(&entity::Empty {}))
}

/// `DELETE /api/v1/announcements/{id}/reactions/{name}`
pub(super) async fn unreact(call: Call, path: web::Path<(AnnouncementId, String)>) -> Answer {
    let viewer = call.own("write:favourites")?;
    announcements::react(&call.ctx, &viewer, path.0, &path.1, false).await?;
    Ok(json(&entity::Empty {}))
}

/// `POST /api/v1/reports`
pub(super) async fn report(call: Call) -> Answer {
    let viewer = call.own("write:reports")?;
    let target: AccountId = call.params.required("account_id")?.parse().map_err(|_| Error::NotFound)?;
    // What an app says is not to be forwarded stays here in its words.
    let forward = call.params.flag("forward").unwrap_or(false);
    let complaint = reports::Complaint {
        target,
        posts: call.params.ids("status_ids"),
        comment: call.params.text("comment").unwrap_or_default(),
        category: call.params.text("category").unwrap_or_default(),
        forward,
        words_to_leaders: forward,
    };
    let filed = reports::file(&call.ctx, &viewer, complaint).await?;
    let target = profiles::by_ids(&call.ctx, vec![target]).await?.pop().ok_or(Error::NotFound)?;
    Ok(json(&entity::report(&call.ctx, &filed, &target)))
}
