//! Values bound to `$1`, `$2`, … on either engine.

use std::error::Error as StdError;

use bytes::BytesMut;
use rusqlite::ToSql as LiteSql;
use rusqlite::types::{ToSqlOutput, Value};
use serde::Serialize;
use tokio_postgres::types::{IsNull, ToSql as PgSql, Type, to_sql_checked};

/// A value that both engines can bind: `i64`, `bool`, `&str`, `String`, `Box<str>`, `&[u8]`, `Vec<u8>` and `Option` of
/// these.
///
/// PostgreSQL is strict: an `i64` goes to a `BIGINT` only, and a parameter whose type the server cannot infer (`$1 IS
/// NULL`) needs a cast, `CAST($1 AS BIGINT)`, which both engines understand. Write no `$1::bigint`: SQLite does not
/// know that form.
pub trait Param: LiteSql + PgSql + Send + Sync {}

impl<T: LiteSql + PgSql + Send + Sync> Param for T {}

/// The same value as SQLite's driver wants it.
pub(super) fn lite(param: &dyn Param) -> &dyn LiteSql {
    param
}

/// The same value as PostgreSQL's driver wants it.
pub(super) fn pg(param: &dyn Param) -> &(dyn PgSql + Sync) {
    param
}

/// Many values in one place: an array on PostgreSQL (`unnest`), a JSON text on SQLite (`json_each`).
#[derive(Debug)]
pub struct Many<T>(pub Vec<T>);

impl<T: Serialize> LiteSql for Many<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = serde_json::to_string(&self.0)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        Ok(ToSqlOutput::Owned(Value::Text(text)))
    }
}

impl<T: PgSql> PgSql for Many<T> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.0.to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        <Vec<T> as PgSql>::accepts(kind)
    }

    to_sql_checked!();
}

/// A value of a row that is inserted with many others.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// A BIGINT.
    Number(i64),
    /// A TEXT.
    Text(&'a str),
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl LiteSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Null => Ok(ToSqlOutput::Owned(Value::Null)),
            Self::Number(number) => Ok((*number).into()),
            Self::Text(text) => Ok((*text).into()),
        }
    }
}

impl PgSql for Cell<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Number(number) => number.to_sql_checked(kind, out),
            Self::Text(text) => text.to_sql_checked(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT)
    }

    to_sql_checked!();
}
