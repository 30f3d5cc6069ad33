//! The desk's queue: narrowed and sorted by links, walked from page to page and from one to the next, and empty.

use chrono::TimeDelta;
use consilium::{
    model::Role,
    service::{
        credentials::{self, CredentialForm},
        profiles::{self, ProfileForm},
    },
};
use diesel_async::SimpleAsyncConnection;

use crate::{
    desk::{bring, checked, press, take_and_attest},
    harness::{Browser, Cluster, Instance, Page},
    registers::npi,
};

/// Somebody whose page shows this name brings a claim to the desk; its id.
async fn brings(alpha: &Instance, username: &str, shown: &str, claim: CredentialForm) -> String {
    let who = alpha.account(username, Role::Clinician).await;
    let known = profiles::by_id(&alpha.ctx, &who, who.account().unwrap()).await.unwrap().account;
    let named = ProfileForm { name: shown.into(), ..ProfileForm::of(&known) };
    profiles::update(&alpha.ctx, &who, named).await.unwrap();
    credentials::save(&alpha.ctx, &who, None, claim, true).await.unwrap().to_string()
}

/// Vera at the desk, and what three people have brought there one after the other: a doctor who goes by another name than
/// the registered one, a nurse, and a pharmacist with a degree, of which Vera has seen the diploma already.
struct House {
    cluster: Cluster,
    vera: Browser,
    ada: String,
    bo: String,
    cy: String,
}

impl House {
    async fn new() -> Self {
        let cluster = Cluster::of(["alpha.test"]).await;
        let alpha = cluster.get("alpha.test");
        let claim = |kind: &str, discipline: &str, [given, family]: [&str; 2]| CredentialForm {
            kind: kind.into(),
            discipline: discipline.into(),
            given_names: given.into(),
            family_name: family.into(),
            ..CredentialForm::default()
        };
        let doctor = CredentialForm {
            register: "gb-gmc".into(),
            number: "7012345".into(),
            ..claim("registration", "medicine", ["Samira", "Kader"])
        };
        let nurse = CredentialForm {
            register: "us-nppes".into(),
            number: npi(1),
            ..claim("registration", "nursing", ["Bo", "Berg"])
        };
        let pharmacist = CredentialForm {
            body: "Example College".into(),
            jurisdiction: "SE".into(),
            ..claim("degree", "pharmacy", ["Cy", "Nilsson"])
        };
        let ada = brings(alpha, "ada", "Dr Ada", doctor).await;
        cluster.pass(TimeDelta::minutes(1));
        let bo = brings(alpha, "bo", "Bo Berg", nurse).await;
        cluster.pass(TimeDelta::minutes(1));
        let cy = brings(alpha, "cy", "Cy Nilsson", pharmacist).await;
        let mut vera = alpha.person("vera", Role::Verifier).await;
        press(&mut vera, &cy, "claim", &[]).await;
        let noted = press(&mut vera, &cy, "tick", &[("seen", "The diploma")]).await;
        assert!(noted.status.is_redirection(), "{}", noted.html);
        Self { cluster, vera, ada, bo, cy }
    }
}

/// What follows this in the rows of the queue, up to a quotation mark, a question mark or the next tag.
fn rows(page: &Page, before: &str) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.html);
    let rows = page.html.split("<a class=\"name\" href=\"/desk/").skip(1);
    let parts = rows.filter_map(|row| row.split_once(before));
    parts.map(|(_, rest)| rest.split(['"', '?', '<']).next().unwrap().trim().to_owned()).collect()
}

/// Where the pager leads, `next` or `prev`.
fn link(page: &Page, rel: &str) -> Option<String> {
    let (before, _) = page.html.split_once(&format!("\" rel=\"{rel}\""))?;
    Some(before.rsplit("href=\"").next().unwrap().replace("&#38;", "&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_narrowed_and_sorted_by_links_that_keep_each_other() {
    let House { cluster: _cluster, mut vera, bo, .. } = House::new().await;
    let lists: [(&str, &[&str]); 11] = [
        ("", &["Dr Ada", "Bo Berg", "Cy Nilsson"]),
        ("?sort=level", &["Cy Nilsson", "Dr Ada", "Bo Berg"]),
        ("?sort=register", &["Bo Berg", "Dr Ada", "Cy Nilsson"]),
        ("?kind=degree", &["Cy Nilsson"]),
        ("?discipline=nursing", &["Bo Berg"]),
        ("?register=gb-gmc", &["Dr Ada"]),
        ("?level=1", &["Dr Ada", "Bo Berg"]),
        ("?level=3", &["Cy Nilsson"]),
        ("?flagged=yes", &["Dr Ada"]),
        ("?only=mine", &["Cy Nilsson"]),
        ("?only=free&sort=register", &["Bo Berg", "Dr Ada"]),
    ];
    for (query, names) in lists {
        let page = vera.get(&format!("/desk{query}")).await;
        assert_eq!(rows(&page, ">"), names, "{query}: {}", page.html);
    }
    assert!(vera.get("/desk?only=asked").await.says("Nothing of this kind"));

    let page = vera.get("/desk?register=us-nppes&sort=level").await;
    for words in ["Register: NPPES", "Kind: All", "Order: Highest level first"] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    for path in [
        "/desk?only=mine&#38;register=us-nppes&#38;sort=level",
        "/desk?register=us-nppes&#38;flagged=yes&#38;sort=level",
        "/desk?register=us-nppes\"",
        "/desk?sort=level\">Clear the choices",
        &format!("/desk/{bo}?register=us-nppes&#38;sort=level"),
    ] {
        assert!(page.says(&format!("href=\"{path}")), "{path}: {}", page.html);
    }

    for wrong in ["only=x", "kind=x", "discipline=x", "register=%00", "level=5", "flagged=no", "sort=x", "before=x"] {
        assert_eq!(vera.get(&format!("/desk?{wrong}")).await.status, 404, "{wrong}");
    }
    assert_eq!(vera.get(&format!("/desk/{bo}?sort=x")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_order_of_the_queue_loses_or_repeats_anything_from_page_to_page() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    // All came at the same time; every second one goes by the registered name.
    let fifty = "INSERT INTO credentials (account_id, kind, state, level, register, body, jurisdiction, discipline, \
                   family_name, given_names, submitted_at) \
                 SELECT a.id, 'registration', 'submitted', 1 + n % 3, (ARRAY['gb-gmc', 'us-nppes', 'other'])[1 + n % 3], '', \
                   'GB', 'medicine', CASE n % 2 WHEN 0 THEN 'ada' ELSE 'Else' END, '', now() \
                 FROM accounts a, generate_series(1, 50) AS n WHERE a.username = 'ada' AND a.host_id IS NULL";
    alpha.ctx.pool.get().await.unwrap().batch_execute(fifty).await.unwrap();
    let mut vera = alpha.person("vera", Role::Verifier).await;
    for (query, number) in [("", 50), ("?sort=level", 50), ("?sort=register", 50), ("?flagged=yes&sort=level", 25)] {
        let mut pages = vec![vera.get(&format!("/desk{query}")).await];
        while let Some(next) = link(pages.last().unwrap(), "next") {
            pages.push(vera.get(&next).await);
        }
        let all: Vec<Vec<String>> = pages.iter().map(|page| rows(page, "")).collect();
        let mut ids = all.concat();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), all.concat().len()), (number, number), "{query}");
        let back = vera.get(&link(&pages[1], "prev").unwrap()).await;
        assert_eq!(rows(&back, ""), all[0], "{query}: and back again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn next_and_previous_stay_in_the_list_one_came_from_and_so_does_a_decision() {
    let House { cluster: _cluster, mut vera, ada, bo, cy } = House::new().await;
    let to = |id: &str, query: &str, rel: &str| format!("href=\"/desk/{id}{query}\" rel=\"{rel}\"");
    let page = vera.get(&format!("/desk/{bo}")).await;
    assert!(page.says("2 of 3 waiting") && page.says(&to(&ada, "", "prev")) && page.says(&to(&cy, "", "next")));
    let page = vera.get(&format!("/desk/{bo}?sort=register")).await;
    assert!(page.says("1 of 3 waiting") && page.says(&to(&ada, "?sort=register", "next")), "{}", page.html);
    let page = vera.get(&format!("/desk/{ada}?flagged=yes")).await;
    assert!(page.says("1 of 1 in the list") && !page.says("rel=\"next\"") && !page.says("rel=\"prev\""));

    let at = format!("/desk/{ada}?level=1");
    let page = vera.get(&at).await;
    assert!(page.says("1 of 2 in the list") && page.says(&to(&bo, "?level=1", "next")), "{}", page.html);
    let taken = vera.submit_from(&page, &format!("/desk/{ada}/claim?level=1"), &[]).await;
    assert_eq!(taken.location, format!("{at}&done=claimed"));
    let page = vera.get(&at).await;
    let done = vera.submit_from(&page, &format!("/desk/{ada}/attest?level=1"), &checked(&page)).await;
    assert_eq!(done.location, format!("{at}&done=attested"), "{}", done.html);
    let page = vera.get(&done.location).await;
    assert!(page.says("href=\"/desk?level=1\">Verification desk"), "{}", page.html);
    assert!(page.says(&to(&bo, "?level=1", "next")), "on with the list: {}", page.html);

    let at = format!("/desk/{bo}?only=free");
    vera.submit(&at, &format!("/desk/{bo}/claim?only=free"), &[]).await;
    let released = vera.submit(&at, &format!("/desk/{bo}/release?only=free"), &[]).await;
    assert_eq!(released.location, "/desk?only=free&done=released");
    press(&mut vera, &bo, "claim", &[]).await;
    let why = format!("/desk/{bo}/reject?level=1");
    let refused = vera.submit(&why, &why, &[("opening", ""), ("reason", "The number is another's.")]).await;
    assert_eq!(refused.location, format!("/desk/{bo}?level=1&done=refused"), "{}", refused.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_desk_says_when_the_next_re_check_is_due() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut vera = alpha.person("vera", Role::Verifier).await;
    let mut vic = alpha.person("vic", Role::Verifier).await;
    let empty = vera.get("/desk").await;
    assert!(empty.says("Nothing waits. You are told when"), "{}", empty.html);
    let id = bring(&mut vic, &npi(1)).await;
    take_and_attest(&mut vera, &id).await;
    let day = alpha.ctx.now().date_naive() + TimeDelta::days(30);
    let set = press(&mut vera, &id, "next-check", &[("day", &day.to_string())]).await;
    assert!(set.status.is_redirection(), "{}", set.html);
    let empty = vera.get("/desk").await;
    let words = format!("Nothing waits. The next re-check is due on {}.", day.format("%-d %B %Y"));
    assert!(empty.says(&words), "{words}: {}", empty.html);
    assert!(!vic.get("/desk").await.says("The next re-check"), "her own is a colleague's to look at");
    assert!(!vera.get("/desk?kind=degree").await.says("The next re-check"));
}
