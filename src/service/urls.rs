//! Our own addresses, in one place.

use super::Ctx;
use crate::model::ListPurpose;

/// ActivityPub id of one of our people.
pub fn account(ctx: &Ctx, username: &str) -> String {
    format!("{}/users/{username}", ctx.config.instance.origin())
}

/// The page of one of our people.
pub fn profile(ctx: &Ctx, username: &str) -> String {
    format!("{}/@{username}", ctx.config.instance.origin())
}

/// The page of a group of ours. Its ActivityPub id is that of any account, as groups and people share their names.
pub fn group(ctx: &Ctx, username: &str) -> String {
    format!("{}/groups/{username}", ctx.config.instance.origin())
}

/// What ids of posts of one of our people begin with.
pub fn posts(ctx: &Ctx, username: &str) -> String {
    format!("{}/users/{username}/posts/", ctx.config.instance.origin())
}

/// The page of a hashtag.
pub fn tag(ctx: &Ctx, name: &str) -> String {
    format!("{}/tags/{name}", ctx.config.instance.origin())
}

/// The address of a picture.
pub fn media(ctx: &Ctx, name: &str, size: super::media::Size) -> String {
    let small = if size == super::media::Size::Small { "/small" } else { "" };
    format!("{}/media/{name}{small}", ctx.config.instance.origin())
}

/// Our shared inbox.
pub fn shared_inbox(ctx: &Ctx) -> String {
    format!("{}/inbox", ctx.config.instance.origin())
}

/// One of our statements about somebody.
pub fn statement(ctx: &Ctx, token: &str) -> String {
    format!("{}/attestations/{token}", ctx.config.instance.origin())
}

/// The page of a statement, ours or another institution's; with an empty origin as pages of our own link to it.
pub fn verify(origin: &str, token: &str) -> String {
    format!("{origin}/verify/{token}")
}

/// One of our lists of what was taken back.
pub fn status_list(ctx: &Ctx, purpose: ListPurpose, number: i32) -> String {
    format!("{}/attestations/lists/{purpose}/{number}", ctx.config.instance.origin())
}

/// The terms that our statements are written in.
pub fn practitioner_terms(ctx: &Ctx) -> String {
    format!("{}/ns/practitioner/v1", ctx.config.instance.origin())
}

/// The actor of the instance itself.
pub fn instance_actor(ctx: &Ctx) -> String {
    format!("{}/actor", ctx.config.instance.origin())
}

/// A fresh id for a follow or like of ours.
pub fn fresh(ctx: &Ctx, username: &str, what: &str) -> String {
    format!(
        "{}/users/{username}/{what}/{}",
        ctx.config.instance.origin(),
        crate::crypto::SecretToken::generate().as_str()
    )
}

/// Whether an address is on our own server.
pub fn is_ours(ctx: &Ctx, address: &str) -> bool {
    url::Url::parse(address)
        .ok()
        .and_then(|u| crate::text::handle::host_of(&u))
        .is_some_and(|host| host == ctx.config.instance.host())
}

/// A short name for the content of a file.
pub fn fingerprint(bytes: &[u8]) -> String {
    let digest = crate::crypto::digest::sha256(bytes);
    let number = digest.iter().take(6).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    format!("{number:012x}")
}
