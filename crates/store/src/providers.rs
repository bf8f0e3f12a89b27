//! Trunks to providers, and who refers to them.

use async_trait::async_trait;
use jackfield_domain::{
    Kind, Listing, Provider, ProviderField, ProviderId, Query, TenantId, Timestamp, TrunkBinding,
};

use crate::Result;

/// The right of a process to keep a trunk registered at its provider, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrunkHold {
    /// The tenant.
    pub tenant: TenantId,
    /// The trunk.
    pub provider: ProviderId,
    /// The process.
    pub edge: String,
    /// Until when it has the right, unless it renews it.
    pub held_until: Timestamp,
    /// Until when the provider has the registration; a time that has passed for never.
    pub registered_until: Timestamp,
}

/// Reading trunks.
#[async_trait]
pub trait ProviderReads: Send + Sync {
    /// The trunk of this id in this tenant.
    async fn provider(&self, tenant: TenantId, id: ProviderId) -> Result<Option<Provider>>;

    /// Trunks as a query asks for them. A search looks at name, brand, host and numbers.
    async fn list_providers(
        &self,
        tenant: TenantId,
        query: &Query<ProviderField>,
    ) -> Result<Listing<Provider>>;

    /// The trunks of all tenants that are enabled, by tenants and ids.
    async fn enabled_providers(&self) -> Result<Vec<Provider>>;

    /// Who keeps a trunk registered, or did last.
    async fn trunk_hold(&self, tenant: TenantId, id: ProviderId) -> Result<Option<TrunkHold>>;

    /// The trunks of a tenant whose providers register here, by their ids.
    async fn accepting_providers(&self, tenant: TenantId) -> Result<Vec<Provider>>;

    /// Where the provider of a trunk registered from, when it is bound at this moment.
    async fn trunk_binding(
        &self,
        tenant: TenantId,
        id: ProviderId,
        now: Timestamp,
    ) -> Result<Option<TrunkBinding>>;

    /// All of them that are bound at this moment, by tenants and ids.
    async fn trunk_bindings(&self, now: Timestamp) -> Result<Vec<TrunkBinding>>;

    /// Those of these that are trunks of the tenant, by their ids.
    async fn providers_among(&self, tenant: TenantId, ids: &[ProviderId]) -> Result<Vec<ProviderId>>;

    /// A kind of record that refers to the trunk; none when nothing does.
    async fn provider_user(&self, tenant: TenantId, id: ProviderId) -> Result<Option<Kind>>;
}

/// Changing trunks.
#[async_trait]
pub trait ProviderWrites: ProviderReads {
    /// Stores a new trunk.
    async fn insert_provider(&mut self, provider: &Provider) -> Result<()>;

    /// Stores a changed trunk. The caller has counted its version up.
    async fn update_provider(&mut self, provider: &Provider) -> Result<()>;

    /// Removes a trunk that nothing refers to. Tells whether it was there.
    ///
    /// # Errors
    /// `Reference` when something refers to it.
    async fn delete_provider(&mut self, tenant: TenantId, id: ProviderId) -> Result<bool>;

    /// Gives a process the right to keep a trunk, or renews it, unless another one has it at this moment; tells whether it has
    /// it now.
    ///
    /// # Errors
    /// `Reference` for a trunk that is not there.
    async fn hold_trunk(&mut self, hold: &TrunkHold, now: Timestamp) -> Result<bool>;

    /// Ends the right of a process to keep a trunk, if it has it.
    async fn release_trunk(&mut self, tenant: TenantId, id: ProviderId, edge: &str) -> Result<()>;

    /// Binds a provider that registers here, in place of what was bound before.
    ///
    /// # Errors
    /// `Reference` for a trunk that is not there.
    async fn put_trunk_binding(&mut self, binding: &TrunkBinding) -> Result<()>;

    /// Ends the binding of a trunk. Tells whether there was one.
    async fn delete_trunk_binding(&mut self, tenant: TenantId, id: ProviderId) -> Result<bool>;

    /// Ends those of all trunks of a tenant. Tells how many there were.
    async fn delete_trunk_bindings(&mut self, tenant: TenantId) -> Result<u64>;

    /// Notes which trunks a record refers to, in place of what was noted before.
    ///
    /// # Errors
    /// `Reference` for one that is not there.
    async fn set_providers_of(
        &mut self,
        tenant: TenantId,
        kind: Kind,
        record: i64,
        providers: &[ProviderId],
    ) -> Result<()>;
}
