//! What the SIP edge asks: who an address of record is, and what binds his devices.

use std::{sync::Arc, time::Duration};

use jackfield_domain::{
    Actor, Kind, NewRegistration, Registration, Result, SipRoute, TenantId, Timestamp, UserId, limits,
};

use crate::{
    Directory,
    cache::Stamp,
    renewals,
    work::{Work, in_work},
};

/// Whom a number at a domain belongs to, and what its devices prove themselves with. Its [`Debug`](std::fmt::Debug) output
/// does not show the secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct SipIdentity {
    /// The tenant.
    pub tenant: TenantId,
    /// The user whose extension it is.
    pub user: UserId,
    /// The number of the extension.
    pub number: String,
    /// The domain of the tenant, which is the realm of the digests.
    pub domain: String,
    /// Whether both the user and his tenant are enabled.
    pub enabled: bool,
    /// MD5 of `number:domain:password`.
    pub ha1_md5: Vec<u8>,
    /// SHA-256 of the same.
    pub ha1_sha256: Vec<u8>,
    /// The versions of the tenant and of the user that this was made of.
    versions: (i64, i64),
}

impl std::fmt::Debug for SipIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SipIdentity")
            .field("tenant", &self.tenant)
            .field("user", &self.user)
            .field("number", &self.number)
            .field("domain", &self.domain)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// Who has a number, as calls show him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallingCard {
    /// The user.
    pub user: UserId,
    /// What he is called.
    pub name: String,
    /// The domain of his tenant.
    pub domain: String,
}

impl SipIdentity {
    /// Whether what was proved for this identity holds for another one, of the same number at the same domain, too: the user is the
    /// same and so are his secrets.
    pub fn proves(&self, other: &Self) -> bool {
        let who = |one: &Self| (one.tenant, one.user);
        who(self) == who(other) && self.ha1_md5 == other.ha1_md5 && self.ha1_sha256 == other.ha1_sha256
    }
}

/// An identity that a process remembers.
#[derive(Clone)]
pub(crate) struct RememberedIdentity {
    identity: Arc<SipIdentity>,
    stamps: [Stamp; 2],
}

/// One contact that a device wants bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipContact {
    /// What tells it from the others of its user.
    pub instance_id: String,
    /// The address that calls are sent to, as the device wrote it.
    pub contact_address: String,
    /// For how many seconds; 0 ends the binding.
    pub expires: u32,
    /// Its preference, in thousandths.
    pub preference: u16,
    /// Whether it wants to be woken before a call.
    pub enable_push: bool,
}

/// What a device wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binds {
    /// To know what is bound.
    Ask,
    /// Nothing bound any more.
    RemoveAll,
    /// These bound, all or none of them.
    These(Vec<SipContact>),
}

/// A request to bind devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// What it wants.
    pub binds: Binds,
    /// What the device calls itself.
    pub user_agent: String,
    /// The address that it was seen at.
    pub ip: String,
    /// The way to it; its preference is that of each contact.
    pub route: SipRoute,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// It is carried out, and this is bound now, at this moment.
    Now(Vec<Registration>, Timestamp),
    /// The identity has changed since it was read; read it again and prove it anew.
    Changed,
    /// A later request of the same device was carried out already.
    Late,
    /// The user has as many devices as he may.
    Full,
}

impl Directory {
    /// Whom the number at this domain (in lower case) belongs to. None for a number that is nobody's and for an unknown domain.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn sip_identity(&self, domain: &str, number: &str) -> Result<Option<Arc<SipIdentity>>> {
        let key = (domain.to_owned(), number.to_owned());
        if let Some(known) = self.inner.identities.get(&key)
            && known
                .stamps
                .iter()
                .all(|stamp| self.inner.stamps.is_current(*stamp))
        {
            return Ok(Some(known.identity));
        }
        // No row can hold such a text, and PostgreSQL answers a question with it by an error.
        if domain.contains('\0') || number.contains('\0') {
            return Ok(None);
        }
        // Twice at most: the stamps can be taken only when it is known of what.
        let Some(tenant) = self.store().tenant_by_domain(domain).await? else {
            return Ok(None);
        };
        let Some(user) = self.store().user_by_extension(tenant.id, number).await? else {
            return Ok(None);
        };
        let stamps = [
            self.inner.stamps.take(tenant.id, Kind::Tenant, tenant.id.get()),
            self.inner.stamps.take(tenant.id, Kind::User, user.id.get()),
        ];
        let Some(identity) = self.read_identity(domain, number, tenant.id, user.id).await? else {
            return Ok(None);
        };
        let identity = Arc::new(identity);
        let known = RememberedIdentity {
            identity: Arc::clone(&identity),
            stamps,
        };
        self.inner.identities.insert(key, known);
        Ok(Some(identity))
    }

    /// Reads everything after the stamps were taken; none when it was another's meanwhile.
    async fn read_identity(
        &self,
        domain: &str,
        number: &str,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<SipIdentity>> {
        let Some(tenant) = self.store().tenant(tenant).await? else {
            return Ok(None);
        };
        let Some(user) = self.store().user(tenant.id, user).await? else {
            return Ok(None);
        };
        let (Some(extension), Some(own)) = (user.extension, user.extension_number) else {
            return Ok(None);
        };
        if tenant.domain != domain || own != number {
            return Ok(None);
        }
        let Some(secrets) = self.store().extension_secrets(tenant.id, extension).await? else {
            return Ok(None);
        };
        Ok(Some(SipIdentity {
            tenant: tenant.id,
            user: user.id,
            number: own,
            domain: tenant.domain,
            enabled: tenant.enabled && user.enabled,
            ha1_md5: secrets.ha1_md5,
            ha1_sha256: secrets.ha1_sha256,
            versions: (tenant.version, user.version),
        }))
    }

    /// Whom a number of a tenant belongs to, as calls show him; none for a number that no user has.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn calling_card(&self, tenant: TenantId, number: &str) -> Result<Option<CallingCard>> {
        let Some(user) = self.store().user_by_extension(tenant, number).await? else {
            return Ok(None);
        };
        let known = self.known_tenant(tenant).await?;
        Ok(Some(CallingCard {
            user: user.id,
            name: user.display_name,
            domain: known.domain.clone(),
        }))
    }

    /// The devices of a user that are bound now.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn bound_devices(&self, tenant: TenantId, user: UserId) -> Result<Vec<Registration>> {
        Ok(self.store().registrations(tenant, user, self.now()).await?)
    }

    /// Carries out what a device that has proved this identity wants, all of it or nothing (RFC 3261 §10.3). It is on disk when
    /// this returns, unless it only makes bindings go on: then it may follow within the delay (`renewals.rs`).
    ///
    /// # Errors
    /// [`Invalid`](jackfield_domain::Error::Invalid) for what no binding may hold; [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn bind_devices(&self, identity: &SipIdentity, binding: &Binding) -> Result<Bound> {
        let (tenant, user) = (identity.tenant, identity.user);
        if binding.binds == Binds::Ask {
            let now = self.now();
            let mut bound = self.store().registrations(tenant, user, now).await?;
            self.inner.renewals.show(&mut bound);
            return Ok(Bound::Now(bound, now));
        }
        let _turn = self.inner.renewals.turn(tenant, user).await;
        if let Some(bound) = self.renew(identity, binding).await? {
            return Ok(bound);
        }
        // A commit may hold its thread up. Whoever polls this beside other things finds that out here, and lets a task go on with it.
        tokio::task::yield_now().await;
        let open = self.inner.renewals.of(tenant, user);
        // Not every change of a binding is announced.
        self.inner.devices.invalidate(&(tenant, user));
        let (bound, wrote) = in_work!(self, tenant, Actor::SYSTEM, |work| {
            // Judged inside: who was disabled or got another password a moment ago is not bound with what he had before.
            let present = work.user(tenant, user).await?.map(|user| user.version);
            let present = (work.tenant_version(tenant).await?, present);
            if present == (Some(identity.versions.0), Some(identity.versions.1)) && identity.enabled {
                work.renew_registrations(&open).await?;
                (carry_out(&mut work, identity, binding).await?, true)
            } else {
                (Bound::Changed, false)
            }
        })?;
        if wrote {
            self.inner.renewals.written(&open);
        }
        Ok(bound)
    }
}

/// Carries a request out in the tenant's turn. What it leaves undone leaves nothing behind: it is judged before the first row
/// is written.
async fn carry_out(work: &mut Work, identity: &SipIdentity, binding: &Binding) -> Result<Bound> {
    let (tenant, user, now) = (identity.tenant, identity.user, work.now());
    let mut bound = work.registrations(tenant, user, now).await?;
    let follows = |one: &Registration| {
        let route = one.route.as_ref();
        route.is_none_or(|route| route.is_followed_by(&binding.route.call_id, binding.route.cseq))
    };
    let contacts = match &binding.binds {
        Binds::Ask => &[][..],
        Binds::RemoveAll => {
            if !bound.iter().all(follows) {
                return Ok(Bound::Late);
            }
            if work.delete_registrations_of_user(tenant, user).await? > 0 {
                work.announce(Kind::Registrations, user.get()).await?;
            }
            return Ok(Bound::Now(Vec::new(), now));
        }
        Binds::These(contacts) => contacts,
    };
    let (before, mut renewed) = (bound.len(), 0);
    let mut puts: Vec<Registration> = Vec::with_capacity(contacts.len());
    let mut removes = Vec::new();
    for contact in contacts {
        let same = |one: &Registration| one.binding.instance_id == contact.instance_id;
        if !bound.iter().filter(|one| same(one)).all(follows) {
            return Ok(Bound::Late);
        }
        let registration = registration(identity, binding, contact, now);
        registration.binding.check(now).finish()?;
        let goes_on = |one: &Registration| same(one) && renewals::renewal(one, &registration).is_some();
        renewed += usize::from(bound.iter().any(goes_on));
        bound.retain(|one| !same(one));
        puts.retain(|one| !same(one));
        if registration.is_bound(now) {
            puts.push(registration);
        } else {
            removes.push(contact.instance_id.as_str());
        }
    }
    if !puts.is_empty() && bound.len() + puts.len() > limits::REGISTRATIONS {
        return Ok(Bound::Full);
    }
    // A mere renewal is nobody's news, and each telephone renews every few minutes.
    if before != bound.len() + puts.len() || renewed != puts.len() {
        work.announce(Kind::Registrations, user.get()).await?;
    }
    for instance_id in removes {
        work.delete_registration(tenant, user, instance_id).await?;
    }
    for registration in puts {
        work.put_registration(&registration).await?;
        bound.push(registration);
    }
    bound.sort_by(|one, other| one.binding.instance_id.cmp(&other.binding.instance_id));
    Ok(Bound::Now(bound, now))
}

pub(crate) fn registration(
    identity: &SipIdentity,
    binding: &Binding,
    contact: &SipContact,
    now: Timestamp,
) -> Registration {
    Registration {
        tenant: identity.tenant,
        user: identity.user,
        binding: reported(binding, contact, now),
        updated_at: now,
        route: Some(way(binding, contact)),
    }
}

/// What a request says of one of its contacts.
pub(crate) fn reported(binding: &Binding, contact: &SipContact, now: Timestamp) -> NewRegistration {
    NewRegistration {
        instance_id: contact.instance_id.clone(),
        user_agent: binding.user_agent.clone(),
        application: String::new(),
        ip: binding.ip.clone(),
        enable_push: contact.enable_push,
        contact_address: contact.contact_address.clone(),
        expires_at: now.plus(Duration::from_secs(contact.expires.into())),
    }
}

/// The way to one of the contacts of a request.
pub(crate) fn way(binding: &Binding, contact: &SipContact) -> SipRoute {
    SipRoute {
        preference: contact.preference,
        ..binding.route.clone()
    }
}
