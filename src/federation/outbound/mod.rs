//! What we tell other servers: events become documents, documents become deliveries, deliveries become signed POSTs.

mod deliver;
mod in_group;
mod lead;
mod ranking;
mod render;

pub use deliver::Deliverer;
pub(super) use render::{PostDocument, post_document};

use serde_json::Value;

use super::{FedData, Federation};
use crate::{
    error::{Error, Result},
    model::{Account, Post},
    service::outbox,
};

/// What a group of ours hands on of a new post of ours.
pub(super) async fn announced(data: &FedData, group: &Account, post: &Post) -> Result<Value> {
    Ok(in_group::told(data, group, post, "Create", None).await?.0)
}

/// Renders every event that is due and lines up its deliveries; returns how many were settled.
pub async fn run_once(federation: &Federation) -> Result<usize> {
    let data = federation.to_request_data();
    let mut settled = 0;
    for (row, event) in outbox::due(&data.ctx).await? {
        match one(&data, &row, &event).await {
            Ok(()) => settled += 1,
            Err(error) => outbox::failed(&data.ctx, &row, &error).await?,
        }
    }
    Ok(settled)
}

async fn one(data: &FedData, row: &crate::model::OutboxRow, event: &crate::model::Event) -> Result<()> {
    match render::event(data, row, event).await {
        Ok(Some((document, audience))) => {
            let body = serde_json::to_vec(&document).map_err(|e| Error::Internal(e.into()))?;
            outbox::hand_out(&data.ctx, row.id, &body, &audience).await
        }
        // What it speaks of is gone by now, and with it everything to tell.
        Ok(None) | Err(Error::NotFound | Error::Gone) => outbox::drop_event(&data.ctx, row.id).await,
        Err(error) => Err(error),
    }
}
