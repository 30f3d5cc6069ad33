//! One activity: what it means, what has to be fetched for it, and the deed that comes of it.

use activitypub_federation::{fetch::object_id::ObjectId, traits::Object};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::{post, thread};
use crate::{
    error::{Error, Result},
    federation::{
        FedData,
        objects::{self, RemoteActor, RemoteNote},
        tokens,
        wire::{self, value},
    },
    model::{Account, Group, GroupKind, OrderKind},
    service::{
        groups::{self, Wish},
        hosts,
        received::Receipt,
        remote::{self, Deed, RemotePost},
        urls,
    },
    text::handle,
};

/// Whose document has come within this time is not asked for it anew.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// Carries out an activity whose signature was found true when it came in.
pub(super) async fn carry_out(data: &FedData, receipt: &Receipt, actor: &str, body: &Value) -> Result<()> {
    let id = ObjectId::<RemoteActor>::parse(actor).map_err(|_| Error::refused("", "an actor that is no address"))?;
    let who = match id.dereference(data).await {
        Ok(who) if who.0.uri == actor => who.0,
        Ok(_) => return Err(Error::refused("", "the actor answers with somebody else")),
        // They left in the meantime: so does what they sent.
        Err(Error::Gone) => return drop_quietly(data, receipt, actor).await,
        Err(error) => return Err(error),
    };
    // What was allowed when it came may have been blocked since.
    if let Some(host) = who.host.as_deref()
        && !hosts::may_speak(&data.ctx, host).await?
    {
        return remote::apply(&data.ctx, receipt, &who, Deed::Nothing).await;
    }
    let deed = match ordered(data, &who, body).await? {
        Some(deed) => deed,
        None => meaning(data, &who, body).await?,
    };
    remote::apply(&data.ctx, receipt, &who, deed).await
}

async fn drop_quietly(data: &FedData, receipt: &Receipt, actor: &str) -> Result<()> {
    match remote::account_by_uri(&data.ctx, actor).await? {
        Some(who) => remote::apply(&data.ctx, receipt, &who, Deed::Nothing).await,
        None => Err(Error::Gone),
    }
}

async fn meaning(data: &FedData, who: &Account, body: &Value) -> Result<Deed> {
    let uri = value::text(body, "id").unwrap_or_default().to_owned();
    let object_id = value::id(body, "object").map(ToOwned::to_owned);
    let null = Value::Null;
    let object = body.get("object").unwrap_or(&null);
    Ok(match (value::kind(body), object_id) {
        ("Create", _) => match in_group(data, who, body, object).await? {
            Some(deed) => deed,
            None => created(data, who, object).await?,
        },
        ("Update", post) => change(data, updated(data, who, object).await?, post, body).await?,
        ("Delete", Some(target)) if target == who.uri => Deed::Leave,
        ("Delete", Some(target)) if on_host(&target, who) => {
            change(data, Deed::Delete { uri: target.clone() }, Some(target), body).await?
        }
        ("Follow", Some(target)) => {
            let code = value::bounded(value::text(body, "invitation").unwrap_or_default(), 100).to_owned();
            groups::look_at_host(&data.ctx, who, &target, &code).await?;
            look_at_proof(data, who, &target, &code).await?;
            // Without an id of its own a Follow is known by its two ends.
            let uri = if uri.is_empty() { format!("{}#follow-{target}", who.uri) } else { uri };
            Deed::Follow { target, uri, wish: Wish { reason: said(body, "content"), code } }
        }
        ("Accept", id) => {
            look_inside(data, who).await?;
            Deed::Accept { follow: id, follower: value::id(object, "actor").map(ToOwned::to_owned) }
        }
        ("Reject", id) => match refused_post(object) {
            Some(post) if urls::is_ours(&data.ctx, post) => {
                Deed::NotTaken { post: post.to_owned(), reason: said(body, "summary") }
            }
            Some(_) => Deed::Nothing,
            None => {
                let follower = value::id(object, "actor").map(ToOwned::to_owned);
                Deed::Reject { follow: id, follower, reason: said(body, "summary") }
            }
        },
        ("Like" | "EmojiReact", Some(post)) => Deed::Like { post, uri },
        ("Announce", Some(_)) => announced(data, who, body, object, uri).await?,
        ("TentativeAccept", Some(post)) if urls::is_ours(&data.ctx, &post) => Deed::Held { post },
        ("Add", Some(post)) if on_host(&post, who) && is_featured(body, who) => Deed::Pin { post },
        ("Remove", Some(post)) if on_host(&post, who) && is_featured(body, who) => Deed::Unpin { post },
        ("Block", Some(target)) if body.get("target").is_none() => Deed::Block { target, uri },
        ("Flag", _) => Deed::Flag {
            objects: value::ids(body, "object"),
            comment: value::text(body, "content").or(value::text(body, "summary")).unwrap_or_default().to_owned(),
            uri,
        },
        ("Undo", id) => undone(object, id),
        _ => Deed::Nothing,
    })
}

/// Once a group has let somebody of ours in, it tells us what is for its members. Where it does not answer now, that comes with its next
/// Update.
async fn look_inside(data: &FedData, who: &Account) -> Result<()> {
    if groups::by_uri(&data.ctx, &who.uri).await?.is_none_or(|(group, _)| group.is_local()) {
        return Ok(());
    }
    let id = ObjectId::<RemoteActor>::parse(&who.uri).map_err(|_| Error::refused("", "an actor that is no address"))?;
    if let Err(error) = id.dereference_forced(data).await {
        tracing::debug!(%error, "a group does not say what is for its members");
    }
    Ok(())
}

/// Where a group of ours would refuse somebody for what is not proven of them, their own server is asked for what is stated about them,
/// unless it was just now. Where it does not answer, what we know counts.
async fn look_at_proof(data: &FedData, who: &Account, group: &str, code: &str) -> Result<()> {
    let is_new = who.refreshed_at > data.ctx.now() - FRESH;
    if is_new || !groups::lacks_proof(&data.ctx, who, group, code).await? {
        return Ok(());
    }
    let id = ObjectId::<RemoteActor>::parse(&who.uri).map_err(|_| Error::refused("", "an actor that is no address"))?;
    if let Err(error) = id.dereference_forced(data).await {
        tracing::debug!(account = %who.id, %error, "what is stated about somebody cannot be asked for anew");
    }
    Ok(())
}

/// The post that is refused, where what is refused is the Create of one: whole, or by its id.
fn refused_post(object: &Value) -> Option<&str> {
    match object.as_str() {
        Some(id) => id.strip_suffix("/activity").or_else(|| id.rsplit_once("#create-").map(|(post, _)| post)),
        None if value::is(object, "Create") => value::id(object, "object"),
        None => None,
    }
}

/// A reason as it came, within bounds: it is cleaned where it is kept.
fn said(body: &Value, key: &str) -> String {
    value::bounded(value::text(body, key).unwrap_or_default(), 8_000).to_owned()
}

/// What somebody orders in a group of ours. Whether they lead it is found out where it is carried out; what somebody does to a
/// post of their own is no order.
async fn ordered(data: &FedData, who: &Account, body: &Value) -> Result<Option<Deed>> {
    let Some((named, order)) = wire::order::read(body) else { return Ok(None) };
    let Some((group, _)) = groups::meant(&data.ctx, named.as_deref(), &order).await? else { return Ok(None) };
    if !group.is_local() {
        return Ok(None);
    }
    if matches!(order.kind, OrderKind::RemovePost | OrderKind::Restore) {
        let post = remote::post_by_uri(&data.ctx, &order.object).await?;
        if post.is_none_or(|post| post.author_id == who.id) {
            return Ok(None);
        }
    }
    let activity = serde_json::to_string(body).map_err(|e| Error::Internal(e.into()))?;
    Ok(Some(Deed::Order { group: group.id, order, activity }))
}

/// Whether an Add or Remove is about the top of the actor's own page, rather than of a group's.
fn is_featured(body: &Value, who: &Account) -> bool {
    value::id(body, "target").is_some_and(|target| on_host(target, who) && target.contains("featured"))
        && body.get("audience").is_none()
}

fn on_host(address: &str, who: &Account) -> bool {
    let host = Url::parse(address).ok().and_then(|u| handle::host_of(&u));
    host.is_some() && host == who.host
}

async fn created(data: &FedData, who: &Account, object: &Value) -> Result<Deed> {
    if let Some((poll, choice)) = wire::note::vote(object) {
        let by_them = value::id(object, "attributedTo").is_none_or(|by| by == who.uri);
        let ours = by_them && urls::is_ours(&data.ctx, poll);
        return Ok(if ours { Deed::Vote { post: poll.to_owned(), choice: choice.to_owned() } } else { Deed::Nothing });
    }
    if let Some((case, ranks)) = wire::ranking::ballot(object) {
        let by_them = value::id(object, "attributedTo").is_none_or(|by| by == who.uri);
        return Ok(if by_them { Deed::Ballot { case: case.to_owned(), ranks } } else { Deed::Nothing });
    }
    if let Some(post) = post::believable(object, who, data) {
        if let Some(parent) = &post.reply_to {
            complete(data, parent).await;
        }
        return Ok(Deed::Create(Box::new(post)));
    }
    // Anything else is believed only from where it lives.
    let Some(id) = value::id_of(object).filter(|id| !urls::is_ours(&data.ctx, id)) else { return Ok(Deed::Nothing) };
    if wire::note::kind(object).is_none() && object.is_object() {
        return Ok(Deed::Nothing);
    }
    fetch(data, id).await?;
    Ok(Deed::Nothing)
}

/// The thread above a post. The post itself is never lost to the silence of another server: what is missing is asked
/// for again later (`service::threads`), and adopts its answers when it comes.
async fn complete(data: &FedData, parent: &str) {
    if let Err(error) = thread::above(data, parent).await {
        tracing::debug!(%error, "a thread stays incomplete for now");
    }
}

async fn fetch(data: &FedData, id: &str) -> Result<Option<RemoteNote>> {
    let id = ObjectId::<RemoteNote>::parse(id).map_err(|_| Error::refused("", "an id that is no address"))?;
    match id.dereference(data).await {
        Ok(found) => Ok(Some(found)),
        Err(Error::Gone | Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn updated(data: &FedData, who: &Account, object: &Value) -> Result<Deed> {
    if wire::actor::kind(object).is_some() || value::id_of(object) == Some(who.uri.as_str()) {
        // A word that the profile changed: it is read where it lives.
        if value::id_of(object) == Some(who.uri.as_str()) {
            ObjectId::<RemoteActor>::parse(&who.uri)
                .map_err(|_| Error::refused("", "an actor that is no address"))?
                .dereference_forced(data)
                .await?;
        }
        return Ok(Deed::Nothing);
    }
    if let Some((case, told)) = wire::ranking::result(object) {
        return Ok(Deed::Ranked { case: case.to_owned(), told });
    }
    if let Some((requests, posts)) = wire::waiting::read(object) {
        return Ok(Deed::Waiting { requests, posts, counted_at: value::time(object, "updated") });
    }
    if let Some(post) = post::believable(object, who, data) {
        return Ok(Deed::Update(Box::new(post)));
    }
    let Some(id) = value::id_of(object).filter(|id| on_host(id, who)) else { return Ok(Deed::Nothing) };
    let url = Url::parse(id).map_err(|_| Error::refused("", "an id that is no address"))?;
    let fetched = activitypub_federation::fetch::fetch_object_http::<_, Value>(&url, data).await?;
    RemoteNote::verify(&fetched.object, &fetched.url, data).await?;
    let (author, post) = objects::to_remote_post(&fetched.object, data, false).await?;
    Ok(if author.id == who.id { Deed::Update(Box::new(post)) } else { Deed::Nothing })
}

async fn announced(data: &FedData, who: &Account, body: &Value, object: &Value, uri: String) -> Result<Deed> {
    let wrapped = object.is_object() && wire::note::kind(object).is_none();
    if wrapped {
        return handed_on(data, who, object).await;
    }
    let Some(post) = value::id_of(object).map(ToOwned::to_owned) else { return Ok(Deed::Nothing) };
    if !urls::is_ours(&data.ctx, &post) && fetch(data, &post).await?.is_none() {
        return Ok(Deed::Nothing);
    }
    if uri.is_empty() || !on_host(&uri, who) {
        return Ok(Deed::Nothing);
    }
    let at = value::time(body, "published").unwrap_or_else(|| data.ctx.now());
    Ok(Deed::Boost { post, uri, at })
}

/// A new post in a group of ours, by its author.
async fn in_group(data: &FedData, who: &Account, body: &Value, object: &Value) -> Result<Option<Deed>> {
    let Some(uri) = value::id(object, "audience") else { return from_outside(data, who, body, object).await };
    if !urls::is_ours(&data.ctx, uri) {
        return Ok(None);
    }
    let Some((group, _)) = groups::by_uri(&data.ctx, uri).await? else { return Ok(Some(Deed::Nothing)) };
    let Some(post) = post::believable(object, who, data) else { return Ok(Some(Deed::Nothing)) };
    let activity = serde_json::to_string(body).map_err(|e| Error::Internal(e.into()))?;
    let post = RemotePost { group: Some(group.id), ..as_addressed(post, body) };
    Ok(Some(Deed::Post { post: Box::new(post), activity }))
}

/// A post, at least as wide as the activity that it came in: the group hands that on as it came.
fn as_addressed(post: RemotePost, body: &Value) -> RemotePost {
    let around = wire::audience::read(body, None);
    let visibility = if post.visibility.is_open() || !around.is_open() { post.visibility } else { around };
    RemotePost { visibility, ..post }
}

/// A new post for everybody by software that knows no groups, which names an open group of ours or answers in one.
async fn from_outside(data: &FedData, who: &Account, body: &Value, object: &Value) -> Result<Option<Deed>> {
    let read = post::believable(object, who, data).filter(|post| post.visibility.is_open());
    let Some(read) = read else { return Ok(None) };
    let mut named = post::named(object);
    named.retain(|uri| urls::is_ours(&data.ctx, uri));
    if named.is_empty() && read.reply_to.is_none() {
        return Ok(None);
    }
    let group = groups::open_for(&data.ctx, &named, read.reply_to.as_deref()).await?;
    if group.is_none() {
        return Ok(None);
    }
    let activity = serde_json::to_string(body).map_err(|e| Error::Internal(e.into()))?;
    Ok(Some(Deed::Outside { post: Box::new(RemotePost { group, ..read }), activity }))
}

/// A change of a post that may be in a group of ours, which hands it on.
async fn change(data: &FedData, deed: Deed, post: Option<String>, body: &Value) -> Result<Deed> {
    let Some(post) = post else { return Ok(deed) };
    let known = remote::post_by_uri(&data.ctx, &post).await?;
    // Other words for what a group of ours has not taken: it comes as new, if it comes again.
    let is_ours = |uri: &str| urls::is_ours(&data.ctx, uri);
    if known.is_none()
        && matches!(deed, Deed::Update(_))
        && body.get("object").and_then(|object| value::id(object, "audience")).is_some_and(is_ours)
    {
        return Ok(Deed::Nothing);
    }
    if known.is_none_or(|post| post.group_id.is_none()) {
        return Ok(deed);
    }
    let activity = serde_json::to_string(body).map_err(|e| Error::Internal(e.into()))?;
    let deed = match deed {
        Deed::Update(post) => Deed::Update(Box::new(as_addressed(*post, body))),
        other => other,
    };
    Ok(Deed::Change { deed: Box::new(deed), post, activity })
}

/// What a group hands on (FEP-1b12). Its signature proves that the group did, and nothing of whom it speaks of: posts are
/// read where they live.
async fn handed_on(data: &FedData, group: &Account, object: &Value) -> Result<Deed> {
    let Some(inner) = value::id(object, "object") else { return Ok(Deed::Nothing) };
    // What a group removes from itself is gone from it, whether a moderator or the author said so; and who leads it, who is kept
    // out of it and what is discussed in it no more, it says itself.
    if let Some((named, order)) = wire::order::read(object) {
        let meant = groups::meant(&data.ctx, named.as_deref(), &order).await?;
        let its_own = meant.is_some_and(|(meant, _)| meant.id == group.id);
        let by = value::id(object, "actor").map(ToOwned::to_owned);
        return Ok(if its_own { Deed::Told { order, by } } else { Deed::Nothing });
    }
    match value::kind(object) {
        "Create" | "Update" if urls::is_ours(&data.ctx, inner) => {
            return Ok(Deed::Shown { post: inner.to_owned(), as_of: written_at(object) });
        }
        "Create" | "Update" if !urls::is_ours(&data.ctx, inner) => {}
        _ => return Ok(Deed::Nothing),
    }
    let place = groups::by_uri(&data.ctx, &group.uri).await?;
    let place = match (&place, object.get("object").filter(|told| told.is_object())) {
        (Some(place), Some(told)) if belongs(data, place, told).await? => place,
        (Some(place), None) if place.1.kind != GroupKind::Open => place,
        _ => {
            fetch(data, inner).await?;
            return Ok(Deed::Nothing);
        }
    };
    let Some((author, post)) = said_in(data, place, inner).await? else { return Ok(Deed::Nothing) };
    let stored = remote::post_by_uri(&data.ctx, &post.uri).await?;
    if stored.is_some_and(|stored| stored.group_id.is_some()) {
        remote::refreshed(&data.ctx, author.id, post).await?;
    } else {
        groups::handed_on(&data.ctx, group, post).await?;
    }
    Ok(Deed::Nothing)
}

/// A post of which a group of another server says that it is in it, as its own server tells it, and its author; none where it is
/// gone, is not for us, or says itself that it is not in that group.
pub(super) async fn said_in(
    data: &FedData,
    place: &(Account, Group),
    uri: &str,
) -> Result<Option<(Account, RemotePost)>> {
    let url = Url::parse(uri).map_err(|_| Error::refused("", "an id that is no address"))?;
    let asked = activitypub_federation::fetch::fetch_object_http::<_, Value>(&url, data);
    let fetched = match tokens::in_group(Some(place), uri, asked).await {
        Ok(fetched) => fetched,
        Err(error) => match Error::from(error) {
            Error::NotFound | Error::Gone => return Ok(None),
            other => return Err(other),
        },
    };
    RemoteNote::verify(&fetched.object, &fetched.url, data).await?;
    if !belongs(data, place, &fetched.object).await? {
        return Ok(None);
    }
    objects::to_remote_post(&fetched.object, data, false).await.map(Some)
}

/// When the words of the post were written that an activity tells; none where it says no more than which post it is.
fn written_at(activity: &Value) -> Option<DateTime<Utc>> {
    let post = activity.get("object")?;
    value::time(post, "updated").or_else(|| value::time(post, "published"))
}

/// Whether a post that a group hands on says that it is in it. Software that knows no groups says so by naming an open one, or
/// by what it answers.
async fn belongs(data: &FedData, (group, how): &(Account, Group), post: &Value) -> Result<bool> {
    if let Some(audience) = value::id(post, "audience") {
        return Ok(audience == group.uri);
    }
    if how.kind != GroupKind::Open {
        return Ok(false);
    }
    if post::named(post).contains(&group.uri) {
        return Ok(true);
    }
    let Some(parent) = value::id(post, "inReplyTo") else { return Ok(false) };
    let parent = remote::post_by_uri(&data.ctx, parent).await?;
    Ok(parent.is_some_and(|parent| parent.group_id == Some(group.id)))
}

fn undone(object: &Value, id: Option<String>) -> Deed {
    let inner = value::id(object, "object").map(ToOwned::to_owned);
    match (value::kind(object), inner) {
        ("Follow", Some(target)) => Deed::Unfollow { target },
        ("Like" | "EmojiReact", post) => Deed::Unlike { like: id, post },
        ("Announce", post) => Deed::Unboost { boost: id, post },
        ("Block", target) => Deed::Unblock { block: id, target },
        // Only the id was sent: whatever of theirs has it is taken back.
        ("", _) => id.map_or(Deed::Nothing, |uri| Deed::Undo { uri }),
        _ => Deed::Nothing,
    }
}
