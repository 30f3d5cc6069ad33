//! Words of the house to everybody in it, and what the institution says of them to those who follow it from elsewhere.

use consilium::{
    model::Role,
    service::announcements::{publish, withdraw},
};
use diesel_async::SimpleAsyncConnection;

use crate::harness::{App, Cluster, text};

const WORDS: &str = "The power is off at ten";

/// The institution's posts, the newest first.
async fn said(app: &App) -> Vec<String> {
    let institution = app.get("/api/v1/accounts/lookup?acct=institution").await.body;
    let posts = app.get(&format!("/api/v1/accounts/{}/statuses", text(&institution["id"]))).await.body;
    posts.as_array().unwrap().iter().map(|post| text(&post["id"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_takes_its_own_post_with_it_and_no_other_that_says_the_same() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let alpha = cluster.get("alpha.test");
    let admin = alpha.account("rooty", Role::Admin).await;
    let mut bo = cluster.get("beta.test").clinician("bo").await;
    bo.follow("@institution@alpha.test").await;
    cluster.settle().await;
    let first = publish(&alpha.ctx, &admin, WORDS, None, None).await.unwrap();
    let second = publish(&alpha.ctx, &admin, WORDS, None, None).await.unwrap();
    let later = alpha.ctx.now() + chrono::TimeDelta::days(1);
    let silent = publish(&alpha.ctx, &admin, WORDS, Some(later), None).await.unwrap();
    cluster.settle().await;
    let app = App::of(alpha, "rooty", "read").await;
    let both = said(&app).await;
    assert_eq!(both.len(), 2, "what begins later is told to the house alone");
    let shown = bo.home().await.html.matches(WORDS).count();

    withdraw(&alpha.ctx, &admin, first).await.unwrap();
    cluster.settle().await;
    assert_eq!(said(&app).await, both[..1], "the newer one stays");
    assert_eq!(bo.home().await.html.matches(WORDS).count(), shown / 2, "elsewhere as well");
    withdraw(&alpha.ctx, &admin, silent).await.unwrap();
    cluster.settle().await;
    assert_eq!(said(&app).await, both[..1], "it said nothing, and takes nothing back");

    let bury = format!("UPDATE posts SET deleted_at = now() WHERE id = {}", both[0]);
    alpha.ctx.pool.get().await.unwrap().batch_execute(&bury).await.unwrap();
    withdraw(&alpha.ctx, &admin, second).await.unwrap();
    assert!(withdraw(&alpha.ctx, &admin, second).await.is_err(), "what is gone is gone");
}
