use serde::Serialize;
use utoipa::ToSchema;

use super::stamp;
use crate::{
    model::{self, FilterContext, PostCard},
    policy::Viewer,
    service::{Ctx, filters, posts::Parts},
};

/// A filter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Filter {
    id: String,
    title: String,
    context: Vec<&'static str>,
    expires_at: Option<String>,
    /// `warn`, `hide` or `blur`.
    #[serde(rename = "filter_action")]
    action: &'static str,
    keywords: Vec<FilterKeyword>,
    statuses: Vec<FilterStatus>,
}

/// A word of a filter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct FilterKeyword {
    id: String,
    keyword: String,
    whole_word: bool,
}

/// A post of a filter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct FilterStatus {
    id: String,
    status_id: String,
}

/// A filter that fits a post, and by what.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct FilterResult {
    filter: Filter,
    keyword_matches: Option<Vec<String>>,
    status_matches: Option<Vec<String>>,
}

/// A filter as the first version of the contract knew it: one word.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct FilterV1 {
    id: String,
    phrase: String,
    context: Vec<&'static str>,
    whole_word: bool,
    expires_at: Option<String>,
    irreversible: bool,
}

/// `Filter`.
pub(in crate::api) fn filter(filter: &model::Filter) -> Filter {
    Filter {
        id: filter.id.to_string(),
        title: filter.title.clone(),
        context: contexts(&filter.contexts),
        expires_at: filter.ends_at.map(stamp),
        action: filter.action.as_str(),
        keywords: filter.keywords.iter().map(keyword).collect(),
        statuses: filter.posts.iter().map(filter_status).collect(),
    }
}

fn contexts(contexts: &[FilterContext]) -> Vec<&'static str> {
    contexts.iter().map(|c| c.as_str()).collect()
}

/// `FilterKeyword`.
pub(in crate::api) fn keyword(keyword: &model::FilterKeyword) -> FilterKeyword {
    FilterKeyword { id: keyword.id.to_string(), keyword: keyword.keyword.clone(), whole_word: keyword.whole_word }
}

/// `FilterStatus`.
pub(in crate::api) fn filter_status(post: &model::FilterPost) -> FilterStatus {
    FilterStatus { id: post.id.to_string(), status_id: post.post_id.to_string() }
}

/// `V1::Filter` for each word of a filter; its id is the word's.
pub(in crate::api) fn filters_v1(filter: &model::Filter) -> Vec<FilterV1> {
    filter
        .keywords
        .iter()
        .map(|word| FilterV1 {
            id: word.id.to_string(),
            phrase: word.keyword.clone(),
            context: contexts(&filter.contexts),
            whole_word: word.whole_word,
            expires_at: filter.ends_at.map(stamp),
            irreversible: filter.action == model::FilterAction::Hide,
        })
        .collect()
}

/// `FilterResult` for each of the viewer's filters that fits.
pub(in crate::api) fn filter_results(ctx: &Ctx, viewer: &Viewer, card: &PostCard, parts: &Parts) -> Vec<FilterResult> {
    filters::sift(&parts.sieve, &parts.filters, viewer, card, ctx.now())
        .into_iter()
        .map(|found| FilterResult {
            filter: filter(found.filter),
            keyword_matches: (!found.keywords.is_empty())
                .then(|| found.keywords.into_iter().map(ToOwned::to_owned).collect()),
            status_matches: (!found.posts.is_empty()).then(|| found.posts.iter().map(ToString::to_string).collect()),
        })
        .collect()
}
