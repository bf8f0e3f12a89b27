//! Sessions and their tokens.

use async_trait::async_trait;
use jackfield_domain::{Session, SessionId, TenantId, Timestamp, Token, TokenHash, UserId};

use crate::Result;

/// Reading sessions.
#[async_trait]
pub trait SessionReads: Send + Sync {
    /// The token of this hash and its session, whatever their age. The one question that crosses tenants: a token says
    /// nothing of the tenant that it belongs to.
    async fn token(&self, hash: &TokenHash) -> Result<Option<(Token, Session)>>;

    /// The session of this id, whatever its age.
    async fn session(&self, tenant: TenantId, id: SessionId) -> Result<Option<Session>>;
}

/// Changing sessions.
#[async_trait]
pub trait SessionWrites: SessionReads {
    /// Stores a new session.
    async fn insert_session(&mut self, session: &Session) -> Result<()>;

    /// Stores a changed session: kind, tenant acted in, end, code.
    async fn update_session(&mut self, session: &Session) -> Result<()>;

    /// Removes a session and its tokens. Tells whether it was there.
    async fn delete_session(&mut self, tenant: TenantId, id: SessionId) -> Result<bool>;

    /// Removes all sessions of a user but perhaps one; gives the ids of those removed.
    async fn delete_sessions_of_user(
        &mut self,
        tenant: TenantId,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<Vec<SessionId>>;

    /// Stores a new token.
    async fn insert_token(&mut self, token: &Token) -> Result<()>;

    /// Marks a token as used. Tells whether it was unused until now.
    async fn use_token(&mut self, tenant: TenantId, hash: &TokenHash, now: Timestamp) -> Result<bool>;

    /// Removes sessions and tokens of the transaction's tenant that have ended before `now`; gives how many rows went.
    async fn purge_sessions(&mut self, now: Timestamp) -> Result<u64>;
}
