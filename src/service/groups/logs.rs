//! The log of a group across servers: that of one of ours for its members elsewhere, and that of a group elsewhere as its own server
//! tells it now.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{Line, is_inside, queue::in_time, require_reader};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, GroupDeed, Named},
    policy::{Viewer, moderation},
    service::{Ctx, Page, Paged},
    store,
    text::handle,
};

/// A line of the log of a group, as its server tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// What.
    pub deed: GroupDeed,
    /// Why.
    pub reason: String,
    /// Who; none for the clock, and for whoever is gone.
    pub by: Option<LogName>,
    /// About whom.
    pub about: Option<LogName>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Somebody in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogName {
    /// `ada@other.example`; of our own people without the host, where it is read here.
    pub handle: String,
    /// There is a page of them here.
    pub known: bool,
}

impl LogLine {
    fn of(line: Line, own_host: &str) -> Self {
        let name = |named: Named| {
            let whole = if named.handle.contains('@') { named.handle } else { format!("{}@{own_host}", named.handle) };
            LogName { handle: whole, known: true }
        };
        Self {
            deed: line.deed,
            reason: line.reason,
            by: line.actor.map(name),
            about: line.subject.map(name),
            // Ids begin with the milliseconds of their time.
            at: DateTime::from_timestamp_millis(line.id.0 >> 16).unwrap_or_default(),
        }
    }
}

/// A page of the log of a group of ours, for a member at another server, and for a server that has members.
pub async fn log_for(ctx: &Ctx, viewer: &Viewer, group: AccountId, page: &Page) -> Result<Paged<LogLine>> {
    if !is_inside(ctx, viewer, group).await? {
        return Err(Error::NotFound);
    }
    let host = ctx.config.instance.host();
    let lines = store::groups::log_page(&mut *ctx.pool.read().await?, group, page).await?;
    Ok(lines.map(|line| LogLine::of(line, &host)))
}

/// A page of the log of a group of another server, as that server tells a member of ours now, and below which line the next one begins;
/// none where it does not tell it.
pub async fn log_there(
    ctx: &Ctx,
    viewer: &Viewer,
    group: &Account,
    before: Option<i64>,
) -> Result<Option<(Vec<LogLine>, Option<i64>)>> {
    let me = moderation::require_account(viewer)?;
    {
        let mut conn = ctx.pool.read().await?;
        require_reader(&mut conn, viewer, group.id).await?;
        if !store::groups::membership(&mut conn, me, group.id).await?.member {
            return Err(Error::Forbidden("Only the members of this group read its log."));
        }
    }
    let Some((mut lines, next)) = in_time(group, ctx.remote()?.log(group, me, before)).await? else { return Ok(None) };
    find_out_who(ctx, &mut lines).await?;
    Ok(Some((lines, next)))
}

/// Looks up which of those who are named have a page here.
async fn find_out_who(ctx: &Ctx, lines: &mut [LogLine]) -> Result<()> {
    let own_host = ctx.config.instance.host();
    let handles = names_in(lines).filter_map(|name| here(&name.handle, &own_host)).collect();
    let known = store::accounts::list_by_handles(&mut *ctx.pool.read().await?, handles).await?;
    let known: HashSet<String> = known.into_iter().map(|one| one.0).collect();
    for name in lines.iter_mut().flat_map(|line| line.by.iter_mut().chain(&mut line.about)) {
        if let Some(handle) = here(&name.handle, &own_host) {
            name.known = known.contains(&handle);
            name.handle = handle;
        }
    }
    Ok(())
}

fn names_in(lines: &[LogLine]) -> impl Iterator<Item = &LogName> {
    lines.iter().flat_map(|line| line.by.iter().chain(&line.about))
}

/// A handle as it is written here.
fn here(whole: &str, own_host: &str) -> Option<String> {
    let handle::Handle { username, host } = handle::parse(whole, own_host)?;
    Some(match host {
        Some(host) => format!("{username}@{host}"),
        None => username,
    })
}
