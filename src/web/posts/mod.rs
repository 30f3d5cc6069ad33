//! The pages of posts: reading one with its thread, writing, editing, and what others did with it.
//! Who may see or change a post is never decided here.

pub(super) mod compose;
pub(super) mod edit;
pub(super) mod interests;
pub(super) mod marks;
mod order;
pub(super) mod pictures;
pub(super) mod reactions;

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    admin,
    cases::show::{self as case_page, CaseShown},
    error::Problem,
    groups::Head,
    layout::{PostShown, Shell, counted, full_date, post_path},
    session::{Back, Form, Visitor},
    shown::SourceShown,
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, Post, PostEdit, PostId},
    service::{
        cases, groups,
        posts::{self, Thread},
        profiles, sources,
    },
    text::sanitize,
};
use compose::Draft;
use order::Order;

/// An answer in its place: the tags that open and close the lists around it follow from its depth.
#[derive(Debug)]
struct Answer {
    post: PostShown,
    opens: bool,
    closes: usize,
    /// Its case's author says that it answers the question.
    accepted: bool,
}

#[derive(Template)]
#[template(path = "web/posts/post.html")]
struct PostPage {
    shell: Shell,
    before: Vec<PostShown>,
    post: PostShown,
    answers: Vec<Answer>,
    order: Order,
    /// Lists that stay open after the last answer.
    open: usize,
    /// What stands above the answers: "3 replies".
    heading: String,
    /// Where the answers begin; empty where that is here.
    earlier: String,
    /// Where they go on; empty where they end here.
    later: String,
    /// The beginning of the text, for the title.
    words: String,
    reply: Draft,
    /// The group that it is in, where the viewer may know it.
    group: Option<Head>,
    /// The case that it is.
    case: Option<CaseShown>,
    /// Conflicts of interest that its author declares, for it and in general.
    interests: String,
    /// The viewer may answer as the one who asked a case without a name.
    unnamed: bool,
    /// All who wrote what stands on it have agreed to be found.
    listed: bool,
}

/// Deeper answers stand at this depth and name whom they answer.
const MAX_DEPTH: usize = 6;
/// Up to this depth the indent shows whom an answer answers.
const SHOWN_DEPTH: usize = 2;

impl PostPage {
    fn new(
        shell: Shell,
        thread: Thread,
        reply: Draft,
        group: Option<Head>,
        case: Option<CaseShown>,
        interests: String,
        order: Order,
    ) -> Self {
        let heading = heading(&thread, case.as_ref());
        let mut post = PostShown::of(thread.post, &shell);
        let parents =
            thread.ancestors.iter().map(|card| card.post.id.0).chain([post.card.post.id.0]).collect::<Vec<_>>();
        let above = |card: &PostShown| card.card.post.reply_to_id.is_some_and(|id| parents.contains(&id.0));
        let earlier = if thread.is_continued { format!("{}#replies", post.path) } else { String::new() };
        let later = thread.later.map(|id| format!("{}?after={id}#replies", post.path)).unwrap_or_default();
        let mut before: Vec<_> = thread.ancestors.into_iter().map(|card| PostShown::of(card, &shell)).collect();
        for one in before.iter_mut().chain([&mut post]) {
            if above(one) {
                one.reply_to = None;
            }
        }
        post.case = case.as_ref().map(|case| case.teaser.clone());
        let chosen = case.as_ref().and_then(|case| case.answer);
        let mut depth_before = 0;
        let mut answers = Vec::with_capacity(thread.replies.len());
        for (depth, card) in order.put(thread.replies, chosen) {
            let mut answer = PostShown::of(card, &shell);
            let row = &answer.card.post;
            let accepted = chosen == Some(row.id);
            // The accepted one, where it comes first, stands apart from what it answers, and so does one that answers something
            // before these.
            let apart = ((accepted && order == Order::Answers) || (thread.is_continued && depth == 1))
                && row.reply_to_id != Some(post.card.post.id);
            answer.mark = case.as_ref().and_then(|case| case.mark(row));
            answer.own |= !row.label.is_empty() && case.as_ref().is_some_and(|case| case.mine && case.unnamed);
            if depth <= SHOWN_DEPTH && !apart {
                answer.reply_to = None;
            }
            let depth = depth.min(MAX_DEPTH);
            answers.push(Answer {
                post: answer,
                opens: depth > depth_before,
                closes: depth_before.saturating_sub(depth),
                accepted,
            });
            depth_before = depth;
        }
        let (words, open) = (opening_words(&post), depth_before);
        Self {
            shell,
            before,
            post,
            answers,
            order,
            open,
            heading,
            earlier,
            later,
            words,
            reply,
            group,
            case,
            interests,
            unnamed: false,
            listed: false,
        }
    }

    /// Puts beside the post, and those around it, what they stand on: one look for the whole page, and none outside of groups.
    async fn cite(&mut self, visitor: &Visitor) -> Result<()> {
        let all = self.before.iter().chain([&self.post]).chain(self.answers.iter().map(|answer| &answer.post));
        let grouped = all.filter(|one| one.card.post.group_id.is_some());
        let ids: Vec<PostId> = grouped.map(|one| one.card.post.id).collect();
        let mut known = sources::list(&visitor.ctx, &visitor.viewer(), &ids).await?;
        let answers = self.answers.iter_mut().map(|answer| &mut answer.post);
        for one in self.before.iter_mut().chain([&mut self.post]).chain(answers) {
            let named = known.remove(&one.card.post.id).unwrap_or_default();
            one.sources = named.iter().map(SourceShown::from).collect();
        }
        if let (Some(case), false) = (&mut self.case, self.post.sources.is_empty()) {
            case.lists_sources();
        }
        Ok(())
    }

    /// Puts beside what stands around the post what its authors declare; what is declared of the post itself stands apart.
    fn declare(&mut self, people: &[Account]) {
        let answers = self.answers.iter_mut().map(|answer| &mut answer.post);
        for one in self.before.iter_mut().chain(answers).filter(|one| one.card.post.group_id.is_some()) {
            one.interests = interests::declared(&one.card.post, people);
        }
        self.post.interests.clear();
    }

    /// Why nobody, or not the viewer, answers here; empty where they do.
    fn no_answer(&self) -> &str {
        let mut above = self.before.iter().chain([&self.post]);
        match &self.group {
            _ if above.any(|one| one.card.post.locked_at.is_some()) => {
                "Answers are closed: the moderators have ended this discussion."
            }
            Some(g) if g.archived => "Answers are closed: this group is archived.",
            Some(g) if g.banned => "The moderators of this group have decided that you take no part in it.",
            Some(g) if !g.member => "Only members of the group answer here.",
            Some(g) if !g.unproven.is_empty() => &g.unproven,
            None if self.post.card.post.group_id.is_some() => "You are no member of the group that this is in.",
            Some(_) | None => "",
        }
    }

    /// Who reads an answer, where that is no choice.
    fn readers(&self) -> String {
        self.group.as_ref().map(|g| g.readers.clone()).unwrap_or_default()
    }

    /// Who can read the post.
    fn who_can_read(&self) -> String {
        match &self.group {
            Some(g) => g.readers.clone(),
            None => posts::audience_words(self.post.card.post.visibility).to_owned(),
        }
    }
}

/// What stands above the answers: how many there are, where that is known.
fn heading(thread: &Thread, case: Option<&CaseShown>) -> String {
    match case {
        Some(case) => case.teaser.replies.clone(),
        None if thread.is_whole() => counted(thread.count(), "reply", "replies"),
        None if thread.is_continued => "Later replies".to_owned(),
        None => "Replies".to_owned(),
    }
}

/// The first words of a post, or its warning, for titles.
fn opening_words(post: &PostShown) -> String {
    let row = &post.card.post;
    let text = match (row.warning.as_str(), row.title.as_str()) {
        ("", "") => sanitize::plain(&row.html),
        ("", title) => title.to_owned(),
        (warning, _) => warning.to_owned(),
    };
    let mut words: String = text.split_whitespace().take(8).collect::<Vec<_>>().join(" ").chars().take(80).collect();
    if words.len() < text.trim().len() {
        words.push('…');
    }
    words
}

/// `?order=newest`, or `?after=5` where the answers are more than a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    order: String,
    after: Option<i64>,
}

/// `GET /@{handle}/{id}`
pub(super) async fn show(
    visitor: Visitor,
    path: web::Path<(String, PostId)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let (handle, id) = path.into_inner();
    let mut thread = match posts::thread(&visitor.ctx, &visitor.viewer(), id, asked.after).await {
        Ok(thread) => thread,
        Err(error) => return super::cases::recall::instead(&visitor, id, error).await,
    };
    let right = thread.post.author.handle();
    if handle != right {
        return Ok(visitor.go(&post_path(&right, id.0)));
    }
    let reply = Draft::answering(&visitor, &thread.post);
    let uri = thread.post.post.uri.clone();
    let group = group_of(&visitor, &thread.post.post).await?;
    let case = case_of(&visitor, &thread, group.as_ref()).await?;
    if let Some(answer) = case.as_ref().and_then(|case| case.answer) {
        put_answer(&visitor, &mut thread, answer).await?;
    }
    let people = people_of(&visitor, &thread).await?;
    let interests = interests::declared(&thread.post.post, &people);
    let unnamed = cases::answers_unnamed(&visitor.ctx, &visitor.viewer(), &thread.post.post).await?;
    let own_interests = interests::for_answer(&visitor, &thread.post.post, unnamed).await?;
    let (shell, order) = match (&case, &group) {
        (Some(_), _) => (visitor.shell("cases"), Order::parse(&asked.order)),
        (None, Some(_)) => (visitor.shell("groups"), Order::Answers),
        (None, None) => (visitor.shell(""), Order::Answers),
    };
    let mut page = PostPage::new(shell, thread, reply, group, case, interests, order);
    page.unnamed = unnamed;
    page.reply.interests = own_interests;
    page.declare(&people);
    page.listed = people.iter().all(|one| one.discoverable);
    page.cite(&visitor).await?;
    case_page::fill(&visitor, &mut page.before).await?;
    visitor.page_of_document(&page, &uri)
}

/// The case that a post is.
async fn case_of(visitor: &Visitor, thread: &Thread, group: Option<&Head>) -> Result<Option<CaseShown>, Problem> {
    let card = &thread.post;
    let Some(view) = cases::view(&visitor.ctx, &visitor.viewer(), &card.post).await? else { return Ok(None) };
    let readers = group.map_or_else(|| "The members of the group".to_owned(), |g| g.readers.clone());
    let replies = if thread.is_whole() {
        thread.count()
    } else {
        cases::all_replies(&visitor.ctx, &visitor.viewer(), card.post.id).await?
    };
    Ok(Some(CaseShown::of(visitor, view, &card.post, card.media.0.len(), readers, replies).await?))
}

/// The reply that answers a case stands first where the answers begin, also where it was written after the last one of these.
async fn put_answer(visitor: &Visitor, thread: &mut Thread, answer: PostId) -> Result<(), Problem> {
    let is_there = thread.replies.iter().any(|(_, card)| card.post.id == answer);
    if is_there || thread.is_continued || thread.later.is_none() {
        return Ok(());
    }
    let case = thread.post.post.id;
    if let Some(card) = cases::answer_of(&visitor.ctx, &visitor.viewer(), case, answer).await? {
        thread.replies.insert(0, (1, card));
    }
    Ok(())
}

/// Everybody who wrote something of a thread.
async fn people_of(visitor: &Visitor, thread: &Thread) -> Result<Vec<Account>, Problem> {
    let replies = thread.replies.iter().map(|(_, card)| card);
    let all = thread.ancestors.iter().chain([&thread.post]).chain(replies);
    let people: BTreeSet<AccountId> = all.map(|card| card.post.author_id).collect();
    Ok(profiles::by_ids(&visitor.ctx, people.into_iter().collect()).await?)
}

/// The group that a post is in. Whoever has left one still reads what they wrote there, and may not know the group.
async fn group_of(visitor: &Visitor, post: &Post) -> Result<Option<Head>, Problem> {
    let Some(id) = post.group_id else { return Ok(None) };
    match groups::view_by_id(&visitor.ctx, &visitor.viewer(), id).await {
        Ok(view) => Ok(Some(Head::of(&view, visitor.ctx.now()))),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What a post said at one time.
#[derive(Debug)]
struct Version {
    /// Which it is, where it can be struck.
    strike: Option<i64>,
    /// When its words were taken out; empty where they were not.
    struck: String,
    name: String,
    warning: String,
    html: String,
    when: String,
    iso: String,
}

#[derive(Template)]
#[template(path = "web/posts/history.html")]
struct HistoryPage {
    shell: Shell,
    post: PostShown,
    versions: Vec<Version>,
    /// Its author has agreed to be found.
    listed: bool,
}

/// `GET /posts/{id}/history`
pub(super) async fn history(visitor: Visitor, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let (card, edits) = posts::history(&visitor.ctx, &visitor.viewer(), *id).await?;
    let can_strike = posts::may_strike(&visitor.ctx, &visitor.viewer(), &card.post).await?;
    let now = PostEdit {
        id: 0,
        struck_at: None,
        warning: card.post.warning.clone(),
        html: card.post.html.clone(),
        written_at: card.post.edited_at.unwrap_or(card.post.published_at),
    };
    let last = edits.len();
    let name = |place: usize| match place {
        _ if place == last => "Now".to_owned(),
        0 => "First version".to_owned(),
        _ => format!("Version {}", place + 1),
    };
    let version = |(place, edit): (usize, PostEdit)| Version {
        strike: Some(edit.id).filter(|_| can_strike && place != last && edit.struck_at.is_none()),
        struck: edit.struck_at.map(full_date).unwrap_or_default(),
        name: name(place),
        warning: edit.warning,
        html: edit.html,
        when: full_date(edit.written_at),
        iso: edit.written_at.to_rfc3339(),
    };
    let mut versions: Vec<_> = edits.into_iter().chain([now]).enumerate().map(version).collect();
    versions.reverse();
    let author = profiles::by_ids(&visitor.ctx, vec![card.post.author_id]).await?;
    let listed = author.iter().all(|one| one.discoverable);
    let shell = visitor.shell("");
    visitor.page(&HistoryPage { post: PostShown::of(card, &shell), versions, listed, shell })
}

/// `POST /posts/{id}/history/{edit}/strike`; no version has the number 0, which stands for all. A moderator of the house gives
/// the password again, as for all that is done about reports.
pub(super) async fn strike(form: Form<Back>, path: web::Path<(PostId, i64)>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    visitor.require()?;
    let (id, version) = path.into_inner();
    let own = format!("/posts/{id}/history");
    let back = if fields.back.is_empty() { &own } else { &fields.back };
    if posts::strikes_for_house(&visitor.ctx, &visitor.viewer(), id).await?
        && let Some(away) = admin::proved(&visitor, back).await?
    {
        return Ok(away);
    }
    if version == 0 {
        posts::strike_all(&visitor.ctx, &visitor.viewer(), id).await?;
    } else {
        posts::strike(&visitor.ctx, &visitor.viewer(), id, version).await?;
    }
    Ok(visitor.go_back(back, "struck"))
}
