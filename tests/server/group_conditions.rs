//! What groups ask to be proven of their members: who does not meet it reads what it is, and who no longer does is a member no
//! longer.

use chrono::TimeDelta;
use consilium::{
    model::{HostTrust, Role},
    service::hosts,
};

use crate::{
    across::take_back,
    group_admission::{THERE, discuss, get_verified, join_there},
    harness::{
        Cluster,
        groups::{found_by_form, join_by_form},
        people::attest,
        rows::ask,
    },
};

const GROUP: &str = "/groups/hearts";

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_meet_what_a_group_asks_reads_what_that_is() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo, mut cy) =
        (alpha.clinician("ada").await, alpha.clinician("bo").await, alpha.clinician("cy").await);
    let mut vera = alpha.person("vera", Role::Verifier).await;
    // Ada is a cardiologist, Bo is a nurse, and of Cy nothing is proven.
    get_verified(&mut vera, &mut ada, 1).await;
    attest(alpha, &["bo"], "nursing").await;
    found_by_form(&mut ada, &[]).await;
    let (settings, join) = (format!("{GROUP}/settings"), format!("{GROUP}/join"));
    for (field, value, is_nurse, line, words) in [
        (
            "disciplines",
            "medicine",
            true,
            "Profession: Medicine",
            "Only verified clinicians in medicine may take part here. Send a credential to the desk first.",
        ),
        (
            "specialties",
            "207RC0000X",
            true,
            "Specialty: Cardiology",
            "Only verified clinicians with the specialty Cardiology may take part here.",
        ),
        (
            "issuers",
            "alpha.test",
            false,
            "Verified by alpha.test",
            "Only clinicians whom alpha.test has verified may take part here.",
        ),
    ] {
        let usual = [("name", "Heart cases"), ("admission", "free"), ("premoderation", "none"), ("level", "0")];
        let fields: Vec<(&str, &str)> = usual.into_iter().chain([(field, value)]).collect();
        let saved = ada.submit(&settings, &settings, &fields).await;
        assert!(saved.status.is_redirection(), "{field}: {}", saved.html);
        let who = if is_nurse { &mut bo } else { &mut cy };
        assert!(who.get(&join).await.says(line), "{field}");
        let refused = who.submit(&join, &join, &[]).await;
        assert!(refused.status == 422 && refused.says(words), "{field}: {}", refused.html);
    }
    get_verified(&mut vera, &mut cy, 2).await;
    join_by_form(&mut cy).await;
    assert!(cy.get(GROUP).await.says("You are a member"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_desk_takes_back_ends_memberships_here_and_at_another_hospital_which_is_told() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let [alpha, beta] = ["alpha.test", "beta.test"].map(|name| cluster.get(name));
    let mut desks = Vec::new();
    for at in [alpha, beta] {
        desks.push((at.person("vera", Role::Verifier).await, at.person("vic", Role::Verifier).await));
    }
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    let mut bea = beta.clinician("bea").await;
    get_verified(&mut desks[0].0, &mut ada, 1).await;
    let bo_has = get_verified(&mut desks[0].0, &mut bo, 2).await;
    let bea_has = get_verified(&mut desks[1].0, &mut bea, 3).await;
    hosts::trust_by_operator(&alpha.ctx, "beta.test", HostTrust::Trusted, Vec::new(), "").await.unwrap();
    let done = found_by_form(&mut ada, &[("level", "4")]).await;
    assert_eq!(done.location, "/groups/hearts?done=founded", "{}", done.html);
    // Alpha knows Bea, and what her hospital states about her.
    assert!(ada.get("/search?q=%40bea%40beta.test").await.says("Dr bea"));
    cluster.settle().await;
    join_by_form(&mut bo).await;
    join_there(&mut bea).await;
    cluster.settle().await;
    discuss(&mut ada, GROUP, "Broad complexes").await.written();
    cluster.settle().await;
    assert!(bo.get(GROUP).await.says("Broad complexes") && bea.get(THERE).await.says("Broad complexes"));

    for ((vera, vic), id) in desks.iter_mut().zip([&bo_has, &bea_has]) {
        take_back(vera, id, "suspend").await;
        take_back(vic, id, "revoke").await;
        cluster.settle().await;
    }
    let page = bo.get(GROUP).await;
    assert!(page.says("Your membership has ended") && !page.says("Broad complexes"), "{}", page.html);
    let page = bea.get(THERE).await;
    assert!(page.says("is no longer proven of you") && !page.says("You are a member"), "{}", page.html);
    assert!(!page.says("Broad complexes"), "access ends at once, there too: {}", page.html);
    let log = ada.get(&format!("{GROUP}/log")).await;
    for who in ["@bo", "@bea@beta.test"] {
        assert!(log.says_in_order(&["ended the membership of", who]), "{who}: {}", log.html);
    }
    discuss(&mut ada, GROUP, "A murmur").await.written();
    cluster.settle().await;
    let titles = ask(beta, "SELECT title AS words FROM posts WHERE title <> ''").await;
    assert!(!titles.contains(&"A murmur".to_owned()), "nothing more comes there: {titles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_from_a_trusted_hospital_is_answered_once_what_it_states_has_been_looked_at() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let [alpha, beta] = ["alpha.test", "beta.test"].map(|name| cluster.get(name));
    let mut ada = alpha.clinician("ada").await;
    get_verified(&mut alpha.person("vera", Role::Verifier).await, &mut ada, 1).await;
    hosts::trust_by_operator(&alpha.ctx, "beta.test", HostTrust::Trusted, Vec::new(), "").await.unwrap();
    found_by_form(&mut ada, &[("level", "4")]).await;
    let mut vera = beta.person("vera", Role::Verifier).await;
    let (mut bea, mut cy, mut dan) =
        (beta.clinician("bea").await, beta.clinician("cy").await, beta.clinician("dan").await);
    // Of Bea alpha has never heard, and it knows Cy from before anything was stated about them.
    get_verified(&mut vera, &mut bea, 2).await;
    assert!(ada.get("/search?q=%40cy%40beta.test").await.says("Dr cy"));
    get_verified(&mut vera, &mut cy, 3).await;
    cluster.pass(TimeDelta::minutes(10));
    for (who, words) in
        [(&mut bea, "You are a member"), (&mut cy, "You are a member"), (&mut dan, "Your request was refused")]
    {
        join_there(who).await;
        cluster.settle().await;
        let page = who.get(THERE).await;
        assert!(page.says(words), "{words}: {}", page.html);
    }
    assert_eq!(ask(alpha, "SELECT count(*)::text AS words FROM group_seekers").await, ["0"], "nobody waits any longer");
}
