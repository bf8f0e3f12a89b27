//! What answers about a user need of his tenant, and what an account may know of itself and of nobody else.

use std::sync::Arc;

use jackfield_domain::{Denial, Error, Owner, Result, TenantId};

use crate::{Directory, policy, secrets::Sealed};

/// What answers about users need of their tenant. Nothing in it is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TenantFacts {
    /// Its SIP domain.
    pub domain: String,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// Its region, ISO 3166.
    pub region: String,
    /// Its time zone, an IANA name.
    pub timezone: String,
    /// Whether a password alone does not open a session.
    pub demands_code: bool,
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
        let known = self.known_tenant(tenant).await?;
        Ok(Arc::new(TenantFacts {
            domain: known.domain.clone(),
            currency: known.currency.clone(),
            region: known.region.clone(),
            timezone: known.timezone.clone(),
            demands_code: known.settings.enable_two_factor_authentication,
        }))
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
