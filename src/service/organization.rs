//! The institution itself as an account: it can be followed, says what the house announces, and signs what it has
//! verified about its people.

use super::{Ctx, attestations, keys, urls};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, AccountKind, AccountState, Event, KeyKind},
    store::{self, accounts::NewLocal},
    text::{self, sanitize},
};

/// Its id.
pub fn uri(ctx: &Ctx) -> String {
    urls::account(ctx, &ctx.config.verification.organization)
}

/// Its name.
pub(super) fn name(ctx: &Ctx) -> String {
    sanitize::name(&ctx.config.instance.name, 100)
}

/// Its account. Made on first use, with the first key that it issues statements with.
pub async fn account(ctx: &Ctx) -> Result<AccountId> {
    let known = store::issuing::institution(&mut *ctx.pool.get().await?).await?;
    let id = match known {
        Some(account) => same(ctx, &account)?,
        None => make(ctx).await?,
    };
    attestations::keys::make_first(ctx).await?;
    Ok(id)
}

/// What was signed names its signer for ever, so the institution keeps its user name.
fn same(ctx: &Ctx, account: &Account) -> Result<AccountId> {
    if account.uri == uri(ctx) {
        return Ok(account.id);
    }
    Err(Error::Conflict(format!(
        "The institution is known as {}, and verification.organization says {}. Set that back.",
        account.username, ctx.config.verification.organization
    )))
}

async fn make(ctx: &Ctx) -> Result<AccountId> {
    let (uri, name, username) = (uri(ctx), name(ctx), &ctx.config.verification.organization);
    let mut keys = keys::make(ctx, &uri, "").await?;
    // Its Ed25519 keys are those that it issues with, and they are kept apart.
    keys.retain(|key| key.kind == KeyKind::Rsa);
    let mut tx = ctx.tx().await?;
    let made = store::accounts::insert_local(
        &mut tx,
        NewLocal {
            username: username.clone(),
            name_skeleton: text::skeleton(&name),
            name,
            kind: AccountKind::Organization,
            state: AccountState::Active,
            discoverable: true,
            uri,
            url: urls::profile(ctx, username),
            shared_inbox: urls::shared_inbox(ctx),
            keys,
        },
    )
    .await;
    match made {
        Ok(id) => {
            tx.commit().await?;
            Ok(id)
        }
        Err(Error::Conflict(_)) => {
            tx.roll_back().await?;
            let known = store::issuing::institution(&mut *ctx.pool.get().await?).await?;
            match known {
                // Another process was faster.
                Some(account) => same(ctx, &account),
                None => Err(Error::Conflict(format!(
                    "The user name {username} is somebody's already. Set verification.organization to one that is free."
                ))),
            }
        }
        Err(error) => Err(error),
    }
}

/// Sees to it at the start that the account is there and bears the name of the instance. A user name that cannot be had
/// keeps no server from starting: then nothing can be attested, and the log says why.
pub async fn start(ctx: &Ctx) -> Result<()> {
    let id = match account(ctx).await {
        Ok(id) => id,
        Err(Error::Conflict(words)) => {
            tracing::error!("the institution can attest nothing: {words}");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let name = name(ctx);
    let mut tx = ctx.tx().await?;
    if store::accounts::get(&mut tx, id).await?.name == name {
        return tx.roll_back().await;
    }
    store::issuing::rename(&mut tx, id, &name, &text::skeleton(&name), ctx.now()).await?;
    store::outbox::insert(&mut tx, id, &Event::Profile).await?;
    tx.commit().await
}
