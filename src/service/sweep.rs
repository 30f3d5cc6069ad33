//! Forgetting what has ended: sessions, links, receipts, finished events, closed reports, drafts that nobody goes on with; and keeping up
//! what is found by its number, and what is to lie sealed.

use chrono::TimeDelta;

use super::Ctx;
use crate::{error::Result, store};

/// One round. Each step stands alone, so that one that fails does not keep the others.
pub async fn run(ctx: &Ctx) -> Result<()> {
    let now = ctx.now();
    let accounts = &ctx.config.accounts;
    let mut conn = ctx.pool.get().await?;
    let idle = now - TimeDelta::minutes(accounts.idle_minutes);
    let begun = now - TimeDelta::hours(accounts.session_hours);
    let receipts = now - TimeDelta::hours(ctx.config.worker.give_up_hours) - TimeDelta::days(1);
    let swept = [
        store::sessions::sweep(&mut conn, idle, begun).await?,
        store::second_factor::sweep(&mut conn, now).await?,
        store::passkeys::sweep(&mut conn, now).await?,
        store::users::sweep_unconfirmed(&mut conn, now - super::registration::CONFIRM).await?,
        store::issuers::sweep(&mut conn, now).await?,
        store::hosts::sweep(&mut conn, now).await?,
        store::mails::sweep_tokens(&mut conn, now).await?,
        store::apps::sweep(&mut conn, now).await?,
        store::invitations::sweep(&mut conn, now).await?,
        store::throttles::sweep(&mut conn, now).await?,
        store::received::sweep(&mut conn, receipts).await?,
        store::outbox::sweep(&mut conn).await?,
        store::shuns::sweep(&mut conn, now).await?,
        store::scheduled::sweep(&mut conn, now - TimeDelta::hours(2)).await?,
        store::cases::drafts::sweep(&mut conn, now - TimeDelta::days(ctx.config.cases.draft_days)).await?,
        store::sources::sweep(&mut conn, now - TimeDelta::days(1)).await?,
        store::groups::sweep_reports(&mut conn, now - TimeDelta::days(90)).await?,
        store::groups::sweep_hosts(&mut conn, now - TimeDelta::days(30)).await?,
        super::media::sweep(ctx).await?,
    ];
    tracing::debug!(rows = swept.iter().sum::<usize>(), "swept");
    let moved = super::credentials::read_others_again(ctx).await?;
    if moved > 0 {
        tracing::info!(moved, "numbers are found by what they are read as now");
    }
    let sealed = super::scheduled::seal_open(ctx).await?;
    if sealed > 0 {
        tracing::info!(sealed, "drafts and waiting posts that lay open are sealed");
    }
    Ok(())
}
