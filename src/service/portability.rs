//! Taking one's follows, blocks and mutes along, and bringing them from elsewhere, in Mastodon's CSV forms.

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};

use super::{Ctx, follows, sessions, sheet::Sheet, shuns, throttles};
pub use crate::store::portability::Kind;
use crate::{
    error::{Error, Result},
    model::AccountId,
    policy::{Viewer, moderation},
    store::{self, portability::Line},
    text::handle,
};

/// Most lines of one file.
const MOST: usize = 10_000;
/// Tries of one line.
const TRIES: i32 = 4;
/// Lines of one round, and how many of them may be of one person.
const ROUND: (i64, i64) = (24, 3);
/// Lines under way at once.
const AT_ONCE: usize = 4;

/// A file as CSV.
pub async fn export(ctx: &Ctx, viewer: &Viewer, kind: Kind) -> Result<String> {
    let me = moderation::require_account(viewer)?;
    let lines = store::portability::export(&mut *ctx.pool.get().await?, me, kind).await?;
    let host = ctx.config.instance.host();
    let whole = |name: &str| if name.contains('@') { name.to_owned() } else { format!("{name}@{host}") };
    let mut sheet = Sheet::new();
    match kind {
        Kind::Follows => sheet.line(&["Account address", "Show boosts", "Notify on new posts", "Languages"])?,
        Kind::Mutes => sheet.line(&["Account address", "Hide notifications"])?,
        Kind::Blocks | Kind::Hosts => {}
    }
    for (name, one, other) in lines {
        let (one, other) = (one.to_string(), other.to_string());
        match kind {
            Kind::Follows => sheet.line(&[whole(&name), one, other, String::new()])?,
            Kind::Mutes => sheet.line(&[whole(&name), one])?,
            Kind::Blocks => sheet.line(&[whole(&name)])?,
            Kind::Hosts => sheet.line(&[name])?,
        }
    }
    sheet.finish()
}

/// Takes a file in; its lines are carried out a few at a time. Returns how many there are.
pub async fn import(ctx: &Ctx, viewer: &Viewer, kind: Kind, file: &[u8]) -> Result<usize> {
    let me = moderation::require_account(viewer)?;
    let lines = read(kind, file)?;
    let mut conn = ctx.pool.get().await?;
    let waiting = usize::try_from(store::portability::count(&mut conn, me).await?).unwrap_or(usize::MAX);
    if waiting.saturating_add(lines.len()) > MOST {
        return Err(Error::invalid("file", format!("{waiting} lines wait already, and {MOST} may. Try again later.")));
    }
    store::portability::insert(&mut conn, me, kind, lines).await
}

/// Handles or servers, each with its two flags: the first is on unless it is false, the second off unless it is true. A head line is passed over.
fn read(kind: Kind, file: &[u8]) -> Result<Vec<(String, bool, bool)>> {
    let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(file);
    let mut lines = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|_| Error::invalid("file", "This file is not CSV, or not in UTF-8."))?;
        let subject = record.get(0).unwrap_or_default().trim_start_matches(['\'', '@']).to_owned();
        if subject.is_empty() || subject == "Account address" || subject.starts_with('#') {
            continue;
        }
        let fits = match kind {
            Kind::Hosts => handle::normal_host(&subject).is_some(),
            Kind::Follows | Kind::Blocks | Kind::Mutes => handle::parse(&subject, "").is_some(),
        };
        if !fits || subject.len() > 400 {
            let kind = if kind == Kind::Hosts { "a server" } else { "a handle" };
            let line = record.position().map_or(0, csv::Position::line);
            return Err(Error::invalid(
                "file",
                format!("Line {line} does not begin with {kind}. Nothing was brought in."),
            ));
        }
        let is = |at: usize, word: &str| record.get(at).is_some_and(|flag| flag.eq_ignore_ascii_case(word));
        lines.push((subject, !is(1, "false"), is(2, "true")));
        if lines.len() > MOST {
            return Err(Error::invalid("file", format!("A file may have {MOST} lines.")));
        }
    }
    if lines.is_empty() { Err(Error::invalid("file", "There is nothing in this file.")) } else { Ok(lines) }
}

/// How many of one's lines wait.
pub async fn waiting(ctx: &Ctx, viewer: &Viewer) -> Result<i64> {
    let me = moderation::require_account(viewer)?;
    store::portability::count(&mut *ctx.pool.get().await?, me).await
}

/// Carries out lines that are due, a few of everybody's at a time; returns how many.
pub(super) async fn carry_out_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let lease = now + TimeDelta::minutes(10);
    let due = store::portability::claim(&mut *ctx.pool.get().await?, now, lease, ROUND).await?;
    let count = due.len();
    let settled: Vec<Result<()>> =
        stream::iter(due).map(|line| settle(ctx, line)).buffer_unordered(AT_ONCE).collect().await;
    settled.into_iter().collect::<Result<()>>()?;
    Ok(count)
}

async fn settle(ctx: &Ctx, line: Line) -> Result<()> {
    let (id, who, attempts) = (line.0, line.1, line.5);
    match carry_out(ctx, line).await {
        Err(Error::TooMany(seconds)) => {
            // A moment more than the whole seconds that are left.
            let wait = i64::try_from(seconds).unwrap_or(300).saturating_add(1);
            let until = ctx.now() + TimeDelta::seconds(wait);
            store::portability::postpone(&mut *ctx.pool.get().await?, who, id, until).await
        }
        Err(error) if error.is_passing() && attempts < TRIES => {
            tracing::debug!(line = id, %error, "a line of an import is tried again");
            Ok(())
        }
        // What cannot be done (nobody of that name, blocked, oneself) is no reason to stop.
        Ok(()) | Err(_) => store::portability::finish(&mut *ctx.pool.get().await?, id).await,
    }
}

async fn carry_out(ctx: &Ctx, (_, who, kind, subject, (flag, notify), _): Line) -> Result<()> {
    let Some(viewer) = sessions::viewer_of(ctx, who).await? else { return Ok(()) };
    if kind == Kind::Hosts {
        return shuns::hide_host(ctx, &viewer, &subject).await;
    }
    let target = somebody(ctx, who, &subject).await?;
    match kind {
        Kind::Follows => {
            follows::request(ctx, &viewer, target).await?;
            follows::set_options(ctx, &viewer, target, Some(flag), Some(notify)).await
        }
        Kind::Blocks => shuns::block(ctx, &viewer, target).await,
        Kind::Mutes => shuns::mute(ctx, &viewer, target, flag, 0).await,
        Kind::Hosts => Ok(()),
    }
}

async fn somebody(ctx: &Ctx, who: AccountId, written: &str) -> Result<AccountId> {
    let handle = handle::parse(written, &ctx.config.instance.host()).ok_or(Error::NotFound)?;
    let known =
        store::accounts::find_by_handle(&mut *ctx.pool.get().await?, &handle.username, handle.host.as_deref()).await?;
    match (known, handle.host) {
        (Some(account), _) => Ok(account.id),
        (None, Some(host)) => {
            // Counted apart, so that a long file does not use up what its owner looks for in the meantime.
            throttles::allow(ctx, throttles::Act::Lookup, &format!("import {who}")).await?;
            ctx.remote()?.account(&handle.username, &host).await
        }
        (None, None) => Err(Error::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_mastodon_are_read_as_they_are() {
        let follows = b"Account address,Show boosts,Notify on new posts,Languages\nada@a.example,false,false,\n@bo@b.example,true,true,en\n";
        let lines = read(Kind::Follows, follows).unwrap();
        assert_eq!(lines, [("ada@a.example".to_owned(), false, false), ("bo@b.example".to_owned(), true, true)]);
        assert_eq!(read(Kind::Hosts, b"spam.example\n").unwrap().len(), 1);
        assert!(read(Kind::Blocks, b"").is_err());
        assert!(read(Kind::Blocks, b"not a handle at all\n").is_err());
    }
}
