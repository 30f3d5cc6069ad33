//! Who may do what with a credential, how far it is checked, and when one person alone is not enough.

use chrono::{DateTime, TimeDelta, Utc};

use super::Viewer;
use crate::{
    config::Verification,
    error::{Error, Result},
    model::{AccountId, Credential, CredentialSource, CredentialState, EvidenceOpening, EvidenceOpeningState, Role},
};

/// The level of what the institution itself stands by.
pub const ATTESTED: i16 = 4;

/// Whether the institution stands by it now. What had to be looked at again as its suspension ended is back at the desk
/// without that: it has less than the highest level until somebody has looked.
pub fn holds(credential: &Credential) -> bool {
    credential.state.is_in_force() && credential.level >= ATTESTED
}

/// Whether it waits for anybody at the desk who takes it.
pub fn is_free(credential: &Credential) -> bool {
    credential.claimed_by.is_none()
        && matches!(credential.state, CredentialState::Submitted | CredentialState::RecheckDue)
}

/// Whether its holder may change what it says: a draft, or what the desk has asked about. What the staff list says is
/// the list's.
pub fn may_edit(credential: &Credential) -> bool {
    credential.state.is_with_holder() && credential.source == CredentialSource::Clinician
}

/// Whether its holder may bring a new one in its place. What the staff list says the list itself renews.
pub fn may_renew(credential: &Credential) -> bool {
    (credential.state.is_in_force() || credential.state == CredentialState::Expired)
        && credential.source == CredentialSource::Clinician
}

/// Verifiers and admins work at the desk; for everybody else there is none.
pub fn require_verifier(viewer: &Viewer) -> Result<AccountId> {
    match viewer {
        Viewer::Account { id, role: Role::Verifier | Role::Admin } => Ok(*id),
        Viewer::Account { .. } | Viewer::Anonymous | Viewer::Remote { .. } => Err(Error::NotFound),
    }
}

/// Nobody decides about what is their own, nor sees what the desk notes of it.
pub fn require_other(me: AccountId, holder: AccountId) -> Result<()> {
    if me == holder { Err(Error::Forbidden("This is your own: a colleague decides about it.")) } else { Ok(()) }
}

/// In what two persons decide about a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Two {
    /// In saying yes, and in ending a suspension.
    pub attest: bool,
    /// In taking it back for good.
    pub revoke: bool,
    /// In opening a document of it.
    pub open: bool,
}

/// In what two persons decide. `level` is what was reached before anybody at the desk said anything.
pub fn needs_two(config: &Verification, register: &str, level: i16) -> Two {
    let attest = config.two_persons.iter().any(|key| key == "*" || (!register.is_empty() && key == register))
        || level < config.two_persons_below;
    Two { attest, revoke: attest || config.revoke_by_two, open: attest || config.evidence_by_two }
}

/// Whether this person may say yes to it.
pub fn may_decide(me: AccountId, credential: &Credential, two_persons: bool) -> Result<()> {
    require_other(me, credential.account_id)?;
    if two_persons && credential.confirmed_by == Some(me) {
        return Err(Error::Forbidden("You have said yes already. Two persons decide here: a colleague confirms."));
    }
    Ok(())
}

/// Whether this person may revoke it.
pub fn may_revoke(me: AccountId, credential: &Credential, two_persons: bool) -> Result<()> {
    require_other(me, credential.account_id)?;
    if !two_persons {
        return Ok(());
    }
    match credential.decided_by {
        _ if credential.state != CredentialState::Suspended => Err(Error::Forbidden(
            "Two persons revoke: suspend it, which ends its badge at once, and a colleague revokes it.",
        )),
        Some(who) if who == me => {
            Err(Error::Forbidden("Two persons revoke: you have suspended it, a colleague revokes it."))
        }
        Some(_) => Ok(()),
        None => Err(Error::Forbidden(
            "Two persons revoke, and the clock is none of them: suspend it yourself, and a colleague revokes it.",
        )),
    }
}

/// Whether this person may end its suspension. Where two persons decide, whoever has suspended it does not look alone.
pub fn may_reinstate(me: AccountId, credential: &Credential, two_persons: bool) -> Result<()> {
    require_other(me, credential.account_id)?;
    if two_persons && credential.decided_by == Some(me) {
        return Err(Error::Forbidden("Two persons decide here: you have suspended it, a colleague ends that."));
    }
    Ok(())
}

/// How far a credential is checked, apart from anybody's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// The register's copy has it, and it fits.
    pub matched: bool,
    /// A code came back from a mailbox of the institution, or its staff list says so.
    pub proven: bool,
    /// A verifier noted which evidence was seen.
    pub seen: bool,
}

impl Reached {
    /// The level without what anybody at the desk has done.
    pub fn before_desk(self) -> i16 {
        match self {
            Self { proven: true, .. } => 3,
            Self { matched: true, .. } => 2,
            Self { .. } => 1,
        }
    }

    /// The level of a credential. The highest one is given by a decision alone, and lost by one.
    pub fn level(self, credential: &Credential) -> i16 {
        match self {
            _ if holds(credential) => ATTESTED,
            Self { seen: true, .. } => 3,
            other => other.before_desk(),
        }
    }
}

/// What a verifier may do with a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct May {
    /// Take it to work on.
    pub claim: bool,
    /// Give it back to the queue.
    pub release: bool,
    /// Ask its holder.
    pub ask: bool,
    /// Tick what was checked.
    pub tick: bool,
    /// Say yes.
    pub attest: bool,
    /// Say no.
    pub reject: bool,
    /// Let it rest.
    pub suspend: bool,
    /// End the rest.
    pub reinstate: bool,
    /// Take it back for good.
    pub revoke: bool,
    /// See the number, and what its holder wrote.
    pub see: bool,
    /// Open a document without a second person.
    pub open: bool,
}

/// What this verifier may do with it: as much as the task needs, and nothing with their own.
pub fn may(me: AccountId, admin: bool, credential: &Credential, two: Two) -> May {
    use CredentialState::{InReview, NeedsInformation, RecheckDue, Suspended};
    if credential.account_id == me {
        return May::default();
    }
    let state = credential.state;
    let mine = credential.claimed_by == Some(me);
    let working = mine && matches!(state, InReview | RecheckDue);
    May {
        claim: is_free(credential),
        // Who is ill or gone must not keep it for ever.
        release: credential.claimed_by.is_some() && (mine || admin) && state.is_waiting(),
        ask: working,
        tick: working,
        attest: working && may_decide(me, credential, two.attest).is_ok(),
        reject: mine && matches!(state, InReview | NeedsInformation),
        // What the clock suspended may be taken over by a person, so that another can revoke it.
        suspend: state.is_in_force() || (state == Suspended && credential.decided_by.is_none()),
        reinstate: state == Suspended && may_reinstate(me, credential, two.attest).is_ok(),
        revoke: (state.is_in_force() || state == Suspended) && may_revoke(me, credential, two.revoke).is_ok(),
        see: mine && state.is_waiting(),
        open: mine && state.is_waiting() && !two.open,
    }
}

/// How long a wish to open a document waits for a second person, in hours.
pub const WISH_HOURS: i64 = 24;
/// How long a document can be opened once that was agreed, or in an emergency, in minutes.
pub const OPEN_MINUTES: i64 = 15;

/// Where somebody's wish to open a document stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// It waits for a second person.
    Waits,
    /// The document opens to whoever asked, once, until then.
    Opens(DateTime<Utc>),
    /// It was refused, used or taken back, or it is too late for it.
    Over,
}

/// Where a wish to open a document stands. It lives no longer than the work of whoever asked, also where they take that
/// up again; in an emergency it need not be their work.
pub fn wish(opening: &EvidenceOpening, credential: &Credential, now: DateTime<Utc>) -> Wish {
    use EvidenceOpeningState::{Agreed, Alone, Asked};
    if opening.used_at.is_some() {
        return Wish::Over;
    }
    let works = credential.claimed_by == Some(opening.asked_by)
        && credential.claimed_at.is_some_and(|at| at <= opening.asked_at)
        && credential.state.is_waiting();
    let until = opening.decided_at.map(|at| at + TimeDelta::minutes(OPEN_MINUTES));
    match (opening.state, until) {
        (Asked, _) if works && now - opening.asked_at <= TimeDelta::hours(WISH_HOURS) => Wish::Waits,
        (Agreed, Some(until)) if works && now <= until => Wish::Opens(until),
        (Alone, Some(until)) if now <= until => Wish::Opens(until),
        _ => Wish::Over,
    }
}

/// Whether this person may be the second one for whoever asked to open a document.
pub fn may_agree(me: AccountId, asker: AccountId, credential: &Credential) -> Result<()> {
    require_other(me, credential.account_id)?;
    if me == asker {
        return Err(Error::Forbidden("You have asked yourself. Two persons open a document here: a colleague agrees."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CredentialId, CredentialKind, EvidenceId, EvidenceOpeningId};

    const ADA: AccountId = AccountId(1);
    const VERA: AccountId = AccountId(2);
    const VIC: AccountId = AccountId(3);
    const ONE: Two = Two { attest: false, revoke: false, open: false };
    const BOTH: Two = Two { attest: true, revoke: true, open: true };

    fn credential(state: CredentialState) -> Credential {
        Credential {
            state,
            register: "gb-gmc".into(),
            jurisdiction: "GB".into(),
            discipline: "medicine".into(),
            ..Credential::blank(CredentialId(9), ADA, CredentialKind::Registration, DateTime::UNIX_EPOCH)
        }
    }

    #[test]
    fn the_desk_is_for_verifiers_and_admins() {
        for role in Role::ALL {
            let found = require_verifier(&Viewer::Account { id: VERA, role: *role }).is_ok();
            assert_eq!(found, matches!(role, Role::Verifier | Role::Admin), "{role}");
        }
        assert!(matches!(require_verifier(&Viewer::Anonymous), Err(Error::NotFound)));
    }

    #[test]
    fn nobody_may_do_anything_with_their_own() {
        for state in CredentialState::ALL {
            let own = Credential { claimed_by: Some(ADA), ..credential(*state) };
            assert_eq!(may(ADA, true, &own, ONE), May::default(), "{state}");
        }
    }

    #[test]
    fn only_who_has_taken_it_sees_and_decides() {
        let taken = Credential { claimed_by: Some(VERA), ..credential(CredentialState::InReview) };
        let hers = may(VERA, false, &taken, ONE);
        assert!(hers.attest && hers.see && hers.ask && hers.reject && hers.release && !hers.claim);
        assert_eq!(may(VIC, false, &taken, ONE), May::default());
        assert_eq!(may(VIC, true, &taken, ONE), May { release: true, ..May::default() });
        let free = may(VIC, false, &credential(CredentialState::Submitted), ONE);
        assert_eq!(free, May { claim: true, ..May::default() });
    }

    #[test]
    fn two_persons_are_asked_for_by_register_or_by_what_was_reached() {
        let mut config = Verification::default();
        assert!(!needs_two(&config, "gb-gmc", 1).attest && needs_two(&config, "gb-gmc", 1).revoke);
        config.two_persons = vec!["gb-gmc".into()];
        assert!(
            needs_two(&config, "gb-gmc", 3).attest
                && !needs_two(&config, "gb-nmc", 1).attest
                && !needs_two(&config, "", 1).attest
        );
        config.two_persons = vec!["*".into()];
        assert!(needs_two(&config, "", 3).attest);
        config.two_persons.clear();
        config.two_persons_below = 3;
        assert!(needs_two(&config, "gb-gmc", 2).attest && !needs_two(&config, "gb-gmc", 3).attest);
    }

    #[test]
    fn the_second_person_is_another_one() {
        let again =
            Credential { claimed_by: Some(VERA), confirmed_by: Some(VERA), ..credential(CredentialState::InReview) };
        assert!(may_decide(VERA, &again, true).is_err() && !may(VERA, false, &again, BOTH).attest);
        let second = Credential { claimed_by: Some(VIC), ..again };
        assert!(may(VIC, false, &second, BOTH).attest);
    }

    #[test]
    fn where_two_decide_two_open_a_document_and_elsewhere_where_the_house_wants_it() {
        let mut config = Verification { two_persons: vec!["gb-gmc".into()], ..Verification::default() };
        assert!(needs_two(&config, "gb-gmc", 3).open && !needs_two(&config, "gb-nmc", 3).open);
        config.evidence_by_two = true;
        assert!(needs_two(&config, "gb-nmc", 3).open && !needs_two(&config, "gb-nmc", 3).attest);
        let taken = Credential { claimed_by: Some(VERA), ..credential(CredentialState::InReview) };
        let (alone, by_two) = (may(VERA, false, &taken, ONE), may(VERA, false, &taken, BOTH));
        assert!(alone.see && alone.open && by_two.see && !by_two.open);
        assert!(may_agree(VIC, VERA, &taken).is_ok());
        assert!(may_agree(VERA, VERA, &taken).is_err() && may_agree(ADA, VERA, &taken).is_err());
    }

    #[test]
    fn a_wish_to_open_a_document_waits_for_a_day_and_holds_for_a_quarter_of_an_hour_once() {
        let start = DateTime::UNIX_EPOCH;
        let taken =
            Credential { claimed_by: Some(VERA), claimed_at: Some(start), ..credential(CredentialState::InReview) };
        let asked = EvidenceOpening {
            id: EvidenceOpeningId(1),
            evidence_id: EvidenceId(2),
            asked_by: VERA,
            asked_at: start,
            reason: String::new(),
            state: EvidenceOpeningState::Asked,
            decided_by: None,
            decided_at: None,
            used_at: None,
        };
        let later = |minutes| start + TimeDelta::minutes(minutes);
        assert_eq!(wish(&asked, &taken, later(24 * 60)), Wish::Waits);
        assert_eq!(wish(&asked, &taken, later(24 * 60 + 1)), Wish::Over);
        let agreed = EvidenceOpening {
            state: EvidenceOpeningState::Agreed,
            decided_by: Some(VIC),
            decided_at: Some(start),
            ..asked.clone()
        };
        assert_eq!(wish(&agreed, &taken, later(15)), Wish::Opens(later(15)));
        assert_eq!(wish(&agreed, &taken, later(16)), Wish::Over);
        let used = EvidenceOpening { used_at: Some(start), ..agreed.clone() };
        assert_eq!(wish(&used, &taken, later(1)), Wish::Over);
        let refused = EvidenceOpening { state: EvidenceOpeningState::Refused, ..agreed.clone() };
        assert_eq!(wish(&refused, &taken, later(1)), Wish::Over);
        let released = Credential { claimed_by: Some(VIC), ..taken.clone() };
        let again = Credential { claimed_at: Some(later(1)), ..taken.clone() };
        for ended in [&released, &again] {
            assert_eq!((wish(&asked, ended, later(2)), wish(&agreed, ended, later(2))), (Wish::Over, Wish::Over));
        }
        let alone = EvidenceOpening { state: EvidenceOpeningState::Alone, decided_by: None, ..agreed };
        assert_eq!(wish(&alone, &released, later(15)), Wish::Opens(later(15)), "whoever has it");
        assert_eq!(wish(&alone, &taken, later(16)), Wish::Over);
    }

    #[test]
    fn what_two_attest_two_revoke() {
        let attested = credential(CredentialState::Attested);
        assert!(may_revoke(VERA, &attested, false).is_ok() && may_revoke(VERA, &attested, true).is_err());
        let suspended = Credential { decided_by: Some(VERA), ..credential(CredentialState::Suspended) };
        assert!(may_revoke(VERA, &suspended, true).is_err() && may_revoke(VIC, &suspended, true).is_ok());
        let by_clock = credential(CredentialState::Suspended);
        assert!(may_revoke(VIC, &by_clock, true).is_err() && may(VIC, false, &by_clock, BOTH).suspend);
        assert!(!may(VIC, false, &suspended, BOTH).suspend);
    }

    #[test]
    fn where_two_decide_nobody_ends_a_suspension_of_their_own() {
        let suspended = Credential { decided_by: Some(VERA), ..credential(CredentialState::Suspended) };
        assert!(may_reinstate(VERA, &suspended, true).is_err() && !may(VERA, false, &suspended, BOTH).reinstate);
        assert!(may(VIC, false, &suspended, BOTH).reinstate && may(VERA, false, &suspended, ONE).reinstate);
        assert!(may(VERA, false, &credential(CredentialState::Suspended), BOTH).reinstate, "the clock is nobody");
        assert!(may_reinstate(ADA, &suspended, false).is_err(), "it is her own");
    }

    #[test]
    fn what_may_be_edited_renewed_and_taken_follows_from_where_it_stands() {
        use CredentialState::{Attested, Draft, Expired, NeedsInformation, RecheckDue, Submitted};
        for state in CredentialState::ALL {
            let of = credential(*state);
            assert_eq!(may_edit(&of), matches!(state, Draft | NeedsInformation), "{state}");
            assert_eq!(may_renew(&of), matches!(state, Attested | RecheckDue | Expired), "{state}");
            assert_eq!(is_free(&of), matches!(state, Submitted | RecheckDue), "{state}");
            let listed = Credential { source: CredentialSource::Staff, claimed_by: Some(VERA), ..of };
            assert!(!may_edit(&listed) && !may_renew(&listed) && !is_free(&listed), "{state}");
        }
    }

    #[test]
    fn levels_follow_from_what_was_reached() {
        let submitted = credential(CredentialState::Submitted);
        assert_eq!(Reached::default().level(&submitted), 1);
        assert_eq!(Reached { matched: true, ..Reached::default() }.level(&submitted), 2);
        assert_eq!(Reached { proven: true, ..Reached::default() }.level(&submitted), 3);
        let seen = Reached { seen: true, matched: true, proven: false };
        assert_eq!((seen.level(&submitted), seen.before_desk()), (3, 2));
        for state in CredentialState::ALL {
            let (highest, rests) = (Credential { level: ATTESTED, ..credential(*state) }, credential(*state));
            let level = if state.is_in_force() { ATTESTED } else { 1 };
            assert_eq!(Reached::default().level(&highest), level, "{state}");
            assert_eq!(Reached::default().level(&rests), 1, "{state}: nothing comes to hold by itself");
            assert!(!holds(&rests) && holds(&highest) == state.is_in_force(), "{state}");
        }
    }
}
