//! What clinicians say of their work, for which Mastodon's contract has no words.

use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

use super::{auth::Call, entity, error::Answer, json};
use crate::{
    error::Result,
    model::{Account, AccountId},
    service::{
        Ctx,
        profiles::{self, ProfileForm},
    },
};

/// Somebody's work, as they claim it. Nobody has checked it, except for what `badge` says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Practitioner {
    id: String,
    acct: String,
    display_name: String,
    pronouns: String,
    discipline: String,
    specialty: String,
    employer: String,
    place: String,
    /// BCP 47 tags.
    languages: Vec<String>,
    /// What is verified; null for nothing.
    badge: Option<entity::VerifiedBadge>,
}

fn shown(ctx: &Ctx, account: &Account) -> Practitioner {
    let form = ProfileForm::of(account);
    Practitioner {
        id: account.id.to_string(),
        acct: account.handle(),
        display_name: form.name,
        pronouns: form.pronouns,
        discipline: form.discipline,
        specialty: form.specialty,
        employer: form.employer,
        place: form.place,
        languages: form.languages,
        badge: entity::badge(ctx, account),
    }
}

/// `GET /api/consilium/v1/practitioners/{id}`
pub(super) async fn read(call: Call, id: web::Path<AccountId>) -> Answer {
    let viewer = call.viewer("read:accounts")?;
    let account = profiles::by_id(&call.ctx, &viewer, *id).await?.account;
    Ok(json(&shown(&call.ctx, &account)))
}

/// `GET /api/consilium/v1/practitioner`
pub(super) async fn own(call: Call) -> Answer {
    Ok(json(&mine(&call, "read:accounts").await?))
}

async fn mine(call: &Call, scope: &str) -> Result<Practitioner> {
    let (viewer, me) = (call.own(scope)?, call.require(scope)?);
    Ok(shown(&call.ctx, &profiles::by_id(&call.ctx, &viewer, me).await?.account))
}

/// `PATCH /api/consilium/v1/practitioner`: what is not sent stays as it is.
pub(super) async fn change(call: Call) -> Answer {
    const SCOPE: &str = "write:accounts";
    let (viewer, me) = (call.own(SCOPE)?, call.require(SCOPE)?);
    let mut form = ProfileForm::of(&profiles::by_id(&call.ctx, &viewer, me).await?.account);
    for (name, field) in [
        ("pronouns", &mut form.pronouns),
        ("discipline", &mut form.discipline),
        ("specialty", &mut form.specialty),
        ("employer", &mut form.employer),
        ("place", &mut form.place),
    ] {
        if let Some(said) = call.params.text(name) {
            *field = said;
        }
    }
    if call.params.has("languages") {
        form.languages = call.params.list("languages");
    }
    profiles::update(&call.ctx, &viewer, form).await?;
    Ok(json(&mine(&call, SCOPE).await?))
}
