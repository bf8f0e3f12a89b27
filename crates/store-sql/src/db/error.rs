//! What can go wrong between a statement and its rows.

use std::fmt;
use std::sync::Arc;

use deadpool_postgres::PoolError;
use rusqlite::ErrorCode;
use rusqlite::ffi;
use tokio_postgres::error::{DbError, SqlState};

/// A failed statement, transaction or connection.
///
/// `Clone`, because one failed commit is the answer to every unit of work in it. No message holds the value of a
/// parameter or of a column: the engines' own details (`Key (email)=(…) already exists`) are dropped here.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A row with the same key exists.
    #[error("unique constraint violated: {constraint}")]
    Unique {
        /// PostgreSQL: the constraint's or index's name. SQLite: the columns, as `table.column, table.column`; for an
        /// index over expressions, `index 'name'`.
        constraint: String,
    },
    /// The row points at one that does not exist, or others point at the row that was to go.
    #[error("foreign key constraint violated")]
    ForeignKey,
    /// The engine ended the transaction for the sake of another (deadlock or serialisation failure). Run the whole
    /// transaction again.
    #[error("the transaction gave way to another one; run it again: {0}")]
    Retry(Cause),
    /// The database cannot be reached, is locked by another process, or no longer acknowledges writes.
    #[error("the database is unavailable: {0}")]
    Unavailable(Cause),
    /// A defect: wrong SQL, a wrong column type, a violated check, a value that the schema should not hold.
    #[error("database error: {0}")]
    Other(Cause),
}

/// The text of a driver's error, without values.
#[derive(Clone)]
pub struct Cause(Arc<str>);

impl Cause {
    /// A cause in one's own words.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Error {
    /// A row that this build cannot read: a value outside what the domain allows, JSON that does not parse.
    pub fn corrupt(what: impl fmt::Display) -> Self {
        Self::Other(Cause::new(format!("unreadable row: {what}")))
    }

    pub(crate) fn other(text: impl Into<Arc<str>>) -> Self {
        Self::Other(Cause::new(text))
    }

    pub(crate) fn unavailable(text: impl Into<Arc<str>>) -> Self {
        Self::Unavailable(Cause::new(text))
    }

    /// Whether running the same transaction again may succeed.
    pub fn is_retry(&self) -> bool {
        matches!(self, Self::Retry(_))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let (code, message) = match &error {
            rusqlite::Error::SqliteFailure(code, message) => (*code, message.as_deref().unwrap_or_default()),
            // A value of the wrong type is named by its column only; the driver's text would be the same.
            _ => return Self::other(error.to_string()),
        };
        match (code.extended_code, code.code) {
            (
                ffi::SQLITE_CONSTRAINT_UNIQUE
                | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                | ffi::SQLITE_CONSTRAINT_ROWID,
                _,
            ) => {
                let columns = message
                    .strip_prefix("UNIQUE constraint failed: ")
                    .unwrap_or(message);
                Self::Unique {
                    constraint: columns.to_owned(),
                }
            }
            (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, _) => Self::ForeignKey,
            (
                _,
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::OutOfMemory
                | ErrorCode::PermissionDenied
                | ErrorCode::OperationInterrupted
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase,
            ) => Self::unavailable(format!("SQLite {}: {message}", code.extended_code)),
            _ => Self::other(format!("SQLite {}: {message}", code.extended_code)),
        }
    }
}

/// SQLSTATE and text; the text is kept only where the server does not quote values in it.
fn describe(error: &DbError) -> String {
    let code = error.code().code();
    let quotes_values = code.starts_with("22") || code.starts_with("23") || code.starts_with("P0");
    match (quotes_values, error.constraint()) {
        (false, _) => format!("PostgreSQL {code}: {}", error.message()),
        (true, Some(constraint)) => format!("PostgreSQL {code} on constraint {constraint}"),
        (true, None) => match (error.table(), error.column()) {
            (Some(table), Some(column)) => format!("PostgreSQL {code} on column {table}.{column}"),
            _ => format!("PostgreSQL {code}"),
        },
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            // Not the server speaking: either the connection (then there is an I/O error below, or it is closed) or
            // our own conversion of a parameter or column.
            let source = std::error::Error::source(&error);
            let io = source.is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
            let text = source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
            let lost = io || error.is_closed() || text.starts_with("error connecting");
            return if lost {
                Self::unavailable(text)
            } else {
                Self::other(text)
            };
        };
        let code = db.code();
        if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
            return Self::Retry(Cause::new(describe(db)));
        }
        if *code == SqlState::UNIQUE_VIOLATION || *code == SqlState::EXCLUSION_VIOLATION {
            return Self::Unique {
                constraint: db.constraint().unwrap_or_default().to_owned(),
            };
        }
        if *code == SqlState::FOREIGN_KEY_VIOLATION {
            return Self::ForeignKey;
        }
        match code.code().get(..2) {
            // Connection, authorisation, resources, limits (such as a lock timeout), operator, system; and a primary
            // that became a standby (25006).
            Some("08" | "28" | "53" | "55" | "57" | "58") => Self::unavailable(describe(db)),
            _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Self::unavailable(describe(db)),
            _ => Self::other(describe(db)),
        }
    }
}

impl From<PoolError> for Error {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => match Self::from(error) {
                // Whatever keeps us from having a connection at all is not the caller's defect.
                Self::Other(cause) | Self::Retry(cause) => Self::Unavailable(cause),
                other => other,
            },
            PoolError::Timeout(_) => Self::unavailable("no PostgreSQL connection became free in time"),
            other => Self::unavailable(other.to_string()),
        }
    }
}
