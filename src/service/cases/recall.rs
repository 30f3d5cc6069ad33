//! Taking a case back everywhere: what goes at once, who hears of it, and what other servers say once they are told.

use chrono::{NaiveDate, TimeDelta};
use url::Url;

use super::unnamed;
pub use crate::store::cases::recall::{Gone, Holder, Recall};
use crate::{
    error::{Error, Result},
    model::{
        Account, AccountId, CopyState, Event, GroupDeed, GroupKind, Held, Host, HostId, NotificationKind, Post, PostId,
        RecallReason, discreet::discreet,
    },
    policy::{
        self, Viewer, moderation,
        recalls::{MAX_TOLD_AGAIN, Part},
    },
    service::{
        Ctx, groups,
        throttles::{self, Act},
    },
    store::{
        self, Conn,
        cases::{
            core, recall as copies,
            recall::{Concerned, Due, Pace},
        },
    },
    text::handle,
};

/// Consents that are ended in one round.
const EXPIRED_AT_ONCE: i64 = 50;
/// Servers that are looked at in one round.
const CHECKED_AT_ONCE: i64 = 20;

/// How it stands with taking a case back.
#[derive(Clone)]
pub struct RecallView {
    /// Its post.
    pub post: PostId,
    /// What was asked; empty once it is taken back.
    pub question: String,
    /// Who is shown as having asked it.
    pub author: Account,
    /// It was asked without a name.
    pub unnamed: bool,
    /// The group; none where its author has left it, and may know of it no more.
    pub group: Option<Account>,
    /// As what the viewer takes it back, or sees that it was.
    pub part: Part,
    /// That it was taken back.
    pub recall: Option<Recall>,
    /// The servers that have a copy, or had one.
    pub holders: Vec<Holder>,
}

discreet!(RecallView { post });

/// As what somebody may take a case back; there is nothing for all others.
async fn part_of(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, post: &Post) -> Result<(AccountId, AccountId, Part)> {
    let me = moderation::require_account(viewer)?;
    let group = post.group_id.filter(|_| post.reply_to_uri.is_none()).ok_or(Error::NotFound)?;
    if post.local && unnamed::is_own(ctx, conn, me, post).await? {
        return Ok((me, group, Part::Author));
    }
    // What was sent back is its author's alone.
    let leads = post.held != Held::Refused && groups::leads(ctx, conn, group, me).await?;
    if leads && store::accounts::get(conn, group).await?.is_local() {
        Ok((me, group, Part::Moderator))
    } else {
        Err(Error::NotFound)
    }
}

/// Takes a case back everywhere, by its author or by a moderator of its group.
pub async fn withdraw(ctx: &Ctx, viewer: &Viewer, case: PostId, reason: RecallReason) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, case).await?;
    let (me, _, part) = part_of(ctx, &mut tx, viewer, &post).await?;
    if !part.reasons().contains(&reason) {
        return Err(Error::invalid("reason", "Choose why the case is withdrawn."));
    }
    // Whoever asked without their name takes it back without it.
    let by = if part == Part::Author { post.author_id } else { me };
    if !take_back(ctx, &mut tx, &post, Some(by), reason, None).await? {
        return Err(Error::NotFound);
    }
    tx.commit().await?;
    tracing::info!(post = %case, account = %by, reason = reason.as_str(), "took a case back");
    Ok(())
}

/// Why, as the members of the group read it in its log.
fn words(reason: RecallReason) -> &'static str {
    match reason {
        RecallReason::ConsentWithdrawn => "The patient no longer agrees.",
        RecallReason::ConsentExpired => "The consent has ended.",
        RecallReason::Identifiable => "The patient could be recognised.",
        RecallReason::Mistake => "It should not have been posted.",
        RecallReason::Moderators => "The moderators of the group have decided so.",
        RecallReason::AuthorLeft => "Its author has closed their account.",
    }
}

/// Takes a case back whose post is locked: its words are gone here, and everybody who has it is told. `by` is none for the clock;
/// `said` stands in the group's log, where there is more to say than the reason. False where the post is no case: nothing has
/// happened then.
pub(in crate::service) async fn take_back(
    ctx: &Ctx,
    conn: &mut Conn,
    post: &Post,
    by: Option<AccountId>,
    reason: RecallReason,
    said: Option<&str>,
) -> Result<bool> {
    let Some(case) = core::find(conn, post.id).await? else { return Ok(false) };
    let group = store::accounts::get(conn, case.group_id).await?;
    // Whoever leads the group removes it; its author and the clock withdraw it.
    let remover = by.filter(|by| *by != post.author_id);
    let words = said.unwrap_or_else(|| words(reason));
    let told = copies::concerned(conn, post.id).await?;
    let now = ctx.now();
    store::posts::bury(conn, post, now).await?;
    store::groups::note_refusal(conn, post.id, if remover.is_some() { words } else { "" }).await?;
    groups::waits_no_more(ctx, conn, vec![post.id]).await?;
    let first = now + TimeDelta::seconds(ctx.config.cases.recall_first_check_seconds);
    copies::begin(conn, post.id, reason, by, now, first).await?;
    // Of what was sent back to its author the members know nothing.
    if group.is_local() && post.held != Held::Refused {
        store::groups::log(conn, group.id, by, GroupDeed::Recall, Some(post.author_id), words).await?;
    }
    if groups::is_known_elsewhere(conn, post).await? {
        let event = match remover {
            Some(_) => Event::Remove { post: post.id, reason: words.to_owned() },
            None => Event::Delete { post: post.id },
        };
        tell(conn, post, &group, &event).await?;
    }
    store::groups::tell_removed_below(conn, vec![post.id]).await?;
    match remover {
        Some(by) => tell_of_removal(ctx, conn, post, (group.id, words), by, told).await?,
        None => tell_of_end(ctx, conn, post, (group.id, by), told).await?,
    }
    Ok(true)
}

/// Tells our people whom the end of a case concerns that its author has withdrawn it, or the clock has (none): then its author, too.
async fn tell_of_end(
    ctx: &Ctx,
    conn: &mut Conn,
    post: &Post,
    (group, by): (AccountId, Option<AccountId>),
    mut told: Vec<AccountId>,
) -> Result<()> {
    if by.is_none() {
        told.extend(unnamed::author(ctx, conn, post).await?);
    }
    // Word of the clock's, and of what was asked without a name, names no post: it is that of whoever asked without their name.
    let about = by.and(Some(post.id)).filter(|_| post.label.is_empty());
    store::notifications::insert_anew(conn, told, NotificationKind::Case, by.unwrap_or(group), about).await
}

/// Tells them that somebody who leads the group has removed it: its author by the group and with the reason, all others so that they
/// find that in its place, where they may read it still.
async fn tell_of_removal(
    ctx: &Ctx,
    conn: &mut Conn,
    post: &Post,
    (group, reason): (AccountId, &str),
    by: AccountId,
    mut told: Vec<AccountId>,
) -> Result<()> {
    let (about, deed) = (Some(post.id), GroupDeed::RemovePost);
    let author = unnamed::author(ctx, conn, post).await?;
    told.retain(|who| Some(*who) != author);
    if author != Some(by) && !groups::tell_author(ctx, conn, group, post, about, Some((deed, reason))).await? {
        told.extend(author);
    }
    let about = about.filter(|_| post.label.is_empty());
    store::notifications::insert_decided(conn, told, NotificationKind::Case, by, about, (deed, "")).await
}

/// Those of our people whom the end of somebody's cases concerns, looked up before the account is closed: for [`begin_all`].
pub(in crate::service) async fn concerned_by_all_of(conn: &mut Conn, who: AccountId) -> Result<Vec<Concerned>> {
    copies::concerned_by_all_of(conn, who).await
}

/// Calls the cases back that were among the posts of somebody who left (`gone`): their servers are asked whether they are gone
/// there, and told where they are not. Whom that concerns is told by the group, as nobody else is left who could.
pub(in crate::service) async fn begin_all(
    ctx: &Ctx,
    conn: &mut Conn,
    who: AccountId,
    gone: Vec<PostId>,
    told: Vec<Concerned>,
) -> Result<()> {
    let now = ctx.now();
    let first = now + TimeDelta::seconds(ctx.config.cases.recall_first_check_seconds);
    copies::begin_all(conn, gone, who, now, first).await?;
    copies::tell_concerned(conn, told).await
}

/// What is said of a removal of which nobody says why.
const NO_REASON: &str = "The moderators gave no reason.";

/// Empties a post that its own server, or that of its group, has taken back; `removal` is the group and the reason where those did who
/// lead it. Where it is a case, our people who took part in it, follow it or asked it are told, as they are of ours. Returns whether it
/// is one.
pub(in crate::service) async fn taken_back(
    ctx: &Ctx,
    conn: &mut Conn,
    post: &Post,
    by: AccountId,
    removal: Option<(AccountId, &str)>,
) -> Result<bool> {
    let is_case = core::find(conn, post.id).await?.is_some();
    let mut told = if is_case { copies::concerned(conn, post.id).await? } else { Vec::new() };
    store::posts::bury(conn, post, ctx.now()).await?;
    groups::waits_no_more(ctx, conn, vec![post.id]).await?;
    if !is_case {
        return Ok(false);
    }
    let Some((group, reason)) = removal else {
        told.extend(unnamed::author(ctx, conn, post).await?);
        tell_of_end(ctx, conn, post, (by, Some(by)), told).await?;
        return Ok(true);
    };
    store::groups::note_refusal(conn, post.id, if reason.is_empty() { NO_REASON } else { reason }).await?;
    tell_of_removal(ctx, conn, post, (group, reason), by, told).await?;
    Ok(true)
}

/// Tells the servers of a group. The word is not dropped where nobody there is a member any more: they still have a copy.
async fn tell(conn: &mut Conn, post: &Post, group: &Account, event: &Event) -> Result<()> {
    let who = if group.is_local() { group.id } else { post.author_id };
    if group.is_local() {
        let known = store::groups::find(conn, group.id).await?.ok_or(Error::NotFound)?;
        // Nothing of it has left this server.
        if known.kind == GroupKind::Local {
            return Ok(());
        }
    }
    store::outbox::insert(conn, who, event).await.map(drop)
}

/// How it stands with taking a case back, for its author and the moderators of its group alone.
pub async fn recall(ctx: &Ctx, viewer: &Viewer, case: PostId) -> Result<RecallView> {
    let mut conn = ctx.pool.read().await?;
    let post = store::posts::find(&mut conn, case).await?.ok_or(Error::NotFound)?;
    let (_, group, part) = part_of(ctx, &mut conn, viewer, &post).await?;
    if core::find(&mut conn, case).await?.is_none() {
        return Err(Error::NotFound);
    }
    let recall = copies::find(&mut conn, case).await?;
    if post.deleted_at.is_some() && recall.is_none() {
        return Err(Error::NotFound);
    }
    Ok(RecallView {
        post: case,
        question: post.title,
        unnamed: !post.label.is_empty(),
        author: store::accounts::get(&mut conn, post.author_id).await?,
        group: groups::named(&mut conn, viewer, group).await?,
        part,
        recall,
        holders: copies::holders(&mut conn, case).await?,
    })
}

/// Lets the servers that may have a copy left be asked again now, but for those that were asked a moment ago.
pub async fn ask_again(ctx: &Ctx, viewer: &Viewer, case: PostId) -> Result<()> {
    let view = recall(ctx, viewer, case).await?;
    if view.recall.is_none() {
        return Err(Error::NotFound);
    }
    let me = moderation::require_account(viewer)?;
    throttles::allow(ctx, Act::Lookup, &me.to_string()).await?;
    let (now, pause) = (ctx.now(), ctx.config.cases.recall_first_check_seconds);
    let recently = now - TimeDelta::seconds(pause);
    let asked = copies::check_now(&mut *ctx.pool.get().await?, case, now, recently).await?;
    let is_open = view.holders.iter().any(|holder| holder.state != CopyState::Gone);
    if asked == 0 && is_open { Err(Error::TooMany(u64::try_from(pause).unwrap_or(0))) } else { Ok(()) }
}

/// A case that was taken back, for somebody who could read it before; none where there never was one for them.
pub async fn gone(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<Option<Gone>> {
    copies::find_gone(&mut *ctx.pool.read().await?, viewer, id).await
}

/// Another server was given posts in a group, or is about to ask for them, as it was told of them.
pub async fn handed_out(ctx: &Ctx, posts: Vec<PostId>, host: HostId) -> Result<()> {
    if posts.is_empty() { Ok(()) } else { copies::put_copies_at(&mut *ctx.pool.get().await?, posts, host).await }
}

/// Whether a post in a group is still held here, or where it is a case anything that was said below it: for the servers of the
/// post, of its author and of its group; for all others it is as if there were none.
pub async fn is_held(ctx: &Ctx, asker: &Host, uri: &str) -> Result<bool> {
    let mut conn = ctx.pool.read().await?;
    let post = store::posts::find_by_uri(&mut conn, uri).await?.ok_or(Error::NotFound)?;
    let group = post.group_id.filter(|_| post.boost_of_id.is_none()).ok_or(Error::NotFound)?;
    let its_own = Url::parse(uri).ok().and_then(|url| handle::host_of(&url)).as_deref() == Some(asker.name.as_str());
    let author = store::accounts::get(&mut conn, post.author_id).await?.host_id;
    let group = store::accounts::get(&mut conn, group).await?.host_id;
    if its_own || author == Some(asker.id) || group == Some(asker.id) {
        copies::is_left(&mut conn, post.id).await
    } else {
        Err(Error::NotFound)
    }
}

/// Takes back cases whose consent has ended, and tells authors in time that one is about to end; returns how many that was. One
/// that fails does not keep the others.
pub async fn expire_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let today = now.date_naive();
    let until = (now + TimeDelta::days(ctx.config.cases.consent_notice_days)).date_naive();
    let mut conn = ctx.pool.get().await?;
    let mut done = 0;
    for one in copies::remind(&mut conn, today, until, now, EXPIRED_AT_ONCE).await? {
        done += 1;
        tell_in_time(ctx, &mut conn, one).await?;
    }
    let expired = copies::list_expired(&mut conn, today, EXPIRED_AT_ONCE).await?;
    drop(conn);
    for post in expired {
        match expire(ctx, post, today).await {
            Ok(true) => done += 1,
            Ok(false) | Err(Error::NotFound) => {}
            Err(error) => tracing::error!(%post, %error, "a case whose consent has ended could not be taken back"),
        }
    }
    Ok(done)
}

/// Tells whoever asked a case that its consent is about to end. Without their name the word names no post.
async fn tell_in_time(ctx: &Ctx, conn: &mut Conn, (id, group): (PostId, AccountId)) -> Result<()> {
    let Some(post) = store::posts::find(conn, id).await? else { return Ok(()) };
    let Some(author) = unnamed::author(ctx, conn, &post).await? else { return Ok(()) };
    let about = Some(id).filter(|_| post.label.is_empty());
    store::notifications::insert_anew(conn, vec![author], NotificationKind::Case, group, about).await
}

/// Takes a case back whose consent has ended; false where it has not after all.
async fn expire(ctx: &Ctx, id: PostId, today: NaiveDate) -> Result<bool> {
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    let consent = core::find_consent(&mut tx, id).await?.filter(|consent| consent.withdrawn_at.is_none());
    if consent.and_then(|consent| consent.expires_on).is_none_or(|day| day > today) {
        return Ok(false);
    }
    let reason = RecallReason::ConsentExpired;
    let done = take_back(ctx, &mut tx, &post, None, reason, None).await?;
    tx.commit().await?;
    tracing::info!(post = %id, "took a case back whose consent has ended");
    Ok(done)
}

/// Looks whether cases that were taken back are gone where they had been told; returns how many servers were looked at. One that
/// fails does not keep the others.
pub async fn check_due(ctx: &Ctx) -> Result<usize> {
    let config = &ctx.config.cases;
    let now = ctx.now();
    let pace = Pace {
        first: config.recall_first_check_seconds,
        longest: config.recall_longest_check_seconds,
        give_up: now - TimeDelta::days(config.recall_days),
    };
    let states = policy::hosts::speaking_states(ctx.config.federation.mode);
    let due = copies::take_due(&mut *ctx.pool.get().await?, now, &pace, states, CHECKED_AT_ONCE).await?;
    for one in &due {
        if let Err(error) = check(ctx, one).await {
            tracing::error!(post = %one.post, host = %one.name, %error, "a server could not be asked for a case");
        }
    }
    Ok(due.len())
}

/// Looks at one server: whoever has taken the word that a case is withdrawn is asked whether it is gone, and told again where it
/// is not.
async fn check(ctx: &Ctx, due: &Due) -> Result<()> {
    if due.waits {
        return Ok(());
    }
    let (state, is_settled) = match ctx.remote()?.holds(&due.name, due.speaker, &due.uri).await {
        Ok(Some(false)) => (CopyState::Gone, true),
        Ok(Some(true)) => (CopyState::Serving, false),
        // It never took the word, so that its silence says nothing.
        Ok(None) | Err(_) if due.died => return Ok(()),
        Ok(None) => (CopyState::Acknowledged, true),
        Err(error) => {
            tracing::debug!(host = %due.name, %error, "a server does not say whether a case is gone");
            if due.state != CopyState::Told {
                return Ok(());
            }
            (CopyState::Acknowledged, false)
        }
    };
    let mut tx = ctx.tx().await?;
    copies::set_state(&mut tx, due, state, is_settled).await?;
    if state == CopyState::Serving && due.tries <= MAX_TOLD_AGAIN {
        let event = Event::Recall { post: due.post, host: due.host };
        store::outbox::insert(&mut tx, due.speaker, &event).await?;
    }
    tx.commit().await
}
