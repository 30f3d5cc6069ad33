use serde::Serialize;
use utoipa::ToSchema;

use crate::service::{
    Ctx,
    tags::{Featured, TagView},
    urls,
};

/// A hashtag.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Tag {
    id: String,
    name: String,
    url: String,
    /// The last seven days, today first.
    history: Vec<TagHistory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    following: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    featuring: Option<bool>,
}

/// A day of a hashtag; numbers as texts, the day in seconds since 1970.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct TagHistory {
    day: String,
    uses: String,
    accounts: String,
}

/// A hashtag on somebody's page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct FeaturedTag {
    id: String,
    name: String,
    url: String,
    statuses_count: String,
    last_status_at: Option<String>,
}

/// `Tag`; `signed_in` where somebody looks.
pub(in crate::api) fn tag(ctx: &Ctx, view: &TagView, signed_in: bool) -> Tag {
    let today = ctx.now().timestamp().div_euclid(86_400);
    let day = |(ago, (uses, people)): (i64, &(i64, i64))| TagHistory {
        day: ((today - ago) * 86_400).to_string(),
        uses: uses.to_string(),
        accounts: people.to_string(),
    };
    Tag {
        id: if view.id == 0 { view.name.clone() } else { view.id.to_string() },
        name: view.name.clone(),
        url: urls::tag(ctx, &view.name),
        history: (0..).zip(&view.days).map(day).collect(),
        following: signed_in.then_some(view.following),
        featuring: signed_in.then_some(view.featuring),
    }
}

/// `FeaturedTag`.
pub(in crate::api) fn featured(ctx: &Ctx, (id, name, posts, last): &Featured) -> FeaturedTag {
    FeaturedTag {
        id: id.to_string(),
        name: name.clone(),
        url: urls::tag(ctx, name),
        statuses_count: posts.to_string(),
        last_status_at: last.map(|at| at.format("%Y-%m-%d").to_string()),
    }
}
