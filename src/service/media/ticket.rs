//! Apps load pictures without their token. What is not for everybody therefore gets an address that says for whom it
//! was made and until when; what it opens is decided anew each time, with that person as the viewer.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Media, Size};
use crate::{
    error::Result,
    model::AccountId,
    policy::Viewer,
    service::{Ctx, sessions, urls},
};

/// The address of a picture for a viewer. That of a post for everybody is the same for all.
pub fn address(ctx: &Ctx, viewer: &Viewer, media: &Media, size: Size, open: bool) -> Result<String> {
    let mut address = urls::media(ctx, &media.name, size);
    if let (Some(who), false) = (viewer.account(), open) {
        address.push_str("?ticket=");
        address.push_str(&make(ctx, who, &media.name)?);
    }
    Ok(address)
}

/// Good for one to two days, and the same for the whole of one, so that lists look the same when they are loaded again.
fn make(ctx: &Ctx, who: AccountId, name: &str) -> Result<String> {
    let until = (ctx.now().timestamp() / 86_400 + 2) * 86_400;
    Ok(format!("{who}.{until}.{}", ctx.keyring.mac("media ticket", &bound(who, until, name))?))
}

fn bound(who: AccountId, until: i64, name: &str) -> String {
    format!("{who}|{until}|{name}")
}

/// The viewer whom a ticket was made for, where it is true, has not ended, and they may still sign in.
pub async fn viewer_of(ctx: &Ctx, ticket: &str, name: &str) -> Result<Option<Viewer>> {
    let mut parts = ticket.splitn(3, '.');
    let (Some(who), Some(until), Some(mac)) = (parts.next(), parts.next(), parts.next()) else { return Ok(None) };
    let (Ok(who), Ok(until)) = (who.parse::<AccountId>(), until.parse::<i64>()) else { return Ok(None) };
    let ends = DateTime::<Utc>::from_timestamp(until, 0).unwrap_or_default();
    let now = ctx.now();
    let in_time = ends >= now && ends <= now + TimeDelta::days(3);
    if !in_time || !ctx.keyring.is_mac("media ticket", &bound(who, until, name), mac)? {
        return Ok(None);
    }
    sessions::viewer_of(ctx, who).await
}
