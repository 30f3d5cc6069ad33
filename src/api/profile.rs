//! One's own account: asking for it, reading it, changing it.

use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    auth::Call,
    entity,
    error::{Answer, Fault},
    json, statuses,
};
use crate::{
    error::{Error, Result},
    model::{PostId, Visibility},
    policy::Viewer,
    service::{
        accounts as users, follows,
        media::{self, Purpose},
        profiles::{self, ProfileForm},
        registration,
    },
    text::says_verified,
};

/// `GET /api/v1/accounts/verify_credentials`
pub(super) async fn own(call: Call) -> Answer {
    call.own("profile|read:accounts")?;
    shown(&call, "profile|read:accounts").await
}

async fn shown(call: &Call, scope: &str) -> Answer {
    let (viewer, me) = (call.own(scope)?, call.require(scope)?);
    let account = profiles::by_id(&call.ctx, &Viewer::Anonymous, me).await?.account;
    let user = users::own(&call.ctx, &viewer).await?;
    let requests = follows::count_requests(&call.ctx, &viewer).await?;
    Ok(json(&entity::credential_account(&call.ctx, &account, &user, requests)))
}

/// `PATCH /api/v1/accounts/update_credentials`: what is not sent stays as it is.
pub(super) async fn update(call: Call) -> Answer {
    const SCOPE: &str = "write:accounts";
    let (viewer, me) = (call.own(SCOPE)?, call.require(SCOPE)?);
    let account = profiles::by_id(&call.ctx, &viewer, me).await?.account;
    let mut form = ProfileForm::of(&account);
    let before = form.clone();
    if let Some(name) = call.params.text("display_name") {
        form.name = if name.trim().is_empty() { account.username.clone() } else { name };
    }
    form.bio = call.params.text("note").unwrap_or(form.bio);
    form.locked = call.params.flag("locked").unwrap_or(form.locked);
    form.discoverable = call.params.flag("discoverable").unwrap_or(form.discoverable);
    if call.params.has("fields_attributes") {
        let line =
            |set: super::params::Params| (set.text("name").unwrap_or_default(), set.text("value").unwrap_or_default());
        let lines = call.params.inners("fields_attributes").into_iter().map(line);
        // Claims and badge stand in places of their own here; a client that sends them back does not make them double.
        form.fields = lines
            .filter(|(name, value)| {
                !says_verified(name) && !account.claims().iter().any(|c| c.0 == name && c.1 == value)
            })
            .collect();
    }
    if form != before {
        profiles::update(&call.ctx, &viewer, form).await?;
    }
    for (name, purpose) in [("avatar", Purpose::Avatar), ("header", Purpose::Banner)] {
        if let Some(bytes) = call.params.file(name) {
            media::set_face(&call.ctx, &viewer, purpose, Some(bytes)).await?;
        }
    }
    preferences_of(&call, &viewer).await?;
    shown(&call, SCOPE).await
}

async fn preferences_of(call: &Call, viewer: &Viewer) -> Result<()> {
    let source = call.params.inner("source");
    let user = users::own(&call.ctx, viewer).await?;
    let visibility = match source.text("privacy").as_deref() {
        Some("public") => Visibility::Public,
        Some("unlisted") => Visibility::Unlisted,
        Some("private") => Visibility::Followers,
        Some("direct") => Visibility::Direct,
        Some(_) => return Err(Error::invalid("source", "Privacy is not included in the list")),
        None => user.default_visibility,
    };
    let language = source.text("language").filter(|l| !l.is_empty()).unwrap_or_else(|| user.language.clone());
    if visibility != user.default_visibility || language != user.language {
        users::set_preferences(&call.ctx, viewer, &language, visibility).await?;
    }
    Ok(())
}

/// `DELETE /api/v1/profile/avatar`
pub(super) async fn remove_avatar(call: Call) -> Answer {
    let viewer = call.own("write:accounts")?;
    media::set_face(&call.ctx, &viewer, Purpose::Avatar, None).await?;
    shown(&call, "write:accounts").await
}

/// `DELETE /api/v1/profile/header`
pub(super) async fn remove_header(call: Call) -> Answer {
    let viewer = call.own("write:accounts")?;
    media::set_face(&call.ctx, &viewer, Purpose::Banner, None).await?;
    shown(&call, "write:accounts").await
}

/// What one's posts begin with, and how one reads.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Preferences {
    #[serde(rename = "posting:default:visibility")]
    visibility: &'static str,
    #[serde(rename = "posting:default:sensitive")]
    sensitive: bool,
    #[serde(rename = "posting:default:language")]
    language: String,
    #[serde(rename = "posting:default:quote_policy")]
    quotes: &'static str,
    #[serde(rename = "reading:expand:media")]
    media: &'static str,
    #[serde(rename = "reading:expand:spoilers")]
    spoilers: bool,
    #[serde(rename = "reading:autoplay:gifs")]
    gifs: bool,
}

/// `GET /api/v1/preferences`
pub(super) async fn preferences(call: Call) -> Answer {
    let viewer = call.own("read:accounts")?;
    let user = users::own(&call.ctx, &viewer).await?;
    Ok(json(&Preferences {
        visibility: entity::visibility(user.default_visibility),
        sensitive: false,
        language: user.language,
        quotes: "nobody",
        media: "default",
        spoilers: false,
        gifs: false,
    }))
}

/// A token.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    #[serde(rename = "access_token")]
    pub(super) secret: String,
    #[serde(rename = "token_type")]
    pub(super) kind: &'static str,
    pub(super) scope: String,
    /// Seconds since 1970.
    pub(super) created_at: i64,
}

/// `POST /api/v1/accounts`: asks for an account; the token works once the person may sign in.
pub(super) async fn register(call: Call) -> Answer {
    let app = call.token("write:accounts")?.clone();
    if app.account_id.is_some() {
        return Err(Error::Forbidden("This method requires a client credentials token").into());
    }
    let text = |name: &str| call.params.text(name).unwrap_or_default();
    if !call.params.flag("agreement").unwrap_or(false) {
        return Err(Fault::SignUp(vec![("agreement", "ERR_ACCEPTED", "must be accepted".into())]));
    }
    let form = registration::SignUp {
        username: text("username"),
        name: text("username"),
        email: text("email"),
        password: text("password"),
        reason: text("reason"),
        invitation: text("invitation"),
        discoverable: false,
    };
    let faults = blank(&form);
    if !faults.is_empty() {
        return Err(Fault::SignUp(faults));
    }
    let granted = match registration::ask_by_app(&call.ctx, form, &call.address, &app).await {
        Ok(granted) => granted,
        Err(Error::Invalid(fields)) => return Err(Fault::SignUp(fields.into_iter().map(sign_up_fault).collect())),
        Err(Error::Conflict(words)) => return Err(Fault::SignUp(vec![("username", "ERR_TAKEN", words)])),
        Err(error) => return Err(error.into()),
    };
    Ok(json(&Token { secret: granted.secret, kind: "Bearer", scope: granted.scopes, created_at: granted.created_at }))
}

fn blank(form: &registration::SignUp) -> Vec<(&'static str, &'static str, String)> {
    let mut faults = Vec::new();
    for (field, value) in [("username", &form.username), ("email", &form.email), ("password", &form.password)] {
        if value.is_empty() {
            faults.push((field, "ERR_BLANK", "can't be blank".to_owned()));
            if field == "email" {
                faults.push((field, "ERR_INVALID", "is invalid".to_owned()));
            }
        }
    }
    faults
}

fn sign_up_fault(fault: crate::error::FieldError) -> (&'static str, &'static str, String) {
    let code = match fault.field {
        "password" => "ERR_TOO_SHORT",
        "reason" => "ERR_BLANK",
        "username" if fault.message.contains("taken") => "ERR_TAKEN",
        _ => "ERR_INVALID",
    };
    (fault.field, code, fault.message)
}

/// `POST /api/v1/emails/confirmations`: the mail with the link once more.
pub(super) async fn confirm_again(call: Call) -> Answer {
    let me = call
        .unconfirmed()
        .ok_or(Error::Forbidden("This method is for those whose e-mail address is not confirmed yet"))?;
    registration::mail_again(&call.ctx, me).await?;
    Ok(json(&entity::Empty {}))
}

/// `GET /api/v1/markers`
pub(super) async fn markers(call: Call) -> Answer {
    let viewer = call.own("read:statuses")?;
    let found = crate::service::pins::markers(&call.ctx, &viewer, call.params.list("timeline")).await?;
    Ok(json(&marks(found)))
}

/// `POST /api/v1/markers`
pub(super) async fn set_markers(call: Call) -> Answer {
    let viewer = call.own("write:statuses")?;
    let read: Vec<(String, i64)> = ["home", "notifications"]
        .into_iter()
        .filter_map(|name| {
            let id: PostId = call.params.inner(name).text("last_read_id")?.parse().ok()?;
            Some((name.to_owned(), id.0))
        })
        .collect();
    let found = crate::service::pins::set_markers(&call.ctx, &viewer, read).await?;
    Ok(json(&marks(found)))
}

fn marks(found: Vec<crate::service::pins::Marker>) -> std::collections::BTreeMap<String, entity::Marker> {
    found
        .into_iter()
        .map(|(timeline, id, version, at)| {
            let mark = entity::Marker { last_read_id: id.to_string(), version, updated_at: entity::stamp(at) };
            (timeline, mark)
        })
        .collect()
}

/// `GET /api/v1/scheduled_statuses`
pub(super) async fn scheduled(call: Call) -> Answer {
    use crate::service::scheduled;
    let viewer = call.own("read:statuses")?;
    let page = super::page::asked(&call, 20);
    let listed = scheduled::list(&call.ctx, &viewer, false, &page).await?;
    let keys = listed.items.first().map(|s| s.id.0).zip(listed.items.last().map(|s| s.id.0));
    let items: Result<Vec<_>> = listed.items.iter().map(|s| entity::scheduled(&call.ctx, &viewer, s)).collect();
    Ok(super::page::answer(&call, &page, &listed, keys, &items?))
}

/// `GET /api/v1/scheduled_statuses/{id}`
pub(super) async fn one_scheduled(call: Call, id: web::Path<crate::model::ScheduledId>) -> Answer {
    let viewer = call.own("read:statuses")?;
    let one = crate::service::scheduled::get(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::scheduled(&call.ctx, &viewer, &one)?))
}

/// `PUT /api/v1/scheduled_statuses/{id}`
pub(super) async fn move_scheduled(call: Call, id: web::Path<crate::model::ScheduledId>) -> Answer {
    let viewer = call.own("write:statuses")?;
    let at = statuses::scheduled_at(&call.params)?
        .ok_or_else(|| Error::invalid("scheduled_at", "Scheduled at can't be blank"))?;
    let one = crate::service::scheduled::move_to(&call.ctx, &viewer, *id, at).await?;
    Ok(json(&entity::scheduled(&call.ctx, &viewer, &one)?))
}

/// `DELETE /api/v1/scheduled_statuses/{id}`
pub(super) async fn delete_scheduled(call: Call, id: web::Path<crate::model::ScheduledId>) -> Answer {
    let viewer = call.own("write:statuses")?;
    crate::service::scheduled::delete(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::Empty {}))
}
