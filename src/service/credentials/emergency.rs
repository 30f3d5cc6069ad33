//! Breaking the glass: a document that one person opens alone, in an emergency, with a reason. Two others are told at
//! once; where there are not two at the desk, the institution's own mailbox as well. A few a day are an emergency; more
//! are a desk that lacks a second person.

use std::collections::HashMap;

use serde_json::json;

use super::{
    events, number,
    openings::{open_wishes, require_document},
    review::{Case, allow},
    submit::words,
};
pub use crate::store::credentials::openings::OpenedAlone;
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, AuditAction, Credential, CredentialId, EvidenceId, NotificationKind},
    policy::{Viewer, credentials},
    service::{
        Ctx, Page, Paged,
        audit::{self, About, By, Deed},
        mails, registration,
        throttles::{self, Act},
    },
    store::{
        self, Conn,
        credentials::openings::{self, Colleague},
    },
};

/// How many people are told.
const TOLD: usize = 2;
/// Shortest and longest reason, in characters.
const LEAST: usize = 20;
const MOST: usize = 500;

const WHY: &str = "Say in a sentence why it cannot wait: 20 characters or more.";
const AS_IT_IS: &str = "You can open this document as it is.";
const TOO_MANY: &str = "You have opened three documents alone within a day, and that is as far as it goes. Find a \
                        second person: a colleague at this desk who agrees, or an admin.";
const TAKE_IT: &str = "Nobody works on this: take it, and the document opens without an emergency.";

/// A document that could be opened alone.
#[derive(Debug, Clone)]
pub struct Emergency {
    /// The credential that it was sent with.
    pub credential: Credential,
    /// Whose.
    pub holder: Account,
    /// The names of those who would be told.
    pub told: Vec<String>,
    /// The institution's own mailbox would be told as well.
    pub house: bool,
}

/// Who was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// How many colleagues.
    pub colleagues: usize,
    /// The institution's own mailbox as well.
    pub house: bool,
}

/// Those who are told.
struct Watchers {
    colleagues: Vec<Colleague>,
    /// The institution's own mailbox, where there are too few of them.
    house: Option<String>,
}

/// Looks at a document that one would open alone.
pub async fn emergency(ctx: &Ctx, viewer: &Viewer, id: CredentialId, evidence: EvidenceId) -> Result<Emergency> {
    credentials::require_verifier(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let found = store::credentials::get(&mut conn, id).await?;
    let case = Case::of(ctx, &mut conn, viewer, found).await?;
    require_shut(ctx, &mut conn, &case, evidence).await?;
    let holder = store::accounts::get(&mut conn, case.credential.account_id).await?;
    let watchers = watchers(ctx, &mut conn, &case).await?;
    let (told, house) = (watchers.colleagues.into_iter().map(|one| one.name).collect(), watchers.house.is_some());
    Ok(Emergency { credential: case.credential, holder, told, house })
}

/// Refuses where a document opens without an emergency. Whether the viewer's own wish to open it waits for a second person.
async fn require_shut(ctx: &Ctx, conn: &mut Conn, case: &Case, evidence: EvidenceId) -> Result<bool> {
    require_document(conn, case.credential.id, evidence).await?;
    allow(!case.may.open, AS_IT_IS)?;
    allow(!case.may.claim || case.two.open, TAKE_IT)?;
    let wishes = open_wishes(ctx, conn, case.me, &case.credential).await?;
    let own = || wishes.iter().filter(move |wish| wish.mine && wish.evidence == evidence);
    allow(!own().any(|wish| wish.until.is_some()), AS_IT_IS)?;
    Ok(own().any(|wish| wish.until.is_none()))
}

/// Those who are told: neither who opens it, nor whose it is.
async fn watchers(ctx: &Ctx, conn: &mut Conn, case: &Case) -> Result<Watchers> {
    let mut colleagues = openings::colleagues(conn, vec![case.me, case.credential.account_id]).await?;
    colleagues.truncate(TOLD);
    let house = if colleagues.len() < TOLD { house(ctx, conn, case, &colleagues).await? } else { None };
    Ok(Watchers { colleagues, house })
}

/// The institution's own mailbox; none where it has none, or where it is that of one of them.
async fn house(ctx: &Ctx, conn: &mut Conn, case: &Case, told: &[Colleague]) -> Result<Option<String>> {
    let contact = ctx.config.instance.contact.trim();
    if registration::check_email(contact).is_err() {
        return Ok(None);
    }
    let mut theirs: Vec<String> = told.iter().map(|one| one.email.clone()).collect();
    for id in [case.me, case.credential.account_id] {
        theirs.extend(store::users::find(conn, id).await?.map(|user| user.email));
    }
    let is_theirs = theirs.iter().any(|email| email.trim().eq_ignore_ascii_case(contact));
    Ok((!is_theirs).then(|| contact.to_owned()))
}

fn why(typed: &str) -> Result<&str> {
    let reason = words("reason", typed, WHY)?;
    match reason.chars().count() {
        ..LEAST => Err(Error::invalid("reason", WHY)),
        LEAST..=MOST => Ok(reason),
        _ => Err(Error::invalid("reason", format!("Please use {MOST} characters or fewer."))),
    }
}

/// Lets one person open a document alone, once, within a short time. It stands in the audit log as what it is, and two
/// others are told at once, by whom and why; fewer where there are not two, and the institution's own mailbox with them.
/// Who was told.
pub async fn open_alone(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CredentialId,
    evidence: EvidenceId,
    reason: &str,
) -> Result<Told> {
    credentials::require_verifier(viewer)?;
    let reason = why(reason)?;
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let case = Case::lock(ctx, &mut tx, viewer, id).await?;
    if require_shut(ctx, &mut tx, &case, evidence).await? {
        openings::lapse(&mut tx, evidence, now).await?;
    }
    if !throttles::has_room(ctx, &mut tx, Act::Emergency, &case.me.to_string()).await? {
        tx.roll_back().await?;
        tracing::warn!(account = %case.me, credential = %id, "one more document was not opened by one person alone");
        return Err(Error::Conflict(TOO_MANY.into()));
    }
    // It is kept in clear, here and in mails.
    let reason = number::hide(reason, &number::open(ctx, &case.credential)?);
    openings::open_alone(&mut tx, evidence, case.me, &reason, now).await?;
    let note = events::with_note("", &format!("Opened a document alone, in an emergency: {reason}"));
    events::add(ctx, &mut tx, &case.credential, By::Account(case.me), None, &note).await?;
    let (told, ids) = tell(ctx, &mut tx, &case, &reason).await?;
    let about = About::Credential(id, case.credential.account_id);
    let count = told.colleagues + usize::from(told.house);
    let house = if told.house { "yes" } else { "no" };
    let details = json!({ "evidence": evidence.to_string(), "told": ids, "told_count": count, "told_house": house });
    let deed = Deed::new(By::Account(case.me), AuditAction::BreakGlass, about).because(&reason).with(details);
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    tracing::warn!(account = %case.me, credential = %id, told = count, "a document was opened by one person alone");
    Ok(told)
}

/// Tells others at once, in the app and by mail; who they are, and their ids in one line.
async fn tell(ctx: &Ctx, conn: &mut Conn, case: &Case, reason: &str) -> Result<(Told, String)> {
    let Watchers { colleagues, house } = watchers(ctx, conn, case).await?;
    let told = Told { colleagues: colleagues.len(), house: house.is_some() };
    let who = store::accounts::get(conn, case.me).await?;
    let ids: Vec<AccountId> = colleagues.iter().map(|one| one.id).collect();
    let line: Vec<String> = ids.iter().map(ToString::to_string).collect();
    store::notifications::insert_anew(conn, ids, NotificationKind::Emergency, case.me, None).await?;
    let mailboxes = colleagues.into_iter().map(|one| one.email).chain(house).collect();
    mails::opened_alone(ctx, conn, mailboxes, &who, reason).await?;
    Ok((told, line.join(", ")))
}

/// What was opened alone, the newest first; everybody at the desk reads it, but for what is their own.
pub async fn emergencies(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<OpenedAlone>> {
    let me = credentials::require_verifier(viewer)?;
    openings::emergencies(&mut *ctx.pool.read().await?, me, page).await
}

/// Why each of these people opened a document alone the last time. Who does not work at the desk is told nothing.
pub async fn last_reasons(ctx: &Ctx, viewer: &Viewer, by: Vec<AccountId>) -> Result<HashMap<AccountId, String>> {
    let Ok(me) = credentials::require_verifier(viewer) else { return Ok(HashMap::new()) };
    if by.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(openings::last_reasons(&mut *ctx.pool.read().await?, me, by).await?.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::{LEAST, MOST, why};

    #[test]
    fn a_reason_is_a_sentence() {
        for short in ["", "   ", "Urgent", " Just because of it "] {
            assert!(why(short).is_err(), "{short}");
        }
        assert_eq!(why(&format!(" {} ", "w".repeat(LEAST))).unwrap(), "w".repeat(LEAST));
        assert!(why(&"w".repeat(MOST)).is_ok() && why(&"w".repeat(MOST + 1)).is_err());
    }
}
