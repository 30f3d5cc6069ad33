//! Events as documents with their audience.

use activitypub_federation::traits::Object;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{in_group, lead, ranking};
use crate::{
    crypto::proof,
    error::{Error, Result},
    federation::{
        FedData,
        objects::RemoteActor,
        wire::{self, activity, actor::stamp, audience, case, interests, note, source, struck, topic},
    },
    model::{Account, AccountId, AccountKind, Event, GroupKind, OutboxRow, Post, PostId, Visibility},
    service::{
        cases, groups, keys,
        outbox::{self, Audience},
        posts, remote, sources, urls,
    },
};

/// The document of an event and who is to get it; none where there is nothing (any more) to tell.
pub(super) async fn event(data: &FedData, row: &OutboxRow, event: &Event) -> Result<Option<(Value, Audience)>> {
    let who = remote::account(&data.ctx, row.account_id).await?;
    Ok(match event {
        Event::Create { post, again } => {
            let edition = again.then_some(row.id.0);
            told(data, &who, *post, "Create", edition).await?
        }
        Event::Update { post } | Event::PollCounts { post } => {
            told(data, &who, *post, "Update", Some(row.id.0)).await?
        }
        Event::Delete { post } => Some(deleted(data, &who, *post).await?),
        Event::Boost { boost } => boosted(data, &who, *boost, None).await?,
        Event::Unboost { boost } => boosted(data, &who, *boost, Some(row.id.0)).await?,
        Event::Like { post, uri } => Some(liked(data, &who, *post, uri, None).await?),
        Event::Unlike { post, uri } => Some(liked(data, &who, *post, uri, Some(row.id.0)).await?),
        Event::Follow { target, uri, reason, invitation } => {
            let target = remote::account(&data.ctx, *target).await?;
            let mut body = activity::follow(uri, &who.uri, &target.uri);
            add(&mut body, "@context", activity::context());
            add(&mut body, "to", json!([target.uri]));
            because(&mut body, "content", reason);
            because(&mut body, "invitation", invitation);
            Some((body, to_account(target.id)))
        }
        Event::Unfollow { target, uri } => {
            let target = remote::account(&data.ctx, *target).await?;
            let inner = activity::follow(uri, &who.uri, &target.uri);
            Some((wrap("Undo", &who, row, inner, &target), to_account(target.id)))
        }
        Event::Accept { follower, uri } => Some(answered(data, "Accept", &who, row, *follower, uri).await?),
        Event::Reject { follower, uri, reason } => {
            let (mut body, audience) = answered(data, "Reject", &who, row, *follower, uri).await?;
            because(&mut body, "summary", reason);
            Some((body, audience))
        }
        Event::Vote { post, place } => voted(data, &who, *post, *place).await?,
        Event::Ballot { post, ranks } => ranking::ballot(data, &who, row, *post, ranks).await?,
        Event::Ranked { post } => ranking::result(data, row, *post).await?,
        Event::Pin { post } => featured(data, &who, row, *post, "Add").await?,
        Event::Unpin { post } => featured(data, &who, row, *post, "Remove").await?,
        Event::Block { target, uri } => Some(blocked(data, &who, *target, uri, None).await?),
        Event::Unblock { target, uri } => Some(blocked(data, &who, *target, uri, Some(row.id.0)).await?),
        Event::Flag { target, posts, comment, uri } => Some(flagged(data, &who, *target, posts, comment, uri).await?),
        Event::HandOn { activity, .. } => in_group::handed_on(data, &who, row, activity).await?,
        Event::Held { post } => in_group::held(data, &who, row, *post).await?,
        Event::Refuse { author, uri, activity, reason } => {
            Some(in_group::refused(data, &who, row, *author, (uri, activity), reason).await?)
        }
        Event::Remove { post, reason } => Some(in_group::removed(data, &who, row, *post, reason).await?),
        Event::Recall { post, host } => in_group::recalled(data, &who, row, *post, *host).await?,
        Event::Order { group, by, order } => lead::order(data, row, *group, *by, order).await?,
        Event::Report { group, posts, comment, uri, to } => {
            lead::report(data, &who, (*group, posts), (uri, comment), to).await?
        }
        Event::Waiting => lead::waiting(data, &who, row).await?,
        Event::Profile => Some(profile(data, &who, row).await?),
        Event::Leave => {
            let id = format!("{}#delete", who.uri);
            let body =
                activity::write("Delete", &id, &who.uri, who.uri.clone().into(), json!([wire::PUBLIC]), json!([]));
            Some((body, Audience { everyone: true, ..Audience::default() }))
        }
    })
}

pub(super) fn to_account(id: AccountId) -> Audience {
    Audience { accounts: vec![id], ..Audience::default() }
}

/// A reason, or what else may be said, where there is one.
fn because(body: &mut Value, key: &str, reason: &str) {
    if !reason.is_empty() {
        add(body, key, reason.into());
    }
}

pub(super) fn add(body: &mut Value, key: &str, value: Value) {
    if let Some(body) = body.as_object_mut() {
        body.insert(key.to_owned(), value);
    }
}

fn wrap(kind: &str, who: &Account, row: &OutboxRow, inner: Value, to: &Account) -> Value {
    let id = format!("{}#{}-{}", who.uri, kind.to_lowercase(), row.id);
    activity::write(kind, &id, &who.uri, inner, json!([to.uri]), json!([]))
}

async fn answered(
    data: &FedData,
    kind: &str,
    who: &Account,
    row: &OutboxRow,
    follower: AccountId,
    uri: &str,
) -> Result<(Value, Audience)> {
    let follower = remote::account(&data.ctx, follower).await?;
    let inner = activity::follow(uri, &follower.uri, &who.uri);
    Ok((wrap(kind, who, row, inner, &follower), to_account(follower.id)))
}

/// A post of ours as a document, and its author.
pub(in crate::federation) struct PostDocument {
    /// The Note.
    pub(in crate::federation) note: Value,
    /// Who wrote it.
    pub(in crate::federation) author: Account,
}

/// Writes a post of ours.
pub(in crate::federation) async fn post_document(data: &FedData, post: &Post) -> Result<PostDocument> {
    let author = remote::account(&data.ctx, post.author_id).await?;
    let (mentions, tags) = outbox::post_parts(&data.ctx, post.id).await?;
    let instance = &data.ctx.config.instance;
    let (origin, host) = (instance.origin(), instance.host());
    let (pictures, poll) = outbox::post_extras(&data.ctx, post).await?;
    let group = groups::of_post(&data.ctx, post).await?.map(|(group, _)| group);
    let parts = note::Parts {
        author: &author,
        group: group.as_ref(),
        mentions: &mentions,
        tags: &tags,
        media: &pictures,
        poll: poll.as_ref(),
        now: data.ctx.now(),
        origin: &origin,
        host: &host,
    };
    let mut note = note::write(post, &parts);
    if let Some(context) = groups::context_of(&data.ctx, post).await? {
        add(&mut note, "context", context.into());
    }
    case::add_label(&mut note, &post.label);
    topic::add(&mut note, &post.topic);
    if let Some((told, consent)) = cases::wire_parts(&data.ctx, post).await? {
        let answer = match told.answer_id {
            Some(id) => Some(posts::raw(&data.ctx, id).await?).filter(|answer| answer.deleted_at.is_none()),
            None => None,
        };
        case::add(&mut note, &told, consent.as_ref(), answer.as_ref().map(|answer| answer.uri.as_str()));
    }
    interests::add(&mut note, &post.interests);
    source::add(&mut note, &sources::of_post(&data.ctx, post).await?);
    struck::add(&mut note, &posts::struck(&data.ctx, post).await?);
    Ok(PostDocument { note, author })
}

async fn told(
    data: &FedData,
    who: &Account,
    id: PostId,
    kind: &str,
    edition: Option<i64>,
) -> Result<Option<(Value, Audience)>> {
    let post = posts::raw(&data.ctx, id).await?;
    // What waits for a moderator by now is told once it is let go.
    if post.deleted_at.is_some() || !post.held.is_told() {
        return Ok(None);
    }
    if let Some((group, _)) = groups::of_post(&data.ctx, &post).await? {
        return in_group::told(data, &group, &post, kind, edition).await.map(Some);
    }
    let document = post_document(data, &post).await?;
    let (to, cc) = addresses(&document.note);
    let activity_id = match edition {
        None => format!("{}/activity", post.uri),
        Some(n) => format!("{}#update-{n}", post.uri),
    };
    let mut body = activity::write(kind, &activity_id, &who.uri, document.note, to, cc);
    add(&mut body, "published", stamp(post.edited_at.unwrap_or(post.published_at)).into());
    struck::add_term(&mut body, &urls::practitioner_terms(&data.ctx));
    if post.visibility.is_open() {
        prove(data, who, &mut body).await?;
    }
    let followers_of = (post.visibility != Visibility::Direct).then_some(who.id);
    // An edit also goes to whoever took part: they hold a copy.
    let touched_by = edition.filter(|_| post.visibility.is_open()).map(|_| post.id);
    let closed = post.visibility == Visibility::Followers;
    Ok(Some((body, Audience { followers_of, closed, mentioned_in: Some(post.id), touched_by, ..Audience::default() })))
}

pub(super) fn addresses(note: &Value) -> (Value, Value) {
    let part = |key: &str| note.get(key).cloned().unwrap_or_else(|| json!([]));
    (part("to"), part("cc"))
}

async fn deleted(data: &FedData, who: &Account, id: PostId) -> Result<(Value, Audience)> {
    let post = posts::raw(&data.ctx, id).await?;
    if let Some((group, _)) = groups::of_post(&data.ctx, &post).await? {
        return in_group::deleted(data, &group, &post).await;
    }
    let (mentions, _) = outbox::post_parts(&data.ctx, id).await?;
    let followers = who.followers_uri.clone().unwrap_or_default();
    let (to, cc) = audience::write(post.visibility, &followers, mentions.into_iter().map(|m| m.1).collect());
    let mut tombstone = note::write_tombstone(&post.uri, post.deleted_at);
    if let Some(tombstone) = tombstone.as_object_mut() {
        tombstone.remove("@context");
    }
    let body = activity::write("Delete", &format!("{}#delete", post.uri), &who.uri, tombstone, json!(to), json!(cc));
    let followers_of = (post.visibility != Visibility::Direct).then_some(who.id);
    Ok((body, Audience { followers_of, mentioned_in: Some(id), touched_by: Some(id), ..Audience::default() }))
}

async fn boosted(data: &FedData, who: &Account, id: PostId, undo: Option<i64>) -> Result<Option<(Value, Audience)>> {
    let boost = posts::raw(&data.ctx, id).await?;
    let Some(original) = boost.boost_of_id else { return Ok(None) };
    if undo.is_none() && boost.deleted_at.is_some() {
        return Ok(None);
    }
    let original = posts::raw(&data.ctx, original).await?;
    let author = remote::account(&data.ctx, original.author_id).await?;
    let followers = who.followers_uri.clone().unwrap_or_default();
    let (to, mut cc) = audience::write(boost.visibility, &followers, vec![]);
    cc.push(author.uri.clone());
    let mut body = activity::write("Announce", &boost.uri, &who.uri, original.uri.clone().into(), json!(to), json!(cc));
    add(&mut body, "published", stamp(boost.published_at).into());
    if let Some(n) = undo {
        let inner = without_context(body);
        body = activity::write("Undo", &format!("{}#undo-{n}", boost.uri), &who.uri, inner, json!(to), json!(cc));
    }
    let audience = Audience { followers_of: Some(who.id), accounts: vec![author.id], ..Audience::default() };
    Ok(Some((body, audience)))
}

pub(super) fn without_context(mut body: Value) -> Value {
    if let Some(body) = body.as_object_mut() {
        body.remove("@context");
    }
    body
}

async fn liked(data: &FedData, who: &Account, post: PostId, uri: &str, undo: Option<i64>) -> Result<(Value, Audience)> {
    let post = posts::raw(&data.ctx, post).await?;
    let author = remote::account(&data.ctx, post.author_id).await?;
    let mut body = activity::write("Like", uri, &who.uri, post.uri.into(), json!([author.uri]), json!([]));
    if let Some(n) = undo {
        let inner = without_context(body);
        body = activity::write("Undo", &format!("{uri}#undo-{n}"), &who.uri, inner, json!([author.uri]), json!([]));
    }
    Ok((body, to_account(author.id)))
}

/// A post on top of its author's page, or no longer.
async fn featured(
    data: &FedData,
    who: &Account,
    row: &OutboxRow,
    post: PostId,
    kind: &str,
) -> Result<Option<(Value, Audience)>> {
    let post = posts::raw(&data.ctx, post).await?;
    let followers = json!([who.followers_uri.clone().unwrap_or_default()]);
    let id = format!("{}#{}-{}", who.uri, kind.to_lowercase(), row.id);
    let mut body = activity::write(kind, &id, &who.uri, post.uri.into(), json!([wire::PUBLIC]), followers);
    add(&mut body, "target", format!("{}/featured", who.uri).into());
    Ok(Some((body, Audience { followers_of: Some(who.id), ..Audience::default() })))
}

async fn blocked(
    data: &FedData,
    who: &Account,
    target: AccountId,
    uri: &str,
    undo: Option<i64>,
) -> Result<(Value, Audience)> {
    let target = remote::account(&data.ctx, target).await?;
    let mut body = activity::write("Block", uri, &who.uri, target.uri.clone().into(), json!([target.uri]), json!([]));
    if let Some(n) = undo {
        let inner = without_context(body);
        body = activity::write("Undo", &format!("{uri}#undo-{n}"), &who.uri, inner, json!([target.uri]), json!([]));
    }
    Ok((body, to_account(target.id)))
}

/// From the instance itself: who reported is not told. Of the posts only those that the other server wrote itself are
/// named; one that is gone from here is left out.
async fn flagged(
    data: &FedData,
    who: &Account,
    target: AccountId,
    named: &[PostId],
    comment: &str,
    uri: &str,
) -> Result<(Value, Audience)> {
    let target = remote::account(&data.ctx, target).await?;
    let mut objects = vec![target.uri.clone()];
    for post in named {
        match posts::raw(&data.ctx, *post).await {
            Ok(post) if post.author_id == target.id && !post.local => objects.push(post.uri),
            Ok(_) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    let mut body = activity::write("Flag", uri, &who.uri, json!(objects), json!([target.uri]), json!([]));
    add(&mut body, "content", comment.into());
    Ok((body, to_account(target.id)))
}

/// A choice, told to the author's server alone.
async fn voted(data: &FedData, who: &Account, post: PostId, place: i16) -> Result<Option<(Value, Audience)>> {
    let post = posts::raw(&data.ctx, post).await?;
    let author = remote::account(&data.ctx, post.author_id).await?;
    let (_, poll) = outbox::post_extras(&data.ctx, &post).await?;
    let choice = poll.as_ref().zip(usize::try_from(place).ok()).and_then(|(poll, place)| poll.options.get(place));
    let Some(choice) = choice else { return Ok(None) };
    let id = format!("{}/votes/{}/{place}", who.uri, post.id);
    let vote = note::write_vote(&id, &who.uri, &post, &author.uri, &choice.title);
    let body = activity::write("Create", &format!("{id}/activity"), &who.uri, vote, json!([author.uri]), json!([]));
    Ok(Some((body, to_account(author.id))))
}

/// An account anew, as its own address shows it. That of a group which is not open is for the servers of its members alone, and
/// gets no proof.
async fn profile(data: &FedData, who: &Account, row: &OutboxRow) -> Result<(Value, Audience)> {
    let actor = without_context(RemoteActor::new(who.clone())?.into_json(data).await?);
    let id = format!("{}#update-{}", who.uri, row.id);
    if who.kind == AccountKind::Group
        && groups::by_id(&data.ctx, who.id).await?.is_none_or(|(_, how)| how.kind != GroupKind::Open)
    {
        let followers = json!([who.followers_uri.clone().unwrap_or_default()]);
        let body = activity::write("Update", &id, &who.uri, actor, followers, json!([]));
        return Ok((body, Audience { followers_of: Some(who.id), closed: true, ..Audience::default() }));
    }
    let mut body = activity::write("Update", &id, &who.uri, actor, json!([wire::PUBLIC]), json!([]));
    prove(data, who, &mut body).await?;
    // Whoever checks what the institution has signed hears of its keys, whether anybody there follows it or not.
    let everyone = who.kind == AccountKind::Organization;
    // So do the groups that go by what is verified of somebody.
    let accounts = groups::joined_elsewhere(&data.ctx, who.id).await?;
    Ok((body, Audience { followers_of: Some(who.id), everyone, accounts, ..Audience::default() }))
}

/// Puts an integrity proof (FEP-8b32) on what is public. What is not public never gets one: it could be proven real
/// for ever.
pub(super) async fn prove(data: &FedData, who: &Account, body: &mut Value) -> Result<()> {
    // The Ed25519 keys of the institution sign what it has verified, and nothing else.
    if who.kind == AccountKind::Organization {
        return Ok(());
    }
    let (key_id, key) = keys::proof_key(&data.ctx, who.id).await?;
    let now: DateTime<Utc> = data.ctx.now();
    proof::add_proof(body, &key, &key_id, now).map_err(|e| Error::Internal(e.into()))
}
