//! Cases: written as sealed drafts, past a gate that finds what could identify a patient, then discussed, resolved, and taken
//! back where the patient no longer agrees. A case is a post in a group; who reads the post reads the case.

mod again;
mod discuss;
mod draft;
mod follow;
mod gate;
mod opening;
mod pictures;
mod publish;
mod queue;
pub(super) mod ranking;
mod read;
mod recall;
pub(super) mod remote;
mod review;
mod told;
mod unnamed;
mod wishes;

pub use super::marks::{Cut, Mark};
pub use again::write_again;
pub use discuss::{add_outcome, mark_answer, outcome_marks, reopen, unmark_answer};
pub(super) use discuss::{replied, seen_now};
pub use draft::{OpenDraft, discard, drafts, likely_group, open_draft, save, start};
pub use follow::{Hearing, export_followed, follow, hearing, unfollow};
pub use gate::{
    field_text, keep, leave_out_sentence, marks, marks_of, mend, mend_all, open_points, undo, unkeep, use_suggestion,
};
pub use opening::{OpeningView, OpeningWish, agree_opening, ask_opening, opening, openings_waiting, refuse_opening};
pub use pictures::{
    add_picture, cover, describe_picture, look, picture, picture_sizes, remove_picture, tap, uncover_last,
};
pub use publish::publish;
pub use queue::{AnswerTime, Asked, Counts, Queue, QueueFilter, Waiting, answer_time, last_answered, newest, queue};
pub use ranking::{RankingView, end_ranking, own_ballots, rank, ranking, ranking_told};
pub use read::{CaseView, MANY_REPLIES, all_replies, answer_of, lines, replies, view};
pub use recall::{
    Gone, Holder, Recall, RecallView, ask_again, check_due, expire_due, gone, handed_out, is_held, recall, withdraw,
};
pub(super) use recall::{begin_all, concerned_by_all_of, take_back, taken_back};
pub use remote::{RemoteCase, wire_parts};
pub(super) use review::kept_in;
pub use review::{ReviewLine, ReviewView, approve, review, review_picture, reviewed, send_back, waiting_for_review};
pub use told::heading;
pub use unnamed::{
    LEFT, Offer, OwnCase, Returned, allow_unnamed, allows_unnamed, answers_unnamed, export, mine, offer,
    returned_answers,
};
pub(super) use unnamed::{Unnamed, as_asker, author, forget, is_own, keep_author, refuse_known};
pub use wishes::{WishForm, Wishes, mail_due, wish, wishes};
