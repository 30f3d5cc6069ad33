//! Options of a case that the members of its group rank. Who chose what is kept where the group lives, and nowhere else; it is
//! counted there, and what comes of it is told without small numbers.

use super::{discuss, unnamed};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, Case, CaseState, Event, Held, Post, PostId, Ranking},
    policy::{Viewer, moderation, ranking as policy},
    service::{Ctx, groups, posts, reactions::may_hear, sheet::Sheet},
    store::{
        self, Conn,
        cases::{core, ranking as ballots},
    },
};

/// The ranking of a case for somebody who has read its post.
#[derive(Debug, Clone)]
pub struct RankingView {
    /// What is ranked.
    pub options: Vec<String>,
    /// Nobody ranks any more.
    pub over: bool,
    /// The viewer's own ballot; empty where it is kept by the group's server.
    pub own: Option<Vec<i16>>,
    /// Whether the viewer may rank, or rank anew.
    pub may_rank: bool,
    /// Whether the viewer may see what came of it: whoever has ranked, its author, the moderators, and everybody once it is over.
    pub may_see: bool,
    /// What came of it so far, where the viewer may see that and it tells anything.
    pub result: Option<Ranking>,
}

fn is_over(case: &Case) -> bool {
    case.body.ranking_ended || !matches!(case.state, CaseState::Open | CaseState::Answered)
}

/// The ranking of a case, where anything is ranked. The viewer has read the post.
pub async fn ranking(ctx: &Ctx, viewer: &Viewer, post: &Post, case: &Case) -> Result<Option<RankingView>> {
    if case.body.options.is_empty() {
        return Ok(None);
    }
    let mut conn = ctx.pool.read().await?;
    let over = is_over(case);
    let mut view = RankingView {
        options: case.body.options.clone(),
        over,
        own: None,
        may_rank: false,
        may_see: over,
        result: None,
    };
    if let Some(me) = viewer.account() {
        view.own = ballots::find(&mut conn, post.id, me).await?;
        view.may_rank = may(require_voter(ctx, &mut conn, viewer, me, post, case).await)?;
        let leads = groups::leads(ctx, &mut conn, case.group_id, me).await?;
        let asked = unnamed::is_own(ctx, &mut conn, me, post).await?;
        // Whoever asked it and belongs to the group no more reads what they asked, and nothing of what the others say.
        view.may_see = (over || view.own.is_some() || leads || asked) && may_hear(&mut conn, me, post).await?;
    }
    if view.may_see {
        view.result = ballots::result(&mut conn, post.id).await?.filter(|result| result.ballots > 0);
    }
    Ok(Some(view))
}

/// Whether something may be done that is refused in words where it may not.
fn may(asked: Result<()>) -> Result<bool> {
    match asked {
        Ok(()) => Ok(true),
        Err(Error::NotFound | Error::Forbidden(_) | Error::Invalid(_) | Error::Conflict(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Whoever may answer a case may rank its options, but for its author.
async fn require_voter(
    ctx: &Ctx,
    conn: &mut Conn,
    viewer: &Viewer,
    who: AccountId,
    post: &Post,
    case: &Case,
) -> Result<()> {
    if case.body.options.is_empty() || post.held != Held::No {
        return Err(Error::NotFound);
    }
    if unnamed::is_own(ctx, conn, who, post).await? {
        return Err(Error::Forbidden("You asked this case: its options are for the others to rank."));
    }
    if is_over(case) {
        return Err(Error::Conflict("The ranking is over: nobody ranks these options any more.".into()));
    }
    groups::place(ctx, conn, viewer, who, case.group_id, "").await?;
    groups::may_answer(conn, post).await
}

/// Ranks the options of a case, or ranks them anew: what is put first, second and third. Where the group lives on another
/// server the ballot goes there, and what is kept here is that there was one.
///
/// # Errors
/// [`Error::Invalid`] where the choices make no ballot; [`Error::Conflict`] once it is over.
pub async fn rank(ctx: &Ctx, viewer: &Viewer, id: PostId, chosen: &[Option<usize>]) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let post = posts::read(ctx, viewer, id).await?.post;
    let mut tx = ctx.tx().await?;
    let case = core::lock(&mut tx, id).await?;
    require_voter(ctx, &mut tx, viewer, me, &post, &case).await?;
    let ranks = policy::ballot(chosen, case.body.options.len())?;
    if store::accounts::get(&mut tx, case.group_id).await?.is_local() {
        let me = store::accounts::get(&mut tx, me).await?;
        keep(ctx, &mut tx, &post, &case, &me, ranks).await?;
    } else {
        ballots::put(&mut tx, id, me, Ranking::UNVERIFIED, Vec::new(), ctx.now()).await?;
        store::outbox::insert_for_group(&mut tx, case.group_id, me, &Event::Ballot { post: id, ranks }).await?;
    }
    tx.commit().await
}

/// Keeps a ballot in a group of ours, and counts where it is time for that. The case is locked.
async fn keep(ctx: &Ctx, conn: &mut Conn, post: &Post, case: &Case, who: &Account, ranks: Vec<i16>) -> Result<()> {
    let proven = who.badge(ctx.now()).map(|badge| badge.discipline.as_str()).filter(|key| !key.is_empty());
    ballots::put(conn, post.id, who.id, proven.unwrap_or(Ranking::UNVERIFIED), ranks, ctx.now()).await?;
    let all = ballots::ballots(conn, post.id).await?;
    let dropped = ballots::dropped(conn, post.id).await?;
    if !policy::is_due(&all, &dropped) {
        return Ok(());
    }
    ballots::set_result(conn, post.id, &policy::count(&all, &dropped, case.body.options.len())).await?;
    groups::tell(conn, case.group_id, post.author_id, &Event::Ranked { post: post.id }).await
}

/// Ends the ranking of a case of one's own, for good.
pub async fn end_ranking(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    discuss::require_own(ctx, viewer, id).await?;
    let mut tx = ctx.tx().await?;
    let (post, case) = discuss::lock(&mut tx, id).await?;
    if case.body.options.is_empty() {
        return Err(Error::NotFound);
    }
    if is_over(&case) {
        return Ok(());
    }
    ballots::end(&mut tx, id).await?;
    store::posts::set_edited(&mut tx, id, ctx.now()).await?;
    discuss::tell(&mut tx, &post).await?;
    tx.commit().await
}

/// A member of another server ranks the options of a case in a group of ours. What does not fit is passed over.
pub(in crate::service) async fn ranked_by_remote(
    ctx: &Ctx,
    conn: &mut Conn,
    viewer: &Viewer,
    who: &Account,
    uri: &str,
    ranks: &[usize],
) -> Result<()> {
    let Some(post) = store::posts::find_by_uri(conn, uri).await? else { return Ok(()) };
    let is_read = store::posts::find_card(conn, viewer, post.id).await?.is_some();
    let Some(group) = post.group_id.filter(|_| is_read) else { return Ok(()) };
    if !store::accounts::get(conn, group).await?.is_local() || core::find(conn, post.id).await?.is_none() {
        return Ok(());
    }
    let case = core::lock(conn, post.id).await?;
    if !may(require_voter(ctx, conn, viewer, who.id, &post, &case).await)? {
        return Ok(());
    }
    let chosen: Vec<Option<usize>> = ranks.iter().copied().map(Some).collect();
    match policy::ballot(&chosen, case.body.options.len()) {
        Ok(ranks) => keep(ctx, conn, &post, &case, who, ranks).await,
        Err(_) => Ok(()),
    }
}

/// The server of a group tells what came of the ballots about a case in it.
pub(in crate::service) async fn told_by_group(
    conn: &mut Conn,
    group: AccountId,
    uri: &str,
    told: &Ranking,
) -> Result<()> {
    let post = store::posts::find_by_uri(conn, uri).await?;
    let Some(post) = post.filter(|post| post.group_id == Some(group) && post.deleted_at.is_none()) else {
        return Ok(());
    };
    let Some(case) = core::find(conn, post.id).await? else { return Ok(()) };
    let options = case.body.options.len();
    if case.state == CaseState::Withdrawn || told.columns.iter().any(|column| column.cells.len() != options) {
        return Ok(());
    }
    ballots::set_result(conn, post.id, told).await
}

/// What is told now of the ballots about a case: its post, the group, and what came of them. None where there is nothing to tell
/// any more.
pub async fn ranking_told(ctx: &Ctx, id: PostId) -> Result<Option<(Post, Account, Ranking)>> {
    let post = posts::raw(ctx, id).await?;
    let Some((group, _)) = groups::of_post(ctx, &post).await?.filter(|_| post.deleted_at.is_none()) else {
        return Ok(None);
    };
    let result = ballots::result(&mut *ctx.pool.get().await?, id).await?;
    Ok(result.map(|result| (post, group, result)))
}

/// One's own ballots as CSV. Of those in groups of other servers, what was chosen is kept there.
pub async fn own_ballots(ctx: &Ctx, viewer: &Viewer) -> Result<String> {
    let me = moderation::require_account(viewer)?;
    let own = ballots::list_own(&mut *ctx.pool.get().await?, me).await?;
    let mut sheet = Sheet::new();
    sheet.line(&["Case", "First", "Second", "Third", "Kept by", "When"])?;
    for (url, options, ranks, at) in own {
        let chosen = |place: usize| {
            let rank = ranks.get(place).and_then(|rank| usize::try_from(*rank).ok());
            rank.and_then(|rank| options.get(rank)).map_or("", String::as_str)
        };
        let keeper = if ranks.is_empty() { "the group's own server" } else { "this server" };
        let when = at.to_rfc3339();
        sheet.line(&[url.as_str(), chosen(0), chosen(1), chosen(2), keeper, when.as_str()])?;
    }
    sheet.finish()
}
