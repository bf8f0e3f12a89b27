//! What users have marked: contacts of the tenant, and each other.

use async_trait::async_trait;
use jackfield_domain::{Kind, TenantId, UserId};

use crate::Result;

/// Whose marks on what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// The tenant of both.
    pub tenant: TenantId,
    /// The user who marks.
    pub user: UserId,
    /// The kind of record that is marked.
    pub kind: Kind,
}

/// Reading marks.
#[async_trait]
pub trait FavoriteReads: Send + Sync {
    /// Those of these records that are marked, in order.
    async fn favorites_among(&self, marks: Marks, records: &[i64]) -> Result<Vec<i64>>;
}

/// Changing marks.
#[async_trait]
pub trait FavoriteWrites: FavoriteReads {
    /// Marks a record, or takes the mark away. Tells whether that was a change. The marks of a user go with him.
    async fn set_favorite(&mut self, marks: Marks, record: i64, marked: bool) -> Result<bool>;

    /// Takes everybody's mark off a record that goes.
    async fn forget_favorites(&mut self, tenant: TenantId, kind: Kind, record: i64) -> Result<()>;
}
