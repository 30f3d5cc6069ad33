//! People: reading them, and what one does with them.

use actix_web::web;

use super::{auth::Call, entity, error::Answer, json, page, statuses::people_ids};
use crate::{
    error::{Error, Result},
    model::AccountId,
    policy::Viewer,
    service::{
        discovery, follows, follows::Side, lists, profiles, search as finding, shuns, tags, timelines::Timeline,
    },
};

/// `GET /api/v1/accounts/{id}`
pub(super) async fn read(call: Call, id: web::Path<AccountId>) -> Answer {
    call.viewer("read:accounts")?;
    let account = profiles::by_id(&call.ctx, &Viewer::Anonymous, *id).await?.account;
    Ok(json(&entity::account(&call.ctx, &account)))
}

/// `GET /api/v1/accounts`
pub(super) async fn several(call: Call) -> Answer {
    let viewer = call.viewer("read:accounts")?;
    let found = profiles::several(&call.ctx, &viewer, people_ids(&call.params, "id")).await?;
    Ok(json(&entity::accounts(&call.ctx, &found)))
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
    let mut found = finding::accounts(&call.ctx, &viewer, &words, limit, resolve).await?;
    if call.params.flag("following").unwrap_or(false) {
        let ids = found.iter().map(|a| a.id).collect();
        let mine = follows::followed_of(&call.ctx, &viewer, ids).await?;
        found.retain(|a| mine.iter().any(|(id, _)| *id == a.id));
    }
    Ok(json(&entity::accounts(&call.ctx, &found)))
}

/// `GET /api/v1/accounts/{id}/statuses`
pub(super) async fn statuses(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    profiles::by_id(&call.ctx, &viewer, *id).await?;
    let flag = |name: &str| call.params.flag(name).unwrap_or(false);
    let tagged = call.params.text("tagged").filter(|t| !t.is_empty());
    let timeline = match tagged {
        Some(name) => Timeline::ProfileTag(*id, name.trim_start_matches('#').to_lowercase()),
        None if flag("pinned") => Timeline::Pinned(*id),
        None if flag("only_media") => Timeline::Pictures(*id),
        None => Timeline::Profile { account: *id, replies: !flag("exclude_replies"), boosts: !flag("exclude_reblogs") },
    };
    super::timelines::answer(&call, &viewer, &timeline, &page::asked(&call, 20)).await
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
    match follows::list(&call.ctx, &viewer, &account, side, &page).await {
        Ok(listed) => page::people(call, &page, &listed).await,
        // Whose lists are not shown has none for clients.
        Err(Error::NotFound | Error::Unauthenticated) if side != Side::Requests => {
            Ok(json(&Vec::<entity::Account>::new()))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /api/v1/accounts/{id}/featured_tags`
pub(super) async fn featured_tags(call: Call, id: web::Path<AccountId>) -> Answer {
    profiles::by_id(&call.ctx, &Viewer::Anonymous, *id).await?;
    let found = tags::featured(&call.ctx, *id).await?;
    Ok(json(&found.iter().map(|f| entity::featured(&call.ctx, f)).collect::<Vec<_>>()))
}

/// `GET /api/v1/accounts/{id}/lists`: those of one's own that they are on.
pub(super) async fn on_lists(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("read:lists")?;
    let found = lists::with(&call.ctx, &viewer, *id).await?;
    Ok(json(&found.iter().map(entity::list).collect::<Vec<_>>()))
}

/// `GET /api/v1/accounts/relationships`
pub(super) async fn relationships(call: Call) -> Answer {
    let viewer = call.own("read:follows")?;
    let found = follows::relations(&call.ctx, &viewer, people_ids(&call.params, "id")).await?;
    Ok(json(&found.iter().map(entity::relationship).collect::<Vec<_>>()))
}

/// How the caller stands to somebody after what they have done, which has found that they may know of them.
async fn relation(call: &Call, viewer: &Viewer, with: AccountId) -> Answer {
    Ok(json(&entity::relationship(&follows::relation(&call.ctx, viewer, with).await?)))
}

/// `POST /api/v1/accounts/{id}/follow`
pub(super) async fn follow(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:follows")?;
    follows::request(&call.ctx, &viewer, *id).await?;
    let (boosts, notify) = (call.params.flag("reblogs"), call.params.flag("notify"));
    if boosts.is_some() || notify.is_some() {
        follows::set_options(&call.ctx, &viewer, *id, boosts, notify).await?;
    }
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
    profiles::by_id(&call.ctx, &viewer, *id).await?;
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

/// `POST /api/v1/accounts/{id}/block`
pub(super) async fn block(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:blocks")?;
    shuns::block(&call.ctx, &viewer, *id).await?;
    relation(&call, &viewer, *id).await
}

/// `POST /api/v1/accounts/{id}/unblock`
pub(super) async fn unblock(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:blocks")?;
    shuns::unblock(&call.ctx, &viewer, *id).await?;
    relation(&call, &viewer, *id).await
}

/// `POST /api/v1/accounts/{id}/mute`
pub(super) async fn mute(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:mutes")?;
    let notifications = call.params.flag("notifications").unwrap_or(true);
    let seconds = call.params.number("duration").unwrap_or(0).max(0);
    shuns::mute(&call.ctx, &viewer, *id, notifications, seconds).await?;
    relation(&call, &viewer, *id).await
}

/// `POST /api/v1/accounts/{id}/unmute`
pub(super) async fn unmute(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:mutes")?;
    shuns::unmute(&call.ctx, &viewer, *id).await?;
    relation(&call, &viewer, *id).await
}

/// `POST /api/v1/accounts/{id}/note`
pub(super) async fn note(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("write:accounts")?;
    shuns::note(&call.ctx, &viewer, *id, &call.params.text("comment").unwrap_or_default()).await?;
    relation(&call, &viewer, *id).await
}

/// `GET /api/v1/accounts/familiar_followers`
pub(super) async fn familiar(call: Call) -> Answer {
    let viewer = call.own("read:follows")?;
    let found = discovery::familiar(&call.ctx, &viewer, people_ids(&call.params, "id")).await?;
    let one = |(id, known): &(AccountId, Vec<_>)| entity::FamiliarFollowers {
        id: id.to_string(),
        accounts: entity::accounts(&call.ctx, known),
    };
    Ok(json(&found.iter().map(one).collect::<Vec<_>>()))
}

/// `GET /api/v1/blocks`
pub(super) async fn blocks(call: Call) -> Answer {
    let viewer = call.own("read:blocks")?;
    let page = page::asked(&call, 40);
    let listed = shuns::blocked(&call.ctx, &viewer, &page).await?;
    page::people(&call, &page, &listed).await
}

/// `GET /api/v1/mutes`
pub(super) async fn mutes(call: Call) -> Answer {
    let viewer = call.own("read:mutes")?;
    let page = page::asked(&call, 40);
    let listed = shuns::muted(&call.ctx, &viewer, &page).await?;
    let keys = listed.items.first().map(|m| m.0).zip(listed.items.last().map(|m| m.0));
    let people = profiles::by_ids(&call.ctx, listed.items.iter().map(|m| m.1.id).collect()).await?;
    let items: Vec<entity::MutedAccount> = people
        .iter()
        .map(|person| {
            let ends = listed.items.iter().find(|m| m.1.id == person.id).and_then(|m| m.3);
            entity::MutedAccount {
                account: entity::account(&call.ctx, person),
                mute_expires_at: ends.map(entity::stamp),
            }
        })
        .collect();
    Ok(page::answer(&call, &page, &listed, keys, &items))
}

/// `GET /api/v1/domain_blocks`
pub(super) async fn hidden_hosts(call: Call) -> Answer {
    let viewer = call.own("read:blocks")?;
    let page = page::asked(&call, 100);
    let listed = shuns::hidden_hosts(&call.ctx, &viewer, &page).await?;
    let keys = listed.items.first().map(|h| h.0).zip(listed.items.last().map(|h| h.0));
    let names: Vec<&String> = listed.items.iter().map(|h| &h.1).collect();
    Ok(page::answer(&call, &page, &listed, keys, &names))
}

/// `POST /api/v1/domain_blocks`
pub(super) async fn hide_host(call: Call) -> Answer {
    let viewer = call.own("write:blocks")?;
    shuns::hide_host(&call.ctx, &viewer, &call.params.required("domain")?).await?;
    Ok(json(&entity::Empty {}))
}

/// `DELETE /api/v1/domain_blocks`
pub(super) async fn show_host(call: Call) -> Answer {
    let viewer = call.own("write:blocks")?;
    shuns::show_host(&call.ctx, &viewer, &call.params.required("domain")?).await?;
    Ok(json(&entity::Empty {}))
}

/// `GET /api/v1/directory`
pub(super) async fn directory(call: Call) -> Answer {
    let number = |name: &str, usual: i64| call.params.number(name).unwrap_or(usual);
    let listing = discovery::Listing {
        local: call.params.flag("local").unwrap_or(false),
        active: call.params.text("order").as_deref() != Some("new"),
        offset: number("offset", 0),
        limit: number("limit", 40),
    };
    let found = discovery::directory(&call.ctx, listing).await?;
    Ok(json(&entity::accounts(&call.ctx, &found)))
}

/// `GET /api/v2/suggestions`
pub(super) async fn suggestions(call: Call) -> Answer {
    let viewer = call.own("read")?;
    let found =
        discovery::suggestions(&call.ctx, &viewer, call.params.number("limit").unwrap_or(40).clamp(1, 80)).await?;
    let one = |(person, by_friends): &(_, bool)| entity::Suggestion {
        source: if *by_friends { "past_interactions" } else { "global" },
        sources: vec![if *by_friends { "friends_of_friends" } else { "most_followed" }],
        account: entity::account(&call.ctx, person),
    };
    Ok(json(&found.iter().map(one).collect::<Vec<_>>()))
}

/// `GET /api/v1/suggestions`
pub(super) async fn suggestions_v1(call: Call) -> Answer {
    let viewer = call.own("read")?;
    let found =
        discovery::suggestions(&call.ctx, &viewer, call.params.number("limit").unwrap_or(40).clamp(1, 80)).await?;
    let people: Vec<_> = found.into_iter().map(|(person, _)| person).collect();
    Ok(json(&entity::accounts(&call.ctx, &people)))
}

/// `DELETE /api/v1/suggestions/{id}`
pub(super) async fn hide_suggestion(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.own("read")?;
    discovery::hide_suggestion(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::Empty {}))
}
