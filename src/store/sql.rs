//! A statement written in SQL whose result is read by position and whose plan is kept by its text.
//!
//! `diesel::sql_query` reads by column name and prepares anew each time; the hot reads cannot afford either.

use std::{borrow::Cow, marker::PhantomData};

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{HasSqlType, Untyped},
};

/// A statement; `ST` is the tuple of SQL types of its columns.
pub(super) struct Sql<ST> {
    text: Cow<'static, str>,
    binds: Vec<Box<dyn QueryFragment<Pg> + Send + Sync>>,
    columns: PhantomData<fn() -> ST>,
    is_kept: bool,
}

/// A statement with `$1`, `$2`, … for its binds. Never put a value into the text.
pub(super) fn sql<ST>(text: impl Into<Cow<'static, str>>) -> Sql<ST> {
    Sql { text: text.into(), binds: Vec::new(), columns: PhantomData, is_kept: true }
}

/// A statement without a result.
pub(super) fn command(text: impl Into<Cow<'static, str>>) -> Sql<Untyped> {
    sql(text)
}

impl<ST> Sql<ST> {
    /// Its plan is not kept: whoever asks chooses among more texts than a connection should hold.
    pub(super) fn once(mut self) -> Self {
        self.is_kept = false;
        self
    }

    /// The value of the next `$n`.
    pub(super) fn bind<T, V>(mut self, value: V) -> Self
    where
        T: Send + Sync + 'static,
        V: ToSql<T, Pg> + Send + Sync + 'static,
        Pg: HasSqlType<T>,
    {
        self.binds.push(Box::new(Bind::<T, V> { value, kind: PhantomData }));
        self
    }
}

struct Bind<T, V> {
    value: V,
    kind: PhantomData<T>,
}

impl<T, V> QueryFragment<Pg> for Bind<T, V>
where
    V: ToSql<T, Pg>,
    Pg: HasSqlType<T>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param_value_only(&self.value)
    }
}

impl<ST> QueryFragment<Pg> for Sql<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&self.text);
        if !self.is_kept {
            out.unsafe_to_cache_prepared();
        }
        for bind in &self.binds {
            bind.walk_ast(out.reborrow())?;
        }
        Ok(())
    }
}

impl<ST> QueryId for Sql<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Sql<ST> {
    type SqlType = ST;
}
