//! How all of it comes about: groups are founded and joined, and everything is said and done in them that is private there.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use consilium::{
    model::{
        AccountId, Admission, AskedAs, CaseDraft, CaseDraftId, CasePictureId, ConsentBasis, ConsentScope, DraftConsent,
        GroupKind, PostId, Premoderation, RecallReason, ReportId, ScheduledId, SectionKey,
    },
    policy::Viewer,
    service::{
        Ctx, cases,
        groups::{self, GroupForm, Wish},
        media,
        polls::{self, NewPoll},
        posts, reactions, reports, scheduled,
    },
};

use super::things::{Inside, Kind, Picture, Place, Said, VOTERS, form, heard, own_people, word};
use crate::harness::Cluster;

/// Why something stays that looks as if it could name a patient.
const INVENTED: &str = "Invented for a story";

/// A group as it was founded.
#[derive(Debug, Clone)]
pub(super) struct Founded {
    pub(super) kind: Kind,
    pub(super) id: AccountId,
    pub(super) handle: String,
    /// The link that lets people in; none where nobody needs one.
    pub(super) link: Option<String>,
}

impl Founded {
    pub(super) fn uri(&self) -> String {
        format!("http://alpha.test/users/{}", self.handle)
    }

    /// Open, verified and closed ones are joined from elsewhere by whoever hears of them.
    pub(super) fn is_joined_from_anywhere(&self) -> bool {
        self.link.is_none() && self.kind.0 != GroupKind::Local
    }

    /// What whoever joins it says.
    pub(super) fn wish(&self) -> Wish {
        let code = self.link.as_ref().and_then(|link| link.split_once("code="));
        Wish { code: code.map(|(_, code)| code.to_owned()).unwrap_or_default(), ..Wish::default() }
    }
}

fn new_post(kind: char, thing: char) -> posts::NewPost {
    posts::NewPost {
        // Whoever is named and is no member reads nothing of it all the same.
        text: format!(
            "{} and nothing for @stranger, @former and @member, see #{}{kind}tag",
            word(thing, kind),
            thing.to_ascii_lowercase()
        ),
        language: "en".into(),
        stays: posts::Stays::All(INVENTED.into()),
        looked: posts::Looked::AtAll,
        ..posts::NewPost::default()
    }
}

/// An answer of somebody on another server, in which nothing could be taken for a patient's.
pub(super) fn from_elsewhere(kind: char, thing: char, to: PostId) -> posts::NewPost {
    let text = format!("It could be {} as well.", word(thing, kind));
    posts::NewPost { text, reply_to: Some(to), ..new_post(kind, thing) }
}

fn written(kind: char, question: char) -> CaseDraft {
    CaseDraft {
        question: word(question, kind),
        sections: vec![(SectionKey::History, "Nothing before.".into())],
        specialties: vec!["207RC0000X".into()],
        consent: DraftConsent {
            basis: Some(ConsentBasis::NotIdentifiable),
            scope: Some(ConsentScope::Public),
            ..DraftConsent::default()
        },
        ..CaseDraft::default()
    }
}

fn drawn() -> bytes::Bytes {
    crate::api::pictures::drawn(40, 30, image::ImageFormat::Png).into()
}

/// People by name, and where they are.
pub(super) struct Stage<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) ctx: &'a Ctx,
    pub(super) people: &'a BTreeMap<String, Viewer>,
}

impl Stage<'_> {
    pub(super) fn who(&self, name: &str) -> &Viewer {
        &self.people[name]
    }

    fn id(&self, name: &str) -> AccountId {
        self.who(name).account().unwrap()
    }

    async fn place(&self, id: PostId, by: &str) -> Place {
        Place { id, by: by.to_owned(), uri: posts::raw(self.ctx, id).await.unwrap().uri }
    }

    /// Founds a group; those who belong to it join it, and two of them lead it.
    pub(super) async fn found(&self, kind: Kind) -> Founded {
        let (ctx, owner) = (self.ctx, self.who("owner"));
        let (group_kind, admission, letter) = kind;
        let invited = admission == Admission::Invitation;
        let handle = if invited { "hiddengroup".to_owned() } else { format!("{}group", group_kind.as_str()) };
        let id = groups::found(ctx, owner, &handle, group_kind, &form(letter, admission)).await.unwrap();
        let link = if invited { Some(groups::invite(ctx, owner, id, 50, 10).await.unwrap()) } else { None };
        let founded = Founded { kind, id, handle, link };
        let [quiet, asker, leading] = own_people(letter);
        let own = [quiet.as_str(), asker.as_str(), leading.as_str()];
        for name in ["member", "former", "banned", "leader", "doc1", "doc2", "doc3"].into_iter().chain(own) {
            groups::join(ctx, self.who(name), id, &founded.wish()).await.unwrap();
        }
        for name in ["leader", leading.as_str()] {
            groups::appoint(ctx, owner, id, self.id(name)).await.unwrap();
        }
        founded
    }

    /// Begins a case; what is marked in it is kept.
    async fn begin(&self, who: &Viewer, group: AccountId, written: CaseDraft) -> CaseDraftId {
        let id = cases::start(self.ctx, who, group).await.unwrap();
        cases::save(self.ctx, who, id, written).await.unwrap();
        for mark in cases::marks(&cases::open_draft(self.ctx, who, id).await.unwrap().draft) {
            let reason = "It is no name of anybody.";
            cases::keep(self.ctx, who, id, &mark.field, &mark.words, reason).await.unwrap();
        }
        id
    }

    /// A picture in a draft of the owner's, which is looked at.
    async fn draw(&self, draft: CaseDraftId, words: &str) -> CasePictureId {
        let owner = self.who("owner");
        let picture = cases::add_picture(self.ctx, owner, draft, drawn(), words).await.unwrap();
        cases::look(self.ctx, owner, draft, picture, true).await.unwrap();
        picture
    }

    /// The picture of a post of somebody's.
    async fn picture_of(&self, who: &Viewer, post: PostId, thing: char) -> Picture {
        let media = posts::read(self.ctx, who, post).await.unwrap().media.0[0].clone();
        Picture { thing, id: media.id, file: media.name }
    }

    /// A case with everything that a case can have, and its picture.
    async fn whole_case(&self, group: AccountId, kind: char) -> (Place, Picture) {
        let (ctx, owner) = (self.ctx, self.who("owner"));
        let mut whole = written(kind, 't');
        whole.sections = vec![(SectionKey::History, format!("{} and nothing before.", word('q', kind)))];
        whole.options = format!("{}\nSomething else", word('k', kind));
        whole.sources = format!("10.1000/{}", word('s', kind));
        whole.interests = word('j', kind);
        whole.consent.holder = word('h', kind);
        let draft = self.begin(owner, group, whole).await;
        self.draw(draft, &word('p', kind)).await;
        let case = cases::publish(ctx, owner, draft).await.unwrap();
        (self.place(case, "owner").await, self.picture_of(owner, case, 'p').await)
    }

    async fn answer(&self, name: &str, case: PostId, kind: char, thing: char) -> Place {
        let new = posts::NewPost { reply_to: Some(case), ..new_post(kind, thing) };
        let id = posts::publish(self.ctx, self.who(name), new).await.unwrap();
        self.place(id, name).await
    }

    /// Gives an answer of the member's other words.
    async fn rewrite(&self, id: PostId, text: String) {
        let (_, draft) = posts::draft(self.ctx, self.who("member"), id).await.unwrap();
        let stays = posts::Stays::All(INVENTED.into());
        posts::edit(self.ctx, self.who("member"), id, posts::Draft { text, stays, ..draft }).await.unwrap();
    }

    /// An answer with a picture. Its first words are struck, those after them will be among the earlier ones; and which version
    /// the struck one is.
    async fn changed_answer(&self, case: PostId, kind: char) -> (Place, Picture, i64) {
        let (ctx, member) = (self.ctx, self.who("member"));
        let picture = media::upload(ctx, member, drawn(), &word('l', kind), None).await.unwrap();
        let usual = new_post(kind, 'a');
        let text = format!("{} {}", usual.text, word('X', kind));
        let first = posts::NewPost { text, reply_to: Some(case), media: vec![picture.id], ..usual.clone() };
        let id = posts::publish(ctx, member, first).await.unwrap();
        // Other servers get them as well, and strike them when they are told to.
        self.cluster.settle().await;
        self.rewrite(id, format!("{} {}", usual.text, word('E', kind))).await;
        let (_, versions) = posts::history(ctx, member, id).await.unwrap();
        let version = versions[0].id;
        posts::strike(ctx, member, id, version).await.unwrap();
        (self.place(id, "member").await, self.picture_of(member, id, 'l').await, version)
    }

    /// A discussion with a poll, on which three have voted.
    async fn poll(&self, group: AccountId, kind: char) -> Place {
        let poll = NewPoll {
            options: vec![word('c', kind), "Neither".into()],
            seconds: 86_400,
            multiple: false,
            hide_totals: false,
        };
        let title = "Which of them".to_owned();
        let new = posts::NewPost { title, group: Some(group), poll: Some(poll), ..new_post(kind, 'c') };
        let id = posts::publish(self.ctx, self.who("owner"), new).await.unwrap();
        for name in VOTERS {
            polls::vote(self.ctx, self.who(name), id, vec![0]).await.unwrap();
        }
        self.place(id, "owner").await
    }

    /// A case that somebody asks without their name, where the kind of group knows such; two moderators open it in a closed one.
    async fn ask_unnamed(&self, group: AccountId, handle: &str, kind: char) -> Option<Place> {
        if kind == 'o' {
            return None;
        }
        let (ctx, [_, asker, leading]) = (self.ctx, own_people(kind));
        cases::allow_unnamed(ctx, self.who("owner"), group, true).await.unwrap();
        let case = CaseDraft { asked_as: AskedAs::Member, ..written(kind, 'n') };
        let draft = self.begin(self.who(&asker), group, case).await;
        let id = cases::publish(ctx, self.who(&asker), draft).await.unwrap();
        if kind == 'c' {
            cases::ask_opening(ctx, self.who("leader"), id, "The patient never agreed.").await.unwrap();
            cases::agree_opening(ctx, self.who(&leading), id).await.unwrap();
        }
        Some(self.place(id, handle).await)
    }

    /// Five members rank the options, all alike.
    async fn rank(&self, case: PostId, kind: char, options: [usize; 2]) {
        let [quiet, ..] = own_people(kind);
        for name in ["member", "doc1", "doc2", "doc3", quiet.as_str()] {
            cases::rank(self.ctx, self.who(name), case, &options.map(Some)).await.unwrap();
        }
    }

    /// While the moderators look at everything first, a member posts, and somebody asks to join.
    async fn hold(&self, group: AccountId, (_, admission, letter): Kind) -> Place {
        let (ctx, owner) = (self.ctx, self.who("owner"));
        let usual = form(letter, admission);
        let (admission, premoderation) = (Admission::Request, Premoderation::All);
        let strict = GroupForm { admission, premoderation, ..usual.clone() };
        groups::change(ctx, owner, group, &strict).await.unwrap();
        let title = "For the moderators".to_owned();
        let new = posts::NewPost { title, group: Some(group), ..new_post(letter, 'H') };
        let held = posts::publish(ctx, self.who("member"), new).await.unwrap();
        let wish = Wish { reason: word('i', letter), ..Wish::default() };
        groups::join(ctx, self.who("asking"), group, &wish).await.unwrap();
        groups::change(ctx, owner, group, &usual).await.unwrap();
        self.place(held, "member").await
    }

    /// A case of which so much is kept that somebody else looks at it first, and its picture.
    async fn ask_for_a_look(&self, group: AccountId, kind: char) -> (Place, Picture) {
        let owner = self.who("owner");
        let told = "Seen on 3 March 2021, again on 9 March 2021, and well on 17 March 2021.";
        let case = CaseDraft { sections: vec![(SectionKey::History, told.into())], ..written(kind, 'W') };
        let draft = self.begin(owner, group, case).await;
        self.draw(draft, &word('P', kind)).await;
        let id = cases::publish(self.ctx, owner, draft).await.unwrap();
        (self.place(id, "owner").await, self.picture_of(owner, id, 'P').await)
    }

    /// What a member, and one who will leave, keep for themselves: an answer with a time, and drafts of answers. One of the drafts
    /// has a picture.
    async fn write_for_later(&self, case: PostId, kind: char) -> ([ScheduledId; 3], Picture) {
        let (ctx, member) = (self.ctx, self.who("member"));
        let answer = |thing| posts::NewPost { reply_to: Some(case), ..new_post(kind, thing) };
        let tomorrow = ctx.now() + TimeDelta::days(1);
        let scheduled = scheduled::schedule(ctx, member, answer('S'), tomorrow).await.unwrap();
        let picture = media::upload(ctx, member, drawn(), &word('K', kind), None).await.unwrap();
        let pictured = posts::NewPost { media: vec![picture.id], ..answer('K') };
        let kept = scheduled::save_draft(ctx, member, None, pictured).await.unwrap();
        let left = scheduled::save_draft(ctx, self.who("former"), None, answer('f')).await.unwrap();
        ([scheduled, kept, left], Picture { thing: 'K', id: picture.id, file: picture.name })
    }

    async fn report(&self, case: PostId, kind: char) -> ReportId {
        let complaint = reports::Complaint {
            target: self.id("owner"),
            posts: vec![case],
            comment: word('R', kind),
            category: "violation".into(),
            forward: true,
            words_to_leaders: true,
        };
        reports::file(self.ctx, self.who("doc1"), complaint).await.unwrap().id
    }

    /// A case that reaches everybody whom it is for and is withdrawn, and a post of a member that is removed.
    async fn take_back(&self, group: AccountId, kind: char) -> (Place, Place) {
        let (ctx, owner, member) = (self.ctx, self.who("owner"), self.who("member"));
        let draft = self.begin(owner, group, written(kind, 'y')).await;
        let withdrawn = cases::publish(ctx, owner, draft).await.unwrap();
        let new = posts::NewPost { title: "Off topic".into(), group: Some(group), ..new_post(kind, 'x') };
        let removed = posts::publish(ctx, member, new).await.unwrap();
        let places = (self.place(withdrawn, "owner").await, self.place(removed, "member").await);
        self.cluster.settle().await;
        for (id, thing) in [(withdrawn, 'y'), (removed, 'x')] {
            let read = posts::read(ctx, member, id).await.unwrap().post;
            assert_eq!(heard(&(read.title + &read.html)), [format!("{thing}{kind}")], "it was there");
        }
        cases::withdraw(ctx, owner, withdrawn, RecallReason::Mistake).await.unwrap();
        groups::remove_post(ctx, owner, removed, &word('r', kind)).await.unwrap();
        places
    }

    /// Says and does everything in a group that is private there; then one member leaves, and one is banned.
    pub(super) async fn say(&self, founded: &Founded) -> Said {
        let (ctx, owner) = (self.ctx, self.who("owner"));
        let (group, letter) = (founded.id, founded.kind.2);
        let (case, picture) = self.whole_case(group, letter).await;
        let (answer, second, version) = self.changed_answer(case.id, letter).await;
        let farewell = self.answer("former", case.id, letter, 'f').await;
        let poll = self.poll(group, letter).await;
        // What one did with a post as a member gives nothing of it afterwards.
        for name in ["former", "banned"] {
            reactions::bookmark(ctx, self.who(name), case.id).await.unwrap();
            reactions::like(ctx, self.who(name), case.id).await.unwrap();
        }
        self.rank(case.id, letter, [0, 1]).await;
        cases::add_outcome(ctx, owner, case.id, &word('o', letter), &[]).await.unwrap();
        let held = self.hold(group, founded.kind).await;
        let (waiting, third) = self.ask_for_a_look(group, letter).await;
        let unnamed = self.ask_unnamed(group, &founded.handle, letter).await;
        let ([scheduled, kept, left], fourth) = self.write_for_later(case.id, letter).await;
        let report = self.report(case.id, letter).await;
        let (withdrawn, removed) = self.take_back(group, letter).await;
        let draft = self.begin(owner, group, written(letter, 'd')).await;
        let draft_picture = self.draw(draft, &word('d', letter)).await;
        groups::leave(ctx, self.who("former"), group).await.unwrap();
        groups::ban(ctx, owner, group, self.id("banned"), &word('b', letter), None).await.unwrap();
        let [quiet, asker, _] = own_people(letter).map(|name| self.id(&name));
        let asking = self.id("asking");
        let inside = Inside {
            draft,
            draft_picture,
            waiting,
            held,
            scheduled,
            kept,
            left,
            report,
            version,
            quiet,
            asker,
            asking,
        };
        Said {
            kind: letter,
            group,
            uri: founded.uri(),
            handle: founded.handle.clone(),
            owner: self.id("owner"),
            case,
            answer,
            farewell,
            poll,
            unnamed,
            withdrawn,
            removed,
            abroad: Vec::new(),
            pictures: vec![picture, second, third, fourth],
            inside: Some(inside),
        }
    }

    /// Goes on in a group: a new discussion, an answer that is changed, another ranking, and another outcome.
    pub(super) async fn say_more(&self, said: &Said) {
        let (ctx, owner, kind) = (self.ctx, self.who("owner"), said.kind);
        let new = posts::NewPost { title: word('e', kind), group: Some(said.group), ..new_post(kind, 'e') };
        posts::publish(ctx, owner, new).await.unwrap();
        self.answer("member", said.case.id, kind, 'e').await;
        self.rewrite(said.answer.id, format!("{} Indeed.", new_post(kind, 'a').text)).await;
        cases::reopen(ctx, owner, said.case.id).await.unwrap();
        self.rank(said.case.id, kind, [1, 0]).await;
        let outcome = format!("{}, as was said.", word('o', kind));
        cases::add_outcome(ctx, owner, said.case.id, &outcome, &[]).await.unwrap();
    }
}
