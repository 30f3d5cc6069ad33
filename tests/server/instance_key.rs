//! The instance key is exchanged: everything is sealed under the new one, and the old one may go.

use std::path::PathBuf;

use consilium::{
    config::{KEY_VARIABLES, Secret, Secrets},
    crypto::SecretToken,
    service::keys::Keyring,
    store::{Pool, sealed::PLACES},
};
use diesel::{QueryableByName, sql_types::Binary, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::Value;

use crate::{
    cli::Operator,
    harness::{Cluster, postgres},
};

/// An operator whose keys lie in these files, the present one first.
fn operator(url: &Secret, files: &[&str]) -> Operator {
    let previous: Vec<String> = files[1..].iter().map(|f| format!("\"{f}\"")).collect();
    Operator::with(
        "rotate",
        &format!(
            "[database]\nurl = \"{}\"\n[secrets]\nkey_file = \"{}\"\nprevious_key_files = [{}]\n",
            url.expose(),
            files[0],
            previous.join(", ")
        ),
    )
}

fn folder() -> PathBuf {
    PathBuf::from(format!("/tmp/consilium-test-{}/files/cli-rotate", std::process::id()))
}

fn keyring(files: &[&str]) -> Keyring {
    let mut paths = files.iter().map(|f| folder().join(f));
    let key_file = paths.next().unwrap();
    let secrets = Secrets { key_file, previous_key_files: paths.collect(), ..Secrets::default() };
    Keyring::open(&secrets, false).unwrap()
}

/// Lines of JSON, however the command ends.
fn lines(op: &Operator, args: &[&str]) -> (bool, Vec<Value>) {
    let output = op.run(args, "");
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), text.lines().map(|l| serde_json::from_str(l).unwrap()).collect())
}

fn sum(lines: &[Value], member: &str) -> i64 {
    lines.iter().map(|l| l[member].as_i64().unwrap()).sum()
}

#[derive(QueryableByName)]
struct Sealed {
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_exchanges_the_instance_key_and_nothing_is_lost() {
    let url = postgres::database().await;
    let op = operator(&url, &["old.key"]);
    let args = ["accounts", "create", "--username", "aoife", "--email", "a@x.test", "--password-stdin"];
    op.says(&args, "three plain words\n");
    let document: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let sealed = keyring(&["old.key"]).seal("evidence/1", &document).unwrap();
    let pool = Pool::new(&url, 2).unwrap();
    let hex = sealed.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let sql = format!(
        "WITH c AS (INSERT INTO credentials (account_id, kind, body, jurisdiction, discipline, family_name, given_names) \
           SELECT id, 'degree', 'A college', 'IE', 'medicine', 'Merrow', 'Aoife' FROM accounts WHERE username = 'aoife' \
           RETURNING id) \
         INSERT INTO evidence (credential_id, label, media_type, bytes, digest, sealed) \
         SELECT id, 'Diploma', 'application/pdf', 300000, '\\x00', '\\x{hex}' FROM c"
    );
    pool.get().await.unwrap().batch_execute(&sql).await.unwrap();
    let (fine, before) = lines(&op, &["keys", "status", "--json"]);
    let total = before[0]["records"].as_i64().unwrap();
    assert!(fine && before.len() == 1 && before[0]["standing"] == "present" && total >= 5, "{before:?}");
    let (fine, nothing) = lines(&op, &["keys", "rotate", "--json"]);
    assert!(fine && sum(&nothing, "sealed") == 0, "there is no other key: {nothing:?}");

    std::fs::write(folder().join("new.key"), SecretToken::generate().as_str()).unwrap();
    let both = operator(&url, &["new.key", "old.key"]);
    let (fine, status) = lines(&both, &["keys", "status", "--json"]);
    assert!(fine && status[1]["standing"] == "previous" && status[1]["records"] == total, "{status:?}");
    let mark = keyring(&["old.key"]).mac("media ticket", "one").unwrap();
    assert!(keyring(&["new.key", "old.key"]).is_mac("media ticket", "one", &mark).unwrap());
    assert!(!keyring(&["new.key", "old.key"]).is_mac("media ticket", "two", &mark).unwrap());
    let (fine, done) = lines(&both, &["keys", "rotate", "--json"]);
    assert!(fine && sum(&done, "sealed") == total && sum(&done, "left") == 0, "{done:?}");
    let (fine, again) = lines(&both, &["keys", "rotate", "--json"]);
    assert!(fine && sum(&again, "sealed") == 0, "{again:?}");

    let after = operator(&url, &["new.key"]);
    let (fine, status) = lines(&after, &["keys", "status", "--json"]);
    assert!(fine && status.len() == 1 && status[0]["records"] == total, "the old one is needed no more: {status:?}");
    let (_, findings) = lines(&after, &["doctor", "--json"]);
    assert!(findings.iter().any(|f| f["what"] == "keys" && f["fine"] == true), "{findings:?}");
    let mut conn = pool.get().await.unwrap();
    let row: Sealed = diesel::sql_query("SELECT sealed FROM evidence").get_result(&mut conn).await.unwrap();
    assert!(keyring(&["new.key"]).open_sealed("evidence/1", &row.sealed).unwrap() == document);
    assert!(keyring(&["old.key"]).open_sealed("evidence/1", &row.sealed).is_err());
    let log = after.says(&["audit", "export"], "");
    let entries: Vec<&str> = log.lines().filter(|l| l.contains("rotate_instance_key")).collect();
    assert!(entries.len() == 1 && entries[0].contains(&format!("\"records\":{total}")), "{entries:?}");

    std::fs::write(folder().join("third.key"), SecretToken::generate().as_str()).unwrap();
    let lost = operator(&url, &["third.key", "old.key"]);
    let (fine, status) = lines(&lost, &["keys", "status", "--json"]);
    assert!(!fine && status.iter().any(|l| l["standing"] == "unknown" && l["records"] == total), "{status:?}");
    let (fine, done) = lines(&lost, &["keys", "rotate", "--json"]);
    assert!(!fine && sum(&done, "left") == total && sum(&done, "sealed") == 0, "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_keeps_the_instance_key_in_the_environment_and_exchanges_it_there() {
    let url = postgres::database().await;
    let with = |more: &str| Operator::with("environment", &format!("[database]\nurl = \"{}\"\n{more}", url.expose()));
    let ([present, previous], old, new) = (KEY_VARIABLES, SecretToken::generate(), SecretToken::generate());
    let (old, new) = (old.as_str(), new.as_str());
    let op = with("").given(present, old);
    let args = ["accounts", "create", "--username", "aoife", "--email", "a@x.test", "--password-stdin"];
    op.says(&args, "three plain words\n");
    let folder = PathBuf::from(format!("/tmp/consilium-test-{}/files/cli-environment", std::process::id()));
    assert!(!folder.join("consilium.key").exists(), "no key is made where one is given");
    let (fine, before) = lines(&op, &["keys", "status", "--json"]);
    let total = before[0]["records"].as_i64().unwrap();
    assert!(fine && before.len() == 1 && before[0]["standing"] == "present" && total >= 5, "{before:?}");

    let broken = |op: Operator, words: &str| {
        let output = op.run(&["keys", "status"], "");
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!output.status.success() && said.contains(words), "{words}: {said}");
        assert!(!said.contains(old) && !said.contains("no key at all"), "{said}");
    };
    broken(with(""), "or give the key by CONSILIUM__SECRETS__KEY");
    broken(with("").given(present, "no key at all"), "CONSILIUM__SECRETS__KEY must hold 32 bytes");
    broken(with("").given(present, old).given(previous, "no key at all"), "PREVIOUS_KEYS must hold 32 bytes");
    broken(with("[secrets]\nkey_file = \"old.key\"\n").given(present, old), "given twice");
    broken(with(&format!("[secrets]\nkey = \"{old}\"\n")), "must not stand in this file");
    let both = with("[secrets]\nkey_file = \"old.key\"\n").given(present, old).run(&["doctor"], "");
    let words = String::from_utf8(both.stdout).unwrap();
    assert!(words.contains("WRONG configuration") && words.contains("given twice") && !words.contains(old), "{words}");

    let both = with("").given(present, new).given(previous, old);
    let said = both.says(&["keys", "rotate"], "");
    assert!(said.contains("sealed under the key in CONSILIUM__SECRETS__KEY"), "{said}");
    assert!(!said.contains(old) && !said.contains(new), "{said}");
    let (fine, status) = lines(&both, &["keys", "status", "--json"]);
    assert!(fine && status[0]["records"] == total && status[1]["records"] == 0, "{status:?}");
    let after = with("").given(present, new);
    let (fine, status) = lines(&after, &["keys", "status", "--json"]);
    assert!(fine && status.len() == 1 && status[0]["records"] == total, "{status:?}");
    let (_, findings) = lines(&after, &["doctor", "--json"]);
    assert!(findings.iter().any(|f| f["what"] == "keys" && f["fine"] == true), "{findings:?}");
    std::fs::write(folder.join("new.key"), new).unwrap();
    let (fine, status) = lines(&with("[secrets]\nkey_file = \"new.key\"\n"), &["keys", "status", "--json"]);
    assert!(fine && status.len() == 1 && status[0]["records"] == total, "the same key from a file: {status:?}");
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sealed_column_is_forgotten_when_the_key_is_exchanged() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let mut conn = cluster.get("alpha.test").ctx.pool.get().await.unwrap();
    let query = "SELECT table_name || '.' || column_name AS name FROM information_schema.columns \
                 WHERE table_schema = 'public' AND column_name LIKE '%sealed' AND data_type = 'bytea'";
    let there: Vec<Column> = diesel::sql_query(query).load(&mut conn).await.unwrap();
    let mut there: Vec<String> = there.into_iter().map(|c| c.name).collect();
    there.sort();
    let mut known: Vec<String> = PLACES.iter().map(|p| format!("{}.{}", p.table, p.column)).collect();
    known.sort();
    assert_eq!(there, known);
}
