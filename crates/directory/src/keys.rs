//! Keys of programs: made, listed, revoked, and who is behind one.

use std::sync::Arc;

use jackfield_domain::{
    ApiKey, ApiKeyId, Caller, ChangeType, Denial, Error, Grant, KeyPurpose, Kind, NewApiKey, Result,
    TenantId, Thing, TokenHash, capability::ManageCompany, limits,
};
use jackfield_store::Sequence;

use crate::{
    Directory,
    cache::Stamp,
    secrets::{KEY_PREFIX, new_key, token_hash},
    work::in_work,
};

/// A key that was just made. Its [`Debug`](std::fmt::Debug) output shows nothing of the key.
pub struct CreatedKey {
    /// Its id, by which it is revoked.
    pub id: ApiKeyId,
    /// The key. It is not kept: whoever loses it makes another.
    pub key: String,
}

impl std::fmt::Debug for CreatedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Who is behind a key, as this process remembers it: while neither the key nor its tenant has changed.
#[derive(Clone)]
pub(crate) struct RememberedKey {
    caller: Arc<Caller>,
    stamps: [Stamp; 2],
}

impl Directory {
    /// Makes a key for a program. Whoever has it may do what its purpose says, and nothing else, until it is revoked.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Full(ApiKey, …)`; `Absent(Tenant)`.
    pub async fn create_key(&self, grant: &Grant<ManageCompany>, new: NewApiKey) -> Result<CreatedKey> {
        new.check().finish()?;
        let tenant = grant.tenant();
        let key = new_key(self.entropy());
        let hash = token_hash(&key);
        let id = in_work!(self, tenant, grant.caller().actor(), |work| {
            if work.tenant(tenant).await?.is_none() {
                return Err(Error::Absent(Thing::Tenant));
            }
            if work.api_keys(tenant).await?.len() >= limits::API_KEYS {
                return Err(Error::Full(Thing::ApiKey, limits::API_KEYS as u64));
            }
            let key = ApiKey {
                tenant,
                id: ApiKeyId::new(work.next_id(Sequence::ApiKey).await?),
                purpose: new.purpose,
                name: new.name.clone(),
                created_at: work.now(),
            };
            work.insert_api_key(&key, &hash).await?;
            work.journal(Kind::ApiKey, key.id.get(), ChangeType::Created)
                .await?;
            key.id
        })?;
        Ok(CreatedKey { id, key })
    }

    /// The keys of a tenant, without their texts, in the order in which they were made.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_keys(&self, grant: &Grant<ManageCompany>) -> Result<Vec<ApiKey>> {
        Ok(self.store().api_keys(grant.tenant()).await?)
    }

    /// Revokes a key: from the commit on it opens nothing.
    ///
    /// # Errors
    /// `Absent(ApiKey)`.
    pub async fn destroy_key(&self, grant: &Grant<ManageCompany>, id: ApiKeyId) -> Result<()> {
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            if !work.delete_api_key(grant.tenant(), id).await? {
                return Err(Error::Absent(Thing::ApiKey));
            }
            work.journal(Kind::ApiKey, id.get(), ChangeType::Deleted).await?;
        })
    }

    /// Whether a text has the form of a key. A token of a session never has.
    pub fn is_key(text: &str) -> bool {
        text.starts_with(KEY_PREFIX)
    }

    /// The program behind a key.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the key is unknown or revoked; [`Denial::TenantDisabled`].
    pub async fn authenticate_key(&self, key: &str) -> Result<Arc<Caller>> {
        if !Self::is_key(key) {
            return Err(Error::Unauthenticated);
        }
        let hash = token_hash(key);
        if let Some(known) = self.inner.keys.get(&hash)
            && known
                .stamps
                .iter()
                .all(|stamp| self.inner.stamps.is_current(*stamp))
        {
            return Ok(known.caller);
        }
        let remembered = self.load_key(&hash).await?;
        let caller = Arc::clone(&remembered.caller);
        self.inner.keys.insert(hash, remembered);
        Ok(caller)
    }

    async fn load_key(&self, hash: &TokenHash) -> Result<RememberedKey> {
        let found = self.store().api_key(hash).await?.ok_or(Error::Unauthenticated)?;
        let stamps = [
            self.inner.stamps.take(found.tenant, Kind::ApiKey, found.id.get()),
            self.inner
                .stamps
                .take(TenantId::SYSTEM, Kind::Tenant, found.tenant.get()),
        ];
        // Which stamps to take is only known from the key, so it is read again after they are taken.
        let key = match self.store().api_key(hash).await? {
            Some(again) if again == found => again,
            _ => return Err(Error::Unauthenticated),
        };
        let tenant = self
            .store()
            .tenant(key.tenant)
            .await?
            .ok_or(Error::Unauthenticated)?;
        if !tenant.enabled {
            return Err(Error::Denied(Denial::TenantDisabled));
        }
        let caller = match key.purpose {
            KeyPurpose::Feed => Caller::engine(key.tenant, key.id),
        };
        Ok(RememberedKey {
            caller: Arc::new(caller),
            stamps,
        })
    }
}
