//! Which keys of another institution we take for its own: those of the first time, and those that one of them vouches
//! for.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::check::{items, same_origin, time};
use crate::crypto::{
    VerifyingKey,
    proof::{proof_method, verify_proof},
};

/// Most keys and endorsements of one institution that are read.
pub(super) const MOST: usize = 64;
/// Most keys of one institution that are remembered, those that it lists no more among them.
const REMEMBERED: usize = 4 * MOST;

/// A key that an institution lists for its statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service) struct ListedKey {
    /// Its id.
    pub id: String,
    /// Multikey.
    pub multikey: String,
    /// Nothing that it signed holds any more.
    pub ended: bool,
}

/// The keys that the institution's own document lists.
pub(in crate::service) fn listed(document: &Value, issuer: &str, now: DateTime<Utc>) -> Vec<ListedKey> {
    let keys = document.get("assertionMethod").map(items).unwrap_or_default();
    keys.iter().take(MOST).filter_map(|key| listed_key(key, issuer, now)).collect()
}

/// The key of this id that the institution's own document lists.
pub(super) fn find(document: &Value, issuer: &str, id: &str, now: DateTime<Utc>) -> Option<ListedKey> {
    let keys = document.get("assertionMethod").map(items).unwrap_or_default();
    let mut named = keys.iter().take(MOST).filter(|key| key.get("id").is_some_and(|one| one == id));
    named.find_map(|key| listed_key(key, issuer, now))
}

fn listed_key(key: &Value, issuer: &str, now: DateTime<Utc>) -> Option<ListedKey> {
    let text = |name| key.get(name).and_then(Value::as_str);
    let (id, multikey) = (text("id")?, text("publicKeyMultibase")?);
    let fine = text("type") == Some("Multikey") && text("controller") == Some(issuer) && same_origin(issuer, id);
    if !fine || VerifyingKey::from_multibase(multikey).is_err() {
        return None;
    }
    // W3C Controlled Identifiers 1.0: a key may say when it ended. An end that cannot be read has come.
    let over = |name| key.get(name).is_some() && time(key, name).is_none_or(|end| end <= now);
    Some(ListedKey { id: id.to_owned(), multikey: multikey.to_owned(), ended: over("revoked") || over("expires") })
}

/// The keys in force that an institution's document lists, as they are pinned.
pub(in crate::service) fn in_force(document: &Value, issuer: &str, now: DateTime<Utc>) -> Vec<String> {
    listed(document, issuer, now).into_iter().filter(|key| !key.ended).map(|key| key.multikey).collect()
}

/// What a newer document means for the keys that we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pins {
    /// The keys that we know from now on.
    pub pinned: Vec<String>,
    /// There is a key among them that nobody whom we know has vouched for, or none is left that we know.
    pub changed: bool,
}

/// Compares the keys of a document with those that we know. Before the first one is known there is nothing to compare.
pub(super) fn judge(document: &Value, issuer: &str, pinned: &[String], now: DateTime<Utc>) -> Pins {
    if pinned.is_empty() {
        return Pins { pinned: Vec::new(), changed: false };
    }
    let keys = listed(document, issuer, now);
    let has_ended = |multikey: &String| keys.iter().any(|key| key.ended && key.multikey == *multikey);
    let mut known: Vec<String> = pinned.iter().filter(|multikey| !has_ended(multikey)).cloned().collect();
    let in_force: Vec<&ListedKey> = keys.iter().filter(|key| !key.ended).collect();
    let words = document.get("keyEndorsements").map(items).unwrap_or_default();
    let mut words: Vec<Word<'_>> =
        words.iter().take(MOST).filter_map(|word| Word::read(word, issuer, &in_force)).collect();
    // Each round may bring a key that vouches for the next one; no word is looked at twice.
    loop {
        let (said, unsaid): (Vec<Word<'_>>, Vec<Word<'_>>) =
            words.into_iter().partition(|word| known.contains(&word.by.multikey));
        words = unsaid;
        let before = known.len();
        for word in said {
            if !known.contains(&word.of.multikey) && word.holds(now) {
                known.push(word.of.multikey.clone());
            }
        }
        if known.len() == before {
            break;
        }
    }
    known.drain(..known.len().saturating_sub(REMEMBERED));
    let changed = known.is_empty() || in_force.iter().any(|key| !known.contains(&key.multikey));
    Pins { pinned: known, changed }
}

/// The word of one listed key that is in force for another.
struct Word<'a> {
    document: &'a Value,
    by: &'a ListedKey,
    of: &'a ListedKey,
}

impl<'a> Word<'a> {
    /// What it claims to be.
    fn read(document: &'a Value, issuer: &str, in_force: &[&'a ListedKey]) -> Option<Self> {
        let text = |pointer| document.pointer(pointer).and_then(Value::as_str);
        if text("/type") != Some("KeyEndorsement") || text("/controller") != Some(issuer) {
            return None;
        }
        let (id, multikey, method) =
            (text("/endorses/id")?, text("/endorses/publicKeyMultibase")?, proof_method(document)?);
        let of = in_force.iter().copied().find(|key| key.id == id && key.multikey == multikey)?;
        let by = in_force.iter().copied().find(|key| key.id == method)?;
        Some(Self { document, by, of })
    }

    /// Whether that key has signed it.
    fn holds(&self, now: DateTime<Utc>) -> bool {
        VerifyingKey::from_multibase(&self.by.multikey).is_ok_and(|key| verify_proof(self.document, &key, now).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Ed25519KeyPair, proof::add_proof};
    use serde_json::json;

    const ORG: &str = "https://brigid.example/org";

    fn now() -> DateTime<Utc> {
        "2026-06-01T00:00:00Z".parse().unwrap()
    }

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed(&[seed; 32]).unwrap()
    }

    fn id(seed: u8) -> String {
        format!("{ORG}#key-{seed}")
    }

    fn multikey(seed: u8) -> Value {
        let key = pair(seed).public_multibase();
        json!({ "id": id(seed), "type": "Multikey", "controller": ORG, "publicKeyMultibase": key })
    }

    fn word(by: u8, of: u8) -> Value {
        let mut word = json!({ "type": "KeyEndorsement", "controller": ORG, "endorses": multikey(of) });
        add_proof(&mut word, &pair(by), &id(by), "2026-05-01T00:00:00Z".parse().unwrap()).unwrap();
        word
    }

    fn document(keys: Vec<Value>, words: Vec<Value>) -> Value {
        json!({ "id": ORG, "type": "Organization", "assertionMethod": keys, "keyEndorsements": words })
    }

    fn judged(keys: Vec<Value>, words: Vec<Value>, pinned: &[u8]) -> (Vec<String>, bool) {
        let pinned: Vec<String> = pinned.iter().map(|seed| pair(*seed).public_multibase()).collect();
        let pins = judge(&document(keys, words), ORG, &pinned, now());
        (pins.pinned, pins.changed)
    }

    fn known(seeds: &[u8]) -> Vec<String> {
        seeds.iter().map(|seed| pair(*seed).public_multibase()).collect()
    }

    fn revoked(seed: u8) -> Value {
        let mut key = multikey(seed);
        key["revoked"] = "2026-05-20T00:00:00Z".into();
        key
    }

    #[test]
    fn a_key_that_a_known_key_vouches_for_is_known_also_over_several_steps() {
        let keys = vec![multikey(1), multikey(2), multikey(3)];
        assert_eq!(judged(keys, vec![word(2, 3), word(1, 2)], &[1]), (known(&[1, 2, 3]), false));
    }

    #[test]
    fn a_key_that_nobody_vouches_for_is_a_change() {
        assert_eq!(judged(vec![multikey(1), multikey(2)], Vec::new(), &[1]), (known(&[1]), true));
        for forged in [word(2, 2), word(3, 2), word(1, 3), json!("text")] {
            assert_eq!(judged(vec![multikey(1), multikey(2)], vec![forged], &[1]), (known(&[1]), true));
        }
        let mut altered = word(1, 2);
        altered["endorses"] = multikey(3);
        assert!(judged(vec![multikey(1), multikey(3)], vec![altered], &[1]).1);
    }

    #[test]
    fn a_key_that_was_revoked_is_known_no_more_and_its_word_counts_for_nothing() {
        let keys = || vec![revoked(1), multikey(2)];
        assert_eq!(judged(keys(), vec![word(1, 2)], &[1]), (Vec::new(), true), "a thief may have written it");
        assert_eq!(judged(keys(), vec![word(1, 2)], &[1, 2]), (known(&[2]), false));
        assert_eq!(judged(vec![revoked(1)], Vec::new(), &[1]), (Vec::new(), true), "the next key is no first one");
    }

    #[test]
    fn before_the_first_key_is_known_nothing_has_changed() {
        assert_eq!(judged(vec![multikey(1)], Vec::new(), &[]), (Vec::new(), false));
        assert_eq!(in_force(&document(vec![multikey(1), revoked(2)], Vec::new()), ORG, now()), known(&[1]));
    }

    #[test]
    fn keys_of_others_are_not_the_institutions() {
        let mut elsewhere = multikey(1);
        elsewhere["id"] = "https://evil.example/org#key-1".into();
        let mut controlled = multikey(1);
        controlled["controller"] = "https://brigid.example/users/eve".into();
        let mut broken = multikey(1);
        broken["publicKeyMultibase"] = "z".into();
        assert!(listed(&document(vec![elsewhere, controlled, broken], Vec::new()), ORG, now()).is_empty());
    }
}
