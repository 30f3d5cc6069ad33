//! Changing and deleting one's own posts.

use actix_web::{HttpResponse, http::StatusCode, web};
use askama::Template;
use serde::Deserialize;

use crate::{
    model::{Held, MediaId, Post, PostCard, PostId, Visibility},
    policy::posting::MAX_POST,
    service::{
        cases, media,
        posts::{self, Draft},
    },
    text::sanitize,
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, post_path, thousands},
        marked::{Marked, Said},
        posts::{
            marks::{or_none, picture_texts},
            pictures::{Pictures, PicturesForm, Pressed, WithPictures},
        },
        session::{Form, Press, Visitor},
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
    pictures: PicturesForm,
    limit: usize,
    limit_words: String,
    /// What could identify a patient.
    marked: Marked,
    /// Its group did not take it, and said this.
    refusal: Option<String>,
    /// The group shows what it said before, and its author may go back to that.
    goes_back: bool,
    faults: Faults,
}

impl EditPage {
    fn new(
        visitor: &Visitor,
        me: &str,
        post: &Post,
        draft: Draft,
        pictures: PicturesForm,
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
            pictures,
            limit: MAX_POST,
            limit_words: thousands(MAX_POST),
            refusal: Some(post.refusal.clone()).filter(|_| post.held == Held::Refused),
            goes_back: false,
            faults,
        }
    }
}

/// The pictures of the form: those that are added to a post in a group are looked at, and can be covered.
fn form_of(visitor: &Visitor, pictures: &Pictures, card: &PostCard) -> PicturesForm {
    let way = card.post.group_id.map(|_| format!("/posts/{}/edit", card.post.id));
    let posted: Vec<MediaId> = card.media.0.iter().map(|one| one.id).collect();
    pictures.form(visitor, way.as_deref(), &posted)
}

/// `GET /posts/{id}/edit`
pub(in crate::web) async fn show(visitor: Visitor, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let me = visitor.require()?.me.handle();
    let (post, draft) = posts::draft(&visitor.ctx, &visitor.viewer(), *id).await?;
    let card = posts::read(&visitor.ctx, &visitor.viewer(), *id).await?;
    let pictures = form_of(&visitor, &Pictures::of(&card.media.0, Vec::new()), &card);
    let goes_back = posts::may_take_edit_back(&visitor.ctx, &visitor.viewer(), &post).await?;
    let page = EditPage::new(&visitor, &me, &post, draft, pictures, Marked::default(), Faults::none());
    visitor.page(&EditPage { goes_back, ..page })
}

/// New words; what is said of pictures is read by the names of the fields.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(in crate::web) struct Typed {
    text: String,
    warning: String,
    language: String,
    sensitive: Option<String>,
    /// What is said of marks, as in [`Said`].
    mark: Vec<String>,
    now: Vec<String>,
    why: Vec<String>,
    act: String,
}

/// `POST /posts/{id}/edit`
pub(in crate::web) async fn save(
    id: web::Path<PostId>,
    form: Form<WithPictures<Typed>>,
    pressed: web::Query<Pressed>,
) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields: WithPictures { own: typed, fields }, files } = form;
    let me = visitor.require()?.me.handle();
    if typed.act == "take-back" {
        posts::take_edit_back(&visitor.ctx, &visitor.viewer(), *id).await?;
        return Ok(visitor.go(&format!("{}?done=edit-taken-back", post_path(&me, id.0))));
    }
    // A case is not edited: one that its group did not take is a draft again.
    if typed.act == "again" {
        let draft = cases::write_again(&visitor.ctx, &visitor.viewer(), *id).await?;
        return Ok(visitor.go(&format!("/cases/drafts/{draft}?done=case-again")));
    }
    let said = Said { mark: typed.mark, now: typed.now, why: typed.why, act: typed.act };
    let mut draft = Draft {
        text: typed.text.replace("\r\n", "\n"),
        warning: typed.warning,
        language: typed.language,
        sensitive: typed.sensitive.is_some(),
        media: None,
        poll: posts::Change::Keep,
        stays: posts::Stays::Words(said.kept()),
        looked: posts::Looked::default(),
    };
    let mut pictures = Pictures::default();
    let done = async {
        pictures.take(&visitor, &fields, &files).await?;
        draft.media = Some(pictures.ids());
        if pictures.press(&visitor, &fields, &pressed).await? {
            return Ok(false);
        }
        draft.looked = pictures.looked();
        if said.is_about_marks() {
            let (post, _) = posts::draft(&visitor.ctx, &visitor.viewer(), *id).await?;
            let marks = posts::marks_of_edit(&visitor.ctx, &post, &draft).await?;
            let mut texts = vec![("text".to_owned(), &mut draft.text), ("warning".to_owned(), &mut draft.warning)];
            texts.extend(picture_texts(&mut pictures.list).map(|(field, _, text)| (field, text)));
            said.carry_out(&marks, &mut texts)?;
            drop(texts);
            for one in &pictures.list {
                let words = Some(one.alt.as_str());
                media::describe(&visitor.ctx, &visitor.viewer(), MediaId(one.id), words, None).await?;
            }
            return Ok(false);
        }
        posts::edit(&visitor.ctx, &visitor.viewer(), *id, draft.clone()).await.map(|()| true)
    };
    let faults = match done.await {
        Ok(true) => {
            let done = match posts::read(&visitor.ctx, &visitor.viewer(), *id).await?.post.held {
                Held::Sent => "post-sent",
                Held::Premoderation | Held::Screening => "post-held",
                Held::No | Held::Review | Held::Waits | Held::Refused => "edited",
            };
            return Ok(visitor.go(&format!("{}?done={done}", post_path(&me, id.0))));
        }
        Ok(false) => Faults::none(),
        Err(error) => Faults::of_error(error, "text")?,
    };
    let (post, _) = posts::draft(&visitor.ctx, &visitor.viewer(), *id).await?;
    let card = posts::read(&visitor.ctx, &visitor.viewer(), *id).await?;
    pictures.stand(&card.media.0);
    let (marked, faults) = if said.mark.is_empty() && faults.at("marks").is_empty() {
        (Marked::default(), faults)
    } else {
        let found = or_none(posts::marks_of_edit(&visitor.ctx, &post, &draft).await);
        let (marks, faults) = faults.besides(found)?;
        let mut fields = vec![
            ("text".to_owned(), "Your text".to_owned(), draft.text.as_str()),
            ("warning".to_owned(), "Content warning".to_owned(), draft.warning.as_str()),
        ];
        fields.extend(picture_texts(&mut pictures.list).map(|(field, label, text)| (field, label, text.as_str())));
        (Marked::of(&marks, &fields), faults)
    };
    let pictures = form_of(&visitor, &pictures, &card);
    let goes_back = posts::may_take_edit_back(&visitor.ctx, &visitor.viewer(), &post).await?;
    let page = EditPage::new(&visitor, &me, &post, draft, pictures, marked, faults.clone());
    faults.page(&visitor, &EditPage { goes_back, ..page })
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
        path: if post.label.is_empty() { post_path(&me, id.0) } else { "/cases/mine".to_owned() },
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
