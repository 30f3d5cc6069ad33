//! One clinician's badge over three hospitals: from the copy of a register over the desk to the names on others' pages,
//! and off them again; and what dumps of their databases give away.

use std::process::Command;

use chrono::TimeDelta;
use consilium::{crypto::digest, model::Role};
use diesel_async::SimpleAsyncConnection;

use crate::harness::{Browser, Cluster, Instance, Options, Page};

/// A number of the Australian register that is nobody's; none of its length comes about by chance.
const NUMBER: &str = "MED0004711815";
const MARKER: &str = "Certificate-of-Ada-K";
const MAPPING: &[u8] = include_bytes!("../../docs/registers/au-ahpra.toml");
const REGISTER: &str = "Australian Health Practitioner Regulation Agency";
const POST: &str = "Two flutters in one week";
/// Beside a name, on a profile, and where nobody is trusted to know.
const BADGE: &str = "Doctor · Cardiology</span>, verified by Hospital alpha.test";
const PROOF: &str = "Verified by Hospital alpha.test against ";
const CLAIM: &str = "Doctor · Cardiology, says Hospital alpha.test";

/// Alpha, where Ada works and Vera and Vic are at the desk; beta, which trusts alpha, with Bo; and gamma, which has not
/// decided about alpha, with Cy. Both follow Ada.
struct Hospitals {
    cluster: Cluster,
    ada: Browser,
    bo: Browser,
    cy: Browser,
}

impl Hospitals {
    async fn new(rules: &str) -> Self {
        let config = format!("[verification]\n{rules}");
        let names = ["alpha.test", "beta.test", "gamma.test"];
        let cluster = Cluster::with(&names, &[], Options { config, ..Options::default() }).await;
        let [alpha, beta, gamma] = names.map(|name| cluster.get(name));
        for instance in [alpha, beta, gamma] {
            instance.account("rooty", Role::Admin).await;
        }
        for verifier in ["vera", "vic"] {
            alpha.account(verifier, Role::Verifier).await;
        }
        let mut ada = alpha.clinician("ada").await;
        let name = [("name", "Dr Ada Kader"), ("discoverable", "on")];
        let named = ada.submit("/settings/profile", "/settings/profile", &name).await;
        assert!(named.status.is_redirection(), "{}", named.html);
        let (mut bo, mut cy) = (beta.clinician("bo").await, gamma.clinician("cy").await);
        bo.follow("@ada@alpha.test").await;
        cy.follow("@ada@alpha.test").await;
        trust(beta, "trusted").await;
        cluster.settle().await;
        ada.get("/compose").await;
        ada.post(POST, "public").await;
        cluster.settle().await;
        Self { cluster, ada, bo, cy }
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    /// Alpha's admin takes in a copy of the register in which Ada stands.
    async fn import_register(&self) {
        let mut rooty = signed_in(self.alpha(), "rooty").await;
        rooty.get("/admin/registers").await;
        let copy = format!(
            "Registration Number;Surname;Given Names;Profession;Registration Status;Specialty;Expiry Date;Conditions\n\
             {NUMBER};KADER;Ada;Medical Practitioner;Registered;Cardiology;30/09/2037;None\n"
        );
        let files: [(&str, &[u8]); 2] = [("mapping", MAPPING), ("file", copy.as_bytes())];
        let sent = rooty.send_files("/admin/registers", &files, &[("register", "au-ahpra")]).await;
        assert!(sent.status.is_redirection(), "{}", sent.html);
        self.cluster.settle().await;
        let page = rooty.get("/admin/registers").await;
        assert!(page.says(">In use<"), "{}", page.html);
    }

    /// Ada brings her registration to the desk, with a document; its id.
    async fn bring(&mut self) -> String {
        let fields = [
            ("kind", "registration"),
            ("register", "au-ahpra"),
            ("number", NUMBER),
            ("discipline", "medicine"),
            ("specialties", "207RC0000X"),
            ("family_name", "Kader"),
            ("given_names", "Ada"),
            ("role", "Consultant"),
            ("expires_on", "2037-09-30"),
        ];
        let sent = self.ada.submit("/credentials/new", "/credentials", &fields).await;
        let id = sent.location.strip_prefix("/credentials/").unwrap_or_else(|| panic!("{}", sent.html));
        let id = id.split(['?', '/']).next().unwrap().to_owned();
        self.ada.get(&format!("/credentials/{id}")).await;
        let document = format!("%PDF-1.7\n{MARKER} {NUMBER}\n%%EOF\n");
        let files = [("file", document.as_bytes())];
        let add = format!("/credentials/{id}/evidence");
        let added = self.ada.send_files(&add, &files, &[("label", "Certificate")]).await;
        assert!(added.status.is_redirection(), "{}", added.html);
        id
    }

    /// Ada's page at beta and at gamma.
    async fn profiles(&mut self) -> [Page; 2] {
        [self.bo.get("/@ada@alpha.test").await, self.cy.get("/@ada@alpha.test").await]
    }

    /// Her post in Bo's home timeline, with what stands beside her name.
    async fn card(&mut self) -> String {
        card(&self.bo.home().await)
    }

    async fn pass(&self, time: TimeDelta) {
        self.cluster.pass(time);
        self.cluster.settle().await;
    }
}

/// Somebody who has just given the password, as the desk and the admin pages ask for.
async fn signed_in(at: &Instance, who: &str) -> Browser {
    at.signed_in(who).await
}

/// An admin decides how far alpha is believed.
async fn trust(at: &Instance, how: &str) {
    let form = "/admin/hosts/alpha.test/trust";
    let saved = signed_in(at, "rooty").await.submit("/admin/hosts/alpha.test", form, &[("trust", how)]).await;
    assert!(saved.status.is_redirection(), "{}", saved.html);
}

/// Takes a credential, ticks everything, and says yes.
pub async fn attest(verifier: &mut Browser, id: &str) -> Page {
    let at = format!("/desk/{id}");
    verifier.submit(&at, &format!("{at}/claim"), &[]).await;
    let page = verifier.get(&at).await;
    let keys = page.html.split("name=\"keys\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let mut fields: Vec<(&str, &str)> = keys.map(|key| ("keys", key)).collect();
    fields.push(("seen", "Entry and certificate seen"));
    let ticked = verifier.submit_from(&page, &format!("{at}/tick"), &fields).await;
    assert!(ticked.status.is_redirection(), "{}", ticked.html);
    verifier.submit(&at, &format!("{at}/attest"), &fields).await
}

/// Takes a credential back, for now or for good.
pub async fn take_back(verifier: &mut Browser, id: &str, act: &str) {
    let page = format!("/desk/{id}/{act}");
    let done = verifier.submit(&page, &page, &[("opening", ""), ("reason", "The register has a question.")]).await;
    assert!(done.location.starts_with(&format!("/desk/{id}?done=")), "{}", done.html);
}

/// The address of the facts behind a badge or a claim on a page.
pub fn facts(page: &Page) -> String {
    let token = page.html.split("href=\"/verify/").nth(1).unwrap_or_else(|| panic!("no badge: {}", page.html));
    format!("/verify/{}", token.split('"').next().unwrap())
}

/// Ada's post as a page shows it, down to its words.
fn card(page: &Page) -> String {
    assert!(page.says(POST), "{}", page.html);
    let before = page.html.split(POST).next().unwrap();
    before.rsplit("id=\"post-").next().unwrap().to_owned()
}

/// The database as an operator saves it.
fn dump(at: &Instance) -> String {
    let url = at.ctx.config.database.url.as_ref().unwrap();
    let output = Command::new("pg_dump").arg(format!("--dbname={}", url.expose())).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_goes_from_the_register_to_the_pages_of_others_and_off_them_again() {
    let mut story = Hospitals::new("two_persons = [\"au-ahpra\"]\n").await;
    story.import_register().await;
    let id = story.bring().await;
    let (mut vera, mut vic) = (signed_in(story.alpha(), "vera").await, signed_in(story.alpha(), "vic").await);
    let desk = vera.get(&format!("/desk/{id}")).await;
    for words in ["KADER", "matched in the register", "Two persons decide", ">Take it to read this.<"] {
        assert!(desk.says(words), "{words}: {}", desk.html);
    }
    assert!(!desk.says("<mark>"), "nothing differs: {}", desk.html);
    let first = attest(&mut vera, &id).await;
    assert!(first.location.ends_with("done=second"), "{}", first.html);
    story.cluster.settle().await;
    assert!(!story.card().await.contains(BADGE), "one yes is none");
    let second = attest(&mut vic, &id).await;
    assert!(second.location.ends_with("done=attested"), "{}", second.html);
    story.cluster.settle().await;

    let [beta, gamma] = story.profiles().await;
    assert!(beta.says(PROOF), "{}", beta.html);
    assert!(story.card().await.contains(BADGE), "{}", story.card().await);
    let page = story.bo.get(&facts(&beta)).await;
    for words in
        ["This holds: Hospital alpha.test has signed it", "Attested by the institution", REGISTER, "Australia<"]
    {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    assert!(!page.says(NUMBER));
    assert!(gamma.says(CLAIM) && !gamma.says("Verified by"), "{}", gamma.html);
    assert!(!card(&story.cy.home().await).contains("verified by"));
    assert!(story.cy.get(&facts(&gamma)).await.says("has not decided to trust"));
    trust(story.cluster.get("gamma.test"), "none").await;
    let [_, gamma] = story.profiles().await;
    assert!(!gamma.says(CLAIM) && !gamma.says("href=\"/verify/"), "{}", gamma.html);
    trust(story.cluster.get("gamma.test"), "claim").await;
    story.cluster.settle().await;
    assert!(story.profiles().await[1].says(CLAIM));

    lose_letters_to_beta(story.alpha()).await;
    take_back(&mut vera, &id, "suspend").await;
    take_back(&mut vic, &id, "revoke").await;
    let own = story.ada.get("/@ada").await;
    assert!(own.says("Get verified") && !own.says("Verified by"), "gone at alpha at once: {}", own.html);
    story.cluster.settle().await;
    let [beta, gamma] = story.profiles().await;
    assert!(!gamma.says(CLAIM), "gone at gamma, which was told: {}", gamma.html);
    assert!(beta.says(PROOF), "nobody has told beta");
    story.pass(TimeDelta::minutes(16)).await;
    let page = story.bo.get(&facts(&beta)).await;
    assert!(page.says("Hospital alpha.test has taken it back"), "{}", page.html);
    let [beta, _] = story.profiles().await;
    assert!(!beta.says(PROOF), "gone at beta as well, without a word from alpha: {}", beta.html);
    assert!(!story.card().await.contains(BADGE));

    for instance in &story.cluster.instances {
        let all = dump(instance);
        assert!(all.contains("dr ada kader"), "this is everything");
        for secret in [NUMBER, MARKER] {
            let open = [secret.to_lowercase(), digest::hex(secret.as_bytes())].iter().any(|one| all.contains(one));
            assert!(!open, "{secret} lies open in the dump of {}", instance.name);
        }
    }
}

/// From now on nothing that is written to beta leaves alpha.
async fn lose_letters_to_beta(alpha: &Instance) {
    let lose = "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
                CREATE TRIGGER lose BEFORE INSERT ON deliveries FOR EACH ROW \
                  WHEN (NEW.inbox LIKE 'http://beta.test/%') EXECUTE FUNCTION lose()";
    alpha.ctx.pool.get().await.unwrap().batch_execute(lose).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_on_a_post_tells_since_when_its_hospital_is_silent_for_as_long_as_is_set() {
    let mut story = Hospitals::new("stale_hours = 48\n").await;
    let id = story.bring().await;
    let done = attest(&mut signed_in(story.alpha(), "vera").await, &id).await;
    assert!(done.location.ends_with("done=attested"), "{}", done.html);
    story.cluster.settle().await;
    story.cluster.get_mut("alpha.test").go_down().await;
    for (hours, shown) in [(20, BADGE), (6, "Doctor · Cardiology</span>, not confirmed since ")] {
        story.pass(TimeDelta::hours(hours)).await;
        story.bo = signed_in(story.cluster.get("beta.test"), "bo").await;
        let card = story.card().await;
        assert!(card.contains(shown), "{shown}: {card}");
    }
    story.pass(TimeDelta::hours(23)).await;
    story.bo = signed_in(story.cluster.get("beta.test"), "bo").await;
    assert!(!story.card().await.contains("Cardiology"), "of 48 hours one is over");
    let profile = story.bo.get("/@ada@alpha.test").await;
    assert!(profile.says(CLAIM) && !profile.says(PROOF), "{}", profile.html);
    assert!(story.bo.get(&facts(&profile)).await.says("Not confirmed since"));
}
