//! Ballots about the options of a case, told to the group's server alone, and what came of them, told by that server.

use serde_json::{Value, json};

use crate::{
    error::Result,
    federation::{
        FedData,
        wire::{activity, ranking},
    },
    model::{Account, OutboxRow, PostId},
    service::{cases, groups, outbox::Audience, posts, urls},
};

/// A ballot, for the group alone.
pub(super) async fn ballot(
    data: &FedData,
    who: &Account,
    row: &OutboxRow,
    id: PostId,
    ranks: &[i16],
) -> Result<Option<(Value, Audience)>> {
    let post = posts::raw(&data.ctx, id).await?;
    let Some((group, _)) = groups::of_post(&data.ctx, &post).await?.filter(|_| post.deleted_at.is_none()) else {
        return Ok(None);
    };
    let id = format!("{}#ballot-{}", who.uri, row.id);
    let object = ranking::write_ballot(&id, &who.uri, &post.uri, &group.uri, ranks);
    let mut body = activity::write("Create", &format!("{id}-create"), &who.uri, object, json!([group.uri]), json!([]));
    ranking::add_terms(&mut body, &urls::practitioner_terms(&data.ctx));
    Ok(Some((body, Audience { accounts: vec![group.id], ..Audience::default() })))
}

/// What came of the ballots about a case in a group of ours, for the servers of its members.
pub(super) async fn result(data: &FedData, row: &OutboxRow, id: PostId) -> Result<Option<(Value, Audience)>> {
    let Some((post, group, told)) = cases::ranking_told(&data.ctx, id).await? else { return Ok(None) };
    let id = format!("{}#ranked-{}", group.uri, row.id);
    let followers = json!([group.followers_uri.clone().unwrap_or_default()]);
    let object_id = format!("{}#ranking-{}", group.uri, post.id);
    let object = ranking::write_result(&object_id, &group.uri, &post.uri, &told);
    let mut body = activity::write("Update", &id, &group.uri, object, followers, json!([]));
    ranking::add_terms(&mut body, &urls::practitioner_terms(&data.ctx));
    Ok(Some((body, Audience { followers_of: Some(group.id), ..Audience::default() })))
}
