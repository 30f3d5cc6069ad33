use std::collections::HashMap;

use super::is_own;
use crate::{
    error::Result,
    model::{Case, CaseLine, Consent, Post, PostCard, PostId, discreet::discreet},
    policy::Viewer,
    service::Ctx,
    store,
};

/// A case beside its post, for somebody who has read the post.
#[derive(Clone)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// How the patient agreed.
    pub consent: Option<Consent>,
    /// What was found that could identify a patient: kind, how often, and how much of it stayed.
    pub findings: Vec<(String, i32, i32)>,
    /// The viewer asked it.
    pub mine: bool,
}

discreet!(CaseView { case });

/// The case that a post is, where it is one. The viewer has read the post: who reads that reads the case.
pub async fn view(ctx: &Ctx, viewer: &Viewer, post: &Post) -> Result<Option<CaseView>> {
    if post.group_id.is_none() || post.reply_to_uri.is_some() {
        return Ok(None);
    }
    let mut conn = ctx.pool.read().await?;
    let Some(case) = store::cases::core::find(&mut conn, post.id).await? else { return Ok(None) };
    Ok(Some(CaseView {
        case,
        consent: store::cases::core::find_consent(&mut conn, post.id).await?,
        findings: store::cases::core::findings(&mut conn, post.id).await?,
        mine: match viewer.account() {
            Some(me) => is_own(ctx, &mut conn, me, post).await?,
            None => false,
        },
    }))
}

/// The cases among posts that the viewer has read, as lists show them.
pub async fn lines(ctx: &Ctx, _: &Viewer, posts: &[PostId]) -> Result<HashMap<PostId, CaseLine>> {
    if posts.is_empty() {
        return Ok(HashMap::new());
    }
    let cases = store::cases::read::lines(&mut *ctx.pool.read().await?, posts.to_vec()).await?;
    Ok(cases.into_iter().map(|case| (case.post_id, case)).collect())
}

/// The reply that answers a case which the viewer has read, where it stands below it and the viewer may and wants to see it.
pub async fn answer_of(ctx: &Ctx, viewer: &Viewer, case: PostId, answer: PostId) -> Result<Option<PostCard>> {
    let mut conn = ctx.pool.read().await?;
    if !store::cases::read::is_below(&mut conn, answer, case).await? {
        return Ok(None);
    }
    Ok(store::posts::list_wanted(&mut conn, viewer, vec![answer]).await?.pop())
}

/// In lists, no more answers are counted of a case.
pub const MANY_REPLIES: i64 = 100;

/// How many answers there are to cases that the viewer has read, [`MANY_REPLIES`] at most.
pub async fn replies(ctx: &Ctx, _: &Viewer, cases: &[PostId]) -> Result<HashMap<PostId, i64>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let counts = store::cases::read::replies(&mut *ctx.pool.read().await?, cases.to_vec(), MANY_REPLIES).await?;
    Ok(counts.into_iter().collect())
}

/// How many answers there are to one case that the viewer has read: all of them.
pub async fn all_replies(ctx: &Ctx, _: &Viewer, case: PostId) -> Result<i64> {
    let counts = store::cases::read::replies(&mut *ctx.pool.read().await?, vec![case], i64::MAX).await?;
    Ok(counts.first().map_or(0, |(_, count)| *count))
}
