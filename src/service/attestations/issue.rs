//! Our own statements: made when a credential is attested, taken back by a bit in a list, told to whoever follows.

use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    CREDENTIALS, canonical,
    keys::{self, Signer},
    refresh_badges, stamp as time,
};
use crate::{
    crypto::{SecretToken, bitstring::random_places},
    error::{Error, Result},
    model::{
        Account, AccountId, Credential, CredentialId, CredentialKind, CredentialSource, Event, ListPurpose,
        StatedSpecialty,
    },
    policy::{disciplines::NUCC, registers::Register},
    service::{Ctx, likeness, organization, specialties, urls},
    store::{
        self, Conn,
        attestations::{Changed, NewAttestation},
    },
};

/// What the institution itself stands by.
const ATTESTED: i16 = 4;
/// Statements of one list, of more than twice as many places: a free one is soon found.
const LIST_FULL: i64 = 60_000;
/// Places that are looked at at once for a free one.
const CANDIDATES: usize = 16;
/// Times that a place may be taken by somebody else in the last moment.
const TRIES: usize = 8;
/// Statements that are signed anew at once.
const AT_ONCE: usize = 500;

/// States what a credential says, in the transaction that attests it, and ends what was stated before about the same
/// credential or the one that it renews.
pub(in crate::service) async fn attest(
    ctx: &Ctx,
    conn: &mut Conn,
    credential: &Credential,
    holder: &Account,
) -> Result<()> {
    let now = ctx.now().trunc_subsecs(0);
    let until = ends(ctx, credential, now)?;
    let signer = keys::signer(ctx, conn).await?;
    let before = [Some(credential.id), credential.renews].into_iter().flatten().collect();
    let ended = store::attestations::end(conn, before, now).await?;
    clear(conn, &ended, ListPurpose::Revocation).await?;
    let checked = credential.checked_on.unwrap_or_else(|| now.date_naive());
    let specialties = stated(ctx, credential).await?;
    let issuer = organization::uri(ctx);
    let mut body = json!({
        "@context": [CREDENTIALS, urls::practitioner_terms(ctx)],
        "type": ["VerifiableCredential", "PractitionerCredential"],
        "issuer": { "id": issuer, "name": organization::name(ctx) },
        "validFrom": time(now),
        "validUntil": time(until),
        "credentialSubject": subject(ctx, credential, holder, (checked, specialties.as_slice()))?,
    });
    let evidence = evidence(conn, credential, checked).await?;
    if !evidence.is_empty() {
        add(&mut body, "evidence", evidence.into());
    }
    let new = NewAttestation {
        token: String::new(),
        account_id: holder.id,
        uri: String::new(),
        issuer_uri: issuer,
        document: String::new(),
        name: holder.name.clone(),
        discipline: credential.discipline.clone(),
        specialties: serde_json::to_value(specialties).map_err(|e| Error::Internal(e.into()))?,
        register: body_of(credential).to_owned(),
        jurisdiction: credential.jurisdiction.clone(),
        level: ATTESTED,
        checked_on: Some(checked),
        valid_from: now,
        valid_until: until,
        created_at: ctx.now(),
        credential_id: Some(credential.id),
        list_number: None,
        list_index: None,
        suspended_at: None,
    };
    let mut room = Room::find(conn).await?;
    put(ctx, conn, &signer, &mut room, (new, body)).await?;
    spread(ctx, conn, holder.id).await?;
    likeness::look_for(ctx, conn, holder.id).await
}

/// States anew what is stated about a credential already, with the same words and the same day of the check, and ends
/// that. Whether the name is still the one that was checked is for whoever calls to see.
pub(in crate::service) async fn restate(ctx: &Ctx, conn: &mut Conn, credential: &Credential) -> Result<()> {
    let now = ctx.now().trunc_subsecs(0);
    let until = ends(ctx, credential, now)?;
    let signer = keys::signer(ctx, conn).await?;
    let open = store::attestations::open_ids(conn, credential.id).await?;
    let mut room = Room::find(conn).await?;
    let mut ended = Vec::new();
    for old in store::attestations::take(conn, open, now).await? {
        ended.extend(old.list_number.map(|list| (old.account_id, list)));
        let new = NewAttestation { valid_from: now, valid_until: until, created_at: ctx.now(), ..old };
        put_again(ctx, conn, &signer, &mut room, new).await?;
    }
    clear(conn, &ended, ListPurpose::Revocation).await?;
    spread(ctx, conn, credential.account_id).await
}

/// Puts what was stated under another id, for another time.
async fn put_again(ctx: &Ctx, conn: &mut Conn, signer: &Signer, room: &mut Room, new: NewAttestation) -> Result<()> {
    let mut body: Value = serde_json::from_str(&new.document).map_err(|e| Error::Internal(e.into()))?;
    if let Some(body) = body.as_object_mut() {
        body.remove("proof");
    }
    add(&mut body, "validFrom", time(new.valid_from).into());
    add(&mut body, "validUntil", time(new.valid_until).into());
    put(ctx, conn, signer, room, (new, body)).await
}

/// Suspends what is stated about a credential, in the transaction that suspends it.
pub(in crate::service) async fn suspend(ctx: &Ctx, conn: &mut Conn, credential: CredentialId) -> Result<()> {
    hold(conn).await?;
    let changed = store::attestations::suspend(conn, credential, Some(ctx.now())).await?;
    changed_bits(ctx, conn, changed, ListPurpose::Suspension).await
}

/// Ends the suspension of what is stated about a credential. What has run out meanwhile is stated anew.
pub(in crate::service) async fn reinstate(ctx: &Ctx, conn: &mut Conn, credential: CredentialId) -> Result<()> {
    hold(conn).await?;
    let changed = store::attestations::suspend(conn, credential, None).await?;
    let newest = store::attestations::newest(conn, credential).await?;
    if newest.is_none_or(|newest| newest.valid_until > ctx.now()) {
        return changed_bits(ctx, conn, changed, ListPurpose::Suspension).await;
    }
    clear(conn, &changed, ListPurpose::Suspension).await?;
    let credential = store::credentials::get(conn, credential).await?;
    restate(ctx, conn, &credential).await
}

/// Takes back for good what is stated about a credential.
pub(in crate::service) async fn end(ctx: &Ctx, conn: &mut Conn, credential: CredentialId) -> Result<()> {
    hold(conn).await?;
    let changed = store::attestations::end(conn, vec![credential], ctx.now()).await?;
    changed_bits(ctx, conn, changed, ListPurpose::Revocation).await
}

/// Takes back for good whatever is stated about somebody who leaves: a statement in somebody's hands ends as well.
pub(in crate::service) async fn end_all_of(ctx: &Ctx, conn: &mut Conn, account: AccountId) -> Result<()> {
    hold(conn).await?;
    let changed = store::attestations::end_all_of(conn, account, ctx.now()).await?;
    clear(conn, &changed, ListPurpose::Revocation).await
}

/// Keeps the keys from being exchanged meanwhile, with which statements come and go.
async fn hold(conn: &mut Conn) -> Result<()> {
    store::issuing::current_key(conn).await.map(drop)
}

async fn changed_bits(ctx: &Ctx, conn: &mut Conn, changed: Vec<Changed>, purpose: ListPurpose) -> Result<()> {
    clear(conn, &changed, purpose).await?;
    tell(ctx, conn, changed.into_iter().map(|(account, _)| account).collect()).await
}

/// Has the lists signed anew in which these stand.
async fn clear(conn: &mut Conn, changed: &[Changed], purpose: ListPurpose) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    store::issuing::clear_lists(conn, changed.iter().map(|(_, list)| *list).collect(), purpose).await
}

/// Tells everybody that what is stated about somebody has changed: pages by the badge, other servers by an Update.
pub(in crate::service) async fn spread(ctx: &Ctx, conn: &mut Conn, account: AccountId) -> Result<()> {
    tell(ctx, conn, vec![account]).await
}

async fn tell(ctx: &Ctx, conn: &mut Conn, mut accounts: Vec<AccountId>) -> Result<()> {
    accounts.sort_unstable();
    accounts.dedup();
    refresh_badges(ctx, conn, &accounts).await?;
    store::attestations::touch(conn, accounts.clone(), ctx.now()).await?;
    for account in accounts {
        store::outbox::insert(conn, account, &Event::Profile).await?;
    }
    Ok(())
}

/// Signs anew, with the key that signs now, all that has neither ended nor run out; returns how much that was. What was
/// stated stays the same, and so does a suspension.
pub(super) async fn again(ctx: &Ctx, conn: &mut Conn) -> Result<usize> {
    let now = ctx.now().trunc_subsecs(0);
    let signer = keys::signer(ctx, conn).await?;
    let mut room = Room::find(conn).await?;
    let mut holders = Vec::new();
    let live = store::attestations::list_live_ids(conn, now).await?;
    for some in live.chunks(AT_ONCE) {
        for old in store::attestations::take(conn, some.to_vec(), now).await? {
            holders.push(old.account_id);
            let new = NewAttestation { valid_from: now, created_at: ctx.now(), ..old };
            put_again(ctx, conn, &signer, &mut room, new).await?;
        }
    }
    let reissued = holders.len();
    tell(ctx, conn, holders).await?;
    Ok(reissued)
}

/// The list that statements are put into, and how many of its places are taken.
struct Room {
    number: i32,
    taken: i64,
}

impl Room {
    async fn find(conn: &mut Conn) -> Result<Self> {
        let (number, taken) = store::issuing::newest_list(conn).await?;
        store::issuing::add_list(conn, number).await?;
        Ok(Self { number, taken })
    }

    /// The number of a list in which there is room for one more.
    async fn next(&mut self, conn: &mut Conn) -> Result<i32> {
        if self.taken >= LIST_FULL {
            (self.number, self.taken) = (self.number + 1, 0);
            store::issuing::add_list(conn, self.number).await?;
        }
        self.taken += 1;
        Ok(self.number)
    }
}

/// Gives a statement its id and its place, signs it and keeps it.
async fn put(
    ctx: &Ctx,
    conn: &mut Conn,
    signer: &Signer,
    room: &mut Room,
    (mut new, mut body): (NewAttestation, Value),
) -> Result<()> {
    let number = room.next(conn).await?;
    SecretToken::generate().as_str().clone_into(&mut new.token);
    new.uri = urls::statement(ctx, &new.token);
    add(&mut body, "id", new.uri.clone().into());
    for _ in 0..TRIES {
        let place = store::issuing::free_place(conn, number, random_places(CANDIDATES)).await?;
        let Some(place) = place else { continue };
        let mut document = body.clone();
        add(&mut document, "credentialStatus", status(ctx, number, place));
        signer.sign(&mut document, new.valid_from)?;
        new.document = canonical(&document)?;
        (new.list_number, new.list_index) = (Some(number), Some(place));
        if store::attestations::insert(conn, &new).await? {
            return Ok(());
        }
    }
    Err(Error::internal("no free place was found in the status lists"))
}

/// Where it can be seen that a statement was taken back: the same place in both lists.
fn status(ctx: &Ctx, number: i32, place: i32) -> Value {
    let entry = |purpose: ListPurpose| {
        let list = urls::status_list(ctx, purpose, number);
        json!({
            "id": format!("{list}#{place}"), "type": "BitstringStatusListEntry", "statusPurpose": purpose.as_str(),
            "statusListIndex": place.to_string(), "statusListCredential": list,
        })
    };
    json!([entry(ListPurpose::Revocation), entry(ListPurpose::Suspension)])
}

/// Of whom and what a statement speaks. No number, nothing of any evidence, and no name but the one that is shown.
fn subject(
    ctx: &Ctx,
    credential: &Credential,
    holder: &Account,
    (checked, specialties): (NaiveDate, &[StatedSpecialty]),
) -> Result<Value> {
    let mut subject = json!({
        "id": holder.uri,
        "type": "Practitioner",
        "name": holder.name,
        "handle": format!("{}@{}", holder.username, ctx.config.instance.host()),
        "discipline": credential.discipline,
        "level": ATTESTED,
        "checkedOn": checked.to_string(),
    });
    if !credential.role.is_empty() {
        add(&mut subject, "role", credential.role.clone().into());
    }
    if !specialties.is_empty() {
        let specialties = serde_json::to_value(specialties).map_err(|e| Error::Internal(e.into()))?;
        add(&mut subject, "specialty", specialties);
    }
    let (kind, body, jurisdiction) = (credential.kind.as_str(), body_of(credential), &credential.jurisdiction);
    let (member, claim) = match credential.kind {
        CredentialKind::Registration | CredentialKind::Specialist => {
            let mut licence = json!({
                "type": kind, "jurisdiction": jurisdiction, "register": body, "status": "active",
            });
            if !credential.register.is_empty() {
                add(&mut licence, "registerKey", credential.register.clone().into());
            }
            ("licence", licence)
        }
        CredentialKind::Degree => {
            ("qualification", json!({ "type": kind, "body": body, "jurisdiction": jurisdiction }))
        }
        CredentialKind::Employment | CredentialKind::Training => {
            ("affiliation", json!({ "type": kind, "body": body, "jurisdiction": jurisdiction }))
        }
    };
    add(&mut subject, member, claim);
    Ok(subject)
}

/// The body that stands behind a credential, in words.
fn body_of(credential: &Credential) -> &str {
    let register = Register::find(&credential.register).map_or("", |register| register.name);
    if credential.body.trim().is_empty() { register } else { &credential.body }
}

async fn stated(ctx: &Ctx, credential: &Credential) -> Result<Vec<StatedSpecialty>> {
    let mut stated = Vec::new();
    for code in &credential.specialties {
        let display = specialties::label(ctx, code).await?;
        stated.push(StatedSpecialty { system: NUCC.into(), code: code.clone(), display });
    }
    Ok(stated)
}

/// By what the institution has come to stand by it: kinds and days alone.
async fn evidence(conn: &mut Conn, credential: &Credential, checked: NaiveDate) -> Result<Vec<Value>> {
    let mailbox = store::credentials::mailbox::find(conn, credential.id).await?.and_then(|proof| proof.proven_at);
    let registered = match &credential.number_index {
        Some(index) if !credential.register.is_empty() => {
            store::registers::find_entry(conn, &credential.register, index).await?.is_some_and(|entry| entry.active)
        }
        Some(_) | None => false,
    };
    // Seen in the register by the verifier, or in the copy of it that we have.
    let seen = credential.ticked.iter().any(|item| item == "number");
    let kinds = [
        ("RegisterLookup", (registered || seen).then_some(checked)),
        // What came with it and was not looked at is no ground.
        ("DocumentReview", (!credential.seen.trim().is_empty()).then_some(checked)),
        ("MailboxControl", mailbox.map(|at| at.date_naive())),
        ("HrRecord", (credential.source == CredentialSource::Staff).then_some(checked)),
    ];
    let dated = kinds.into_iter().filter_map(|(kind, day)| Some((kind, day?)));
    Ok(dated.map(|(kind, day)| json!({ "type": kind, "verifiedOn": day.to_string() })).collect())
}

/// When a statement made now ends: with its credential, and after some time in any case.
fn ends(ctx: &Ctx, credential: &Credential, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let latest = now + TimeDelta::days(ctx.config.verification.valid_days);
    let day_after = credential.expires_on.and_then(|day| day.succ_opt());
    let ends = day_after.map_or(latest, |day| day.and_time(NaiveTime::MIN).and_utc().min(latest));
    if ends <= now {
        return Err(Error::Conflict("This credential has run out. Its holder can renew it.".into()));
    }
    Ok(ends)
}

fn add(document: &mut Value, name: &str, value: Value) {
    if let Some(members) = document.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// The last part of the address of what was last stated about a credential, whether it holds or not.
pub async fn token_of(ctx: &Ctx, credential: CredentialId) -> Result<Option<String>> {
    let newest = store::attestations::newest(&mut *ctx.pool.read().await?, credential).await?;
    Ok(newest.map(|one| one.token))
}

/// One of our statements as it was signed, canonical JSON; whether it holds is told by the lists.
pub async fn document(ctx: &Ctx, token: &str) -> Result<String> {
    let found = store::attestations::find_by_token(&mut *ctx.pool.read().await?, token).await?;
    found.filter(|one| one.credential_id.is_some()).map(|one| one.document).ok_or(Error::NotFound)
}
