//! What the institution demands of its own people before they post for everybody or write to strangers.

use chrono::TimeDelta;

use super::Ctx;
use crate::{
    config::Demand,
    error::{Error, FieldError, Result},
    model::{AccountId, AccountKind, PostId, Visibility},
    policy::demands::{self, Act},
    store::{self, Conn},
};

/// Whether somebody has proven what is demanded; else why not, as a fault of the choice of readers.
async fn require(ctx: &Ctx, conn: &mut Conn, who: AccountId, demand: &Demand, act: Act) -> Result<()> {
    let stale = TimeDelta::hours(ctx.config.verification.stale_hours);
    let proven = store::demands::proven(conn, who, &ctx.config.instance.host(), ctx.now(), stale).await?;
    if demands::meets(demand, &proven) || store::accounts::get(conn, who).await?.kind == AccountKind::Organization {
        return Ok(());
    }
    Err(Error::invalid("visibility", demands::refusal(demand, act)))
}

/// Whether somebody may publish a post to these readers. What is not for everybody and names people who do not follow
/// its author goes to strangers, whether it is for followers too or not.
pub(super) async fn may_publish(
    ctx: &Ctx,
    who: AccountId,
    visibility: Visibility,
    named: &[AccountId],
    answers: Option<PostId>,
) -> Result<()> {
    let (rules, open) = (&ctx.config.verification, visibility.is_open());
    let (demand, act) =
        if open { (&rules.public_posts, Act::PostOpenly) } else { (&rules.strangers, Act::WriteToStrangers) };
    if !demands::asks(demand) || (!open && named.is_empty()) {
        return Ok(());
    }
    let mut conn = ctx.pool.read().await?;
    if !open && !store::demands::any_stranger(&mut conn, who, named.to_vec(), answers).await? {
        return Ok(());
    }
    require(ctx, &mut conn, who, demand, act).await
}

/// The same of a post that is written anew, with the people whom it did not name before: there it is a fault of the text.
pub(super) async fn may_rewrite(
    ctx: &Ctx,
    who: AccountId,
    visibility: Visibility,
    named: &[AccountId],
    answers: Option<PostId>,
) -> Result<()> {
    match may_publish(ctx, who, visibility, named, answers).await {
        Err(Error::Invalid(faults)) => {
            Err(Error::Invalid(faults.into_iter().map(|fault| FieldError { field: "text", ..fault }).collect()))
        }
        other => other,
    }
}
