use std::collections::HashMap;

use super::is_own;
use crate::{
    error::Result,
    model::{Case, Consent, Post, PostId},
    policy::Viewer,
    service::Ctx,
    store,
};

/// A case beside its post, for somebody who has read the post.
#[derive(Debug, Clone)]
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

/// The cases among posts that the viewer has read.
pub async fn lines(ctx: &Ctx, _: &Viewer, posts: &[PostId]) -> Result<HashMap<PostId, Case>> {
    if posts.is_empty() {
        return Ok(HashMap::new());
    }
    let cases = store::cases::read::lines(&mut *ctx.pool.read().await?, posts.to_vec()).await?;
    Ok(cases.into_iter().map(|case| (case.post_id, case)).collect())
}

/// How many answers there are to cases that the viewer has read.
pub async fn replies(ctx: &Ctx, _: &Viewer, cases: &[PostId]) -> Result<HashMap<PostId, i64>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let counts = store::cases::read::replies(&mut *ctx.pool.read().await?, cases.to_vec()).await?;
    Ok(counts.into_iter().collect())
}
