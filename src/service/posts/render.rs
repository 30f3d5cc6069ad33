//! Markdown of ours to safe HTML, with mentions looked up, also on other servers.

use std::collections::HashMap;

use crate::{
    error::{Error, Result},
    model::{AccountId, Markup},
    policy::posting,
    service::{Ctx, urls},
    store,
    text::{self, Found, handle},
};

/// What became of a text.
#[derive(Debug, Clone)]
pub(crate) struct Rendered {
    /// Safe HTML.
    pub(crate) html: String,
    /// Who is mentioned.
    pub(crate) mentions: Vec<AccountId>,
    /// Hashtags, lower case.
    pub(crate) tags: Vec<String>,
    /// The handles that name somebody, lower case and without the leading `@`.
    pub(crate) handles: Vec<String>,
}

/// Most handles of one text that are asked of other servers.
const MAX_LOOKUPS: usize = 10;

/// Renders a text. May ask other servers, so it is never called inside a transaction.
pub(crate) async fn render(ctx: &Ctx, source: &str, markup: Markup) -> Result<Rendered> {
    let found = match markup {
        Markup::Markdown => text::find(source),
        Markup::Plain => text::plain::find(source),
    };
    if found.mentions.len() > posting::MAX_MENTIONS {
        return Err(Error::invalid("text", format!("A post may mention {} people.", posting::MAX_MENTIONS)));
    }
    if found.tags.len() > posting::MAX_TAGS {
        return Err(Error::invalid("text", format!("A post may have {} hashtags.", posting::MAX_TAGS)));
    }
    let people = look_up(ctx, &found).await?;
    let links = Known { ctx, people: &people };
    let html = match markup {
        Markup::Markdown => text::render(source, &links),
        Markup::Plain => text::plain::render(source, &links),
    };
    let mut mentions: Vec<AccountId> = people.values().map(|p| p.0).collect();
    mentions.sort_unstable();
    mentions.dedup();
    Ok(Rendered { html, mentions, tags: found.tags, handles: people.into_keys().collect() })
}

type People = HashMap<String, (AccountId, String, String)>;

async fn look_up(ctx: &Ctx, found: &Found) -> Result<People> {
    let own_host = ctx.config.instance.host();
    // What was written, and the one spelling of it.
    let wanted: Vec<(&String, String)> = found
        .mentions
        .iter()
        .filter_map(|written| {
            let handle = handle::parse(written, &own_host)?;
            Some((written, handle.host.map_or(handle.username.clone(), |host| format!("{}@{host}", handle.username))))
        })
        .collect();
    let asked = wanted.iter().map(|(_, handle)| handle.clone()).collect();
    let mut known = by_handle(ctx, asked).await?;
    let unknown: Vec<String> = wanted
        .iter()
        .map(|(_, h)| h.clone())
        .filter(|h| h.contains('@') && !known.contains_key(h))
        .take(MAX_LOOKUPS)
        .collect();
    if let (false, Ok(remote)) = (unknown.is_empty(), ctx.remote()) {
        for handle in &unknown {
            if let Some((username, host)) = handle.split_once('@')
                && let Err(error) = remote.account(username, host).await
            {
                tracing::debug!(%host, %error, "a mentioned person was not found");
            }
        }
        known.extend(by_handle(ctx, unknown).await?);
    }
    Ok(wanted
        .into_iter()
        .filter_map(|(written, handle)| Some((written.clone(), known.get(&handle)?.clone())))
        .collect())
}

async fn by_handle(ctx: &Ctx, handles: Vec<String>) -> Result<People> {
    if handles.is_empty() {
        return Ok(People::new());
    }
    let rows = store::accounts::list_by_handles(&mut *ctx.pool.get().await?, handles).await?;
    Ok(rows.into_iter().map(|(handle, id, _, url, username)| (handle, (id, url, username))).collect())
}

struct Known<'a> {
    ctx: &'a Ctx,
    people: &'a People,
}

impl text::Links for Known<'_> {
    fn mention(&self, handle: &str) -> Option<(String, String)> {
        self.people.get(handle).map(|(_, url, username)| (url.clone(), username.clone()))
    }

    fn tag(&self, name: &str) -> String {
        urls::tag(self.ctx, name)
    }
}
