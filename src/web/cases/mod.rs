//! The pages of cases: writing one, the gate, the second look, the queue, the case itself, its outcome, taking it back, and
//! opening who asked it without their name.
//! What a case may tell, and who reads it, is never decided here.

pub(super) mod drafts;
pub(super) mod follow;
pub(super) mod gate;
pub(super) mod mine;
pub(super) mod opening;
pub(super) mod outcome;
pub(super) mod pictures;
pub(super) mod queue;
pub(super) mod ranking;
pub(super) mod recall;
pub(super) mod review;
pub(super) mod show;
mod typed;
pub(super) mod wishes;
pub(super) mod words;
pub(super) mod write;
