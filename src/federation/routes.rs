//! Documents by id: actors, posts, activities, collections. Each read goes through a viewer.

use activitypub_federation::{config::Data, traits::Object};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Fed, FedData, gate,
    negotiate::{answer, document, tombstone},
    objects::RemoteActor,
    outbound::{PostDocument, post_document},
    showing, tokens,
    wire::{self, activity, collection},
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountKind, Held, Post, PostCard, PostId},
    policy::Viewer,
    service::{
        Page, cases, follows,
        follows::Side,
        groups, keys, media, pins, posts, profiles, remote,
        timelines::{self, Timeline},
        urls,
    },
};

/// Items on a page of a collection.
const PAGE: i64 = 40;

/// `?page=`, an id below which the page begins; `first` begins at the top.
#[derive(Debug, Deserialize)]
pub(super) struct Query {
    page: Option<String>,
    is_follower: Option<String>,
}

impl Query {
    fn page(&self) -> Option<Page> {
        self.page.as_deref().map(page_named)
    }
}

/// The page that a text names: an id below which it begins; anything else begins at the top.
pub(super) fn page_named(text: &str) -> Page {
    Page::new(text.parse().ok(), None, PAGE)
}

/// Who asks. Unsigned requests are turned away where `authorized_fetch` is on.
pub(super) async fn viewer(request: &HttpRequest, data: &FedData) -> Result<Viewer> {
    if gate::is_signed(request) {
        return Ok(gate::check(request, None, data).await?.viewer());
    }
    if data.ctx.config.federation.authorized_fetch { Err(Error::Unauthenticated) } else { Ok(Viewer::Anonymous) }
}

/// Somebody of ours, or a group that the asker may know of, and who asks. Whoever is turned away is not told who there is.
pub(super) async fn shown(request: &HttpRequest, name: &str, data: &FedData) -> Result<(Account, Viewer)> {
    let viewer = viewer(request, data).await?;
    let account = profiles::local(&data.ctx, name).await?;
    groups::require_known(&data.ctx, &viewer, &account).await?;
    Ok((account, viewer))
}

pub(super) fn settle(outcome: Result<HttpResponse>) -> HttpResponse {
    outcome.unwrap_or_else(|error| answer(&error))
}

/// `GET /actor`, and `GET /` for servers: always open, as its key proves our own signatures.
pub(super) async fn instance_actor(data: Data<Fed>) -> HttpResponse {
    let read = async {
        let id = keys::instance_account(&data.ctx).await?;
        let account = remote::account(&data.ctx, id).await?;
        let public = keys::public(&data.ctx, id).await?;
        let instance = &data.ctx.config.instance;
        Ok(document(&wire::actor::write_instance(&account, &public, &instance.origin(), &instance.name), false))
    };
    settle(read.await)
}

/// `GET /actor/outbox`: the instance says nothing.
pub(super) async fn instance_outbox(data: Data<Fed>) -> HttpResponse {
    let id = format!("{}/actor/outbox", data.ctx.config.instance.origin());
    document(&collection::paged(&id, 0, None), false)
}

/// `GET /users/{name}`: the whole for whoever signs; for others what it takes to check a signature.
pub(super) async fn actor(request: HttpRequest, name: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    settle(actor_document(&request, &name, &data).await)
}

async fn actor_document(request: &HttpRequest, name: &str, data: &FedData) -> Result<HttpResponse> {
    let account = match profiles::local(&data.ctx, name).await {
        Ok(account) => account,
        Err(Error::Gone) => {
            let uri = urls::account(&data.ctx, &name.to_lowercase());
            let body = json!({ "@context": "https://www.w3.org/ns/activitystreams", "id": uri, "type": "Tombstone", "formerType": "Person" });
            return Ok(tombstone(&body));
        }
        Err(error) => {
            // Whoever is turned away is not told who there is.
            if gate::is_signed(request) {
                viewer(request, data).await?;
            }
            return Err(error);
        }
    };
    if account.kind == AccountKind::Organization {
        // Whoever holds something that it has signed may check that.
        return Ok(document(&RemoteActor::new(account)?.into_json(data).await?, true));
    }
    if account.kind == AccountKind::Group {
        // What only an invitation opens is known to the servers of its members, and to no other; so is what is for members.
        let viewer = if gate::is_signed(request) { viewer(request, data).await? } else { Viewer::Anonymous };
        groups::require_known(&data.ctx, &viewer, &account).await?;
        if groups::is_inside(&data.ctx, &viewer, account.id).await? {
            return Ok(document(&RemoteActor::new(account)?.for_members(data).await?, true));
        }
    }
    if !gate::is_signed(request) && data.ctx.config.federation.authorized_fetch {
        let public = keys::public(&data.ctx, account.id).await?;
        return Ok(document(&wire::actor::write_stub(&account, &public), true));
    }
    viewer(request, data).await?;
    Ok(document(&RemoteActor::new(account)?.into_json(data).await?, true))
}

/// `GET /media/{name}` of another server: what is not for everybody goes only where somebody may read it.
pub(super) async fn media(request: HttpRequest, name: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    let read = async {
        let viewer = viewer(&request, &data).await.unwrap_or(Viewer::Anonymous);
        let file = match media::open(&data.ctx, &viewer, &name, media::Size::Full).await {
            // It may be in a group of another server, as its post is.
            Err(Error::NotFound) if viewer != Viewer::Anonymous => {
                groups::shared_file(&data.ctx, &tokens::guest(&request, &data).await?, &name).await?
            }
            outcome => outcome?,
        };
        Ok(HttpResponse::Ok()
            .content_type(file.mime)
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
            .body(file.bytes))
    };
    settle(read.await)
}

/// `GET /users/{name}` for browsers.
pub(super) async fn actor_page(name: web::Path<String>) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::VARY, "Accept"))
        .insert_header((header::LOCATION, format!("/@{}", safe(&name))))
        .finish()
}

/// `GET /users/{name}/posts/{id}` for browsers.
pub(super) async fn post_page(path: web::Path<(String, i64)>) -> HttpResponse {
    let (name, id) = path.into_inner();
    HttpResponse::SeeOther()
        .insert_header((header::VARY, "Accept"))
        .insert_header((header::LOCATION, format!("/@{}/{id}", safe(&name))))
        .finish()
}

fn safe(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// `GET /users/{name}/posts/{id}`
pub(super) async fn post(request: HttpRequest, path: web::Path<(String, i64)>, data: Data<Fed>) -> HttpResponse {
    let (name, id) = path.into_inner();
    let read = async {
        let card = hand_out(&request, &name, PostId(id), &data).await?;
        let PostDocument { mut note, .. } = post_document(&data, &card.post).await?;
        if let Some(note) = note.as_object_mut() {
            note.insert("@context".into(), activity::context());
        }
        wire::case::add_term(&mut note, &urls::practitioner_terms(&data.ctx));
        Ok(document(&note, is_private(&data, &card.post)))
    };
    match read.await {
        Err(Error::Gone) => buried(&name, id, &data),
        outcome => settle(outcome),
    }
}

/// Whether a document depends on who asks for it: what is held in an open group is for its author and the moderators.
fn is_private(data: &FedData, post: &Post) -> bool {
    data.ctx.config.federation.authorized_fetch || !post.visibility.is_open() || post.held != Held::No
}

fn buried(name: &str, id: i64, data: &FedData) -> HttpResponse {
    let uri = format!("{}{id}", urls::posts(&data.ctx, name));
    tombstone(&wire::note::write_tombstone(&uri, None))
}

/// A post of ours by author and id, as the asker may see it, and whether they may because of a group of another server.
async fn read_own(request: &HttpRequest, name: &str, id: PostId, data: &FedData) -> Result<(PostCard, bool)> {
    let viewer = viewer(request, data).await?;
    let (card, as_guest) = match posts::read(&data.ctx, &viewer, id).await {
        // It may be in a group of another server, which knows who else has a part in it.
        Err(Error::NotFound) if gate::is_signed(request) => {
            (groups::shared_card(&data.ctx, &tokens::guest(request, data).await?, id).await?, true)
        }
        outcome => (outcome?, false),
    };
    let is_it = card.post.local && card.author.username.eq_ignore_ascii_case(name);
    if is_it { Ok((card, as_guest)) } else { Err(Error::NotFound) }
}

/// The same, to be handed out whole: which server has it is written down where it may have to be called back.
async fn hand_out(request: &HttpRequest, name: &str, id: PostId, data: &FedData) -> Result<PostCard> {
    let (card, _) = read_own(request, name, id, data).await?;
    if card.post.group_id.is_some()
        && let Viewer::Remote { host, .. } = viewer(request, data).await?
    {
        cases::handed_out(&data.ctx, vec![card.post.id], host).await?;
    }
    Ok(card)
}

/// `GET /users/{name}/posts/{id}/activity`
pub(super) async fn activity(request: HttpRequest, path: web::Path<(String, i64)>, data: Data<Fed>) -> HttpResponse {
    let (name, id) = path.into_inner();
    let read = async {
        let card = hand_out(&request, &name, PostId(id), &data).await?;
        let PostDocument { note, author } = post_document(&data, &card.post).await?;
        let mut body = create(note, &author, &card.post.uri);
        wire::case::add_term(&mut body, &urls::practitioner_terms(&data.ctx));
        Ok(document(&body, true))
    };
    settle(read.await)
}

fn create(note: Value, author: &Account, uri: &str) -> Value {
    let part = |key: &str| note.get(key).cloned().unwrap_or(Value::Null);
    let (to, cc, published) = (part("to"), part("cc"), part("published"));
    let mut body = activity::write("Create", &format!("{uri}/activity"), &author.uri, note, to, cc);
    if let Some(body) = body.as_object_mut() {
        body.insert("published".into(), published);
    }
    body
}

/// `GET /users/{name}/posts/{id}/replies`: the answers that the asker may see.
pub(super) async fn replies(
    request: HttpRequest,
    path: web::Path<(String, i64)>,
    query: web::Query<Query>,
    data: Data<Fed>,
) -> HttpResponse {
    let (name, id) = path.into_inner();
    let read = async {
        let (card, as_guest) = read_own(&request, &name, PostId(id), &data).await?;
        let part_of = format!("{}/replies", card.post.uri);
        let after = match query.page.as_deref() {
            None => {
                let first = format!("{part_of}?page=0");
                return Ok(document(&collection::paged(&part_of, card.post.replies_count, Some(&first)), true));
            }
            Some(text) => text.parse().unwrap_or(0),
        };
        let rows = if as_guest {
            groups::shared_answers(&data.ctx, &card.post, after, PAGE + 1).await?
        } else {
            let viewer = viewer(&request, &data).await?;
            posts::reply_uris(&data.ctx, &viewer, card.post.id, after, PAGE + 1).await?
        };
        let full = i64::try_from(rows.len()).unwrap_or(0) > PAGE;
        let shown: Vec<_> = rows.into_iter().take(usize::try_from(PAGE).unwrap_or(0)).collect();
        let next = shown.last().filter(|_| full).map(|(key, _)| format!("{part_of}?page={key}"));
        let items = shown.into_iter().map(|(_, uri)| uri.into()).collect();
        Ok(document(&collection::page(&format!("{part_of}?page={after}"), &part_of, items, next), true))
    };
    settle(read.await)
}

/// `GET /users/{name}/posts/{id}/context`: a discussion in an open group, in its order (FEP-7888). What somebody of another server
/// opened in a group of ours stands below the group's own address.
pub(super) async fn context(request: HttpRequest, path: web::Path<(String, i64)>, data: Data<Fed>) -> HttpResponse {
    let (name, id) = path.into_inner();
    let read = async {
        let viewer = viewer(&request, &data).await?;
        let post = match read_own(&request, &name, PostId(id), &data).await {
            Ok((card, _)) => card.post,
            Err(Error::NotFound) => groups::opened_elsewhere(&data.ctx, &viewer, &name, PostId(id)).await?,
            Err(error) => return Err(error),
        };
        let discussion = groups::discussion(&data.ctx, &viewer, &post).await?;
        Ok(document(&showing::discussion(discussion), true))
    };
    settle(read.await)
}

/// `GET /users/{name}/posts/{id}/likes`: the number alone.
pub(super) async fn likes(request: HttpRequest, path: web::Path<(String, i64)>, data: Data<Fed>) -> HttpResponse {
    number(request, path, data, "likes", |card| card.post.likes_count).await
}

/// `GET /users/{name}/posts/{id}/shares`: the number alone.
pub(super) async fn shares(request: HttpRequest, path: web::Path<(String, i64)>, data: Data<Fed>) -> HttpResponse {
    number(request, path, data, "shares", |card| card.post.boosts_count).await
}

async fn number(
    request: HttpRequest,
    path: web::Path<(String, i64)>,
    data: Data<Fed>,
    what: &str,
    count: impl Fn(&PostCard) -> i64,
) -> HttpResponse {
    let (name, id) = path.into_inner();
    let read = async {
        let (card, _) = read_own(&request, &name, PostId(id), &data).await?;
        Ok(document(&collection::paged(&format!("{}/{what}", card.post.uri), count(&card), None), true))
    };
    settle(read.await)
}

/// `GET /users/{name}/outbox`: what the asker may see of somebody's posts and boosts, newest first.
pub(super) async fn outbox(
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<Query>,
    data: Data<Fed>,
) -> HttpResponse {
    let read = async {
        let (account, viewer) = shown(&request, &name, &data).await?;
        if account.kind == AccountKind::Group {
            return showing::outbox(&data, &account, &viewer, query.page.as_deref()).await;
        }
        let part_of = format!("{}/outbox", account.uri);
        let Some(page) = query.page() else {
            let first = format!("{part_of}?page=first");
            return Ok(document(&collection::paged(&part_of, account.posts_count, Some(&first)), true));
        };
        let timeline = Timeline::Profile { account: account.id, replies: true, boosts: true };
        let listed = timelines::page(&data.ctx, &viewer, &timeline, &page).await?;
        let mut items = Vec::with_capacity(listed.items.len());
        for card in &listed.items {
            items.push(outbox_item(&data, &account, card).await?);
        }
        let next = listed.older.map(|below| format!("{part_of}?page={below}"));
        let id = format!("{part_of}?page={}", query.page.as_deref().unwrap_or_default());
        Ok(document(&collection::page(&id, &part_of, items, next), true))
    };
    settle(read.await)
}

/// `GET /users/{name}/featured`: what stands on top of somebody's page and is for everybody, or on top of a group for those who may
/// read it, by id.
pub(super) async fn featured(request: HttpRequest, name: web::Path<String>, data: Data<Fed>) -> HttpResponse {
    let read = async {
        let (account, viewer) = shown(&request, &name, &data).await?;
        let items: Vec<Value> = if account.kind == AccountKind::Group {
            groups::on_top(&data.ctx, &viewer, account.id).await?.into_iter().map(Value::from).collect()
        } else {
            let timeline = Timeline::Pinned(account.id);
            let pinned = timelines::page(&data.ctx, &Viewer::Anonymous, &timeline, &Page::first(pins::MOST)).await?;
            pinned.items.into_iter().map(|card| card.post.uri.into()).collect()
        };
        Ok(document(&collection::whole(&format!("{}/featured", account.uri), items), true))
    };
    settle(read.await)
}

async fn outbox_item(data: &FedData, account: &Account, card: &PostCard) -> Result<Value> {
    if card.boosted_by.is_some() {
        let id = format!("{}{}", urls::posts(&data.ctx, &account.username), card.entry_id);
        let followers = account.followers_uri.clone().unwrap_or_default();
        return Ok(json!({ "id": id, "type": "Announce", "actor": account.uri, "object": card.post.uri,
            "to": [wire::PUBLIC], "cc": [followers] }));
    }
    let PostDocument { note, author } = post_document(data, &card.post).await?;
    let mut body = create(note, &author, &card.post.uri);
    if let Some(body) = body.as_object_mut() {
        body.remove("@context");
    }
    Ok(body)
}

/// `GET /users/{name}/followers`
pub(super) async fn followers(
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<Query>,
    data: Data<Fed>,
) -> HttpResponse {
    settle(people(&request, &name, &query, &data, Side::Followers).await)
}

/// `GET /users/{name}/following`
pub(super) async fn following(
    request: HttpRequest,
    name: web::Path<String>,
    query: web::Query<Query>,
    data: Data<Fed>,
) -> HttpResponse {
    settle(people(&request, &name, &query, &data, Side::Following).await)
}

async fn people(request: &HttpRequest, name: &str, query: &Query, data: &FedData, side: Side) -> Result<HttpResponse> {
    let (account, viewer) = shown(request, name, data).await?;
    if let (Some(asked), Side::Followers, AccountKind::Group) = (&query.is_follower, side, account.kind) {
        // Lemmy's way: the server of a member asks whether another one may have what the member has posted.
        let may_ask = match viewer {
            Viewer::Remote { host, .. } => groups::has_host(&data.ctx, account.id, host).await?,
            Viewer::Anonymous | Viewer::Account { .. } => false,
        };
        let known = may_ask && groups::is_member(&data.ctx, account.id, asked).await?;
        // A document is known by the address that it was asked at.
        let asked: String = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect();
        let body = json!({ "id": format!("{}/followers?is_follower={asked}", account.uri), "type": "Object" });
        return if known { Ok(document(&body, true)) } else { Err(Error::NotFound) };
    }
    let (word, total) = match side {
        Side::Followers | Side::Requests => ("followers", account.followers_count),
        Side::Following => ("following", account.following_count),
    };
    let part_of = format!("{}/{word}", account.uri);
    // Of a group other servers learn how many belong to it, and not who.
    let is_group = account.kind == AccountKind::Group;
    let listed = account.discoverable && !account.locked && !is_group;
    let Some(page) = query.page().filter(|_| !is_group) else {
        let first = listed.then(|| format!("{part_of}?page=first"));
        return Ok(document(&collection::paged(&part_of, total, first.as_deref()), true));
    };
    let rows = follows::list_for_servers(&data.ctx, &account, side, &page).await?;
    let next = rows.older.map(|below| format!("{part_of}?page={below}"));
    let items = rows.items.into_iter().map(|(_, uri)| uri.into()).collect();
    let id = format!("{part_of}?page={}", query.page.as_deref().unwrap_or_default());
    Ok(document(&collection::page(&id, &part_of, items, next), true))
}
