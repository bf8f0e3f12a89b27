//! Keys of programs.

use async_trait::async_trait;
use jackfield_domain::{ApiKey, ApiKeyId, TenantId, TokenHash, UserId};

use crate::Result;

/// Reading keys.
#[async_trait]
pub trait KeyReads: Send + Sync {
    /// The key of this hash. Like the question for a token it crosses tenants: a key says nothing of the tenant that it
    /// belongs to.
    async fn api_key(&self, hash: &TokenHash) -> Result<Option<ApiKey>>;

    /// All keys of a tenant, in the order of their ids.
    async fn api_keys(&self, tenant: TenantId) -> Result<Vec<ApiKey>>;
}

/// Changing keys.
#[async_trait]
pub trait KeyWrites: KeyReads {
    /// Stores a new key under the hash of its text.
    async fn insert_api_key(&mut self, key: &ApiKey, hash: &TokenHash) -> Result<()>;

    /// Removes a key. Tells whether it was there.
    async fn delete_api_key(&mut self, tenant: TenantId, id: ApiKeyId) -> Result<bool>;

    /// Removes the keys that an account owns; tells which there were, by their ids.
    async fn delete_api_keys_of_user(&mut self, tenant: TenantId, user: UserId) -> Result<Vec<ApiKeyId>>;
}
