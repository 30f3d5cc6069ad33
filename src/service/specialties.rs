//! Specialties and what they are called: our own words, and for all other codes those of the official file, which the
//! operator may load (NUCC Health Care Provider Taxonomy).

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use moka::sync::Cache;
use serde_json::json;

use super::{
    Ctx,
    audit::{self, About, By, Deed},
};
use crate::{
    error::{Error, Result},
    model::AuditAction,
    policy::disciplines::{self, SPECIALTIES},
    store,
};

/// Longest label, in characters.
const LONGEST: usize = 200;

/// Labels, at most a minute old.
#[derive(Debug)]
pub(crate) struct Labels(Cache<(), Arc<BTreeMap<String, String>>>);

impl Default for Labels {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(1).time_to_live(Duration::from_secs(60)).build())
    }
}

async fn labels(ctx: &Ctx) -> Result<Arc<BTreeMap<String, String>>> {
    if let Some(known) = ctx.specialties.0.get(&()) {
        return Ok(known);
    }
    let loaded = store::specialties::all(&mut *ctx.pool.read().await?).await?;
    let own = SPECIALTIES.iter().map(|(code, label, _)| ((*code).to_owned(), (*label).to_owned()));
    let labels: Arc<BTreeMap<String, String>> = Arc::new(loaded.into_iter().chain(own).collect());
    ctx.specialties.0.insert((), Arc::clone(&labels));
    Ok(labels)
}

/// What a specialty is called; the code itself where nobody has told.
pub async fn label(ctx: &Ctx, code: &str) -> Result<String> {
    if let Some(own) = disciplines::specialty(code) {
        return Ok(own.to_owned());
    }
    Ok(labels(ctx).await?.get(code).cloned().unwrap_or_else(|| code.to_owned()))
}

/// Every specialty, code and label, in the order of the labels.
pub async fn all(ctx: &Ctx) -> Result<Vec<(String, String)>> {
    let labels = labels(ctx).await?;
    let mut all: Vec<(String, String)> = labels.iter().map(|(code, label)| (code.clone(), label.clone())).collect();
    all.sort_by_cached_key(|(_, label)| label.to_lowercase());
    Ok(all)
}

/// The codes of what somebody typed, parted by commas: each a name or a code. Also what is none.
pub async fn called(ctx: &Ctx, typed: &str) -> Result<(Vec<String>, Vec<String>)> {
    Ok(meant(&*labels(ctx).await?, typed))
}

fn meant(labels: &BTreeMap<String, String>, typed: &str) -> (Vec<String>, Vec<String>) {
    let (mut codes, mut unknown) = (Vec::new(), Vec::new());
    for one in typed.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        let wanted = one.to_lowercase();
        let fits = |(code, label): &(&String, &String)| code.to_lowercase() == wanted || label.to_lowercase() == wanted;
        match labels.iter().find(fits) {
            Some((code, _)) => codes.push(code.clone()),
            None => unknown.push(one.to_owned()),
        }
    }
    (codes, unknown)
}

/// What is said of what is called by no specialty's name.
pub fn unknown_words(unknown: &[String]) -> String {
    format!("No specialty is called “{}” here. Give its name or its code.", unknown.join("”, “"))
}

/// Takes the official file in, in place of one before it, by the operator; returns how many specialties it has.
pub async fn load_by_operator(ctx: &Ctx, file: &[u8]) -> Result<usize> {
    let pairs = read(file)?;
    let mut tx = ctx.tx().await?;
    let count = store::specialties::replace(&mut tx, pairs).await?;
    let deed = Deed::new(By::Operator, AuditAction::ImportSpecialties, About::Instance);
    audit::record(ctx, &mut tx, deed.with(json!({ "specialties": count }))).await?;
    tx.commit().await?;
    ctx.specialties.0.invalidate_all();
    Ok(count)
}

/// Codes and labels of the people's part of the file.
fn read(file: &[u8]) -> Result<Vec<(String, String)>> {
    let wrong = |words: &str| Error::invalid("file", words.to_owned());
    let mut csv = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file);
    let head = csv.byte_headers().map_err(|_| wrong("This file is not CSV."))?.clone();
    let place = |name: &str| head.iter().position(|column| column.eq_ignore_ascii_case(name.as_bytes()));
    let (Some(code), Some(class)) = (place("Code"), place("Classification")) else {
        return Err(wrong(
            "This is not the taxonomy of the NUCC: it has no columns “Code” and “Classification”. Fetch the CSV file from nucc.org.",
        ));
    };
    let (special, display, section) = (place("Specialization"), place("Display Name"), place("Section"));
    let mut found = BTreeMap::new();
    for record in csv.byte_records() {
        let record = record.map_err(|_| wrong("This file is not CSV, or not whole."))?;
        let text = |at: Option<usize>| {
            let words = at.and_then(|at| record.get(at)).map(String::from_utf8_lossy).unwrap_or_default();
            words.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>()
        };
        let code = text(Some(code));
        // What is no person (hospitals, suppliers) is nobody's specialty.
        if code.len() != 10 || !code.is_ascii() || text(section) == "Non-Individual" {
            continue;
        }
        let (class, special) = (text(Some(class)), text(special));
        let label = match text(display) {
            display if !display.is_empty() => display,
            _ if special.is_empty() => class,
            _ => format!("{class}: {special}"),
        };
        found.insert(code, label);
    }
    if found.is_empty() { Err(wrong("There is no specialty in this file.")) } else { Ok(found.into_iter().collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specialty_is_found_by_its_name_or_its_code() {
        let labels = BTreeMap::from([("207RC0000X".to_owned(), "Cardiology".to_owned())]);
        let found = meant(&labels, "cardiology, 207rc0000x,, Cardio");
        assert_eq!(found, (vec!["207RC0000X".to_owned(); 2], vec!["Cardio".to_owned()]));
    }

    #[test]
    fn the_official_file_is_read_as_it_is() {
        let file = "\u{feff}Code,Grouping,Classification,Specialization,Definition,Notes,Display Name,Section\n\
            207RH0000X,Allopathic & Osteopathic Physicians,Internal Medicine,Hematology,\"Of blood, and more\",,Hematology Physician,Individual\n\
            207RI0200X,Allopathic & Osteopathic Physicians,Internal Medicine,Infectious Disease,,,,Individual\n\
            282N00000X,Hospitals,General Acute Care Hospital,,,,General Acute Care Hospital,Non-Individual\n\
            too short,,x,,,,,Individual\n";
        assert_eq!(
            read(file.as_bytes()).unwrap(),
            [
                ("207RH0000X".to_owned(), "Hematology Physician".to_owned()),
                ("207RI0200X".to_owned(), "Internal Medicine: Infectious Disease".to_owned()),
            ]
        );
        assert!(read(b"name,price\nx,1\n").unwrap_err().public().contains("nucc.org"));
        assert!(read(b"Code,Classification\n").is_err());
        assert!(read(b"").is_err());
    }
}
