//! What is private: something of each kind in a group of each kind, each with a word of its own that can be looked for.

use consilium::{
    model::{
        AccountId, Admission, CaseDraftId, CasePictureId, GroupKind, MediaId, PostId, Premoderation, ReportId, Review,
        ScheduledId,
    },
    service::groups::GroupForm,
};

/// A kind of group, how it is joined, and the letter that it has in words.
pub(super) type Kind = (GroupKind, Admission, char);

/// Kinds of groups and the letters that they have in words; the last one is joined by invitation, so that nobody else knows of it.
pub(super) const KINDS: [Kind; 5] = [
    (GroupKind::Open, Admission::Free, 'o'),
    (GroupKind::Verified, Admission::Free, 'v'),
    (GroupKind::Closed, Admission::Free, 'c'),
    (GroupKind::Local, Admission::Free, 'l'),
    (GroupKind::Closed, Admission::Invitation, 'i'),
];

/// Things and the letters that they have in words. Five of them have no word of their own: what came of a ranking and of a poll
/// stands behind the option or the choice; that a case was withdrawn, why, and who has copies is said in the words of the house.
pub(super) const THINGS: [(char, &str); 40] = [
    ('t', "question"),
    ('q', "text"),
    ('p', "picture"),
    ('a', "answer"),
    ('l', "picture of an answer"),
    ('A', "answer from elsewhere"),
    ('B', "answer of a former member elsewhere"),
    ('o', "outcome"),
    ('k', "options"),
    ('z', "result"),
    ('c', "choices"),
    ('v', "votes"),
    ('s', "source"),
    ('n', "case without a name"),
    ('u', "who asked that"),
    ('f', "answer of a former member"),
    ('e', "said later"),
    ('E', "earlier words"),
    ('X', "struck words"),
    ('m', "member"),
    ('L', "who leads it"),
    ('w', "welcome"),
    ('g', "name of the group"),
    ('r', "reason of a removal"),
    ('b', "reason of a ban"),
    ('j', "conflicts of interest"),
    ('h', "who holds the consent"),
    ('d', "draft"),
    ('S', "answer that waits for its time"),
    ('K', "draft of an answer"),
    ('W', "case that waits"),
    ('P', "picture that waits"),
    ('H', "post that waits"),
    ('i', "why somebody asks to join"),
    ('R', "report"),
    ('y', "withdrawn case"),
    ('Z', "that a case was withdrawn"),
    ('Y', "why it was withdrawn"),
    ('C', "who has copies"),
    ('x', "removed post"),
];

/// How many people have voted for the first choice of a poll.
pub(super) const VOTERS: [&str; 3] = ["member", "doc1", "doc2"];

/// The word in which a thing is looked for: "qcneedle" is the text of the case in the closed group. Words are small, as nothing
/// about a patient is: what has a capital letter has a word of another family.
pub(super) fn word(thing: char, kind: char) -> String {
    let family = if thing.is_ascii_uppercase() { "thimble" } else { "needle" };
    format!("{}{kind}{family}", thing.to_ascii_lowercase())
}

/// A post, and who is shown as its author.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) id: PostId,
    pub(super) by: String,
    pub(super) uri: String,
}

/// A picture, by the letter of the thing that it is.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub(super) thing: char,
    pub(super) id: MediaId,
    /// The unguessable part of its address.
    pub(super) file: String,
}

/// What the server of a group keeps for a few people there.
#[derive(Debug, Clone)]
pub(super) struct Inside {
    pub(super) draft: CaseDraftId,
    pub(super) draft_picture: CasePictureId,
    /// A case that waits for a second look.
    pub(super) waiting: Place,
    /// A post that waits for a moderator.
    pub(super) held: Place,
    /// An answer that waits for its time.
    pub(super) scheduled: ScheduledId,
    /// Drafts of answers: of a member, and of one who has left since.
    pub(super) kept: ScheduledId,
    pub(super) left: ScheduledId,
    pub(super) report: ReportId,
    /// The earlier version of an answer.
    pub(super) version: i64,
    /// A member of whom nothing else is heard, who asks without a name, and who asks to join.
    pub(super) quiet: AccountId,
    pub(super) asker: AccountId,
    pub(super) asking: AccountId,
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
    /// An answer with a picture that was changed since.
    pub(super) answer: Place,
    pub(super) farewell: Place,
    /// A discussion with a poll.
    pub(super) poll: Place,
    pub(super) unnamed: Option<Place>,
    pub(super) withdrawn: Place,
    pub(super) removed: Place,
    /// Answers of members of other servers.
    pub(super) abroad: Vec<Place>,
    pub(super) pictures: Vec<Picture>,
    pub(super) inside: Option<Inside>,
}

impl Said {
    /// All that was posted.
    pub(super) fn posts(&self) -> Vec<&Place> {
        let others = [&self.case, &self.answer, &self.farewell, &self.poll, &self.withdrawn, &self.removed];
        let waiting = self.inside.iter().flat_map(|inside| [&inside.waiting, &inside.held]);
        others.into_iter().chain(&self.unnamed).chain(&self.abroad).chain(waiting).collect()
    }
}

/// Which of the things that were said stand in an answer: "qc" is the text in the closed group.
pub(super) fn heard(text: &str) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    let mut all = Vec::new();
    for (family, capital) in [("needle", false), ("thimble", true)] {
        for (at, _) in text.match_indices(family) {
            let Some(letters) = at.checked_sub(2).and_then(|from| text.get(from..at)) else { continue };
            let (Some(small), Some(kind)) = (letters.chars().next(), letters.chars().nth(1)) else { continue };
            let thing = if capital { small.to_ascii_uppercase() } else { small };
            if !THINGS.iter().any(|known| known.0 == thing) || !KINDS.iter().any(|known| known.2 == kind) {
                continue;
            }
            all.push(format!("{thing}{kind}"));
            let after = text.get(at + family.len()..).unwrap_or_default();
            match thing {
                'k' if is_ranked(after) => all.push(format!("z{kind}")),
                'c' if is_counted(after) => all.push(format!("v{kind}")),
                _ => {}
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Whether what follows an option says what the members made of it.
fn is_ranked(after: &str) -> bool {
    let told = after.strip_prefix(": ").and_then(|rest| rest.split_once(' '));
    told.is_some_and(|(_, rest)| rest.starts_with("points"))
}

/// Whether what follows a choice says how many have made it: on a page, in an app, in a document, or in a row of a table.
fn is_counted(after: &str) -> bool {
    let (votes, near) = (VOTERS.len(), after.chars().take(120).collect::<String>());
    let told = [format!(">{votes} votes"), format!("\"votes_count\":{votes}"), format!("\"totalitems\":{votes}")];
    near.starts_with(&format!(",{votes})")) || told.iter().any(|told| near.contains(told.as_str()))
}

/// What tells something without a word of its own, wherever it stands: the number of whoever asked without a name, and the address
/// of a case in what came of the ballots about it. All of the strings have to be there.
#[derive(Debug, Clone, Default)]
pub(super) struct Signs(Vec<(Vec<String>, String)>);

impl Signs {
    pub(super) fn of(said: &[Said]) -> Self {
        let asked = |one: &Said| Some((vec![one.inside.as_ref()?.asker.to_string()], format!("u{}", one.kind)));
        let ranked = |one: &Said| (vec!["RankingResult".to_owned(), one.case.uri.clone()], format!("z{}", one.kind));
        Self(said.iter().filter_map(asked).chain(said.iter().map(ranked)).collect())
    }

    /// The same as [`heard`], with what is told so.
    pub(super) fn heard(&self, text: &str) -> Vec<String> {
        let told = self.0.iter().filter(|(signs, _)| signs.iter().all(|sign| text.contains(sign.as_str())));
        heard(text).into_iter().chain(told.map(|(_, word)| word.clone())).collect()
    }
}

/// How a group is founded.
pub(super) fn form(kind: char, admission: Admission) -> GroupForm {
    GroupForm {
        name: word('g', kind),
        about: "For those who look after hearts.".into(),
        rules: String::new(),
        welcome: word('w', kind),
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

/// Whoever belongs to a group of one kind alone: somebody of whom nothing else is heard, who asks without a name, and who leads it.
pub(super) fn own_people(kind: char) -> [String; 3] {
    ['m', 'u', 'L'].map(|thing| word(thing, kind))
}
