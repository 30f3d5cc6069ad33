//! Copies of registers: taken in, looked up, held against the one before, and sent through the admin's page.

use std::{path::PathBuf, sync::Arc};

use consilium::{
    error::Result,
    model::{Credential, CredentialState, Role},
    policy::Viewer,
    service::{
        credentials::{self, CredentialForm, Decision},
        registers::{self, Outcome, Progress, Source},
        secrets,
    },
    store,
};
use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use crate::{
    cli::Operator,
    harness::{Cluster, Instance, Options, postgres},
};

/// A number of the American register, with the check digit that it needs.
pub fn npi(n: u32) -> String {
    let body = (100_000_000 + n).to_string();
    let digits = body.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    let sum: u32 = digits.map(|(at, d)| if at % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { d }).sum();
    format!("{body}{}", (10 - (24 + sum) % 10) % 10)
}

/// Number, family name, given names, last day, specialty.
type Line<'a> = [&'a str; 5];

const CARDIOLOGY: &str = "207RC0000X";

/// A file with the columns of the American register that are read.
pub fn nppes(lines: &[Line<'_>]) -> String {
    let head = ["NPI", "Entity Type Code", "Provider Last Name (Legal Name)", "Provider First Name"];
    let mut head: Vec<String> = head.iter().map(|column| (*column).to_owned()).collect();
    head.extend(["NPI Deactivation Date", "NPI Reactivation Date"].map(str::to_owned));
    head.extend((1..=15).map(|n| format!("Healthcare Provider Taxonomy Code_{n}")));
    let mut file = format!("\"{}\"\n", head.join("\",\""));
    for &[number, family, given, ended, specialty] in lines {
        // Of whoever is gone, the number and the day are left.
        let kind = if family.is_empty() { "" } else { "1" };
        let mut fields = vec![number, kind, family, given, ended, "", specialty];
        fields.resize(head.len(), "");
        file.push_str(&format!("\"{}\"\n", fields.join("\",\"")));
    }
    file
}

/// Writes a file that an operator has; its path.
fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let folder = PathBuf::from(format!("/tmp/consilium-test-{}/files/registers", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// A copy of the American register, as the operator takes it in.
fn source(name: &str, content: impl AsRef<[u8]>) -> Source {
    Source {
        register: "us-nppes".into(),
        path: file(name, content),
        file_name: name.to_owned(),
        snapshot_date: None,
        mapping: None,
        force: false,
    }
}

async fn import(alpha: &Instance, source: Source) -> Result<Outcome> {
    registers::import_by_operator(&alpha.ctx, source, &Arc::new(Progress::default())).await
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

async fn count(alpha: &Instance, query: &str) -> i64 {
    let mut conn = alpha.ctx.pool.get().await.unwrap();
    diesel::sql_query(query).get_result::<Count>(&mut conn).await.unwrap().n
}

/// Brings a cardiologist's registration to the desk.
async fn bring(alpha: &Instance, username: &str, number: &str) -> Viewer {
    let holder = alpha.account(username, Role::Clinician).await;
    let form = CredentialForm {
        kind: "registration".into(),
        register: "us-nppes".into(),
        number: number.to_owned(),
        discipline: "medicine".into(),
        specialties: vec![CARDIOLOGY.into()],
        family_name: "O’Kader".into(),
        given_names: "Samíra".into(),
        ..CredentialForm::default()
    };
    credentials::save(&alpha.ctx, &holder, None, form, true).await.unwrap();
    holder
}

/// The one credential of somebody.
async fn credential(alpha: &Instance, holder: &Viewer) -> Credential {
    credentials::mine(&alpha.ctx, holder).await.unwrap().remove(0).credential
}

async fn attest(alpha: &Instance, vera: &Viewer, holder: &Viewer) {
    let (ctx, id) = (&alpha.ctx, credential(alpha, holder).await.id);
    credentials::claim(ctx, vera, id).await.unwrap();
    let review = credentials::open(ctx, vera, id).await.unwrap();
    let ticked = review.checklist.iter().map(|item| item.key.to_owned()).collect();
    credentials::tick(ctx, vera, id, ticked, "Seen in the register", &review.mark).await.unwrap();
    assert!(matches!(credentials::attest(ctx, vera, id, &review.mark).await.unwrap(), Decision::Attested));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_looked_up_by_number_and_keeps_none() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let vera = alpha.account("vera", Role::Verifier).await;
    let (ada_number, gone_number) = (npi(1), npi(2));
    let lines = [
        [ada_number.as_str(), "O'KADER", "SAMIRA", "", "207P00000X"],
        [gone_number.as_str(), "", "", "05/23/2007", ""],
        // One person in two lines, as in registers that list posts.
        [ada_number.as_str(), "O'KADER", "SAMIRA", "", CARDIOLOGY],
        ["1234567890", "WRONG", "DIGIT", "", CARDIOLOGY],
    ];
    let early = bring(alpha, "early", &npi(3)).await;
    assert_eq!(credential(alpha, &early).await.level, 1, "there is nothing to match it with");
    let outcome = import(alpha, source("first.csv", nppes(&lines))).await.unwrap();
    assert_eq!((outcome.counts.rows, outcome.counts.refused, outcome.rechecks), (3, 1, 0));

    let mut conn = alpha.ctx.pool.get().await.unwrap();
    let key = secrets::index_key(&alpha.ctx, &mut conn).await.unwrap();
    let index = |number: &str| key.index("us-nppes", number).unwrap();
    let found = store::registers::find_entry(&mut conn, "us-nppes", &index(&ada_number)).await.unwrap().unwrap();
    assert_eq!((found.family_name.as_str(), found.family_folded.as_str()), ("O'KADER", "okader"));
    assert!(found.active && found.discipline == "medicine");
    let mut specialties = found.specialties;
    specialties.sort();
    assert_eq!(specialties, ["207P00000X", CARDIOLOGY]);
    let gone = store::registers::find_entry(&mut conn, "us-nppes", &index(&gone_number)).await.unwrap().unwrap();
    assert!(!gone.active && gone.status == "Deactivated" && gone.family_name.is_empty());
    for (register, number) in [("us-nppes", npi(3)), ("gb-gmc", ada_number.clone()), ("us-nppes", String::new())] {
        assert_eq!(store::registers::find_entry(&mut conn, register, &index(&number)).await.unwrap(), None);
    }
    let kept = format!("SELECT count(*) AS n FROM register_entries e WHERE e::text LIKE '%{ada_number}%'");
    assert_eq!(count(alpha, &kept).await, 0);
    let told = "SELECT count(*) AS n FROM register_snapshots WHERE error LIKE 'line 5: %none of this register' \
                AND error NOT LIKE '%123456789%' AND state = 'current'";
    assert_eq!(count(alpha, told).await, 1, "the line is named, what stands in it is not");

    let ada = bring(alpha, "ada", &ada_number).await;
    let brought = credential(alpha, &ada).await;
    assert_eq!((brought.state, brought.level), (CredentialState::Submitted, 2));
    let comparison = credentials::open(&alpha.ctx, &vera, brought.id).await.unwrap().comparison.unwrap();
    assert!(comparison.matches() && comparison.score == 100, "{comparison:?}");
    let review = credentials::open(&alpha.ctx, &vera, credential(alpha, &early).await.id).await.unwrap();
    assert!(review.comparison.is_none() && review.flags.contains(&credentials::Flag::NotInRegister));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_copy_has_looked_at_again_whoever_is_not_in_it_as_before_and_nobody_else() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let vera = alpha.account("vera", Role::Verifier).await;
    let names = ["same", "struck", "vanished", "renamed", "trained", "waits", "rests", "late"];
    let numbers: Vec<String> = (10..18).map(npi).collect();
    let known = numbers.iter().take(7);
    let first: Vec<Line<'_>> = known.map(|n| [n.as_str(), "O'KADER", "SAMIRA", "", CARDIOLOGY]).collect();
    import(alpha, source("before.csv", nppes(&first))).await.unwrap();
    let mut people = Vec::new();
    for (name, number) in names.iter().zip(&numbers) {
        people.push(bring(alpha, name, number).await);
    }
    for holder in people[..5].iter().chain(&people[6..]) {
        attest(alpha, &vera, holder).await;
    }
    let rests = credential(alpha, &people[6]).await.id;
    credentials::suspend(&alpha.ctx, &vera, rests, "A question to the employer").await.unwrap();

    let gone = |number: usize| [numbers[number].as_str(), "", "", "11/02/2026", ""];
    let mut second = first.clone();
    second[1] = gone(1);
    second[6] = gone(6);
    second.push(gone(7));
    second[3][1] = "LINDQVIST-O'KADER";
    second[4][4] = "207P00000X";
    second.remove(5);
    second.remove(2);
    let outcome = import(alpha, source("after.csv", nppes(&second))).await.unwrap();
    assert_eq!((outcome.counts.rows, outcome.rechecks), (6, 4));
    let expected = [
        (CredentialState::Attested, ""),
        (CredentialState::RecheckDue, "No longer active in the register of "),
        (CredentialState::RecheckDue, "Not in the register of "),
        (CredentialState::RecheckDue, "Under another name in the register of "),
        (CredentialState::Attested, ""),
        (CredentialState::Submitted, ""),
        (CredentialState::Suspended, "No longer active in the register of "),
        (CredentialState::RecheckDue, "No longer active in the register of "),
    ];
    for ((holder, (state, reason)), name) in people.iter().zip(expected).zip(names) {
        let now = credential(alpha, holder).await;
        assert_eq!(now.state, state, "{name}");
        assert!(now.recheck_reason.starts_with(reason), "{name}: {}", now.recheck_reason);
        assert_eq!(now.recheck_reason.is_empty(), reason.is_empty(), "{name}: {}", now.recheck_reason);
    }
    let entries = "SELECT count(*) AS n FROM audit WHERE action = 'recheck_credential'";
    assert_eq!(count(alpha, entries).await, 5, "also of what rests");
    let noted = format!(
        "SELECT count(*) AS n FROM credential_events WHERE credential_id = {rests} AND actor_id IS NULL AND state IS NULL"
    );
    assert_eq!(count(alpha, &noted).await, 1);
    let told = "SELECT count(*) AS n FROM notifications WHERE kind = 'credential' AND account_id IN \
                (SELECT account_id FROM credentials WHERE state = 'recheck_due')";
    assert_eq!(count(alpha, told).await, 4, "their holders are told");
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    let did = rooty.get("/admin/audit?who=server").await;
    assert!(did.says("<b>The server</b> opened a re-check of a credential of @struck"), "{}", did.html);
    assert!(did.says(&format!("href=\"/desk/{}\"", credential(alpha, &people[1]).await.id)), "{}", did.html);
    assert!(!did.says("The operator") && !did.says("@vera"), "{}", did.html);

    let again = import(alpha, source("again.csv", nppes(&second))).await.unwrap();
    assert_eq!(again.rechecks, 0, "what was so before is no news");
    assert_eq!(count(alpha, &noted).await, 1);
    let noted = credential(alpha, &people[6]).await.recheck_reason;
    assert_eq!(noted.matches("No longer active").count(), 1, "{noted}");
    credentials::reinstate(&alpha.ctx, &vera, rests, "The employer has answered").await.unwrap();
    let back = credential(alpha, &people[6]).await;
    assert_eq!(back.state, CredentialState::RecheckDue, "it is looked at before it holds");
    assert!(back.recheck_reason.starts_with(&noted), "{}", back.recheck_reason);
    let tables = "SELECT count(*) AS n FROM pg_class WHERE relkind = 'r' AND relname ~ '^register_entries_[0-9]+$'";
    assert_eq!(count(alpha, tables).await, 1, "copies that are replaced are dropped");
    cluster.settle().await;
}

/// Whether the desk is told that somebody else claims the number.
async fn is_claimed_twice(alpha: &Instance, vera: &Viewer, holder: &Viewer) -> bool {
    let review = credentials::open(&alpha.ctx, vera, credential(alpha, holder).await.id).await.unwrap();
    review.flags.contains(&credentials::Flag::SameNumber)
}

/// Credentials whose numbers are found by what an earlier version read them as.
const BY_EARLIER: &str = "SELECT count(*) AS n FROM credentials WHERE length(number_index) <> 16";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_vanishes_as_numbers_are_read_otherwise_than_they_were_and_whoever_does_is_missed() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let vera = alpha.account("vera", Role::Verifier).await;
    let numbers: Vec<String> = (21..25).map(npi).collect();
    let mut lines: Vec<Line<'_>> = numbers.iter().map(|n| [n.as_str(), "O'KADER", "SAMIRA", "", CARDIOLOGY]).collect();
    import(alpha, source("read-before.csv", nppes(&lines))).await.unwrap();
    let mut people = Vec::new();
    for (name, number) in ["same", "renamed", "rests", "vanished"].iter().zip(&numbers) {
        let holder = bring(alpha, name, number).await;
        attest(alpha, &vera, &holder).await;
        people.push(holder);
    }
    let rests = credential(alpha, &people[2]).await.id;
    credentials::suspend(&alpha.ctx, &vera, rests, "A question to the employer").await.unwrap();
    // All this was before the upgrade: the copy and the credentials were read alike.
    let earlier = "UPDATE register_entries SET number_index = '\\x00'::bytea || number_index; \
                   UPDATE credentials SET number_index = '\\x00'::bytea || number_index";
    alpha.ctx.pool.get().await.unwrap().batch_execute(earlier).await.unwrap();
    let twin = bring(alpha, "twin", &numbers[0]).await;
    assert!(!is_claimed_twice(alpha, &vera, &twin).await);
    cluster.sweep().await;
    assert_eq!(count(alpha, BY_EARLIER).await, 4, "they go with the copy that is in use");

    lines[1][1] = "LINDQVIST";
    lines.truncate(3);
    let outcome = import(alpha, source("read-after.csv", nppes(&lines))).await.unwrap();
    assert_eq!(outcome.rechecks, 2);
    for (holder, (state, reason)) in people.iter().zip([
        (CredentialState::Attested, ""),
        (CredentialState::RecheckDue, "Under another name in the register of "),
        (CredentialState::Suspended, ""),
        (CredentialState::RecheckDue, "Not in the register of "),
    ]) {
        let now = credential(alpha, holder).await;
        assert_eq!(now.state, state);
        assert!(now.recheck_reason.starts_with(reason), "{}", now.recheck_reason);
        assert_eq!(now.recheck_reason.is_empty(), reason.is_empty(), "{}", now.recheck_reason);
    }
    assert_eq!(count(alpha, BY_EARLIER).await, 0);
    assert!(is_claimed_twice(alpha, &vera, &twin).await);
    let again = import(alpha, source("read-again.csv", nppes(&lines))).await.unwrap();
    assert_eq!(again.rechecks, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_a_body_that_keeps_no_register_is_claimed_twice_however_it_was_read_once() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let vera = alpha.account("vera", Role::Verifier).await;
    let mut people = Vec::new();
    for (name, number) in [("ada", "A 12/345"), ("odd", "Z 98"), ("twin", "a-12345")] {
        let holder = alpha.account(name, Role::Clinician).await;
        let form = CredentialForm {
            kind: "registration".into(),
            register: "other".into(),
            body: "Medical Council of Ireland".into(),
            jurisdiction: "IE".into(),
            number: number.into(),
            discipline: "medicine".into(),
            family_name: "Kader".into(),
            given_names: "Samira".into(),
            ..CredentialForm::default()
        };
        credentials::save(&alpha.ctx, &holder, None, form, true).await.unwrap();
        people.push(holder);
    }
    let [ada, odd] = [credential(alpha, &people[0]).await.id, credential(alpha, &people[1]).await.id];
    let earlier = format!(
        "UPDATE credentials SET number_index = '\\x00'::bytea || number_index WHERE id IN ({ada}, {odd}); \
         UPDATE credentials SET register = 'gb-gmc' WHERE id = {odd}"
    );
    alpha.ctx.pool.get().await.unwrap().batch_execute(&earlier).await.unwrap();
    assert!(!is_claimed_twice(alpha, &vera, &people[2]).await);
    cluster.sweep().await;
    assert!(is_claimed_twice(alpha, &vera, &people[2]).await);
    assert_eq!(count(alpha, BY_EARLIER).await, 1, "what cannot be read stays as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_with_the_initial_of_another_family_name_is_no_mistake_and_shown_to_the_desk() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut vera = alpha.person("vera", Role::Verifier).await;
    for (name, number, other) in [("ada", "AK1234563", false), ("bea", "AB1234563", true), ("shop", "A91234563", false)]
    {
        let holder = alpha.account(name, Role::Clinician).await;
        let form = CredentialForm {
            kind: "registration".into(),
            register: "us-dea".into(),
            number: number.into(),
            discipline: "medicine".into(),
            family_name: "Kader".into(),
            given_names: "Samira".into(),
            ..CredentialForm::default()
        };
        let id = credentials::save(&alpha.ctx, &holder, None, form, true).await.unwrap();
        let page = vera.get(&format!("/desk/{id}")).await;
        assert_eq!(page.says("Number with another initial"), other, "{name}: {}", page.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_is_told_in_words_and_changes_nothing() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let number = npi(1);
    let fine = nppes(&[[number.as_str(), "KADER", "SAMIRA", "", CARDIOLOGY]]);
    let gmc = |mapping: Option<&str>| Source {
        register: "gb-gmc".into(),
        mapping: mapping.map(str::to_owned),
        ..source("gmc.csv", "GMC Ref No,Surname\n7012345,Kader\n")
    };
    let tomorrow = alpha.ctx.now().date_naive().succ_opt().unwrap();
    let no_number = nppes(&[["1234567890", "KADER", "SAMIRA", "", CARDIOLOGY]]);
    for (wrong, words) in [
        (source("packed.csv", b"PK\x03\x04 and more"), "packed file"),
        (source("utf16.csv", [0xff, 0xfe, b'N', 0]), "UTF-16"),
        (source("other.csv", "name;1234567893\nKader;1\n"), "no column “NPI”"),
        (source("nothing.csv", ""), "nothing in this file"),
        (source("head.csv", nppes(&[])), "No line of this file"),
        (source("numbers.csv", no_number), "line 2: its number is none of this register"),
        (Source { path: "/nowhere/x.csv".into(), ..source("none.csv", "") }, "cannot be read"),
        (Source { snapshot_date: Some(tomorrow), ..source("early.csv", &fine) }, "not come yet"),
        (Source { register: "other".into(), ..source("body.csv", &fine) }, "Choose a register"),
        (gmc(None), "Give the mapping"),
        (gmc(Some("delimeter = \";\"\n")), "mapping cannot be read"),
        (
            gmc(Some("[columns]\nnumber = \"GMC Ref No\"\nfamily_name = \"Surname\"\ngiven_names = \"Given\"\n")),
            "“Given”",
        ),
    ] {
        let name = wrong.file_name.clone();
        let said = import(alpha, wrong).await.unwrap_err().public();
        assert!(said.contains(words) && !said.contains("123456789"), "{name}: {said}");
    }
    assert_eq!(count(alpha, "SELECT count(*) AS n FROM register_snapshots WHERE state = 'current'").await, 0);
    assert_eq!(count(alpha, "SELECT count(*) AS n FROM register_snapshots WHERE state = 'loading'").await, 0);
    assert!(import(alpha, source("fine.csv", fine)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_takes_in_a_copy_and_half_of_one_only_by_force() {
    let url = postgres::database().await;
    let op = Operator::with("registers", &format!("[database]\nurl = \"{}\"\n", url.expose()));
    let numbers: Vec<String> = (0..10).map(npi).collect();
    let lines: Vec<Line<'_>> = numbers.iter().map(|n| [n.as_str(), "KADER", "SAMIRA", "", CARDIOLOGY]).collect();
    let path = |name: &str, lines: &[Line<'_>]| file(name, nppes(lines)).display().to_string();
    let (whole, half) = (path("whole.csv", &lines), path("half.csv", &lines[..4]));
    let run = |file: &str, more: &[&str]| {
        let args = ["registers", "import", "--register", "us-nppes", "--file", file, "--json"];
        let args = [&args[..], more].concat();
        let output = op.run(&args, "");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let (fine, said) = run(&whole, &["--snapshot-date", "2020-05-04"]);
    assert!(fine && said.contains("\"entries\":10") && said.contains("\"rechecks\":0"), "{said}");
    assert!(said.contains("\"snapshot_date\":\"2020-05-04\""), "{said}");
    let (fine, said) = run(&half, &[]);
    assert!(
        !fine && said.contains("not whole") && said.contains("has 4 entries") && said.contains("--force"),
        "{said}"
    );
    let (fine, said) = run(&whole, &["--snapshot-date", "2020-05-03"]);
    assert!(!fine && said.contains("newer"), "{said}");
    let (fine, said) = run(&half, &["--force"]);
    assert!(fine && said.contains("\"entries\":4"), "{said}");
    assert!(!run(&half, &["--snapshot-date", "yesterday"]).0);

    let gmc = "GMC Ref No,Surname,Given Name,Registration Status,Specialty,FTP Conditions Exist\n\
               7012345,Kader,Samira,Registered with Licence,Cardiology,N\n";
    let gmc = file("gmc-whole.csv", gmc).display().to_string();
    let mapping = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/registers/gb-gmc.toml");
    let args = ["registers", "import", "--register", "gb-gmc", "--file", &gmc, "--mapping", mapping];
    let said = op.says(&args, "");
    assert!(said.contains("General Medical Council") && said.contains("0 re-checks"), "{said}");

    let nucc = file("nucc.csv", "Code,Classification,Specialization\n207RH0000X,Internal Medicine,Hematology\n");
    let nucc = nucc.display().to_string();
    assert_eq!(op.json(&["registers", "specialties", "--file", &nucc, "--json"], "")["specialties"], 1);
    let log = op.says(&["audit", "export"], "");
    let loaded = log.lines().find(|line| line.contains("\"import_specialties\"")).unwrap();
    assert!(loaded.contains("\"actor\":\"operator\"") && loaded.contains("{\"specialties\":1}"), "{loaded}");
    let wrong = op.run(&["registers", "specialties", "--file", &whole], "");
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("nucc.org"));
    let log = op.says(&["audit", "export"], "");
    let imports: Vec<&str> = log.lines().filter(|line| line.contains("\"import_register\"")).collect();
    assert_eq!(imports.len(), 3, "{imports:?}");
    assert!(numbers.iter().all(|number| !log.contains(number.as_str())));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sends_a_copy_and_sees_how_far_it_is() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    assert!(rooty.get("/admin").await.says("href=\"/admin/registers\""));
    assert!(rooty.get("/admin/registers").await.says("There is no copy yet"));
    let (first, second) = (npi(1), npi(2));
    let lines = [[first.as_str(), "KADER", "SAMIRA", "", CARDIOLOGY], [second.as_str(), "LINDQVIST", "BO", "", ""]];
    let fine = nppes(&lines);
    let fields = [("register", "us-nppes"), ("taken_on", "2020-05-04")];

    assert!(rooty.send_files("/admin/registers", &[], &fields).await.says("Choose a file first"));
    let other = rooty.send_files("/admin/registers", &[("file", b"name,town\nKader,Lund\n")], &fields).await;
    assert_eq!(other.status, 422);
    assert!(other.says("no column “NPI”") && other.says("value=\"2020-05-04\""), "{}", other.html);
    let day = [("register", "us-nppes"), ("taken_on", "4 May")];
    assert!(rooty.send_files("/admin/registers", &[("file", fine.as_bytes())], &day).await.says("Write the day as"));
    assert!(rooty.get("/admin/registers").await.says("There is no copy yet"), "nothing of these is kept");

    let sent = rooty.send_files("/admin/registers", &[("file", fine.as_bytes())], &fields).await;
    assert!(sent.location.starts_with("/admin/registers?done="), "{} {}", sent.location, sent.html);
    let waits = rooty.visit(&sent.location).await;
    assert!(
        waits.says("The file has arrived") && waits.says(">Waits<") && waits.says("<progress max=\"100\" value=\"0\"")
    );
    let twice = rooty.send_files("/admin/registers", &[("file", fine.as_bytes())], &fields).await;
    assert_eq!(twice.status, 409);
    assert!(twice.says("A copy of this register is being read"), "{}", twice.html);
    cluster.settle().await;
    let done = rooty.get("/admin/registers").await;
    assert!(done.says(">In use<") && done.says("As of 4 May 2020: 2 entries, 0 re-checks opened"), "{}", done.html);
    assert!(!done.says("<progress") && done.says("IMG_1.jpg"));

    let ftp =
        "GMC Ref No,Surname,Given Name,Registration Status,Specialty,FTP Conditions Exist\n12,Kader,S,Erased,,N\n";
    let mapping = include_bytes!("../../docs/registers/gb-gmc.toml");
    let files: [(&str, &[u8]); 2] = [("mapping", mapping), ("file", ftp.as_bytes())];
    let sent = rooty.send_files("/admin/registers", &files, &[("register", "gb-gmc")]).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    cluster.settle().await;
    let failed = rooty.get("/admin/registers").await;
    assert!(failed.says(">Failed<") && failed.says("line 2: its number is none of this register"), "{}", failed.html);
    let folder = alpha.ctx.config.media.folder.with_file_name("registers");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "no file with numbers is left");

    // Whoever read this one is gone.
    let left = "INSERT INTO register_snapshots (register, taken_on, file_name, beat_at) \
                VALUES ('nl-big', '2020-05-04', 'big.csv', now() - interval '11 minutes')";
    alpha.ctx.pool.get().await.unwrap().batch_execute(left).await.unwrap();
    cluster.settle().await;
    assert!(rooty.get("/admin/registers").await.says("Nothing was heard of it for ten minutes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_names_what_there_is_not_is_refused_in_words() {
    let url = postgres::database().await;
    let with = |rules: &str| {
        Operator::with("names", &format!("[database]\nurl = \"{}\"\n[verification]\n{rules}", url.expose()))
    };
    for (rules, words) in [
        ("two_persons = [\"gb-gmc\", \"gb-gcm\"]\n", "no register is called “gb-gcm”"),
        ("[verification.public_posts]\ndisciplines = [\"medecine\"]\n", "there is no discipline “medecine”"),
        ("[verification.strangers]\ndisciplines = [\"Nursing\"]\n", "strangers.disciplines: there is no discipline"),
        ("[verification.strangers]\nissuers = [\"https://college.example\"]\n", "“https://college.example” is no host"),
        ("mail_domains = [\"@hospital.example\"]\n", "“@hospital.example” is no domain"),
    ] {
        let op = with(rules);
        for command in [&["serve", "--role", "worker"][..], &["doctor"], &["accounts", "list"]] {
            let output = op.run(command, "");
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(!output.status.success() && said.contains(words), "{command:?}: {said}");
        }
    }
    let fine = "two_persons = [\"*\", \"gb-gmc\"]\n[verification.strangers]\ndisciplines = [\"nursing\"]\n";
    with(fine).says(&["accounts", "list"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_and_a_staff_list_may_be_larger_than_the_pictures_of_a_post() {
    let rules = "[media]\nmax_bytes = 1000\nper_post = 1\n[verification]\nmax_evidence_bytes = 2000000\n";
    let options = Options { config: rules.into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test"], &[], options).await;
    let alpha = cluster.get("alpha.test");
    let holder = bring(alpha, "ada", &npi(1)).await;
    let page = format!("/credentials/{}", credential(alpha, &holder).await.id);
    let add = format!("{page}/evidence");
    let mut pdf = b"%PDF-1.7\n".to_vec();
    pdf.resize(2_000_000, b' ');
    let mut nobody = alpha.browser();
    nobody.get("/sign-in").await;
    assert_eq!(nobody.send_files(&add, &[("file", b"%PDF-1.7")], &[]).await.status, 401);
    let mut ada = alpha.signed_in("ada").await;
    ada.get(&page).await;
    let sent = ada.send_files(&add, &[("file", &pdf)], &[("label", "Certificate")]).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    pdf.push(b' ');
    assert!(ada.send_files(&add, &[("file", &pdf)], &[]).await.says("too large. The limit is 2 MB"));

    let mut list = "email,family_name,given_names,discipline,country\n".to_owned();
    for n in 0..10_000 {
        list.push_str(&format!("p{n}@alpha.test,Kader,Samira,medicine,GB\n"));
    }
    assert!(list.len() > alpha.ctx.config.http.max_form_bytes + 1_000);
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    assert!(rooty.get("/admin/staff").await.says("Their account stays."));
    assert!(rooty.send_files("/admin/staff", &[], &[]).await.says("Choose a file first."));
    let done = rooty.send_files("/admin/staff", &[("file", list.as_bytes())], &[]).await;
    assert!(done.says("<div><dt>Lines to look at</dt><dd>10000</dd></div>"), "{}", done.status);
    let whole = rooty.send_files("/admin/staff", &[("file", list.as_bytes())], &[("whole", "on")]).await;
    assert_eq!(whole.status, 422);
    assert!(whole.says("it cannot be the whole one") && whole.says("name=\"whole\" checked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_registers_are_for_admins_alone() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let number = npi(1);
    let fine = nppes(&[[number.as_str(), "KADER", "SAMIRA", "", CARDIOLOGY]]);
    for role in [Role::Public, Role::Clinician, Role::Verifier, Role::Moderator] {
        let mut person = alpha.person(&format!("p_{role}"), role).await;
        assert!(!person.home().await.says("/admin/registers"), "{role}");
        // A moderator knows the admin pages, and is told that this one is not theirs.
        let refused = if role == Role::Moderator { 403 } else { 404 };
        assert_eq!(person.get("/admin/registers").await.status, refused, "{role}");
        person.home().await;
        let files: [(&str, &[u8]); 1] = [("file", fine.as_bytes())];
        let sent = person.send_files("/admin/registers", &files, &[("register", "us-nppes")]).await;
        assert_eq!(sent.status, refused, "{role}");
    }
    assert!(alpha.browser().get("/admin/registers").await.location.starts_with("/sign-in"));
    cluster.settle().await;
    assert_eq!(count(alpha, "SELECT count(*) AS n FROM register_snapshots").await, 0);
}
