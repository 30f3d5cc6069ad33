//! What could not be delivered or understood: an admin sees it with its reason.

use serde_json::{Value, json};

use super::{
    Ctx, Page, Paged, Queue,
    audit::{self, About, By, Deed},
};
use crate::{
    crypto::jcs,
    error::{Error, Result},
    model::{AccountId, AuditAction, DeadLetter, DeadLetterId, Direction, Received},
    policy::{Viewer, moderation},
    store::{self, Conn, received::Letter},
};

/// Most addresses of one activity that are looked up, and the longest of them in bytes.
const MAX_ADDRESSES: usize = 1_000;
const MAX_ADDRESS: usize = 2_048;

/// Members of an activity that hold what somebody says or shows.
const WORDS: &[&str] = &["content", "contentMap", "name", "nameMap", "source", "attachment"];

/// A page, newest first.
pub async fn list(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<DeadLetter>> {
    moderation::require_admin(viewer)?;
    store::dead_letters::list(&mut *ctx.pool.get().await?, page).await
}

/// Tries one again.
///
/// # Errors
/// [`Error::Conflict`] for one whose words were not kept.
pub async fn retry(ctx: &Ctx, viewer: &Viewer, id: DeadLetterId) -> Result<()> {
    let by = moderation::require_admin(viewer)?;
    let mut tx = ctx.tx().await?;
    let letter = store::dead_letters::take(&mut tx, id).await?;
    if letter.withheld {
        let words = "What this said was for the members of a group and is not kept: it can only be discarded.";
        return Err(Error::Conflict(words.into()));
    }
    match letter.direction {
        Direction::In => {
            store::received::requeue(&mut tx, &letter.actor, &letter.body).await?;
            store::wake::notify(&mut tx, Queue::Received).await?;
        }
        Direction::Out => store::dead_letters::requeue_out(&mut tx, &letter).await?,
    }
    record(ctx, &mut tx, by, AuditAction::RetryDeadLetter, &letter).await?;
    tx.commit().await
}

/// Throws one away.
pub async fn discard(ctx: &Ctx, viewer: &Viewer, id: DeadLetterId) -> Result<()> {
    let by = moderation::require_admin(viewer)?;
    let mut tx = ctx.tx().await?;
    let letter = store::dead_letters::take(&mut tx, id).await?;
    record(ctx, &mut tx, by, AuditAction::DiscardDeadLetter, &letter).await?;
    tx.commit().await
}

async fn record(ctx: &Ctx, conn: &mut Conn, by: AccountId, action: AuditAction, letter: &DeadLetter) -> Result<()> {
    let deed = Deed::new(By::Account(by), action, About::DeadLetter(letter));
    audit::record(ctx, conn, deed.with(json!({ "direction": letter.direction.as_str() }))).await
}

/// What waits in the queues, for the admin's overview.
pub async fn queue_lengths(ctx: &Ctx, viewer: &Viewer) -> Result<(i64, i64, i64, i64, i64)> {
    moderation::require_moderator(viewer)?;
    queue_lengths_by_operator(ctx).await
}

/// The same for the operator: received, outbox, deliveries, mails, dead letters.
pub async fn queue_lengths_by_operator(ctx: &Ctx) -> Result<(i64, i64, i64, i64, i64)> {
    store::instance::queue_lengths(&mut *ctx.pool.get().await?).await
}

/// What is kept of an activity that failed. What is said for a group alone is not: an admin need not belong to it. Nor is what
/// cannot be read, as nobody can tell whom it was for.
pub(super) async fn letter_of(conn: &mut Conn, activity: &Received) -> Result<Letter> {
    let Ok(said) = jcs::parse_strict(activity.body.as_bytes()) else {
        return Ok(Letter { body: "{}".into(), withheld: true, post: None });
    };
    let post = match told(&said) {
        Some(uri) => store::posts::find_by_uri(conn, uri).await?,
        None => None,
    };
    let is_gone = post.as_ref().is_some_and(|post| post.deleted_at.is_some());
    let withheld = is_gone || (has_words(&said) && is_for_group(conn, &activity.actor, &said).await?);
    let body = if withheld {
        json!({ "id": said.get("id"), "type": said.get("type") }).to_string()
    } else {
        activity.body.clone()
    };
    Ok(Letter { body, withheld, post: post.map(|post| post.id) })
}

async fn is_for_group(conn: &mut Conn, actor: &str, said: &Value) -> Result<bool> {
    let object = said.get("object").unwrap_or(said);
    let is_open = [said, object].into_iter().any(is_for_everybody);
    if !is_open && [said, object].into_iter().any(|one| one.get("audience").is_some()) {
        return Ok(true);
    }
    let mut found = vec![actor.to_owned()];
    addresses(said, &mut found);
    if found.len() > MAX_ADDRESSES {
        return Ok(true);
    }
    store::received::is_for_group(conn, found).await
}

/// The address of the post that an activity tells, bare or inside the Announce of a group.
fn told(said: &Value) -> Option<&str> {
    let object = said.get("object")?;
    match said.get("type")?.as_str()? {
        "Create" | "Update" => object.as_str().or_else(|| object.get("id")?.as_str()),
        "Announce" if object.is_object() => told(object),
        _ => None,
    }
}

/// Whether an activity says anything, beside who did what to what.
fn has_words(said: &Value) -> bool {
    match said {
        Value::Array(items) => items.iter().any(has_words),
        Value::Object(members) => members.iter().any(|(key, member)| match key.as_str() {
            "@context" => false,
            "type" => matches!(member.as_str(), Some("Create" | "Update" | "Flag")),
            key => WORDS.contains(&key) || has_words(member),
        }),
        _ => false,
    }
}

fn is_for_everybody(said: &Value) -> bool {
    let is_public = |to: &Value| {
        let word = to.as_str().unwrap_or_default();
        matches!(word, "https://www.w3.org/ns/activitystreams#Public" | "as:Public" | "Public")
    };
    ["to", "cc"].into_iter().filter_map(|key| said.get(key)).any(|to| match to {
        Value::Array(list) => list.iter().any(is_public),
        one => is_public(one),
    })
}

/// Every address in an activity.
fn addresses(said: &Value, found: &mut Vec<String>) {
    match said {
        Value::String(text) if text.starts_with("http") && text.len() <= MAX_ADDRESS => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| addresses(item, found)),
        Value::Object(members) => members.values().for_each(|member| addresses(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_activity_says_and_of_which_post_is_found_in_an_announce_as_well() {
        let create = json!({ "type": "Create", "object": { "id": "https://a.example/1", "content": "She is ill" } });
        let announce = json!({ "@context": { "name": "x" }, "type": "Announce", "object": create });
        assert_eq!((told(&create), told(&announce)), (Some("https://a.example/1"), Some("https://a.example/1")));
        assert!(has_words(&create) && has_words(&announce));
        let delete = json!({ "type": "Delete", "object": { "id": "https://a.example/1", "type": "Tombstone" } });
        let announce = json!({ "@context": { "name": "x" }, "type": "Announce", "object": delete });
        assert_eq!(told(&announce), None);
        assert!(!has_words(&announce), "it can be tried again");
        assert!(is_for_everybody(&json!({ "cc": ["as:Public"] })) && !is_for_everybody(&create));
    }
}
