//! Slowing down: guesses of secrets, and acts that cost us or others something.

use chrono::{DateTime, Utc};

use super::Ctx;
use crate::{
    crypto::token,
    error::{Error, Result},
    store::{self, Conn},
};

/// Acts that are counted per window, with the key of their limit in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Asking for an account, by address, in half an hour.
    SignUp,
    /// Asking for a new password, by address or e-mail, in an hour.
    Reset,
    /// Being told by mail that somebody was turned away, by mailbox, in an hour.
    Refusal,
    /// Making us ask another server, by person or address, in five minutes.
    Lookup,
    /// Sending in a picture, by person, in half an hour.
    Upload,
    /// Registering an app, by address, in half an hour.
    Register,
    /// Having a code sent to a mailbox, by person or mailbox, in a minute.
    Code,
    /// The same in an hour.
    Codes,
    /// Sending in a document for a credential, by person, in a day.
    Evidence,
    /// Asking the desk for something: a claim, an answer, a withdrawal, by person, in a day.
    Desk,
    /// Opening a document alone, in an emergency, by person, in a day.
    Emergency,
    /// Having a group prove that one's server has members in it, by group and server, in five minutes.
    Token,
    /// Reporting something to us as another server, by server, in five minutes.
    Flag,
    /// Searching, by person, in five minutes.
    Search,
    /// Having a text looked through for what could identify a patient, by person, in five minutes.
    Check,
}

impl Act {
    const fn word(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up",
            Self::Reset => "reset",
            Self::Refusal => "refusal",
            Self::Lookup => "lookup",
            Self::Upload => "upload",
            Self::Register => "register",
            Self::Code => "code",
            Self::Codes => "codes",
            Self::Evidence => "evidence",
            Self::Desk => "desk",
            Self::Emergency => "emergency",
            Self::Token => "token",
            Self::Flag => "flag",
            Self::Search => "search",
            Self::Check => "check",
        }
    }

    fn limit(self, ctx: &Ctx) -> (i32, i64) {
        let limits = &ctx.config.limits;
        match self {
            Self::SignUp => (limits.sign_ups_per_half_hour, 1_800),
            Self::Reset | Self::Refusal => (limits.resets_per_hour, 3_600),
            Self::Lookup => (limits.lookups_per_five_minutes, 300),
            Self::Upload => (limits.uploads_per_half_hour, 1_800),
            Self::Register => (limits.apps_per_half_hour, 1_800),
            Self::Code => (1, 60),
            Self::Codes => (5, 3_600),
            Self::Evidence => (20, 86_400),
            Self::Desk => (30, 86_400),
            Self::Emergency => (3, 86_400),
            Self::Token | Self::Flag => (30, 300),
            Self::Search => (limits.searches_per_five_minutes, 300),
            Self::Check => (limits.checks_per_five_minutes, 300),
        }
    }
}

/// Lets an act through, or says when it may be tried again.
pub async fn allow(ctx: &Ctx, act: Act, who: &str) -> Result<()> {
    match take(ctx, &mut *ctx.pool.get().await?, act, who).await? {
        Some(until) => Err(Error::TooMany(seconds_until(ctx.now(), until))),
        None => Ok(()),
    }
}

/// The same in the transaction of the act, for what is dropped where it is too much.
pub(super) async fn has_room(ctx: &Ctx, conn: &mut Conn, act: Act, who: &str) -> Result<bool> {
    Ok(take(ctx, conn, act, who).await?.is_none())
}

async fn take(ctx: &Ctx, conn: &mut Conn, act: Act, who: &str) -> Result<Option<DateTime<Utc>>> {
    let (allowed, seconds) = act.limit(ctx);
    store::throttles::take(conn, &key(ctx, act.word(), who), allowed, seconds, ctx.now()).await
}

/// What a counter is kept under: a hash, so that no address or e-mail is stored.
pub(super) fn key(ctx: &Ctx, kind: &str, what: &str) -> Vec<u8> {
    token::hash(&format!("{}|{kind}|{}", ctx.config.instance.host(), what.trim().to_lowercase())).to_vec()
}

/// An address as it is counted: of IPv6 the network, as everybody has a whole one to choose from.
pub fn network(address: &str) -> String {
    match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(std::net::IpAddr::V6(v6)) => v6.to_ipv4_mapped().map_or_else(String::new, |v4| v4.to_string()),
        Ok(v4) => v4.to_string(),
        Err(_) => address.to_owned(),
    }
}

pub(super) fn seconds_until(now: DateTime<Utc>, until: DateTime<Utc>) -> u64 {
    u64::try_from((until - now).num_seconds().max(1)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_whole_ipv6_network_counts_as_one() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
