//! What those who lead groups are told, and what they order, as documents.

use serde_json::{Value, json};

use super::{
    in_group::in_group,
    render::{add, to_account},
};
use crate::{
    error::{Error, Result},
    federation::{
        FedData,
        wire::{self, activity},
    },
    model::{Account, AccountId, GroupKind, Order, OrderKind, OutboxRow, PostId, Visibility},
    service::{
        groups,
        outbox::{self, Audience},
        posts, remote, urls,
    },
};

/// What somebody who leads a group did: a group of ours tells its members' servers, one of another server is asked to do it.
/// Reports are the business of those who lead the group, and of nobody else.
pub(super) async fn order(
    data: &FedData,
    row: &OutboxRow,
    group: AccountId,
    by: AccountId,
    order: &Order,
) -> Result<Option<(Value, Audience)>> {
    let Some((group, how)) = groups::by_id(&data.ctx, group).await? else { return Ok(None) };
    let by = remote::account(&data.ctx, by).await?;
    let quiet = order.kind == OrderKind::Resolve;
    let actor = if quiet && group.is_local() { &group.uri } else { &by.uri };
    let visibility = if how.kind == GroupKind::Open && !quiet { Visibility::Public } else { Visibility::Group };
    let id = format!("{actor}#order-{}", row.id);
    let mut inner = wire::order::write(order, &id, actor, &group.uri, visibility.is_open());
    if !group.is_local() {
        add(&mut inner, "@context", activity::context());
        return Ok(Some((inner, to_account(group.id))));
    }
    let (body, audience) = in_group(&group, visibility, &format!("{id}-announce"), inner);
    if quiet {
        let accounts = outbox::remote_leaders(&data.ctx, group.id).await?;
        return Ok(Some((body, Audience { accounts, ..Audience::default() })));
    }
    // Of what was held its author's server alone knows.
    let audience = held_at(data, order).await?.map_or(audience, to_account);
    Ok(Some((body, audience)))
}

/// Whose post an order removes that nobody has seen yet; none where it is about something else.
async fn held_at(data: &FedData, order: &Order) -> Result<Option<AccountId>> {
    if order.kind != OrderKind::RemovePost {
        return Ok(None);
    }
    let Some(post) = posts::by_uri(&data.ctx, &order.object).await? else { return Ok(None) };
    Ok(if groups::is_known(&data.ctx, &post).await? { None } else { Some(post.author_id) })
}

/// A report of posts in a group, for those who lead it: by the instance to a group of another server, by a group of ours to
/// members elsewhere, those of them who lead it still. The posts are named and nothing of them is told.
pub(super) async fn report(
    data: &FedData,
    who: &Account,
    (group, named): (AccountId, &[PostId]),
    (uri, comment): (&str, &str),
    to: &[AccountId],
) -> Result<Option<(Value, Audience)>> {
    let group = remote::account(&data.ctx, group).await?;
    let mut to = to.to_vec();
    if group.is_local() {
        let leaders = outbox::remote_leaders(&data.ctx, group.id).await?;
        to.retain(|reader| leaders.contains(reader));
    }
    if to.is_empty() {
        return Ok(None);
    }
    let mut objects = Vec::with_capacity(named.len());
    for post in named {
        match posts::raw(&data.ctx, *post).await {
            Ok(post) if post.group_id == Some(group.id) && post.deleted_at.is_none() => objects.push(post.uri),
            Ok(_) | Err(Error::NotFound | Error::Gone) => {}
            Err(error) => return Err(error),
        }
    }
    let readers = addresses(data, &to).await?;
    // Some programs read one post and no list.
    let object = match objects.as_slice() {
        [] => return Ok(None),
        [one] => json!(one),
        several => json!(several),
    };
    let mut body = activity::write("Flag", uri, &who.uri, object, json!(readers), json!([]));
    for key in ["content", "summary"] {
        add(&mut body, key, comment.into());
    }
    add(&mut body, "audience", group.uri.into());
    Ok(Some((body, Audience { accounts: to, ..Audience::default() })))
}

/// ActivityPub ids of people.
async fn addresses(data: &FedData, people: &[AccountId]) -> Result<Vec<String>> {
    let mut uris = Vec::with_capacity(people.len());
    for one in people {
        uris.push(remote::account(&data.ctx, *one).await?.uri);
    }
    Ok(uris)
}

/// How much waits in a group of ours, for members elsewhere who lead it.
pub(super) async fn waiting(data: &FedData, group: &Account, row: &OutboxRow) -> Result<Option<(Value, Audience)>> {
    let to = outbox::remote_leaders(&data.ctx, group.id).await?;
    if to.is_empty() {
        return Ok(None);
    }
    // The time before the counting: what says that it is the newest has counted all that came before it.
    let now = data.ctx.now();
    let object = wire::waiting::write(&group.uri, now, groups::how_much_waits(&data.ctx, group.id).await?);
    let id = format!("{}#waiting-{}", group.uri, row.id);
    let readers = json!(addresses(data, &to).await?);
    let mut body = activity::write("Update", &id, &group.uri, object, readers, json!([]));
    add(&mut body, "audience", group.uri.clone().into());
    wire::waiting::add_terms(&mut body, &urls::practitioner_terms(&data.ctx));
    Ok(Some((body, Audience { accounts: to, ..Audience::default() })))
}
