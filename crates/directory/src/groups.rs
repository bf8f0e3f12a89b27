//! Groups of users.

use jackfield_domain::{
    ChangeType, Error, Grant, Group, GroupField, GroupId, GroupMember, GroupPatch, Kind, Listing, NewGroup,
    Query, Result, Thing, UserId, capability::ManageUsers,
};
use jackfield_store::Sequence;

use crate::{
    Directory, caller_ids,
    work::{Work, in_work},
};

impl Directory {
    /// The groups of a tenant as a query asks for them.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_groups(
        &self,
        grant: &Grant<ManageUsers>,
        query: &Query<GroupField>,
    ) -> Result<Listing<Group>> {
        Ok(self.store().list_groups(grant.tenant(), query).await?)
    }

    /// A group.
    ///
    /// # Errors
    /// `Absent(Group)`.
    pub async fn group(&self, grant: &Grant<ManageUsers>, id: GroupId) -> Result<Group> {
        self.store()
            .group(grant.tenant(), id)
            .await?
            .ok_or(Error::Absent(Thing::Group))
    }

    /// Creates a group.
    ///
    /// # Errors
    /// [`Error::Invalid`], also for caller ids of a trunk that the tenant does not have; `Taken(Group, Name)`.
    pub async fn create_group(&self, grant: &Grant<ManageUsers>, new: NewGroup) -> Result<GroupId> {
        new.check().finish()?;
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            let id = GroupId::new(work.next_id(Sequence::Group).await?);
            let group = Group {
                tenant: grant.tenant(),
                id,
                name: new.name.clone(),
                description: new.description.clone(),
                color: new.color.clone(),
                outbound_caller_ids: new.outbound_caller_ids.clone(),
                created_at: work.now(),
                version: 1,
            };
            work.insert_group(&group).await?;
            caller_ids::refer(&mut work, Kind::Group, id.get(), &group.outbound_caller_ids).await?;
            work.journal(Kind::Group, id.get(), ChangeType::Created).await?;
            id
        })
    }

    /// Changes a group.
    ///
    /// # Errors
    /// [`Error::Invalid`], as above; `Absent(Group)`; `Taken(Group, Name)`.
    pub async fn update_group(
        &self,
        grant: &Grant<ManageUsers>,
        id: GroupId,
        patch: GroupPatch,
    ) -> Result<()> {
        patch.check().finish()?;
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            let mut group = existing(&work, grant, id).await?;
            let known = group.outbound_caller_ids.clone();
            if patch.clone().apply(&mut group) {
                if group.outbound_caller_ids != known {
                    caller_ids::refer(&mut work, Kind::Group, id.get(), &group.outbound_caller_ids).await?;
                }
                group.version += 1;
                work.update_group(&group).await?;
                work.journal(Kind::Group, id.get(), ChangeType::Updated).await?;
            }
        })
    }

    /// Destroys a group; its members stay users.
    ///
    /// # Errors
    /// `Absent(Group)`.
    pub async fn destroy_group(&self, grant: &Grant<ManageUsers>, id: GroupId) -> Result<()> {
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            if !work.delete_group(grant.tenant(), id).await? {
                return Err(Error::Absent(Thing::Group));
            }
            work.set_providers_of(grant.tenant(), Kind::Group, id.get(), &[])
                .await?;
            work.journal(Kind::Group, id.get(), ChangeType::Deleted).await?;
        })
    }

    /// The members of a group.
    ///
    /// # Errors
    /// `Absent(Group)`.
    pub async fn group_members(&self, grant: &Grant<ManageUsers>, id: GroupId) -> Result<Vec<GroupMember>> {
        self.group(grant, id).await?;
        Ok(self.store().group_members(grant.tenant(), id).await?)
    }

    /// The members of several groups of the tenant: each membership, by group and user.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn members_of_groups(
        &self,
        grant: &Grant<ManageUsers>,
        groups: &[GroupId],
    ) -> Result<Vec<(GroupId, GroupMember)>> {
        let ids: Vec<i64> = groups.iter().map(|group| group.get()).collect();
        Ok(self.store().members_of_groups(grant.tenant(), &ids).await?)
    }

    /// The member of a group whose extension has this number.
    ///
    /// # Errors
    /// `Absent(Group)`, `Absent(Member)`.
    pub async fn group_member(
        &self,
        grant: &Grant<ManageUsers>,
        id: GroupId,
        number: &str,
    ) -> Result<GroupMember> {
        self.group(grant, id).await?;
        self.store()
            .group_member(grant.tenant(), id, number)
            .await?
            .ok_or(Error::Absent(Thing::Member))
    }

    /// Makes the user with this extension number a member. Who is one already stays one.
    ///
    /// # Errors
    /// `Absent(Group)`, `Absent(User)`.
    pub async fn add_group_member(
        &self,
        grant: &Grant<ManageUsers>,
        id: GroupId,
        number: &str,
    ) -> Result<()> {
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            existing(&work, grant, id).await?;
            let user = user_of(&work, grant, number).await?;
            if work.add_group_member(grant.tenant(), id, user).await? {
                work.journal_with(
                    Kind::Group,
                    id.get(),
                    ChangeType::Updated,
                    Some(membership("added", user)),
                )
                .await?;
            }
        })
    }

    /// Ends the membership of the user with this extension number.
    ///
    /// # Errors
    /// `Absent(Group)`, `Absent(User)`, `Absent(Member)`.
    pub async fn remove_group_member(
        &self,
        grant: &Grant<ManageUsers>,
        id: GroupId,
        number: &str,
    ) -> Result<()> {
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            existing(&work, grant, id).await?;
            let user = user_of(&work, grant, number).await?;
            if !work.remove_group_member(grant.tenant(), id, user).await? {
                return Err(Error::Absent(Thing::Member));
            }
            work.journal_with(
                Kind::Group,
                id.get(),
                ChangeType::Updated,
                Some(membership("removed", user)),
            )
            .await?;
        })
    }
}

/// What the journal says of a membership.
pub(crate) fn membership(what: &str, user: UserId) -> String {
    format!(r#"{{"member":{{"{what}":{user}}}}}"#)
}

async fn existing(work: &Work, grant: &Grant<ManageUsers>, id: GroupId) -> Result<Group> {
    work.group(grant.tenant(), id)
        .await?
        .ok_or(Error::Absent(Thing::Group))
}

async fn user_of(work: &Work, grant: &Grant<ManageUsers>, number: &str) -> Result<UserId> {
    let user = work.user_by_extension(grant.tenant(), number).await?;
    user.map(|user| user.id).ok_or(Error::Absent(Thing::User))
}
