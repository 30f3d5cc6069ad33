//! A person's page: what they say of themselves, what they wrote, who follows them.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    badge, cases,
    error::Problem,
    groups,
    layout::{PostShown, Shell, Who, day},
    paging::{At, Pager},
    people::{self, PersonShown},
    session::Visitor,
    shown,
};
use crate::{
    error::Error,
    model::{Account, AccountKind, Field, FilterContext},
    service::{
        self, Page,
        attestations::view,
        discovery,
        follows::{self, Side},
        profiles::{self, ProfileView, Relation},
        tags,
        timelines::{self, Timeline},
    },
    text::{language, sanitize},
};

#[derive(Template)]
#[template(path = "web/profile.html")]
struct ProfilePage {
    shell: Shell,
    who: Who,
    account: Account,
    relation: Relation,
    /// Everything else between the viewer and them.
    more: Option<follows::Relation>,
    /// Hashtags that they show.
    tags: Vec<String>,
    /// The band on top; empty for none.
    banner: String,
    pinned: Vec<PostShown>,
    /// Whom the viewer follows and who follows this person, at most five.
    familiar: Vec<Who>,
    /// What is verified of them, under its labels.
    facts: Vec<(&'static str, String)>,
    /// What else is verified.
    also: Vec<badge::Line>,
    /// What they claim beyond it.
    claims: Vec<badge::Line>,
    fields: Vec<Field>,
    links: Vec<String>,
    languages: String,
    since: String,
    /// Its page on its own server; empty for our own people.
    elsewhere: String,
    replies: bool,
    posts: Vec<PostShown>,
    pager: Pager,
}

/// `?replies=1`
#[derive(Debug, Deserialize)]
pub(super) struct Tab {
    #[serde(default)]
    replies: u8,
}

/// `GET /@{handle}`
pub(super) async fn show(
    visitor: Visitor,
    handle: web::Path<String>,
    tab: web::Query<Tab>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    let ProfileView { account, relation } = profiles::by_handle(&visitor.ctx, &visitor.viewer(), &handle).await?;
    if is_group(&visitor, &account).await {
        return Ok(visitor.go(&groups::path_of(&account.handle())));
    }
    let replies = tab.replies == 1;
    let timeline = Timeline::Profile { account: account.id, replies, boosts: true };
    let paged = timelines::page(&visitor.ctx, &visitor.viewer(), &timeline, &at.page()).await?;
    let more = match visitor.viewer().role() {
        Some(_) => follows::relations(&visitor.ctx, &visitor.viewer(), vec![account.id]).await?.pop(),
        None => None,
    };
    let familiar = match &more {
        Some(_) if !relation.is_me => discovery::familiar(&visitor.ctx, &visitor.viewer(), vec![account.id])
            .await?
            .pop()
            .map_or_else(Vec::new, |(_, known)| known),
        _ => Vec::new(),
    };
    let pinned = if at.is_first() && !replies {
        timelines::page(&visitor.ctx, &visitor.viewer(), &Timeline::Pinned(account.id), &Page::first(5)).await?.items
    } else {
        Vec::new()
    };
    let tags = tags::featured(&visitor.ctx, account.id).await?.into_iter().map(|t| t.1).collect();
    let shell = visitor.shell(if relation.is_me { "profile" } else { "" });
    let who = Who::from_account(&account, shell.now);
    let seen = account.badge(shell.now);
    let stated = view::of_account(&visitor.ctx, account.id).await?;
    let base = if replies { format!("{}?replies=1", who.path) } else { who.path.clone() };
    let pager = Pager::of(&paged, &base);
    let mut posts = shown::posts(paged.items, &shell, FilterContext::Account);
    cases::show::fill(&visitor, &mut posts).await?;
    let uri = account.uri.clone();
    let page = ProfilePage {
        familiar: familiar.iter().map(|known| Who::from_account(known, shell.now)).collect(),
        facts: seen.map_or_else(Vec::new, |seen| badge::facts(seen, stated.iter().find(|s| s.token == seen.token))),
        also: badge::also(&stated, seen),
        claims: badge::claims(&account, seen, &stated),
        more,
        tags,
        banner: if account.banner.is_empty() { String::new() } else { format!("/media/{}", account.banner) },
        pinned: shown::posts(pinned, &shell, FilterContext::Account),
        fields: account.fields(),
        links: account.links().into_iter().filter(|l| sanitize::web_url(l).is_some()).collect(),
        languages: account.languages.iter().filter_map(|c| language::name(c)).collect::<Vec<_>>().join(", "),
        since: day(account.created_at),
        elsewhere: if account.is_local() { String::new() } else { sanitize::web_url(&account.url).unwrap_or_default() },
        posts,
        replies,
        pager,
        who,
        account,
        relation,
        shell,
    };
    visitor.page_of_document(&page, &uri)
}

/// Whether an account has a page as a group. One of another server that says nothing of who it is for has none.
async fn is_group(visitor: &Visitor, account: &Account) -> bool {
    account.kind == AccountKind::Group
        && (account.is_local()
            || service::groups::view_by_id(&visitor.ctx, &visitor.viewer(), account.id).await.is_ok())
}

#[derive(Template)]
#[template(path = "web/people.html")]
struct PeoplePage {
    shell: Shell,
    who: Who,
    followers: bool,
    is_me: bool,
    people: Vec<PersonShown>,
    pager: Pager,
}

/// `GET /@{handle}/followers`
pub(super) async fn followers(
    visitor: Visitor,
    handle: web::Path<String>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    list(visitor, &handle, at.into_inner(), Side::Followers).await
}

/// `GET /@{handle}/following`
pub(super) async fn following(
    visitor: Visitor,
    handle: web::Path<String>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    list(visitor, &handle, at.into_inner(), Side::Following).await
}

async fn list(visitor: Visitor, handle: &str, at: At, side: Side) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let ProfileView { account, relation } = profiles::by_handle(&visitor.ctx, &visitor.viewer(), handle).await?;
    if is_group(&visitor, &account).await {
        return Ok(visitor.go(&format!("{}/members", groups::path_of(&account.handle()))));
    }
    let paged = follows::list(&visitor.ctx, &visitor.viewer(), &account, side, &at.page()).await?;
    let shell = visitor.shell("");
    let who = Who::from_account(&account, shell.now);
    let word = match side {
        Side::Followers => "followers",
        Side::Following => "following",
        Side::Requests => return Err(Error::NotFound.into()),
    };
    let pager = Pager::of(&paged, &format!("{}/{word}", who.path));
    let authors: Vec<_> = paged.items.into_iter().map(|(_, author)| author).collect();
    let mut people = people::shown(&visitor, &shell, &authors).await?;
    if relation.is_me && side == Side::Followers {
        for person in &mut people {
            person.removable = true;
        }
    }
    visitor.page(&PeoplePage { followers: side == Side::Followers, is_me: relation.is_me, people, pager, who, shell })
}
