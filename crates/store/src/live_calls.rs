//! Calls that are going on.

use async_trait::async_trait;
use jackfield_domain::{LiveCall, OngoingCall, TenantId, Timestamp, UserId};

use crate::Result;

/// Reading calls that are going on.
#[async_trait]
pub trait LiveCallReads: Send + Sync {
    /// Those that were reported after `silent_since`, of one user or of the whole tenant, by their ids.
    async fn live_calls(
        &self,
        tenant: TenantId,
        user: Option<UserId>,
        silent_since: Timestamp,
    ) -> Result<Vec<LiveCall>>;

    /// Those of the whole tenant that were reported after `silent_since`, in no order, as far as other calls depend on them: asked for
    /// with each call that begins.
    async fn ongoing_calls(&self, tenant: TenantId, silent_since: Timestamp) -> Result<Vec<OngoingCall>>;

    /// Those of these external ids that a live call of the tenant has, each with the id of that call.
    async fn live_calls_among(&self, tenant: TenantId, external_ids: &[&str]) -> Result<Vec<(String, i64)>>;
}

/// Changing them.
#[async_trait]
pub trait LiveCallWrites: LiveCallReads {
    /// Stores the state of calls of the transaction's tenant, in place of what was known of those with the same external id.
    async fn put_live_calls(&mut self, calls: &[&LiveCall]) -> Result<()>;

    /// Forgets the calls with these external ids.
    async fn end_live_calls(&mut self, tenant: TenantId, external_ids: &[&str]) -> Result<()>;

    /// Forgets the calls that were not reported after `silent_since`.
    async fn purge_live_calls(&mut self, tenant: TenantId, silent_since: Timestamp) -> Result<()>;
}
