//! Credentials: what clinicians claim, what the desk finds and decides, and what time does to it.
//! What the institution then states about it is made in `attestations`; how registers are read, in `registers`.

mod changes;
mod checklist;
mod clock;
mod decide;
mod emergency;
mod events;
mod evidence;
mod facts;
mod form;
mod mailbox;
mod number;
mod openings;
mod queue;
mod reasons;
mod recheck;
mod review;
mod shown;
mod staff;
mod staff_list;
mod standing;
mod submit;

pub use crate::policy::credentials::May;
pub use checklist::CheckItem;
pub use clock::run_due;
pub use decide::{Decision, attest, reinstate, reject, revoke, suspend};
pub use emergency::{Emergency, OpenedAlone, Told, emergencies, emergency, last_reasons, open_alone};
pub use events::{CredentialEvent, EventBy};
pub use evidence::{add_evidence, open_evidence, remove_evidence};
pub use facts::Flag;
pub use form::CredentialForm;
pub use mailbox::{Mailbox, enter_code, send_code};
pub use number::mask;
pub(in crate::service) use number::{read_again, read_others_again};
pub use openings::{ListedWish, OpeningWish, agree_to_open, ask_to_open, count_wishes, refuse_to_open, wishes};
pub use queue::{QueueFilter, Waiting, count_waiting, list_by_operator, next_check, queue};
pub use reasons::REASONS;
pub(in crate::service) use recheck::{holder_left, name_changed, recheck_all};
pub use review::{Review, ask, claim, open, open_from, release, see_number, set_next_check, tick};
pub use shown::CHANGED;
pub use staff::{StaffReport, import_staff, import_staff_by_operator};
pub use standing::{Own, Standing, mine, read};
pub use submit::{answer, form_of, renew, save, withdraw};
