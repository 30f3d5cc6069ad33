//! Groups as people at a browser meet them: found, joined, discussed in, led, passed on, and shut to everybody else.

use consilium::{
    model::{AccountId, Role},
    service::accounts,
};
use diesel_async::SimpleAsyncConnection;
use serde_json::json;

use crate::harness::{
    App, Browser, Cluster, Instance,
    groups::{found_by_form, join_by_form},
    rows::run,
};

const GROUP: &str = "/groups/hearts";

/// Opens a discussion; its page and its id.
async fn discuss(who: &mut Browser, title: &str, text: &str) -> (String, i64) {
    let action = format!("{GROUP}/new");
    who.submit(&action, &action, &[("title", title), ("text", text), ("language", "en")]).await.written()
}

async fn id_of(instance: &Instance, username: &str) -> AccountId {
    accounts::by_username(&instance.ctx, username).await.unwrap().id
}

/// Sends a form of the page that has it.
async fn press(who: &mut Browser, at: &str, action: &str) {
    let page = who.submit(at, action, &[]).await;
    assert!(page.status.is_redirection(), "{action}: {} {}", page.status, page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinician_founds_a_group_and_lets_a_colleague_in_who_says_why() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    let done = found_by_form(&mut ada, &[("admission", "request")]).await;
    assert_eq!(done.location, "/groups/hearts?done=founded", "{}", done.html);
    let page = ada.get(&done.location).await;
    for words in ["Heart cases", "You own it", "Closed", "1 member", "For those who look after hearts."] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    assert_eq!(ada.get("/@hearts").await.location, GROUP, "a group has its own page");

    assert!(bo.get("/groups").await.says("Heart cases"));
    let page = bo.get(GROUP).await;
    assert!(page.says("How to join") && page.says("holds a copy") && !page.says("New discussion"), "{}", page.html);
    let action = format!("{GROUP}/join");
    let asked = bo.submit(&action, &action, &[("reason", "I read echos every day")]).await;
    assert_eq!(asked.location, "/groups/hearts?done=asked-to-join");
    assert!(bo.get(GROUP).await.says("You have asked to join"));

    assert!(ada.get("/groups").await.says("1 waiting"));
    let desk = format!("{GROUP}/moderation");
    let page = ada.get(&desk).await;
    assert!(page.says("Dr bo") && page.says("I read echos every day"), "{}", page.html);
    let bo_id = id_of(alpha, "bo").await;
    press(&mut ada, &desk, &format!("{GROUP}/requests/{bo_id}/admit")).await;
    assert!(!ada.get(&desk).await.says("I read echos every day"));

    assert!(bo.get("/search?q=heart+cases").await.says("Heart cases"));
    assert!(
        bo.get("/notifications").await.says("has let you in: see <a href=\"/groups/hearts?greet=yes\">its page</a>")
    );
    assert!(bo.get("/groups/hearts?greet=yes").await.says("Say hello to the others."), "they are welcomed");
    assert!(bo.get(GROUP).await.says("You are a member"));
    assert!(bo.get(&format!("{GROUP}/about")).await.says("Say hello to the others."));
    let log = bo.get(&format!("{GROUP}/log")).await;
    assert!(log.says("@ada") && log.says(" let ") && log.says("@bo") && log.says("founded the group"), "{}", log.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_founds_a_group_is_told_what_is_missing_and_types_nothing_again() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, _bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    for (wrong, words) in [
        (("kind", ""), "Choose who the group is for"),
        (("name", ""), "Give the group a name."),
        (("username", "bo"), "has this name"),
        (("username", "Heart cases"), "Use the letters a to z"),
        (("issuers", "not a host"), "is no server"),
        (("level", "4"), "You do not meet this yourself"),
    ] {
        let page = found_by_form(&mut ada, &[wrong]).await;
        assert_eq!(page.status, 422, "{wrong:?} {}", page.location);
        assert!(page.says(words) && page.says("For those who look after hearts."), "{wrong:?}: {}", page.html);
    }
    let mut citizen = alpha.person("citizen", Role::Public).await;
    assert_eq!(citizen.get("/groups/new").await.status, 403);
    let form = [("name", "Ours"), ("username", "ours"), ("kind", "open")];
    assert_eq!(citizen.send("/groups/new", &form).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_in_a_closed_group_is_read_by_its_members_and_by_nobody_else() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo, mut cy) =
        (alpha.clinician("ada").await, alpha.clinician("bo").await, alpha.clinician("cy").await);
    let (mut dan, mut eve) = (alpha.clinician("dan").await, alpha.clinician("eve").await);
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    found_by_form(&mut ada, &[]).await;
    for member in [&mut bo, &mut dan, &mut eve] {
        let joined = join_by_form(member).await;
        assert_eq!(joined.location, "/groups/hearts?done=joined", "{}", joined.html);
        let page = member.get(&joined.location).await;
        assert!(page.says("Say hello to the others."), "a new member reads the welcome: {}", page.html);
        assert!(!member.get(GROUP).await.says("Say hello to the others."), "once");
    }
    for follower in [&mut cy, &mut dan, &mut eve] {
        follower.follow("ada").await;
    }
    let (path, id) = discuss(&mut ada, "Broad complexes", "A zebra in a runner. @cy @dan @eve").await;
    for member in [&mut ada, &mut bo, &mut dan, &mut eve] {
        assert!(member.get(GROUP).await.says("Broad complexes"));
        let page = member.get(&path).await;
        assert!(page.says("zebra") && page.says("Heart cases"), "{}", page.html);
        assert!(!page.says(&format!("/posts/{id}/boost\"")), "it is not passed on");
    }
    assert!(dan.get("/notifications").await.says("Broad complexes"), "members are told who is named");
    dan.send(&format!("/posts/{id}/save"), &[("back", "/")]).await;

    let leave = format!("{GROUP}/leave");
    assert!(dan.get(&leave).await.says("You read nothing of it any more."), "it is asked first");
    press(&mut dan, &leave, &leave).await;
    let eve_id = id_of(alpha, "eve").await;
    let ban = format!("{GROUP}/members/{eve_id}/ban");
    assert_eq!(ada.submit(&ban, &ban, &[]).await.status, 422, "a ban has a reason");
    let done = ada.submit(&ban, &ban, &[("reason", "Copied what others wrote"), ("days", "30")]).await;
    assert_eq!(done.location, "/groups/hearts/members?done=banned", "{}", done.html);
    let page = eve.get(GROUP).await;
    assert!(page.says("have decided that you take no part"), "{}", page.html);
    assert!(
        page.says("You were banned from this group by its moderators: “Copied what others wrote”"),
        "{}",
        page.html
    );
    assert_eq!(eve.send(&format!("{GROUP}/join"), &[]).await.status, 403);

    let mut nobody = alpha.browser();
    assert_eq!(nobody.get(GROUP).await.status, 404);
    for (who, browser) in [
        ("anonymous", &mut nobody),
        ("a stranger", &mut cy),
        ("who has left", &mut dan),
        ("who is banned", &mut eve),
        ("an admin", &mut rooty),
    ] {
        assert_eq!(browser.get(&path).await.status, 404, "{who}");
        for page in [GROUP, "/groups/hearts/members", "/groups/hearts/log", "/@ada", "/@ada?replies=1", "/"] {
            let seen = browser.visit(page).await;
            assert!(!seen.says("zebra") && !seen.says("Broad complexes"), "{who} at {page}: {}", seen.html);
        }
        for page in ["/?tab=local", "/?tab=all", "/search?q=zebra", "/notifications", "/bookmarks"] {
            let seen = browser.visit(page).await;
            assert!(!seen.says("in a runner") && !seen.says("Broad complexes"), "{who} at {page}: {}", seen.html);
        }
        for page in ["moderation", "settings"] {
            assert_ne!(browser.get(&format!("{GROUP}/{page}")).await.status, 200, "{who} at {page}");
        }
    }
    assert_eq!(App::new(alpha, "").get(&format!("/api/v1/statuses/{id}")).await.status, 404);
    for name in ["cy", "dan", "eve", "rooty"] {
        let app = App::of(alpha, name, "read").await;
        assert_eq!(app.get(&format!("/api/v1/statuses/{id}")).await.status, 404, "{name}");
        assert_eq!(app.get(&format!("/api/v1/statuses/{id}/context")).await.status, 404, "{name}");
    }

    // An answer is in the group as well, whatever its form says.
    let asked = id.to_string();
    let answer = [("text", "@ada A second zebra"), ("visibility", "public"), ("reply_to", asked.as_str())];
    bo.get(&path).await;
    let (answered, _) = bo.send("/posts", &answer).await.written();
    assert!(ada.get(&path).await.says("A second zebra"));
    assert_eq!(cy.get(&answered).await.status, 404);
    assert_eq!(nobody.get(&answered).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_post_of_a_member_waits_until_a_moderator_has_looked() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo, mut cy) =
        (alpha.clinician("ada").await, alpha.clinician("bo").await, alpha.clinician("cy").await);
    found_by_form(&mut ada, &[("premoderation", "first")]).await;
    join_by_form(&mut bo).await;
    join_by_form(&mut cy).await;
    let (path, id) = discuss(&mut bo, "A murmur", "Loudest at the apex.").await;
    assert!(bo.get(&path).await.says("Only you and the moderators see this: it waits for a moderator."));
    assert_eq!(cy.get(&path).await.status, 404);
    assert!(!cy.get(GROUP).await.says("A murmur"));

    let desk = format!("{GROUP}/moderation");
    assert!(ada.get("/notifications").await.says("waits in a group that you lead: "));
    assert!(ada.get(&desk).await.says("Loudest at the apex."));
    press(&mut ada, &desk, &format!("{GROUP}/posts/{id}/release")).await;
    assert!(cy.get(GROUP).await.says("A murmur"));
    assert!(!bo.get(&path).await.says("Only you and the moderators"));

    let (second, _) = discuss(&mut bo, "Another murmur", "Softer.").await;
    assert!(cy.get(&second).await.says("Softer."), "the second one does not wait");
    let held = cy.get(&desk).await;
    assert_eq!(held.status, 403, "a member is told who may: {}", held.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_removes_a_post_with_a_reason_that_every_member_reads() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    found_by_form(&mut ada, &[]).await;
    join_by_form(&mut bo).await;
    let (path, id) = discuss(&mut bo, "Too much", "Of a patient in bed four.").await;
    assert!(!bo.get(&path).await.says("For moderators"));

    // A picture keeps the words with which it went past the gate, and one that comes later has to go past it.
    let app = App::of(alpha, "bo", "read write").await;
    let png = crate::api::pictures::drawn(8, 8, image::ImageFormat::Png);
    let picture = app.picture(&png, "A strip").await;
    let mut strip = json!({ "status": "A strip", "in_reply_to_id": id.to_string(), "media_ids": [picture] });
    strip["pictures_checked"] = json!(true);
    let strip = app.write(strip).await;
    let named = "The strip of Mrs Miller of 3 March 2026";
    let said = app.put(&format!("/api/v1/media/{picture}"), json!({ "description": named })).await;
    assert_eq!(said.status, 422, "{}", said.body);
    let other = app.picture(&png, named).await;
    let both = json!({ "status": "Two strips", "media_ids": [picture, other], "pictures_checked": true });
    let said = app.put(&format!("/api/v1/statuses/{strip}"), both).await;
    assert_eq!(said.status, 422, "{}", said.body);

    let remove = format!("{GROUP}/posts/{id}/remove");
    assert_eq!(bo.get(&remove).await.status, 403);
    let page = ada.get(&path).await;
    assert!(page.says(&remove), "{}", page.html);
    assert_eq!(ada.submit(&remove, &remove, &[]).await.status, 422);
    let done = ada.submit(&remove, &remove, &[("reason", "It names a patient")]).await;
    assert_eq!(done.location, "/groups/hearts?done=post-removed", "{}", done.html);
    assert_eq!(bo.get(&path).await.status, 404);
    let log = bo.get(&format!("{GROUP}/log")).await;
    assert!(log.says("removed a post by") && log.says("It names a patient"), "{}", log.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discussion_that_moderators_have_ended_takes_no_more_answers() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    found_by_form(&mut ada, &[]).await;
    join_by_form(&mut bo).await;
    let (path, id) = discuss(&mut bo, "Enough", "All is said.").await;
    press(&mut ada, &path, &format!("{GROUP}/posts/{id}/lock")).await;
    assert!(bo.get(&path).await.says("Answers are closed"));
    let asked = id.to_string();
    let answer = [("text", "One more"), ("reply_to", asked.as_str())];
    assert_eq!(bo.send("/posts", &answer).await.status, 403);
    press(&mut ada, &path, &format!("{GROUP}/posts/{id}/unlock")).await;
    bo.get(&path).await;
    assert!(bo.send("/posts", &answer).await.status.is_redirection());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_link_lets_as_many_in_as_it_was_made_for() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo, mut cy) =
        (alpha.clinician("ada").await, alpha.clinician("bo").await, alpha.clinician("cy").await);
    found_by_form(&mut ada, &[("admission", "invitation")]).await;
    assert_eq!(bo.get(GROUP).await.status, 404, "nobody else knows of it");
    assert!(!bo.get("/groups").await.says("Heart cases"));
    assert_eq!(bo.get("/@hearts").await.status, 404);

    let (desk, make) = (format!("{GROUP}/moderation"), format!("{GROUP}/invitations"));
    let made = ada.submit(&desk, &make, &[("uses", "1"), ("days", "7")]).await;
    let code = made.html.split("/groups/hearts/join?code=").nth(1).unwrap().split(['<', '"']).next().unwrap();
    let link = format!("{GROUP}/join?code={code}");
    assert!(!ada.get(&desk).await.says(code), "it is shown once");
    assert!(bo.get(&link).await.says("Heart cases"));
    let joined = bo.submit(&link, &format!("{GROUP}/join"), &[]).await;
    assert_eq!(joined.location, "/groups/hearts?done=joined", "{}", joined.html);
    assert_eq!(cy.get(&link).await.status, 404, "it was for one person");

    assert_eq!(ada.submit(&desk, &make, &[("uses", "many"), ("days", "7")]).await.status, 422);
    ada.submit(&desk, &make, &[("uses", "5"), ("days", "1")]).await;
    let page = ada.get(&desk).await;
    let mut actions = page.html.split("action=\"").map(|rest| rest.split('"').next().unwrap());
    let end = actions.find(|action| action.starts_with(&make) && action.ends_with("/end")).unwrap();
    press(&mut ada, &desk, end).await;
    assert!(!ada.get(&desk).await.says("5 more people"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_passes_the_group_on_and_leaves() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    found_by_form(&mut ada, &[]).await;
    join_by_form(&mut bo).await;
    let (own, id) = discuss(&mut ada, "A farewell", "Not my field.").await;
    ada.get(GROUP).await;
    assert_eq!(ada.send(&format!("{GROUP}/leave"), &[]).await.status, 403, "nobody would own it");
    let (members, bo_id) = (format!("{GROUP}/members"), id_of(alpha, "bo").await);
    press(&mut ada, &members, &format!("{members}/{bo_id}/appoint")).await;
    assert!(bo.get(GROUP).await.says("You moderate it"));
    let pass = format!("{members}/{bo_id}/transfer");
    assert!(ada.get(&pass).await.says("They own the group from now on."));
    press(&mut ada, &pass, &pass).await;
    assert!(bo.get(GROUP).await.says("You own it"));
    press(&mut ada, &format!("{GROUP}/leave"), &format!("{GROUP}/leave")).await;
    let page = ada.get(GROUP).await;
    assert!(page.status == 200 && page.says("How to join"), "{}", page.html);
    assert!(bo.get(&format!("{GROUP}/log")).await.says("passed the group on to"));

    // Who belongs to it is not told by those who like what was left there.
    let likes = format!("/posts/{id}/likes");
    bo.get(&own).await;
    bo.send(&format!("/posts/{id}/like"), &[("back", "/")]).await;
    assert!(bo.get(&likes).await.says("@bo"));
    assert!(ada.get(&own).await.says("Not my field."), "one's own words stay one's own");
    assert_eq!(ada.get(&likes).await.status, 404);
    assert!(!ada.get("/notifications").await.says("liked your post"));
    alpha.account("cy", Role::Clinician).await;
    let pin = format!("/api/v1/statuses/{id}/pin");
    let pinned = App::of(alpha, "cy", "write").await.post(&pin, json!({})).await;
    assert_eq!(pinned.status, 404, "nor is it said that it is there: {}", pinned.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_group_is_read_and_no_more_until_it_is_opened_again() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo, mut cy) =
        (alpha.clinician("ada").await, alpha.clinician("bo").await, alpha.clinician("cy").await);
    found_by_form(&mut ada, &[]).await;
    join_by_form(&mut bo).await;
    let (path, _) = discuss(&mut bo, "Last words", "All is said.").await;
    let archive = format!("{GROUP}/archive");
    assert_eq!(bo.get(&archive).await.status, 403);
    press(&mut ada, &archive, &archive).await;
    let page = bo.get(GROUP).await;
    assert!(page.says("Last words") && page.says("is archived") && !page.says("New discussion"), "{}", page.html);
    assert!(bo.get(&path).await.says("Answers are closed"));
    let new = [("title", "More"), ("text", "Still something")];
    assert_eq!(bo.send(&format!("{GROUP}/new"), &new).await.status, 403);
    assert!(cy.get(&format!("{GROUP}/join")).await.says("nobody joins it any more"));
    assert_eq!(cy.send(&format!("{GROUP}/join"), &[]).await.status, 403);
    let reopen = format!("{GROUP}/reopen");
    press(&mut ada, &reopen, &reopen).await;
    discuss(&mut bo, "More", "Still something").await;

    // Nobody owns it any more: an admin gives it to a member, and sees nothing of what is said in it.
    let group = id_of(alpha, "hearts").await;
    run(alpha, &format!("DELETE FROM group_moderators WHERE group_id = {group}")).await;
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    let page = rooty.get("/admin/groups").await;
    assert!(page.says("Heart cases") && page.says("Nobody owns it"), "{}", page.html);
    assert!(!page.says("Last words") && !page.says("Still something"), "{}", page.html);
    let place = format!("/admin/groups/{group}");
    let pass = format!("{place}/transfer");
    assert_eq!(rooty.submit(&place, &pass, &[("to", "cy")]).await.status, 422, "a member owns a group");
    assert_eq!(rooty.submit(&place, &pass, &[("to", "bo")]).await.location, "/admin/groups?done=passed-on");
    assert!(bo.get(GROUP).await.says("You own it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_group_is_read_by_everybody_and_sorted_by_topic() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    found_by_form(&mut ada, &[("kind", "open")]).await;
    let action = format!("{GROUP}/new");
    for (title, topic) in [("A flutter", "Rhythm"), ("A leak", "Valves")] {
        let fields = [("title", title), ("text", "What do you think?"), ("topic", topic), ("language", "en")];
        assert!(ada.submit(&action, &action, &fields).await.status.is_redirection());
    }
    let wrong = [("title", "Cake"), ("text", "Whose?"), ("topic", "Cake"), ("language", "en")];
    let page = ada.submit(&action, &action, &wrong).await;
    assert!(page.status == 422 && page.says("Choose one of the group") && page.says("Whose?"), "{}", page.html);
    let mut nobody = alpha.browser();
    let page = nobody.get(GROUP).await;
    assert!(page.says("A flutter") && page.says("A leak") && page.says("Open"), "{}", page.html);
    let page = nobody.get(&format!("{GROUP}?topic=Valves")).await;
    assert!(page.says("A leak") && !page.says("A flutter"));
    assert_eq!(nobody.get(&format!("{GROUP}/members")).await.location.split('?').next(), Some("/sign-in"));
    assert!(bo.get(GROUP).await.says("Join the group"));
    assert_eq!(bo.get(&action).await.location, "/groups/hearts/join", "only members open discussions");
    assert_eq!(bo.get(&format!("{GROUP}/log")).await.status, 403, "why somebody was put out is told to members alone");
    assert!(!bo.get(GROUP).await.says("/groups/hearts/log"));
    let settings = format!("{GROUP}/settings");
    assert_eq!(bo.get(&settings).await.status, 404, "there is nothing to lead for a stranger");
    let fields = [("name", "Hearts and valves"), ("admission", "free"), ("premoderation", "none"), ("level", "0")];
    assert!(ada.submit(&settings, &settings, &fields).await.status.is_redirection());
    assert!(nobody.get(GROUP).await.says("Hearts and valves"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_another_hospital_says_only_what_is_known_here() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let mut bo = cluster.get("beta.test").clinician("bo").await;
    found_by_form(&mut ada, &[]).await;
    let there = "/groups/hearts@alpha.test";
    assert_eq!(bo.get("/groups?q=hearts@alpha.test").await.location, there);
    let page = bo.get(there).await;
    assert!(page.says("lives at alpha.test") && page.says("0 members here"), "{}", page.html);
    let join = format!("{there}/join");
    assert!(bo.submit(&join, &join, &[]).await.status.is_redirection());
    cluster.settle().await;
    let page = bo.get(there).await;
    assert!(page.says("You are a member") && page.says("1 member here"), "{}", page.html);
    assert!(bo.get(&format!("{there}/about")).await.says("No names of patients."), "its rules are told");
    assert!(page.says(&format!("{there}/log")), "and so is what its moderators do: {}", page.html);
    let said = bo.get(&format!("{there}/new")).await;
    assert!(said.says("Who reads it: The members of the group, 1 of them here."), "{}", said.html);
    assert!(ada.get(GROUP).await.says("2 members, 2 hospitals"));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_looked_at_in_turn_however_many_a_group_has() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    found_by_form(&mut ada, &[("kind", "open")]).await;
    let group = id_of(alpha, "hearts").await;
    let crowd = format!(
        "WITH crowd AS (INSERT INTO accounts (username, name, name_skeleton, kind, state, uri, url, inbox, outbox, followers_uri, shared_inbox, following_count) \
           SELECT 'm' || n, 'Dr m' || n, 'dr m' || n, 'person', 'active', 'http://alpha.test/users/m' || n, 'http://alpha.test/@m' || n, '', '', '', '', 1 \
           FROM generate_series(1, 300) n RETURNING id) \
         INSERT INTO follows (follower_id, target_id, state, uri) SELECT id, {group}, 'accepted', 'http://alpha.test/follows/' || id FROM crowd; \
         UPDATE accounts SET followers_count = 301 WHERE id = {group}; UPDATE groups SET level = 4 WHERE account_id = {group}"
    );
    alpha.ctx.pool.get().await.unwrap().batch_execute(&crowd).await.unwrap();
    let members = format!("{GROUP}/members");
    assert!(ada.get(&members).await.says("Dr m"));
    cluster.settle().await;
    assert!(ada.get(&members).await.says("Nobody is listed here"), "nothing is proven of anybody");
}
