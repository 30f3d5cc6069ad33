//! Opening a discussion.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Head, known_inside};
use crate::{
    error::Result,
    model::{Held, MediaId},
    policy::posting::MAX_POST,
    service::{
        groups::View,
        posts::{self, NewPost},
    },
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, post_path, thousands},
        posts::compose::take_pictures,
        session::{Form, Visitor},
        shown::PictureShown,
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
    pictures: Vec<PictureShown>,
    sources: String,
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
    /// Pictures that may still be added.
    more_pictures: usize,
    faults: Faults,
}

impl DiscussPage {
    fn new(visitor: &Visitor, view: &View, draft: Draft, faults: Faults) -> Self {
        let shell = visitor.shell("groups");
        Self {
            g: Head::of(view, shell.now),
            topics: view.group.topics.clone(),
            more_pictures: visitor.ctx.config.media.per_post.saturating_sub(draft.pictures.len()),
            limit: MAX_POST,
            limit_words: thousands(MAX_POST),
            draft,
            faults,
            shell,
        }
    }

    /// Who will read it.
    fn readers(&self) -> String {
        if self.g.open {
            "Everybody, here and elsewhere.".to_owned()
        } else {
            format!("The members of {}.", self.g.name)
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
    if g.archived {
        return Ok(visitor.go(&g.path));
    }
    let language = visitor.require()?.language.clone();
    visitor.page(&DiscussPage::new(&visitor, &view, Draft { language, ..Draft::default() }, Faults::none()))
}

/// What a member typed.
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
    /// Pictures that were sent in before, and their descriptions.
    picture: Vec<MediaId>,
    alt: Vec<String>,
    /// Descriptions of pictures that come with this form.
    new_alt: Vec<String>,
}

/// `POST /groups/{handle}/new`
pub(in crate::web) async fn publish(form: Form<Typed>, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, files } = form;
    let view = known_inside(&visitor, &handle).await?;
    let mut draft = Draft {
        title: fields.title,
        text: fields.text.replace("\r\n", "\n"),
        topic: fields.topic,
        warning: fields.warning,
        language: fields.language,
        sensitive: fields.sensitive.is_some(),
        pictures: Vec::new(),
        sources: fields.sources.replace("\r\n", "\n"),
    };
    let done = async {
        // What came along is kept before anything else is said, so that nothing has to be sent twice.
        draft.pictures = take_pictures(&visitor, &fields.picture, &fields.alt, &files, &fields.new_alt).await?;
        carry_out(&visitor, &view, &draft).await
    };
    match done.await {
        Ok(place) => Ok(visitor.go(&place)),
        Err(error) => {
            let faults = Faults::of_error(error, "text")?;
            let page = DiscussPage::new(&visitor, &view, draft, faults);
            page.faults.page(&visitor, &page)
        }
    }
}

/// Publishes it; where to go then.
async fn carry_out(visitor: &Visitor, view: &View, draft: &Draft) -> Result<String> {
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let new = NewPost {
        text: draft.text.clone(),
        title: draft.title.clone(),
        topic: draft.topic.clone(),
        warning: draft.warning.clone(),
        language: draft.language.clone(),
        sensitive: draft.sensitive,
        media: draft.pictures.iter().map(|p| MediaId(p.id)).collect(),
        group: Some(view.account.id),
        sources: draft.sources.clone(),
        ..NewPost::default()
    };
    let id = posts::publish(ctx, &viewer, new).await?;
    let card = posts::read(ctx, &viewer, id).await?;
    let done = match card.post.held {
        Held::No => "posted",
        Held::Sent | Held::Waits => "post-sent",
        Held::Premoderation | Held::Screening | Held::Review => "post-held",
    };
    Ok(format!("{}?done={done}", post_path(&card.author.handle(), id.0)))
}
