//! How often apps may call. Counted in memory, by process: a bounded brake, not a rule that must be exact.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use actix_web::{HttpMessage, HttpRequest};
use chrono::{DateTime, Utc};
use moka::sync::Cache;

use crate::{
    error::{Error, Result},
    service::Ctx,
};

/// Calls of each person or network in the current five minutes.
#[derive(Debug)]
pub(super) struct Limits {
    most: u32,
    ctx: Ctx,
    calls: Cache<(i64, String), Arc<AtomicU32>>,
}

/// What the headers of an answer say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    pub(super) reset: DateTime<Utc>,
}

const WINDOW: i64 = 300;

impl Limits {
    /// `most` calls in five minutes; 0 switches the brake off.
    pub(super) fn new(most: u32, ctx: Ctx) -> Self {
        let calls = Cache::builder()
            .max_capacity(100_000)
            .time_to_live(std::time::Duration::from_secs(2 * WINDOW.unsigned_abs()))
            .build();
        Self { most, ctx, calls }
    }

    /// Counts a call and notes on the request what is left.
    pub(super) fn count(&self, request: &HttpRequest, who: &str) -> Result<()> {
        if self.most == 0 {
            return Ok(());
        }
        let now = self.ctx.now().timestamp();
        let window = now.div_euclid(WINDOW);
        let calls = self.calls.get_with((window, who.to_owned()), Arc::default);
        let used = calls.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let ends = (window + 1) * WINDOW;
        let reset = DateTime::from_timestamp(ends, 0).unwrap_or_default();
        request.extensions_mut().insert(Left { limit: self.most, remaining: self.most.saturating_sub(used), reset });
        if used > self.most {
            return Err(Error::TooMany(u64::try_from(ends - now).unwrap_or(1)));
        }
        Ok(())
    }
}
