//! The read policy stands in Rust and in SQL: here the two are pitted against each other, case by case.

use diesel_async::SimpleAsyncConnection;

use consilium::{
    model::{FollowState, GroupKind, Held, Role, Visibility},
    policy::{Viewer, visibility},
    service::{follows, groups, posts, profiles, shuns},
    store,
};

use crate::harness::{
    Cluster,
    groups::{found, join},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_in_rust_and_the_rule_in_sql_agree_on_every_case() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let ada = alpha.account("ada", Role::Clinician).await;
    let friend = alpha.account("friend", Role::Clinician).await;
    let named = alpha.account("named", Role::Clinician).await;
    let stranger = alpha.account("stranger", Role::Admin).await;
    let blocked = alpha.account("blocked", Role::Clinician).await;
    shuns::block(ctx, &ada, blocked.account().unwrap()).await.unwrap();
    let target = ada.account().unwrap();
    assert_eq!(follows::request(ctx, &friend, target).await.unwrap(), FollowState::Accepted);
    let circle = found(alpha, &ada, GroupKind::Closed).await;
    for who in [&friend, &named] {
        join(alpha, who, "").await;
    }
    groups::appoint(ctx, &ada, circle, named.account().unwrap()).await.unwrap();
    let mut checked = 0;
    for visibility in Visibility::ALL {
        let in_group = *visibility == Visibility::Group;
        for (gone, held) in [(false, Held::No), (true, Held::No), (false, Held::Review), (false, Held::Refused)] {
            if held != Held::No && !in_group {
                continue;
            }
            let new = posts::NewPost {
                text: "A word for @named".into(),
                language: "en".into(),
                visibility: *visibility,
                group: in_group.then_some(circle),
                ..posts::NewPost::default()
            };
            let id = posts::publish(ctx, &ada, new).await.unwrap();
            if held != Held::No {
                let text = format!("UPDATE posts SET held = '{held}' WHERE id = {id}");
                ctx.pool.get().await.unwrap().batch_execute(&text).await.unwrap();
            }
            if gone {
                posts::delete(ctx, &ada, id, posts::Pictures::Delete).await.unwrap();
            }
            for viewer in [Viewer::Anonymous, ada, friend, named, stranger, blocked] {
                let follows = match viewer.account() {
                    Some(_) => profiles::by_id(ctx, &viewer, target).await.unwrap().relation.following,
                    None => false,
                };
                let facts = visibility::Facts {
                    author: target,
                    visibility: *visibility,
                    gone,
                    blocked: viewer == blocked,
                    follows,
                    mentioned: viewer == named,
                    host_follows: false,
                    host_mentioned: false,
                    held,
                    member: in_group && [ada, friend, named].contains(&viewer),
                    host_member: false,
                    moderator: in_group && [ada, named].contains(&viewer),
                    verified_reader: false,
                };
                let by_sql = store::posts::is_visible(&mut ctx.pool.get().await.unwrap(), &viewer, id).await.unwrap();
                assert_eq!(visibility::may_view(&viewer, &facts), by_sql, "{viewer:?} {facts:?}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 72);
}
