//! What was verified of somebody, for programs: who said so, and how far that can be relied upon now.

use serde::Serialize;
use utoipa::ToSchema;

use super::{auth::Call, error::Answer, json};
use crate::service::{
    attestations::view::{self, Facts},
    profiles, urls,
};

/// What is verified of somebody, as far as this server knows without asking anybody.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verification {
    /// `ada@hospital.example`
    acct: String,
    /// One of the statements is verified.
    verified: bool,
    statements: Vec<VerifiedStatement>,
}

/// A signed statement about somebody. It holds no registration number.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerifiedStatement {
    /// Its own address.
    id: String,
    /// Its page here.
    url: String,
    issuer: StatementIssuer,
    /// A key such as `medicine`; empty where it is not said.
    discipline: String,
    /// In words.
    specialties: Vec<String>,
    /// In words; empty where it is not said.
    register: String,
    /// ISO 3166; empty where it is not said.
    jurisdiction: String,
    /// 1 well-formed, 2 matched in a register, 3 control proven, 4 attested; 0 where it is not said.
    level: i16,
    /// The day of the institution's own check.
    checked_on: Option<String>,
    valid_until: String,
    /// `verified`, `claim`, `other_discipline`, `not_confirmed`, `keys_changed`, `unchecked`, `unreachable`,
    /// `revoked`, `suspended`, `expired`, `other_name`, or the word of a fault.
    state: String,
    /// When its institution last confirmed it to this server; null for this server's own.
    confirmed_at: Option<String>,
}

/// The institution that has signed it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatementIssuer {
    id: String,
    name: String,
    /// It is the institution's own word, and this server shows what it states as verified, in some disciplines at least.
    trusted: bool,
}

fn stated(facts: Facts, origin: &str) -> VerifiedStatement {
    let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    VerifiedStatement {
        url: urls::verify(origin, &facts.token),
        state: facts.state.word().to_owned(),
        id: facts.uri,
        issuer: StatementIssuer { id: facts.issuer_uri, name: facts.issuer, trusted: facts.trusted },
        discipline: facts.discipline,
        specialties: facts.specialties,
        register: facts.register,
        jurisdiction: facts.jurisdiction,
        level: facts.level,
        checked_on: facts.checked_on.map(|day| day.to_string()),
        valid_until: time(facts.valid_until),
        confirmed_at: facts.confirmed_at.map(time),
    }
}

/// `GET /api/consilium/v1/verify?acct=ada@hospital.example`
pub(super) async fn read(call: Call) -> Answer {
    let viewer = call.viewer("read:accounts")?;
    let account = profiles::by_handle(&call.ctx, &viewer, &call.params.required("acct")?).await?.account;
    let facts = view::of_account(&call.ctx, account.id).await?;
    let instance = &call.ctx.config.instance;
    let origin = instance.origin();
    Ok(json(&Verification {
        acct: format!("{}@{}", account.username, account.host.unwrap_or_else(|| instance.host())),
        verified: facts.iter().any(Facts::is_verified),
        statements: facts.into_iter().map(|one| stated(one, &origin)).collect(),
    }))
}
