//! The holidays of a tenant, and which of them a user keeps. A user's own holidays are a collection like any other.

use std::{collections::BTreeSet, sync::Arc};

use jackfield_domain::{
    Caller, Error, Field, Holiday, HolidayChoice, HolidayField, Item, Listing, Owned, Owner, Page, Query,
    Result, Rule, TenantId, Thing, UserId, Violations,
};
use jackfield_store::{Reads, Shelf};

use crate::{
    Directory, Keeper,
    owned::read,
    policy,
    work::{Work, in_work},
};

/// All of a collection of holidays.
const ALL: Page = Page {
    skip: 0,
    take: Holiday::MOST,
};

/// The tenant's holidays.
pub(crate) fn common(tenant: TenantId) -> Shelf {
    Shelf {
        tenant,
        owner: None,
        collection: Holiday::COLLECTION,
    }
}

impl Directory {
    /// The tenant's holidays as a query asks for them. Every user of the tenant may read them, since each chooses from them.
    ///
    /// # Errors
    /// `Denied(NoTenant)` for an administrator of the installation who has not switched to a tenant.
    pub async fn tenant_holidays(
        &self,
        caller: &Arc<Caller>,
        query: &Query<HolidayField>,
    ) -> Result<Listing<Item<Holiday>>> {
        let listing = self.store().list_owned(common(caller.tenant()?), ALL).await?;
        let holidays: Vec<Item<Holiday>> = listing.items.iter().map(read).collect::<Result<_>>()?;
        let words = |holiday: &Item<Holiday>| format!("{} {}", holiday.value.name, holiday.value.region);
        Ok(query.run(holidays, |holiday, field| field.of(holiday), words))
    }

    /// A holiday of the tenant, for any of its users.
    ///
    /// # Errors
    /// `Absent(Holiday)`; `Denied(NoTenant)` as above.
    pub async fn tenant_holiday(&self, caller: &Arc<Caller>, id: i64) -> Result<Item<Holiday>> {
        let record = self.store().owned(common(caller.tenant()?), id).await?;
        read(&record.ok_or(Error::Absent(Thing::Holiday))?)
    }

    /// The holidays of the tenant that a user keeps. One that the tenant has destroyed is not among them.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn chosen_holidays(&self, owner: &Owner) -> Result<Vec<Item<Holiday>>> {
        let reads = self.store().as_reads();
        policy::existing_user(reads, owner.tenant(), owner.user()).await?;
        chosen(reads, owner.tenant(), owner.user()).await
    }

    /// Sets which holidays of the tenant a user keeps, all of them. Gives the id of his choice, which stays the same.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an id that no holiday of the tenant has; `Absent(User)`.
    pub async fn choose_holidays(&self, owner: &Owner, ids: &[i64]) -> Result<i64> {
        let (keeper, new) = (Keeper::from(owner), HolidayChoice::of(ids.to_vec()));
        <HolidayChoice as Owned>::check(&new).finish()?;
        in_work!(self, owner.tenant(), owner.caller().actor(), |work| {
            policy::existing_user(work.as_reads(), owner.tenant(), owner.user()).await?;
            known(&work, owner.tenant(), ids).await?;
            match choice(work.as_reads(), owner.tenant(), owner.user()).await? {
                None => {
                    self.insert_item::<HolidayChoice>(&mut work, &keeper, new.clone())
                        .await?
                }
                Some(mut item) => {
                    let id = item.id;
                    if item.value != new {
                        item.value = new.clone();
                        self.store_item(&mut work, &keeper, item).await?;
                    }
                    id
                }
            }
        })
    }
}

/// The holidays of the tenant that a user keeps.
pub(crate) async fn chosen(reads: &dyn Reads, tenant: TenantId, user: UserId) -> Result<Vec<Item<Holiday>>> {
    let choice = choice(reads, tenant, user).await?;
    let ids = choice.map(|item| item.value.holidays).unwrap_or_default();
    let records = reads.owned_among(common(tenant), &ids).await?;
    records.iter().map(read).collect()
}

/// The choice of a user who ever made one.
async fn choice(reads: &dyn Reads, tenant: TenantId, user: UserId) -> Result<Option<Item<HolidayChoice>>> {
    let page = Page { skip: 0, take: 1 };
    let shelf = Shelf {
        tenant,
        owner: Some(user),
        collection: HolidayChoice::COLLECTION,
    };
    let listing = reads.list_owned(shelf, page).await?;
    listing.items.first().map(read).transpose()
}

/// Whether each id is of a holiday of the tenant.
async fn known(work: &Work, tenant: TenantId, ids: &[i64]) -> Result<()> {
    let records = work.owned_among(common(tenant), ids).await?;
    let known: BTreeSet<i64> = records.iter().map(|record| record.id).collect();
    let mut found = Violations::new();
    for (index, id) in ids.iter().enumerate() {
        if !known.contains(id) {
            let rule = Rule::Form("the id of a holiday of the tenant");
            found.add_at(Field::GlobalHolidays, format!("[{index}]"), rule);
        }
    }
    found.finish()
}
