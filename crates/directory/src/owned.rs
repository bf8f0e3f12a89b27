//! Collections: phones, speed dials, holidays, contacts and the like. What is done with them is written here, once.

use std::sync::Arc;

use jackfield_domain::{
    Author, Caller, ChangeType, Error, Grant, Item, Kind, Listing, Owned, Owner, Page, Result, SealedSecret,
    TenantId, UserId,
};
use jackfield_store::{OwnedDocument, OwnedRecord, Sequence, Shelf};

use crate::{
    Directory, policy,
    secrets::Sealed,
    work::{Work, in_work},
};

/// Whose collection: a user's, or the tenant's own. Made from the proof that the caller may use it.
#[derive(Debug, Clone)]
pub struct Keeper {
    tenant: TenantId,
    owner: Option<UserId>,
    caller: Arc<Caller>,
}

impl From<&Owner> for Keeper {
    fn from(owner: &Owner) -> Self {
        Self {
            tenant: owner.tenant(),
            owner: Some(owner.user()),
            caller: Arc::clone(owner.caller()),
        }
    }
}

impl Keeper {
    /// The collections of the tenant that a grant is for.
    pub fn of_tenant<C>(grant: &Grant<C>) -> Self {
        Self {
            tenant: grant.tenant(),
            owner: None,
            caller: Arc::clone(grant.caller()),
        }
    }

    /// The collections of a tenant, to be read by whom all of its users may be.
    pub(crate) fn shared(tenant: TenantId, caller: &Arc<Caller>) -> Self {
        Self {
            tenant,
            owner: None,
            caller: Arc::clone(caller),
        }
    }

    pub(crate) fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub(crate) fn owner(&self) -> Option<UserId> {
        self.owner
    }

    pub(crate) fn actor(&self) -> Author {
        self.caller.actor()
    }

    /// Who asks, as a user.
    pub(crate) fn bearer(&self) -> Result<UserId> {
        self.caller.user.ok_or(Error::Unauthenticated)
    }

    pub(crate) fn shelf<T: Owned>(&self) -> Shelf {
        Shelf {
            tenant: self.tenant,
            owner: self.owner,
            collection: T::COLLECTION,
        }
    }
}

pub(crate) fn read<T: Owned + OwnedDocument>(record: &OwnedRecord) -> Result<Item<T>> {
    let value = T::decode(&record.document)?;
    Ok(Item {
        id: record.id,
        value,
        created_at: record.created_at,
        version: record.version,
    })
}

impl Directory {
    /// A page of a collection, by the ids of its records.
    ///
    /// # Errors
    /// `Absent(User)` when its owner is gone.
    pub async fn list_items<T: Owned + OwnedDocument>(
        &self,
        keeper: &Keeper,
        page: Page,
    ) -> Result<Listing<Item<T>>> {
        let listing = self.store().list_owned(keeper.shelf::<T>(), page).await?;
        if listing.total == 0 {
            self.owner_exists(keeper).await?;
        }
        let items = listing.items.iter().map(read).collect::<Result<_>>()?;
        Ok(Listing {
            items,
            total: listing.total,
        })
    }

    /// A record of a collection.
    ///
    /// # Errors
    /// `Absent`.
    pub async fn item<T: Owned + OwnedDocument>(&self, keeper: &Keeper, id: i64) -> Result<Item<T>> {
        let record = self.store().owned(keeper.shelf::<T>(), id).await?;
        read(&record.ok_or(Error::Absent(T::THING))?)
    }

    /// Puts a new record into a collection.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Taken` for a key of another; [`Error::Full`]; `Absent(User)` when its owner is gone.
    pub async fn create_item<T: Owned + OwnedDocument>(&self, keeper: &Keeper, new: T::New) -> Result<i64> {
        T::check(&new).finish()?;
        in_work!(self, keeper.tenant, keeper.actor(), |work| {
            if let Some(owner) = keeper.owner {
                policy::existing_user(work.as_reads(), keeper.tenant, owner).await?;
            }
            if work.count_owned(keeper.shelf::<T>()).await? >= T::MOST {
                return Err(Error::Full(T::THING, u64::try_from(T::MOST).unwrap_or(0)));
            }
            self.insert_item::<T>(&mut work, keeper, new.clone()).await?
        })
    }

    /// Puts a record that was found valid into a collection.
    pub(crate) async fn insert_item<T: Owned + OwnedDocument>(
        &self,
        work: &mut Work,
        keeper: &Keeper,
        new: T::New,
    ) -> Result<i64> {
        let id = work.next_id(Sequence::Item).await?;
        let value = self.sealing(Sealed::Item, keeper.tenant, id, |seal| T::make(new, seal))?;
        let record = OwnedRecord {
            id,
            key: value.key(),
            document: value.encode(),
            created_at: work.now(),
            version: 1,
        };
        if !work.insert_owned(keeper.shelf::<T>(), &record).await? {
            return Err(Error::Taken(T::THING, T::KEY));
        }
        work.journal_of(T::KIND, id, ChangeType::Created, keeper.owner)
            .await?;
        Ok(id)
    }

    /// Changes a record of a collection. A change to the present values leaves no trace.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent`; `Taken` for a key of another.
    pub async fn update_item<T: Owned + OwnedDocument>(
        &self,
        keeper: &Keeper,
        id: i64,
        patch: T::Patch,
    ) -> Result<()> {
        in_work!(self, keeper.tenant, keeper.actor(), |work| {
            let mut item = self.item_in::<T>(&work, keeper, id).await?;
            item.value.check_patch(&patch).finish()?;
            let patch = patch.clone();
            if self.sealing(Sealed::Item, keeper.tenant, id, |seal| {
                item.value.apply(patch, seal)
            })? {
                self.store_item(&mut work, keeper, item).await?;
            }
        })
    }

    /// A record of a collection as a unit of work sees it.
    pub(crate) async fn item_in<T: Owned + OwnedDocument>(
        &self,
        work: &Work,
        keeper: &Keeper,
        id: i64,
    ) -> Result<Item<T>> {
        let record = work.owned(keeper.shelf::<T>(), id).await?;
        read(&record.ok_or(Error::Absent(T::THING))?)
    }

    /// Counts a record's version up, stores and journals it.
    pub(crate) async fn store_item<T: Owned + OwnedDocument>(
        &self,
        work: &mut Work,
        keeper: &Keeper,
        item: Item<T>,
    ) -> Result<()> {
        let record = OwnedRecord {
            id: item.id,
            key: item.value.key(),
            document: item.value.encode(),
            created_at: item.created_at,
            version: item.version + 1,
        };
        if !work.update_owned(keeper.shelf::<T>(), &record).await? {
            return Err(Error::Taken(T::THING, T::KEY));
        }
        work.journal_of(T::KIND, item.id, ChangeType::Updated, keeper.owner)
            .await
    }

    /// Takes a record out of a collection.
    ///
    /// # Errors
    /// `Absent`.
    pub async fn remove_item<T: Owned + OwnedDocument>(&self, keeper: &Keeper, id: i64) -> Result<()> {
        in_work!(self, keeper.tenant, keeper.actor(), |work| {
            if !work.delete_owned(keeper.shelf::<T>(), id).await? {
                return Err(Error::Absent(T::THING));
            }
            if T::KIND == Kind::BusinessContact {
                work.forget_favorites(keeper.tenant, T::KIND, id).await?;
            }
            work.journal_of(T::KIND, id, ChangeType::Deleted, keeper.owner)
                .await?;
        })
    }

    /// An empty collection of a user who is not there is no empty collection.
    async fn owner_exists(&self, keeper: &Keeper) -> Result<()> {
        if let Some(owner) = keeper.owner {
            policy::existing_user(self.store().as_reads(), keeper.tenant, owner).await?;
        }
        Ok(())
    }

    /// Runs something that seals secrets of a record.
    pub(crate) fn sealing<R>(
        &self,
        what: Sealed,
        tenant: TenantId,
        record: i64,
        run: impl FnOnce(&mut dyn FnMut(&str) -> SealedSecret) -> R,
    ) -> Result<R> {
        let mut failure = None;
        let mut seal = |text: &str| {
            if text.is_empty() {
                return SealedSecret::default();
            }
            let sealed = self
                .sealer()
                .seal(self.entropy(), what, tenant.get(), record, text);
            SealedSecret(sealed.map_err(|error| failure = Some(error)).unwrap_or_default())
        };
        let result = run(&mut seal);
        failure.map_or(Ok(result), Err)
    }

    /// Opens a secret of a record of a collection.
    ///
    /// # Errors
    /// [`Error::Internal`] when it does not open.
    pub fn open_item_secret(&self, tenant: TenantId, record: i64, secret: &SealedSecret) -> Result<String> {
        if secret.0.is_empty() {
            return Ok(String::new());
        }
        self.sealer().open(Sealed::Item, tenant.get(), record, &secret.0)
    }
}
