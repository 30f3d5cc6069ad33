//! What other institutions state about people of other servers: taken in with the account that carries it, and checked
//! behind the scenes, again and again.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use url::Url;

use super::{
    canonical, check,
    examine::{HOLDS, Round, UNCHECKED, kept_name},
    refresh_badges,
};
use crate::{
    crypto::SecretToken,
    error::Result,
    model::{AccountId, HostId, HostTrust},
    service::{Ctx, hosts, likeness},
    store::{
        self,
        peers::{Due, NewStatement, Settled},
    },
    text::handle,
};

/// The verdict on a statement that says it is ours: ours are never read from elsewhere.
pub(super) const NOT_OURS: &str = "not_ours";

/// Most statements of one account that are read.
const MOST: usize = 8;
/// Longest statement that is read, in bytes of its canonical form.
const LONGEST: usize = 16 << 10;
/// Longest id, in bytes.
const LONGEST_ID: usize = 2_048;
/// Most statements that do not hold, of a server that nobody here trusts.
const STRANGERS: i64 = 1_000;
/// Statements that are looked at at once.
const BATCH: i64 = 200;
/// The same of strangers, who may all be slow: they are done with within the lease.
const STRANGERS_BATCH: i64 = 40;
/// Badges that have ended and are worked out anew at once.
const ENDED: i64 = 500;
/// How long a process has for what it took to look at.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// Hosts that are asked at once, of those that we trust and of others.
const AT_ONCE: usize = 16;
const STRANGERS_AT_ONCE: usize = 4;

/// Takes in the statements that are attached to somebody of another server, in place of those before. What was found of
/// the same statement stays until it is looked at again, which is at once.
pub async fn received(ctx: &Ctx, account: AccountId, documents: Vec<Value>) -> Result<()> {
    let now = ctx.now();
    let mut statements: Vec<NewStatement> = Vec::new();
    let mut issuers: BTreeMap<String, HostId> = BTreeMap::new();
    let before = store::peers::list_uris(&mut *ctx.pool.get().await?, account).await?;
    let mut room = None;
    for document in documents.iter().take(MOST) {
        let Some((statement, host)) = read(ctx, document, now) else { continue };
        if statements.iter().any(|known| known.uri == statement.uri) {
            continue;
        }
        if statement.verdict == UNCHECKED {
            // Names out of the air do not bury the servers that are there.
            let Some(host) = hosts::knocks(ctx, &host).await? else { continue };
            if !before.contains(&statement.uri) && !has_room(ctx, &mut room, account).await? {
                continue;
            }
            issuers.insert(statement.issuer_uri.clone(), host.id);
        }
        statements.push(statement);
    }
    if statements.is_empty() && before.is_empty() {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    for (uri, host) in &issuers {
        store::issuers::insert(&mut tx, uri, *host).await?;
    }
    let kept = statements.iter().map(|statement| statement.uri.clone()).collect();
    store::peers::delete_others(&mut tx, account, kept).await?;
    for statement in statements {
        store::peers::put(&mut tx, account, statement, now).await?;
    }
    store::issuers::hurry_lists(&mut tx, issuers.into_keys().collect(), now).await?;
    refresh_badges(ctx, &mut tx, &[account]).await?;
    tx.commit().await
}

/// Whether one more statement is kept with somebody. Whom it names is for anybody to write, so what is counted is what
/// their server carries.
async fn has_room(ctx: &Ctx, room: &mut Option<i64>, account: AccountId) -> Result<bool> {
    let left = match *room {
        Some(left) => left,
        None => STRANGERS - store::peers::count_beside(&mut *ctx.pool.get().await?, account, STRANGERS).await?,
    };
    *room = Some(left - 1);
    Ok(left > 0)
}

/// Reads a statement as it came, with the host of its institution; none for what cannot be read as one.
fn read(ctx: &Ctx, document: &Value, now: DateTime<Utc>) -> Option<(NewStatement, String)> {
    let said = check::read(document).ok()?;
    let host = Url::parse(&said.issuer).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let host = handle::host_of(&host?)?;
    let ids_are_fine =
        [&said.id, &said.issuer].iter().all(|id| id.len() <= LONGEST_ID && !id.chars().any(char::is_control));
    let text = canonical(document).ok().filter(|text| ids_are_fine && text.len() <= LONGEST)?;
    let foreign = host != ctx.config.instance.host();
    let statement = NewStatement {
        token: SecretToken::generate().as_str().to_owned(),
        name: kept_name(&said.name),
        specialties: serde_json::to_value(&said.specialties).ok()?,
        uri: said.id,
        issuer_uri: said.issuer,
        document: text,
        discipline: said.discipline,
        register: said.register,
        jurisdiction: said.jurisdiction,
        level: said.level,
        checked_on: said.checked_on,
        valid_from: said.valid_from,
        valid_until: said.valid_until,
        verdict: if foreign { UNCHECKED } else { NOT_OURS },
        check_at: foreign.then_some(now),
    };
    Some((statement, host))
}

/// An institution of another server says that it changed: where we know it, its keys are read anew.
pub async fn issuer_changed(ctx: &Ctx, uri: &str) -> Result<()> {
    if store::issuers::find(&mut *ctx.pool.get().await?, uri).await?.is_none() {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    store::issuers::hurry(&mut tx, uri, ctx.now()).await?;
    tx.commit().await
}

/// Looks at what is due of institutions of servers that we trust, and works out badges anew that have ended; returns how
/// much that was.
pub async fn check_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let mut conn = ctx.pool.get().await?;
    let ended = store::badges::ended(&mut conn, now, ENDED).await?;
    refresh_badges(ctx, &mut conn, &ended).await?;
    drop(conn);
    Ok(ended.len() + check_some(ctx, true, (BATCH, AT_ONCE)).await?)
}

/// The same for everybody else's: whatever strangers state never delays what is relied upon.
pub async fn check_claims(ctx: &Ctx) -> Result<usize> {
    check_some(ctx, false, (STRANGERS_BATCH, STRANGERS_AT_ONCE)).await
}

async fn check_some(ctx: &Ctx, trusted: bool, (batch, at_once): (i64, usize)) -> Result<usize> {
    let now = ctx.now();
    let until = now + LEASE;
    let due = store::peers::claim(&mut *ctx.pool.get().await?, trusted, (now, until), batch).await?;
    let count = due.len();
    let mut by_host: BTreeMap<String, Vec<Due>> = BTreeMap::new();
    for one in due {
        let host = Url::parse(&one.issuer_uri).ok().and_then(|url| handle::host_of(&url));
        by_host.entry(host.unwrap_or_default()).or_default().push(one);
    }
    let rounds: Vec<_> = by_host.into_iter().map(|(host, due)| look_at(ctx.clone(), host, due, (now, until))).collect();
    let ends: Vec<Result<()>> = stream::iter(rounds).buffer_unordered(at_once).collect().await;
    ends.into_iter().collect::<Result<()>>()?;
    Ok(count)
}

/// Looks at the statements by institutions of one host. What is not reached comes back when the claim ends.
async fn look_at(
    ctx: Ctx,
    host: String,
    mut due: Vec<Due>,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    // One institution after the other: of each, the document is at hand once.
    due.sort_by(|one, other| one.issuer_uri.cmp(&other.issuer_uri));
    let known = store::hosts::find(&mut *ctx.pool.get().await?, &host).await?;
    let trust = known.map_or(HostTrust::Claim, |host| host.trust);
    let unwanted = trust == HostTrust::None;
    let mut round = Round::new(&ctx, now, trust == HostTrust::Trusted);
    let (mut settled, mut people): (Vec<Settled>, Vec<AccountId>) = (Vec::new(), Vec::new());
    let mut confirmed: Vec<AccountId> = Vec::new();
    let mut outcome = Ok(());
    for one in &due {
        if round.is_over() {
            break;
        }
        // What is not shown is not worth a question; once it is, somebody has decided so.
        let found = if unwanted { Ok(unlooked(one)) } else { round.examine(one).await };
        match found {
            Ok(found) => {
                if found.verdict == HOLDS && one.verdict != HOLDS {
                    confirmed.push(one.account_id);
                }
                settled.push(found);
                people.push(one.account_id);
            }
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    let mut tx = ctx.tx().await?;
    store::peers::settle(&mut tx, until, &settled).await?;
    if !round.changed.is_empty() {
        people.extend(store::peers::people_of_issuers(&mut tx, round.changed).await?);
    }
    refresh_badges(&ctx, &mut tx, &people).await?;
    for account in confirmed {
        likeness::look_for(&ctx, &mut tx, account).await?;
    }
    tx.commit().await?;
    outcome
}

fn unlooked(due: &Due) -> Settled {
    let (mark, verdict) = (due.mark.clone(), due.verdict.clone());
    Settled { id: due.id, mark, verdict, confirmed_at: None, check_at: None }
}

/// How far the institutions of a host are believed, or whether we speak with it, has changed: their statements are
/// looked at anew, and badges follow at once.
pub(in crate::service) async fn believed_anew(ctx: &Ctx, conn: &mut store::Conn, host: HostId) -> Result<()> {
    store::peers::hurry_host(conn, host, ctx.now()).await?;
    // A stranger's list is kept for longer than that of somebody who is trusted now.
    store::issuers::hurry_lists_of_host(conn, host, ctx.now()).await?;
    let people = store::peers::people_of_host(conn, host).await?;
    badged_anew(ctx, conn, &people).await
}

/// The same where the keys of one institution have been confirmed.
pub(in crate::service) async fn known_anew(ctx: &Ctx, conn: &mut store::Conn, issuer: &str) -> Result<()> {
    store::issuers::hurry(conn, issuer, ctx.now()).await?;
    let people = store::peers::people_of_issuers(conn, vec![issuer.to_owned()]).await?;
    badged_anew(ctx, conn, &people).await
}

/// Works out badges anew; names are looked for that could be taken for those of people who have come to one.
async fn badged_anew(ctx: &Ctx, conn: &mut store::Conn, people: &[AccountId]) -> Result<()> {
    let now = ctx.now();
    let before = store::peers::verified_among(conn, people, now).await?;
    refresh_badges(ctx, conn, people).await?;
    for account in store::peers::verified_among(conn, people, now).await? {
        if before.binary_search(&account).is_err() {
            likeness::look_for(ctx, conn, account).await?;
        }
    }
    Ok(())
}
