//! What waits at the desk.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{enter, flag};
use crate::{
    error::Result,
    model::{AccountId, CredentialId},
    policy::{credentials::is_free, disciplines::DISCIPLINES, registers::REGISTERS},
    service::credentials::{self, QueueFilter, Waiting},
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

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    register: String,
    discipline: String,
    only: String,
}

impl Asked {
    /// The address of the same list with another choice of which.
    fn address(&self, only: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("register", self.register.as_str()), ("discipline", &self.discipline), ("only", only)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { "/desk".to_owned() } else { format!("/desk?{query}") }
    }
}

/// Which credentials: the word in addresses, and the words of the tab.
const ONLY: [(&str, &str); 7] = [
    ("", "Waiting"),
    ("mine", "Yours"),
    ("free", "Free"),
    ("recheck", "Re-checks"),
    ("asked", "Asked"),
    ("attested", "Verified"),
    ("suspended", "Suspended"),
];

/// A choice of which, ready to be shown.
struct Tab {
    path: String,
    words: &'static str,
    current: bool,
}

/// Key, words, and whether it is chosen.
type Choice = (&'static str, &'static str, bool);

#[derive(Template)]
#[template(path = "web/desk/queue.html")]
struct QueuePage {
    shell: Shell,
    rows: Vec<Row>,
    asked: Asked,
    tabs: Vec<Tab>,
    registers: Vec<Choice>,
    disciplines: Vec<Choice>,
    pager: Pager,
}

impl QueuePage {
    /// Whether only a part of what waits is asked for.
    fn is_narrow(&self) -> bool {
        self.asked.address("") != "/desk"
    }
}

/// `GET /desk`
pub async fn show(visitor: Visitor, asked: web::Query<Asked>, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let asked = asked.into_inner();
    let filter = QueueFilter {
        register: asked.register.clone(),
        discipline: asked.discipline.clone(),
        only: asked.only.clone(),
    };
    let paged = credentials::queue(&visitor.ctx, &visitor.viewer(), &filter, &at.page()).await?;
    let shell = visitor.shell("desk");
    let pager = Pager::of(&paged, &asked.address(&asked.only));
    let me = visitor.viewer().account();
    let tab =
        |(only, words): (&str, &'static str)| Tab { path: asked.address(only), words, current: only == asked.only };
    visitor.page(&QueuePage {
        rows: paged.items.into_iter().map(|waiting| Row::of(waiting, me, &shell)).collect(),
        tabs: ONLY.into_iter().map(tab).collect(),
        registers: REGISTERS.iter().map(|r| (r.key, r.name, r.key == asked.register)).collect(),
        disciplines: DISCIPLINES.iter().map(|d| (d.key, d.name, d.key == asked.discipline)).collect(),
        pager,
        asked,
        shell,
    })
}
