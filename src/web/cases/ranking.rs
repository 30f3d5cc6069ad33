//! The options of a case on its page: ranking them, and what came of that, in words and as a table.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    model::{Case, Post, PostCard, PostId, Ranking, RankingCell, RankingColumn},
    policy::{disciplines::Discipline, ranking::CHOICES},
    service::{
        cases::{self, CaseView, RankingView},
        posts,
    },
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, counted, post_path},
        session::{Back, Form, Visitor},
    },
};

/// One of up to three choices, as a select.
#[derive(Debug)]
pub(in crate::web) struct Choice {
    /// The field.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// The place of an option, what it says, and whether it is chosen.
    pub options: Vec<(usize, String, bool)>,
}

/// The ranking of a case as its page shows it.
#[derive(Debug)]
pub(in crate::web) struct RankingShown {
    /// The post of the case.
    pub id: PostId,
    /// What is ranked.
    pub options: Vec<String>,
    /// Selects, where the viewer may rank.
    pub choices: Vec<Choice>,
    /// The viewer has ranked.
    pub ranked: bool,
    /// Where they stand: what was chosen is kept elsewhere, what can be seen when, why there is no result.
    pub notes: Vec<&'static str>,
    /// The result, the most points first: in words, how much of all points that is in percent, and whether the viewer put it first.
    pub words: Vec<(String, i64, bool)>,
    /// The heads of the table: everybody, then by discipline.
    pub heads: Vec<String>,
    /// Its rows: the option, and what it got of whom.
    pub rows: Vec<(String, Vec<String>)>,
    /// Whether the viewer may end it.
    pub may_end: bool,
    /// What is wrong with what was chosen.
    pub faults: Faults,
}

/// The points of a first choice.
const FIRST: i64 = 3;
const FIELDS: [(&str, &str); CHOICES] =
    [("first", "First choice"), ("second", "Second choice"), ("third", "Third choice")];

impl RankingShown {
    /// For somebody who has read the post, where anything is ranked.
    pub(in crate::web) async fn of(visitor: &Visitor, post: &Post, case: &Case) -> Result<Option<Self>> {
        let viewer = visitor.viewer();
        let Some(view) = cases::ranking(&visitor.ctx, &viewer, post, case).await? else { return Ok(None) };
        let mine = viewer.account() == Some(post.author_id);
        let chosen: Vec<Option<usize>> = view.own.iter().flatten().map(|place| usize::try_from(*place).ok()).collect();
        let mut shown = Self {
            id: post.id,
            choices: Vec::new(),
            ranked: view.own.is_some(),
            notes: notes(&view, mine),
            words: Vec::new(),
            heads: Vec::new(),
            rows: Vec::new(),
            may_end: mine && !view.over,
            faults: Faults::none(),
            options: view.options,
        };
        if view.may_rank {
            shown.choose(&chosen);
        }
        match view.result {
            Some(result) if tells_anything(&result) => shown.tell(&result, chosen.first().copied().flatten()),
            Some(_) => shown.notes.push(
                "The numbers are hidden: each would tell what fewer than 5 people chose. More ballots can change that.",
            ),
            None => {}
        }
        Ok(Some(shown))
    }

    /// The selects, with what has been chosen.
    fn choose(&mut self, chosen: &[Option<usize>]) {
        let fields = FIELDS.into_iter().take(self.options.len()).enumerate();
        let choice = |(number, (name, label)): (usize, (&'static str, &'static str))| {
            let now = chosen.get(number).copied().flatten();
            let option = |(place, words): (usize, &String)| (place, words.clone(), now == Some(place));
            Choice { name, label, options: self.options.iter().enumerate().map(option).collect() }
        };
        self.choices = fields.map(choice).collect();
    }

    /// The result, to somebody who put an option first, or has not ranked.
    fn tell(&mut self, result: &Ranking, put_first: Option<usize>) {
        let cells = |place: usize| result.columns.iter().filter_map(move |column| column.cells.get(place).copied());
        let mut order: Vec<(usize, &String)> = self.options.iter().enumerate().collect();
        // What is not told comes last, in the order of the options: its place says nothing.
        let points = |place: usize| cells(place).next().and_then(|all| all.points).unwrap_or(-1);
        order.sort_by_key(|(place, _)| std::cmp::Reverse(points(*place)));
        let ballots = result.columns.first().map_or(0, |all| all.ballots);
        let line = |(place, option): &(usize, &String)| {
            let all = cells(*place).next()?;
            Some((in_words(option, all), share(all, ballots), put_first == Some(*place)))
        };
        let row = |(place, option): &(usize, &String)| {
            let got: Vec<String> = cells(*place).map(in_cell).collect();
            ((*option).clone(), got)
        };
        let words: Vec<(String, i64, bool)> = order.iter().filter_map(line).collect();
        let rows: Vec<(String, Vec<String>)> = order.iter().map(row).collect();
        self.heads = result.columns.iter().map(head).collect();
        (self.words, self.rows) = (words, rows);
    }
}

/// Whether any number of a result is told.
fn tells_anything(result: &Ranking) -> bool {
    let mut cells = result.columns.iter().flat_map(|column| &column.cells);
    cells.any(|cell| cell.points.is_some() || cell.first.is_some())
}

/// Where the viewer stands.
fn notes(view: &RankingView, mine: bool) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if view.over {
        notes.push("The ranking is over.");
    } else if view.own.as_ref().is_some_and(Vec::is_empty) {
        notes.push("You have ranked. The group's own server keeps what you chose: rank again to change it.");
    } else if view.own.is_some() {
        notes.push("You have ranked. You can change that until the ranking is over.");
    } else if view.may_rank {
        notes.push("Rank up to three. You see the result once you have, or when the ranking is over.");
    } else if mine {
        notes.push("The others rank these. You see the result as it comes in.");
    } else if !view.may_see {
        notes.push("You see the result when the ranking is over.");
    }
    match (&view.result, view.may_see, view.over) {
        (None, true, true) => notes.push("The result stays hidden, from everybody: fewer than 5 people have ranked, and so few could be told apart."),
        (None, true, false) => notes.push(
            "The result is hidden, from everybody, until 5 people have ranked: fewer could be told apart. Ballots are counted five at a time.",
        ),
        (Some(_), _, _) | (None, false, _) => {}
    }
    notes
}

/// "Everybody (11)".
fn head(column: &RankingColumn) -> String {
    let who = match column.who.as_str() {
        Ranking::EVERYBODY => "Everybody",
        Ranking::UNVERIFIED => "Not verified",
        Ranking::OTHERS => "All others",
        key => Discipline::find(key).map_or("Another profession", |discipline| discipline.name),
    };
    format!("{who} ({})", column.ballots)
}

/// "Myocarditis: 14 points, put first by 6."
fn in_words(option: &str, cell: RankingCell) -> String {
    match (cell.points, cell.first) {
        (Some(points), Some(first)) => {
            format!("{option}: {}, put first by {first}.", counted(points, "point", "points"))
        }
        (Some(points), None) => format!("{option}: {}.", counted(points, "point", "points")),
        (None, Some(first)) => format!("{option}: put first by {first}."),
        (None, None) => format!("{option}: not told."),
    }
}

/// How many of the points that an option could have got it has got, in percent; nothing where that is not told.
fn share(cell: RankingCell, ballots: i64) -> i64 {
    let most = ballots.saturating_mul(FIRST).max(1);
    cell.points.map_or(0, |points| (points.saturating_mul(100) / most).clamp(0, 100))
}

fn in_cell(cell: RankingCell) -> String {
    match (cell.points, cell.first) {
        (Some(points), Some(first)) => format!("{}, {first} first", counted(points, "point", "points")),
        (Some(points), None) => counted(points, "point", "points"),
        (None, Some(first)) => format!("{first} first"),
        (None, None) => "Not told".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "web/cases/ranking.html")]
struct RankingPage {
    shell: Shell,
    /// The page of the case.
    path: String,
    question: String,
    ranking: RankingShown,
}

/// What was chosen: the places of options, as text.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    first: String,
    second: String,
    third: String,
}

/// A ballot stays out of every log.
impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typed").finish_non_exhaustive()
    }
}

impl Typed {
    fn chosen(&self) -> Vec<Option<usize>> {
        let place = |text: &String| match text.trim() {
            "" => None,
            // What is no number is no option.
            text => Some(text.parse().unwrap_or(usize::MAX)),
        };
        [&self.first, &self.second, &self.third].into_iter().map(place).collect()
    }
}

/// A case that the visitor may read.
async fn asked(visitor: &Visitor, id: PostId) -> Result<(PostCard, CaseView)> {
    visitor.require()?;
    let card = posts::read(&visitor.ctx, &visitor.viewer(), id).await?;
    let view = cases::view(&visitor.ctx, &visitor.viewer(), &card.post).await?.ok_or(Error::NotFound)?;
    Ok((card, view))
}

/// `POST /cases/{post}/ranking`
pub(in crate::web) async fn rank(form: Form<Typed>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let (card, view) = asked(&visitor, *id).await?;
    let path = post_path(&card.author.handle(), id.0);
    let chosen = fields.chosen();
    match cases::rank(&visitor.ctx, &visitor.viewer(), *id, &chosen).await {
        Ok(()) => Ok(visitor.go(&format!("{path}?done=ranked"))),
        Err(error) => {
            let faults = Faults::of_error(error, "choices")?;
            let shown = RankingShown::of(&visitor, &card.post, &view.case).await?;
            let mut ranking = shown.ok_or(Error::NotFound)?;
            if !ranking.choices.is_empty() {
                ranking.choose(&chosen);
            }
            ranking.faults = faults;
            let page = RankingPage { shell: visitor.shell("cases"), path, question: card.post.title, ranking };
            page.ranking.faults.page(&visitor, &page)
        }
    }
}

/// `POST /cases/{post}/ranking/end`
pub(in crate::web) async fn end(form: Form<Back>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    cases::end_ranking(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go_back(&form.fields.back, "ranking-ended"))
}

/// `GET /settings/data/ballots.csv`
pub(in crate::web) async fn export(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let csv = cases::own_ballots(&visitor.ctx, &visitor.viewer()).await?;
    Ok(crate::web::settings::data::csv("ballots", csv))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_is_said_to_be_so() {
        let cell = |points, first| RankingCell { points, first };
        assert_eq!(in_words("Wait", cell(Some(14), Some(6))), "Wait: 14 points, put first by 6.");
        assert_eq!(in_words("Wait", cell(Some(1), None)), "Wait: 1 point.");
        assert_eq!(in_cell(cell(None, Some(6))), "6 first");
        assert_eq!(in_cell(cell(None, None)), "Not told");
        let result = |cell| {
            let all = RankingColumn { who: Ranking::EVERYBODY.into(), ballots: 5, cells: vec![cell] };
            Ranking { ballots: 5, columns: vec![all] }
        };
        assert!(tells_anything(&result(cell(None, Some(0)))) && !tells_anything(&result(cell(None, None))));
    }

    #[test]
    fn a_bar_is_as_long_as_what_everybody_could_have_given() {
        let cell = |points| RankingCell { points, first: None };
        assert_eq!((share(cell(Some(15)), 5), share(cell(Some(7)), 5), share(cell(Some(0)), 5)), (100, 46, 0));
        assert_eq!((share(cell(None), 5), share(cell(Some(4)), 0)), (0, 100), "what is not told has no bar");
    }

    #[test]
    fn disciplines_are_called_by_their_names() {
        let of = |who: &str| head(&RankingColumn { who: who.into(), ballots: 7, cells: Vec::new() });
        assert_eq!((of("all"), of("medicine")), ("Everybody (7)".to_owned(), "Medicine (7)".to_owned()));
        assert_eq!((of("unverified"), of("others")), ("Not verified (7)".to_owned(), "All others (7)".to_owned()));
    }

    #[test]
    fn what_is_no_number_is_no_option() {
        let typed = Typed { first: "2".into(), second: " ".into(), third: "Wait".into() };
        assert_eq!(typed.chosen(), [Some(2), None, Some(usize::MAX)]);
    }
}
