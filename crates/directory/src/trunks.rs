//! What the SIP edge asks about trunks.

use std::{collections::HashMap, time::Duration};

use jackfield_domain::{
    Actor, Error, Grant, Provider, ProviderId, Result, Secret, TenantId, Thing, TrunkAuth, TrunkBinding,
    capability::ViewTrunks, text::country_code,
};
use jackfield_store::TrunkHold;

use crate::{Directory, secrets::Sealed, work::in_work};

/// For how long a process keeps a trunk that it does not speak of again.
const HOLD: Duration = Duration::from_mins(1);

/// A trunk with what is needed to use it. Its [`Debug`](std::fmt::Debug) output does not show the secrets.
#[derive(Clone)]
pub struct Trunk {
    /// The trunk.
    pub provider: Provider,
    /// The SIP domain of its tenant.
    pub domain: String,
    /// The country of its tenant, an ISO 3166-1 alpha-2 code: how numbers are written there.
    pub country: String,
    /// The password at the provider, or that of the provider here; empty for none.
    pub password: Secret,
    /// Where the provider is, when it registered here.
    pub binding: Option<TrunkBinding>,
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
            Some(provider) if provider.settings.enabled => {
                let binding = if provider.accepts_registration() {
                    self.store().trunk_binding(tenant, id, self.now()).await?
                } else {
                    None
                };
                Ok(Some(self.opened(provider, binding).await?))
            }
            _ => Ok(None),
        }
    }

    /// The trunks for telephony of all tenants that may use theirs now. One whose password does not open is left out, and the log says so.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn trunks(&self) -> Result<Vec<Trunk>> {
        let mut trunks = Vec::new();
        let bindings = self.store().trunk_bindings(self.now()).await?;
        let mut bindings: HashMap<_, _> = bindings
            .into_iter()
            .map(|one| ((one.tenant, one.provider), one))
            .collect();
        for provider in self.store().enabled_providers().await? {
            let (tenant, id) = (provider.tenant, provider.id);
            if matches!(provider.auth_mode, TrunkAuth::WhatsApp | TrunkAuth::Teams) {
                continue;
            }
            match self.known_tenant(tenant).await {
                Ok(known) if known.enabled && known.settings.enable_feature_trunks => {}
                // It went away in between.
                Ok(_) | Err(Error::Absent(Thing::Tenant)) => continue,
                Err(error) => return Err(error),
            }
            match self.opened(provider, bindings.remove(&(tenant, id))).await {
                Ok(trunk) => trunks.push(trunk),
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    %tenant, %id,
                    "a trunk is left out"
                ),
            }
        }
        Ok(trunks)
    }

    /// Gives a process the right to keep a trunk registered, or renews it, for a minute, and notes for how long the provider has the
    /// registration. False when another process has the right, or the trunk is gone.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn hold_trunk(
        &self,
        tenant: TenantId,
        id: ProviderId,
        edge: &str,
        registered_for: Duration,
    ) -> Result<bool> {
        in_work!(self, tenant, Actor::SYSTEM, |work| {
            let now = work.now();
            let hold = TrunkHold {
                tenant,
                provider: id,
                edge: edge.to_owned(),
                held_until: now.plus(HOLD),
                registered_until: now.plus(registered_for),
            };
            work.provider(tenant, id).await?.is_some() && work.hold_trunk(&hold, now).await?
        })
    }

    /// Ends the right of a process to keep a trunk registered, so that another one may begin at once.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn release_trunk(&self, tenant: TenantId, id: ProviderId, edge: &str) -> Result<()> {
        in_work!(self, tenant, Actor::SYSTEM, |work| {
            work.release_trunk(tenant, id, edge).await?;
        })
    }

    /// Whether calls can take a trunk now: it is enabled and, when it is one that registers, the provider has the registration, or its
    /// provider is registered here; one that is asked for signs of life has to have given the last one, when anybody asks.
    ///
    /// # Errors
    /// `Absent(Provider)`.
    pub async fn trunk_is_online(&self, grant: &Grant<ViewTrunks>, id: ProviderId) -> Result<bool> {
        let provider = self.provider(grant, id).await?;
        let settings = &provider.settings;
        if provider.accepts_registration() {
            let bound = self.store().trunk_binding(grant.tenant(), id, self.now()).await?;
            return Ok(settings.enabled && bound.is_some());
        }
        if !settings.enabled || !(provider.registers() || provider.signs_of_life().is_some()) {
            return Ok(settings.enabled);
        }
        let now = self.now();
        let hold = self.store().trunk_hold(grant.tenant(), id).await?;
        let hold = hold.filter(|hold| hold.held_until > now);
        Ok(hold.map_or(!provider.registers(), |hold| hold.registered_until > now))
    }

    /// The password of a trunk; empty for none.
    pub(crate) fn trunk_password(&self, provider: &Provider) -> Result<Secret> {
        let (tenant, id) = (provider.tenant, provider.id);
        let sealed = &provider.password.0;
        let password = if sealed.is_empty() {
            String::new()
        } else {
            self.sealer()
                .open(Sealed::Trunk, tenant.get(), id.get(), sealed)?
        };
        Ok(Secret::new(password))
    }

    async fn opened(&self, provider: Provider, binding: Option<TrunkBinding>) -> Result<Trunk> {
        let (tenant, id) = (provider.tenant, provider.id);
        let known = self.known_tenant(tenant).await?;
        Ok(Trunk {
            domain: known.domain.clone(),
            country: country_code(&known.region).to_owned(),
            password: self.trunk_password(&provider)?,
            binding,
            line: hex::encode(self.sealer().line_code(tenant.get(), id.get())),
            provider,
        })
    }
}
