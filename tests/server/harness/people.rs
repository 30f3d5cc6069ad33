//! People of a hospital, as its services know them.

use consilium::{model::Role, policy::Viewer, service::accounts};

use super::{Instance, rows};

/// A clinician who has an account.
pub async fn viewer(at: &Instance, username: &str) -> Viewer {
    let id = accounts::by_username(&at.ctx, username).await.unwrap().id;
    Viewer::Account { id, role: Role::Clinician }
}

/// Lets people of a hospital bear the badge of a doctor; the specialty may be empty.
pub async fn verify(at: &Instance, people: &[&str], specialty: &str) {
    let people = people.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let badge = format!(
        "UPDATE accounts SET badge_until = now() + interval '1 year', badge = jsonb_build_object('token', 'of-' || username, \
           'discipline', 'medicine', 'specialty', '{specialty}', 'issuer', 'Hospital {}', 'register', 'GMC', 'jurisdiction', 'GB', \
           'checked_on', NULL, 'until', now() + interval '1 year', 'confirmed_at', NULL) \
         WHERE username IN ({people}) AND host_id IS NULL",
        at.name
    );
    rows::run(at, &badge).await;
}
