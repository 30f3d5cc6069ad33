//! What is stated about somebody, in words: by whom, against what, and how far it can be relied upon now.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::{
    check::items,
    examine::{HOLDS, NO_INSTITUTION, UNCHECKED, UNREACHABLE, list_addresses},
    facts,
    peers::NOT_OURS,
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, AccountState, Attestation, Host, HostState, HostTrust, Issuer, StatedSpecialty},
    service::Ctx,
    store::{self, Conn},
    text::handle,
};

/// Verdicts that are found only once a signature is seen to be the institution's own.
const SIGNED: [&str; 7] = [HOLDS, "not_yet", "expired", "list", "bits", "revoked", "suspended"];

/// How far a statement can be relied upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It holds, and whoever made it is trusted here.
    Verified,
    /// It holds, and whoever made it is not trusted here.
    Claim,
    /// It holds, and whoever made it is trusted here for other disciplines.
    OtherDiscipline,
    /// Whoever made it has not confirmed it since.
    NotConfirmed(Option<DateTime<Utc>>),
    /// Whoever made it has keys that nobody vouched for.
    KeysChanged,
    /// Nobody has checked it here yet.
    Unchecked,
    /// Taken back for good.
    Revoked,
    /// Taken back for now.
    Suspended,
    /// Its time is over.
    Expired,
    /// The account shows another name than the one that was checked.
    OtherName,
    /// Something else is wrong with it: the word of a fault.
    Fault(String),
}

impl State {
    /// One word for scripts.
    pub fn word(&self) -> &str {
        match self {
            Self::Verified => "verified",
            Self::Claim => "claim",
            Self::OtherDiscipline => "other_discipline",
            Self::NotConfirmed(_) => "not_confirmed",
            Self::KeysChanged => "keys_changed",
            Self::Unchecked => "unchecked",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::OtherName => "other_name",
            Self::Fault(word) => word,
        }
    }

    /// Whether it may be shown as a claim at least: whoever it names has signed it.
    pub fn is_claim(&self) -> bool {
        matches!(self, Self::Claim | Self::OtherDiscipline | Self::NotConfirmed(_) | Self::KeysChanged)
    }

    /// A sentence or two, of what `issuer` has stated.
    pub fn words(&self, issuer: &str) -> String {
        match self {
            Self::Verified => format!("This holds: {issuer} has signed it and has not taken it back."),
            Self::Claim => format!(
                "The signature holds, and {issuer} has not taken it back. This hospital has not decided to trust \
                 {issuer}, so take it as a claim."
            ),
            Self::OtherDiscipline => format!(
                "The signature holds. This hospital trusts {issuer} for other disciplines only, so take it as a claim."
            ),
            Self::NotConfirmed(Some(since)) => format!(
                "Not confirmed since {}: the list of what {issuer} has taken back cannot be had. Until it can, take it \
                 as a claim.",
                since.format("%-d %B %Y, %H:%M UTC")
            ),
            Self::NotConfirmed(None) => format!(
                "Not confirmed: the list of what {issuer} has taken back cannot be had. Until it can, take it as a claim."
            ),
            Self::KeysChanged => format!(
                "{issuer} has exchanged its keys, and no key that this hospital knew vouches for the new ones. Until an \
                 admin has looked, take it as a claim."
            ),
            Self::Unchecked => {
                format!("This server has not checked it yet. Whether {issuer} has made it at all is not known.")
            }
            Self::Revoked => {
                format!("{issuer} has taken it back, or replaced it by a newer statement. It no longer holds.")
            }
            Self::Suspended => format!("{issuer} does not stand by it for now."),
            Self::Expired => "Its time is over. It no longer holds.".to_owned(),
            Self::OtherName => "The account shows another name than the one that was checked. Until the new name is \
                checked, it holds for nobody."
                .to_owned(),
            Self::Fault(word) => fault_words(word, issuer),
        }
    }
}

fn fault_words(word: &str, issuer: &str) -> String {
    match word {
        "other_subject" => "It was made for another account. Whoever carries it here has copied it.".to_owned(),
        "unknown_key" => {
            format!("It is signed with a key that {issuer} does not list: it is forged, or the key was dropped.")
        }
        "ended_key" => {
            format!("It is signed with a key that {issuer} has ended. Whoever holds that key may have made it.")
        }
        "proof" => "Its signature does not fit: it is forged, or was changed after it was signed.".to_owned(),
        "not_yet" => "Its time has not come yet.".to_owned(),
        "list" | "bits" => format!(
            "The list that has to say what {issuer} has taken back is not there, is not theirs or cannot be read, so \
             nothing can be said."
        ),
        NO_INSTITUTION => {
            "At the address of the institution that it names there is none, so nobody stands behind it.".to_owned()
        }
        UNREACHABLE => format!(
            "The institution that it names does not answer, so it could never be checked. Whether {issuer} has made it \
             at all is not known."
        ),
        NOT_OURS => "It says that this hospital has made it. It has not.".to_owned(),
        _ => "It is not of a form that can be checked.".to_owned(),
    }
}

/// A statement with whatever helps to judge it.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Whom it speaks of.
    pub account: Account,
    /// The last part of its page's address.
    pub token: String,
    /// Its own id.
    pub uri: String,
    /// Our institution made it.
    pub ours: bool,
    /// Whoever it names has signed it, whether it still holds or not.
    pub signed: bool,
    /// Name of the institution; its host where it has not told its name.
    pub issuer: String,
    /// Id of the institution.
    pub issuer_uri: String,
    /// It is the institution's own word, and that is trusted here, for some disciplines at least.
    pub trusted: bool,
    /// The name that was checked.
    pub name: String,
    /// Key of the discipline; empty where it is none that we know.
    pub discipline: String,
    /// Such as "Consultant"; may be empty.
    pub role: String,
    /// Specialties in words.
    pub specialties: Vec<String>,
    /// The register or body in words; may be empty.
    pub register: String,
    /// ISO 3166; may be empty.
    pub jurisdiction: String,
    /// 1 to 4; 0 where it is not said.
    pub level: i16,
    /// The day of the institution's own check.
    pub checked_on: Option<NaiveDate>,
    /// How it checked, in words.
    pub checks: Vec<&'static str>,
    /// From when on it holds.
    pub valid_from: DateTime<Utc>,
    /// When it ends.
    pub valid_until: DateTime<Utc>,
    /// When the institution last confirmed it to us; none for our own.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// How far it can be relied upon.
    pub state: State,
    /// Addresses of the lists that say whether it was taken back.
    pub lists: Vec<String>,
    /// The statement as it was signed, canonical JSON.
    pub document: String,
}

impl Facts {
    /// Whether it is shown as verified.
    pub fn is_verified(&self) -> bool {
        self.state == State::Verified
    }

    /// The level in words; empty where it is not said.
    pub fn level_words(&self) -> &'static str {
        match self.level {
            1 => "Well-formed, and nothing more",
            2 => "Found in a copy of the register",
            3 => "Found, and control proven",
            4 => "Attested by the institution",
            _ => "",
        }
    }
}

/// A statement by the last part of its page's address.
pub async fn by_token(ctx: &Ctx, token: &str) -> Result<Facts> {
    let mut conn = ctx.pool.read().await?;
    let found = store::attestations::find_by_token(&mut conn, token).await?.ok_or(Error::NotFound)?;
    let account = store::accounts::get(&mut conn, found.account_id).await?;
    facts_of(ctx, &mut conn, account, vec![found]).await?.pop().ok_or(Error::NotFound)
}

/// What is stated about somebody, newest first. What we have taken back ourselves is left out, and so is whatever comes
/// from hosts of which nothing is shown.
pub async fn of_account(ctx: &Ctx, account: AccountId) -> Result<Vec<Facts>> {
    let mut conn = ctx.pool.read().await?;
    let account = store::accounts::get(&mut conn, account).await?;
    let all = store::attestations::list_for_account(&mut conn, account.id).await?;
    facts_of(ctx, &mut conn, account, all.into_iter().filter(|one| one.ended_at.is_none()).collect()).await
}

async fn facts_of(ctx: &Ctx, conn: &mut Conn, account: Account, all: Vec<Attestation>) -> Result<Vec<Facts>> {
    if account.state != AccountState::Active {
        return Ok(Vec::new());
    }
    let foreign: Vec<String> =
        all.iter().filter(|one| one.credential_id.is_none()).map(|one| one.issuer_uri.clone()).collect();
    let known = if foreign.is_empty() { Vec::new() } else { store::issuers::list_with_hosts(conn, foreign).await? };
    let known: HashMap<String, (Issuer, Host)> =
        known.into_iter().map(|(issuer, host)| (issuer.uri.clone(), (issuer, host))).collect();
    let stale = TimeDelta::hours(ctx.config.verification.stale_hours);
    let shown = all.into_iter().filter_map(|one| {
        let peer = known.get(&one.issuer_uri).filter(|_| one.credential_id.is_none());
        facts_from(&account, one, peer, (ctx.now(), stale))
    });
    Ok(shown.collect())
}

/// The facts of one statement; none for what is not shown at all.
fn facts_from(
    account: &Account,
    one: Attestation,
    peer: Option<&(Issuer, Host)>,
    (now, stale): (DateTime<Utc>, TimeDelta),
) -> Option<Facts> {
    if peer.is_some_and(|(_, host)| host.trust == HostTrust::None) {
        return None;
    }
    let state = state_of(&one, &account.name, peer, (now, stale));
    let document: Value = serde_json::from_str(&one.document).ok()?;
    let subject = document.get("credentialSubject").unwrap_or(&Value::Null);
    let ours = one.credential_id.is_some();
    let issuer = match peer {
        Some((issuer, _)) => issuer.name.clone(),
        None if ours => facts::words(&document, "/issuer/name", 200),
        None => String::new(),
    };
    let host = || Url::parse(&one.issuer_uri).ok().and_then(|url| handle::host_of(&url)).unwrap_or_default();
    let specialties: Vec<StatedSpecialty> = serde_json::from_value(one.specialties).ok()?;
    Some(Facts {
        account: account.clone(),
        ours,
        issuer: if issuer.is_empty() { host() } else { issuer },
        signed: ours || SIGNED.contains(&one.verdict.as_str()),
        trusted: ours || (one.verdict == HOLDS && peer.is_some_and(|(issuer, host)| is_trusted(issuer, host))),
        role: facts::words(subject, "/role", 80),
        specialties: specialties.into_iter().map(|one| one.display).filter(|words| !words.is_empty()).collect(),
        checks: checks(&document),
        lists: list_addresses(&document).into_iter().map(ToOwned::to_owned).collect(),
        token: one.token,
        uri: one.uri,
        issuer_uri: one.issuer_uri,
        name: one.name,
        discipline: one.discipline,
        register: one.register,
        jurisdiction: one.jurisdiction,
        level: one.level,
        checked_on: one.checked_on,
        valid_from: one.valid_from,
        valid_until: one.valid_until,
        confirmed_at: one.confirmed_at,
        state,
        document: one.document,
    })
}

fn is_trusted(issuer: &Issuer, host: &Host) -> bool {
    host.trust == HostTrust::Trusted && host.state != HostState::Blocked && issuer.changed_at.is_none()
}

/// By the same rules as the badge beside the name.
fn state_of(
    one: &Attestation,
    shown_name: &str,
    peer: Option<&(Issuer, Host)>,
    (now, stale): (DateTime<Utc>, TimeDelta),
) -> State {
    let over = one.valid_until <= now;
    if one.credential_id.is_some() {
        return match (one.ended_at, one.suspended_at) {
            (Some(at), _) if at < one.valid_until => State::Revoked,
            _ if over => State::Expired,
            (None, Some(_)) => State::Suspended,
            _ if one.name != shown_name => State::OtherName,
            _ => State::Verified,
        };
    }
    match one.verdict.as_str() {
        HOLDS | UNCHECKED if over => State::Expired,
        UNCHECKED => State::Unchecked,
        HOLDS if one.name != shown_name => State::OtherName,
        HOLDS => match peer {
            Some((issuer, _)) if issuer.changed_at.is_some() => State::KeysChanged,
            _ if one.confirmed_at.is_none_or(|at| at + stale <= now) => State::NotConfirmed(one.confirmed_at),
            Some((issuer, host)) if is_trusted(issuer, host) => {
                let among = host.trusted_disciplines.is_empty() || host.trusted_disciplines.contains(&one.discipline);
                if among { State::Verified } else { State::OtherDiscipline }
            }
            _ => State::Claim,
        },
        "revoked" => State::Revoked,
        "suspended" => State::Suspended,
        "expired" => State::Expired,
        "other_name" => State::OtherName,
        word => State::Fault(word.to_owned()),
    }
}

/// How an institution says that it has checked.
fn checks(document: &Value) -> Vec<&'static str> {
    let evidence = document.get("evidence").map(items).unwrap_or_default();
    let words = |one: &Value| match one.get("type")?.as_str()? {
        "RegisterLookup" => Some("Looked up in the register"),
        "DocumentReview" => Some("Documents seen"),
        "MailboxControl" => Some("A code came back from a mailbox of the institution"),
        "HrRecord" => Some("On the institution’s staff list"),
        _ => None,
    };
    evidence.iter().take(8).filter_map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CredentialId, HostId};
    use serde_json::json;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn now() -> (DateTime<Utc>, TimeDelta) {
        (at("2026-06-01T00:00:00Z"), TimeDelta::hours(72))
    }

    fn statement(verdict: &str) -> Attestation {
        Attestation {
            token: "t".into(),
            account_id: AccountId(1),
            uri: "https://brigid.example/attestations/t".into(),
            issuer_uri: "https://brigid.example/org".into(),
            document: "{}".into(),
            name: "Ada".into(),
            discipline: "medicine".into(),
            specialties: json!([]),
            register: String::new(),
            jurisdiction: String::new(),
            level: 4,
            checked_on: None,
            valid_from: at("2026-05-04T00:00:00Z"),
            valid_until: at("2027-05-04T00:00:00Z"),
            credential_id: None,
            suspended_at: None,
            ended_at: None,
            verdict: verdict.into(),
            confirmed_at: Some(at("2026-05-31T00:00:00Z")),
        }
    }

    fn peer(trust: HostTrust, disciplines: &[&str], changed: bool) -> (Issuer, Host) {
        let issuer = Issuer {
            uri: "https://brigid.example/org".into(),
            host_id: HostId(1),
            name: "St Brigid’s".into(),
            document: None,
            fetched_at: None,
            pinned: Vec::new(),
            changed_at: changed.then(|| now().0),
        };
        let host = Host {
            id: HostId(1),
            name: "brigid.example".into(),
            state: HostState::Allowed,
            note: String::new(),
            dialect: None,
            failures: 0,
            failing_since: None,
            last_error: String::new(),
            last_success_at: None,
            retry_at: now().0,
            trust,
            trusted_disciplines: disciplines.iter().map(ToString::to_string).collect(),
            software: String::new(),
            software_at: None,
            software_due_at: None,
        };
        (issuer, host)
    }

    fn state(one: &Attestation, peer: &(Issuer, Host)) -> State {
        state_of(one, "Ada", Some(peer), now())
    }

    #[test]
    fn what_others_state_is_verified_by_our_own_trust_alone() {
        let holds = statement(HOLDS);
        assert_eq!(state(&holds, &peer(HostTrust::Trusted, &[], false)), State::Verified);
        assert_eq!(state(&holds, &peer(HostTrust::Trusted, &["medicine"], false)), State::Verified);
        assert_eq!(state(&holds, &peer(HostTrust::Trusted, &["nursing"], false)), State::OtherDiscipline);
        assert_eq!(state(&holds, &peer(HostTrust::Claim, &[], false)), State::Claim);
        assert_eq!(state(&holds, &peer(HostTrust::Trusted, &[], true)), State::KeysChanged);
        let mut blocked = peer(HostTrust::Trusted, &[], false);
        blocked.1.state = HostState::Blocked;
        assert_eq!(state(&holds, &blocked), State::Claim);
    }

    #[test]
    fn what_no_longer_holds_is_said() {
        let trusted = peer(HostTrust::Trusted, &[], false);
        for (verdict, expected) in [
            ("revoked", State::Revoked),
            ("suspended", State::Suspended),
            ("other_name", State::OtherName),
            (UNCHECKED, State::Unchecked),
            ("proof", State::Fault("proof".into())),
        ] {
            assert_eq!(state(&statement(verdict), &trusted), expected);
        }
        let old = Attestation { confirmed_at: Some(at("2026-05-28T00:00:00Z")), ..statement(HOLDS) };
        assert_eq!(state(&old, &trusted), State::NotConfirmed(old.confirmed_at));
        let over = Attestation { valid_until: now().0, ..statement(HOLDS) };
        assert_eq!(state(&over, &trusted), State::Expired);
        assert_eq!(state_of(&statement(HOLDS), "Dr Osler", Some(&trusted), now()), State::OtherName);
    }

    #[test]
    fn our_own_need_nobodys_trust() {
        let ours = Attestation { credential_id: Some(CredentialId(1)), ..statement(UNCHECKED) };
        let shown = |one: &Attestation| state_of(one, "Ada", None, now());
        assert_eq!(shown(&ours), State::Verified);
        let ended = Attestation { ended_at: Some(at("2026-05-05T00:00:00Z")), ..ours.clone() };
        assert_eq!(shown(&ended), State::Revoked);
        let suspended = Attestation { suspended_at: Some(at("2026-05-05T00:00:00Z")), ..ours.clone() };
        assert_eq!(shown(&suspended), State::Suspended);
        let over = Attestation { valid_until: now().0, ended_at: Some(now().0), ..ours.clone() };
        assert_eq!(shown(&over), State::Expired);
        assert_eq!(state_of(&ours, "Ada B", None, now()), State::OtherName);
    }

    #[test]
    fn every_state_has_words_of_its_own() {
        let faults = ["other_subject", "unknown_key", "ended_key", "proof", "not_yet", "list", "form", NOT_OURS];
        let faults = faults.into_iter().chain([NO_INSTITUTION, UNREACHABLE]);
        let mut all: Vec<State> = faults.map(|word| State::Fault(word.to_owned())).collect();
        all.extend([State::Verified, State::Claim, State::OtherDiscipline, State::NotConfirmed(None)]);
        all.extend([State::KeysChanged, State::Unchecked, State::Revoked, State::Suspended, State::Expired]);
        let words: std::collections::HashSet<String> = all.iter().map(|state| state.words("St Brigid’s")).collect();
        assert_eq!(words.len(), all.len());
        assert_eq!(all.iter().map(State::word).collect::<std::collections::HashSet<_>>().len(), all.len());
    }
}
