//! What is private: something of each kind in a group of each kind, each with a word of its own that can be looked for.

use std::collections::BTreeMap;

use consilium::{
    model::{
        AccountId, Admission, AskedAs, CaseDraft, CaseDraftId, ConsentBasis, ConsentScope, DraftConsent, GroupKind,
        MediaId, PostId, Premoderation, RecallReason, Review, SectionKey,
    },
    policy::Viewer,
    service::{
        Ctx, cases,
        groups::{self, GroupForm, Wish},
        posts, reactions,
    },
};

use crate::harness::Cluster;

/// Kinds of groups and the letters that they have in words; the last one is joined by invitation, so that nobody else knows of it.
pub(super) const KINDS: [(GroupKind, Admission, char); 5] = [
    (GroupKind::Open, Admission::Free, 'o'),
    (GroupKind::Verified, Admission::Free, 'v'),
    (GroupKind::Closed, Admission::Free, 'c'),
    (GroupKind::Local, Admission::Free, 'l'),
    (GroupKind::Closed, Admission::Invitation, 'i'),
];

/// Things and the letters that they have in words: "qcneedle" is the text of the case in the closed group.
pub(super) const THINGS: [(char, &str); 22] = [
    ('t', "question"),
    ('q', "text"),
    ('p', "picture"),
    ('a', "answer"),
    ('o', "outcome"),
    ('k', "options"),
    ('z', "result"),
    ('s', "source"),
    ('n', "case without a name"),
    ('u', "who asked that"),
    ('f', "answer of a former member"),
    ('e', "said later"),
    ('m', "member"),
    ('w', "welcome"),
    ('g', "name of the group"),
    ('r', "reason of a removal"),
    ('b', "reason of a ban"),
    ('j', "conflicts of interest"),
    ('h', "who holds the consent"),
    ('d', "draft"),
    ('y', "withdrawn case"),
    ('x', "removed post"),
];

/// A post, and who is shown as its author.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) id: PostId,
    pub(super) by: String,
    pub(super) uri: String,
}

/// What was said in a group, and where.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) kind: char,
    pub(super) group: AccountId,
    pub(super) uri: String,
    pub(super) handle: String,
    pub(super) owner: AccountId,
    pub(super) case: Place,
    pub(super) answer: Place,
    pub(super) farewell: Place,
    pub(super) unnamed: Option<Place>,
    pub(super) withdrawn: Place,
    pub(super) removed: Place,
    pub(super) draft: Option<CaseDraftId>,
    pub(super) picture: Option<(MediaId, String)>,
}

impl Said {
    /// All that was posted.
    pub(super) fn posts(&self) -> Vec<&Place> {
        let others = [&self.case, &self.answer, &self.farewell, &self.withdrawn, &self.removed];
        others.into_iter().chain(&self.unnamed).collect()
    }

    /// The words in which a thing is looked for.
    pub(super) fn word(&self, thing: char) -> String {
        format!("{thing}{}needle", self.kind)
    }
}

/// Which of the things that were said stand in an answer: "qc" is the text in the closed group.
pub(super) fn heard(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices("needle") {
        let Some(letters) = at.checked_sub(2).and_then(|from| text.get(from..at)) else { continue };
        let (Some(thing), Some(kind)) = (letters.chars().next(), letters.chars().nth(1)) else { continue };
        if !THINGS.iter().any(|known| known.0 == thing) || !KINDS.iter().any(|known| known.2 == kind) {
            continue;
        }
        all.push(letters.to_owned());
        // An option with its points is the result.
        let after = text.get(at..).unwrap_or_default().strip_prefix("needle: ").unwrap_or_default();
        if thing == 'k' && after.split_once(' ').is_some_and(|(_, rest)| rest.starts_with("points")) {
            all.push(format!("z{kind}"));
        }
    }
    all.sort();
    all.dedup();
    all
}

pub(super) fn form(kind: char, admission: Admission) -> GroupForm {
    GroupForm {
        name: format!("g{kind}needle"),
        about: "For those who look after hearts.".into(),
        rules: String::new(),
        welcome: format!("w{kind}needle"),
        topics: String::new(),
        admission,
        premoderation: Premoderation::None,
        review: Review::Kept,
        level: 0,
        disciplines: Vec::new(),
        specialties: Vec::new(),
        issuers: String::new(),
    }
}

fn new_post(kind: char, thing: char) -> posts::NewPost {
    posts::NewPost {
        // Whoever is named and is no member reads nothing of it all the same.
        text: format!("{thing}{kind}needle and nothing for @stranger, @former and @member, see #{thing}{kind}tag"),
        language: "en".into(),
        stays: posts::Stays::All("Invented for a story".into()),
        ..posts::NewPost::default()
    }
}

fn written(kind: char, question: char) -> CaseDraft {
    CaseDraft {
        question: format!("{question}{kind}needle"),
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

/// Whoever belongs to a group of one kind alone: somebody of whom nothing else is heard, and who asks without a name.
pub(super) fn own_people(kind: char) -> [String; 2] {
    ["m", "u"].map(|letter| format!("{letter}{kind}needle"))
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

    /// Founds a group; those who belong to it join it.
    pub(super) async fn found(&self, (kind, admission, letter): (GroupKind, Admission, char)) -> (AccountId, String) {
        let owner = self.who("owner");
        let invited = admission == Admission::Invitation;
        let handle = if invited { "hiddengroup".to_owned() } else { format!("{}group", kind.as_str()) };
        let group = groups::found(self.ctx, owner, &handle, kind, &form(letter, admission)).await.unwrap();
        let mut code = String::new();
        if invited {
            let link = groups::invite(self.ctx, owner, group, 50, 10).await.unwrap();
            code = link.split_once("code=").unwrap().1.to_owned();
        }
        let [quiet, asker] = own_people(letter);
        let names =
            ["member", "former", "banned", "leader", "second", "doc1", "doc2", "doc3", quiet.as_str(), asker.as_str()];
        for name in names {
            let wish = Wish { code: code.clone(), ..Wish::default() };
            groups::join(self.ctx, self.who(name), group, &wish).await.unwrap();
        }
        for name in ["leader", "second"] {
            groups::appoint(self.ctx, owner, group, self.id(name)).await.unwrap();
        }
        (group, handle)
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

    /// A case with everything that a case can have, and its picture.
    async fn whole_case(&self, group: AccountId, kind: char) -> (Place, (MediaId, String)) {
        let (ctx, owner) = (self.ctx, self.who("owner"));
        let mut whole = written(kind, 't');
        whole.sections = vec![(SectionKey::History, format!("q{kind}needle and nothing before."))];
        whole.options = format!("k{kind}needle\nSomething else");
        whole.sources = format!("10.1000/s{kind}needle");
        whole.interests = format!("j{kind}needle");
        whole.consent.holder = format!("h{kind}needle");
        let draft = self.begin(owner, group, whole).await;
        let png = crate::api::pictures::drawn(40, 30, image::ImageFormat::Png);
        let picture = cases::add_picture(ctx, owner, draft, png.into(), &format!("p{kind}needle")).await.unwrap();
        cases::look(ctx, owner, draft, picture, true).await.unwrap();
        let case = cases::publish(ctx, owner, draft).await.unwrap();
        let media = posts::read(ctx, owner, case).await.unwrap().media.0[0].clone();
        (self.place(case, "owner").await, (media.id, media.name))
    }

    async fn answer(&self, name: &str, case: PostId, kind: char, thing: char) -> Place {
        let new = posts::NewPost { reply_to: Some(case), ..new_post(kind, thing) };
        let id = posts::publish(self.ctx, self.who(name), new).await.unwrap();
        self.place(id, name).await
    }

    /// A case that somebody asks without their name, where the kind of group knows such; two moderators open it in a closed one.
    async fn ask_unnamed(&self, group: AccountId, handle: &str, kind: char) -> Option<Place> {
        if kind == 'o' {
            return None;
        }
        let (ctx, [_, asker]) = (self.ctx, own_people(kind));
        cases::allow_unnamed(ctx, self.who("owner"), group, true).await.unwrap();
        let case = CaseDraft { asked_as: AskedAs::Member, ..written(kind, 'n') };
        let draft = self.begin(self.who(&asker), group, case).await;
        let id = cases::publish(ctx, self.who(&asker), draft).await.unwrap();
        if kind == 'c' {
            cases::ask_opening(ctx, self.who("leader"), id, "The patient never agreed.").await.unwrap();
            cases::agree_opening(ctx, self.who("second"), id).await.unwrap();
        }
        Some(self.place(id, handle).await)
    }

    /// Five members rank the options.
    async fn rank(&self, case: PostId, kind: char) {
        let [quiet, _] = own_people(kind);
        for name in ["member", "doc1", "doc2", "doc3", quiet.as_str()] {
            cases::rank(self.ctx, self.who(name), case, &[Some(0)]).await.unwrap();
        }
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
        groups::remove_post(ctx, owner, removed, &format!("r{kind}needle")).await.unwrap();
        places
    }

    /// Says and does everything in a group that is private there; then one member leaves, and one is banned.
    pub(super) async fn say(&self, letter: char, group: AccountId, handle: &str) -> Said {
        let (ctx, owner) = (self.ctx, self.who("owner"));
        let (case, picture) = self.whole_case(group, letter).await;
        let answer = self.answer("member", case.id, letter, 'a').await;
        let farewell = self.answer("former", case.id, letter, 'f').await;
        // What one did with a post as a member gives nothing of it afterwards.
        for name in ["former", "banned"] {
            reactions::bookmark(ctx, self.who(name), case.id).await.unwrap();
            reactions::like(ctx, self.who(name), case.id).await.unwrap();
        }
        self.rank(case.id, letter).await;
        cases::add_outcome(ctx, owner, case.id, &format!("o{letter}needle"), &[]).await.unwrap();
        let unnamed = self.ask_unnamed(group, handle, letter).await;
        let (withdrawn, removed) = self.take_back(group, letter).await;
        let draft = self.begin(owner, group, written(letter, 'd')).await;
        groups::leave(ctx, self.who("former"), group).await.unwrap();
        groups::ban(ctx, owner, group, self.id("banned"), &format!("b{letter}needle"), None).await.unwrap();
        Said {
            kind: letter,
            group,
            uri: format!("http://alpha.test/users/{handle}"),
            handle: handle.to_owned(),
            owner: self.id("owner"),
            case,
            answer,
            farewell,
            unnamed,
            withdrawn,
            removed,
            draft: Some(draft),
            picture: Some(picture),
        }
    }

    /// Goes on in a group: a new discussion, an answer that is changed, and another outcome.
    pub(super) async fn say_more(&self, said: &Said) {
        let (ctx, member, kind) = (self.ctx, self.who("member"), said.kind);
        let new = posts::NewPost { title: said.word('e'), group: Some(said.group), ..new_post(kind, 'e') };
        posts::publish(ctx, self.who("owner"), new).await.unwrap();
        self.answer("member", said.case.id, kind, 'e').await;
        let (_, draft) = posts::draft(ctx, member, said.answer.id).await.unwrap();
        let better = posts::Draft { text: format!("{} Indeed.", draft.text), ..draft };
        posts::edit(ctx, member, said.answer.id, better).await.unwrap();
        cases::add_outcome(ctx, self.who("owner"), said.case.id, &format!("{}, as was said.", said.word('o')), &[])
            .await
            .unwrap();
    }
}
