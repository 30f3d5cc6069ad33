//! What time and registers do to what the desk has decided, and what they can not.

use std::sync::Arc;

use chrono::TimeDelta;
use consilium::{
    error::Error,
    model::{Badge, CredentialId, CredentialState, Role},
    policy::Viewer,
    service::{
        Ctx,
        credentials::{self, CredentialForm, Decision},
        profiles,
        registers::{self, Progress, Source},
    },
};

use crate::harness::{Cluster, Instance, Options};

const GMC: &str = include_str!("../../docs/registers/gb-gmc.toml");
const NUMBER: &str = "7012345";

/// A hospital with Ada, who claims a registration, and Vera at the desk.
struct House {
    cluster: Cluster,
    ada: Viewer,
    vera: Viewer,
    id: CredentialId,
}

impl House {
    async fn of(rules: &str) -> Self {
        let options = Options { config: rules.into(), ..Options::default() };
        let cluster = Cluster::with(&["alpha.test"], &[], options).await;
        let alpha = cluster.get("alpha.test");
        let (ada, vera) = (alpha.account("ada", Role::Clinician).await, alpha.account("vera", Role::Verifier).await);
        let form = CredentialForm {
            kind: "registration".into(),
            register: "gb-gmc".into(),
            number: NUMBER.into(),
            discipline: "medicine".into(),
            family_name: "Kader".into(),
            given_names: "Samira".into(),
            ..CredentialForm::default()
        };
        let id = credentials::save(&alpha.ctx, &ada, None, form, true).await.unwrap();
        Self { cluster, ada, vera, id }
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    fn ctx(&self) -> &Ctx {
        &self.alpha().ctx
    }

    async fn claim(&self) {
        credentials::claim(self.ctx(), &self.vera, self.id).await.unwrap();
    }

    /// Vera says yes to what stands there, with everything ticked or nothing.
    async fn say_yes(&self, ticked: bool) -> Result<Decision, Error> {
        let review = credentials::open(self.ctx(), &self.vera, self.id).await?;
        if ticked {
            let keys = review.checklist.iter().map(|item| item.key.to_owned()).collect();
            credentials::tick(self.ctx(), &self.vera, self.id, keys, "Looked up", &review.mark).await?;
        }
        credentials::attest(self.ctx(), &self.vera, self.id, &review.mark).await
    }

    async fn attest(&self) {
        self.claim().await;
        assert_eq!(self.say_yes(true).await.unwrap(), Decision::Attested);
    }

    async fn suspend(&self) {
        credentials::suspend(self.ctx(), &self.vera, self.id, "A question").await.unwrap();
    }

    async fn reinstate(&self) {
        credentials::reinstate(self.ctx(), &self.vera, self.id, "It is answered").await.unwrap();
    }

    async fn standing(&self) -> (CredentialState, i16) {
        let credential = credentials::read(self.ctx(), &self.ada, self.id).await.unwrap().credential;
        (credential.state, credential.level)
    }

    async fn badge(&self) -> Option<Badge> {
        let account = profiles::by_id(self.ctx(), &self.ada, self.ada.account().unwrap()).await.unwrap().account;
        account.badge(self.ctx().now()).cloned()
    }

    async fn pass(&self, days: i64) {
        self.cluster.pass(TimeDelta::days(days));
        self.cluster.settle().await;
    }

    /// Whether Ada may post for everybody.
    async fn may_post(&self) -> bool {
        let mut browser = self.alpha().signed_in("ada").await;
        let form = [("text", "Good morning"), ("visibility", "public"), ("warning", ""), ("language", "en")];
        browser.send("/posts", &form).await.status.is_redirection()
    }

    /// Takes in a copy of the register with this line.
    async fn copy(&self, line: &str) {
        let alpha = self.alpha();
        let file_name = format!("desk-{}.csv", alpha.address.port());
        let path = std::path::PathBuf::from(format!("/tmp/consilium-test-{}/files/{file_name}", std::process::id()));
        let head = "GMC Ref No,Surname,Given Name,Registration Status,Specialty,FTP Conditions Exist\n";
        std::fs::write(&path, format!("{head}{line}\n")).unwrap();
        let (register, mapping) = ("gb-gmc".to_owned(), Some(GMC.to_owned()));
        let source = Source { register, path, file_name, snapshot_date: None, mapping, force: true };
        registers::import_by_operator(&alpha.ctx, source, &Arc::new(Progress::default())).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_stays_over_the_years_as_long_as_the_desk_looks_each_year() {
    let house = House::of("").await;
    house.attest().await;
    let first = house.badge().await.unwrap();
    let mut day = 0;
    for (next, state) in [
        (200, CredentialState::Attested),
        (350, CredentialState::Attested),
        (352, CredentialState::Attested),
        (364, CredentialState::Attested),
        (367, CredentialState::RecheckDue),
        (370, CredentialState::RecheckDue),
    ] {
        house.pass(next - day).await;
        day = next;
        assert_eq!(house.standing().await, (state, 4), "day {day}");
        let badge = house.badge().await.unwrap_or_else(|| panic!("there is no badge on day {day}"));
        assert_eq!(badge.token == first.token, day < 351, "day {day}: it is stated anew in time, and once");
        assert_eq!(badge.checked_on, first.checked_on, "day {day}: and is checked no later for that");
    }
    house.attest().await;
    let second = house.badge().await.unwrap();
    assert!(second.checked_on > first.checked_on && second.until > first.until);
    for (days, badge) in [(10, true), (20, true), (330, true), (20, true), (14, false)] {
        house.pass(days).await;
        assert_eq!(house.badge().await.is_some(), badge, "{days} days on");
    }
    assert_eq!(house.standing().await.0, CredentialState::Suspended, "this year nobody has looked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_looked_at_in_time_is_looked_at_before_it_holds_again() {
    let house = House::of("[verification]\nrecheck_days = 10\n[verification.public_posts]\nlevel = 4\n").await;
    assert!(!house.may_post().await);
    house.attest().await;
    assert!(house.may_post().await);
    let day = (house.ctx().now().date_naive() + TimeDelta::days(30)).to_string();
    credentials::set_next_check(house.ctx(), &house.vera, house.id, &day).await.unwrap();
    house.pass(31).await;
    assert!(house.standing().await == (CredentialState::RecheckDue, 4) && house.badge().await.is_some());
    house.pass(11).await;
    assert_eq!(house.standing().await, (CredentialState::Suspended, 3));
    assert!(house.badge().await.is_none() && !house.may_post().await);

    for again in ["nobody looks", "nobody looks again"] {
        house.reinstate().await;
        assert_eq!(house.standing().await, (CredentialState::RecheckDue, 3), "{again}");
        assert!(house.badge().await.is_none() && !house.may_post().await, "{again}");
        house.claim().await;
        let bare = house.say_yes(false).await.unwrap_err().public();
        assert!(bare.contains("checks left before it can be attested"), "{again}: {bare}");
        house.pass(11).await;
        assert_eq!(house.standing().await, (CredentialState::Suspended, 3), "{again}");
    }
    house.reinstate().await;
    house.attest().await;
    assert_eq!(house.standing().await, (CredentialState::Attested, 4));
    assert!(house.badge().await.is_some() && house.may_post().await);

    house.suspend().await;
    house.reinstate().await;
    assert!(house.badge().await.is_some(), "where nothing is left to look at, it holds again at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_copy_of_the_register_counts_for_what_waits_and_for_what_rests() {
    let house = House::of("").await;
    assert_eq!(house.standing().await, (CredentialState::Submitted, 1));
    house.copy("7012345,KADER,Samira Jane,Registered with Licence,Cardiology,N").await;
    house.cluster.settle().await;
    assert_eq!(house.standing().await, (CredentialState::Submitted, 2), "the copy has her, and she waits");
    let review = credentials::open(house.ctx(), &house.vera, house.id).await.unwrap();
    let points = review.comparison.unwrap().points();
    assert_eq!(points[..3], [("Number", 40, 40), ("Family name", 25, 25), ("Given names", 12, 15)]);

    house.claim().await;
    let mark = credentials::open(house.ctx(), &house.vera, house.id).await.unwrap().mark;
    house.copy("7012345,KADER,Samira,Registered with Licence,Cardiology,N").await;
    let late = credentials::attest(house.ctx(), &house.vera, house.id, &mark).await.unwrap_err().public();
    assert!(late.contains("It has changed since you opened it"), "the register says something else now: {late}");
    assert_eq!(house.say_yes(true).await.unwrap(), Decision::Attested);

    house.suspend().await;
    house.copy("7012345,KADER,Samira,Erased,Cardiology,N").await;
    house.reinstate().await;
    assert_eq!(house.standing().await.0, CredentialState::RecheckDue);
    assert!(house.badge().await.is_none(), "she may not practise");
}
