use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    check::{Documents, has_type, issuer, items, same_origin, signed, timely},
    fault::Fault,
};
use crate::crypto::Bitstring;

/// Longest address of a list, in characters.
const ADDRESS_MAX: usize = 2_048;
/// Most entries of a credential that are followed: one for each purpose that we know.
const ENTRIES_MAX: usize = 2;

/// Asks the issuer's Bitstring Status Lists whether the credential was revoked or suspended. An
/// entry of another purpose says nothing about that and is passed over.
pub(super) fn check(credential: &Value, by: &str, documents: &Documents, now: DateTime<Utc>) -> Result<(), Fault> {
    let entries = credential.get("credentialStatus").map(items).unwrap_or_default();
    let purpose = |entry: &Value| entry.get("statusPurpose").and_then(Value::as_str).map(str::to_owned);
    let (mut followed, mut revocable) = (0, false);
    for entry in entries {
        let taken_back = match purpose(entry).as_deref() {
            Some("revocation") => Fault::Revoked,
            Some("suspension") => Fault::Suspended,
            Some(_) => continue,
            None => return Err(Fault::Form("its status has no purpose")),
        };
        revocable |= taken_back == Fault::Revoked;
        followed += 1;
        if followed > ENTRIES_MAX {
            return Err(Fault::Form("it has too many lists"));
        }
        if bit(entry, by, documents, now)? {
            return Err(taken_back);
        }
    }
    // Whatever cannot be taken back cannot be relied upon.
    if revocable { Ok(()) } else { Err(Fault::Form("it names no list of what was revoked")) }
}

fn bit(entry: &Value, by: &str, documents: &Documents, now: DateTime<Utc>) -> Result<bool, Fault> {
    let text = |name| entry.get(name).and_then(Value::as_str);
    if !has_type(entry, "BitstringStatusListEntry") {
        return Err(Fault::Form("its status is of a type that is not read"));
    }
    let address = text("statusListCredential").ok_or(Fault::Form("its status names no list"))?;
    let index = text("statusListIndex").and_then(|index| index.parse().ok());
    let index: usize = index.ok_or(Fault::Form("its place in the list is not a number"))?;
    // Before anything is asked for.
    if address.len() > ADDRESS_MAX {
        return Err(Fault::List("its address is too long"));
    }
    // Who may take back a statement is its issuer alone.
    if !same_origin(address, by) {
        return Err(Fault::List("it is on another server than the issuer"));
    }
    let list = documents.get(address).ok_or_else(|| Fault::Needs(address.to_owned()))?;
    fits(list, address, by, text("statusPurpose").unwrap_or_default())?;
    signed(list, by, documents, now).map_err(|fault| match fault {
        Fault::Needs(_) => fault,
        _ => Fault::List("its issuer has not signed it"),
    })?;
    timely(list, now).map_err(|_| Fault::List("its time is over, or has not come"))?;
    let encoded = list.pointer("/credentialSubject/encodedList").and_then(Value::as_str);
    let bits = Bitstring::unpack(encoded.ok_or(Fault::List("it is empty"))?)?;
    bits.bit(index).ok_or(Fault::List("the statement has no place in it"))
}

/// Whether a document says of itself that it is the issuer's list for a purpose, of this very address.
pub(super) fn fits(list: &Value, address: &str, by: &str, wanted: &str) -> Result<(), Fault> {
    if list.get("id").and_then(Value::as_str) != Some(address) {
        return Err(Fault::List("it has another id than its address"));
    }
    if !has_type(list, "BitstringStatusListCredential") {
        return Err(Fault::List("it is not a list of states"));
    }
    if issuer(list) != Some(by) {
        return Err(Fault::List("it is of another issuer"));
    }
    let purposes = list.pointer("/credentialSubject/statusPurpose").map(items).unwrap_or_default();
    if purposes.iter().any(|purpose| purpose == wanted) {
        Ok(())
    } else {
        Err(Fault::List("it is for another purpose"))
    }
}
