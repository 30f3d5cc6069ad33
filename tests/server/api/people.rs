//! Whom one wants to read: blocks, mutes, lists, filters, hashtags, notes and what follows from them.

use consilium::model::Role;
use serde_json::{Value, json};

use crate::harness::{App, Cluster, Instance, Options, pictures::red, text};

async fn apps<const N: usize>(instance: &Instance, names: [&str; N]) -> [App; N] {
    let mut made = Vec::new();
    for name in names {
        instance.account(name, Role::Clinician).await;
        made.push(App::of(instance, name, "read write follow push").await);
    }
    made.try_into().unwrap_or_else(|_| panic!("one app for each name"))
}

async fn follow(one: &App, other: &App) {
    let path = format!("/api/v1/accounts/{}/follow", other.me().await);
    assert_eq!(one.post(&path, json!({})).await.status, 200);
}

fn words(page: &Value) -> String {
    page.as_array().unwrap().iter().flat_map(|s| [s["content"].as_str().unwrap(), "|"]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_blocked_neither_reads_nor_reaches_one_also_from_another_hospital() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let [ada, carl] = apps(cluster.get("alpha.test"), ["ada", "carl"]).await;
    let [bo] = apps(cluster.get("beta.test"), ["bo"]).await;
    follow(&carl, &ada).await;
    let ada_there = bo.find("ada@alpha.test").await;
    bo.post(&format!("/api/v1/accounts/{ada_there}/follow"), json!({})).await;
    cluster.settle().await;
    let id = ada.write(json!({ "status": "Before" })).await;
    cluster.settle().await;
    let bo_here = ada.find("bo@beta.test").await;
    for other in [carl.me().await, bo_here.clone()] {
        let relation = ada.post(&format!("/api/v1/accounts/{other}/block"), json!({})).await.body;
        assert_eq!(
            (relation["blocking"].as_bool(), relation["followed_by"].as_bool()),
            (Some(true), Some(false)),
            "{relation}"
        );
    }
    cluster.settle().await;
    assert_eq!(ada.listed("/api/v1/blocks", "acct").await.len(), 2);
    assert_eq!(carl.get(&format!("/api/v1/statuses/{id}")).await.status, 404, "her posts are not there for him");
    assert_eq!(carl.post(&format!("/api/v1/accounts/{}/follow", ada.me().await), json!({})).await.status, 403);
    let relation = bo.get(&format!("/api/v1/accounts/relationships?id[]={ada_there}")).await.body;
    assert_eq!(
        (relation[0]["blocked_by"].as_bool(), relation[0]["following"].as_bool()),
        (Some(true), Some(false)),
        "{relation}"
    );
    carl.post("/api/v1/statuses", json!({ "status": "@ada still here" })).await;
    bo.post("/api/v1/statuses", json!({ "status": "@ada@alpha.test so am I", "visibility": "direct" })).await;
    cluster.settle().await;
    assert_eq!(ada.listed("/api/v1/notifications?types[]=mention", "type").await.len(), 0);
    assert_eq!(ada.get("/api/v1/conversations").await.body, json!([]), "nor does a message come in");
    ada.post(&format!("/api/v1/accounts/{bo_here}/unblock"), json!({})).await;
    cluster.settle().await;
    let relation = bo.get(&format!("/api/v1/accounts/relationships?id[]={ada_there}")).await.body;
    assert_eq!(relation[0]["blocked_by"], false, "{relation}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_is_quiet_ends_by_itself_and_nobody_learns_of_it() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let [ada, bo] = apps(cluster.get("alpha.test"), ["ada", "bo"]).await;
    follow(&ada, &bo).await;
    bo.write(json!({ "status": "Loud" })).await;
    let bo_id = bo.me().await;
    let muted = ada
        .post(&format!("/api/v1/accounts/{bo_id}/mute"), json!({ "duration": 3600, "notifications": true }))
        .await
        .body;
    assert_eq!(
        (muted["muting"].as_bool(), muted["muting_notifications"].as_bool()),
        (Some(true), Some(true)),
        "{muted}"
    );
    assert_eq!(words(&ada.get("/api/v1/timelines/home").await.body), "");
    bo.write(json!({ "status": "@ada listen" })).await;
    assert_eq!(ada.get("/api/v1/notifications").await.body, json!([]));
    let listed = ada.get("/api/v1/mutes").await.body;
    assert!(listed[0]["mute_expires_at"].is_string(), "{listed}");
    let seen = bo.get(&format!("/api/v1/accounts/relationships?id[]={}", ada.me().await)).await.body;
    assert_eq!(seen[0]["followed_by"], true, "Bo sees nothing of it");
    cluster.pass(chrono::TimeDelta::minutes(61));
    cluster.sweep().await;
    assert!(words(&ada.get("/api/v1/timelines/home").await.body).contains("Loud"));
    assert_eq!(ada.get("/api/v1/mutes").await.body, json!([]));

    // One thread alone.
    let id = ada.write(json!({ "status": "A question" })).await;
    assert_eq!(ada.post(&format!("/api/v1/statuses/{id}/mute"), json!({})).await.body["muted"], true);
    bo.write(json!({ "status": "@ada an answer", "in_reply_to_id": id })).await;
    assert_eq!(ada.listed("/api/v1/notifications?types[]=mention", "type").await.len(), 0);
    assert_eq!(ada.post(&format!("/api/v1/statuses/{id}/unmute"), json!({})).await.body["muted"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_gathers_a_few_and_takes_them_out_of_the_rest() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let [ada, bo, carl] = apps(cluster.get("alpha.test"), ["ada", "bo", "carl"]).await;
    for one in [&bo, &carl] {
        follow(&ada, one).await;
    }
    let made = ada
        .post("/api/v1/lists", json!({ "title": "Cardiology", "exclusive": true, "replies_policy": "list" }))
        .await
        .body;
    assert_eq!((made["title"].as_str(), made["exclusive"].as_bool()), (Some("Cardiology"), Some(true)));
    let id = text(&made["id"]);
    let members = format!("/api/v1/lists/{id}/accounts");
    assert_eq!(ada.post(&members, json!({ "account_ids": [bo.me().await] })).await.status, 200);
    assert_eq!(ada.listed(&members, "acct").await, ["bo"]);
    bo.write(json!({ "status": "From Bo" })).await;
    carl.write(json!({ "status": "From Carl" })).await;
    assert_eq!(words(&ada.get(&format!("/api/v1/timelines/list/{id}")).await.body), "<p>From Bo</p>|");
    assert_eq!(words(&ada.get("/api/v1/timelines/home").await.body), "<p>From Carl</p>|", "not twice");
    assert_eq!(ada.listed(&format!("/api/v1/accounts/{}/lists", bo.me().await), "title").await, ["Cardiology"]);
    for path in [format!("/api/v1/lists/{id}"), members.clone(), format!("/api/v1/timelines/list/{id}")] {
        assert_eq!(bo.get(&path).await.status, 404, "{path} is hers alone");
    }
    assert_eq!(bo.delete(&format!("/api/v1/lists/{id}")).await.status, 404);
    let stranger = ada.post(&members, json!({ "account_ids": ["999999"] })).await;
    assert_eq!(stranger.status, 404, "{}", stranger.body);
    assert_eq!(
        ada.ask(reqwest::Method::DELETE, &members, Some(json!({ "account_ids": [bo.me().await] }))).await.status,
        200
    );
    assert_eq!(ada.delete(&format!("/api/v1/lists/{id}")).await.status, 200);
    assert_eq!(ada.get("/api/v1/lists").await.body, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_warns_or_hides_and_ends_when_it_should() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut browser = alpha.clinician("eve").await;
    let [ada, bo] = apps(alpha, ["ada", "bo"]).await;
    follow(&ada, &bo).await;
    bo.write(json!({ "status": "On elections again" })).await;
    bo.write(json!({ "status": "On spoilers" })).await;
    bo.write(json!({ "status": "On sepsis" })).await;
    let keyword = |word: &str| json!([{ "keyword": word, "whole_word": true }]);
    let warn = json!({ "title": "Politics", "context": ["home"], "filter_action": "warn", "expires_in": 3600, "keywords_attributes": keyword("elections") });
    let made = ada.post("/api/v2/filters", warn).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert!(made.body["expires_at"].is_string() && made.body["keywords"][0]["keyword"] == "elections", "{}", made.body);
    let hide = json!({ "title": "Series", "context": ["home", "public"], "filter_action": "hide", "keywords_attributes": keyword("spoilers") });
    ada.post("/api/v2/filters", hide).await;
    let home = ada.get("/api/v1/timelines/home").await.body;
    let filtered: Vec<(&str, &str)> = home
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|s| Some((s["content"].as_str()?, s["filtered"][0]["filter"]["filter_action"].as_str()?)))
        .collect();
    assert!(filtered.contains(&("<p>On elections again</p>", "warn")), "{home}");
    assert!(!filtered.iter().any(|f| f.0.contains("sepsis")), "{filtered:?}");
    assert!(home.as_array().unwrap().len() == 2 || filtered.contains(&("<p>On spoilers</p>", "hide")), "{home}");
    let id = text(&made.body["id"]);
    assert_eq!(bo.get(&format!("/api/v2/filters/{id}")).await.status, 404);
    assert_eq!(bo.delete(&format!("/api/v2/filters/{id}")).await.status, 404);
    assert_eq!(
        ada.get("/api/v1/filters").await.body.as_array().unwrap().len(),
        2,
        "older clients see one of each word"
    );
    cluster.pass(chrono::TimeDelta::minutes(61));
    cluster.sweep().await;
    let later = ada.get("/api/v1/timelines/home").await.body;
    assert!(later.as_array().unwrap().iter().all(|s| s["filtered"][0]["filter"]["filter_action"] != "warn"), "{later}");
    let empty = ada.post("/api/v2/filters", json!({ "title": "", "context": [] })).await;
    assert_eq!(empty.status, 422, "{}", empty.body);

    // On the page: the form makes one, and the post stands behind its name.
    browser.follow("bo").await;
    browser.get("/settings/filters").await;
    let fields = [("words", "sepsis"), ("place", "home"), ("action", "warn"), ("hours", "24")];
    let kept = browser.send("/settings/filters", &fields).await;
    assert!(kept.status.is_redirection(), "{}", kept.html);
    let home = browser.home().await;
    assert!(home.says("On sepsis") && home.says("Filtered"), "{}", home.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn hashtags_are_followed_shown_and_trend() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let [ada, bo, carl] = apps(cluster.get("alpha.test"), ["ada", "bo", "carl"]).await;
    assert_eq!(ada.post("/api/v1/tags/Sepsis/follow", json!({})).await.body["following"], true);
    bo.write(json!({ "status": "On #sepsis" })).await;
    carl.write(json!({ "status": "More on #Sepsis and #ecg" })).await;
    carl.write(json!({ "status": "A secret #sepsis", "visibility": "private" })).await;
    let home = words(&ada.get("/api/v1/timelines/home").await.body);
    assert!(home.contains("On ") && home.contains("More on ") && !home.contains("secret"), "{home}");
    assert_eq!(ada.listed("/api/v1/followed_tags", "name").await, ["sepsis"]);
    cluster.settle().await;
    let trends = ada.get("/api/v1/trends/tags").await.body;
    assert_eq!(trends[0]["name"], "sepsis", "{trends}");
    assert_eq!(trends[0]["history"].as_array().unwrap().len(), 7, "{trends}");
    let featured = carl.post("/api/v1/featured_tags", json!({ "name": "#ECG" })).await.body;
    assert_eq!(
        (featured["name"].as_str(), featured["statuses_count"].as_str()),
        (Some("ecg"), Some("1")),
        "{featured}"
    );
    assert_eq!(ada.listed(&format!("/api/v1/accounts/{}/featured_tags", carl.me().await), "name").await, ["ecg"]);
    assert_eq!(carl.delete(&format!("/api/v1/featured_tags/{}", text(&featured["id"]))).await.status, 200);
    assert_eq!(ada.post("/api/v1/tags/sepsis/unfollow", json!({})).await.body["following"], false);
    assert_eq!(words(&ada.get("/api/v1/timelines/home").await.body), "");
    let both = ada.get("/api/v1/timelines/tag/sepsis?all[]=ecg").await.body;
    assert_eq!(both.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_on_somebody_is_ones_own_and_a_hidden_server_is_quiet() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let [ada, carl] = apps(cluster.get("alpha.test"), ["ada", "carl"]).await;
    let [bo] = apps(cluster.get("beta.test"), ["bo"]).await;
    let id = ada.find("bo@beta.test").await;
    ada.post(&format!("/api/v1/accounts/{id}/follow"), json!({})).await;
    cluster.settle().await;
    let noted = ada.post(&format!("/api/v1/accounts/{id}/note"), json!({ "comment": "Met in Lyon" })).await.body;
    assert_eq!(noted["note"], "Met in Lyon");
    let seen = carl.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await.body;
    assert_eq!(seen[0]["note"], "");
    bo.write(json!({ "status": "From beta" })).await;
    cluster.settle().await;
    assert!(words(&ada.get("/api/v1/timelines/home").await.body).contains("From beta"));
    assert!(words(&carl.get("/api/v1/timelines/public").await.body).contains("From beta"));
    assert_eq!(ada.post("/api/v1/domain_blocks", json!({ "domain": "beta.test" })).await.status, 200);
    assert_eq!(ada.get("/api/v1/domain_blocks").await.body, json!(["beta.test"]));
    assert!(!words(&ada.get("/api/v1/timelines/public").await.body).contains("From beta"));
    assert!(words(&carl.get("/api/v1/timelines/public").await.body).contains("From beta"), "for herself only");
    assert_eq!(ada.delete("/api/v1/domain_blocks?domain=beta.test").await.status, 200);
    assert!(words(&ada.get("/api/v1/timelines/public").await.body).contains("From beta"));

    // Who of those one follows follows somebody, and whom one may want to follow.
    follow(&ada, &carl).await;
    let there = carl.find("bo@beta.test").await;
    carl.post(&format!("/api/v1/accounts/{there}/follow"), json!({})).await;
    cluster.settle().await;
    let familiar = ada.get(&format!("/api/v1/accounts/familiar_followers?id[]={there}")).await.body;
    assert_eq!(familiar[0]["accounts"][0]["acct"], "carl", "{familiar}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pinned_stands_on_top_here_and_at_the_other_hospital() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let [ada] = apps(cluster.get("alpha.test"), ["ada"]).await;
    let [bo] = apps(cluster.get("beta.test"), ["bo"]).await;
    let there = bo.find("ada@alpha.test").await;
    bo.post(&format!("/api/v1/accounts/{there}/follow"), json!({})).await;
    cluster.settle().await;
    let id = ada.write(json!({ "status": "Read me first" })).await;
    ada.write(json!({ "status": "Later words" })).await;
    assert_eq!(ada.post(&format!("/api/v1/statuses/{id}/pin"), json!({})).await.body["pinned"], true);
    cluster.settle().await;
    for (app, account) in [(&ada, ada.me().await), (&bo, there.clone())] {
        let pinned = app.get(&format!("/api/v1/accounts/{account}/statuses?pinned=true")).await.body;
        assert_eq!(words(&pinned), "<p>Read me first</p>|", "{}", app.host);
    }
    let secret = ada.write(json!({ "status": "@bo@beta.test for you", "visibility": "direct" })).await;
    assert_eq!(ada.post(&format!("/api/v1/statuses/{secret}/pin"), json!({})).await.status, 422);
    ada.post(&format!("/api/v1/statuses/{id}/unpin"), json!({})).await;
    cluster.settle().await;
    assert_eq!(bo.get(&format!("/api/v1/accounts/{there}/statuses?pinned=true")).await.body, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_leaves_with_ones_follows_and_comes_with_those_of_elsewhere() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut browser = alpha.clinician("eve").await;
    let [ada, carl] = apps(alpha, ["ada", "carl"]).await;
    let [bo] = apps(cluster.get("beta.test"), ["bo"]).await;
    follow(&ada, &carl).await;
    ada.post(&format!("/api/v1/accounts/{}/block", ada.find("bo@beta.test").await), json!({})).await;
    browser.get("/settings/data").await;
    let torn = b"Account address,Show boosts\nada@alpha.test,false\nnot a handle,true\n";
    let sent = browser.send_files("/settings/data", &[("file", torn)], &[("kind", "follows")]).await;
    assert!(sent.status == 422 && sent.says("Line 3 does not begin with a handle"), "{}", sent.html);
    let file = b"Account address,Show boosts,Notify on new posts,Languages\nada@alpha.test,false,false,\nbo@beta.test,true,true,\n";
    let sent = browser.send_files("/settings/data", &[("file", file)], &[("kind", "follows")]).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    cluster.settle().await;
    let csv = browser.get("/settings/data/follows.csv").await;
    assert!(csv.html.starts_with("Account address,Show boosts,Notify on new posts,Languages\n"), "{}", csv.html);
    assert!(
        csv.html.contains("ada@alpha.test,false,false,") && csv.html.contains("bo@beta.test,true,true,"),
        "{}",
        csv.html
    );
    assert_eq!(csv.headers["content-disposition"], "attachment; filename=\"follows.csv\"");
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert_eq!(
        bo.get(&format!("/api/v1/accounts/{}/followers", bo.me().await)).await.body[0]["acct"],
        "eve@alpha.test"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_post_makes_room_for_another_on_top() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let [ada] = apps(cluster.get("alpha.test"), ["ada"]).await;
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(ada.write(json!({ "status": format!("Number {n}") })).await);
    }
    let pin = |id: &str| format!("/api/v1/statuses/{id}/pin");
    for id in &ids[..5] {
        assert_eq!(ada.post(&pin(id), json!({})).await.status, 200);
    }
    assert_eq!(ada.post(&pin(&ids[5]), json!({})).await.status, 422, "five are enough");
    assert_eq!(ada.delete(&format!("/api/v1/statuses/{}", ids[0])).await.status, 200);
    let pinned = ada.post(&pin(&ids[5]), json!({})).await;
    assert_eq!(pinned.body["pinned"], true, "{}", pinned.body);
    let path = format!("/api/v1/accounts/{}/statuses?pinned=true", ada.me().await);
    assert_eq!(ada.listed(&path, "id").await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_what_is_for_it_behind_much_that_is_not() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let [ada, bo, carl] = apps(cluster.get("alpha.test"), ["ada", "bo", "carl"]).await;
    follow(&ada, &bo).await;
    let list = ada.post("/api/v1/lists", json!({ "title": "Cardiology", "replies_policy": "none" })).await.body;
    let id = text(&list["id"]);
    let members = json!({ "account_ids": [bo.me().await] });
    assert_eq!(ada.post(&format!("/api/v1/lists/{id}/accounts"), members).await.status, 200);
    let png = red();
    let picture = bo.picture(&png, "A trace").await;
    bo.write(json!({ "status": "With a picture", "media_ids": [picture] })).await;
    let question = carl.write(json!({ "status": "A question" })).await;
    for n in 0..4 {
        bo.write(json!({ "status": format!("@carl answer {n}"), "in_reply_to_id": question })).await;
        bo.write(json!({ "status": format!("@ada word {n}"), "visibility": "direct" })).await;
    }
    let path = format!("/api/v1/timelines/list/{id}?limit=2");
    assert_eq!(words(&ada.get(&path).await.body), "<p>With a picture</p>|");
    for n in 0..4 {
        bo.write(json!({ "status": format!("Plain {n}") })).await;
    }
    let page = ada.get(&path).await;
    assert_eq!(words(&page.body), "<p>Plain 3</p>|<p>Plain 2</p>|");
    assert!(page.headers["link"].to_str().unwrap().contains("rel=\"next\""));
    assert_eq!(words(&ada.get(&format!("{path}&only_media=true")).await.body), "<p>With a picture</p>|");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_words_are_looked_for_and_no_more_are_taken() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let [ada, bo] = apps(cluster.get("alpha.test"), ["ada", "bo"]).await;
    follow(&ada, &bo).await;
    bo.write(json!({ "status": "On Sepsis, once more" })).await;
    bo.write(json!({ "status": "On asepsis" })).await;
    let filter = |title: String, words: Vec<String>| {
        let words: Vec<Value> = words.iter().map(|w| json!({ "keyword": w, "whole_word": true })).collect();
        json!({ "title": title, "context": ["home"], "filter_action": "warn", "keywords_attributes": words })
    };
    for n in 0..5 {
        let mut words: Vec<String> = (0..99).map(|w| format!("word {n} {w}")).collect();
        words.push(if n == 3 { "SEPSIS".into() } else { format!("last {n}") });
        let made = ada.post("/api/v2/filters", filter(format!("Number {n}"), words)).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    let more = ada.post("/api/v2/filters", filter("One more".into(), vec!["straw".into()])).await;
    assert!(more.status == 422 && text(&more.body["error"]).contains("500 words"), "{}", more.body);
    assert_eq!(ada.listed("/api/v2/filters", "title").await.len(), 5, "nothing of it was kept");
    let home = ada.get("/api/v1/timelines/home").await.body;
    assert_eq!(home[0]["filtered"], json!([]), "{home}");
    let filtered = home[1]["filtered"].as_array().unwrap();
    assert_eq!(
        (filtered.len(), filtered[0]["filter"]["title"].as_str(), &filtered[0]["keyword_matches"]),
        (1, Some("Number 3"), &json!(["SEPSIS"]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_apart_or_out_of_sight_does_not_trend() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let alpha = cluster.get("alpha.test");
    let [ada, carl, dora] = apps(alpha, ["ada", "carl", "dora"]).await;
    let [bo] = apps(cluster.get("beta.test"), ["bo"]).await;
    let limited = consilium::model::HostState::Limited;
    consilium::service::hosts::decide_by_operator(&alpha.ctx, "beta.test", limited, "").await.unwrap();
    let there = carl.find("bo@beta.test").await;
    carl.post(&format!("/api/v1/accounts/{there}/follow"), json!({})).await;
    cluster.settle().await;
    for one in [&ada, &carl] {
        one.post("/api/v1/tags/sepsis/follow", json!({})).await;
    }
    bo.write(json!({ "status": "From beta on #sepsis" })).await;
    cluster.settle().await;
    let own = dora.write(json!({ "status": "From Dora on #sepsis" })).await;
    let home = carl.get("/api/v1/timelines/home").await.body;
    assert!(words(&home).contains("From beta on ") && words(&home).contains("From Dora on "), "{home}");
    let hers = words(&ada.get("/api/v1/timelines/home").await.body);
    assert!(hers.contains("From Dora on ") && !hers.contains("From beta"), "she follows the hashtag alone: {hers}");
    let far = home.as_array().unwrap().iter().find(|s| s["account"]["acct"] == "bo@beta.test").unwrap();
    for id in [text(&far["id"]), own] {
        assert_eq!(carl.post(&format!("/api/v1/statuses/{id}/favourite"), json!({})).await.status, 200);
    }
    cluster.settle().await;
    let trends = words(&ada.get("/api/v1/trends/statuses").await.body);
    assert!(trends.contains("From Dora on ") && !trends.contains("From beta"), "{trends}");
    ada.post(&format!("/api/v1/accounts/{}/mute", dora.me().await), json!({})).await;
    assert_eq!(ada.get("/api/v1/trends/statuses").await.body, json!([]));
    assert!(words(&carl.get("/api/v1/trends/statuses").await.body).contains("From Dora on "), "for herself only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_file_of_strangers_takes_its_time_and_nobody_elses() {
    let options = Options { config: "[limits]\nlookups_per_five_minutes = 2\n".into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test", "beta.test"], &[], options).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    let (mut eve, mut gil) = (alpha.clinician("eve").await, alpha.clinician("gil").await);
    alpha.account("ada", Role::Clinician).await;
    let strangers = ["bea", "ben", "bess", "bill", "bob"];
    for name in strangers {
        beta.account(name, Role::Clinician).await;
    }
    let long = strangers.map(|name| format!("{name}@beta.test")).join("\n");
    for (browser, file) in [(&mut eve, long.as_str()), (&mut gil, "ada@alpha.test\neve@alpha.test\n")] {
        browser.get("/settings/data").await;
        let sent = browser.send_files("/settings/data", &[("file", file.as_bytes())], &[("kind", "follows")]).await;
        assert!(sent.status.is_redirection(), "{}", sent.html);
    }
    // A head line, and one for each whom one follows.
    let lines = |csv: String| csv.lines().count();
    cluster.settle().await;
    assert_eq!(lines(eve.get("/settings/data/follows.csv").await.html), 3, "two were asked for");
    assert_eq!(lines(gil.get("/settings/data/follows.csv").await.html), 3, "a short one is done");
    for expected in [5, 6] {
        cluster.pass(chrono::TimeDelta::minutes(6));
        cluster.settle().await;
        assert_eq!(lines(eve.get("/settings/data/follows.csv").await.html), expected);
    }
}
