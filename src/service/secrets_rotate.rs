//! Exchanging the instance key: every sealed record is wrapped in the present one, by the operator.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    Ctx,
    audit::{self, About, By, Deed},
};
use crate::{
    crypto::seal::HEAD,
    error::{Error, Result},
    model::AuditAction,
    store::{
        self,
        sealed::{PLACES, Place},
    },
};

/// Records of one step. Each step stands by itself: a run that was cut short is taken up by the next.
const AT_ONCE: i64 = 500;

/// What was done with the records of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Records that were wrapped in the present key.
    pub sealed: usize,
    /// Records that no key at hand opens.
    pub left: usize,
}

/// Whose key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It seals.
    Present,
    /// It is at hand and opens.
    Previous,
    /// It is not at hand.
    Unknown,
}

impl Standing {
    /// One word, for scripts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Previous => "previous",
            Self::Unknown => "unknown",
        }
    }
}

/// An instance key, and how much is sealed under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// What it is called: the first 8 hexadecimal digits of its SHA-256.
    pub key: String,
    /// Whether it is at hand.
    pub standing: Standing,
    /// Records.
    pub records: i64,
}

/// Wraps everything in the present key that is wrapped in another one. What is sealed is neither opened nor read, only
/// the key of each record is.
pub async fn rotate(ctx: &Ctx) -> Result<Vec<Done>> {
    let present = present(ctx)?;
    let mut all = Vec::with_capacity(PLACES.len());
    for place in PLACES {
        all.push(rotate_place(ctx, place, &present).await?);
    }
    let records: usize = all.iter().map(|done| done.sealed).sum();
    if records > 0 {
        let mut tx = ctx.tx().await?;
        let deed = Deed::new(By::Operator, AuditAction::RotateInstanceKey, About::Instance);
        audit::record(ctx, &mut tx, deed.with(json!({ "key": present, "records": records }))).await?;
        tx.commit().await?;
        tracing::info!(key = present, records, "sealed under the present instance key");
    }
    Ok(all)
}

async fn rotate_place(ctx: &Ctx, place: &'static Place, present: &str) -> Result<Done> {
    let mut done = Done { table: place.table, column: place.column, sealed: 0, left: 0 };
    let mut last = None;
    loop {
        let mut conn = ctx.pool.get().await?;
        let heads = store::sealed::list_others(&mut conn, place, present, last.take(), HEAD, AT_ONCE).await?;
        let Some(newest) = heads.last() else { return Ok(done) };
        last = Some(newest.row.clone());
        let mut changes = Vec::with_capacity(heads.len());
        for head in heads {
            match ctx.keyring.rewrap(&head.bytes)? {
                Some(again) => changes.push((head, again)),
                None => done.left += 1,
            }
        }
        if !changes.is_empty() {
            done.sealed += store::sealed::put(&mut conn, place, changes, HEAD).await?;
        }
    }
}

/// Which instance keys there are, and how many records are sealed under each: the present one first.
pub async fn status(ctx: &Ctx) -> Result<Vec<Use>> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for place in PLACES {
        for (key, records) in store::sealed::count(&mut *ctx.pool.get().await?, place).await? {
            *counts.entry(key).or_default() += records;
        }
    }
    let mut all: Vec<Use> = Vec::new();
    for (place, key) in ctx.keyring.ids().into_iter().enumerate() {
        let records = counts.remove(&key).unwrap_or(0);
        let standing = if place == 0 { Standing::Present } else { Standing::Previous };
        if all.iter().all(|known| known.key != key) {
            all.push(Use { key, standing, records });
        }
    }
    all.extend(counts.into_iter().map(|(key, records)| Use { key, standing: Standing::Unknown, records }));
    Ok(all)
}

fn present(ctx: &Ctx) -> Result<String> {
    ctx.keyring.ids().into_iter().next().ok_or(Error::Unavailable)
}
