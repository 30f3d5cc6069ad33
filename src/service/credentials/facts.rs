//! What registers and mailboxes say of a credential, and what there is to look out for.

use std::collections::{HashMap, HashSet};

use crate::{
    error::Result,
    model::{AccountId, Credential, CredentialId, CredentialSource, CredentialState, RegisterEntry},
    policy::{
        credentials::{self, Reached, Two},
        matching::{self, Claim, Comparison},
        registers::Register,
    },
    service::Ctx,
    store::{self, Conn},
    text::{fold, is_called},
};

/// Why a name that was changed leads to a re-check.
pub(super) const NAME_CHANGED: &str = "The name on the profile changed.";
/// Why the desk looks at what the staff list says of somebody whose name was never the same.
pub(super) const NAME_OTHER: &str = "The name on the profile is not the one on the staff list.";

/// What the desk should look out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Somebody else claims the same number.
    SameNumber,
    /// Somebody else has proven the same mailbox.
    SameMailbox,
    /// The same number, or the same of this holder, was suspended, revoked or rejected earlier.
    Before,
    /// There is no copy of the register to compare with.
    NoRegister,
    /// The register's copy does not have the number.
    NotInRegister,
    /// The register says that they may not practise.
    Inactive,
    /// So many things are not as the register has them.
    Differences(usize),
    /// The name that people see is not the registered one.
    ShownName,
    /// The number names its holder by the initial of another family name.
    OtherInitial,
    /// A re-check is due.
    Recheck,
    /// The name on the profile changed since, or never was the one on the staff list.
    NameChanged,
    /// One person has said yes, a second has to look.
    SecondLook,
}

/// What is known of a credential from elsewhere.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What other records tell.
    elsewhere: Vec<Flag>,
    has_copy: bool,
    pub(super) entry: Option<RegisterEntry>,
    pub(super) comparison: Option<Comparison>,
}

/// What is known of these: five queries, whatever their number.
pub(super) async fn of(conn: &mut Conn, me: AccountId, all: &[&Credential]) -> Result<HashMap<CredentialId, Facts>> {
    let ids: Vec<CredentialId> = all.iter().map(|c| c.id).collect();
    let told: [(Flag, HashSet<CredentialId>); 3] = [
        (Flag::SameNumber, set(store::credentials::queue::with_same_number(conn, me, ids.clone()).await?)),
        (Flag::SameMailbox, set(store::credentials::mailbox::shared(conn, ids.clone()).await?)),
        (Flag::Before, set(store::credentials::with_earlier_end(conn, ids.clone()).await?)),
    ];
    let copies = store::credentials::queue::registers(conn).await?;
    let mut entries: HashMap<CredentialId, RegisterEntry> =
        store::credentials::queue::entries(conn, ids).await?.into_iter().collect();
    let of_one = |credential: &&Credential| {
        let entry = entries.remove(&credential.id);
        let facts = Facts {
            elsewhere: told.iter().filter(|(_, ids)| ids.contains(&credential.id)).map(|(flag, _)| *flag).collect(),
            has_copy: copies.contains(&credential.register),
            comparison: entry.as_ref().map(|entry| compare(credential, entry)),
            entry,
        };
        (credential.id, facts)
    };
    Ok(all.iter().map(of_one).collect())
}

fn set(ids: Vec<CredentialId>) -> HashSet<CredentialId> {
    ids.into_iter().collect()
}

fn compare(credential: &Credential, entry: &RegisterEntry) -> Comparison {
    let (family_folded, given_folded) = (fold(&credential.family_name), fold(&credential.given_names));
    let claim = Claim {
        family_name: &credential.family_name,
        given_names: &credential.given_names,
        family_folded: &family_folded,
        given_folded: &given_folded,
        discipline: &credential.discipline,
        specialties: &credential.specialties,
        expires_on: credential.expires_on,
    };
    matching::compare(&claim, entry)
}

impl Facts {
    /// What the register's copy has against it.
    fn against(&self, credential: &Credential) -> Option<Flag> {
        match &self.entry {
            Some(entry) if !entry.active => Some(Flag::Inactive),
            None if self.has_copy && credential.number_index.is_some() => Some(Flag::NotInRegister),
            Some(_) | None => None,
        }
    }

    /// The same in words; none where it has nothing against it.
    pub(super) fn objection(&self, credential: &Credential) -> Option<&'static str> {
        self.against(credential).map(|flag| match flag {
            Flag::Inactive => "The copy of the register says that it is not active.",
            _ => "The copy of the register does not have it.",
        })
    }

    /// What the desk should look out for. `shown` is the name that people see of its holder.
    pub(super) fn flags(&self, credential: &Credential, shown: &str) -> Vec<Flag> {
        let unkept = credential.kind.is_registered() && !self.has_copy && self.entry.is_none();
        let differences = self.comparison.as_ref().map_or(0, Comparison::differences);
        let recheck = credential.state == CredentialState::RecheckDue;
        let named = [NAME_CHANGED, NAME_OTHER].iter().any(|why| credential.recheck_reason.contains(why));
        let called = is_called(shown, &credential.family_name, &credential.given_names);
        let own = [
            unkept.then_some(Flag::NoRegister),
            self.against(credential),
            (differences > 0).then_some(Flag::Differences(differences)),
            (!called).then_some(Flag::ShownName),
            recheck.then_some(Flag::Recheck),
            (credential.state.is_waiting() && named).then_some(Flag::NameChanged),
            (credential.confirmed_by.is_some() && credential.state.is_waiting()).then_some(Flag::SecondLook),
        ];
        self.elsewhere.iter().copied().chain(own.into_iter().flatten()).collect()
    }
}

/// What the number itself, opened, has against the name. It is told where one credential is on the table alone, as lists
/// open no numbers.
pub(super) fn initial(credential: &Credential, number: &str) -> Option<Flag> {
    let register = Register::find(&credential.register)?;
    register.has_other_initial(number, &credential.family_name, fold).then_some(Flag::OtherInitial)
}

/// How far a credential is checked, apart from anybody's decision.
pub(super) async fn reached(conn: &mut Conn, credential: &Credential) -> Result<Reached> {
    let found = store::credentials::queue::entries(conn, vec![credential.id]).await?;
    let mailbox = store::credentials::mailbox::find(conn, credential.id).await?;
    Ok(Reached {
        matched: found.first().is_some_and(|(_, entry)| compare(credential, entry).matches()),
        proven: credential.source == CredentialSource::Staff || mailbox.is_some_and(|proof| proof.proven_at.is_some()),
        seen: !credential.seen.is_empty(),
    })
}

/// In what two persons decide about it.
pub(super) fn needs_two(ctx: &Ctx, credential: &Credential, reached: Reached) -> Two {
    credentials::needs_two(&ctx.config.verification, &credential.register, reached.before_desk())
}
