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
/// Statements that are looked at at once.
const BATCH: i64 = 200;
/// Badges that have ended and are worked out anew at once.
const ENDED: i64 = 500;
/// How long a process has for what it took to look at.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// Hosts that are asked at once.
const AT_ONCE: usize = 16;

/// Takes in the statements that are attached to somebody of another server, in place of those before. What was found of
/// the same statement stays until it is looked at again, which is at once.
pub async fn received(ctx: &Ctx, account: AccountId, documents: Vec<Value>) -> Result<()> {
    let now = ctx.now();
    let mut statements: Vec<NewStatement> = Vec::new();
    let mut issuers: BTreeMap<String, HostId> = BTreeMap::new();
    for document in documents.iter().take(MOST) {
        let Some((statement, host)) = read(ctx, document, now) else { continue };
        if statements.iter().any(|known| known.uri == statement.uri) {
            continue;
        }
        if statement.verdict == UNCHECKED && !issuers.contains_key(&statement.issuer_uri) {
            // Names out of the air do not bury the servers that are there.
            let Some(host) = hosts::knocks(ctx, &host).await? else { continue };
            issuers.insert(statement.issuer_uri.clone(), host.id);
        }
        statements.push(statement);
    }
    if statements.is_empty() && !store::peers::any_about(&mut *ctx.pool.get().await?, account).await? {
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
    store::badges::refresh(&mut tx, &[account], now, ctx.config.verification.stale_hours).await?;
    tx.commit().await
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

/// Looks at what is due to be looked at, and works out badges anew that have ended; returns how much that was.
pub async fn check_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let until = now + LEASE;
    let mut conn = ctx.pool.get().await?;
    let ended = store::badges::ended(&mut conn, now, ENDED).await?;
    store::badges::refresh(&mut conn, &ended, now, ctx.config.verification.stale_hours).await?;
    let due = store::peers::claim(&mut conn, now, until, BATCH).await?;
    drop(conn);
    let count = ended.len() + due.len();
    let mut by_host: BTreeMap<String, Vec<Due>> = BTreeMap::new();
    for one in due {
        let host = Url::parse(&one.issuer_uri).ok().and_then(|url| handle::host_of(&url));
        by_host.entry(host.unwrap_or_default()).or_default().push(one);
    }
    let rounds: Vec<_> = by_host.into_iter().map(|(host, due)| look_at(ctx.clone(), host, due, (now, until))).collect();
    let ends: Vec<Result<()>> = stream::iter(rounds).buffer_unordered(AT_ONCE).collect().await;
    ends.into_iter().collect::<Result<()>>()?;
    Ok(count)
}

/// Looks at the statements by institutions of one host. What is not reached comes back when the claim ends.
async fn look_at(ctx: Ctx, host: String, due: Vec<Due>, (now, until): (DateTime<Utc>, DateTime<Utc>)) -> Result<()> {
    let known = store::hosts::find(&mut *ctx.pool.get().await?, &host).await?;
    let unwanted = known.is_some_and(|host| host.trust == HostTrust::None);
    let mut round = Round::new(&ctx, now);
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
    store::badges::refresh(&mut tx, &people, now, ctx.config.verification.stale_hours).await?;
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
    let now = ctx.now();
    store::peers::hurry_host(conn, host, now).await?;
    let people = store::peers::people_of_host(conn, host).await?;
    store::badges::refresh(conn, &people, now, ctx.config.verification.stale_hours).await
}

/// The same where the keys of one institution have been confirmed.
pub(in crate::service) async fn known_anew(ctx: &Ctx, conn: &mut store::Conn, issuer: &str) -> Result<()> {
    let now = ctx.now();
    store::issuers::hurry(conn, issuer, now).await?;
    let people = store::peers::people_of_issuers(conn, vec![issuer.to_owned()]).await?;
    store::badges::refresh(conn, &people, now, ctx.config.verification.stale_hours).await
}
