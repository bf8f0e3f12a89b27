//! Extensions, and who may use them.

use async_trait::async_trait;
use jackfield_domain::{
    Extension, ExtensionAccess, ExtensionField, ExtensionId, ExtensionMember, ExtensionMemberField, Query,
    TenantId, UserId,
};

use crate::Result;

/// Reading who may use which extension.
#[async_trait]
pub trait ExtensionAccessReads: Send + Sync {
    /// The extension of this id in this tenant.
    async fn extension(&self, tenant: TenantId, id: ExtensionId) -> Result<Option<Extension>>;

    /// A page of the extensions of a tenant. How many there are is not counted.
    async fn list_extensions(
        &self,
        tenant: TenantId,
        query: &Query<ExtensionField>,
    ) -> Result<Vec<Extension>>;

    /// What was said of a user's right to an extension; nothing for who has his own and of whom nothing was said.
    async fn extension_access(&self, tenant: TenantId, user: UserId) -> Result<Option<ExtensionAccess>>;

    /// A user who may use an extension, be it his own or another's.
    async fn extension_member(&self, tenant: TenantId, user: UserId) -> Result<Option<ExtensionMember>>;

    /// A page of the users who may use an extension. How many there are is not counted.
    async fn list_extension_members(
        &self,
        tenant: TenantId,
        query: &Query<ExtensionMemberField>,
    ) -> Result<Vec<ExtensionMember>>;

    /// The users of whom something was said about their right to this extension, by their ids.
    async fn users_with_access(&self, tenant: TenantId, extension: ExtensionId) -> Result<Vec<UserId>>;
}

/// Changing who may use which extension. A right ends with its user and with its extension.
#[async_trait]
pub trait ExtensionAccessWrites: ExtensionAccessReads {
    /// Stores the right of a user in place of the one that he had.
    async fn set_extension_access(
        &mut self,
        tenant: TenantId,
        user: UserId,
        access: &ExtensionAccess,
    ) -> Result<()>;
}
