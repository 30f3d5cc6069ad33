use crate::{
    error::Result,
    model::AccountId,
    service::Ctx,
    store::{self, Conn},
};

/// Works out anew what is verified of these people now. Whether they may stay in groups that ask for it is looked at next.
pub(in crate::service) async fn refresh_badges(ctx: &Ctx, conn: &mut Conn, accounts: &[AccountId]) -> Result<()> {
    store::badges::refresh(conn, accounts, ctx.now(), ctx.config.verification.stale_hours).await?;
    store::groups::doubt(conn, accounts).await
}
