//! Programs of others, what they were allowed, and their tokens.

use async_trait::async_trait;
use jackfield_domain::{
    Application, ApplicationId, Authorization, AuthorizationId, AuthorizationToken, TenantId, Timestamp,
    TokenHash, UserId,
};

use crate::Result;

/// Reading programs and their authorizations.
#[async_trait]
pub trait ApplicationReads: Send + Sync {
    /// The program that is known outside by this id, with the hash of its secret. It crosses tenants: the id says nothing of
    /// the tenant.
    async fn application_by_client_id(&self, client_id: &str) -> Result<Option<(Application, TokenHash)>>;

    /// All programs of a tenant, in the order of their ids.
    async fn applications(&self, tenant: TenantId) -> Result<Vec<Application>>;

    /// The token of this hash with its authorization and the program, whatever their age. It crosses tenants, as the question
    /// for a token of a session does.
    async fn authorization_token(
        &self,
        hash: &TokenHash,
    ) -> Result<Option<(AuthorizationToken, Authorization, Application)>>;
}

/// Changing programs and their authorizations.
#[async_trait]
pub trait ApplicationWrites: ApplicationReads {
    /// Stores a new program under the hash of its secret.
    async fn insert_application(&mut self, application: &Application, secret: &TokenHash) -> Result<()>;

    /// Removes a program with everything that it was allowed. Tells whether it was there.
    async fn delete_application(&mut self, tenant: TenantId, id: ApplicationId) -> Result<bool>;

    /// Stores a new authorization.
    async fn insert_authorization(&mut self, authorization: &Authorization) -> Result<()>;

    /// Moves the end of an authorization. Tells whether it was there.
    async fn prolong_authorization(
        &mut self,
        tenant: TenantId,
        id: AuthorizationId,
        expires_at: Timestamp,
    ) -> Result<bool>;

    /// Removes an authorization and its tokens. Tells whether it was there.
    async fn delete_authorization(&mut self, tenant: TenantId, id: AuthorizationId) -> Result<bool>;

    /// Removes all authorizations by which programs act as a user; gives their ids, ascending.
    async fn delete_authorizations_of_user(
        &mut self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Vec<AuthorizationId>>;

    /// Stores a new token.
    async fn insert_authorization_token(&mut self, token: &AuthorizationToken) -> Result<()>;

    /// Marks a token as used. Tells whether it was unused until now.
    async fn use_authorization_token(
        &mut self,
        tenant: TenantId,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<bool>;

    /// Removes authorizations of the transaction's tenant that have ended before `now`, and access tokens that have. A refresh
    /// token that was used stays as long as its authorization: if it comes again, it was copied.
    async fn purge_authorizations(&mut self, now: Timestamp) -> Result<()>;
}
