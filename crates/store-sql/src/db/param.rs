//! Values bound to `$1`, `$2`, … on either engine.

use rusqlite::ToSql as LiteSql;
use tokio_postgres::types::ToSql as PgSql;

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
