//! Mails: none tells anything of a group, not even what it is called.

use consilium::service::cases;

use super::things::heard;
use crate::harness::Cluster;

/// Kinds of mails that have nothing to do with groups, by the rules that write them.
const OF_ACCOUNTS: [&str; 14] = [
    "already_registered",
    "approved",
    "change_email",
    "confirm",
    "credential",
    "credential_code",
    "email_change_asked",
    "opened_alone",
    "password_changed",
    "refused",
    "rejected",
    "reset",
    "second_factor",
    "sign_up_waits",
];

/// The others, with the subject that each goes under: all of them have to be among those that are looked through.
const OF_GROUPS: [(&str, &str); 1] = [("cases_wait", "Cases wait for you")];

/// The rules that write mails, read from the source: a new one is either about accounts, or is sent in this story.
fn rules() -> Vec<&'static str> {
    let source = include_str!("../../../src/service/mails.rs");
    let rule = |line: &'static str| line.strip_prefix("pub(super) async fn ")?.split('(').next();
    source.lines().filter_map(rule).collect()
}

/// Sends what is due, and looks through all that was sent.
pub(super) async fn check(cluster: &Cluster) {
    let mut known: Vec<&str> = OF_ACCOUNTS.into_iter().chain(OF_GROUPS.map(|(rule, _)| rule)).collect();
    let mut rules = rules();
    known.sort_unstable();
    rules.sort_unstable();
    assert_eq!(rules, known, "a mail of which it is not said whether it is about groups");

    let alpha = cluster.get("alpha.test");
    cases::mail_due(&alpha.ctx).await.unwrap();
    cluster.settle().await;
    for (rule, subject) in OF_GROUPS {
        let subject = format!("Subject: {subject}\n");
        assert!(alpha.mails().iter().any(|mail| mail.contains(&subject)), "{rule} is among the mails");
    }
    for instance in &cluster.instances {
        for mail in instance.mails() {
            assert_eq!(heard(&mail), Vec::<String>::new(), "a mail tells what was said: {mail}");
        }
    }
}
