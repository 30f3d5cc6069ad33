//! Those who go: what they led is over at once, and somebody owns what they owned.

use consilium::{
    model::{AccountId, Admission, GroupKind, Premoderation, Role},
    policy::Viewer,
    service::groups::{self, GroupForm},
};

use crate::harness::{
    App, Browser, Cluster, Instance,
    cases::{plain, post_case},
    cluster::PASSWORD,
    groups::{form, found, found_by_form, found_like, join, join_by_form, known},
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

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_left_a_group_by_invitation_reads_its_name_in_no_list_of_theirs() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let ada = alpha.account("ada", Role::Clinician).await;
    let admission = Admission::Invitation;
    let hidden = GroupForm { admission, premoderation: Premoderation::All, ..form() };
    let group = found_like(alpha, &ada, GroupKind::Closed, &hidden).await;
    let link = groups::invite(&alpha.ctx, &ada, group, 3, 7).await.unwrap();
    let (path, joining) = (link.strip_prefix("http://alpha.test").unwrap(), format!("{GROUP}/join"));
    let mut bo = alpha.clinician("bo").await;
    assert!(bo.submit(path, &joining, &[]).await.status.is_redirection());
    let case = post_case(alpha, &viewer(alpha, "bo").await, group, plain("Ablate or wait?")).await;
    groups::release(&alpha.ctx, &ada, case).await.unwrap();
    bo.get(GROUP).await;
    bo.send(&format!("/people/{group}/mute"), &[("back", "/")]).await;
    bo.send(&format!("/people/{group}/unmute"), &[("back", "/")]).await;
    for page in ["/notifications", "/cases/mine", "/settings/data/cases.csv"] {
        assert!(bo.get(page).await.says("Heart cases"), "{page}");
    }

    bo.get(GROUP).await;
    for act in ["mute", "block"] {
        assert!(bo.send(&format!("/people/{group}/{act}"), &[("back", "/")]).await.status.is_redirection());
    }
    let own = format!("/cases/{case}/recall");
    let lists = ["/notifications", "/cases/mine", "/settings/quiet", own.as_str()];
    let files = ["/settings/data/cases.csv", "/settings/data/blocks.csv", "/settings/data/mutes.csv"];
    for page in lists.into_iter().chain(files) {
        let seen = bo.get(page).await;
        assert_eq!(seen.status, 200, "{page}");
        assert!(!seen.says("Heart cases") && !seen.says("hearts"), "{page}: {}", seen.html);
    }
    assert!(bo.get("/cases/mine").await.says("A group that you have left"));
    let app = App::of(alpha, "bo", "read").await;
    let relation = format!("/api/v1/accounts/relationships?id%5B%5D={group}");
    for call in ["/api/v1/blocks", "/api/v1/mutes", "/api/v1/notifications", "/api/v2/notifications", relation.as_str()]
    {
        let told = app.get(call).await;
        assert_eq!(told.status, 200, "{call}");
        assert!(!told.body.to_string().contains("hearts"), "{call}: {}", told.body);
    }

    // Whoever gets another link finds the way back.
    assert!(bo.get(path).await.says("You have blocked this group"));
    let back = bo.submit(path, &format!("/people/{group}/unblock"), &[]).await;
    assert_eq!(back.location, format!("{path}&done=unblocked"), "{}", back.html);
    assert!(bo.submit(path, &joining, &[]).await.status.is_redirection());
    assert!(bo.get("/settings/quiet").await.says("Heart cases"), "it is muted still");
    cluster.settle().await;
}
