//! Writing a post or an answer.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::{
    model::{PostCard, PostId, Visibility},
    policy::posting::MAX_POST,
    service::posts::{self, NewPost},
    text::{self, handle},
    web::{
        error::Problem,
        form::Faults,
        layout::{PostShown, Shell, post_path, thousands},
        session::{Form, Visitor},
    },
};

/// A post on its way.
#[derive(Debug, Clone)]
pub(in crate::web) struct Draft {
    pub(super) text: String,
    pub(super) warning: String,
    pub(super) language: String,
    pub(super) visibility: Visibility,
}

impl Draft {
    /// Nothing yet, with what the person usually chooses.
    fn empty(visitor: &Visitor) -> Self {
        let (language, visibility) = visitor
            .signed_in
            .as_ref()
            .map_or_else(|| (String::new(), Visibility::Public), |s| (s.language.clone(), s.default_visibility));
        Self { text: String::new(), warning: String::new(), language, visibility }
    }

    /// An answer, addressed to the author and to whom they had mentioned, each once.
    pub(super) fn answering(visitor: &Visitor, parent: &PostCard) -> Self {
        let own_host = visitor.ctx.config.instance.host();
        let me = visitor.signed_in.as_ref().and_then(|s| handle::parse(&s.me.username, &own_host));
        let mut named = Vec::new();
        for written in [parent.author.handle()].into_iter().chain(text::find(&parent.post.source).mentions) {
            let Some(one) = handle::parse(&written, &own_host) else { continue };
            if Some(&one) != me.as_ref() && !named.contains(&one) {
                named.push(one);
            }
        }
        let text = named.into_iter().map(|one| match one.host {
            Some(host) => format!("@{}@{host} ", one.username),
            None => format!("@{} ", one.username),
        });
        let empty = Self::empty(visitor);
        Self {
            text: text.collect(),
            warning: parent.post.warning.clone(),
            visibility: parent.post.visibility.narrower(empty.visibility),
            ..empty
        }
    }
}

#[derive(Template)]
#[template(path = "web/posts/compose.html")]
struct ComposePage {
    shell: Shell,
    draft: Draft,
    parent: Option<PostShown>,
    limit: usize,
    limit_words: String,
    faults: Faults,
}

impl ComposePage {
    fn new(visitor: &Visitor, draft: Draft, parent: Option<PostCard>, faults: Faults) -> Self {
        let mut shell = visitor.shell("");
        // The page may be the answer to a form: acts on the post above come back to a page that can be loaded.
        shell.here =
            parent.as_ref().map_or_else(|| "/compose".to_owned(), |card| format!("/compose?reply_to={}", card.post.id));
        let parent = parent.map(|card| PostShown::of(card, &shell));
        Self { shell, draft, parent, limit: MAX_POST, limit_words: thousands(MAX_POST), faults }
    }
}

/// What the address asks for.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct Asked {
    /// The post to answer.
    reply_to: Option<PostId>,
    /// The handle of somebody to mention.
    to: Option<String>,
}

/// `GET /compose`
pub(in crate::web) async fn show(visitor: Visitor, asked: web::Query<Asked>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (draft, parent) = if let Some(id) = asked.reply_to {
        let card = posts::read(&visitor.ctx, &visitor.viewer(), id).await?;
        (Draft::answering(&visitor, &card), Some(card))
    } else {
        let text = asked.to.as_deref().map(|to| format!("@{to} ")).unwrap_or_default();
        (Draft { text, ..Draft::empty(&visitor) }, None)
    };
    visitor.page(&ComposePage::new(&visitor, draft, parent, Faults::none()))
}

/// What a person typed.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct Typed {
    #[serde(default)]
    text: String,
    #[serde(default)]
    warning: String,
    #[serde(default)]
    language: String,
    visibility: Option<Visibility>,
    reply_to: Option<PostId>,
}

/// `POST /posts`
pub(in crate::web) async fn publish(form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields } = form;
    let me = visitor.require()?.me.handle();
    let visibility = fields.visibility.unwrap_or(visitor.require()?.default_visibility);
    let draft = Draft {
        text: fields.text.replace("\r\n", "\n"),
        warning: fields.warning,
        language: fields.language,
        visibility,
    };
    let new = NewPost {
        markup: posts::Markup::Markdown,
        text: draft.text.clone(),
        warning: draft.warning.clone(),
        language: draft.language.clone(),
        visibility,
        reply_to: fields.reply_to,
    };
    match posts::publish(&visitor.ctx, &visitor.viewer(), new).await {
        Ok(id) if fields.reply_to.is_some() => Ok(visitor.go(&format!("{}?done=posted", post_path(&me, id.0)))),
        Ok(_) => Ok(visitor.go("/?done=posted")),
        Err(error) => {
            let faults = Faults::of_error(error, "text")?;
            let parent = match fields.reply_to {
                Some(id) => Some(posts::read(&visitor.ctx, &visitor.viewer(), id).await?),
                None => None,
            };
            faults.page(&visitor, &ComposePage::new(&visitor, draft, parent, faults.clone()))
        }
    }
}
