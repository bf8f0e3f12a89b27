//! What people ask of calls, until the process that carries the call has done it.

use async_trait::async_trait;
use jackfield_domain::{CallOrder, OrderOutcome, TenantId, Timestamp};

use crate::Result;

/// Reading orders.
#[async_trait]
pub trait CallOrderReads: Send + Sync {
    /// Those of all tenants that nobody has taken or given up, the oldest first.
    async fn pending_call_orders(&self) -> Result<Vec<CallOrder>>;

    /// An order of a tenant.
    async fn call_order(&self, tenant: TenantId, id: i64) -> Result<Option<CallOrder>>;
}

/// Changing them.
#[async_trait]
pub trait CallOrderWrites: CallOrderReads {
    /// Stores an order.
    async fn insert_call_order(&mut self, order: &CallOrder) -> Result<()>;

    /// Takes an order for an edge, unless it is taken or given up. Tells whether it was there to take.
    async fn take_call_order(&mut self, tenant: TenantId, id: i64, edge: &str) -> Result<bool>;

    /// Says what became of an order, unless that is known, and which call it is about. Tells whether it was not known.
    async fn finish_call_order(
        &mut self,
        tenant: TenantId,
        id: i64,
        outcome: OrderOutcome,
        call: &str,
    ) -> Result<bool>;

    /// Forgets the orders of a tenant that were given before.
    async fn purge_call_orders(&mut self, tenant: TenantId, before: Timestamp) -> Result<()>;
}
