//! What the SIP edge asks about trunks.

use jackfield_domain::{Provider, ProviderId, Result, Secret, TenantId};

use crate::{Directory, secrets::Sealed};

/// A trunk with what is needed to use it. Its [`Debug`](std::fmt::Debug) output does not show the secrets.
#[derive(Clone)]
pub struct Trunk {
    /// The trunk.
    pub provider: Provider,
    /// The SIP domain of its tenant.
    pub domain: String,
    /// The password at the provider; empty for none.
    pub password: Secret,
    /// The user part of the address that the provider is given to send calls to. It is made of the key of the installation,
    /// so it stays the same and nobody else can guess it.
    pub line: String,
}

impl std::fmt::Debug for Trunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trunk")
            .field("tenant", &self.provider.tenant)
            .field("id", &self.provider.id)
            .field("name", &self.provider.name)
            .finish_non_exhaustive()
    }
}

impl Directory {
    /// A trunk that calls may take now: none when it is disabled or gone.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable); [`Internal`](jackfield_domain::Error::Internal) when its password does not open.
    pub async fn trunk(&self, tenant: TenantId, id: ProviderId) -> Result<Option<Trunk>> {
        match self.store().provider(tenant, id).await? {
            Some(provider) if provider.settings.enabled => Ok(Some(self.opened(provider).await?)),
            _ => Ok(None),
        }
    }

    async fn opened(&self, provider: Provider) -> Result<Trunk> {
        let (tenant, id) = (provider.tenant, provider.id);
        let sealed = &provider.password.0;
        let password = if sealed.is_empty() {
            String::new()
        } else {
            self.sealer()
                .open(Sealed::Trunk, tenant.get(), id.get(), sealed)?
        };
        Ok(Trunk {
            domain: self.known_tenant(tenant).await?.domain.clone(),
            password: Secret::new(password),
            line: hex::encode(self.sealer().line_code(tenant.get(), id.get())),
            provider,
        })
    }
}
