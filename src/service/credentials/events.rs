//! What is written down of each step of a credential, and who is told of it.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::number;
use crate::{
    error::{Error, Result},
    model::{AccountId, AuditAction, Credential, CredentialState, NotificationKind, UserState},
    service::{
        Ctx,
        audit::{self, About, By, Deed},
        mails, organization,
    },
    store::{self, Conn, credentials::NewEvent},
};

/// Who did something to a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventBy {
    /// Whose it is.
    Holder,
    /// Somebody at the desk: their name for others there, and "the desk" for the holder.
    Desk(String),
    /// The clock, the copy of a register, or the operator.
    House,
}

/// Something that happened to a credential, or a word between its holder and the desk.
#[derive(Debug, Clone)]
pub struct CredentialEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: EventBy,
    /// The new state; none where it stays.
    pub state: Option<CredentialState>,
    /// What was said; may be empty.
    pub words: String,
    /// The desk says it to itself alone.
    pub aside: bool,
}

/// For whom events are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Holder,
    Desk,
}

/// A step: by whom, what it is called in the audit log, and from which state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    by: By,
    action: AuditAction,
    from: CredentialState,
}

impl Step {
    /// A step from the state that the credential is in now.
    pub(super) fn new(by: By, action: AuditAction, credential: &Credential) -> Self {
        Self { by, action, from: credential.state }
    }

    /// Writes the changed credential back, and what happened to it.
    pub(super) async fn write(self, ctx: &Ctx, conn: &mut Conn, changed: &mut Credential, words: &str) -> Result<()> {
        changed.updated_at = ctx.now();
        store::credentials::update(conn, changed).await?;
        let state = (self.from != changed.state).then_some(changed.state);
        add(ctx, conn, changed, self.by, state, words).await
    }

    /// Puts it into the audit log, as the last thing before the commit. A reason is kept there in clear, so the number is
    /// taken out of it.
    pub(super) async fn record(self, ctx: &Ctx, conn: &mut Conn, changed: &Credential, reason: &str) -> Result<()> {
        let reason = number::hide(reason, &number::open(ctx, changed)?);
        let deed = Deed::new(self.by, self.action, About::Credential(changed.id, changed.account_id)).because(&reason);
        let deed = deed.with(json!({
            "kind": changed.kind.as_str(), "register": changed.register,
            "from": self.from.as_str(), "to": changed.state.as_str(),
        }));
        audit::record(ctx, conn, deed).await
    }
}

/// Moves a credential on. What may not be is said in words before the database refuses it.
pub(super) fn go(credential: &mut Credential, next: CredentialState) -> Result<()> {
    if !credential.state.may_become(next) {
        let words = |state: CredentialState| state.as_str().replace('_', " ");
        let (from, to) = (words(credential.state), words(next));
        return Err(Error::Conflict(format!("What is {from} cannot become {to}. Please look again.")));
    }
    credential.state = next;
    Ok(())
}

fn context(id: i64) -> String {
    format!("credential-event/{id}")
}

/// What follows it in the words of an event is the desk's, and not shown to the holder. Nobody can type it.
const DESK_ALONE: char = '\u{1e}';

/// Words for both sides, with more for the desk alone.
pub(super) fn with_note(words: &str, note: &str) -> String {
    if note.is_empty() { words.to_owned() } else { format!("{words}{DESK_ALONE}{note}") }
}

/// What somebody is shown of the words of an event.
fn shown(words: &str, reader: Reader) -> String {
    match reader {
        Reader::Holder => words.split(DESK_ALONE).next().unwrap_or_default().to_owned(),
        Reader::Desk => words.replace(DESK_ALONE, " ").trim().to_owned(),
    }
}

/// Most that a holder says to the desk before the desk does anything.
const UNANSWERED: i64 = 10;

/// Refuses more words to a desk that has had enough of them to look at.
pub(super) async fn require_turn(conn: &mut Conn, credential: &Credential) -> Result<()> {
    if store::credentials::count_unanswered(conn, credential.id, credential.account_id).await? < UNANSWERED {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "You have written {UNANSWERED} times since the desk last did. Please wait for the desk."
    )))
}

/// Writes down what happened. Its words are sealed.
pub(super) async fn add(
    ctx: &Ctx,
    conn: &mut Conn,
    credential: &Credential,
    by: By,
    state: Option<CredentialState>,
    words: &str,
) -> Result<()> {
    let actor = match by {
        By::Account(who) => Some(who),
        By::Operator | By::House => None,
    };
    let id = store::credentials::new_id(conn).await?;
    let words = words.trim();
    let text_sealed = if words.is_empty() { None } else { Some(ctx.keyring.seal(&context(id), words.as_bytes())?) };
    let new = NewEvent { id, credential: credential.id, actor, state, text_sealed, at: ctx.now() };
    store::credentials::insert_event(conn, new).await
}

/// What happened to a credential, oldest first; of very much the newest.
pub(super) async fn list(
    ctx: &Ctx,
    conn: &mut Conn,
    credential: &Credential,
    reader: Reader,
) -> Result<Vec<CredentialEvent>> {
    let number = number::open(ctx, credential)?;
    let mut events = Vec::new();
    for (id, actor, name, state, sealed, at) in store::credentials::list_events(conn, credential.id).await? {
        let by = match actor {
            Some(who) if who == credential.account_id => EventBy::Holder,
            Some(_) if reader == Reader::Holder => EventBy::Desk("the desk".into()),
            Some(_) => EventBy::Desk(name.unwrap_or_default()),
            None => EventBy::House,
        };
        let said = match sealed {
            Some(sealed) => String::from_utf8_lossy(&ctx.keyring.open_sealed(&context(id), &sealed)?).into_owned(),
            None => String::new(),
        };
        // What the desk only notes is no news to the holder.
        let aside = said.starts_with(DESK_ALONE);
        if aside && state.is_none() && reader == Reader::Holder {
            continue;
        }
        let words = shown(&said, reader);
        // Each look at a whole number is recorded, and this is none.
        let words = if reader == Reader::Desk { number::hide(&words, &number) } else { words };
        events.push(CredentialEvent { at, by, state, words, aside });
    }
    Ok(events)
}

/// Tells a holder that something happened to a credential of theirs: in place of what they were told before, so that it
/// stands on top.
pub(super) async fn tell_holder(ctx: &Ctx, conn: &mut Conn, holder: AccountId) -> Result<()> {
    let Some(house) = store::accounts::find_by_uri(conn, &organization::uri(ctx)).await? else { return Ok(()) };
    store::notifications::delete(conn, holder, NotificationKind::Credential, house.id, None).await?;
    store::notifications::insert(conn, holder, NotificationKind::Credential, house.id, None).await
}

/// Tells them, and by mail too. A mail says what happened and where to read more, never what a claim or a reason says.
pub(super) async fn mail_holder(
    ctx: &Ctx,
    conn: &mut Conn,
    credential: &Credential,
    subject: &str,
    words: &str,
) -> Result<()> {
    tell_holder(ctx, conn, credential.account_id).await?;
    match store::users::find(conn, credential.account_id).await? {
        Some(user) if user.state == UserState::Active => {
            mails::credential(ctx, conn, &user, credential.id, (subject, words)).await
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, shown, with_note};

    #[test]
    fn what_the_desk_has_noted_is_not_shown_to_the_holder() {
        let words = with_note("Changed: role.", "Noted before: “Passport seen”.");
        assert_eq!(shown(&words, Reader::Holder), "Changed: role.");
        assert_eq!(shown(&words, Reader::Desk), "Changed: role. Noted before: “Passport seen”.");
        for reader in [Reader::Holder, Reader::Desk] {
            assert_eq!(shown("In Lund.", reader), "In Lund.");
        }
    }
}
