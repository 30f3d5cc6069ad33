//! Who has heard what through which door, and whether that is for them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    INBOX, TELEPHONES,
    askers::Who,
    things::{KINDS, THINGS},
};

/// Doors through which somebody hears things for whom they are, in groups of these kinds: those who belong to them, and of what the
/// staff of the house reads they. One that hears nothing any more would let nothing through for that reason alone.
const HEARD: &[(&str, &str, &str)] = &[
    ("/@{handle:[^/]+}/{id}", "A", "oci"),
    ("/@{handle:[^/]+}/{id}", "Z", "ovci"),
    ("/@{handle:[^/]+}/{id}", "tqpalokzcvsfegjWH", "ovcli"),
    ("/@{handle:[^/]+}/{id}", "n", "vcli"),
    ("/admin/people", "muL", "ovcli"),
    ("/admin/reports", "R", "ovcli"),
    ("/admin/reports/{id}", "R", "ovcli"),
    ("/api/v1/accounts/lookup?acct={group-handle}", "g", "ovcli"),
    ("/api/v1/media/{id}", "plP", "ovcli"),
    ("/api/v1/notifications", "e", "ovcli"),
    ("/api/v1/polls/{id}", "cv", "ovcli"),
    ("/api/v1/scheduled_statuses", "S", "ovcli"),
    ("/api/v1/scheduled_statuses/{id}", "SK", "ovcli"),
    ("/api/v1/statuses/{id}", "tqpalokcvsfWH", "ovcli"),
    ("/api/v1/statuses/{id}/context", "aef", "ovcli"),
    ("/api/v1/statuses/{id}/history", "aE", "ovcli"),
    ("/api/v1/statuses/{id}/source", "a", "ovcli"),
    ("/api/v1/statuses?id%5B%5D={ids}", "tqpalokcvsfWH", "ovcli"),
    ("/api/v2/notifications", "e", "ovcli"),
    ("/api/v2/search?q=nothing&resolve=false", "at", "o"),
    ("/api/v2/search?q={uri}&resolve=true", "t", "ovcli"),
    ("/cases/drafts/{id}", "d", "ovcli"),
    ("/cases/drafts/{id}/pictures/{picture}", "d", "ovcli"),
    ("/cases/mine", "tW", "ovcli"),
    ("/cases/review", "W", "ovcli"),
    ("/cases/review/{post}", "WP", "ovcli"),
    ("/cases/review/{post}/pictures/{picture}", "P", "ovcli"),
    ("/cases/{post}/asker", "n", "vcli"),
    ("/cases/{post}/recall", "CYZ", "ovci"),
    ("/compose?draft={draft}", "K", "ovcli"),
    ("/drafts", "K", "ovcli"),
    ("/groups/{handle:[^/]+}", "tg", "ovcli"),
    ("/groups/{handle:[^/]+}/about", "gwL", "ovcli"),
    ("/groups/{handle:[^/]+}/log", "rbY", "ovcli"),
    ("/groups/{handle:[^/]+}/members", "muL", "ovcli"),
    ("/groups/{handle:[^/]+}/moderation", "WHiRb", "ovcli"),
    ("/groups/{handle:[^/]+}/posts/{id}/remove", "qH", "ovcli"),
    ("/groups/{handle:[^/]+}?what=talk", "e", "ovcli"),
    ("/media/{name}", "plP", "ovcli"),
    ("/media/{name}/small", "plP", "ovcli"),
    ("/notifications", "e", "ovcli"),
    ("/pictures/{id}", "K", "ovcli"),
    ("/posts/{id}/history", "aE", "ovcli"),
    ("/scheduled", "S", "ovcli"),
    ("/search?q={uri}", "t", "ovcli"),
    ("/settings/data/ballots.csv", "k", "ovcli"),
    ("/settings/data/cases.csv", "t", "ovcli"),
    ("streams", "e", "ovcli"),
];

/// The same of servers, which hear of what is joined from elsewhere.
const TOLD: &[(&str, &str, &str)] = &[
    (INBOX, "tqpalokzcsferxyEX", "ovc"),
    (INBOX, "n", "vc"),
    (TELEPHONES, "e", "o"),
    ("as a document: /media/{name}", "pl", "ovc"),
    ("as a document: /users/{name}", "g", "ovc"),
    ("as a document: /users/{name}/log", "rbY", "ovc"),
    ("as a document: /users/{name}/moderators", "L", "ovc"),
    ("as a document: /users/{name}/outbox", "t", "o"),
    ("as a document: /users/{name}/posts/{id}", "tqpalokcsf", "ovc"),
    ("as a document at beta.test: /users/{name}/posts/{id}", "A", "oc"),
];

/// Who has heard what through which door.
#[derive(Default)]
pub(super) struct Table {
    askers: Vec<Who>,
    doors: BTreeMap<String, BTreeMap<usize, BTreeSet<String>>>,
    wrong: BTreeSet<String>,
    known: BTreeSet<String>,
}

impl Table {
    /// Writes down what somebody has heard at a door; what they should not have heard is wrong.
    pub(super) fn note(&mut self, door: &str, who: Who, words: Vec<String>) {
        let at = self.askers.iter().position(|known| known.name == who.name).unwrap_or_else(|| {
            self.askers.push(who);
            self.askers.len() - 1
        });
        for word in words {
            let mut letters = word.chars();
            let (thing, kind) = (letters.next().unwrap(), letters.next().unwrap());
            if !who.may_hear(thing, kind, door) {
                self.wrong.insert(format!("{} hears {} at {door}", who.name, in_words(&[word.clone()].into())));
            }
            self.known.insert(word.clone());
            self.doors.entry(door.to_owned()).or_default().entry(at).or_default().insert(word);
        }
    }

    /// What was heard by those for whom it is not, a line each.
    pub(super) fn wrong(&self) -> String {
        self.wrong.iter().cloned().collect::<Vec<_>>().join("\n")
    }

    /// Things of which nobody has heard anything.
    pub(super) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for (_, _, kind) in KINDS {
            for (thing, _) in THINGS {
                let is_there = match thing {
                    'n' | 'u' => kind != 'o',
                    // What was taken back is heard by those alone to whom it had been delivered.
                    'x' | 'X' | 'y' => !matches!(kind, 'l' | 'i'),
                    // Nothing of what stays here comes from elsewhere, or goes there; and clinicians elsewhere say nothing.
                    'A' | 'B' => !matches!(kind, 'l' | 'v'),
                    'C' => kind != 'l',
                    _ => true,
                };
                let word = format!("{thing}{kind}");
                if is_there && !self.known.contains(&word) {
                    missing.push(in_words(&[word].into()));
                }
            }
        }
        missing
    }

    /// Doors at which things are not heard any more by those who heard them there.
    pub(super) fn blind(&self) -> Vec<String> {
        let mut blind = Vec::new();
        for (door, things, kinds) in HEARD.iter().chain(TOLD) {
            for kind in kinds.chars() {
                let unheard = things.chars().map(|thing| format!("{thing}{kind}"));
                let unheard: BTreeSet<String> = unheard.filter(|word| !self.is_heard(door, kind, word)).collect();
                if !unheard.is_empty() {
                    blind.push(format!("{door}: {}", in_words(&unheard)));
                }
            }
        }
        blind
    }

    /// Whether somebody who belongs to a group of a kind hears a thing at a door; where the staff of the house reads, anybody.
    fn is_heard(&self, door: &str, kind: char, word: &str) -> bool {
        let counts = |at: usize| door.starts_with("/admin") || door == TELEPHONES || self.askers[at].is_inside(kind);
        let cells = self.doors.get(door);
        cells.is_some_and(|cells| cells.iter().any(|(at, words)| counts(*at) && words.contains(word)))
    }

    /// Door by door, those who hear the same in one line.
    pub(super) fn written(&self) -> String {
        let mut text = String::new();
        for (door, cells) in &self.doors {
            text.push_str(door);
            text.push('\n');
            let mut lines: Vec<(Vec<&str>, &BTreeSet<String>)> = Vec::new();
            for (at, words) in cells {
                let name = self.askers[*at].name;
                match lines.iter_mut().find(|line| line.1 == words) {
                    Some(line) => line.0.push(name),
                    None => lines.push((vec![name], words)),
                }
            }
            for (names, words) in lines {
                text.push_str(&format!("    {}: {}\n", names.join(", "), in_words(words)));
            }
        }
        text
    }
}

/// "question ovc, answer o": what of which kinds of groups.
fn in_words(words: &BTreeSet<String>) -> String {
    let mut all = Vec::new();
    for (thing, name) in THINGS {
        let kinds: String =
            KINDS.iter().map(|known| known.2).filter(|kind| words.contains(&format!("{thing}{kind}"))).collect();
        if !kinds.is_empty() {
            all.push(format!("{name} {kinds}"));
        }
    }
    all.join(", ")
}
