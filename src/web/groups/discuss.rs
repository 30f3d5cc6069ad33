//! Opening a discussion.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Head, known_inside};
use crate::{
    error::Result,
    model::{AccountId, Held},
    policy::posting::MAX_POST,
    service::{
        groups::View,
        posts::{self, NewPost, Stays},
    },
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, post_path, thousands},
        marked::{Marked, Said},
        posts::{
            interests,
            marks::{Texts, marked, picture_texts, settle},
            pictures::{Pictures, PicturesForm, Pressed, WithPictures},
        },
        session::{Form, Visitor},
    },
};

/// A discussion on its way.
#[derive(Debug, Default)]
struct Draft {
    title: String,
    text: String,
    topic: String,
    warning: String,
    language: String,
    sensitive: bool,
    pictures: Pictures,
    sources: String,
    interests: String,
}

impl Draft {
    /// The post that it becomes.
    fn post(&self, group: AccountId, said: &Said) -> NewPost {
        NewPost {
            text: self.text.clone(),
            title: self.title.clone(),
            topic: self.topic.clone(),
            warning: self.warning.clone(),
            language: self.language.clone(),
            sensitive: self.sensitive,
            media: self.pictures.ids(),
            group: Some(group),
            sources: self.sources.clone(),
            interests: self.interests.clone(),
            stays: Stays::Words(said.kept()),
            looked: self.pictures.looked(),
            ..NewPost::default()
        }
    }

    /// The texts in which something may be marked, each by its field, and what that is called.
    fn texts(&mut self) -> Texts<'_> {
        let mut all = vec![
            ("title".to_owned(), "Title".to_owned(), &mut self.title),
            ("text".to_owned(), "Your text".to_owned(), &mut self.text),
            ("warning".to_owned(), "Content warning".to_owned(), &mut self.warning),
            ("interests".to_owned(), "Conflicts of interest".to_owned(), &mut self.interests),
        ];
        all.extend(picture_texts(&mut self.pictures.list));
        all
    }
}

#[derive(Template)]
#[template(path = "web/groups/discuss.html")]
struct DiscussPage {
    shell: Shell,
    g: Head,
    topics: Vec<String>,
    draft: Draft,
    limit: usize,
    limit_words: String,
    pictures: PicturesForm,
    /// What could identify a patient.
    marked: Marked,
    faults: Faults,
}

impl DiscussPage {
    fn new(visitor: &Visitor, view: &View, draft: Draft, marked: Marked, faults: Faults) -> Self {
        let shell = visitor.shell("groups");
        let g = Head::of(view, shell.now);
        Self {
            topics: view.group.topics.clone(),
            pictures: draft.pictures.form(visitor, Some(&format!("{}/new", g.path)), &[]),
            g,
            limit: MAX_POST,
            limit_words: thousands(MAX_POST),
            draft,
            marked,
            faults,
            shell,
        }
    }
}

/// `GET /groups/{handle}/new`
pub(in crate::web) async fn page(visitor: Visitor, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    let view = known_inside(&visitor, &handle).await?;
    let g = Head::of(&view, visitor.ctx.now());
    if !g.member {
        return Ok(visitor.go(&format!("{}/join", g.path)));
    }
    // The group's page says why nothing can be posted.
    if !g.posts {
        return Ok(visitor.go(&g.path));
    }
    let language = visitor.require()?.language.clone();
    let draft = Draft { language, interests: interests::own(&visitor).await?, ..Draft::default() };
    visitor.page(&DiscussPage::new(&visitor, &view, draft, Marked::default(), Faults::none()))
}

/// What a member typed; what is said of pictures is read by the names of the fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    title: String,
    text: String,
    topic: String,
    warning: String,
    language: String,
    sensitive: Option<String>,
    sources: String,
    interests: String,
    /// What is said of marks, as in [`Said`].
    mark: Vec<String>,
    now: Vec<String>,
    why: Vec<String>,
    act: String,
}

/// `POST /groups/{handle}/new`
pub(in crate::web) async fn publish(
    form: Form<WithPictures<Typed>>,
    handle: web::Path<String>,
    pressed: web::Query<Pressed>,
) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields: WithPictures { own: typed, fields }, files } = form;
    let view = known_inside(&visitor, &handle).await?;
    let mut draft = Draft {
        title: typed.title,
        text: typed.text.replace("\r\n", "\n"),
        topic: typed.topic,
        warning: typed.warning,
        language: typed.language,
        sensitive: typed.sensitive.is_some(),
        pictures: Pictures::default(),
        sources: typed.sources.replace("\r\n", "\n"),
        interests: typed.interests,
    };
    let said = Said { mark: typed.mark, now: typed.now, why: typed.why, act: typed.act };
    let group = view.account.id;
    let done = async {
        // What came along is kept before anything else is said, so that nothing has to be sent twice.
        draft.pictures.take(&visitor, &fields, &files).await?;
        if draft.pictures.press(&visitor, &fields, &pressed).await? {
            return Ok(None);
        }
        let new = draft.post(group, &said);
        if said.is_about_marks() {
            return settle(&visitor, &new, &said, draft.texts()).await.map(|()| None);
        }
        carry_out(&visitor, new).await.map(Some)
    };
    let faults = match done.await {
        Ok(Some(place)) => return Ok(visitor.go(&place)),
        Ok(None) => Faults::none(),
        Err(error) => Faults::of_error(error, "text")?,
    };
    let (marked, faults) = if said.mark.is_empty() && faults.at("marks").is_empty() {
        (Marked::default(), faults)
    } else {
        let new = draft.post(group, &said);
        faults.besides(marked(&visitor, &new, draft.texts()).await)?
    };
    let page = DiscussPage::new(&visitor, &view, draft, marked, faults);
    page.faults.page(&visitor, &page)
}

/// Publishes it; where to go then.
async fn carry_out(visitor: &Visitor, new: NewPost) -> Result<String> {
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let id = posts::publish(ctx, &viewer, new).await?;
    let card = posts::read(ctx, &viewer, id).await?;
    let done = match card.post.held {
        Held::No => "posted",
        Held::Sent | Held::Waits | Held::Refused => "post-sent",
        Held::Premoderation | Held::Screening | Held::Review => "post-held",
    };
    Ok(format!("{}?done={done}", post_path(&card.author.handle(), id.0)))
}
