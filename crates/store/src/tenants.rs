//! Tenants.

use async_trait::async_trait;
use jackfield_domain::{Listing, Query, Tenant, TenantField, TenantId, TenantSummary};

use crate::Result;

/// Reading tenants. The installation itself, [`TenantId::SYSTEM`], is never among them.
#[async_trait]
pub trait TenantReads: Send + Sync {
    /// The tenant of this id.
    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>>;

    /// The tenant of this SIP domain, in lower case.
    async fn tenant_by_domain(&self, domain: &str) -> Result<Option<Tenant>>;

    /// Tenants as a query asks for them. A search looks at name, domain and website.
    async fn list_tenants(&self, query: &Query<TenantField>) -> Result<Listing<TenantSummary>>;

    /// The version of a tenant: whether one that was read before is still as it was.
    async fn tenant_version(&self, id: TenantId) -> Result<Option<i64>>;

    /// How many users the tenant has.
    async fn count_users(&self, tenant: TenantId) -> Result<i64>;

    /// How many extensions the tenant has.
    async fn count_extensions(&self, tenant: TenantId) -> Result<i64>;
}

/// Changing tenants.
#[async_trait]
pub trait TenantWrites: TenantReads {
    /// Stores a new tenant, and the place where its journal begins.
    ///
    /// # Errors
    /// `Taken(Tenant, Domain)`.
    async fn insert_tenant(&mut self, tenant: &Tenant) -> Result<()>;

    /// Stores a changed tenant. The caller has counted its version up.
    ///
    /// # Errors
    /// `Taken(Tenant, Domain)`.
    async fn update_tenant(&mut self, tenant: &Tenant) -> Result<()>;

    /// Removes the tenant and everything in it, its journal included. Tells whether it was there.
    async fn delete_tenant(&mut self, id: TenantId) -> Result<bool>;
}
