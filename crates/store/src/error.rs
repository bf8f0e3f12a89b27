//! What a store can say went wrong. No HTTP, no SQL, no values of the statement.

use jackfield_domain::{Field, Thing};

/// The result of a store's method.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another record of the tenant has this value.
    #[error("another {0} has this {1}")]
    Taken(Thing, Field),
    /// Something refers to the record, or it refers to something that is not there.
    #[error("a reference of the record is broken")]
    Reference,
    /// The transaction met another one and has to be done again from its start.
    #[error("the transaction has to be done again")]
    Retry,
    /// The database does not answer, or can no longer write.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A defect, or a row that cannot be read.
    #[error("the store failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<Error> for jackfield_domain::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Taken(thing, field) => Self::Taken(thing, field),
            Error::Unavailable(_) | Error::Retry => Self::Unavailable(Box::new(error)),
            Error::Reference | Error::Internal(_) => Self::Internal(Box::new(error)),
        }
    }
}
