//! What members write in a group before the others see it: pictures are covered and looked at first, and drafts lie sealed.

use consilium::{
    model::{GroupKind, PostId},
    service::{
        media::{self, Size},
        posts,
    },
};
use serde_json::{Value, json};

use crate::harness::{
    App, Browser, Cluster, Instance, Page,
    groups::{found, join_by_form, said},
    people::viewer,
    pictures::red,
    rows::{ask, everything, lies_open, run},
};

const SHOWS: &str = "ECG with broad complexes";

/// Ada asks in a closed group of hers; Bo and Dan are members.
struct Story {
    cluster: Cluster,
    bo: Browser,
    dan: Browser,
    question: String,
}

impl Story {
    async fn new() -> Self {
        let cluster = Cluster::of(["alpha.test"]).await;
        let alpha = cluster.get("alpha.test");
        alpha.clinician("ada").await;
        let (mut bo, mut dan) = (alpha.clinician("bo").await, alpha.clinician("dan").await);
        let ada = viewer(alpha, "ada").await;
        let group = Some(found(alpha, &ada, GroupKind::Closed).await);
        for member in [&mut bo, &mut dan] {
            join_by_form(member).await;
        }
        let new = posts::NewPost { group, ..said("Which lead?") };
        let question = posts::publish(&alpha.ctx, &ada, new).await.unwrap().to_string();
        Self { cluster, bo, dan, question }
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    /// Bo writes an answer with a picture; the page that comes back.
    async fn answer_with_picture(&mut self) -> Page {
        self.bo.get(&format!("/compose?reply_to={}", self.question)).await;
        let to = self.question.as_str();
        let fields = [("text", "I would wait."), ("language", "en"), ("reply_to", to), ("new_alt", SHOWS)];
        self.bo.send_files("/posts", &[("file", &red())], &fields).await
    }
}

/// Presses something in the form of a page that sends to `way`; what is pressed at the tool stands in the address.
async fn press(who: &mut Browser, page: &Page, (way, pressed): (&str, &str), typed: &[(&str, &str)]) -> Page {
    let hidden = page.hidden(way);
    let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend_from_slice(typed);
    who.send(&format!("{way}{pressed}"), &all).await
}

/// The id of the one picture of a form.
fn picture_of(page: &Page) -> String {
    let after = page.html.split("name=\"picture\" value=\"").nth(1);
    after.unwrap_or_else(|| panic!("no picture: {}", page.html)).split('"').next().unwrap().to_owned()
}

fn pixel(file: &[u8], x: u32, y: u32) -> [u8; 3] {
    image::load_from_memory(file).unwrap().to_rgb8().get_pixel(x, y).0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_in_an_answer_is_covered_and_its_pixels_are_black_for_everybody() {
    let mut story = Story::new().await;
    let page = story.answer_with_picture().await;
    assert_eq!(page.status, 422, "nobody has looked at it: {}", page.location);
    let tick = "I have looked at this picture";
    for words in ["Picture 1: look at it", "I would wait.", SHOWS, "Cover parts of it", tick] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let id = picture_of(&page);
    let before = ask(story.alpha(), "SELECT name AS words FROM media").await.remove(0);
    let typed = [("text", "I would wait, too."), ("language", "en"), ("alt", SHOWS)];
    let looked = [&typed[..], &[("looked", id.as_str())]].concat();
    let at_tool = |deed: &str| format!("?deed={deed}&picture={id}");

    let opened = at_tool("open");
    let page = press(&mut story.bo, &page, ("/posts", &opened), &typed).await;
    assert!(page.status == 200 && page.says("Tap two corners to cover something."), "{}", page.html);
    assert!(page.says("I would wait, too."), "{}", page.html);
    let tap = at_tool("tap") + "&w=288&h=216";
    let first = [&looked[..], &[("x", "72"), ("y", "72")]].concat();
    let page = press(&mut story.bo, &page, ("/posts", &tap), &first).await;
    assert!(page.says("One corner is set, 20 from the left and 20 from the top: the dot."), "{}", page.html);
    let half = press(&mut story.bo, &page, ("/posts", ""), &looked).await;
    assert!(half.status == 422 && half.says("a box has one corner only"), "{}", half.html);
    let second = [&typed[..], &[("x", "144"), ("y", "144")]].concat();
    let page = press(&mut story.bo, &page, ("/posts", &tap), &second).await;
    assert!(page.says("1 box painted over.") && page.says("value=\"20.20.21.21\""), "{}", page.html);
    let preview = format!("/pictures/{id}?covered=20.20.21.21");
    assert!(page.says(&format!("src=\"{preview}\"")), "{}", page.html);
    assert_eq!(story.bo.get(&preview).await.headers["cache-control"], "private, no-store");
    assert_eq!(story.dan.get(&preview).await.status, 404, "nobody else sees it");

    let page = press(&mut story.bo, &page, ("/posts", ""), &typed).await;
    assert!(page.status == 422 && page.says("Picture 1: look at it"), "whoever covers looks again: {}", page.html);
    assert_eq!(picture_of(&page), id);
    assert!(story.alpha().ctx.blobs().get(&before).await.is_err(), "what lay below is destroyed");
    let (_, answer) = press(&mut story.bo, &page, ("/posts", ""), &looked).await.written();

    let dan = viewer(story.alpha(), "dan").await;
    let ctx = &story.alpha().ctx;
    let card = posts::read(ctx, &dan, PostId(answer)).await.unwrap();
    let shown = &card.media.0[0];
    assert_eq!((card.media.0.len(), shown.description.as_str()), (1, SHOWS));
    for size in [Size::Full, Size::Small] {
        let file = media::open(ctx, &dan, &shown.name, size).await.unwrap().bytes;
        let (inside, outside) = (pixel(&file, 30, 30), pixel(&file, 65, 50));
        assert!(inside.iter().all(|part| *part < 30) && outside[0] > 200, "{size:?}: {inside:?} {outside:?}");
    }
    let again = story.bo.get(&format!("/posts/{answer}/edit")).await;
    assert!(again.says(SHOWS) && !again.says(tick), "it stands: {}", again.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_nobody_looked_at_reaches_no_group_by_page_or_app() {
    let mut story = Story::new().await;
    let way = "/groups/hearts/new";
    story.dan.get(way).await;
    let fields = [("title", "Which stent?"), ("text", "We have two."), ("language", "en"), ("new_alt", SHOWS)];
    let added = [&fields[..], &[("act", "look")]].concat();
    let page = story.dan.send_files(way, &[("file", &red())], &added).await;
    assert!(page.status == 200 && page.says("Which stent?") && page.says("Cover parts of it"), "{}", page.html);
    let id = picture_of(&page);
    let typed = [("title", "Which stent?"), ("text", "We have two."), ("language", "en"), ("alt", SHOWS)];
    let refused = press(&mut story.dan, &page, (way, ""), &typed).await;
    assert!(refused.status == 422 && refused.says("Picture 1: look at it"), "{}", refused.html);
    assert!(!story.bo.get("/groups/hearts").await.says("Which stent?"));
    let looked = [&typed[..], &[("looked", id.as_str())]].concat();
    let posted = press(&mut story.dan, &page, (way, ""), &looked).await;
    assert!(posted.status.is_redirection(), "{}", posted.html);
    assert!(story.bo.get("/groups/hearts").await.says("Which stent?"));

    let app = App::of(story.alpha(), "bo", "read write").await;
    let (first, second) = (app.picture(&red(), SHOWS).await, app.picture(&red(), SHOWS).await);
    let with = |media: &[&str], more: Value| {
        let mut body = json!({ "status": "I would wait.", "in_reply_to_id": story.question, "media_ids": media });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let later = (story.alpha().ctx.now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    for more in [json!({}), json!({ "pictures_checked": false }), json!({ "scheduled_at": later })] {
        let refused = app.post("/api/v1/statuses", with(&[&first], more)).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(refused.body["error"].as_str().unwrap().contains("are added on the pages"), "{}", refused.body);
    }
    let written = app.write(with(&[&first], json!({ "pictures_checked": true }))).await;
    let path = format!("/api/v1/statuses/{written}");
    let more = app.put(&path, with(&[&first, &second], json!({}))).await;
    assert_eq!(more.status, 422, "neither does one that is added later: {}", more.body);
    let same = app.put(&path, json!({ "status": "I would wait longer.", "media_ids": [first] })).await;
    assert_eq!(same.status, 200, "one that stands there was looked at before: {}", same.body);
    let more = app.put(&path, with(&[&first, &second], json!({ "pictures_checked": true }))).await;
    assert_eq!(more.body["media_attachments"].as_array().unwrap().len(), 2, "{}", more.body);
    let own = app.picture(&red(), SHOWS).await;
    app.write(json!({ "status": "For my followers", "media_ids": [own] })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_an_answer_lies_sealed_also_one_that_was_kept_before_there_was_a_seal() {
    let mut story = Story::new().await;
    story.bo.get(&format!("/compose?reply_to={}", story.question)).await;
    let to = story.question.as_str();
    let fields = [("text", "Mr Hargreaves had it on 3 March 2024."), ("reply_to", to), ("act", "draft")];
    let kept = story.bo.send("/posts", &fields).await;
    assert_eq!(kept.location, "/drafts?done=draft", "{}", kept.html);
    let list = story.bo.get("/drafts").await;
    let id = list.html.split("/compose?draft=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(story.bo.get(&format!("/compose?draft={id}")).await.says("Mr Hargreaves had it"));
    assert!(!lies_open(&everything(story.alpha()).await, "Hargreaves"));

    let as_before = format!(
        "UPDATE scheduled_posts SET content_sealed = NULL, \
           content = jsonb_build_object('text', 'Mr Hargreaves again', 'reply_to', {})",
        story.question
    );
    run(story.alpha(), &as_before).await;
    assert!(story.bo.get(&format!("/compose?draft={id}")).await.says("Mr Hargreaves again"));
    assert!(lies_open(&everything(story.alpha()).await, "Hargreaves"));
    story.cluster.sweep().await;
    assert!(!lies_open(&everything(story.alpha()).await, "Hargreaves"));
    assert!(story.bo.get(&format!("/compose?draft={id}")).await.says("Mr Hargreaves again"));
}
