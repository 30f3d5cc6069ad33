//! What waits at the desk.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{asked::Asked, enter, flag};
use crate::{
    model::{AccountId, CredentialId, CredentialKind},
    policy::{credentials::is_free, disciplines::DISCIPLINES, registers::REGISTERS},
    service::credentials::{self, Waiting},
    web::{
        credentials::words,
        error::Problem,
        layout::{Shell, Who, full_date},
        paging::{At, Pager},
        session::Visitor,
    },
};

/// A credential as the queue shows it.
struct Row {
    id: CredentialId,
    who: Who,
    /// "Registration, United Kingdom".
    what: String,
    register: String,
    discipline: String,
    level: i16,
    /// "Match 95 of 100"; empty where there is nothing to compare.
    score: String,
    /// "1 day".
    age: String,
    full: String,
    iso: String,
    /// Colour and words.
    flags: Vec<(&'static str, String)>,
    /// "yours", "free", or the name of a colleague.
    whose: String,
    free: bool,
}

impl Row {
    fn of(waiting: Waiting, me: Option<AccountId>, shell: &Shell) -> Self {
        let Waiting { credential, holder, since, flags, score, claimed_by } = waiting;
        let mine = credential.claimed_by.is_some() && credential.claimed_by == me;
        let free = is_free(&credential);
        let whose = match claimed_by {
            _ if mine => "yours".to_owned(),
            Some(name) => name,
            None if free => "free".to_owned(),
            None => words::tag(credential.state).1.to_lowercase(),
        };
        let mut flags: Vec<_> = flags.iter().map(flag).collect();
        // At level 2 the register was asked, and nothing was found to differ.
        if flags.is_empty() && credential.level == 2 {
            flags.push(("green", "No differences".to_owned()));
        }
        Self {
            id: credential.id,
            who: Who::of(&holder, shell.now),
            what: words::kind_and_place(&credential),
            register: words::body(&credential).to_owned(),
            discipline: words::discipline(&credential.discipline).to_owned(),
            level: credential.level,
            score: score.map(|score| format!("Match {score} of 100")).unwrap_or_default(),
            age: words::age(since, shell.now),
            full: full_date(since),
            iso: since.to_rfc3339(),
            flags,
            whose,
            free,
        }
    }
}

/// Which credentials: the word in addresses, and the words of the tab.
const ONLY: [(&str, &str); 7] = [
    ("", "Waiting"),
    ("mine", "Yours"),
    ("free", "Free"),
    ("recheck", "Re-checks"),
    ("asked", "Needs information"),
    ("attested", "Verified"),
    ("suspended", "Suspended"),
];

/// A link to the same list with another choice.
struct Choice {
    path: String,
    words: String,
    current: bool,
}

impl Choice {
    fn of(asked: &Asked, name: &str, key: &str, words: impl Into<String>) -> Self {
        Self { path: asked.with(name, key), words: words.into(), current: asked.value(name) == key }
    }
}

/// Something by which the list is narrowed or sorted.
struct Facet {
    name: &'static str,
    /// What is chosen, in a few words.
    chosen: String,
    choices: Vec<Choice>,
}

impl Facet {
    /// `offered` are the word in addresses, the words of the link, and those for what is chosen.
    fn of(asked: &Asked, key: &str, name: &'static str, offered: Vec<(&str, String, &str)>) -> Self {
        let current = offered.iter().find(|(word, ..)| *word == asked.value(key));
        let chosen = current.map(|(_, _, brief)| (*brief).to_owned()).unwrap_or_default();
        let choices = offered.into_iter().map(|(word, words, _)| Choice::of(asked, key, word, words)).collect();
        Self { name, chosen, choices }
    }

    fn all(asked: &Asked) -> [Self; 5] {
        let plain = |word: &'static str, words: &'static str| (word, words.to_owned(), words);
        let any = || [plain("", "All")].into_iter();
        let kinds = CredentialKind::ALL.iter().map(|kind| plain(kind.as_str(), words::kind(*kind)));
        let disciplines = DISCIPLINES.iter().map(|one| plain(one.key, one.name));
        let registers = REGISTERS
            .iter()
            .map(|one| (one.key, one.name.to_owned(), if one.short.is_empty() { one.name } else { one.short }));
        let levels = ["1", "2", "3", "4"].into_iter().zip(words::LEVELS);
        let levels = levels.map(|(place, (name, _))| (place, format!("{place}, {}", name.to_lowercase()), place));
        let orders =
            [plain("", "Oldest first"), plain("level", "Highest level first"), plain("register", "By register")];
        [
            Self::of(asked, "kind", "Kind", any().chain(kinds).collect()),
            Self::of(asked, "discipline", "Discipline", any().chain(disciplines).collect()),
            Self::of(asked, "register", "Register", any().chain(registers).collect()),
            Self::of(asked, "level", "Level", any().chain(levels).collect()),
            Self::of(asked, "sort", "Order", orders.into()),
        ]
    }
}

#[derive(Template)]
#[template(path = "web/desk/queue.html")]
struct QueuePage {
    shell: Shell,
    rows: Vec<Row>,
    tabs: Vec<Choice>,
    facets: [Facet; 5],
    /// Only what is flagged, or that again with the rest.
    flagged: Choice,
    /// Where the same part is shown whole; empty where it is.
    whole: String,
    /// The query that the pages of these carry on.
    query: String,
    /// Nothing is left out, and it is the first page.
    complete: bool,
    /// What has waited longest comes first.
    by_age: bool,
    /// The day of the next check, where nothing waits; empty where there is none.
    next_check: String,
    /// How many documents wait for a second person.
    wishes: i64,
    pager: Pager,
}

/// `GET /desk`
pub async fn show(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let (ctx, viewer, asked) = (&visitor.ctx, visitor.viewer(), Asked::of(&visitor.here));
    let paged = credentials::queue(ctx, &viewer, &asked.0, &at.page()).await?;
    let complete = !asked.is_narrow() && at.is_first();
    let next_check =
        if complete && paged.items.is_empty() { credentials::next_check(ctx, &viewer).await? } else { None };
    let wishes = credentials::count_wishes(ctx, &viewer).await?;
    let shell = visitor.shell("desk");
    let is_flagged = !asked.value("flagged").is_empty();
    visitor.page(&QueuePage {
        pager: Pager::of(&paged, &asked.address()),
        rows: paged.items.into_iter().map(|waiting| Row::of(waiting, viewer.account(), &shell)).collect(),
        tabs: ONLY.into_iter().map(|(only, words)| Choice::of(&asked, "only", only, words)).collect(),
        facets: Facet::all(&asked),
        flagged: Choice {
            path: asked.with("flagged", if is_flagged { "" } else { "yes" }),
            words: "Flagged only".to_owned(),
            current: is_flagged,
        },
        whole: if asked.is_chosen() { asked.whole() } else { String::new() },
        query: asked.query(),
        complete,
        by_age: asked.value("sort").is_empty(),
        next_check: next_check.map(words::date).unwrap_or_default(),
        wishes,
        shell,
    })
}
