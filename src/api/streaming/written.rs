//! A post as it is written for those who listen: once for all who see it alike, and anew for each who does not.

use std::{collections::HashMap, sync::Arc};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::channel::Channel;
use crate::{
    api::entity,
    error::{Error, Result},
    model::{AccountId, FilterContext, PostCard, PostId},
    policy::{Viewer, filters::hides},
    service::{
        Ctx, filters,
        posts::{self, Parts},
        streams::{self, Audience},
    },
};

/// Viewers for whom a post is written at once.
const AT_ONCE: usize = 4;

/// A post as somebody sees it who has done nothing with it; none where nobody listens who may see it. What is not open
/// to everybody is asked for by those who have it at home.
pub(super) async fn as_most_see(
    ctx: &Ctx,
    id: PostId,
    audience: &Audience,
    wanting: &[(AccountId, Viewer)],
) -> Result<Option<PostCard>> {
    if wanting.is_empty() {
        return Ok(None);
    }
    if audience.open {
        return Ok(posts::several(ctx, &Viewer::Anonymous, vec![id]).await?.pop());
    }
    for (_, viewer) in wanting {
        if let Some(card) = posts::several(ctx, viewer, vec![id]).await?.pop() {
            return Ok(Some(card.untouched()));
        }
    }
    Ok(None)
}

/// The conversations that a direct post is in, for each who listens.
pub(super) async fn conversations(
    ctx: &Ctx,
    card: &PostCard,
    wanting: &[(AccountId, Viewer)],
) -> Result<HashMap<AccountId, Arc<str>>> {
    let mut all = HashMap::new();
    for (who, viewer) in wanting {
        if let Some(one) = streams::conversations_of(ctx, card, viewer).await?
            && let Some(shown) = entity::conversations(ctx, viewer, &[one]).await?.pop()
        {
            all.insert(*who, written(&shown).into());
        }
    }
    Ok(all)
}

/// A post as it is written for those who listen.
#[derive(Default)]
pub(super) struct Written {
    /// For all who see it alike.
    common: Option<Shown>,
    /// For those who see it in their own way; none where they may not see it.
    own: HashMap<AccountId, Option<Shown>>,
}

impl Written {
    /// Writes it.
    pub(super) async fn of(
        ctx: &Ctx,
        id: PostId,
        card: &PostCard,
        wanting: &[(AccountId, Viewer)],
        audience: &Audience,
    ) -> Result<Self> {
        let names: Vec<AccountId> = wanting.iter().map(|w| w.0).collect();
        // Pictures that are not for everybody have an address for each viewer.
        let alike = audience.open || card.media.0.is_empty();
        let special =
            if alike { streams::own_ways(ctx, id, names.clone()).await? } else { names.iter().copied().collect() };
        let mut all = Self::default();
        let (apart, plain): (Vec<_>, Vec<_>) = wanting.iter().copied().partition(|w| special.contains(&w.0));
        if let Some((_, viewer)) = plain.first() {
            let mut parts = posts::parts(ctx, viewer, std::slice::from_ref(card)).await?;
            let mut filters = filters::of_people(ctx, plain.iter().map(|w| w.0).collect()).await?;
            parts.filters.clear();
            all.common = Shown::of(ctx, viewer, card, &parts)?;
            for (who, viewer) in &plain {
                let Some(theirs) = filters.remove(who) else { continue };
                parts.filters = theirs;
                all.own.insert(*who, Shown::of(ctx, viewer, card, &parts)?);
            }
        }
        let apart = stream::iter(apart).map(|(who, viewer)| async move {
            let Some(card) = posts::several(ctx, &viewer, vec![id]).await?.pop() else { return Ok((who, None)) };
            let parts = posts::parts(ctx, &viewer, std::slice::from_ref(&card)).await?;
            Ok::<_, Error>((who, Shown::of(ctx, &viewer, &card, &parts)?))
        });
        all.own.extend(apart.buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?);
        Ok(all)
    }

    /// As somebody sees it; none where they may not.
    pub(super) fn to(&self, who: AccountId) -> Option<&Shown> {
        self.own.get(&who).map_or(self.common.as_ref(), Option::as_ref)
    }
}

/// A post as it is written for one viewer, or for all who see it alike.
pub(super) struct Shown {
    payload: Arc<str>,
    /// Where this viewer's filters leave it out.
    hidden: Vec<FilterContext>,
}

impl Shown {
    fn of(ctx: &Ctx, viewer: &Viewer, card: &PostCard, parts: &Parts) -> Result<Option<Self>> {
        let found = filters::matches(&parts.filters, viewer, card, ctx.now());
        let hidden = [FilterContext::Home, FilterContext::Public];
        let hidden = hidden.into_iter().filter(|c| found.iter().any(|f| hides(f, *c))).collect();
        Ok(entity::entry(ctx, viewer, card, parts)?.map(|status| Self { payload: written(&status).into(), hidden }))
    }

    /// The text of it on a stream; none where a filter leaves it out there.
    pub(super) fn for_channel(&self, channel: &Channel) -> Option<Arc<str>> {
        let context = match channel {
            Channel::User | Channel::List(_) => FilterContext::Home,
            Channel::Public { .. } | Channel::Tag { .. } | Channel::Notifications | Channel::Direct => {
                FilterContext::Public
            }
        };
        (!self.hidden.contains(&context)).then(|| Arc::clone(&self.payload))
    }
}

/// JSON.
pub(super) fn written(body: &impl serde::Serialize) -> String {
    serde_json::to_string(body).unwrap_or_else(|_| String::new())
}
