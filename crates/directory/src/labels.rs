//! Policies for groups of users, and groups of call queues: short lists of the tenant, read whole.

use jackfield_domain::{
    Grant, GroupPolicy, GroupPolicyPatch, Item, LabelField, Listing, Literal, NewGroupPolicy, NewQueueGroup,
    Owned, Page, Query, QueueGroup, QueueGroupPatch, Result,
    capability::{ManagePhoneSystem, ManageUsers, ViewPhoneSystem},
};

use crate::{Directory, Keeper, Stored};

/// What a query sees of a record.
trait Labelled: Owned + Stored {
    fn name(&self) -> &str;
    fn color(&self) -> &str;
}

impl Labelled for GroupPolicy {
    fn name(&self) -> &str {
        &self.name
    }

    fn color(&self) -> &str {
        &self.color
    }
}

impl Labelled for QueueGroup {
    fn name(&self) -> &str {
        &self.name
    }

    fn color(&self) -> &'static str {
        ""
    }
}

impl Directory {
    async fn list_labels<T: Labelled>(
        &self,
        keeper: &Keeper,
        query: &Query<LabelField>,
    ) -> Result<Listing<Item<T>>> {
        let all = Page {
            skip: 0,
            take: T::MOST,
        };
        let items = self.list_items::<T>(keeper, all).await?.items;
        let value = |item: &Item<T>, field| match field {
            LabelField::Id => Literal::Number(item.id),
            LabelField::Name => Literal::Text(item.value.name().to_owned()),
            LabelField::Color => Literal::Text(item.value.color().to_owned()),
        };
        Ok(query.run(items, value, |item| item.value.name().to_owned()))
    }

    /// The policies for groups of a tenant as a query asks for them.
    ///
    /// # Errors
    /// [`Error::Unavailable`](jackfield_domain::Error::Unavailable).
    pub async fn list_group_policies(
        &self,
        grant: &Grant<ManageUsers>,
        query: &Query<LabelField>,
    ) -> Result<Listing<Item<GroupPolicy>>> {
        self.list_labels(&Keeper::of_tenant(grant), query).await
    }

    /// A policy for groups.
    ///
    /// # Errors
    /// `Absent(GroupPolicy)`.
    pub async fn group_policy(&self, grant: &Grant<ManageUsers>, id: i64) -> Result<Item<GroupPolicy>> {
        self.item(&Keeper::of_tenant(grant), id).await
    }

    /// Creates a policy for groups.
    ///
    /// # Errors
    /// `Invalid`; `Taken(GroupPolicy, Name)`; `Full`.
    pub async fn create_group_policy(&self, grant: &Grant<ManageUsers>, new: NewGroupPolicy) -> Result<i64> {
        self.create_item::<GroupPolicy>(&Keeper::of_tenant(grant), new)
            .await
    }

    /// Changes a policy for groups.
    ///
    /// # Errors
    /// `Invalid`; `Absent(GroupPolicy)`; `Taken(GroupPolicy, Name)`.
    pub async fn update_group_policy(
        &self,
        grant: &Grant<ManageUsers>,
        id: i64,
        patch: GroupPolicyPatch,
    ) -> Result<()> {
        self.update_item::<GroupPolicy>(&Keeper::of_tenant(grant), id, patch)
            .await
    }

    /// Destroys a policy for groups.
    ///
    /// # Errors
    /// `Absent(GroupPolicy)`.
    pub async fn destroy_group_policy(&self, grant: &Grant<ManageUsers>, id: i64) -> Result<()> {
        self.remove_item::<GroupPolicy>(&Keeper::of_tenant(grant), id)
            .await
    }

    /// The groups of queues of a tenant as a query asks for them.
    ///
    /// # Errors
    /// [`Error::Unavailable`](jackfield_domain::Error::Unavailable).
    pub async fn list_queue_groups(
        &self,
        grant: &Grant<ViewPhoneSystem>,
        query: &Query<LabelField>,
    ) -> Result<Listing<Item<QueueGroup>>> {
        self.list_labels(&Keeper::of_tenant(grant), query).await
    }

    /// A group of queues.
    ///
    /// # Errors
    /// `Absent(QueueGroup)`.
    pub async fn queue_group(&self, grant: &Grant<ViewPhoneSystem>, id: i64) -> Result<Item<QueueGroup>> {
        self.item(&Keeper::of_tenant(grant), id).await
    }

    /// Creates a group of queues.
    ///
    /// # Errors
    /// `Invalid`; `Taken(QueueGroup, Name)`; `Full`.
    pub async fn create_queue_group(
        &self,
        grant: &Grant<ManagePhoneSystem>,
        new: NewQueueGroup,
    ) -> Result<i64> {
        self.create_item::<QueueGroup>(&Keeper::of_tenant(grant), new)
            .await
    }

    /// Changes a group of queues.
    ///
    /// # Errors
    /// `Invalid`; `Absent(QueueGroup)`; `Taken(QueueGroup, Name)`.
    pub async fn update_queue_group(
        &self,
        grant: &Grant<ManagePhoneSystem>,
        id: i64,
        patch: QueueGroupPatch,
    ) -> Result<()> {
        self.update_item::<QueueGroup>(&Keeper::of_tenant(grant), id, patch)
            .await
    }

    /// Destroys a group of queues.
    ///
    /// # Errors
    /// `Absent(QueueGroup)`.
    pub async fn destroy_queue_group(&self, grant: &Grant<ManagePhoneSystem>, id: i64) -> Result<()> {
        self.remove_item::<QueueGroup>(&Keeper::of_tenant(grant), id)
            .await
    }
}
