//! Who is behind a token.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jackfield_domain::{
    Caller, ChangeType, Error, Grant, Kind, Result, Session, TenantId, Thing, Timestamp, TokenPurpose,
    capability::ManageTenants, renewal_slack,
};

use crate::{Directory, cache::Stamp, policy, secrets::token_hash, work::in_work};

/// A caller as this process remembers him: while none of the records he was made of has changed.
#[derive(Clone)]
pub(crate) struct RememberedCaller {
    caller: Arc<Caller>,
    ends_at: Timestamp,
    stamps: [Stamp; 4],
    uses: Option<Arc<Uses>>,
}

/// The uses of a session that ends when none comes for a while, as this process knows them.
struct Uses {
    idle: Duration,
    /// The last one that this process served.
    last: AtomicI64,
    /// The last one that is in the store.
    written: AtomicI64,
}

impl Uses {
    fn last(&self) -> Timestamp {
        Timestamp::from_micros(self.last.load(Ordering::Acquire))
    }

    fn end(&self) -> Timestamp {
        self.last().plus(self.idle)
    }

    /// Notes a use. Tells whether it has to be written down, which is then up to this caller and to no other.
    fn note(&self, now: Timestamp) -> bool {
        self.last.fetch_max(now.as_micros(), Ordering::AcqRel);
        let written = self.written.load(Ordering::Acquire);
        now.since(Timestamp::from_micros(written)) > renewal_slack(self.idle)
            && self
                .written
                .compare_exchange(written, now.as_micros(), Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
    }
}

impl Directory {
    /// The caller behind an access token. A session that ends when it is idle lives on from this moment.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the token is unknown or has ended, or its account or tenant is disabled or gone.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<Caller>> {
        let hash = token_hash(token);
        let now = self.now();
        let mut last_use = None;
        if let Some(known) = self.inner.callers.get(&hash) {
            last_use = known.uses.as_ref().map(|uses| uses.last());
            let ended = now >= known.uses.as_ref().map_or(known.ends_at, |uses| uses.end());
            if ended && known.uses.is_none() {
                return Err(Error::Unauthenticated);
            }
            // An idle session that has ended here may have been used elsewhere: the store knows.
            let current = known
                .stamps
                .iter()
                .all(|stamp| self.inner.stamps.is_current(*stamp));
            if current && !ended {
                return self.used(known, now).await;
            }
        }
        let remembered = self.load_caller(&hash, now, last_use).await?;
        self.inner.callers.insert(hash, remembered.clone());
        self.used(remembered, now).await
    }

    /// Notes that a session was used, and writes it down when that is due.
    async fn used(&self, known: RememberedCaller, now: Timestamp) -> Result<Arc<Caller>> {
        let caller = known.caller;
        let (Some(uses), Some(session)) = (known.uses, caller.session) else {
            return Ok(caller);
        };
        let before = uses.written.load(Ordering::Acquire);
        if uses.note(now) {
            let renewed: Result<bool> = in_work!(self, caller.home, caller.actor().actor, |work| {
                work.renew_session(caller.home, session, now.plus(uses.idle))
                    .await?
            });
            match renewed {
                Ok(true) => {}
                // It was ended a moment ago.
                Ok(false) => return Err(Error::Unauthenticated),
                // A store that cannot be written to is no reason to turn anybody away who may come in.
                Err(error) => {
                    uses.written.store(before, Ordering::Release);
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the use of a session could not be written down"
                    );
                }
            }
        }
        Ok(caller)
    }

    async fn load_caller(
        &self,
        hash: &jackfield_domain::TokenHash,
        now: Timestamp,
        last_use: Option<Timestamp>,
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
            Some((token, again)) if again.user == session.user && again.acting_in == session.acting_in => {
                (token, again)
            }
            _ => return Err(Error::Unauthenticated),
        };
        let noted = session
            .idle
            .zip(session.written_use())
            .map(|(idle, written)| Uses {
                idle,
                last: AtomicI64::new(last_use.map_or(written, |last| last.max(written)).as_micros()),
                written: AtomicI64::new(written.as_micros()),
            });
        let end = noted.as_ref().map_or(session.expires_at, Uses::end);
        let ends_at = token.expires_at.min(end);
        if token.purpose != TokenPurpose::Access || !session.kind.opens_requests() || now >= ends_at {
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
        let read_only = policy::may_only_look(self.store().as_reads(), &user).await?;
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
            read_only,
            application: None,
        });
        Ok(RememberedCaller {
            caller,
            ends_at,
            stamps: before,
            uses: noted.map(Arc::new),
        })
    }

    /// How long the token still serves that the caller's request came with, if no other request renews it.
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
        // Leaving is for everybody, for who may only look too.
        in_work!(self, caller.home, caller.actor().actor, |work| {
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
