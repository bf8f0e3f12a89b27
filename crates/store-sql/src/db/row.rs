//! One row of an answer, and the column types that both engines share.

use std::error::Error as StdError;

use tokio_postgres::types::{FromSql, Type};

use super::Error;

/// A row under the cursor. Columns are counted from 0, in the order of the `SELECT`.
#[derive(Clone, Copy)]
pub struct Row<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    Lite(&'a rusqlite::Row<'a>),
    Pg(&'a tokio_postgres::Row),
}

impl<'a> Row<'a> {
    pub(super) fn lite(row: &'a rusqlite::Row<'a>) -> Self {
        Self(Source::Lite(row))
    }

    pub(super) fn pg(row: &'a tokio_postgres::Row) -> Self {
        Self(Source::Pg(row))
    }

    /// The column as an owned value.
    ///
    /// # Errors
    /// [`Error::Other`] when there is no such column, it is of another type, or it is NULL and `T` is not an `Option`.
    pub fn get<T: Column>(&self, index: usize) -> Result<T, Error> {
        match self.0 {
            Source::Lite(row) => T::from_lite(row, index),
            Source::Pg(row) => T::from_pg(row, index),
        }
    }

    /// The column as text, borrowed from the row: no allocation.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn text(&self, index: usize) -> Result<&'a str, Error> {
        match self.0 {
            Source::Lite(row) => borrow_text(row, index)?.ok_or_else(|| null(index)),
            Source::Pg(row) => Ok(row.try_get(index)?),
        }
    }

    /// The column as text or NULL, borrowed from the row.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn opt_text(&self, index: usize) -> Result<Option<&'a str>, Error> {
        match self.0 {
            Source::Lite(row) => borrow_text(row, index),
            Source::Pg(row) => Ok(row.try_get(index)?),
        }
    }

    /// The column as bytes, borrowed from the row.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn bytes(&self, index: usize) -> Result<&'a [u8], Error> {
        match self.0 {
            Source::Lite(row) => row
                .get_ref(index)?
                .as_blob()
                .map_err(|error| wrong_type(index, &error)),
            Source::Pg(row) => Ok(row.try_get(index)?),
        }
    }
}

fn borrow_text<'a>(row: &'a rusqlite::Row<'a>, index: usize) -> Result<Option<&'a str>, Error> {
    row.get_ref(index)?
        .as_str_or_null()
        .map_err(|error| wrong_type(index, &error))
}

fn wrong_type(index: usize, error: &dyn StdError) -> Error {
    Error::other(format!("column {index}: {error}"))
}

fn null(index: usize) -> Error {
    Error::other(format!("column {index}: unexpected NULL"))
}

/// A type that a column of either engine can be read into: `i64` (BIGINT, and the smaller integers that PostgreSQL gives
/// literals and `COUNT` of nothing), `bool` (BOOLEAN), `String` and `Box<str>` (TEXT), `Vec<u8>` (BYTEA or BLOB), `f64`
/// (DOUBLE PRECISION), and `Option` of these.
pub trait Column: Sized + sealed::Sealed {
    #[doc(hidden)]
    fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> Result<Self, Error>;
    #[doc(hidden)]
    fn from_pg(row: &tokio_postgres::Row, index: usize) -> Result<Self, Error>;
}

mod sealed {
    pub trait Sealed {}
}

/// An integer of any width: a literal in a `SELECT` is INT4 on PostgreSQL, a column is BIGINT.
struct Integer(i64);

impl<'a> FromSql<'a> for Integer {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        match *kind {
            Type::INT2 => i16::from_sql(kind, raw).map(|n| Self(n.into())),
            Type::INT4 => i32::from_sql(kind, raw).map(|n| Self(n.into())),
            _ => i64::from_sql(kind, raw).map(Self),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT2 | Type::INT4 | Type::INT8)
    }
}

impl From<Integer> for i64 {
    fn from(integer: Integer) -> Self {
        integer.0
    }
}

macro_rules! columns {
    ($($type:ty as $pg:ty),* $(,)?) => {$(
        impl sealed::Sealed for $type {}
        impl Column for $type {
            fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> Result<Self, Error> {
                Ok(row.get(index)?)
            }
            fn from_pg(row: &tokio_postgres::Row, index: usize) -> Result<Self, Error> {
                Ok(row.try_get::<_, $pg>(index)?.into())
            }
        }
        impl sealed::Sealed for Option<$type> {}
        impl Column for Option<$type> {
            fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> Result<Self, Error> {
                Ok(row.get(index)?)
            }
            fn from_pg(row: &tokio_postgres::Row, index: usize) -> Result<Self, Error> {
                Ok(row.try_get::<_, Option<$pg>>(index)?.map(Into::into))
            }
        }
    )*};
}

columns!(i64 as Integer, bool as bool, f64 as f64, String as String, Box<str> as Box<str>, Vec<u8> as Vec<u8>);
