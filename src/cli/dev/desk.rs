//! What the people of the demo bring to the desks, and what the verifiers make of it.

use super::{content::Content, seed::People};
use crate::{
    cli::Failure,
    service::credentials::{self, CredentialForm},
};

/// Submits every credential, and has those attested of which it is written what was seen.
pub(super) async fn attest(people: &People<'_>, content: &Content) -> Result<(), Failure> {
    for claimed in &content.credentials {
        let Some((ctx, _, holder)) = people.get(&claimed.holder) else { continue };
        let form = CredentialForm {
            kind: claimed.kind.clone(),
            register: claimed.register.clone(),
            body: claimed.body.clone(),
            jurisdiction: claimed.jurisdiction.clone(),
            number: claimed.number.clone(),
            discipline: claimed.discipline.clone(),
            specialties: claimed.specialties.clone(),
            family_name: claimed.family_name.clone(),
            given_names: claimed.given_names.clone(),
            role: claimed.role.clone(),
            ..CredentialForm::default()
        };
        let id = credentials::save(ctx, holder, None, form, true).await?;
        let place = claimed.holder.rsplit('@').next().unwrap_or_default();
        let verifier = content.people.iter().find(|person| person.instance == place && person.role == "verifier");
        let verifier = verifier.and_then(|person| people.get(&format!("{}@{place}", person.username)));
        let Some((_, _, verifier)) = verifier.filter(|_| !claimed.seen.is_empty()) else { continue };
        credentials::claim(ctx, verifier, id).await?;
        let review = credentials::open(ctx, verifier, id).await?;
        let ticked = review.checklist.iter().map(|item| item.key.to_owned()).collect();
        credentials::tick(ctx, verifier, id, ticked, &claimed.seen, &review.mark).await?;
        credentials::attest(ctx, verifier, id, &review.mark).await?;
    }
    Ok(())
}
