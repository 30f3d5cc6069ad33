//! The audit log: who did what to whom, and why, as a chain in which a later change shows.
//!
//! Each entry carries the hash of the one before it. What is hashed is the canonical JSON (RFC 8785) of an entry as
//! exports show it, without its own hash; what has no origin is hashed without one. No secret, no text of a post or report and no e-mail address goes in.

use std::fmt;

use chrono::{SecondsFormat, SubsecRound};
use serde_json::{Value, json};

use super::{Ctx, Page, Paged};
use crate::{
    crypto::{digest, jcs},
    error::{Error, Result},
    model::{
        AccountId, AnnouncementId, AuditAction, AuditEntry, AuditSubject, CredentialId, DeadLetter, Host, InvitationId,
        ReportId,
    },
    policy::{Viewer, moderation},
    store::{self, Conn},
    text::handle,
};

/// Who stands in an entry where somebody gave a command on the server itself. No handle, as those carry a host.
pub const OPERATOR: &str = "operator";
/// Who stands in an entry where nobody did it but the clock.
pub const HOUSE: &str = "server";
/// What the first entry has in place of a hash before it, in hexadecimal.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// How many entries are held at once where the whole log is read.
const AT_ONCE: i64 = 500;

tokio::task_local! {
    static ORIGIN: String;
}

/// Carries out a request that comes from a network address: entries of what it does say so.
pub async fn coming_from<F: Future>(origin: String, request: F) -> F::Output {
    ORIGIN.scope(origin, request).await
}

/// By whom a deed is done.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// One of our people.
    Account(AccountId),
    /// Whoever runs commands on the server.
    Operator,
    /// Nobody: the clock, or the copy of a register.
    House,
}

/// About whom or what.
#[derive(Debug, Clone, Copy)]
pub(super) enum About<'a> {
    /// Somebody.
    Account(AccountId),
    /// A group, by its number alone: whoever reads the log need not know of it.
    Group(AccountId),
    /// Another server.
    Host(&'a Host),
    /// An invitation.
    Invitation(InvitationId),
    /// A report, and whom it is about.
    Report(ReportId, AccountId),
    /// An announcement.
    Announcement(AnnouncementId),
    /// A dead letter.
    DeadLetter(&'a DeadLetter),
    /// A credential, and whose it is.
    Credential(CredentialId, AccountId),
    /// A register, by its key.
    Register(&'a str),
    /// Another institution, by its id.
    Issuer(&'a str),
    /// This instance.
    Instance,
}

/// What is to be written down.
#[derive(Debug)]
pub(super) struct Deed<'a> {
    by: By,
    action: AuditAction,
    about: About<'a>,
    reason: &'a str,
    details: Value,
}

impl<'a> Deed<'a> {
    /// A deed without a reason and without details.
    pub(super) fn new(by: By, action: AuditAction, about: About<'a>) -> Self {
        Self { by, action, about, reason: "", details: json!({}) }
    }

    /// Why, as it was typed.
    #[must_use]
    pub(super) fn because(mut self, reason: &'a str) -> Self {
        self.reason = reason.trim();
        self
    }

    /// What else tells it: an object of short words and whole numbers; ids are words.
    #[must_use]
    pub(super) fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}

/// Writes a deed down, in the transaction of the deed and just before its commit: until then all others wait.
pub(super) async fn record(ctx: &Ctx, conn: &mut Conn, deed: Deed<'_>) -> Result<()> {
    let (actor_id, actor) = match deed.by {
        By::Account(id) => (Some(id), handle_of(ctx, conn, id).await?),
        By::Operator => (None, OPERATOR.to_owned()),
        By::House => (None, HOUSE.to_owned()),
    };
    let (kind, subject_id, subject) = subject(ctx, conn, deed.about).await?;
    let (last, previous) = store::audit::lock_head(conn).await?.unwrap_or_else(|| (0, vec![0; 32]));
    let mut entry = AuditEntry {
        seq: last + 1,
        // As the database keeps it: what was hashed must be what is read again.
        at: ctx.now().trunc_subsecs(6),
        actor_id,
        actor,
        action: deed.action.to_string(),
        subject_kind: kind.to_string(),
        subject_id,
        subject,
        origin: match deed.by {
            By::Account(_) => ORIGIN.try_with(String::clone).unwrap_or_else(|_outside_a_request| String::new()),
            By::Operator | By::House => String::new(),
        },
        reason: deed.reason.to_owned(),
        details: deed.details,
        previous,
        hash: Vec::new(),
    };
    entry.hash = hash_of(&entry)?.to_vec();
    store::audit::insert(conn, entry).await
}

async fn subject(ctx: &Ctx, conn: &mut Conn, about: About<'_>) -> Result<(AuditSubject, String, String)> {
    Ok(match about {
        About::Account(id) => (AuditSubject::Account, id.to_string(), handle_of(ctx, conn, id).await?),
        About::Group(id) => (AuditSubject::Account, id.to_string(), String::new()),
        About::Host(host) => (AuditSubject::Host, host.id.to_string(), host.name.clone()),
        About::Invitation(id) => (AuditSubject::Invitation, id.to_string(), String::new()),
        About::Report(id, target) => (AuditSubject::Report, id.to_string(), handle_of(ctx, conn, target).await?),
        About::Announcement(id) => (AuditSubject::Announcement, id.to_string(), String::new()),
        About::DeadLetter(letter) => (AuditSubject::DeadLetter, letter.id.to_string(), letter.host.clone()),
        About::Credential(id, holder) => {
            (AuditSubject::Credential, id.to_string(), handle_of(ctx, conn, holder).await?)
        }
        About::Register(key) => (AuditSubject::Register, key.to_owned(), key.to_owned()),
        About::Issuer(uri) => (AuditSubject::Issuer, uri.to_owned(), uri.to_owned()),
        About::Instance => (AuditSubject::Instance, ctx.config.instance.host(), ctx.config.instance.host()),
    })
}

/// A handle that says also elsewhere and later whose it is: with the host, for our own people too.
async fn handle_of(ctx: &Ctx, conn: &mut Conn, id: AccountId) -> Result<String> {
    let account = store::accounts::get(conn, id).await?;
    Ok(format!("{}@{}", account.username, account.host.unwrap_or_else(|| ctx.config.instance.host())))
}

/// What is hashed.
fn content(entry: &AuditEntry) -> Value {
    let mut content = json!({
        "seq": entry.seq,
        "at": entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "actor_id": entry.actor_id.map(|id| id.to_string()),
        "actor": entry.actor,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "subject": entry.subject,
        "reason": entry.reason,
        "details": entry.details,
        "previous": digest::hex(&entry.previous),
    });
    if let Value::Object(fields) = &mut content
        && !entry.origin.is_empty()
    {
        fields.insert("origin".into(), entry.origin.clone().into());
    }
    content
}

fn hash_of(entry: &AuditEntry) -> Result<[u8; 32]> {
    let bytes = jcs::canonicalize_for_signing(&content(entry)).map_err(|e| Error::Internal(e.into()))?;
    Ok(digest::sha256(&bytes))
}

/// The whole entry.
fn document(entry: &AuditEntry) -> Value {
    let mut document = content(entry);
    if let Value::Object(fields) = &mut document {
        fields.insert("hash".into(), digest::hex(&entry.hash).into());
    }
    document
}

/// An entry as a line of an export, without the end of the line.
pub fn line(entry: &AuditEntry) -> Result<String> {
    let bytes = jcs::canonicalize(&document(entry)).map_err(|e| Error::Internal(e.into()))?;
    String::from_utf8(bytes).map_err(|e| Error::Internal(e.into()))
}

/// A page for admins, newest first; with a name only what that person did and what was about that person or server.
pub async fn list(ctx: &Ctx, viewer: &Viewer, name: &str, page: &Page) -> Result<Paged<AuditEntry>> {
    moderation::require_audit_reader(viewer)?;
    let mut conn = ctx.pool.read().await?;
    if name.trim().is_empty() {
        return store::audit::list(&mut conn, None, page).await;
    }
    match meant(name, &ctx.config.instance.host()) {
        Some(name) => store::audit::list(&mut conn, Some(&name), page).await,
        None => Ok(Paged { items: Vec::new(), older: None, newer: None }),
    }
}

/// How a name that somebody typed stands in entries; none where it can stand in no entry.
fn meant(typed: &str, own_host: &str) -> Option<String> {
    let typed = typed.trim().to_lowercase();
    // As the page calls them.
    let bare = typed.strip_prefix("the ").unwrap_or(&typed);
    if [OPERATOR, HOUSE].contains(&bare) {
        return Some(bare.to_owned());
    }
    if typed.contains('.') && !typed.contains('@') {
        return handle::normal_host(&typed);
    }
    let found = handle::parse(&typed, own_host)?;
    Some(format!("{}@{}", found.username, found.host.as_deref().unwrap_or(own_host)))
}

/// The next entries after a place, oldest first, some hundreds at once, for the operator; none at the end.
pub async fn after_by_operator(ctx: &Ctx, seq: i64) -> Result<Vec<AuditEntry>> {
    store::audit::after(&mut *ctx.pool.get().await?, seq, AT_ONCE).await
}

/// Walks the whole log of the database.
pub async fn verify(ctx: &Ctx, chain: &mut Chain) -> Result<Result<(), Broken>> {
    let mut last = i64::MIN;
    loop {
        let entries = after_by_operator(ctx, last).await?;
        let Some(newest) = entries.last() else { return Ok(chain.end()) };
        last = newest.seq;
        for entry in &entries {
            if let Err(broken) = chain.add(document(entry)) {
                return Ok(Err(broken));
            }
        }
    }
}

/// What is wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// An entry does not say what it said.
    Changed(i64),
    /// An entry is not there, and later ones are.
    Missing(i64),
    /// An entry does not follow from the one before.
    OutOfOrder(i64),
    /// The head that was kept from an earlier look is not there.
    Cut,
}

impl Broken {
    /// One word, for scripts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed(_) => "changed",
            Self::Missing(_) => "missing",
            Self::OutOfOrder(_) => "out_of_order",
            Self::Cut => "cut",
        }
    }

    /// The first entry that is wrong, where it can be named.
    pub fn entry(self) -> Option<i64> {
        match self {
            Self::Changed(seq) | Self::Missing(seq) | Self::OutOfOrder(seq) => Some(seq),
            Self::Cut => None,
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(seq) => write!(f, "entry {seq} was changed: its hash does not fit what it says."),
            Self::Missing(seq) => write!(f, "entry {seq} is missing: another one stands in its place."),
            Self::OutOfOrder(seq) => write!(
                f,
                "entry {seq} is out of order: it does not follow from what stands before it, which was exchanged or \
                 written anew."
            ),
            Self::Cut => {
                f.write_str("the head that was kept is not in it: its end was cut off, or all was written anew.")
            }
        }
    }
}

/// A log as far as it has been walked. It holds no more than one entry, whatever the length.
#[derive(Debug, Clone)]
pub struct Chain {
    entries: i64,
    head: String,
    /// Heads that have to be met on the way, some of them at a known place.
    awaited: Vec<(Option<i64>, String)>,
}

impl Chain {
    /// An empty log. `kept` is the head of an earlier look, which has to be met on the way.
    pub fn new(kept: Option<&str>) -> Self {
        let kept = kept.map(|head| head.trim().to_lowercase()).filter(|head| head != NOTHING);
        Self { entries: 0, head: NOTHING.to_owned(), awaited: kept.map(|head| (None, head)).into_iter().collect() }
    }

    /// One more head that has to be met, at its place.
    pub fn expect(&mut self, seq: i64, hash: &str) {
        self.awaited.push((Some(seq), hash.to_lowercase()));
    }

    /// How many entries stand.
    pub fn entries(&self) -> i64 {
        self.entries
    }

    /// The hash of the newest of them, in hexadecimal; zeros for none.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Takes the next line of an export.
    pub fn add_line(&mut self, line: &[u8]) -> Result<(), Broken> {
        let entry = jcs::parse_strict(line).map_err(|_| Broken::Changed(self.entries + 1))?;
        self.add(entry)
    }

    /// Takes the next entry, whatever fields it has.
    fn add(&mut self, entry: Value) -> Result<(), Broken> {
        let next = self.entries + 1;
        let Value::Object(mut fields) = entry else { return Err(Broken::Changed(next)) };
        let Some(Value::String(hash)) = fields.remove("hash") else { return Err(Broken::Changed(next)) };
        let seq = fields.get("seq").and_then(Value::as_i64).ok_or(Broken::Changed(next))?;
        if seq > next {
            return Err(Broken::Missing(next));
        }
        if seq < next || fields.get("previous").and_then(Value::as_str) != Some(self.head.as_str()) {
            return Err(Broken::OutOfOrder(seq));
        }
        let bytes = jcs::canonicalize_for_signing(&Value::Object(fields)).map_err(|_| Broken::Changed(seq))?;
        if digest::sha256_hex(&bytes) != hash {
            return Err(Broken::Changed(seq));
        }
        self.entries = seq;
        self.awaited.retain(|(place, head)| *head != hash || place.is_some_and(|place| place != seq));
        self.head = hash;
        Ok(())
    }

    /// Whether all that was awaited has come.
    pub fn end(&self) -> Result<(), Broken> {
        if self.awaited.is_empty() { Ok(()) } else { Err(Broken::Cut) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> AuditEntry {
        AuditEntry {
            seq: 7,
            at: chrono::DateTime::from_timestamp_micros(1_795_511_520_000_042).unwrap(),
            actor_id: Some(AccountId(117_321_145_417_728_001)),
            actor: "rooty@alpha.test".into(),
            action: AuditAction::SetRole.to_string(),
            subject_kind: AuditSubject::Account.to_string(),
            subject_id: "117321145417728002".into(),
            subject: "ada@alpha.test".into(),
            origin: String::new(),
            reason: "Leads the “ethics” board\nfrom May".into(),
            details: json!({ "to": "moderator", "from": "clinician", "days": 7 }),
            previous: vec![0xab; 32],
            hash: Vec::new(),
        }
    }

    /// So many entries that follow from each other, as lines.
    fn log(length: i64) -> Vec<String> {
        let mut previous = vec![0; 32];
        let mut lines = Vec::new();
        for seq in 1..=length {
            let mut one = AuditEntry { seq, previous, ..entry() };
            one.hash = hash_of(&one).unwrap().to_vec();
            previous = one.hash.clone();
            lines.push(line(&one).unwrap());
        }
        lines
    }

    fn walk(lines: &[String], kept: Option<&str>) -> Result<Chain, Broken> {
        let mut chain = Chain::new(kept);
        for line in lines {
            chain.add_line(line.as_bytes())?;
        }
        chain.end().map(|()| chain)
    }

    #[test]
    fn the_hash_of_an_entry_is_what_any_other_program_computes() {
        // Python: hashlib.sha256(json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
        let expected = "f48706789d97a09614a4beebdc0e56c55fc5f48431cc85a075817030850cfedc";
        assert_eq!(digest::hex(&hash_of(&entry()).unwrap()), expected);
    }

    #[test]
    fn from_where_a_deed_was_done_is_hashed_with_it() {
        let from = |origin: &str| AuditEntry { origin: origin.into(), ..entry() };
        let mut one = AuditEntry { seq: 1, previous: vec![0; 32], ..from("192.0.2.7") };
        one.hash = hash_of(&one).unwrap().to_vec();
        let line = line(&one).unwrap();
        assert!(line.contains("\"origin\":\"192.0.2.7\""));
        assert!(walk(std::slice::from_ref(&line), None).is_ok());
        assert_eq!(walk(&[line.replace("192.0.2.7", "192.0.2.8")], None).unwrap_err(), Broken::Changed(1));
    }

    #[test]
    fn a_log_that_nobody_touched_stands() {
        let chain = walk(&log(3), None).unwrap();
        assert_eq!(chain.entries(), 3);
        assert!(log(3)[2].contains(chain.head()));
        assert_eq!(walk(&[], None).unwrap().head(), NOTHING);
    }

    #[test]
    fn the_first_entry_that_was_touched_is_named() {
        let mut changed = log(4);
        changed[1] = changed[1].replace("May", "June");
        assert_eq!(walk(&changed, None).unwrap_err(), Broken::Changed(2));
        let mut removed = log(4);
        removed.remove(1);
        assert_eq!(walk(&removed, None).unwrap_err(), Broken::Missing(2));
        let mut exchanged = log(4);
        exchanged.swap(1, 2);
        assert_eq!(walk(&exchanged, None).unwrap_err(), Broken::Missing(2));
        let twice = [log(2), log(2)].concat();
        assert_eq!(walk(&twice, None).unwrap_err(), Broken::OutOfOrder(1));
        let mut anew = log(4);
        let mut one = AuditEntry { seq: 1, previous: vec![0; 32], reason: "Another".into(), ..entry() };
        one.hash = hash_of(&one).unwrap().to_vec();
        anew[0] = line(&one).unwrap();
        assert_eq!(walk(&anew, None).unwrap_err(), Broken::OutOfOrder(2));
        assert_eq!(walk(&["no entry".to_owned()], None).unwrap_err(), Broken::Changed(1));
    }

    #[test]
    fn a_log_whose_end_was_cut_off_lacks_the_head_that_was_kept() {
        let head = walk(&log(3), None).unwrap().head().to_owned();
        assert!(walk(&log(5), Some(&head)).is_ok());
        assert_eq!(walk(&log(2), Some(&head)).unwrap_err(), Broken::Cut);
        assert!(walk(&log(2), Some(NOTHING)).is_ok());
        let ends_with = |lines: &[String], seq| {
            let mut chain = Chain::new(None);
            chain.expect(seq, &head);
            for line in lines {
                chain.add_line(line.as_bytes()).unwrap();
            }
            chain.end()
        };
        assert_eq!(ends_with(&log(5), 3), Ok(()));
        assert_eq!(ends_with(&log(2), 3), Err(Broken::Cut));
        assert_eq!(ends_with(&log(5), 4), Err(Broken::Cut), "it is another entry's");
    }

    #[test]
    fn a_name_is_found_however_it_is_typed() {
        let found = |typed: &str| meant(typed, "alpha.test");
        for typed in ["ada", " @Ada", "ada@alpha.test", "@ada@ALPHA.test"] {
            assert_eq!(found(typed).unwrap(), "ada@alpha.test");
        }
        assert_eq!(found("@bo@beta.test").unwrap(), "bo@beta.test");
        assert_eq!(found("Beta.test").unwrap(), "beta.test");
        for name in [OPERATOR, HOUSE] {
            for typed in [name.to_owned(), format!("The {name}"), format!(" {}", name.to_uppercase())] {
                assert_eq!(found(&typed).unwrap(), name);
            }
            assert_eq!(found(&format!("@{name}")).unwrap(), format!("{name}@alpha.test"), "a person may be called so");
        }
        assert_eq!(found("two words"), None);
    }
}
