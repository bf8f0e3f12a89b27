//! The one writing connection, shared by turns, and group commit.
//!
//! A unit of work is a savepoint inside a transaction that stays open while others queue. Who finishes and finds the
//! queue empty (or is the 256th unit) runs `COMMIT` for all; each is told only then. One fsync serves the group, and a
//! lone writer waits for nobody.
//!
//! Two rules make it safe to drop any future at any point:
//!
//! * **The queue is non-empty only while someone has the turn.** Both are guarded by one lock. Who gives the turn up
//!   hands it to the first waiter that is still there, or, under that same lock, finds that there is none; so a waiter
//!   that leaves has nothing to undo, and a group is never left open with nobody to commit it.
//! * **The turn is a value.** It travels through the waiter's channel; a waiter that leaves with the turn in its channel
//!   drops it, and dropping it passes it on. It is kept during `COMMIT`, and the queue is looked at again afterwards.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::super::{Error, Param, Row};
use super::text::Texts;
use super::{Want, blocking, execute, select};

/// A group is committed at this size even when more units are waiting, so that the first of it is not kept forever.
const LARGEST_GROUP: usize = 256;

/// How long a unit waits for another *process* that is writing (a backup tool, a second command line).
const WRITE_LOCK_WAIT: Duration = Duration::from_secs(10);
const WRITE_LOCK_POLL: Duration = Duration::from_millis(5);

/// The writing connection and those who want it.
pub(in super::super) struct Writer {
    queue: Mutex<Queue>,
    /// Locked only by who has the turn, for the length of one statement or commit; hence never contended.
    group: Mutex<Group>,
    commits: AtomicU64,
    units: AtomicU64,
}

#[derive(Default)]
struct Queue {
    /// Whether a [`Turn`] exists.
    taken: bool,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

struct Group {
    connection: Connection,
    texts: Arc<Texts>,
    /// Whether the connection is inside a transaction.
    open: bool,
    /// Whether the turn's owner has a savepoint in it.
    in_unit: bool,
    /// Who waits for this group's commit.
    finished: Vec<oneshot::Sender<Result<(), Error>>>,
    /// Why there will be no more writes.
    poisoned: Option<Error>,
    #[cfg(test)]
    fail_next_commit: bool,
}

impl Writer {
    pub(super) fn new(connection: Connection, texts: Arc<Texts>) -> Self {
        Self {
            queue: Mutex::default(),
            group: Mutex::new(Group {
                connection,
                texts,
                open: false,
                in_unit: false,
                finished: Vec::new(),
                poisoned: None,
                #[cfg(test)]
                fail_next_commit: false,
            }),
            commits: AtomicU64::new(0),
            units: AtomicU64::new(0),
        }
    }

    /// Commits that succeeded, and the units in them.
    pub(in super::super) fn counts(&self) -> (u64, u64) {
        (
            self.commits.load(Ordering::Relaxed),
            self.units.load(Ordering::Relaxed),
        )
    }

    #[cfg(test)]
    pub(super) fn queued(&self) -> usize {
        self.queue.lock().waiting.len()
    }

    #[cfg(test)]
    pub(super) fn fail_next_commit(&self) {
        self.group.lock().fail_next_commit = true;
    }

    async fn turn(self: &Arc<Self>) -> Result<Turn, Error> {
        let waiting = {
            let mut queue = self.queue.lock();
            if !queue.taken {
                queue.taken = true;
                return Ok(Turn(Some(Arc::clone(self))));
            }
            let (sender, receiver) = oneshot::channel();
            queue.waiting.push_back(sender);
            receiver
        };
        waiting
            .await
            .map_err(|_| Error::unavailable("the database is closed"))
    }

    pub(in super::super) async fn begin(self: &Arc<Self>) -> Result<Unit, Error> {
        let turn = self.turn().await?;
        let mut waited = Duration::ZERO;
        // The sleep drops nothing but the turn when it is cancelled. A blocking busy handler would hold up a thread.
        while !self.group.lock().open_unit()? {
            if waited >= WRITE_LOCK_WAIT {
                return Err(Error::unavailable(
                    "another process has been writing to the database file for too long",
                ));
            }
            tokio::time::sleep(WRITE_LOCK_POLL).await;
            waited += WRITE_LOCK_POLL;
        }
        Ok(Unit { turn })
    }

    /// SQLite's counter of commits by *other* connections, as the writing connection sees it. All our own writes go
    /// through this connection, so a change means another process.
    pub(in super::super) async fn data_version(self: &Arc<Self>) -> Result<i64, Error> {
        let _turn = self.turn().await?;
        let group = self.group.lock();
        Ok(group
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    /// Passes the turn on; commits the group first when nobody is waiting or it is full.
    fn pass_on(self: Arc<Self>) {
        loop {
            let (open, full) = {
                let group = self.group.lock();
                (group.open, group.finished.len() >= LARGEST_GROUP)
            };
            if !(open && full) {
                let next = {
                    let mut queue = self.queue.lock();
                    let next = queue.waiting.pop_front();
                    if next.is_none() && !open {
                        queue.taken = false;
                        return;
                    }
                    next
                };
                if let Some(next) = next {
                    match next.send(Turn(Some(Arc::clone(&self)))) {
                        Ok(()) => return,
                        // It left while it was waiting. The turn is still ours; take it back without passing it on.
                        Err(mut turn) => turn.0 = None,
                    }
                    continue;
                }
            }
            // The turn stays ours during the commit: who comes now queues, and the next pass finds them.
            let units = blocking(|| self.group.lock().commit());
            if units > 0 {
                self.commits.fetch_add(1, Ordering::Relaxed);
                self.units.fetch_add(units, Ordering::Relaxed);
            }
        }
    }
}

/// The right to use the writing connection. Dropping it passes it on.
struct Turn(Option<Arc<Writer>>);

impl Turn {
    fn group(&self) -> Result<parking_lot::MutexGuard<'_, Group>, Error> {
        match &self.0 {
            Some(writer) => Ok(writer.group.lock()),
            None => Err(Error::unavailable("the turn to write was given up")),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(writer) = self.0.take() {
            writer.pass_on();
        }
    }
}

impl Group {
    /// Opens a savepoint, in a new transaction if there is none. `false`: another process is writing just now.
    fn open_unit(&mut self) -> Result<bool, Error> {
        if let Some(error) = &self.poisoned {
            return Err(error.clone());
        }
        if !self.open {
            match self.connection.execute_batch("BEGIN IMMEDIATE") {
                Ok(()) => self.open = true,
                Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.run("SAVEPOINT unit")?;
        self.in_unit = true;
        Ok(true)
    }

    fn run(&mut self, sql: &str) -> Result<(), Error> {
        let done = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.raw_execute());
        let result = done.map(drop).map_err(Error::from);
        self.check(result)
    }

    /// Some failures (disk full, I/O error, out of memory) make SQLite roll the whole transaction back. Then the units
    /// of this group that have finished are gone too, and their owners must hear it.
    fn check<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &result
            && self.open
            && self.connection.is_autocommit()
        {
            self.open = false;
            self.in_unit = false;
            self.answer(&Err(Error::unavailable(format!(
                "the group's transaction was rolled back: {error}"
            ))));
        }
        result
    }

    fn in_unit(&self) -> Result<(), Error> {
        if self.in_unit {
            Ok(())
        } else {
            Err(Error::unavailable(
                "the transaction was rolled back by an earlier failure",
            ))
        }
    }

    fn release(&mut self) -> Result<oneshot::Receiver<Result<(), Error>>, Error> {
        self.in_unit()?;
        self.run("RELEASE unit")?;
        self.in_unit = false;
        let (sender, receiver) = oneshot::channel();
        self.finished.push(sender);
        Ok(receiver)
    }

    fn roll_back_unit(&mut self) {
        if !self.in_unit {
            return;
        }
        let done = self
            .run("ROLLBACK TO unit")
            .and_then(|()| self.run("RELEASE unit"));
        self.in_unit = false;
        if let Err(error) = done
            && self.open
        {
            // The unit's changes may still be in the open transaction: it must never be committed.
            tracing::error!(%error, "cannot roll back a unit of work; its whole group is rolled back");
            self.roll_back_all(&Error::unavailable(format!(
                "the group's transaction was rolled back: {error}"
            )));
        }
    }

    fn roll_back_all(&mut self, why: &Error) {
        self.open = false;
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "cannot roll back");
            self.poisoned = Some(Error::unavailable(format!(
                "writing has stopped: cannot roll back: {error}"
            )));
        }
        self.answer(&Err(why.clone()));
    }

    /// Ends the open transaction and tells everyone; the number of units that are now on disk.
    fn commit(&mut self) -> u64 {
        if !self.open {
            return 0;
        }
        if self.finished.is_empty() {
            self.roll_back_all(&Error::unavailable("nothing to commit"));
            return 0;
        }
        match self.run_commit() {
            Ok(()) => {
                self.open = false;
                let units = self.finished.len();
                self.answer(&Ok(()));
                u64::try_from(units).unwrap_or(u64::MAX)
            }
            // Deferred constraints are checked here, for the whole group; the schema has none, for that reason.
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
                self.roll_back_all(&error.into());
                0
            }
            Err(error) => {
                // After a failed fsync nobody knows what is on disk, and a second try may "succeed" without having
                // written anything. Only opening the file anew, which replays the log, tells.
                tracing::error!(%error, "COMMIT failed; no more writes are accepted until the server is restarted");
                let why = Error::unavailable(format!(
                    "writing has stopped because a commit failed ({error}); check the disk, then restart the server"
                ));
                self.poisoned = Some(why.clone());
                self.roll_back_all(&why);
                0
            }
        }
    }

    fn run_commit(&mut self) -> rusqlite::Result<()> {
        #[cfg(test)]
        if std::mem::take(&mut self.fail_next_commit) {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
            return Err(rusqlite::Error::SqliteFailure(code, None));
        }
        self.connection.prepare_cached("COMMIT")?.raw_execute().map(drop)
    }

    fn answer(&mut self, result: &Result<(), Error>) {
        for waiting in self.finished.drain(..) {
            // Who no longer listens has dropped its request; its unit is in the group all the same.
            let _ = waiting.send(result.clone());
        }
    }
}

/// One unit of work: a savepoint in the open transaction. Dropping it rolls it back.
pub(in super::super) struct Unit {
    turn: Turn,
}

impl Unit {
    pub(in super::super) fn select<T>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        want: Want,
        map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut group = self.turn.group()?;
        group.in_unit()?;
        let rows = select(&group.connection, &group.texts, sql, params, want, map);
        group.check(rows)
    }

    pub(in super::super) fn select_long<T>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        blocking(|| self.select(sql, params, Want::All, map))
    }

    pub(in super::super) fn execute(&self, sql: &str, params: &[&dyn Param]) -> Result<u64, Error> {
        let mut group = self.turn.group()?;
        group.in_unit()?;
        let changed = execute(&group.connection, &group.texts, sql, params);
        group.check(changed)
    }

    pub(in super::super) fn batch(&self, sql: &str) -> Result<(), Error> {
        blocking(|| {
            let mut group = self.turn.group()?;
            group.in_unit()?;
            let done = group.connection.execute_batch(sql).map_err(Error::from);
            group.check(done)
        })
    }

    /// Joins the group and waits for its commit. A caller that stops waiting leaves the unit in the group: it will
    /// be committed, unheard.
    pub(in super::super) async fn commit(self) -> Result<(), Error> {
        let receiver = self.turn.group()?.release()?;
        drop(self);
        receiver
            .await
            .map_err(|_| Error::unavailable("the database was closed before the commit"))?
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        if let Ok(mut group) = self.turn.group() {
            group.roll_back_unit();
        }
    }
}
