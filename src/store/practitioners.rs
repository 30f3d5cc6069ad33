//! Our own practitioners as programs of hospitals look for them, and what we state about them.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{Sql, sql},
};
use crate::{
    error::Result,
    model::{AccountId, Json, PARTICLES, StatedSpecialty, TITLES},
};

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Our id: decimal numbers.
    Id,
    /// ActivityPub id.
    Uri,
    /// Beginning of any word of the name.
    Name,
    /// Beginning of the family name.
    Family,
    /// Beginning of a given name.
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

/// Small letters without marks.
fn folded(text: &str) -> String {
    format!(r"regexp_replace(normalize(lower({text}), NFD), '[\u0300-\u036f]', '', 'g')")
}

/// The name without titles and without what follows a comma, as [`PersonName`](crate::model::PersonName) has it.
static BARE: LazyLock<String> = LazyLock::new(|| {
    let name = folded("a.name");
    let titles = TITLES.join("|");
    format!(
        r"regexp_replace(btrim(regexp_replace({name}, ',.*$', '')), '^((({titles})[.]?|[[:alpha:]]{{3,}}[.])\s+)+', '')"
    )
});

/// The family name: the last word with the particles before it, but never the first word of several.
static FAMILY: LazyLock<String> = LazyLock::new(|| {
    let particles = PARTICLES.join("|");
    format!(r"coalesce(substring({} from '\s((?:(?:{particles})\s+)*\S+)$'), {})", *BARE, *BARE)
});

/// The given names: the words before the family name.
static GIVEN: LazyLock<String> = LazyLock::new(|| {
    let particles = PARTICLES.join("|");
    let bare = &*BARE;
    format!(r"CASE WHEN {bare} ~ '\s' THEN regexp_replace({bare}, '\s(?:(?:{particles})\s+)*\S+$', '') ELSE '' END")
});

impl On {
    /// True where account `a` fits one of the values of `$n`; `$now` is the time.
    fn condition(self, n: usize, now: usize) -> String {
        let any = |fits: &str| format!("EXISTS (SELECT 1 FROM unnest(${n}::text[]) x (said) WHERE {fits})");
        let said = folded("x.said");
        let states = |fits: &str| format!("EXISTS (SELECT 1 FROM attestations t WHERE {} AND {fits})", live(now));
        match self {
            Self::Id => format!("a.id = ANY(${n}::text[]::bigint[])"),
            Self::Uri => format!("a.uri = ANY(${n}::text[])"),
            Self::Name => any(&format!("strpos(' ' || {}, ' ' || {said}) > 0", folded("a.name"))),
            Self::Family => any(&format!("starts_with({}, {said})", *FAMILY)),
            Self::Given => any(&format!("strpos(' ' || {}, ' ' || {said}) > 0", *GIVEN)),
            Self::Discipline => states(&format!("t.discipline = ANY(${n}::text[])")),
            Self::Specialty => states(&any("t.specialties @> x.said::jsonb")),
        }
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
        let mut text =
            "FROM accounts a WHERE a.host_id IS NULL AND a.discoverable AND a.state = 'active' AND a.kind = 'person' \
             AND EXISTS (SELECT 1 FROM users u WHERE u.account_id = a.id AND u.role <> 'public') \
             AND ($1::timestamptz IS NULL OR a.updated_at >= $1) AND ($2::timestamptz IS NULL OR a.updated_at < $2)"
                .to_owned();
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
            query = query.bind::<Array<Text>, _>(clause.values.clone());
        }
        if self.needs_now() { query.bind::<Timestamptz, _>(now) } else { query }
    }
}

/// Their ids, in order.
pub async fn list(conn: &mut Conn, wanted: &Wanted, now: DateTime<Utc>) -> Result<Vec<AccountId>> {
    let next = 3 + wanted.clauses.len() + usize::from(wanted.needs_now());
    let text = format!("SELECT a.id {} AND a.id > ${next} ORDER BY a.id LIMIT ${}", wanted.text(), next + 1);
    let query = wanted.bind(sql::<BigInt>(text), now);
    query.bind::<BigInt, _>(wanted.after).bind::<BigInt, _>(wanted.limit).load(conn).await.map_err(fault)
}

/// How many there are, on all pages together.
pub async fn count(conn: &mut Conn, wanted: &Wanted, now: DateTime<Utc>) -> Result<i64> {
    let query = sql::<BigInt>(format!("SELECT count(*) {}", wanted.text()));
    wanted.bind(query, now).get_result(conn).await.map_err(fault)
}

/// What we state about these people now, the oldest first.
pub async fn stated(conn: &mut Conn, people: Vec<AccountId>, now: DateTime<Utc>) -> Result<Vec<Stated>> {
    sql::<StatedSql>(format!(
        "SELECT t.account_id, t.uri, t.discipline, t.specialties, t.register, t.valid_from, t.valid_until \
         FROM accounts a JOIN attestations t ON {} WHERE a.id = ANY($1) ORDER BY t.id",
        live(2)
    ))
    .bind::<Array<BigInt>, _>(people)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}
