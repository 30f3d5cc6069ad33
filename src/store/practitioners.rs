//! Our own practitioners as programs of hospitals look for them, and what we state about them.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult,
    result::{DatabaseErrorKind, Error as DieselError},
    sql_types::*,
};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{Sql, sql},
};
use crate::{
    error::Result,
    model::{AccountId, Json, PARTICLES, StatedSpecialty, TITLES},
};

/// How long a statement of a search may take.
pub const LONGEST: Duration = Duration::from_secs(3);

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Our id: decimal numbers.
    Id,
    /// ActivityPub id.
    Uri,
    /// Beginning of any word of the name, in small letters without marks.
    Name,
    /// Beginning of the family name, in small letters without marks.
    Family,
    /// Beginning of a given name, in small letters without marks.
    Given,
    /// Key of a discipline that we state.
    Discipline,
    /// A specialty that we state, as JSON that a [`StatedSpecialty`] must contain.
    Specialty,
}

/// A condition: one of the values has to fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// What it is about.
    pub on: On,
    /// The values; without any, nobody fits.
    pub values: Vec<String>,
}

/// Who is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// All of these have to hold.
    pub clauses: Vec<Clause>,
    /// Changed at this time or later.
    pub changed_from: Option<DateTime<Utc>>,
    /// Changed before this time.
    pub changed_before: Option<DateTime<Utc>>,
    /// Only people about whom we state something now.
    pub stated: bool,
    /// Only ids above this one.
    pub after: i64,
    /// At most so many.
    pub limit: i64,
}

/// A statement of ours that holds now.
#[derive(Debug, Clone, PartialEq, diesel::Queryable)]
pub struct Stated {
    /// About whom.
    pub account_id: AccountId,
    /// Its id.
    pub uri: String,
    /// Key of the discipline.
    pub discipline: String,
    /// Its specialties.
    pub specialties: Json<Vec<StatedSpecialty>>,
    /// Name of the register or body.
    pub register: String,
    /// From when on it holds.
    pub valid_from: DateTime<Utc>,
    /// When it ends.
    pub valid_until: DateTime<Utc>,
}

type StatedSql = (BigInt, Text, Text, Jsonb, Text, Timestamptz, Timestamptz);

/// The parts of a name, worked out once for each account `a` and not once for each value that is looked for: `w.whole`
/// in small letters without marks; `b.bare` without titles and without what follows a comma; `n.family` and `n.given`
/// as [`PersonName`](crate::model::PersonName) has them, which is the last word with the particles before it, but never
/// the first word of several, and the words before that.
static NAMES: LazyLock<String> = LazyLock::new(|| {
    let (titles, particles) = (TITLES.join("|"), PARTICLES.join("|"));
    format!(
        r"CROSS JOIN LATERAL (
            SELECT lower(regexp_replace(normalize(a.name, NFD), '[\u0300-\u036f]', '', 'g')) AS whole OFFSET 0) w
          CROSS JOIN LATERAL (
            SELECT regexp_replace(btrim(regexp_replace(w.whole, ',.*$', '')),
              '^((({titles})[.]?|[[:alpha:]]{{3,}}[.])\s+)+', '') AS bare OFFSET 0) b
          CROSS JOIN LATERAL (
            SELECT coalesce(substring(b.bare from '\s((?:(?:{particles})\s+)*\S+)$'), b.bare) AS family,
              CASE WHEN b.bare ~ '\s' THEN regexp_replace(b.bare, '\s(?:(?:{particles})\s+)*\S+$', '') ELSE '' END AS given
            OFFSET 0) n"
    )
});

/// A pattern for texts with a word that begins so, where a space stands before each word.
fn beginning(said: &str) -> String {
    let mut pattern = "% ".to_owned();
    for c in said.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl On {
    /// True where account `a` fits one of the values of `$n`; `$now` is the time.
    fn condition(self, n: usize, now: usize) -> String {
        let states = |fits: &str| format!("EXISTS (SELECT 1 FROM attestations t WHERE {} AND {fits})", live(now));
        match self {
            Self::Id => format!("a.id = ANY(${n}::text[]::bigint[])"),
            Self::Uri => format!("a.uri = ANY(${n}::text[])"),
            Self::Name => format!("' ' || w.whole LIKE ANY(${n}::text[])"),
            Self::Family => format!("n.family ^@ ANY(${n}::text[])"),
            Self::Given => format!("' ' || n.given LIKE ANY(${n}::text[])"),
            Self::Discipline => states(&format!("t.discipline = ANY(${n}::text[])")),
            Self::Specialty => states(&format!("t.specialties @> ANY(${n}::text[]::jsonb[])")),
        }
    }

    /// The values as [`Self::condition`] compares them.
    fn values(self, said: &[String]) -> Vec<String> {
        match self {
            Self::Name | Self::Given => said.iter().map(|one| beginning(one)).collect(),
            Self::Id | Self::Uri | Self::Family | Self::Discipline | Self::Specialty => said.to_vec(),
        }
    }

    fn is_name(self) -> bool {
        matches!(self, Self::Name | Self::Family | Self::Given)
    }

    fn is_stated(self) -> bool {
        matches!(self, Self::Discipline | Self::Specialty)
    }
}

/// True where statement `t` of ours about account `a` holds at `$now`: the same rule as for a badge.
fn live(now: usize) -> String {
    format!(
        "t.account_id = a.id AND t.credential_id IS NOT NULL AND t.ended_at IS NULL AND t.suspended_at IS NULL AND t.name = a.name \
         AND t.valid_from <= ${now}::timestamptz + interval '5 minutes' AND t.valid_until > ${now}::timestamptz \
         AND (SELECT c.state FROM credentials c WHERE c.id = t.credential_id) IN ('attested', 'recheck_due')"
    )
}

impl Wanted {
    fn needs_now(&self) -> bool {
        self.stated || self.clauses.iter().any(|clause| clause.on.is_stated())
    }

    /// `FROM` and `WHERE`. Members of the public are no practitioners.
    fn text(&self) -> String {
        let now = 3 + self.clauses.len();
        let names = if self.clauses.iter().any(|clause| clause.on.is_name()) { NAMES.as_str() } else { "" };
        let mut text = format!(
            "FROM accounts a {names} \
             WHERE a.host_id IS NULL AND a.discoverable AND a.state = 'active' AND a.kind = 'person' \
             AND EXISTS (SELECT 1 FROM users u WHERE u.account_id = a.id AND u.role <> 'public') \
             AND ($1::timestamptz IS NULL OR a.updated_at >= $1) AND ($2::timestamptz IS NULL OR a.updated_at < $2)"
        );
        for (n, clause) in (3..).zip(&self.clauses) {
            text.push_str(" AND ");
            text.push_str(&clause.on.condition(n, now));
        }
        if self.stated {
            text.push_str(" AND EXISTS (SELECT 1 FROM attestations t WHERE ");
            text.push_str(&live(now));
            text.push(')');
        }
        text
    }

    /// Binds what [`Self::text`] names; the next one is the number after them.
    fn bind<ST>(&self, query: Sql<ST>, now: DateTime<Utc>) -> Sql<ST> {
        let mut query = query
            .bind::<Nullable<Timestamptz>, _>(self.changed_from)
            .bind::<Nullable<Timestamptz>, _>(self.changed_before);
        for clause in &self.clauses {
            query = query.bind::<Array<Text>, _>(clause.on.values(&clause.values));
        }
        if self.needs_now() { query.bind::<Timestamptz, _>(now) } else { query }
    }
}

/// What came of a statement; none where it took too long. How long it took tells, as the words of the database may be in
/// any language.
async fn in_time<T>(statement: impl Future<Output = QueryResult<T>>) -> Result<Option<T>> {
    let begun = Instant::now();
    match statement.await {
        Ok(found) => Ok(Some(found)),
        Err(DieselError::DatabaseError(DatabaseErrorKind::Unknown, _)) if begun.elapsed() >= LONGEST => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

/// How many there are on all pages together, and the ids of this one in their order; none where that takes longer than
/// [`LONGEST`], to which the transaction has to be held.
pub async fn list(conn: &mut Conn, wanted: &Wanted, now: DateTime<Utc>) -> Result<Option<(i64, Vec<AccountId>)>> {
    let next = 3 + wanted.clauses.len() + usize::from(wanted.needs_now());
    let query = sql::<(BigInt, Array<BigInt>)>(format!(
        "WITH found AS MATERIALIZED (SELECT a.id {}) \
         SELECT (SELECT count(*) FROM found), ARRAY(SELECT id FROM found WHERE id > ${next} ORDER BY id LIMIT ${})",
        wanted.text(),
        next + 1
    ));
    let query = wanted.bind(query, now).bind::<BigInt, _>(wanted.after).bind::<BigInt, _>(wanted.limit);
    in_time(query.once().get_result(conn)).await
}

/// What we state about these people now, the oldest first; none where that takes too long.
pub async fn stated(conn: &mut Conn, people: Vec<AccountId>, now: DateTime<Utc>) -> Result<Option<Vec<Stated>>> {
    let query = sql::<StatedSql>(format!(
        "SELECT t.account_id, t.uri, t.discipline, t.specialties, t.register, t.valid_from, t.valid_until \
         FROM accounts a JOIN attestations t ON {} WHERE a.id = ANY($1) ORDER BY t.id",
        live(2)
    ))
    .bind::<Array<BigInt>, _>(people)
    .bind::<Timestamptz, _>(now);
    in_time(query.load(conn)).await
}
