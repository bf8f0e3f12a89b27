//! Sign-ins and the tokens that come of them.

use std::time::Duration;

use crate::{Field, Rule, SessionId, TenantId, Timestamp, UserId, Violations, change::words, limits};

/// SHA-256 of a token. Only this is kept: who reads the store cannot sign in with it.
pub type TokenHash = [u8; 32];

words! {
    /// What a session is for.
    SessionKind {
        /// A person or program signed in with name and password.
        Password = "password",
        /// A person or program signed in, for as long as requests keep coming.
        Idle = "idle",
        /// A program's own token, under a name, made by somebody who was signed in.
        ApiToken = "api_token",
        /// The password was right and a one-time code is still awaited.
        AwaitingCode = "awaiting_code",
        /// A link to reset a password was sent.
        Reset = "reset",
    }
}

impl SessionKind {
    /// Whether the access tokens of such a session open requests.
    pub const fn opens_requests(self) -> bool {
        matches!(self, Self::Password | Self::Idle | Self::ApiToken)
    }
}

/// How long a session of the kind [`Idle`](SessionKind::Idle) lives without a request.
pub const IDLE_SESSION: Duration = Duration::from_mins(30);

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
    /// When it ends: at the latest and however often it is refreshed, or, for one with an idle time, that time after the
    /// last use that was written down.
    pub expires_at: Timestamp,
    /// How long it lives without a request; none when its end is fixed.
    pub idle: Option<Duration>,
    /// What its owner calls it; unique among his. Only API tokens have a name.
    pub name: Option<String>,
    /// SHA-256 of the one-time code that is awaited, and how many tries are left.
    pub code: Option<(TokenHash, i64)>,
}

impl Session {
    /// The last use that was written down; none when the end is fixed.
    pub fn written_use(&self) -> Option<Timestamp> {
        self.idle.map(|idle| self.expires_at.minus(idle))
    }
}

/// How far the last use that is written down may lie behind the real one: a tenth of the idle time. Writing down every use
/// would cost a durable write a request; so a process that did not see the later uses (another node, or this one after a
/// restart) ends the session up to this much early. Nobody ends it late.
pub fn renewal_slack(idle: Duration) -> Duration {
    idle / 10
}

/// An API token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiToken {
    /// What its owner calls it; unique among his.
    pub name: String,
    /// How many seconds it lives without a request; 0 for ever.
    pub idle_seconds: i64,
}

impl NewApiToken {
    /// Every rule that it breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        found.length(Field::Name, &self.name, limits::API_TOKEN_NAME);
        if self.name.chars().any(char::is_control) || self.name.trim() != self.name {
            found.add(
                Field::Name,
                Rule::Form("a name without control characters or spaces at its ends"),
            );
        }
        let idle = limits::API_TOKEN_IDLE_SECONDS;
        if self.idle_seconds != 0 && !idle.contains(&self.idle_seconds) {
            found.add(
                Field::IdleSeconds,
                Rule::Other(format!(
                    "must be 0 for a token that does not end, or between {} and {} seconds",
                    idle.start(),
                    idle.end()
                )),
            );
        }
        found
    }

    /// The idle time; none for a token that does not end.
    pub fn idle(&self) -> Option<Duration> {
        u64::try_from(self.idle_seconds)
            .ok()
            .filter(|seconds| *seconds > 0)
            .map(Duration::from_secs)
    }
}

/// An API token as its owner sees it. The token itself is not kept and cannot be shown again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Names the token in lists and for its removal; opens nothing.
    pub handle: String,
    /// What its owner calls it.
    pub name: String,
    /// How long it lives without a request; none for ever.
    pub idle: Option<Duration>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends unless it is used; none for never. A tenth of the idle time may be missing, see [`renewal_slack`].
    pub ends_at: Option<Timestamp>,
}

/// A value of an API token that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `ApiToken`")]
pub enum ApiTokenField {
    Handle,
    Name,
    CreatedAt,
}

impl crate::Queried for ApiTokenField {
    fn kind(self) -> crate::ValueKind {
        match self {
            Self::Handle | Self::Name => crate::ValueKind::Text,
            Self::CreatedAt => crate::ValueKind::Time,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_tokens_are_judged() {
        let new = |name: &str, idle_seconds| NewApiToken {
            name: name.into(),
            idle_seconds,
        };
        for (name, seconds, good) in [
            ("crm", 0, true),
            ("crm", 60, true),
            ("crm", 315_360_000, true),
            ("crm", 59, false),
            ("crm", -1, false),
            ("crm", 315_360_001, false),
            ("", 60, false),
            (" crm", 60, false),
            ("a\nb", 60, false),
        ] {
            assert_eq!(new(name, seconds).check().is_empty(), good, "{name:?} {seconds}");
        }
        assert_eq!(new("crm", 0).idle(), None);
        assert_eq!(new("crm", 600).idle(), Some(Duration::from_mins(10)));
    }
}
