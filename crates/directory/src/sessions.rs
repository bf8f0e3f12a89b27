//! Who is behind a token.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{
    Caller, ChangeType, Error, Grant, Kind, Result, Session, SessionKind, TenantId, Thing, Timestamp,
    TokenPurpose, capability::ManageTenants,
};

use crate::{Directory, cache::Stamp, policy, secrets::token_hash, work::in_work};

/// A caller as this process remembers him: while none of the records he was made of has changed.
#[derive(Clone)]
pub(crate) struct RememberedCaller {
    caller: Arc<Caller>,
    ends_at: Timestamp,
    stamps: [Stamp; 4],
}

impl Directory {
    /// The caller behind an access token.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the token is unknown or has ended, or its account or tenant is disabled or gone.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<Caller>> {
        let hash = token_hash(token);
        let now = self.now();
        if let Some(known) = self.inner.callers.get(&hash) {
            if now >= known.ends_at {
                return Err(Error::Unauthenticated);
            }
            if known
                .stamps
                .iter()
                .all(|stamp| self.inner.stamps.is_current(*stamp))
            {
                return Ok(known.caller);
            }
        }
        let remembered = self.load_caller(&hash, now).await?;
        let caller = Arc::clone(&remembered.caller);
        self.inner.callers.insert(hash, remembered);
        Ok(caller)
    }

    async fn load_caller(
        &self,
        hash: &jackfield_domain::TokenHash,
        now: Timestamp,
    ) -> Result<RememberedCaller> {
        let (_, session) = self.store().token(hash).await?.ok_or(Error::Unauthenticated)?;
        let stamps = |session: &Session| {
            let stamps = &self.inner.stamps;
            [
                stamps.take(session.tenant, Kind::Session, session.id.get()),
                stamps.take(session.tenant, Kind::User, session.user.get()),
                stamps.take(session.tenant, Kind::Role, 0),
                stamps.take(
                    TenantId::SYSTEM,
                    Kind::Tenant,
                    session.acting_in.unwrap_or(session.tenant).get(),
                ),
            ]
        };
        let before = stamps(&session);
        // Which stamps to take is only known from the session, so it is read again after they are taken.
        let (token, session) = match self.store().token(hash).await? {
            Some((token, again)) if again == session => (token, again),
            _ => return Err(Error::Unauthenticated),
        };
        let ends_at = token.expires_at.min(session.expires_at);
        if token.purpose != TokenPurpose::Access || session.kind != SessionKind::Password || now >= ends_at {
            return Err(Error::Unauthenticated);
        }
        let user = self
            .store()
            .user(session.tenant, session.user)
            .await?
            .ok_or(Error::Unauthenticated)?;
        if !user.enabled {
            return Err(Error::Unauthenticated);
        }
        let mut acting_in = session.acting_in;
        if session.tenant.is_system() {
            if let Some(tenant) = acting_in
                && self.store().tenant(tenant).await?.is_none()
            {
                acting_in = None;
            }
        } else {
            let tenant = self
                .store()
                .tenant(session.tenant)
                .await?
                .ok_or(Error::Unauthenticated)?;
            if !tenant.enabled {
                return Err(Error::Unauthenticated);
            }
        }
        let permissions = policy::permissions_of(self.store().as_reads(), &user).await?;
        let caller = Arc::new(Caller {
            home: session.tenant,
            user: Some(session.user),
            engine: None,
            session: Some(session.id),
            acting_in,
            role: user.role,
            permissions,
            must_change_password: user.must_change_password,
            ends_at: Some(ends_at),
        });
        Ok(RememberedCaller {
            caller,
            ends_at,
            stamps: before,
        })
    }

    /// How long the token still serves that the caller's request came with.
    pub fn time_left(&self, caller: &Caller) -> Duration {
        caller
            .ends_at
            .map_or(Duration::ZERO, |ends_at| ends_at.since(self.now()))
    }

    /// Ends the caller's session with all its tokens.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when he has none.
    pub async fn sign_out(&self, caller: &Arc<Caller>) -> Result<()> {
        let session = caller.session.ok_or(Error::Unauthenticated)?;
        in_work!(self, caller.home, caller.actor(), |work| {
            if work.delete_session(caller.home, session).await? {
                work.journal(Kind::Session, session.get(), ChangeType::Deleted)
                    .await?;
            }
        })
    }

    /// Lets the session of a system administrator act in a tenant; without one, leaves it.
    ///
    /// # Errors
    /// `Absent(Tenant)`.
    pub async fn switch_tenant(&self, grant: &Grant<ManageTenants>, tenant: Option<TenantId>) -> Result<()> {
        let caller = grant.caller();
        let (id, user) = (
            caller.session.ok_or(Error::Unauthenticated)?,
            caller.user.ok_or(Error::Unauthenticated)?,
        );
        in_work!(self, caller.home, caller.actor(), |work| {
            if let Some(tenant) = tenant
                && work.tenant(tenant).await?.is_none()
            {
                return Err(Error::Absent(Thing::Tenant));
            }
            let mut session = work
                .session(caller.home, id)
                .await?
                .ok_or(Error::Unauthenticated)?;
            if session.user != user {
                return Err(Error::Unauthenticated);
            }
            session.acting_in = tenant;
            work.update_session(&session).await?;
            work.journal(Kind::Session, id.get(), ChangeType::Updated).await?;
        })
    }
}
