//! The repositories: the store's traits, each written once for reading with or without a transaction.

mod applications;
mod blobs;
mod call_orders;
mod desks;
mod extension_access;
mod favorites;
mod groups;
mod journal;
mod keys;
mod live_calls;
mod mailboxes;
mod meetings;
mod numbers;
mod owned;
mod presence;
mod providers;
mod reports;
mod roles;
mod sessions;
mod teams;
mod tenants;
mod users;

use jackfield_domain::TenantId;
use jackfield_store::{Error, Result};

use crate::db::{self, Sql, SqlWrite, Tx};

/// What is counted for each tenant, in `journal_heads`: counting a hundred thousand rows takes milliseconds, and each change
/// of a tenant writes that row anyway.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tally {
    Users,
    Extensions,
}

impl Tally {
    /// The number; none when there is no such tenant.
    pub(crate) async fn read<S: Sql>(self, sql: &S, tenant: TenantId) -> Result<Option<i64>> {
        let text = match self {
            Self::Users => "SELECT users FROM journal_heads WHERE tenant_id = $1",
            Self::Extensions => "SELECT extensions FROM journal_heads WHERE tenant_id = $1",
        };
        Ok(sql.one(text, &[&tenant.get()], |row| row.get(0)).await?)
    }

    /// Counts so many more, or fewer.
    async fn add(self, tx: &Tx, tenant: TenantId, difference: i64) -> Result<()> {
        let text = match self {
            Self::Users => "UPDATE journal_heads SET users = users + $2 WHERE tenant_id = $1",
            Self::Extensions => "UPDATE journal_heads SET extensions = extensions + $2 WHERE tenant_id = $1",
        };
        exists(tx.exec(text, &[&tenant.get(), &difference]).await?)
    }
}

/// A change of one row that is not there refers to nothing.
fn exists(changed: u64) -> Result<()> {
    if changed == 0 {
        Err(Error::Reference)
    } else {
        Ok(())
    }
}

/// Whether no row can hold this text: PostgreSQL has no NUL character, and answers a question with one by an error.
fn unstorable(text: &str) -> bool {
    text.contains('\0')
}

/// A stored document, read by one of the functions of `jackfield_store`.
fn document<T>(read: Result<T>) -> std::result::Result<T, db::Error> {
    read.map_err(|error| match error {
        Error::Internal(cause) => db::Error::corrupt(cause),
        error => db::Error::corrupt(error),
    })
}

/// A stored word.
fn word<T>(known: Option<T>, what: &str) -> std::result::Result<T, db::Error> {
    known.ok_or_else(|| db::Error::corrupt(format_args!("the {what} is not one that this version knows")))
}

/// How many ids one statement names at most.
const IDS: usize = 100;
/// How many one names that mostly is about one call and its two sides: each place costs a search, also one that only fills up.
const FEW: usize = 4;

/// Ids in portions of always the same size, so that one prepared statement serves; what is left over asks for id 0, which
/// no record has.
fn id_chunks(ids: &[i64]) -> impl Iterator<Item = [i64; IDS]> + Send {
    ids.chunks(IDS).map(|ids| {
        let mut places = [0; IDS];
        for (place, id) in places.iter_mut().zip(ids) {
            *place = *id;
        }
        places
    })
}

/// The places of such a portion in a statement, the first of them with this number.
fn id_places(first: usize) -> String {
    places(first, IDS)
}

/// So many places in a statement, the first of them with this number.
fn places(first: usize, count: usize) -> String {
    let places: Vec<String> = (first..first + count).map(|place| format!("${place}")).collect();
    places.join(", ")
}

/// The same statement for [`FEW`] values and for [`IDS`].
struct ByCount {
    few: String,
    many: String,
}

impl ByCount {
    /// With what the statement is for given places, of which the first has this number.
    fn new(first: usize, sql: impl Fn(&str) -> String) -> Self {
        Self {
            few: sql(&places(first, FEW)),
            many: sql(&places(first, IDS)),
        }
    }

    /// The one for so many values, and how many places it has.
    fn fitting(&self, values: usize) -> (&str, usize) {
        if values <= FEW {
            (&self.few, FEW)
        } else {
            (&self.many, IDS)
        }
    }
}
