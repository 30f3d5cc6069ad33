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

/// Lets people of a hospital have a credential of a discipline to which their hospital attests.
pub async fn attest(at: &Instance, people: &[&str], discipline: &str) {
    let people = people.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let text = format!(
        "WITH c AS (INSERT INTO credentials \
             (account_id, kind, state, level, body, jurisdiction, discipline, family_name, given_names) \
           SELECT id, 'registration', 'attested', 4, 'The Council', 'GB', '{discipline}', 'Merrow', 'Ada' \
           FROM accounts WHERE username IN ({people}) AND host_id IS NULL RETURNING id, account_id) \
         INSERT INTO attestations (token, account_id, uri, issuer_uri, document, name, discipline, valid_from, valid_until, \
             credential_id, list_number, list_index) \
         SELECT 'token-' || c.id, a.id, 'http://{0}/attestations/' || c.id, '', '{{}}', a.name, '{discipline}', now(), \
           now() + interval '1 year', c.id, 1, (c.id % 131072)::integer FROM c JOIN accounts a ON a.id = c.account_id",
        at.name
    );
    rows::run(at, &text).await;
}
