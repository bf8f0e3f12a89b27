//! Custom roles. Built-in ones are part of the program and in no store.

use async_trait::async_trait;
use jackfield_domain::{Role, RoleId, TenantId};

use crate::Result;

/// Reading custom roles.
#[async_trait]
pub trait RoleReads: Send + Sync {
    /// The role of this name, compared in folded form.
    async fn role_by_name(&self, tenant: TenantId, folded: &str) -> Result<Option<Role>>;

    /// All custom roles of the tenant, by name.
    async fn roles(&self, tenant: TenantId) -> Result<Vec<Role>>;
}

/// Changing custom roles.
#[async_trait]
pub trait RoleWrites: RoleReads {
    /// Stores a new role.
    ///
    /// # Errors
    /// `Taken(Role, Name)`.
    async fn insert_role(&mut self, role: &Role) -> Result<()>;

    /// Stores a changed role. The caller has counted its version up.
    ///
    /// # Errors
    /// `Taken(Role, Name)`.
    async fn update_role(&mut self, role: &Role) -> Result<()>;

    /// Removes a role. Tells whether it was there.
    async fn delete_role(&mut self, tenant: TenantId, id: RoleId) -> Result<bool>;
}
