//! Tenants, and the installation itself.

use std::sync::Arc;

use jackfield_domain::{
    Actor, Author, BuiltInRole, Caller, ChangeType, Denial, Error, Field, Grant, Kind, Listing, NewPassword,
    NewTenant, NewUser, PasswordPolicy, PasswordPolicyPatch, Patch, Query, Result, SealedSecret, Tenant,
    TenantField, TenantId, TenantPatch, TenantSummary, Thing, Violations, VoicemailPin,
    capability::{ManageCompany, ManageTenants, ViewCompany},
};
use jackfield_store::{ExtensionSecrets, Sequence};

use crate::{
    Directory,
    cache::Stamp,
    caller_ids, policy,
    secrets::{Sealed, extension_secrets},
    users::PreparedUser,
    work::{Work, in_work},
};

/// The name of the first account of an installation.
const FIRST_ADMINISTRATOR: &str = "admin";

/// A tenant as this process remembers him: while he has not changed.
#[derive(Clone)]
pub(crate) struct RememberedTenant {
    tenant: Arc<Tenant>,
    stamp: Stamp,
}

impl Directory {
    /// All tenants as a query asks for them.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_tenants(
        &self,
        _: &Grant<ManageTenants>,
        query: &Query<TenantField>,
    ) -> Result<Listing<TenantSummary>> {
        Ok(self.store().list_tenants(query).await?)
    }

    /// A tenant.
    ///
    /// # Errors
    /// `Absent(Tenant)`.
    pub async fn tenant(&self, _: &Grant<ManageTenants>, id: TenantId) -> Result<Tenant> {
        self.existing_tenant(id).await
    }

    /// What anybody may know of the tenant with this SIP domain.
    ///
    /// # Errors
    /// `Absent(Tenant)`.
    pub async fn tenant_info(&self, domain: &str) -> Result<TenantSummary> {
        let tenant = self
            .store()
            .tenant_by_domain(&domain.to_ascii_lowercase())
            .await?;
        let tenant = tenant.ok_or(Error::Absent(Thing::Tenant))?;
        Ok(TenantSummary {
            id: tenant.id,
            name: tenant.name,
            domain: tenant.domain,
            enabled: tenant.enabled,
            website: tenant.website,
            timezone: tenant.timezone,
            currency: tenant.currency,
            region: tenant.region,
            max_extensions: tenant.max_extensions,
            max_concurrent_calls: tenant.max_concurrent_calls,
            created_at: tenant.created_at,
        })
    }

    /// Creates a tenant.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Taken(Tenant, Domain)`.
    pub async fn create_tenant(&self, grant: &Grant<ManageTenants>, new: NewTenant) -> Result<TenantId> {
        let patch = new.into_patch();
        patch.check().finish()?;
        in_work!(self, TenantId::SYSTEM, grant.caller().actor(), |work| {
            let id = TenantId::new(work.next_id(Sequence::Tenant).await?);
            let mut tenant = Tenant::blank(id, work.now());
            self.apply(&mut tenant, patch.clone())?;
            // A tenant begins without trunks.
            let mut found = Violations::new();
            caller_ids::judge_among(&[], &tenant.settings.outbound_caller_ids, &mut found);
            found.finish()?;
            work.insert_tenant(&tenant).await?;
            work.journal(Kind::Tenant, id.get(), ChangeType::Created).await?;
            id
        })
    }

    /// Changes a tenant.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(Tenant)`; `Taken(Tenant, Domain)`.
    pub async fn update_tenant(
        &self,
        grant: &Grant<ManageTenants>,
        id: TenantId,
        patch: TenantPatch,
    ) -> Result<()> {
        self.change_tenant(id, grant.caller().actor(), patch).await
    }

    /// Destroys a tenant and everything in it. The journal of the installation keeps that it was.
    ///
    /// # Errors
    /// `Absent(Tenant)`.
    pub async fn destroy_tenant(&self, grant: &Grant<ManageTenants>, id: TenantId) -> Result<()> {
        self.remove_tenant(grant.caller().actor(), id).await
    }

    /// The same for the tenant itself: an administrator of it may end it, with himself and everything in it. Everybody else
    /// needs the right to manage tenants.
    ///
    /// # Errors
    /// [`Error::Denied`]; `Absent(Tenant)`.
    pub async fn close_account(&self, caller: &Arc<Caller>, id: TenantId) -> Result<()> {
        if caller.is_system() {
            return self.destroy_tenant(&caller.grant()?, id).await;
        }
        if caller.role != BuiltInRole::Admin.name() {
            return Err(Error::Denied(Denial::Permission));
        }
        if caller.home != id {
            return Err(Error::Absent(Thing::Tenant));
        }
        self.remove_tenant(caller.actor(), id).await
    }

    async fn remove_tenant(&self, actor: Author, id: TenantId) -> Result<()> {
        in_work!(self, TenantId::SYSTEM, actor, |work| {
            if id.is_system() || !work.delete_tenant(id).await? {
                return Err(Error::Absent(Thing::Tenant));
            }
            work.journal(Kind::Tenant, id.get(), ChangeType::Deleted).await?;
        })
    }

    /// The caller's own tenant.
    ///
    /// # Errors
    /// `Absent(Tenant)` when it has just been destroyed.
    pub async fn own_tenant(&self, grant: &Grant<ViewCompany>) -> Result<Tenant> {
        self.existing_tenant(grant.tenant()).await
    }

    /// Changes the caller's own tenant. Whether it is enabled, its limits and the features sold to it are the
    /// installation's to decide.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Taken(Tenant, Domain)`.
    pub async fn update_own_tenant(
        &self,
        grant: &Grant<ManageCompany>,
        mut patch: TenantPatch,
    ) -> Result<()> {
        if !grant.caller().is_system() {
            patch.enabled = Patch::Keep;
            patch.max_extensions = Patch::Keep;
            patch.max_concurrent_calls = Patch::Keep;
            keep_what_is_sold(&mut patch);
        }
        self.change_tenant(grant.tenant(), grant.caller().actor(), patch)
            .await
    }

    /// What passwords of the caller's tenant must look like.
    ///
    /// # Errors
    /// `Absent(Tenant)`.
    pub async fn password_policy(&self, grant: &Grant<ViewCompany>) -> Result<PasswordPolicy> {
        policy::password_policy(self.store().as_reads(), grant.tenant()).await
    }

    /// Changes what they must look like. Present passwords stay.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(Tenant)`.
    pub async fn update_password_policy(
        &self,
        grant: &Grant<ManageCompany>,
        patch: PasswordPolicyPatch,
    ) -> Result<()> {
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            let mut tenant = existing(&work, grant.tenant()).await?;
            if patch.clone().apply(&mut tenant.password_policy) {
                tenant.password_policy.check().finish()?;
                store_tenant(&mut work, &mut tenant).await?;
            }
        })
    }

    /// Creates the first administrator when the installation has none. Without a password a random one is made and given
    /// back, to be shown once.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the password breaks the policy of the installation.
    pub async fn ensure_administrator(&self, password: Option<String>) -> Result<Option<String>> {
        if self
            .store()
            .count_users_with_role(TenantId::SYSTEM, BuiltInRole::SystemAdmin.name(), false, None)
            .await?
            > 0
        {
            return Ok(None);
        }
        let (password, made) = match password {
            Some(password) => (password, false),
            None => (self.random_password(), true),
        };
        let mut new = NewUser::named(FIRST_ADMINISTRATOR, NewPassword::Plain(password.clone()));
        new.role = BuiltInRole::SystemAdmin.name().into();
        new.display_name = "System administrator".into();
        let rules = policy::password_policy(self.store().as_reads(), TenantId::SYSTEM).await?;
        let mut found = Violations::new();
        policy::judge_password(
            &mut found,
            &rules,
            Field::Password,
            &new.password,
            &[FIRST_ADMINISTRATOR],
        );
        found.finish()?;
        let hash = self.inner.hashing.hash(self.entropy(), &password).await?;
        let created = in_work!(self, TenantId::SYSTEM, Actor::SYSTEM, |work| {
            // Another process may have been faster.
            let role = BuiltInRole::SystemAdmin.name();
            if work
                .count_users_with_role(TenantId::SYSTEM, role, false, None)
                .await?
                == 0
            {
                let prepared = PreparedUser {
                    new: &new,
                    password_hash: &hash,
                    domain: "",
                    must_change_password: false,
                };
                self.insert_user(&mut work, &prepared).await?;
                true
            } else {
                false
            }
        })?;
        Ok((created && made).then_some(password))
    }

    /// A random password that every policy accepts: letters of both cases and digits, with no runs.
    pub fn random_password(&self) -> String {
        const UPPER: &[u8] = b"ACEGJLNQSUWY";
        const LOWER: &[u8] = b"bdfhkmpruwxz";
        const DIGITS: &[u8] = b"24679";
        let pick = |letters: &[u8]| {
            let mut byte = [0];
            loop {
                self.entropy().fill(&mut byte);
                let [value] = byte;
                // Bytes above the largest multiple would make some letters likelier than others.
                let bound = 256 - 256 % letters.len();
                if usize::from(value) < bound
                    && let Some(letter) = letters.get(usize::from(value) % letters.len())
                {
                    return char::from(*letter);
                }
            }
        };
        (0..7)
            .flat_map(|_| [pick(UPPER), pick(DIGITS), pick(LOWER)])
            .collect()
    }

    /// A random voicemail PIN that the rules accept.
    pub fn random_pin(&self) -> String {
        loop {
            let pin = crate::secrets::new_code(self.entropy());
            let mut found = Violations::new();
            VoicemailPin::new(pin.as_str()).check(&mut found);
            if found.is_empty() {
                return pin;
            }
        }
    }

    async fn existing_tenant(&self, id: TenantId) -> Result<Tenant> {
        self.store().tenant(id).await?.ok_or(Error::Absent(Thing::Tenant))
    }

    /// A tenant as this process remembers him, or as the store has him: reading his settings costs a tenth of creating a user,
    /// and they hardly ever change.
    pub(crate) async fn known_tenant(&self, id: TenantId) -> Result<Arc<Tenant>> {
        if let Some(known) = self.inner.tenants.get(&id)
            && self.inner.stamps.is_current(known.stamp)
        {
            return Ok(known.tenant);
        }
        let stamp = self.inner.stamps.take(TenantId::SYSTEM, Kind::Tenant, id.get());
        let tenant = self
            .store()
            .tenant(id)
            .await?
            .ok_or(Error::Absent(Thing::Tenant))?;
        let tenant = Arc::new(tenant);
        let known = RememberedTenant {
            tenant: Arc::clone(&tenant),
            stamp,
        };
        self.inner.tenants.insert(id, known);
        Ok(tenant)
    }

    async fn change_tenant(&self, id: TenantId, actor: Author, patch: TenantPatch) -> Result<()> {
        patch.check().finish()?;
        in_work!(self, id, actor, |work| {
            let mut tenant = existing(&work, id).await?;
            let (domain, known) = (tenant.domain.clone(), tenant.settings.outbound_caller_ids.clone());
            let was_enabled = tenant.enabled;
            if self.apply(&mut tenant, patch.clone())? {
                if tenant.settings.outbound_caller_ids != known {
                    let list = &tenant.settings.outbound_caller_ids;
                    caller_ids::refer(&mut work, Kind::Tenant, id.get(), list).await?;
                }
                store_tenant(&mut work, &mut tenant).await?;
                if tenant.domain != domain {
                    self.renew_digests(&mut work, &tenant).await?;
                }
                // A device is bound to a number at a domain, and to none at that of a tenant whose extensions do not work.
                if tenant.domain != domain || (was_enabled && !tenant.enabled) {
                    work.delete_registrations_of_tenant(id).await?;
                    work.delete_trunk_bindings(id).await?;
                }
            }
        })
    }

    /// The digests of SIP passwords contain the domain, so another domain means other digests.
    async fn renew_digests(&self, work: &mut Work, tenant: &Tenant) -> Result<()> {
        const BATCH: i64 = 500;
        let mut after = 0;
        loop {
            let users = work.users_after(tenant.id, after, BATCH).await?;
            let Some(last) = users.last() else { return Ok(()) };
            after = last.id.get();
            for user in users {
                let (Some(id), Some(number)) = (user.extension, &user.extension_number) else {
                    continue;
                };
                let Some(ExtensionSecrets { sealed_password, .. }) =
                    work.extension_secrets(tenant.id, id).await?
                else {
                    continue;
                };
                let password = self.sealer().open(
                    Sealed::ExtensionPassword,
                    tenant.id.get(),
                    id.get(),
                    &sealed_password,
                )?;
                let secrets = extension_secrets(number, &tenant.domain, &password, sealed_password);
                work.set_extension_secrets(tenant.id, id, &secrets).await?;
            }
        }
    }

    /// Carries a change out on a tenant, sealing what is secret in it.
    fn apply(&self, tenant: &mut Tenant, patch: TenantPatch) -> Result<bool> {
        let (id, mut failure) = (tenant.id.get(), None);
        let mut seal = |text: &str| {
            if text.is_empty() {
                return SealedSecret::default();
            }
            let sealed = self
                .sealer()
                .seal(self.entropy(), Sealed::TenantSetting, id, id, text);
            SealedSecret(sealed.map_err(|error| failure = Some(error)).unwrap_or_default())
        };
        let changed = patch.apply(tenant, &mut seal);
        failure.map_or(Ok(changed), Err)
    }
}

/// A tenant as he is now, for a unit of work that began after he was read: his domain goes into digests.
pub(crate) async fn present(work: &Work, read: &Arc<Tenant>) -> Result<Arc<Tenant>> {
    if work.tenant_version(read.id).await? == Some(read.version) {
        Ok(Arc::clone(read))
    } else {
        Ok(Arc::new(existing(work, read.id).await?))
    }
}

async fn existing(work: &Work, id: TenantId) -> Result<Tenant> {
    work.tenant(id).await?.ok_or(Error::Absent(Thing::Tenant))
}

async fn store_tenant(work: &mut Work, tenant: &mut Tenant) -> Result<()> {
    tenant.version += 1;
    work.update_tenant(tenant).await?;
    work.journal(Kind::Tenant, tenant.id.get(), ChangeType::Updated)
        .await
}

/// Leaves out of a change what only the installation decides.
fn keep_what_is_sold(patch: &mut TenantPatch) {
    let settings = &mut patch.settings;
    for flag in [
        &mut settings.enable_billing,
        &mut settings.enable_feature_billing,
        &mut settings.enable_feature_call_statistics,
        &mut settings.enable_feature_contact_center,
        &mut settings.enable_feature_message_channels,
        &mut settings.enable_feature_microsoft_teams,
        &mut settings.enable_feature_trunks,
        &mut settings.enable_feature_whats_app,
    ] {
        *flag = Patch::Keep;
    }
    for number in [
        &mut settings.max_ring_groups,
        &mut settings.max_virtual_receptionists,
        &mut settings.max_call_queues,
        &mut settings.max_conference_rooms,
    ] {
        *number = Patch::Keep;
    }
    for text in [&mut settings.disk_quota, &mut settings.im_disk_quota] {
        *text = Patch::Keep;
    }
}
