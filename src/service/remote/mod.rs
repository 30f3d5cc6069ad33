//! What other servers tell us, once it has been checked: every deed in one transaction with its receipt.

mod known;

use chrono::{DateTime, Utc};

pub use known::{account, account_by_uri, accounts_by_uri, host, key, known_posts, post_by_uri};

use super::{Ctx, cases, follows, groups, likeness, polls, reactions, received::Receipt, reports, shuns};
pub use crate::store::{
    accounts::{NewKey, RemoteAccount},
    incoming::RemotePost,
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, AccountState, Order, Post, PostId, Ranking},
    policy::Viewer,
    store::{self, Conn},
};

/// What somebody on another server did. Who did it has been proven by a signature.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Asks to follow one of our people; a group's moderators are told why, and it honours a link of theirs.
    Follow { target: String, uri: String, wish: groups::Wish },
    /// Accepts a follow of ours.
    Accept { follow: Option<String>, follower: Option<String> },
    /// Refuses a follow of ours, or removes the follower; a group says why.
    Reject { follow: Option<String>, follower: Option<String>, reason: String },
    /// Follows one of our people no more.
    Unfollow { target: String },
    /// Likes a post.
    Like { post: String, uri: String },
    /// Takes a like back, known by its own id or by the post.
    Unlike { like: Option<String>, post: Option<String> },
    /// Passes a post on.
    Boost { post: String, uri: String, at: DateTime<Utc> },
    /// Takes a boost back, known by its own id or by the post.
    Unboost { boost: Option<String>, post: Option<String> },
    /// Takes back whatever of theirs has this id: a follow, a like or a boost.
    Undo { uri: String },
    /// Wrote a post.
    Create(Box<RemotePost>),
    /// Wrote a post in a group of ours; the activity as it came, to be handed on.
    Post { post: Box<RemotePost>, activity: String },
    /// Wrote a post for everybody that is meant for an open group of ours, with software that knows no groups.
    Outside { post: Box<RemotePost>, activity: String },
    /// Changed or deleted a post of theirs: where it is in a group of ours, the activity is handed on as it came.
    Change { deed: Box<Deed>, post: String, activity: String },
    /// Orders something in a group of ours as somebody who leads it; the activity as it came, to be handed on.
    Order { group: AccountId, order: Order, activity: String },
    /// A group of theirs tells what those did who lead it, and which of them (ActivityPub id).
    Told { order: Order, by: Option<String> },
    /// A group of theirs shows a post of ours, with the words that it had then, where that is known.
    Shown { post: String, as_of: Option<DateTime<Utc>> },
    /// A group of theirs says that a post of ours waits for its moderators.
    Held { post: String },
    /// A group of theirs did not take a post of ours, and says why.
    NotTaken { post: String, reason: String },
    /// Rewrote a post.
    Update(Box<RemotePost>),
    /// Deleted a post.
    Delete { uri: String },
    /// Deleted their own account.
    Leave,
    /// Votes on a poll of ours, naming the choice.
    Vote { post: String, choice: String },
    /// Ranks the options of a case in a group of ours: places of options.
    Ballot { case: String, ranks: Vec<usize> },
    /// A group of theirs tells what came of the ballots about a case.
    Ranked { case: String, told: Ranking },
    /// A group of theirs tells those who lead it how much waits there, and when it has counted that, where it says so.
    Waiting { requests: i64, posts: i64, counted_at: Option<DateTime<Utc>> },
    /// Puts one of their posts on top of their page.
    Pin { post: String },
    /// Takes it off there.
    Unpin { post: String },
    /// Blocks one of our people.
    Block { target: String, uri: String },
    /// Takes a block back, known by its own id or by whom it was about.
    Unblock { block: Option<String>, target: Option<String> },
    /// Reports some of our people or posts.
    Flag { objects: Vec<String>, comment: String, uri: String },
    /// Nothing that concerns us.
    Nothing,
}

/// Carries out a deed and removes its receipt, both or neither.
pub async fn apply(ctx: &Ctx, receipt: &Receipt, who: &Account, deed: Deed) -> Result<()> {
    let seen = groups::look_through(ctx, told(&deed)).await?;
    let mut tx = ctx.tx().await?;
    if !store::received::finish(&mut tx, receipt.worker, vec![receipt.id]).await? {
        return tx.roll_back().await;
    }
    let done = carry_out(ctx, &mut tx, who, deed, &seen).await;
    match done {
        Ok(()) => tx.commit().await,
        Err(error) => {
            tx.roll_back().await?;
            Err(error)
        }
    }
}

/// Stores many new posts and removes their receipts, all or nothing.
pub async fn ingest(
    ctx: &Ctx,
    worker: i64,
    receipts: Vec<crate::model::ReceivedId>,
    posts: &[RemotePost],
) -> Result<()> {
    let mut tx = ctx.tx().await?;
    if !store::received::finish(&mut tx, worker, receipts).await? {
        return tx.roll_back().await;
    }
    match store::incoming::insert(&mut tx, posts).await {
        Ok(_) => tx.commit().await,
        Err(error) => {
            tx.roll_back().await?;
            Err(error)
        }
    }
}

/// The post that a deed tells, new or in other words, where a closed group of ours may be its place.
fn told(deed: &Deed) -> Option<&RemotePost> {
    match deed {
        Deed::Post { post, .. } | Deed::Update(post) => Some(post),
        Deed::Change { deed, .. } => told(deed),
        _ => None,
    }
}

async fn carry_out(ctx: &Ctx, conn: &mut Conn, who: &Account, deed: Deed, seen: &groups::Looked) -> Result<()> {
    match deed {
        Deed::Follow { target, uri, wish } => follows::request_from_remote(ctx, conn, who, &target, &uri, &wish).await,
        Deed::Accept { follow, follower } => {
            follows::accepted_by_remote(conn, who.id, follow.as_deref(), follower.as_deref()).await
        }
        Deed::Reject { follow, follower, reason } => {
            follows::rejected_by_remote(ctx, conn, who.id, follow.as_deref(), follower.as_deref(), &reason).await
        }
        Deed::Unfollow { target } => follows::withdrawn_by_remote(ctx, conn, who.id, &target).await,
        Deed::Like { post, uri } => match store::posts::find_by_uri(conn, &post).await? {
            Some(post) => reactions::liked_by_remote(conn, &viewer(who), who.id, &post, &uri).await,
            None => Ok(()),
        },
        Deed::Unlike { like, post } => match find_liked(conn, who.id, like, post).await? {
            Some(post) => reactions::unliked_by_remote(conn, who.id, post).await,
            None => Ok(()),
        },
        Deed::Boost { post, uri, at } => match store::posts::find_by_uri(conn, &post).await? {
            Some(post) => {
                // Some programs show what is in a group by boosting it, and in no other way.
                groups::shown_by_group(ctx, conn, who.id, &post, Some(at)).await?;
                reactions::boosted_by_remote(conn, who.id, &post, &uri, at.min(ctx.now())).await
            }
            None => Ok(()),
        },
        Deed::Unboost { boost, post } => match find_boosted(conn, who.id, boost, post).await? {
            Some(post) => reactions::unboosted_by_remote(conn, who.id, post, ctx.now()).await,
            None => Ok(()),
        },
        Deed::Undo { uri } => undo(ctx, conn, who.id, uri).await,
        Deed::Create(post) => store::incoming::insert(conn, std::slice::from_ref(&*post)).await.map(|_| ()),
        Deed::Post { post, activity } => groups::posted_by_remote(ctx, conn, who, *post, &activity, seen).await,
        Deed::Outside { post, activity } => groups::posted_from_outside(ctx, conn, who, *post, &activity).await,
        Deed::Change { deed, post, activity } => change(ctx, conn, who, *deed, &post, &activity, seen).await,
        Deed::Order { group, order, activity } => {
            groups::ordered_by_remote(ctx, conn, who.id, group, &order, &activity).await
        }
        Deed::Told { order, by } => groups::told_by_group(ctx, conn, who.id, by.as_deref(), &order).await,
        Deed::Shown { post, as_of } => match store::posts::find_by_uri(conn, &post).await? {
            Some(post) => groups::shown_by_group(ctx, conn, who.id, &post, as_of).await,
            None => Ok(()),
        },
        Deed::Held { post } => match store::posts::find_by_uri(conn, &post).await? {
            Some(post) => groups::held_by_group(ctx, conn, who.id, &post).await,
            None => Ok(()),
        },
        Deed::NotTaken { post, reason } => match store::posts::find_by_uri(conn, &post).await? {
            Some(post) => groups::refused_by_group(ctx, conn, who.id, &post, &reason).await,
            None => Ok(()),
        },
        Deed::Update(post) => update(ctx, conn, who.id, *post, seen).await,
        Deed::Delete { uri } => bury(ctx, conn, who, &uri).await,
        Deed::Leave => leave(ctx, conn, who).await,
        Deed::Vote { post, choice } => match store::posts::find_by_uri(conn, &post).await? {
            Some(post) => polls::voted_by_remote(ctx, conn, &viewer(who), who, &post, &choice).await,
            None => Ok(()),
        },
        Deed::Ballot { case, ranks } => {
            cases::ranking::ranked_by_remote(ctx, conn, &viewer(who), who, &case, &ranks).await
        }
        Deed::Ranked { case, told } => cases::ranking::told_by_group(conn, who.id, &case, &told).await,
        Deed::Waiting { requests, posts, counted_at } => {
            groups::waiting_told(ctx, conn, who.id, (requests, posts), counted_at).await
        }
        Deed::Pin { post } => match store::posts::find_by_uri(conn, &post).await?.filter(|p| p.author_id == who.id) {
            Some(post) => store::taste::pin(conn, who.id, post.id).await.map(drop),
            None => Ok(()),
        },
        Deed::Unpin { post } => match store::posts::find_by_uri(conn, &post).await? {
            Some(post) => store::taste::unpin(conn, who.id, post.id).await.map(drop),
            None => Ok(()),
        },
        Deed::Block { target, uri } => shuns::blocked_by_remote(ctx, conn, who.id, &target, &uri).await,
        Deed::Unblock { block, target } => {
            shuns::unblocked_by_remote(conn, who.id, block.as_deref(), target.as_deref()).await
        }
        Deed::Flag { objects, comment, uri } => reports::filed_by_remote(ctx, conn, who, objects, &comment, &uri).await,
        Deed::Nothing => Ok(()),
    }
}

/// A change of a post that may be in a group of ours: it is handed on where it was heard. What goes with a case is told after it.
async fn change(
    ctx: &Ctx,
    conn: &mut Conn,
    who: &Account,
    deed: Deed,
    uri: &str,
    activity: &str,
    seen: &groups::Looked,
) -> Result<()> {
    let tells = matches!(deed, Deed::Update(_));
    let known = store::posts::find_by_uri(conn, uri).await?.filter(|post| post.author_id == who.id);
    if let Deed::Update(new) = &deed
        && let Some(post) = &known
        && !groups::may_change(ctx, conn, post, new.visibility).await?
    {
        return groups::struck_alone(ctx, conn, post, new, activity).await;
    }
    Box::pin(carry_out(ctx, conn, who, deed, seen)).await?;
    groups::changed_by_remote(conn, who.id, uri, activity, tells).await?;
    match known.filter(|post| !tells && post.deleted_at.is_none()) {
        Some(post) => store::groups::tell_removed_below(conn, vec![post.id]).await,
        None => Ok(()),
    }
}

async fn undo(ctx: &Ctx, conn: &mut Conn, who: AccountId, uri: String) -> Result<()> {
    if let Some(post) = find_liked(conn, who, Some(uri.clone()), None).await? {
        reactions::unliked_by_remote(conn, who, post).await?;
    }
    if let Some(post) = find_boosted(conn, who, Some(uri.clone()), None).await? {
        reactions::unboosted_by_remote(conn, who, post, ctx.now()).await?;
    }
    shuns::unblocked_by_remote(conn, who, Some(&uri), None).await?;
    follows::withdrawn_by_uri(ctx, conn, who, &uri).await
}

fn viewer(who: &Account) -> Viewer {
    who.host_id.map_or(Viewer::Anonymous, |host| Viewer::Remote { host, account: Some(who.id), whole_host: false })
}

async fn find_liked(
    conn: &mut Conn,
    who: AccountId,
    like: Option<String>,
    post: Option<String>,
) -> Result<Option<PostId>> {
    if let Some(uri) = like
        && let Some(post) = store::reactions::liked_by_uri(conn, who, &uri).await?
    {
        return Ok(Some(post));
    }
    match post {
        Some(uri) => Ok(store::posts::find_by_uri(conn, &uri).await?.map(|p| p.id)),
        None => Ok(None),
    }
}

async fn find_boosted(
    conn: &mut Conn,
    who: AccountId,
    boost: Option<String>,
    post: Option<String>,
) -> Result<Option<PostId>> {
    if let Some(uri) = boost
        && let Some(row) = store::posts::find_by_uri(conn, &uri).await?
        && row.author_id == who
    {
        return Ok(row.boost_of_id);
    }
    match post {
        Some(uri) => Ok(store::posts::find_by_uri(conn, &uri).await?.map(|p| p.id)),
        None => Ok(None),
    }
}

/// New words for a post of theirs. An older version than ours is ignored; one we never had is taken as new.
async fn update(ctx: &Ctx, conn: &mut Conn, who: AccountId, mut new: RemotePost, seen: &groups::Looked) -> Result<()> {
    let Some(known) = store::posts::find_by_uri(conn, &new.uri).await? else {
        return store::incoming::insert(conn, std::slice::from_ref(&new)).await.map(|_| ());
    };
    let post = match store::posts::lock(conn, known.id).await {
        Ok(post) => post,
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    if post.author_id != who {
        return Err(Error::Forbidden("Only its author may change a post."));
    }
    let struck = std::mem::take(&mut new.struck);
    strike(ctx, conn, &post, &struck).await?;
    if !groups::may_change(ctx, conn, &post, new.visibility).await? {
        return Ok(());
    }
    if post.group_id.is_some() && new.reply_to.is_none() && new.title.is_empty() {
        new.title = groups::title_of(&new.html);
    }
    let is_current = post.edited_at.is_none_or(|known| new.edited_at.is_some_and(|at| at >= known));
    if is_current {
        groups::rewritten(ctx, conn, &post, &new, seen).await?;
        if post.interests != new.interests {
            store::cases::core::set_interests(conn, post.id, &new.interests).await?;
        }
    }
    if let Some(poll) = &new.poll {
        match store::polls::find(conn, None, post.id).await? {
            Some(_) if store::polls::set_counts(conn, post.id, poll).await? => {}
            // Other choices are other words: an older version has none to say.
            Some(_) | None if is_current => store::polls::put(conn, post.id, poll).await?,
            Some(_) | None => {}
        }
    }
    let newer = new.edited_at.is_some_and(|at| post.edited_at.is_none_or(|known| at > known));
    if newer {
        store::media::put_remote(conn, post.id, &new.media).await?;
    }
    let same_words = post.html == new.html && post.warning == new.warning && post.title == new.title;
    if !newer {
        return Ok(());
    }
    let at = new.edited_at.unwrap_or(new.published_at);
    if same_words && post.sensitive == new.sensitive {
        return store::posts::set_edited(conn, post.id, at).await;
    }
    let mentions = store::accounts::list_by_uri(conn, new.mentions).await?.into_iter().map(|a| a.id).collect();
    let edit = store::posts::Edit {
        title: new.title,
        warning: new.warning,
        source: String::new(),
        html: new.html,
        language: new.language,
        mentions,
        tags: new.tags,
        sensitive: new.sensitive,
        at,
    };
    store::posts::update(conn, &post, edit).await?;
    // What it said until now may be one of them.
    strike(ctx, conn, &post, &struck).await?;
    store::notifications::insert_for_edit(conn, post.id).await?;
    store::notifications::insert_for_posts(conn, vec![post.id]).await
}

/// Takes the words out of the versions of a post of theirs that they have struck.
async fn strike(ctx: &Ctx, conn: &mut Conn, post: &Post, written_at: &[DateTime<Utc>]) -> Result<()> {
    if written_at.is_empty() {
        return Ok(());
    }
    store::posts::strike::told(conn, post.id, written_at.to_vec(), ctx.now()).await.map(drop)
}

/// Deletes a post of theirs, or remembers the deletion of one that has not come yet.
async fn bury(ctx: &Ctx, conn: &mut Conn, who: &Account, uri: &str) -> Result<()> {
    match store::posts::find_by_uri(conn, uri).await? {
        Some(post) if post.author_id != who.id => Err(Error::Forbidden("Only its author may delete a post.")),
        // Said again of a case, it is said of what came below it since.
        Some(post) if post.deleted_at.is_some() => store::posts::bury_below(conn, post.id, ctx.now()).await,
        Some(post) => match post.boost_of_id {
            Some(original) => reactions::unboosted_by_remote(conn, who.id, original, ctx.now()).await,
            None => cases::taken_back(ctx, conn, &post, who.id, None).await.map(drop),
        },
        None => store::posts::insert_tombstone(conn, uri, &who.uri).await,
    }
}

/// They deleted their account: their posts and follows go, and their cases are called back. Our groups tell whoever has what they
/// wrote in them: their own server does not know who that is.
async fn leave(ctx: &Ctx, conn: &mut Conn, who: &Account) -> Result<()> {
    follows::end_all_of(ctx, conn, who.id).await?;
    let concerned = cases::concerned_by_all_of(conn, who.id).await?;
    let gone = store::posts::bury_all_of(conn, who.id, ctx.now()).await?;
    store::groups::tell_removed(conn, gone.clone()).await?;
    store::groups::tell_removed_below(conn, gone.clone()).await?;
    groups::waits_no_more(ctx, conn, gone.clone()).await?;
    cases::begin_all(ctx, conn, who.id, gone, concerned).await?;
    store::accounts::set_state(conn, who.id, AccountState::Gone).await
}

/// Stores or refreshes somebody of another server.
pub async fn store_account(ctx: &Ctx, account: RemoteAccount) -> Result<Account> {
    let mut tx = ctx.tx().await?;
    let before = store::accounts::find_by_uri(&mut tx, &account.uri).await?;
    let (is_new_name, marked) = (before.is_none_or(|b| b.name != account.name), account.name_marked);
    let (id, keys_changed) = store::accounts::upsert_remote(&mut tx, account).await?;
    if is_new_name {
        likeness::look_at(ctx, &mut tx, id).await?;
    }
    if marked {
        likeness::marked(ctx, &mut tx, id, is_new_name).await?;
    }
    if keys_changed {
        // Every process forgets the old keys.
        store::wake::notify(&mut tx, store::wake::Queue::Policy).await?;
    }
    let account = store::accounts::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(account)
}

/// Stores posts that we fetched ourselves.
pub async fn store_posts(ctx: &Ctx, posts: &[RemotePost]) -> Result<()> {
    let mut tx = ctx.tx().await?;
    store::incoming::insert(&mut tx, posts).await?;
    tx.commit().await
}

/// What the author's own server says of a post now.
pub async fn refreshed(ctx: &Ctx, author: AccountId, post: RemotePost) -> Result<()> {
    let seen = groups::look_through(ctx, Some(&post)).await?;
    let mut tx = ctx.tx().await?;
    update(ctx, &mut tx, author, post, &seen).await?;
    tx.commit().await
}

/// Marks somebody as gone whose server says so.
pub async fn mark_gone(ctx: &Ctx, who: &Account) -> Result<()> {
    let mut tx = ctx.tx().await?;
    leave(ctx, &mut tx, who).await?;
    tx.commit().await
}
