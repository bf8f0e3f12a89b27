//! SQLite: read connections that run in place, one writer that commits in groups.
//!
//! Reads run on the runtime's own thread, because handing a ten-microsecond statement to another thread costs more than
//! the statement. Statements that are known to be long leave it, and at most half of the read connections serve them,
//! so that short reads never wait for a report.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Error, LiteConfig, Location, Param, Row, param};
use text::Texts;
pub(super) use writer::{Unit, Writer};

mod text;
mod writer;

#[cfg(test)]
mod tests;

/// Prepared statements kept by each connection.
const STATEMENTS: usize = 256;

/// How long a read waits for a lock of another process. In WAL mode readers meet one only while a crashed process's
/// log is recovered.
const READ_LOCK_WAIT: Duration = Duration::from_secs(5);
/// Pages that the write-ahead log holds before it is copied into the file.
const LOG_PAGES: u32 = 4000;
const OPEN_POLL: Duration = Duration::from_millis(5);

/// One database file, opened by this process.
pub(super) struct Lite {
    readers: Readers,
    pub(super) writer: Arc<Writer>,
    path: PathBuf,
    page_cache_kib: u32,
    // Last, so that the connections are closed before their folder goes.
    _scratch: Option<Scratch>,
}

impl Lite {
    pub(super) fn open(config: &LiteConfig) -> Result<Self, Error> {
        blocking(|| {
            let (path, scratch) = match &config.location {
                Location::File(path) => (path.clone(), None),
                Location::Temporary => {
                    let scratch = Scratch::new()?;
                    (scratch.0.join("jackfield.db"), Some(scratch))
                }
            };
            create_private(&path)?;
            let texts = Arc::new(Texts::default());
            let writer = connect(&path, config.page_cache_kib)?;
            // Nobody's data is in a scratch file after a crash, so its tests need not wait for the disk.
            let synchronous = if scratch.is_some() { "OFF" } else { "FULL" };
            writer.pragma_update(None, "synchronous", synchronous)?;
            // The writer waits for other processes without blocking a thread: see `Turn::open_unit`.
            writer.busy_timeout(Duration::ZERO)?;
            let readers = config.readers.max(1);
            let connections = (0..readers)
                .map(|_| {
                    let reader = connect(&path, config.page_cache_kib)?;
                    reader.pragma_update(None, "query_only", true)?;
                    Ok(reader)
                })
                .collect::<Result<Vec<_>, Error>>()?;
            Ok(Self {
                readers: Readers {
                    idle: Mutex::new(connections),
                    free: Semaphore::new(readers),
                    long: Semaphore::new((readers / 2).max(1)),
                    texts: Arc::clone(&texts),
                },
                writer: Arc::new(Writer::new(writer, texts)),
                path,
                page_cache_kib: config.page_cache_kib,
                _scratch: scratch,
            })
        })
    }

    pub(super) async fn select<T>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        want: Want,
        map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let reader = self.readers.check_out().await?;
        select(reader.connection()?, &self.readers.texts, sql, params, want, map)
    }

    pub(super) async fn check_statement(&self, sql: &str) -> Result<(), Error> {
        let reader = self.readers.check_out().await?;
        reader.connection()?.prepare(&text::numbered(sql))?;
        Ok(())
    }

    pub(super) async fn plans(&self) -> Result<Vec<(String, Vec<String>)>, Error> {
        let reader = self.readers.check_out().await?;
        let connection = reader.connection()?;
        let plan = |text: &Arc<str>| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}"))?;
            // Plans are made without the values.
            let steps = statement
                .raw_query()
                .mapped(|row| row.get(3))
                .collect::<Result<_, _>>();
            Ok((text.to_string(), steps?))
        };
        self.readers.texts.all().iter().map(plan).collect()
    }

    pub(super) async fn select_long<T>(
        &self,
        sql: &str,
        params: &[&dyn Param],
        map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let _long = self.readers.long.acquire().await.map_err(closed)?;
        let reader = self.readers.check_out().await?;
        let connection = reader.connection()?;
        blocking(|| select(connection, &self.readers.texts, sql, params, Want::All, map))
    }

    /// Copies the database as of now to `target`, which must not exist. The copy is complete and on disk when this
    /// returns; an interrupted one leaves only a file whose name ends in `.partial`.
    pub(super) async fn backup_to(&self, target: &Path) -> Result<(), Error> {
        let (source, target, cache) = (self.path.clone(), target.to_owned(), self.page_cache_kib);
        let copy = tokio::task::spawn_blocking(move || {
            let mut partial = target.clone().into_os_string();
            partial.push(".partial");
            let partial = PathBuf::from(partial);
            let in_words =
                |error: std::io::Error| Error::unavailable(format!("cannot write the backup: {error}"));
            if target.try_exists().map_err(in_words)? {
                return Err(Error::other("the backup's file exists already; name another one"));
            }
            match std::fs::remove_file(&partial) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(in_words(error)),
                _ => {}
            }
            let name = partial
                .to_str()
                .ok_or_else(|| Error::other("the backup's path is not valid UTF-8; name another one"))?;
            // The copy holds every secret of the original.
            create_private(&partial)?;
            connect(&source, cache)?.execute("VACUUM INTO ?1", [name])?;
            // SQLite leaves the copy to the operating system's cache.
            std::fs::File::open(&partial)
                .and_then(|file| file.sync_all())
                .map_err(in_words)?;
            std::fs::rename(&partial, &target).map_err(in_words)?;
            #[cfg(unix)]
            if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::File::open(folder)
                    .and_then(|folder| folder.sync_all())
                    .map_err(in_words)?;
            }
            Ok(())
        });
        copy.await
            .map_err(|_| Error::unavailable("the backup was stopped before it ended"))?
    }
}

/// The connections for reading.
struct Readers {
    idle: Mutex<Vec<Connection>>,
    free: Semaphore,
    long: Semaphore,
    texts: Arc<Texts>,
}

impl Readers {
    async fn check_out(&self) -> Result<Reader<'_>, Error> {
        let permit = self.free.acquire().await.map_err(closed)?;
        let connection = self.idle.lock().pop();
        Ok(Reader {
            connection,
            readers: self,
            _permit: permit,
        })
    }
}

fn closed(_: tokio::sync::AcquireError) -> Error {
    Error::unavailable("the database is closed")
}

/// A read connection on loan. It goes back on drop, so that neither an error, a panic in a row's mapping nor a dropped
/// request can lose it.
struct Reader<'a> {
    connection: Option<Connection>,
    readers: &'a Readers,
    // Dropped after `drop` has put the connection back: whoever gets the permit finds it.
    _permit: SemaphorePermit<'a>,
}

impl Reader<'_> {
    fn connection(&self) -> Result<&Connection, Error> {
        self.connection
            .as_ref()
            .ok_or_else(|| Error::unavailable("no read connection is left"))
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.idle.lock().push(connection);
        }
    }
}

/// How many rows the caller asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    First,
    All,
}

fn prepare<'c>(
    connection: &'c Connection,
    text: &str,
    params: &[&dyn Param],
) -> Result<CachedStatement<'c>, Error> {
    let mut statement = connection.prepare_cached(text)?;
    let expected = statement.parameter_count();
    if expected != params.len() {
        return Err(rusqlite::Error::InvalidParameterCount(params.len(), expected).into());
    }
    for (index, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, param::lite(*value))?;
    }
    Ok(statement)
}

fn select<T>(
    connection: &Connection,
    texts: &Texts,
    sql: &str,
    params: &[&dyn Param],
    want: Want,
    mut map: impl FnMut(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    texts.with(sql, |text| {
        let mut statement = prepare(connection, text, params)?;
        // A statement that writes runs to its end: only then have all its checks been made.
        let stop_early = want == Want::First && statement.readonly();
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if want == Want::All || found.is_empty() {
                found.push(map(&Row::lite(row))?);
            }
            if stop_early {
                break;
            }
        }
        Ok(found)
    })
}

fn execute(connection: &Connection, texts: &Texts, sql: &str, params: &[&dyn Param]) -> Result<u64, Error> {
    texts.with(sql, |text| {
        let changed = prepare(connection, text, params)?.raw_execute()?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    })
}

/// Opens a connection. Entering WAL mode, recovering a crashed process's log and removing the log with the last
/// connection take an exclusive lock for a moment, for which SQLite does not wait by itself.
fn connect(path: &Path, page_cache_kib: u32) -> Result<Connection, Error> {
    let mut waited = Duration::ZERO;
    loop {
        match connect_now(path, page_cache_kib) {
            Err(rusqlite::Error::SqliteFailure(code, _))
                if code.code == rusqlite::ErrorCode::DatabaseBusy && waited < READ_LOCK_WAIT =>
            {
                std::thread::sleep(OPEN_POLL);
                waited += OPEN_POLL;
            }
            Err(error) => return Err(error.into()),
            Ok((connection, mode)) if mode == "wal" => return Ok(connection),
            Ok(_) => {
                return Err(Error::unavailable(
                    "the database's folder does not support SQLite's write-ahead log (is it a network share?)",
                ));
            }
        }
    }
}

/// One attempt: the connection and its journal mode.
fn connect_now(path: &Path, page_cache_kib: u32) -> rusqlite::Result<(Connection, String)> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(READ_LOCK_WAIT)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    // No memory map: each connection's map counts towards the process's resident memory, and it measured no faster.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -i64::from(page_cache_kib))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // One plan for each statement, whatever is bound. Without it SQLite prepares joins, and `LIMIT $1`, anew each time
    // that they run, to plan by the values: ten times the cost of the statement itself.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Copying the log into the file costs a write for each page that it names, however often: a log of some 16 MB
    // names most pages of a busy hour more than once. The default, a quarter of it, took a quarter of what creating a
    // user costs.
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    // After a burst of writes, or a long backup, the log shrinks again.
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    Ok((connection, mode))
}

/// Creates the file readable by its owner only: it holds password hashes and sealed secrets. SQLite gives its log files
/// the same mode.
fn create_private(path: &Path) -> Result<(), Error> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| {
        Error::unavailable(format!(
            "cannot open the database file {}: {error}",
            path.display()
        ))
    })
}

/// Runs `f`, which may wait for the disk, without holding up the runtime's other tasks where it has other threads.
fn blocking<R>(f: impl FnOnce() -> R) -> R {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(f),
        _ => f(),
    }
}

/// A folder for one database that goes away with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let folder = std::env::temp_dir().join(format!("jackfield-{}-{number}", std::process::id()));
            let mut builder = std::fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            match builder.create(&folder) {
                Ok(()) => return Ok(Self(folder)),
                // Left behind by a killed process that had our number.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(Error::unavailable(format!(
                        "cannot create a temporary folder: {error}"
                    )));
                }
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "cannot remove a temporary database");
        }
    }
}
