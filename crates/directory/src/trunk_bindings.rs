//! Providers that register here: who they are, and where.
//!
//! Such a trunk has an account and a password, with which its provider proves itself as a telephone does, at the domain of the
//! tenant. The account is claimed among the numbers of the tenant, so that a name is that of one extension or of one trunk.

use std::sync::Arc;

use jackfield_domain::{
    Actor, Error, Field, Kind, Patch, Provider, ProviderId, ProviderPatch, Result, TenantId, Thing,
    Timestamp, TrunkBinding,
};
use jackfield_store::NumberKind;

use crate::{
    Directory,
    secrets::extension_secrets,
    sip::{Binding, Binds, reported, way},
    work::{Work, in_work},
};

/// A trunk whose provider registers here, and what that proves itself with. Its [`Debug`](std::fmt::Debug) output does not show the
/// secrets.
#[derive(Clone)]
pub struct TrunkAccount {
    /// The tenant.
    pub tenant: TenantId,
    /// The trunk.
    pub provider: ProviderId,
    /// The name for authentication.
    pub name: String,
    /// The user part of the addresses that it may register: this or the name. Empty for none.
    pub username: String,
    /// The domain of the tenant, which is the realm of the digests.
    pub domain: String,
    /// Whether the trunk and its tenant are enabled, and the tenant may use trunks.
    pub enabled: bool,
    /// MD5 of `name:domain:password`.
    pub ha1_md5: Vec<u8>,
    /// SHA-256 of the same.
    pub ha1_sha256: Vec<u8>,
    /// The versions of the tenant and of the trunk that this was made of.
    versions: (i64, i64),
}

impl std::fmt::Debug for TrunkAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrunkAccount")
            .field("tenant", &self.tenant)
            .field("provider", &self.provider)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What became of a provider's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrunkBound {
    /// It is carried out, and this is bound now, at this moment.
    Now(Option<Box<TrunkBinding>>, Timestamp),
    /// The trunk has changed since its account was read; read it again and prove it anew.
    Changed,
    /// A later request of the same provider was carried out already.
    Late,
    /// A trunk has one binding, and several were asked for.
    Several,
}

impl Directory {
    /// Whose account this is at this domain (in lower case). None for a name that is no trunk's, for one without a password, and for
    /// an unknown domain.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Internal`], also when the password does not open.
    pub async fn trunk_account(&self, domain: &str, name: &str) -> Result<Option<Arc<TrunkAccount>>> {
        // No row can hold such a text, and PostgreSQL answers a question with it by an error.
        if domain.contains('\0') || name.contains('\0') {
            return Ok(None);
        }
        let Some(tenant) = self.store().tenant_by_domain(domain).await? else {
            return Ok(None);
        };
        if self.store().number(tenant.id, name).await? != Some(NumberKind::TrunkAccount) {
            return Ok(None);
        }
        let accepting = self.store().accepting_providers(tenant.id).await?;
        let Some(provider) = named(accepting, name) else {
            return Ok(None);
        };
        let password = self.trunk_password(&provider)?;
        if password.is_empty() {
            return Ok(None);
        }
        let secrets = extension_secrets(name, &tenant.domain, password.reveal(), Vec::new());
        Ok(Some(Arc::new(TrunkAccount {
            tenant: tenant.id,
            provider: provider.id,
            name: name.to_owned(),
            username: provider.settings.username,
            enabled: tenant.enabled && tenant.settings.enable_feature_trunks && provider.settings.enabled,
            domain: tenant.domain,
            ha1_md5: secrets.ha1_md5,
            ha1_sha256: secrets.ha1_sha256,
            versions: (tenant.version, provider.version),
        })))
    }

    /// Carries out what a provider that has proved this account wants. It is on disk when this returns.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what no binding may hold; [`Error::Unavailable`], [`Error::Internal`].
    pub async fn bind_trunk(&self, account: &TrunkAccount, binding: &Binding) -> Result<TrunkBound> {
        let (tenant, id) = (account.tenant, account.provider);
        if binding.binds == Binds::Ask {
            let now = self.now();
            let bound = self.store().trunk_binding(tenant, id, now).await?;
            return Ok(TrunkBound::Now(bound.map(Box::new), now));
        }
        in_work!(self, tenant, Actor::SYSTEM, |work| {
            // Judged inside: whose trunk was disabled or got another password a moment ago is not bound with what he had before.
            let present = work.provider(tenant, id).await?.map(|provider| provider.version);
            let present = (work.tenant_version(tenant).await?, present);
            if present == (Some(account.versions.0), Some(account.versions.1)) && account.enabled {
                carry_out(&mut work, account, binding).await?
            } else {
                TrunkBound::Changed
            }
        })
    }
}

/// The first of these trunks that has this account.
fn named(accepting: Vec<Provider>, name: &str) -> Option<Provider> {
    let mut accepting = accepting.into_iter();
    accepting.find(|provider| provider.settings.account() == name)
}

async fn carry_out(work: &mut Work, account: &TrunkAccount, binding: &Binding) -> Result<TrunkBound> {
    let (tenant, id, now) = (account.tenant, account.provider, work.now());
    let bound = work.trunk_binding(tenant, id, now).await?;
    let late = |one: &TrunkBinding| {
        !one.route
            .is_followed_by(&binding.route.call_id, binding.route.cseq)
    };
    if bound.as_ref().is_some_and(late) {
        return Ok(TrunkBound::Late);
    }
    let contact = match &binding.binds {
        Binds::Ask => return Ok(TrunkBound::Now(bound.map(Box::new), now)),
        Binds::RemoveAll => None,
        Binds::These(contacts) => match contacts.as_slice() {
            [one] => Some(one),
            _ => return Ok(TrunkBound::Several),
        },
    };
    if let Some(contact) = contact.filter(|contact| contact.expires > 0) {
        let new = TrunkBinding {
            tenant,
            provider: id,
            binding: reported(binding, contact, now),
            route: way(binding, contact),
            updated_at: now,
        };
        new.binding.check(now).finish()?;
        let same = |one: &TrunkBinding| {
            let place =
                |one: &TrunkBinding| (one.binding.contact_address.clone(), one.route.received.clone());
            place(one) == place(&new)
        };
        // A mere renewal is nobody's news.
        if !bound.as_ref().is_some_and(same) {
            work.announce(Kind::Provider, id.get()).await?;
        }
        work.put_trunk_binding(&new).await?;
        return Ok(TrunkBound::Now(Some(Box::new(new)), now));
    }
    // What is taken off has to be what is there: an older contact of the provider is gone already.
    let meant =
        |one: &TrunkBinding| contact.is_none_or(|contact| contact.instance_id == one.binding.instance_id);
    if bound.as_ref().is_some_and(meant) {
        work.delete_trunk_binding(tenant, id).await?;
        work.announce(Kind::Provider, id.get()).await?;
        return Ok(TrunkBound::Now(None, now));
    }
    Ok(TrunkBound::Now(bound.map(Box::new), now))
}

/// Gives a trunk its account.
///
/// # Errors
/// `Taken(Provider, Username)`.
pub(crate) async fn claim_account(work: &mut Work, provider: &Provider) -> Result<()> {
    let (tenant, name) = (provider.tenant, provider.settings.account());
    if !provider.accepts_registration() || name.is_empty() {
        return Ok(());
    }
    if work.number(tenant, name).await?.is_some() {
        return Err(Error::Taken(Thing::Provider, Field::Username));
    }
    Ok(work.claim_number(tenant, name, NumberKind::TrunkAccount).await?)
}

/// Takes the account of a trunk back, when it has one: of several that had the same before that was looked at the first has it.
pub(crate) async fn release_account(work: &mut Work, provider: &Provider) -> Result<()> {
    let (tenant, name) = (provider.tenant, provider.settings.account());
    let taken = work.number(tenant, name).await?;
    if provider.accepts_registration() && taken == Some(NumberKind::TrunkAccount) {
        let owner = named(work.accepting_providers(tenant).await?, name);
        if owner.is_some_and(|owner| owner.id == provider.id) {
            work.release_number(tenant, name).await?;
        }
    }
    Ok(())
}

/// What a change of a trunk means for its account and its binding.
///
/// # Errors
/// `Taken(Provider, Username)`.
pub(crate) async fn follow_change(
    work: &mut Work,
    (before, after): (&Provider, &Provider),
    patch: &ProviderPatch,
) -> Result<()> {
    let renamed = before.settings.account() != after.settings.account();
    if renamed {
        release_account(work, before).await?;
        claim_account(work, after).await?;
    }
    // Whoever knows only what was is not to be called any longer, and does not call.
    let secret = matches!(patch.password, Patch::Set(_));
    if renamed || secret || !after.settings.enabled {
        work.delete_trunk_binding(after.tenant, after.id).await?;
    }
    Ok(())
}
