//! Names that could be taken for a verified colleague's, and signs in names that could be taken for a badge: the
//! moderators are told, in the name of the house.

use super::{Ctx, urls};
use crate::{
    error::Result,
    model::{AccountId, NotificationKind},
    store::{self, Conn, reports::NewReport},
    text,
};

/// Most reports that one name gives rise to.
const MOST: i64 = 20;
/// Names from before names were looked at, that are looked at in one go.
const AT_ONCE: i64 = 200;

/// Looks at names from before names were looked at, some at a time; returns how many those were.
pub(super) async fn catch_up(ctx: &Ctx) -> Result<usize> {
    let mut tx = ctx.tx().await?;
    let unseen = store::likeness::lock_unseen(&mut tx, AT_ONCE).await?;
    if unseen.is_empty() {
        tx.roll_back().await?;
        return Ok(0);
    }
    let skeletons = unseen.iter().map(|(_, name)| text::skeleton(name)).collect();
    let people: Vec<AccountId> = unseen.into_iter().map(|(who, _)| who).collect();
    let seen = store::likeness::put_skeletons(&mut tx, people.clone(), skeletons).await?;
    for who in store::likeness::alike_among(&mut tx, people.clone(), ctx.now()).await? {
        look_at(ctx, &mut tx, who).await?;
    }
    for verified in store::peers::verified_among(&mut tx, &people, ctx.now()).await? {
        look_for(ctx, &mut tx, verified).await?;
    }
    tx.commit().await?;
    Ok(seen)
}

/// Somebody has a name now: one that looks like that of somebody who is verified is reported, where that is not so
/// already and they are not verified under it themselves.
pub(super) async fn look_at(ctx: &Ctx, conn: &mut Conn, who: AccountId) -> Result<()> {
    for (known, handle) in store::likeness::verified_like(conn, who, ctx.now(), MOST).await? {
        let uri = pair(ctx, who, known);
        if !store::likeness::is_reported(conn, who, &uri, true).await? {
            report(conn, who, looks_like(&handle), uri).await?;
        }
    }
    Ok(())
}

/// Somebody is verified now: those who had such a name before are reported, where nobody has looked at the pair yet.
pub(super) async fn look_for(ctx: &Ctx, conn: &mut Conn, verified: AccountId) -> Result<()> {
    for (who, handle) in store::likeness::unverified_like(conn, verified, ctx.now(), MOST).await? {
        let uri = pair(ctx, who, verified);
        if !store::likeness::is_reported(conn, who, &uri, false).await? {
            report(conn, who, looks_like(&handle), uri).await?;
        }
    }
    Ok(())
}

/// Somebody's name, as they sent it, wore a sign that looks like a badge. With `afresh` it is reported although an
/// earlier report on it was closed.
pub(super) async fn marked(ctx: &Ctx, conn: &mut Conn, who: AccountId, afresh: bool) -> Result<()> {
    let uri = format!("{}#reports/badge-in-name/{who}", urls::instance_actor(ctx));
    if store::likeness::is_reported(conn, who, &uri, afresh).await? {
        return Ok(());
    }
    let words = "The name carried a mark that looks like a badge; it is not shown.".to_owned();
    report(conn, who, words, uri).await
}

/// The id of the report on a pair: the same each time, so that it is found again.
fn pair(ctx: &Ctx, who: AccountId, verified: AccountId) -> String {
    format!("{}#reports/look-alike/{who}/{verified}", urls::instance_actor(ctx))
}

fn looks_like(handle: &str) -> String {
    format!("The name looks like that of @{handle}, who is verified.")
}

async fn report(conn: &mut Conn, target: AccountId, comment: String, uri: String) -> Result<()> {
    let (posts, readable, category) = (Vec::new(), Vec::new(), "other");
    let new = NewReport { reporter: None, target, posts, readable, comment, category, forwarded: false, uri };
    let id = store::reports::insert(conn, &new).await?;
    store::reports::tell_moderators(conn, NotificationKind::Report, target).await?;
    tracing::info!(report = %id, target = %target, "a name was reported");
    Ok(())
}
