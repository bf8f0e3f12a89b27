//! What answers about a user need of his tenant, and what an account may know of itself and of nobody else.

use std::sync::Arc;

use jackfield_domain::{Denial, Error, Kind, Owner, Result, TenantId, Thing};

use crate::{Directory, cache::Stamp, policy, secrets::Sealed};

/// What answers about users need of their tenant. Nothing in it is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TenantFacts {
    /// Its SIP domain.
    pub domain: String,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// Its region, ISO 3166.
    pub region: String,
    /// Whether a password alone does not open a session.
    pub demands_code: bool,
}

/// The same as this process remembers it: while the tenant has not changed.
#[derive(Clone)]
pub(crate) struct RememberedFacts {
    facts: Arc<TenantFacts>,
    stamp: Stamp,
}

/// What a SIP device of an extension signs in with. Its [`Debug`](std::fmt::Debug) output does not show the password.
#[derive(Clone, PartialEq, Eq)]
pub struct SipAccount {
    /// The number of the extension.
    pub number: String,
    /// Its password, in clear.
    pub password: String,
}

impl std::fmt::Debug for SipAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SipAccount")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Directory {
    /// What answers about the users of a tenant need of it; nothing but defaults for the installation itself.
    ///
    /// # Errors
    /// `Absent(Tenant)` when it has just been destroyed.
    pub async fn tenant_facts(&self, tenant: TenantId) -> Result<Arc<TenantFacts>> {
        if tenant.is_system() {
            return Ok(Arc::default());
        }
        if let Some(known) = self.inner.tenants.get(&tenant)
            && self.inner.stamps.is_current(known.stamp)
        {
            return Ok(known.facts);
        }
        let stamp = self
            .inner
            .stamps
            .take(TenantId::SYSTEM, Kind::Tenant, tenant.get());
        let found = self
            .store()
            .tenant(tenant)
            .await?
            .ok_or(Error::Absent(Thing::Tenant))?;
        let facts = Arc::new(TenantFacts {
            domain: found.domain,
            currency: found.currency,
            region: found.region,
            demands_code: found.settings.enable_two_factor_authentication,
        });
        let remembered = RememberedFacts {
            facts: Arc::clone(&facts),
            stamp,
        };
        self.inner.tenants.insert(tenant, remembered);
        Ok(facts)
    }

    /// What the caller's own SIP devices sign in with; none without an extension.
    ///
    /// # Errors
    /// [`Error::Denied`] for anybody else's; `Absent(User)`.
    pub async fn own_sip_account(&self, owner: &Owner) -> Result<Option<SipAccount>> {
        if !owner.is_own() {
            return Err(Error::Denied(Denial::Permission));
        }
        let (reads, tenant) = (self.store().as_reads(), owner.tenant());
        let user = policy::existing_user(reads, tenant, owner.user()).await?;
        let (Some(id), Some(number)) = (user.extension, user.extension_number) else {
            return Ok(None);
        };
        let Some(secrets) = self.store().extension_secrets(tenant, id).await? else {
            return Ok(None);
        };
        let sealed = &secrets.sealed_password;
        let password = self
            .sealer()
            .open(Sealed::ExtensionPassword, tenant.get(), id.get(), sealed)?;
        Ok(Some(SipAccount { number, password }))
    }
}
