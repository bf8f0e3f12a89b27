//! Keys of programs: made, listed, revoked, and who is behind one.

use std::sync::Arc;

use jackfield_domain::{
    ApiKey, ApiKeyId, Caller, ChangeType, Denial, Error, Grant, KeyPermission, KeyPurpose, Kind, NewApiKey,
    Permission, Permissions, Result, TenantId, Thing, TokenHash, capability::ManageCompany, limits,
};
use jackfield_store::Sequence;

use crate::{
    Directory,
    cache::Stamp,
    policy,
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

/// A program that acts for the owner of its key. Who it is comes out only for a permission, so that nothing is done by a key
/// that does not allow it.
#[derive(Debug, Clone)]
pub struct KeyHolder {
    caller: Arc<Caller>,
    permissions: Arc<[KeyPermission]>,
}

impl KeyHolder {
    /// The caller, for something that takes this permission.
    ///
    /// # Errors
    /// [`Denial::Key`] when the key does not have it.
    pub fn may(&self, permission: KeyPermission) -> Result<Arc<Caller>> {
        if self.permissions.contains(&permission) {
            Ok(Arc::clone(&self.caller))
        } else {
            Err(Error::Denied(Denial::Key(permission)))
        }
    }
}

/// Who is behind a key, as this process remembers it: while neither the key nor its tenant has changed, nor its owner or any
/// role of the tenant.
#[derive(Clone)]
pub(crate) struct RememberedKey {
    purpose: KeyPurpose,
    holder: KeyHolder,
    stamps: [Stamp; 4],
}

impl Directory {
    /// Makes a key for a program. Whoever has it may do what its purpose says, and nothing else, until it is revoked. A key
    /// that an account owns acts in its name: with its role, and with the management of users, each as far as the permissions
    /// of the key go.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Full(ApiKey, …)`; `Absent(Tenant)`; `Absent(User)` for an owner who is not there;
    /// [`Denial::Escalation`] for one whose role exceeds the caller's own.
    pub async fn create_key(&self, grant: &Grant<ManageCompany>, new: NewApiKey) -> Result<CreatedKey> {
        new.check().finish()?;
        let tenant = grant.tenant();
        let key = new_key(self.entropy());
        let hash = token_hash(&key);
        let id = in_work!(self, tenant, grant.caller().actor(), |work| {
            if work.tenant(tenant).await?.is_none() {
                return Err(Error::Absent(Thing::Tenant));
            }
            if let Some(owner) = &new.owner {
                let user = policy::existing_user(work.as_reads(), tenant, owner.user).await?;
                let role = policy::permissions_of(work.as_reads(), &user).await?;
                grant.may_hand_out(reach(role))?;
            }
            if work.api_keys(tenant).await?.len() >= limits::API_KEYS {
                return Err(Error::Full(Thing::ApiKey, limits::API_KEYS as u64));
            }
            let key = ApiKey {
                tenant,
                id: ApiKeyId::new(work.next_id(Sequence::ApiKey).await?),
                purpose: new.purpose,
                owner: new.owner.clone(),
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

    /// The engine behind a key.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the key is unknown or revoked; [`Denial::TenantDisabled`]; [`Denial::NotAnEngine`] for
    /// a key that is for something else.
    pub async fn authenticate_key(&self, key: &str) -> Result<Arc<Caller>> {
        let known = self.known_key(key).await?;
        match known.purpose {
            KeyPurpose::Feed => Ok(known.holder.caller),
            KeyPurpose::Desk => Err(Error::Denied(Denial::NotAnEngine)),
        }
    }

    /// The program behind a key that an account owns. One that nobody owns allows nothing.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the key is unknown or revoked, or its owner disabled; [`Denial::TenantDisabled`].
    pub async fn authenticate_holder(&self, key: &str) -> Result<KeyHolder> {
        Ok(self.known_key(key).await?.holder)
    }

    async fn known_key(&self, key: &str) -> Result<RememberedKey> {
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
            return Ok(known);
        }
        let remembered = self.load_key(&hash).await?;
        self.inner.keys.insert(hash, remembered.clone());
        Ok(remembered)
    }

    async fn load_key(&self, hash: &TokenHash) -> Result<RememberedKey> {
        let found = self.store().api_key(hash).await?.ok_or(Error::Unauthenticated)?;
        let stamps = &self.inner.stamps;
        let owner = found.owner.as_ref().map_or(0, |owner| owner.user.get());
        let stamps = [
            stamps.take(found.tenant, Kind::ApiKey, found.id.get()),
            stamps.take(TenantId::SYSTEM, Kind::Tenant, found.tenant.get()),
            stamps.take(found.tenant, Kind::User, owner),
            stamps.take(found.tenant, Kind::Role, 0),
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
        let (caller, permissions) = match key.owner {
            None => (Caller::engine(key.tenant, key.id), Vec::new()),
            Some(owner) => {
                let user = self.store().user(key.tenant, owner.user).await?;
                let user = user.filter(|user| user.enabled).ok_or(Error::Unauthenticated)?;
                let role = policy::permissions_of(self.store().as_reads(), &user).await?;
                let read_only = policy::may_only_look(self.store().as_reads(), &user).await?;
                let caller = Caller {
                    read_only,
                    ..Caller::key_of(key.tenant, user.id, user.role, reach(role))
                };
                (caller, owner.permissions)
            }
        };
        Ok(RememberedKey {
            purpose: key.purpose,
            holder: KeyHolder {
                caller: Arc::new(caller),
                permissions: permissions.into(),
            },
            stamps,
        })
    }
}

/// How far a key reaches whose owner has this role: it manages users, as far as the permissions of the key go, and touches
/// nobody whose role is above its owner's.
fn reach(role: Permissions) -> Permissions {
    role.and(Permissions::of(&[Permission::Users]))
}
