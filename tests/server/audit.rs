//! The audit log: what admins, moderators and operators did stands in it, and whoever touches it is found out.

use chrono::TimeDelta;
use consilium::{
    model::{AuditAction, AuditSubject, HostState, Role},
    service::{
        Page, accounts,
        audit::{self, Broken, Chain},
        audit_heads, hosts, invitations, reports,
    },
    store::Pool,
};
use diesel::{QueryableByName, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::Value;

use crate::{
    cli::Operator,
    harness::{Cluster, Instance, cluster::PASSWORD, postgres},
};

/// The whole log as an export shows it.
async fn export(instance: &Instance) -> Vec<Value> {
    let entries = audit::after_by_operator(&instance.ctx, 0).await.unwrap();
    entries.iter().map(|e| serde_json::from_str(&audit::line(e).unwrap()).unwrap()).collect()
}

/// The only entry of that action.
fn entry<'a>(log: &'a [Value], action: &str) -> &'a Value {
    let found: Vec<&Value> = log.iter().filter(|e| e["action"] == action).collect();
    assert_eq!(found.len(), 1, "{action}: {log:#?}");
    found[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admins_deeds_stand_in_the_log_with_who_what_and_why() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    let ada = alpha.account("ada", Role::Clinician).await;
    let bo = alpha.account("bo", Role::Clinician).await;
    let complaint = reports::Complaint {
        target: ada.account().unwrap(),
        posts: Vec::new(),
        comment: "Words of the reporter".into(),
        category: "other".into(),
        forward: false,
        words_to_leaders: false,
    };
    let report = reports::file(&alpha.ctx, &bo, complaint).await.unwrap();
    rooty.get("/admin/hosts").await;
    let host = [("host", "loud.example"), ("state", "limited"), ("note", "Much advertising")];
    assert!(rooty.send("/admin/hosts", &host).await.status.is_redirection());
    rooty.get("/admin/invitations").await;
    let made = rooty.send("/admin/invitations", &[("uses", "3"), ("days", "7")]).await;
    assert!(made.says("invitation="), "{}", made.html);
    let path = format!("/admin/reports/{}", report.id);
    rooty.get(&path).await;
    let closed = rooty.send(&format!("{path}/resolve"), &[("resolution", "Spoke with her")]).await;
    assert!(closed.status.is_redirection(), "{}", closed.html);
    rooty.get("/admin/announcements").await;
    rooty.send("/admin/announcements", &[("text", "Words of an announcement"), ("ends_at", "")]).await;
    accounts::set_role(&alpha.ctx, ada.account().unwrap(), Role::Moderator).await.unwrap();

    let page = rooty.get("/admin/audit").await;
    for sentence in [
        "<b>@rooty</b> changed the host loud.example from unknown to limited",
        "Much advertising",
        "<b>@rooty</b> made an invitation for 3 people, good for 7 days",
        "<b>@rooty</b> closed a report on @ada",
        "Spoke with her",
        "<b>@rooty</b> published an announcement",
        "<b>The operator</b> changed the role of @ada from clinician to moderator",
        "<b>The operator</b> made the account @bo with the role clinician",
    ] {
        assert!(page.says(sentence), "{sentence}: {}", page.html);
    }
    assert!(
        page.html.split("changed the host").nth(1).unwrap().split("</li>").next().unwrap().contains("from 127.0.0.1")
    );
    assert!(!page.html.split("changed the role").nth(1).unwrap().split("</li>").next().unwrap().contains("from 127"));
    let newest = page.html.find("changed the role").unwrap();
    assert!(newest < page.html.find("loud.example from").unwrap(), "newest first");

    let log = export(alpha).await;
    let decided = entry(&log, "decide_host");
    assert_eq!(decided["actor"], "rooty@alpha.test");
    assert_eq!(decided["origin"], "127.0.0.1", "from where she did it");
    assert_eq!((&decided["subject_kind"], &decided["subject"]), (&Value::from("host"), &Value::from("loud.example")));
    assert_eq!(decided["details"], serde_json::json!({ "from": "unknown", "to": "limited" }));
    let role = entry(&log, "set_role");
    assert_eq!((role["actor"].as_str(), role["actor_id"].is_null()), (Some("operator"), true));
    let link = made.html.split("invitation=").nth(1).unwrap();
    let secret: String = link.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    assert!(secret.len() > 20);
    let all = serde_json::to_string(&log).unwrap();
    for kept_out in ["Words of the reporter", "Words of an announcement", PASSWORD, &secret] {
        assert!(!all.contains(kept_out), "{kept_out}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_turned_page_by_page_and_searched_by_name() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    alpha.account("ada", Role::Clinician).await;
    for n in 0..30 {
        let name = format!("h{n}.example");
        hosts::decide_by_operator(&alpha.ctx, &name, HostState::Allowed, "").await.unwrap();
    }
    let first = rooty.get("/admin/audit").await;
    assert!(first.says("the host h29.example") && !first.says("the host h5.example"));
    let older = first.html.split("/admin/audit?before=").nth(1).unwrap().split('"').next().unwrap();
    let second = rooty.get(&format!("/admin/audit?before={older}")).await;
    assert!(second.says("the host h5.example") && !second.says("the host h29.example") && second.says("Newer"));
    let about = rooty.get("/admin/audit?who=%40Ada").await;
    assert!(about.says("made the account @ada") && !about.says("@rooty with"), "{}", about.html);
    assert!(rooty.get("/admin/audit?who=h7.example").await.says("the host h7.example"));
    let by = rooty.get("/admin/audit?who=operator").await;
    assert!(by.says("the host h29.example") && by.says("?who=operator&"), "{}", by.html);
    assert!(rooty.get("/admin/audit?who=%27").await.says("No entry is by or about"));
    assert_eq!(rooty.get("/admin/audit?who=%00").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_an_admin_finds_the_log() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for role in [Role::Public, Role::Clinician, Role::Verifier, Role::Moderator] {
        let mut person = alpha.person(&format!("p_{role}"), role).await;
        assert_eq!(person.get("/admin/audit").await.status, 404, "{role}");
        assert!(!person.home().await.says("/admin/audit"));
    }
    let away = alpha.browser().get("/admin/audit").await;
    assert!(away.location.starts_with("/sign-in"), "{}", away.location);
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    assert!(rooty.get("/admin").await.says("href=\"/admin/audit\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn deeds_at_the_same_moment_stand_one_after_the_other() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let rooty = alpha.account("rooty", Role::Admin).await;
    let ctx = &alpha.ctx;
    let deeds = (0..16).map(|n| async move {
        let name = format!("h{}.example", n % 4);
        hosts::decide_by_operator(ctx, &name, HostState::Allowed, "At once").await.unwrap();
        invitations::create(ctx, &rooty, 1, 7).await.unwrap();
    });
    futures_util::future::join_all(deeds).await;
    let mut chain = Chain::new(None);
    assert_eq!(audit::verify(ctx, &mut chain).await.unwrap(), Ok(()));
    assert_eq!(chain.entries(), 1 + 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deed_that_cannot_be_written_down_does_not_happen() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let rooty = alpha.account("rooty", Role::Admin).await;
    let mut conn = alpha.ctx.pool.get().await.unwrap();
    conn.batch_execute("ALTER TABLE audit ADD CONSTRAINT full_up CHECK (seq < 0) NOT VALID").await.unwrap();
    assert!(hosts::decide_by_operator(&alpha.ctx, "loud.example", HostState::Blocked, "").await.is_err());
    assert!(hosts::list(&alpha.ctx, &rooty).await.unwrap().iter().all(|h| h.name != "loud.example"));
    assert!(accounts::set_role(&alpha.ctx, rooty.account().unwrap(), Role::Clinician).await.is_err());
    let people = accounts::list(&alpha.ctx, &Page::first(80)).await.unwrap().items;
    assert!(people.iter().all(|(_, user)| user.role == Role::Admin));
}

#[derive(QueryableByName)]
struct Rule {
    #[diesel(sql_type = Text)]
    words: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_refuses_to_change_the_log_and_knows_every_word_in_it() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("rooty", Role::Admin).await;
    let mut conn = alpha.ctx.pool.get().await.unwrap();
    for sql in [
        "UPDATE audit SET reason = 'Another'",
        "UPDATE audit SET reason = 'Another' WHERE seq = 0",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "SET session_replication_role = replica; DELETE FROM audit",
        "INSERT INTO audit SELECT * FROM audit ON CONFLICT (seq) DO UPDATE SET reason = 'Another'",
    ] {
        let refused = conn.batch_execute(sql).await.unwrap_err().to_string();
        assert!(refused.contains("the audit log is append-only"), "{sql}: {refused}");
    }
    assert_eq!(export(alpha).await.len(), 1);
    let query = "SELECT string_agg(pg_get_constraintdef(oid), ' ') AS words FROM pg_constraint \
                 WHERE conrelid = 'audit'::regclass AND contype = 'c'";
    let rules: Vec<Rule> = diesel::sql_query(query).load(&mut conn).await.unwrap();
    let known = AuditAction::ALL.iter().map(|a| a.as_str()).chain(AuditSubject::ALL.iter().map(|s| s.as_str()));
    for word in known {
        assert!(rules[0].words.contains(&format!("'{word}'")), "{word}: {}", rules[0].words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_of_the_log_who_is_no_superuser_has_no_right_to_change_it() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("rooty", Role::Admin).await;
    let mut conn = alpha.ctx.pool.get().await.unwrap();
    // Whoever made the cluster is asked for no right at all.
    for sql in ["CREATE ROLE plain_owner", "ALTER TABLE audit OWNER TO plain_owner", "SET ROLE plain_owner"] {
        conn.batch_execute(sql).await.unwrap();
    }
    for sql in ["UPDATE audit SET reason = 'Another'", "DELETE FROM audit", "TRUNCATE audit"] {
        let refused = conn.batch_execute(sql).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
    let query = "SELECT string_agg(r.name, ' ' ORDER BY r.name) AS words \
                 FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS r (name) \
                 WHERE has_table_privilege('audit', r.name)";
    let rights: Vec<Rule> = diesel::sql_query(query).load(&mut conn).await.unwrap();
    assert_eq!(rights[0].words, "INSERT SELECT");
    conn.batch_execute("RESET ROLE").await.unwrap();
    assert_eq!(export(alpha).await.len(), 1);
}

/// Does to the log what only the owner of the database can, and takes its guard away meanwhile.
async fn tamper(pool: &Pool, sql: &str) {
    let guard = |word: &str| format!("ALTER TABLE audit {word} TRIGGER audit_append_only");
    let sql = format!("{}; {sql}; {}", guard("DISABLE"), guard("ENABLE ALWAYS"));
    pool.get().await.unwrap().batch_execute(&sql).await.unwrap();
}

/// What a check that fails says.
fn fault(op: &Operator, args: &[&str]) -> (String, Option<i64>) {
    let output = op.run(&[&["audit", "verify", "--json"][..], args].concat(), "");
    assert!(!output.status.success(), "{args:?} finds nothing");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["ok"], false);
    (said["fault"].as_str().unwrap().to_owned(), said["entry"].as_i64())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_finds_an_entry_that_was_edited_deleted_or_moved() {
    let url = postgres::database().await;
    let op = Operator::with("audit", &format!("[database]\nurl = \"{}\"\n", url.expose()));
    let args = ["accounts", "create", "--username", "aoife", "--email", "a@mail.test", "--password-stdin"];
    op.says(&args, "three plain words\n");
    op.says(&["accounts", "set-role", "--username", "aoife", "--role", "admin"], "");
    let token = op.says(&["accounts", "token", "--username", "aoife", "--scopes", "read"], "");
    for host in ["one.example", "two.example"] {
        op.says(&["hosts", "block", host, "--note", "Unsolicited mail"], "");
    }
    let fine = op.json(&["audit", "verify", "--json"], "");
    assert_eq!((&fine["ok"], &fine["entries"]), (&Value::from(true), &Value::from(5)));
    let head = fine["head"].as_str().unwrap();
    let words = op.says(&["audit", "verify", "--head", head], "");
    assert_eq!(words.trim(), format!("OK: 5 entries, head {head}"));
    let exported = op.says(&["audit", "export"], "");
    assert_eq!(exported.lines().count(), 5);
    for kept_out in ["mail.test", "three plain words", token.trim()] {
        assert!(!exported.contains(kept_out), "{kept_out}");
    }

    let pool = Pool::new(&url, 2).unwrap();
    tamper(&pool, "CREATE TABLE kept AS TABLE audit").await;
    let swap = "UPDATE audit SET seq = 9 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; \
                UPDATE audit SET seq = 4 WHERE seq = 9";
    for (sql, found, entry) in [
        ("UPDATE audit SET reason = 'Nothing much' WHERE seq = 4", "changed", 4),
        ("UPDATE audit SET details = '{\"from\":\"admin\",\"to\":\"admin\"}' WHERE seq = 2", "changed", 2),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE seq = 1", "changed", 1),
        ("DELETE FROM audit WHERE seq = 2", "missing", 2),
        ("DELETE FROM audit WHERE seq = 1", "missing", 1),
        (swap, "out_of_order", 3),
    ] {
        tamper(&pool, sql).await;
        assert_eq!(fault(&op, &[]), (found.to_owned(), Some(entry)), "{sql}");
        tamper(&pool, "DELETE FROM audit; INSERT INTO audit TABLE kept").await;
    }
    tamper(&pool, "DELETE FROM audit WHERE seq = 5").await;
    assert_eq!(op.json(&["audit", "verify", "--json"], "")["entries"], 4, "an end that is cut off does not show");
    assert_eq!(fault(&op, &["--head", head]), ("cut".to_owned(), None), "but for the head that was kept");
    let words = String::from_utf8(op.run(&["audit", "verify", "--head", head], "").stdout).unwrap();
    assert!(words.starts_with("WRONG: the head that was kept"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_checked_far_from_the_database() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["rooty", "ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    let entries = audit::after_by_operator(&alpha.ctx, 0).await.unwrap();
    let lines: Vec<String> = entries.iter().map(|e| audit::line(e).unwrap()).collect();
    // Neither the database nor the configuration is there.
    let away = Operator::with("audit-away", "[database]\nurl = \"postgresql://nobody@127.0.0.1:1/none\"\n");
    let path = format!("/tmp/consilium-test-{}/files/audit.jsonl", std::process::id());
    let write = |lines: &[String]| {
        std::fs::write(&path, lines.iter().map(|l| format!("{l}\n")).collect::<Vec<_>>().concat()).unwrap();
    };
    write(&lines);
    let fine = away.json(&["audit", "verify", "--file", &path, "--json"], "");
    assert_eq!((&fine["ok"], &fine["entries"]), (&Value::from(true), &Value::from(3)));
    assert!(lines[2].contains(fine["head"].as_str().unwrap()));
    let mut changed = lines.clone();
    changed[1] = changed[1].replace("ada@", "eve@");
    write(&changed);
    assert_eq!(fault(&away, &["--file", &path]), ("changed".to_owned(), Some(2)));
    write(&[lines[0].clone(), lines[2].clone()]);
    assert_eq!(fault(&away, &["--file", &path]), ("missing".to_owned(), Some(2)));
    write(&[lines[0].clone(), lines[1].clone(), "{}".into()]);
    assert_eq!(fault(&away, &["--file", &path]), ("changed".to_owned(), Some(3)));
    let none = away.run(&["audit", "verify", "--file", "/nowhere/audit.jsonl"], "");
    assert!(!none.status.success() && String::from_utf8_lossy(&none.stderr).contains("cannot read"));
}

/// What stands at a public address, asked for by nobody in particular.
async fn public(instance: &Instance, path: &str) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("http://{}{path}", instance.address)).header("host", &instance.name);
    let answer = request.header("accept", "application/activity+json").send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_end_was_cut_off_lacks_the_head_that_was_signed_though_its_chain_is_whole() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["rooty", "ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    cluster.settle().await;
    assert_eq!(public(alpha, "/audit/heads/latest").await.0, 404, "the day is not over");
    cluster.pass(TimeDelta::days(1));
    cluster.settle().await;
    let (status, head) = public(alpha, "/audit/heads/latest").await;
    assert_eq!((status, &head["seq"]), (200, &Value::from(export(alpha).await.len())), "{head}");
    let day = head["day"].as_str().unwrap();
    assert_eq!(public(alpha, &format!("/audit/heads/{day}")).await.1, head);
    assert_eq!(public(alpha, "/audit/heads/2020-02-30").await.0, 404);
    assert_eq!(head["issuer"], "http://alpha.test/users/institution");
    cluster.settle().await;
    assert_eq!(public(alpha, "/audit/heads/latest").await.1, head, "once a day");

    let now = alpha.ctx.now();
    let walked = async |signed: &Value| {
        let signed = audit_heads::check_by_operator(&alpha.ctx, signed, now).await.unwrap().unwrap();
        let mut chain = Chain::new(None);
        chain.expect(signed.seq, &signed.hash);
        audit::verify(&alpha.ctx, &mut chain).await.unwrap()
    };
    alpha.account("cyd", Role::Clinician).await;
    assert_eq!(walked(&head).await, Ok(()), "it may grow");
    let seq = head["seq"].as_i64().unwrap();
    tamper(&alpha.ctx.pool, &format!("DELETE FROM audit WHERE seq >= {seq}")).await;
    assert_eq!(audit::verify(&alpha.ctx, &mut Chain::new(None)).await.unwrap(), Ok(()), "its chain is whole");
    assert_eq!(walked(&head).await, Err(Broken::Cut));
    let mut forged = head.clone();
    forged["seq"] = (seq - 1).into();
    let refused = audit_heads::check_by_operator(&alpha.ctx, &forged, now).await.unwrap().unwrap_err();
    assert_eq!(refused.word(), "proof");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_held_against_a_signed_head_far_from_the_database() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["rooty", "ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    cluster.pass(TimeDelta::days(1));
    cluster.settle().await;
    let (_, head) = public(alpha, "/audit/heads/latest").await;
    let (_, institution) = public(alpha, "/users/institution").await;
    let entries = audit::after_by_operator(&alpha.ctx, 0).await.unwrap();
    let lines: Vec<String> = entries.iter().map(|e| format!("{}\n", audit::line(e).unwrap())).collect();
    let away = Operator::with("audit-signed", "[database]\nurl = \"postgresql://nobody@127.0.0.1:1/none\"\n");
    let file = |name: &str, text: &str| {
        let path = format!("/tmp/consilium-test-{}/files/signed-{name}", std::process::id());
        std::fs::write(&path, text).unwrap();
        path
    };
    let (log, cut) = (file("log.jsonl", &lines.concat()), file("cut.jsonl", &lines[..lines.len() - 1].concat()));
    let (head, own) = (file("head.json", &head.to_string()), file("institution.json", &institution.to_string()));
    let at = alpha.ctx.now().to_rfc3339();
    let signed = ["--signed-head", &head, "--at", &at];
    let with = [&signed[..], &["--with", &own]].concat();
    let fine = away.json(&[&["audit", "verify", "--json", "--file", &log][..], &with].concat(), "");
    assert_eq!((&fine["ok"], &fine["entries"]), (&Value::from(true), &Value::from(lines.len())));
    assert_eq!(away.json(&["audit", "verify", "--json", "--file", &cut], "")["ok"], true, "its chain is whole");
    assert_eq!(fault(&away, &[&["--file", &cut][..], &with].concat()), ("cut".to_owned(), None));
    let nobodys = file("nobody.json", &institution.to_string().replace("institution", "nobody"));
    let other = [&["--file", &log][..], &signed, &["--with", &nobodys]].concat();
    assert_eq!(fault(&away, &other), ("needs".to_owned(), None));
    let without = away.run(&[&["audit", "verify", "--file", &log][..], &signed].concat(), "");
    assert!(!without.status.success() && String::from_utf8_lossy(&without.stderr).contains("--with"));
}
