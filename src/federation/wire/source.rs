//! What a case or a reply stands on, as it stands in its document under `sources`: addresses at doi.org and PubMed, in their
//! order. Titles are not told: each server asks for them itself, or does not.

use serde_json::{Value, json};

use super::value;
use crate::{
    model::SourceKey,
    policy::sources::MAX_SOURCES,
    text::sources::{of_address, unique},
};

/// Adds sources to the document of their post.
pub fn add(note: &mut Value, named: &[SourceKey]) {
    if let (false, Some(note)) = (named.is_empty(), note.as_object_mut()) {
        let addresses: Vec<String> = named.iter().map(SourceKey::address).collect();
        note.insert("sources".into(), json!(addresses));
    }
}

/// Says in the context of a document what `sources` means, where it stands in it, in its object, or in that one's object.
pub(super) fn add_term(document: &mut Value, terms: &str) {
    let object = document.get("object");
    let places = [Some(&*document), object, object.and_then(|inner| inner.get("object"))];
    if !places.into_iter().flatten().any(|place| place.get("sources").is_some()) {
        return;
    }
    let term = json!({
        "consilium": format!("{terms}#"),
        "sources": { "@id": "consilium:sources", "@type": "@id", "@container": "@list" },
    });
    if let Some(context) = document.get_mut("@context").and_then(Value::as_array_mut)
        && !context.contains(&term)
    {
        context.push(term);
    }
}

/// Reads the sources of a post: those that we know of, each once, and not too many. None where it does not say.
pub fn read(note: &Value) -> Option<Vec<SourceKey>> {
    let key = ["sources", "consilium:sources"].into_iter().find(|key| note.get(*key).is_some_and(|v| !v.is_null()))?;
    let mut named = unique(value::ids(note, key).iter().filter_map(|address| of_address(address)));
    named.truncate(MAX_SOURCES);
    Some(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sources::find;

    #[test]
    fn sources_are_read_as_they_are_written_and_nothing_else_is() {
        let named = find("doi:10.1002/(sici)1096(1996)61:3<216::aid-1>3.0.co;2-s and PMID 7");
        let mut note = json!({});
        add(&mut note, &[]);
        assert_eq!((read(&note), &note), (None, &json!({})));
        add(&mut note, &named);
        assert_eq!(read(&note), Some(named.clone()));
        assert_eq!(read(&json!({ "consilium:sources": note["sources"] })), Some(named));
        let strange = json!({ "sources": [
            "javascript:doi:10.1000/x", "https://a.example/doi.org/10.1000/x", 7, { "id": "https://doi.org/10.1000/x" },
            "https://doi.org/10.1000/X", "https://doi.org/10.1000/../y", "PMID 7",
        ] });
        assert_eq!(read(&strange), Some(find("doi:10.1000/x")));
        let many: Vec<String> = (1..100).map(|n| format!("https://pubmed.ncbi.nlm.nih.gov/{n}/")).collect();
        assert_eq!(read(&json!({ "sources": many })).unwrap().len(), MAX_SOURCES);
        assert_eq!((read(&json!({ "sources": null })), read(&json!({ "sources": {} }))), (None, Some(Vec::new())));
    }

    #[test]
    fn the_context_says_once_what_sources_are_where_there_are_any() {
        let terms = "https://a.example/ns/practitioner/v1";
        let mut plain = json!({ "@context": [], "object": { "object": {} } });
        add_term(&mut plain, terms);
        assert_eq!(plain["@context"], json!([]));
        let mut told = json!({ "@context": [], "object": { "object": { "sources": [] } } });
        add_term(&mut told, terms);
        add_term(&mut told, terms);
        assert_eq!(told["@context"].as_array().unwrap().len(), 1);
    }
}
