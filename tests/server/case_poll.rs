//! Options of a case, ranked by the members of its group on two servers, and told without small numbers.

use consilium::{
    error::Error,
    model::{AccountId, CaseDraft, GroupKind, PostId, Ranking, RecallReason, Role},
    policy::Viewer,
    service::{
        cases::{self, RankingView},
        groups, posts,
    },
};

use crate::harness::{
    Browser, Cluster, Instance, Options,
    cases::{plain, post_case},
    cluster::PASSWORD,
    groups::{found, join, known},
    people::verify,
    rows::{ask, run},
};

const OPTIONS: &str = "Sarcoid\nMyocarditis\nIsolated patch";
const DOCTORS: [&str; 6] = ["doctor1", "doctor2", "doctor3", "doctor4", "doctor5", "doctor6"];

/// Alpha has a closed group, and Ada asks a case in it; six doctors of alpha are members, and five people of beta of whom nothing
/// is verified there. Cy, at alpha, is no member.
struct Story {
    cluster: Cluster,
    ada: Viewer,
    cy: Viewer,
    doctors: Vec<Viewer>,
    guests: Vec<Viewer>,
    group: AccountId,
    case: PostId,
    uri: String,
}

fn draft() -> CaseDraft {
    CaseDraft { options: OPTIONS.into(), ..plain("What is it?") }
}

impl Story {
    /// `guests` is whether the people of beta are there.
    async fn of(hosts: &[&str], guests: bool) -> Self {
        let cluster = Cluster::with(hosts, &[], Options::default()).await;
        let alpha = cluster.get("alpha.test");
        let ada = alpha.account("ada", Role::Clinician).await;
        let cy = alpha.account("cy", Role::Clinician).await;
        let group = found(alpha, &ada, GroupKind::Closed).await;
        let mut doctors = Vec::new();
        for name in DOCTORS {
            let who = alpha.account(name, Role::Clinician).await;
            join(alpha, &who, "").await;
            doctors.push(who);
        }
        verify(alpha, &DOCTORS, "").await;
        let mut story =
            Self { cluster, ada, cy, doctors, guests: Vec::new(), group, case: PostId(0), uri: String::new() };
        if guests {
            for number in 1..=5 {
                let beta = story.at("beta.test");
                let who = beta.account(&format!("guest{number}"), Role::Clinician).await;
                join(beta, &who, "").await;
                story.guests.push(who);
            }
            story.cluster.settle().await;
        }
        story.ask().await;
        story
    }

    fn at(&self, host: &str) -> &Instance {
        self.cluster.get(host)
    }

    /// Ada asks the case.
    async fn ask(&mut self) {
        let alpha = self.at("alpha.test");
        let case = post_case(alpha, &self.ada, self.group, draft()).await;
        let uri = posts::raw(&alpha.ctx, case).await.unwrap().uri;
        (self.case, self.uri) = (case, uri);
        self.cluster.settle().await;
    }

    /// The case as a server knows it.
    async fn id(&self, host: &str) -> PostId {
        posts::by_uri(&self.at(host).ctx, &self.uri).await.unwrap().unwrap().id
    }

    async fn try_rank(&self, host: &str, who: &Viewer, chosen: &[usize]) -> Result<(), Error> {
        let chosen: Vec<Option<usize>> = chosen.iter().copied().map(Some).collect();
        cases::rank(&self.at(host).ctx, who, self.id(host).await, &chosen).await
    }

    async fn rank(&self, host: &str, who: &Viewer, chosen: &[usize]) {
        self.try_rank(host, who, chosen).await.unwrap();
        self.cluster.settle().await;
    }

    /// What somebody sees of the ranking on their own server.
    async fn seen(&self, host: &str, who: &Viewer) -> RankingView {
        let ctx = &self.at(host).ctx;
        let post = posts::read(ctx, who, self.id(host).await).await.unwrap().post;
        let case = cases::view(ctx, who, &post).await.unwrap().unwrap().case;
        cases::ranking(ctx, who, &post, &case).await.unwrap().unwrap()
    }

    async fn result(&self, host: &str, who: &Viewer) -> Ranking {
        self.seen(host, who).await.result.unwrap()
    }

    /// All ballots that a server keeps: what was chosen in each.
    async fn kept(&self, host: &str) -> Vec<String> {
        ask(self.at(host), "SELECT array_to_string(ranks, ',') AS words FROM case_ballots ORDER BY words").await
    }

    /// What has been delivered is forgotten everywhere.
    async fn pass_a_while(&self) {
        for host in ["alpha.test", "beta.test"] {
            let later = "UPDATE outbox SET fanned_out_at = fanned_out_at - interval '2 minutes'";
            run(self.at(host), later).await;
        }
        self.cluster.sweep().await;
    }

    async fn sign_in(&self, host: &str, username: &str) -> Browser {
        self.at(host).signed_in(username).await
    }

    fn path(&self) -> String {
        format!("/@ada/{}", self.case)
    }

    fn action(&self) -> String {
        format!("/cases/{}/ranking", self.case)
    }
}

/// Points and first places of everybody.
fn everybody(ranking: &Ranking) -> Vec<(Option<i64>, Option<i64>)> {
    let column = ranking.columns.iter().find(|column| column.who == Ranking::EVERYBODY).unwrap();
    column.cells.iter().map(|cell| (cell.points, cell.first)).collect()
}

fn columns(ranking: &Ranking) -> Vec<(&str, i64)> {
    ranking.columns.iter().map(|column| (column.who.as_str(), column.ballots)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_two_hospitals_rank_the_options_and_read_what_came_of_it_by_discipline() {
    let story = Story::of(&["alpha.test", "beta.test"], true).await;
    let first = story.seen("beta.test", &story.guests[0]).await;
    assert_eq!(first.options, ["Sarcoid", "Myocarditis", "Isolated patch"]);
    assert!(first.may_rank && !first.may_see && first.own.is_none(), "{first:?}");
    for doctor in &story.doctors[..5] {
        story.rank("alpha.test", doctor, &[0, 1, 2]).await;
    }
    for guest in &story.guests {
        story.rank("beta.test", guest, &[1, 0, 2]).await;
    }
    let told = [(Some(25), Some(5)), (Some(25), Some(5)), (Some(10), Some(0))];
    for (host, who) in [("alpha.test", story.doctors[0]), ("alpha.test", story.ada), ("beta.test", story.guests[4])] {
        let result = story.result(host, &who).await;
        assert_eq!(columns(&result), [("all", 10), ("medicine", 5), ("unverified", 5)], "{host}");
        assert_eq!(everybody(&result), told, "{host}");
    }
    let waiting = story.seen("alpha.test", &story.doctors[5]).await;
    assert!(!waiting.may_see && waiting.result.is_none(), "nobody is swayed before they have ranked: {waiting:?}");

    // Who chose what is kept by the group's server; the other one knows that they have.
    assert_eq!(story.kept("alpha.test").await, [vec!["0,1,2"; 5], vec!["1,0,2"; 5]].concat());
    assert_eq!(story.kept("beta.test").await, [""; 5]);
    assert_eq!(story.seen("alpha.test", &story.doctors[0]).await.own, Some(vec![0, 1, 2]));
    assert_eq!(story.seen("beta.test", &story.guests[0]).await.own, Some(Vec::new()));
    story.pass_a_while().await;
    for host in ["alpha.test", "beta.test"] {
        let left = "SELECT coalesce(convert_from(body, 'UTF8'), '') || event::text AS words FROM outbox \
                    UNION ALL SELECT body FROM received UNION ALL SELECT body FROM dead_letters";
        let left = ask(story.at(host), left).await.join("\n");
        assert!(!left.contains("RankedBallot"), "nothing of a ballot stays on its way, {host}: {left}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_few_people_chose_is_shown_to_nobody_and_ballots_are_counted_in_fives() {
    let story = Story::of(&["alpha.test", "beta.test"], true).await;
    for doctor in &story.doctors[..4] {
        story.rank("alpha.test", doctor, &[0, 1, 2]).await;
    }
    let seen = story.seen("alpha.test", &story.ada).await;
    assert!(seen.may_see && seen.result.is_none(), "four are too few, also for who asked and leads: {seen:?}");
    story.rank("alpha.test", &story.doctors[4], &[0]).await;
    assert_eq!(columns(&story.result("alpha.test", &story.ada).await), [("all", 5), ("medicine", 5)]);

    // One doctor and four guests more: neither may be told apart, and three first places are hidden with those that tell them.
    story.rank("alpha.test", &story.doctors[5], &[1, 0, 2]).await;
    assert_eq!(story.result("alpha.test", &story.ada).await.ballots, 5, "one more is not seen coming");
    for guest in &story.guests[..2] {
        story.rank("beta.test", guest, &[1, 0, 2]).await;
    }
    for guest in &story.guests[2..4] {
        story.rank("beta.test", guest, &[0, 1, 2]).await;
    }
    for (host, who) in [("alpha.test", story.ada), ("beta.test", story.guests[0])] {
        let result = story.result(host, &who).await;
        assert_eq!(columns(&result), [("all", 10)], "{host}");
        let first: Vec<Option<i64>> = everybody(&result).into_iter().map(|(_, first)| first).collect();
        assert_eq!(first, [None, None, Some(0)], "{host}: 10 less 7 would tell of 3");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_can_be_changed_and_counts_anew_with_four_others() {
    let story = Story::of(&["alpha.test"], false).await;
    let alpha = &story.at("alpha.test").ctx;
    for doctor in &story.doctors[..5] {
        story.rank("alpha.test", doctor, &[0]).await;
    }
    let before = story.result("alpha.test", &story.ada).await;
    assert_eq!(everybody(&before), [(Some(15), Some(5)), (Some(0), Some(0)), (Some(0), Some(0))]);
    story.rank("alpha.test", &story.doctors[0], &[1]).await;
    assert_eq!(story.seen("alpha.test", &story.doctors[0]).await.own, Some(vec![1]));
    assert_eq!(story.result("alpha.test", &story.ada).await, before, "the difference would tell who");
    for doctor in &story.doctors[1..5] {
        story.rank("alpha.test", doctor, &[1]).await;
    }
    let after = story.result("alpha.test", &story.ada).await;
    assert_eq!(everybody(&after), [(Some(0), Some(0)), (Some(15), Some(5)), (Some(0), Some(0))]);

    // Whoever leaves takes their ballot along, and so does whoever closes their account.
    groups::leave(alpha, &story.doctors[0], story.group).await.unwrap();
    assert_eq!(story.kept("alpha.test").await.len(), 4);
    let mut leaver = story.sign_in("alpha.test", "doctor2").await;
    let close = "/settings/account/close";
    let closed = leaver.submit(close, close, &[("current_password", PASSWORD)]).await;
    assert!(closed.status.is_redirection(), "{}", closed.html);
    assert_eq!(story.kept("alpha.test").await.len(), 3);

    // Whoever asked and leaves sees no more what the others say.
    let heir = story.doctors[5].account().unwrap();
    groups::appoint(alpha, &story.ada, story.group, heir).await.unwrap();
    groups::transfer(alpha, &story.ada, story.group, heir).await.unwrap();
    groups::leave(alpha, &story.ada, story.group).await.unwrap();
    let left = story.seen("alpha.test", &story.ada).await;
    assert!(!left.may_see && left.result.is_none(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ranks_who_may_not_answer_and_nobody_outside_sees_anything_of_it() {
    let story = Story::of(&["alpha.test", "beta.test"], true).await;
    for doctor in &story.doctors[..5] {
        story.rank("alpha.test", doctor, &[0, 1, 2]).await;
    }
    let (path, action) = (story.path(), story.action());
    let own = story.try_rank("alpha.test", &story.ada, &[0]).await;
    assert!(matches!(own, Err(Error::Forbidden(_))), "{own:?}");
    let stranger = story.try_rank("alpha.test", &story.cy, &[0]).await;
    assert!(matches!(stranger, Err(Error::NotFound)), "{stranger:?}");
    let mut cy = story.sign_in("alpha.test", "cy").await;
    let mut nobody = story.at("alpha.test").browser();
    for page in [path.as_str(), "/", "/@ada", "/search?q=Sarcoid", "/groups/hearts"] {
        for browser in [&mut cy, &mut nobody] {
            let seen = browser.visit(page).await;
            assert!(!seen.says("Isolated patch") && !seen.says("put first by"), "{page}: {}", seen.html);
        }
    }
    cy.get("/").await;
    assert_eq!(cy.send(&action, &[("first", "0")]).await.status, 404);
    assert_eq!(cy.send(&format!("{action}/end"), &[("back", "/")]).await.status, 404);

    // Somebody of beta who has left meanwhile is heard no more.
    let beta = story.at("beta.test");
    groups::leave(&beta.ctx, &story.guests[0], known(beta).await).await.unwrap();
    story.cluster.settle().await;
    assert!(story.try_rank("beta.test", &story.guests[0], &[0]).await.is_err());
    assert_eq!(story.kept("alpha.test").await.len(), 5);

    // Whoever leads the group on another server's behalf, or its own, sees the result and no ballot.
    let page = story.sign_in("alpha.test", "ada").await.get(&path).await;
    assert!(page.says("Result") && page.says("Sarcoid: 15 points, put first by 5."), "{}", page.html);
    assert!(!page.says("doctor1"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ranking_works_on_a_phone_without_script_and_says_what_is_wrong() {
    let story = Story::of(&["alpha.test"], false).await;
    let (path, action) = (story.path(), story.action());
    let mut doctor = story.sign_in("alpha.test", "doctor1").await;
    let page = doctor.get(&path).await;
    for words in
        ["Your ranking", "First choice", "Third choice (optional)", "Myocarditis", "Nobody sees who chose what"]
    {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    for (fields, words) in [
        (vec![("first", ""), ("second", "1")], "Choose what you put first."),
        (vec![("first", "0"), ("second", ""), ("third", "1")], "Choose the second before the third."),
        (vec![("first", "0"), ("second", "0")], "Each option can be chosen once"),
        (vec![("first", "7")], "Choose among the options"),
    ] {
        let wrong = doctor.submit(&path, &action, &fields).await;
        assert_eq!(wrong.status, 422, "{words}");
        assert!(wrong.says(words) && wrong.says("First choice"), "{words}: {}", wrong.html);
    }
    let ranked = doctor.submit(&path, &action, &[("first", "2"), ("second", "0"), ("third", "")]).await;
    assert_eq!(ranked.location, format!("{path}?done=ranked"), "{}", ranked.html);
    let page = doctor.get(&path).await;
    assert!(page.says("<option value=\"2\" selected>Isolated patch</option>"), "{}", page.html);
    assert!(
        page.says("The result is hidden, from everybody, until 5 people have ranked") && page.says("Change my ranking"),
        "{}",
        page.html
    );
    let file = doctor.get("/settings/data/ballots.csv").await;
    assert!(file.says("Isolated patch,Sarcoid,,this server"), "{}", file.html);

    for other in &story.doctors[1..5] {
        story.rank("alpha.test", other, &[2, 0]).await;
    }
    let page = doctor.get(&path).await;
    for words in [
        "Isolated patch: 15 points, put first by 5.",
        "Your first choice",
        "<caption>",
        "Everybody (5)",
        "Medicine (5)",
    ] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_or_a_word_of_its_author_ends_the_ranking_everywhere() {
    let mut story = Story::of(&["alpha.test", "beta.test"], true).await;
    for doctor in &story.doctors[..5] {
        story.rank("alpha.test", doctor, &[0, 1, 2]).await;
    }
    let alpha = &story.at("alpha.test").ctx;
    cases::add_outcome(alpha, &story.ada, story.case, "It was sarcoid.", &[]).await.unwrap();
    story.cluster.settle().await;
    let late = story.try_rank("alpha.test", &story.doctors[5], &[1]).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    assert!(story.try_rank("beta.test", &story.guests[0], &[1]).await.is_err());
    for (host, who) in [("alpha.test", story.doctors[5]), ("beta.test", story.guests[0])] {
        let seen = story.seen(host, &who).await;
        assert!(seen.over && seen.may_see && !seen.may_rank, "{host}: {seen:?}");
        assert_eq!(seen.result.unwrap().ballots, 5, "{host}");
    }

    // Another case, which its author ends.
    story.ask().await;
    let mut ada = story.sign_in("alpha.test", "ada").await;
    let mut doctor = story.sign_in("alpha.test", "doctor1").await;
    let (path, end) = (story.path(), format!("{}/end", story.action()));
    doctor.get(&path).await;
    assert_eq!(doctor.send(&end, &[("back", "/")]).await.status, 403);
    let ended = ada.submit(&path, &end, &[]).await;
    assert_eq!(ended.location, format!("{path}?done=ranking-ended"), "{}", ended.html);
    story.cluster.settle().await;
    assert!(story.seen("beta.test", &story.guests[0]).await.over);
    let page = doctor.get(&path).await;
    assert!(page.says("The ranking is over.") && !page.says("Your ranking"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_withdrawn_takes_options_and_ballots_with_it() {
    let story = Story::of(&["alpha.test", "beta.test"], true).await;
    for doctor in &story.doctors[..5] {
        story.rank("alpha.test", doctor, &[0, 1, 2]).await;
    }
    story.rank("beta.test", &story.guests[0], &[2]).await;
    let alpha = &story.at("alpha.test").ctx;
    cases::withdraw(alpha, &story.ada, story.case, RecallReason::ConsentWithdrawn).await.unwrap();
    story.cluster.settle().await;
    for host in ["alpha.test", "beta.test"] {
        assert_eq!(story.kept(host).await, Vec::<String>::new(), "{host}");
        let results = "SELECT result::text AS words FROM case_rankings";
        assert_eq!(ask(story.at(host), results).await, Vec::<String>::new(), "{host}");
        let bodies = "SELECT body::text AS words FROM cases";
        assert!(!ask(story.at(host), bodies).await.join("").contains("Sarcoid"), "{host}");
    }
    let late = cases::rank(alpha, &story.doctors[0], story.case, &[Some(1)]).await;
    assert!(matches!(late, Err(Error::Gone | Error::NotFound)), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn options_pass_the_gate_like_every_other_text_of_a_case() {
    let story = Story::of(&["alpha.test"], false).await;
    let ctx = &story.at("alpha.test").ctx;
    let id = cases::start(ctx, &story.ada, story.group).await.unwrap();
    let try_with = async |options: &str| {
        cases::save(ctx, &story.ada, id, CaseDraft { options: options.into(), ..draft() }).await.unwrap();
        cases::publish(ctx, &story.ada, id).await
    };
    for (options, words) in
        [("Operate on Mrs Miller\nWait", "mark"), ("Wait", "2 to 8 options"), ("Wait\nwait", "twice")]
    {
        let Err(Error::Invalid(open)) = try_with(options).await else { panic!("{options} is refused") };
        assert!(open.iter().any(|one| one.message.contains(words)), "{options}: {open:?}");
    }
    let marks = cases::marks(&cases::open_draft(ctx, &story.ada, id).await.unwrap().draft);
    assert!(marks.is_empty(), "{marks:?}");
    try_with("Operate\nWait").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leads_the_group_reads_the_result_without_having_ranked() {
    let story = Story::of(&["alpha.test"], false).await;
    let (ctx, leader) = (&story.at("alpha.test").ctx, &story.doctors[5]);
    groups::appoint(ctx, &story.ada, story.group, leader.account().unwrap()).await.unwrap();
    for doctor in &story.doctors[..5] {
        story.rank("alpha.test", doctor, &[0, 1, 2]).await;
    }
    let seen = story.seen("alpha.test", leader).await;
    assert!(seen.may_see && seen.own.is_none() && seen.result.is_some(), "{seen:?}");
}
