//! Cases that are taken back, at three hospitals: what goes at once, and what their author sees of the others.

use std::time::Duration;

use chrono::{Days, TimeDelta};
use consilium::{
    model::{CaseDraft, ConsentScope, GroupDeed, GroupKind, PostId, Premoderation, Role},
    service::{
        Page as Pages,
        groups::{self, GroupForm},
        posts,
    },
};
use diesel_async::SimpleAsyncConnection;
use serde_json::json;

use crate::harness::{
    Browser, Cluster, Instance, Options, Page, Stranger,
    cases::{answer, consent, plain, post_case},
    cluster::PASSWORD,
    groups::{Circle, GROUP, form, found, found_like, join, known},
    people::viewer,
    rows::{ask, run},
};

const GONE: &str = "This case was withdrawn by its author. Nothing of it is kept here.";

/// Olga's closed group is at alpha, with Ada and Dan in it; Bo is at beta, Cy at gamma, and Eve has a server of her own.
struct Story {
    cluster: Cluster,
    eve: Stranger,
    olga: Browser,
    ada: Browser,
    dan: Browser,
    bo: Browser,
}

fn draft() -> CaseDraft {
    plain("Treat or wait?")
}

impl Story {
    async fn new() -> Self {
        let eve = Stranger::at("eve.test").await;
        let names = ["alpha.test", "beta.test", "gamma.test"];
        let cluster = Cluster::with(&names, &[("eve.test", eve.address)], Options::default()).await;
        let alpha = cluster.get("alpha.test");
        let (olga, ada, dan) =
            (alpha.clinician("olga").await, alpha.clinician("ada").await, alpha.clinician("dan").await);
        let bo = cluster.get("beta.test").clinician("bo").await;
        cluster.get("gamma.test").account("cy", Role::Clinician).await;
        found(alpha, &viewer(alpha, "olga").await, GroupKind::Closed).await;
        for (host, name) in [("alpha.test", "ada"), ("alpha.test", "dan"), ("beta.test", "bo"), ("gamma.test", "cy")] {
            let at = cluster.get(host);
            join(at, &viewer(at, name).await, "").await;
        }
        cluster.settle().await;
        Self { cluster, eve, olga, ada, dan, bo }
    }

    fn at(&self, host: &str) -> &Instance {
        self.cluster.get(host)
    }

    /// Somebody asks a case; its id there, and its ActivityPub id.
    async fn ask(&self, host: &str, name: &str, written: CaseDraft) -> (PostId, String) {
        let at = self.at(host);
        let post = post_case(at, &viewer(at, name).await, known(at).await, written).await;
        self.cluster.settle().await;
        (post, posts::raw(&at.ctx, post).await.unwrap().uri)
    }

    /// Whether a server still has words of a case; none where it never had it.
    async fn has(&self, host: &str, uri: &str) -> Option<bool> {
        let post = posts::by_uri(&self.at(host).ctx, uri).await.unwrap()?;
        assert_eq!(post.deleted_at.is_none(), !post.html.is_empty(), "{host}");
        Some(post.deleted_at.is_none())
    }

    async fn later(&self, minutes: i64) {
        self.pass(TimeDelta::minutes(minutes)).await;
    }

    async fn pass(&self, time: TimeDelta) {
        self.cluster.pass(time);
        self.cluster.settle().await;
    }

    /// How often alpha could not deliver to a server, one after the other, and the seconds until it tries again.
    async fn failures(&self, host: &str) -> (usize, i64) {
        let alpha = self.at("alpha.test");
        let row = "SELECT failures || ' ' || extract(epoch FROM retry_at)::bigint AS words FROM hosts";
        let row = ask(alpha, &format!("{row} WHERE name = '{host}'")).await.remove(0);
        let (failures, at) = row.split_once(' ').unwrap();
        (failures.parse().unwrap(), at.parse::<i64>().unwrap() - alpha.ctx.now().timestamp())
    }

    /// How long it is until alpha delivers to a server again, or looks at what that has left.
    async fn until_next_try(&self, host: &str) -> TimeDelta {
        let alpha = self.at("alpha.test");
        let due = "SELECT extract(epoch FROM (SELECT min(due) FROM unnest(ARRAY[h.retry_at, c.next_check_at]) AS due \
                     WHERE due > 'epoch'))::bigint::text AS words FROM hosts h JOIN case_copies c ON c.host_id = h.id";
        let due = ask(alpha, &format!("{due} WHERE h.name = '{host}'")).await.remove(0);
        TimeDelta::seconds(due.parse::<i64>().unwrap() - alpha.ctx.now().timestamp() + 1)
    }
}

fn recall(id: PostId) -> String {
    format!("/cases/{id}/recall")
}

async fn withdraw(who: &mut Browser, id: PostId, reason: &str) {
    let done = who.submit(&recall(id), &recall(id), &[("reason", reason)]).await;
    let is_done = ["case-withdrawn", "case-removed"].map(|word| format!("{}?done={word}", recall(id)));
    assert!(is_done.contains(&done.location), "{} {}", done.location, done.html);
}

/// What stands beside a server on the page of a recall.
fn said(page: &Page, host: &str) -> String {
    let row = page.html.split(&format!("<span class=\"name\">{host}</span>")).nth(1);
    let row = row.unwrap_or_else(|| panic!("nothing is said of {host}: {}", page.html));
    row.split("</li>").next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_its_author_withdraws_is_gone_at_every_hospital_and_each_says_so() {
    let mut story = Story::new().await;
    let (id, uri) = story.ask("alpha.test", "ada", draft()).await;
    answer(&mut story.dan, id.0, "Wait.").await;
    let there = posts::by_uri(&story.at("beta.test").ctx, &uri).await.unwrap().unwrap().id;
    let copy = format!("/@ada@alpha.test/{there}");
    assert_eq!(story.bo.get(&copy).await.status, 200);

    let page = story.ada.get(&recall(id)).await;
    for words in ["Withdraw this case?", "Treat or wait?", "beta.test, gamma.test", "cannot be called back"] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let unsaid = story.ada.submit(&recall(id), &recall(id), &[]).await;
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.says("Choose why the case is withdrawn."), "{}", unsaid.html);
    withdraw(&mut story.ada, id, "consent_withdrawn").await;
    let page = story.ada.get(&recall(id)).await;
    for host in ["beta.test", "gamma.test"] {
        let said = said(&page, host);
        assert!(said.contains("Not asked yet") && said.contains("asked for the first time after"), "{said}");
    }
    story.cluster.settle().await;

    for host in ["alpha.test", "beta.test", "gamma.test"] {
        assert_eq!(story.has(host, &uri).await, Some(false), "{host}");
    }
    let own = story.dan.get(&format!("/@ada/{id}")).await;
    assert!(own.status == 410 && own.says(GONE) && !own.says("Treat or wait?"), "{}", own.html);
    assert!(own.says("href=\"/groups/hearts\""), "the way back to the group: {}", own.html);
    let page = story.bo.get(&copy).await;
    assert!(page.status == 410 && page.says(GONE), "{}", page.html);
    let mut stranger = story.at("beta.test").clinician("stranger").await;
    assert_eq!(stranger.get(&copy).await.status, 404, "who could not read it hears nothing of it");
    assert!(story.dan.get("/notifications").await.says("withdrew <a href="), "whoever took part is told");
    let alpha = story.at("alpha.test");
    let (dan, group) = (viewer(alpha, "dan").await, known(alpha).await);
    let log = groups::log(&alpha.ctx, &dan, group, &Pages::first(1)).await.unwrap().items;
    assert_eq!((log[0].deed, log[0].reason.as_str()), (GroupDeed::Recall, "The patient no longer agrees."));

    story.later(6).await;
    let page = story.ada.get(&recall(id)).await;
    for host in ["beta.test", "gamma.test"] {
        assert!(said(&page, host).contains("Nothing left"), "{}", page.html);
    }
    assert!(page.says("the patient no longer agrees") && page.says("cannot be called back"), "{}", page.html);
    assert!(!page.says("Ask again now"), "nothing is left to ask: {}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_below_a_case_goes_with_it_at_every_hospital_also_what_was_still_on_its_way() {
    let mut story = Story::new().await;
    let (id, uri) = story.ask("alpha.test", "ada", draft()).await;
    let first = answer(&mut story.dan, id.0, "I would wait for the genetics.").await;
    story.cluster.settle().await;
    let (alpha, beta) = (&story.at("alpha.test").ctx, &story.at("beta.test").ctx);
    let reply = posts::raw(alpha, PostId(first)).await.unwrap().uri;
    let there = posts::by_uri(beta, &reply).await.unwrap().unwrap().id;
    let second = answer(&mut story.bo, there.0, "Why so soon?").await;
    story.cluster.settle().await;
    let more = posts::raw(&story.at("beta.test").ctx, PostId(second)).await.unwrap().uri;
    for host in ["alpha.test", "beta.test", "gamma.test"] {
        assert_eq!((story.has(host, &reply).await, story.has(host, &more).await), (Some(true), Some(true)), "{host}");
    }
    // That gamma has the answers is known, and that it has the case is not.
    let forget = format!(
        "DELETE FROM case_copies c USING hosts h WHERE h.id = c.host_id AND h.name = 'gamma.test' AND c.post_id = {id}"
    );
    run(story.at("alpha.test"), &forget).await;

    let page = story.ada.get(&recall(id)).await;
    assert!(page.says("all that was said below it, whoever wrote it"), "{}", page.html);
    withdraw(&mut story.ada, id, "identifiable").await;
    // Gamma has not heard of it yet.
    let gamma = story.at("gamma.test");
    let case = posts::by_uri(&gamma.ctx, &uri).await.unwrap().unwrap().id;
    let new = posts::NewPost { text: "In Leeds?".into(), reply_to: Some(case), ..posts::NewPost::default() };
    let new = posts::NewPost { stays: posts::Stays::All("Invented for a story".into()), ..new };
    let late = posts::publish(&gamma.ctx, &viewer(gamma, "cy").await, new).await.unwrap();
    let late = posts::raw(&gamma.ctx, late).await.unwrap().uri;
    story.cluster.settle().await;

    for host in ["alpha.test", "beta.test", "gamma.test"] {
        for gone in [&uri, &reply, &more] {
            assert_eq!(story.has(host, gone).await, Some(false), "{gone} at {host}");
        }
        assert_ne!(story.has(host, &late).await, Some(true), "{host}");
    }
    assert_eq!(story.dan.get(&format!("/@dan/{first}")).await.status, 404);
    assert_eq!(story.bo.get(&format!("/@bo/{second}")).await.status, 404);
    assert!(!story.bo.get("/@bo").await.says("Why so soon?"));
    assert!(story.dan.get("/notifications").await.says("withdrew <a href="), "whoever took part is told");

    story.later(6).await;
    let page = story.ada.get(&recall(id)).await;
    for host in ["beta.test", "gamma.test"] {
        assert!(said(&page, host).contains("Nothing left"), "{}", page.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_that_is_down_for_a_day_is_shown_as_silent_and_is_told_once_it_is_back() {
    let mut story = Story::new().await;
    let (id, uri) = story.ask("alpha.test", "ada", draft()).await;
    story.cluster.get_mut("gamma.test").go_down().await;
    withdraw(&mut story.ada, id, "identifiable").await;
    story.cluster.settle().await;
    let day_over = story.at("alpha.test").ctx.now() + TimeDelta::days(1);
    let mut pauses = Vec::new();
    loop {
        let (failures, pause) = story.failures("gamma.test").await;
        if failures > pauses.len() {
            pauses.push(pause);
        }
        let next = story.until_next_try("gamma.test").await;
        if story.at("alpha.test").ctx.now() + next > day_over {
            break;
        }
        story.pass(next).await;
    }
    story.pass(day_over - story.at("alpha.test").ctx.now()).await;

    assert_eq!(pauses.len(), 11, "so often it was told: {pauses:?}");
    assert!(pauses.is_sorted_by(|one, next| one < next), "each time after a longer pause: {pauses:?}");
    let half_a_day = 12 * 60 * 60;
    assert!(pauses.iter().all(|pause| *pause <= half_a_day + 1), "and not only after days: {pauses:?}");
    let waiting = "SELECT DISTINCT h.name AS words FROM deliveries d JOIN hosts h ON h.id = d.host_id";
    assert_eq!(ask(story.at("alpha.test"), waiting).await, ["gamma.test"], "nothing is given up");
    story.ada.sign_in("ada", PASSWORD).await;
    let page = story.ada.get(&recall(id)).await;
    assert!(said(&page, "beta.test").contains("Nothing left"), "{}", page.html);
    let silent = said(&page, "gamma.test");
    for words in ["Silent", "Told since", "without an answer after 8 tries", "It has not answered since"] {
        assert!(silent.contains(words), "{words}: {silent}");
    }
    let press = format!("{}/ask", recall(id));
    let pressed = story.ada.submit(&recall(id), &press, &[]).await;
    assert_eq!(pressed.location, format!("{}?done=copies-asked", recall(id)), "{}", pressed.html);
    story.cluster.settle().await;
    assert!(said(&story.ada.get(&recall(id)).await, "gamma.test").contains("after 9 tries"));
    let hasty = story.ada.submit(&recall(id), &press, &[]).await;
    assert_eq!(hasty.status, 429, "it was looked at a moment ago: {}", hasty.html);

    let now = story.at("alpha.test").ctx.now();
    let gamma = story.cluster.get_mut("gamma.test");
    gamma.come_back().await;
    gamma.ctx.clock.advance(now - gamma.ctx.now());
    assert_eq!(story.has("gamma.test", &uri).await, Some(true));
    story.pass(story.until_next_try("gamma.test").await).await;
    assert_eq!(story.has("gamma.test", &uri).await, Some(false));
    assert_eq!(story.failures("gamma.test").await.0, 0, "it is well again");
    assert!(said(&story.ada.get(&recall(id)).await, "gamma.test").contains("Silent"), "it has not been asked yet");
    let pressed = story.ada.submit(&recall(id), &press, &[]).await;
    assert_eq!(pressed.location, format!("{}?done=copies-asked", recall(id)), "{}", pressed.html);
    story.cluster.settle().await;
    let page = story.ada.get(&recall(id)).await;
    assert!(said(&page, "gamma.test").contains("Nothing left"), "{}", page.html);
    assert!(!page.says("Ask again now"), "nothing is left to ask: {}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_the_word_and_says_nothing_for_a_day_is_asked_on_with_longer_pauses() {
    let eve = Stranger::at("eve.test").await;
    let cluster = Cluster::with(&["alpha.test"], &[("eve.test", eve.address)], Options::default()).await;
    let alpha = cluster.get("alpha.test");
    let olga = alpha.account("olga", Role::Clinician).await;
    let group = found(alpha, &olga, GroupKind::Open).await;
    assert_eq!(eve.deliver(alpha, &eve.activity("Follow", "follow", json!(GROUP))).await, 202);
    cluster.settle().await;
    let written = CaseDraft { consent: consent(ConsentScope::Public), ..draft() };
    let id = post_case(alpha, &olga, group, written).await;
    cluster.settle().await;
    eve.hang("/consilium/copies", Duration::from_millis(1));
    withdraw(&mut alpha.signed_in("olga").await, id, "mistake").await;
    cluster.settle().await;
    for _ in 0..24 {
        cluster.pass(TimeDelta::hours(1));
        cluster.settle().await;
    }
    let asked = eve.fetched().iter().filter(|path| *path == "/consilium/copies").count();
    assert!((6..=9).contains(&asked), "with longer pauses each time: {asked}");
    let shown = said(&alpha.signed_in("olga").await.get(&recall(id)).await, "eve.test");
    for words in ["Acknowledged", "It does not say whether a copy is left", "It is looked at again after"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_withdraw_nothing_and_moderators_do_with_their_own_reasons() {
    let mut story = Story::new().await;
    let (id, uri) = story.ask("alpha.test", "ada", draft()).await;
    assert_eq!(story.dan.get(&recall(id)).await.status, 404);
    assert_eq!(story.dan.send(&recall(id), &[("reason", "mistake")]).await.status, 404);
    let there = posts::by_uri(&story.at("beta.test").ctx, &uri).await.unwrap().unwrap().id;
    assert_eq!(story.bo.get(&recall(there)).await.status, 404, "nor do those of other hospitals");
    assert_eq!(story.has("alpha.test", &uri).await, Some(true));

    let page = story.olga.get(&recall(id)).await;
    assert!(page.says("value=\"moderators\"") && !page.says("value=\"consent_withdrawn\""), "{}", page.html);
    assert_eq!(story.olga.send(&recall(id), &[("reason", "mistake")]).await.status, 422);
    withdraw(&mut story.olga, id, "moderators").await;
    story.cluster.settle().await;
    for host in ["alpha.test", "beta.test", "gamma.test"] {
        assert_eq!(story.has(host, &uri).await, Some(false), "{host}");
    }
    let page = story.ada.get(&format!("/@ada/{id}")).await;
    assert!(page.status == 410 && page.says("removed by the moderators of its group"), "{}", page.html);
    assert!(page.says("The moderators of the group have decided so."), "and why: {}", page.html);
    assert!(story.ada.get(&recall(id)).await.says("By a moderator of the group."), "its author sees where it went");
    let told = story.ada.get("/notifications").await;
    assert!(told.says("removed <a href=") && told.says("a case of yours"), "{}", told.html);
    assert!(told.says("Heart cases") && told.says("have decided so") && !told.says("withdrew"), "{}", told.html);
    assert!(story.ada.get("/groups/hearts/log").await.says("removed everywhere a case of"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_simply_deleted_or_removed_is_taken_back_as_well() {
    let mut story = Story::new().await;
    let (deleted, first) = story.ask("alpha.test", "ada", draft()).await;
    let (removed, second) = story.ask("alpha.test", "ada", draft()).await;
    story.ada.get("/").await;
    assert!(story.ada.send(&format!("/posts/{deleted}/delete"), &[]).await.status.is_redirection());
    let remove = format!("/groups/hearts/posts/{removed}/remove");
    let done = story.olga.submit(&remove, &remove, &[("reason", "Too much of a patient")]).await;
    assert!(done.status.is_redirection(), "{}", done.html);
    story.cluster.settle().await;
    story.later(6).await;
    for (id, uri, words) in [
        (deleted, first, "By its author: it should not have been posted."),
        (removed, second, "By a moderator of the group."),
    ] {
        assert_eq!(story.has("gamma.test", &uri).await, Some(false));
        let page = story.ada.get(&recall(id)).await;
        assert!(page.says(words) && said(&page, "gamma.test").contains("Nothing left"), "{}", page.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_called_back_from_hospitals_that_nobody_in_the_group_works_at_any_more() {
    let mut story = Story::new().await;
    let (id, uri) = story.ask("beta.test", "bo", draft()).await;
    assert_eq!(story.has("gamma.test", &uri).await, Some(true), "the group has handed it on");
    let gamma = story.at("gamma.test");
    groups::leave(&gamma.ctx, &viewer(gamma, "cy").await, known(gamma).await).await.unwrap();
    story.cluster.settle().await;
    withdraw(&mut story.bo, id, "mistake").await;
    story.cluster.settle().await;
    for host in ["alpha.test", "gamma.test"] {
        assert_eq!(story.has(host, &uri).await, Some(false), "{host}");
    }
    story.later(6).await;
    let page = story.bo.get(&recall(id)).await;
    for host in ["alpha.test", "gamma.test"] {
        assert!(said(&page, host).contains("Nothing left"), "{}", page.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cases_of_somebody_who_closes_their_account_are_called_back() {
    let mut story = Story::new().await;
    let (_, uri) = story.ask("beta.test", "bo", draft()).await;
    assert_eq!(story.has("gamma.test", &uri).await, Some(true));
    let here = posts::by_uri(&story.at("alpha.test").ctx, &uri).await.unwrap().unwrap().id;
    answer(&mut story.dan, here.0, "Wait.").await;
    story.cluster.settle().await;
    story.bo.get("/settings/account/close").await;
    let closed = story.bo.send("/settings/account/close", &[("current_password", PASSWORD)]).await;
    assert!(closed.status.is_redirection(), "{}", closed.html);
    story.cluster.settle().await;
    story.later(6).await;
    for host in ["alpha.test", "beta.test", "gamma.test"] {
        assert_eq!(story.has(host, &uri).await, Some(false), "{host}");
    }
    let reasons = ask(story.at("alpha.test"), "SELECT reason AS words FROM case_recalls").await;
    assert_eq!(reasons, ["author_left"], "the group calls it back");
    let told = story.dan.get("/notifications").await;
    assert!(told.says("withdrew <a href=") && told.says(&format!("/@hearts/{here}")), "{}", told.html);
    let page = story.dan.get(&format!("/@hearts/{here}")).await;
    assert!(page.status == 410 && page.says(GONE), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_when_its_consent_ends_and_its_author_is_told_in_time() {
    let mut story = Story::new().await;
    let today = story.at("alpha.test").ctx.now().date_naive();
    let mut written = draft();
    written.consent.expires_on = today.checked_add_days(Days::new(20));
    let (id, uri) = story.ask("alpha.test", "ada", written).await;
    assert!(!story.ada.get("/notifications").await.says("the consent ends soon"));
    story.later(7 * 24 * 60).await;
    story.ada.sign_in("ada", PASSWORD).await;
    let told = story.ada.get("/notifications").await;
    assert!(told.says("the consent ends soon for your case") && told.says(&format!("/@ada/{id}")), "{}", told.html);
    assert_eq!(story.has("gamma.test", &uri).await, Some(true));
    story.later(24 * 60).await;

    story.later(13 * 24 * 60).await;
    for host in ["alpha.test", "beta.test", "gamma.test"] {
        assert_eq!(story.has(host, &uri).await, Some(false), "{host}");
    }
    story.ada.sign_in("ada", PASSWORD).await;
    let page = story.ada.get(&recall(id)).await;
    assert!(page.says("By this server: the consent has ended."), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_whom_a_copy_concerns_are_told_of_it() {
    let mut story = Story::new().await;
    let (id, uri) = story.ask("alpha.test", "ada", draft()).await;
    let group = known(story.at("alpha.test")).await;
    let held = async |from: &str, who, at: &str, uri: &str| {
        story.at(from).ctx.remote().unwrap().holds(at, who, uri).await.unwrap()
    };
    assert_eq!(held("alpha.test", group, "beta.test", &uri).await, Some(true));
    let bo = viewer(story.at("beta.test"), "bo").await.account().unwrap();
    assert_eq!(held("beta.test", bo, "gamma.test", &uri).await, None, "it is no case of beta's");
    assert_eq!(held("alpha.test", group, "beta.test", "http://alpha.test/users/ada/posts/1").await, None);
    let beta = story.at("beta.test");
    let path =
        format!("/consilium/copies?of={}", url::form_urlencoded::byte_serialize(uri.as_bytes()).collect::<String>());
    assert_eq!(story.eve.get_as(beta, &story.eve.actor(), &path).await.0, 404);
    assert_eq!(beta.browser().get(&path).await.status, 404);

    withdraw(&mut story.ada, id, "mistake").await;
    story.cluster.settle().await;
    let remote = story.at("alpha.test").ctx.remote().unwrap();
    assert_eq!(remote.holds("beta.test", group, &uri).await.unwrap(), Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_was_given_up_is_not_taken_for_one_that_was_heard() {
    let mut story = Story::new().await;
    let (id, uri) = story.ask("alpha.test", "ada", draft()).await;
    story.cluster.get_mut("gamma.test").go_down().await;
    story.cluster.expect_dead_letters();
    withdraw(&mut story.ada, id, "identifiable").await;
    for _ in 0..20 {
        story.later(13 * 60).await;
    }
    let mut admin = story.at("alpha.test").person("root1", Role::Admin).await;
    assert!(admin.get("/admin/dead-letters").await.says("gamma.test"));
    let mut ada = story.at("alpha.test").browser();
    ada.sign_in("ada", PASSWORD).await;
    let page = ada.get(&recall(id)).await;
    assert!(said(&page, "gamma.test").contains("Silent"), "{}", page.html);
    assert_eq!(story.has("gamma.test", &uri).await, Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_that_has_a_case_again_is_told_again_and_of_other_programs_no_more_is_said_than_they_do() {
    let story = Circle::joined(GroupKind::Open).await;
    let (alpha, beta) = (story.at("alpha.test"), story.at("beta.test"));
    story.deliver(&story.eve.activity("Follow", "follow", json!(GROUP))).await;
    let written = CaseDraft { consent: consent(ConsentScope::Public), ..draft() };
    let id = post_case(alpha, &story.ada, story.group("alpha.test").await, written).await;
    story.cluster.settle().await;
    let uri = posts::raw(&alpha.ctx, id).await.unwrap().uri;
    assert!(story.eve.was_told(&uri));
    let mut ada = alpha.signed_in("ada").await;
    withdraw(&mut ada, id, "mistake").await;
    story.cluster.settle().await;
    assert!(story.eve.was_told(&format!("{uri}#delete")));

    // Beta has gone back to what it had the night before.
    let restored = format!("UPDATE posts SET deleted_at = NULL, html = '<p>Palpitations.</p>' WHERE uri = '{uri}'");
    run(beta, &restored).await;
    story.cluster.pass(TimeDelta::minutes(6));
    story.cluster.settle().await;
    let page = ada.get(&recall(id)).await;
    for (host, all) in [
        ("beta.test", ["Still has it", "Says that it still has a copy", "It is told again."]),
        ("gamma.test", ["Nothing left", "Says that it deleted it", "asked just now"]),
        ("eve.test", ["Acknowledged", "Accepted the deletion", "It is not asked further."]),
    ] {
        let said = said(&page, host);
        assert!(all.iter().all(|words| said.contains(words)), "{said}");
    }
    let there = posts::by_uri(&beta.ctx, &uri).await.unwrap().unwrap();
    assert!(there.deleted_at.is_some(), "it has been told again, and has done it");
    story.cluster.pass(TimeDelta::minutes(30));
    story.cluster.settle().await;
    let mut ada = alpha.signed_in("ada").await;
    assert!(said(&ada.get(&recall(id)).await, "beta.test").contains("Nothing left"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_still_shows_a_case_at_its_own_address_is_found_out() {
    let story = Circle::joined(GroupKind::Open).await;
    let alpha = story.at("alpha.test");
    story.deliver(&story.eve.activity("Follow", "follow", json!(GROUP))).await;
    let mut asked = story.eve.note("asked", "Palpitations after a hard run.");
    asked["type"] = json!("Page");
    asked["name"] = json!("Treat or wait?");
    asked["tag"] = json!([{ "type": "Mention", "href": GROUP, "name": "@hearts@alpha.test" }]);
    asked["case"] = json!({
        "urgency": "soon", "consent": { "basis": "not_identifiable", "scope": "public" },
        "sections": [{ "key": "presentation", "content": "<p>Palpitations after a hard run.</p>" }],
    });
    let uri = asked["id"].as_str().unwrap().to_owned();
    story.eve.serve("/notes/asked", asked.clone());
    story.deliver(&story.eve.activity("Create", "asked", asked)).await;
    let id = posts::by_uri(&alpha.ctx, &uri).await.unwrap().unwrap().id;
    let mut ada = alpha.signed_in("ada").await;
    withdraw(&mut ada, id, "moderators").await;
    story.cluster.settle().await;
    story.cluster.pass(TimeDelta::minutes(6));
    story.cluster.settle().await;
    let shown = said(&ada.get(&recall(id)).await, "eve.test");
    assert!(shown.contains("Still has it") && shown.contains("or still shows it at the address"), "{shown}");
    assert!(story.eve.was_told("#recall-"), "it is told again");

    story.eve.serve("/notes/asked", json!({ "id": uri, "type": "Tombstone" }));
    story.cluster.pass(TimeDelta::minutes(30));
    story.cluster.settle().await;
    let mut ada = alpha.signed_in("ada").await;
    let gone = said(&ada.get(&recall(id)).await, "eve.test");
    assert!(gone.contains("Acknowledged") && !gone.contains("Nothing left"), "it does not say so: {gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lets_an_answer_be_seen_waits_for_a_withdrawal_of_its_case_and_does_not_hold_it_up() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (olga, ada) = (alpha.account("olga", Role::Clinician).await, alpha.account("ada", Role::Clinician).await);
    let looked_at = GroupForm { premoderation: Premoderation::All, ..form() };
    let group = found_like(alpha, &olga, GroupKind::Open, &looked_at).await;
    join(alpha, &ada, "").await;
    let written = CaseDraft { consent: consent(ConsentScope::Public), ..draft() };
    let case = post_case(alpha, &olga, group, written).await;
    let new = posts::NewPost { text: "I would wait.".into(), reply_to: Some(case), ..posts::NewPost::default() };
    let new = posts::NewPost { stays: posts::Stays::All("Invented for a story".into()), ..new };
    let answer = posts::publish(&alpha.ctx, &ada, new).await.unwrap();

    // A withdrawal that has got as far as the case itself.
    let mut withdrawal = alpha.ctx.pool.get().await.unwrap();
    let begin = format!("BEGIN; SELECT id FROM posts WHERE id = {case} FOR UPDATE");
    withdrawal.batch_execute(&begin).await.unwrap();
    let mut release = std::pin::pin!(groups::release(&alpha.ctx, &olga, answer));
    let stuck = "SELECT count(*)::text AS words FROM pg_stat_activity \
                 WHERE datname = current_database() AND wait_event_type = 'Lock'";
    tokio::select! {
        done = &mut release => panic!("it did not wait: {done:?}"),
        () = async { while ask(alpha, stuck).await != ["1"] {} } => {}
    }
    let go_on = format!("SELECT id FROM posts WHERE id = {answer} FOR UPDATE NOWAIT; ROLLBACK");
    withdrawal.batch_execute(&go_on).await.unwrap();
    release.await.unwrap();
    cluster.settle().await;
}
