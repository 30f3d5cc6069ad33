//! The desk: one credential on the table.

use chrono::Months;
use serde_json::json;

use super::{
    checklist::{self, CheckItem},
    events::{self, CredentialEvent, EventBy, Reader, Step, go},
    facts::{self, Flag},
    form,
    mailbox::{self, Mailbox},
    number,
    openings::{self, OpeningWish},
    queue::{self, QueueFilter},
    shown::{self, Shown},
    submit::words,
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, AuditAction, Credential, CredentialId, CredentialState, Evidence, Role, Snapshot},
    policy::{
        Viewer,
        credentials::{self, May, Reached, Two},
        matching::Comparison,
    },
    service::{
        Ctx,
        audit::{self, About, By, Deed},
    },
    store::{self, Conn},
};

/// A credential as a verifier sees it.
#[derive(Debug, Clone)]
pub struct Review {
    /// The record.
    pub credential: Credential,
    /// Whose.
    pub holder: Account,
    /// The number, masked; empty for none.
    pub number: String,
    /// The copy of the register in use.
    pub snapshot: Option<Snapshot>,
    /// Claim and register side by side; none where the register's copy does not have the number.
    pub comparison: Option<Comparison>,
    /// Documents, also what is left of deleted ones.
    pub evidence: Vec<Evidence>,
    /// Who asks to open one of them, or may open it as a colleague has agreed.
    pub wishes: Vec<OpeningWish>,
    /// The mailbox of the institution to which a code was sent.
    pub mailbox: Option<Mailbox>,
    /// What happened, oldest first.
    pub events: Vec<CredentialEvent>,
    /// Why the holder's own words, and what their documents are called, are not here; empty where they are.
    pub closed: &'static str,
    /// What all this comes to: a yes is to this alone.
    pub mark: String,
    /// What there is to look at.
    pub checklist: Vec<CheckItem>,
    /// What to look out for.
    pub flags: Vec<Flag>,
    /// Name of the verifier who works on it.
    pub claimed_by: Option<String>,
    /// The viewer works on it.
    pub mine: bool,
    /// What the viewer may do.
    pub may: May,
    /// Two persons decide about it.
    pub two_persons: bool,
    /// Two persons open a document of it.
    pub two_open: bool,
    /// Name of who said yes first.
    pub confirmed_by: Option<String>,
    /// Its place in the list, from 1 (0 where it is not in it), and how many there are.
    pub place: (i64, i64),
    /// The one before it in the list.
    pub previous: Option<CredentialId>,
    /// The one after it.
    pub next: Option<CredentialId>,
}

/// A credential in the hands of a verifier, with what they may do with it.
pub(super) struct Case {
    pub(super) me: AccountId,
    pub(super) credential: Credential,
    pub(super) reached: Reached,
    pub(super) two: Two,
    pub(super) may: May,
}

impl Case {
    pub(super) async fn of(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, credential: Credential) -> Result<Self> {
        let me = credentials::require_verifier(viewer)?;
        // What never came to the desk is its holder's alone.
        if credential.submitted_at.is_none() {
            return Err(Error::NotFound);
        }
        credentials::require_other(me, credential.account_id)?;
        let reached = facts::reached(conn, &credential).await?;
        let two = facts::needs_two(ctx, &credential, reached);
        let may = credentials::may(me, viewer.role() == Some(Role::Admin), &credential, two);
        Ok(Self { me, credential, reached, two, may })
    }

    /// Takes it to change it: nobody else does meanwhile.
    pub(super) async fn lock(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, id: CredentialId) -> Result<Self> {
        credentials::require_verifier(viewer)?;
        let credential = store::credentials::lock(conn, id).await?;
        Self::of(ctx, conn, viewer, credential).await
    }

    /// Its holder, where all stands as it was shown to the verifier; read under the lock, so that it stays so.
    pub(super) async fn require_shown(&self, ctx: &Ctx, conn: &mut Conn, mark: &str) -> Result<Account> {
        let holder = store::accounts::get(conn, self.credential.account_id).await?;
        shown::require(ctx, conn, (&self.credential, &holder), mark).await?;
        Ok(holder)
    }

    /// A step of this verifier's.
    pub(super) fn step(&self, action: AuditAction) -> Step {
        Step::new(By::Account(self.me), action, &self.credential)
    }
}

/// Refuses what may not be done now.
pub(super) fn allow(allowed: bool, words: &str) -> Result<()> {
    if allowed { Ok(()) } else { Err(Error::Conflict(words.into())) }
}

/// What is said to who has not taken it.
pub(super) const TAKE_IT: &str = "Take it first: only who works on it can do this.";
/// What stands in place of a holder's words for who has not taken it.
const TAKE_TO_READ: &str = "Take it to read this.";
/// The same where it cannot be taken.
const NOT_YOURS: &str = "Only the one who works on it reads this.";

/// Opens one, from the list of all that wait.
pub async fn open(ctx: &Ctx, viewer: &Viewer, id: CredentialId) -> Result<Review> {
    open_from(ctx, viewer, id, &QueueFilter::default()).await
}

/// Opens one, from the list that is asked for.
pub async fn open_from(ctx: &Ctx, viewer: &Viewer, id: CredentialId, list: &QueueFilter) -> Result<Review> {
    let me = credentials::require_verifier(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let found = store::credentials::get(&mut conn, id).await?;
    let Case { mut credential, reached, two, may, .. } = Case::of(ctx, &mut conn, viewer, found).await?;
    let level = reached.level(&credential);
    if credential.state.is_waiting() && level != credential.level {
        credential.level = level;
        store::credentials::set_level(&mut conn, id, credential.state, level).await?;
    }
    let holder = store::accounts::get(&mut conn, credential.account_id).await?;
    let facts = facts::of(&mut conn, me, &[&credential]).await?.remove(&id).unwrap_or_default();
    let evidence = store::credentials::evidence::list(&mut conn, id).await?;
    let mailbox = mailbox::shown(ctx, &mut conn, id).await?;
    let seen = Shown {
        credential: &credential,
        holder: &holder,
        evidence: &evidence,
        mailbox: mailbox.as_ref(),
        entry: facts.entry.as_ref(),
    };
    let mark = seen.mark();
    let beside = queue::beside(&mut conn, me, list, id).await?;
    let number = number::open(ctx, &credential)?;
    let flags = facts.flags(&credential, &holder.name).into_iter();
    let review = Review {
        number: number::mask(&number),
        snapshot: match credential.register.as_str() {
            "" => None,
            register => store::registers::current(&mut conn, register).await?,
        },
        flags: flags.chain(facts::initial(&credential, &number)).collect(),
        comparison: facts.comparison,
        wishes: openings::open_wishes(ctx, &mut conn, me, &credential).await?,
        evidence,
        mailbox,
        events: events::list(ctx, &mut conn, &credential, Reader::Desk).await?,
        closed: "",
        mark,
        checklist: checklist::items(&credential),
        claimed_by: name_of(&mut conn, credential.claimed_by).await?,
        mine: credential.claimed_by == Some(me),
        may,
        two_persons: two.attest,
        two_open: two.open,
        confirmed_by: name_of(&mut conn, credential.confirmed_by).await?,
        place: beside.place,
        previous: beside.previous,
        next: beside.next,
        holder,
        credential,
    };
    Ok(if may.see { review } else { closed(review) })
}

/// The same without what only the verifier who works on it needs to read.
fn closed(mut review: Review) -> Review {
    review.closed = if review.may.claim { TAKE_TO_READ } else { NOT_YOURS };
    for event in review.events.iter_mut().filter(|event| event.by == EventBy::Holder && !event.words.is_empty()) {
        review.closed.clone_into(&mut event.words);
    }
    for one in &mut review.evidence {
        review.closed.clone_into(&mut one.label);
    }
    if let Some(mailbox) = &mut review.mailbox {
        review.closed.clone_into(&mut mailbox.email);
    }
    review
}

async fn name_of(conn: &mut Conn, who: Option<AccountId>) -> Result<Option<String>> {
    match who {
        Some(who) => Ok(store::accounts::find(conn, who).await?.map(|account| account.name)),
        None => Ok(None),
    }
}

/// Takes one to work on. What its holder wrote is open to this verifier alone from now on.
pub async fn claim(ctx: &Ctx, viewer: &Viewer, id: CredentialId) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let mut case = Case::lock(ctx, &mut tx, viewer, id).await?;
    if case.credential.claimed_by == Some(case.me) {
        return tx.roll_back().await;
    }
    allow(case.may.claim, "A colleague works on it, or it does not wait any more.")?;
    let step = case.step(AuditAction::ClaimCredential);
    let credential = &mut case.credential;
    if credential.state == CredentialState::Submitted {
        go(credential, CredentialState::InReview)?;
    }
    (credential.claimed_by, credential.claimed_at) = (Some(case.me), Some(ctx.now()));
    step.write(ctx, &mut tx, credential, "").await?;
    step.record(ctx, &mut tx, credential, "").await?;
    tx.commit().await
}

/// Lets go of one: whoever comes next may take it.
pub(super) fn let_go(credential: &mut Credential) -> Result<()> {
    if credential.state == CredentialState::InReview {
        go(credential, CredentialState::Submitted)?;
    }
    (credential.claimed_by, credential.claimed_at) = (None, None);
    Ok(())
}

/// Gives one back to the queue. An admin may do so with what somebody else has.
pub async fn release(ctx: &Ctx, viewer: &Viewer, id: CredentialId) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let mut case = Case::lock(ctx, &mut tx, viewer, id).await?;
    allow(case.may.release, TAKE_IT)?;
    let step = case.step(AuditAction::ReleaseCredential);
    let_go(&mut case.credential)?;
    step.write(ctx, &mut tx, &mut case.credential, "").await?;
    step.record(ctx, &mut tx, &case.credential, "").await?;
    tx.commit().await
}

/// Asks its holder for something. During a re-check what holds goes on holding meanwhile.
pub async fn ask(ctx: &Ctx, viewer: &Viewer, id: CredentialId, words: &str) -> Result<()> {
    let words = self::words("words", words, "Write what you need to know.")?;
    let mut tx = ctx.tx().await?;
    let mut case = Case::lock(ctx, &mut tx, viewer, id).await?;
    allow(case.may.ask, TAKE_IT)?;
    let step = case.step(AuditAction::AskAboutCredential);
    let credential = &mut case.credential;
    if credential.state == CredentialState::InReview {
        go(credential, CredentialState::NeedsInformation)?;
    }
    step.write(ctx, &mut tx, credential, words).await?;
    let body = "The verification desk has a question about a credential of yours.";
    events::mail_holder(ctx, &mut tx, credential, "The verification desk has a question", body).await?;
    step.record(ctx, &mut tx, credential, "").await?;
    tx.commit().await
}

/// Longest note of what was seen, in characters.
const SEEN: usize = 500;

/// Notes what was looked at: the keys of all items that are ticked, and which evidence was seen, in words. `mark` is that
/// of the page on which it was looked at.
pub async fn tick(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CredentialId,
    keys: Vec<String>,
    seen: &str,
    mark: &str,
) -> Result<()> {
    let seen = seen.trim();
    if seen.chars().count() > SEEN {
        return Err(Error::invalid("seen", format!("Please use {SEEN} characters or fewer.")));
    }
    let mut tx = ctx.tx().await?;
    let case = Case::lock(ctx, &mut tx, viewer, id).await?;
    allow(case.may.tick, TAKE_IT)?;
    case.require_shown(ctx, &mut tx, mark).await?;
    let step = case.step(AuditAction::CheckCredential);
    let Case { me, mut credential, mut reached, .. } = case;
    let ticked = checklist::read(&credential, &keys)?;
    let seen = seen.replace(|c: char| c.is_control() && c != '\n', "");
    let seen = number::hide(&seen, &number::open(ctx, &credential)?);
    if (&ticked, &seen) == (&credential.ticked, &credential.seen) {
        return tx.roll_back().await;
    }
    (credential.ticked, credential.seen) = (ticked, seen);
    reached.seen = !credential.seen.is_empty();
    credential.level = reached.level(&credential);
    let keys = credential.ticked.join(", ");
    let looked = if keys.is_empty() { "Nothing is ticked.".to_owned() } else { format!("Ticked: {keys}.") };
    let words = if reached.seen { format!("{looked} Seen: {}", credential.seen) } else { looked };
    step.write(ctx, &mut tx, &mut credential, &events::with_note("", &words)).await?;
    let about = About::Credential(id, credential.account_id);
    let deed = Deed::new(By::Account(me), AuditAction::CheckCredential, about);
    audit::record(ctx, &mut tx, deed.with(json!({ "ticked": keys }))).await?;
    tx.commit().await
}

/// Shows the whole number to who works on it.
pub async fn see_number(ctx: &Ctx, viewer: &Viewer, id: CredentialId) -> Result<String> {
    let mut tx = ctx.tx().await?;
    let case = Case::lock(ctx, &mut tx, viewer, id).await?;
    allow(case.may.see, TAKE_IT)?;
    let number = number::open(ctx, &case.credential)?;
    if number.is_empty() {
        return Err(Error::NotFound);
    }
    case.step(AuditAction::SeeNumber).record(ctx, &mut tx, &case.credential, "").await?;
    tx.commit().await?;
    Ok(number)
}

/// Longest time until the next check, in months.
const NEXT_CHECK: Months = Months::new(60);

/// Sets the day on which what holds is looked at again.
pub async fn set_next_check(ctx: &Ctx, viewer: &Viewer, id: CredentialId, day: &str) -> Result<()> {
    let today = ctx.now().date_naive();
    let day = form::day(day)
        .filter(|day| *day > today && today.checked_add_months(NEXT_CHECK).is_some_and(|last| *day <= last))
        .ok_or_else(|| Error::invalid("day", "Write a day within the next five years, such as 2027-08-31."))?;
    let mut tx = ctx.tx().await?;
    let mut case = Case::lock(ctx, &mut tx, viewer, id).await?;
    allow(case.credential.state == CredentialState::Attested, "Only what is attested has a next check.")?;
    let step = case.step(AuditAction::SetNextCheck);
    case.credential.next_check_on = Some(day);
    let words = format!("The next check is on {day}.");
    step.write(ctx, &mut tx, &mut case.credential, &words).await?;
    step.record(ctx, &mut tx, &case.credential, &words).await?;
    tx.commit().await
}
