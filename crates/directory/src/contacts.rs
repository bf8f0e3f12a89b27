//! Contacts that all users of a tenant share: those of the tenant, and the users themselves. Each user has marks of his own
//! on them, which are nobody else's business.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_domain::{
    BusinessContact, ChangeType, ContactCardPatch, Error, Grant, Item, Kind, Listing, Member, Owned, Owner,
    Page, Query, Result, Thing, UserField, UserSummary, capability::ManageCompany,
};
use jackfield_store::{Marks, Transaction};

use crate::{
    Changed, Difference, Directory, Keeper,
    owned::read,
    policy,
    sync::Stream,
    work::{Work, in_work},
};

/// Users that are read at once.
const BATCH: i64 = 1000;

/// A record as one user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked<T> {
    /// The record.
    pub value: T,
    /// Whether he has marked it.
    pub favorite: bool,
}

/// What marks on a kind of record are called in the journal.
fn mark_of(kind: Kind) -> Kind {
    match kind {
        Kind::User => Kind::UserMark,
        _ => Kind::ContactMark,
    }
}

fn marks(owner: &Owner, kind: Kind) -> Marks {
    Marks {
        tenant: owner.tenant(),
        user: owner.user(),
        kind,
    }
}

/// What a user follows of the records of this kind.
fn stream(owner: &Owner, kind: Kind) -> Stream {
    Stream {
        tenant: owner.tenant(),
        bearer: owner.user(),
        kind,
        owner: None,
        marks: Some(mark_of(kind)),
    }
}

impl Directory {
    /// A page of the tenant's contacts.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_business_contacts(
        &self,
        member: &Member,
        page: Page,
    ) -> Result<Listing<Item<BusinessContact>>> {
        self.list_items(&Keeper::shared(member.tenant(), member.caller()), page)
            .await
    }

    /// A contact of the tenant.
    ///
    /// # Errors
    /// `Absent(BusinessContact)`.
    pub async fn business_contact(&self, member: &Member, id: i64) -> Result<Item<BusinessContact>> {
        self.item(&Keeper::shared(member.tenant(), member.caller()), id)
            .await
    }

    /// Adds a contact of the tenant.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Full`].
    pub async fn create_business_contact(
        &self,
        grant: &Grant<ManageCompany>,
        new: ContactCardPatch,
    ) -> Result<i64> {
        self.create_item::<BusinessContact>(&Keeper::of_tenant(grant), new)
            .await
    }

    /// Changes a contact of the tenant.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(BusinessContact)`.
    pub async fn update_business_contact(
        &self,
        grant: &Grant<ManageCompany>,
        id: i64,
        patch: ContactCardPatch,
    ) -> Result<()> {
        self.update_item::<BusinessContact>(&Keeper::of_tenant(grant), id, patch)
            .await
    }

    /// Removes a contact of the tenant, and everybody's mark on it.
    ///
    /// # Errors
    /// `Absent(BusinessContact)`.
    pub async fn remove_business_contact(&self, grant: &Grant<ManageCompany>, id: i64) -> Result<()> {
        self.remove_item::<BusinessContact>(&Keeper::of_tenant(grant), id)
            .await
    }

    /// Marks a contact of the tenant for a user, or takes his mark away.
    ///
    /// # Errors
    /// `Absent(BusinessContact)`, `Absent(User)` when the one who marks is gone.
    pub async fn mark_business_contact(&self, owner: &Owner, id: i64, favorite: bool) -> Result<()> {
        let keeper = Keeper::shared(owner.tenant(), owner.caller());
        in_work!(self, owner.tenant(), owner.caller().actor(), |work| {
            self.item_in::<BusinessContact>(&work, &keeper, id).await?;
            mark(&mut work, owner, Kind::BusinessContact, id, favorite).await?;
        })
    }

    /// Marks a user for another, or takes the mark away. One may mark oneself.
    ///
    /// # Errors
    /// `Absent(User)`, also when the one who marks is gone.
    pub async fn mark_extension_contact(&self, owner: &Owner, id: i64, favorite: bool) -> Result<()> {
        in_work!(self, owner.tenant(), owner.caller().actor(), |work| {
            if work.users_among(owner.tenant(), &[id]).await?.is_empty() {
                return Err(Error::Absent(Thing::User));
            }
            mark(&mut work, owner, Kind::User, id, favorite).await?;
        })
    }

    /// A token for following the tenant's contacts from now on. The first difference also names the contacts that the user has
    /// marked already: no list of contacts tells that.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn follow_business_contacts(&self, owner: &Owner) -> Result<String> {
        let sequence = self.store().last_change(owner.tenant()).await?;
        self.position_token(&stream(owner, BusinessContact::KIND).at(sequence, 0))
    }

    /// What has changed in the tenant's contacts, and in the user's marks on them.
    ///
    /// # Errors
    /// `Spent(SyncToken)`, as of [`changed_items`](Self::changed_items).
    pub async fn changed_business_contacts(
        &self,
        owner: &Owner,
        token: &str,
    ) -> Result<Difference<Marked<Item<BusinessContact>>>> {
        let stream = stream(owner, BusinessContact::KIND);
        let actor = owner.caller().actor();
        let Some(news) = self.news(&stream, token, actor).await? else {
            return Ok(Difference::nothing(token));
        };
        let alive = news.alive();
        let favorites = favorites(&*news.work, owner, BusinessContact::KIND, &alive).await?;
        let keeper = Keeper::shared(owner.tenant(), owner.caller());
        let mut now = BTreeMap::new();
        for record in news
            .work
            .owned_among(keeper.shelf::<BusinessContact>(), &alive)
            .await?
        {
            let favorite = favorites.contains(&record.id);
            let value = read::<BusinessContact>(&record)?;
            now.insert(record.id, Marked { value, favorite });
        }
        self.difference(news, now)
    }

    /// A token for following the users of the tenant. The first difference names them all: no other door shows them to users
    /// who manage nobody.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub fn follow_extension_contacts(&self, owner: &Owner) -> Result<String> {
        self.position_token(&stream(owner, Kind::User).at(0, 0))
    }

    /// What has changed in the users of the tenant, and in one user's marks on them.
    ///
    /// # Errors
    /// `Spent(SyncToken)`, as of [`changed_items`](Self::changed_items).
    pub async fn changed_extension_contacts(
        &self,
        owner: &Owner,
        token: &str,
    ) -> Result<Difference<Marked<UserSummary>>> {
        let (tenant, actor) = (owner.tenant(), owner.caller().actor());
        let stream = stream(owner, Kind::User);
        let position = self.position(token, tenant, stream.bearer, stream.kind)?;
        if position.sequence == 0 {
            let work = self.begin(tenant, actor.actor).await?;
            return self.all_extension_contacts(work, owner, &stream).await;
        }
        let Some(news) = self.news(&stream, token, actor).await? else {
            return Ok(Difference::nothing(token));
        };
        let alive = news.alive();
        let favorites = favorites(&*news.work, owner, Kind::User, &alive).await?;
        let users = news.work.users_among(tenant, &alive).await?;
        let now = users.into_iter().map(|value| {
            let favorite = favorites.contains(&value.id.get());
            (value.id.get(), Marked { value, favorite })
        });
        let now = now.collect();
        self.difference(news, now)
    }

    /// Everybody, for who begins to follow: the same as all entries of the journal would say, without reading years of them.
    async fn all_extension_contacts(
        &self,
        work: Work,
        owner: &Owner,
        stream: &Stream,
    ) -> Result<Difference<Marked<UserSummary>>> {
        let last = work.last_change(owner.tenant()).await?;
        let mut changed = Vec::new();
        loop {
            let query = Query::<UserField> {
                page: Page {
                    skip: i64::try_from(changed.len()).unwrap_or(i64::MAX),
                    take: BATCH,
                },
                ..Query::default()
            };
            let users = work.list_users(owner.tenant(), &query).await?.items;
            if users.is_empty() {
                break;
            }
            let ids: Vec<i64> = users.iter().map(|user| user.id.get()).collect();
            let favorites = favorites(&*work, owner, Kind::User, &ids).await?;
            changed.extend(users.into_iter().map(|value| {
                let (id, favorite) = (value.id.get(), favorites.contains(&value.id.get()));
                let now = Some(Marked { value, favorite });
                let change = ChangeType::Created;
                Changed { id, change, now }
            }));
        }
        drop(work);
        Ok(Difference {
            token: self.position_token(&stream.at(last, last))?,
            changed,
        })
    }
}

/// Sets a mark, and writes down that it is another one.
async fn mark(work: &mut Work, owner: &Owner, kind: Kind, record: i64, favorite: bool) -> Result<()> {
    policy::existing_user(work.as_reads(), owner.tenant(), owner.user()).await?;
    if work.set_favorite(marks(owner, kind), record, favorite).await? {
        let change = if favorite {
            ChangeType::Created
        } else {
            ChangeType::Deleted
        };
        work.journal_of(mark_of(kind), record, change, Some(owner.user()))
            .await?;
    }
    Ok(())
}

/// Which of these records the user has marked.
async fn favorites(
    work: &dyn Transaction,
    owner: &Owner,
    kind: Kind,
    records: &[i64],
) -> Result<BTreeSet<i64>> {
    let marked = work.favorites_among(marks(owner, kind), records).await?;
    Ok(marked.into_iter().collect())
}
