//! Where the data is, and how many connections to keep.

use std::fmt;
use std::num::NonZero;
use std::path::PathBuf;

/// Which database to open.
#[derive(Clone, Debug)]
pub enum Config {
    /// A file of this process's own.
    Lite(LiteConfig),
    /// A server, possibly shared with other nodes.
    Postgres(PostgresConfig),
}

impl Config {
    /// The SQLite file at `path`, created when absent, with the default pool.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::Lite(LiteConfig {
            location: Location::File(path.into()),
            ..LiteConfig::default()
        })
    }

    /// An empty SQLite database that goes away with the last clone of its [`super::Db`].
    pub fn temporary() -> Self {
        Self::Lite(LiteConfig::default())
    }

    /// A PostgreSQL database by its `postgres://` URL, with the default pool.
    pub fn postgres(url: impl Into<String>) -> Self {
        Self::Postgres(PostgresConfig {
            url: url.into(),
            connections: PostgresConfig::CONNECTIONS,
        })
    }

    /// From what an administrator writes: a `postgres://` or `postgresql://` URL, `:memory:`, or the path of a file
    /// (`sqlite:` in front of it is allowed).
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Self::postgres(text);
        }
        match text.strip_prefix("sqlite:").unwrap_or(text) {
            ":memory:" => Self::temporary(),
            path => Self::file(path),
        }
    }
}

/// Settings for SQLite.
#[derive(Clone, Debug)]
pub struct LiteConfig {
    /// The database.
    pub location: Location,
    /// Read connections; at least 1. Default: one more than the machine has cores, because a read runs on the thread of its
    /// request, and one connection may wait for the disk. Half of them (at least one) may be taken by long statements.
    pub readers: usize,
    /// Page cache of each connection, in KiB. Default 1536: the inner pages of a hundred thousand users and their indexes.
    /// The operating system caches the file besides, so this trades a microsecond per page against resident memory.
    pub page_cache_kib: u32,
}

impl Default for LiteConfig {
    fn default() -> Self {
        Self {
            location: Location::Temporary,
            readers: std::thread::available_parallelism().map_or(2, NonZero::get) + 1,
            page_cache_kib: 1536,
        }
    }
}

/// Where SQLite's file is.
#[derive(Clone, Debug)]
pub enum Location {
    /// At this path.
    File(PathBuf),
    /// In a folder of its own under the system's temporary folder, removed afterwards, and not synced to disk.
    ///
    /// Not SQLite's `:memory:`: several connections to that need a shared cache, whose table locks make readers and
    /// the writer fail each other with `SQLITE_LOCKED`. A file behaves as in production: write-ahead log, readers that
    /// never wait.
    Temporary,
}

/// Settings for PostgreSQL.
#[derive(Clone)]
pub struct PostgresConfig {
    /// `postgres://user:password@host:port/database?option=value`.
    pub url: String,
    /// Most connections of this process; at least 1. Default 16. One more is taken by each listener.
    pub connections: usize,
}

impl PostgresConfig {
    /// The default for [`PostgresConfig::connections`].
    pub const CONNECTIONS: usize = 16;
}

impl fmt::Debug for PostgresConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL holds a password.
        f.debug_struct("PostgresConfig")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
