//! Transactions.

use std::sync::atomic::{AtomicBool, Ordering};

use super::lite::{Unit, Want};
use super::pg::Lease;
use super::{Engine, Error, Param, Row, Sql, SqlWrite};

/// A transaction. Dropping it rolls it back.
pub struct Tx {
    work: Work,
    /// Whether a statement has failed.
    failed: AtomicBool,
}

pub(super) enum Work {
    Lite(Unit),
    Pg(Box<Lease>),
}

impl Tx {
    pub(super) fn new(work: Work) -> Self {
        Self {
            work,
            failed: AtomicBool::new(false),
        }
    }

    /// Commits. When this returns `Ok`, the changes are on disk.
    ///
    /// A caller that stops waiting does not know the outcome: the changes may be committed or not.
    ///
    /// # Errors
    /// [`Error::Retry`] (PostgreSQL) means rolled back: run it all again. [`Error::Other`] when a statement had failed.
    /// On [`Error::Unavailable`] nothing was acknowledged; with PostgreSQL it may have been committed all the same.
    pub async fn commit(self) -> Result<(), Error> {
        self.usable()?;
        match self.work {
            Work::Lite(unit) => unit.commit().await,
            Work::Pg(lease) => Box::pin(lease.commit()).await,
        }
    }

    /// Rolls back. Dropping does so too; this waits for it, and keeps PostgreSQL's connection warm.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the connection is lost; the transaction is rolled back nevertheless.
    pub async fn rollback(self) -> Result<(), Error> {
        match self.work {
            Work::Lite(unit) => {
                drop(unit);
                Ok(())
            }
            Work::Pg(lease) => Box::pin(lease.roll_back()).await,
        }
    }

    /// PostgreSQL: tells all listeners of `channel`, when and if this transaction commits. Equal payloads of one
    /// transaction arrive once; the limit is 7,999 bytes. SQLite: nothing, since nobody else listens.
    ///
    /// # Errors
    /// As for a statement.
    pub async fn notify(&self, channel: &str, payload: &str) -> Result<(), Error> {
        match &self.work {
            Work::Lite(_) => self.usable(),
            Work::Pg(_) => self
                .exec("SELECT pg_notify($1, $2)", &[&channel, &payload])
                .await
                .map(drop),
        }
    }

    /// Several statements without parameters: migrations.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.usable()?;
        self.noted(match &self.work {
            Work::Lite(unit) => unit.batch(sql),
            Work::Pg(lease) => Box::pin(lease.batch(sql)).await,
        })
    }

    fn usable(&self) -> Result<(), Error> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(Error::other(
                "an earlier statement of the transaction failed; it can only be rolled back",
            ));
        }
        Ok(())
    }

    fn noted<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if result.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl Sql for Tx {
    fn engine(&self) -> Engine {
        match &self.work {
            Work::Lite(_) => Engine::Sqlite,
            Work::Pg(_) => Engine::Postgres,
        }
    }

    async fn all<T, F>(&self, sql: &str, params: &[&dyn Param], map: F) -> Result<Vec<T>, Error>
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send,
    {
        self.usable()?;
        self.noted(match &self.work {
            Work::Lite(unit) => unit.select(sql, params, Want::All, map),
            Work::Pg(lease) => Box::pin(lease.select(sql, params, usize::MAX, map)).await,
        })
    }

    async fn all_long<T, F>(&self, sql: &str, params: &[&dyn Param], map: F) -> Result<Vec<T>, Error>
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send,
    {
        self.usable()?;
        self.noted(match &self.work {
            Work::Lite(unit) => unit.select_long(sql, params, map),
            Work::Pg(lease) => Box::pin(lease.select(sql, params, usize::MAX, map)).await,
        })
    }

    async fn one<T, F>(&self, sql: &str, params: &[&dyn Param], map: F) -> Result<Option<T>, Error>
    where
        T: Send,
        F: FnMut(&Row<'_>) -> Result<T, Error> + Send,
    {
        self.usable()?;
        let rows = self.noted(match &self.work {
            Work::Lite(unit) => unit.select(sql, params, Want::First, map),
            Work::Pg(lease) => Box::pin(lease.select(sql, params, 1, map)).await,
        });
        Ok(rows?.pop())
    }
}

impl SqlWrite for Tx {
    async fn exec(&self, sql: &str, params: &[&dyn Param]) -> Result<u64, Error> {
        self.usable()?;
        self.noted(match &self.work {
            Work::Lite(unit) => unit.execute(sql, params),
            Work::Pg(lease) => Box::pin(lease.execute(sql, params)).await,
        })
    }
}
