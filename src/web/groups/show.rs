//! What a group discusses, and what it says of itself.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Head, known, words};
use crate::{
    error::Result,
    model::{AccountId, Admission, FilterContext, GroupKind, PostCard},
    service::{
        Paged,
        groups::{self, View},
    },
    text::{self, NoLinks, sanitize},
    web::{
        cases,
        error::Problem,
        layout::{PostShown, Shell, Who},
        paging::{At, Pager},
        session::Visitor,
        shown,
    },
};

/// A topic, and the discussions of that topic alone.
struct Topic {
    name: String,
    path: String,
}

#[derive(Template)]
#[template(path = "web/groups/show.html")]
struct ShowPage {
    shell: Shell,
    g: Head,
    /// What a new member reads on joining; empty on all other days.
    welcome: String,
    topics: Vec<Topic>,
    topic: String,
    /// Which tab: `talk` or `cases`.
    tab: &'static str,
    /// The address of all topics of that tab.
    all: String,
    /// What stands on top, on the first page of all topics.
    pinned: Vec<PostShown>,
    posts: Vec<PostShown>,
    /// Why nothing of a group elsewhere is shown; empty where something is, and of ours.
    arriving: &'static str,
    /// How quickly cases are answered, in words; empty where too little was asked.
    answered: String,
    pager: Pager,
    uri: String,
}

/// `?what=cases&topic=Rhythm&done=joined`, or `?what=talk`; `?greet=yes` where word of a membership leads here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Asked {
    what: String,
    topic: String,
    done: String,
    greet: String,
}

impl Asked {
    /// Whether cases alone are asked for, or everything; none where that is not said.
    fn cases_alone(&self, at: At) -> Option<bool> {
        match self.what.as_str() {
            "cases" => Some(true),
            "talk" => Some(false),
            _ if self.topic.is_empty() && at.is_first() => None,
            _ => Some(false),
        }
    }
}

/// The address of what is discussed of a topic, or of all: everything, or cases alone.
fn address(path: &str, cases: bool, topic: &str) -> String {
    let what = if cases { "cases" } else { "talk" };
    let topic: String = url::form_urlencoded::byte_serialize(topic.as_bytes()).collect();
    if topic.is_empty() { format!("{path}?what={what}") } else { format!("{path}?what={what}&topic={topic}") }
}

/// A page of what is asked for, and whether that is cases alone. Where it is not said, a group opens on its cases, or on
/// everything while it has none.
async fn listed(visitor: &Visitor, id: AccountId, asked: &Asked, at: At) -> Result<(bool, Paged<PostCard>)> {
    let (ctx, viewer, wanted) = (&visitor.ctx, visitor.viewer(), asked.cases_alone(at));
    if wanted != Some(false) {
        let cases = groups::cases(ctx, &viewer, id, &asked.topic, &at.page()).await?;
        if wanted == Some(true) || !cases.items.is_empty() {
            return Ok((true, cases));
        }
    }
    Ok((false, groups::list(ctx, &viewer, id, &asked.topic, &at.page()).await?))
}

/// `GET /groups/{handle}`
pub(in crate::web) async fn show(
    visitor: Visitor,
    handle: web::Path<String>,
    asked: web::Query<Asked>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    let view = known(&visitor, &handle).await?;
    if !view.readable {
        return about_page(&visitor, &view).await;
    }
    let asked = asked.into_inner();
    let (ctx, viewer, id) = (&visitor.ctx, visitor.viewer(), view.account.id);
    let (cases_alone, mut paged) = listed(&visitor, id, &asked, *at).await?;
    let on_top =
        if at.is_first() && asked.topic.is_empty() { groups::pinned(ctx, &viewer, id).await? } else { Vec::new() };
    // Each stands on the page once.
    paged.items.retain(|card| !on_top.iter().any(|top| top.post.id == card.post.id));
    let shell = visitor.shell("groups");
    let g = Head::of(&view, shell.now);
    let greets = (asked.done == "joined" || asked.greet == "yes") && view.membership.member;
    let topic = |name: &String| Topic { path: address(&g.path, cases_alone, name), name: name.clone() };
    let topics = view.group.topics.iter().map(topic);
    let pager = Pager::of(&paged, &address(&g.path, cases_alone, &asked.topic));
    let mut posts = shown::posts(paged.items, &shell, FilterContext::Public);
    cases::show::fill(&visitor, &mut posts).await?;
    let mut pinned = shown::posts(on_top, &shell, FilterContext::Public);
    cases::show::fill(&visitor, &mut pinned).await?;
    let arriving = if posts.is_empty() && pinned.is_empty() && !view.account.is_local() {
        words::arriving(view.account.followers_count, groups::is_on_its_way(ctx, &viewer, id).await?)
    } else {
        ""
    };
    let page = ShowPage {
        arriving,
        welcome: if greets { text::render(&view.group.welcome, &NoLinks) } else { String::new() },
        topics: topics.collect(),
        answered: cases::queue::speed(&visitor, id).await?,
        tab: if cases_alone { "cases" } else { "talk" },
        all: address(&g.path, cases_alone, ""),
        pager,
        pinned,
        posts,
        topic: asked.topic,
        uri: view.account.uri.clone(),
        g,
        shell,
    };
    visitor.page_of_document(&page, &view.account.uri)
}

#[derive(Template)]
#[template(path = "web/groups/about.html")]
struct AboutPage {
    shell: Shell,
    g: Head,
    /// Its rules, as safe HTML.
    rules: String,
    /// What members read first, as safe HTML; empty for others.
    welcome: String,
    leaders: Vec<(Who, &'static str)>,
    conditions: Vec<String>,
    /// How somebody becomes a member.
    door: &'static str,
    honest: &'static [&'static str],
    /// The server on which it lives; empty for ours.
    host: String,
    /// Its page there; empty for ours, and where only members could open it.
    home: String,
}

/// `GET /groups/{handle}/about`
pub(in crate::web) async fn about(visitor: Visitor, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    let view = known(&visitor, &handle).await?;
    about_page(&visitor, &view).await
}

async fn about_page(visitor: &Visitor, view: &View) -> Result<HttpResponse, Problem> {
    let shell = visitor.shell("groups");
    let host = view.account.host.clone().unwrap_or_default();
    // What another server asks of its members, it decides itself.
    let door = match (view.group.admission, host.is_empty()) {
        _ if !view.fits => "Members of the public neither read nor join a group for clinicians.",
        (Admission::Request, false) => "The moderators on its own server decide.",
        (Admission::Invitation, false) => {
            "Its moderators make links. Paste one that you were given under Groups, or open it and follow it back here."
        }
        (_, false) => "Its own server lets in everybody who meets what it asks.",
        (admission, true) => words::admission(admission).1,
    };
    let elsewhere = !host.is_empty() && view.group.kind == GroupKind::Open;
    let home = sanitize::web_url(&view.account.url).filter(|_| elsewhere).unwrap_or_default();
    let leaders = groups::leaders(&visitor.ctx, &visitor.viewer(), view.account.id).await?;
    let leaders = leaders.iter().map(|(who, role)| (Who::of(who, shell.now), words::role(Some(*role))));
    let page = AboutPage {
        g: Head::of(view, shell.now),
        rules: text::render(&view.group.rules, &NoLinks),
        welcome: if view.membership.member { text::render(&view.group.welcome, &NoLinks) } else { String::new() },
        leaders: leaders.collect(),
        conditions: words::conditions(&view.group),
        door,
        honest: words::honest(view.group.kind),
        home,
        host,
        shell,
    };
    visitor.page_of_document(&page, &view.account.uri)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn topics_are_links() {
        assert_eq!(address("/groups/hearts", false, ""), "/groups/hearts?what=talk");
        assert_eq!(address("/groups/hearts", true, ""), "/groups/hearts?what=cases");
        assert_eq!(address("/groups/hearts", false, "Heart & lung"), "/groups/hearts?what=talk&topic=Heart+%26+lung");
        assert_eq!(address("/groups/hearts", true, "Valves"), "/groups/hearts?what=cases&topic=Valves");
    }
}
