//! Sign-ins and the tokens that come of them.

use crate::{SessionId, TenantId, Timestamp, UserId, change::words};

/// SHA-256 of a token. Only this is kept: who reads the store cannot sign in with it.
pub type TokenHash = [u8; 32];

words! {
    /// What a session is for.
    SessionKind {
        /// A person or program signed in with name and password.
        Password = "password",
        /// The password was right and a one-time code is still awaited.
        AwaitingCode = "awaiting_code",
        /// A link to reset a password was sent.
        Reset = "reset",
    }
}

words! {
    /// What a token opens.
    TokenPurpose {
        /// Requests.
        Access = "access",
        /// A new pair of tokens, once.
        Refresh = "refresh",
        /// The second step of a sign-in.
        Challenge = "challenge",
        /// Setting a new password, once.
        Reset = "reset",
    }
}

/// One sign-in. All tokens that descend from it end with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The tenant of the account.
    pub tenant: TenantId,
    /// Its id.
    pub id: SessionId,
    /// The account.
    pub user: UserId,
    /// What it is for.
    pub kind: SessionKind,
    /// The tenant that a system administrator has switched to.
    pub acting_in: Option<TenantId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends at the latest, however often it is refreshed.
    pub expires_at: Timestamp,
    /// SHA-256 of the one-time code that is awaited, and how many tries are left.
    pub code: Option<(TokenHash, i64)>,
}

/// A token of a session, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The tenant of the session.
    pub tenant: TenantId,
    /// The session.
    pub session: SessionId,
    /// SHA-256 of the token.
    pub hash: TokenHash,
    /// What it opens.
    pub purpose: TokenPurpose,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used, for one that serves once.
    pub used_at: Option<Timestamp>,
}
