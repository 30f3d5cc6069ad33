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
