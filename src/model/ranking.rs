//! What the members of a group make of the options of a case: ballots, and what comes of them.

use serde::{Deserialize, Serialize};

/// What somebody ranked, without who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// What was verified of them: the key of a discipline, or [`Ranking::UNVERIFIED`].
    pub discipline: String,
    /// Places of options, counted from 0, the first choice first.
    pub ranks: Vec<i16>,
    /// It is new, or another one than the last count saw.
    pub fresh: bool,
}

/// What came of it, as it may be told: no number that tells of a few people stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ranking {
    /// How many ballots were counted; 0 where there were too few to tell anything.
    pub ballots: i64,
    /// Everybody, then by discipline.
    pub columns: Vec<RankingColumn>,
}

impl Ranking {
    /// Everybody who ranked.
    pub const EVERYBODY: &'static str = "all";
    /// Those of whom nothing is verified.
    pub const UNVERIFIED: &'static str = "unverified";
    /// Those who are too few to be told of apart, taken together.
    pub const OTHERS: &'static str = "others";
}

/// What some of them made of the options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankingColumn {
    /// Of whom: [`Ranking::EVERYBODY`], the key of a discipline, [`Ranking::UNVERIFIED`], or [`Ranking::OTHERS`].
    pub who: String,
    /// How many ballots.
    pub ballots: i64,
    /// What each option got, in their order.
    pub cells: Vec<RankingCell>,
}

/// What an option got; none where it may not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankingCell {
    /// Three for each first choice, two for each second, one for each third.
    pub points: Option<i64>,
    /// How many put it first.
    pub first: Option<i64>,
}
