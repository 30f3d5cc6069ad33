//! Invitation links across servers: whoever holds a link of a group elsewhere finds the group by it, and it is honoured by the
//! group's own server when they ask to join.

use url::Url;

use super::{Wish, membership::BLOCKED, standing};
use crate::{
    crypto::token,
    error::{Error, Result},
    model::{Account, AccountId, Event, FollowState, GroupKind},
    policy::{Viewer, groups as policy, moderation},
    service::{Ctx, hosts, throttles, urls},
    store::{self, Conn},
    text::handle,
};

/// Longest code of a link that is asked about, in characters; ours have 43.
const MAX_CODE: usize = 100;

/// What an invitation link names: the server's address, the group's user name, and the code.
struct Link {
    origin: String,
    host: String,
    name: String,
    code: String,
}

impl Link {
    /// Reads `https://clinic.example/groups/cardio/join?code=…`; none for all else.
    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let segments: Vec<&str> = url.path_segments()?.collect();
        let ["groups", name, "join"] = segments.as_slice() else { return None };
        let name = handle::parse(name, "").filter(|handle| handle.host.is_none())?.username;
        let code = url.query_pairs().find(|(key, _)| key == "code")?.1.into_owned();
        let host = handle::host_of(&url)?;
        is_code(&code).then(|| Self { origin: url.origin().ascii_serialization(), host, name, code })
    }
}

/// Whether a text can be a code: nothing else becomes part of an address.
fn is_code(code: &str) -> bool {
    !code.is_empty() && code.len() <= MAX_CODE && code.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

/// The page here on which a pasted invitation link is used; none where the text is no such link. A group that is not known here
/// is asked for; [`Error::Forbidden`] where its server does not honour the link any more.
pub async fn page_of_link(ctx: &Ctx, viewer: &Viewer, text: &str) -> Result<Option<String>> {
    let Some(link) = Link::read(text) else { return Ok(None) };
    if link.host == ctx.config.instance.host() {
        return Ok(Some(format!("/groups/{}/join?code={}", link.name, link.code)));
    }
    moderation::require_account(viewer)?;
    allow(ctx, viewer).await?;
    let address = format!("{}/users/{}/invitations/{}", link.origin, link.name, link.code);
    if !works_there(ctx, &address).await? {
        return Err(Error::Forbidden("This invitation is over or spent. Ask the moderators for another one."));
    }
    Ok(Some(format!("/groups/{}@{}/join?code={}", link.name, link.host, link.code)))
}

/// Counts that somebody shows the code of a link of another server, before anything is looked up: that it becomes too much says
/// nothing of which groups are known here.
pub(super) async fn allow(ctx: &Ctx, viewer: &Viewer) -> Result<()> {
    match viewer.account() {
        Some(me) => throttles::allow(ctx, throttles::Act::Lookup, &me.to_string()).await,
        None => Ok(()),
    }
}

/// Whether whoever shows a code may know of a group by it. The group's own server is asked where it matters, once [`allow()`] has
/// let them; that it does not answer is no answer either: else it would tell that there is such a group.
pub(super) async fn by_code(ctx: &Ctx, viewer: &Viewer, group: &Account, code: &str) -> Result<bool> {
    if code.is_empty() {
        return Ok(false);
    }
    {
        let mut conn = ctx.pool.read().await?;
        if group.is_local() {
            return store::groups::works(&mut conn, group.id, &token::hash(code), ctx.now()).await;
        }
        let known = store::groups::find(&mut conn, group.id).await?.ok_or(Error::NotFound)?;
        let membership = standing(&mut conn, viewer, group.id).await?;
        let is_ours = moderation::require_account(viewer).is_ok();
        if policy::may_know(viewer, &known, membership, false) || !is_ours || !is_code(code) {
            return Ok(false);
        }
    }
    let asked = works_there(ctx, &format!("{}/invitations/{code}", group.uri)).await;
    Ok(asked.unwrap_or_else(|error| {
        tracing::info!(group = %group.id, %error, "a group elsewhere does not say whether a link works");
        false
    }))
}

/// Asks the server of a group whether a link works, which tells us of the group as well.
async fn works_there(ctx: &Ctx, address: &str) -> Result<bool> {
    let url = Url::parse(address).map_err(|_| Error::NotFound)?;
    match ctx.remote()?.invited(&url).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound | Error::Gone | Error::Remote { lasting: true, .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether another server is told of a group because somebody there holds a link; [`Error::NotFound`] where it is not.
pub async fn require_invited(ctx: &Ctx, viewer: &Viewer, group: &Account, code: &str) -> Result<()> {
    let Viewer::Remote { .. } = viewer else { return Err(Error::NotFound) };
    let mut conn = ctx.pool.read().await?;
    let known = store::groups::find(&mut conn, group.id).await?.ok_or(Error::NotFound)?;
    let works = known.kind != GroupKind::Local
        && store::groups::works(&mut conn, group.id, &token::hash(code), ctx.now()).await?;
    if works { Ok(()) } else { Err(Error::NotFound) }
}

/// One of ours asks to join a group of another server, of which they know or whose server honours the link that they hold. Whoever
/// does neither is not told that it is there: asking alone would let them know of it.
pub(super) async fn join_there(ctx: &Ctx, viewer: &Viewer, group: &Account, wish: Wish) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    if !wish.code.is_empty() {
        allow(ctx, viewer).await?;
    }
    let invited = by_code(ctx, viewer, group, &wish.code).await?;
    let mut tx = ctx.tx().await?;
    let known = store::groups::find(&mut tx, group.id).await?.ok_or(Error::NotFound)?;
    let membership = standing(&mut tx, viewer, group.id).await?;
    if !policy::may_know(viewer, &known, membership, invited) {
        return Err(Error::NotFound);
    }
    policy::require_practitioner(viewer, known.kind)?;
    if store::shuns::is_blocked(&mut tx, me, group.id).await? {
        return Err(Error::Forbidden(BLOCKED));
    }
    hosts::require_speaking(ctx, group.host.as_deref().unwrap_or_default()).await?;
    ask_there(ctx, &mut tx, me, group, wish).await?;
    tx.commit().await
}

/// Asks there, and shows the code of a link where they hold one. Whoever waits there for an answer asks again with it.
async fn ask_there(ctx: &Ctx, conn: &mut Conn, me: AccountId, group: &Account, wish: Wish) -> Result<()> {
    let uri = urls::fresh(ctx, &store::accounts::get(conn, me).await?.username, "follows");
    let is_new = store::follows::insert(conn, me, group.id, FollowState::Pending, &uri).await?;
    if !is_new {
        let known = store::follows::lock(conn, me, group.id).await?;
        let Some(waits) = known.filter(|follow| follow.state == FollowState::Pending && !wish.code.is_empty()) else {
            return Ok(());
        };
        store::follows::set_uri(conn, &waits, &uri).await?;
    }
    let asked = Event::Follow { target: group.id, uri, reason: wish.reason, invitation: wish.code };
    store::outbox::insert(conn, me, &asked).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::Link;

    #[test]
    fn only_an_invitation_link_is_read_as_one() {
        let link = Link::read(" https://clinic.example/groups/Cardio/join?code=aB-3_x ").unwrap();
        assert_eq!((link.origin.as_str(), link.host.as_str()), ("https://clinic.example", "clinic.example"));
        assert_eq!((link.name.as_str(), link.code.as_str()), ("cardio", "aB-3_x"));
        for text in [
            "@cardio@clinic.example",
            "https://clinic.example/groups/cardio",
            "https://clinic.example/groups/cardio/join",
            "https://clinic.example/groups/cardio/join?code=",
            "https://clinic.example/groups/cardio@other.example/join?code=aB",
            "https://clinic.example/groups/cardio/join?code=a%2Fb",
            "ftp://clinic.example/groups/cardio/join?code=aB",
        ] {
            assert!(Link::read(text).is_none(), "{text}");
        }
    }
}
