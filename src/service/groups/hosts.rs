//! Servers whose people may belong to a group of ours. What a server runs is asked again and again; the members who are at one
//! that a group does not admit have no access for as long as that is so, and whoever leads the group is told why.

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};

use super::{leading, require_led, seekers::asked_for};
use crate::{
    error::Result,
    model::{Account, AccountId, GroupDeed, Host, HostBar, HostId, NotificationKind},
    policy::{Viewer, groups as policy, hosts::speaking_states},
    service::Ctx,
    store::{self, Conn, groups::KeptOut},
    text::sanitize,
};

/// What a server runs is asked again after so long, and sooner where it has not answered.
const EVERY: TimeDelta = TimeDelta::hours(24);
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// What it has said just now is not asked again because somebody there wants to join.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// How long a process has for the servers that it took to ask, how many these are, and how many are asked at once.
const LEASE: TimeDelta = TimeDelta::minutes(10);
const LOOKS: i64 = 64;
const AT_ONCE: usize = 8;
/// The longest name of a program.
const LONGEST: usize = 60;
/// Most servers of which it is written down, when somebody there is refused, that a group does not admit them: names out of the
/// air do not bury what else its members read in the log.
const NOTED: i64 = 100;

/// Asks the server of somebody who wants to join a group of ours what it runs, where the group depends on that and it has not just
/// been asked. It is asked before a transaction begins.
pub async fn look_at_host(ctx: &Ctx, who: &Account, group_uri: &str, code: &str) -> Result<()> {
    let group = asked_for(ctx, who, group_uri, code).await?.filter(|group| group.kind.chooses_hosts());
    let Some(host) = who.host.as_deref().filter(|_| group.is_some()) else { return Ok(()) };
    let known = store::hosts::find(&mut *ctx.pool.get().await?, host).await?;
    let now = ctx.now();
    let is_asked = known.is_some_and(|known| {
        known.software_at.is_some_and(|at| at > now - FRESH)
            || known.software.is_empty() && known.software_due_at.is_some_and(|at| at > now)
    });
    if is_asked { Ok(()) } else { ask_host(ctx, host).await }
}

/// Asks what servers run whose turn it is; returns how many.
pub(in crate::service) async fn look_at_due(ctx: &Ctx) -> Result<usize> {
    let (now, states) = (ctx.now(), speaking_states(ctx.config.federation.mode));
    let due = store::hosts::claim_software(&mut *ctx.pool.get().await?, now, now + LEASE, states, LOOKS).await?;
    let count = due.len();
    let looks = due.into_iter().map(|name| {
        let ctx = ctx.clone();
        async move { ask_host(&ctx, &name).await }
    });
    let ends: Vec<Result<()>> = stream::iter(looks.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).collect().await;
    ends.into_iter().collect::<Result<()>>()?;
    Ok(count)
}

/// Asks a server what it runs. Where it does not answer, what it said before counts for as long as what waits for a silent server
/// is kept; then it keeps nothing that we know of.
pub(super) async fn ask_host(ctx: &Ctx, name: &str) -> Result<()> {
    let said = ctx.remote()?.software(name).await;
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let Some(host) = store::hosts::find_locked(&mut tx, name).await? else { return tx.roll_back().await };
    match said {
        Ok(software) => {
            let software = sanitize::line(&software, LONGEST).to_lowercase();
            store::hosts::said_software(&mut tx, host.id, &software, now, now + EVERY).await?;
        }
        Err(error) => {
            tracing::info!(host = %host.id, %error, "a server does not say what it runs");
            let stale = now - TimeDelta::hours(ctx.config.worker.give_up_hours);
            store::hosts::kept_silent(&mut tx, host.id, stale, now + AGAIN).await?;
        }
    }
    reconsider(ctx, &mut tx, host.id).await?;
    tx.commit().await
}

/// What a server is to us may have changed: its people in groups of ours that do not admit it have no access from now on, those
/// in groups that do have it again, and whoever leads these groups is told.
pub(in crate::service) async fn reconsider(ctx: &Ctx, conn: &mut Conn, id: HostId) -> Result<()> {
    store::groups::lock_joined_from(conn, id).await?;
    let host = store::hosts::get(conn, id).await?;
    for (group, kind) in store::groups::concerned_by(conn, id).await? {
        if let Some(bar) = policy::bar(kind, &host.software, host.trust) {
            let members = store::groups::bar_members(conn, group, id).await?;
            // Of a server whose people are no members yet it is told once one of them is refused.
            note(ctx, conn, group, (&host, bar), if members > 0 { i64::MAX } else { 0 }).await?;
        } else {
            let back = store::groups::readmit_members(conn, group, id).await?;
            if store::groups::delete_host(conn, group, id).await? || back > 0 {
                tell(ctx, conn, group, GroupDeed::AdmitHost, &format!("{} is admitted.", host.name)).await?;
            }
        }
    }
    Ok(())
}

/// Somebody is refused for the sake of their server: whoever leads the group is told, once for each server.
pub(super) async fn note_refusal(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    host: &Host,
    bar: HostBar,
) -> Result<()> {
    note(ctx, conn, group, (host, bar), NOTED).await
}

/// Writes down that a group does not admit a server, unless so many are; what is new stands in the log, and is told.
async fn note(ctx: &Ctx, conn: &mut Conn, group: AccountId, (host, bar): (&Host, HostBar), most: i64) -> Result<()> {
    let is_new = store::groups::put_host(conn, group, host.id, (bar, &host.software), ctx.now(), most).await?;
    if !is_new {
        return Ok(());
    }
    tracing::info!(%group, host = %host.id, %bar, "a group does not admit a server");
    tell(ctx, conn, group, GroupDeed::RefuseHost, &policy::bar_words(bar, &host.name, &host.software)).await
}

async fn tell(ctx: &Ctx, conn: &mut Conn, group: AccountId, deed: GroupDeed, words: &str) -> Result<()> {
    store::groups::log(conn, group, None, deed, None, words).await?;
    let leaders = leading(ctx, conn, group).await?.into_iter().map(|(leader, _)| leader.id).collect();
    store::notifications::insert_anew(conn, leaders, NotificationKind::GroupDesk, group, None).await
}

/// The servers that a group does not admit, for those who lead it.
pub async fn kept_out(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<Vec<KeptOut>> {
    let mut conn = ctx.pool.read().await?;
    require_led(ctx, &mut conn, viewer, id).await?;
    store::groups::kept_out(&mut conn, id).await
}
