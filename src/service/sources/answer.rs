//! What is told of a source, read from documents of strangers: CSL JSON for DOIs (as Crossref and DataCite give it), and an
//! ESummary of NCBI for PMIDs. Titles are plain words, and short.

use serde_json::Value;

use crate::{store::sources::Told, text::sanitize};

/// Longest title that is kept, in characters.
const TITLE: usize = 300;
/// Longest name of a journal or book.
const CONTAINER: usize = 200;
/// So much of a text is read, in characters.
const READ: usize = 4_000;
/// How the title of a paper begins that was taken back.
const TAKEN_BACK: [&str; 5] = ["retracted:", "retracted article:", "[retracted]", "[retracted:", "withdrawn:"];
/// Tags of print in titles, which some write as text.
const PRINT: [&str; 6] = ["i", "em", "b", "sub", "sup", "sc"];

/// What CSL JSON tells; none where it tells no title.
pub(super) fn of_doi(document: &Value) -> Option<Told> {
    let title = words(document.get("title"), TITLE);
    let year = ["issued", "published", "published-print", "published-online"].into_iter().find_map(|key| {
        let first = document.get(key)?.pointer("/date-parts/0/0")?;
        first.as_i64().or_else(|| first.as_str()?.parse().ok())
    });
    let updates = document.get("updated-by").and_then(Value::as_array);
    let is_end = |update: &Value| {
        let kind = update.get("type").and_then(Value::as_str).unwrap_or_default();
        ["retraction", "withdrawal", "removal"].contains(&kind)
    };
    let retracted = updates.is_some_and(|all| all.iter().any(is_end)) || says_so(&title);
    let container = words(document.get("container-title"), CONTAINER);
    (!title.is_empty()).then_some(Told { container, year: year.and_then(within), retracted, title })
}

/// What an ESummary tells of a PMID; none where it tells no title.
pub(super) fn of_pmid(document: &Value, id: &str) -> Option<Told> {
    let paper = document.get("result")?.get(id)?;
    let title = words(paper.get("title"), TITLE);
    let date = ["sortpubdate", "pubdate", "epubdate"].into_iter().find_map(|key| {
        let text = paper.get(key)?.as_str()?;
        text.get(..4)?.parse().ok()
    });
    let kinds = paper.get("pubtype").and_then(Value::as_array);
    let is_end = |kind: &Value| kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("Retracted Publication"));
    let retracted = kinds.is_some_and(|all| all.iter().any(is_end)) || says_so(&title);
    let container = match words(paper.get("fulljournalname"), CONTAINER) {
        none if none.is_empty() => words(paper.get("source"), CONTAINER),
        full => full,
    };
    (!title.is_empty()).then_some(Told { container, year: date.and_then(within), retracted, title })
}

/// A year in which something can have been published.
fn within(year: i64) -> Option<i32> {
    i32::try_from(year).ok().filter(|year| (1_000..=2_999).contains(year))
}

fn says_so(title: &str) -> bool {
    let title = title.to_lowercase();
    TAKEN_BACK.iter().any(|beginning| title.starts_with(beginning))
}

/// One line of plain words; of a list the first.
fn words(value: Option<&Value>, most: usize) -> String {
    let told = match value {
        Some(Value::Array(all)) => all.first(),
        other => other,
    };
    let text = told.and_then(Value::as_str).unwrap_or_default();
    let text: String = text.chars().filter(|c| *c != '\0').take(READ).collect();
    let text = PRINT
        .iter()
        .fold(text, |text, tag| text.replace(&format!("&lt;{tag}&gt;"), "").replace(&format!("&lt;/{tag}&gt;"), ""));
    sanitize::line(&sanitize::plain(&text), most)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_paper_is_known_by_its_title_journal_and_year() {
        let told = of_doi(&json!({
            "title": "Effects of <i>Helicobacter</i> &amp; H<sub>2</sub>", "container-title": ["The Journal", "J"],
            "issued": { "date-parts": [[2020, 12, 10]] }, "author": [{ "family": "X" }],
        }));
        let told = told.unwrap();
        assert_eq!((told.title.as_str(), told.container.as_str()), ("Effects of Helicobacter & H2", "The Journal"));
        assert_eq!((told.year, told.retracted), (Some(2020), false));
        let told = of_pmid(
            &json!({ "result": { "uids": ["7"], "7": {
                "uid": "7", "title": "Of &lt;i&gt;mice&lt;/i&gt;.", "source": "J Mice", "fulljournalname": "",
                "pubdate": "2003 Jan", "sortpubdate": "2003/01/01 00:00", "pubtype": ["Journal Article"],
            } } }),
            "7",
        );
        let told = told.unwrap();
        assert_eq!((told.title.as_str(), told.container.as_str(), told.year), ("Of mice.", "J Mice", Some(2003)));
    }

    #[test]
    fn what_was_taken_back_is_said_by_the_document() {
        for document in [
            json!({ "title": "On stents", "updated-by": [{ "type": "correction" }, { "type": "retraction" }] }),
            json!({ "title": "RETRACTED: On stents" }),
            json!({ "title": ["Retracted article: On stents"] }),
        ] {
            assert!(of_doi(&document).unwrap().retracted, "{document}");
        }
        for document in [
            json!({ "title": "On stents", "updated-by": [{ "type": "correction" }], "update-to": [{ "type": "retraction" }] }),
            json!({ "title": "Retracted papers and what became of them", "updated-by": "retraction" }),
        ] {
            assert!(!of_doi(&document).unwrap().retracted, "{document}");
        }
        let paper = json!({ "result": { "7": { "title": "On stents", "pubtype": ["Retracted Publication"] } } });
        assert!(of_pmid(&paper, "7").unwrap().retracted);
    }

    #[test]
    fn what_a_stranger_tells_is_plain_and_short_or_nothing() {
        let long = format!("<script>alert(1)</script>\u{202e}A\u{0}\nB {}", "x".repeat(9_000));
        let told =
            of_doi(&json!({ "title": long, "container-title": 7, "issued": { "date-parts": [["99999"]] } })).unwrap();
        assert!(told.title.starts_with("A B x") && told.title.chars().count() <= TITLE, "{}", told.title);
        assert_eq!((told.container.as_str(), told.year), ("", None));
        for nothing in [json!({}), json!([]), json!(null), json!({ "title": [] }), json!({ "title": " " })] {
            assert_eq!(of_doi(&nothing), None, "{nothing}");
        }
        let unknown =
            json!({ "result": { "uids": ["7"], "7": { "uid": "7", "error": "cannot get document summary" } } });
        assert_eq!((of_pmid(&unknown, "7"), of_pmid(&unknown, "8"), of_pmid(&json!({}), "7")), (None, None, None));
    }
}
