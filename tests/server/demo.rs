//! What `consilium dev` begins with: it can still be sown, and shows something of everything.

use consilium::cli;

use crate::harness::{Cluster, Options, rows::ask};

#[tokio::test(flavor = "multi_thread")]
async fn the_hospitals_to_try_things_out_in_have_cases_in_all_states_and_something_on_every_desk() {
    // As many people as there are would wait for their keys.
    let options = Options { keys: 32, ..Options::default() };
    let cluster = Cluster::with(&["st-brigid.test", "nordlicht.test"], &[], options).await;
    let houses: Vec<_> = cluster.instances.iter().map(|one| one.ctx.clone()).collect();
    cluster.during(Box::pin(cli::sow_demo(&houses))).await.unwrap();
    let brigid = cluster.get("st-brigid.test");
    assert_eq!(ask(brigid, "SELECT count(*)::text AS words FROM cases").await, ["8"]);
    let states = "SELECT state AS words FROM cases GROUP BY state ORDER BY state";
    assert_eq!(ask(brigid, states).await, ["answered", "open", "resolved", "withdrawn"]);

    let mut aoife = brigid.signed_in("aoife").await;
    let waits = "Syncope on standing";
    let desk = aoife.get("/groups/hearts/moderation").await;
    for words in [waits, "would like to know what you let them do", "The rules say to be kind."] {
        assert!(desk.says(words), "{words}: {}", desk.html);
    }
    assert!(aoife.get("/cases/review").await.says(waits), "and it waits for a second look");

    let runner = "SELECT id::text AS words FROM posts WHERE title LIKE 'Outflow-tract%'";
    let id = ask(brigid, runner).await.remove(0);
    let page = aoife.get(&format!("/@jonas@nordlicht.test/{id}")).await;
    for words in ["id=\"ranking-result\"", "alt=\"Rhythm strip"] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let drafts = aoife.get("/cases/drafts").await;
    let draft = drafts.html.split("href=\"/cases/drafts/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = aoife.get(&format!("/cases/drafts/{draft}")).await;
    let picture = format!("/cases/drafts/{draft}/pictures/");
    for words in ["value=\"Monitor strip", picture.as_str()] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
}
