//! What moderators do after a question: each asks on a page of its own, with a reason where one is read by others.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Head, led, path_of};
use crate::{
    error::{Error, Result},
    model::{AccountId, PostId},
    service::{
        groups::{self, View},
        posts, profiles,
    },
    text::sanitize,
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, Who},
        session::{Back, Form, Visitor, own_path},
    },
};

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Refuse(AccountId),
    Remove(AccountId),
    Ban(AccountId),
    Transfer(AccountId),
    RemovePost(PostId),
    /// What the group has never seen: it goes back to its author.
    ReturnPost(PostId),
    Archive,
    Reopen,
}

impl Deed {
    /// Where its form goes, below the group's page.
    fn place(self) -> String {
        match self {
            Self::Refuse(who) => format!("requests/{who}/refuse"),
            Self::Remove(who) => format!("members/{who}/remove"),
            Self::Ban(who) => format!("members/{who}/ban"),
            Self::Transfer(who) => format!("members/{who}/transfer"),
            Self::RemovePost(post) | Self::ReturnPost(post) => format!("posts/{post}/remove"),
            Self::Archive => "archive".to_owned(),
            Self::Reopen => "reopen".to_owned(),
        }
    }

    /// Where the way back leads, below the group's page, and what it is called.
    fn back(self) -> (&'static str, &'static str) {
        match self {
            Self::Refuse(_) | Self::ReturnPost(_) => ("/moderation", "Keep it waiting"),
            Self::Remove(_) | Self::Ban(_) => ("/members", "Keep them"),
            Self::Transfer(_) => ("/members", "Keep the group"),
            Self::RemovePost(_) => ("", "Keep the post"),
            Self::Archive => ("/settings", "Keep it open"),
            Self::Reopen => ("/settings", "Keep it archived"),
        }
    }

    /// The question, and the answer that does it.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Refuse(_) => ("Refuse this request?", "Refuse the request"),
            Self::Remove(_) => ("Remove this member?", "Remove the member"),
            Self::Ban(_) => ("Ban this person from the group?", "Ban them"),
            Self::Transfer(_) => ("Pass the group on?", "Pass the group on"),
            Self::RemovePost(_) => ("Remove this post?", "Remove the post"),
            Self::ReturnPost(_) => ("Send this post back?", "Send it back"),
            Self::Archive => ("Archive the group?", "Archive the group"),
            Self::Reopen => ("Open the group again?", "Open the group"),
        }
    }

    /// What will happen.
    fn points(self) -> &'static [&'static str] {
        match self {
            Self::Refuse(_) => &["They are told, and may ask again.", "The reason stands in the log for the members."],
            Self::Remove(_) => &[
                "They read nothing of the group any more, here and on their own server.",
                "What they wrote stays. They may ask to join again.",
                "The reason stands in the log for the members.",
            ],
            Self::Ban(_) => &[
                "They read nothing of the group any more, and cannot join it until the ban ends.",
                "What they wrote stays.",
                "The reason stands in the log for the members.",
            ],
            Self::Transfer(_) => &[
                "They own the group from now on.",
                "Only they can pass it back.",
                "You stay a moderator, and can step down or leave then.",
            ],
            Self::RemovePost(_) => &[
                "It is deleted here, and other servers that have it are told to delete it.",
                "If it is a case, it is removed everywhere, and all that was said below it goes with it.",
                "The reason stands in the log for its author and the members.",
            ],
            Self::ReturnPost(_) => &[
                "The group has never seen it, and does not see it: it goes back to its author, and waits no more.",
                "Its author reads the reason, and may change it and send it again. It waits here once more then.",
                "The log says that a post was sent back, and not why.",
            ],
            Self::Archive => {
                &["It can be read, and no more: nobody joins, posts or answers.", "You can open it again."]
            }
            Self::Reopen => &["Members post and answer again, and others can join."],
        }
    }

    /// Whether a reason is asked for; where it is, whether it may be left out.
    fn reason(self) -> Option<bool> {
        match self {
            Self::Refuse(_) => Some(true),
            Self::Remove(_) | Self::Ban(_) | Self::RemovePost(_) | Self::ReturnPost(_) => Some(false),
            Self::Transfer(_) | Self::Archive | Self::Reopen => None,
        }
    }

    /// Where it leads once it is done, below the group's page, where the question was asked nowhere else.
    fn next(self) -> &'static str {
        match self {
            Self::Refuse(_) | Self::ReturnPost(_) => "/moderation",
            Self::Remove(_) | Self::Ban(_) | Self::Transfer(_) => "/members",
            Self::RemovePost(_) | Self::Archive | Self::Reopen => "",
        }
    }

    /// The word for it there.
    fn done(self) -> &'static str {
        match self {
            Self::Refuse(_) => "turned-down",
            Self::Remove(_) => "put-out",
            Self::Ban(_) => "banned",
            Self::Transfer(_) => "passed-on",
            Self::RemovePost(_) => "post-removed",
            Self::ReturnPost(_) => "post-returned",
            Self::Archive => "archived",
            Self::Reopen => "reopened",
        }
    }
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    reason: String,
    days: String,
    /// The page from which the question was asked; empty where that is the usual one.
    back: String,
}

#[derive(Template)]
#[template(path = "web/groups/act.html")]
struct ActPage {
    shell: Shell,
    g: Head,
    deed: Deed,
    /// Whom it is about.
    who: Option<Who>,
    /// The beginning of the post that it is about.
    excerpt: String,
    typed: Typed,
    faults: Faults,
}

/// How much of a post is shown, in characters.
const EXCERPT: usize = 400;

impl ActPage {
    async fn new(visitor: &Visitor, view: &View, deed: Deed, typed: Typed, faults: Faults) -> Result<Self> {
        let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
        let shell = visitor.shell("groups");
        let mut excerpt = String::new();
        let who = match deed {
            Deed::Refuse(who) | Deed::Remove(who) | Deed::Ban(who) | Deed::Transfer(who) => {
                let account = profiles::by_id(ctx, &viewer, who).await?.account;
                Some(Who::from_account(&account, shell.now))
            }
            Deed::RemovePost(post) | Deed::ReturnPost(post) => {
                let card = posts::read(ctx, &viewer, post).await?;
                if card.post.group_id != Some(view.account.id) {
                    return Err(Error::NotFound);
                }
                excerpt = sanitize::plain(&card.post.html).chars().take(EXCERPT).collect();
                Some(Who::of(&card.author, shell.now))
            }
            Deed::Archive | Deed::Reopen => None,
        };
        Ok(Self { g: Head::of(view, shell.now), deed, who, excerpt, typed, faults, shell })
    }

    fn question(&self) -> &'static str {
        self.deed.words().0
    }

    fn press(&self) -> &'static str {
        self.deed.words().1
    }

    /// Where the form goes.
    fn action(&self) -> String {
        format!("{}/{}", self.g.path, self.deed.place())
    }

    /// Where the way back leads.
    fn back(&self) -> String {
        let usual = || format!("{}{}", self.g.path, self.deed.back().0);
        if self.typed.back.is_empty() { usual() } else { own_path(&self.typed.back) }
    }

    /// What the way back is called.
    fn keep(&self) -> &'static str {
        self.deed.back().1
    }

    fn points(&self) -> &'static [&'static str] {
        self.deed.points()
    }

    fn asks(&self) -> bool {
        self.deed.reason().is_some()
    }

    fn optional(&self) -> bool {
        self.deed.reason() == Some(true)
    }

    fn days(&self) -> bool {
        matches!(self.deed, Deed::Ban(_))
    }

    /// It takes something away.
    fn takes(&self) -> bool {
        !matches!(self.deed, Deed::Transfer(_) | Deed::Reopen)
    }
}

/// What the removal of a post comes to: one that its group has never seen goes back to its author.
async fn meant(visitor: &Visitor, deed: Deed) -> Result<Deed> {
    let Deed::RemovePost(post) = deed else { return Ok(deed) };
    let goes_back = groups::goes_back(&visitor.ctx, &visitor.viewer(), post).await?;
    Ok(if goes_back { Deed::ReturnPost(post) } else { deed })
}

async fn ask(visitor: Visitor, handle: &str, deed: Deed, back: Back) -> Result<HttpResponse, Problem> {
    let view = led(&visitor, handle).await?;
    let deed = meant(&visitor, deed).await?;
    let typed = Typed { back: back.back, ..Typed::default() };
    visitor.page(&ActPage::new(&visitor, &view, deed, typed, Faults::none()).await?)
}

async fn act(form: Form<Typed>, handle: &str, deed: Deed) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let view = led(&visitor, handle).await?;
    let deed = meant(&visitor, deed).await?;
    match carry_out(&visitor, &view, deed, &fields).await {
        Ok(()) => {
            let usual = format!("{}{}", path_of(&view.account.handle()), deed.next());
            let back = if fields.back.is_empty() { &usual } else { &fields.back };
            Ok(visitor.go_back(back, if view.account.is_local() { deed.done() } else { "ordered" }))
        }
        Err(error) => {
            let page = ActPage::new(&visitor, &view, deed, fields, Faults::of_error(error, "reason")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}

async fn carry_out(visitor: &Visitor, view: &View, deed: Deed, typed: &Typed) -> Result<()> {
    let (ctx, viewer, id) = (&visitor.ctx, visitor.viewer(), view.account.id);
    match deed {
        Deed::Refuse(who) => groups::refuse(ctx, &viewer, id, who, &typed.reason).await,
        Deed::Remove(who) => groups::remove(ctx, &viewer, id, who, &typed.reason).await,
        Deed::Ban(who) => groups::ban(ctx, &viewer, id, who, &typed.reason, days(&typed.days)?).await,
        Deed::Transfer(who) => groups::transfer(ctx, &viewer, id, who).await,
        Deed::RemovePost(post) | Deed::ReturnPost(post) => groups::remove_post(ctx, &viewer, post, &typed.reason).await,
        Deed::Archive => groups::archive(ctx, &viewer, id).await,
        Deed::Reopen => groups::reopen(ctx, &viewer, id).await,
    }
}

/// For how many days; none for good.
fn days(typed: &str) -> Result<Option<i64>> {
    match typed.trim() {
        "" => Ok(None),
        days => days.parse().map(Some).map_err(|_| Error::invalid("days", "Enter a number such as 30, or nothing.")),
    }
}

type OfPerson = web::Path<(String, AccountId)>;
type OfPost = web::Path<(String, PostId)>;

/// `GET /groups/{handle}/requests/{id}/refuse`
pub(in crate::web) async fn refuse_page(visitor: Visitor, path: OfPerson) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    ask(visitor, &handle, Deed::Refuse(id), Back::default()).await
}

/// `POST /groups/{handle}/requests/{id}/refuse`
pub(in crate::web) async fn refuse(form: Form<Typed>, path: OfPerson) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    act(form, &handle, Deed::Refuse(id)).await
}

/// `GET /groups/{handle}/members/{id}/remove`
pub(in crate::web) async fn remove_page(visitor: Visitor, path: OfPerson) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    ask(visitor, &handle, Deed::Remove(id), Back::default()).await
}

/// `POST /groups/{handle}/members/{id}/remove`
pub(in crate::web) async fn remove(form: Form<Typed>, path: OfPerson) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    act(form, &handle, Deed::Remove(id)).await
}

/// `GET /groups/{handle}/members/{id}/ban`
pub(in crate::web) async fn ban_page(
    visitor: Visitor,
    path: OfPerson,
    back: web::Query<Back>,
) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    ask(visitor, &handle, Deed::Ban(id), back.into_inner()).await
}

/// `POST /groups/{handle}/members/{id}/ban`
pub(in crate::web) async fn ban(form: Form<Typed>, path: OfPerson) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    act(form, &handle, Deed::Ban(id)).await
}

/// `GET /groups/{handle}/members/{id}/transfer`
pub(in crate::web) async fn transfer_page(visitor: Visitor, path: OfPerson) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    ask(visitor, &handle, Deed::Transfer(id), Back::default()).await
}

/// `POST /groups/{handle}/members/{id}/transfer`
pub(in crate::web) async fn transfer(form: Form<Typed>, path: OfPerson) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    act(form, &handle, Deed::Transfer(id)).await
}

/// `GET /groups/{handle}/archive`
pub(in crate::web) async fn archive_page(visitor: Visitor, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    ask(visitor, &handle, Deed::Archive, Back::default()).await
}

/// `POST /groups/{handle}/archive`
pub(in crate::web) async fn archive(form: Form<Typed>, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    act(form, &handle, Deed::Archive).await
}

/// `GET /groups/{handle}/reopen`
pub(in crate::web) async fn reopen_page(visitor: Visitor, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    ask(visitor, &handle, Deed::Reopen, Back::default()).await
}

/// `POST /groups/{handle}/reopen`
pub(in crate::web) async fn reopen(form: Form<Typed>, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    act(form, &handle, Deed::Reopen).await
}

/// `GET /groups/{handle}/posts/{id}/remove`
pub(in crate::web) async fn remove_post_page(
    visitor: Visitor,
    path: OfPost,
    back: web::Query<Back>,
) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    ask(visitor, &handle, Deed::RemovePost(id), back.into_inner()).await
}

/// `POST /groups/{handle}/posts/{id}/remove`
pub(in crate::web) async fn remove_post(form: Form<Typed>, path: OfPost) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    act(form, &handle, Deed::RemovePost(id)).await
}
