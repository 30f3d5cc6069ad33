//! What each role may do to the instance.

use super::Viewer;
use crate::{
    error::{Error, Result},
    model::{AccountId, Role},
};

/// Moderators and admins decide on sign-ups and see the admin pages.
pub fn require_moderator(viewer: &Viewer) -> Result<AccountId> {
    match viewer {
        Viewer::Account { id, role } if *role >= Role::Moderator => Ok(*id),
        Viewer::Account { .. } | Viewer::Anonymous | Viewer::Remote { .. } => Err(Error::NotFound),
    }
}

/// Admins decide on servers, roles and dead letters.
pub fn require_admin(viewer: &Viewer) -> Result<AccountId> {
    match viewer {
        Viewer::Account { id, role: Role::Admin } => Ok(*id),
        Viewer::Account { role: Role::Moderator, .. } => Err(Error::Forbidden("Only an admin may do this.")),
        Viewer::Account { .. } | Viewer::Anonymous | Viewer::Remote { .. } => Err(Error::NotFound),
    }
}

/// Admins take a second factor away from others who have lost it, and never their own.
pub fn may_reset_second_factor(viewer: &Viewer, whose: AccountId) -> Result<AccountId> {
    let me = require_admin(viewer)?;
    if me == whose {
        return Err(Error::Forbidden("Nobody resets their own second factor: another admin does, or the operator."));
    }
    Ok(me)
}

/// Admins alone read the audit log; for everybody else there is none.
pub fn require_audit_reader(viewer: &Viewer) -> Result<AccountId> {
    require_admin(viewer).map_err(|_| Error::NotFound)
}

/// Whether a role is among those that need a second factor.
pub fn needs_second_factor(role: Role, needed_for: &[String]) -> bool {
    needed_for.iter().any(|word| word == role.as_str())
}

/// Whether a role checks others, keeps order or runs the place: its sessions are shorter, and the log tells of its second
/// factor.
pub fn is_of_the_house(role: Role) -> bool {
    role >= Role::Verifier
}

/// Whoever is signed in.
pub fn require_account(viewer: &Viewer) -> Result<AccountId> {
    match viewer {
        Viewer::Account { id, .. } => Ok(*id),
        Viewer::Anonymous | Viewer::Remote { .. } => Err(Error::Unauthenticated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_resets_the_second_factor_of_others_alone() {
        let viewer = |role| Viewer::Account { id: AccountId(1), role };
        assert!(may_reset_second_factor(&viewer(Role::Admin), AccountId(2)).is_ok());
        assert!(matches!(may_reset_second_factor(&viewer(Role::Admin), AccountId(1)), Err(Error::Forbidden(_))));
        for role in Role::ALL.iter().filter(|role| **role != Role::Admin) {
            assert!(may_reset_second_factor(&viewer(*role), AccountId(2)).is_err(), "{role}");
        }
    }
}
