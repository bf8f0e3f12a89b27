//! Who is behind the access token of a program.

use std::sync::Arc;

use jackfield_domain::{
    AuthorizationTokenKind, Caller, Denial, Error, Kind, Result, TenantId, Timestamp, TokenHash,
};

use crate::{
    Directory,
    cache::Stamp,
    policy,
    secrets::{PROGRAM_PREFIX, token_hash},
};

/// A program's caller as this process remembers him: while none of the records he was made of has changed.
#[derive(Clone)]
pub(crate) struct RememberedProgram {
    caller: Arc<Caller>,
    ends_at: Timestamp,
    stamps: [Stamp; 5],
}

impl Directory {
    /// Whether a text has the form of a program's token. No token of a session has, and no key.
    pub fn is_program_token(text: &str) -> bool {
        text.starts_with(PROGRAM_PREFIX)
    }

    /// The user whom a program acts as, by its access token. Such a token is no session: it opens only what asks for it here.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the token is unknown or has ended; [`Denial::UserDisabled`], [`Denial::TenantDisabled`].
    pub async fn authenticate_program(&self, token: &str) -> Result<Arc<Caller>> {
        if !Self::is_program_token(token) {
            return Err(Error::Unauthenticated);
        }
        let (hash, now) = (token_hash(token), self.now());
        if let Some(known) = self.inner.programs.get(&hash)
            && known
                .stamps
                .iter()
                .all(|stamp| self.inner.stamps.is_current(*stamp))
        {
            return if now < known.ends_at {
                Ok(known.caller)
            } else {
                Err(Error::Unauthenticated)
            };
        }
        let remembered = self.load_program(&hash, now).await?;
        let caller = Arc::clone(&remembered.caller);
        self.inner.programs.insert(hash, remembered);
        Ok(caller)
    }

    async fn load_program(&self, hash: &TokenHash, now: Timestamp) -> Result<RememberedProgram> {
        let found = self.store().authorization_token(hash).await?;
        let (_, authorization, application) = found.ok_or(Error::Unauthenticated)?;
        let (tenant, user) = (authorization.tenant, authorization.user);
        let take = |tenant, kind, record| self.inner.stamps.take(tenant, kind, record);
        let stamps = [
            take(tenant, Kind::Authorization, authorization.id.get()),
            take(tenant, Kind::Application, application.id.get()),
            take(tenant, Kind::User, user.get()),
            take(tenant, Kind::Role, 0),
            take(TenantId::SYSTEM, Kind::Tenant, tenant.get()),
        ];
        // Which stamps to take is only known from the token, so it is read again after they are taken.
        let (token, application) = match self.store().authorization_token(hash).await? {
            Some((token, again, application)) if again.id == authorization.id => (token, application),
            _ => return Err(Error::Unauthenticated),
        };
        if token.kind != AuthorizationTokenKind::Access || now >= token.expires_at {
            return Err(Error::Unauthenticated);
        }
        let company = self.store().tenant(tenant).await?.ok_or(Error::Unauthenticated)?;
        if !company.enabled {
            return Err(Error::Denied(Denial::TenantDisabled));
        }
        let user = self
            .store()
            .user(tenant, user)
            .await?
            .ok_or(Error::Unauthenticated)?;
        if !user.enabled {
            return Err(Error::Denied(Denial::UserDisabled));
        }
        let caller = Caller {
            home: tenant,
            user: Some(user.id),
            engine: None,
            session: None,
            acting_in: None,
            permissions: policy::permissions_of(self.store().as_reads(), &user).await?,
            read_only: policy::may_only_look(self.store().as_reads(), &user).await?,
            application: Some(application.access),
            role: user.role,
            must_change_password: user.must_change_password,
            ends_at: Some(token.expires_at),
        };
        Ok(RememberedProgram {
            caller: Arc::new(caller),
            ends_at: token.expires_at,
            stamps,
        })
    }
}
