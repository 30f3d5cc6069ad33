//! Keeping people out of a group, for some days or for good.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Ban, Led,
    end::{End, end},
    membership::{line, outrank, tell},
    orders::{About, announce, elsewhere},
    require_led,
};
use crate::{
    error::{Error, Result},
    model::{AccountId, GroupDeed, Order, OrderKind},
    policy::Viewer,
    service::Ctx,
    store::{self, Conn},
};

/// Keeps somebody out, a member or not, for good or for some days.
pub async fn ban(
    ctx: &Ctx,
    viewer: &Viewer,
    id: AccountId,
    who: AccountId,
    reason: &str,
    days: Option<i64>,
) -> Result<()> {
    let reason = line("reason", reason, false)?;
    if days.is_some_and(|days| !(1..=3_650).contains(&days)) {
        return Err(Error::invalid("days", "A ban lasts 1 to 3,650 days. Leave it empty for good."));
    }
    let ends_at = days.map(|days| ctx.now() + TimeDelta::days(days));
    let order = Order { ends_at, ..Order::new(OrderKind::Ban, "").because(reason) };
    if elsewhere(ctx, viewer, id, About::Person(who), order.clone()).await? {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    keep_out(ctx, &mut tx, &led, who, (reason, ends_at)).await?;
    let object = store::accounts::get(&mut tx, who).await?.uri;
    announce(&mut tx, &led, Order { object, ..order }).await?;
    tx.commit().await
}

/// Keeps somebody out, for somebody who leads the group.
pub(super) async fn keep_out(
    ctx: &Ctx,
    conn: &mut Conn,
    led: &Led,
    who: AccountId,
    (reason, ends_at): (&str, Option<DateTime<Utc>>),
) -> Result<()> {
    let (id, by, deed) = (led.group.account_id, led.me, GroupDeed::Ban);
    outrank(conn, led, who).await?;
    store::groups::ban(conn, id, who, reason, ends_at).await?;
    if let Some(follow) = store::follows::lock(conn, who, id).await? {
        return end(ctx, conn, &follow, End::Decided { by, deed, reason }).await;
    }
    store::groups::log(conn, id, Some(by), deed, Some(who), reason).await?;
    tell(conn, id, who, (deed, reason)).await
}

/// Ends a ban; whoever it was about may ask to join again.
pub async fn unban(ctx: &Ctx, viewer: &Viewer, id: AccountId, who: AccountId) -> Result<()> {
    let order = Order::new(OrderKind::Unban, "");
    if elsewhere(ctx, viewer, id, About::Person(who), order.clone()).await? {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    let_back(&mut tx, &led, who).await?;
    let object = store::accounts::get(&mut tx, who).await?.uri;
    announce(&mut tx, &led, Order { object, ..order }).await?;
    tx.commit().await
}

/// Ends a ban, for somebody who leads the group.
pub(super) async fn let_back(conn: &mut Conn, led: &Led, who: AccountId) -> Result<()> {
    let id = led.group.account_id;
    if !store::groups::unban(conn, id, who).await? {
        return Err(Error::NotFound);
    }
    store::groups::log(conn, id, Some(led.me), GroupDeed::Unban, Some(who), "").await
}

/// Who is kept out, for the moderators.
pub async fn bans(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<Vec<Ban>> {
    let mut conn = ctx.pool.read().await?;
    require_led(ctx, &mut conn, viewer, id).await?;
    store::groups::bans(&mut conn, id, ctx.now()).await
}
