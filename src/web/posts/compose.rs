//! Writing a post or an answer: now, later, or as a draft.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    model::{PostCard, PostId, ScheduledId, Visibility},
    policy::posting::{MAX_POST, POLL_OPTIONS},
    service::{
        cases,
        polls::NewPoll,
        posts::{self, NewPost, Stays},
        scheduled,
    },
    text::{self, handle},
    web::{
        error::Problem,
        form::Faults,
        layout::{PostShown, Shell, post_path, thousands},
        marked::{Marked, Said},
        posts::{
            interests,
            marks::{Texts, marked, picture_texts, settle},
            pictures::{Pictures, PicturesForm, Pressed, WithPictures},
        },
        session::{Form, Visitor},
    },
};

/// A post on its way.
#[derive(Debug, Clone, Default)]
pub(in crate::web) struct Draft {
    pub(super) text: String,
    pub(super) warning: String,
    pub(super) language: String,
    pub(super) visibility: Visibility,
    pub(super) sensitive: bool,
    pub(super) pictures: Pictures,
    pub(super) choices: Vec<String>,
    pub(super) poll_hours: i64,
    pub(super) multiple: bool,
    pub(super) hide_totals: bool,
    /// `2027-05-31T09:12`, UTC.
    pub(super) later: String,
    /// The draft that it was.
    pub(super) kept_as: Option<ScheduledId>,
    /// As the one who asked a case without a name.
    pub(super) as_asker: bool,
    /// Sources, one a line; asked for in groups alone.
    pub(super) sources: String,
    /// Conflicts of interest; asked for in groups alone.
    pub(super) interests: String,
}

/// How sources are typed.
pub(in crate::web) const SOURCES: &str =
    "DOIs and PMIDs, one a line, such as doi:10.1056/NEJMoa2034577 or PMID 33301246.";

/// How long a poll may run, in hours and in words.
pub(super) const POLL_HOURS: [(i64, &str); 5] =
    [(1, "1 hour"), (24, "1 day"), (72, "3 days"), (168, "1 week"), (720, "30 days")];

impl Draft {
    /// Nothing yet, with what the person usually chooses.
    fn empty(visitor: &Visitor) -> Self {
        let (language, visibility) = visitor
            .signed_in
            .as_ref()
            .map_or_else(|| (String::new(), Visibility::Public), |s| (s.language.clone(), s.default_visibility));
        Self { language, visibility, poll_hours: 24, ..Self::default() }
    }

    /// An answer, addressed to the author and to whom they had mentioned, each once.
    pub(super) fn answering(visitor: &Visitor, parent: &PostCard) -> Self {
        let own_host = visitor.ctx.config.instance.host();
        let me = visitor.signed_in.as_ref().and_then(|s| handle::parse(&s.me.username, &own_host));
        let mut named = Vec::new();
        // Whoever wrote without a name is told without being named.
        let author = Some(parent.author.handle()).filter(|_| parent.post.label.is_empty());
        for written in author.into_iter().chain(text::find(&parent.post.source).mentions) {
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

    /// A draft that was kept.
    fn kept(visitor: &Visitor, one: &scheduled::Scheduled) -> Self {
        let content = one.content.clone();
        let poll = content.poll.unwrap_or(NewPoll {
            options: Vec::new(),
            seconds: 86_400,
            multiple: false,
            hide_totals: false,
        });
        Self {
            text: content.text,
            warning: content.warning,
            language: content.language,
            visibility: content.visibility,
            sensitive: content.sensitive,
            pictures: Pictures::of(&one.media, content.looked),
            choices: poll.options,
            poll_hours: poll.seconds / 3_600,
            multiple: poll.multiple,
            hide_totals: poll.hide_totals,
            kept_as: Some(one.id),
            sources: content.sources,
            interests: content.interests,
            ..Self::empty(visitor)
        }
    }

    /// The choices that are filled in.
    fn poll(&self) -> Option<NewPoll> {
        let options: Vec<String> = self.choices.iter().filter(|c| !c.trim().is_empty()).cloned().collect();
        (!options.is_empty()).then(|| NewPoll {
            options,
            seconds: self.poll_hours.saturating_mul(3_600),
            multiple: self.multiple,
            hide_totals: self.hide_totals,
        })
    }

    /// The post that it becomes.
    fn post(&self, reply_to: Option<PostId>, said: &Said) -> NewPost {
        NewPost {
            text: self.text.clone(),
            markup: posts::Markup::Markdown,
            warning: self.warning.clone(),
            language: self.language.clone(),
            visibility: self.visibility,
            reply_to,
            sensitive: self.sensitive,
            media: self.pictures.ids(),
            poll: self.poll(),
            sources: self.sources.clone(),
            interests: self.interests.clone(),
            app: None,
            once: None,
            as_asker: self.as_asker,
            stays: Stays::Words(said.kept()),
            looked: self.pictures.looked(),
            ..NewPost::default()
        }
    }

    /// The texts in which something may be marked, each by its field, and what that is called.
    fn texts(&mut self) -> Texts<'_> {
        let mut all = vec![
            ("text".to_owned(), "Your text".to_owned(), &mut self.text),
            ("warning".to_owned(), "Content warning".to_owned(), &mut self.warning),
            ("interests".to_owned(), "Conflicts of interest".to_owned(), &mut self.interests),
        ];
        all.extend(picture_texts(&mut self.pictures.list));
        let filled = self.choices.iter_mut().filter(|choice| !choice.trim().is_empty());
        all.extend((1_usize..).zip(filled).map(|(n, text)| (format!("choice-{n}"), format!("Choice {n}"), text)));
        all
    }

    /// When it is to be published, where that is not now.
    fn at(&self) -> Result<Option<DateTime<Utc>>> {
        let text = self.later.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let at =
            ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"].iter().find_map(|f| NaiveDateTime::parse_from_str(text, f).ok());
        at.map(|at| Some(at.and_utc())).ok_or_else(|| Error::invalid("later", "Write it as 2027-05-31T09:12, in UTC."))
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
    pictures: PicturesForm,
    /// The viewer may answer as the one who asked a case without a name.
    unnamed: bool,
    /// What could identify a patient.
    marked: Marked,
    faults: Faults,
}

impl ComposePage {
    async fn new(
        visitor: &Visitor,
        mut draft: Draft,
        parent: Option<PostCard>,
        marked: Marked,
        faults: Faults,
    ) -> Result<Self> {
        let unnamed = match &parent {
            Some(card) => cases::answers_unnamed(&visitor.ctx, &visitor.viewer(), &card.post).await?,
            None => false,
        };
        let way = parent.as_ref().and_then(|card| card.post.group_id).map(|_| "/posts");
        let pictures = draft.pictures.form(visitor, way, &[]);
        let mut shell = visitor.shell("");
        // The page may be the answer to a form: acts on the post above come back to a page that can be loaded.
        shell.here =
            parent.as_ref().map_or_else(|| "/compose".to_owned(), |card| format!("/compose?reply_to={}", card.post.id));
        let parent = parent.map(|card| PostShown::of(card, &shell));
        draft.choices.resize(draft.choices.len().max(4).min(*POLL_OPTIONS.end()), String::new());
        let limit_words = thousands(MAX_POST);
        Ok(Self { shell, draft, parent, limit: MAX_POST, limit_words, pictures, unnamed, marked, faults })
    }

    fn has_choices(&self) -> bool {
        self.draft.choices.iter().any(|c| !c.is_empty())
    }

    /// It answers in a group, which says who reads it.
    fn is_in_group(&self) -> bool {
        self.parent.as_ref().is_some_and(|parent| parent.card.post.group_id.is_some())
    }
}

/// What the address asks for.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct Asked {
    /// The post to answer.
    reply_to: Option<PostId>,
    /// The handle of somebody to mention.
    to: Option<String>,
    /// A draft to go on with.
    draft: Option<ScheduledId>,
}

/// `GET /compose`
pub(in crate::web) async fn show(visitor: Visitor, asked: web::Query<Asked>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let viewer = visitor.viewer();
    let kept = match asked.draft {
        Some(id) => Some(scheduled::get(&visitor.ctx, &viewer, id).await?),
        None => None,
    };
    let answers = kept.as_ref().and_then(|k| k.content.reply_to).or(asked.reply_to);
    let parent = match answers {
        Some(id) => Some(posts::read(&visitor.ctx, &viewer, id).await?),
        None => None,
    };
    // Whoever cannot answer reads on the page of the post why.
    if let Some(card) = &parent
        && super::group_of(&visitor, &card.post).await?.is_some_and(|group| !group.unproven.is_empty())
    {
        return Ok(visitor.go(&format!("{}#reply", post_path(&card.author.handle(), card.post.id.0))));
    }
    let draft = match (&kept, &parent) {
        (Some(kept), _) => Draft::kept(&visitor, kept),
        (None, Some(card)) => {
            let unnamed = cases::answers_unnamed(&visitor.ctx, &viewer, &card.post).await?;
            let interests = interests::for_answer(&visitor, &card.post, unnamed).await?;
            Draft { interests, ..Draft::answering(&visitor, card) }
        }
        (None, None) => {
            let text = asked.to.as_deref().map(|to| format!("@{to} ")).unwrap_or_default();
            Draft { text, ..Draft::empty(&visitor) }
        }
    };
    let draft = Draft { as_asker: true, ..draft };
    visitor.page(&ComposePage::new(&visitor, draft, parent, Marked::default(), Faults::none()).await?)
}

/// What a person typed; what is said of pictures is read by the names of the fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    text: String,
    warning: String,
    language: String,
    visibility: Option<Visibility>,
    reply_to: Option<PostId>,
    sensitive: Option<String>,
    choice: Vec<String>,
    poll_hours: Option<i64>,
    multiple: Option<String>,
    hide_totals: Option<String>,
    later: String,
    draft: Option<ScheduledId>,
    as_asker: Option<String>,
    sources: String,
    interests: String,
    /// What is said of marks, as in [`Said`].
    mark: Vec<String>,
    now: Vec<String>,
    why: Vec<String>,
    /// `draft` keeps it instead; others are of marks.
    act: String,
}

/// `POST /posts`
pub(in crate::web) async fn publish(
    form: Form<WithPictures<Typed>>,
    pressed: web::Query<Pressed>,
) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields: WithPictures { own: typed, fields }, files } = form;
    let usual = visitor.require()?.default_visibility;
    let mut draft = Draft {
        text: typed.text.replace("\r\n", "\n"),
        warning: typed.warning,
        language: typed.language,
        visibility: typed.visibility.unwrap_or(usual),
        sensitive: typed.sensitive.is_some(),
        pictures: Pictures::default(),
        choices: typed.choice,
        poll_hours: typed.poll_hours.unwrap_or(24),
        multiple: typed.multiple.is_some(),
        hide_totals: typed.hide_totals.is_some(),
        later: typed.later,
        kept_as: typed.draft,
        as_asker: typed.as_asker.is_some(),
        sources: typed.sources.replace("\r\n", "\n"),
        interests: typed.interests,
    };
    let said = Said { mark: typed.mark, now: typed.now, why: typed.why, act: typed.act };
    let reply_to = typed.reply_to;
    let done = async {
        // What came along is kept before anything else is said, so that nothing has to be sent twice.
        draft.pictures.take(&visitor, &fields, &files).await?;
        if draft.pictures.press(&visitor, &fields, &pressed).await? {
            return Ok(None);
        }
        if said.is_about_marks() {
            let new = draft.post(reply_to, &said);
            return settle(&visitor, &new, &said, draft.texts()).await.map(|()| None);
        }
        carry_out(&visitor, &draft, reply_to, &said).await.map(Some)
    };
    let faults = match done.await {
        Ok(Some(place)) => return Ok(visitor.go(&place)),
        Ok(None) => Faults::none(),
        Err(error) => Faults::of_error(error, "text")?,
    };
    let parent = match reply_to {
        Some(id) => Some(posts::read(&visitor.ctx, &visitor.viewer(), id).await?),
        None => None,
    };
    let (marked, faults) = if said.mark.is_empty() && faults.at("marks").is_empty() {
        (Marked::default(), faults)
    } else {
        let new = draft.post(reply_to, &said);
        faults.besides(marked(&visitor, &new, draft.texts()).await)?
    };
    faults.page(&visitor, &ComposePage::new(&visitor, draft, parent, marked, faults.clone()).await?)
}

/// Where somebody goes who has answered a post: to their answer on the page of the case that it is about, else to its own page.
async fn place_of(visitor: &Visitor, id: PostId, above: PostId, as_asker: bool) -> Result<String> {
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let top = posts::top(ctx, &viewer, above).await?;
    if cases::view(ctx, &viewer, &top.post).await?.is_some() {
        let count = cases::all_replies(ctx, &viewer, top.post.id).await?;
        // Where there are more than a page of them, the newest is not on the first.
        if as_asker || usize::try_from(count).is_ok_and(|count| count <= posts::ANSWERS) {
            return Ok(format!("{}?done=posted#post-{id}", post_path(&top.author.handle(), top.post.id.0)));
        }
    }
    Ok(format!("{}?done=posted", post_path(&visitor.require()?.me.handle(), id.0)))
}

/// Publishes it, keeps it until its time, or as a draft; where to go then.
async fn carry_out(visitor: &Visitor, draft: &Draft, reply_to: Option<PostId>, said: &Said) -> Result<String> {
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let new = draft.post(reply_to, said);
    let keep = said.act == "draft";
    if draft.as_asker && (keep || draft.at()?.is_some()) {
        let words = "An answer without your name is posted at once: it is neither kept as a draft nor published later.";
        return Err(Error::invalid("later", words));
    }
    if keep {
        scheduled::save_draft(ctx, &viewer, draft.kept_as, new).await?;
        return Ok("/drafts?done=draft".into());
    }
    let place = if let Some(at) = draft.at()? {
        scheduled::schedule(ctx, &viewer, new, at).await?;
        "/scheduled?done=scheduled".to_owned()
    } else {
        let id = posts::publish(ctx, &viewer, new).await?;
        match reply_to {
            Some(above) => place_of(visitor, id, above, draft.as_asker).await?,
            None => "/?done=posted".to_owned(),
        }
    };
    if let Some(id) = draft.kept_as {
        // The draft has become the post; its pictures are part of that now.
        scheduled::delete(ctx, &viewer, id).await?;
    }
    Ok(place)
}
