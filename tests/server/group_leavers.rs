//! Those who go: what they led is over at once, and somebody owns what they owned.

use consilium::{
    model::{AccountId, GroupKind, Role},
    policy::Viewer,
    service::groups,
};

use crate::harness::{
    Browser, Cluster, Instance,
    cluster::PASSWORD,
    groups::{found, found_by_form, join, join_by_form, known},
    people::viewer,
    rows::{ask, run},
};

const GROUP: &str = "/groups/hearts";

async fn id_of(at: &Instance, name: &str) -> AccountId {
    viewer(at, name).await.account().unwrap()
}

/// Closes one's account.
async fn close(who: &mut Browser) {
    let path = "/settings/account/close";
    let page = who.submit(path, path, &[("current_password", PASSWORD)]).await;
    assert!(page.status.is_redirection(), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_leads_no_more_and_what_they_owned_is_inherited() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo, mut cy) =
        (alpha.clinician("ada").await, alpha.clinician("bo").await, alpha.clinician("cy").await);
    found_by_form(&mut ada, &[]).await;
    join_by_form(&mut bo).await;
    join_by_form(&mut cy).await;
    let (group, owner) = (known(alpha).await, viewer(alpha, "ada").await);
    let cy_id = id_of(alpha, "cy").await;
    for who in [id_of(alpha, "bo").await, cy_id] {
        groups::appoint(&alpha.ctx, &owner, group, who).await.unwrap();
    }
    let (desk, block) = (format!("{GROUP}/moderation"), format!("/people/{group}/block"));
    let back = [("back", "/groups")];

    ada.get(GROUP).await;
    assert_eq!(ada.send(&block, &back).await.status, 403, "whoever owns it passes it on first");
    assert!(ada.get(GROUP).await.says("You own it"));
    assert_eq!(bo.get(&desk).await.status, 200);
    assert!(bo.send(&block, &back).await.status.is_redirection());
    assert_ne!(bo.get(&desk).await.status, 200, "to block a group is to leave it");
    bo.get("/groups").await;
    assert!(!bo.send(&format!("{GROUP}/join"), &[]).await.status.is_redirection(), "it is blocked");
    bo.send(&format!("/people/{group}/unblock"), &back).await;
    join_by_form(&mut bo).await;
    let page = bo.get(GROUP).await;
    assert!(page.says("You are a member") && !page.says("You moderate it"), "{}", page.html);

    // As if nothing but the ban had been written down.
    let ban = format!("INSERT INTO group_bans (group_id, account_id, reason) VALUES ({group}, {cy_id}, 'Advertising')");
    run(alpha, &ban).await;
    assert_ne!(cy.get(&desk).await.status, 200, "whoever is kept out leads nothing");
    run(alpha, "DELETE FROM group_bans").await;
    assert_eq!(cy.get(&desk).await.status, 200);

    close(&mut ada).await;
    assert!(cy.get(GROUP).await.says("You own it"), "the moderator who has led longest");
    assert!(bo.get(&format!("{GROUP}/log")).await.says("passed the group on to"));
    close(&mut cy).await;
    let page = bo.get(GROUP).await;
    assert!(page.says("is archived") && !page.says("You own it"), "nobody is made to lead: {}", page.html);
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    let page = rooty.get("/admin/audit").await;
    assert!(page.says(&format!("left groups that nobody else leads: {group}")), "{}", page.html);
    let written = "SELECT count(*)::text AS words FROM group_moderators";
    assert_eq!(ask(alpha, written).await, ["0"]);

    // As it was left before anybody looked after that: whoever owned it is written down still.
    let stale = format!("INSERT INTO group_moderators (group_id, account_id, role) VALUES ({group}, {cy_id}, 'owner')");
    run(alpha, &stale).await;
    let admin = Viewer::Account { id: id_of(alpha, "rooty").await, role: Role::Admin };
    groups::pass_on_unowned(&alpha.ctx, &admin, group, "bo").await.unwrap();
    assert!(bo.get(GROUP).await.says("You own it"));
    assert_eq!(ask(alpha, written).await, ["1"]);
    cluster.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_passed_on_while_its_heir_leaves_keeps_an_owner() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    let group = found(alpha, &ada, GroupKind::Closed).await;
    join(alpha, &bo, "").await;
    let heir = bo.account().unwrap();
    groups::appoint(&alpha.ctx, &ada, group, heir).await.unwrap();
    let pass = groups::transfer(&alpha.ctx, &ada, group, heir);
    let (passed, left) = futures_util::future::join(pass, groups::leave(&alpha.ctx, &bo, group)).await;
    assert_ne!(passed.is_ok(), left.is_ok(), "{passed:?} {left:?}");
    let owners = "SELECT count(*)::text AS words FROM group_moderators m JOIN follows f ON f.follower_id = m.account_id \
                  AND f.target_id = m.group_id AND f.state = 'accepted' WHERE m.role = 'owner'";
    assert_eq!(ask(alpha, owners).await, ["1"]);
    cluster.settle().await;
}
