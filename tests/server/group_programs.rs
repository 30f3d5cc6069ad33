//! Open groups among other programs: who follows one of ours from there, and who of ours joins one of theirs, told by documents as
//! those programs send them; and what one of ours says of itself to all of them.

use consilium::model::{Admission, GroupKind};
use serde_json::{Value, json};

use crate::{
    documents::captured,
    harness::{
        Cluster, Options, Stranger,
        groups::{Circle, GROUP},
        text,
    },
};

const EVE: &str = "http://eve.test/users/eve";

/// How somebody of another program follows the group, and how they unfollow it.
fn follows() -> Option<[(Value, Value); 3]> {
    let lemmy = [
        ("http://ds9.lemmy.ml/u/lemmy_alpha", EVE),
        ("http://enterprise.lemmy.ml/c/main", GROUP),
        ("http://ds9.lemmy.ml", "http://eve.test"),
    ];
    let mastodon = [
        ("https://masto.asonix.dog/users/asonix", EVE),
        ("https://ds9.lemmy.ml/c/testcom", GROUP),
        ("https://masto.asonix.dog", "http://eve.test"),
    ];
    let mbin = [("https://kbin.test/u/user2", EVE), ("https://kbin.test/m/test", GROUP)];
    let mut follow = captured("mbin/Follow_FollowMagazine.json", &mbin)?;
    let mut undo = captured("mbin/Undo_UndoFollowMagazine.json", &mbin)?;
    // Mbin's own samples leave out what differs from run to run.
    (follow["id"], follow["object"]) = (json!("http://eve.test/f/object/1"), json!(GROUP));
    undo["id"] = json!("http://eve.test/f/object/2");
    (undo["object"]["id"], undo["object"]["object"]) = (follow["id"].clone(), json!(GROUP));
    Some([
        (captured("lemmy/following_follow.json", &lemmy)?, captured("lemmy/following_undo_follow.json", &lemmy)?),
        (captured("mastodon/follow.json", &mastodon)?, captured("mastodon/undo_follow.json", &mastodon)?),
        (follow, undo),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_an_open_group_from_lemmy_mastodon_or_mbin_is_a_member_until_they_unfollow_it() {
    let Some(all) = follows() else { return };
    let story = Circle::of(GroupKind::Open, Admission::Free).await;
    let mut ada = story.at("alpha.test").signed_in("ada").await;
    let members = "/groups/hearts/members";
    for (follow, undo) in all {
        story.deliver(&follow).await;
        assert!(ada.get(members).await.says("@eve@eve.test"), "{follow}");
        let received = story.eve.received.lock().unwrap().clone();
        let accept = received.iter().find(|one| one["type"] == "Accept" && one["object"]["id"] == follow["id"]);
        let accept = accept.unwrap_or_else(|| panic!("{follow} is not accepted: {received:?}"));
        assert_eq!((&accept["actor"], &accept["to"]), (&json!(GROUP), &json!([EVE])));
        for part in ["type", "actor", "object"] {
            assert_eq!(accept["object"][part], follow[part], "{part}: some know a Follow by what stands in it");
        }
        story.deliver(&undo).await;
        assert!(!ada.get(members).await.says("@eve@eve.test"), "{undo}");
    }
}

/// A community of another program, as that tells of it: its own document, somebody who writes in it, and how it hands on a post of
/// theirs.
struct Community {
    group: Value,
    author: Value,
    announce: Value,
}

fn lemmy() -> Option<Community> {
    let names = [
        // Lemmy's own sample takes the community for a person here.
        ("http://enterprise.lemmy.ml/u/main", "http://eve.test/c/tenforward"),
        ("http://enterprise.lemmy.ml/c/main", "http://eve.test/c/tenforward"),
        ("http://enterprise.lemmy.ml/u/lemmy_beta", "http://eve.test/u/picard"),
        ("http://enterprise.lemmy.ml", "http://eve.test"),
        ("https://enterprise.lemmy.ml", "http://eve.test"),
    ];
    Some(Community {
        group: captured("lemmy/group.json", &names)?,
        author: captured("lemmy/person.json", &names)?,
        announce: captured("lemmy/community_announce_create_page.json", &names)?,
    })
}

fn piefed() -> Option<Community> {
    let names = [("https://piefed.social", "http://eve.test")];
    Some(Community {
        group: captured("piefed/communities_0.json", &names)?,
        author: captured("piefed/users_0.json", &names)?,
        announce: captured("piefed/communities_1.json", &names)?,
    })
}

fn mbin() -> Option<Community> {
    let names = [("https://kbin.test/f/inbox", "http://eve.test/inbox"), ("https://kbin.test", "http://eve.test")];
    let mut group = captured("mbin/Update_UpdateMagazine.json", &names)?["object"].take();
    let mut author = captured("mbin/Update_UpdateUser.json", &names)?["object"].take();
    let mut announce = captured("mbin/Announce_AnnounceCreateEntry.json", &names)?;
    // Its own samples leave out what differs from run to run.
    (group["id"], author["id"]) = (json!("http://eve.test/m/test"), json!("http://eve.test/u/user"));
    announce["id"] = json!("http://eve.test/f/object/3");
    announce["object"]["id"] = json!("http://eve.test/f/object/4");
    let entry = &mut announce["object"]["object"];
    (entry["id"], entry["name"]) = (json!("http://eve.test/m/test/t/1"), json!("Which suture?"));
    Some(Community { group, author, announce })
}

fn nodebb() -> Option<Community> {
    let names = [("https://bb.devnull.land", "http://eve.test")];
    let (group, author) = (captured("nodebb/group.json", &names)?, captured("nodebb/person.json", &names)?);
    let page = captured("nodebb/page.json", &names)?;
    // What is around the post was not captured.
    let announce = json!({
        "id": "http://eve.test/post/1#activity/announce", "type": "Announce", "actor": group["id"],
        "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": ["http://eve.test/category/2/followers"],
        "object": {
            "id": "http://eve.test/post/1#activity/create", "type": "Create", "actor": author["id"],
            "to": page["to"], "cc": page["cc"], "audience": group["id"], "object": page,
        },
    });
    Some(Community { group, author, announce })
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_joins_a_community_of_lemmy_piefed_mbin_or_nodebb_reads_here_what_it_hands_on() {
    let all: Option<Vec<Community>> = [lemmy(), piefed(), mbin(), nodebb()].into_iter().collect();
    let Some(all) = all else { return };
    let eve = Stranger::at("eve.test").await;
    let cluster = Cluster::with(&["alpha.test"], &[("eve.test", eve.address)], Options::default()).await;
    let alpha = cluster.get("alpha.test");
    let mut bo = alpha.clinician("bo").await;
    for Community { mut group, author, announce } in all {
        let (uri, name) = (text(&group["id"]), text(&group["preferredUsername"]));
        let pem = eve.key.public_pem().unwrap();
        group["publicKey"] = json!({ "id": format!("{uri}#main-key"), "owner": uri, "publicKeyPem": pem });
        let post = &announce["object"]["object"];
        for document in [&group, &author, post] {
            eve.serve(text(&document["id"]).strip_prefix("http://eve.test").unwrap(), document.clone());
        }
        let link = json!({ "rel": "self", "type": "application/activity+json", "href": uri });
        eve.serve("/.well-known/webfinger", json!({ "links": [link] }));

        let there = format!("/groups/{name}@eve.test");
        assert_eq!(bo.get(&format!("/groups?q={name}@eve.test")).await.location, there);
        let join = format!("{there}/join");
        let asked = bo.submit(&join, &join, &[]).await;
        assert!(asked.status.is_redirection(), "{name}: {}", asked.html);
        cluster.settle().await;
        assert!(!bo.get(&there).await.says("You are a member"), "{name} has not said so yet");
        let received = eve.received.lock().unwrap().clone();
        let follow = received.iter().find(|one| one["type"] == "Follow" && one["object"] == uri.as_str()).unwrap();
        let (id, answer) = (text(&follow["id"]), format!("{uri}/accept"));
        let names = [
            ("http://enterprise.lemmy.ml/c/main", uri.as_str()),
            ("http://ds9.lemmy.ml/u/lemmy_alpha", "http://alpha.test/users/bo"),
            ("http://ds9.lemmy.ml/activities/follow/6abcd50b-b8ca-4952-86b0-a6dd8cc12866", id.as_str()),
            ("http://enterprise.lemmy.ml/activities/accept", answer.as_str()),
        ];
        // They all answer alike.
        let accept = captured("lemmy/following_accept.json", &names).unwrap();
        assert_eq!(eve.deliver_as(alpha, &uri, &accept).await, 202);
        cluster.settle().await;
        assert!(bo.get(&there).await.says("You are a member"), "{name}");

        assert_eq!(eve.deliver_as(alpha, &uri, &announce).await, 202);
        cluster.settle().await;
        let page = bo.get(&there).await;
        assert!(page.says(&text(&post["name"])), "{name}: {}", page.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_open_group_says_of_itself_is_what_other_programs_look_for() {
    let story = Circle::joined(GroupKind::Open).await;
    let alpha = story.at("alpha.test");
    let get = async |path: &str| {
        let (status, body) = story.eve.get_as(alpha, &story.eve.actor(), path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    };
    let document = get("/users/hearts").await;
    for (field, said) in [
        ("id", json!(GROUP)),
        ("type", json!("Group")),
        ("preferredUsername", json!("hearts")),
        ("webfinger", json!("hearts@alpha.test")),
        ("name", json!("Heart cases")),
        ("url", json!("http://alpha.test/groups/hearts")),
        ("inbox", json!(format!("{GROUP}/inbox"))),
        ("endpoints", json!({ "sharedInbox": "http://alpha.test/inbox" })),
        ("manuallyApprovesFollowers", json!(false)),
        ("discoverable", json!(true)),
        ("postingRestrictedToMods", json!(false)),
        ("audienceKind", json!("open")),
        ("admission", json!("free")),
        ("attributedTo", json!(format!("{GROUP}/moderators"))),
    ] {
        assert_eq!(document[field], said, "{field}");
    }
    assert!(text(&document["summary"]).contains("For those who look after hearts."), "{document}");
    // Each of these stands where it says, and is what it should be.
    for (field, part, said) in [
        ("moderators", "orderedItems", json!(["http://alpha.test/users/ada"])),
        ("featured", "orderedItems", json!([])),
        ("outbox", "orderedItems", json!([])),
        ("followers", "totalItems", json!(3)),
    ] {
        let address = text(&document[field]);
        assert_eq!(address, format!("{GROUP}/{field}"));
        let list = get(address.strip_prefix("http://alpha.test").unwrap()).await;
        assert_eq!((&list["id"], &list["type"]), (&json!(address), &json!("OrderedCollection")), "{field}");
        assert_eq!(list[part], said, "{field}: {list}");
    }

    let (key, signs) = (&document["publicKey"], &document["assertionMethod"][0]);
    assert_eq!((&key["id"], &key["owner"]), (&json!(format!("{GROUP}#main-key")), &json!(GROUP)));
    assert_eq!((&signs["type"], &signs["controller"]), (&json!("Multikey"), &json!(GROUP)));
    for other in ["/users/ada", "/actor"] {
        let other = get(other).await;
        assert_ne!(key["publicKeyPem"], other["publicKey"]["publicKeyPem"], "it signs with keys of its own");
        assert_ne!(signs["publicKeyMultibase"], other["assertionMethod"][0]["publicKeyMultibase"]);
    }
}
