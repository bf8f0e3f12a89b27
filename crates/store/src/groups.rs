//! Groups of users.

use async_trait::async_trait;
use jackfield_domain::{Group, GroupField, GroupId, GroupMember, Listing, Query, TenantId, UserId};

use crate::Result;

/// Reading groups.
#[async_trait]
pub trait GroupReads: Send + Sync {
    /// The group of this id in this tenant.
    async fn group(&self, tenant: TenantId, id: GroupId) -> Result<Option<Group>>;

    /// Groups as a query asks for them. A search looks at name and description.
    async fn list_groups(&self, tenant: TenantId, query: &Query<GroupField>) -> Result<Listing<Group>>;

    /// The members of a group, by their ids.
    async fn group_members(&self, tenant: TenantId, group: GroupId) -> Result<Vec<GroupMember>>;

    /// The member of a group whose extension has this number.
    async fn group_member(
        &self,
        tenant: TenantId,
        group: GroupId,
        number: &str,
    ) -> Result<Option<GroupMember>>;

    /// The groups that a user belongs to, by their ids.
    async fn groups_of_user(&self, tenant: TenantId, user: UserId) -> Result<Vec<Group>>;

    /// The same of several users at once: each membership, by user and group.
    async fn groups_of_users(&self, tenant: TenantId, users: &[i64]) -> Result<Vec<(UserId, Group)>>;

    /// The members of several groups at once: each membership, by group and user.
    async fn members_of_groups(
        &self,
        tenant: TenantId,
        groups: &[i64],
    ) -> Result<Vec<(GroupId, GroupMember)>>;
}

/// Changing groups.
#[async_trait]
pub trait GroupWrites: GroupReads {
    /// Stores a new group.
    ///
    /// # Errors
    /// `Taken(Group, Name)`.
    async fn insert_group(&mut self, group: &Group) -> Result<()>;

    /// Stores a changed group. The caller has counted its version up.
    ///
    /// # Errors
    /// `Taken(Group, Name)`.
    async fn update_group(&mut self, group: &Group) -> Result<()>;

    /// Removes a group and its memberships. Tells whether it was there.
    async fn delete_group(&mut self, tenant: TenantId, id: GroupId) -> Result<bool>;

    /// Makes a user a member. Tells whether that is new.
    async fn add_group_member(&mut self, tenant: TenantId, group: GroupId, user: UserId) -> Result<bool>;

    /// Ends a membership. Tells whether there was one.
    async fn remove_group_member(&mut self, tenant: TenantId, group: GroupId, user: UserId) -> Result<bool>;
}
