//! The directory: people who may be found, by what is verified of them or, where nothing is, by what they claim.

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    accounts::{AUTHOR, AuthorSql},
    fault,
    page::{Page, Paged},
    sql::sql,
};
use crate::{
    error::Result,
    model::{AccountId, Author},
};

/// What is asked of people; whatever is empty is not asked. Words are in small letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Beginnings of words of a name or handle, in the language of text search.
    pub name: String,
    /// Key of a discipline, and the words that stand for it in a claim.
    pub discipline: Option<(String, Vec<String>)>,
    /// Part of a specialty.
    pub specialty: String,
    /// Part of the name of an institution, or of its host.
    pub institution: String,
    /// Whether that is ours.
    pub own_institution: bool,
    /// A language's code.
    pub language: String,
    /// Part of a town's or region's name.
    pub place: String,
    /// Only people of whom something is verified.
    pub verified: bool,
    /// Only our own people.
    pub local: bool,
}

/// Somebody in the directory, with their place and the codes of their languages.
pub type Listed = (Author, String, Vec<String>);

/// The conditions of the facets, and the values of `$6` onwards.
fn conditions(facets: &Facets) -> (String, Vec<String>) {
    let (mut text, mut values) = (String::new(), Vec::new());
    let mut ask = |condition: &str, value: &str| {
        values.push(value.to_owned());
        let place = format!("${}", 5 + values.len());
        text.push_str(" AND ");
        text.push_str(&condition.replace("$value", &place));
    };
    if !facets.name.is_empty() {
        ask("account_words(a.username, a.host, a.name) @@ to_tsquery('simple', $value)", &facets.name);
    }
    if let Some((key, words)) = &facets.discipline {
        ask("(NOT v.holds OR a.badge->>'discipline' = $value)", key);
        ask(
            "(v.holds OR EXISTS (SELECT 1 FROM unnest(string_to_array($value, '|')) w WHERE strpos(lower(a.discipline), w) > 0))",
            &words.join("|"),
        );
    }
    if !facets.specialty.is_empty() {
        ask(
            "strpos(lower(CASE WHEN v.holds THEN a.badge->>'specialty' ELSE a.specialty || ' ' || a.discipline END), $value) > 0",
            &facets.specialty,
        );
    }
    if !facets.institution.is_empty() {
        let ours = if facets.own_institution { "a.host_id IS NULL OR " } else { "" };
        ask(
            &format!(
                "({ours}strpos(lower(concat_ws(' ', CASE WHEN v.holds THEN a.badge->>'issuer' END, a.employer, a.host)), $value) > 0)"
            ),
            &facets.institution,
        );
    }
    if !facets.language.is_empty() {
        ask("$value = ANY(a.languages)", &facets.language);
    }
    if !facets.place.is_empty() {
        ask("strpos(lower(a.place), $value) > 0", &facets.place);
    }
    for (asked, condition) in
        [(facets.verified, "a.badge IS NOT NULL AND v.holds"), (facets.local, "a.host_id IS NULL")]
    {
        if asked {
            text.push_str(" AND ");
            text.push_str(condition);
        }
    }
    (text, values)
}

/// People of the directory, the newest first: nobody whom the viewer shuns or who shuns them, and nobody of a server that
/// is kept away.
pub async fn list(
    conn: &mut Conn,
    viewer: AccountId,
    facets: &Facets,
    now: DateTime<Utc>,
    page: &Page,
) -> Result<Paged<Listed>> {
    let order = page.order();
    let (rest, values) = conditions(facets);
    let mut query = sql::<(AuthorSql, Text, Array<Text>)>(format!(
        "SELECT {AUTHOR}, a.place, a.languages FROM accounts a \
         CROSS JOIN LATERAL (SELECT a.badge IS NOT NULL AND coalesce(a.badge_until > $4, false) AS holds) v \
         WHERE a.discoverable AND a.state = 'active' AND a.kind = 'person' AND NOT shuns($1, a.id) \
           AND coalesce((SELECT h.state FROM hosts h WHERE h.id = a.host_id), 'allowed') NOT IN ('limited', 'blocked') \
           AND a.id < $2 AND a.id > $3{rest} ORDER BY a.id {order} LIMIT $5"
    ))
    .bind::<BigInt, _>(viewer)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(page.limit + 1);
    for value in values {
        query = query.bind::<Text, _>(value);
    }
    let rows: Vec<Listed> = query.load(conn).await.map_err(fault)?;
    Ok(Paged::cut(rows, page, |(author, ..)| author.id.0))
}
