use super::{
    gate::{self, Looked, Stays},
    render::{Rendered, render},
};
use crate::{
    crypto::token,
    error::{Error, Result},
    model::{
        AccountId, AppId, Event, Held, Markup, MediaId, Post, PostCard, PostId, ScheduledId, SourceKey, Visibility,
    },
    policy::{Viewer, moderation, posting, unnamed},
    service::{
        Ctx,
        cases::{self, Unnamed},
        demands,
        groups::{self, Place},
        marks::Mark,
        media,
        polls::{self, NewPoll},
        sources, urls,
    },
    store::{self, Conn},
    text::{language, sanitize},
};

/// What a person wants to say.
#[derive(Debug, Clone, Default)]
pub struct NewPost {
    /// As it was typed.
    pub text: String,
    /// How.
    pub markup: Markup,
    /// Content warning, or empty.
    pub warning: String,
    /// Code; empty for the person's own language.
    pub language: String,
    /// Who it is for. An answer never reaches further than what it answers.
    pub visibility: Visibility,
    /// What it answers.
    pub reply_to: Option<PostId>,
    /// Look twice, with or without a warning in words.
    pub sensitive: bool,
    /// Pictures that were sent in before.
    pub media: Vec<MediaId>,
    /// A poll.
    pub poll: Option<NewPoll>,
    /// The program that it was written with.
    pub app: Option<AppId>,
    /// The group that it opens a discussion in; an answer is in the group of what it answers.
    pub group: Option<AccountId>,
    /// Title of a discussion.
    pub title: String,
    /// What of the group's topics it is about; empty for none.
    pub topic: String,
    /// Sources as they were typed, by DOI or PMID, one a line; counts in a group alone.
    pub sources: String,
    /// Conflicts of interest, as its author declares them for it; counts in a group alone.
    pub interests: String,
    /// A word that names this request: the same again within an hour gives the same post and no second one.
    pub once: Option<String>,
    /// As the one who asked a case without a name, in an answer below it.
    pub as_asker: bool,
    /// What could identify a patient and stays; counts in a group alone.
    pub stays: Stays,
    /// Which of its pictures its author has looked at; counts in a group alone.
    pub looked: Looked,
}

/// A post before anything of it is kept: whatever had to be asked of other servers has been asked.
struct Ready {
    new: NewPost,
    poll: Option<polls::Told>,
    parent: Option<PostCard>,
    visibility: Visibility,
    rendered: Rendered,
    place: Option<Place>,
    unnamed: Option<Unnamed>,
    /// What it stands on.
    cited: Vec<SourceKey>,
    /// What in it could identify a patient.
    found: Vec<Mark>,
}

/// Checks a post and makes it ready. May ask other servers, so it is never called inside a transaction.
async fn prepare(ctx: &Ctx, viewer: &Viewer, me: AccountId, mut new: NewPost) -> Result<Ready> {
    posting::check_text(&new.text, &new.warning, !new.media.is_empty())?;
    posting::check_title(&new.title)?;
    posting::check_interests(&new.interests)?;
    new.interests = sanitize::name(&new.interests, posting::MAX_INTERESTS);
    let poll = new.poll.as_ref().map(|poll| polls::check(ctx, poll)).transpose()?;
    let parent = match new.reply_to {
        Some(id) => Some(super::read(ctx, viewer, id).await?),
        None => None,
    };
    let mut rendered = render(ctx, &new.text, new.markup).await?;
    let mut place = in_group(ctx, viewer, me, &new, parent.as_ref()).await?;
    let unnamed = without_name(ctx, me, &new, parent.as_ref(), place.as_mut()).await?;
    let visibility = match &place {
        Some(place) => place.visibility,
        None => parent.as_ref().map_or(new.visibility, |p| p.post.visibility.narrower(new.visibility)),
    };
    if let Some(parent) = &parent
        && !rendered.mentions.contains(&parent.author.id)
        // Without a name one's own words under the name are somebody else's: they are answered like anybody's.
        && (new.as_asker || parent.author.id != me)
        && parent.post.label.is_empty()
    {
        rendered.mentions.push(parent.author.id);
    }
    if visibility == Visibility::Group && place.is_none() {
        return Err(Error::invalid("visibility", "Choose who this is for."));
    }
    if visibility == Visibility::Direct && rendered.mentions.iter().all(|m| *m == me) && parent.is_none() {
        return Err(Error::invalid(
            "text",
            "A direct post needs somebody to go to: mention a person as @name@hospital.",
        ));
    }
    // Whoever is named in what is for a group alone and is no member reads nothing of it.
    if visibility != Visibility::Group {
        demands::may_publish(ctx, me, visibility, &rendered.mentions, parent.as_ref().map(|p| p.post.id)).await?;
    }
    let cited = match &place {
        Some(_) => sources::named(&new.sources, [new.text.as_str()])?,
        None => Vec::new(),
    };
    let found = match &place {
        Some(_) => {
            let found = gate::found(ctx, viewer, &new, &rendered.handles).await?;
            gate::require_passed(&found, (&new.media, &new.media), &new.looked)?;
            found
        }
        None => Vec::new(),
    };
    if let Some(place) = place.as_mut().filter(|place| place.held == Held::No)
        && gate::needs_look(&found)
    {
        place.held = Held::Screening;
    }
    Ok(Ready { new, poll, parent, visibility, rendered, place, unnamed, cited, found })
}

/// How an answer is shown that is written as the one who asked a case without a name; none where it is not. It is held back as
/// any other like it.
async fn without_name(
    ctx: &Ctx,
    me: AccountId,
    new: &NewPost,
    parent: Option<&PostCard>,
    place: Option<&mut Place>,
) -> Result<Option<Unnamed>> {
    if !new.as_asker {
        return Ok(None);
    }
    let (Some(parent), Some(place)) = (parent, place) else {
        return Err(Error::Forbidden("Without your name you answer below your own case alone."));
    };
    if new.poll.is_some() || !new.media.is_empty() {
        return Err(Error::invalid("text", "An answer without your name has neither pictures nor a poll."));
    }
    let mut conn = ctx.pool.read().await?;
    cases::refuse_known(&mut conn, me, &new.interests).await?;
    let unnamed = cases::as_asker(ctx, &mut conn, me, parent.post.id).await?;
    let group = store::groups::find(&mut conn, place.group).await?.ok_or(Error::NotFound)?;
    place.held = unnamed::held(group.premoderation);
    Ok(Some(unnamed))
}

/// Where a post goes that opens a discussion in a group or answers in one; none where it does neither.
async fn in_group(
    ctx: &Ctx,
    viewer: &Viewer,
    me: AccountId,
    new: &NewPost,
    parent: Option<&PostCard>,
) -> Result<Option<Place>> {
    let Some(group) = parent.map_or(new.group, |parent| parent.post.group_id) else { return Ok(None) };
    let mut conn = ctx.pool.read().await?;
    if let Some(parent) = parent {
        groups::may_answer(&mut conn, &parent.post).await?;
    }
    groups::place(ctx, &mut conn, viewer, me, group, &new.topic).await.map(Some)
}

/// Publishes a post: the row, home timelines, notifications and the word to other servers in one transaction.
pub async fn publish(ctx: &Ctx, viewer: &Viewer, new: NewPost) -> Result<PostId> {
    let me = moderation::require_account(viewer)?;
    let key = new.once.as_deref().map(token::hash);
    if let Some(key) = &key
        && let Some(post) = published_before(ctx, me, key).await?
    {
        return Ok(post);
    }
    let ready = Box::pin(prepare(ctx, viewer, me, new)).await?;
    let is_named = ready.unnamed.is_none();
    let mut tx = ctx.tx().await?;
    let done = Box::pin(put_once(ctx, &mut tx, viewer, me, ready, key)).await;
    match done {
        Ok((id, true)) => {
            tx.commit().await?;
            if is_named {
                tracing::info!(post = %id, account = %me, "published");
            }
            Ok(id)
        }
        Ok((id, false)) => {
            tx.roll_back().await?;
            Ok(id)
        }
        Err(error) => {
            tx.roll_back().await?;
            Err(error)
        }
    }
}

/// Publishes a post that waited for its time; that it waits ends in the same transaction, so that it is published once.
/// False where its author has discarded it or given it another time.
pub(in crate::service) async fn publish_waiting(
    ctx: &Ctx,
    viewer: &Viewer,
    new: NewPost,
    waiting: ScheduledId,
) -> Result<bool> {
    let me = moderation::require_account(viewer)?;
    let ready = Box::pin(prepare(ctx, viewer, me, new)).await?;
    let mut tx = ctx.tx().await?;
    let done = Box::pin(put_waiting(ctx, &mut tx, viewer, me, ready, waiting)).await;
    match done {
        Ok(Some(id)) => {
            tx.commit().await?;
            tracing::info!(post = %id, account = %me, scheduled = %waiting, "published");
            Ok(true)
        }
        Ok(None) => {
            tx.roll_back().await?;
            Ok(false)
        }
        Err(error) => {
            tx.roll_back().await?;
            Err(error)
        }
    }
}

/// What the institution itself says to everybody, in the transaction of the deed that it is about. The language has to
/// be given, as nobody signs in as the institution.
pub(in crate::service) async fn say(
    ctx: &Ctx,
    conn: &mut Conn,
    institution: AccountId,
    new: NewPost,
    rendered: Rendered,
) -> Result<PostId> {
    put(
        ctx,
        conn,
        institution,
        Ready {
            visibility: new.visibility,
            new,
            poll: None,
            parent: None,
            rendered,
            place: None,
            unnamed: None,
            cited: Vec::new(),
            found: Vec::new(),
        },
    )
    .await
}

/// The post of a case, in the transaction of the case: it has passed the gate, and what it says is rendered. Who it names, and
/// whether its author may write for these readers, has been looked at. Without a name it is the group's own.
pub(in crate::service) async fn put_case(
    ctx: &Ctx,
    conn: &mut Conn,
    me: AccountId,
    new: NewPost,
    rendered: Rendered,
    place: Place,
    unnamed: Option<Unnamed>,
) -> Result<PostId> {
    let (visibility, place) = (place.visibility, Some(place));
    let (cited, found) = (Vec::new(), Vec::new());
    let ready = Ready { visibility, new, poll: None, parent: None, rendered, place, unnamed, cited, found };
    put(ctx, conn, me, ready).await
}

/// Writes a post down once for each key; false where the key has led to the post before.
async fn put_once(
    ctx: &Ctx,
    conn: &mut Conn,
    viewer: &Viewer,
    me: AccountId,
    ready: Ready,
    key: Option<[u8; 32]>,
) -> Result<(PostId, bool)> {
    let Some(key) = key else { return Ok((put_still(ctx, conn, viewer, me, ready).await?, true)) };
    let hour = ctx.now() - chrono::TimeDelta::hours(1);
    match store::scheduled::take_key(conn, me, &key, hour).await? {
        Some((Some(post), _)) => return Ok((post, false)),
        Some((None, _)) => return Err(Error::Conflict("This request has been used for something else.".into())),
        None => {}
    }
    let id = put_still(ctx, conn, viewer, me, ready).await?;
    store::scheduled::set_key(conn, me, &key, Some(id), None).await?;
    Ok((id, true))
}

/// Writes a post down in place of its waiting row; none where that is gone or waits longer.
async fn put_waiting(
    ctx: &Ctx,
    conn: &mut Conn,
    viewer: &Viewer,
    me: AccountId,
    ready: Ready,
    waiting: ScheduledId,
) -> Result<Option<PostId>> {
    if !store::scheduled::take_due(conn, me, waiting, ctx.now()).await? {
        return Ok(None);
    }
    put_still(ctx, conn, viewer, me, ready).await.map(Some)
}

/// Writes a post down that may be written still: since it was made ready, its author may have been kept out of its group, the
/// discussion may have ended, or moderators may look first now. What was to be held back before stays so.
async fn put_still(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, me: AccountId, ready: Ready) -> Result<PostId> {
    let Some(before) = ready.place else { return put(ctx, conn, me, ready).await };
    store::groups::hold_membership(conn, before.group, me).await?;
    if let Some(parent) = &ready.parent {
        groups::may_answer(conn, &parent.post).await?;
    }
    let now = groups::place(ctx, conn, viewer, me, before.group, &ready.new.topic).await?;
    let held = if !before.held.is_told() {
        before.held
    } else if ready.unnamed.is_some() {
        let group = store::groups::find(conn, before.group).await?.ok_or(Error::NotFound)?;
        unnamed::held(group.premoderation)
    } else {
        now.held
    };
    put(ctx, conn, me, Ready { place: Some(Place { held, ..before }), ..ready }).await
}

/// Writes a post down with all that follows from it. Its pictures are looked at only now: where the same request comes
/// twice at once, they are part of the first one's post by the time the second one is here.
async fn put(ctx: &Ctx, conn: &mut Conn, me: AccountId, ready: Ready) -> Result<PostId> {
    let Ready { new, poll, parent, visibility, rendered, place, unnamed, cited, found } = ready;
    let answers = parent.is_some();
    let Rendered { html, mentions, tags, .. } = rendered;
    if let (Some(parent), Some(_)) = (&parent, &place) {
        store::posts::hold(conn, parent.post.id).await?;
    }
    // Who is shown as its author.
    let by = place.filter(|_| unnamed.is_some()).map_or(me, |place| place.group);
    let pictures = media::loose(ctx, conn, by, new.media, None).await?;
    let author = store::accounts::get(conn, by).await?;
    let language = match language::name(&new.language) {
        // In which language somebody writes who gives no name would tell of them.
        _ if unnamed.is_some() => String::new(),
        Some(_) => new.language,
        None => store::users::get(conn, me).await?.language,
    };
    let id = store::posts::insert(
        conn,
        store::posts::NewPost {
            author: by,
            uri_base: urls::posts(ctx, &author.username),
            url_base: format!("{}/", urls::profile(ctx, &author.username)),
            visibility,
            reply_to: parent.map(|p| (p.post.id, p.post.uri)),
            warning: new.warning.trim().to_owned(),
            source: new.text,
            markup: new.markup,
            sensitive: new.sensitive,
            app: new.app,
            html,
            language,
            mentions,
            tags,
            published_at: ctx.now(),
            title: new.title.trim().to_owned(),
            topic: new.topic,
            group: place.map(|place| (place.group, place.held)),
        },
    )
    .await?;
    if let Some(unnamed) = &unnamed {
        cases::keep_author(ctx, conn, id, me, unnamed).await?;
    }
    if store::media::attach(conn, by, id, pictures.clone()).await? != pictures.len() {
        return Err(Error::Conflict("A picture has become part of another post. Please add it again.".into()));
    }
    if let Some(poll) = poll {
        store::polls::put(conn, id, &poll).await?;
    }
    if place.is_some() && !new.interests.is_empty() {
        store::cases::core::set_interests(conn, id, &new.interests).await?;
    }
    if let (Some(place), false) = (place, cited.is_empty()) {
        sources::cite(ctx, conn, id, place.group, cited).await?;
    }
    gate::log(conn, id, &found).await?;
    announce(conn, &[id]).await?;
    if answers && place.is_some() {
        cases::replied(ctx, conn, vec![id]).await?;
    }
    match place {
        Some(place) => groups::posted(ctx, conn, &place, by, id).await?,
        None => store::outbox::insert(conn, by, &Event::Create { post: id, again: false }).await.map(drop)?,
    }
    Ok(id)
}

/// The post that the same request has made within the last hour.
async fn published_before(ctx: &Ctx, me: AccountId, key: &[u8]) -> Result<Option<PostId>> {
    let hour = ctx.now() - chrono::TimeDelta::hours(1);
    let mut tx = ctx.tx().await?;
    let known = store::scheduled::take_key(&mut tx, me, key, hour).await;
    tx.roll_back().await?;
    Ok(known?.and_then(|k| k.0))
}

/// Puts new posts on home timelines and tells whom they mention or answer.
pub(in crate::service) async fn announce(conn: &mut Conn, ids: &[PostId]) -> Result<()> {
    store::timelines::fan_out(conn, ids.to_vec()).await?;
    store::notifications::insert_for_posts(conn, ids.to_vec()).await
}

/// Tells other servers what became of a post of ours: those of its group, or those of its author's readers. What is held
/// was told to nobody, unless it was seen before: then its end is told.
pub(in crate::service) async fn tell(conn: &mut Conn, post: &Post, event: &Event) -> Result<()> {
    match post.group_id {
        Some(_) if !post.held.is_told() && !matches!(event, Event::Delete { .. }) => Ok(()),
        Some(_) if !groups::is_known_elsewhere(conn, post).await? => Ok(()),
        Some(group) => groups::tell(conn, group, post.author_id, event).await,
        None => store::outbox::insert(conn, post.author_id, event).await.map(drop),
    }
}

/// Whether a post is one that may be edited here.
pub(super) fn is_ours(post: &Post) -> bool {
    post.local && post.boost_of_id.is_none()
}
