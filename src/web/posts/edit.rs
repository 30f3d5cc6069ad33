//! Changing and deleting one's own posts.

use actix_web::{HttpResponse, http::StatusCode, web};
use askama::Template;
use serde::Deserialize;

use crate::{
    model::{MediaId, Post, PostId, Visibility},
    policy::posting::MAX_POST,
    service::{
        media,
        posts::{self, Draft},
    },
    text::sanitize,
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, post_path, thousands},
        marked::{Marked, Said},
        posts::{compose::take_pictures, marks::{or_none, picture_texts}},
        session::{Form, Press, Visitor},
        shown::PictureShown,
    },
};

#[derive(Template)]
#[template(path = "web/posts/edit.html")]
struct EditPage {
    shell: Shell,
    id: PostId,
    path: String,
    visibility: Visibility,
    draft: Draft,
    pictures: Vec<PictureShown>,
    /// Pictures that may still be added.
    more_pictures: usize,
    limit: usize,
    limit_words: String,
    /// What could identify a patient.
    marked: Marked,
    faults: Faults,
}

impl EditPage {
    fn new(
        visitor: &Visitor,
        me: &str,
        post: &Post,
        draft: Draft,
        pictures: Vec<PictureShown>,
        marked: Marked,
        faults: Faults,
    ) -> Self {
        Self {
            marked,
            shell: visitor.shell(""),
            id: post.id,
            path: post_path(me, post.id.0),
            visibility: post.visibility,
            draft,
            more_pictures: visitor.ctx.config.media.per_post.saturating_sub(pictures.len()),
            pictures,
            limit: MAX_POST,
            limit_words: thousands(MAX_POST),
            faults,
        }
    }
}

/// `GET /posts/{id}/edit`
pub(in crate::web) async fn show(visitor: Visitor, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let me = visitor.require()?.me.handle();
    let (post, draft) = posts::draft(&visitor.ctx, &visitor.viewer(), *id).await?;
    let card = posts::read(&visitor.ctx, &visitor.viewer(), *id).await?;
    let pictures = card.media.0.iter().map(PictureShown::from).collect();
    visitor.page(&EditPage::new(&visitor, &me, &post, draft, pictures, Marked::default(), Faults::none()))
}

/// New words.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(in crate::web) struct Typed {
    text: String,
    warning: String,
    language: String,
    sensitive: Option<String>,
    /// Pictures that stay, and their descriptions.
    picture: Vec<MediaId>,
    alt: Vec<String>,
    /// Descriptions of pictures that come with this form.
    new_alt: Vec<String>,
    /// What is said of marks, as in [`Said`].
    mark: Vec<String>,
    now: Vec<String>,
    why: Vec<String>,
    act: String,
}

/// `POST /posts/{id}/edit`
pub(in crate::web) async fn save(id: web::Path<PostId>, form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, files } = form;
    let me = visitor.require()?.me.handle();
    let said = Said { mark: fields.mark, now: fields.now, why: fields.why, act: fields.act };
    let mut draft = Draft {
        text: fields.text.replace("\r\n", "\n"),
        warning: fields.warning,
        language: fields.language,
        sensitive: fields.sensitive.is_some(),
        media: None,
        poll: posts::Change::Keep,
        stays: posts::Stays::Words(said.kept()),
    };
    let mut pictures = Vec::new();
    let done = async {
        pictures = take_pictures(&visitor, &fields.picture, &fields.alt, &files, &fields.new_alt).await?;
        draft.media = Some(pictures.iter().map(|p| MediaId(p.id)).collect());
        if said.is_about_marks() {
            let (post, _) = posts::draft(&visitor.ctx, &visitor.viewer(), *id).await?;
            let marks = posts::marks_of_edit(&visitor.ctx, &post, &draft).await?;
            let mut texts = vec![("text".to_owned(), &mut draft.text), ("warning".to_owned(), &mut draft.warning)];
            texts.extend(picture_texts(&mut pictures).map(|(field, _, text)| (field, text)));
            said.carry_out(&marks, &mut texts)?;
            drop(texts);
            for one in &pictures {
                let words = Some(one.alt.as_str());
                media::describe(&visitor.ctx, &visitor.viewer(), MediaId(one.id), words, None).await?;
            }
            return Ok(false);
        }
        posts::edit(&visitor.ctx, &visitor.viewer(), *id, draft.clone()).await.map(|()| true)
    };
    let faults = match done.await {
        Ok(true) => return Ok(visitor.go(&format!("{}?done=edited", post_path(&me, id.0)))),
        Ok(false) => Faults::none(),
        Err(error) => Faults::of_error(error, "text")?,
    };
    let (post, _) = posts::draft(&visitor.ctx, &visitor.viewer(), *id).await?;
    if pictures.is_empty() && !fields.picture.is_empty() {
        // What was said of them could not be taken: they stand as they did.
        let card = posts::read(&visitor.ctx, &visitor.viewer(), *id).await?;
        pictures = card.media.0.iter().map(PictureShown::from).collect();
    }
    let marked = if said.mark.is_empty() && faults.at("marks").is_empty() {
        Marked::default()
    } else {
        let marks = or_none(posts::marks_of_edit(&visitor.ctx, &post, &draft).await)?;
        let mut fields = vec![
            ("text".to_owned(), "Your text".to_owned(), draft.text.as_str()),
            ("warning".to_owned(), "Content warning".to_owned(), draft.warning.as_str()),
        ];
        fields.extend(picture_texts(&mut pictures).map(|(field, label, text)| (field, label, text.as_str())));
        Marked::of(&marks, &fields)
    };
    faults.page(&visitor, &EditPage::new(&visitor, &me, &post, draft, pictures, marked, faults.clone()))
}

#[derive(Template)]
#[template(path = "web/posts/delete.html")]
struct DeletePage {
    shell: Shell,
    id: PostId,
    path: String,
    words: String,
}

/// `GET /posts/{id}/delete`
pub(in crate::web) async fn delete_page(visitor: Visitor, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let me = visitor.require()?.me.handle();
    let post = posts::to_delete(&visitor.ctx, &visitor.viewer(), *id).await?;
    let page = DeletePage {
        shell: visitor.shell(""),
        id: *id,
        path: post_path(&me, id.0),
        words: sanitize::plain(&post.html),
    };
    visitor.page_with(StatusCode::OK, &page)
}

/// `POST /posts/{id}/delete`
pub(in crate::web) async fn delete(id: web::Path<PostId>, form: Form<Press>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    posts::delete(&visitor.ctx, &visitor.viewer(), *id, posts::Pictures::Delete).await?;
    Ok(visitor.go(&format!("/@{}?done=deleted", visitor.require()?.me.handle())))
}
