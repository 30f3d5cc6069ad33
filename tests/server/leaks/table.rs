//! Who has heard what through which door, and whether that is for them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    askers::Who,
    things::{KINDS, THINGS},
};

/// Who has heard what through which door.
#[derive(Default)]
pub(super) struct Table {
    askers: Vec<&'static str>,
    doors: BTreeMap<String, BTreeMap<usize, BTreeSet<String>>>,
    wrong: BTreeSet<String>,
    known: BTreeSet<String>,
}

impl Table {
    /// Writes down what somebody has heard at a door; what they should not have heard is wrong.
    pub(super) fn note(&mut self, door: &str, who: Who, words: Vec<String>) {
        let at = self.askers.iter().position(|name| *name == who.name).unwrap_or_else(|| {
            self.askers.push(who.name);
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
                    'x' | 'y' => !matches!(kind, 'l' | 'i'),
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

    /// Door by door, those who hear the same in one line.
    pub(super) fn written(&self) -> String {
        let mut text = String::new();
        for (door, cells) in &self.doors {
            text.push_str(door);
            text.push('\n');
            let mut lines: Vec<(Vec<&str>, &BTreeSet<String>)> = Vec::new();
            for (at, words) in cells {
                match lines.iter_mut().find(|line| line.1 == words) {
                    Some(line) => line.0.push(self.askers[*at]),
                    None => lines.push((vec![self.askers[*at]], words)),
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
