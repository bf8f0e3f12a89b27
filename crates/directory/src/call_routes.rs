//! Who answers a number from outside, and which trunk takes a number outside.

use jackfield_domain::{
    Error, Field, Grant, InboundRoute, Item, OutboundRoute, Owned, Page, Patch, ProviderId, Result, Rule,
    TenantId, Thing, Violation, capability::ManagePhoneSystem,
};
use jackfield_store::{OwnedDocument, Shelf};

use crate::{Directory, Keeper, owned::read, work::Work};

/// A route that may name a trunk.
pub trait NamesTrunk: Owned + OwnedDocument {
    /// Its trunk.
    fn trunk(&self) -> Option<ProviderId>;
    /// The trunk of a new one.
    fn of_new(new: &Self::New) -> Option<ProviderId>;
    /// The trunk that a change names.
    fn of_patch(patch: &Self::Patch) -> Option<ProviderId>;
}

macro_rules! names_trunk {
    ($($route:ty),*) => {$(
        impl NamesTrunk for $route {
            fn trunk(&self) -> Option<ProviderId> {
                self.trunk
            }

            fn of_new(new: &Self) -> Option<ProviderId> {
                new.trunk
            }

            fn of_patch(patch: &Self::Patch) -> Option<ProviderId> {
                match patch.trunk {
                    Patch::Set(trunk) => trunk,
                    Patch::Keep => None,
                }
            }
        }
    )*};
}
names_trunk!(InboundRoute, OutboundRoute);

impl Directory {
    /// Makes a route. Its trunk is one of the tenant, and cannot go away as long as the route names it.
    ///
    /// # Errors
    /// [`Error::Invalid`], also for a trunk that is not there; `Taken` for one of the same beginning, trunk and priority;
    /// [`Error::Full`].
    pub async fn create_call_route<T: NamesTrunk>(
        &self,
        grant: &Grant<ManagePhoneSystem>,
        new: T::New,
    ) -> Result<i64> {
        T::check(&new).finish()?;
        self.check_trunk(grant.tenant(), T::of_new(&new)).await?;
        self.create_item::<T>(&Keeper::of_tenant(grant), new).await
    }

    /// Changes a route.
    ///
    /// # Errors
    /// As of [`create_call_route`](Self::create_call_route); `Absent`.
    pub async fn update_call_route<T: NamesTrunk>(
        &self,
        grant: &Grant<ManagePhoneSystem>,
        id: i64,
        patch: T::Patch,
    ) -> Result<()> {
        self.check_trunk(grant.tenant(), T::of_patch(&patch)).await?;
        self.update_item::<T>(&Keeper::of_tenant(grant), id, patch).await
    }

    async fn check_trunk(&self, tenant: TenantId, trunk: Option<ProviderId>) -> Result<()> {
        let Some(trunk) = trunk else { return Ok(()) };
        if self.store().provider(tenant, trunk).await?.is_some() {
            return Ok(());
        }
        Err(Error::invalid(Violation::new(Field::TrunkId, Rule::Unknown)))
    }

    /// All routes of a kind, in the order in which they were made.
    pub(crate) async fn call_routes<T: NamesTrunk>(&self, tenant: TenantId) -> Result<Vec<Item<T>>> {
        let found = self.store().list_owned(shelf::<T>(tenant), all::<T>()).await?;
        found.items.iter().map(read).collect()
    }
}

/// The kind of route that names a trunk; none when none does.
pub(crate) async fn naming(work: &Work, tenant: TenantId, trunk: ProviderId) -> Result<Option<Thing>> {
    if names::<InboundRoute>(work, tenant, trunk).await? {
        return Ok(Some(Thing::InboundRoute));
    }
    let outbound = names::<OutboundRoute>(work, tenant, trunk).await?;
    Ok(outbound.then_some(Thing::OutboundRoute))
}

async fn names<T: NamesTrunk>(work: &Work, tenant: TenantId, trunk: ProviderId) -> Result<bool> {
    let found = work.list_owned(shelf::<T>(tenant), all::<T>()).await?;
    for record in &found.items {
        let route: Item<T> = read(record)?;
        if route.value.trunk() == Some(trunk) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn shelf<T: NamesTrunk>(tenant: TenantId) -> Shelf {
    Shelf {
        tenant,
        owner: None,
        collection: T::COLLECTION,
    }
}

fn all<T: NamesTrunk>() -> Page {
    Page {
        skip: 0,
        take: T::MOST,
    }
}
