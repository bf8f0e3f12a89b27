//! The journal.

use async_trait::async_trait;
use jackfield_domain::{Actor, Change, ChangeType, Kind, TenantId, Timestamp, UserId};

use crate::Result;

/// A change to be written down; its number comes of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// The kind of record.
    pub kind: Kind,
    /// Its id.
    pub record: i64,
    /// The user whose collection it is in, if it is in one.
    pub owner: Option<UserId>,
    /// What happened.
    pub change: ChangeType,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// More about it, as JSON text; never a secret.
    pub detail: Option<String>,
}

/// Reading the journal.
#[async_trait]
pub trait JournalReads: Send + Sync {
    /// Entries of a tenant numbered above `after`, in order.
    async fn changes_after(&self, tenant: TenantId, after: i64, limit: i64) -> Result<Vec<Change>>;

    /// The number of the tenant's last entry; 0 before the first.
    async fn last_change(&self, tenant: TenantId) -> Result<i64>;

    /// Number, record and change of the entries about one kind of record of one owner, numbered above `after`, in order.
    async fn changes_of(
        &self,
        tenant: TenantId,
        kind: Kind,
        owner: Option<UserId>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, i64, ChangeType)>>;

    /// The number of the last of these entries; 0 before the first.
    async fn last_change_of(&self, tenant: TenantId, kind: Kind, owner: Option<UserId>) -> Result<i64>;
}

/// Writing the journal.
#[async_trait]
pub trait JournalWrites: JournalReads {
    /// Appends an entry to the journal of the transaction's tenant and gives its number, one above the last.
    async fn append(&mut self, change: &NewChange) -> Result<i64>;

    /// Tells other processes, at the commit, of a change that has no entry: that of a present state, which has no history.
    async fn announce(&mut self, kind: Kind, record: i64) -> Result<()>;
}
