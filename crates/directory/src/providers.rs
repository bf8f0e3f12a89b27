//! Trunks to providers.

use jackfield_domain::{
    ChangeType, Error, Grant, Kind, Listing, NewProvider, Provider, ProviderField, ProviderId, ProviderPatch,
    Query, Result, Thing,
    capability::{ManageTrunks, ViewTrunks},
};
use jackfield_store::Sequence;

use crate::{
    Directory,
    call_routes::naming,
    secrets::Sealed,
    trunk_bindings,
    work::{Work, in_work},
};

impl Directory {
    /// The trunks of a tenant as a query asks for them.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_providers(
        &self,
        grant: &Grant<ViewTrunks>,
        query: &Query<ProviderField>,
    ) -> Result<Listing<Provider>> {
        Ok(self.store().list_providers(grant.tenant(), query).await?)
    }

    /// A trunk. Its password stays sealed: nobody but the SIP side of the installation needs it.
    ///
    /// # Errors
    /// `Absent(Provider)`.
    pub async fn provider(&self, grant: &Grant<ViewTrunks>, id: ProviderId) -> Result<Provider> {
        self.store()
            .provider(grant.tenant(), id)
            .await?
            .ok_or(Error::Absent(Thing::Provider))
    }

    /// Creates a trunk.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Taken(Provider, Username)` for an account that another trunk or an extension has, when the provider is to
    /// register here.
    pub async fn create_provider(&self, grant: &Grant<ManageTrunks>, new: NewProvider) -> Result<ProviderId> {
        new.check().finish()?;
        let tenant = grant.tenant();
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let id = ProviderId::new(work.next_id(Sequence::Provider).await?);
            let password = self.sealing(Sealed::Trunk, tenant, id.get(), |seal| new.seal(seal))?;
            let provider = Provider {
                tenant,
                id,
                name: new.name.clone(),
                hostname: new.hostname.clone(),
                brand: new.brand.clone(),
                auth_mode: new.auth_mode,
                password,
                settings: new.settings.clone(),
                created_at: work.now(),
                version: 1,
            };
            trunk_bindings::claim_account(&mut work, &provider).await?;
            work.insert_provider(&provider).await?;
            work.journal(Kind::Provider, id.get(), ChangeType::Created)
                .await?;
            id
        })
    }

    /// Changes a trunk. What is not mentioned stays; a change to the present values leaves no trace, but a password counts as
    /// another one. A provider that registered here has to do so again when its account or its password is changed.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(Provider)`; `Taken(Provider, Username)` as above.
    pub async fn update_provider(
        &self,
        grant: &Grant<ManageTrunks>,
        id: ProviderId,
        patch: ProviderPatch,
    ) -> Result<()> {
        patch.check().finish()?;
        let tenant = grant.tenant();
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let mut provider = existing(&work, grant, id).await?;
            patch.check_for(&provider).finish()?;
            let before = provider.clone();
            if self.sealing(Sealed::Trunk, tenant, id.get(), |seal| {
                patch.clone().apply(&mut provider, seal)
            })? {
                trunk_bindings::follow_change(&mut work, (&before, &provider), &patch).await?;
                provider.version += 1;
                work.update_provider(&provider).await?;
                work.journal(Kind::Provider, id.get(), ChangeType::Updated)
                    .await?;
            }
        })
    }

    /// Destroys a trunk.
    ///
    /// # Errors
    /// `Absent(Provider)`; [`Error::InUse`] while caller ids or routes refer to it.
    pub async fn destroy_provider(&self, grant: &Grant<ManageTrunks>, id: ProviderId) -> Result<()> {
        let tenant = grant.tenant();
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let provider = existing(&work, grant, id).await?;
            if let Some(kind) = work.provider_user(tenant, id).await? {
                return Err(Error::InUse(Thing::Provider, referrer(kind)));
            }
            if let Some(route) = naming(&work, tenant, id).await? {
                return Err(Error::InUse(Thing::Provider, route));
            }
            trunk_bindings::release_account(&mut work, &provider).await?;
            work.delete_provider(tenant, id).await?;
            work.journal(Kind::Provider, id.get(), ChangeType::Deleted)
                .await?;
        })
    }
}

async fn existing(work: &Work, grant: &Grant<ManageTrunks>, id: ProviderId) -> Result<Provider> {
    work.provider(grant.tenant(), id)
        .await?
        .ok_or(Error::Absent(Thing::Provider))
}

/// What a record of this kind is called.
fn referrer(kind: Kind) -> Thing {
    match kind {
        Kind::Group => Thing::Group,
        Kind::Meeting => Thing::Meeting,
        Kind::CallQueue => Thing::CallQueue,
        Kind::RingGroup => Thing::RingGroup,
        Kind::Tenant => Thing::Tenant,
        // No other kind of record has caller ids.
        _ => Thing::User,
    }
}
