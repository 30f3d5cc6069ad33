//! What is in groups, told to the servers of their members.

use serde_json::{Value, json};

use super::render::{PostDocument, add, addresses, post_document, prove, to_account, without_context};
use crate::{
    error::{Error, Result},
    federation::{
        FedData,
        wire::{self, activity, actor::stamp, audience, case, note},
    },
    model::{Account, AccountId, GroupKind, Held, HostId, OutboxRow, Post, PostId, Visibility},
    service::{groups, outbox::Audience, posts, remote, urls},
};

/// A post in a group. A group of ours hands on what its members of ours write (FEP-1b12); of one of another server it is
/// told by the author. What is for the members alone never gets a proof: it could be proven real for ever.
pub(super) async fn told(
    data: &FedData,
    group: &Account,
    post: &Post,
    kind: &str,
    edition: Option<i64>,
) -> Result<(Value, Audience)> {
    let PostDocument { note, author } = post_document(data, post).await?;
    let (to, cc) = addresses(&note);
    let id = match edition {
        None => format!("{}/activity", post.uri),
        Some(n) => format!("{}#{}-{n}", post.uri, kind.to_lowercase()),
    };
    let mut inner = activity::write(kind, &id, &author.uri, note, to, cc);
    add(&mut inner, "audience", group.uri.clone().into());
    add(&mut inner, "published", stamp(post.edited_at.unwrap_or(post.published_at)).into());
    let terms = urls::practitioner_terms(&data.ctx);
    case::add_term(&mut inner, &terms);
    if post.visibility.is_open() {
        prove(data, &author, &mut inner).await?;
    }
    let (mut body, audience) = in_group(group, post.visibility, &format!("{id}/announce"), inner);
    case::add_term(&mut body, &terms);
    Ok((body, Audience { copies_of: Some(post.id), ..audience }))
}

/// An activity about what is in a group, and who gets it.
pub(super) fn in_group(group: &Account, visibility: Visibility, id: &str, inner: Value) -> (Value, Audience) {
    if !group.is_local() {
        return (inner, to_account(group.id));
    }
    let followers = group.followers_uri.clone().unwrap_or_default();
    let (to, cc) = if visibility.is_open() {
        (json!([wire::PUBLIC]), json!([followers]))
    } else {
        (json!([followers]), json!([]))
    };
    let body = activity::write("Announce", id, &group.uri, without_context(inner), to, cc);
    (body, Audience { followers_of: Some(group.id), closed: !visibility.is_open(), ..Audience::default() })
}

/// A Delete of what is in a group. It reaches all who have it, also those that have nobody in the group any more.
fn deletion(who: &Account, group: &Account, post: &Post, id: &str, object: Value) -> Value {
    let (to, cc) = audience::to_group(post.visibility, &group.uri, Vec::new());
    let mut body = activity::write("Delete", id, &who.uri, object, json!(to), json!(cc));
    add(&mut body, "audience", group.uri.clone().into());
    body
}

/// A post of ours in a group that its author has deleted.
pub(super) async fn deleted(data: &FedData, group: &Account, post: &Post) -> Result<(Value, Audience)> {
    let author = remote::account(&data.ctx, post.author_id).await?;
    let mut tombstone = note::write_tombstone(&post.uri, post.deleted_at);
    if let Some(tombstone) = tombstone.as_object_mut() {
        tombstone.remove("@context");
    }
    let id = format!("{}#delete", post.uri);
    let inner = deletion(&author, group, post, &id, tombstone);
    let (body, audience) = in_group(group, post.visibility, &format!("{id}-announce"), inner);
    Ok((body, Audience { holders_of: Some(post.id), ..audience }))
}

/// A post that a moderator of a group of ours has removed, whoever wrote it.
pub(super) async fn removed(
    data: &FedData,
    group: &Account,
    row: &OutboxRow,
    id: PostId,
    reason: &str,
) -> Result<(Value, Audience)> {
    let post = posts::raw(&data.ctx, id).await?;
    let activity_id = format!("{}#remove-{}", group.uri, row.id);
    let mut inner = deletion(group, group, &post, &activity_id, post.uri.clone().into());
    add(&mut inner, "summary", reason.into());
    let (body, audience) = in_group(group, post.visibility, &format!("{activity_id}-announce"), inner);
    Ok((body, Audience { holders_of: Some(id), ..audience }))
}

/// The word of a group of ours, for the server of its author, that a post waits for the moderators; none where that is over.
pub(super) async fn held(
    data: &FedData,
    group: &Account,
    row: &OutboxRow,
    id: PostId,
) -> Result<Option<(Value, Audience)>> {
    let post = posts::raw(&data.ctx, id).await?;
    if post.held == Held::No || post.deleted_at.is_some() {
        return Ok(None);
    }
    let author = remote::account(&data.ctx, post.author_id).await?;
    let id = format!("{}#held-{}", group.uri, row.id);
    let mut body = activity::write("TentativeAccept", &id, &group.uri, post.uri.into(), json!([author.uri]), json!([]));
    add(&mut body, "audience", group.uri.clone().into());
    Ok(Some((body, to_account(author.id))))
}

/// The word of a group of ours, for the server of its author, that a post was not taken, and why. What it came in is named without
/// its actor: some programs take a Reject that names one for the end of a follow.
pub(super) async fn refused(
    data: &FedData,
    group: &Account,
    row: &OutboxRow,
    author: AccountId,
    (uri, activity): (&str, &str),
    reason: &str,
) -> Result<(Value, Audience)> {
    let author = remote::account(&data.ctx, author).await?;
    let mut inner = json!({ "type": "Create", "object": uri });
    if !activity.is_empty() {
        add(&mut inner, "id", activity.into());
    }
    let id = format!("{}#refused-{}", group.uri, row.id);
    let mut body = activity::write("Reject", &id, &group.uri, inner, json!([author.uri]), json!([]));
    add(&mut body, "audience", group.uri.clone().into());
    add(&mut body, "summary", reason.into());
    Ok((body, to_account(author.id)))
}

/// A case that was taken back and that one server still has: said again by whoever said it first, the group where it is ours.
pub(super) async fn recalled(
    data: &FedData,
    who: &Account,
    row: &OutboxRow,
    id: PostId,
    host: HostId,
) -> Result<Option<(Value, Audience)>> {
    let post = posts::raw(&data.ctx, id).await?;
    let Some((group, _)) = groups::of_post(&data.ctx, &post).await? else { return Ok(None) };
    let activity_id = format!("{}#recall-{}", who.uri, row.id);
    let inner = deletion(who, &group, &post, &activity_id, post.uri.clone().into());
    let (body, _) = in_group(&group, post.visibility, &format!("{activity_id}-announce"), inner);
    Ok(Some((body, Audience { holders_of: Some(id), host: Some(host), ..Audience::default() })))
}

/// What a member of another server has sent to a group of ours, as it came. Who hears of it is for the group to say: what is not
/// for everybody goes to its members' servers alone, whatever the activity itself is addressed to.
pub(super) async fn handed_on(
    data: &FedData,
    group: &Account,
    row: &OutboxRow,
    activity: &str,
) -> Result<Option<(Value, Audience)>> {
    let inner: Value = serde_json::from_str(activity).map_err(|e| Error::Internal(e.into()))?;
    let post = match wire::value::id(&inner, "object") {
        Some(uri) => posts::by_uri(&data.ctx, uri).await?,
        None => None,
    };
    let about = post.as_ref().map(|post| post.id);
    let (copies_of, holders_of) = match wire::value::kind(&inner) {
        "Create" | "Update" => (about, None),
        "Delete" => (None, about),
        _ => (None, None),
    };
    let Some((_, how)) = groups::by_id(&data.ctx, group.id).await? else { return Ok(None) };
    let visibility = if how.kind == GroupKind::Open { Visibility::Public } else { Visibility::Group };
    let id = format!("{}#announce-{}", group.uri, row.id);
    let (body, audience) = in_group(group, visibility, &id, inner);
    // Of what was held its author's server alone knows.
    if let Some(post) = post.filter(|_| holders_of.is_some())
        && !groups::is_known(&data.ctx, &post).await?
    {
        return Ok(Some((body, to_account(post.author_id))));
    }
    Ok(Some((body, Audience { holders_of, copies_of, ..audience })))
}
