//! One asynchronous interface over SQLite and PostgreSQL.
//!
//! The same SQL text runs on both engines, with `$1`, `$2`, … for values. A repository is written once, generic over
//! [`Sql`]: called with a [`Db`] it reads what is committed, each statement for itself; called with a [`Tx`] it reads
//! and writes inside a transaction.
//!
//! Rules for callers:
//!
//! * Await nothing but SQL while a [`Tx`] is alive. SQLite has one writer, and everyone waits for it.
//! * Do not begin a second [`Tx`] while holding one: on SQLite it would wait for itself. Reading from [`Db`] is
//!   allowed, and does not see the transaction's own changes.
//! * After a statement of a [`Tx`] has failed, the transaction can only be dropped (PostgreSQL's rule, kept on both
//!   engines). Where a conflict is expected, write `ON CONFLICT`.
//! * Dropping any future or a [`Tx`] at any point is safe; what was not committed is rolled back.
//! * Columns are BIGINT, TEXT, BOOLEAN, BYTEA/BLOB, DOUBLE PRECISION. No deferred constraints: SQLite checks them for a
//!   whole group of transactions at once.
//! * The futures are small enough to nest: PostgreSQL's part is boxed, which costs nothing beside a round trip.
//! * Not for use within a `tokio::task::LocalSet` on a multi-thread runtime, which forbids waiting in place.

use std::path::Path;
use std::sync::Arc;

pub use config::{Config, LiteConfig, Location, PostgresConfig};
pub use error::{Cause, Error};
pub use param::{Cell, Many, Param};
pub use pg::{Listener, Notice};
pub use row::{Column, Row};
pub use tx::Tx;

use lite::{Lite, Want};
use pg::Pg;
use tx::Work;

mod config;
mod error;
mod lite;
mod param;
mod pg;
mod row;
mod tx;

#[cfg(test)]
mod tests;

/// Which engine is behind a [`Db`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, the default.
    Sqlite,
    /// PostgreSQL, or a distributed database that speaks its protocol.
    Postgres,
}

/// An open database. Cloning it costs one reference count.
#[derive(Clone)]
pub struct Db(Backend);

#[derive(Clone)]
enum Backend {
    Lite(Arc<Lite>),
    Pg(Arc<Pg>),
}

/// Statements that return rows.
///
/// `params` are `&[&id, &name]`: `$1` is the first. Every statement is prepared once per connection and remembered, so
/// build its text from a bounded set of pieces, never from values.
pub trait Sql: Send + Sync {
    /// For the few places where the engines differ (row locks).
    fn engine(&self) -> Engine;

    /// All rows, each read by `map`. On SQLite it runs on the caller's thread: for statements of microseconds.
    fn all<T, F>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        map: F,
    ) -> impl Future<Output = Result<Vec<T>, Error>> + Send
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send;

    /// As [`Sql::all`], for a statement known to take long: a search over a tenant, an export. It does not hold up the
    /// runtime's other tasks, and leaves read connections for short ones.
    fn all_long<T, F>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        map: F,
    ) -> impl Future<Output = Result<Vec<T>, Error>> + Send
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send;

    /// The first row, or `None`. Further rows are ignored; write `LIMIT 1` where there can be many.
    fn one<T, F>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        map: F,
    ) -> impl Future<Output = Result<Option<T>, Error>> + Send
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send;
}

/// Statements that change rows: only inside a transaction.
pub trait SqlWrite: Sql {
    /// Runs the statement; the number of rows that it inserted, updated or deleted.
    fn exec(&self, sql: &str, params: &[&dyn Param]) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// A reference serves as well, so that a repository may borrow its transaction.
impl<S: Sql> Sql for &S {
    fn engine(&self) -> Engine {
        (**self).engine()
    }

    fn all<T, F>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        map: F,
    ) -> impl Future<Output = Result<Vec<T>, Error>> + Send
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send,
    {
        (**self).all(sql, params, map)
    }

    fn all_long<T, F>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        map: F,
    ) -> impl Future<Output = Result<Vec<T>, Error>> + Send
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send,
    {
        (**self).all_long(sql, params, map)
    }

    fn one<T, F>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        map: F,
    ) -> impl Future<Output = Result<Option<T>, Error>> + Send
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send,
    {
        (**self).one(sql, params, map)
    }
}

impl<S: SqlWrite> SqlWrite for &S {
    fn exec(&self, sql: &str, params: &[&dyn Param]) -> impl Future<Output = Result<u64, Error>> + Send {
        (**self).exec(sql, params)
    }
}

impl Db {
    /// Opens the database, and creates SQLite's file when it is absent. Run the migrations next.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the file cannot be opened or the server not reached.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        Ok(Self(match config {
            Config::Lite(config) => Backend::Lite(Arc::new(Lite::open(config)?)),
            Config::Postgres(config) => Backend::Pg(Arc::new(Pg::open(config).await?)),
        }))
    }

    /// Begins a transaction. On SQLite it has the writer until it is committed or dropped. On PostgreSQL it is READ
    /// COMMITTED: a unit of work that decides by what it reads begins with `SELECT … FOR UPDATE` on its tenant's row.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: no connection, another process holds SQLite's lock, or an earlier commit failed on disk.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let work = match &self.0 {
            Backend::Lite(lite) => Work::Lite(lite.writer.begin().await?),
            Backend::Pg(pg) => Work::Pg(Box::new(Box::pin(pg.begin()).await?)),
        };
        Ok(Tx::new(work))
    }

    /// Asks the engine to prepare a statement, without running it: what a compile-time check would find (a misspelt
    /// column, a parameter of unknown type) for the test that goes through all statements.
    ///
    /// # Errors
    /// [`Error::Other`] with the engine's complaint.
    pub async fn check_statement(&self, sql: &str) -> Result<(), Error> {
        match &self.0 {
            Backend::Lite(lite) => lite.check_statement(sql).await,
            Backend::Pg(pg) => Box::pin(async { pg.lease().await?.check_statement(sql).await }).await,
        }
    }

    /// SQLite: how it goes about each statement with parameters that has run so far, in the words of its `EXPLAIN QUERY PLAN`, for
    /// the test that none reads a whole tenant to find a few records. PostgreSQL plans by what is in the tables: nothing.
    ///
    /// # Errors
    /// As for a read.
    pub async fn plans(&self) -> Result<Vec<(String, Vec<String>)>, Error> {
        match &self.0 {
            Backend::Lite(lite) => lite.plans().await,
            Backend::Pg(_) => Ok(Vec::new()),
        }
    }

    /// SQLite: the commits that reached the disk, and the units of work in them, since the database was opened. The
    /// ratio is what group commit saves. PostgreSQL groups by itself: `None`.
    pub fn commits(&self) -> Option<CommitCounts> {
        match &self.0 {
            Backend::Lite(lite) => {
                let (commits, units) = lite.writer.counts();
                Some(CommitCounts { commits, units })
            }
            Backend::Pg(_) => None,
        }
    }

    /// SQLite: watches for commits by *other processes* (a command line beside the server). PostgreSQL: `None`; use
    /// [`Db::listen`].
    ///
    /// # Errors
    /// As for a read.
    pub async fn external_changes(&self) -> Result<Option<ExternalChanges>, Error> {
        match &self.0 {
            Backend::Lite(lite) => {
                let seen = lite.writer.data_version().await?;
                Ok(Some(ExternalChanges {
                    lite: Arc::clone(lite),
                    seen,
                }))
            }
            Backend::Pg(_) => Ok(None),
        }
    }

    /// PostgreSQL: what is sent with [`Tx::notify`] on `channel` (a-z, 0-9, `_`) by any node, this one included.
    /// SQLite: `None`; use [`Db::external_changes`].
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no further connection can be opened. A connection lost later is replaced.
    pub async fn listen(&self, channel: &str) -> Result<Option<Listener>, Error> {
        match &self.0 {
            Backend::Lite(_) => Ok(None),
            Backend::Pg(pg) => Box::pin(pg.listen(channel)).await.map(Some),
        }
    }

    /// SQLite: writes a compact copy of the database, as of now, to a new file at `path`; reads and writes go on
    /// meanwhile. It takes seconds for each gigabyte.
    ///
    /// # Errors
    /// [`Error::Other`] when the file exists, or on PostgreSQL, which has `pg_dump` for this; [`Error::Unavailable`]
    /// when it cannot be written.
    pub async fn backup_to(&self, path: &Path) -> Result<(), Error> {
        match &self.0 {
            Backend::Lite(lite) => lite.backup_to(path).await,
            Backend::Pg(_) => Err(Error::other("the data is in PostgreSQL: back it up with pg_dump")),
        }
    }
}

/// What group commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitCounts {
    /// Commits, each with one fsync.
    pub commits: u64,
    /// Units of work that they made durable.
    pub units: u64,
}

/// Tells whether another process has written to SQLite's file.
pub struct ExternalChanges {
    lite: Arc<Lite>,
    seen: i64,
}

impl ExternalChanges {
    /// Whether another process has committed since the last call (or since this was made). The caller chooses how
    /// often to ask; it costs microseconds, and waits for its turn to write.
    ///
    /// # Errors
    /// As for a read.
    pub async fn poll(&mut self) -> Result<bool, Error> {
        let now = self.lite.writer.data_version().await?;
        Ok(std::mem::replace(&mut self.seen, now) != now)
    }
}

impl Sql for Db {
    fn engine(&self) -> Engine {
        match &self.0 {
            Backend::Lite(_) => Engine::Sqlite,
            Backend::Pg(_) => Engine::Postgres,
        }
    }

    async fn all<T, F>(&self, sql: &str, params: &[&dyn Param], map: F) -> Result<Vec<T>, Error>
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send,
    {
        match &self.0 {
            Backend::Lite(lite) => lite.select(sql, params, Want::All, map).await,
            Backend::Pg(pg) => {
                Box::pin(async { pg.lease().await?.select(sql, params, usize::MAX, map).await }).await
            }
        }
    }

    async fn all_long<T, F>(&self, sql: &str, params: &[&dyn Param], map: F) -> Result<Vec<T>, Error>
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send,
    {
        match &self.0 {
            Backend::Lite(lite) => lite.select_long(sql, params, map).await,
            Backend::Pg(pg) => {
                Box::pin(async { pg.lease().await?.select(sql, params, usize::MAX, map).await }).await
            }
        }
    }

    async fn one<T, F>(&self, sql: &str, params: &[&dyn Param], map: F) -> Result<Option<T>, Error>
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send,
    {
        let rows = match &self.0 {
            Backend::Lite(lite) => lite.select(sql, params, Want::First, map).await,
            Backend::Pg(pg) => Box::pin(async { pg.lease().await?.select(sql, params, 1, map).await }).await,
        };
        Ok(rows?.pop())
    }
}
