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

    /// The named sessions of a user with the hashes of their access tokens, by their ids, whatever their age.
    async fn api_tokens(&self, tenant: TenantId, user: UserId) -> Result<Vec<(TokenHash, Session)>>;

    /// The session of this id, whatever its age.
    async fn session(&self, tenant: TenantId, id: SessionId) -> Result<Option<Session>>;
}

/// Changing sessions.
#[async_trait]
pub trait SessionWrites: SessionReads {
    /// Stores a new session.
    ///
    /// # Errors
    /// `Taken(ApiToken, Name)` when another of the user's has its name.
    async fn insert_session(&mut self, session: &Session) -> Result<()>;

    /// Stores a changed session: kind, tenant acted in, end, idle time, code.
    async fn update_session(&mut self, session: &Session) -> Result<()>;

    /// Moves the end of a session to a later one. Tells whether the session was there.
    async fn renew_session(&mut self, tenant: TenantId, id: SessionId, expires_at: Timestamp)
    -> Result<bool>;

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

    /// Removes sessions and tokens of the transaction's tenant that have ended before `now`; gives how many rows went. A
    /// session with an idle time is kept for a tenth of it longer: its last uses may not be written down.
    async fn purge_sessions(&mut self, now: Timestamp) -> Result<u64>;
}
