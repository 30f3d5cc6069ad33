//! The institution's staff list: whoever stands in it is attested as employed here, and who has left no longer is.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

use super::{
    decide::{NEXT_CHECK, stand_by},
    events::{self, Step, go},
    facts::{self, NAME_CHANGED, NAME_OTHER},
    number,
    staff_list::{self, Line},
    submit::{blank, put_away},
};
use crate::{
    error::{Error, Result},
    model::{
        Account, AccountId, AuditAction, Credential, CredentialKind, CredentialSource, CredentialState, UserState,
    },
    policy::{
        Viewer,
        credentials::{Reached, holds, needs_two},
        moderation,
    },
    service::{
        Ctx,
        attestations::issue,
        audit::{self, About, By, Deed},
        organization, secrets,
    },
    store::{self, Conn},
};

/// After how many days what a list says again is stated again, as statements run out.
const STATED_AGAIN: i64 = 180;
/// Under which name equal staff numbers are found; no register is called so.
const STAFF_NUMBERS: &str = "staff";

const OTHERWISE: &str = "The staff list says it otherwise now.";
const AGAIN: &str = "The staff list says it again.";
const ENDED: &str = "The last day on the staff list is over.";
const GONE: &str = "Not on the staff list any more.";
/// Where a list alone is not enough.
const TWO: &str = "Two persons decide about this.";
const REFUSED: &str = "The desk did not stand by what an earlier staff list said.";

/// What became of a staff list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaffReport {
    /// Employments that are attested from now on, also those that were in another way.
    pub attested: u64,
    /// Those that stand as before.
    pub unchanged: u64,
    /// Those that have ended.
    pub ended: u64,
    /// Lines of which nothing came, and why, in words.
    pub unknown: Vec<String>,
}

/// Takes a staff list in. With `whole`, who does not stand in it has left.
///
/// # Errors
/// [`Error::Invalid`] where anything in it is wrong; nothing changes then.
pub async fn import_staff(ctx: &Ctx, viewer: &Viewer, csv: &[u8], whole: bool) -> Result<StaffReport> {
    let me = moderation::require_admin(viewer)?;
    import(ctx, By::Account(me), csv, whole).await
}

/// The same, by the operator.
pub async fn import_staff_by_operator(ctx: &Ctx, csv: &[u8], whole: bool) -> Result<StaffReport> {
    import(ctx, By::Operator, csv, whole).await
}

/// What a line comes to, apart from who it is about.
struct Rules {
    /// The institution.
    body: String,
    today: NaiveDate,
    /// What was stated before this day is stated again.
    again_before: NaiveDate,
    /// One person's list is not enough.
    two_persons: bool,
}

impl Rules {
    fn of(ctx: &Ctx) -> Self {
        let today = ctx.now().date_naive();
        let days = STATED_AGAIN.min(ctx.config.verification.valid_days / 2);
        // Of whom a list speaks is known by their mailbox, and no more.
        let reached = Reached { proven: true, ..Reached::default() }.before_desk();
        Self {
            body: organization::name(ctx),
            today,
            again_before: today - TimeDelta::days(days),
            two_persons: needs_two(&ctx.config.verification, "", reached).attest,
        }
    }
}

/// What is to be done about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// It stands as before.
    Unchanged,
    /// There is nothing to do.
    Nothing,
    /// Whoever sent the list is told why nothing is done.
    Told(&'static str),
    /// What an earlier list said ends.
    End,
    /// It is attested.
    Attest,
    /// The desk looks at it first, for this reason.
    Review(&'static str),
}

fn due(rules: &Rules, line: &Line, known: Option<&Credential>, named: bool) -> Due {
    use CredentialState::{
        Attested, InReview, NeedsInformation, RecheckDue, Rejected, Revoked, Submitted, Suspended, Withdrawn,
    };
    if line.end.is_some_and(|last| last < rules.today) {
        return if known.is_some_and(|known| !known.state.is_over()) { Due::End } else { Due::Nothing };
    }
    if line.start.is_some_and(|first| first > rules.today) {
        return Due::Told("the first day has not come yet: a list that is taken in from then on attests it.");
    }
    let state = match (named, rules.two_persons) {
        (false, _) => Due::Review(NAME_OTHER),
        (true, true) => Due::Review(TWO),
        (true, false) => Due::Attest,
    };
    let Some(known) = known else { return state };
    let same = is_same(rules, line, known);
    match known.state {
        RecheckDue if !holds(known) => {
            Due::Told("the desk has suspended what an earlier list said, and looks at it before it holds again.")
        }
        // Whoever has another name since is looked at by somebody, whatever the list says.
        RecheckDue if [NAME_CHANGED, NAME_OTHER].iter().any(|why| known.recheck_reason.contains(why)) => {
            if same {
                Due::Unchanged
            } else {
                Due::Review(NAME_OTHER)
            }
        }
        Attested | RecheckDue => {
            let again = known.checked_on.is_none_or(|day| day < rules.again_before);
            if same && !(again && state == Due::Attest) { Due::Unchanged } else { state }
        }
        Submitted | InReview | NeedsInformation if same => Due::Unchanged,
        // Whatever the desk had to look at is not settled by a change.
        Submitted | InReview | NeedsInformation if known.recheck_reason.contains(REFUSED) => Due::Review(REFUSED),
        Submitted | InReview | NeedsInformation => state,
        Suspended => Due::Told("the desk has suspended what an earlier list said, and decides about it."),
        Rejected | Revoked if same => Due::Told("the desk did not stand by just this, so it is not attested again."),
        Rejected | Revoked => Due::Review(REFUSED),
        // A list that ended what the desk had suspended has not settled it.
        Withdrawn if known.decided_by != Some(known.account_id) => Due::Review(REFUSED),
        _ => Due::Told("they took back themselves what an earlier list said; they can claim it anew."),
    }
}

/// Whether a line says what an earlier one did.
fn is_same(rules: &Rules, line: &Line, known: &Credential) -> bool {
    (known.role.as_str(), known.discipline.as_str(), known.expires_on)
        == (line.role.as_str(), line.discipline, line.end)
        && (&known.family_name, &known.given_names) == (&line.family_name, &line.given_names)
        && (&known.jurisdiction, &known.body) == (&line.country, &rules.body)
}

fn nobody(line: &Line) -> String {
    line.says(&format!("nobody here has confirmed the address {}.", line.email))
}

async fn import(ctx: &Ctx, by: By, csv: &[u8], whole: bool) -> Result<StaffReport> {
    let (rules, file) = (Rules::of(ctx), csv.to_vec());
    let today = rules.today;
    let lines = ctx.heavy(move || staff_list::read(&file, today)).await?;
    // Who signs has to be there before the first transaction begins.
    organization::account(ctx).await?;
    let mut conn = ctx.pool.get().await?;
    let emails = lines.iter().map(|line| line.email.clone()).collect();
    let people = store::credentials::staff::people_by_email(&mut conn, emails).await?;
    let people: HashMap<String, AccountId> = people.into_iter().collect();
    // Of each person the newest one is left.
    let before = store::credentials::staff::employments(&mut conn).await?.into_iter();
    let before: BTreeMap<AccountId, Credential> = before.map(|known| (known.account_id, known)).collect();
    drop(conn);
    if whole && people.is_empty() {
        return Err(Error::invalid("file", "Nobody in this list has an account here: it cannot be the whole one."));
    }
    let (mut report, mut listed) = (StaffReport::default(), HashSet::new());
    for line in &lines {
        let Some(person) = people.get(&line.email).copied() else {
            report.unknown.push(nobody(line));
            continue;
        };
        if !listed.insert(person) {
            report.unknown.push(line.says("the same person as in a line before it, which counts."));
        } else if due(&rules, line, before.get(&person), true) == Due::Unchanged {
            report.unchanged += 1;
        } else if account_of(by) == Some(person) {
            report.unknown.push(line.says("this is you, and nobody decides about themselves: ask another admin."));
        } else {
            follow(ctx, by, &rules, (line, person), &mut report).await?;
        }
    }
    for known in before.values().filter(|one| whole && !one.state.is_over() && !listed.contains(&one.account_id)) {
        report.ended += u64::from(leave(ctx, by, known.account_id).await?);
    }
    let mut tx = ctx.tx().await?;
    let deed = Deed::new(by, AuditAction::ImportStaff, About::Instance).with(json!({
        "lines": lines.len(), "attested": report.attested, "unchanged": report.unchanged, "ended": report.ended,
        "unknown": report.unknown.len(), "whole": if whole { "yes" } else { "no" },
    }));
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    Ok(report)
}

fn account_of(by: By) -> Option<AccountId> {
    match by {
        By::Account(who) => Some(who),
        By::Operator | By::House => None,
    }
}

/// Does what a line asks for, in a transaction of its own.
async fn follow(
    ctx: &Ctx,
    by: By,
    rules: &Rules,
    (line, person): (&Line, AccountId),
    report: &mut StaffReport,
) -> Result<()> {
    let mut tx = ctx.tx().await?;
    // Two lists that are taken in at once come to a person one after the other.
    let user = store::users::lock(&mut tx, person).await?;
    let known = store::credentials::staff::lock_employment(&mut tx, person).await?;
    let confirmed = user.email_confirmed_at.is_some() && user.email.to_lowercase() == line.email;
    if user.state != UserState::Active || !confirmed {
        report.unknown.push(nobody(line));
        return tx.roll_back().await;
    }
    // A change of name takes the same locks first: the name that is matched is the one that is stated.
    let holder = store::accounts::get(&mut tx, person).await?;
    let named = line.is_called(&holder.name);
    match (due(rules, line, known.as_ref(), named), known) {
        (Due::Unchanged, _) => report.unchanged += 1,
        (Due::Told(words), _) => report.unknown.push(line.says(words)),
        (Due::End, Some(known)) => {
            end(ctx, &mut tx, by, known, ENDED).await?;
            report.ended += 1;
        }
        (Due::Nothing | Due::End, _) => {}
        (Due::Attest, known) => {
            state(ctx, &mut tx, by, rules, (line, &holder, known)).await?;
            report.attested += 1;
        }
        (Due::Review(why), known) => {
            review(ctx, &mut tx, by, rules, (line, person, known), why).await?;
            report.unknown.push(line.says(&format!("{why} It waits at the desk.")));
        }
    }
    tx.commit().await
}

/// A step that is to be put into the audit log, with what the credential was after it.
type Done = (Step, Credential, &'static str);

async fn record(ctx: &Ctx, conn: &mut Conn, all: Vec<Done>) -> Result<()> {
    for (step, credential, why) in all {
        step.record(ctx, conn, &credential, why).await?;
    }
    Ok(())
}

/// Attests what a line says, in place of what an earlier one said.
async fn state(
    ctx: &Ctx,
    conn: &mut Conn,
    by: By,
    rules: &Rules,
    (line, holder, known): (&Line, &Account, Option<Credential>),
) -> Result<()> {
    let old = known.filter(|known| !known.state.is_over());
    let again = old.as_ref().is_some_and(|old| is_same(rules, line, old));
    let mut new = written(ctx, conn, rules, line, holder.id).await?;
    new.renews = old.as_ref().map(|old| old.id);
    let mut all = vec![bring(ctx, conn, by, &mut new, "").await?];
    let step = Step::new(by, AuditAction::AttestCredential, &new);
    new.decided_by = account_of(by);
    new.next_check_on = rules.today.checked_add_months(NEXT_CHECK);
    stand_by(ctx, conn, step, &mut new, holder, "The staff list says so.").await?;
    if !again {
        let body =
            "The institution states that you work here, as its staff list says. Your badge shows it from now on.";
        events::mail_holder(ctx, conn, &new, "Your employment is attested", body).await?;
    }
    all.push((step, new, ""));
    if let Some(old) = old {
        // The statement about it has ended with the new one.
        all.push(put_by(ctx, conn, by, old, if again { AGAIN } else { OTHERWISE }).await?);
    }
    record(ctx, conn, all).await
}

/// Brings what a line says to the desk. What an earlier line said ends, as it is no longer so.
async fn review(
    ctx: &Ctx,
    conn: &mut Conn,
    by: By,
    rules: &Rules,
    (line, person, known): (&Line, AccountId, Option<Credential>),
    why: &'static str,
) -> Result<()> {
    let old = known.filter(|known| !known.state.is_over());
    let mut new = written(ctx, conn, rules, line, person).await?;
    new.renews = old.as_ref().map(|old| old.id);
    new.recheck_reason = why.to_owned();
    let mut all = vec![bring(ctx, conn, by, &mut new, why).await?];
    if let Some(old) = old {
        let id = old.id;
        all.push(put_by(ctx, conn, by, old, OTHERWISE).await?);
        issue::end(ctx, conn, id).await?;
    }
    store::credentials::tell_desk(conn, person).await?;
    events::tell_holder(ctx, conn, person).await?;
    record(ctx, conn, all).await
}

/// A credential that says what a line does, not kept yet.
async fn written(ctx: &Ctx, conn: &mut Conn, rules: &Rules, line: &Line, person: AccountId) -> Result<Credential> {
    let blank = blank(ctx, conn, person, CredentialKind::Employment).await?;
    let (number_sealed, number_index) = match line.staff_number.as_str() {
        "" => (None, None),
        number => {
            let index = secrets::index_key(ctx, conn).await?.index(STAFF_NUMBERS, number)?;
            (Some(number::seal(ctx, blank.id, number)?), Some(index))
        }
    };
    Ok(Credential {
        source: CredentialSource::Staff,
        body: rules.body.clone(),
        jurisdiction: line.country.clone(),
        number_sealed,
        number_index,
        discipline: line.discipline.to_owned(),
        family_name: line.family_name.clone(),
        given_names: line.given_names.clone(),
        role: line.role.clone(),
        issued_on: line.start,
        expires_on: line.end,
        ..blank
    })
}

/// Keeps a new one as submitted.
async fn bring(ctx: &Ctx, conn: &mut Conn, by: By, new: &mut Credential, words: &'static str) -> Result<Done> {
    let step = Step::new(by, AuditAction::SubmitCredential, new);
    go(new, CredentialState::Submitted)?;
    new.submitted_at = Some(ctx.now());
    new.level = facts::reached(conn, new).await?.level(new);
    store::credentials::insert(conn, new).await?;
    events::add(ctx, conn, new, by, Some(new.state), words).await?;
    Ok((step, new.clone(), words))
}

/// Puts one away. Its holder did not do so, even where they sent the list.
async fn put_by(ctx: &Ctx, conn: &mut Conn, by: By, mut old: Credential, why: &'static str) -> Result<Done> {
    let step = Step::new(by, AuditAction::WithdrawCredential, &old);
    let holder = old.account_id;
    put_away(&mut old, account_of(by).filter(|who| *who != holder), ctx.now())?;
    step.write(ctx, conn, &mut old, why).await?;
    Ok((step, old, why))
}

/// Ends what an earlier list said.
async fn end(ctx: &Ctx, conn: &mut Conn, by: By, old: Credential, why: &'static str) -> Result<()> {
    let held = old.state.is_in_force();
    let done = put_by(ctx, conn, by, old, why).await?;
    let (_, ended, _) = &done;
    issue::end(ctx, conn, ended.id).await?;
    if held {
        let body = "Your employment has ended, as the staff list says: your badge does not show it any more.";
        events::mail_holder(ctx, conn, ended, "Your employment is no longer attested", body).await?;
    } else {
        events::tell_holder(ctx, conn, ended.account_id).await?;
    }
    record(ctx, conn, vec![done]).await
}

/// Ends the employment of somebody who is not in the whole list; false where it has ended meanwhile.
async fn leave(ctx: &Ctx, by: By, person: AccountId) -> Result<bool> {
    let mut tx = ctx.tx().await?;
    store::users::lock(&mut tx, person).await?;
    let known = store::credentials::staff::lock_employment(&mut tx, person).await?;
    let Some(known) = known.filter(|known| !known.state.is_over()) else {
        tx.roll_back().await?;
        return Ok(false);
    };
    end(ctx, &mut tx, by, known, GONE).await?;
    tx.commit().await?;
    Ok(true)
}
