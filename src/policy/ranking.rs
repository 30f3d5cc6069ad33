//! Options that are ranked: what may be asked, what a ballot is, and what may be told of the count, so that nobody's choice
//! can be read from it.
//!
//! Ballots are counted when at least five people have cast or changed theirs since the last count: the difference of two counts
//! tells of nobody either. Whoever is too few to stand apart is counted with the others, and a number of one to four people is
//! left out, with as many others as it takes that no sum gives it back.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use crate::{
    error::{Error, Result},
    model::{Ballot, Ranking, RankingCell, RankingColumn},
};

/// How many options there may be.
pub const OPTIONS: RangeInclusive<usize> = 2..=8;
/// Longest option, in characters.
pub const MAX_OPTION: usize = 120;
/// How many options somebody ranks at most.
pub const CHOICES: usize = 3;
/// Fewest people whom a number may tell of.
pub const LEAST: i64 = 5;

/// The options of a text: one a line.
pub fn options(text: &str) -> Vec<String> {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(line).filter(|option| !option.is_empty()).collect()
}

/// What is wrong with options; nothing where there are none.
pub fn wrong_options(options: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    if !options.is_empty() && !OPTIONS.contains(&options.len()) {
        wrong.push(format!("Give {} to {} options, one a line, or none.", OPTIONS.start(), OPTIONS.end()));
    }
    if options.iter().any(|option| option.chars().count() > MAX_OPTION) {
        wrong.push(format!("An option may have {MAX_OPTION} characters."));
    }
    let different: BTreeSet<String> = options.iter().map(|option| option.to_lowercase()).collect();
    if different.len() < options.len() {
        wrong.push("An option stands there twice.".to_owned());
    }
    wrong
}

/// A ballot of what was chosen first, second and third: places of options, counted from 0.
///
/// # Errors
/// [`Error::Invalid`] where nothing was chosen first, a choice was left out before another one, an option was chosen twice, or
/// there is no such option.
pub fn ballot(chosen: &[Option<usize>], options: usize) -> Result<Vec<i16>> {
    let places: Vec<usize> = chosen.iter().copied().flatten().collect();
    let wrong = |words: &str| Err(Error::invalid("choices", words));
    if chosen.first().copied().flatten().is_none() {
        return wrong("Choose what you put first.");
    }
    if chosen.iter().take(places.len()).any(Option::is_none) {
        return wrong("Choose the second before the third.");
    }
    if places.len() > CHOICES || places.iter().any(|place| *place >= options) {
        return wrong("Choose among the options, at most three.");
    }
    if places.iter().collect::<BTreeSet<_>>().len() < places.len() {
        return wrong("Each option can be chosen once: first, second or third.");
    }
    Ok(places.into_iter().filter_map(|place| i16::try_from(place).ok()).collect())
}

fn size<T>(of: &[T]) -> i64 {
    i64::try_from(of.len()).unwrap_or(i64::MAX)
}

/// Whether it is time for another count: five people or more have cast, changed or lost a ballot since the last one. `dropped`
/// has the disciplines of ballots that the last count saw and that are gone.
pub fn is_due(ballots: &[Ballot], dropped: &[String]) -> bool {
    let fresh = ballots.iter().filter(|ballot| ballot.fresh).count() + dropped.len();
    i64::try_from(fresh).is_ok_and(|fresh| fresh >= LEAST)
}

/// What may be told of all ballots now; nothing where they are too few.
pub fn count(ballots: &[Ballot], dropped: &[String], options: usize) -> Ranking {
    if size(ballots) < LEAST || options == 0 {
        return Ranking::default();
    }
    let everybody = Block { who: Ranking::EVERYBODY, ballots: ballots.iter().collect(), changed: 0 };
    let blocks: Vec<Block<'_>> = std::iter::once(everybody).chain(blocks(ballots, dropped)).collect();
    let tallies: Vec<Tally> = blocks.iter().flat_map(|block| tallies(block, options)).collect();
    let first = covered(tallies.iter().map(|tally| tally.first), options);
    let people: Vec<i64> = blocks.iter().flat_map(|block| vec![size(&block.ballots); options]).collect();
    let safe = |(tally, people): (&Tally, &i64)| {
        let told = is_few(tally.first) && gives_away(tally.points, *people, options);
        if told { 1 } else { tally.ranked }
    };
    let points = covered(tallies.iter().zip(&people).map(safe), options);
    let cell = |((tally, first), points): ((&Tally, &Cell), &Cell)| RankingCell {
        points: (!points.hidden).then_some(tally.points),
        first: (!first.hidden).then_some(tally.first),
    };
    let cells: Vec<RankingCell> = tallies.iter().zip(&first).zip(&points).map(cell).collect();
    let column = |(block, cells): (&Block<'_>, &[RankingCell])| RankingColumn {
        who: block.who.to_owned(),
        ballots: size(&block.ballots),
        cells: cells.to_vec(),
    };
    Ranking { ballots: size(ballots), columns: blocks.iter().zip(cells.chunks(options)).map(column).collect() }
}

/// Ballots that are told of together.
#[derive(Debug)]
struct Block<'a> {
    who: &'a str,
    ballots: Vec<&'a Ballot>,
    /// How many of them are other ones than at the last count, or gone.
    changed: i64,
}

impl Block<'_> {
    /// Whether it can be told of apart: there are enough of them, and enough of them or none have changed.
    fn stands(&self) -> bool {
        size(&self.ballots) >= LEAST && (self.changed == 0 || self.changed >= LEAST)
    }

    fn is_nothing(&self) -> bool {
        self.ballots.is_empty() && self.changed == 0
    }

    fn join(&mut self, mut other: Self) {
        self.ballots.append(&mut other.ballots);
        self.changed += other.changed;
    }
}

/// Ballots by discipline, the largest first. Those who cannot stand apart are taken together, with the smallest of those who
/// could where they are still too few; where nobody is left apart from them, there is nothing to tell by discipline.
fn blocks<'a>(ballots: &'a [Ballot], dropped: &'a [String]) -> Vec<Block<'a>> {
    fn block(who: &str) -> Block<'_> {
        Block { who, ballots: Vec::new(), changed: 0 }
    }
    let mut all: BTreeMap<&str, Block<'a>> = BTreeMap::new();
    for ballot in ballots {
        let who = ballot.discipline.as_str();
        let of = all.entry(who).or_insert_with(|| block(who));
        of.changed += i64::from(ballot.fresh);
        of.ballots.push(ballot);
    }
    for who in dropped {
        all.entry(who.as_str()).or_insert_with(|| block(who)).changed += 1;
    }
    let (mut apart, small): (Vec<Block<'a>>, Vec<Block<'a>>) = all.into_values().partition(Block::stands);
    apart.sort_by_key(|one| Reverse(one.ballots.len()));
    let mut others = block(Ranking::OTHERS);
    for one in small {
        others.join(one);
    }
    while !others.is_nothing() && !others.stands() {
        let Some(smallest) = apart.pop() else { break };
        others.join(smallest);
    }
    if apart.is_empty() {
        return Vec::new();
    }
    if !others.is_nothing() {
        apart.push(others);
    }
    apart
}

/// What an option got of some ballots.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    points: i64,
    /// How many ranked it at all.
    ranked: i64,
    /// How many put it first.
    first: i64,
}

fn tallies(block: &Block<'_>, options: usize) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); options];
    for ballot in &block.ballots {
        for (points, place) in [3, 2, 1].into_iter().zip(&ballot.ranks) {
            let Some(tally) = usize::try_from(*place).ok().and_then(|place| tallies.get_mut(place)) else { continue };
            tally.points += points;
            tally.ranked += 1;
            tally.first += i64::from(points == 3);
        }
    }
    tallies
}

/// Whether a number tells of so few that it is not told. That nobody is there may be said.
fn is_few(people: i64) -> bool {
    (1..LEAST).contains(&people)
}

/// Whether the points of an option leave no doubt how many of so many people put it first, where these are fewer than five.
fn gives_away(points: i64, people: i64, options: usize) -> bool {
    let thirds = options >= CHOICES;
    let fits = |first: &i64| {
        let rest = points - 3 * first;
        let (fewest, most) = if thirds { ((rest + 1) / 2, rest) } else { (rest / 2, rest / 2) };
        rest >= 0 && (thirds || rest % 2 == 0) && first + fewest <= people && first + most >= LEAST
    };
    (1..LEAST).filter(fits).count() < 2
}

/// A number in a table. The first column is the sum of the others, where there are any, and each column has a sum that is known.
#[derive(Debug, Clone, Copy)]
struct Cell {
    column: usize,
    option: usize,
    /// How many people it tells of.
    people: i64,
    hidden: bool,
}

/// Hides what tells of one to four people, and then others, the smallest first, until nothing that is hidden can be worked
/// out. `people` comes column by column.
fn covered(people: impl Iterator<Item = i64>, options: usize) -> Vec<Cell> {
    let places = (0..).flat_map(|column| (0..options).map(move |option| (column, option)));
    let cell =
        |((column, option), people): ((usize, usize), i64)| Cell { column, option, people, hidden: is_few(people) };
    let mut cells: Vec<Cell> = places.zip(people).map(cell).collect();
    while let Some((column, option)) = next(&cells) {
        for cell in cells.iter_mut().filter(|cell| cell.column == column && cell.option == option) {
            cell.hidden = true;
        }
    }
    cells
}

/// The cell that has to be hidden next, so that another one cannot be worked out.
fn next(cells: &[Cell]) -> Option<(usize, usize)> {
    let smallest = |fits: &dyn Fn(&Cell) -> bool| {
        let shown = cells.iter().filter(|cell| !cell.hidden && fits(cell));
        // Rather of a part than of everybody; that nobody is there hides little.
        shown
            .min_by_key(|cell| (cell.people == 0, cell.people, Reverse(cell.column)))
            .map(|cell| (cell.column, cell.option))
    };
    let has_parts = cells.iter().any(|cell| cell.column > 0);
    cells.iter().filter(|cell| cell.hidden).find_map(|cell| {
        let in_column = |other: &Cell| other.column == cell.column;
        let in_row = |other: &Cell| has_parts && other.option == cell.option;
        let of_column = || if is_told(cells, &in_column) { smallest(&in_column) } else { None };
        let of_row = || if has_parts && is_told(cells, &in_row) { smallest(&in_row) } else { None };
        let beside = || smallest(&|other| in_row(other) || in_column(other)).or_else(|| smallest(&|_| true));
        let of_round = || if has_parts && !is_bound(cells, cell) { beside() } else { None };
        of_column().or_else(of_row).or_else(of_round)
    })
}

/// Whether the sum of a line tells what is hidden in it: a single number, or several that come to a few people, or to one each.
fn is_told(cells: &[Cell], in_line: &dyn Fn(&Cell) -> bool) -> bool {
    let hidden: Vec<i64> = cells.iter().filter(|cell| cell.hidden && in_line(cell)).map(|cell| cell.people).collect();
    let sum: i64 = hidden.iter().sum();
    hidden.len() < 2 || sum < LEAST || sum <= size(&hidden)
}

/// Whether a round of other hidden cells, along rows and columns by turns, leads from a hidden cell back to it. Where none
/// does, sums of several lines give it back.
fn is_bound(cells: &[Cell], cell: &Cell) -> bool {
    let (mut columns, mut options) = (BTreeSet::new(), BTreeSet::from([cell.option]));
    let is_other = |other: &&Cell| other.hidden && (other.column, other.option) != (cell.column, cell.option);
    loop {
        let before = columns.len() + options.len();
        for other in cells.iter().filter(is_other) {
            if options.contains(&other.option) {
                columns.insert(other.column);
            }
            if columns.contains(&other.column) {
                options.insert(other.option);
            }
        }
        if columns.contains(&cell.column) {
            return true;
        }
        if columns.len() + options.len() == before {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast(who: &str, ranks: &[i16], times: usize) -> Vec<Ballot> {
        vec![Ballot { discipline: who.into(), ranks: ranks.into(), fresh: true }; times]
    }

    /// So many of each turn of three options: each option is put first by as many.
    fn turns(who: &str, times: usize) -> Vec<Ballot> {
        [[0, 1, 2], [1, 2, 0], [2, 0, 1]].iter().flat_map(|ranks| cast(who, ranks, times)).collect()
    }

    fn columns(ranking: &Ranking) -> Vec<(&str, i64)> {
        ranking.columns.iter().map(|column| (column.who.as_str(), column.ballots)).collect()
    }

    #[test]
    fn options_are_lines_and_two_to_eight_of_them() {
        assert_eq!(options(" Myocarditis \r\n\n  Pulmonary   embolism"), ["Myocarditis", "Pulmonary embolism"]);
        let many = |count: usize| (0..count).map(|n| format!("Option {n}")).collect::<Vec<_>>();
        for (count, is_fine) in [(0, true), (1, false), (2, true), (8, true), (9, false)] {
            assert_eq!(wrong_options(&many(count)).is_empty(), is_fine, "{count}");
        }
        assert_eq!(wrong_options(&["Wait".into(), "wait".into()]).len(), 1);
        assert_eq!(wrong_options(&["Wait".into(), "x".repeat(121)]).len(), 1);
    }

    #[test]
    fn a_ballot_ranks_one_to_three_options_without_a_gap() {
        assert_eq!(ballot(&[Some(2), None, None], 3).unwrap(), [2]);
        assert_eq!(ballot(&[Some(2), Some(0), Some(1)], 3).unwrap(), [2, 0, 1]);
        for wrong in [
            vec![],
            vec![None, Some(1)],
            vec![Some(1), None, Some(0)],
            vec![Some(1), Some(1)],
            vec![Some(3)],
            vec![Some(0), Some(1), Some(2), Some(3)],
        ] {
            assert!(ballot(&wrong, 3).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn points_are_three_two_and_one_and_first_places_are_counted() {
        let all = [turns("medicine", 5), turns("nursing", 5)].concat();
        let ranking = count(&all, &[], 3);
        assert_eq!(columns(&ranking), [("all", 30), ("medicine", 15), ("nursing", 15)]);
        let told = |points, first| RankingCell { points: Some(points), first: Some(first) };
        assert_eq!(ranking.columns[0].cells, [told(60, 10); 3]);
        assert_eq!(ranking.columns[1].cells, [told(30, 5); 3]);
    }

    #[test]
    fn of_fewer_than_five_ballots_nothing_is_told() {
        assert_eq!(count(&cast("medicine", &[0], 4), &[], 2), Ranking::default());
        assert!(!is_due(&cast("medicine", &[0], 4), &[]) && is_due(&cast("medicine", &[0], 5), &[]));
        let old = vec![Ballot { fresh: false, ..cast("medicine", &[0], 1).remove(0) }; 20];
        assert!(!is_due(&old, &["medicine".into()]), "a ballot that has gone is one change");
    }

    #[test]
    fn whoever_is_too_few_to_stand_apart_is_counted_with_others() {
        let of = |counts: &[(&str, usize)]| {
            let all: Vec<Ballot> = counts.iter().flat_map(|(who, times)| cast(who, &[0, 1], *times)).collect();
            count(&all, &[], 2)
        };
        let three = of(&[("medicine", 7), ("nursing", 3), ("unverified", 2)]);
        assert_eq!(columns(&three), [("all", 12), ("medicine", 7), ("others", 5)]);
        let two = of(&[("medicine", 7), ("nursing", 5), ("unverified", 2)]);
        assert_eq!(columns(&two), [("all", 14), ("medicine", 7), ("others", 7)], "two could be worked out otherwise");
        let one = of(&[("medicine", 7), ("nursing", 2)]);
        assert_eq!(columns(&one), [("all", 9)]);
    }

    #[test]
    fn the_difference_of_two_counts_tells_of_five_people_or_of_none() {
        let mut all = [turns("medicine", 5), turns("nursing", 5)].concat();
        for ballot in &mut all {
            ballot.fresh = false;
        }
        let fours = [all.clone(), cast("nursing", &[0], 4), cast("medicine", &[1], 1)].concat();
        assert!(is_due(&fours, &[]));
        assert_eq!(columns(&count(&fours, &[], 3)), [("all", 35)], "one doctor more would be seen apart");
        let fives = [all.clone(), cast("nursing", &[0], 5)].concat();
        assert_eq!(columns(&count(&fives, &[], 3)), [("all", 35), ("nursing", 20), ("medicine", 15)]);
        let gone = count(&fives, &["medicine".into()], 3);
        assert_eq!(columns(&gone), [("all", 35)], "nor is one seen who has left");
    }

    #[test]
    fn few_first_places_are_hidden_with_what_would_tell_them() {
        let all = [cast("medicine", &[0, 1, 2], 8), cast("medicine", &[1, 0, 2], 3)].concat();
        let ranking = count(&all, &[], 3);
        let cells = &ranking.columns[0].cells;
        let firsts: Vec<Option<i64>> = cells.iter().map(|cell| cell.first).collect();
        assert_eq!(firsts, [None, None, Some(0)], "11 less 8 would tell of 3");
        assert_eq!(cells.iter().map(|cell| cell.points).collect::<Vec<_>>(), [Some(30), Some(25), Some(11)]);
        // Everybody ranked both: 25 points of eleven people are three first places.
        let both = [cast("medicine", &[0, 1], 8), cast("medicine", &[1, 0], 3)].concat();
        let cells = count(&both, &[], 2).columns.remove(0).cells;
        assert_eq!(cells, [RankingCell { points: None, first: None }; 2]);
    }

    #[test]
    fn where_all_agree_that_is_told() {
        let told = |points, first| RankingCell { points: Some(points), first: Some(first) };
        let ranking = count(&cast("medicine", &[0], 5), &[], 2);
        assert_eq!(ranking.columns[0].cells, [told(15, 5), told(0, 0)]);
    }

    #[test]
    fn several_numbers_of_one_each_are_not_told_by_their_sum() {
        let cells = covered([1, 1, 1, 1, 1, 0].into_iter(), 6);
        assert!(cells.iter().all(|cell| cell.hidden), "{cells:?}");
        let cells = covered([4, 1, 0].into_iter(), 3);
        assert_eq!(cells.iter().map(|cell| cell.hidden).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn sums_of_several_lines_give_nothing_back() {
        // Two squares of small numbers with one between them, which their sums would tell.
        let small = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3), (1, 2)];
        let places = (0..4).flat_map(|column| (0..4).map(move |option| (column, option)));
        let people: Vec<i64> = places.map(|place| if small.contains(&place) { 4 } else { 9 }).collect();
        let cells = covered(people.into_iter(), 4);
        assert!(cells.iter().filter(|cell| cell.hidden).count() > small.len());
        assert!(cells.iter().filter(|cell| cell.hidden).all(|cell| is_bound(&cells, cell)), "{cells:?}");
    }

    /// What somebody works out who takes every line with one unknown number, again and again.
    fn worked_out(told: &[Vec<Option<i64>>], sums: &[i64]) -> Vec<Vec<Option<i64>>> {
        let mut known = told.to_vec();
        loop {
            let before = known.clone();
            for (column, sum) in known.iter_mut().zip(sums) {
                let rest = sum - column.iter().flatten().sum::<i64>();
                if column.iter().filter(|number| number.is_none()).count() == 1 {
                    column.iter_mut().filter(|number| number.is_none()).for_each(|number| *number = Some(rest));
                }
            }
            for option in 0..known[0].len() {
                let row: Vec<Option<i64>> = known.iter().map(|column| column[option]).collect();
                if known.len() > 1 && row.iter().filter(|number| number.is_none()).count() == 1 {
                    let parts: i64 = row[1..].iter().flatten().sum();
                    let place = row.iter().position(Option::is_none).unwrap();
                    known[place][option] = Some(if place == 0 { parts } else { row[0].unwrap() - parts });
                }
            }
            if known == before {
                return known;
            }
        }
    }

    #[test]
    fn whatever_is_voted_no_small_number_is_told_or_can_be_worked_out() {
        let mut seed = 7_u64;
        let mut roll = |sides: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((seed >> 33) % sides).unwrap()
        };
        for _ in 0..400 {
            let options = 2 + roll(5);
            let ballots: Vec<Ballot> = (0..5 + roll(60))
                .map(|_| {
                    let mut places: Vec<i16> = (0..i16::try_from(options).unwrap()).collect();
                    let first = roll(3).min(options - 1);
                    places.swap(0, first);
                    let second = 1 + roll(u64::try_from(options - 1).unwrap());
                    places.swap(1, second);
                    places.truncate(1 + roll(3));
                    let who = ["medicine", "medicine", "nursing", "pharmacy", "unverified"][roll(5)];
                    Ballot { discipline: who.into(), ranks: places, fresh: true }
                })
                .collect();
            let ranking = count(&ballots, &[], options);
            let told: Vec<Vec<Option<i64>>> =
                ranking.columns.iter().map(|column| column.cells.iter().map(|cell| cell.first).collect()).collect();
            assert!(!told.iter().flatten().flatten().any(|first| is_few(*first)), "{ranking:?}");
            assert!(ranking.columns.iter().all(|column| column.ballots >= LEAST), "{ranking:?}");
            let sums: Vec<i64> = ranking.columns.iter().map(|column| column.ballots).collect();
            assert_eq!(worked_out(&told, &sums), told, "{ranking:?}");
        }
    }
}
