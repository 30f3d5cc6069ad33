//! People: reading them, following them, answering their requests.

use actix_web::web;
use serde_json::Value;

use super::{auth::Call, entity, error::Answer, json, page};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId},
    policy::Viewer,
    service::{
        accounts as users, follows,
        follows::{Relation, Side},
        profiles,
        timelines::Timeline,
    },
};

/// `GET /api/v1/accounts/verify_credentials`
pub(super) async fn own(call: Call) -> Answer {
    let viewer = call.own("profile|read:accounts")?;
    let me = call.require("profile|read:accounts")?;
    let account = profiles::by_id(&call.ctx, &Viewer::Anonymous, me).await?.account;
    let user = users::own(&call.ctx, &viewer).await?;
    let requests = follows::count_requests(&call.ctx, &viewer).await?;
    Ok(json(&entity::credential_account(&call.ctx, &account, &user, requests)))
}

/// `GET /api/v1/accounts/{id}`
pub(super) async fn read(call: Call, id: web::Path<AccountId>) -> Answer {
    call.viewer("read:accounts")?;
    let account = profiles::by_id(&call.ctx, &Viewer::Anonymous, *id).await?.account;
    Ok(json(&entity::account(&call.ctx, &account)))
}

/// `GET /api/v1/accounts/lookup`
pub(super) async fn lookup(call: Call) -> Answer {
    let viewer = call.viewer("read:accounts")?;
    let acct = call.params.required("acct")?;
    let found = profiles::by_handle(&call.ctx, &viewer, acct.trim_start_matches('@')).await?;
    Ok(json(&entity::account(&call.ctx, &found.account)))
}

/// `GET /api/v1/accounts/search`
pub(super) async fn search(call: Call) -> Answer {
    let viewer = call.own("read:accounts")?;
    let words = call.params.required("q")?;
    let limit = call.params.number("limit").unwrap_or(40).clamp(1, 80);
    let resolve = call.params.flag("resolve").unwrap_or(false);
    let found = crate::service::search::accounts(&call.ctx, &viewer, &words, limit, resolve).await?;
    Ok(json(&accounts(&call, found)))
}

fn accounts(call: &Call, found: Vec<Account>) -> Value {
    found.iter().map(|account| entity::account(&call.ctx, account)).collect()
}

/// `GET /api/v1/accounts/{id}/statuses`
pub(super) async fn statuses(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    profiles::by_id(&call.ctx, &viewer, *id).await?;
    let replies = !call.params.flag("exclude_replies").unwrap_or(false);
    let page = page::asked(&call, 20);
    // There are no pictures and no pinned posts: lists of those are empty, not everything.
    if call.params.flag("only_media").unwrap_or(false) || call.params.flag("pinned").unwrap_or(false) {
        return Ok(json(&Value::Array(Vec::new())));
    }
    let timeline =
        Timeline::Profile { account: *id, replies, boosts: !call.params.flag("exclude_reblogs").unwrap_or(false) };
    super::timelines::answer(&call, &viewer, &timeline, &page).await
}

/// `GET /api/v1/accounts/{id}/followers`
pub(super) async fn followers(call: Call, id: web::Path<AccountId>) -> Answer {
    people(&call, *id, Side::Followers, "read:accounts").await
}

/// `GET /api/v1/accounts/{id}/following`
pub(super) async fn following(call: Call, id: web::Path<AccountId>) -> Answer {
    people(&call, *id, Side::Following, "read:accounts").await
}

/// `GET /api/v1/follow_requests`
pub(super) async fn requests(call: Call) -> Answer {
    let me = call.require("read:follows")?;
    people(&call, me, Side::Requests, "read:follows").await
}

async fn people(call: &Call, whose: AccountId, side: Side, scope: &str) -> Answer {
    let viewer = call.viewer(scope)?;
    let account = profiles::by_id(&call.ctx, &Viewer::Anonymous, whose).await?.account;
    let page = page::asked(call, 40);
    let listed = match follows::list(&call.ctx, &viewer, &account, side, &page).await {
        Ok(listed) => listed,
        // Whose lists are not shown has none for clients.
        Err(Error::NotFound | Error::Unauthenticated) if side != Side::Requests => {
            return Ok(json(&Value::Array(Vec::new())));
        }
        Err(error) => return Err(error.into()),
    };
    let keys = listed.items.first().map(|f| f.0).zip(listed.items.last().map(|f| f.0));
    let ids = listed.items.iter().map(|(_, author)| author.id).collect();
    let found = profiles::by_ids(&call.ctx, ids).await?;
    let items = found.iter().map(|account| entity::account(&call.ctx, account)).collect();
    Ok(page::answer(call, &page, &listed, keys, items))
}

/// `GET /api/v1/accounts/relationships`
pub(super) async fn relationships(call: Call) -> Answer {
    let viewer = call.own("read:follows")?;
    let ids: Vec<AccountId> = call.params.list("id").iter().filter_map(|id| id.parse().ok()).take(80).collect();
    let found = follows::relations(&call.ctx, &viewer, ids).await?;
    Ok(json(&found.iter().map(entity::relationship).collect()))
}

async fn relation(call: &Call, viewer: &Viewer, with: AccountId) -> Answer {
    let found: Vec<Relation> = follows::relations(&call.ctx, viewer, vec![with]).await?;
    found.first().map(|relation| json(&entity::relationship(relation))).ok_or_else(|| Error::NotFound.into())
}

/// `POST /api/v1/accounts/{id}/follow`
pub(super) async fn follow(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:follows")?;
    follows::request(&call.ctx, &viewer, *id).await?;
    relation(&call, &viewer, *id).await
}

/// `POST /api/v1/accounts/{id}/unfollow`
pub(super) async fn unfollow(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:follows")?;
    profiles::by_id(&call.ctx, &viewer, *id).await?;
    follows::withdraw(&call.ctx, &viewer, *id).await?;
    relation(&call, &viewer, *id).await
}

/// `POST /api/v1/accounts/{id}/remove_from_followers`
pub(super) async fn remove_follower(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:follows")?;
    settle(follows::reject(&call.ctx, &viewer, *id).await)?;
    relation(&call, &viewer, *id).await
}

/// `POST /api/v1/follow_requests/{id}/authorize`
pub(super) async fn authorize(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:follows")?;
    follows::accept(&call.ctx, &viewer, *id).await?;
    relation(&call, &viewer, *id).await
}

/// `POST /api/v1/follow_requests/{id}/reject`
pub(super) async fn reject(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:follows")?;
    follows::reject(&call.ctx, &viewer, *id).await?;
    relation(&call, &viewer, *id).await
}

/// Somebody who does not follow is no follower already.
fn settle(done: Result<()>) -> Result<()> {
    match done {
        Err(Error::NotFound) => Ok(()),
        other => other,
    }
}

/// `GET /api/v1/preferences`
pub(super) async fn preferences(call: Call) -> Answer {
    let viewer = call.own("read:accounts")?;
    let user = users::own(&call.ctx, &viewer).await?;
    Ok(json(&serde_json::json!({
        "posting:default:visibility": entity::visibility(user.default_visibility),
        "posting:default:sensitive": false,
        "posting:default:language": user.language,
        "posting:default:quote_policy": "nobody",
        "reading:expand:media": "default",
        "reading:expand:spoilers": false,
        "reading:autoplay:gifs": false,
    })))
}
